#include <stdlib.h>

#include "base/account.h"
#include "base/arena.h"
#include "base/array.h"
#include "changes.h"
#include "index/bundle.h"
#include "index/column.h"
#include "index/id_map.h"
#include "index/name.h"

enum { PAGES_OF_NAME = 3 /* of the column, its window, and names */ };

/* What resolving needs of a segment, and, of a new one, how far it was walked. */
struct view {
    const struct segment_info *info;
    struct stream ids, names, columns, windows;
    struct column_source source;
    uint64_t first; /* documents added in this commit before the segment's first one */
    struct id_cursor cursor;
    struct id_entry entry; /* that it is at, unless it ended */
    bool ended;
};

struct event { /* something that was said about an id */
    uint64_t order;
    uint32_t segment; /* a document: its segment's place in the manifest */
    doc_id document;
    bool is_mention;
    struct mention mention; /* if it is one */
};

struct verdict { /* on an id, as far as its events were heard */
    struct event last;
    uint64_t documents;
    struct slice id; /* in the arena; size 0: not read yet, as no other event has the key */
};

struct nominees { /* documents of a segment whose ids have the key */
    doc_id *documents;
    size_t count, capacity;
    bool failed;
};

struct resolver {
    const struct changes *changes;
    const struct manifest *manifest;
    size_t committed;
    struct store_snapshot *snapshot;
    struct tombstones *tombstones;
    struct change_totals *totals;
    struct view *views;            /* one a segment */
    struct record_cursor mentions; /* by hash, then in order */
    struct mention mention;        /* that it is at, unless */
    bool mentions_ended;
    struct account *account;
    struct verdict *verdicts; /* of the current key: one for each of its ids */
    size_t verdict_count, verdict_capacity;
    struct arena ids;
    struct nominees nominees;
    struct buffer name; /* being compared */
};

/* ---- setting up ---- */

static enum lede_status view_open(struct view *view, const struct segment_info *info,
                                  struct record_source *records, struct lede_error *err)
{
    const struct {
        struct stream *stream;
        enum stream_kind kind;
    } wanted[] = {{&view->ids, STREAM_IDS},
                  {&view->names, STREAM_NAMES},
                  {&view->columns, STREAM_COLUMNS},
                  {&view->windows, STREAM_WINDOWS}};
    enum lede_status status = LEDE_OK;

    view->info = info;
    view->source = (struct column_source){&view->columns, &view->windows, info->documents};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && status == LEDE_OK; i++)
        status = segment_stream_init(wanted[i].stream, info, wanted[i].kind, records, err);
    return status;
}

/* Between keys nothing that streams gave is in use. */
static void relieve(const struct resolver *resolver, const struct record_source *fresh)
{
    if (!record_source_is_full(&resolver->snapshot->records) && !record_source_is_full(fresh))
        return;
    for (size_t i = 0; i < resolver->manifest->segment_count; i++) {
        struct view *view = &resolver->views[i];

        stream_forget(&view->ids);
        stream_forget(&view->names);
        stream_forget(&view->columns);
        stream_forget(&view->windows);
    }
}

static void view_close(struct view *view)
{
    stream_done(&view->ids);
    stream_done(&view->names);
    stream_done(&view->columns);
    stream_done(&view->windows);
}

static enum lede_status mention_next(struct resolver *resolver, struct lede_error *err)
{
    const uint64_t *record;
    enum lede_status status = record_cursor_next(&resolver->mentions, &record, err);

    resolver->mentions_ended = status == LEDE_MISSING;
    if (status == LEDE_OK)
        resolver->mention = (struct mention){record[0], record[1], record[2]};
    return resolver->mentions_ended ? LEDE_OK : status;
}

static enum lede_status view_next(struct view *view, struct lede_error *err)
{
    enum lede_status status = id_cursor_next(&view->cursor, &view->entry, err);

    view->ended = status == LEDE_MISSING;
    return view->ended ? LEDE_OK : status;
}

static enum lede_status resolver_open(struct resolver *resolver, struct changes *changes,
                                      struct record_source *fresh, struct lede_error *err)
{
    const struct manifest *manifest = resolver->manifest;
    enum lede_status status;
    uint64_t documents = 0;

    buffer_init(&resolver->name, changes->account);
    arena_init(&resolver->ids, 0, changes->account);
    resolver->views = calloc(manifest->segment_count + 1, sizeof *resolver->views);
    if (!resolver->views)
        return error_no_memory(err);
    status = record_sort_read(&changes->mentions, &resolver->mentions, err);
    if (status == LEDE_OK)
        status = mention_next(resolver, err);
    for (size_t i = 0; i < manifest->segment_count && status == LEDE_OK; i++) {
        struct view *view = &resolver->views[i];

        status = view_open(view, &manifest->segments[i],
                           i < resolver->committed ? &resolver->snapshot->records : fresh, err);
        if (i < resolver->committed || status != LEDE_OK)
            continue;
        view->first = documents;
        documents += manifest->segments[i].documents;
        id_cursor_init(&view->cursor, &view->ids, view->info->documents);
        status = view_next(view, err);
    }
    return status;
}

