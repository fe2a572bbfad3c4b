/* Pages that chain articles, from the shell: what split lists, what add and sync make of them. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/command_runner.h"

static const char *index_path, *tree;

static void begin(void)
{
    runner_init();
    index_path = runner_path("pages.lede");
    tree = runner_path("tree");
    cr_assert_eq(mkdir(tree, 0777), 0);
}

TestSuite(pages, .init = begin, .fini = runner_done, .timeout = 240);

#define COURIER "corpus/pages/coastal-courier.txt"

/* The lines without their dates, which are the fourth of five columns. */
static void drop_dates(char *lines)
{
    char *to = lines;
    unsigned tabs = 0;

    for (const char *at = lines; *at; at++) {
        if (tabs != 3 || *at == '\t')
            *to++ = *at;
        tabs = *at == '\n' ? 0 : tabs + (*at == '\t');
    }
    *to = '\0';
}

static void expect_none(struct run run)
{
    cr_expect_eq(run.code, 1, "%s", run.err);
    cr_expect_str_eq(run.out, "0\n", "%s", run.out);
    run_done(&run);
}

static void expect_out(struct run run, const char *expected)
{
    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_str_eq(run.out, expected, "%s", run.out);
    run_done(&run);
}

Test(pages, split_lists_the_articles_of_a_page)
{
    struct run run = INDEX("split", COURIER);

    drop_dates(run.out);
    expect_out(run, "1\t73\t771\t\tWalrus on the slipway keeps lifeboat ashore\n"
                    "2\t864\t604\t\tMinisters publish the timetable of the timetable review\n"
                    "3\t1488\t618\t\tTwo charged over £7.5M scheme to sell the same lighthouse "
                    "twice\n"
                    "4\t2137\t459\t\tKettlehaven Town sign their own mascot\n"
                    "rest\t0\t2811\t\tThe Coastal Courier\n");
    expect_out(INDEX("split", "--split", "none", "corpus/articles/weather/first-snow.txt"),
               "-\t0\t489\t\tFirst snow, three weeks late\n");
}

Test(pages, split_as_json_has_what_is_known_of_each)
{
    struct run run = INDEX("split", "--json", "--base", "corpus", COURIER);
    json_t *second = json_loads(strchr(run.out, '\n') + 1, JSON_DISABLE_EOF_CHECK, NULL);

    cr_assert(second, "%s", run.out);
    cr_expect_str_eq(json_string_value(json_object_get(second, "id")),
                     "pages/coastal-courier.txt#2");
    cr_expect_eq(json_integer_value(json_object_get(second, "article")), 2);
    cr_expect_eq(json_integer_value(json_object_get(second, "offset")), 864);
    cr_expect_eq(json_integer_value(json_object_get(second, "length")), 604);
    cr_expect_str_eq(json_string_value(json_object_get(second, "author")), "Ansgar Lie");
    cr_expect_str_eq(json_string_value(json_object_get(second, "section")), "Politics");
    json_decref(second);
    run_done(&run);
}

Test(pages, each_article_is_found_and_shown_by_itself_and_the_rest_by_the_page)
{
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "--base", "corpus", "-d", index_path, COURIER));
    expect_out(SEARCH("-l", "-d", index_path, "coxswain"), "pages/coastal-courier.txt#1\n");
    expect_out(SEARCH("-l", "-d", index_path, "napkins"), "pages/coastal-courier.txt#3\n");
    expect_out(SEARCH("-l", "-d", index_path, "\"continue reading\""),
               "pages/coastal-courier.txt\n");
    expect_out(SEARCH("-l", "-d", index_path, "\"rovers name squad\""),
               "pages/coastal-courier.txt\n");
    expect_none(SEARCH("-c", "-d", index_path, "walrus", "mascot"));
}

Test(pages, raw_is_the_articles_bytes_in_its_page)
{
    struct run run;
    size_t size;
    char *page = runner_read(COURIER, &size);

    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "--base", "corpus", "-d", index_path, COURIER));
    run = INDEX("show", "--raw", "-d", index_path, "pages/coastal-courier.txt#4");
    cr_assert_eq(run.out_size, 459);
    cr_expect_eq(memcmp(run.out, page + 2137, 459), 0);
    run_done(&run);
    free(page);
}

Test(pages, without_splitting_a_page_is_one_article)
{
    runner_expect(
        0, "lede-index",
        ARGUMENTS("add", "-q", "--split", "none", "--base", "corpus", "-d", index_path, COURIER));
    expect_out(SEARCH("-l", "-d", index_path, "walrus", "mascot"), "pages/coastal-courier.txt\n");
}

Test(pages, an_expression_that_makes_no_sense_is_told)
{
    struct run run = INDEX("split", "--split", "(", COURIER);

    cr_expect_eq(run.code, 2);
    cr_expect(strstr(run.err, "--split (:"), "%s", run.err);
    run_done(&run);
}

