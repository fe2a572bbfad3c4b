/* lede-index add and rm as a user runs them: by their arguments, judged by exit code, messages and
 * what the index holds then. */
#include "scratch.h"

#include <criterion/redirect.h>
#include <signal.h>
#include <sys/wait.h>

#include "indexer/command/command.h"
#include "indexer/command/interrupt.h"

static void setup(void)
{
    scratch_make();
    setenv("LEDE_INDEX", "index", 1);
    cr_redirect_stderr();
}

TestSuite(commands, .init = setup, .fini = scratch_remove, .timeout = 60);

/* Runs a command line split at blanks; returns the exit code. */
static int run(const char *line)
{
    char words[1024], *argv[64];
    int argc = 1, code;
    struct options options;
    struct lede_error error;

    snprintf(words, sizeof words, "%s", line);
    argv[0] = (char *)"lede-index";
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    if (options_parse(argc, argv, &options, &error) != LEDE_OK)
        code = command_fail(&error);
    else
        code = options.subcommand == SUBCOMMAND_RM ? command_rm(&options) : command_add(&options);
    options_free(&options);
    return code;
}

/* True if the index holds an article with this id, and text as its text (unless NULL). */
static bool holds(const char *index, const char *id, const char *text)
{
    struct lede_stored *stored = NULL;
    struct lede_index *opened;
    bool found = false;

    if (lede_index_open(&index, 1, &opened, NULL) != LEDE_OK)
        return false;
    if (lede_stored_find(opened, (struct lede_bytes){id, strlen(id)}, &stored, NULL) == LEDE_OK) {
        const struct lede_article *article = lede_stored_article(stored);

        found =
            !text || slice_equal(slice_of(article->text.data, article->text.size), slice_str(text));
    }
    lede_stored_free(stored);
    lede_index_close(opened);
    return found;
}

Test(commands, a_tree_of_texts_and_json_lines_is_added)
{
    scratch_folder("t");
    scratch_file("t/a.txt", "Title\n\nfirst text");
    scratch_file("t/b.jsonl", "{\"id\":\"one\",\"text\":\"second\"}\n{\"text\":\"third\"}\n");
    cr_expect_eq(run("add -r t --base t"), EXIT_DONE);
    cr_expect(holds("index", "a.txt", "first text"));
    cr_expect(holds("index", "one", "second"));
    cr_expect(holds("index", "b.jsonl#2", "third"));
    scratch_file("t/a.txt", "changed");
    cr_expect_eq(run("add -r t --base t -q"), EXIT_DONE);
    cr_expect(holds("index", "a.txt", "changed"));
}

Test(commands, an_index_inside_the_tree_does_not_index_itself)
{
    scratch_folder("t");
    scratch_file("t/a.txt", "x");
    for (int i = 0; i < 2; i++)
        cr_expect_eq(run("add -r t --base t -d t/index"), EXIT_DONE);
    cr_expect(holds("t/index", "a.txt", "x"));
    cr_expect_not(holds("t/index", "index/lede.lock", NULL));
}

Test(commands, skipped_inputs_make_the_exit_code_1_and_are_reported)
{
    char *report;

    scratch_file("a.jsonl", "{\"id\":\"1\",\"text\":\"x\"}\nbad\n{\"id\":\"2\",\"text\":\"y\"}\n");
    cr_expect_eq(run("add a.jsonl --report out"), EXIT_SKIPPED);
    cr_expect(holds("index", "1", "x"));
    cr_expect(holds("index", "2", "y"));
    report = scratch_read("out", NULL);
    cr_expect(strstr(report, "\"record\":2,\"offset\":22,\"reason\":\"bad_record\""), "%s", report);
    free(report);
    cr_expect_eq(run("add none"), EXIT_SKIPPED);
}

Test(commands, an_id_that_is_too_long_is_a_skip_and_the_rest_is_added)
{
    FILE *file = fopen("a.jsonl", "w");

    cr_assert(file);
    fprintf(file, "{\"id\":\"%05000d\",\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"y\"}\n", 7);
    fclose(file);
    cr_expect_eq(run("add a.jsonl"), EXIT_SKIPPED);
    cr_expect(holds("index", "2", "y"));
}

Test(commands, usage_errors_make_no_index)
{
    scratch_folder("t");
    cr_expect_eq(run("add t"), EXIT_USAGE);
    cr_expect_eq(run("add"), EXIT_USAGE);
    cr_expect_eq(run("add --base none t -r"), EXIT_IO);
    cr_expect_eq(run("add --report none/out -r t"), EXIT_IO);
    cr_expect_neq(access("index", F_OK), 0);
}

