/* opened.h -- struct lede_index: snapshots of indexes, searched as one.
 *
 * Segments of all indexes are numbered through, in the order of the paths and, within one, of its
 * manifest: (segment number, document) is the order that settles equal scores. All of it is
 * constant after opening but what is idle, which a mutex guards. */
#ifndef LEDE_QUERY_OPENED_H
#define LEDE_QUERY_OPENED_H

#include <pthread.h>

#include "base/buffer.h"
#include "bm25.h"
#include "index/keyword_names.h"
#include "index/segment.h"
#include "text/language.h"

enum {
    LANGUAGES_ASKED = 16,   /* languages that a query word is analysed in, most frequent first;
                             * of those with the same terms one */
    IDLE_KEPT = 16,         /* analyzers, and so on */
    SEGMENTS_MAX = 1 << 24, /* of all indexes: LEDE_LIMIT */
    ARTICLE_LIMIT =
        INT32_MAX /* bytes of an article that is unpacked: what no writer of ours passes */
};

/* Which field byte of an index the keyword fields of all have there; FIELD_END: it has it not. */
struct keyword_map {
    uint8_t fields[KEYWORDS_MAX];
};

struct opened_segment {
    struct segment *segment;
    uint32_t index, place; /* which path, and its place in that manifest */
};

/* What queries made and left for others. */
struct idle {
    void *items[IDLE_KEPT];
    size_t count;
};

struct lede_index {
    struct snapshot **snapshots; /* one per path */
    size_t snapshot_count;
    struct opened_segment *segments;
    uint32_t segment_count;

    uint64_t articles, tokens; /* N and the sum of lengths, of all segments */
    double k1, b;              /* the first index's */
    double average;            /* length of an article; 0 if there are none */
    struct bm25 bm25;          /* of these, as most queries want it */
    bool positions, amounts;   /* every index has them, */
    bool small_digits;         /* and the variants that they carry */
    bool texts;                /* every index keeps them */
    language_id languages[LANGUAGES_ASKED];
    size_t language_count; /* at least 1: the default one if there are no articles */
    language_id default_language;

    struct buffer keywords; /* names of the keyword fields of all indexes: what a query means by a
                             * field byte is the name in that place */
    struct keyword_map *keyword_maps; /* one per path */

    struct analyzer_settings settings; /* borrowed from the first manifest */
    struct lede_error incompatible;    /* LEDE_OK, or why it cannot be searched */

    pthread_mutex_t mutex;
    struct idle analyzers, evaluations, results;
    struct idle unpackers; /* of stored articles: a stored_reader's contexts */
    struct idle blocks;    /* of them, unpacked: 64 KiB each; malloc'd */
};

/* The field byte that terms of a query's field have in a segment; FIELD_END: it has none of it. */
static inline uint8_t opened_field(const struct lede_index *index, uint32_t segment, uint8_t field)
{
    return field_is_keyword(field)
               ? index->keyword_maps[index->segments[segment].index].fields[field - FIELD_KEYWORD]
               : field;
}

/* Whether a segment has no terms of a query's keyword field, whatever its articles say: it was
 * written before the field was declared, or its index has none. */
static inline bool opened_lacks(const struct lede_index *index, uint32_t segment, uint8_t field)
{
    uint8_t own = opened_field(index, segment, field);

    return own == FIELD_END ||
           keyword_set_has(&index->segments[segment].segment->info->lacks, own - FIELD_KEYWORD);
}

/* How many live articles are in such segments: of indexes that have the field, and of others. */
struct lacking {
    uint64_t older, others;
};
struct lacking opened_lacking(const struct lede_index *index, uint8_t field);

/* One of what is idle, for one thread; NULL if there is none. */
void *opened_take_idle(struct lede_index *index, struct idle *idle);
/* Keeps it for others; false if there are enough. */
bool opened_keep_idle(struct lede_index *index, struct idle *idle, void *item);

/* An analyzer as the index was made with, for one thread until it is given back.
 * LEDE_INCOMPATIBLE, LEDE_NO_MEMORY. */
enum lede_status opened_take_analyzer(struct lede_index *index, struct analyzer **out,
                                      struct lede_error *err);
void opened_give_analyzer(struct lede_index *index, struct analyzer *analyzer); /* NULL: nothing */

/* The segment and document that a hit names; LEDE_INVALID if there is none. */
enum lede_status opened_find_hit(const struct lede_index *index, const struct lede_hit *hit,
                                 uint32_t *segment, struct lede_error *err);

#endif
