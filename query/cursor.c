/* Walking every live article of an index. */
#include "base/error.h"
#include "opened.h"

/* The next live document of the segment from *document on; LEDE_MISSING: none is left. */
static enum lede_status next_live(struct segment *segment, doc_id *document, struct lede_error *err)
{
    for (; *document < segment->info->documents; ++*document) {
        bool deleted;
        enum lede_status status = segment_is_deleted(segment, *document, &deleted, err);

        if (status != LEDE_OK || !deleted)
            return status;
    }
    return LEDE_MISSING;
}

/* The segment that a cursor stands in, numbered through; index->segment_count behind the last. */
static uint32_t segment_at(const struct lede_index *index, const struct lede_cursor *cursor)
{
    uint32_t number = 0;

    while (number < index->segment_count && (index->segments[number].index < cursor->index ||
                                             (index->segments[number].index == cursor->index &&
                                              index->segments[number].place < cursor->segment)))
        number++;
    return number;
}

enum lede_status lede_cursor_next(struct lede_index *index, struct lede_cursor *cursor,
                                  struct lede_hit *hit, struct lede_error *err)
{
    for (uint32_t number = segment_at(index, cursor); number < index->segment_count; number++) {
        const struct opened_segment *opened = &index->segments[number];
        bool same = opened->index == cursor->index && opened->place == cursor->segment;
        doc_id document = same ? cursor->document : 0;
        enum lede_status status = next_live(opened->segment, &document, err);

        if (status == LEDE_MISSING)
            continue;
        *cursor = (struct lede_cursor){opened->index, opened->place, document + 1};
        if (status != LEDE_OK)
            return status;
        *hit = (struct lede_hit){
            .index = opened->index, .segment = opened->place, .document = document};
        return LEDE_OK;
    }
    return LEDE_MISSING;
}
