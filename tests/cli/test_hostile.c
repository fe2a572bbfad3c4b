/* What no article, path, query or damage may do: send control characters to whoever reads the
 * output, crash the programs, or change an answer silently. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/printable.h"
#include "tests/command_runner.h"

TestSuite(hostile, .init = runner_init, .fini = runner_done, .timeout = 180);

/* ---- control characters ---- */

/* Escape sequences, BEL, C1 controls as one byte and as two, bidi marks and line separators,
 * bytes that are no UTF-8. */
#define TEXT                                                                                       \
    "heron \x1b]0;owned\x07\x1b[31m \23331m \xc2\2331m \xe2\x80\xae gpj \xe2\x80\xa8 "             \
    "\xe2\x81\xa6 \xd8\x9c \xff\xc3 \x08\x7f"
static const char NASTY[] = TEXT, ARTICLE[] = TEXT "\n\n" TEXT " stood in the river. " TEXT;
static const char QUOTED[] = "\"" TEXT, LONG_OPTION[] = "--" TEXT, FORMAT[] = "--format=" TEXT;
static const char NOTHING[] = "zeppelin" TEXT, ID[] = "\x1b[31m heron\n\xe2\x80\xae\xc2\x9b";
static const char LIMIT[] = "-n" TEXT, EXPLAIN[] = "--explain=" TEXT;

/* The first byte of what may not be there, or NULL: what printable.h calls harmful, bytes that are
 * no UTF-8; newline and tab may, and what `allowed` has. */
static const char *find_raw(const char *text, size_t size, const char *allowed)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + size;

    while (at < end) {
        uint32_t character;
        size_t length = printable_decode(at, end, &character);
        bool kept = *at == '\n' || *at == '\t' || (*at && strchr(allowed, *at));

        if (length == 0 || (!kept && !printable_is_harmless(character)))
            return (const char *)at;
        at += length;
    }
    return NULL;
}

static void expect_harmless(const struct run *run, const char *what, const char *allowed)
{
    const char *raw = find_raw(run->out, run->out_size, allowed);

    cr_expect_null(raw, "%s: byte %02x at %td of standard output", what,
                   raw ? (unsigned char)*raw : 0, raw ? raw - run->out : 0);
    raw = find_raw(run->err, run->err_size, "");
    cr_expect_null(raw, "%s: byte %02x at %td of standard error", what,
                   raw ? (unsigned char)*raw : 0, raw ? raw - run->err : 0);
}

/* A text whose path, title and words are nasty, and a record that is. */
static const char *nasty_index(void)
{
    char text[8192]; /* with few control characters for its size: not binary */
    static const char json[] =
        "{\"id\":\"\\u001b[31m heron\\n\\u202e\\u009b\",\"title\":\"heron \\u001b]0;x\\u0007 "
        "\\u2028\",\"text\":\"heron \\u0000 \\u001b[2J\",\"url\":\"https://x.example/\\u001b\\\\"
        "\\u0007 \\u202e\",\"language\":\"en\",\"heron\\u001b\":\"\\u001b\\u009b\"}\n";
    const char *index = runner_path("nasty.lede"), *folder = runner_path("in");
    const char *file = runner_path("in/heron\x1b[31m\n\xe2\x80\xae\xc2\x9b\xff.txt");

    cr_assert_eq(mkdir(folder, 0755), 0);
    memset(text, '.', sizeof text);
    memcpy(text, ARTICLE, sizeof ARTICLE - 1);
    runner_write(file, text, sizeof text);
    runner_write(runner_path("in/more.jsonl"), json, sizeof json - 1);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-r", "-d", index, folder));
    return index;
}

/* Every kind of output, of one query and of many. */
static const char *const KINDS[] = {
    "--format=text", "--format=json", "--format=jsonl", "--format=tsv", "--format=trec", "-l", "-c",
    "--open=1"};
enum { KIND_COUNT = sizeof KINDS / sizeof KINDS[0], OF_ONE = 1 /* --open */ };

static void expect_harmless_run(const char *what, const char *input, const char *const *arguments)
{
    struct run run = runner_run("lede-search", input, arguments);

    cr_expect_leq(run.code, 2, "%s: exit code %d\n%s", what, run.code, run.err);
    cr_expect_gt(run.out_size + run.err_size, 0, "%s", what);
    expect_harmless(&run, what, "");
    run_done(&run);
}

