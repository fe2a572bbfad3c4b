#include "scratch.h"

#include <archive.h>
#include <archive_entry.h>

#include "indexer/command/decoder.h"
#include "indexer/command/input.h"

static uint8_t *text;
static size_t text_size;

/* 300,000 bytes that compress to about a fifth, with more than one block of every format. */
static void setup(void)
{
    unsigned seed = 7;

    scratch_make();
    text_size = 300000;
    text = malloc(text_size);
    cr_assert(text);
    for (size_t i = 0; i < text_size; i++)
        text[i] = i % 61 == 60 ? '\n' : (uint8_t)("eta oinsh"[(size_t)rand_r(&seed) % 9]);
}

static void teardown(void)
{
    free(text);
    scratch_remove();
}

TestSuite(input, .init = setup, .fini = teardown);
TestSuite(decoder, .init = setup, .fini = teardown);

/* Reads all, want bytes at a time, and compares with text; returns the bytes that came out. */
static size_t drain(struct input *input, size_t want, enum lede_status *status,
                    struct lede_error *err)
{
    struct slice ahead;
    size_t size = 0;

    for (;;) {
        *status = input_peek(input, want, &ahead, err);
        cr_assert_eq(input_offset(input), size);
        cr_assert_leq(size + ahead.size, text_size);
        cr_assert(ahead.size == 0 || memcmp(ahead.data, text + size, ahead.size) == 0);
        if (ahead.size == 0)
            return size;
        if (ahead.size < want)
            want = ahead.size;
        input_skip(input, ahead.size <= 7 ? ahead.size : ahead.size - 7);
        size += ahead.size <= 7 ? ahead.size : ahead.size - 7;
    }
}

static uint8_t *compress(const char *format, const uint8_t *bytes, size_t size, size_t *used)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t room = size * 2 + 4096;
    uint8_t *out = malloc(room);

    cr_assert(archive && entry && out);
    cr_assert_eq(archive_write_set_format_raw(archive), ARCHIVE_OK);
    cr_assert_eq(archive_write_add_filter_by_name(archive, format), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    cr_assert_eq(archive_write_open_memory(archive, out, room, used), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    cr_assert_eq(archive_write_data(archive, bytes, size), (la_ssize_t)size);
    cr_assert_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    archive_entry_free(entry);
    return out;
}

static const char *const FORMATS[] = {"gzip", "zstd", "xz", "bzip2"};
enum { FORMAT_COUNT = 4 };

static size_t read_all(struct slice bytes, size_t step, enum lede_status *status,
                       struct lede_error *err)
{
    struct input *input;
    size_t size = 0;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    *status = input_open_memory(input, bytes, "memory", step, err);
    if (*status == LEDE_OK)
        size = drain(input, 5000, status, err);
    input_free(input);
    return size;
}

Test(input, plain_bytes_come_through_whatever_the_size_of_steps_and_peeks)
{
    static const size_t sizes[] = {1, 2, 15, 16, 17, 4096, 299999, 300000, 300001};
    struct lede_error error;
    struct input *input;
    enum lede_status status;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    for (size_t i = 0; i < 9; i++)
        for (size_t j = 2; j < 9; j++) {
            cr_assert_eq(input_open_memory(input, slice_of(text, text_size), "m", sizes[i], NULL),
                         LEDE_OK);
            cr_expect_eq(drain(input, sizes[j], &status, &error), text_size);
            cr_expect_eq(status, LEDE_OK);
            cr_expect_eq(input_raw_read(input), text_size);
        }
    input_free(input);
}

Test(input, a_peek_gives_what_was_asked_for_or_all_there_is)
{
    struct input *input;
    struct slice ahead;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    cr_assert_eq(input_open_memory(input, slice_of(text, 1000), "m", 3, NULL), LEDE_OK);
    cr_assert_eq(input_peek(input, 100, &ahead, NULL), LEDE_OK);
    cr_expect(ahead.size >= 100);
    cr_assert_eq(input_peek(input, 1000, &ahead, NULL), LEDE_OK);
    cr_expect_eq(ahead.size, 1000);
    cr_assert_eq(input_peek(input, 5000000, &ahead, NULL), LEDE_OK);
    cr_expect_eq(ahead.size, 1000);
    input_skip(input, 1000);
    cr_assert_eq(input_peek(input, 1, &ahead, NULL), LEDE_OK);
    cr_expect_eq(ahead.size, 0);
    input_free(input);
}

Test(input, no_bytes_at_all_are_an_end_not_an_error)
{
    enum lede_status status;
    struct lede_error error;

    cr_expect_eq(read_all(slice_of(NULL, 0), 0, &status, &error), 0);
    cr_expect_eq(status, LEDE_OK);
}

Test(input, every_format_is_told_by_its_content)
{
    struct lede_error error;
    enum lede_status status;

    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t used;
        uint8_t *bytes = compress(FORMATS[i], text, text_size, &used);

        cr_assert_lt(used, text_size);
        for (size_t step = 0; step < 20; step += 19) {
            cr_expect_eq(read_all(slice_of(bytes, used), step, &status, &error), text_size, "%s",
                         FORMATS[i]);
            cr_expect_eq(status, LEDE_OK, "%s: %s", FORMATS[i], error.text);
        }
        free(bytes);
    }
}

