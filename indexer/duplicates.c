#include "duplicates.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/account.h"
#include "base/array.h"
#include "index/bundle.h"
#include "index/norm.h"
#include "near_copy.h"
#include "temporary.h"

enum {
    RECORD = 16,          /* bytes in the file: signature, group */
    AT_ONCE = WINDOW_DOCS /* records read at a time */
};

/* What a table of pairs may take: beside it a chunk's bests, and the windows that are read. */
#define TABLE_ROOM (DUPLICATES_MEMORY - ((size_t)1 << 20))

struct duplicates {
    struct account *account;
    const char *directory;
    int file;       /* -1: everything is in memory */
    doc_id written; /* articles in the file */

    /* A chunk: the articles from first on. */
    doc_id first;
    uint32_t count;
    int64_t *signatures;
    uint64_t *groups; /* of each the content hash; once they are found, its group */
    size_t signature_capacity, group_capacity;
    near_best *bests; /* NULL: not found yet; NEAR_NONE: nothing, or the group has its own hash */

    struct store *store; /* NULL: nothing is before */
    const struct manifest *manifest;
    const struct segment_writer *writer; /* tells length codes, */
    const uint8_t *codes;                /* or these are them */
};

enum lede_status duplicates_new(const char *directory, struct account *account,
                                struct duplicates **out, struct lede_error *err)
{
    struct duplicates *duplicates = account_calloc(account, 1, sizeof *duplicates);

    if (!duplicates)
        return error_no_memory(err);
    duplicates->account = account;
    duplicates->directory = directory;
    duplicates->file = -1;
    *out = duplicates;
    return LEDE_OK;
}

static void bests_free(struct duplicates *duplicates)
{
    if (duplicates->bests)
        account_release(duplicates->account, duplicates->count * sizeof *duplicates->bests);
    free(duplicates->bests);
    duplicates->bests = NULL;
}

void duplicates_free(struct duplicates *duplicates)
{
    struct account *account;

    if (!duplicates)
        return;
    account = duplicates->account;
    bests_free(duplicates);
    array_free(duplicates->signatures, duplicates->signature_capacity,
               sizeof *duplicates->signatures, account);
    array_free(duplicates->groups, duplicates->group_capacity, sizeof *duplicates->groups, account);
    if (duplicates->file >= 0)
        (void)close(duplicates->file);
    free(duplicates);
    account_release(account, sizeof *duplicates);
}

void duplicates_behind(struct duplicates *duplicates, struct store *store,
                       const struct manifest *manifest)
{
    duplicates->store = store;
    duplicates->manifest = manifest;
}

/* ---- the file ---- */

static enum lede_status records_write(struct duplicates *duplicates, struct lede_error *err)
{
    uint8_t bytes[AT_ONCE * RECORD];
    enum lede_status status = LEDE_OK;

    if (duplicates->file < 0)
        status = temporary_make(duplicates->directory, &duplicates->file, err);
    for (uint32_t i = 0; i < duplicates->count && status == LEDE_OK; i += AT_ONCE) {
        uint32_t left = duplicates->count - i, count = left < AT_ONCE ? left : AT_ONCE;

        for (uint32_t j = 0; j < count; j++) {
            store_le64(bytes + (size_t)j * RECORD, (uint64_t)duplicates->signatures[i + j]);
            store_le64(bytes + (size_t)j * RECORD + 8, duplicates->groups[i + j]);
        }
        status = temporary_write(duplicates->file, duplicates->directory,
                                 slice_of(bytes, (size_t)count * RECORD),
                                 ((uint64_t)duplicates->first + i) * RECORD, err);
    }
    if (status == LEDE_OK && duplicates->written < duplicates->first + duplicates->count)
        duplicates->written = duplicates->first + duplicates->count;
    return status;
}

