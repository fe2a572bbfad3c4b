/* json_extent.h -- where a JSON value ends, among bytes that come piece by piece.
 *
 *     struct json_extent extent = {0};
 *     while (!json_extent_find(&extent, ahead, &size)) ...      ahead grows, size is kept
 *
 * Brackets and quotes are counted, nothing more: whether it is JSON only who parses it can say.
 * What begins neither with a bracket nor with a quote ends before a blank, comma or closing
 * bracket. About 1 GB/s. */
#ifndef LEDE_COMMAND_JSON_EXTENT_H
#define LEDE_COMMAND_JSON_EXTENT_H

#include "base/bytes.h"

struct json_extent {
    uint64_t depth; /* brackets that are open */
    bool quoted, escaped, bare;
};

/* True if the value ends among bytes, behind *size of them; *size of them were looked at before,
 * and all, if not. At least one byte is the value's. */
bool json_extent_find(struct json_extent *extent, struct slice bytes, size_t *size);

#endif
