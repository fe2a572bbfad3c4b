/* duplicates.h -- which articles of a segment that is being made are copies of earlier ones.
 *
 * An article joins the group of the nearest near copy (near_copy.h) before it: in the segments that
 * are there, oldest first and deleted articles included, then in its own; of equally near ones the
 * first. One that has none begins a group, named by its content hash. COLUMN_DUPLICATE_GROUP is
 * the group's name, or missing if that is the article's own hash. So groups depend on what was
 * added in which order, on nothing else, and what was decided stays.
 *
 * Memory: 16 bytes an article up to DUPLICATES_CHUNK of them, the rest in a temporary file
 * (temporary.h); while groups are found, DUPLICATES_MEMORY, charged to the account. Time: for each
 * DUPLICATES_CHUNK articles of the segment, or a part of them, the signatures of all segments are
 * read and looked up, half a microsecond each; for a handful of articles much less. One thread. */
#ifndef LEDE_INDEXER_DUPLICATES_H
#define LEDE_INDEXER_DUPLICATES_H

#include "index/segment_writer.h"
#include "index/store.h"

struct account;
struct duplicates;

enum { DUPLICATES_CHUNK = 1 << 16 };
#define DUPLICATES_MEMORY ((size_t)5 << 20)

/* directory: for the temporary file; borrowed. */
enum lede_status duplicates_new(const char *directory, struct account *account,
                                struct duplicates **out, struct lede_error *err);
void duplicates_free(struct duplicates *duplicates);

/* The next article of the segment: COLUMN_SIGNATURE, and its content hash. LEDE_NO_MEMORY,
 * LEDE_FULL, LEDE_IO. */
enum lede_status duplicates_add(struct duplicates *duplicates, int64_t signature,
                                uint64_t content_hash, struct lede_error *err);

/* What is before the segment: all of the manifest's segments, whose records are in the store
 * (which has no transaction open), committed or not. Both are borrowed. Without, there is nothing
 * before. */
void duplicates_behind(struct duplicates *duplicates, struct store *store,
                       const struct manifest *manifest);

/* Where the segment's writer gets its groups from, once every article was added. */
struct group_source duplicates_groups(struct duplicates *duplicates,
                                      const struct segment_writer *writer);
/* The same of a segment that is there already: codes of its articles' lengths, borrowed. */
struct group_source duplicates_groups_of(struct duplicates *duplicates, const uint8_t *codes);

#endif
