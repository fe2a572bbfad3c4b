#include <criterion/criterion.h>
#include <stdio.h>

#include "base/account.h"
#include "tests/index/memory_index.h"
#include "tests/index/memory_records.h"

static struct lede_error error;

/* An index in a directory of its own, made, written and opened. */
struct shelf {
    struct dice dice;
    struct plain_index plain;
    char *path;
    struct snapshot *snapshot;
};

static void shelf_open(struct shelf *shelf, size_t segments, uint32_t documents, uint32_t terms,
                       bool positions)
{
    shelf->dice = dice_new();
    fprintf(stderr, "LEDE_SEED=%llu\n", (unsigned long long)shelf->dice.seed);
    plain_index_make(&shelf->plain, &shelf->dice, segments, documents, terms, positions);
    shelf->path = temp_directory_new();
    plain_index_write(&shelf->plain, shelf->path);
    cr_assert_eq(snapshot_open(shelf->path, &shelf->snapshot, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(shelf->snapshot->segment_count, segments);
}

static void shelf_close(struct shelf *shelf)
{
    snapshot_close(shelf->snapshot);
    temp_directory_free(shelf->path);
    plain_index_free(&shelf->plain);
}

/* ---- documents ---- */

static void check_source(struct segment *segment, doc_id document, int64_t number,
                         struct buffer *read)
{
    struct source_stamp stamp;
    struct source_file file;
    char path[PLAIN_PATH];
    bool complete;
    enum lede_status status = segment_source(segment, document, read, &file, &error);

    cr_assert_eq(status, number == COLUMN_MISSING ? LEDE_MISSING : LEDE_OK, "%s", error.text);
    if (status != LEDE_OK)
        return;
    plain_source((uint32_t)number, path, &stamp, &complete);
    cr_assert(slice_equal(file.path, slice_str(path)));
    cr_assert_eq(file.complete, complete);
    cr_assert(!complete || source_stamp_equal(&file.stamp, &stamp));
}

static void check_document(struct segment *segment, const struct plain_document *plain,
                           doc_id document, struct buffer *buffers)
{
    struct stored_article article;
    int64_t value;
    bool deleted;

    cr_assert_eq(segment_name(segment, document, &buffers[0], &error), LEDE_OK, "%s", error.text);
    cr_assert(slice_equal(buffer_bytes(&buffers[0]), slice_str(plain->id)));
    cr_assert_eq(segment_is_deleted(segment, document, &deleted, &error), LEDE_OK);
    cr_assert_eq(deleted, plain->deleted, "document %u", document);
    check_source(segment, document, plain->columns[COLUMN_SOURCE], &buffers[0]);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        int64_t expected = column == COLUMN_TOKENS ? plain->length : plain->columns[column];

        cr_assert_eq(column_get(&segment->columns, (enum column)column, document, &value, &error),
                     LEDE_OK, "%s", error.text);
        if (column != COLUMN_NAMES && column != COLUMN_ARTICLE)
            cr_assert_eq(value, expected, "column %d of document %u", column, document);
        if (column != COLUMN_ARTICLE)
            continue;
        cr_assert_eq(stored_get(&segment->streams[STREAM_ARTICLES], value, true, 1 << 20,
                                &buffers[1], &buffers[2], &article, &error),
                     LEDE_OK, "%s", error.text);
        cr_assert(slice_equal(article.title, slice_str(plain->title)));
        cr_assert(slice_equal(article.text, slice_str(plain->text)));
        cr_assert(slice_equal(article.metadata[0].value, slice_str(plain->id)));
    }
}

static void check_documents(struct segment *segment, const struct plain_segment *plain)
{
    struct buffer buffers[3];

    for (int i = 0; i < 3; i++)
        buffer_init(&buffers[i], NULL);
    for (doc_id document = 0; document < plain->document_count; document++)
        check_document(segment, &plain->documents[document], document, buffers);
    for (int i = 0; i < 3; i++)
        buffer_done(&buffers[i]);
}

static void check_windows(struct segment *segment, const struct plain_segment *plain)
{
    for (uint32_t window = 0; window < segment_window_count(segment); window++) {
        const uint8_t *norms = segment_norms(segment, window, &error), *bits;
        bool any = false;

        cr_assert(norms, "%s", error.text);
        cr_assert_eq(segment_deletions(segment, window, &bits, &error), LEDE_OK);
        for (uint32_t i = 0; i < segment_window_docs(segment, window); i++) {
            const struct plain_document *document = &plain->documents[window * WINDOW_DOCS + i];

            cr_assert_eq(norms[i], norm_encode(document->length));
            if (bits)
                cr_assert_eq(bits[i / 8] >> (i % 8) & 1, document->deleted);
            any = any || document->deleted;
        }
        cr_assert_eq(any, bits != NULL);
    }
}

/* ---- terms ---- */

static void check_block(struct posting_cursor *cursor, const struct plain_term *term, uint32_t at,
                        bool positions, struct buffer *out)
{
    const uint32_t *documents = posting_cursor_documents(cursor);
    const uint32_t *frequencies = posting_cursor_frequencies(cursor);

    cr_assert(documents && frequencies, "%s", cursor->error.text);
    for (uint32_t i = 0; i < cursor->count; i++) {
        const struct plain_posting *posting = &term->postings[at + i];

        cr_assert_eq(documents[i], posting->document);
        cr_assert_eq(frequencies[i], posting->tf);
        if (!positions)
            continue;
        buffer_clear(out);
        cr_assert(posting_cursor_positions(cursor, i, out), "%s", cursor->error.text);
        cr_assert_eq(out->size, posting->tf * sizeof(uint32_t));
        cr_assert_eq(memcmp(out->data, posting->positions, out->size), 0);
    }
}

static void check_term(struct segment *segment, const struct plain_term *term, bool positions)
{
    struct posting_cursor cursor;
    struct term_info info;
    struct buffer out;
    uint32_t at = 0;

    buffer_init(&out, NULL);
    cr_assert_eq(segment_find(segment, slice_of(term->term, term->size), &info, &error), LEDE_OK);
    cr_assert_eq(info.df, term->df);
    cr_assert_eq(info.total_tf, term->total_tf);
    posting_cursor_init(&cursor, &segment->postings, &info);
    while (cursor.last != DOC_END) {
        check_block(&cursor, term, at, positions, &out);
        at += cursor.count;
        posting_cursor_next(&cursor);
    }
    cr_assert_eq(cursor.status, LEDE_OK, "%s", cursor.error.text);
    cr_assert_eq(at, term->df);
    cr_assert_eq(posting_list_check(&segment->postings, &info, &segment->streams[STREAM_NORMS],
                                    &segment->model, &error),
                 LEDE_OK, "%s", error.text);
    buffer_done(&out);
}

static void check_terms(struct segment *segment, const struct plain_segment *plain, bool positions)
{
    struct term_info info;
    char absent[24] = "";

    for (uint32_t i = 0; i < plain->term_count; i++)
        check_term(segment, &plain->terms[i], positions);
    for (uint32_t i = 0; i < plain->term_count; i++) {
        size_t size = 1 + (size_t)snprintf(absent + 1, sizeof absent - 1, "t%07u", i * 3 + 1);

        cr_assert_eq(segment_find(segment, slice_of(absent, size), &info, &error), LEDE_MISSING);
    }
}

static void check_info(const struct segment_info *info, const struct plain_segment *plain)
{
    uint64_t tokens = 0, postings = 0, positions = 0;
    uint32_t counted = 0, shortest = UINT32_MAX, longest = 0, languages[LANGUAGES_MAX] = {0};

    for (uint32_t i = 0; i < plain->document_count; i++) {
        const struct plain_document *document = &plain->documents[i];

        tokens += document->length;
        if (document->length > 0) {
            counted++;
            shortest = document->length < shortest ? document->length : shortest;
            longest = document->length > longest ? document->length : longest;
        }
        if (document->columns[COLUMN_LANGUAGE] != COLUMN_MISSING)
            languages[document->columns[COLUMN_LANGUAGE]]++;
    }
    for (uint32_t i = 0; i < plain->term_count; i++) {
        postings += plain->terms[i].df;
        positions += plain->terms[i].total_tf;
    }
    cr_assert_eq(info->documents, plain->document_count);
    cr_assert_eq(info->counted, counted);
    cr_assert_eq(info->deleted, plain->deleted);
    cr_assert_eq(info->tokens, tokens);
    cr_assert_eq(info->shortest, counted > 0 ? norm_encode(shortest) : 0);
    cr_assert_eq(info->longest, norm_encode(longest));
    cr_assert_eq(info->average, counted > 0 ? (double)tokens / counted : 1.0);
    cr_assert_eq(info->terms, plain->term_count);
    cr_assert_eq(info->postings, postings);
    cr_assert(info->positions == positions || info->positions == 0);
    cr_assert_eq(memcmp(info->languages, languages, sizeof languages), 0);
}

static void check_all(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->plain.segment_count; i++) {
        struct segment *segment = &shelf->snapshot->segments[i];
        const struct plain_segment *plain = &shelf->plain.segments[i];

        check_info(segment->info, plain);
        check_documents(segment, plain);
        check_windows(segment, plain);
        check_terms(segment, plain, shelf->plain.positions);
    }
}

