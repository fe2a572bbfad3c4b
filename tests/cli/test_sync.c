/* lede-index sync: afterwards an index holds what it would hold if it were made anew. */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/command_runner.h"

static const char *tree, *made; /* the directory, and its index */

static void begin(void)
{
    runner_init();
    tree = runner_path("tree");
    made = runner_path("made.lede");
    cr_assert_eq(mkdir(tree, 0777), 0);
}

TestSuite(sync, .init = begin, .fini = runner_done, .timeout = 240);

/* ---- files ---- */

/* Until four more were asked for. */
static const char *in_tree(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof paths[0], "%s/%s", tree, name);
    return path;
}

/* Its time of change becomes this many seconds after the year 2001. */
static void set_time(const char *name, int seconds)
{
    struct timespec times[2] = {{978307200 + seconds, 5}, {978307200 + seconds, 5}};

    cr_assert_eq(utimensat(AT_FDCWD, in_tree(name), times, 0), 0, "%s", name);
}

static void put(const char *name, const char *text, int seconds)
{
    runner_write(in_tree(name), text, strlen(text));
    set_time(name, seconds);
}

static void take_away(const char *name)
{
    cr_assert_eq(remove(in_tree(name)), 0, "%s", name);
}

/* ---- what an index holds ---- */

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lines of an id, a text and a source, in the order of their bytes. To be freed. */
static char *contents(const char *index)
{
    struct run run = INDEX("export", "-d", index);
    char *lines[4096], *out, *save, *all = NULL;
    size_t count = 0, size = 0;
    FILE *file = open_memstream(&out, &size);

    cr_assert(run.code == 0 || run.code == 3, "%s", run.err);
    for (char *line = strtok_r(run.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        json_t *article = json_loads(line, 0, NULL);
        json_t *source = json_object_get(article, "source");

        cr_assert(article && count < sizeof lines / sizeof *lines, "%s", line);
        cr_assert(asprintf(&lines[count++], "%s=%s (%s)\n",
                           json_string_value(json_object_get(article, "id")),
                           json_string_value(json_object_get(article, "text")),
                           json_string_value(json_object_get(source, "path"))) > 0);
        json_decref(article);
    }
    run_done(&run);
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        (void)fputs(lines[i], file);
        free(lines[i]);
    }
    (void)fclose(file);
    all = out;
    return all;
}

static void expect_same(const char *one, const char *other, const char *when)
{
    char *a = contents(one), *b = contents(other);

    cr_expect_str_eq(a, b, "%s: is\n%s, but anew\n%s", when, a, b);
    free(a);
    free(b);
}

/* That the index is as one that is made of the tree now, and sound. */
static void expect_as_made_anew(const char *when)
{
    static unsigned number;
    char name[32];
    const char *anew;

    (void)snprintf(name, sizeof name, "anew%u.lede", number++);
    anew = runner_path(name);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-r", "-q", "--base", tree, "-d", anew, tree));
    expect_same(made, anew, when);
    runner_expect(0, "lede-index", ARGUMENTS("verify", "--deep", "-q", "-d", made));
}

/* "2 0 1 5": new, changed, gone and unchanged files; "0 0 1 2": added, replaced, removed and
 * unchanged articles. */
static void expect_totals(const struct run *run, const char *files, const char *articles)
{
    unsigned long n[8];
    char found[128];

    cr_assert_eq(sscanf(run->err,
                        "files: %lu new, %lu changed, %lu gone, %lu unchanged\n"
                        "added %lu article%*[s,] replaced %lu, removed %lu, left %lu as",
                        &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7]),
                 8, "%s", run->err);
    cr_expect_eq(strstr(run->err, "article,") != NULL, n[4] == 1, "%s", run->err);
    (void)snprintf(found, sizeof found, "%lu %lu %lu %lu", n[0], n[1], n[2], n[3]);
    cr_expect_str_eq(found, files, "files: %s, not %s", found, files);
    (void)snprintf(found, sizeof found, "%lu %lu %lu %lu", n[4], n[5], n[6], n[7]);
    cr_expect_str_eq(found, articles, "articles: %s, not %s", found, articles);
}

static void sync_tree(const char *files, const char *articles)
{
    struct run run = INDEX("sync", "--base", tree, "-d", made, tree);

    cr_expect_eq(run.code, 0, "exit code %d\n%s", run.code, run.err);
    expect_totals(&run, files, articles);
    run_done(&run);
}

/* ---- what changes in a tree ---- */