Test(pages, a_web_page_is_cut_and_its_articles_keep_its_address)
{
    static const char page[] =
        "<!doctype html><html><head><title>Quay closes, again</title>"
        "<link rel=canonical href=https://limpet.example/news></head><body><article>"
        "<h1>Quay closes, again</h1><p>By Ann Example</p><p>2021-03-03</p>"
        "<p>The harbour board has closed the old quay until the end of May, since two of its piles "
        "were found to be held up by nothing but each other, and ferries leave from the market.</p>"
        "<p>Nobody had been able to tell the difference so far, said a spokesman for the board.</p>"
        "<p>Continue Reading</p><h2>Old tern takes the tram</h2><p>By Ben Sample</p>"
        "<p>2021-03-02</p><p>A tern that was ringed on Skerry Ness as a chick has been seen at the "
        "depot of the trams in Halvern, where it lives on what the drivers leave of their "
        "lunch.</p>"
        "<p>It is 31 years old, which makes it the oldest of its kind that has ridden a tram.</p>"
        "</article></body></html>";
    const char *path = runner_path("news.html");
    struct run run;

    runner_write(path, page, sizeof page - 1);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", index_path, path));
    run = SEARCH("--format", "jsonl", "-d", index_path, "tern");
    cr_expect(strstr(run.out, "\"title\":\"Old tern takes the tram\""), "%s", run.out);
    cr_expect(strstr(run.out, "https://limpet.example/news"), "%s", run.out);
    cr_expect(strstr(run.out, "2021-03-02"), "%s", run.out);
    run_done(&run);
    expect_none(SEARCH("-c", "-d", index_path, "tern", "quay"));
}

/* ---- sync ---- */

static void put_page(unsigned articles, int seconds)
{
    static const char text[] =
        "The harbour board has closed it until the end of May, since two of its piles were found "
        "to "
        "be held up by nothing but each other. Ferries leave from the fish market in the meantime, "
        "and so does the fish, and nobody had been able to tell the difference so far.";
    struct timespec times[2] = {{978307200 + seconds, 5}, {978307200 + seconds, 5}};
    char *page, path[512];
    size_t size;
    FILE *file = open_memstream(&page, &size);

    for (unsigned i = 1; i <= articles; i++)
        (void)fprintf(file,
                      "Quay number %u of the harbour closes\n\nBy Ann Example\n\n3 March 2021\n\n"
                      "It is quay%u. %s\n\nContinue Reading\n\n",
                      i, i, text);
    (void)fclose(file);
    (void)snprintf(path, sizeof path, "%s/page.txt", tree);
    runner_write(path, page, size);
    cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    free(page);
}

static void expect_ids(const char *expected)
{
    expect_out(SEARCH("-l", "--any", "-n", "20", "-d", index_path, "quay1", "quay2", "quay3",
                      "quay4", "quay5"),
               expected);
}

Test(pages, sync_removes_the_articles_that_a_page_has_no_more)
{
    put_page(5, 0);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index_path, tree));
    expect_ids("page.txt#1\npage.txt#2\npage.txt#3\npage.txt#4\npage.txt#5\n");
    put_page(3, 60);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index_path, tree));
    expect_ids("page.txt#1\npage.txt#2\npage.txt#3\n");
    put_page(1, 120);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index_path, tree));
    expect_ids("page.txt\n");
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index_path));
}

Test(pages, sync_reads_pages_again_that_are_to_be_cut_in_another_way)
{
    put_page(2, 0);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", index_path, tree));
    runner_expect(
        0, "lede-index",
        ARGUMENTS("sync", "-q", "--split", "none", "--base", tree, "-d", index_path, tree));
    expect_ids("page.txt\n");
}

/* ---- pages of others ---- */

/* False, and the test is skipped, without $LEDE_DATA; with $LEDE_DATA_REQUIRED it fails. */
static const char *need_data(void)
{
    const char *data = getenv("LEDE_DATA"), *required = getenv("LEDE_DATA_REQUIRED");

    if (!data) {
        cr_assert(!required || !*required, "LEDE_DATA_REQUIRED is set, but not LEDE_DATA");
        cr_skip_test("LEDE_DATA is not set");
    }
    return data;
}

Test(pages, a_real_page_is_cut_into_its_four_articles)
{
    char path[4096];

    (void)snprintf(path, sizeof path, "%s/pages/chained-news-page.txt", need_data());
    struct run run = INDEX("split", path);
    unsigned offsets[4], sizes[4];

    cr_assert_eq(
        sscanf(run.out,
               "1\t%u\t%u\t\t\n2\t%u\t%u\t%*[^\n]\n3\t%u\t%u\t%*[^\n]\n4\t%u\t%u\t%*[^\n]\n"
               "rest\t0\t3570\t",
               &offsets[0], &sizes[0], &offsets[1], &sizes[1], &offsets[2], &sizes[2], &offsets[3],
               &sizes[3]),
        8, "%s", run.out);
    cr_expect(strstr(run.out, "rest\t0\t3570\t"), "%s", run.out);
    cr_expect_eq(offsets[1], 1955, "%u", offsets[1]);
    cr_expect_eq(offsets[2], 2835, "%u", offsets[2]);
    cr_expect_eq(offsets[3], 3241, "%u", offsets[3]);
    run_done(&run);
}

Test(pages, real_web_pages_of_one_article_stay_whole)
{
    char command[8192];

    (void)snprintf(
        command, sizeof command,
        "for page in %s/pages/html/*/source.html; do %s/lede-index split \"$page\"; done | "
        "grep -v '^-' >&2 && exit 1 || exit 0",
        need_data(), getenv("LEDE_BUILD") ? getenv("LEDE_BUILD") : "build");
    cr_expect_eq(system(command), 0);
}

Test(pages, articles_of_chained_pages_are_found_and_none_invented)
{
    char command[8192];

    (void)need_data();
    (void)snprintf(command, sizeof command, "python3 bench/chained_pages.py --check %s >&2",
                   getenv("LEDE_BUILD") ? getenv("LEDE_BUILD") : "build");
    cr_expect_eq(system(command), 0);
}
