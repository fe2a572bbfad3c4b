#include "index/segment_copy.h"

#include "index/bundle.h"
#include "index/checksum.h"

struct copier {
    struct segment *from;
    uint32_t number;
    struct record_sink *sink;
    struct account *account;
    const struct group_source *groups; /* NULL: as they are */
    struct buffer entries;             /* of windows with other ones: u32 window, and the entry */
};

enum { ENTRY_SIZE = 4 + COLUMN_ENTRY };

static enum lede_status damaged(const struct copier *copier, const char *what,
                                struct lede_error *err)
{
    return error_set(err, LEDE_CORRUPT, "index damaged: segment %u: %s; run lede-index verify",
                     copier->from->info->number, what);
}

/* ---- the dictionary ---- */

static enum lede_status copy_page(const struct copier *copier, struct slice key, struct slice page,
                                  struct lede_error *err)
{
    uint8_t bytes[DICT_PAGE_SIZE], to[DICT_KEY_MAX];
    enum lede_status status = dictionary_page_check(key, page, err);
    uint64_t seed;

    if (status != LEDE_OK)
        return status;
    store_be32(to, copier->number);
    memcpy(to + 4, key.data + 4, key.size - 4);
    memcpy(bytes, page.data, sizeof bytes);
    seed = checksum_seed('d', to, key.size);
    store_le32(bytes, checksum_of(seed, bytes + 4, sizeof bytes - 4));
    return copier->sink->put(copier->sink->context, 'd', slice_of(to, key.size),
                             slice_of(bytes, sizeof bytes), err);
}

static enum lede_status copy_dictionary(const struct copier *copier, struct lede_error *err)
{
    struct page_source *pages = &copier->from->snapshot->pages;
    uint8_t from[DICT_KEY_MAX + 1];
    size_t from_size = 4;
    uint64_t count = 0;

    store_be32(from, copier->from->info->number);
    for (;; count++) {
        struct slice key, page;
        enum lede_status status =
            pages->seek(pages->context, slice_of(from, from_size), &key, &page, err);

        if (status == LEDE_MISSING || (status == LEDE_OK && memcmp(key.data, from, 4) != 0))
            break;
        if (status == LEDE_OK)
            status = copy_page(copier, key, page, err);
        if (status != LEDE_OK)
            return status;
        memcpy(from, key.data, key.size);
        from[key.size] = 0; /* the least key behind it */
        from_size = key.size + 1;
    }
    if (count != copier->from->info->dictionary_pages)
        return damaged(copier, "its dictionary has not the pages that it had", err);
    return LEDE_OK;
}

/* ---- the dictionary, with other fields ---- */

/* The terms of a field, which becomes another one. Lists are where they were: streams are copied as
 * they are. */
static enum lede_status copy_field(const struct copier *copier, uint8_t from, uint8_t to,
                                   struct dictionary_writer *writer, struct lede_error *err)
{
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;
    enum lede_status status =
        dictionary_cursor_seek(&cursor, &copier->from->snapshot->pages, copier->from->info->number,
                               slice_of(&from, 1), err);

