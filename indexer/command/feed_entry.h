/* feed_entry.h -- an entry of a feed, or what stands before the first, as fields.
 *
 * libxml2 parses, forgivingly, and as events: no tree is made. Neither a document type nor
 * declarations of entities are in the bytes of an entry, so that nothing in it can grow. */
#ifndef LEDE_COMMAND_FEED_ENTRY_H
#define LEDE_COMMAND_FEED_ENTRY_H

#include "base/buffer.h"
#include "base/error.h"

enum feed_field {
    FEED_TITLE,
    FEED_LINK,
    FEED_ID,
    FEED_CONTENT,
    FEED_SUMMARY,
    FEED_DATE,
    FEED_UPDATED,
    FEED_AUTHOR,
    FEED_SECTION,
    FEED_LANGUAGE,
    FEED_FIELDS
};

struct feed_text {
    struct buffer text; /* UTF-8: HTML, unless it is plain */
    bool plain, met;
};

struct feed_entry {
    struct feed_text fields[FEED_FIELDS];
    bool is_head, is_atom;
    unsigned depth;         /* of elements that are open */
    enum feed_field field;  /* that is open; FEED_FIELDS: none */
    unsigned field_depth;   /* where */
    bool markup;            /* elements are part of its text */
    bool muted;             /* what is open in it is not: an author's address */
    bool complete;          /* the outermost element was closed */
    bool in_channel;        /* of a head: what is open describes the feed */
    struct buffer repaired; /* what libxml2 is given */
    char complaint[160];    /* why it is not complete; empty: it is */
};

void feed_entry_init(struct feed_entry *entry);
void feed_entry_done(struct feed_entry *entry);

/* Reads the element that is all of utf8; or, as is_head, the beginning of a feed, whose title and
 * language become fields. What it gives lives until the next read. LEDE_NO_MEMORY. */
enum lede_status feed_entry_read(struct feed_entry *entry, struct slice utf8, bool is_head,
                                 struct lede_error *err);

#endif
