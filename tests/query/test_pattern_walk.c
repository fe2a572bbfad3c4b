/* What a walk of the dictionary finds, against trying every term. */
#include <criterion/criterion.h>

#include <time.h>

#include "query/opened.h"
#include "query/pattern_walk.h"
#include "tests/query/small_index.h"

enum { WORDS = 3000, FOUND_MAX = WORDS };

static char words[WORDS][16];
static size_t word_count;

static int compare_words(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Words of few letters, one of them of two bytes, sorted, without doubles. */
static void draw_words(unsigned *seed)
{
    static const char *const letters[] = {"a", "b", "c", "d", "\xd0\xb1"};
    size_t kept = 0;

    for (size_t i = 0; i < WORDS; i++) {
        size_t size = 1 + (size_t)rand_r(seed) % 7;

        words[i][0] = '\0';
        for (size_t j = 0; j < size; j++)
            strcat(words[i], letters[rand_r(seed) % 5]);
    }
    qsort(words, WORDS, sizeof words[0], compare_words);
    for (size_t i = 0; i < WORDS; i++)
        if (kept == 0 || strcmp(words[kept - 1], words[i]) != 0)
            memmove(words[kept++], words[i], sizeof words[i]);
    word_count = kept;
}

static struct lede_index *index_words(const char *path)
{
    static char text[WORDS * 16];
    struct small_article article = {"a", "en", "", text};
    struct lede_writer_options options = {.no_stem = true};

    text[0] = '\0';
    for (size_t i = 0; i < word_count; i++)
        strcat(strcat(text, words[i]), " ");
    small_add(path, &options, &article, 1);
    return small_open(path);
}

struct finding {
    char terms[FOUND_MAX][16];
    unsigned edits[FOUND_MAX];
    size_t count, most;
};

static bool note(void *context, struct slice term, uint32_t df, unsigned edits)
{
    struct finding *finding = context;

    cr_assert(term.data[0] == FIELD_TEXT && term.size <= 15 && df == 1);
    memcpy(finding->terms[finding->count], term.data + 1, term.size - 1);
    finding->terms[finding->count][term.size - 1] = '\0';
    finding->edits[finding->count++] = edits;
    return finding->count < finding->most;
}

static int try_term(const struct pattern *pattern, const char *term)
{
    struct pattern_state states[2];
    unsigned at = 0;

    pattern_start(pattern, &states[0]);
    for (; *term; term++, at++) {
        uint32_t character = (unsigned char)*term;

        if (character == 0xd0) {
            term++;
            character = 0x431;
        }
        pattern_step(pattern, &states[at % 2], character, &states[1 - at % 2]);
    }
    return pattern_matches(pattern, &states[at % 2]);
}

static void expect_as_tried(struct lede_index *index, const struct pattern *pattern,
                            struct slice beginning, const char *text, unsigned seed)
{
    static struct finding finding;
    size_t at = 0;

    finding.count = 0;
    finding.most = FOUND_MAX;
    cr_assert_eq(pattern_walk(pattern, index->segments[0].segment, FIELD_TEXT, beginning, note,
                              &finding, NULL),
                 LEDE_OK);
    for (size_t i = 0; i < word_count; i++) {
        int edits = try_term(pattern, words[i]);

        if (edits < 0)
            continue;
        cr_assert(at < finding.count && strcmp(finding.terms[at], words[i]) == 0 &&
                      finding.edits[at] == (unsigned)edits,
                  "seed %u: <%s> lost %s", seed, text, words[i]);
        at++;
    }
    cr_assert_eq(at, finding.count, "seed %u: <%s> found too many", seed, text);
}

static void draw_pattern(unsigned *seed, const char *letters, char *out)
{
    size_t size = (size_t)rand_r(seed) % 7, count = strlen(letters);

    for (size_t i = 0; i < size; i++)
        out[i] = letters[(size_t)rand_r(seed) % count];
    out[size] = '\0';
}

Test(pattern_walk, finds_what_trying_every_term_finds, .init = scratch_make, .fini = scratch_remove)
{
    unsigned seed = (unsigned)time(NULL), first = seed;
    struct lede_index *index;
    struct pattern pattern;
    char text[16];

    draw_words(&seed);
    index = index_words("words");
    for (int i = 0; i < 2000; i++) {
        draw_pattern(&seed, "abcd**?", text);
        cr_assert(pattern_wildcard(&pattern, slice_str(text)));
        expect_as_tried(index, &pattern, pattern_beginning(slice_str(text)), text, first);
        draw_pattern(&seed, "abcd", text);
        cr_assert(pattern_fuzzy(&pattern, slice_str(text), (unsigned)i % 3));
        expect_as_tried(index, &pattern, slice_of(NULL, 0), text, first);
    }
    lede_index_close(index);
}

Test(pattern_walk, ends_when_it_is_told_to, .init = scratch_make, .fini = scratch_remove)
{
    unsigned seed = 1;
    struct lede_index *index;
    struct pattern pattern;
    static struct finding finding = {.most = 3};

    draw_words(&seed);
    index = index_words("words");
    cr_assert(pattern_wildcard(&pattern, slice_str("*")));
    cr_assert_eq(pattern_walk(&pattern, index->segments[0].segment, FIELD_TEXT, slice_of(NULL, 0),
                              note, &finding, NULL),
                 LEDE_OK);
    cr_expect_eq(finding.count, 3);
    lede_index_close(index);
}
