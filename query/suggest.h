/* suggest.h -- how a word that no article has may be meant.
 *
 * Dictionaries hold stems: one is taken that is one edit from the word's own, or that of a spelling
 * one edit from the word (respelling.h), or else, of a long word, one that is two edits from its
 * own; of these the most frequent. It is shown as an article writes it: of the forms that the first
 * few articles with it have, the one that is most like the word. Where texts are not kept and no
 * title has it, it is shown as it is. */
#ifndef LEDE_QUERY_SUGGEST_H
#define LEDE_QUERY_SUGGEST_H

#include "terms.h"

struct suggestion {
    struct slice text; /* the arena's; size 0: nothing is near */
    uint64_t df;
};

/* word: one of a plan, with df 0. LEDE_CORRUPT, LEDE_NO_MEMORY, LEDE_IO. */
enum lede_status suggest(struct lede_index *index, struct analyzer *analyzer,
                         const struct query_word *word, struct arena *arena, struct suggestion *out,
                         struct lede_error *err);

#endif
