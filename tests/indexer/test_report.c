#include "scratch.h"

#include "indexer/command/report.h"

TestSuite(report, .init = scratch_make, .fini = scratch_remove);

static void add_skip(struct report *report, enum skip_reason reason, const char *path, bool named,
                     uint64_t record, const char *message)
{
    struct skip skip;

    skip_set(&skip, reason, slice_str(path), message);
    skip.record = record;
    skip.offset = record * 10;
    skip.named = named;
    report_skip(report, &skip);
}

static void check_summary(const struct report *report, const char *expected)
{
    struct buffer out;

    buffer_init(&out, NULL);
    report_summary(report, &out);
    buffer_byte(&out, 0);
    cr_expect_str_eq((char *)out.data, expected, "%s", (char *)out.data);
    buffer_done(&out);
}

Test(report, nothing_skipped_is_nothing_to_say)
{
    struct report *report;

    cr_assert_eq(report_open(NULL, &report, NULL), LEDE_OK);
    report_article(report, &(struct item){.kind = ITEM_ARTICLE});
    report_file(report, 10, 5);
    check_summary(report, "");
    cr_expect_eq(report_counts(report)->articles, 1);
    cr_expect_eq(report_counts(report)->raw_bytes, 5);
    cr_expect_eq(report_counts(report)->failures, 0);
    cr_expect_eq(report_close(report, NULL), LEDE_OK);
}

Test(report, skips_are_counted_by_reason_and_the_first_failures_named)
{
    struct report *report;

    cr_assert_eq(report_open(NULL, &report, NULL), LEDE_OK);
    add_skip(report, SKIP_HIDDEN, "/d/.a", false, 0, "hidden");
    add_skip(report, SKIP_BAD_RECORD, "/d/a\x1b[0m", false, 3, "wrong \x07");
    for (int i = 0; i < 6; i++)
        add_skip(report, SKIP_TOO_LARGE, "/d/b", false, 0, "large");
    cr_expect_eq(report_counts(report)->failures, 7);
    cr_expect_eq(report_counts(report)->skipped, 8);
    check_summary(report, "skipped 8: 1 broken, 6 too large, 1 hidden; see --report\n"
                          "  /d/a\\x1b[0m:3: wrong \\x07\n"
                          "  /d/b: large\n  /d/b: large\n  /d/b: large\n  /d/b: large\n"
                          "  and 2 more\n");
    cr_expect_eq(report_close(report, NULL), LEDE_OK);
}

Test(report, policy_is_no_failure_unless_the_user_named_the_path)
{
    struct report *report;

    cr_assert_eq(report_open(NULL, &report, NULL), LEDE_OK);
    add_skip(report, SKIP_HIDDEN, "a", false, 0, "");
    add_skip(report, SKIP_SYMLINK, "a", false, 0, "");
    add_skip(report, SKIP_INDEX, "a", false, 0, "");
    cr_expect_eq(report_counts(report)->failures, 0);
    add_skip(report, SKIP_INDEX, "a", true, 0, "");
    cr_expect_eq(report_counts(report)->failures, 1);
    (void)report_close(report, NULL);
}

Test(report, the_file_has_each_skip_as_a_line_of_json)
{
    struct report *report;
    struct lede_error error;
    char *text;

    cr_assert_eq(report_open("out", &report, &error), LEDE_OK);
    add_skip(report, SKIP_BAD_RECORD, "/d/\xc3\xa9\x1b.jsonl", false, 2, "'}' expected \"here\"");
    add_skip(report, SKIP_BINARY, "/d/\xff", false, 0, "cut \xc3");
    check_summary(report, "skipped 2: 1 broken, 1 binary; see out\n"
                          "  /d/\xc3\xa9\\x1b.jsonl:2: '}' expected \"here\"\n"
                          "  /d/\\xff: cut \\xc3\n");
    cr_assert_eq(report_close(report, &error), LEDE_OK);
    text = scratch_read("out", NULL);
    cr_expect_str_eq(text,
                     "{\"path\":\"/d/\xc3\xa9\\u001b.jsonl\",\"record\":2,\"offset\":20,\"reason\":"
                     "\"bad_record\",\"message\":\"'}' expected \\\"here\\\"\"}\n"
                     "{\"path\":\"/d/\\\\xff\",\"record\":0,\"offset\":0,\"reason\":\"binary\","
                     "\"message\":\"cut \\\\xc3\"}\n");
    free(text);
}

Test(report, a_file_that_cannot_be_made_or_written_is_an_error)
{
    struct report *report;
    struct lede_error error;

    cr_expect_eq(report_open("none/out", &report, &error), LEDE_IO);
    cr_expect_str_eq(error.text, "--report none/out: No such file or directory");
    if (access("/dev/full", W_OK) != 0)
        cr_skip_test("there is no /dev/full");
    cr_assert_eq(report_open("/dev/full", &report, &error), LEDE_OK);
    add_skip(report, SKIP_BINARY, "a", false, 0, "");
    cr_expect_eq(report_close(report, &error), LEDE_FULL);
    cr_expect_str_eq(error.text, "--report /dev/full: No space left on device");
}

Test(report, odd_dates_and_bytes_are_told)
{
    struct report *report;

    cr_assert_eq(report_open(NULL, &report, NULL), LEDE_OK);
    report_article(report, &(struct item){.replaced_bytes = 3, .date_unread = true});
    report_article(report, &(struct item){.date_unread = true});
    check_summary(report, "2 dates in no known form were kept as metadata\n"
                          "3 bytes were no UTF-8 or UTF-16 and were read as U+FFFD\n");
    (void)report_close(report, NULL);
}
