/* inverter_run.c -- an inverter as a run: its terms sorted, its chains read. */
#include <assert.h>
#include <stdlib.h>

#include "inverter_internal.h"

enum lede_status inverter_sort(struct inverter *inverter, struct lede_error *err)
{
    size_t count = 0;

    assert(!inverter->items);
    inverter->items = malloc((inverter->terms + 1) * sizeof *inverter->items);
    if (!inverter->items)
        return error_no_memory(err);
    for (size_t i = 0; i < inverter->slot_count; i++) {
        struct term_entry *entry = entry_at(inverter, inverter->slots[i].entry);

        if (!inverter->slots[i].entry)
            continue;
        if (inverter->undone && entry->df && entry->document == inverter->document) {
            entry->at = entry->mark;
            entry->total_tf = entry->mark_tf;
            entry->df--;
        }
        if (entry->df)
            inverter->items[count++].entry = inverter->slots[i].entry;
    }
    inverter->item_count = count;
    term_sort(inverter->items, count, inverter->region, offsetof(struct term_entry, key_size));
    return LEDE_OK;
}

/* The window on the chunk whose string bytes begin at cursor->chunk and end before limit. */
static void show(struct run_cursor *cursor, const struct inverter *inverter, uint32_t limit)
{
    uint32_t at = entry_at(inverter, cursor->entry)->at;

    cursor->at = inverter->region + cursor->chunk;
    cursor->end = inverter->region + (at >= cursor->chunk && at <= limit ? at : limit);
    cursor->chunk_size = limit - cursor->chunk;
}

static enum lede_status next_term(struct run_cursor *cursor, struct lede_error *err)
{
    const struct inverter *inverter = cursor->context;
    const struct term_entry *entry;

    (void)err;
    if (cursor->next_term == inverter->item_count)
        return LEDE_MISSING;
    cursor->entry = inverter->items[cursor->next_term++].entry;
    if (cursor->next_term + 2 < inverter->item_count)
        __builtin_prefetch(inverter->region + inverter->items[cursor->next_term + 2].entry);
    entry = entry_at(inverter, cursor->entry);
    cursor->term = slice_of(entry->key, entry->key_size);
    cursor->df = entry->df;
    cursor->total_tf = entry->total_tf;
    cursor->growth = 0;
    cursor->chunk = cursor->entry + (uint32_t)(offsetof(struct term_entry, key) + entry->key_size);
    show(cursor, inverter, cursor->entry + (uint32_t)entry_size(entry->key_size) - LINK);
    return LEDE_OK;
}

static enum lede_status next_chunk(struct run_cursor *cursor, struct lede_error *err)
{
    const struct inverter *inverter = cursor->context;
    uint32_t limit = cursor->chunk + cursor->chunk_size;

    (void)err;
    if (cursor->end != inverter->region + limit || entry_at(inverter, cursor->entry)->at == limit)
        return LEDE_MISSING;
    memcpy(&cursor->chunk, inverter->region + limit, LINK);
    cursor->growth++;
    show(cursor, inverter, cursor->chunk + (uint32_t)chunk_size(cursor->growth) - LINK);
    return LEDE_OK;
}

static void nothing(struct run_cursor *cursor)
{
    (void)cursor;
}

void inverter_cursor(const struct inverter *inverter, struct run_cursor *cursor)
{
    static const struct run_supply supply = {next_term, next_chunk, nothing};

    assert(inverter->items);
    *cursor = (struct run_cursor){.supply = &supply,
                                  .context = (void *)(uintptr_t)inverter,
                                  .positions = inverter->positions};
}
