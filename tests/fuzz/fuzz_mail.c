/* Any bytes as a mail or an mbox: nothing but articles, skips and an end may come out. The first
 * byte chooses step and limit. */
#include "tests/fuzz/stepped.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader_options options = {.format = FORMAT_MAIL, .max_tree = 1 << 22};
    uint8_t choice = size > 0 ? data[0] : 0;

    options.max_record = options.max_page = choice & 0x80 ? 60 : 1 << 20;
    if (size > 0)
        stepped_check(&options, slice_of(data + 1, size - 1), 1 + (choice & 0x0f),
                      !(choice & 0x80));
    return 0;
}
