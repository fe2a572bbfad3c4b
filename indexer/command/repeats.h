/* repeats.h -- how often each name has come by: for ids of records that share one.
 *
 * Names are kept as hashes of 64 bits, REPEATS_MOST of them (16 MiB) at most; those that come first
 * after that are not kept, and so always come for the first time. */
#ifndef LEDE_COMMAND_REPEATS_H
#define LEDE_COMMAND_REPEATS_H

#include "base/bytes.h"

enum { REPEATS_MOST = 1 << 19 };

struct repeat;

struct repeats {
    struct repeat *slots;
    size_t capacity, count; /* a power of two, twice the count at least */
};

void repeats_init(struct repeats *repeats);
void repeats_done(struct repeats *repeats);

/* Forgets all names; keeps the memory. */
void repeats_clear(struct repeats *repeats);

/* How often name has come, this time included; 0: memory ran out. */
uint32_t repeats_add(struct repeats *repeats, struct slice name);

#endif
