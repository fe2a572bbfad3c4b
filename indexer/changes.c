#include "changes.h"

#include <stdlib.h>

#include "base/account.h"
#include "base/array.h"
#include "index/id_map.h"

void changes_init(struct changes *changes, struct account *account)
{
    *changes = (struct changes){.account = account};
    arena_init(&changes->ids, 0, account);
}

void changes_done(struct changes *changes)
{
    array_free(changes->mentions, changes->capacity, sizeof *changes->mentions, changes->account);
    arena_done(&changes->ids);
    if (changes->filter)
        account_release(changes->account, FILTER_BITS / 8);
    free(changes->filter);
    changes_init(changes, changes->account);
}

void changes_reset(struct changes *changes)
{
    changes_done(changes);
}

bool changes_none(const struct changes *changes)
{
    return changes->documents == 0 && changes->count == 0;
}

/* ---- the filter ---- */

static bool filter_has(const struct changes *changes, uint64_t hash)
{
    uint64_t bit = hash % FILTER_BITS;

    return changes->filter && changes->filter[bit / 8] >> (bit % 8) & 1;
}

static enum lede_status filter_add(struct changes *changes, uint64_t hash, struct lede_error *err)
{
    uint64_t bit = hash % FILTER_BITS;

    if (!changes->filter)
        changes->filter = account_calloc(changes->account, FILTER_BITS / 8, 1);
    if (!changes->filter)
        return error_no_memory(err);
    changes->filter[bit / 8] |= (uint8_t)(1U << bit % 8);
    return LEDE_OK;
}

/* ---- what the calls say ---- */

static enum lede_status add_mention(struct changes *changes, uint64_t hash, struct slice id,
                                    bool removal, struct lede_error *err)
{
    const char *copy;

    if (changes->count == changes->capacity &&
        !array_grow((void **)&changes->mentions, &changes->capacity, sizeof *changes->mentions,
                    changes->account))
        return error_no_memory(err);
    copy = arena_copy(&changes->ids, id.data, id.size);
    if (!copy)
        return error_no_memory(err);
    changes->mentions[changes->count++] =
        (struct mention){hash, changes->documents, slice_of(copy, id.size), removal};
    return LEDE_OK;
}

enum lede_status changes_document(struct changes *changes, struct slice id, bool track,
                                  struct lede_error *err)
{
    changes->documents++;
    return track ? filter_add(changes, id_hash(id), err) : LEDE_OK;
}

enum lede_status changes_unchanged(struct changes *changes, struct slice id, struct lede_error *err)
{
    uint64_t hash = id_hash(id);

    changes->unchanged++;
    return filter_has(changes, hash) ? add_mention(changes, hash, id, false, err) : LEDE_OK;
}

enum lede_status changes_removal(struct changes *changes, struct slice id, struct lede_error *err)
{
    uint64_t hash = id_hash(id);
    enum lede_status status = filter_add(changes, hash, err);

    return status == LEDE_OK ? add_mention(changes, hash, id, true, err) : status;
}
