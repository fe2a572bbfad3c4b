#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "indexer/command/help.h"
#include "indexer/command/options.h"

static struct options options;
static struct lede_error error;

/* Splits line at blanks, and parses it as the arguments of lede-index. */
static enum lede_status parse(const char *line)
{
    static char words[1024];
    static char *argv[64];
    int argc = 1;

    options_free(&options);
    cr_assert_lt(strlen(line), sizeof words);
    snprintf(words, sizeof words, "%s", line);
    argv[0] = (char *)"lede-index";
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return options_parse(argc, argv, &options, &error);
}

static void setup(void)
{
    setenv("LEDE_INDEX", "/the/index", 1);
    unsetenv("XDG_DATA_HOME");
    setenv("HOME", "/home/u", 1);
}

static void teardown(void)
{
    options_free(&options);
}

TestSuite(options, .init = setup, .fini = teardown);

static void check_error(const char *line, const char *text)
{
    cr_expect_eq(parse(line), LEDE_INVALID, "%s", line);
    cr_expect_str_eq(error.text, text, "%s: %s", line, error.text);
}

Test(options, the_defaults_are_those_of_the_manual)
{
    cr_assert_eq(parse("add file"), LEDE_OK);
    cr_expect_eq(options.subcommand, SUBCOMMAND_ADD);
    cr_expect_eq(options.operand_count, 1);
    cr_expect_str_eq(options.operands[0], "file");
    cr_expect_str_eq(options.index, "/the/index");
    cr_expect_eq(options.memory, 256U << 20);
    cr_expect_eq(options.reading.max_record, 64U << 20);
    cr_expect_eq(options.reading.max_page, (256U << 20) / 40);
    cr_expect_eq(options.reading.max_tree, 6 * options.reading.max_page);
    cr_expect_eq(options.wait, 10);
    cr_expect_eq(options.jobs, 0);
    cr_expect_eq(options.reading.format, FORMAT_AUTO);
    cr_expect_eq(options.progress, PROGRESS_AUTO);
    cr_expect(!options.recursive && !options.dry_run && !options.quiet && !options.no_stem);
}

Test(options, flags_may_stand_anywhere_and_two_dashes_end_them)
{
    cr_assert_eq(parse("-d one -v add a -r b --no-stem --memory 64M - -n"), LEDE_OK);
    cr_expect_str_eq(options.index, "one");
    cr_expect(options.verbose && options.recursive && options.no_stem && options.dry_run);
    cr_expect_eq(options.memory, 64U << 20);
    cr_expect_eq(options.reading.max_record, 16U << 20);
    cr_expect_eq(options.operand_count, 3);
    cr_expect_str_eq(options.operands[0], "a");
    cr_expect_str_eq(options.operands[1], "b");
    cr_expect_str_eq(options.operands[2], "-");
    cr_assert_eq(parse("rm -q -- -r --deep"), LEDE_OK);
    cr_expect_eq(options.operand_count, 2);
    cr_expect_str_eq(options.operands[0], "-r");
}

