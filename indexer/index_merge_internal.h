/* index_merge_internal.h -- what index_merge.c (the whole) and index_merge_fields.c (whether
 * indexes may be one, and the keyword fields of all) share; nobody else includes it. */
#ifndef LEDE_INDEXER_INDEX_MERGE_INTERNAL_H
#define LEDE_INDEXER_INDEX_MERGE_INTERNAL_H

#include "base/account.h"
#include "index/segment_copy.h"
#include "index_merge.h"
#include "tombstones.h"

struct other {
    const char *path;
    struct store *store;
    struct snapshot *snapshot;
    size_t first; /* place in the new manifest of its first segment */
    struct field_map fields;
    bool renumbered; /* fields are others than in the new manifest */
};

struct merging {
    struct store *store;
    struct account account;
    struct manifest manifest;            /* what is to be */
    size_t committed;                    /* segments that were there */
    struct snapshot *committed_segments; /* for looking ids up; NULL if there are none */
    struct other *others;
    size_t count;
    struct tombstones tombstones;
    struct index_merge_totals *totals;
};

/* Whether the other index was made as that in path, whose manifest is ours: LEDE_INCOMPATIBLE. */
enum lede_status merging_check_same(const struct manifest *ours, const char *path,
                                    const struct other *other, struct lede_error *err);

/* Adds the keyword fields of another index; segments that are there lack them. And what terms it
 * has besides. LEDE_LIMIT, LEDE_NO_MEMORY. */
enum lede_status merging_join_fields(struct merging *merging, const struct other *other,
                                     struct lede_error *err);
/* Once those of all were joined: other->fields, renumbered. */
void merging_map_fields(const struct merging *merging, struct other *other);
/* What a copied segment lacks, by the new places. */
struct keyword_set merging_lacks_of(const struct merging *merging, const struct other *other,
                                    const struct segment *segment);

#endif