/* ---- tests ---- */

Test(segment, everything_written_is_read_back)
{
    struct shelf shelf;

    shelf_open(&shelf, 3, 5000, 300, true);
    check_all(&shelf);
    shelf_close(&shelf);
}

Test(segment, an_index_without_positions_has_none)
{
    struct shelf shelf;

    shelf_open(&shelf, 1, 300, 60, false);
    cr_assert_null(shelf.snapshot->segments[0].postings.positions);
    cr_assert_eq(shelf.snapshot->segments[0].info->stream_sizes[STREAM_POSITIONS], 0);
    check_all(&shelf);
    shelf_close(&shelf);
}

Test(segment, few_documents_or_none_are_a_segment_too)
{
    for (uint32_t documents = 0; documents < 3; documents++) {
        struct shelf shelf;

        shelf_open(&shelf, 2, documents, 4, true);
        check_all(&shelf);
        shelf_close(&shelf);
    }
}

Test(segment, the_live_document_of_an_id_is_found)
{
    struct shelf shelf;

    shelf_open(&shelf, 3, 1500, 10, true);
    for (size_t i = 0; i < shelf.plain.segment_count; i++)
        for (doc_id at = 0; at < shelf.plain.segments[i].document_count; at++) {
            const struct plain_document *plain = &shelf.plain.segments[i].documents[at];
            uint32_t segment = UINT32_MAX;
            doc_id document = DOC_END;
            enum lede_status status =
                snapshot_find_id(shelf.snapshot, slice_str(plain->id), &segment, &document, &error);

            cr_assert_eq(status, plain->deleted ? LEDE_MISSING : LEDE_OK);
            cr_assert(plain->deleted || (segment == i && document == at));
        }
    shelf_close(&shelf);
}