Test(hostile, nothing_from_an_article_reaches_the_output_raw_in_any_format)
{
    const char *index = nasty_index();
    struct run run;

    for (size_t i = 0; i < KIND_COUNT; i++) {
        run = SEARCH("-d", index, KINDS[i], "--any", "--snippets=3", "heron");
        cr_expect_eq(run.code, 0, "%s: %s", KINDS[i], run.err);
        cr_expect_gt(run.out_size, 1);
        expect_harmless(&run, KINDS[i], "");
        run_done(&run);
    }
    for (size_t i = 0; i < 3; i++) { /* text, json, jsonl */
        expect_harmless_run(KINDS[i], NULL, ARGUMENTS("-d", index, KINDS[i], "--explain", "heron"));
        expect_harmless_run(KINDS[i], NULL, ARGUMENTS("-d", index, KINDS[i], "heron", NOTHING));
    }
}

/* To a program -l0 gives ids as they are (test_search.c). */
Test(hostile, nor_do_ids_that_are_ended_by_a_nul_if_somebody_looks)
{
    char text[4096];

    cr_expect_eq(runner_on_terminal("lede-search", ARGUMENTS("-d", nasty_index(), "-l0", "heron"),
                                    text, sizeof text),
                 0);
    cr_expect_not_null(strstr(text, "\\x1b"), "%s", text);
    cr_expect_null(strchr(text, '\x1b'));
}

Test(hostile, nothing_from_a_line_or_a_topic_reaches_the_output_raw_in_any_format)
{
    const char *index = nasty_index(), *topics = runner_path("topics"),
               *judged = runner_path("judged");
    static const char topic[] = "t" TEXT "\t" TEXT "\n", lines[] = "\"" TEXT "\n" TEXT "\n";
    static const char judgement[] = "t\x1b[31m\xff 0 a\x1b[31m 1\n";

    runner_write(topics, topic, sizeof topic - 1);
    runner_write(judged, judgement, sizeof judgement - 1);
    for (size_t i = 0; i < KIND_COUNT - OF_ONE; i++) {
        expect_harmless_run(KINDS[i], lines, ARGUMENTS("-d", index, KINDS[i], "-"));
        expect_harmless_run(KINDS[i], lines, ARGUMENTS("-d", index, KINDS[i], "--strict", "-"));
        expect_harmless_run(KINDS[i], NULL, ARGUMENTS("-d", index, KINDS[i], "--topics", topics));
    }
    expect_harmless_run("--eval", NULL,
                        ARGUMENTS("-d", index, "--topics", topics, "--eval", judged));
}

Test(hostile, nothing_from_the_article_that_others_are_like_reaches_the_output_raw)
{
    const char *index = nasty_index();

    for (size_t i = 0; i < KIND_COUNT; i++) {
        expect_harmless_run(KINDS[i], NULL, ARGUMENTS("-d", index, KINDS[i], "--similar", ID));
        expect_harmless_run(KINDS[i], NULL, ARGUMENTS("-d", index, KINDS[i], "--similar", NASTY));
    }
}

/* Takes away the sequences that the program itself sends: ESC [ digits ; m and links. */
static size_t strip_sequences(char *text, size_t size)
{
    char *to = text;

    for (char *at = text, *end = text + size; at < end;) {
        char *stop = NULL;

        if (at[0] == '\x1b' && at[1] == '[') {
            stop = at + 2 + strspn(at + 2, "0123456789;");
            stop = *stop == 'm' ? stop + 1 : NULL;
        } else if (at[0] == '\x1b' && strncmp(at + 1, "]8;;", 4) == 0) {
            stop = at + 5;
            while (*stop > ' ' && *stop < 0x7f && *stop != '\\')
                stop++;
            stop = stop[0] == '\x1b' && stop[1] == '\\' ? stop + 2 : NULL;
        }
        if (stop)
            at = stop;
        else
            *to++ = *at++;
    }
    *to = '\0';
    return (size_t)(to - text);
}

Test(hostile, colours_and_links_are_the_only_sequences_and_links_cannot_be_broken_out_of)
{
    struct run run =
        SEARCH("-d", nasty_index(), "--color=always", "--hyperlink=always", "--explain", "heron");

    cr_expect_eq(run.code, 0);
    cr_expect_not_null(strstr(run.out, "\x1b]8;;https://x.example/%1B%5C%07%20%E2%80%AE\x1b\\"),
                       "%s", run.out);
    run.out_size = strip_sequences(run.out, run.out_size);
    expect_harmless(&run, "--color=always", "");
    run_done(&run);
}