static enum lede_status records_read(const struct duplicates *duplicates, doc_id first,
                                     uint32_t count, int64_t *signatures, uint64_t *groups,
                                     struct lede_error *err)
{
    uint8_t bytes[AT_ONCE * RECORD];
    enum lede_status status =
        temporary_read(duplicates->file, duplicates->directory, (uint64_t)first * RECORD, bytes,
                       (size_t)count * RECORD, err);

    for (uint32_t i = 0; i < count && status == LEDE_OK; i++) {
        signatures[i] = (int64_t)load_le64(bytes + (size_t)i * RECORD);
        groups[i] = load_le64(bytes + (size_t)i * RECORD + 8);
    }
    return status;
}

enum lede_status duplicates_add(struct duplicates *duplicates, int64_t signature,
                                uint64_t content_hash, struct lede_error *err)
{
    uint32_t at = duplicates->count;

    if (at == DUPLICATES_CHUNK) {
        enum lede_status status = records_write(duplicates, err);

        if (status != LEDE_OK)
            return status;
        duplicates->first += at;
        duplicates->count = at = 0;
    }
    if ((at == duplicates->signature_capacity &&
         !array_grow((void **)&duplicates->signatures, &duplicates->signature_capacity,
                     sizeof *duplicates->signatures, duplicates->account)) ||
        (at == duplicates->group_capacity &&
         !array_grow((void **)&duplicates->groups, &duplicates->group_capacity,
                     sizeof *duplicates->groups, duplicates->account)))
        return error_no_memory(err);
    duplicates->signatures[at] = signature;
    duplicates->groups[at] = content_hash;
    duplicates->count = at + 1;
    return LEDE_OK;
}

/* ---- what is before ---- */

/* What is read of a segment. */
struct earlier {
    const struct segment_info *info;
    struct stream columns, windows, norms;
    struct column_source source;
};

static enum lede_status earlier_open(struct earlier *earlier, const struct segment_info *info,
                                     struct record_source *records, struct lede_error *err)
{
    const struct {
        struct stream *stream;
        enum stream_kind kind;
    } wanted[] = {{&earlier->columns, STREAM_COLUMNS},
                  {&earlier->windows, STREAM_WINDOWS},
                  {&earlier->norms, STREAM_NORMS}};
    enum lede_status status = LEDE_OK;

    *earlier = (struct earlier){.info = info};
    earlier->source = (struct column_source){&earlier->columns, &earlier->windows, info->documents};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && status == LEDE_OK; i++)
        status = segment_stream_init(wanted[i].stream, info, wanted[i].kind, records, err);
    return status;
}

/* When nothing that the segments' streams gave is in use. */
static void relieve(struct earlier *earlier, size_t count)
{
    if (count == 0 || !record_source_is_full(earlier->columns.source))
        return;
    for (size_t i = 0; i < count; i++) {
        stream_forget(&earlier[i].columns);
        stream_forget(&earlier[i].windows);
        stream_forget(&earlier[i].norms);
    }
}

static void earlier_close(struct earlier *earlier)
{
    stream_done(&earlier->columns);
    stream_done(&earlier->windows);
    stream_done(&earlier->norms);
}

static enum lede_status offer_window(struct near_table *table, struct earlier *earlier,
                                     uint32_t window, uint64_t order, struct lede_error *err)
{
    doc_id first = window * WINDOW_DOCS, left = earlier->info->documents - first;
    int64_t signatures[WINDOW_DOCS], min, max;
    const uint8_t *codes;
    enum lede_status status =
        column_bounds(&earlier->source, COLUMN_SIGNATURE, window, &min, &max, err);

    if (status != LEDE_OK || min > max)
        return status;
    status = column_window(&earlier->source, COLUMN_SIGNATURE, window, signatures, &min, &max, err);
    if (status != LEDE_OK)
        return status;
    codes = norm_window(&earlier->norms, window, earlier->info->documents, err);
    if (!codes)
        return LEDE_CORRUPT;
    near_table_offer(table, signatures, codes, left < WINDOW_DOCS ? left : WINDOW_DOCS,
                     order + first);
    return LEDE_OK;
}

