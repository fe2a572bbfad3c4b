/* feed_reader.h -- a feed (RSS 0.9 to 2.0, Atom) as articles: one an item or entry.
 *
 * Title, link, date (that of publication, else of the last change), language and the text fill the
 * article; author, section (the first category) and site (the feed's title) are metadata. The text
 * is the content, else the summary, HTML being read as its text. Id is the entry's own if it is
 * an address or the like (has a colon), else its link, else STEM#n. A date in no known form
 * is kept as metadata `date`.
 *
 * An entry is found by its tags (feed_scan.h), so that one which is broken, or is larger than
 * max_page bytes, is a skip by number and offset, and the next is read. One entry is in memory at a
 * time, several times. The encoding is that of the XML declaration, or found as that of a web page
 * is; UTF-16 is not read. If the input cannot be read to its end, the entries before are kept. */
#ifndef LEDE_COMMAND_FEED_READER_H
#define LEDE_COMMAND_FEED_READER_H

#include "command/feed_entry.h"
#include "command/file_kind.h"
#include "command/input.h"
#include "command/item.h"
#include "html/html_page.h"

/* Whether a file that begins so is a feed: its first element is rss, an Atom feed or RDF of RSS. */
enum head_answer feed_recognizes(struct slice head);

enum { FEED_CHARSET = 32, FEED_METADATA = 4 };

struct feed_reader {
    size_t max_page;
    struct input *input;
    const struct origin *origin;
    bool begun, ended;
    uint64_t record; /* number of the entry that was read last, from 1 */
    char charset[FEED_CHARSET];
    struct feed_entry entry;
    struct html_page page; /* of its texts */
    struct buffer converted, title, text, id, site, language;
    uint64_t replaced;
    struct lede_field metadata[FEED_METADATA];
    size_t metadata_count;
};

void feed_reader_init(struct feed_reader *reader, size_t max_page, size_t max_tree);
void feed_reader_done(struct feed_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. */
void feed_reader_start(struct feed_reader *reader, struct input *input,
                       const struct origin *origin);

/* The next article or skip. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status feed_reader_next(struct feed_reader *reader, struct item *item,
                                  struct lede_error *err);

#endif