Test(segment, an_id_that_is_not_there_is_missing)
{
    uint32_t segment;
    doc_id document;
    struct shelf shelf;

    shelf_open(&shelf, 1, 200, 10, true);
    cr_assert_eq(snapshot_find_id(shelf.snapshot, slice_str("nowhere"), &segment, &document, NULL),
                 LEDE_MISSING);
    cr_assert_eq(snapshot_find_id(shelf.snapshot, slice_str(""), &segment, &document, NULL),
                 LEDE_MISSING);
    shelf_close(&shelf);
}

Test(segment, a_lost_deletion_record_is_damage_not_a_document_come_back)
{
    struct shelf shelf;
    struct store *store;
    uint8_t key[DELETION_KEY_SIZE];
    bool deleted;

    shelf_open(&shelf, 1, 30000, 1, true);
    snapshot_close(shelf.snapshot);
    cr_assert_eq(store_open_writer(shelf.path, 0, &store, &error), LEDE_OK, "%s", error.text);
    deletion_key(key, 0, 1);
    cr_assert_eq(store_write_delete(store, TABLE_DELETED, slice_of(key, sizeof key), &error),
                 LEDE_OK);
    cr_assert_eq(store_write_commit(store, &error), LEDE_OK);
    store_close(store);
    cr_assert_eq(snapshot_open(shelf.path, &shelf.snapshot, &error), LEDE_OK);
    cr_assert_eq(segment_is_deleted(&shelf.snapshot->segments[0], 0, &deleted, &error),
                 LEDE_CORRUPT);
    shelf_close(&shelf);
}