    while (status == LEDE_OK &&
           (status = dictionary_cursor_next(&cursor, &term, &info, err)) == LEDE_OK) {
        uint8_t key[KEY_TERM_MAX];

        if (term.data[0] != from)
            return LEDE_OK;
        memcpy(key, term.data, term.size);
        key[0] = to;
        status = dictionary_writer_add(writer, slice_of(key, term.size), &info, err);
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static enum lede_status copy_fields(const struct copier *copier, const struct field_map *fields,
                                    uint64_t *pages, struct lede_error *err)
{
    struct dictionary_totals totals = {0, 0};
    struct dictionary_writer *writer = NULL;
    enum lede_status status =
        dictionary_writer_new(copier->number, copier->sink, copier->account, &writer, err);

    for (unsigned field = 0; field < FIELD_END && status == LEDE_OK; field++)
        if (fields->from[field] != FIELD_END)
            status = copy_field(copier, fields->from[field], (uint8_t)field, writer, err);
    if (status == LEDE_OK)
        status = dictionary_writer_finish(writer, &totals, err);
    dictionary_writer_free(writer);
    *pages = totals.pages;
    if (status == LEDE_OK && totals.terms != copier->from->info->terms)
        return damaged(copier, "its dictionary has not the terms that it had", err);
    return status;
}

/* ---- the streams ---- */

/* Puts what windows are to say of their groups into the records that an extent has. */
static void put_entries(const struct copier *copier, uint64_t extent, uint8_t *bytes)
{
    for (size_t at = 0; at < copier->entries.size; at += ENTRY_SIZE) {
        const uint8_t *entry = copier->entries.data + at;
        uint64_t place = column_record_offset(load_le32(entry));

        if (place / EXTENT_CAPACITY == extent)
            memcpy(bytes + place % EXTENT_CAPACITY + COLUMN_ENTRY * COLUMN_DUPLICATE_GROUP,
                   entry + 4, COLUMN_ENTRY);
    }
}

/* Extent by extent, so that offsets stay. */
static enum lede_status copy_extents(const struct copier *copier, struct stream *stream,
                                     struct stream_writer *writer, struct lede_error *err)
{
    for (uint64_t at = 0; at < stream->size; at += EXTENT_CAPACITY) {
        size_t size = stream_left(stream, at, err);
        const uint8_t *bytes = size > 0 ? stream_at(stream, at, size, err) : NULL;
        uint64_t offset;
        uint8_t *room;

        if (!bytes)
            return LEDE_CORRUPT;
        room = stream_writer_reserve(writer, size, EXTENT_CAPACITY, &offset);
        if (!room)
            break;
        memcpy(room, bytes, size);
        if (stream == &copier->from->streams[STREAM_WINDOWS])
            put_entries(copier, at / EXTENT_CAPACITY, room);
    }
    return stream_writer_status(writer, err);
}

/* The groups of a window behind all that is there, if they are others. */
static enum lede_status add_groups(struct copier *copier, uint32_t window,
                                   struct stream_writer *writer, struct lede_error *err)
{
    uint32_t count = segment_window_docs(copier->from, window);
    int64_t groups[WINDOW_DOCS], old[WINDOW_DOCS] = {0}, min, max;
    uint8_t entry[ENTRY_SIZE];
    enum lede_status status;

    for (uint32_t i = 0; i < count; i++)
        groups[i] = COLUMN_MISSING;
    status =
        copier->groups->window(copier->groups->context, window * WINDOW_DOCS, count, groups, err);
    if (status == LEDE_OK)
        status = column_window(&copier->from->columns, COLUMN_DUPLICATE_GROUP, window, old, &min,
                               &max, err);
    if (status != LEDE_OK || memcmp(groups, old, count * sizeof *groups) == 0)
        return status;
    store_le32(entry, window);
    status = column_block_write(writer, groups, count, entry + 4, err);
    buffer_put(&copier->entries, entry, sizeof entry);
    return copier->entries.failed ? error_no_memory(err) : status;
}

static enum lede_status add_all_groups(struct copier *copier, struct stream_writer *writer,
                                       struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (uint32_t i = 0; i < segment_window_count(copier->from) && status == LEDE_OK; i++)
        status = add_groups(copier, i, writer, err);
    return status;
}

/* *size: of the copy. */
static enum lede_status copy_stream(struct copier *copier, enum stream_kind kind,
                                    struct bundle_writer *bundle, uint64_t *size,
                                    struct lede_error *err)
{
    struct stream *stream = &copier->from->streams[kind];
    bool grows = kind == STREAM_COLUMNS && copier->groups;
    struct stream_writer writer;
    enum lede_status status;

    stream_writer_init(&writer, copier->number, kind, copier->sink, copier->account);
    status = copy_extents(copier, stream, &writer, err);
    if (status == LEDE_OK && grows)
        status = add_all_groups(copier, &writer, err);
    if (status == LEDE_OK)
        status = bundle_writer_take(bundle, &writer, size, err);
    stream_writer_done(&writer);
    if (status == LEDE_OK && !grows && *size != stream->size)
        return damaged(copier, "a stream is not as long as it was", err);
    return status;
}

static enum lede_status copy_streams(struct copier *copier, uint64_t sizes[STREAM_COUNT],
                                     struct lede_error *err)
{
    struct bundle_writer bundle;
    enum lede_status status = LEDE_OK;

    bundle_writer_init(&bundle, copier->account);
    for (int kind = 0; kind < STREAM_COUNT && status == LEDE_OK; kind++) {
        status = copy_stream(copier, (enum stream_kind)kind, &bundle, &sizes[kind], err);
        snapshot_relieve(copier->from->snapshot);
    }
    if (status == LEDE_OK)
        status = bundle_writer_finish(&bundle, copier->number, copier->sink, err);
    bundle_writer_done(&bundle);
    return status;
}

/* ---- deletions ---- */

static enum lede_status copy_chunk(const struct copier *copier, const struct segment_info *info,
                                   uint32_t chunk, struct lede_error *err)
{
    enum { WINDOWS = DELETION_CHUNK / WINDOW_DOCS, WINDOW_BYTES = WINDOW_DOCS / 8 };
    uint8_t value[DELETION_SIZE] = {0}, key[DELETION_KEY_SIZE];
    uint32_t windows = segment_window_count(copier->from), first = chunk * WINDOWS;
    size_t size = deletion_size(info, chunk);
    bool any = false;

    for (uint32_t i = 0; i < WINDOWS && first + i < windows; i++) {
        const uint8_t *bits;
        enum lede_status status = segment_deletions(copier->from, first + i, &bits, err);

        if (status != LEDE_OK)
            return status;
        if (bits)
            memcpy(value + DELETION_HEADER + i * WINDOW_BYTES, bits, WINDOW_BYTES);
        any |= bits != NULL;
    }
    if (!any)
        return LEDE_OK;
    deletion_key(key, info->number, chunk);
    deletion_seal(value, size, info->number, chunk);
    return copier->sink->put(copier->sink->context, 'x', slice_of(key, sizeof key),
                             slice_of(value, size), err);
}

static enum lede_status copy_deletions(const struct copier *copier, const struct segment_info *info,
                                       struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (info->deleted == 0)
        return LEDE_OK;
    for (uint32_t chunk = 0; chunk <= (info->documents - 1) / DELETION_CHUNK && status == LEDE_OK;
         chunk++)
        status = copy_chunk(copier, info, chunk, err);
    return status;
}

/* ---- the whole ---- */

static enum lede_status copy_all(struct copier *copier, const struct field_map *fields,
                                 struct segment_info *info, struct lede_error *err)
{
    enum lede_status status = fields ? copy_fields(copier, fields, &info->dictionary_pages, err)
                                     : copy_dictionary(copier, err);

    if (status == LEDE_OK)
        status = copy_streams(copier, info->stream_sizes, err);
    return status == LEDE_OK ? copy_deletions(copier, info, err) : status;
}

enum lede_status segment_copy(struct segment *from, uint32_t number, const struct field_map *fields,
                              const struct group_source *groups, struct record_sink *sink,
                              struct account *account, struct segment_info *info,
                              struct lede_error *err)
{
    struct copier copier = {
        .from = from, .number = number, .sink = sink, .account = account, .groups = groups};
    enum lede_status status;

    *info = *from->info;
    info->number = number;
    info->small_records = true;
    buffer_init(&copier.entries, account);
    status = copy_all(&copier, fields, info, err);
    buffer_done(&copier.entries);
    return status;
}
