/* Values of keyword fields of any bytes: each is a short term or none, an array gives few more
 * bytes than it has, and a list of names that is one can be walked.
 *
 * Input: u8 what the field is, and the text. */
#include <stdlib.h>

#include "index/keyword_names.h"
#include "text/keyword.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(enum keyword_kind kind, struct slice value)
{
    struct keyword_term term;

    if (keyword_fold(kind, value, &term) == KEYWORD_MADE &&
        (term.size == 0 || term.size > TERM_MAX))
        abort();
}

static void check_names(struct slice names)
{
    struct slice left = names, name;
    size_t count = 0;

    if (!keyword_names_are_valid(names))
        return;
    for (; keyword_names_next(&left, &name); count++)
        if (!keyword_name_is_valid(name) || keyword_names_find(names, name) != count)
            abort();
    if (count > KEYWORDS_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct keyword_values values;
    struct slice value, host;
    size_t bytes = 0, count = 0;

    if (size < 1)
        return 0;
    keyword_values_init(&values, slice_of(data + 1, size - 1));
    while (keyword_values_next(&values, &value)) {
        bytes += value.size;
        count++;
        check_value((enum keyword_kind)(data[0] % 3), value);
        if (keyword_host(value, &host) && host.size >= value.size)
            abort();
    }
    if (bytes > size + size / 2 || count > size) /* of \u without digits U+FFFD is made */
        abort();
    check_names(slice_of(data + 1, size - 1));
    return 0;
}