Test(sync, files_that_are_new_or_changed_are_read_and_those_that_are_gone_are_removed)
{
    put("a.txt", "heron", 1);
    put("b.txt", "newt", 1);
    cr_assert_eq(mkdir(in_tree("sub"), 0777), 0);
    put("sub/c.txt", "swan", 1);
    sync_tree("3 0 0 0", "3 0 0 0");
    expect_as_made_anew("made");
    sync_tree("0 0 0 3", "0 0 0 0");
    put("b.txt", "newt otter", 2);
    put("d.txt", "crane", 1);
    take_away("sub/c.txt");
    sync_tree("1 1 1 1", "1 1 1 0");
    expect_as_made_anew("changed");
    take_away("sub");
    take_away("a.txt");
    sync_tree("0 0 1 2", "0 0 1 0");
    sync_tree("0 0 0 2", "0 0 0 0");
    expect_as_made_anew("a directory less");
    put("a.txt", "heron again", 3);
    sync_tree("0 1 0 2", "1 0 0 0");
    expect_as_made_anew("one that came back");
}

Test(sync, a_file_that_was_renamed_moves)
{
    put("a.txt", "heron", 1);
    put("old.jsonl", "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"swan\"}\n", 1);
    sync_tree("2 0 0 0", "3 0 0 0");
    cr_assert_eq(rename(in_tree("a.txt"), in_tree("b.txt")), 0);
    cr_assert_eq(rename(in_tree("old.jsonl"), in_tree("new.jsonl")), 0);
    sync_tree("2 0 2 0", "1 2 1 0");
    expect_as_made_anew("renamed");
    cr_assert_eq(rename(in_tree("new.jsonl"), in_tree("zzz.jsonl")), 0);
    sync_tree("1 0 1 1", "0 2 0 0");
    expect_as_made_anew("renamed again");
}

Test(sync, a_file_that_was_touched_is_read_and_nothing_changes)
{
    put("a.txt", "heron", 1);
    sync_tree("1 0 0 0", "1 0 0 0");
    set_time("a.txt", 2);
    sync_tree("0 1 0 0", "0 0 0 1");
    sync_tree("0 0 0 1", "0 0 0 0");
    expect_as_made_anew("touched");
}

/* Which README and --help say: add is what sees it. */
Test(sync, a_change_that_leaves_size_and_time_alone_is_seen_by_add_alone)
{
    put("a.txt", "heron", 1);
    sync_tree("1 0 0 0", "1 0 0 0");
    put("a.txt", "crane", 1);
    sync_tree("0 0 0 1", "0 0 0 0");
    runner_expect(0, "lede-index", ARGUMENTS("add", "-r", "-q", "--base", tree, "-d", made, tree));
    expect_as_made_anew("added");
}

Test(sync, a_file_that_was_just_written_is_read_once_more)
{
    runner_write(in_tree("a.txt"), "heron", 5);
    sync_tree("1 0 0 0", "1 0 0 0");
    runner_write(in_tree("a.txt"), "crane", 5); /* perhaps in the same tick of the clock */
    sync_tree("0 1 0 0", "0 1 0 0");
    expect_as_made_anew("written again");
    set_time("a.txt", 1);
    sync_tree("0 1 0 0", "0 0 0 1");
    sync_tree("0 0 0 1", "0 0 0 0");
}

Test(sync, articles_that_a_file_lost_are_removed)
{
    put("a.jsonl",
        "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"swan\"}\n"
        "{\"id\":\"z\",\"text\":\"crane\"}\n",
        1);
    sync_tree("1 0 0 0", "3 0 0 0");
    put("a.jsonl", "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"z\",\"text\":\"crane\"}\n", 2);
    sync_tree("0 1 0 0", "0 0 1 2");
    expect_as_made_anew("a line less");
    put("a.jsonl", "{\"id\":\"z\",\"text\":\"a crane\"}\n", 3);
    sync_tree("0 1 0 0", "0 1 1 0");
    expect_as_made_anew("another line less");
    put("a.jsonl", "\n", 4);
    sync_tree("0 1 0 0", "0 0 1 0");
    expect_as_made_anew("no line left");
    sync_tree("0 0 0 1", "0 0 0 0");
}