static void resolver_close(struct resolver *resolver)
{
    for (size_t i = 0; resolver->views && i < resolver->manifest->segment_count; i++)
        view_close(&resolver->views[i]);
    free(resolver->views);
    array_free(resolver->verdicts, resolver->verdict_capacity, sizeof *resolver->verdicts,
               resolver->account);
    arena_done(&resolver->ids);
    free(resolver->nominees.documents);
    buffer_done(&resolver->name);
}

/* ---- what was said of the ids of a key ---- */

/* The least key that is left; false if none is. */
static bool next_key(const struct resolver *resolver, uint32_t *key)
{
    bool found = !resolver->mentions_ended;

    if (found)
        *key = id_key(resolver->mention.hash);
    for (size_t i = resolver->committed; i < resolver->manifest->segment_count; i++) {
        const struct view *view = &resolver->views[i];

        if (view->ended || (found && view->entry.key >= *key))
            continue;
        *key = view->entry.key;
        found = true;
    }
    return found;
}

/* The id that an event is about, into resolver->name. */
static enum lede_status read_id(struct resolver *resolver, const struct event *event,
                                struct lede_error *err)
{
    struct buffer *name = &resolver->name;
    struct view *view;

    store_snapshot_read(resolver->snapshot, PAGES_OF_NAME);
    if (event->is_mention)
        return changes_id(resolver->changes, &event->mention, name, err);
    view = &resolver->views[event->segment];
    return name_get(&view->names, &view->source, event->document, name, err);
}

/* Keeps what is in resolver->name as the verdict's id. */
static enum lede_status keep_id(struct resolver *resolver, struct verdict *verdict,
                                struct lede_error *err)
{
    const struct buffer *name = &resolver->name;
    const char *copy = arena_copy(&resolver->ids, name->data, name->size);

    if (!copy)
        return error_no_memory(err);
    verdict->id = slice_of(copy, name->size);
    return LEDE_OK;
}

/* The verdict's id, which is read if nobody asked for it before. */
static enum lede_status verdict_id(struct resolver *resolver, struct verdict *verdict,
                                   struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (verdict->id.size > 0)
        return LEDE_OK;
    status = read_id(resolver, &verdict->last, err);
    return status == LEDE_OK ? keep_id(resolver, verdict, err) : status;
}

static struct verdict *add_verdict(struct resolver *resolver, const struct event *event)
{
    struct verdict *verdict;

    if (resolver->verdict_count == resolver->verdict_capacity &&
        !array_grow((void **)&resolver->verdicts, &resolver->verdict_capacity,
                    sizeof *resolver->verdicts, resolver->account))
        return NULL;
    verdict = &resolver->verdicts[resolver->verdict_count++];
    *verdict = (struct verdict){*event, !event->is_mention, {NULL, 0}};
    return verdict;
}

/* Deletes the document that the later of an id's last word and another event overrules. */
static enum lede_status overrule(struct resolver *resolver, struct verdict *verdict,
                                 const struct event *event, struct lede_error *err)
{
    struct event loser = *event;

    verdict->documents += !event->is_mention;
    if (event->order >= verdict->last.order) {
        loser = verdict->last;
        verdict->last = *event;
    }
    return loser.is_mention
               ? LEDE_OK
               : tombstones_set(resolver->tombstones, loser.segment, loser.document, err);
}

/* Takes an event of the current key. Ids that share a key are few, one in 270 of a million; events
 * of one id may be any number. */
static enum lede_status hear(struct resolver *resolver, const struct event *event,
                             struct lede_error *err)
{
    struct verdict *verdict;
    enum lede_status status;

    store_snapshot_read(resolver->snapshot, 1);
    if (resolver->verdict_count == 0)
        return add_verdict(resolver, event) ? LEDE_OK : error_no_memory(err);
    status = verdict_id(resolver, &resolver->verdicts[0], err);
    if (status == LEDE_OK)
        status = read_id(resolver, event, err);
    if (status != LEDE_OK)
        return status;
    for (size_t i = 0; i < resolver->verdict_count; i++)
        if (slice_equal(resolver->verdicts[i].id, buffer_bytes(&resolver->name)))
            return overrule(resolver, &resolver->verdicts[i], event, err);
    verdict = add_verdict(resolver, event);
    return verdict ? keep_id(resolver, verdict, err) : error_no_memory(err);
}

