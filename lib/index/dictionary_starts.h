/* dictionary_starts.h -- where the next entries of a dictionary's page begin.
 *
 * An entry's own bytes tell its size, so that each begins where the one before ends: one chain of
 * loads, 5 ns a link. But restarts say where every DICT_RESTART-th entry begins: so that many runs
 * between them are followed at once, and what they are is believed as far as each ends where the
 * next one began. That is what the chain would have told, in 2 ns an entry. */
#ifndef LEDE_INDEX_DICTIONARY_STARTS_H
#define LEDE_INDEX_DICTIONARY_STARTS_H

#include "index/dictionary.h"

enum {
    STARTS_RUNS = 4,
    STARTS_MAX = STARTS_RUNS * DICT_RESTART,
    STARTS_ROOM = 48 /* of an entry that begins so far from the page's end, what is looked at to
                      * tell whether it is a short one, and 16 bytes more, are in the page */
};

struct dictionary_starts {
    uint32_t count, next;        /* of those below; the one to be read next */
    uint32_t into;               /* entries of the first one's run before it */
    uint16_t at[STARTS_MAX + 1]; /* offsets in the page; and where the last one ends */
};

/* Finds where the next entries of the cursor's page begin, which are not read: as many as are left,
 * have a sound size and begin STARTS_ROOM bytes before the page's end, up to STARTS_MAX, which may
 * be none. The last one found may not have a sound size. */
void dictionary_starts_find(struct dictionary_starts *starts,
                            const struct dictionary_cursor *cursor);

#endif
