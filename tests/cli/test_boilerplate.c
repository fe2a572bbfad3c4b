/* Lines that recur, from the shell: where they are found, and where not. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/command_runner.h"

static const char *tree, *made;

/* Pages from first to last, each with a menu, a byline and a notice. */
static void put_pages(int first, int last)
{
    for (int i = first; i <= last; i++) {
        char path[512], text[2048];

        (void)snprintf(path, sizeof path, "%s/page%02d.txt", tree, i);
        (void)snprintf(
            text, sizeof text,
            "Quay %d closes\n\nThis site of ours uses cookies\n\nBy Ann Example\n\n"
            "The harbour board has closed quay%d until the end of May, since %d of its "
            "piles were found to be held up by nothing but each other.\n\n"
            "Ferries leave from the market number %d in the meantime, and so does the fish "
            "of which there was %d tons.\n\nContinue Reading\n\nShare with friends\n",
            i, i, i + 3, i, i * 7);
        runner_write(path, text, strlen(text));
    }
}

static void begin(void)
{
    runner_init();
    tree = runner_path("tree");
    made = runner_path("made.lede");
    cr_assert_eq(mkdir(tree, 0777), 0);
    put_pages(1, 30);
}

TestSuite(boilerplate, .init = begin, .fini = runner_done, .timeout = 240);

static void add(const char *index, const char *flag, const char *value)
{
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "--base", tree, "-d", index, flag, value, tree));
}

static void expect_count(const char *index, const char *query, int count)
{
    struct run run = SEARCH("-c", "-d", index, query);

    cr_expect_eq(atoi(run.out), count, "%s: %s", query, run.out);
    run_done(&run);
}

static void expect_sound(const char *index)
{
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", index));
}

static void expect_list(const char *index, const char *expected)
{
    struct run run = INDEX("stats", "--boilerplate", "-d", index);

    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_str_eq(run.out, expected, "%s", run.out);
    run_done(&run);
}

Test(boilerplate, lines_that_recur_are_no_text_but_phrases_of_their_own)
{
    add(made, "-j", "1");
    expect_count(made, "cookies", 9);
    expect_count(made, "boilerplate:cookies", 21);
    expect_count(made, "boilerplate:\"continue reading\"", 21);
    expect_count(made, "boilerplate:\"reading share\"", 0);
    expect_count(made, "boilerplate:cook*", 21);
    expect_count(made, "boilerplate:*this*", 21);
    expect_count(made, "quay20 -boilerplate:\"continue reading\"", 0);
    expect_count(made, "boilerplate:(cookies friends) quay20", 1);
    expect_count(made, "\"ann example\"", 30);
    expect_list(
        made, "21\tContinue Reading\n21\tShare with friends\n21\tThis site of ours uses cookies\n");
    expect_sound(made);
}

Test(boilerplate, the_index_is_the_same_for_any_number_of_threads_and_any_memory)
{
    const char *other = runner_path("other.lede");
    size_t size, other_size;
    char path[512], *bytes, *other_bytes;

    /* Files that changed just now get no stamp: on a slow machine the second command's would. */
    (void)snprintf(path, sizeof path, "find %s -type f -exec touch -d 2020-01-01 {} +", tree);
    cr_assert_eq(system(path), 0);
    add(made, "-j", "1");
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "-j", "5", "--memory", "16M", "--base", tree, "-d",
                            other, tree));
    (void)snprintf(path, sizeof path, "%s/data.mdb", made);
    bytes = runner_read(path, &size);
    (void)snprintf(path, sizeof path, "%s/data.mdb", other);
    other_bytes = runner_read(path, &other_size);
    cr_assert_eq(size, other_size);
    cr_expect_eq(memcmp(bytes, other_bytes, size), 0);
    free(bytes);
    free(other_bytes);
}

Test(boilerplate, what_is_known_is_taken_from_the_first_article_of_a_later_run)
{
    add(made, "-j", "2");
    put_pages(31, 31);
    add(made, "-j", "2");
    expect_count(made, "boilerplate:cookies quay31", 1);
    expect_count(made, "cookies", 0); /* the first nine were read again */
    runner_expect(0, "lede-index", ARGUMENTS("compact", "-q", "-d", made));
    expect_list(
        made, "31\tContinue Reading\n31\tShare with friends\n31\tThis site of ours uses cookies\n");
    expect_sound(made);
}

Test(boilerplate, one_page_read_again_and_again_stays_as_it_is)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/page01.txt", tree);
    for (int i = 0; i < 12; i++)
        runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", made, path));
    expect_count(made, "cookies", 1);
    expect_list(made, "");
}

Test(boilerplate, a_file_may_say_which_lines_and_keep_takes_none)
{
    const char *list = runner_path("lines.txt"), *other = runner_path("other.lede");

    runner_write(list, "Continue Reading\n", 17);
    add(made, "--boilerplate", list);
    expect_count(made, "\"continue reading\"", 0);
    expect_count(made, "boilerplate:\"continue reading\"", 30);
    expect_count(made, "cookies", 30);
    add(other, "--boilerplate", "keep");
    expect_count(other, "\"continue reading\"", 30);
    expect_list(other, "");
}

Test(boilerplate, an_export_brings_it_along)
{
    const char *lines = runner_path("all.jsonl"), *other = runner_path("other.lede");
    struct run run;

    add(made, "-j", "1");
    run = INDEX("export", "-d", made);
    runner_write(lines, run.out, run.out_size);
    run_done(&run);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-d", other, lines));
    expect_count(other, "boilerplate:\"continue reading\"", 21);
    expect_count(other, "cookies", 9);
    expect_sound(other);
}

Test(boilerplate, without_positions_the_words_are_found)
{
    runner_expect(0, "lede-index",
                  ARGUMENTS("add", "-q", "-r", "--no-positions", "--base", tree, "-d", made, tree));
    expect_count(made, "boilerplate:cookies", 21);
    expect_sound(made);
}
