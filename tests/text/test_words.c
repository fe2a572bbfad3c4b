#include <criterion/criterion.h>
#include <stdio.h>

#include "text/fold.h"
#include "text/words.h"

#include "tests/text/naive_words.h"
#include "tests/text/random.h"

/* All words of a text, which is copied to its exact size so that a sanitizer sees any byte read
 * past it. Returns how many; the caller frees *out. */
static size_t all_words(const void *text, size_t size, bool general_only, struct word **out,
                        uint64_t *invalid_bytes)
{
    struct words words;
    size_t count = 0, got;
    uint8_t *copy = malloc(size ? size : 1);

    memcpy(copy, text, size);
    *out = malloc((size + 2 * WORDS_BATCH) * sizeof **out);
    words_start(&words, slice_of(copy, size));
    words.general_only = general_only;
    while ((got = words_next(&words, *out + count, WORDS_BATCH)) > 0)
        count += got;
    *invalid_bytes = words.invalid_bytes;
    free(copy);
    return count;
}

/* The words of a text joined by |. */
static const char *cut(const char *text, size_t size)
{
    static char joined[4096];
    uint64_t invalid_bytes;
    struct word *words;
    size_t count = all_words(text, size, false, &words, &invalid_bytes), at = 0;

    joined[0] = '\0';
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(joined + at, sizeof joined - at, "%s%.*s", i ? "|" : "",
                               (int)words[i].size, text + words[i].offset);
    free(words);
    return joined;
}
#define CUT(text) cut(text, sizeof(text) - 1)

#define EXPECT_CUT(text, expected)                                                                 \
    cr_expect_str_eq(CUT(text), expected, "%s gave %s, not %s", text, CUT(text), expected)

static void print_text(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fprintf(stderr, "\\x%02x", text[i]);
    fputc('\n', stderr);
}

static bool same_words(const struct word *a, size_t a_count, const struct word *b, size_t b_count)
{
    if (a_count != b_count)
        return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i].offset != b[i].offset || a[i].size != b[i].size || a[i].kind != b[i].kind)
            return false;
    return true;
}

static void print_words(const char *who, const struct word *words, size_t count)
{
    fprintf(stderr, "%s:", who);
    for (size_t i = 0; i < count; i++)
        fprintf(stderr, " %zu+%u/%d", words[i].offset, words[i].size, words[i].kind);
    fputc('\n', stderr);
}

/* Words on both ways beside the oracle's; false if they differ. */
static bool agrees_with_naive(const uint8_t *text, size_t size, bool print)
{
    struct word *fast, *general, *naive = malloc((size + 1) * sizeof *naive);
    uint64_t invalid[3];
    size_t fast_count = all_words(text, size, false, &fast, &invalid[0]);
    size_t general_count = all_words(text, size, true, &general, &invalid[1]);
    size_t naive_count = naive_words(text, size, naive, &invalid[2]);
    bool same = same_words(fast, fast_count, naive, naive_count) &&
                same_words(general, general_count, naive, naive_count) &&
                invalid[0] == invalid[2] && invalid[1] == invalid[2];

    if (print) {
        print_text(text, size);
        print_words("fast", fast, fast_count);
        print_words("general", general, general_count);
        print_words("naive", naive, naive_count);
    }
    free(fast);
    free(general);
    free(naive);
    return same;
}

/* Drops whatever can be dropped from a text that disagrees, and prints what is left. */
static void print_smallest(uint8_t *text, size_t size)
{
    uint8_t without[1024];

    for (size_t piece = size; piece > 0; piece /= 2) {
        for (size_t at = 0; at + piece <= size;) {
            memcpy(without, text, at);
            memcpy(without + at, text + at + piece, size - at - piece);
            if (agrees_with_naive(without, size - piece, false)) {
                at++;
                continue;
            }
            size -= piece;
            memcpy(text, without, size);
        }
    }
    agrees_with_naive(text, size, true);
}

