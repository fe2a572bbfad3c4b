/* verify_internal.h -- what verify.c (the index) and verify_segment.c (one segment) share. */
#ifndef LEDE_INDEX_VERIFY_INTERNAL_H
#define LEDE_INDEX_VERIFY_INTERNAL_H

#include "index/segment.h"
#include "index/verify.h"

struct verify {
    struct snapshot *snapshot;
    bool deep;
    void (*report)(void *context, const char *what);
    void *context;
    struct verify_totals *totals;
    enum lede_status status; /* the worst: anything but LEDE_OK and LEDE_CORRUPT ends it */
    struct lede_error error; /* of the first problem */
};

/* Notes what a status says of the index: LEDE_CORRUPT and LEDE_LIMIT are problems, LEDE_OK and
 * LEDE_MISSING none, others end the verification. True if it was LEDE_OK. */
bool verify_note(struct verify *verify, enum lede_status status, const struct lede_error *error);
/* A problem of a segment. Always false. */
bool verify_problem(struct verify *verify, const struct segment *segment, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool verify_is_over(const struct verify *verify);

/* Everything about one segment that can be asked of its streams and its dictionary. */
void verify_segment(struct verify *verify, struct segment *segment);

#endif
