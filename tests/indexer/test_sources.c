/* What an index remembers of the files that its articles were read from. */
#include "indexer/compact.h"
#include "tests/indexer/articles.h"

TestSuite(sources, .init = scratch_make, .fini = scratch_remove);

static struct lede_writer *writer_here(void)
{
    struct lede_writer *writer = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_open("index", NULL, &writer, &error), LEDE_OK, "%s", error.text);
    return writer;
}

static void add(struct lede_writer *writer, const char *id, const char *text, const char *source)
{
    struct lede_article article = {
        .id = bytes_of(id), .text = bytes_of(text), .source = bytes_of(source)};
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
}

/* size 0: it is not complete. */
static void end(struct lede_writer *writer, const char *path, uint64_t size)
{
    struct lede_source source = {bytes_of(path), size > 0, -5, size, 1};
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_end_source(writer, &source, &error), LEDE_OK, "%s", error.text);
}

static void commit(struct lede_writer *writer)
{
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
}

static void add_all(struct lede_writer *writer, const char *path, uint64_t size, const char *ids,
                    const char *text)
{
    for (; *ids; ids++)
        add(writer, (char[]){*ids, '\0'}, text, path);
    end(writer, path, size);
}

static struct snapshot *snapshot_here(void)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};

    cr_assert_eq(snapshot_open("index", &snapshot, &error), LEDE_OK, "%s", error.text);
    return snapshot;
}

/* "/a 5 /b | /b 7": the files of each segment, with their sizes if they are complete. */
static void expect_sources(const char *expected)
{
    struct snapshot *snapshot = snapshot_here();
    struct buffer out;

    buffer_init(&out, NULL);
    for (size_t i = 0; i < snapshot->segment_count; i++) {
        struct source_file_cursor cursor;
        struct source_file file;

        buffer_str(&out, i > 0 ? " |" : "");
        cr_assert_eq(
            source_file_cursor_init(&cursor, &snapshot->segments[i].streams[STREAM_SOURCES], NULL),
            LEDE_OK);
        while (source_file_cursor_next(&cursor, &file, NULL) == LEDE_OK) {
            buffer_printf(&out, out.size ? " %.*s" : "%.*s", (int)file.path.size, file.path.data);
            if (file.complete)
                buffer_printf(&out, " %llu", (unsigned long long)file.stamp.size);
        }
        source_file_cursor_done(&cursor);
    }
    buffer_byte(&out, 0);
    cr_expect_str_eq((char *)out.data, expected);
    buffer_done(&out);
    snapshot_close(snapshot);
}

/* "a /x b /y": the live articles and where they are from. */
static void expect_articles(const char *expected)
{
    struct snapshot *snapshot = snapshot_here();
    struct buffer out, bytes;

    buffer_init(&out, NULL);
    buffer_init(&bytes, NULL);
    for (size_t i = 0; i < snapshot->segment_count; i++)
        for (doc_id at = 0; at < snapshot->segments[i].info->documents; at++) {
            struct source_file file = {.path = slice_str("")};
            bool deleted;

            cr_assert_eq(segment_is_deleted(&snapshot->segments[i], at, &deleted, NULL), LEDE_OK);
            if (deleted)
                continue;
            cr_assert_eq(segment_name(&snapshot->segments[i], at, &bytes, NULL), LEDE_OK);
            buffer_printf(&out, out.size ? " %.*s" : "%.*s", (int)bytes.size, bytes.data);
            cr_assert_neq(segment_source(&snapshot->segments[i], at, &bytes, &file, NULL),
                          LEDE_CORRUPT);
            buffer_printf(&out, " %.*s", (int)file.path.size, file.path.data);
        }
    buffer_byte(&out, 0);
    cr_expect_str_eq((char *)out.data, expected);
    buffer_done(&out);
    buffer_done(&bytes);
    snapshot_close(snapshot);
}

static void compact(void)
{
    struct compact_options options = {0};
    struct compact_totals totals;
    struct lede_error error = {0};

    cr_assert_eq(compact_index("index", &options, &totals, &error), LEDE_OK, "%s", error.text);
}

Test(sources, a_file_is_listed_once_with_what_it_was_like)
{
    struct lede_writer *writer = writer_here();

    add_all(writer, "/x", 7, "abc", "heron");
    add_all(writer, "/y", 0, "d", "newt");
    add(writer, "e", "from nowhere", "");
    commit(writer);
    lede_writer_close(writer);
    expect_sources("/x 7 /y");
    expect_articles("a /x b /x c /x d /y e ");
}

Test(sources, a_file_of_many_batches_is_listed_once)
{
    struct lede_writer *writer = writer_here();
    char id[16];

    for (int i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "%d", i);
        add(writer, id, "heron", "/x");
    }
    end(writer, "/x", 7);
    add_all(writer, "/y", 8, "a", "heron");
    commit(writer);
    lede_writer_close(writer);
    expect_sources("/x 7 /y 8");
}

