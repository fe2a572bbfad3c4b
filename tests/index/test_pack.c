#include <criterion/criterion.h>
#include <stdio.h>

#include "index/pack.h"
#include "index/pack_kernels.h"
#include "tests/index/dice.h"

/* A pack in an allocation of exactly the bytes that may be read, garbage behind it. */
struct copy {
    uint8_t *data;
    size_t size;
};

static struct copy copy_of(const uint8_t *pack, size_t size)
{
    struct copy copy = {malloc(size + PACK_OVERRUN), size};

    cr_assert(copy.data);
    memset(copy.data, 0xa5, size + PACK_OVERRUN);
    memcpy(copy.data, pack, size);
    return copy;
}

static size_t encode(const uint32_t *values, size_t n, uint8_t *pack)
{
    return pack_encode(values, n, pack);
}

#define PACK_BYTES (PACK_SIZE_MAX + PACK_OVERRUN)

static void check_bytes(const uint32_t *values, size_t n, const char *hex)
{
    uint8_t pack[PACK_BYTES];
    char text[3 * PACK_SIZE_MAX] = "";
    size_t size = encode(values, n, pack), length = 0;
    uint32_t out[PACK_ROOM];
    struct copy copy = copy_of(pack, size);

    for (size_t i = 0; i < size; i++)
        length += (size_t)snprintf(text + length, 4, i ? " %02x" : "%02x", pack[i]);
    cr_assert_str_eq(text, hex);
    cr_assert_eq(pack_decode(copy.data, size, n, out), size);
    cr_assert_arr_eq(out, values, n * sizeof *values);
    free(copy.data);
}

Test(pack, the_example_of_the_header_has_those_bytes)
{
    check_bytes((const uint32_t[]){1, 2, 3}, 3, "02 39");
}

Test(pack, zeros_take_one_byte_whatever_their_count)
{
    uint32_t zeros[BLOCK_DOCS] = {0};

    check_bytes(zeros, 1, "00");
    check_bytes(zeros, BLOCK_DOCS, "00");
}

Test(pack, one_large_value_among_ones_is_patched_in)
{
    /* Nine values, 2 low bits of each, 1 1 1 1 1 0 1 1 1; the mask has bit 5; the high part
     * 1000 >> 2, less 1, is a pack of one value of eight bits. */
    check_bytes((const uint32_t[]){1, 1, 1, 1, 1, 1000, 1, 1, 1}, 9, "82 55 51 01 20 00 08 f9");
}

Test(pack, high_parts_are_packed_in_their_turn)
{
    /* A low bit each; the high parts 50 and 23 times 2, less 1, again a low bit each; and of 49 the
     * high part 24, less 1. */
    uint32_t values[64];

    for (size_t i = 0; i < 64; i++)
        values[i] = i < 24 ? 5 : 1;
    values[0] = 101;
    check_bytes(values, 64,
                "81 ff ff ff ff ff ff ff ff ff ff ff 00 00 00 00 00 81 ff ff ff 01 00 00 05 17");
}

Test(pack, the_largest_values_are_stored_plainly)
{
    check_bytes((const uint32_t[]){UINT32_MAX, UINT32_MAX - 1}, 2, "20 ff ff ff ff fe ff ff ff");
}

static void fill(struct dice *dice, uint32_t *values, size_t n)
{
    unsigned width = dice_below(dice, 33), rare = dice_below(dice, 40), wide = dice_below(dice, 33);

    for (size_t i = 0; i < n; i++)
        values[i] = dice_bits(dice, rare && dice_below(dice, rare) == 0 ? wide : width);
}

Test(pack, random_values_come_back_from_every_level)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS], out[PACK_ROOM];
    uint8_t pack[PACK_BYTES];

    for (int round = 0; round < 20000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size;
        struct copy copy;

        fill(&dice, values, n);
        size = encode(values, n, pack);
        cr_assert(size <= PACK_SIZE_MAX);
        copy = copy_of(pack, size);
        for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
            pack_kernels_use((enum cpu_level)level);
            cr_assert_eq(pack_decode(copy.data, size, n, out), size);
            cr_assert_arr_eq(out, values, n * sizeof *values, "%s",
                             cpu_level_name((enum cpu_level)level));
        }
        cr_assert_eq(pack_size(copy.data, size, n), size);
        cr_assert_eq(pack_size(copy.data, size - 1, n), 0);
        free(copy.data);
    }
    dice_end();
}