/* Whichever of the two is read first. */
Test(sync, an_article_that_moved_to_another_file_stays)
{
    static const char *const before[] = {"a.jsonl", "m.jsonl"}, *const after[] = {"z.jsonl",
                                                                                  "b.jsonl"};

    for (int i = 0; i < 2; i++) {
        put(before[i], "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"swan\"}\n", 1);
        sync_tree("1 0 0 0", "2 0 0 0");
        put(before[i], "{\"id\":\"x\",\"text\":\"newt\"}\n", 2);
        put(after[i], "{\"id\":\"y\",\"text\":\"swan\"}\n", 2);
        sync_tree("1 1 0 0", "0 1 0 1");
        expect_as_made_anew(after[i]);
        take_away(before[i]);
        take_away(after[i]);
        runner_expect(0, "lede-index",
                      ARGUMENTS("sync", "-q", "--force", "--base", tree, "-d", made, tree));
    }
}

Test(sync, what_add_did_not_look_for_is_removed_the_next_time)
{
    put("a.jsonl", "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"swan\"}\n", 1);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-r", "-q", "--base", tree, "-d", made, tree));
    sync_tree("0 0 0 1", "0 0 0 0");
    put("a.jsonl", "{\"id\":\"y\",\"text\":\"a swan\"}\n", 2);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-r", "-q", "--base", tree, "-d", made, tree));
    sync_tree("0 1 0 0", "0 0 1 1");
    expect_as_made_anew("a line less");
}

Test(sync, a_file_of_many_articles_goes_with_little_memory)
{
    enum { LINES = 3000 };
    char *lines = malloc(LINES * 300);
    size_t size = 0;

    for (int i = 0; i < LINES; i++)
        size += (size_t)sprintf(lines + size, "{\"id\":\"%0200d\",\"text\":\"heron %d\"}\n", i, i);
    put("a.jsonl", lines, 1);
    put("b.txt", "newt", 1);
    sync_tree("2 0 0 0", "3001 0 0 0");
    take_away("a.jsonl");
    runner_expect(0, "lede-index",
                  ARGUMENTS("sync", "-q", "--memory", "16M", "--base", tree, "-d", made, tree));
    expect_as_made_anew("removed");
    sync_tree("0 0 0 1", "0 0 0 0");
    free(lines);
}

/* ---- what is kept ---- */

Test(sync, what_cannot_be_read_keeps_its_articles)
{
    static const char text[] =
        "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"swan\"}\n";
    struct run run;
    char *before;

    put("a.jsonl", text, 1);
    put("link.txt", "heron", 1);
    put("skip.me", "otter", 1);
    sync_tree("3 0 0 0", "4 0 0 0");
    before = contents(made);
    put("a.jsonl", "{\"id\":\"x\",\"text\":\"newt\"}\n{\"id\":\"y\",\"text\":\"a longer swan\"}\n",
        2);
    take_away("link.txt");
    cr_assert_eq(symlink("skip.me", in_tree("link.txt")), 0);
    for (int i = 0; i < 2; i++) {
        char *after;

        run = INDEX("sync", "-q", "--max-record", "30", "--exclude", "*.me", "--base", tree, "-d",
                    made, tree);
        cr_expect_eq(run.code, 1, "exit code %d\n%s", run.code, run.err);
        run_done(&run);
        after = contents(made);
        cr_expect_str_eq(after, before, "%s, but before\n%s", after, before);
        free(after);
    }
    free(before);
    take_away("link.txt");
    sync_tree("0 1 1 1", "0 1 1 1");
    expect_as_made_anew("readable again");
}

Test(sync, a_directory_in_the_place_of_a_file_is_not_the_file)
{
    put("a.txt", "heron", 1);
    put("b.txt", "newt", 1);
    sync_tree("2 0 0 0", "2 0 0 0");
    take_away("a.txt");
    cr_assert_eq(mkdir(in_tree("a.txt"), 0777), 0);
    put("a.txt/c.txt", "swan", 1);
    sync_tree("1 0 1 1", "1 0 1 0");
    expect_as_made_anew("a directory now");
}

Test(sync, only_what_lies_below_the_directories_is_removed)
{
    const char *outside = runner_path("tree.txt"), *below = runner_path("tree/sub");
    char *all, *rest;

    runner_write(outside, "heron", 5);
    cr_assert_eq(mkdir(below, 0777), 0);
    put("a.txt", "newt", 1);
    put("sub/b.txt", "swan", 1);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-r", "-q", "-d", made, tree, outside));
    cr_assert_eq(remove(outside), 0);
    take_away("a.txt");
    all = contents(made);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "-d", made, below));
    rest = contents(made);
    cr_expect_str_eq(rest, all);
    free(rest);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "-d", made, below, tree));
    rest = contents(made);
    cr_expect_not_null(strstr(rest, "heron"));
    cr_expect_null(strstr(rest, "newt"));
    cr_expect_not_null(strstr(rest, "swan"));
    free(all);
    free(rest);
}

