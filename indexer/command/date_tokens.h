/* date_tokens.h -- a line of text cut into words, numbers and signs, for what looks for dates in
 * it.
 *
 * Blanks of all kinds separate; a run of digits is a number, a run of letters (what is no ASCII is
 * one, but for signs up to U+BF and U+2010 to U+206F) a word, any other character a sign. */
#ifndef LEDE_COMMAND_DATE_TOKENS_H
#define LEDE_COMMAND_DATE_TOKENS_H

#include "command/date_words.h"

enum { DATE_TOKENS = 48 /* of a line; what is behind them is not looked at */ };

enum token_kind { TOKEN_SIGN, TOKEN_NUMBER, TOKEN_WORD };

struct line_token {
    enum token_kind kind;
    uint32_t value;  /* of a number; of a sign, its character */
    unsigned digits; /* of a number */
    struct slice text;
    struct date_word word;
    bool capital; /* a word that begins with a capital, or in a script without them */
};

struct line { /* borrows the text */
    struct line_token tokens[DATE_TOKENS];
    size_t count;
};

/* Of any bytes, the first DATE_LINE_MOST. */
enum { DATE_LINE_MOST = 256 };
void date_line_cut(struct line *line, const struct date_words *words, struct slice text);

#endif
