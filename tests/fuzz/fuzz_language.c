/* Any bytes as a title and a text (the first byte says where one ends): a language of the table is
 * guessed or none, the same one again, and the same from a sample. */
#include <stdlib.h>

#include "indexer/command/language_guess.h"
#include "text/language.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct language_guesser guesser;
    static bool ready;
    struct language_sample sample;
    struct slice title, text;
    language_id first = LANGUAGE_NONE, again = LANGUAGE_NONE;
    bool shows;

    if (!ready)
        language_guesser_init(&guesser);
    ready = true;
    if (size == 0)
        return 0;
    title = slice_of(data + 1, data[0] < size ? data[0] : 0);
    text = slice_of(data + 1 + title.size, size - 1 - title.size);
    shows = language_guess(&guesser, title, text, &first);
    if (shows != (first != LANGUAGE_NONE) || first >= language_count())
        abort();
    if (language_guess(&guesser, title, text, &again) != shows || again != first)
        abort();
    language_sample_take(&sample, text);
    (void)language_guess(&guesser, title, slice_of(sample.bytes, sample.size), &again);
    if (again >= language_count())
        abort();
    return 0;
}