/* Offers every article of the segments. */
static enum lede_status offer_segments(struct near_table *table, struct earlier *earlier,
                                       size_t count, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < count; i++)
        for (uint32_t window = 0;
             window * (uint64_t)WINDOW_DOCS < earlier[i].info->documents && status == LEDE_OK;
             window++) {
            status = offer_window(table, &earlier[i], window, (uint64_t)i << 32, err);
            relieve(earlier, count);
        }
    return status;
}

static const uint8_t *codes_of(const struct duplicates *duplicates)
{
    return duplicates->writer ? segment_writer_norms(duplicates->writer) : duplicates->codes;
}

/* Offers those of the segment that are before the chunk. */
static enum lede_status offer_written(const struct duplicates *duplicates, struct near_table *table,
                                      uint64_t base, struct lede_error *err)
{
    const uint8_t *codes = codes_of(duplicates);
    enum lede_status status = LEDE_OK;

    for (doc_id first = 0; first < duplicates->first && status == LEDE_OK; first += AT_ONCE) {
        int64_t signatures[AT_ONCE];
        uint64_t groups[AT_ONCE];

        status = records_read(duplicates, first, AT_ONCE, signatures, groups, err);
        if (status == LEDE_OK)
            near_table_offer(table, signatures, codes + first, AT_ONCE, base + first);
    }
    return status;
}

/* ---- groups of a chunk ---- */

/* The group of an article in a segment that is there. */
static enum lede_status earlier_group(const struct earlier *earlier, doc_id document,
                                      uint64_t *group, struct lede_error *err)
{
    int64_t value = COLUMN_MISSING;
    enum lede_status status =
        column_get(&earlier->source, COLUMN_DUPLICATE_GROUP, document, &value, err);

    if (status == LEDE_OK && value == COLUMN_MISSING)
        status = column_get(&earlier->source, COLUMN_CONTENT_HASH, document, &value, err);
    *group = (uint64_t)value;
    return status;
}

static enum lede_status group_of(const struct duplicates *duplicates, const struct earlier *earlier,
                                 size_t segments, uint64_t order, uint64_t *group,
                                 struct lede_error *err)
{
    size_t place = (size_t)(order >> 32);
    doc_id document = (doc_id)order;
    int64_t signature;

    if (place < segments)
        return earlier_group(&earlier[place], document, group, err);
    if (document < duplicates->first)
        return records_read(duplicates, document, 1, &signature, group, err);
    *group = duplicates->groups[document - duplicates->first];
    return LEDE_OK;
}

/* The groups of the chunk, in order, as one may be of the one before. Whose group has its own hash
 * has no need to say so: bests tells who has. */
static enum lede_status take_groups(struct duplicates *duplicates, struct earlier *earlier,
                                    size_t segments, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < duplicates->count && status == LEDE_OK; i++) {
        near_best *best = &duplicates->bests[i];
        uint64_t group;

        if (*best == NEAR_NONE)
            continue;
        status = group_of(duplicates, earlier, segments, near_order(*best), &group, err);
        relieve(earlier, segments);
        if (status != LEDE_OK)
            break;
        if (group == duplicates->groups[i])
            *best = NEAR_NONE;
        duplicates->groups[i] = group;
    }
    return status;
}

static enum lede_status find_among(struct duplicates *duplicates, struct earlier *earlier,
                                   size_t segments, struct lede_error *err)
{
    uint64_t base = (uint64_t)segments << 32;
    const uint8_t *codes = codes_of(duplicates);
    struct near_table table;
    enum lede_status status =
        near_table_init(&table, duplicates->signatures, codes + duplicates->first,
                        duplicates->bests, duplicates->count, TABLE_ROOM, duplicates->account, err);

    while (status == LEDE_OK && near_table_fill(&table, base + duplicates->first)) {
        status = offer_segments(&table, earlier, segments, err);
        if (status == LEDE_OK)
            status = offer_written(duplicates, &table, base, err);
    }
    near_table_done(&table);
    return status == LEDE_OK ? take_groups(duplicates, earlier, segments, err) : status;
}