Test(hostile, queries_options_and_paths_are_told_harmlessly)
{
    const char *index = nasty_index();
    const char *const *cases[] = {
        ARGUMENTS("-d", NASTY, "heron"),
        ARGUMENTS("-d", index, QUOTED),
        ARGUMENTS("-d", index, "--strict", QUOTED),
        ARGUMENTS("-d", index, "--format=json", NASTY),
        ARGUMENTS("-d", index, "--explain", "--any", NASTY),
        ARGUMENTS(LONG_OPTION, "heron"),
        ARGUMENTS("-\x1b", "heron"),
        ARGUMENTS(FORMAT, "heron"),
        ARGUMENTS(LIMIT, "heron"),
        ARGUMENTS("-d", index, "--topics", NASTY),
        ARGUMENTS("-d", index, "nope\x1b:heron"),
        ARGUMENTS("-d", index, EXPLAIN, "heron"),
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct run run = runner_run("lede-search", NULL, cases[i]);
        char what[32];

        (void)snprintf(what, sizeof what, "case %zu", i);
        cr_expect(run.code <= 6, "%s: exit code %d", what, run.code);
        expect_harmless(&run, what, "");
        run_done(&run);
    }
}

Test(hostile, lede_index_tells_harmlessly_too)
{
    const char *index = nasty_index();
    struct run run;

    run = INDEX("show", "-d", index, ID);
    cr_expect_eq(run.code, 0, "%s", run.err);
    expect_harmless(&run, "show", "");
    run_done(&run);
    run = INDEX("export", "-d", index);
    cr_expect_eq(run.code, 0, "%s", run.err);
    expect_harmless(&run, "export", "");
    run_done(&run);
    run = INDEX("show", "-d", index, NASTY);
    expect_harmless(&run, "show of nothing", "");
    run_done(&run);
    run = INDEX("rm", "-d", index, NASTY);
    expect_harmless(&run, "rm of nothing", "");
    run_done(&run);
    run = INDEX("add", "-d", index, NASTY);
    expect_harmless(&run, "add of nothing", "");
    run_done(&run);
    run = INDEX("add", "-v", "-r", "-d", index, runner_path("in"));
    expect_harmless(&run, "add", "\r");
    run_done(&run);
    run = INDEX(NASTY);
    expect_harmless(&run, "no subcommand", "");
    run_done(&run);
    run = INDEX("analyze", NASTY);
    expect_harmless(&run, "analyze", "");
    run_done(&run);
    run = INDEX_INPUT("{\"id\":\"a\x1b\",\"title\":7\x1b}\n\x1b[31m\n", "add", "-f", "jsonl", "-d",
                      index, "-");
    expect_harmless(&run, "add of bad JSON", "");
    run_done(&run);
}

/* ---- damage ---- */

enum { PAGE = 4096 };

struct dice {
    unsigned long long state;
};

static unsigned long long roll(struct dice *dice)
{
    dice->state = dice->state * 6364136223846793005ULL + 1442695040888963407ULL;
    return dice->state >> 33;
}

static unsigned long long seed(void)
{
    const char *given = getenv("LEDE_SEED");

    return given ? strtoull(given, NULL, 10) : 1723;
}

struct sample {
    const char *index, *file;
    char *bytes;
    size_t size;
    struct run healthy;
};

static struct run ask(const struct sample *sample)
{
    return SEARCH("-d", sample->index, "-n", "100", "--format", "json", "--any", "water",
                  "\"grain corridor\"", "title:ferry", "storm", "nowhere", "fer*", "nothing*");
}

static struct sample take_sample(void)
{
    struct sample sample = {.index = runner_corpus(), .file = runner_path("corpus.lede/data.mdb")};

    sample.bytes = runner_read(sample.file, &sample.size);
    sample.healthy = ask(&sample);
    cr_assert_eq(sample.healthy.code, 0);
    return sample;
}

/* A page of LMDB's B-tree, where keys have no checksum. */
static bool is_key_page(const struct sample *sample, size_t at)
{
    size_t page = at / PAGE;
    unsigned long long number;
    unsigned short flags;

    memcpy(&number, sample->bytes + page * PAGE, sizeof number);
    memcpy(&flags, sample->bytes + page * PAGE + 10, sizeof flags);
    return at < 2 * PAGE || (number == page && (flags == 1 || flags == 2));
}