/* Takes the documents and mentions of the key and moves behind them. */
static enum lede_status hear_all(struct resolver *resolver, uint32_t key, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    resolver->verdict_count = 0;
    arena_reset(&resolver->ids);
    for (size_t i = resolver->committed; i < resolver->manifest->segment_count; i++) {
        struct view *view = &resolver->views[i];

        while (status == LEDE_OK && !view->ended && view->entry.key == key) {
            doc_id document = view->entry.document;
            struct event event = {.order = 2 * (view->first + document) + 1,
                                  .segment = (uint32_t)i,
                                  .document = document};

            status = hear(resolver, &event, err);
            if (status == LEDE_OK)
                status = view_next(view, err);
        }
    }
    while (status == LEDE_OK && !resolver->mentions_ended &&
           id_key(resolver->mention.hash) == key) {
        struct event event = {.order = resolver->mention.said & ~(uint64_t)1,
                              .is_mention = true,
                              .mention = resolver->mention};

        status = hear(resolver, &event, err);
        if (status == LEDE_OK)
            status = mention_next(resolver, err);
    }
    return status;
}

/* ---- the committed document ---- */

static bool nominate(void *context, doc_id document)
{
    struct nominees *nominees = context;

    nominees->failed = nominees->count == nominees->capacity &&
                       !array_grow((void **)&nominees->documents, &nominees->capacity,
                                   sizeof *nominees->documents, NULL);
    if (!nominees->failed)
        nominees->documents[nominees->count++] = document;
    return !nominees->failed;
}

/* Looks for the live document of the verdict's id in a committed segment. */
static enum lede_status find_in(struct resolver *resolver, size_t segment, uint32_t key,
                                struct verdict *verdict, doc_id *found, struct lede_error *err)
{
    struct view *view = &resolver->views[segment];
    struct nominees *nominees = &resolver->nominees;
    enum lede_status status;
    bool deleted = false;

    *found = DOC_END;
    nominees->count = 0;
    status = id_map_find(&view->ids, view->info->documents, key, nominate, nominees, err);
    if (nominees->failed)
        return error_no_memory(err);
    for (size_t i = 0; i < nominees->count && status == LEDE_OK && *found == DOC_END; i++) {
        doc_id document = nominees->documents[i];

        status = tombstones_get(resolver->tombstones, segment, document, &deleted, err);
        if (status != LEDE_OK || deleted)
            continue;
        status = verdict_id(resolver, verdict, err);
        if (status == LEDE_OK)
            status = name_get(&view->names, &view->source, document, &resolver->name, err);
        store_snapshot_read(resolver->snapshot, PAGES_OF_NAME);
        if (status == LEDE_OK && slice_equal(verdict->id, buffer_bytes(&resolver->name)))
            *found = document;
    }
    return status;
}

/* Finds the committed live document of the verdict's id, newest segment first: DOC_END if there is
 * none. */
static enum lede_status find_committed(struct resolver *resolver, uint32_t key,
                                       struct verdict *verdict, size_t *segment, doc_id *document,
                                       struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *document = DOC_END;
    for (size_t i = resolver->committed; i-- > 0 && status == LEDE_OK && *document == DOC_END;) {
        *segment = i;
        status = find_in(resolver, i, key, verdict, document, err);
    }
    return status;
}

/* ---- judgement ---- */

/* Applies the verdict to the committed document, and counts. */
static enum lede_status judge(struct resolver *resolver, uint32_t key, struct verdict *verdict,
                              struct lede_error *err)
{
    const struct event *last = &verdict->last;
    bool removal = last->is_mention && last->mention.said & 1;
    size_t segment = 0;
    doc_id document;
    enum lede_status status = find_committed(resolver, key, verdict, &segment, &document, err);
    bool live = document != DOC_END;

    if (status != LEDE_OK)
        return status;
    resolver->totals->replaced += verdict->documents;
    if (!live && verdict->documents > 0) {
        resolver->totals->replaced--;
        resolver->totals->added++;
    }
    if (live && removal)
        resolver->totals->removed++;
    if (live && (!last->is_mention || removal))
        status = tombstones_set(resolver->tombstones, segment, document, err);
    return status;
}

enum lede_status changes_resolve(struct changes *changes, const struct manifest *manifest,
                                 size_t committed, struct store_snapshot *snapshot,
                                 struct record_source *fresh, struct tombstones *tombstones,
                                 struct change_totals *totals, struct lede_error *err)
{
    struct resolver resolver = {.changes = changes,
                                .manifest = manifest,
                                .committed = committed,
                                .snapshot = snapshot,
                                .tombstones = tombstones,
                                .totals = totals,
                                .account = changes->account};
    enum lede_status status = resolver_open(&resolver, changes, fresh, err);
    uint32_t key = 0;

    while (status == LEDE_OK && next_key(&resolver, &key)) {
        status = hear_all(&resolver, key, err);
        for (size_t i = 0; i < resolver.verdict_count && status == LEDE_OK; i++)
            status = judge(&resolver, key, &resolver.verdicts[i], err);
        relieve(&resolver, fresh);
    }
    resolver_close(&resolver);
    return status;
}
