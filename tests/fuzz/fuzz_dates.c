/* Any bytes as a text, an address and a tag of a language (the first byte says where they end): a
 * date that is found is a day or month from 1900 to 2099, and the same one again. */
#include <stdlib.h>

#include "base/date.h"
#include "indexer/command/date_text.h"
#include "indexer/command/date_words.h"

static void check(bool found, struct lede_date date)
{
    if (found && (date.precision < LEDE_MONTH || date.precision > LEDE_DAY ||
                  date.seconds % 86400 != 0 || date.seconds < date_days(1899, 12, 1) * 86400 ||
                  date.seconds >= date_days(2100, 1, 1) * 86400))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct date_words words;
    static bool ready;
    struct lede_date crawled = {.precision = LEDE_DATE_NONE}, date, again;
    struct slice tag, text;
    bool found;

    if (!ready && !date_words_init(&words))
        abort();
    ready = true;
    if (size < 2)
        return 0;
    if (data[0] & 8)
        crawled = (struct lede_date){1700000000, LEDE_SECOND};
    tag = slice_of(data + 1, (data[0] & 7U) < size ? data[0] & 7 : 0);
    text = slice_of(data + 1 + tag.size, size - 1 - tag.size);
    found = date_text_find(&words, text, tag, crawled, &date);
    check(found, date);
    if (date_text_find(&words, text, tag, crawled, &again) != found ||
        (found && again.seconds != date.seconds))
        abort();
    check(date_url_find(&words, text, &date), date);
    return 0;
}