Test(input, compressed_nothing_is_nothing)
{
    struct lede_error error;
    enum lede_status status;

    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t used;
        uint8_t *bytes = compress(FORMATS[i], text, 0, &used);

        cr_expect_eq(read_all(slice_of(bytes, used), 0, &status, &error), 0, "%s", FORMATS[i]);
        cr_expect_eq(status, LEDE_OK, "%s: %s", FORMATS[i], error.text);
        free(bytes);
    }
}

Test(input, members_one_after_the_other_are_one_stream)
{
    struct lede_error error;
    enum lede_status status;

    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t first, second;
        uint8_t *a = compress(FORMATS[i], text, 100000, &first);
        uint8_t *b = compress(FORMATS[i], text + 100000, text_size - 100000, &second);

        a = realloc(a, first + second);
        cr_assert(a);
        memcpy(a + first, b, second);
        cr_expect_eq(read_all(slice_of(a, first + second), 0, &status, &error), text_size, "%s",
                     FORMATS[i]);
        cr_expect_eq(status, LEDE_OK, "%s: %s", FORMATS[i], error.text);
        free(a);
        free(b);
    }
}

Test(input, a_file_cut_anywhere_gives_a_beginning_and_an_error_that_names_it)
{
    struct lede_error error;
    enum lede_status status;

    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t used, before = 0;
        uint8_t *bytes = compress(FORMATS[i], text, text_size, &used);

        for (size_t cut = 16; cut < used; cut += cut < 64 || cut + 40 > used ? 1 : 997) {
            size_t size = read_all(slice_of(bytes, cut), 0, &status, &error);

            cr_expect_eq(status, LEDE_CORRUPT, "%s cut at %zu", FORMATS[i], cut);
            cr_expect(strstr(error.text, "memory"), "%s", error.text);
            cr_expect_geq(size, before, "%s cut at %zu", FORMATS[i], cut);
            before = size;
        }
        free(bytes);
    }
}

Test(input, a_small_gz_that_is_cut_short_gives_all_that_is_before_the_cut)
{
    struct lede_error error;
    enum lede_status status;
    size_t used;
    uint8_t *bytes = compress("gzip", text, 6000, &used);

    cr_expect_eq(read_all(slice_of(bytes, used - 8), 0, &status, &error), 6000);
    cr_expect_eq(status, LEDE_CORRUPT);
    cr_expect_gt(read_all(slice_of(bytes, used / 2), 0, &status, &error), 2000);
    cr_expect_eq(status, LEDE_CORRUPT);
    free(bytes);
}

Test(input, bytes_behind_a_gz_are_told_and_zeros_are_padding)
{
    struct lede_error error;
    enum lede_status status;
    size_t used;
    uint8_t *bytes = compress("gzip", text, text_size, &used);

    memset(bytes + used, 0, 512);
    cr_expect_eq(read_all(slice_of(bytes, used + 512), 0, &status, &error), text_size);
    cr_expect_eq(status, LEDE_OK);
    for (int i = 0; i < 4; i++)
        bytes[used + (size_t)i] = (uint8_t) "rest"[i];
    cr_expect_eq(read_all(slice_of(bytes, used + 4), 0, &status, &error), text_size);
    cr_expect_eq(status, LEDE_CORRUPT);
    free(bytes);
}

Test(input, a_flipped_byte_ends_in_an_error_or_in_other_bytes_never_in_a_crash)
{
    unsigned seed = scratch_seed();

    for (int i = 0; i < FORMAT_COUNT; i++) {
        size_t used;
        uint8_t *bytes = compress(FORMATS[i], text, 60000, &used);

        for (int round = 0; round < 60; round++) {
            size_t place = (size_t)rand_r(&seed) % used;
            uint8_t flip = (uint8_t)(1U << (rand_r(&seed) % 8));
            struct input *input;
            struct slice ahead;

            bytes[place] ^= flip;
            cr_assert_eq(input_new(&input, NULL), LEDE_OK);
            if (input_open_memory(input, slice_of(bytes, used), "memory", 0, NULL) == LEDE_OK)
                while (input_peek(input, 1, &ahead, NULL) == LEDE_OK && ahead.size > 0)
                    input_skip(input, ahead.size);
            input_free(input);
            bytes[place] ^= flip;
        }
        free(bytes);
    }
}

Test(input, what_only_looks_compressed_is_plain)
{
    static const char xz[] = {'\xfd', '7', 'z', 'X', 'Z', ' ', 'n', 'o', 't', 0};
    const char *const words[] = {"BZh9 is not bzip2, of course", "\x1f\x8b", "BZ", "\x28\xb5", xz};
    struct input *input;
    struct slice ahead;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(input_open_memory(input, slice_str(words[i]), "m", 0, NULL), LEDE_OK);
        cr_assert_eq(input_peek(input, 100, &ahead, NULL), LEDE_OK);
        cr_expect(slice_equal(ahead, slice_str(words[i])));
    }
    input_free(input);
}

