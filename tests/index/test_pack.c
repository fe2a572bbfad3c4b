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
    /* Nine values, 2 low bits of each, 1 1 1 1 1 0 1 1 1; at index 5 the high part 1000 >> 2. One
     * bit and a high part of two bytes would take as much: the wider of two goes. */
    check_bytes((const uint32_t[]){1, 1, 1, 1, 1, 1000, 1, 1, 1}, 9, "82 01 01 55 51 01 05 fa");
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

/* What a pack would take at every width, by the letter of the format. */
static size_t smallest(const uint32_t *values, size_t n)
{
    size_t best = SIZE_MAX;

    for (unsigned width = 0; width <= 32; width++) {
        size_t size = 1 + (n * width + 7) / 8, exceptions = 0, high_size = 0;

        for (size_t i = 0; i < n; i++) {
            uint64_t high = (uint64_t)values[i] >> width;

            exceptions += high != 0;
            for (size_t bytes = 1; bytes <= 4 && high; bytes++, high >>= 8)
                high_size = bytes > high_size ? bytes : high_size;
        }
        size += exceptions ? 2 + exceptions * (1 + high_size) : 0;
        if (exceptions <= 255 && size < best)
            best = size;
    }
    return best;
}

Test(pack, no_other_width_would_be_smaller)
{
    struct dice dice = dice_begin();
    uint32_t values[BLOCK_DOCS];
    uint8_t pack[PACK_BYTES];

    for (int round = 0; round < 5000; round++) {
        size_t n = 1 + dice_below(&dice, BLOCK_DOCS);

        fill(&dice, values, n);
        cr_assert_eq(encode(values, n, pack), smallest(values, n));
    }
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
    cr_expect_eq(decode_literal("\x81\0\1\1", 4, 1), 0, "no exceptions");
    cr_expect_eq(decode_literal("\x80\1\0\0", 4, 1), 0, "high parts of no bytes");
    cr_expect_eq(decode_literal("\x80\1\5\0\0\0\0\0\0", 9, 1), 0, "high parts of five bytes");
    cr_expect_eq(decode_literal("\x80\2\1\0\1\1\1", 7, 1), 0, "more exceptions than values");
    cr_expect_eq(decode_literal("\x80\1\1\2\1", 5, 2), 0, "an index behind the end");
    cr_expect_eq(decode_literal("\x80\2\1\1\1\1\1", 7, 2), 0, "an index twice");
    cr_expect_eq(decode_literal("\x81\1\4\1\0\xff\xff\xff\xff", 9, 1), 0, "33 bits");
    cr_expect_eq(decode_literal("\xa0\1\1\1\1\1\1\0\1", 9, 1), 0, "exceptions of 32 bits");
    cr_expect_eq(decode_literal("\0", 1, 0), 0, "no values");
    cr_expect_eq(decode_literal("\0", 1, BLOCK_DOCS + 1), 0, "too many values");
    cr_expect_eq(decode_literal("\x80\1\1\1\1", 5, 2), 5, "this one is sound");
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
            bytes[1] = (uint8_t)dice_below(&dice, 3);
            bytes[2] = (uint8_t)dice_below(&dice, 6);
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
