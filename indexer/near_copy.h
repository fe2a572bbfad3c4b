/* near_copy.h -- what makes two articles copies of each other, and finding those among many.
 *
 * Two articles are near copies if, of their signatures' sketches (text/signature.h), at most
 * NEAR_COPY_BITS bits differ, of the six parts that a sketch is cut into (four of nine bits, two of
 * ten) two at least are equal, and the shorter one has three quarters of the longer one's length,
 * as length codes tell it. Where at most four bits differ, two parts are always equal. Unrelated
 * sketches are as near by chance once in two billion pairs.
 *
 * A table holds some sketches under each of the 15 pairs of parts, so that what is near to a given
 * one is found among those that have a pair's bits in common: 18 bits at least. Where hundreds have
 * that, all different, the first ones are compared alone: so many articles after one pattern are
 * near to those as well, and the time stays linear. One thread.
 *
 * After Manku, Jain and Das Sarma, "Detecting near-duplicates for web crawling", 2007. */
#ifndef LEDE_INDEXER_NEAR_COPY_H
#define LEDE_INDEXER_NEAR_COPY_H

#include "base/error.h"
#include "index/column.h"
#include "text/signature.h"

struct account;

enum { NEAR_COPY_BITS = 6, NEAR_COPY_PAIRS = 15 };

/* COLUMN_SIGNATURE of an article whose terms are in signature. */
static inline int64_t near_copy_column(const struct signature *signature)
{
    uint64_t value;

    return signature_value(signature, &value) ? (int64_t)value : COLUMN_MISSING;
}

struct near_article {
    int64_t signature; /* COLUMN_MISSING: is near nothing */
    uint8_t code;      /* of its length: index/norm.h */
};

/* True if they are near copies; *distance: bits that differ. */
bool near_copy_is(struct near_article a, struct near_article b, unsigned *distance);

/* The nearest of what was offered: the fewer bits differ, and of those the lower place in an order,
 * the better. */
typedef uint64_t near_best;
#define NEAR_NONE UINT64_MAX
enum { NEAR_ORDER_BITS = 56 };

static inline uint64_t near_order(near_best best)
{
    return best & ((1ULL << NEAR_ORDER_BITS) - 1);
}

struct near_table {
    const int64_t *signatures; /* borrowed, as codes and bests */
    const uint8_t *codes;
    near_best *bests; /* of each article, the nearest before it */
    uint32_t count;
    uint32_t *same;  /* of each article, one before it that is equal, and stands for it; from 1 */
    uint32_t *heads; /* for each pair 2^bits lists: the first and the last, and of each the next */
    uint32_t *tails, *links;
    unsigned bits;
    unsigned pair, pairs, most; /* the first one that it is filled with, how many, how many fit */
    struct account *account;
};

/* Sets all bests to NEAR_NONE. room: bytes that the table should take; 16 to 24 an
 * article it takes anyway. LEDE_NO_MEMORY. */
enum lede_status near_table_init(struct near_table *table, const int64_t *signatures,
                                 const uint8_t *codes, near_best *bests, uint32_t count,
                                 size_t room, struct account *account, struct lede_error *err);
void near_table_done(struct near_table *table);

/* Fills it with the next pairs, and compares each article with those before it, whose places in the
 * order are base plus their numbers. False: there are no pairs left. What is outside of the table
 * has to be offered once between two calls, and behind the last. */
bool near_table_fill(struct near_table *table, uint64_t base);
/* Compares count articles, whose places in the order rise from order on, all before those of the
 * table, with each of these. Many at a time are cheaper. */
void near_table_offer(struct near_table *table, const int64_t *signatures, const uint8_t *codes,
                      uint32_t count, uint64_t order);

#endif
