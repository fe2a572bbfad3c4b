/* verify_segment.c -- one segment against what its own parts say of each other. */
#include <stdlib.h>

#include "index/verify_internal.h"

/* ---- streams ---- */

static void check_stream(struct verify *verify, struct stream *stream)
{
    for (uint32_t number = 0; number < stream->count && !verify_is_over(verify); number++) {
        struct lede_error error = {.status = LEDE_OK};

        (void)stream_check_extent(stream, number, &error);
        verify_note(verify, error.status, &error);
    }
}

/* Streams tell of pages when they check them, and that was done: what is read again is told here,
 * roughly (store_bound_pages). */
static void read_again(struct segment *segment, uint64_t bytes)
{
    store_snapshot_read(&segment->snapshot->records, (size_t)(bytes / 4096 + 1));
}

/* ---- terms ---- */

static void check_terms(struct verify *verify, struct segment *segment)
{
    const struct segment_info *info = segment->info;
    uint64_t terms = 0, postings = 0, positions = 0;
    struct dictionary_cursor cursor;
    struct term_info term;
    struct slice name;
    struct lede_error error;
    enum lede_status status = dictionary_cursor_seek(&cursor, &segment->snapshot->pages,
                                                     info->number, slice_of(NULL, 0), &error);

    while (status == LEDE_OK && !verify_is_over(verify)) {
        status = dictionary_cursor_next(&cursor, &name, &term, &error);
        if (status != LEDE_OK)
            break;
        terms++;
        postings += term.df;
        positions += segment->postings.positions ? term.total_tf : 0;
        read_again(segment, verify->deep ? term.df + term.total_tf : 0);
        if (verify->deep)
            verify_note(verify,
                        posting_list_check(&segment->postings, &term,
                                           &segment->streams[STREAM_NORMS], &segment->model,
                                           &error),
                        &error);
    }
    verify_note(verify, status, &error);
    if (status == LEDE_MISSING &&
        (terms != info->terms || postings != info->postings || positions != info->positions))
        verify_problem(verify, segment, "its terms or postings are not as many as it says");
}

static void check_pages(struct verify *verify, struct segment *segment)
{
    uint8_t key[DICT_KEY_MAX + 1];
    struct slice from = slice_of(key, 4), found, page;
    struct lede_error error;
    uint64_t pages = 0;
    enum lede_status status;

    store_be32(key, segment->info->number);
    for (;;) {
        status = store_seek(&segment->snapshot->records, TABLE_DICT, from, &found, &page, &error);
        if (status != LEDE_OK || found.size < 4 || found.size >= sizeof key ||
            load_be32(found.data) != segment->info->number)
            break;
        pages++;
        memcpy(key, found.data, found.size);
        key[found.size] = 0;
        from.size = found.size + 1;
    }
    verify_note(verify, status, &error);
    if ((status == LEDE_OK || status == LEDE_MISSING) && pages != segment->info->dictionary_pages)
        verify_problem(verify, segment, "its dictionary has not as many pages as it says");
}

/* ---- documents ---- */

/* What the manifest says of documents, summed anew. */
struct sums {
    uint64_t tokens;
    uint32_t counted, languages[LANGUAGES_MAX];
    uint8_t shortest, longest;
    int64_t lengths[WINDOW_DOCS], language_ids[WINDOW_DOCS];
};

static bool sum_document(struct sums *sums, int64_t length, int64_t language, uint8_t code)
{
    if (length < 0 || length > UINT32_MAX || norm_encode((uint32_t)length) != code)
        return false;
    if (language != COLUMN_MISSING) {
        if (language < 0 || language >= LANGUAGES_MAX)
            return false;
        sums->languages[language]++;
    }
    if (length == 0)
        return true;
    sums->shortest = sums->counted == 0 || code < sums->shortest ? code : sums->shortest;
    sums->longest = code > sums->longest ? code : sums->longest;
    sums->counted++;
    sums->tokens += (uint64_t)length;
    return true;
}