Test(options, every_flag_of_add_is_read)
{
    cr_assert_eq(
        parse("add x -rnqv0 -djust/here -f jsonl -l de --no-stem --no-positions --no-store "
              "--stopwords words --field title=headline --field id=key --base b "
              "--include *.a --include *.b --exclude c --files-from list --max-record 5k "
              "--memory 1g -j 3 --commit-every 1000 --wait 0 --report out --progress json"),
        LEDE_OK, "%s", error.text);
    cr_expect_str_eq(options.index, "just/here");
    cr_expect_eq(options.reading.format, FORMAT_JSONL);
    cr_expect_str_eq(options.language, "de");
    cr_expect(options.no_positions && options.no_store && options.nul_separated);
    cr_expect_str_eq(options.stopwords, "words");
    cr_expect_str_eq(options.reading.fields.members[MEMBER_TITLE], "headline");
    cr_expect_str_eq(options.reading.fields.members[MEMBER_ID], "key");
    cr_expect_null(options.reading.fields.members[MEMBER_TEXT]);
    cr_expect_str_eq(options.base, "b");
    cr_expect_eq(options.include.count, 2);
    cr_expect_str_eq(options.include.items[1], "*.b");
    cr_expect_eq(options.exclude.count, 1);
    cr_expect_str_eq(options.files_from, "list");
    cr_expect_eq(options.reading.max_record, 5120);
    cr_expect_eq(options.reading.max_page, 5120);
    cr_expect_eq(options.memory, 1U << 30);
    cr_expect_eq(options.jobs, 3);
    cr_expect_eq(options.commit_articles, 1000);
    cr_expect_eq(options.commit_bytes, 0);
    cr_expect_eq(options.wait, 0);
    cr_expect_str_eq(options.report, "out");
    cr_expect_eq(options.progress, PROGRESS_JSON);
}

Test(options, checkpoints_come_by_articles_or_by_bytes)
{
    cr_assert_eq(parse("add a"), LEDE_OK);
    cr_expect_eq(options.commit_articles, 0);
    cr_expect_eq(options.commit_bytes, 1U << 30);
    cr_assert_eq(parse("add a --commit-every 256M"), LEDE_OK);
    cr_expect_eq(options.commit_articles, 0);
    cr_expect_eq(options.commit_bytes, 256U << 20);
    cr_assert_eq(parse("add a --commit-every 0"), LEDE_OK);
    cr_expect_eq(options.commit_articles, 0);
    cr_expect_eq(options.commit_bytes, 0);
}

Test(options, the_other_subcommands_have_their_own_flags)
{
    cr_assert_eq(parse("stats --json"), LEDE_OK);
    cr_expect(options.json);
    cr_assert_eq(parse("sync --force -n a b"), LEDE_OK);
    cr_expect(options.force && options.dry_run);
    cr_assert_eq(parse("show id --tokens"), LEDE_OK);
    cr_expect(options.tokens);
    cr_assert_eq(parse("verify --deep --wait 3"), LEDE_OK);
    cr_expect(options.deep);
    cr_assert_eq(parse("export --jsonl"), LEDE_OK);
    cr_expect(options.jsonl);
    cr_assert_eq(parse("sync -l auto a"), LEDE_OK);
    cr_assert_eq(parse("add -l auto:pt-BR a"), LEDE_OK);
    cr_expect_str_eq(options.language, "auto:pt-BR");
    cr_assert_eq(parse("analyze -l none some text"), LEDE_OK);
    cr_expect_eq(options.operand_count, 2);
}

Test(options, what_is_wrong_is_said_in_a_line)
{
    check_error(
        "",
        "which subcommand? add, sync, rm, stats, show, split, analyze, verify, export, compact, "
        "snapshot, merge");
    check_error("resync x", "unknown subcommand resync: add, sync, rm, stats, show, split, "
                            "analyze, verify, export, compact, "
                            "snapshot, merge");
    check_error("add", "add: which PATH? (- is standard input)");
    check_error("add -x a", "unknown flag -x (what follows -- is never a flag)");
    check_error("add --what a", "unknown flag --what (what follows -- is never a flag)");
    check_error("add --what=7 a", "unknown flag --what=7 (what follows -- is never a flag)");
    check_error("add a -d", "-d needs a value");
    check_error("add a --base", "--base needs a value");
    check_error("add a --no-stem=yes", "--no-stem=yes: takes no value");
    check_error("add a --recursive=yes", "--recursive=yes: takes no value");
    check_error("help what",
                "unknown subcommand what: add, sync, rm, stats, show, split, analyze, verify, "
                "export, compact, snapshot, merge");
    check_error("rm", "rm: which ID?");
    check_error("rm a --base b", "rm takes no --base");
    check_error("stats -r", "stats takes no --recursive");
    check_error("stats more", "stats: more is too much");
    check_error("show", "show: which ID?");
    check_error("show a b", "show: b is too much");
    check_error("show a --raw --tokens", "show: either --tokens or --raw");
}

