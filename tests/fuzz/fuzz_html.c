/* Any bytes as a web page: the first one chooses what a header says of the encoding. */
#include "html/html_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const headers[] = {"",          "utf-8",  "latin1", "utf-16le",
                                          "shift_jis", "gb2312", "?"};
    struct html_page page;

    if (size == 0)
        return 0;
    html_page_init(&page, data[0] & 0x80 ? 20000 : 64 << 20);
    (void)html_page_read(&page, slice_of(data + 1, size - 1),
                         slice_str(headers[data[0] % (sizeof headers / sizeof headers[0])]), NULL);
    html_page_done(&page);
    return 0;
}
