/* fuzz_lmdb_check.c -- lmdb_check over a file image in memory: it ends, reads nothing outside the
 * file, and counts no page for two things.
 *
 * If the input's first byte is even, the rest is the image. Else it is edits of a small index made
 * when the fuzzer starts: u16 page, u16 place in it, u8 size, that many bytes. */
#include <stdlib.h>

#include "index/lmdb_check.h"
#include "tests/index/memory_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct image {
    const uint8_t *data;
    size_t size;
};

static bool read_image(void *context, uint64_t offset, uint8_t *out, size_t size)
{
    const struct image *image = context;

    if (offset > image->size || size > image->size - offset)
        abort(); /* it promised to ask for what is there alone */
    memcpy(out, image->data + offset, size);
    return true;
}

static void count(void *context, const char *what)
{
    *(size_t *)context += strlen(what);
}

static void check(const uint8_t *data, size_t size)
{
    struct image image = {data, size};
    struct lmdb_file file = {&image, size, read_image};
    struct lmdb_totals totals;
    struct lede_error error;
    size_t text = 0;

    if (lmdb_check(&file, LMDB_NEWEST, count, &text, &totals, &error) == LEDE_OK &&
        (text != 0 || totals.used + totals.free + totals.lost != totals.last_page + 1))
        abort();
}

static const uint8_t *whole_image(size_t *size)
{
    static uint8_t *file;
    static size_t file_size;

    if (!file) {
        struct dice dice = dice_of(1);
        struct plain_index plain;
        char *path = temp_directory_new();

        plain_index_make(&plain, &dice, 2, 20, 5, true);
        plain_index_write(&plain, path);
        plain_index_free(&plain);
        file = file_read(path, "data.mdb", &file_size);
        temp_directory_free(path);
    }
    *size = file_size;
    return file;
}

static void edit(uint8_t *image, size_t image_size, const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 5) {
        size_t page = load_le16(at) % (image_size / PAGE_SIZE), size = at[4];
        size_t offset = page * PAGE_SIZE + load_le16(at + 2) % PAGE_SIZE;

        at += 5;
        size = size < (size_t)(end - at) ? size : (size_t)(end - at);
        size = size < image_size - offset ? size : image_size - offset;
        memcpy(image + offset, at, size);
        at += size;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *whole;
    size_t whole_size;
    uint8_t *image;

    if (size == 0 || data[0] % 2 == 0) {
        check(data + (size > 0), size - (size > 0));
        return 0;
    }
    whole = whole_image(&whole_size);
    image = malloc(whole_size);
    if (!image)
        return 0;
    memcpy(image, whole, whole_size);
    edit(image, whole_size, data + 1, data + size);
    check(image, whole_size);
    free(image);
    return 0;
}
