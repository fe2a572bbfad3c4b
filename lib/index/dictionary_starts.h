/* dictionary_starts.h -- where the next entries of a dictionary's page begin.
 *
 * An entry's own bytes tell its size, so that each begins where the one before ends: one chain of
 * loads. But restarts say where every DICT_RESTART-th entry begins: so that many runs between them
 * are followed at once, and what they are is believed as far as each ends where the next one began.
 * That is what the chain would have told. With AVX-512 a few instructions tell the sizes of the
 * entries that would begin at each of 64 bytes, and an entry of the chain is a single load. */
#ifndef LEDE_INDEX_DICTIONARY_STARTS_H
#define LEDE_INDEX_DICTIONARY_STARTS_H

#include "base/cpu.h"
#include "index/dictionary.h"

enum {
    STARTS_RUNS = 4,
    STARTS_MAX = STARTS_RUNS * DICT_RESTART,
    STARTS_ROOM = 48 /* of an entry that begins so far from the page's end, what is looked at to
                      * tell whether it is a short one, and 16 bytes more, are in the page */
};

enum {
    NEEDED_MAX = 3,
    SCAN_FOLLOW = 16 /* bytes behind what is shared, of which more are not looked at */
};

typedef uint8_t scan_bytes __attribute__((vector_size(SCAN_FOLLOW)));

enum need { NEED_NOTHING, NEED_LAST, NEED_WITHIN, NEED_GAP };

/* What terms are looked for have side by side, as a page's bytes are looked at
 * (dictionary_needed.h). */
struct needed_bytes {
    enum need need;
    unsigned size;
    uint32_t last, masks[SCAN_FOLLOW + 1]; /* as the last ones of so many that follow */
    scan_bytes bytes[NEEDED_MAX], used[NEEDED_MAX];
    uint8_t places[256]; /* which of them a byte may be; of those that are not needed, any */
    uint8_t straddles[256];
};

struct dictionary_starts {
    uint32_t count, next;        /* of those below; the one to be read next */
    uint32_t into;               /* entries of the first one's run before it */
    uint16_t at[STARTS_MAX + 1]; /* offsets in the page; and where the last one ends */
    uint64_t candidates;         /* a bit each: it is of a term that may have what is needed, if
                                  * what it shares with the one before has not all of it; or it has
                                  * varints of sizes */
};

/* Finds where the next entries of the cursor's page begin, which are not read: as many as are left,
 * have a sound size and begin STARTS_ROOM bytes before the page's end, up to STARTS_MAX, which may
 * be none. */
typedef void dictionary_starts_find(struct dictionary_starts *starts,
                                    const struct dictionary_cursor *cursor,
                                    const struct needed_bytes *needed);

/* All levels find the same; where a page's restarts are damaged, some may find fewer. */
dictionary_starts_find *dictionary_starts_finder(enum cpu_level level);

#endif
