/* What users find: in corpus/, whose articles and expectations were written together, and in real
 * data, found through $LEDE_DATA. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/command_runner.h"

TestSuite(corpus, .init = runner_init, .fini = runner_done, .timeout = 120);

/* ---- corpus/ ---- */

struct expectation {
    char *query, *flags, *ids;
};

static bool has_flag(const struct expectation *expected, const char *flag)
{
    size_t size = strlen(flag);
    const char *at = expected->flags;

    while ((at = strstr(at, flag)) != NULL) {
        if ((at == expected->flags || at[-1] == ',') && (at[size] == ',' || at[size] == '\0'))
            return true;
        at += size;
    }
    return false;
}

/* Cuts a line at its two tabs. False: a comment, or nothing. */
static bool read_expectation(char *line, struct expectation *expected)
{
    if (*line == '#' || *line == '\0')
        return false;
    expected->query = strsep(&line, "\t");
    expected->flags = line ? strsep(&line, "\t") : NULL;
    expected->ids = line;
    cr_assert(expected->ids && !strchr(expected->ids, '\t'), "%s: not three fields",
              expected->query);
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_words(char *line)
{
    char *words[128], *rest = strdup(line), *copy = rest, *word;
    size_t count = 0, size = 0;

    while ((word = strsep(&rest, " ")) != NULL)
        words[count++] = word;
    qsort(words, count, sizeof words[0], compare_texts);
    for (size_t i = 0; i < count; i++)
        size += (size_t)sprintf(line + size, "%s%s", i ? " " : "", words[i]);
    free(copy);
}

/* The ids that a query gives, with spaces between, best first. */
static char *found_ids(const char *index, const struct expectation *expected)
{
    struct run run = has_flag(expected, "any")
                         ? SEARCH("-d", index, "-n", "100", "-l", "--any", "--", expected->query)
                         : SEARCH("-d", index, "-n", "100", "-l", "--", expected->query);

    cr_expect_eq(run.code, run.out_size > 0 ? 0 : 1, "%s: exit code %d\n%s", expected->query,
                 run.code, run.err);
    for (char *at = run.out; *at; at++)
        if (*at == '\n')
            *at = at[1] ? ' ' : '\0';
    free(run.err);
    return run.out;
}

static void check_expectation(const char *index, const struct expectation *expected)
{
    char *found = found_ids(index, expected);
    size_t size = strlen(expected->ids);

    if (has_flag(expected, "set")) {
        sort_words(found);
        sort_words(expected->ids);
    }
    if (has_flag(expected, "first") && strlen(found) > size && found[size] == ' ')
        found[size] = '\0';
    cr_expect_str_eq(found, expected->ids, "%s [%s]\nexpected %s\nfound    %s", expected->query,
                     expected->flags, expected->ids, found);
    free(found);
}

Test(corpus, every_query_finds_what_the_corpus_was_written_for)
{
    const char *index = runner_corpus();
    char *text = runner_read("tests/corpus_expectations.tsv", NULL), *rest = text, *line;
    size_t count = 0;

    while ((line = strsep(&rest, "\n")) != NULL) {
        struct expectation expected;

        if (!read_expectation(line, &expected))
            continue;
        check_expectation(index, &expected);
        count++;
    }
    cr_expect_gt(count, 50);
    free(text);
}

Test(corpus, an_index_made_in_parts_answers_as_one_made_at_once)
{
    const char *index = runner_corpus(), *parts = runner_path("parts.lede");
    static const char *const queries[] = {"water", "title:ferry", "\"grain corridor\"",
                                          "water -storm", "the"};

    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "--base", "corpus", "-d", parts, "--commit-every",
                            "20", "corpus/articles"));
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "--base", "corpus", "-d", parts, "corpus/wire.jsonl"));
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct run one = SEARCH("-d", index, "-n", "100", "--any", "--format", "json", queries[i]);
        struct run other =
            SEARCH("-d", parts, "-n", "100", "--any", "--format", "json", queries[i]);

        cr_expect_eq(one.code, 0, "%s", queries[i]);
        cr_expect_str_eq(one.out, other.out, "%s", queries[i]);
        run_done(&one);
        run_done(&other);
    }
}

/* ---- real data ---- */

/* $LEDE_DATA/name; NULL, and the test is skipped, without LEDE_DATA. With LEDE_DATA_REQUIRED it
 * must be there. */
static const char *data_path(const char *name)
{
    const char *data = getenv("LEDE_DATA"), *required = getenv("LEDE_DATA_REQUIRED");
    static char path[4096];
    struct stat status;

    if (!data || !*data) {
        cr_assert(!required || !*required, "LEDE_DATA_REQUIRED is set, but not LEDE_DATA");
        cr_skip_test("LEDE_DATA is not set");
        return NULL;
    }
    (void)snprintf(path, sizeof path, "%s/%s", data, name);
    if (stat(path, &status) != 0) {
        cr_assert(!required || !*required, "%s is missing", path);
        cr_skip_test("%s is missing", path);
        return NULL;
    }
    return path;
}

static unsigned long count_of(const char *index, const char *query)
{
    struct run run = SEARCH("-d", index, "-c", "--", query);
    unsigned long count = strtoul(run.out, NULL, 10);

    cr_expect_eq(run.code, count > 0 ? 0 : 1, "%s: exit code %d\n%s", query, run.code, run.err);
    run_done(&run);
    return count;
}

