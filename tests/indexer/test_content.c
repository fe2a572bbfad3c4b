/* test_content.c -- what the readers find in an index, compared with an inversion of the same
 * articles in plain arrays. */
#include "index/norm.h"
#include "tests/indexer/articles.h"
#include "text/analyzer.h"
#include "text/language.h"

TestSuite(content, .init = scratch_make, .fini = scratch_remove);

struct occurrence {
    uint8_t key[KEY_TERM_MAX], size;
    doc_id document;
    uint32_t position;
};

struct plain {
    struct occurrence *occurrences;
    size_t count, capacity;
    struct analyzer *analyzer;
    uint32_t *lengths;
    uint64_t seed;
};

static int compare(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    int order = slice_compare(slice_of(x->key, x->size), slice_of(y->key, y->size));

    if (order != 0)
        return order;
    if (x->document != y->document)
        return x->document < y->document ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

static void put(struct plain *plain, enum field field, struct slice term, doc_id document,
                uint32_t position)
{
    struct occurrence *at;

    if (term.size == 0)
        return;
    if (plain->count == plain->capacity) {
        plain->capacity = plain->capacity ? 2 * plain->capacity : 1 << 16;
        plain->occurrences =
            realloc(plain->occurrences, plain->capacity * sizeof *plain->occurrences);
        cr_assert(plain->occurrences);
    }
    at = &plain->occurrences[plain->count++];
    at->key[0] = (uint8_t)field;
    memcpy(at->key + 1, term.data, term.size);
    at->size = (uint8_t)(term.size + 1);
    at->document = document;
    at->position = position;
}

static uint32_t put_text(struct plain *plain, const char *text, language_id language,
                         doc_id document, uint32_t first, bool title)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(plain->analyzer, slice_str(text), language, first);
    while ((count = analyzer_next(plain->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            put(plain, FIELD_TEXT, tokens[i].term, document, tokens[i].position);
            put(plain, FIELD_TEXT_VARIANT, tokens[i].variant, document, tokens[i].position);
            put(plain, FIELD_AMOUNT, tokens[i].amount, document, tokens[i].position);
            if (!title)
                continue;
            put(plain, FIELD_TITLE, tokens[i].term, document, tokens[i].position);
            put(plain, FIELD_TITLE_VARIANT, tokens[i].variant, document, tokens[i].position);
        }
    return analyzer_position(plain->analyzer);
}

static language_id language_of(const struct piece *piece)
{
    language_id id = LANGUAGE_NONE;

    cr_assert(language_find(slice_str("en"), &id));
    (void)language_find(slice_str(piece->language), &id); /* "xx" and "" leave it */
    return id;
}

static void invert_plainly(struct plain *plain, const struct piece *pieces, size_t count)
{
    struct analyzer_settings settings = {.amounts = true};

    cr_assert_eq(analyzer_new(&settings, NULL, &plain->analyzer, NULL), LEDE_OK);
    plain->lengths = calloc(count, sizeof *plain->lengths);
    cr_assert(plain->lengths);
    for (doc_id i = 0; i < count; i++) {
        language_id language = language_of(&pieces[i]);
        uint32_t title = put_text(plain, pieces[i].title, language, i, 0, true);

        plain->lengths[i] =
            put_text(plain, pieces[i].text, language, i, title + TITLE_GAP, false) - TITLE_GAP;
    }
    analyzer_free(plain->analyzer);
    if (plain->count > 0)
        qsort(plain->occurrences, plain->count, sizeof *plain->occurrences, compare);
}

/* Compares a posting's positions; returns the occurrence behind them. */
static size_t check_positions(const struct plain *plain, struct posting_cursor *cursor,
                              uint32_t place, size_t at, bool positions)
{
    uint32_t document = posting_cursor_documents(cursor)[place];
    uint32_t tf = posting_cursor_frequencies(cursor)[place];
    struct buffer values;

    buffer_init(&values, NULL);
    if (positions)
        cr_assert(posting_cursor_positions(cursor, place, &values));
    for (uint32_t i = 0; i < tf; i++, at++) {
        uint32_t position;

        cr_assert_lt(at, plain->count);
        cr_assert_eq(plain->occurrences[at].document, document, "seed %lu", plain->seed);
        if (!positions)
            continue;
        memcpy(&position, values.data + 4 * i, 4);
        cr_assert_eq(plain->occurrences[at].position, position, "seed %lu", plain->seed);
    }
    buffer_done(&values);
    return at;
}

static size_t check_list(const struct plain *plain, const struct segment *segment,
                         const struct term_info *info, size_t at)
{
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    uint32_t df = 0;

    cr_assert(cursor);
    posting_cursor_init(cursor, &segment->postings, info);
    for (; cursor->last != DOC_END; posting_cursor_next(cursor))
        for (uint32_t place = 0; place < cursor->count; place++, df++)
            at = check_positions(plain, cursor, place, at, segment->postings.positions != NULL);
    cr_assert_eq(cursor->status, LEDE_OK, "%s", cursor->error.text);
    cr_assert_eq(df, info->df);
    free(cursor);
    return at;
}

static void check_terms(const struct plain *plain, struct snapshot *snapshot)
{
    struct segment *segment = &snapshot->segments[0];
    struct dictionary_cursor cursor;
    struct lede_error error = {0};
    struct term_info info;
    struct slice term;
    enum lede_status status;
    size_t at = 0, before;

    cr_assert_eq(dictionary_cursor_seek(&cursor, &snapshot->pages, segment->info->number,
                                        slice_of(NULL, 0), &error),
                 LEDE_OK);
    while ((status = dictionary_cursor_next(&cursor, &term, &info, &error)) == LEDE_OK) {
        cr_assert_lt(at, plain->count, "seed %lu", plain->seed);
        cr_assert(
            slice_equal(term, slice_of(plain->occurrences[at].key, plain->occurrences[at].size)),
            "seed %lu", plain->seed);
        before = at;
        at = check_list(plain, segment, &info, at);
        cr_assert_eq(at - before, info.total_tf, "seed %lu", plain->seed);
        cr_assert(at == plain->count || !slice_equal(term, slice_of(plain->occurrences[at].key,
                                                                    plain->occurrences[at].size)));
    }
    cr_assert_eq(status, LEDE_MISSING, "%s", error.text);
    cr_assert_eq(at, plain->count, "seed %lu", plain->seed);
}

static int64_t column_of(struct segment *segment, enum column column, doc_id document)
{
    int64_t value = 0;

    cr_assert_eq(column_get(&segment->columns, column, document, &value, NULL), LEDE_OK);
    return value;
}

static void check_stored(struct segment *segment, doc_id document, const struct piece *piece,
                         bool text_kept)
{
    struct stored_article stored;
    struct buffer raw, fields;
    struct lede_error error = {0};

    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    cr_assert_eq(stored_get(&segment->streams[STREAM_ARTICLES],
                            column_of(segment, COLUMN_ARTICLE, document), true, 1 << 24, &raw,
                            &fields, &stored, &error),
                 LEDE_OK, "%s", error.text);
    cr_assert(slice_equal(stored.title, slice_str(piece->title)));
    cr_assert(slice_equal(stored.url, slice_str(piece->url)));
    cr_assert(slice_equal(stored.language, slice_str(piece->language[0] ? piece->language : "en")));
    cr_assert_eq(stored.text_kept, text_kept);
    cr_assert(slice_equal(stored.text, slice_str(text_kept ? piece->text : "")));
    cr_assert_eq(stored.metadata_count, piece->url[0] ? 1 : 0);
    buffer_done(&raw);
    buffer_done(&fields);
}

static void check_source(struct segment *segment, doc_id document)
{
    struct source_file file;
    struct buffer path;

    buffer_init(&path, NULL);
    cr_assert_eq(segment_source(segment, document, &path, &file, NULL), LEDE_OK);
    cr_assert(slice_equal(file.path, slice_str("/from/here")));
    cr_assert_not(file.complete);
    buffer_done(&path);
}

static void check_documents(const struct plain *plain, struct segment *segment,
                            const struct piece *pieces, bool text_kept)
{
    struct buffer name;

    buffer_init(&name, NULL);
    for (doc_id i = 0; i < segment->info->documents; i++) {
        const struct piece *piece = &pieces[i];
        bool dated = piece->date.precision != LEDE_DATE_NONE;

        cr_assert_eq(segment_name(segment, i, &name, NULL), LEDE_OK);
        cr_assert(slice_equal(buffer_bytes(&name), slice_str(piece->id)), "seed %lu", plain->seed);
        cr_assert_eq(segment_norms(segment, i / WINDOW_DOCS, NULL)[i % WINDOW_DOCS],
                     norm_encode(plain->lengths[i]));
        cr_assert_eq(column_of(segment, COLUMN_TOKENS, i), plain->lengths[i]);
        cr_assert_eq(column_of(segment, COLUMN_DATE, i),
                     dated ? piece->date.seconds : COLUMN_MISSING);
        cr_assert_eq(column_of(segment, COLUMN_DATE_KIND, i),
                     dated ? ((int64_t)piece->date.precision | LEDE_DATE_FROM_METADATA << 3)
                           : COLUMN_MISSING);
        cr_assert_eq(column_of(segment, COLUMN_LANGUAGE, i), language_of(piece));
        cr_assert_eq(column_of(segment, COLUMN_SOURCE_OFFSET, i), 7);
        cr_assert_eq(column_of(segment, COLUMN_SOURCE_SIZE, i), (int64_t)strlen(piece->text));
        cr_assert_neq(column_of(segment, COLUMN_CONTENT_HASH, i), COLUMN_MISSING);
        check_source(segment, i);
        check_stored(segment, i, piece, text_kept);
    }
    buffer_done(&name);
}

static void check_index(struct lede_writer_options options, uint32_t count)
{
    struct piece *pieces = calloc(count, sizeof *pieces);
    struct dice dice = dice_new();
    struct plain plain = {.seed = dice.seed};
    struct lede_error error = {0};
    struct lede_writer *writer;
    struct snapshot *snapshot;

    cr_assert(pieces);
    cr_assert_eq(lede_writer_open("index", &options, &writer, &error), LEDE_OK, "%s", error.text);
    for (uint32_t i = 0; i < count; i++) {
        article_make(&dice, &pieces[i], i, dice_bits(&dice, 11));
        cr_assert_eq(article_add(writer, &pieces[i], &error), LEDE_OK, "%s", error.text);
    }
    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    lede_writer_close(writer);
    invert_plainly(&plain, pieces, count);
    cr_assert_eq(snapshot_open("index", &snapshot, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(snapshot->segment_count, 1);
    cr_assert_eq(snapshot->segments[0].info->documents, count);
    check_terms(&plain, snapshot);
    check_documents(&plain, &snapshot->segments[0], pieces, !options.no_store);
    snapshot_close(snapshot);
    for (uint32_t i = 0; i < count; i++)
        free(pieces[i].text);
    free(pieces);
    free(plain.occurrences);
    free(plain.lengths);
}

Test(content, readers_find_every_term_posting_and_position)
{
    check_index((struct lede_writer_options){.jobs = 2, .memory = 16 << 20}, 1500);
}

Test(content, without_positions_and_texts_the_rest_is_the_same)
{
    check_index((struct lede_writer_options){.jobs = 3, .no_positions = true, .no_store = true},
                600);
}

Test(content, one_article_is_an_index)
{
    check_index((struct lede_writer_options){.jobs = 1}, 1);
}
