/* analyzer.h -- what a term is: from bytes to terms, positions and source offsets.
 *
 *     article bytes -> words (UAX #29, tailored) -> NFKC case folding -> Snowball stem
 *                   -> marks folded by script -> term (and variant)
 *
 * Every token carries where it stood in the source bytes (snippets need that) and its
 * position (phrases need that). The same bytes, settings and language give the same
 * tokens on every machine and every path. */
#ifndef LEDE_TEXT_ANALYZER_H
#define LEDE_TEXT_ANALYZER_H

#include "base/bytes.h"
#include "base/error.h"

struct account;
struct analyzer;
struct buffer;

enum {
    TERM_MAX = 128,   /* bytes of the longest term; a longer one is skipped, its position kept */
    TOKEN_BATCH = 128 /* the most that analyzer_next fills */
};

/* How the index was made; part of its fingerprint. */
struct analyzer_settings {
    bool no_stem;
    struct slice stopwords; /* one word a line, any case; borrowed during analyzer_new */
    bool amounts; /* numbers that begin an amount carry it; no part of the fingerprint, as every
                   * term is the same without */
    bool small_digits; /* those of CO₂ carry co2 as their variant: small_digits.h; likewise */
};

struct token {
    size_t offset;        /* first byte of the word in the source */
    uint32_t size;        /* bytes of the word in the source */
    uint32_t position;    /* words before it (skipped and stop words counted too) */
    struct slice term;    /* fold(stem(casefold(word))); at most TERM_MAX bytes, never empty */
    struct slice variant; /* stem(fold(casefold(word))) where that is another term, else empty */
    struct slice amount;  /* of a number that begins one, amount.h's term; else empty */
    uint64_t *memo;       /* where the analyzer's user may keep what it knows of the term, from one
                           * token of the same form to the next: 0 at first, and again whenever the
                           * analyzer has forgotten the form; NULL: it does not remember this one */
    uint32_t hash;        /* of the term; the same on every machine */
    bool marked;          /* the word carries marks that folding removes: Beyonc\u00e9 */
    bool lone_character;  /* a unigram that ends a bigram run (Han, kana, Thai, ...) */
};

/* A place in lib/text/language.h's table; LANGUAGE_NONE stems nothing. */
typedef uint8_t language_id;

/* One analyzer serves one thread. LEDE_NO_MEMORY; nothing else. */
enum lede_status analyzer_new(const struct analyzer_settings *settings, struct account *account,
                              struct analyzer **out, struct lede_error *err);
void analyzer_free(struct analyzer *analyzer);

enum { ANALYZER_CHUNK = 64 * 1024 };
/* Bytes of a text's first chunk: all of it, or up to the last space or newline of the first
 * ANALYZER_CHUNK bytes, that one included, or, if there is none, so many of them as are whole
 * characters. A text is analysed chunk by chunk, so that one that is not in memory as a whole can
 * be given so: each chunk a text of its own, which begins at the position where the one before
 * ended. To find a chunk's end takes ANALYZER_CHUNK + 1 bytes of the text, or what is left of it.
 */
size_t analyzer_chunk(struct slice text);

/* Begins a text (borrowed until the next start) at position first_position. */
void analyzer_start(struct analyzer *analyzer, struct slice text, language_id language,
                    uint32_t first_position);

/* Fills up to capacity tokens in order of offset (a bigram's comes before the next one's) and
 * returns how many; 0: the text is at its end, or memory ran out: see analyzer_status. Terms and
 * memos are the analyzer's, valid until the next call of analyzer_next, _start or _free. */
size_t analyzer_next(struct analyzer *analyzer, struct token *tokens, size_t capacity);

/* LEDE_OK, or LEDE_NO_MEMORY; sticky until analyzer_start. */
enum lede_status analyzer_status(const struct analyzer *analyzer);

/* The position behind the last token so far (first_position at the start): the number of
 * positions used is the text's length. Exact once analyzer_next has returned 0. */
uint32_t analyzer_position(const struct analyzer *analyzer);

/* Counted since analyzer_new. */
struct analyzer_totals {
    uint64_t invalid_bytes; /* bytes that were no UTF-8, each read as U+FFFD */
    uint64_t long_terms;    /* tokens skipped because their term was over TERM_MAX */
};
struct analyzer_totals analyzer_totals(const struct analyzer *analyzer);

/* Appends a line of text that says all that decides what a term is: the version of this
 * analysis, Unicode's and Snowball's, the settings, a hash of the stop words. Two indexes with the
 * same line have the same terms for the same bytes. */
void analyzer_fingerprint(const struct analyzer_settings *settings, struct buffer *out);

#endif
