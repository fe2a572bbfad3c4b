#include <criterion/criterion.h>

#include "tests/query/small_index.h"

TestSuite(stored_article, .init = scratch_make, .fini = scratch_remove);

enum { TEXT_SIZE = 300 * 1000 }; /* of many blocks */

static char text[TEXT_SIZE];

static void add_article(void)
{
    static const struct lede_field section = {{"section", 7}, {"ports", 5}};
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1};
    struct lede_article article = {.id = small_bytes("one"),
                                   .title = small_bytes("Harbour dues"),
                                   .text = {text, sizeof text},
                                   .language = small_bytes("en"),
                                   .url = small_bytes("https://harbour.example/"),
                                   .source = small_bytes("/in/one.txt"),
                                   .source_offset = 7,
                                   .source_size = 99,
                                   .date = {86400, LEDE_DAY},
                                   .metadata = &section,
                                   .metadata_count = 1};
    struct lede_writer *writer;
    struct lede_error error;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "quay dock ship "[i % 15];
    cr_assert_eq(lede_writer_open("index", &options, &writer, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    lede_writer_close(writer);
}

static void expect_bytes(struct lede_bytes got, const char *wanted)
{
    cr_expect(got.size == strlen(wanted) && memcmp(got.data, wanted, got.size) == 0, "%.*s, not %s",
              (int)got.size, (const char *)got.data, wanted);
}

static void expect_head(const struct lede_article *article)
{
    expect_bytes(article->title, "Harbour dues");
    expect_bytes(article->url, "https://harbour.example/");
    expect_bytes(article->language, "en");
    expect_bytes(article->source, "/in/one.txt");
    cr_expect_eq(article->date.seconds, 86400);
    cr_expect_eq(article->date.precision, LEDE_DAY);
    cr_assert_eq(article->metadata_count, 1);
    expect_bytes(article->metadata[0].name, "section");
    expect_bytes(article->metadata[0].value, "ports");
}

Test(stored_article, whole_it_has_all_that_was_added)
{
    struct lede_stored *stored;
    const struct lede_article *article;
    struct lede_index *index;

    add_article();
    index = small_open("index");
    cr_assert_eq(lede_stored_find(index, small_bytes("one"), &stored, NULL), LEDE_OK);
    article = lede_stored_article(stored);
    expect_head(article);
    expect_bytes(article->id, "one");
    cr_expect(article->text.size == sizeof text &&
              memcmp(article->text.data, text, sizeof text) == 0);
    cr_expect_eq(article->source_offset, 7);
    cr_expect_eq(article->source_size, 99);
    cr_expect(lede_stored_text_kept(stored));
    lede_stored_free(stored);
    lede_index_close(index);
}

Test(stored_article, its_head_is_the_same_without_text_and_byte_range)
{
    struct lede_hit hit = {0};
    struct lede_stored *stored;
    struct lede_index *index;

    add_article();
    index = small_open("index");
    cr_assert_eq(lede_stored_head(index, &hit, &stored, NULL), LEDE_OK);
    expect_head(lede_stored_article(stored));
    expect_bytes(lede_stored_article(stored)->id, "one");
    cr_expect_eq(lede_stored_article(stored)->text.size, 0);
    cr_expect_eq(lede_stored_article(stored)->source_size, 0);
    cr_expect(lede_stored_text_kept(stored));
    lede_stored_free(stored);
    hit.id = small_bytes("believed");
    cr_assert_eq(lede_stored_head(index, &hit, &stored, NULL), LEDE_OK);
    expect_bytes(lede_stored_article(stored)->id, "believed");
    lede_stored_free(stored);
    hit.document = 1;
    cr_expect_eq(lede_stored_head(index, &hit, &stored, NULL), LEDE_INVALID);
    lede_index_close(index);
}

enum { SEGMENTS = 3, EACH = 2 };

/* Articles of one size, so that each segment has its own in the same places of its first block. */
static void add_twins(void)
{
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1, .no_merge = true};
    struct lede_writer *writer;

    cr_assert_eq(lede_writer_open("index", &options, &writer, NULL), LEDE_OK);
    for (int i = 0; i < SEGMENTS * EACH; i++) {
        char id[8], words[16];

        snprintf(id, sizeof id, "%d", i);
        snprintf(words, sizeof words, "berth %d", i);
        cr_assert_eq(lede_writer_add(
                         writer,
                         &(struct lede_article){.id = small_bytes(id), .text = small_bytes(words)},
                         NULL),
                     LEDE_OK);
        if (i % EACH == EACH - 1)
            cr_assert_eq(lede_writer_commit(writer, NULL), LEDE_OK);
    }
    lede_writer_close(writer);
}

Test(stored_article, it_is_never_of_the_block_of_another_segment_that_was_read_before)
{
    static const int order[] = {0, 2, 4, 5, 3, 1, 0, 1, 2, 3, 4, 5, 5, 0};
    struct lede_hit hits[SEGMENTS * EACH];
    struct lede_cursor cursor = {0};
    struct lede_index *index;

    add_twins();
    index = small_open("index");
    for (int i = 0; i < SEGMENTS * EACH; i++)
        cr_assert_eq(lede_cursor_next(index, &cursor, &hits[i], NULL), LEDE_OK);
    cr_assert_neq(hits[0].segment, hits[EACH].segment);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct lede_stored *stored;
        char words[16];

        snprintf(words, sizeof words, "berth %d", order[i]);
        cr_assert_eq(lede_stored_get(index, &hits[order[i]], &stored, NULL), LEDE_OK);
        expect_bytes(lede_stored_article(stored)->text, words);
        lede_stored_free(stored);
    }
    lede_index_close(index);
}
