#include <stdlib.h>

#include "base/array.h"
#include "changes.h"
#include "index/column.h"
#include "index/id_map.h"
#include "index/name.h"

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
    const struct mention *mention; /* NULL: a document */
    bool judged;
};

struct nominees { /* documents of a segment whose ids have the key */
    doc_id *documents;
    size_t count, capacity;
    bool failed;
};

struct resolver {
    const struct manifest *manifest;
    size_t committed;
    struct tombstones *tombstones;
    struct change_totals *totals;
    struct view *views;              /* one a segment */
    const struct mention **mentions; /* by hash, then in order */
    size_t mention_count, mention_next;
    struct event *events; /* of the current key */
    size_t event_count, event_capacity;
    struct nominees nominees;
    struct buffer id, other; /* names being compared */
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
        status = stream_init(wanted[i].stream, info->number, wanted[i].kind,
                             info->stream_sizes[wanted[i].kind], records, err);
    return status;
}

static void view_close(struct view *view)
{
    stream_done(&view->ids);
    stream_done(&view->names);
    stream_done(&view->columns);
    stream_done(&view->windows);
}

static int compare_mentions(const void *a, const void *b)
{
    const struct mention *x = *(const struct mention *const *)a;
    const struct mention *y = *(const struct mention *const *)b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x < y ? -1 : x > y; /* in the order of the calls */
}

static enum lede_status sort_mentions(struct resolver *resolver, const struct changes *changes,
                                      struct lede_error *err)
{
    resolver->mentions = malloc((changes->count + 1) * sizeof(struct mention *));
    if (!resolver->mentions)
        return error_no_memory(err);
    for (size_t i = 0; i < changes->count; i++)
        resolver->mentions[i] = &changes->mentions[i];
    resolver->mention_count = changes->count;
    qsort(resolver->mentions, changes->count, sizeof(struct mention *), compare_mentions);
    return LEDE_OK;
}

static enum lede_status view_next(struct view *view, struct lede_error *err)
{
    enum lede_status status = id_cursor_next(&view->cursor, &view->entry, err);

    view->ended = status == LEDE_MISSING;
    return view->ended ? LEDE_OK : status;
}

static enum lede_status resolver_open(struct resolver *resolver, const struct changes *changes,
                                      struct store_snapshot *snapshot, struct record_source *fresh,
                                      struct lede_error *err)
{
    const struct manifest *manifest = resolver->manifest;
    enum lede_status status;
    uint64_t documents = 0;

    buffer_init(&resolver->id, changes->account);
    buffer_init(&resolver->other, changes->account);
    resolver->views = calloc(manifest->segment_count + 1, sizeof *resolver->views);
    if (!resolver->views)
        return error_no_memory(err);
    status = sort_mentions(resolver, changes, err);
    for (size_t i = 0; i < manifest->segment_count && status == LEDE_OK; i++) {
        struct view *view = &resolver->views[i];

        status = view_open(view, &manifest->segments[i],
                           i < resolver->committed ? &snapshot->records : fresh, err);
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
    free(resolver->mentions);
    free(resolver->events);
    free(resolver->nominees.documents);
    buffer_done(&resolver->id);
    buffer_done(&resolver->other);
}

/* ---- the events of a key ---- */

/* The least key that is left; false if none is. */
static bool next_key(const struct resolver *resolver, uint32_t *key)
{
    bool found = resolver->mention_next < resolver->mention_count;

    if (found)
        *key = id_key(resolver->mentions[resolver->mention_next]->hash);
    for (size_t i = resolver->committed; i < resolver->manifest->segment_count; i++) {
        const struct view *view = &resolver->views[i];

        if (view->ended || (found && view->entry.key >= *key))
            continue;
        *key = view->entry.key;
        found = true;
    }
    return found;
}

static bool add_event(struct resolver *resolver, struct event event)
{
    if (resolver->event_count == resolver->event_capacity &&
        !array_grow((void **)&resolver->events, &resolver->event_capacity, sizeof *resolver->events,
                    NULL))
        return false;
    resolver->events[resolver->event_count++] = event;
    return true;
}

/* Gathers the documents and mentions of the key and moves behind them. */
static enum lede_status gather(struct resolver *resolver, uint32_t key, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    resolver->event_count = 0;
    for (size_t i = resolver->committed; i < resolver->manifest->segment_count; i++) {
        struct view *view = &resolver->views[i];

        while (!view->ended && view->entry.key == key && status == LEDE_OK) {
            doc_id document = view->entry.document;

            if (!add_event(resolver, (struct event){2 * (view->first + document) + 1, (uint32_t)i,
                                                    document, NULL, false}))
                return error_no_memory(err);
            status = view_next(view, err);
        }
    }
    while (resolver->mention_next < resolver->mention_count &&
           id_key(resolver->mentions[resolver->mention_next]->hash) == key) {
        const struct mention *mention = resolver->mentions[resolver->mention_next++];

        if (!add_event(resolver, (struct event){2 * mention->order, 0, 0, mention, false}))
            return error_no_memory(err);
    }
    return status;
}

/* The id that an event is about, into *out. */
static enum lede_status event_id(struct resolver *resolver, const struct event *event,
                                 struct buffer *out, struct lede_error *err)
{
    struct view *view;

