/* lede_bytes.h -- the borrowed bytes of the public header as those of the code, and back. */
#ifndef LEDE_BASE_LEDE_BYTES_H
#define LEDE_BASE_LEDE_BYTES_H

#include "base/bytes.h"
#include "lede.h"

static inline struct slice slice_from(struct lede_bytes bytes)
{
    return slice_of(bytes.data, bytes.size);
}

static inline struct lede_bytes bytes_of(struct slice slice)
{
    return (struct lede_bytes){slice.data, slice.size};
}

#endif
