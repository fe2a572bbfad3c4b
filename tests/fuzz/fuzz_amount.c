/* Any bytes as a text with numbers, and as a range of a query (the first byte is the language):
 * what is read lies in the text, its term has the form that it is to have, and the same is read
 * again. */
#include <stdlib.h>

#include "text/amount.h"

static void check(const struct amount *amount)
{
    size_t currency = amount->term[0] == '#' ? 1 : 3;

    if (amount->size < currency + 2 || amount->size > AMOUNT_TERM)
        abort();
    for (size_t i = currency; i < amount->size; i++)
        if (amount->term[i] < '0' || amount->term[i] > '9')
            abort();
    if (amount->size > currency + 2 && amount->term[amount->size - 1] == '0')
        abort();
}

static void check_number(struct slice text, size_t at, language_id language)
{
    struct amount amount, again;
    uint8_t digits[AMOUNT_DIGITS];

    if (!amount_read(text, at, language, &amount))
        return;
    check(&amount);
    (void)amount_to_digits(slice_of(amount.term, amount.size), digits);
    if (amount.begin > at || amount.end <= at || amount.end > text.size)
        abort();
    if (!amount_read(text, at, language, &again) || again.size != amount.size ||
        memcmp(again.term, amount.term, amount.size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct amount low, high;
    struct slice text;

    if (size == 0)
        return 0;
    text = slice_of(data + 1, size - 1);
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] >= '0' && text.data[i] <= '9')
            check_number(text, i, data[0]);
    if (amount_read_range(text, data[0], &low, &high)) {
        if (low.size)
            check(&low);
        if (high.size)
            check(&high);
    }
    (void)amount_of_digits(text, &low);
    return 0;
}
