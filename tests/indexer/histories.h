/* histories.h -- random histories of an index, and comparing what two indexes have. */
#ifndef TESTS_INDEXER_HISTORIES_H
#define TESTS_INDEXER_HISTORIES_H

#include "index/verify.h"
#include "indexer/compact.h"
#include "tests/indexer/articles.h"

enum { PIECES = 700 };

static struct piece pieces[PIECES];
static bool live[PIECES]; /* as the index has them */

UNUSED static struct lede_writer *open_writer(const char *path,
                                              const struct lede_writer_options *options)
{
    struct lede_writer *writer = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_open(path, options, &writer, &error), LEDE_OK, "%s", error.text);
    return writer;
}

UNUSED static void commit(struct lede_writer *writer)
{
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
}

UNUSED static void add(struct lede_writer *writer, const struct piece *piece)
{
    struct lede_error error = {0};

    cr_assert_eq(article_add(writer, piece, &error), LEDE_OK, "%s", error.text);
}

UNUSED static struct compact_totals compact_so(const char *path,
                                               const struct compact_options *options)
{
    struct compact_totals totals;
    struct lede_error error = {0};

    cr_assert_eq(compact_index(path, options, &totals, &error), LEDE_OK, "%s", error.text);
    cr_expect(totals.done);
    return totals;
}

UNUSED static struct compact_totals compact(const char *path)
{
    return compact_so(path, &(struct compact_options){.memory = 32 << 20});
}

UNUSED static void report(void *context, const char *what)
{
    (void)context;
    cr_expect(false, "%s", what);
}

UNUSED static void expect_sound(const char *path, uint64_t segments)
{
    struct verify_totals totals = {0};
    struct lede_error error = {0};

    cr_expect_eq(verify_index(path, true, report, NULL, &totals, &error), LEDE_OK, "%s",
                 error.text);
    cr_expect_eq(totals.segments, segments);
    cr_expect_eq(totals.deleted, 0);
    cr_expect_eq(totals.garbage, 0);
}

/* ---- histories ---- */

UNUSED static void make_pieces(struct dice *dice)
{
    for (uint32_t i = 0; i < PIECES; i++) {
        uint32_t words = dice_below(dice, 20) ? dice_below(dice, 90) : 0;

        article_make(dice, &pieces[i], i, words);
        /* None is a copy of another: groups of copies tell what was there before. */
        if (words < 12)
            pieces[i].title[0] = '\0';
        if (words < 12 && i % 2)
            snprintf(pieces[i].title, sizeof pieces[i].title, "t%u u%u v%u", i, i, i);
        if (words > 0 && words < 12 && i % 2 == 0)
            snprintf(pieces[i].text, (size_t)words * 24 + 1, "w%u x%u y%u", i, i, i);
    }
    free(pieces[3].text);
    pieces[3].text = malloc(400000); /* over several stored blocks */
    cr_assert(pieces[3].text);
    article_words(dice, 15000, pieces[3].text);
}

UNUSED static void free_pieces(void)
{
    for (uint32_t i = 0; i < PIECES; i++)
        free(pieces[i].text);
}

/* Adds, replaces and removes at random, with commits in between; notes what is live. */
UNUSED static void live_through(struct dice *dice, const char *path,
                                const struct lede_writer_options *options)
{
    struct lede_writer *writer = open_writer(path, options);

    memset(live, 0, sizeof live);
    for (uint32_t step = 0; step < PIECES * 3 / 2; step++) {
        uint32_t which = step < 4 ? 3 - step : dice_below(dice, PIECES);

        if (live[which] && dice_below(dice, 2)) {
            cr_assert_leq(lede_writer_remove(writer, bytes_of(pieces[which].id), NULL),
                          LEDE_MISSING);
            live[which] = false;
        } else if (!live[which]) {
            add(writer, &pieces[which]);
            live[which] = true;
        }
        if (dice_below(dice, 60) == 0)
            commit(writer);
    }
    commit(writer);
    lede_writer_close(writer);
}

/* What an index has, in its order, into a new one. */
UNUSED static void add_live(const char *path, const char *like,
                            const struct lede_writer_options *options, uint32_t commit_every)
{
    struct lede_writer *writer = open_writer(path, options);
    struct lede_index *index;
    struct lede_cursor cursor = {0};
    struct lede_hit hit;
    uint32_t added = 0;

    cr_assert_eq(lede_index_open(&like, 1, &index, NULL), LEDE_OK);
    while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK) {
        struct lede_stored *stored;

        cr_assert_eq(lede_stored_get(index, &hit, &stored, NULL), LEDE_OK);
        cr_assert_eq(lede_writer_add(writer, lede_stored_article(stored), NULL), LEDE_OK);
        lede_stored_free(stored);
        if (commit_every && ++added % commit_every == 0)
            commit(writer);
    }
    lede_index_close(index);
    commit(writer);
    lede_writer_close(writer);
}

/* ---- comparing ---- */