static bool sum_window(struct verify *verify, struct segment *segment, uint32_t window,
                       struct sums *sums)
{
    struct lede_error error = {.status = LEDE_OK};
    int64_t min, max;
    const uint8_t *norms = segment_norms(segment, window, &error);

    if (!norms)
        return verify_note(verify, error.status, &error);
    if (!verify_note(verify,
                     column_window(&segment->columns, COLUMN_TOKENS, window, sums->lengths, &min,
                                   &max, &error),
                     &error) ||
        !verify_note(verify,
                     column_window(&segment->columns, COLUMN_LANGUAGE, window, sums->language_ids,
                                   &min, &max, &error),
                     &error))
        return false;
    for (uint32_t i = 0; i < segment_window_docs(segment, window); i++)
        if (!sum_document(sums, sums->lengths[i], sums->language_ids[i], norms[i]))
            return verify_problem(verify, segment,
                                  "document %u has a length or language that "
                                  "contradicts itself",
                                  window * WINDOW_DOCS + i);
    return true;
}

/* The other columns, one window after the other: that they can be read. */
static void check_columns(struct verify *verify, struct segment *segment, uint32_t window,
                          struct sums *sums)
{
    struct lede_error error;
    int64_t min, max;

    for (int column = 0; column < COLUMN_COUNT; column++)
        verify_note(verify,
                    column_window(&segment->columns, (enum column)column, window, sums->lengths,
                                  &min, &max, &error),
                    &error);
}

static void check_documents(struct verify *verify, struct segment *segment)
{
    const struct segment_info *info = segment->info;
    struct sums *sums = calloc(1, sizeof *sums);
    struct lede_error error;
    bool is_whole = true;

    if (!sums) {
        verify_note(verify, error_no_memory(&error), &error);
        return;
    }
    for (uint32_t window = 0; window < segment_window_count(segment) && !verify_is_over(verify);
         window++) {
        is_whole = sum_window(verify, segment, window, sums) && is_whole;
        check_columns(verify, segment, window, sums);
    }
    is_whole = is_whole && !verify_is_over(verify);
    if (is_whole && (sums->tokens != info->tokens || sums->counted != info->counted ||
                     sums->shortest != info->shortest || sums->longest != info->longest))
        verify_problem(verify, segment, "its lengths are not what it says");
    if (is_whole && memcmp(sums->languages, info->languages, sizeof info->languages) != 0)
        verify_problem(verify, segment, "its languages are not what it says");
    free(sums);
}

/* ---- ids ---- */

/* That the id of a document is one with the key, and, if it is live, that nothing newer is. */
static bool check_id(struct verify *verify, struct segment *segment, const struct id_entry *entry,
                     struct buffer *name)
{
    struct snapshot *snapshot = segment->snapshot;
    struct lede_error error;
    enum lede_status status;
    uint32_t place;
    doc_id document;
    bool deleted;

    if (!verify_note(verify, segment_name(segment, entry->document, name, &error), &error))
        return false;
    if (id_key(id_hash(buffer_bytes(name))) != entry->key)
        return verify_problem(verify, segment, "document %u has the key of another id",
                              entry->document);
    if (!verify_note(verify, segment_is_deleted(segment, entry->document, &deleted, &error),
                     &error) ||
        deleted)
        return true;
    status = snapshot_find_id(snapshot, buffer_bytes(name), &place, &document, &error);
    if (status != LEDE_OK && status != LEDE_MISSING)
        return verify_note(verify, status, &error);
    if (status == LEDE_MISSING || &snapshot->segments[place] != segment ||
        document != entry->document)
        return verify_problem(verify, segment, "document %u is not the only one with its id",
                              entry->document);
    return true;
}

static bool mark(uint8_t *seen, doc_id document)
{
    if (seen[document / 8] >> (document % 8) & 1)
        return false;
    seen[document / 8] |= (uint8_t)(1 << (document % 8));
    return true;
}

