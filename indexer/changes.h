/* changes.h -- what a commit's calls said about ids, in order, and what that comes to.
 *
 * The last word on an id counts: an article added (a document of a new segment), an article found
 * unchanged (the committed document stays), or a removal. New documents are remembered by the id
 * maps of their segments; the other two are mentions, kept with the number of documents added
 * before them. Of unchanged articles only those are kept whose id may have been spoken of before in
 * the same commit, as a filter of hashes tells: it never says no wrongly, so adding a whole archive
 * again keeps nothing.
 *
 * Mentions take MENTIONS_MEMORY at most: more of them go, sorted by hash, to a temporary file
 * (record_sort.h), and their ids to another one (long_text.h), from which each is read once.
 *
 * When all new segments are written, changes_resolve walks their ids and the mentions in the order
 * of the ids' hashes, finds for each id the last word and the committed document, and sets the
 * deletion bits of all that it overrules, in memory for the ids of one hash. Cost: linear in the
 * new documents, and a binary search for each in every committed segment. */
#ifndef LEDE_INDEXER_CHANGES_H
#define LEDE_INDEXER_CHANGES_H

#include "base/buffer.h"
#include "index/manifest.h"
#include "index/store.h"
#include "long_text.h"
#include "record_sort.h"
#include "tombstones.h"

enum { FILTER_BITS = 1 << 23, MENTIONS_MEMORY = 1 << 20, MENTION_IDS_MEMORY = 64 * 1024 };

struct mention {
    uint64_t hash; /* id_hash */
    uint64_t id;   /* where the id is, and its size: rising with the calls */
    uint64_t said; /* documents added in this commit before it, times two; plus one: a removal, else
                    * an article that is unchanged */
};

struct changes {
    struct account *account;
    uint64_t documents; /* added in this commit */
    uint64_t unchanged;
    struct record_sort mentions; /* of struct mention */
    struct long_text ids;        /* those that memory had no room for, */
    struct buffer new_ids;       /* and those behind them */
    uint8_t *filter;             /* FILTER_BITS bits; NULL until needed */
};

/* directory: for temporary files; it must live as long. */
void changes_init(struct changes *changes, const char *directory, struct account *account);
void changes_done(struct changes *changes);
/* Forgets everything: the next commit begins. */
void changes_reset(struct changes *changes);
bool changes_none(const struct changes *changes);

/* All of them: LEDE_NO_MEMORY, LEDE_FULL, LEDE_IO. track: whether the index has committed
 * documents, so that later articles may turn out unchanged. */
enum lede_status changes_document(struct changes *changes, struct slice id, bool track,
                                  struct lede_error *err);
enum lede_status changes_unchanged(struct changes *changes, struct slice id,
                                   struct lede_error *err);
enum lede_status changes_removal(struct changes *changes, struct slice id, struct lede_error *err);

/* Puts a mention's id into a buffer, cleared before. */
enum lede_status changes_id(const struct changes *changes, const struct mention *mention,
                            struct buffer *id, struct lede_error *err);

struct change_totals { /* see lede_writer_totals: articles */
    uint64_t added, replaced, removed;
};

/* Sets the bits of all documents that the changes overrule. manifest: the committed segments,
 * whose records are in the snapshot, then the new ones, whose are in fresh. Nothing may be added
 * to the changes any more. */
enum lede_status changes_resolve(struct changes *changes, const struct manifest *manifest,
                                 size_t committed, struct store_snapshot *snapshot,
                                 struct record_source *fresh, struct tombstones *tombstones,
                                 struct change_totals *totals, struct lede_error *err);

#endif
