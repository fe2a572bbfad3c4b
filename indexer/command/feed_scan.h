/* feed_scan.h -- the tags of a feed, found without parsing it, so that what is broken in one entry
 * does not matter to the next. Comments, CDATA and instructions are passed over. */
#ifndef LEDE_COMMAND_FEED_SCAN_H
#define LEDE_COMMAND_FEED_SCAN_H

#include "base/bytes.h"

struct feed_tag {
    size_t begin, end; /* in the bytes: < and behind > */
    struct slice name; /* with its prefix: atom:entry */
    bool closes;       /* </name> */
    bool is_empty;     /* <name/> */
};

/* Finds the next tag among bytes from *at on, and moves *at behind it. False: there is none, or not
 * all of it is there; *at is where one may begin, or the end. */
bool feed_scan(struct slice bytes, size_t *at, struct feed_tag *tag);

/* True if the name, without a prefix, is this. */
bool feed_named(struct slice name, const char *wanted);

#endif