Test(pack, every_level_encodes_the_same_bytes)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS];
    uint8_t expected[PACK_BYTES];

    for (int round = 0; round < 20000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size;
        uint32_t *copy = malloc(n * sizeof *copy); /* its end is where sanitizers see it */

        cr_assert(copy);
        fill(&dice, values, n);
        memcpy(copy, values, n * sizeof *values);
        pack_kernels_use(CPU_PORTABLE);
        size = encode(values, n, expected);
        for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
            uint8_t *pack = malloc(PACK_BYTES);

            cr_assert(pack);
            pack_kernels_use((enum cpu_level)level);
            cr_assert_eq(encode(copy, n, pack), size);
            cr_assert_arr_eq(pack, expected, size, "%s", cpu_level_name((enum cpu_level)level));
            free(pack);
        }
        free(copy);
    }
    dice_end();
}

Test(pack, rising_and_counts_are_what_sums_of_the_values_give)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS], rising[BLOCK_DOCS], counts[BLOCK_DOCS], out[PACK_ROOM];
    uint8_t pack[PACK_BYTES];

    for (int round = 0; round < 40000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size;
        uint32_t before = dice_below(&dice, 3) ? dice_bits(&dice, 32) : UINT32_MAX;
        int64_t sum = before == UINT32_MAX ? -1 : (int64_t)before;
        bool wraps = false, counts_wrap = false;
        struct copy copy;

        fill(&dice, values, n);
        for (size_t i = 0; i < n; i++) {
            sum += (int64_t)values[i] + 1;
            wraps |= sum > UINT32_MAX;
            rising[i] = (uint32_t)sum;
            counts[i] = values[i] + 1;
            counts_wrap |= values[i] == UINT32_MAX;
        }
        size = encode(values, n, pack);
        copy = copy_of(pack, size);
        for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
            pack_kernels_use((enum cpu_level)level);
            cr_assert_eq(pack_decode_rising(copy.data, size, n, before, out), wraps ? 0 : size);
            if (!wraps)
                cr_assert_arr_eq(out, rising, n * sizeof *out);
            cr_assert_eq(pack_decode_counts(copy.data, size, n, out), counts_wrap ? 0 : size);
            if (!counts_wrap)
                cr_assert_arr_eq(out, counts, n * sizeof *out);
        }
        free(copy.data);
    }
    dice_end();
}

/* What the smallest pack takes, by the letter of the format, with at most `levels` levels. */
static size_t smallest(const uint32_t *values, size_t n, unsigned levels)
{
    size_t best = SIZE_MAX;

    for (unsigned width = 0; width <= 32; width++) {
        size_t size = 1 + (n * width + 7) / 8, exceptions = 0;
        uint32_t highs[BLOCK_DOCS];

        for (size_t i = 0; i < n; i++)
            if ((uint64_t)values[i] >> width)
                highs[exceptions++] = (values[i] >> width) - 1;
        if (exceptions && (levels == 1 || size >= best))
            continue;
        if (exceptions)
            size += (n + 7) / 8 + smallest(highs, exceptions, levels - 1);
        best = size < best ? size : best;
    }
    return best;
}

Test(pack, no_pack_is_much_smaller)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS];
    uint8_t pack[PACK_BYTES];
    size_t sum = 0, least = 0;

    for (int round = 0; round < 1000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size, best;

        fill(&dice, values, n);
        size = encode(values, n, pack);
        best = smallest(values, n, 3);
        cr_assert(size >= best && size <= best + best / 4 + 4, "%zu, %zu would do", size, best);
        cr_assert_leq(size, smallest(values, n, 1));
        sum += size;
        least += best;
    }
    cr_assert_lt(sum, least + least / 50);
    dice_end();
}

Test(pack, every_prefix_of_a_pack_is_refused)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS], out[PACK_ROOM];
    uint8_t pack[PACK_BYTES];

    for (int round = 0; round < 300; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size;

        fill(&dice, values, n);
        size = encode(values, n, pack);
        for (size_t cut = 0; cut < size; cut++) {
            struct copy copy = copy_of(pack, cut);

            cr_assert_eq(pack_decode(copy.data, cut, n, out), 0);
            cr_assert_eq(pack_size(copy.data, cut, n), 0);
            free(copy.data);
        }
    }
    dice_end();
}

static size_t decode_literal(const char *bytes, size_t size, size_t n)
{
    struct copy copy = copy_of((const uint8_t *)bytes, size);
    uint32_t out[PACK_ROOM];
    size_t used = pack_decode(copy.data, size, n, out);

    free(copy.data);
    return used;
}

