/* amounts.h -- numbers and sums of money in a query: text/amount.h says what they are.
 *
 *   - A word that is one ($650M, 5,000) asks for its amount besides its own term, and so finds 650
 *     million dollars; a whole number without separators (5000) asks for the amount, too, and one
 *     with them (5,000) also for the digits alone;
 *   - words side by side that say one (650 million dollars) are asked for as they are, or as one
 *     word that stands for the amount alone (CLAUSE_AMOUNT);
 *   - $600M..$700M stands for all sums of that currency within, as a pattern does for its terms.
 *
 * Nothing of this is done where not every index has terms for amounts, nor in titles. */
#ifndef LEDE_QUERY_AMOUNTS_H
#define LEDE_QUERY_AMOUNTS_H

#include "words.h"

/* Adds to a word what a token of it says. False: memory ran out. */
bool amounts_add(struct word_finder *finder, struct draft *word, const struct token *token);

enum { AMOUNT_WORDS = 4 }; /* 650 thousand million dollars */

/* How many words from the first one on say one amount together; at most AMOUNT_WORDS; 0: fewer than
 * two. Plain words, which stand one blank apart. *amount: the clause that stands for it. */
size_t amounts_join(const struct word_finder *finder, const struct clause *words, size_t count,
                    struct clause *amount);

/* The word of a CLAUSE_AMOUNT. LEDE_NO_MEMORY. */
enum lede_status amounts_find(struct word_finder *finder, const struct clause *clause,
                              struct drafts *drafts);

bool amounts_is_range(const struct word_finder *finder, const struct clause *clause);
/* The word of a range. LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status amounts_find_range(struct word_finder *finder, const struct clause *clause,
                                    struct drafts *drafts);

#endif