/* The answer is the right one, or there is none. */
static void check_damaged(struct sample *sample, size_t changed, unsigned long long number)
{
    struct run run = ask(sample);
    bool answered = run.code == 0;

    cr_expect(answered || run.code == 3 || run.code == 4 || run.code == 6,
              "seed %llu, case %llu, byte %zu: exit code %d\n%s", seed(), number, changed, run.code,
              run.err);
    if (answered)
        cr_expect_str_eq(run.out, sample->healthy.out, "seed %llu, case %llu, byte %zu", seed(),
                         number, changed);
    if (!answered)
        cr_expect(run.out_size == 0 && strncmp(run.err, "lede-search: ", 13) == 0,
                  "seed %llu, case %llu, byte %zu:\n%s%s", seed(), number, changed, run.out,
                  run.err);
    run_done(&run);
}

Test(hostile, a_flipped_byte_is_told_or_does_not_matter)
{
    struct sample sample = take_sample();
    struct dice dice = {seed()};
    unsigned long long cases = runner_sanitized() ? 25 : 250;

    for (unsigned long long i = 0; i < cases; i++) {
        size_t at = roll(&dice) % sample.size;
        char before = sample.bytes[at];

        sample.bytes[at] ^= (char)(1 << roll(&dice) % 8);
        runner_write(sample.file, sample.bytes, sample.size);
        check_damaged(&sample, at, i);
        sample.bytes[at] = before;
    }
    free(sample.bytes);
    run_done(&sample.healthy);
}

/* The bytes of a key page that say something: header, offsets, nodes. */
static bool is_used(const struct sample *sample, size_t page, size_t at)
{
    unsigned short lower, upper;

    memcpy(&lower, sample->bytes + page + 12, sizeof lower);
    memcpy(&upper, sample->bytes + page + 14, sizeof upper);
    return page < (size_t)2 * PAGE ? at < 160 : at < lower || at >= upper;
}

/* Keys are few bytes of a file, so that any byte is seldom theirs. */
Test(hostile, a_flipped_bit_among_keys_is_told_or_does_not_matter)
{
    struct sample sample = take_sample();
    struct dice dice = {seed() + 2};
    unsigned long long cases = runner_sanitized() ? 25 : 250;

    for (unsigned long long i = 0; i < cases;) {
        size_t page = roll(&dice) % (sample.size / PAGE) * PAGE, at = roll(&dice) % PAGE;
        char bit = (char)(1 << roll(&dice) % 8);

        if (!is_key_page(&sample, page) || !is_used(&sample, page, at))
            continue;
        sample.bytes[page + at] ^= bit;
        runner_write(sample.file, sample.bytes, sample.size);
        check_damaged(&sample, page + at, i++);
        sample.bytes[page + at] ^= bit;
    }
    free(sample.bytes);
    run_done(&sample.healthy);
}

Test(hostile, a_key_page_of_another_kind_does_not_kill_the_process)
{
    struct sample sample = take_sample();

    for (size_t page = 0; page < sample.size; page += PAGE) {
        if (!is_key_page(&sample, page))
            continue;
        for (size_t i = 0; i < 8; i++) {
            sample.bytes[page + 10] ^= (char)(1 << i);
            runner_write(sample.file, sample.bytes, sample.size);
            check_damaged(&sample, page + 10, i);
            sample.bytes[page + 10] ^= (char)(1 << i);
        }
    }
    free(sample.bytes);
    run_done(&sample.healthy);
}

Test(hostile, a_page_zeroed_or_swapped_or_a_file_cut_short_is_told)
{
    struct sample sample = take_sample();
    struct dice dice = {seed() + 1};
    unsigned long long cases = runner_sanitized() ? 12 : 100, pages = sample.size / PAGE;
    char *damaged = malloc(sample.size);

    for (unsigned long long i = 0; i < cases; i++) {
        size_t one = roll(&dice) % pages * PAGE, other = roll(&dice) % pages * PAGE;
        size_t size = i % 3 == 2 ? roll(&dice) % sample.size : sample.size;

        memcpy(damaged, sample.bytes, sample.size);
        if (i % 3 == 0)
            memset(damaged + one, 0, PAGE);
        if (i % 3 == 1) {
            memcpy(damaged + one, sample.bytes + other, PAGE);
            memcpy(damaged + other, sample.bytes + one, PAGE);
        }
        runner_write(sample.file, damaged, size);
        check_damaged(&sample, one, i);
    }
    free(damaged);
    free(sample.bytes);
    run_done(&sample.healthy);
}
