#include "command/item.h"

#include "base/lede_bytes.h"

void item_skip(struct item *item, const struct origin *origin, enum skip_reason reason,
               uint64_t record, uint64_t offset, const char *message)
{
    *item = (struct item){.kind = ITEM_SKIP};
    skip_set(&item->skip, reason, origin->path, message);
    item->skip.record = record;
    item->skip.offset = offset;
}

enum lede_status item_skip_rest(struct item *item, const struct origin *origin,
                                enum lede_status status, uint64_t record, uint64_t offset,
                                const char *message, struct lede_error *err)
{
    if (status == LEDE_NO_MEMORY || status == LEDE_INTERRUPTED)
        return error_set(err, status, "%s", message);
    item_skip(item, origin, status == LEDE_OK ? SKIP_BAD_RECORD : SKIP_UNREADABLE, record, offset,
              message);
    return LEDE_OK;
}

void item_set_source(struct item *item, const struct origin *origin, uint64_t offset, uint64_t size)
{
    item->article.source = bytes_of(origin->path);
    item->article.source_offset = offset;
    item->article.source_size = size;
}