Test(commands, a_dry_run_makes_no_index)
{
    scratch_file("a.txt", "x");
    cr_expect_eq(run("add -n a.txt"), EXIT_DONE);
    cr_expect_neq(access("index", F_OK), 0);
}

Test(commands, the_default_place_is_made_with_its_parents)
{
    char place[128];

    unsetenv("LEDE_INDEX");
    snprintf(place, sizeof place, "%s/home", scratch);
    setenv("XDG_DATA_HOME", place, 1);
    scratch_file("a.txt", "x");
    cr_expect_eq(run("add a.txt --base ."), EXIT_DONE);
    cr_expect(holds("home/lede/default", "a.txt", "x"));
}

Test(commands, rm_removes_and_tells_what_was_not_there)
{
    scratch_file("a.jsonl", "{\"id\":\"1\",\"text\":\"x\"}\n{\"id\":\"2\",\"text\":\"y\"}\n");
    cr_expect_eq(run("rm 1"), EXIT_NO_INDEX);
    cr_expect_neq(access("index", F_OK), 0);
    cr_expect_eq(run("add a.jsonl"), EXIT_DONE);
    cr_expect_eq(run("rm -n 1"), EXIT_DONE);
    cr_expect(holds("index", "1", "x"));
    cr_expect_eq(run("rm 1 3"), EXIT_SKIPPED);
    cr_expect_not(holds("index", "1", NULL));
    cr_expect(holds("index", "2", "y"));
    cr_expect_eq(run("rm 1"), EXIT_SKIPPED);
}

Test(commands, a_second_writer_waits_and_then_gives_up)
{
    struct lede_writer *writer;

    scratch_file("a.txt", "x");
    cr_assert_eq(lede_writer_open("index", NULL, &writer, NULL), LEDE_OK);
    cr_expect_eq(run("add a.txt --wait 0"), EXIT_BUSY);
    lede_writer_close(writer);
    cr_expect_eq(run("add a.txt --wait 0"), EXIT_DONE);
}

Test(commands, a_signal_ends_a_read_of_standard_input_and_what_came_is_committed)
{
    static const char line[] = "{\"text\":\"x\"}\n"; /* shorter than any sniff */
    int ends[2], status;
    pid_t child;

    scratch_need_threads_in_children();
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], line, sizeof line - 1), (ssize_t)sizeof line - 1);
    child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        _exit(run("add -"));
    }
    /* A signal that comes before the handler ends the child unheard: send until it is gone. */
    for (int i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
        cr_assert_lt(i, 500);
        usleep(100000);
        if (i == 5 || i > 50)
            kill(child, SIGTERM);
    }
    cr_assert(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), EXIT_INTERRUPTED);
    cr_expect(holds("index", "-#1", "x"));
    close(ends[0]);
    close(ends[1]);
}

/* Gives add three articles of 600 bytes, of which the first two are to be seen before its end. */
static void expect_checkpoint(const char *command)
{
    char line[700], text[601];
    int ends[2], status;
    pid_t child;

    scratch_need_threads_in_children();
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    cr_assert_eq(pipe(ends), 0);
    child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        dup2(ends[0], STDIN_FILENO);
        close(ends[0]);
        close(ends[1]);
        _exit(run(command));
    }
    close(ends[0]);
    for (int i = 0; i < 3; i++) {
        int size = snprintf(line, sizeof line, "{\"id\":\"%d\",\"text\":\"%s\"}\n", i, text);

        cr_assert_eq(write(ends[1], line, (size_t)size), size);
    }
    for (int i = 0; !holds("index", "1", text); i++) {
        cr_assert_lt(i, 200);
        usleep(50000);
    }
    cr_expect_not(holds("index", "2", NULL));
    close(ends[1]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE);
    cr_expect(holds("index", "2", text));
}

Test(commands, articles_are_visible_after_every_commit)
{
    expect_checkpoint("add - -f jsonl --commit-every 2");
}

Test(commands, a_commit_comes_when_there_is_as_much_text_as_was_said)
{
    expect_checkpoint("add - -f jsonl --commit-every 1K");
}

Test(commands, the_first_signal_is_a_wish_and_the_second_ends_the_process)
{
    int status;
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0) {
        /* A shell that starts things in the background ignores SIGINT for them. */
        (void)signal(SIGINT, SIG_DFL);
        (void)signal(SIGTERM, SIG_DFL);
        (void)signal(SIGINT, SIG_DFL); /* a shell starts what runs in the background without */
        interrupt_catch();
        if (interrupt_seen() || raise(SIGINT) != 0 || !interrupt_seen())
            _exit(1);
        (void)raise(SIGTERM);
        _exit(2);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), EXIT_INTERRUPTED);
}