static enum lede_status find_behind(struct duplicates *duplicates, struct lede_error *err)
{
    size_t count = duplicates->manifest->segment_count, opened = 0;
    struct store_snapshot snapshot = {0};
    struct earlier *earlier = calloc(count, sizeof *earlier);
    enum lede_status status;

    if (!earlier)
        return error_no_memory(err);
    status = store_snapshot_begin(duplicates->store, &snapshot, err);
    while (status == LEDE_OK && opened < count) {
        status = earlier_open(&earlier[opened], &duplicates->manifest->segments[opened],
                              &snapshot.records, err);
        opened++;
    }
    if (status == LEDE_OK)
        status = find_among(duplicates, earlier, count, err);
    for (size_t i = 0; i < opened; i++)
        earlier_close(&earlier[i]);
    store_snapshot_end(&snapshot);
    free(earlier);
    return status;
}

static enum lede_status find_groups(struct duplicates *duplicates, struct lede_error *err)
{
    enum lede_status status;

    duplicates->bests =
        account_malloc(duplicates->account, duplicates->count * sizeof *duplicates->bests);
    if (!duplicates->bests)
        return error_no_memory(err);
    status = duplicates->store && duplicates->manifest->segment_count > 0
                 ? find_behind(duplicates, err)
                 : find_among(duplicates, NULL, 0, err);
    if (status == LEDE_OK && duplicates->file >= 0)
        status = records_write(duplicates, err); /* as those behind it may be of its groups */
    return status;
}

/* Makes the chunk that begins at first the current one. */
static enum lede_status chunk_read(struct duplicates *duplicates, doc_id first,
                                   struct lede_error *err)
{
    doc_id left = duplicates->written - first;
    enum lede_status status = LEDE_OK;

    bests_free(duplicates);
    duplicates->first = first;
    duplicates->count = left < DUPLICATES_CHUNK ? left : DUPLICATES_CHUNK;
    for (uint32_t i = 0; i < duplicates->count && status == LEDE_OK; i += AT_ONCE) {
        uint32_t rest = duplicates->count - i;

        status = records_read(duplicates, first + i, rest < AT_ONCE ? rest : AT_ONCE,
                              duplicates->signatures + i, duplicates->groups + i, err);
    }
    return status;
}

static enum lede_status window(void *context, doc_id first, uint32_t count, int64_t *groups,
                               struct lede_error *err)
{
    struct duplicates *duplicates = context;
    enum lede_status status = LEDE_OK;

    if (first == 0 && duplicates->file >= 0)
        status = records_write(duplicates, err); /* the last ones */
    if (first % DUPLICATES_CHUNK == 0) {
        if (status == LEDE_OK && duplicates->file >= 0)
            status = chunk_read(duplicates, first, err);
        if (status == LEDE_OK)
            status = find_groups(duplicates, err);
    }
    if (status != LEDE_OK)
        return status;
    first -= duplicates->first;
    assert(first + count <= duplicates->count);
    for (uint32_t i = 0; i < count; i++)
        if (duplicates->bests[first + i] != NEAR_NONE)
            groups[i] = (int64_t)duplicates->groups[first + i];
    return LEDE_OK;
}

struct group_source duplicates_groups(struct duplicates *duplicates,
                                      const struct segment_writer *writer)
{
    duplicates->writer = writer;
    return (struct group_source){duplicates, window};
}

struct group_source duplicates_groups_of(struct duplicates *duplicates, const uint8_t *codes)
{
    duplicates->codes = codes;
    return (struct group_source){duplicates, window};
}
