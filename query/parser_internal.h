/* parser_internal.h -- between the parts of the parser: clauses (parser_clause.c), what stands
 * behind them (parser_suffix.c), and how they hang together (parser.c). */
#ifndef LEDE_QUERY_PARSER_INTERNAL_H
#define LEDE_QUERY_PARSER_INTERNAL_H

#include "base/ascii.h"
#include "parser.h"

struct parser {
    const uint8_t *at, *end;
    size_t column;          /* of `counted`, from 1 */
    const uint8_t *counted; /* columns are counted up to here */
    bool quotes_spent;      /* no quote stands behind the last one that was looked for */
    size_t depth;           /* groups that are open */
    struct slice keywords;  /* names of the fields */
    struct notes *notes;
    struct lede_error *err;
};

/* The character at at and its size; a byte that begins none counts as U+FFFD. */
size_t parser_character(const uint8_t *at, const uint8_t *end, uint32_t *character);

/* Bytes of the blank at at; 0 if there is another character or none. */
size_t parser_blank(const uint8_t *at, const uint8_t *end);

/* ASCII letters and digits, and whatever is not ASCII. */
static inline bool parser_is_wordy(uint8_t byte)
{
    return ascii_is_letter(byte) || ascii_is_digit(byte) || byte >= 0x80;
}

/* The column of at, which never goes back: linear over all calls. */
size_t parser_column(struct parser *parser, const uint8_t *at);

/* Where the word at at ends. */
const uint8_t *parser_word_end(const struct parser *parser, const uint8_t *at);

/* Whether a suffix may end at at. */
bool parser_ends(const struct parser *parser, const uint8_t *at);

/* Notes that something at from, up to the end of the word there, is odd, and taken literally:
 * LEDE_OK, or what notes_add_odd says. */
enum lede_status parser_odd(struct parser *parser, const uint8_t *from, const char *odd);

/* The same for what has another fate. */
enum lede_status parser_odd_taken(struct parser *parser, const uint8_t *from, const char *odd,
                                  const char *fate);

/* Reads + or -; one that is followed by nothing or by another is left where it stands. */
enum lede_status parser_sign(struct parser *parser, enum clause_occur *occur);

/* Reads a field's name and colon, if they are there, for the clause. */
enum lede_status parser_field(struct parser *parser, struct clause *clause);

/* Reads the phrase or word at parser->at, with its suffixes, into *clause. */
enum lede_status parser_body(struct parser *parser, struct clause *clause);

/* Reads dates at parser->at likewise; what is none is a word that begins at from, where the field's
 * name is. */
enum lede_status parser_dates(struct parser *parser, const uint8_t *from, struct clause *clause);

/* Reads the value of a keyword field at parser->at likewise; from: where the field's name is, or
 * the value, if a group has the name. */
enum lede_status parser_keyword(struct parser *parser, const uint8_t *from, struct clause *clause);

/* ---- parser_suffix.c ---- */

/* Reads ^n directly behind a phrase or group; what does not fit is left where it stands, and noted.
 */
enum lede_status parser_boost(struct parser *parser, double *boost);

/* Reads ~n directly behind a phrase likewise. */
enum lede_status parser_near(struct parser *parser, int *near);

/* Takes ^n from the end of the clause's text: where it stood, for parser_note_boost, or NULL. *odd:
 * it looks so, and is none. */
const uint8_t *parser_take_boost(struct clause *clause, bool *odd);
enum lede_status parser_note_boost(struct parser *parser, const uint8_t *at, bool odd,
                                   struct clause *clause);

/* Takes ~1 or ~2 from the end of letters and digits, which makes the clause fuzzy. What looks so,
 * and is none, gets a note, unless it is usual: 5~10, file.txt~, http://a.b/~1. */
enum lede_status parser_take_edits(struct parser *parser, struct clause *clause);

#endif