static void compare_random_texts(const char *cpu, int rounds)
{
    uint64_t seed = random_seed();
    uint8_t text[700];

    setenv("LEDE_CPU", cpu, 1);
    for (int i = 0; i < rounds; i++) {
        struct random r = {seed + (uint64_t)i};
        size_t size = random_below(&r, random_below(&r, 4) ? 60 : sizeof text);

        random_text(&r, text, size);
        if (agrees_with_naive(text, size, false))
            continue;
        print_smallest(text, size);
        cr_assert_fail("LEDE_CPU=%s LEDE_SEED=%llu", cpu, (unsigned long long)(seed + (uint64_t)i));
    }
}

Test(words, agree_with_libunistring_and_the_tailoring_portably)
{
    compare_random_texts("portable", 60000);
}

Test(words, agree_with_libunistring_and_the_tailoring_with_sse4)
{
    compare_random_texts("sse4", 15000);
}

Test(words, agree_with_libunistring_and_the_tailoring_with_avx2)
{
    compare_random_texts("avx2", 15000);
}

Test(words, agree_with_libunistring_and_the_tailoring_with_avx512)
{
    compare_random_texts("avx512", 15000);
}

Test(words, are_segments_of_uax_29)
{
    EXPECT_CUT("The quick (\"brown\") fox can't jump 32.3 feet, right?",
               "The|quick|brown|fox|can't|jump|32.3|feet|right");
    EXPECT_CUT("foo_bar x86 3D 5,000 1;2", "foo_bar|x86|3D|5,000|1;2");
    EXPECT_CUT("don\xe2\x80\x99t na\xc3\xafve", "don\xe2\x80\x99t|na\xc3\xafve");
    EXPECT_CUT("-- ... __ \xe2\x80\x94", "");
    EXPECT_CUT("", "");
}

Test(words, are_cut_at_dots_and_colons_unless_between_single_letters)
{
    EXPECT_CUT("U.S. and U.S.A.", "U.S|and|U.S.A");
    EXPECT_CUT("navy.mil node.js end.Next", "navy|mil|node|js|end|Next");
    EXPECT_CUT("e.g. i.e: a:b a:bc ab:c", "e.g|i.e|a:b|a|bc|ab|c");
    EXPECT_CUT("U.S.Army a.b.cd", "U.S|Army|a.b|cd");
    EXPECT_CUT("3.14 10:30 v2.0 x.2", "3.14|10|30|v2.0|x|2");
    EXPECT_CUT("a.b's d'a.b 1a.b", "a|b's|d'a|b|1a|b");
    EXPECT_CUT("\xd0\xa1.\xd0\xa8.\xd0\x90. \xd0\xbd\xd0\xb0.\xd1\x80\xd1\x83",
               "\xd0\xa1.\xd0\xa8.\xd0\x90|\xd0\xbd\xd0\xb0|\xd1\x80\xd1\x83");
    EXPECT_CUT("a\xef\xbc\x8e"
               "b ab\xef\xbc\x9a"
               "b",
               "a\xef\xbc\x8e"
               "b|ab|b");
}

Test(words, keep_the_signs_of_one_letter_names)
{
    EXPECT_CUT("c++ C# f#, g++.", "c++|C#|f#|g++");
    EXPECT_CUT("C++11 c+++ c##1 a#b ab++ 1++ #c", "C|11|c|c|1|a|b|ab|1|c");
    EXPECT_CUT("objective-c++", "objective|c++");
    EXPECT_CUT("c++\xe8\xaf\xad", "c++|\xe8\xaf\xad");
    EXPECT_CUT("c+", "c");
    EXPECT_CUT("c#", "c#");
}

