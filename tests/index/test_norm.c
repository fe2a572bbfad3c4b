#include <criterion/criterion.h>

#include "index/norm.h"
#include "tests/index/memory_records.h"

/* Lucene 9's SmallFloat.byte4ToInt for every code, as its sources give it. */
static uint32_t lucene_length(unsigned code)
{
    unsigned free_values = 24, bits, shift;

    if (code < free_values)
        return code;
    bits = (code - free_values) & 7;
    shift = (code - free_values) >> 3;
    return free_values + (shift == 0 ? bits : (bits | 8) << (shift - 1));
}

Test(norm, every_code_means_what_it_means_in_lucene)
{
    for (unsigned code = 0; code < 256; code++)
        cr_assert_eq(norm_decode((uint8_t)code), lucene_length(code));
}

Test(norm, every_code_comes_back)
{
    for (unsigned code = 0; code < 256; code++)
        cr_assert_eq(norm_encode(norm_decode((uint8_t)code)), code);
}

Test(norm, lengths_below_40_are_exact)
{
    for (uint32_t length = 0; length < 40; length++)
        cr_assert_eq(norm_decode(norm_encode(length)), length);
    cr_assert_eq(norm_encode(40), 40);
    cr_assert_eq(norm_encode(41), 40);
    cr_assert_eq(norm_encode(42), 41);
}

Test(norm, codes_rise_with_lengths_and_mean_the_smallest_of_theirs)
{
    for (uint32_t length = 0; length < 3000000; length++) {
        uint8_t code = norm_encode(length);

        cr_assert_leq(norm_decode(code), length);
        cr_assert(code == 255 || norm_decode((uint8_t)(code + 1)) > length);
    }
}

Test(norm, the_longest_article_has_the_last_code)
{
    cr_assert_eq(norm_encode(INT32_MAX), 255);
    cr_assert_eq(norm_encode(UINT32_MAX), 255);
    cr_assert_eq(norm_decode(255), 2013265944);
}

static void check_stream(uint32_t documents)
{
    struct memory_records memory;
    struct stream_writer writer;
    struct stream stream;
    uint64_t size;
    uint8_t *codes = malloc(documents + 1);

    for (uint32_t i = 0; i < documents; i++)
        codes[i] = (uint8_t)(i * 2654435761u >> 24);
    memory_records_init(&memory);
    stream_writer_init(&writer, 1, STREAM_NORMS, &memory.sink, NULL);
    cr_assert_eq(norm_write(&writer, codes, documents), LEDE_OK);
    cr_assert_eq(stream_writer_finish(&writer, &size, NULL), LEDE_OK);
    cr_assert_eq(stream_init(&stream, 1, STREAM_NORMS, size, &memory.source, NULL), LEDE_OK);
    for (uint32_t window = 0; window * (uint64_t)WINDOW_DOCS < documents; window++) {
        const uint8_t *found = norm_window(&stream, window, documents, NULL);
        uint32_t first = window * WINDOW_DOCS, left = documents - first;

        cr_assert_not_null(found);
        cr_assert_arr_eq(found, codes + first, left < WINDOW_DOCS ? left : WINDOW_DOCS);
    }
    stream_done(&stream);
    stream_writer_done(&writer);
    memory_records_done(&memory);
    free(codes);
}

Test(norm, windows_come_back_at_every_boundary)
{
    static const uint32_t DOCUMENTS[] = {1,
                                         WINDOW_DOCS - 1,
                                         WINDOW_DOCS,
                                         WINDOW_DOCS + 1,
                                         NORM_WINDOWS * WINDOW_DOCS,
                                         NORM_WINDOWS * WINDOW_DOCS + 1,
                                         3 * NORM_WINDOWS * WINDOW_DOCS - 1};

    for (size_t i = 0; i < sizeof DOCUMENTS / sizeof *DOCUMENTS; i++)
        check_stream(DOCUMENTS[i]);
}
