#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "query/command/topics.h"

/* Topics that read from a file with these bytes. */
static void start(struct topics *topics, const void *bytes, size_t size, bool with_ids)
{
    char path[] = "/tmp/lede-topics-XXXXXX";
    int fd = mkstemp(path);

    cr_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && close(fd) == 0);
    cr_assert_eq(topics_open(topics, path, with_ids, NULL), LEDE_OK);
    topics->name = "file";
    (void)unlink(path);
}

static void expect(struct topics *topics, const char *id, const char *query)
{
    struct slice got_id, got_query;
    bool more;

    cr_assert_eq(topics_next(topics, &more, &got_id, &got_query, NULL), LEDE_OK);
    cr_assert(more);
    cr_expect(slice_equal(got_id, slice_str(id)), "%s", id);
    cr_expect(slice_equal(got_query, slice_str(query)), "%s", query);
}

static void expect_end(struct topics *topics)
{
    struct slice id, query;
    bool more = true;

    cr_assert_eq(topics_next(topics, &more, &id, &query, NULL), LEDE_OK);
    cr_expect(!more);
    topics_close(topics);
}

Test(topics, a_line_is_an_id_a_tab_and_a_text)
{
    struct topics topics;

    start(&topics, "1\ta b\tc\r\n\n \t\n2\t\n3\td", 19, true);
    expect(&topics, "1", "a b\tc");
    expect(&topics, "2", "");
    expect(&topics, "3", "d");
    expect_end(&topics);
}

Test(topics, without_ids_every_line_is_a_query_even_an_empty_one)
{
    struct topics topics;

    start(&topics, "a\tb\n\n\nc", 7, false);
    expect(&topics, "", "a\tb");
    expect(&topics, "", "");
    expect(&topics, "", "");
    expect(&topics, "", "c");
    expect_end(&topics);
}

Test(topics, a_line_without_an_id_is_told_with_its_number_and_the_next_can_be_read)
{
    struct topics topics;
    struct lede_error error;
    struct slice id, query;
    bool more;

    start(&topics, "1\ta\nno tab\n\tno id\n4\tb\n", 22, true);
    expect(&topics, "1", "a");
    cr_expect_eq(topics_next(&topics, &more, &id, &query, &error), LEDE_INVALID);
    cr_expect_eq(strncmp(error.text, "file:2: ", 8), 0, "%s", error.text);
    cr_expect_eq(topics_next(&topics, &more, &id, &query, &error), LEDE_INVALID);
    cr_expect_eq(strncmp(error.text, "file:3: ", 8), 0, "%s", error.text);
    expect(&topics, "4", "b");
    expect_end(&topics);
}

Test(topics, of_an_endless_line_only_the_beginning_is_kept)
{
    size_t size = 1 << 20;
    char *bytes = malloc(size);
    struct slice id, query;
    struct topics topics;
    bool more;

    memset(bytes, 'x', size);
    bytes[size - 3] = bytes[size - 1] = '\n';
    bytes[size - 2] = 'y';
    start(&topics, bytes, size, false);
    cr_assert_eq(topics_next(&topics, &more, &id, &query, NULL), LEDE_OK);
    cr_expect_eq(query.size, LINE_MAX_SIZE);
    expect(&topics, "", "y");
    expect_end(&topics);
    free(bytes);
}

Test(topics, a_missing_file_is_told)
{
    struct topics topics;
    struct lede_error error;

    cr_expect_eq(topics_open(&topics, "/nonexistent/topics", true, &error), LEDE_IO);
    cr_expect_eq(strncmp(error.text, "/nonexistent/topics: ", 21), 0, "%s", error.text);
    topics_close(&topics);
}

Test(topics, nothing_more_is_read_once_they_are_stopped)
{
    struct topics topics;
    struct slice id, query;
    bool more = true;

    start(&topics, "one\ntwo\n", 8, false);
    topics_stop(&topics);
    cr_assert_eq(topics_next(&topics, &more, &id, &query, NULL), LEDE_OK);
    cr_expect(!more);
    topics_close(&topics);
}
