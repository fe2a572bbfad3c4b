/* Any bytes as a text and a list of lines that recur: what is taken out and what stays are the
 * text, but for blanks. The first byte chooses where the one ends and the other begins. */
#include <stdlib.h>

#include "base/lede_bytes.h"
#include "indexer/command/boilerplate.h"

static size_t ink(struct lede_bytes text)
{
    struct slice bytes = slice_from(text);
    size_t ink = 0;

    for (size_t at = 0; at < bytes.size; at++)
        ink += !byte_is_blank(bytes.data[at]);
    return ink;
}

static void take(struct boilerplate *boilerplate, struct slice text, bool is_remainder)
{
    struct item item = {.kind = ITEM_ARTICLE, .is_page = true, .parts = is_remainder};
    size_t taken = 0;

    item.article.text = bytes_of(text);
    if (boilerplate_take(boilerplate, &item, NULL) != LEDE_OK)
        return;
    if (item.article.metadata_count > 0)
        taken = ink(item.article.metadata[0].value);
    if (taken + ink(item.article.text) != ink(bytes_of(text)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct boilerplate *boilerplate;
    struct slice text, list;
    size_t end;

    if (size == 0)
        return 0;
    end = 1 + (size - 1) * data[0] / 256;
    text = slice_of(data + 1, end - 1);
    list = slice_of(data + end, size - end);
    if (boilerplate_open(BOILERPLATE_LIST, NULL, list, &boilerplate, NULL) != LEDE_OK)
        return 0;
    take(boilerplate, text, false);
    take(boilerplate, text, true);
    take(boilerplate, list, true);
    boilerplate_close(boilerplate);
    return 0;
}
