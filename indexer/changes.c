#include "changes.h"

#include <stdlib.h>

#include "base/account.h"
#include "index/id_map.h"

enum { ID_SIZE_BITS = 16, MENTION_WIDTH = sizeof(struct mention) / sizeof(uint64_t) };

void changes_init(struct changes *changes, const char *directory, struct account *account)
{
    *changes = (struct changes){.account = account};
    record_sort_init(&changes->mentions, MENTION_WIDTH, MENTIONS_MEMORY, directory, account);
    long_text_init(&changes->ids, directory);
    buffer_init(&changes->new_ids, account);
}

void changes_done(struct changes *changes)
{
    record_sort_done(&changes->mentions);
    long_text_done(&changes->ids);
    buffer_done(&changes->new_ids);
    if (changes->filter)
        account_release(changes->account, FILTER_BITS / 8);
    free(changes->filter);
    changes_init(changes, changes->mentions.directory, changes->account);
}

void changes_reset(struct changes *changes)
{
    changes_done(changes);
}

bool changes_none(const struct changes *changes)
{
    return changes->documents == 0 && changes->mentions.total == 0;
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

/* Keeps an id and tells where it is. */
static enum lede_status keep_id(struct changes *changes, struct slice id, uint64_t *place,
                                struct lede_error *err)
{
    struct buffer *kept = &changes->new_ids;
    enum lede_status status = LEDE_OK;

    if (kept->size + id.size > MENTION_IDS_MEMORY) {
        status = long_text_append(&changes->ids, buffer_bytes(kept), err);
        buffer_clear(kept);
    }
    if (status != LEDE_OK)
        return status;
    *place = (changes->ids.size + kept->size) << ID_SIZE_BITS | id.size;
    buffer_put(kept, id.data, id.size);
    return kept->failed ? error_no_memory(err) : LEDE_OK;
}

static enum lede_status add_mention(struct changes *changes, uint64_t hash, struct slice id,
                                    bool removal, struct lede_error *err)
{
    uint64_t mention[MENTION_WIDTH] = {hash, 0, changes->documents << 1 | removal};
    enum lede_status status = keep_id(changes, id, &mention[1], err);

    return status == LEDE_OK ? record_sort_add(&changes->mentions, mention, err) : status;
}

enum lede_status changes_id(const struct changes *changes, const struct mention *mention,
                            struct buffer *id, struct lede_error *err)
{
    uint64_t place = mention->id >> ID_SIZE_BITS;
    size_t size = mention->id & ((1U << ID_SIZE_BITS) - 1);
    enum lede_status status = LEDE_OK;
    uint8_t *room;

    buffer_clear(id);
    room = buffer_room(id, size);
    if (!room)
        return error_no_memory(err);
    if (place >= changes->ids.size)
        memcpy(room, changes->new_ids.data + (place - changes->ids.size), size);
    else
        status = long_text_read(&changes->ids, place, room, size, &size, err);
    id->size = size;
    return status;
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
