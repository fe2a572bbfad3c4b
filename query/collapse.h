/* collapse.h -- which articles count as copies of one, and how many there are.
 *
 * Near copies are those of a duplicate group, as they were indexed (docs/FORMAT.md); exact ones
 * have the same signature and the same length, wherever they are. An article without a signature,
 * which is one without words or of an index that was made before there were any, is a copy of
 * nothing.
 *
 * Groups are numbers of 64 bits, of all indexes that are searched together. One thread. */
#ifndef LEDE_QUERY_COLLAPSE_H
#define LEDE_QUERY_COLLAPSE_H

#include "lede.h"
#include "opened.h"
#include "topk.h"

struct collapse {
    const struct lede_index *index;
    bool exact; /* else near */
    enum lede_status status;
    struct lede_error error; /* why, if it is not LEDE_OK: groups mean nothing then */
    struct topk_groups groups;

    uint32_t segment, window; /* whose blocks these are; UINT32_MAX: none's */
    struct column_block signatures, names, hashes;
};

/* mode: not LEDE_COLLAPSE_NONE. */
void collapse_init(struct collapse *collapse, const struct lede_index *index,
                   enum lede_collapse mode);

/* The group of a document, about 50 ns if documents rise; a failure is kept in the status. */
uint64_t collapse_group(struct collapse *collapse, uint32_t segment, uint32_t document);

/* Counts the live articles of each of these groups, which differ, in all indexes; 0 for that of an
 * article without a signature. Reads two columns of every document: about 2.5 ns each.
 * LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status collapse_count(const struct collapse *collapse, const uint64_t *groups,
                                size_t count, uint64_t *live, struct lede_error *err);

#endif
