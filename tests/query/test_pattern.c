/* Patterns against a matcher that tries everything, and a table of distances. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "query/pattern.h"

static int walk(const struct pattern *pattern, const char *term)
{
    struct pattern_state state, before;
    bool alive = true;

    pattern_start(pattern, &state);
    for (; *term; term++) {
        before = state;
        pattern_step(pattern, &before, (unsigned char)*term, &state);
        cr_assert(alive || !pattern_alive(pattern, &state), "a dead pattern came to life");
        alive = pattern_alive(pattern, &state);
    }
    cr_assert(alive || pattern_matches(pattern, &state) < 0);
    return pattern_matches(pattern, &state);
}

static bool wild(const char *text, const char *term)
{
    struct pattern pattern;

    cr_assert(pattern_wildcard(&pattern, slice_str(text)));
    return walk(&pattern, term) == 0;
}

static int fuzzy(const char *text, const char *term, unsigned edits)
{
    struct pattern pattern;

    cr_assert(pattern_fuzzy(&pattern, slice_str(text), edits));
    return walk(&pattern, term);
}

Test(pattern, a_star_is_any_characters_and_a_question_mark_one)
{
    cr_expect(wild("gov*", "gov") && wild("gov*", "government") && !wild("gov*", "go"));
    cr_expect(wild("*ment", "ment") && wild("*ment", "government") && !wild("*ment", "mental"));
    cr_expect(wild("w?man", "woman") && wild("w?man", "wxman") && !wild("w?man", "wman"));
    cr_expect(wild("a*b*c", "axxbxxc") && wild("a*b*c", "abc") && !wild("a*b*c", "acb"));
    cr_expect(wild("**", "") && wild("*", "x") && !wild("?", "") && wild("?*", "xy"));
    cr_expect(wild("", "") && !wild("", "x"));
}

Test(pattern, edits_are_counted)
{
    cr_expect_eq(fuzzy("flood", "flood", 2), 0);
    cr_expect_eq(fuzzy("flood", "flod", 2), 1);
    cr_expect_eq(fuzzy("flood", "flooed", 2), 1);
    cr_expect_eq(fuzzy("flood", "fload", 2), 1);
    cr_expect_eq(fuzzy("flood", "folod", 2), 1, "neighbours swapped");
    cr_expect_eq(fuzzy("flood", "folod", 1), 1);
    cr_expect_eq(fuzzy("flood", "fold", 2), 2);
    cr_expect_eq(fuzzy("flood", "fold", 1), -1);
    cr_expect_eq(fuzzy("flood", "gold", 2), -1);
    cr_expect_eq(fuzzy("ab", "", 2), 2);
    cr_expect_eq(fuzzy("", "ab", 2), 2);
}

Test(pattern, characters_are_not_bytes)
{
    struct pattern pattern;
    struct pattern_state state, next;

    cr_assert(pattern_wildcard(&pattern, slice_str("\xc3\xa4?\xe7\x8c\xab")));
    pattern_start(&pattern, &state);
    pattern_step(&pattern, &state, 0xe4, &next);
    pattern_step(&pattern, &next, 0x1f600, &state);
    cr_expect_eq(pattern_matches(&pattern, &state), -1);
    pattern_step(&pattern, &state, 0x732b, &next);
    state = next;
    cr_expect_eq(pattern_matches(&pattern, &state), 0);
    cr_expect(!pattern_wildcard(&pattern, slice_str("\xff")));
}

Test(pattern, too_long_a_pattern_is_refused)
{
    char text[PATTERN_MAX + 2];
    struct pattern pattern;

    memset(text, 'x', sizeof text);
    cr_expect(pattern_wildcard(&pattern, slice_of(text, PATTERN_MAX)));
    cr_expect(pattern_fuzzy(&pattern, slice_of(text, PATTERN_MAX), 2));
    cr_expect_eq(fuzzy("x", "x", 9), 0);
    cr_expect(!pattern_wildcard(&pattern, slice_of(text, PATTERN_MAX + 1)));
}

/* ---- any pattern and any term over few letters ---- */

static bool wild_naively(const char *text, const char *term)
{
    if (*text == '*')
        return wild_naively(text + 1, term) || (*term && wild_naively(text, term + 1));
    if (!*text)
        return !*term;
    return *term && (*text == '?' || *text == *term) && wild_naively(text + 1, term + 1);
}

/* Optimal string alignment, by the table. */
static int distance(const char *a, const char *b)
{
    int table[16][16], n = (int)strlen(a), m = (int)strlen(b);

    for (int i = 0; i <= n; i++)
        for (int j = 0; j <= m; j++) {
            int least = i + j;

            if (i > 0 && table[i - 1][j] + 1 < least)
                least = table[i - 1][j] + 1;
            if (j > 0 && table[i][j - 1] + 1 < least)
                least = table[i][j - 1] + 1;
            if (i > 0 && j > 0 && table[i - 1][j - 1] + (a[i - 1] != b[j - 1]) < least)
                least = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                table[i - 2][j - 2] + 1 < least)
                least = table[i - 2][j - 2] + 1;
            table[i][j] = least;
        }
    return table[n][m];
}

static void draw(unsigned *seed, const char *letters, char *out)
{
    size_t size = (size_t)rand_r(seed) % 9, count = strlen(letters);

    for (size_t i = 0; i < size; i++)
        out[i] = letters[(size_t)rand_r(seed) % count];
    out[size] = '\0';
}

Test(pattern, any_pattern_matches_what_trying_everything_matches)
{
    unsigned seed = (unsigned)time(NULL), first = seed;
    char text[16], term[16];

    for (int i = 0; i < 200000; i++) {
        draw(&seed, "ab*?", text);
        draw(&seed, "abc", term);
        cr_assert_eq(wild(text, term), wild_naively(text, term), "seed %u: %s %s", first, text,
                     term);
    }
}

Test(pattern, any_word_is_as_far_as_the_table_says)
{
    unsigned seed = (unsigned)time(NULL), first = seed;
    char text[16], term[16];

    for (int i = 0; i < 200000; i++) {
        unsigned edits = (unsigned)i % 3;
        int wanted;

        draw(&seed, "abc", text);
        draw(&seed, "abc", term);
        wanted = distance(text, term);
        if (wanted > (int)edits)
            wanted = -1;
        cr_assert_eq(fuzzy(text, term, edits), wanted, "seed %u: %s %s within %u", first, text,
                     term, edits);
    }
}