Test(sources, a_commit_in_the_middle_of_a_file_leaves_it_incomplete_until_its_end)
{
    struct lede_writer *writer = writer_here();

    add(writer, "a", "heron", "/x");
    commit(writer);
    expect_sources("/x");
    add_all(writer, "/x", 7, "b", "newt");
    commit(writer);
    expect_sources("/x | /x 7");
    add(writer, "c", "heron", "/y");
    commit(writer);
    end(writer, "/y", 3);
    commit(writer);
    lede_writer_close(writer);
    expect_sources("/x | /x 7 | /y | /y 3");
    expect_articles("a /x b /x c /y");
    compact();
    expect_sources("/x 7 /y 3");
    expect_articles("a /x b /x c /y");
}

Test(sources, what_is_there_already_is_not_listed_again)
{
    struct lede_writer *writer = writer_here();
    struct lede_writer_totals totals;

    add_all(writer, "/x", 7, "abc", "heron");
    commit(writer);
    add_all(writer, "/x", 7, "abc", "heron");
    commit(writer);
    lede_writer_totals(writer, &totals);
    lede_writer_close(writer);
    cr_expect_eq(totals.unchanged, 3);
    expect_sources("/x 7");
}

Test(sources, a_file_that_was_touched_is_listed_again_without_articles)
{
    struct lede_writer *writer = writer_here();
    struct lede_writer_totals totals;

    add_all(writer, "/x", 7, "abc", "heron");
    commit(writer);
    add_all(writer, "/x", 8, "abc", "heron");
    commit(writer);
    lede_writer_totals(writer, &totals);
    lede_writer_close(writer);
    cr_expect_eq(totals.unchanged, 3);
    expect_sources("/x 7 | /x 8");
    expect_articles("a /x b /x c /x");
    compact();
    expect_sources("/x 8");
    expect_articles("a /x b /x c /x");
}

Test(sources, an_article_found_in_another_file_is_from_there)
{
    struct lede_writer *writer = writer_here();
    struct lede_writer_totals totals;

    add_all(writer, "/old", 7, "ab", "heron");
    commit(writer);
    add_all(writer, "/new", 7, "b", "heron");
    add(writer, "a", "heron", "");
    commit(writer);
    lede_writer_totals(writer, &totals);
    lede_writer_close(writer);
    cr_expect_eq(totals.replaced, 2);
    expect_articles("b /new a ");
}

Test(sources, a_merge_keeps_the_newest_record_of_each_path)
{
    struct lede_writer *writer = writer_here();

    add_all(writer, "/x", 1, "ab", "heron");
    add_all(writer, "/y", 2, "c", "heron");
    add_all(writer, "/x", 3, "d", "newt");
    commit(writer);
    add_all(writer, "/z", 4, "e", "heron");
    add_all(writer, "/x", 5, "a", "newt");
    commit(writer);
    lede_writer_close(writer);
    expect_sources("/x 1 /y 2 /x 3 | /z 4 /x 5");
    compact();
    expect_sources("/x 5 /y 2 /z 4");
    expect_articles("b /x c /y d /x e /z a /x");
}

Test(sources, a_file_whose_articles_another_one_has_now_is_known_still)
{
    struct lede_writer *writer = writer_here();

    add_all(writer, "/january", 1, "ab", "heron");
    commit(writer);
    add_all(writer, "/february", 2, "ab", "newt");
    commit(writer);
    lede_writer_close(writer);
    compact();
    expect_sources("/january 1 /february 2");
    expect_articles("a /february b /february");
}

Test(sources, a_file_that_is_gone_is_forgotten)
{
    struct lede_writer *writer = writer_here();

    add_all(writer, "/x", 1, "ab", "heron");
    add_all(writer, "/y", 2, "c", "heron");
    commit(writer);
    cr_assert_eq(lede_writer_remove(writer, LEDE_STR("a"), NULL), LEDE_OK);
    cr_assert_eq(lede_writer_remove(writer, LEDE_STR("b"), NULL), LEDE_OK);
    end(writer, "/x", 0);
    commit(writer);
    lede_writer_close(writer);
    expect_sources("/x 1 /y 2 | /x");
    compact();
    expect_sources("/y 2");
    expect_articles("c /y");
}

Test(sources, a_path_is_wanted_and_not_too_long)
{
    static char path[LEDE_SOURCE_MAX + 1];
    struct lede_writer *writer = writer_here();
    struct lede_article article = {.id = LEDE_STR("a"), .source = {path, sizeof path}};
    struct lede_error error = {0};

    memset(path, 'x', sizeof path);
    cr_expect_eq(lede_writer_add(writer, &article, &error), LEDE_LIMIT);
    cr_expect_eq(
        lede_writer_end_source(writer, &(struct lede_source){.path = {path, sizeof path}}, &error),
        LEDE_LIMIT);
    cr_expect_eq(lede_writer_end_source(writer, &(struct lede_source){.size = 1}, &error),
                 LEDE_INVALID);
    article.source.size--;
    cr_expect_eq(lede_writer_add(writer, &article, &error), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
}