Test(input, files_are_read_one_after_the_other_and_a_growing_one_to_its_size_at_the_beginning)
{
    struct input *input;
    struct slice ahead;
    int fd;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    scratch_file("a", "first");
    scratch_file("b", "second");
    cr_assert_eq(input_open(input, open("a", O_RDONLY), "a", NULL), LEDE_OK);
    fd = open("a", O_WRONLY | O_APPEND);
    cr_assert_eq(write(fd, " and more", 9), 9);
    close(fd);
    cr_assert_eq(input_peek(input, 100, &ahead, NULL), LEDE_OK);
    cr_expect(slice_equal(ahead, slice_str("first")));
    cr_assert_eq(input_open(input, open("b", O_RDONLY), "b", NULL), LEDE_OK);
    cr_assert_eq(input_peek(input, 100, &ahead, NULL), LEDE_OK);
    cr_expect(slice_equal(ahead, slice_str("second")));
    input_free(input);
}

Test(input, a_directory_is_an_error_that_names_it)
{
    struct lede_error error;
    struct input *input;
    struct slice ahead;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    cr_assert_eq(input_open(input, open(".", O_RDONLY), "here", NULL), LEDE_OK);
    cr_expect_eq(input_peek(input, 1, &ahead, &error), LEDE_IO);
    cr_expect_str_eq(error.text, "here: Is a directory");
    input_free(input);
}

Test(input, a_pipe_is_read_to_its_end)
{
    enum lede_status status;
    struct lede_error error;
    struct input *input;
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], text, 50000), 50000);
    close(ends[1]);
    text_size = 50000;
    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    cr_assert_eq(input_open(input, ends[0], "pipe", NULL), LEDE_OK);
    cr_expect_eq(drain(input, 1000, &status, &error), 50000);
    cr_expect_eq(status, LEDE_OK);
    input_free(input);
}

/* ---- memory ---- */

static uint8_t *compress_as(const char *filter, const char *module, const char *option,
                            const char *value, size_t *used)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    size_t room = text_size * 2 + 4096;
    uint8_t *packed = malloc(room);

    cr_assert(archive && entry && packed);
    cr_assert_eq(archive_write_set_format_raw(archive), ARCHIVE_OK);
    cr_assert_eq(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_filter_option(archive, module, option, value), ARCHIVE_OK);
    cr_assert_eq(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    cr_assert_eq(archive_write_open_memory(archive, packed, room, used), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    cr_assert_eq(archive_write_data(archive, text, text_size), (la_ssize_t)text_size);
    cr_assert_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
    archive_entry_free(entry);
    return packed;
}

static enum lede_status read_within(struct slice bytes, size_t memory, struct lede_error *err)
{
    struct expansion expansion = {.memory = memory};
    enum lede_status status;
    struct input *input;
    struct slice ahead;

    cr_assert_eq(input_new(&input, NULL), LEDE_OK);
    expansion.file = input;
    input_limit(input, &expansion);
    cr_assert_eq(input_open_memory(input, bytes, "a", 0, NULL), LEDE_OK);
    do {
        status = input_peek(input, 1, &ahead, err);
        input_skip(input, ahead.size);
    } while (status == LEDE_OK && ahead.size > 0);
    input_free(input);
    return status;
}

/* xz -9 has a dictionary of 64 MiB, xz -6 one of 8. */
Test(decoder, a_file_that_wants_more_memory_than_there_is_is_told_so)
{
    struct lede_error error = {.text = ""};
    size_t used;
    uint8_t *xz = compress_as("xz", "xz", "compression-level", "9", &used);

    cr_expect_eq(read_within(slice_of(xz, used), 32 << 20, &error), LEDE_LIMIT);
    cr_expect_str_eq(error.text,
                     "a: unpacking it takes 65 MiB of memory, more than 32: see --memory");
    cr_expect_eq(read_within(slice_of(xz, used), 0, &error), LEDE_OK);
    free(xz);
    xz = compress_as("xz", "xz", "compression-level", "6", &used);
    cr_expect_eq(read_within(slice_of(xz, used), 18 << 20, &error), LEDE_OK);
    free(xz);
}

/* A frame's window: 2^(10 + exponent) bytes, in the byte behind mark and descriptor. */
Test(decoder, a_window_that_is_too_large_is_told_so)
{
    uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0x0d, 0, 0, 'x'}; /* a last block, raw: x */
    struct lede_error error = {.text = ""};

    frame[5] = 10 << 3; /* 1 MiB */
    frame[6] = 1 | 1 << 3;
    cr_expect_eq(read_within(slice_of(frame, 10), 18 << 20, &error), LEDE_OK, "%s", error.text);
    frame[5] = 17 << 3; /* 128 MiB */
    cr_expect_eq(read_within(slice_of(frame, 10), 0, &error), LEDE_LIMIT);
    cr_expect_str_eq(error.text, "a: unpacking it takes more than 66 MiB of memory: see --memory");
}