Test(options, values_are_checked)
{
    check_error("add a -f pdf", "-f pdf: the formats are auto, text, html, jsonl, json, csv, tsv, "
                                "feed, mail, warc and archive");
    check_error("add a --progress much", "--progress much: auto, always, never or json");
    check_error("add a --memory 1M", "--memory 1M: at least 16777216 bytes");
    check_error("add a --memory lots",
                "--memory lots: no size (a number, with K, M or G behind it)");
    check_error("add a --max-record 0", "--max-record 0: at least 1 bytes");
    check_error("add a --max-record 2G", "--max-record is over a quarter of --memory");
    check_error("add a -j -1", "-j -1: no number");
    check_error("add a -j 9999", "-j 9999: at most 1024");
    check_error("add a -j 3x", "-j 3x: no number");
    check_error("add a --commit-every 5X",
                "--commit-every 5X: articles (500) or a size of text (256M)");
    check_error("add a --commit-every 99999999999999999999",
                "--commit-every 99999999999999999999: no number");
    check_error("add a --field headline", "--field headline: NAME=MEMBER, as in title=headline");
    check_error("add a --field title=", "--field title=: NAME=MEMBER, as in title=headline");
    check_error("add a --field site=x",
                "--field site=x: the names are id, title, text, date, url and language");
    for (int i = 0; i < 4; i++) {
        static const char *const wrong[] = {"klingon!", "auto:", "auto:klingon!", "automatic"};
        char line[64], said[160];

        (void)snprintf(line, sizeof line, "add a -l %s", wrong[i]);
        (void)snprintf(
            said, sizeof said,
            "-l %s: no language that is known (a code such as en, de, pt-BR; none; auto, "
            "or auto:en)",
            wrong[i]);
        check_error(line, said);
    }
    check_error("add a -0", "-0 needs --files-from");
    check_error("add - -", "standard input can be read only once");
    check_error("add - --files-from -", "standard input can be read only once");
}

Test(options, the_index_is_named_by_flag_then_by_the_environment)
{
    cr_assert_eq(parse("stats -d x"), LEDE_OK);
    cr_expect_str_eq(options.index, "x");
    cr_expect(!options.index_default);
    cr_assert_eq(parse("stats -d x -d y"), LEDE_OK);
    cr_expect_str_eq(options.index, "y");
    unsetenv("LEDE_INDEX");
    cr_assert_eq(parse("stats"), LEDE_OK);
    cr_expect_str_eq(options.index, "/home/u/.local/share/lede/default");
    cr_expect(options.index_default);
}

Test(options, help_and_version_need_nothing_else)
{
    cr_assert_eq(parse("-h"), LEDE_OK);
    cr_expect(options.help);
    cr_assert_eq(parse("add --help"), LEDE_OK);
    cr_expect(options.help && options.subcommand == SUBCOMMAND_ADD);
    cr_assert_eq(parse("-V"), LEDE_OK);
    cr_expect(options.version);
}

Test(options, every_page_of_help_fits_a_screen_and_names_its_subcommand)
{
    for (int i = SUBCOMMAND_NONE; i < SUBCOMMAND_COUNT; i++) {
        const char *page = help_text((enum subcommand)i), *line = page;
        int lines = 0;

        cr_assert(page);
        if (i != SUBCOMMAND_NONE)
            cr_expect(strstr(page, options_subcommand_name((enum subcommand)i)) != NULL);
        for (const char *end; (end = strchr(line, '\n')); line = end + 1, lines++)
            cr_expect_leq(end - line, 80, "%.*s", (int)(end - line), line);
        cr_expect_eq(*line, '\0', "the last line ends");
        cr_expect_leq(lines, 40, "%d", lines);
    }
}
