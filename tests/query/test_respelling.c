#include <criterion/criterion.h>

#include "query/respelling.h"

/* Whether spelling is a line of what word is by one edit. */
static bool becomes(const char *word, const char *spelling)
{
    struct buffer lines;
    size_t size = strlen(spelling);
    bool found = false;

    buffer_init(&lines, NULL);
    buffer_byte(&lines, '\n');
    respelling_put(slice_str(word), &lines);
    cr_assert_not(lines.failed);
    for (size_t at = 1; at + size < lines.size && !found; at++)
        found = lines.data[at - 1] == '\n' && lines.data[at + size] == '\n' &&
                memcmp(lines.data + at, spelling, size) == 0;
    buffer_done(&lines);
    return found;
}

Test(respelling, one_character_is_left_out_put_in_or_replaced_or_two_are_swapped)
{
    static const char *const near[] = {"at",   "ct",   "ca",  "act", "cta", "xcat",
                                       "cart", "cats", "bat", "cot", "cab"};

    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        cr_expect(becomes("cat", near[i]), "%s", near[i]);
    cr_expect_not(becomes("cat", "dog"));
    cr_expect_not(becomes("cat", "tac"));
    cr_expect_not(becomes("cat", "coats"));
}

Test(respelling, letters_of_other_scripts_are_the_words_own)
{
    cr_expect(becomes("ана", "анна"));
    cr_expect(becomes("ана", "аан"));
    cr_expect(becomes("été", "êté") == false, "ê is not there");
    cr_expect(becomes("été", "ét"));
}

Test(respelling, what_is_long_or_no_text_has_none)
{
    struct buffer lines;

    buffer_init(&lines, NULL);
    respelling_put(slice_str("abcdefghijklmnopqrstuvwxyzabcdefg"), &lines);
    respelling_put(slice_str("a\xff"), &lines);
    cr_expect_eq(lines.size, 0);
    respelling_put(slice_str("abcdefghijklmnopqrstuvwxyzabcdef"), &lines);
    cr_expect_gt(lines.size, 0);
    buffer_done(&lines);
}