Test(sync, a_directory_that_is_missing_or_empty_is_refused)
{
    char *before, *after;

    put("a.txt", "heron", 1);
    sync_tree("1 0 0 0", "1 0 0 0");
    before = contents(made);
    take_away("a.txt");
    runner_expect(6, "lede-index", ARGUMENTS("sync", "-q", "--base", tree, "-d", made, tree));
    cr_assert_eq(rmdir(tree), 0);
    runner_expect(6, "lede-index", ARGUMENTS("sync", "-q", "-d", made, tree));
    after = contents(made);
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
    runner_expect(0, "lede-index", ARGUMENTS("sync", "-q", "--force", "-d", made, tree));
    after = contents(made);
    cr_expect_str_eq(after, "");
    free(after);
    cr_assert_eq(mkdir(tree, 0777), 0); /* nothing to lose any more */
    sync_tree("0 0 0 0", "0 0 0 0");
    runner_expect(2, "lede-index", ARGUMENTS("sync", "-d", made));
    runner_expect(2, "lede-index", ARGUMENTS("sync", "-d", made, "README.md"));
}

Test(sync, a_dry_run_lists_what_would_be_done)
{
    struct run run;
    char *before, *after;

    put("a.txt", "heron", 1);
    put("b.txt", "newt", 1);
    put("c.txt", "swan", 1);
    sync_tree("3 0 0 0", "3 0 0 0");
    before = contents(made);
    put("b.txt", "newts", 1);
    put("d.txt", "crane", 1);
    take_away("c.txt");
    run = INDEX("sync", "-n", "-v", "--base", tree, "-d", made, tree);
    cr_expect_eq(run.code, 0, "%s", run.err);
    cr_expect_str_eq(run.err, "files: 1 new, 1 changed, 1 gone, 1 unchanged\n");
    for (int i = 0; i < 4; i++) {
        static const char *const words[] = {"unchanged", "update", "remove", "add"};
        char line[600];

        (void)snprintf(line, sizeof line, "%s\t%s/%c.txt\n", words[i], tree, 'a' + i);
        cr_expect_not_null(strstr(run.out, line), "no %s in %s", line, run.out);
    }
    run_done(&run);
    after = contents(made);
    cr_expect_str_eq(after, before);
    free(before);
    free(after);
    sync_tree("1 1 1 1", "1 1 1 0");
}

/* ---- what is left when it is stopped ---- */

/* A tree of a generation: files of lines, of which some are lost, moved and changed by the next. */
static void put_generation(int generation)
{
    enum { FILES = 20, LINES = 60 };

    for (int i = 0; i < FILES; i++) {
        char name[32], text[LINES * 64];
        size_t size = 0;

        (void)snprintf(name, sizeof name, "%02d.jsonl", i);
        (void)remove(in_tree(name));
        if ((i + generation) % 7 == 0)
            continue;
        text[0] = '\0';
        for (int j = 0; j < LINES; j++)
            if ((i + j + generation) % 5 != 0)
                size += (size_t)sprintf(text + size, "{\"id\":\"%d\",\"text\":\"heron %d\"}\n",
                                        i * LINES + j, (j + generation) % 3 == 0 ? generation : 0);
        put(name, text, generation);
    }
}

/* Sends a signal after some time, a little more each time; then again to its end. */
static void stop_and_go_on(int number, int expected)
{
    int stopped = 0, generations = runner_sanitized() ? 5 : 10;

    for (int i = 1; i <= generations; i++) {
        const char *const *arguments = ARGUMENTS("sync", "-q", "-j1", "--commit-every", "50",
                                                 "--base", tree, "-d", made, tree);
        struct child child;
        int code;

        put_generation(i);
        child = runner_start("lede-index", arguments);
        (void)usleep((unsigned)(4000 + 6000 * (i % 10)));
        (void)kill(child.pid, number);
        code = runner_wait(child.pid);
        (void)close(child.in), (void)close(child.out), (void)close(child.err);
        cr_assert(code == 0 || code == expected || code == 128 + number, "exit code %d", code);
        stopped += code != 0;
        runner_expect(0, "lede-index", arguments);
        if (i % 5 == 0)
            expect_as_made_anew("stopped and run again");
    }
    cr_expect_gt(stopped, 0);
}

Test(sync, one_that_was_killed_goes_on_when_it_is_run_again)
{
    stop_and_go_on(SIGKILL, 128 + SIGKILL);
}

Test(sync, one_that_was_interrupted_goes_on_when_it_is_run_again)
{
    stop_and_go_on(SIGINT, 130);
}