    if (!event->mention) {
        view = &resolver->views[event->segment];
        return name_get(&view->names, &view->source, event->document, out, err);
    }
    buffer_clear(out);
    buffer_put(out, event->mention->id.data, event->mention->id.size);
    return out->failed ? error_no_memory(err) : LEDE_OK;
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

/* Looks for the live document of resolver->id in a committed segment. The id was read if *named;
 * else it is read from event once there is something to compare it with. */
static enum lede_status find_in(struct resolver *resolver, size_t segment, uint32_t key,
                                const struct event *event, bool *named, doc_id *found,
                                struct lede_error *err)
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
        if (!*named)
            status = event_id(resolver, event, &resolver->id, err);
        *named = true;
        if (status == LEDE_OK)
            status = name_get(&view->names, &view->source, document, &resolver->other, err);
        if (status == LEDE_OK &&
            slice_equal(buffer_bytes(&resolver->id), buffer_bytes(&resolver->other)))
            *found = document;
    }
    return status;
}

/* Finds the committed live document that event is about, newest segment first: *segment is the
 * number of committed segments if there is none. */
static enum lede_status find_committed(struct resolver *resolver, uint32_t key,
                                       const struct event *event, bool named, size_t *segment,
                                       doc_id *document, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    *document = DOC_END;
    for (size_t i = resolver->committed; i-- > 0 && status == LEDE_OK && *document == DOC_END;) {
        *segment = i;
        status = find_in(resolver, i, key, event, &named, document, err);
    }
    return status;
}

/* ---- judgement ---- */

struct verdict { /* on an id */
    const struct event *last;
    uint64_t documents;
};

/* Applies the verdict to the committed document, and counts. */
static enum lede_status judge_committed(struct resolver *resolver, uint32_t key,
                                        const struct verdict *verdict, bool named,
                                        struct lede_error *err)
{
    const struct mention *mention = verdict->last->mention;
    size_t segment = 0;
    doc_id document;
    enum lede_status status =
        find_committed(resolver, key, verdict->last, named, &segment, &document, err);
    bool live = document != DOC_END;

    if (status != LEDE_OK)
        return status;
    resolver->totals->replaced += verdict->documents;
    if (!live && verdict->documents > 0) {
        resolver->totals->replaced--;
        resolver->totals->added++;
    }
    if (live && mention && mention->removal)
        resolver->totals->removed++;
    if (live && (!mention || mention->removal))
        status = tombstones_set(resolver->tombstones, segment, document, err);
    return status;
}

/* Finds the other events that are about the id of the first, and the last of them all. */
static enum lede_status collect(struct resolver *resolver, struct event *first,
                                struct verdict *verdict, struct lede_error *err)
{
    struct event *end = resolver->events + resolver->event_count;
    enum lede_status status = event_id(resolver, first, &resolver->id, err);

    *verdict = (struct verdict){first, 0};
    for (struct event *event = first; event < end && status == LEDE_OK; event++) {
        if (event->judged)
            continue;
        status = event_id(resolver, event, &resolver->other, err);
        if (status != LEDE_OK ||
            !slice_equal(buffer_bytes(&resolver->id), buffer_bytes(&resolver->other)))
            continue;
        event->judged = true;
        verdict->documents += event->mention == NULL;
        if (event->order >= verdict->last->order)
            verdict->last = event;
    }
    return status;
}

/* Deletes the new documents of an id but the last event, if that is one. */
static enum lede_status judge_new(struct resolver *resolver, const struct event *first,
                                  const struct verdict *verdict, struct lede_error *err)
{
    const struct event *end = resolver->events + resolver->event_count;
    enum lede_status status = LEDE_OK;

    for (const struct event *event = first; event < end && status == LEDE_OK; event++) {
        if (event->mention || event == verdict->last)
            continue;
        status = event_id(resolver, event, &resolver->other, err);
        if (status == LEDE_OK &&
            slice_equal(buffer_bytes(&resolver->id), buffer_bytes(&resolver->other)))
            status = tombstones_set(resolver->tombstones, event->segment, event->document, err);
    }
    return status;
}

/* Judges every id of the current events. Ids that share a key are few, one in 270 of a million. */
static enum lede_status judge(struct resolver *resolver, uint32_t key, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    struct verdict verdict;

    if (resolver->event_count == 1) {
        verdict = (struct verdict){resolver->events, resolver->events[0].mention == NULL};
        return judge_committed(resolver, key, &verdict, false, err);
    }
    for (size_t i = 0; i < resolver->event_count && status == LEDE_OK; i++) {
        if (resolver->events[i].judged)
            continue;
        status = collect(resolver, &resolver->events[i], &verdict, err);
        if (status == LEDE_OK)
            status = judge_new(resolver, &resolver->events[i], &verdict, err);
        if (status == LEDE_OK)
            status = judge_committed(resolver, key, &verdict, true, err);
    }
    return status;
}

enum lede_status changes_resolve(const struct changes *changes, const struct manifest *manifest,
                                 size_t committed, struct store_snapshot *snapshot,
                                 struct record_source *fresh, struct tombstones *tombstones,
                                 struct change_totals *totals, struct lede_error *err)
{
    struct resolver resolver = {
        .manifest = manifest, .committed = committed, .tombstones = tombstones, .totals = totals};
    enum lede_status status = resolver_open(&resolver, changes, snapshot, fresh, err);
    uint32_t key = 0;

    while (status == LEDE_OK && next_key(&resolver, &key)) {
        status = gather(&resolver, key, err);
        if (status == LEDE_OK)
            status = judge(&resolver, key, err);
    }
    resolver_close(&resolver);
    return status;
}
