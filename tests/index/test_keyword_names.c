#include <criterion/criterion.h>
#include <stdio.h>

#include "index/keyword_names.h"

TestSuite(keyword_names, .timeout = 60);

Test(keyword_names, a_name_is_letters_digits_and_a_few_signs)
{
    static const char *const good[] = {"a", "Site", "a1", "my_tag-2.x"};
    static const char *const bad[] = {"", "1a", "_a", "a b", "a:b", "\xc3\xa9", "a\n"};
    char longest[KEYWORD_NAME_MAX + 1];

    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_expect(keyword_name_is_valid(slice_str(good[i])), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(keyword_name_is_valid(slice_str(bad[i])), "%s", bad[i]);
    memset(longest, 'x', sizeof longest);
    cr_expect(keyword_name_is_valid(slice_of(longest, KEYWORD_NAME_MAX)));
    cr_expect_not(keyword_name_is_valid(slice_of(longest, KEYWORD_NAME_MAX + 1)));
}

Test(keyword_names, a_list_has_each_name_once_in_lower_case)
{
    struct buffer names;

    buffer_init(&names, NULL);
    cr_expect(keyword_names_add(&names, slice_str("Site")));
    cr_expect(keyword_names_add(&names, slice_str("author")));
    cr_expect(keyword_names_add(&names, slice_str("SITE")));
    cr_expect(slice_equal(buffer_bytes(&names), slice_str("site\nauthor\n")));
    cr_expect(keyword_names_are_valid(buffer_bytes(&names)));
    cr_expect_eq(keyword_names_find(buffer_bytes(&names), slice_str("AUTHOR")), 1);
    cr_expect_eq(keyword_names_find(buffer_bytes(&names), slice_str("autho")), KEYWORDS_MAX);
    buffer_done(&names);
}

Test(keyword_names, there_are_as_many_as_field_bytes)
{
    struct buffer names;
    char name[16];

    buffer_init(&names, NULL);
    for (int i = 0; i < KEYWORDS_MAX; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        cr_assert(keyword_names_add(&names, slice_str(name)));
    }
    cr_expect(keyword_names_are_valid(buffer_bytes(&names)));
    cr_expect_eq(keyword_names_find(buffer_bytes(&names), slice_str("n237")), 237);
    cr_expect(keyword_names_add(&names, slice_str("n7")));
    cr_expect_not(keyword_names_add(&names, slice_str("more")));
    buffer_str(&names, "more\n");
    cr_expect_not(keyword_names_are_valid(buffer_bytes(&names)));
    buffer_done(&names);
}

Test(keyword_names, bytes_that_are_no_list_are_told)
{
    static const char *const bad[] = {"a", "a\nb", "A\n", "a\na\n", "\n", "a\n\nb\n", "a b\n"};

    cr_expect(keyword_names_are_valid(slice_of(NULL, 0)));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(keyword_names_are_valid(slice_str(bad[i])), "%s", bad[i]);
}
