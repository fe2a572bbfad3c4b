#include <stdlib.h>

#include "base/account.h"
#include "segment_merge_internal.h"

/* What is packed at a time. Both count live articles alone, so that the blocks of stored articles
 * do not tell how the segments were cut. */
enum {
    RUN_DOCUMENTS = 4096,
    RUN_BYTES = 2 << 20, /* of records, unpacked */
    STORED_LEVEL = 1     /* zstd's, as when they were added */
};

/* ---- who is live ---- */

static enum lede_status renumber_segment(struct segment_merge *whole, struct segment *segment,
                                         struct renumbering *renumbering, struct lede_error *err)
{
    size_t words = ((size_t)segment->info->documents + 63) / 64;
    uint32_t live = 0;

    renumbering->live = segment->info->documents - segment->info->deleted;
    if (segment->info->deleted == 0)
        return LEDE_OK;
    if (!account_charge(whole->account, words * sizeof *renumbering->words))
        return error_no_memory(err);
    renumbering->word_count = words;
    renumbering->words = calloc(words, sizeof *renumbering->words);
    if (!renumbering->words)
        return error_no_memory(err);
    for (uint32_t window = 0; window < segment_window_count(segment); window++) {
        uint32_t documents = segment_window_docs(segment, window);
        struct live_word *word = renumbering->words + (size_t)window * (WINDOW_DOCS / 64);
        const uint8_t *deleted;
        enum lede_status status = segment_deletions(segment, window, &deleted, err);

        if (status != LEDE_OK)
            return status;
        for (uint32_t at = 0; at < documents; at += 64, word++) {
            word->bits = documents - at < 64 ? (1ULL << (documents - at)) - 1 : UINT64_MAX;
            if (deleted)
                word->bits &= ~load_le64(deleted + at / 8);
            word->before = live;
            live += (uint32_t)__builtin_popcountll(word->bits);
        }
    }
    if (live != renumbering->live)
        return merge_damaged(segment, "its deletions are not as many as they were", err);
    return LEDE_OK;
}

enum lede_status merge_renumber(struct segment_merge *whole, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (whole->segment_count == 0)
        return LEDE_OK;
    whole->renumberings =
        account_calloc(whole->account, whole->segment_count, sizeof *whole->renumberings);
    if (!whole->renumberings)
        return error_no_memory(err);
    for (size_t i = 0; i < whole->segment_count && status == LEDE_OK; i++) {
        struct renumbering *renumbering = &whole->renumberings[i];

        renumbering->first = whole->live;
        status = renumber_segment(whole, &whole->segments[i], renumbering, err);
        whole->live += renumbering->live;
        if (status == LEDE_OK && whole->live > DOCS_MAX)
            status = error_set(err, LEDE_LIMIT, "a segment has at most %d articles", DOCS_MAX);
    }
    return status;
}

void merge_renumber_done(struct segment_merge *whole)
{
    size_t count = whole->segment_count;

    if (!whole->renumberings)
        return;
    for (size_t i = 0; i < count; i++) {
        struct renumbering *renumbering = &whole->renumberings[i];

        free(renumbering->words);
        account_release(whole->account, renumbering->word_count * sizeof *renumbering->words);
    }
    free(whole->renumberings);
    account_release(whole->account, count * sizeof *whole->renumberings);
    whole->renumberings = NULL;
}

/* ---- carrying them over ---- */

struct pending { /* a document whose article is in the run */
    struct document document;
    size_t id_offset, id_size; /* in ids */
};

struct carrier {
    struct segment_merge *whole;
    struct stored_reader reader;
    struct stored_packer *packer;
    struct stored_run run;
    size_t run_bytes;
    size_t count; /* of pending */
    struct buffer ids, name, raw, fields;
    struct pending pending[RUN_DOCUMENTS];
    int64_t columns[COLUMN_COUNT][WINDOW_DOCS];
};

static void carrier_free(struct carrier *carrier)
{
    struct account *account = carrier->whole->account;

    stored_reader_done(&carrier->reader);
    stored_packer_free(carrier->packer);
    stored_run_done(&carrier->run);
    buffer_done(&carrier->ids);
    buffer_done(&carrier->name);
    buffer_done(&carrier->raw);
    buffer_done(&carrier->fields);
    free(carrier);
    account_release(account, sizeof *carrier);
}

/* NULL: no memory, and *err says so. */
static struct carrier *carrier_new(struct segment_merge *whole, struct lede_error *err)
{
    struct account *account = whole->account;
    struct carrier *carrier = account_calloc(account, 1, sizeof *carrier);

