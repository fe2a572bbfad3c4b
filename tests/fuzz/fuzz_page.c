/* Any bytes as a page of text, cut by its signs and by an expression. Of the first byte the upper
 * half chooses the expression. */
#include "tests/indexer/page_check.h"

static const char *const EXPRESSIONS[] = {"^[A-Z]", "^#", "^$",       "-+",
                                          "^By ",   "a*", "[0-9]{4}", "^.{3,40}$"};

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
    regex_t begins;

    if (size == 0)
        return 0;
    page = slice_of(data + 1, size - 1);
    page_split_init(&split);
    if (page_split_auto(&split, page, NULL) == LEDE_OK)
        check(&split, page);
    if (regcomp(&begins, EXPRESSIONS[data[0] >> 4 & 7], REG_EXTENDED) == 0) {
        if (page_split_by(&split, page, &begins, NULL) == LEDE_OK)
            check(&split, page);
        regfree(&begins);
    }
    page_split_done(&split);
    return 0;
}
