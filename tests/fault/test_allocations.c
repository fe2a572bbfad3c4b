/* Each allocation of small commands fails (in the sample a hundred): those of the libraries that
 * read web pages, feeds and JSON among them; mails are read in little memory. Nothing is taken for
 * damage, nothing dropped, and nothing goes on for ever. */
#include "tests/fault/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TestSuite(allocations, .init = runner_init, .fini = runner_done);

enum { OUT_OF_MEMORY = 6 }; /* the exit code */

/* The articles of an index, to be freed. */
static char *export_of(const char *index)
{
    struct run run = INDEX("export", "-d", index);
    char *out = strdup(run.out);

    cr_assert_not_null(out);
    run_done(&run);
    return out;
}

/* Each of the allocations that lede-index makes fails, alone or with all behind it: the command
 * succeeds, or says that memory ran out. made: an index that it makes, and which
 * then has the same articles as ever; or NULL. */
static void try_allocations(const char *const *arguments, const char *made)
{
    const char *counts = runner_path("counts");
    unsigned long calls[SHIM_KINDS], all, times = fault_times(100, UINT32_MAX);
    struct dice dice = dice_begin();
    struct run run = shim_run(&(struct shim){.counts = counts}, "lede-index", arguments);
    char *articles = export_of(made ? made : "none"), file[256];

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    (void)snprintf(file, sizeof file, "%s/data.mdb", made ? made : "none");
    shim_read_counts(counts, calls);
    all = 2 * calls[SHIM_MALLOC];
    for (unsigned long i = 0; i < (times < all ? times : all); i++) {
        unsigned long n = times < all ? dice_below(&dice, (uint32_t)all) : i;
        char fail[64], *now;

        (void)snprintf(fail, sizeof fail, "malloc:%lu:%s", n / 2 + 1, n % 2 ? "once" : "ever");
        (void)unlink(file);
        run = shim_run(&(struct shim){.fail = fail}, "lede-index", arguments);
        now = export_of(made ? made : "none");
        cr_expect(run.code == OUT_OF_MEMORY || (run.code == 0 && strcmp(now, articles) == 0),
                  "%s %s: exit code %d\n%s%s", arguments[0], fail, run.code, run.out, run.err);
        free(now);
        run_done(&run);
    }
    free(articles);
    dice_end();
}

Test(allocations, verify_of_one_article_takes_no_lack_of_memory_for_damage)
{
    const char *index = runner_path("index");
    struct run run = INDEX_INPUT("{\"id\":\"a\",\"text\":\"crow gull crow 17\"}\n", "add", "-q",
                                 "-d", index, "-f", "jsonl", "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    try_allocations(ARGUMENTS("verify", "--deep", "-q", "-d", index), NULL);
}

static void try_file(const char *name, const char *text)
{
    const char *file = runner_path(name), *index = runner_path("index");

    runner_write(file, text, strlen(text));
    try_allocations(ARGUMENTS("add", "-q", "-j1", "-d", index, file), index);
}

Test(allocations, a_web_page_is_read_in_full_or_memory_is_said_to_have_run_out)
{
    try_file("page.html",
             "<html lang='en'><!-- a --><meta name='author' content='Ask'><title>A ferry</title>"
             "<script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"headline\":\"A "
             "f\\u00e4rry\",\"datePublished\":\"2024-06-16\"}</script><p class='a' id='b'>A ferry "
             "that left at ten in the morning, or so they say, was seen again at noon, and nobody "
             "could tell where it had been.<?pi c?><p title='d'>Those aboard, all of forty, "
             "remembered nothing but fog, and the bell of a buoy.</html>");
}

Test(allocations, so_is_a_feed)
{
    try_file("feed.xml",
             "<rss version='2.0'><channel><title>Courier</title><item><title>A ferry</title><guid>a"
             "</guid><pubDate>Sun, 16 Jun 2024 11:40:00 GMT</pubDate><category>sea</category>"
             "<description><![CDATA[<p>It left at <b>ten</b>.]]></description></item>"
             "<item><title>Fog</title><guid>b</guid><description>None came back.</description>"
             "</item></channel></rss>");
}

Test(allocations, so_are_lines_of_json)
{
    try_file("lines.jsonl",
             "{\"id\":\"a\",\"text\":\"It left \\u00e4t ten\",\"tags\":[\"sea\",\"port\"],"
             "\"n\":{\"x\":0.1}}\n{\"id\":\"b\",\"text\":\"fog\"}\n");
}

/* ---- mails ---- */

/* Parts whose types have so many parameters that GMime takes 300 kB of them. */
static void write_mail(const char *path)
{
    FILE *file = fopen(path, "we");

    cr_assert_not_null(file);
    (void)fputs("From: a@example.org\nDate: Sun, 16 Jun 2024 11:40:00 GMT\n"
                "Subject: A ferry\nContent-Type: multipart/mixed; boundary=b\n\n",
                file);
    for (int part = 0; part < 3; part++) {
        (void)fputs("--b\nContent-Type: text/plain", file);
        for (int i = 0; i < 660; i++)
            (void)fprintf(file, ";a%02d=b", i % 100);
        (void)fputs("\n\nIt left at ten.\n", file);
    }
    (void)fputs("--b--\n", file);
    cr_assert_eq(fclose(file), 0);
}

/* Where one allocation fails that GMime makes, it ends the program. Where the system is short of
 * memory, it is asked for what GMime may take before GMime is. */
Test(allocations, a_mail_is_read_or_memory_is_said_to_have_run_out_if_there_is_little)
{
    enum { STEP = 64 << 10, STEPS = 160 };
    const char *mail = runner_path("a.eml");
    unsigned read = 0, refused = 0;

    if (runner_sanitized())
        cr_skip("what maps memory of its own is not to be bounded");
    write_mail(mail);
    for (unsigned i = 0; i < STEPS; i++) {
        char memory[32];
        struct run run;

        (void)snprintf(memory, sizeof memory, "%u", i * STEP);
        run = shim_run(&(struct shim){.memory = memory}, "lede-index",
                       ARGUMENTS("add", "-n", "-q", "-d", "none", mail));
        read += run.code == 0;
        refused += run.code == OUT_OF_MEMORY;
        cr_expect(run.code == 0 || run.code == OUT_OF_MEMORY, "%s bytes: exit code %d\n%s", memory,
                  run.code, run.err);
        run_done(&run);
    }
    cr_expect(read > 0 && refused > 0, "read %u times, refused %u times", read, refused);
}