Test(corpus, a_scraped_page_is_found_by_its_words)
{
    const char *index = runner_path("page.lede"), *page = data_path("pages/chained-news-page.txt");
    struct run run;
    char *text, *word;
    size_t count = 0, step = runner_sanitized() ? 10 : 1;

    if (!page)
        return;
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index, page));
    text = runner_read(page, NULL);
    for (word = strtok(text, " \t\r\n"); word; word = strtok(NULL, " \t\r\n"))
        if (strlen(word) > 5 && strspn(word, "abcdefghijklmnopqrstuvwxyz") == strlen(word) &&
            count++ % step == 0)
            cr_expect_geq(count_of(index, word), 1, "%s", word);
    free(text);
    cr_expect_gt(count, 100);
    run = SEARCH("-d", index, "-l", "the");
    cr_expect(run.out[0] == '/' && strstr(run.out, "/pages/chained-news-page.txt#1\n"), "%s",
              run.out);
    run_done(&run);
}

/* ---- words as they stand, counted without an index ---- */

static bool is_letter(char c)
{
    return (c & 0x80) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Lines with the word; `inside`: also inside another one, in scripts that do not divide words. */
static unsigned long lines_with(const char *text, const char *word, bool inside)
{
    unsigned long count = 0;
    size_t size = strlen(word);

    for (const char *line = text, *end; *line; line = end + 1) {
        const char *at = line;

        end = strchr(line, '\n');
        cr_assert_not_null(end);
        while ((at = memmem(at, (size_t)(end - at), word, size)) != NULL) {
            if (inside || (!is_letter(at[-1]) && !is_letter(at[size]))) {
                count++;
                break;
            }
            at += size;
        }
    }
    return count;
}

/* The first lines of a collection, decompressed into a file. */
static char *unpack(const char *path, unsigned lines, const char *to)
{
    char command[8192];

    (void)snprintf(command, sizeof command, "gzip -dc '%s' | head -n %u >'%s'", path, lines, to);
    cr_assert_eq(system(command), 0, "%s", command); /* NOLINT(cert-env33-c) */
    return runner_read(to, NULL);
}

struct language_case {
    const char *language;
    bool inside;
    struct {
        const char *stands, *asked; /* the word in the text, and how one may ask for it */
    } words[3];
};

static void check_language(const struct language_case *one, const char *path, unsigned lines)
{
    const char *index = runner_path(one->language), *file = runner_path("articles.jsonl");
    char *text = unpack(path, lines, file);

    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-l", one->language, "-d", index, file));
    for (size_t i = 0; i < 3; i++) {
        const char *stands = one->words[i].stands, *asked = one->words[i].asked;
        unsigned long least = lines_with(text, stands, one->inside);

        cr_expect_gt(least, 0, "%s: %s", one->language, stands);
        cr_expect(count_of(index, stands) >= least, "%s: %s, %lu articles", one->language, stands,
                  least);
        cr_expect(count_of(index, asked) >= least, "%s: %s, %lu articles with %s", one->language,
                  asked, least, stands);
    }
    free(text);
}

Test(corpus, help_pages_in_six_languages_are_found_with_and_without_accents)
{
    static const struct language_case cases[] = {
        {"de", false, {{"Schaltfläche", "schaltflache"}, {"Größe", "grosse"}, {"über", "uber"}}},
        {"fr", false, {{"données", "donnees"}, {"élément", "ELEMENT"}, {"cellules", "cellule"}}},
        {"ru", false, {{"файл", "ФАЙЛЫ"}, {"ячейки", "ячейка"}, {"её", "ее"}}},
        {"zh-cn", true, {{"单元格", "单元格"}, {"文档", "文档"}, {"公式", "公式"}}},
        {"ja", true, {{"セル", "セル"}, {"関数", "関数"}, {"範囲", "範囲"}}},
        {"hi", false, {{"दस्तावेज़", "दस्तावेज़ों"}, {"तालिका", "तालिकाओं"}, {"रंग", "रंगों"}}},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[64];
        const char *path;

        (void)snprintf(name, sizeof name, "text/lohelp_%s.jsonl.gz", cases[i].language);
        path = data_path(name);
        if (!path)
            return;
        check_language(&cases[i], path, runner_sanitized() ? 40 : 1000);
    }
}

/* bench/collections.sh fails where nDCG@10 falls short of what BM25 gives elsewhere. */
Test(corpus, test_collections_are_ranked_as_well_as_bm25_ranks_them)
{
    const char *build = getenv("LEDE_BUILD"), *table = runner_path("table");
    const char *names = runner_sanitized() ? "adi" : "adi cisi cranfield med npl scifact";
    char command[8192], *text;

    if (!data_path("ir/scifact/qrels.txt"))
        return;
    (void)snprintf(command, sizeof command, "bench/collections.sh '%s' %s >'%s' 2>&1",
                   build && *build ? build : "build", names, table);
    cr_expect_eq(system(command), 0); /* NOLINT(cert-env33-c) */
    text = runner_read(table, NULL);
    cr_expect_not_null(strstr(text, "published"), "%s", text);
    cr_expect_null(strstr(text, "Below"), "%s", text);
    free(text);
}
