/* listing.h -- the names in a directory in bytewise order, a batch at a time.
 *
 * A directory of any size is read within the same memory: a batch is the LISTING_BATCH names that
 * come next after a given one, and each batch reads the directory once (a million names: eight
 * times). */
#ifndef LEDE_COMMAND_LISTING_H
#define LEDE_COMMAND_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { LISTING_BATCH = 128 * 1024 };

struct listing {
    char **names; /* each behind a byte that is its d_type; sorted */
    size_t count, capacity;
    bool more; /* names follow that are not in this batch */
};

/* Reads the first batch names after `after` (NULL: the first ones) of the directory fd, which stays
 * open; batch 0: LISTING_BATCH. LEDE_IO with the system's text; LEDE_NO_MEMORY. The listing, which
 * must be empty, is unchanged then. */
enum lede_status listing_read(struct listing *listing, int fd, const char *after, size_t batch,
                              struct lede_error *err);
void listing_free(struct listing *listing); /* and empties it */

static inline const char *listing_name(const struct listing *listing, size_t place)
{
    return listing->names[place] + 1;
}

static inline unsigned char listing_type(const struct listing *listing, size_t place)
{
    return (unsigned char)listing->names[place][0];
}

#endif
