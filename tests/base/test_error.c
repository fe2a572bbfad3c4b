#include <criterion/criterion.h>
#include <string.h>

#include "base/error.h"

Test(error, carries_a_status_and_a_text)
{
    struct lede_error error;

    cr_expect_eq(error_set(&error, LEDE_IO, "%s: %d", "path", 5), LEDE_IO);
    cr_expect_eq(error.status, LEDE_IO);
    cr_expect_str_eq(error.text, "path: 5");
    cr_expect_eq(error_set(NULL, LEDE_BUSY, "nobody cares"), LEDE_BUSY);
    cr_expect_eq(error_no_memory(&error), LEDE_NO_MEMORY);
    cr_expect_str_eq(error.text, "out of memory");
}

Test(error, is_cut_between_characters)
{
    for (size_t pad = 470; pad <= sizeof((struct lede_error *)0)->text; pad++) {
        struct lede_error error;
        char text[600];
        size_t size;

        memset(text, 'a', pad);
        memcpy(text + pad, "é中😀é中😀", sizeof "é中😀é中😀");
        error_set(&error, LEDE_INVALID, "%s", text);
        size = strlen(error.text);
        cr_expect_leq(size, sizeof error.text - 1);
        cr_expect_geq(size, sizeof error.text - 5);
        cr_expect_eq(memcmp(error.text, text, size), 0);
        cr_expect_neq((uint8_t)text[size] & 0xc0, 0x80, "cut inside a character at %zu", size);
    }
}
