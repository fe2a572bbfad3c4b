/* oracle_world.h -- between the parts of test_search_oracle.c.
 *
 * oracle_articles.c draws the articles, for engine and oracle, oracle_queries.c a query,
 * oracle_answers.c compares hits and counts, oracle_tallies.c the order by date, histograms and
 * facets. What differs fails the test, and prints LEDE_SEED and the query. */
#ifndef TESTS_QUERY_ORACLE_WORLD_H
#define TESTS_QUERY_ORACLE_WORLD_H

#include "lede.h"
#include "tests/index/dice.h"
#include "tests/naive_ranker.h"

enum {
    INDEXES = 2,
    TEXT_ROOM = 4096,
    BOILERPLATE_ROOM = 16384,
    DAY = 86400,
    VOCABULARY_SIZE = 61,
    VALUE_COUNT = 10 /* of keywords */
};

/* What an index holds and how it was made, in the engine and in the oracle. */
struct world {
    struct dice dice;
    struct lede_writer_options options;
    uint32_t indexes, segments, documents; /* segments of an index, documents of a segment */
    uint32_t ids;                          /* different ones; fewer than documents: replacements */
    uint32_t words;                        /* in a text, at most */
    uint32_t vocabulary;                   /* how many of VOCABULARY */
    uint32_t rare;                         /* words made of numbers */
    bool mixed;                            /* queries of one frequent word required, others not */
    uint32_t days;                         /* that articles are dated on; 0: they are not */
    bool in_order;                         /* the later an article is added, the later its date */
    bool keywords;                         /* articles have some, and queries ask for them */
    bool boilerplate;                      /* likewise */
    bool literal;                          /* some queries are of words without syntax */
    struct naive_ranker *ranker;
    struct lede_index *index;
    uint32_t revision;
    struct naive_clause nodes[64]; /* of the query's groups */
    size_t node_count;
};

/* ---- articles ---- */

extern const char *const ORACLE_VOCABULARY[VOCABULARY_SIZE];
extern const char *const ORACLE_NAMES[3]; /* of keyword fields; the first index has two of them */

/* Writes a word, or some with a blank behind each, and a NUL; returns the size without it. */
size_t oracle_put_word(struct world *world, char *at);
size_t oracle_put_words(struct world *world, uint32_t count, char *out);
/* Makes the indexes in a directory of their own, with the articles that the oracle knows. */
void oracle_world_make(struct world *world);
void oracle_world_drop(struct world *world);

/* ---- queries ---- */

void oracle_roll_query(struct world *world, struct naive_query *query);
/* Writes the query as the engine reads it, and a NUL; returns the size without it. */
size_t oracle_query_text(const struct naive_query *query, char *out);

/* ---- answers ---- */

/* The engine finds the count hits expected, best first, for one hit, some, a part, just all and
 * more than there are, pruned and not. */
void oracle_check_answers(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, const struct naive_hit *expected,
                          size_t count);
/* Counting alone finds as many, and no hits. */
void oracle_check_count(struct world *world, const char *text, size_t size,
                        struct lede_search_options options, size_t count);
/* The newest first and the oldest first, and by years, months or days; expected is sorted so. */
void oracle_check_by_date(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, struct naive_hit *expected,
                          size_t count);
/* What the hits have of each keyword field. */
void oracle_check_facets(struct world *world, const char *text, size_t size,
                         const struct lede_search_options *options, const struct naive_hit *hits,
                         size_t count);

#endif
