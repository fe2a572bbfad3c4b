/* stopwords.h -- the words that an index leaves out: a set of case-folded words.
 *
 * Made from a list, one word a line, any case; blanks around a word and empty lines count for
 * nothing. Constant after stopwords_init; thread-safe then. */
#ifndef LEDE_TEXT_STOPWORDS_H
#define LEDE_TEXT_STOPWORDS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

struct stopwords {
    struct arena arena;
    struct slice *slots; /* open addressing, a power of two of them; NULL if there are no words */
    size_t slot_count, count;
};

/* LEDE_NO_MEMORY; nothing else. list is not kept. */
enum lede_status stopwords_init(struct stopwords *stopwords, struct slice list,
                                struct account *account, struct lede_error *err);
void stopwords_done(struct stopwords *stopwords);

bool stopwords_have(const struct stopwords *stopwords, struct slice folded);

/* Does not depend on the order of the list, its case, or repetition; 0 for no words. */
uint64_t stopwords_hash(const struct stopwords *stopwords);

#endif
