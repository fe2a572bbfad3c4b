#include <criterion/criterion.h>

#include "base/account.h"
#include "base/buffer.h"

Test(buffer, holds_what_was_put_in_order)
{
    struct buffer buffer;

    buffer_init(&buffer, NULL);
    buffer_byte(&buffer, 'a');
    buffer_str(&buffer, "bc");
    buffer_printf(&buffer, "%d-%s", 42, "x");
    buffer_varint(&buffer, 300);
    buffer_le16(&buffer, 0x0102);
    buffer_le32(&buffer, 0x01020304);
    buffer_le64(&buffer, 1);
    buffer_slice(&buffer, slice_str("end"));
    cr_expect(slice_equal(buffer_bytes(&buffer),
                          slice_of("abc42-x\xac\x02\2\1\4\3\2\1\1\0\0\0\0\0\0\0\3end", 27)));
    cr_expect_not(buffer.failed);
    buffer_clear(&buffer);
    cr_expect_eq(buffer.size, 0);
    buffer_done(&buffer);
    cr_expect_null(buffer.data);
}

Test(buffer, grows_to_any_size_and_charges_its_capacity)
{
    struct account account;
    struct buffer buffer;

    account_init(&account, 0);
    buffer_init(&buffer, &account);
    for (uint32_t i = 0; i < 100000; i++)
        buffer_le32(&buffer, i);
    cr_assert_eq(buffer.size, 400000);
    for (uint32_t i = 0; i < 100000; i++)
        cr_assert_eq(load_le32(buffer.data + 4 * (size_t)i), i);
    cr_expect_eq(account.used, buffer.capacity);
    buffer_done(&buffer);
    cr_expect_eq(account.used, 0);
}

Test(buffer, failure_sticks_and_keeps_what_was_there)
{
    struct account account;
    struct buffer buffer;

    account_init(&account, 100);
    buffer_init(&buffer, &account);
    buffer_str(&buffer, "kept");
    cr_expect_null(buffer_room(&buffer, 1000));
    cr_expect(buffer.failed);
    buffer_byte(&buffer, 'x');
    buffer_printf(&buffer, "%s", "x");
    cr_expect(slice_equal(buffer_bytes(&buffer), slice_str("kept")));
    cr_expect_null(buffer_room(&buffer, SIZE_MAX));
    buffer_clear(&buffer);
    buffer_byte(&buffer, 'x');
    cr_expect_not(buffer.failed);
    cr_expect_eq(buffer.size, 1);
    buffer_done(&buffer);
    cr_expect_eq(account.used, 0);
}

Test(buffer, room_for_nothing_is_no_failure)
{
    struct buffer buffer;

    buffer_init(&buffer, NULL);
    cr_expect_not_null(buffer_room(&buffer, 0));
    buffer_put(&buffer, NULL, 0);
    cr_expect_not(buffer.failed);
    buffer_done(&buffer);
    buffer_done(&buffer);
}
