/* Any bytes as a page of text, cut by its signs and by an expression. The first byte
 * chooses the expression. */
#include "tests/indexer/page_check.h"

enum { EXPRESSION_COUNT = 8 };

/* Compiled once. */
static const regex_t *expression(unsigned number)
{
    static const char *const texts[EXPRESSION_COUNT] = {
        "^[A-Z]", "^#", "^$", "-+", "^By ", "a*", "[0-9]{4}", "^[^ ]+ [^ ]+$"};
    static regex_t compiled[EXPRESSION_COUNT];
    static bool is_compiled[EXPRESSION_COUNT];

    if (!is_compiled[number] && regcomp(&compiled[number], texts[number], REG_EXTENDED) != 0)
        abort();
    is_compiled[number] = true;
    return &compiled[number];
}

static void check(const struct page_split *split, struct slice page)
{
    if (page_check(split, page) != NULL)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct page_split split;
    struct slice page;

    if (size == 0)
        return 0;
    page = slice_of(data + 1, size - 1);
    page_split_init(&split);
    if (page_split_auto(&split, page, NULL) == LEDE_OK)
        check(&split, page);
    if (page_split_by(&split, page, expression(data[0] % EXPRESSION_COUNT), NULL) == LEDE_OK)
        check(&split, page);
    page_split_done(&split);
    return 0;
}
