/* The file that keeps what was typed at the prompt. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "query/command/history_file.h"
#include "tests/indexer/scratch.h"

TestSuite(history_file, .init = scratch_make, .fini = scratch_remove);

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    cr_assert(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0);
}

static void expect_lines(const char *path, const char *expected)
{
    struct lede_error error = {.text = ""};
    struct buffer lines;

    buffer_init(&lines, NULL);
    cr_expect_eq(history_file_read(path, &lines, &error), LEDE_OK, "%s", error.text);
    buffer_byte(&lines, '\0');
    cr_expect_str_eq((const char *)lines.data, expected, "%s", (const char *)lines.data);
    buffer_done(&lines);
}

Test(history_file, lines_come_back_in_the_order_that_they_were_added)
{
    struct stat status;

    expect_lines("history", "");
    cr_expect_eq(history_file_add("history", slice_str("one"), NULL), LEDE_OK);
    cr_expect_eq(history_file_add("history", slice_str("\"two words\""), NULL), LEDE_OK);
    expect_lines("history", "one\n\"two words\"\n");
    cr_assert_eq(stat("history", &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
}

Test(history_file, what_may_do_harm_is_left_out_and_so_is_a_line_without_its_end)
{
    static const char bytes[] = "a\n\x1b[31m\n\xff\n\nb\0c\n\xe2\x80\xae\n\xd0\xb4\ncut";

    write_file("history", bytes, sizeof bytes - 1);
    expect_lines("history", "a\n\xd0\xb4\n");
}

Test(history_file, of_more_than_twice_a_thousand_lines_the_newer_half_of_two_thousand_stays)
{
    FILE *file = fopen("history", "wb");
    struct stat before, after;

    cr_assert_not_null(file);
    for (int i = 0; i < 2000; i++)
        (void)fprintf(file, "%d\n", i);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(stat("history", &before), 0);
    for (int i = 0; i < 2; i++) {
        struct buffer lines;

        buffer_init(&lines, NULL);
        cr_assert_eq(history_file_read("history", &lines, NULL), LEDE_OK);
        cr_expect_eq(memcmp(lines.data, i ? "1001\n" : "1000\n", 5), 0, "%.5s",
                     (const char *)lines.data);
        buffer_done(&lines);
        cr_assert_eq(stat("history", &after), 0);
        cr_expect_eq(after.st_size == before.st_size, i == 0);
        cr_assert_eq(history_file_add("history", slice_str("2000"), NULL), LEDE_OK);
    }
}

/* Random bytes: each line that comes back is one of the file's. The seed brings a failure back. */
Test(history_file, any_bytes_are_a_file)
{
    for (unsigned seed = 1; seed <= 200; seed++) {
        static uint8_t bytes[4096];
        unsigned state = seed * 2654435761U;
        struct buffer lines;

        for (size_t i = 0; i < sizeof bytes; i++) {
            state = state * 1664525U + 1013904223U;
            bytes[i] = state >> 30 == 0 ? '\n' : (uint8_t)(state >> 20);
        }
        write_file("history", bytes, sizeof bytes);
        buffer_init(&lines, NULL);
        cr_assert_eq(history_file_read("history", &lines, NULL), LEDE_OK);
        for (size_t at = 0; at < lines.size;) {
            const uint8_t *end = memchr(lines.data + at, '\n', lines.size - at);
            size_t size = end ? (size_t)(end - lines.data) + 1 - at : 0;

            cr_assert(size > 1 && memmem(bytes, sizeof bytes, lines.data + at, size),
                      "seed %u: at %zu", seed, at);
            at += size;
        }
        buffer_done(&lines);
    }
}

Test(history_file, what_cannot_be_read_or_written_is_told)
{
    struct lede_error error;
    struct buffer lines;

    buffer_init(&lines, NULL);
    cr_expect_eq(history_file_read(".", &lines, &error), LEDE_IO);
    cr_expect_eq(strncmp(error.text, ".: ", 3), 0, "%s", error.text);
    buffer_done(&lines);
    cr_expect_eq(history_file_add("none/history", slice_str("a"), &error), LEDE_IO);
    cr_expect_eq(history_file_add("/dev/full", slice_str("a"), &error), LEDE_FULL);
}

Test(history_file, its_place_is_the_state_directory_unless_it_is_named)
{
    char *path, expected[sizeof scratch + 16];

    (void)unsetenv("LEDE_HISTORY");
    (void)setenv("XDG_STATE_HOME", scratch, 1);
    path = history_file_path();
    (void)snprintf(expected, sizeof expected, "%s/lede/history", scratch);
    cr_expect_str_eq(path, expected);
    free(path);
    (void)setenv("LEDE_HISTORY", "elsewhere", 1);
    path = history_file_path();
    cr_expect_str_eq(path, "elsewhere");
    free(path);
    (void)setenv("LEDE_HISTORY", "", 1);
    cr_expect_null(history_file_path());
}
