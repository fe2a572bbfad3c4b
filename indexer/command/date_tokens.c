#include "command/date_tokens.h"

#include "text/utf8.h"

enum { CHARACTER_BLANK, CHARACTER_SIGN, CHARACTER_DIGIT, CHARACTER_LETTER };

static int kind_of(uint32_t c)
{
    if (c <= ' ' || c == 0xa0 || (c >= 0x2000 && c <= 0x200f) || c == 0x202f || c == 0x3000)
        return CHARACTER_BLANK;
    if (c >= '0' && c <= '9')
        return CHARACTER_DIGIT;
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return CHARACTER_LETTER;
    if (c < 0xc0)
        return c == 0xaa || c == 0xba ? CHARACTER_LETTER : CHARACTER_SIGN;
    return (c >= 0x2010 && c <= 0x206f) || c >= UTF8_INVALID ? CHARACTER_SIGN : CHARACTER_LETTER;
}

/* A capital letter, or one of a script that has none. */
static bool is_capital(struct slice word, struct slice folded)
{
    uint32_t letter, small;

    (void)utf8_decode(word.data, word.data + word.size, &letter);
    if (folded.size == 0)
        return letter >= 'A' && letter <= 'Z';
    (void)utf8_decode(folded.data, folded.data + folded.size, &small);
    return letter != small || letter >= 0x530;
}

static void finish_token(const struct date_words *words, struct line_token *token)
{
    uint8_t folded[DATE_WORD_MOST];
    struct slice small;

    if (token->kind == TOKEN_NUMBER) {
        token->digits = (unsigned)token->text.size;
        for (size_t i = 0; i < token->text.size && i < 9; i++)
            token->value = token->value * 10 + (uint32_t)(token->text.data[i] - '0');
    } else if (token->kind == TOKEN_WORD) {
        small = slice_of(folded, date_word_fold(token->text, folded));
        token->word = date_words_find(words, small);
        token->capital = is_capital(token->text, small);
    }
}

/* Cuts what is at *at into one token; false: only blanks are left. */
static bool next_token(const struct date_words *words, const uint8_t **at, const uint8_t *end,
                       struct line_token *token)
{
    uint32_t c;
    size_t size = 0;
    int kind = CHARACTER_BLANK;

    *token = (struct line_token){.kind = TOKEN_SIGN};
    for (; *at < end && kind == CHARACTER_BLANK; *at += kind == CHARACTER_BLANK ? size : 0) {
        size = utf8_decode(*at, end, &c);
        kind = kind_of(c);
        token->value = kind == CHARACTER_SIGN ? c : 0;
    }
    if (kind == CHARACTER_BLANK)
        return false;
    token->text = slice_of(*at, size);
    *at += size;
    if (kind != CHARACTER_SIGN)
        token->kind = kind == CHARACTER_DIGIT ? TOKEN_NUMBER : TOKEN_WORD;
    while (kind != CHARACTER_SIGN && *at < end) {
        size = utf8_decode(*at, end, &c);
        if (kind_of(c) != kind)
            break;
        *at += size;
        token->text.size += size;
    }
    finish_token(words, token);
    return true;
}

void date_line_cut(struct line *line, const struct date_words *words, struct slice text)
{
    const uint8_t *at = text.data,
                  *end = at + (text.size < DATE_LINE_MOST ? text.size : DATE_LINE_MOST);

    line->count = 0;
    while (line->count < DATE_TOKENS && next_token(words, &at, end, &line->tokens[line->count]))
        line->count++;
}