Test(words, come_in_pairs_where_nobody_writes_spaces)
{
    EXPECT_CUT("\xe4\xb8\xad\xe6\x96\x87\xe5\xad\x97",
               "\xe4\xb8\xad\xe6\x96\x87|\xe6\x96\x87\xe5\xad\x97|\xe5\xad\x97");
    EXPECT_CUT("\xe3\x82\xab\xe3\x83\xbc\xe3\x81\xae",
               "\xe3\x82\xab\xe3\x83\xbc|\xe3\x83\xbc\xe3\x81\xae|\xe3\x81\xae");
    EXPECT_CUT("a\xe4\xb8\xad"
               "b",
               "a|\xe4\xb8\xad|b");
    /* A vowel above and the vowel AM belong to their consonants. */
    EXPECT_CUT("\xe0\xb8\x81\xe0\xb8\xb4\xe0\xb8\x99\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3",
               "\xe0\xb8\x81\xe0\xb8\xb4\xe0\xb8\x99|"
               "\xe0\xb8\x99\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3|"
               "\xe0\xb8\x99\xe0\xb9\x89\xe0\xb8\xb3");
    EXPECT_CUT("\xe4\xb8\xad\xe0\xb8\x81", "\xe4\xb8\xad|\xe0\xb8\x81");
}

Test(words, can_be_emoji_and_flags)
{
    EXPECT_CUT("hi \xf0\x9f\x98\x80!", "hi|\xf0\x9f\x98\x80");
    EXPECT_CUT("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa"
               "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7",
               "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb|\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa|"
               "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7");
    EXPECT_CUT("\xc2\xa9 2024 Foo\xe2\x84\xa2", "2024|Foo");
}

Test(words, are_separated_by_nul_and_by_bytes_that_are_no_utf8)
{
    uint64_t invalid_bytes;
    struct word *words;

    EXPECT_CUT("a\0b", "a|b");
    EXPECT_CUT("ab\xff"
               "cd",
               "ab|cd");
    EXPECT_CUT("caf\xe9 au lait", "caf|au|lait");
    all_words("a\xe2\x82"
              "b\xff\xed\xa0\x80",
              8, false, &words, &invalid_bytes);
    free(words);
    cr_expect_eq(invalid_bytes, 6);
}

Test(words, are_told_as_folded_only_if_folding_leaves_them_alone)
{
    struct random r = {random_seed()};
    uint64_t seed = r.state, invalid_bytes;
    uint8_t text[300];

    for (int i = 0; i < 20000; i++) {
        size_t size = random_below(&r, sizeof text), count;
        struct word *words;

        random_text(&r, text, size);
        count = all_words(text, size, false, &words, &invalid_bytes);
        for (size_t w = 0; w < count; w++) {
            struct slice word = slice_of(text + words[w].offset, words[w].size);
            struct folded folded;

            if (words[w].folded && fold_case(word, false, &folded) == FOLD_OK)
                cr_assert(slice_equal(word, slice_of(folded.bytes, folded.size)), "LEDE_SEED=%llu",
                          (unsigned long long)seed);
        }
        free(words);
    }
}

Test(words, of_a_real_page_agree_with_libunistring_and_the_tailoring)
{
    const char *folder = getenv("LEDE_DATA");
    static uint8_t text[1 << 20];
    char path[4096];
    size_t size;
    FILE *file;

    if (!folder)
        cr_skip_test("LEDE_DATA is not set");
    snprintf(path, sizeof path, "%s/pages/chained-news-page.txt", folder);
    file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    size = fread(text, 1, sizeof text, file);
    fclose(file);
    cr_assert_gt(size, 1000);
    cr_expect(agrees_with_naive(text, size, false));
}

/* ---- the Unicode Character Database's cases ---- */

/* Reads a line such as "\xc3\xb7 0061 \xc3\x97 0062 \xc3\xb7" into UTF-8 and break flags. False if
 * it holds none. */
