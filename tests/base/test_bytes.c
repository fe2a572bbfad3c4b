#include <criterion/criterion.h>

#include "base/bytes.h"

Test(varint, of_300_is_ac_02)
{
    uint8_t bytes[VARINT_MAX];

    cr_assert_eq(varint_put(bytes, 300), 2);
    cr_expect_arr_eq(bytes, "\xac\x02", 2);
}

Test(varint, gives_back_what_was_put_at_every_size)
{
    for (unsigned shift = 0; shift < 64; shift++)
        for (int offset = -1; offset <= 1; offset++) {
            uint64_t value = ((uint64_t)1 << shift) + (uint64_t)offset, back;
            uint8_t bytes[VARINT_MAX];
            const uint8_t *at = bytes;
            size_t size = varint_put(bytes, value);

            cr_expect_eq(varint_size(value), size);
            cr_assert(varint_get(&at, bytes + size, &back));
            cr_expect_eq(back, value);
            cr_expect_eq(at, bytes + size);
        }
}

Test(varint, cut_short_is_refused_and_not_passed)
{
    uint8_t bytes[VARINT_MAX];
    size_t size = varint_put(bytes, UINT64_MAX);
    uint64_t value;

    cr_expect_eq(size, VARINT_MAX);
    for (size_t cut = 0; cut < size; cut++) {
        const uint8_t *at = bytes;

        cr_expect_not(varint_get(&at, bytes + cut, &value));
        cr_expect_eq(at, bytes);
    }
}

Test(varint, over_64_or_32_bits_is_refused)
{
    static const uint8_t OVER_64[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
    static const uint8_t ENDLESS[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 129, 1};
    uint8_t bytes[VARINT_MAX];
    const uint8_t *at = OVER_64;
    uint64_t wide;
    uint32_t value = 0;
    size_t size;

    cr_expect_not(varint_get(&at, OVER_64 + sizeof OVER_64, &wide));
    at = ENDLESS;
    cr_expect_not(varint_get(&at, ENDLESS + sizeof ENDLESS, &wide));
    size = varint_put(bytes, (uint64_t)UINT32_MAX + 1);
    at = bytes;
    cr_expect_not(varint_get32(&at, bytes + size, &value));
    cr_expect_eq(at, bytes);
    size = varint_put(bytes, UINT32_MAX);
    cr_expect(varint_get32(&at, bytes + size, &value));
    cr_expect_eq(value, UINT32_MAX);
}

Test(integers, have_the_byte_order_of_their_name)
{
    uint8_t bytes[9] = {0};

    store_le32(bytes + 1, 0x01020304);
    cr_expect_arr_eq(bytes + 1, "\4\3\2\1", 4);
    cr_expect_eq(load_le32(bytes + 1), 0x01020304);
    store_be32(bytes + 1, 0x01020304);
    cr_expect_arr_eq(bytes + 1, "\1\2\3\4", 4);
    cr_expect_eq(load_be32(bytes + 1), 0x01020304);
    store_le16(bytes + 1, 0x0102);
    cr_expect_arr_eq(bytes + 1, "\2\1", 2);
    cr_expect_eq(load_le16(bytes + 1), 0x0102);
    store_le64(bytes + 1, 0x0102030405060708);
    cr_expect_arr_eq(bytes + 1, "\10\7\6\5\4\3\2\1", 8);
    cr_expect_eq(load_le64(bytes + 1), 0x0102030405060708);
}

Test(slice, order_is_that_of_bytes_with_prefixes_first)
{
    static const char *const SORTED[] = {"", "a", "ab", "b", "\x80", "\xff"};

    for (size_t i = 0; i < 6; i++)
        for (size_t j = 0; j < 6; j++) {
            struct slice a = slice_str(SORTED[i]), b = slice_str(SORTED[j]);
            int order = slice_compare(a, b);

            cr_expect_eq((order > 0) - (order < 0), (i > j) - (i < j));
            cr_expect_eq(slice_equal(a, b), i == j);
        }
    cr_expect(slice_equal(slice_of(NULL, 0), slice_str("")));
    cr_expect_eq(slice_compare(slice_of(NULL, 0), slice_of(NULL, 0)), 0);
    cr_expect_eq(slice_str(NULL).size, 0);
}

Test(bytes, a_slice_begins_with_what_it_shares)
{
    struct slice word = slice_str("harbour"), none = slice_of(NULL, 0);

    cr_expect(slice_begins(word, slice_str("harb")));
    cr_expect(slice_begins(word, word));
    cr_expect(slice_begins(word, none));
    cr_expect(slice_begins(none, none));
    cr_expect_not(slice_begins(word, slice_str("harm")));
    cr_expect_not(slice_begins(slice_str("harb"), word));
    cr_expect_eq(slice_shared(word, slice_str("harm")), 3);
    cr_expect_eq(slice_shared(slice_str("harm"), word), 3);
    cr_expect_eq(slice_shared(word, word), 7);
    cr_expect_eq(slice_shared(word, none), 0);
}

Test(bytes, trimming_takes_the_blanks_of_ascii_at_both_ends)
{
    for (unsigned byte = 0; byte < 256; byte++)
        cr_expect_eq(byte_is_blank((uint8_t)byte), byte && strchr(" \t\n\v\f\r", (int)byte), "%u",
                     byte);
    cr_expect(
        slice_equal(slice_trim(slice_str(" \r\n\tstorm  flood\v\f")), slice_str("storm  flood")));
    cr_expect_eq(slice_trim(slice_str(" \n ")).size, 0);
    cr_expect_eq(slice_trim(slice_of(NULL, 0)).size, 0);
}
