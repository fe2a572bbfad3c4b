/* Any bytes, in any language, are analysed without harm, and the tokens make sense. The first byte
 * is the language, the second how many tokens are asked for at a time, the third splits a stop
 * list off the rest. */
#include <stdlib.h>

#include <unistr.h>

#include "base/account.h"
#include "text/analyzer.h"
#include "text/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fine)
{
    if (!fine)
        abort();
}

static void check_token(const struct token *token, size_t text_size, size_t last_offset,
                        uint32_t next_position)
{
    check(token->size > 0 && token->offset >= last_offset && token->offset <= text_size &&
          token->size <= text_size - token->offset);
    check(token->position >= next_position);
    check(token->term.size > 0 && token->term.size <= TERM_MAX && token->variant.size <= TERM_MAX);
    check(u8_check(token->term.data, token->term.size) == NULL);
    check(token->variant.size == 0 || u8_check(token->variant.data, token->variant.size) == NULL);
    check(token->variant.size == 0 || !slice_equal(token->term, token->variant));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct analyzer_settings settings = {.no_stem = false, .small_digits = true};
    struct token tokens[TOKEN_BATCH];
    struct account account; /* a small cache is quickly made, and full now and then */
    struct analyzer *analyzer;
    size_t capacity, stop_size, count, last_offset = 0;
    uint32_t next_position = 0;
    struct slice text;

    if (size < 3)
        return 0;
    capacity = 1 + data[1] % TOKEN_BATCH;
    stop_size = (size_t)(data[2] % 32) < size - 3 ? data[2] % 32 : 0;
    settings.stopwords = slice_of(data + 3, stop_size);
    text = slice_of(data + 3 + stop_size, size - 3 - stop_size);
    account_init(&account, 1 << 19);
    if (analyzer_new(&settings, &account, &analyzer, NULL) != LEDE_OK)
        return 0;
    analyzer_start(analyzer, text, (language_id)(data[0] % (language_count() + 1)), 0);
    while ((count = analyzer_next(analyzer, tokens, capacity)) > 0) {
        check(count <= capacity);
        for (size_t i = 0; i < count; i++) {
            check_token(&tokens[i], text.size, last_offset, next_position);
            last_offset = tokens[i].offset;
            next_position = tokens[i].position + 1;
        }
    }
    check(analyzer_position(analyzer) >= next_position);
    check(analyzer_totals(analyzer).invalid_bytes <= text.size);
    analyzer_free(analyzer);
    return 0;
}
