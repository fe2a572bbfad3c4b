#include "outbox.h"

#include <assert.h>

#include "base/account.h"

enum { RECORD_HEADER = 9 };

static enum lede_status put(void *context, char table, struct slice key, struct slice value,
                            struct lede_error *err)
{
    struct outbox *outbox = context;
    size_t size = RECORD_HEADER + key.size + value.size;
    enum lede_status status = LEDE_OK;

    if (outbox->records.size > 0 && outbox->records.size + size > OUTBOX_SIZE)
        status = outbox_flush(outbox, err);
    if (status != LEDE_OK)
        return status;
    if (outbox->records.capacity == 0 && !buffer_room(&outbox->records, OUTBOX_SIZE))
        return error_no_memory(err);
    buffer_le32(&outbox->records, (uint32_t)key.size);
    buffer_le32(&outbox->records, (uint32_t)value.size);
    buffer_byte(&outbox->records, (uint8_t)table);
    buffer_put(&outbox->records, key.data, key.size);
    buffer_put(&outbox->records, value.data, value.size);
    return outbox->records.failed ? error_no_memory(err) : LEDE_OK;
}

void outbox_init(struct outbox *outbox, struct store *store, struct account *account)
{
    outbox->store = store;
    outbox->sink = (struct record_sink){outbox, put};
    buffer_init(&outbox->records, account);
}

void outbox_done(struct outbox *outbox)
{
    buffer_done(&outbox->records);
}

enum lede_status outbox_put(struct outbox *outbox, struct lede_error *err)
{
    struct record_sink sink = store_sink(outbox->store);
    const uint8_t *at = outbox->records.data, *end;
    enum lede_status status;

    if (outbox->records.size == 0)
        return LEDE_OK;
    end = at + outbox->records.size;
    status = store_write_begin(outbox->store, err);
    while (at < end && status == LEDE_OK) {
        struct slice key = {at + RECORD_HEADER, load_le32(at)};
        struct slice value = {key.data + key.size, load_le32(at + 4)};

        status = sink.put(sink.context, (char)at[8], key, value, err);
        at = value.data + value.size;
    }
    if (status != LEDE_OK)
        store_write_abort(outbox->store);
    else
        buffer_clear(&outbox->records);
    return status;
}

enum lede_status outbox_flush(struct outbox *outbox, struct lede_error *err)
{
    enum lede_status status = outbox_put(outbox, err);

    return status == LEDE_OK ? store_write_commit(outbox->store, err) : status;
}

bool outbox_find(const struct outbox *outbox, char table, struct slice key, struct slice *value)
{
    const uint8_t *at = outbox->records.data, *end = at + outbox->records.size;

    while (at < end) {
        struct slice its = {at + RECORD_HEADER, load_le32(at)};

        *value = (struct slice){its.data + its.size, load_le32(at + 4)};
        if ((char)at[8] == table && slice_equal(its, key))
            return true;
        at = value->data + value->size;
    }
    return false;
}