static bool read_break_case(const char *line, uint8_t *text, size_t *size, char *breaks)
{
    bool any = false;

    *size = 0;
    memset(breaks, 0, 256);
    while (*line && *line != '#' && *line != '\n') {
        if (strncmp(line, "\xc3\xb7", 2) == 0 || strncmp(line, "\xc3\x97", 2) == 0) {
            breaks[*size] = (uint8_t)line[1] == 0xb7;
            line += 2;
        } else if (*line == ' ' || *line == '\t') {
            line++;
        } else {
            char *end;

            *size += utf8_encode(text + *size, (uint32_t)strtoul(line, &end, 16));
            any = end != line;
            line = end;
        }
    }
    return any;
}

/* Whether the tailoring has a say in a case, which has tests of its own then. */
static bool is_tailored(const uint8_t *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        uint32_t c;

        at += utf8_decode(text + at, text + size, &c);
        if (c == ' ' || property_of(c)->flags & (PROPERTY_DOT | PROPERTY_RUN))
            return true;
    }
    return false;
}

/* Whether the words of a case are its segments that hold a letter, a number or an emoji. */
static bool matches_case(const uint8_t *text, size_t size, const char *breaks)
{
    uint64_t invalid_bytes;
    struct word *words;
    size_t count = all_words(text, size, false, &words, &invalid_bytes), word = 0, stop;
    bool fine = true;

    for (size_t at = 0; at < size; at = stop) {
        bool wordlike = false;

        for (stop = at; stop == at || !breaks[stop];) {
            uint32_t c;

            stop += utf8_decode(text + stop, text + size, &c);
            wordlike |= (property_of(c)->flags & PROPERTY_WORDLIKE) != 0;
        }
        if (!wordlike)
            continue;
        fine &= word < count && words[word].offset == at && words[word].size == stop - at;
        word++;
    }
    free(words);
    return fine && word == count;
}

Test(words, pass_the_cases_of_the_unicode_character_database)
{
    FILE *file = fopen("/usr/share/unicode/auxiliary/WordBreakTest.txt", "r");
    char line[1024], breaks[256];
    uint8_t text[256];
    size_t size, checked = 0, tailored = 0;

    if (!file)
        cr_skip_test("no WordBreakTest.txt: install unicode-data");
    while (fgets(line, sizeof line, file)) {
        if (!read_break_case(line, text, &size, breaks))
            continue;
        if (is_tailored(text, size)) {
            tailored++;
            cr_expect(agrees_with_naive(text, size, false), "%s", line);
            continue;
        }
        checked++;
        cr_expect(matches_case(text, size, breaks), "%s", line);
    }
    fclose(file);
    cr_expect_gt(checked, 1000, "%zu checked, %zu tailored", checked, tailored);
}

/* ---- size ---- */

Test(words, take_linear_time_whatever_the_text)
{
    static const char *const PATTERNS[] = {"\xe4\xb8\xad",
                                           "a",
                                           "a.",
                                           "\xcc\x81",
                                           "a.\xcc\x81",
                                           "\xe2\x80\x8d",
                                           "\xe0\xb8\x81\xe0\xb8\xb4",
                                           "_",
                                           "a'",
                                           "\xd7\x90\"",
                                           "\xf0\x9f\x87\xa9",
                                           "\xff",
                                           "1,",
                                           "c++"};
    enum { SIZE = 4 << 20 };
    uint8_t *text = malloc(SIZE);
    struct word words[WORDS_BATCH];

    for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++) {
        size_t size = strlen(PATTERNS[i]), last = 0, got;
        struct words scanner;

        for (size_t at = 0; at < SIZE; at++)
            text[at] = (uint8_t)PATTERNS[i][at % size];
        words_start(&scanner, slice_of(text, SIZE));
        while ((got = words_next(&scanner, words, WORDS_BATCH)) > 0) {
            cr_assert_geq(words[0].offset, last);
            last = words[got - 1].offset + 1;
        }
        cr_expect_eq(scanner.at, scanner.end);
    }
    free(text);
}
