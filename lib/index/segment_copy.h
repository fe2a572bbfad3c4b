/* segment_copy.h -- a segment of one index, record by record, into another under another number.
 *
 * Nothing in a segment depends on its number but keys and checksums, so values are carried over as
 * they are, each checked as it is read and sealed anew. Deletions go along. Where the other index
 * numbers its keyword fields in another way, the dictionary alone is written anew; where groups of
 * duplicates are others, their blocks are, behind the other columns. */
#ifndef LEDE_INDEX_SEGMENT_COPY_H
#define LEDE_INDEX_SEGMENT_COPY_H

#include "index/segment.h"
#include "index/segment_writer.h"

/* Which field byte of the copied segment the terms of each come from; FIELD_END: none. */
struct field_map {
    uint8_t from[FIELD_END];
};

/* Puts everything of from (of a snapshot) under number into the sink; *info is its entry in the
 * other's manifest, but for what changes. fields, groups NULL: they stay as they are. LEDE_CORRUPT:
 * from is damaged; other failures are the sink's, and LEDE_NO_MEMORY. What was put is garbage then.
 * Memory: an extent, charged to account. Reads and writes every byte once. */
enum lede_status segment_copy(struct segment *from, uint32_t number, const struct field_map *fields,
                              const struct group_source *groups, struct record_sink *sink,
                              struct account *account, struct segment_info *info,
                              struct lede_error *err);

#endif