static enum lede_status write_in_memory(struct plain_index *plain, struct account *account,
                                        size_t puts)
{
    struct memory_records memory;
    enum lede_status status;

    memory_records_init(&memory);
    memory.puts_left = puts;
    error.text[0] = '\0';
    status = plain_segment_write(plain, &plain->segments[0], &memory.sink, account, &error);
    memory_records_done(&memory);
    return status;
}

Test(segment_writer, a_sink_that_fails_anywhere_fails_the_segment_and_leaks_nothing)
{
    struct dice dice = dice_of(7);
    struct plain_index plain;
    size_t puts = 0;

    plain_index_make(&plain, &dice, 1, 300, 60, true);
    while (write_in_memory(&plain, NULL, puts) == LEDE_FULL)
        puts++;
    cr_assert_geq(puts, 9);
    cr_assert_eq(write_in_memory(&plain, NULL, puts), LEDE_OK);
    plain_index_free(&plain);
}

Test(segment_writer, memory_that_runs_out_anywhere_is_a_status_and_all_is_given_back)
{
    struct dice dice = dice_of(7);
    struct plain_index plain;
    struct account account;
    enum lede_status status;
    size_t limit = 1 << 16, failures = 0;

    plain_index_make(&plain, &dice, 1, 300, 60, true);
    do {
        account_init(&account, limit);
        status = write_in_memory(&plain, &account, SIZE_MAX);
        cr_assert(status == LEDE_OK || status == LEDE_NO_MEMORY, "%d %s", status, error.text);
        cr_assert_eq(account.used, 0);
        failures += status != LEDE_OK;
        limit += 1 << 16;
    } while (status != LEDE_OK);
    cr_assert_geq(failures, 50);
    cr_assert_leq(limit, 12u << 20);
    plain_index_free(&plain);
}

Test(segment_writer, what_cannot_be_is_refused_for_good)
{
    struct segment_options options = {5, false, 1.2, 0.75};
    struct document document = {.id = slice_str("a")};
    struct memory_records memory;
    struct segment_writer *writer;
    struct segment_info info;

    memory_records_init(&memory);
    cr_assert_eq(segment_writer_new(&options, &memory.sink, NULL, &writer, &error), LEDE_OK);
    document.columns[COLUMN_LANGUAGE] = LANGUAGES_MAX;
    cr_assert_eq(segment_writer_document(writer, &document, &error), LEDE_INVALID);
    document.columns[COLUMN_LANGUAGE] = 0;
    cr_assert_eq(segment_writer_document(writer, &document, &error), LEDE_INVALID);
    cr_assert_eq(segment_writer_seal_documents(writer, &error), LEDE_INVALID);
    cr_assert_eq(segment_writer_finish(writer, &info, &error), LEDE_INVALID);
    segment_writer_free(writer);
    memory_records_done(&memory);
}

Test(segment_writer, a_document_of_no_source_file_that_there_is_is_refused)
{
    struct segment_options options = {5, false, 1.2, 0.75};
    struct document document = {.id = slice_str("a"), .columns = {[COLUMN_SOURCE] = 1}};
    struct memory_records memory;
    struct segment_writer *writer;
    uint32_t number;

    memory_records_init(&memory);
    cr_assert_eq(segment_writer_new(&options, &memory.sink, NULL, &writer, &error), LEDE_OK);
    cr_assert_eq(segment_writer_source(writer, slice_str("/a"), &number, &error), LEDE_OK);
    cr_expect_eq(number, 0);
    cr_expect_eq(segment_writer_document(writer, &document, &error), LEDE_INVALID);
    segment_writer_free(writer);
    memory_records_done(&memory);
}