    if (!carrier) {
        (void)error_no_memory(err);
        return NULL;
    }
    carrier->whole = whole;
    carrier->reader.keeps = true;
    stored_run_init(&carrier->run, account);
    buffer_init(&carrier->ids, account);
    buffer_init(&carrier->name, account);
    buffer_init(&carrier->raw, account);
    buffer_init(&carrier->fields, account);
    if (stored_packer_new(STORED_LEVEL, account, &carrier->packer, err) == LEDE_OK)
        return carrier;
    carrier_free(carrier);
    return NULL;
}

/* Gives the run and its documents to the segment. */
static enum lede_status flush(struct carrier *carrier, struct lede_error *err)
{
    struct segment_writer *writer = carrier->whole->writer;
    enum lede_status status;

    if (carrier->count == 0)
        return LEDE_OK;
    status = stored_packer_flush(carrier->packer, &carrier->run, err);
    if (status == LEDE_OK)
        status = segment_writer_stored(writer, &carrier->run, err);
    for (size_t i = 0; i < carrier->count && status == LEDE_OK; i++) {
        struct pending *pending = &carrier->pending[i];

        pending->document.id = slice_of(carrier->ids.data + pending->id_offset, pending->id_size);
        status = segment_writer_document(writer, &pending->document, err);
    }
    buffer_clear(&carrier->run.blocks);
    buffer_clear(&carrier->run.sizes);
    buffer_clear(&carrier->ids);
    carrier->run_bytes = 0;
    carrier->count = 0;
    return status;
}

/* Bytes of an article's record, or nearly; how the index stored it before plays no part. */
static size_t article_size(const struct stored_article *article)
{
    size_t size =
        article->title.size + article->url.size + article->language.size + article->text.size;

    for (size_t i = 0; i < article->metadata_count; i++)
        size += article->metadata[i].name.size + article->metadata[i].value.size;
    return size;
}

static enum lede_status carry_article(struct carrier *carrier, struct segment *segment,
                                      int64_t location, struct pending *pending,
                                      struct lede_error *err)
{
    struct segment_merge *whole = carrier->whole;
    doc_id number = segment_writer_documents(whole->writer) + (doc_id)carrier->count;
    struct stored_article article;
    enum lede_status status =
        stored_reader_get(&carrier->reader, &segment->streams[STREAM_ARTICLES], location, true,
                          SIZE_MAX, &carrier->raw, &carrier->fields, &article, err);

    if (status == LEDE_OK)
        status = merge_fields_add(whole, number, &article, err);
    if (status != LEDE_OK)
        return status;
    carrier->run_bytes += article_size(&article) + pending->id_size;
    return stored_packer_add(carrier->packer, &article, &carrier->run, &pending->document.stored,
                             err);
}

/* A document whose columns are in the next pending one. */
static enum lede_status carry_document(struct carrier *carrier, struct segment *segment,
                                       doc_id document, struct lede_error *err)
{
    struct pending *pending = &carrier->pending[carrier->count];
    int64_t *columns = pending->document.columns;
    enum lede_status status = segment_name(segment, document, &carrier->name, err);

    if (status != LEDE_OK)
        return status;
    pending->id_offset = carrier->ids.size;
    pending->id_size = carrier->name.size;
    buffer_put(&carrier->ids, carrier->name.data, carrier->name.size);
    if (carrier->ids.failed)
        return error_no_memory(err);
    if (columns[COLUMN_TOKENS] < 0 || columns[COLUMN_TOKENS] > UINT32_MAX)
        return merge_damaged(segment, "a document's length makes no sense", err);
    pending->document.length = (uint32_t)columns[COLUMN_TOKENS];
    columns[COLUMN_SOURCE] = merge_source(
        carrier->whole, (size_t)(segment - carrier->whole->segments), columns[COLUMN_SOURCE]);
    status = carry_article(carrier, segment, columns[COLUMN_ARTICLE], pending, err);
    if (status != LEDE_OK)
        return status;
    carrier->count++;
    if (carrier->count < RUN_DOCUMENTS && carrier->run_bytes < RUN_BYTES)
        return LEDE_OK;
    return flush(carrier, err);
}

/* ---- in the order that they have ---- */

static enum lede_status carry_window(struct carrier *carrier, size_t place, uint32_t window,
                                     struct lede_error *err)
{
    struct segment *segment = &carrier->whole->segments[place];
    doc_id first = window * WINDOW_DOCS, end = first + segment_window_docs(segment, window), number;
    enum lede_status status = LEDE_OK;
    int64_t min, max;

