/* warc_reader.h -- an archive of the web (WARC, WET, ARC) as articles: one a record.
 *
 * Records that servers answered with 200 or 203 and web pages or plain text, resources of these
 * types, and conversions (WET) are articles; html_article.h says what becomes of a page,
 * text_reader.h what is a text's title. Id is the URI that the record is of (with #2, #3, ...
 * where it comes again in the file); url is what the page calls canonical, else the URI; the time
 * of the visit is metadata `crawled`, never the date. An article's bytes in its source are the
 * record, its head included, among the decompressed bytes of the file.
 *
 * Requests, redirects, images and the like are skips of SKIP_NO_ARTICLE. A record is broken if its
 * head cannot be read, its body cannot be unpacked, or its end is not where it says: it is skipped
 * by number and offset, and the next record is looked for behind its head. In a file that is
 * compressed record by record (.warc.gz) damage costs the records of the members that it is in:
 * that is a skip, and reading goes on with the next member. If the input cannot be read to its end
 * otherwise, the records before are kept.
 *
 * A record is in memory as a whole, up to max_page bytes, and so is what its body unpacks to;
 * larger ones are passed over without being kept. libarchive reads WARC, too, but says of no record
 * where it lies, and goes no further behind a broken one. */
#ifndef LEDE_COMMAND_WARC_READER_H
#define LEDE_COMMAND_WARC_READER_H

#include "command/html_article.h"
#include "command/input.h"
#include "command/repeats.h"
#include "command/warc_record.h"

struct warc_reader {
    size_t max_page;
    struct input *input;
    const struct origin *origin;
    enum warc_form form;
    uint64_t record;        /* number of the one that was read last, from 1 */
    bool ended;             /* the input cannot be read any further, and that was said */
    enum lede_status fatal; /* LEDE_OK, or why nothing more can be done */
    struct lede_error fatal_error;
    struct repeats repeats;
    struct html_article article;
    struct buffer body, text, id;
    char crawled[32];
};

void warc_reader_init(struct warc_reader *reader, size_t max_page, size_t max_tree);
void warc_reader_done(struct warc_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. */
void warc_reader_start(struct warc_reader *reader, struct input *input, const struct origin *origin,
                       enum warc_form form);

/* The next article or skip, or ITEM_END. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be
 * read. */
enum lede_status warc_reader_next(struct warc_reader *reader, struct item *item,
                                  struct lede_error *err);

#endif