static void check_ids(struct verify *verify, struct segment *segment)
{
    doc_id documents = segment->info->documents;
    uint8_t *seen = calloc(documents / 8 + 1, 1);
    struct id_cursor cursor;
    struct id_entry entry;
    struct lede_error error;
    struct buffer name;
    bool is_whole = true;

    buffer_init(&name, NULL);
    if (!seen) {
        verify_note(verify, error_no_memory(&error), &error);
        return;
    }
    id_cursor_init(&cursor, &segment->streams[STREAM_IDS], documents);
    while (is_whole && !verify_is_over(verify) &&
           verify_note(verify, id_cursor_next(&cursor, &entry, &error), &error)) {
        if (!mark(seen, entry.document))
            is_whole = verify_problem(verify, segment, "document %u has two ids", entry.document);
        read_again(segment, 0);
        if (is_whole && verify->deep)
            is_whole = check_id(verify, segment, &entry, &name);
    }
    buffer_done(&name);
    free(seen);
}

/* ---- source files ---- */

/* Reads every record; *count is how many there are. */
static bool check_records(struct verify *verify, struct segment *segment, uint32_t *count)
{
    struct source_file_cursor cursor;
    struct source_file file;
    struct lede_error error;
    enum lede_status status =
        source_file_cursor_init(&cursor, &segment->streams[STREAM_SOURCES], &error);

    while (status == LEDE_OK)
        status = source_file_cursor_next(&cursor, &file, &error);
    *count = cursor.count;
    source_file_cursor_done(&cursor);
    return status == LEDE_MISSING || verify_note(verify, status, &error);
}

static void check_sources(struct verify *verify, struct segment *segment)
{
    struct lede_error error;
    int64_t min, max;
    uint32_t count;

    if (!check_records(verify, segment, &count))
        return;
    for (uint32_t window = 0; window < segment_window_count(segment); window++) {
        if (!verify_note(
                verify, column_bounds(&segment->columns, COLUMN_SOURCE, window, &min, &max, &error),
                &error))
            return;
        if (min <= max && (min < 0 || max >= count)) {
            verify_problem(verify, segment, "an article is from no source file that there is");
            return;
        }
    }
}

/* ---- articles ---- */

enum { ARTICLE_MAX = 1 << 30 }; /* bytes of the longest that is read */

static void check_articles(struct verify *verify, struct segment *segment)
{
    struct stored_reader reader = {.keeps = true};
    struct stored_article article;
    struct buffer raw, fields;
    struct lede_error error;
    int64_t location;

    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    for (doc_id i = 0; i < segment->info->documents && !verify_is_over(verify); i++) {
        if (!verify_note(verify,
                         column_get(&segment->columns, COLUMN_ARTICLE, i, &location, &error),
                         &error) ||
            location == COLUMN_MISSING)
            continue;
        read_again(segment, 0);
        verify_note(verify,
                    stored_reader_get(&reader, &segment->streams[STREAM_ARTICLES], location, true,
                                      ARTICLE_MAX, &raw, &fields, &article, &error),
                    &error);
    }
    buffer_done(&raw);
    buffer_done(&fields);
    stored_reader_done(&reader);
}

/* That the records are as many as they should be; their bits were looked at table by table. */
static void check_deletions(struct verify *verify, struct segment *segment)
{
    struct lede_error error;
    bool deleted;

    if (segment->info->documents > 0)
        verify_note(verify, segment_is_deleted(segment, 0, &deleted, &error), &error);
}

void verify_segment(struct verify *verify, struct segment *segment)
{
    uint64_t before = verify->totals->problems;

    for (int kind = 0; kind < STREAM_COUNT; kind++)
        check_stream(verify, &segment->streams[kind]);
    check_pages(verify, segment);
    check_terms(verify, segment);
    check_documents(verify, segment);
    check_deletions(verify, segment);
    check_ids(verify, segment);
    check_sources(verify, segment);
    if (verify->deep && verify->totals->problems == before)
        check_articles(verify, segment);
}
