#include "results.h"

#include <stdlib.h>

/* ---- coming and going ---- */

enum lede_status results_new(struct lede_index *index, bool strict, struct lede_results **out,
                             struct lede_error *err)
{
    struct lede_results *results = opened_take_idle(index, &index->results);

    if (!results) {
        results = malloc(sizeof *results);
        if (!results)
            return error_no_memory(err);
        arena_init(&results->arena, RESULTS_CHUNK, NULL);
    }
    results->index = index;
    results->text = slice_of(NULL, 0);
    results->options = (struct lede_search_options){0};
    results->plan = (struct plan){0};
    notes_init(&results->notes, &results->arena, strict);
    results->hits = NULL;
    results->count = 0;
    results->total = 0;
    *out = results;
    return LEDE_OK;
}

void results_destroy(struct lede_results *results)
{
    arena_done(&results->arena);
    free(results);
}

void lede_results_free(struct lede_results *results)
{
    if (!results)
        return;
    arena_reset(&results->arena);
    if (!opened_keep_idle(results->index, &results->index->results, results))
        results_destroy(results);
}

/* ---- taking hits ---- */

/* Where ids are read: rising documents of one segment after the other. */
struct id_reader {
    uint32_t segment; /* number among all segments */
    bool begun;
    struct name_reader names;
};

static enum lede_status read_id(struct lede_results *results, struct id_reader *reader,
                                const struct topk_entry *entry, struct lede_bytes *out,
                                struct lede_error *err)
{
    struct segment *segment = results->plan.index->segments[entry->segment].segment;
    enum lede_status status;
    char *id;

    if (!reader->begun || reader->segment != entry->segment)
        segment_names_begin(segment, &reader->names);
    reader->begun = true;
    reader->segment = entry->segment;
    status = name_read(&reader->names, entry->document, err);
    if (status != LEDE_OK)
        return status;
    id = arena_copy(&results->arena, reader->names.id, reader->names.size);
    if (!id)
        return error_no_memory(err);
    *out = (struct lede_bytes){id, reader->names.size};
    return LEDE_OK;
}

/* Fills in the copies of the hits, whose groups are in the order of entries. */
static enum lede_status count_copies(struct lede_results *results, const struct topk *best,
                                     size_t offset, const struct collapse *collapse,
                                     struct lede_error *err)
{
    uint64_t *groups = arena_alloc(&results->arena, results->count * sizeof *groups);
    uint64_t *live = arena_alloc(&results->arena, results->count * sizeof *live);
    enum lede_status status;

    if (!groups || !live)
        return error_no_memory(err);
    for (size_t i = 0; i < best->count; i++)
        if (best->ranks[i] >= offset)
            groups[best->ranks[i] - offset] = best->groups[i];
    status = collapse_count(collapse, groups, results->count, live, err);
    for (size_t i = 0; status == LEDE_OK && i < results->count; i++)
        results->hits[i].copies = live[i] > 0 ? live[i] - 1 : 0;
    return status;
}

enum lede_status results_take(struct lede_results *results, const struct topk *best, size_t offset,
                              const struct collapse *collapse, struct lede_error *err)
{
    size_t count = best->count > offset ? best->count - offset : 0;
    enum lede_status status = LEDE_OK;
    struct id_reader reader;

    results->hits = arena_calloc(&results->arena, count, sizeof *results->hits);
    if (!results->hits)
        return error_no_memory(err);
    reader.begun = false;
    for (size_t i = 0; status == LEDE_OK && i < best->count; i++) {
        const struct topk_entry *entry = &best->entries[i];
        const struct opened_segment *opened = &results->plan.index->segments[entry->segment];
        struct lede_hit *hit;

        if (best->ranks[i] < offset)
            continue;
        hit = &results->hits[best->ranks[i] - offset];
        hit->score = entry->score;
        hit->index = opened->index;
        hit->segment = opened->place;
        hit->document = entry->document;
        status = read_id(results, &reader, entry, &hit->id, err);
    }
    if (status != LEDE_OK)
        return status;
    results->count = count;
    return collapse && count > 0 ? count_copies(results, best, offset, collapse, err) : LEDE_OK;
}

/* ---- giving them ---- */

size_t lede_results_count(const struct lede_results *results)
{
    return results->count;
}

const struct lede_hit *lede_results_hit(const struct lede_results *results, size_t place)
{
    return place < results->count ? &results->hits[place] : NULL;
}

uint64_t lede_results_total(const struct lede_results *results)
{
    return results->total;
}

const char *lede_results_note(const struct lede_results *results, size_t place)
{
    return place < results->notes.count ? results->notes.texts[place] : NULL;
}