    for (int i = 0; i < COLUMN_COUNT && status == LEDE_OK; i++)
        if (i != COLUMN_NAMES) /* the writer's to set */
            status = column_window(&segment->columns, (enum column)i, window, carrier->columns[i],
                                   &min, &max, err);
    for (doc_id document = first; document < end && status == LEDE_OK; document++)
        if (renumber(&carrier->whole->renumberings[place], document, &number)) {
            int64_t *columns = carrier->pending[carrier->count].document.columns;

            for (int i = 0; i < COLUMN_COUNT; i++)
                columns[i] = carrier->columns[i][document - first];
            status = carry_document(carrier, segment, document, err);
        }
    return status;
}

static enum lede_status carry_segments(struct carrier *carrier, struct lede_error *err)
{
    struct segment_merge *whole = carrier->whole;
    enum lede_status status = LEDE_OK;

    for (size_t place = 0; place < whole->segment_count && status == LEDE_OK; place++) {
        uint32_t windows = segment_window_count(&whole->segments[place]);

        for (uint32_t window = 0; window < windows && status == LEDE_OK; window++) {
            status = carry_window(carrier, place, window, err);
            snapshot_relieve(whole->snapshot);
        }
    }
    return status;
}

/* ---- in another order ---- */

/* The place of its bit of a live document, counted from 0 in a word; there is one. */
static unsigned bit_of(uint64_t bits, uint32_t number)
{
    for (; number > 0; number--)
        bits &= bits - 1;
    return (unsigned)__builtin_ctzll(bits);
}

/* The document of a segment that became number: the opposite of renumber. */
static doc_id document_of(const struct renumbering *renumbering, doc_id number)
{
    size_t low = 0, high = renumbering->word_count;

    number -= renumbering->first;
    if (!renumbering->words)
        return number;
    while (high - low > 1) { /* the last word that has no more than number before it */
        size_t middle = low + (high - low) / 2;

        if (renumbering->words[middle].before <= number)
            low = middle;
        else
            high = middle;
    }
    return (doc_id)(low * 64) +
           bit_of(renumbering->words[low].bits, number - renumbering->words[low].before);
}

/* The segment that has it: the last one that begins no later, as those without any begin where the
 * next one does. */
static size_t segment_of(const struct segment_merge *whole, doc_id number)
{
    size_t low = 0, high = whole->segment_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (whole->renumberings[middle].first <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The segment and document that is to have the number, before whole->order is inverted. */
static struct segment *find_document(const struct segment_merge *whole, doc_id number,
                                     doc_id *document)
{
    doc_id from = whole->order ? whole->order[number] : number;
    size_t place = segment_of(whole, from);

    *document = document_of(&whole->renumberings[place], from);
    return &whole->segments[place];
}

static enum lede_status carry_ordered(struct carrier *carrier, struct lede_error *err)
{
    struct segment_merge *whole = carrier->whole;
    enum lede_status status = LEDE_OK;

    for (doc_id i = 0; i < whole->live && status == LEDE_OK; i++) {
        doc_id document;
        struct segment *segment = find_document(whole, i, &document);
        int64_t *columns = carrier->pending[carrier->count].document.columns;

        for (int c = 0; c < COLUMN_COUNT && status == LEDE_OK; c++)
            if (c != COLUMN_NAMES)
                status = column_get(&segment->columns, (enum column)c, document, &columns[c], err);
        if (status == LEDE_OK)
            status = carry_document(carrier, segment, document, err);
        snapshot_relieve(whole->snapshot);
    }
    return status;
}

/* ---- groups of duplicates ---- */

static enum lede_status carry_groups(void *context, doc_id first, uint32_t count, int64_t *groups,
                                     struct lede_error *err)
{
    const struct segment_merge *whole = context;
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < count && status == LEDE_OK; i++) {
        doc_id document;
        struct segment *segment = find_document(whole, first + i, &document);

        status = column_get(&segment->columns, COLUMN_DUPLICATE_GROUP, document, &groups[i], err);
        snapshot_relieve(whole->snapshot);
    }
    return status;
}

struct group_source merge_groups(struct segment_merge *whole)
{
    return (struct group_source){whole, carry_groups};
}

enum lede_status merge_documents(struct segment_merge *whole, struct lede_error *err)
{
    struct carrier *carrier = carrier_new(whole, err);
    enum lede_status status;

    if (!carrier)
        return LEDE_NO_MEMORY;
    status = whole->order ? carry_ordered(carrier, err) : carry_segments(carrier, err);
    if (status == LEDE_OK)
        status = flush(carrier, err);
    carrier_free(carrier);
    return status;
}