Test(pack, codes_that_no_encoder_writes_are_refused)
{
    cr_expect_eq(decode_literal("\x40\0\0\0", 4, 1), 0, "the reserved bit");
    cr_expect_eq(decode_literal("\x21\0\0\0\0\0\0\0", 8, 1), 0, "a width over 32");
    cr_expect_eq(decode_literal("\x81\0\0\0", 4, 1), 0, "no exceptions");
    cr_expect_eq(decode_literal("\x80\5\0", 3, 2), 0, "a mask with a bit behind the end");
    cr_expect_eq(decode_literal("\x81\0\1\x20\xff\xff\xff\xff", 8, 1), 0, "33 bits");
    cr_expect_eq(decode_literal("\x9f\0\0\0\0\1\1\1", 8, 1), 0, "33 bits, just");
    cr_expect_eq(decode_literal("\x9f\0\0\0\0\1\1\0", 8, 1), 8, "32 bits");
    cr_expect_eq(decode_literal("\xa0\0\0\0\0\1\0", 7, 1), 0, "exceptions of 32 bits");
    cr_expect_eq(decode_literal("\x80\1\x80\1\x80\1\0", 7, 1), 0, "exceptions of exceptions of...");
    cr_expect_eq(decode_literal("\x80\1\x9f\0\0\0\0\1\1\1", 10, 1), 0, "33 bits of a high part");
    cr_expect_eq(decode_literal("\0", 1, 0), 0, "no values");
    cr_expect_eq(decode_literal("\0", 1, BLOCK_DOCS + 1), 0, "too many values");
    cr_expect_eq(decode_literal("\x80\1\x80\1\0", 5, 1), 5, "this one is sound");
}

Test(pack, random_bytes_decode_the_same_on_every_level_or_on_none)
{
    struct dice dice = dice_begin();
    uint32_t first[PACK_ROOM], out[PACK_ROOM];
    uint8_t bytes[PACK_BYTES];

    for (int round = 0; round < 50000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS), size = dice_below(&dice, PACK_SIZE_MAX + 1);
        size_t used, again;
        struct copy copy;

        for (size_t i = 0; i < 40; i++)
            bytes[i] = (uint8_t)dice_roll(&dice);
        for (size_t i = 40; i < size; i++)
            bytes[i] = (uint8_t)i;
        if (size > 2 && dice_below(&dice, 2)) {
            bytes[0] = 0x80; /* a mask, and what may be a pack behind it */
            bytes[1 + (n + 7) / 8] &= 0x9f;
        }
        copy = copy_of(bytes, size);
        for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
            uint32_t *to = level == CPU_PORTABLE ? first : out;

            pack_kernels_use((enum cpu_level)level);
            again = pack_decode_rising(copy.data, size, n, 5, to);
            used = level == CPU_PORTABLE ? again : used;
            cr_assert_eq(again, used);
            cr_assert(used == 0 || memcmp(to, first, n * sizeof *to) == 0);
        }
        free(copy.data);
    }
    dice_end();
}

Test(pack, bitsets_expand_the_same_on_every_level)
{
    struct dice dice = dice_begin();
    uint8_t bits[256 + PACK_OVERRUN];
    uint32_t places[2048], out[PACK_ROOM];

    for (int round = 0; round < 20000; round++) {
        size_t span = 1 + dice_below(&dice, 2000), n = 0;
        unsigned density = 1 + dice_below(&dice, 16);
        struct copy copy;

        memset(bits, 0, sizeof bits);
        for (size_t j = 0; j < span; j++)
            if (n < BLOCK_DOCS && dice_below(&dice, density) == 0) {
                bits[j / 8] |= (uint8_t)(1 << j % 8);
                places[n++] = 7 + (uint32_t)j;
            }
        if (n == 0)
            continue;
        copy = copy_of(bits, (span + 7) / 8);
        if (span % 8) /* what is behind the span in its last byte is not looked at */
            copy.data[span / 8] |= (uint8_t)(0xff << span % 8);
        for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
            const struct pack_kernels *kernels = pack_kernels_of((enum cpu_level)level);

            cr_assert(kernels->expand(copy.data, span, 7, n, out));
            cr_assert_arr_eq(out, places, n * sizeof *out);
            cr_assert(n == 1 || !kernels->expand(copy.data, span, 7, n - 1, out));
            cr_assert(n == BLOCK_DOCS || !kernels->expand(copy.data, span, 7, n + 1, out));
        }
        free(copy.data);
    }
    dice_end();
}