UNUSED static void expect_same_bytes(struct lede_bytes a, struct lede_bytes b)
{
    cr_assert_eq(a.size, b.size);
    cr_assert(a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

UNUSED static void expect_same_article(const struct lede_article *a, const struct lede_article *b)
{
    expect_same_bytes(a->id, b->id);
    expect_same_bytes(a->title, b->title);
    expect_same_bytes(a->text, b->text);
    expect_same_bytes(a->url, b->url);
    expect_same_bytes(a->language, b->language);
    expect_same_bytes(a->source, b->source);
    cr_assert_eq(a->source_offset, b->source_offset);
    cr_assert_eq(a->source_size, b->source_size);
    cr_assert_eq(a->date.seconds, b->date.seconds);
    cr_assert_eq(a->date.precision, b->date.precision);
    cr_assert_eq(a->metadata_count, b->metadata_count);
    for (size_t i = 0; i < a->metadata_count; i++) {
        expect_same_bytes(a->metadata[i].name, b->metadata[i].name);
        expect_same_bytes(a->metadata[i].value, b->metadata[i].value);
    }
}

/* Both export the same, in the same order; returns how many. */
UNUSED static uint64_t expect_same_export(struct lede_index *a, struct lede_index *b)
{
    struct lede_cursor at_a = {0}, at_b = {0};
    uint64_t count = 0;

    for (;; count++) {
        struct lede_hit hit_a = {0}, hit_b = {0};
        struct lede_stored *stored_a, *stored_b;
        enum lede_status status = lede_cursor_next(a, &at_a, &hit_a, NULL);

        cr_assert_eq(lede_cursor_next(b, &at_b, &hit_b, NULL), status);
        if (status != LEDE_OK)
            return count;
        cr_assert_eq(lede_stored_get(a, &hit_a, &stored_a, NULL), LEDE_OK);
        cr_assert_eq(lede_stored_get(b, &hit_b, &stored_b, NULL), LEDE_OK);
        cr_assert_eq(lede_stored_text_kept(stored_a), lede_stored_text_kept(stored_b));
        expect_same_article(lede_stored_article(stored_a), lede_stored_article(stored_b));
        lede_stored_free(stored_a);
        lede_stored_free(stored_b);
    }
}

UNUSED static void expect_same_articles(const char *a, const char *b)
{
    struct lede_index *index_a, *index_b;

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    cr_expect_gt(expect_same_export(index_a, index_b), 100);
    lede_index_close(index_a);
    lede_index_close(index_b);
}

UNUSED static void expect_same_answer(struct lede_index *a, struct lede_index *b, const char *query,
                                      const struct lede_search_options *options)
{
    struct lede_results *results_a, *results_b;
    struct lede_error error = {0};

    cr_assert_eq(lede_search(a, bytes_of(query), options, &results_a, &error), LEDE_OK, "%s",
                 error.text);
    cr_assert_eq(lede_search(b, bytes_of(query), options, &results_b, &error), LEDE_OK, "%s",
                 error.text);
    cr_assert_eq(lede_results_total(results_a), lede_results_total(results_b), "%s", query);
    cr_assert_eq(lede_results_count(results_a), lede_results_count(results_b), "%s", query);
    for (size_t i = 0; i < lede_results_count(results_a); i++) {
        const struct lede_hit *x = lede_results_hit(results_a, i),
                              *y = lede_results_hit(results_b, i);

        expect_same_bytes(x->id, y->id);
        cr_assert_eq(memcmp(&x->score, &y->score, sizeof x->score), 0, "%s: %a and %a", query,
                     x->score, y->score);
    }
    lede_results_free(results_a);
    lede_results_free(results_b);
}

/* Words of an article that may be live or not, plain, required, as a phrase, of titles. */
UNUSED static void make_query(struct dice *dice, char query[256])
{
    static const char *const forms[] = {"%s %s", "+%s %s", "\"%s %s\"", "title:%s %s", "%s -%s"};
    char words[2][64] = {"", ""};

    for (int i = 0; i < 2; i++)
        words[i][article_word(dice, words[i])] = '\0';
    snprintf(query, 256, forms[dice_below(dice, 5)], words[0], words[1]);
}

UNUSED static void expect_same(struct dice *dice, const char *a, const char *b)
{
    struct lede_index *index_a, *index_b;
    struct lede_search_options options = {.limit = 30, .count_matches = true};

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    cr_expect_gt(expect_same_export(index_a, index_b), 100);
    for (int i = 0; i < 400; i++) {
        char query[256];

        make_query(dice, query);
        options.any = dice_below(dice, 2);
        options.exhaustive = dice_below(dice, 4) == 0;
        expect_same_answer(index_a, index_b, query, &options);
    }
    lede_index_close(index_a);
    lede_index_close(index_b);
}

/* The bytes of a stream, extent by extent, and of the dictionary's pages but for what the segment's
 * number decides: keys and checksums. */
UNUSED static uint64_t segment_digest(const char *path)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};
    uint64_t digest;

    cr_assert_eq(snapshot_open(path, &snapshot, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(snapshot->segment_count, 1);
    struct segment_info info = *snapshot->segments[0].info;
    uint32_t number = info.number;

    info.number = 0;
    digest = XXH3_64bits(info.stream_sizes, sizeof info.stream_sizes);
    digest = XXH3_64bits_withSeed(&info.average, sizeof info.average, digest + info.tokens);
    for (int kind = 0; kind < STREAM_COUNT; kind++) {
        struct stream *stream = &snapshot->segments[0].streams[kind];

        for (uint64_t at = 0; at < stream->size; at += EXTENT_CAPACITY) {
            size_t size = stream_left(stream, at, &error);
            const uint8_t *bytes = stream_at(stream, at, size, &error);

            cr_assert(bytes, "%s", error.text);
            digest = XXH3_64bits_withSeed(bytes, size, digest);
        }
    }
    uint8_t from[5 + KEY_TERM_MAX] = {0};
    size_t from_size = 4;
    struct slice key, value;

    store_be32(from, number);
    while (store_seek(&snapshot->records, TABLE_DICT, slice_of(from, from_size), &key, &value,
                      &error) == LEDE_OK) {
        digest = XXH3_64bits_withSeed(key.data + 4, key.size - 4, digest);
        digest = XXH3_64bits_withSeed(value.data + 4, value.size - 4, digest);
        memcpy(from, key.data, key.size);
        from[key.size] = 0;
        from_size = key.size + 1;
    }
    snapshot_close(snapshot);
    return digest;
}

#endif
