#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "indexer/command/progress.h"

static const struct progress_counts COUNTS = {3, 1200, 45200000};

static void check(enum progress_style style, unsigned columns, uint64_t total, bool done,
                  const char *expected)
{
    char text[512];

    progress_format(text, sizeof text, style, columns, &COUNTS, total, 2.0, done);
    cr_expect_str_eq(text, expected, "%s", text);
}

Test(progress, a_line_says_what_was_done_and_how_fast)
{
    check(PROGRESS_LINES, 80, 0, false, "3 files, 1200 articles, 45.2 MB, 22.6 MB/s");
    check(PROGRESS_LINES, 80, 90400000, false,
          "3 files, 1200 articles, 45.2 MB, 22.6 MB/s    50%, 0:00:02 left");
}

Test(progress, a_bar_fills_what_the_terminal_has)
{
    check(PROGRESS_BAR, 80, 90400000, false,
          "3 files, 1200 articles, 45.2 MB, 22.6 MB/s  [====    ]  50%, 0:00:02 left");
    check(
        PROGRESS_BAR, 100, 45200000, false,
        "3 files, 1200 articles, 45.2 MB, 22.6 MB/s  [============================] 100%, 0:00:00 "
        "left");
    check(PROGRESS_BAR, 20, 0, false, "3 files, 1200 artic");
    check(PROGRESS_BAR, 1, 0, false, "");
}

Test(progress, no_width_or_total_overruns_the_line)
{
    for (unsigned columns = 0; columns < 300; columns++)
        for (uint64_t total = 1; total < UINT64_MAX / 64; total *= 37) {
            char text[512];

            progress_format(text, sizeof text, PROGRESS_BAR, columns, &COUNTS, total, 1e7, false);
            cr_assert_lt(strlen(text), columns > 0 ? columns : 1);
        }
}

Test(progress, json_is_an_object_a_line)
{
    check(
        PROGRESS_OBJECTS, 80, 7, true,
        "{\"files\":3,\"articles\":1200,\"bytes\":45200000,\"total\":7,\"seconds\":2.000,\"done\":"
        "true}");
}

static char *drive(enum progress_mode mode, bool quiet)
{
    struct progress progress;
    char *text = NULL;
    size_t size;

    progress_begin(&progress, mode, quiet, 0);
    progress.out = open_memstream(&text, &size);
    cr_assert(progress.out);
    progress.shown -= (int64_t)60 * 1000000000;
    progress_update(&progress, &COUNTS);
    progress_update(&progress, &COUNTS);
    progress_end(&progress, &COUNTS);
    fclose(progress.out);
    return text;
}

Test(progress, quiet_and_never_say_nothing_and_a_bar_is_taken_away)
{
    char *text = drive(PROGRESS_AUTO, true);

    cr_expect_str_eq(text, "");
    free(text);
    text = drive(PROGRESS_NEVER, false);
    cr_expect_str_eq(text, "");
    free(text);
    text = drive(PROGRESS_ALWAYS, false);
    cr_expect(strlen(text) > 8 && strcmp(text + strlen(text) - 4, "\r\033[K") == 0);
    free(text);
    text = drive(PROGRESS_JSON, false);
    cr_expect(strstr(text, "\"done\":false}\n{"));
    cr_expect(strstr(text, "\"done\":true}\n"));
    free(text);
}
