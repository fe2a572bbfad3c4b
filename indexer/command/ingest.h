/* ingest.h -- from files to a writer: what add and sync have in common.
 *
 *     ingest_begin; ingest_run: ingest_files: for each: ingest_read, ingest_stamp;
 *         ingest_commit; ingest_done
 *
 * Counts, says and reports what happens, commits checkpoints on the way, and stops between articles
 * when a signal came. */
#ifndef LEDE_COMMAND_INGEST_H
#define LEDE_COMMAND_INGEST_H

#include "command/boilerplate.h"
#include "command/command.h"
#include "command/date_words.h"
#include "command/languages.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/walk.h"
#include "record_table.h"

struct ingest {
    const struct options *options;
    struct buffer stopwords;
    struct report *report;
    struct walk *walk;
    struct reader *reader;
    struct boilerplate *boilerplate;
    struct lede_writer *writer; /* NULL: a dry run */
    struct languages languages;
    struct date_words date_words;
    int64_t file_time; /* seconds, for articles without a date; INT64_MIN: not to be used */
    bool in_parts;     /* the text of the article to come is */
    struct progress progress;
    uint64_t uncommitted, uncommitted_bytes; /* articles; their titles and texts */
    uint64_t commits;
    uint32_t reading;         /* stamp_reading */
    size_t aside;             /* bytes of --memory that are not the writer's */
    struct record_table *ids; /* gets the hashes of the articles' ids; NULL: nobody wants them */
};

/* aside: bytes of --memory for other uses. What can be wrong with the command line comes first, so
 * that it makes no index. To be given to ingest_done in any case. */
enum lede_status ingest_begin(struct ingest *ingest, const struct options *options,
                              const struct walk_options *paths, size_t aside,
                              struct lede_error *err);
/* The exit code is code, unless the report could not be written. */
int ingest_done(struct ingest *ingest, int code);

/* Gives each file to visit, whose its fd then is, until one fails. Skips are reported on the way.
 * LEDE_INTERRUPTED. */
enum lede_status ingest_files(struct ingest *ingest,
                              enum lede_status (*visit)(void *context, const struct walk_item *file,
                                                        struct lede_error *err),
                              void *context, struct lede_error *err);

struct ingested { /* of a file */
    uint64_t articles;
    bool final; /* it was read to its end, and another try would find nothing more */
};

/* Adds what is in the file, and closes it. */
enum lede_status ingest_read(struct ingest *ingest, const struct walk_item *file,
                             struct ingested *ingested, struct lede_error *err);

/* Notes that the file need not be read again as long as it is like this. */
enum lede_status ingest_stamp(struct ingest *ingest, const struct lede_source *source,
                              struct lede_error *err);

enum lede_status ingest_commit(struct ingest *ingest, struct lede_error *err);
/* The same, if there is something to commit: articles, or keyword fields to declare. */
enum lede_status ingest_commit_rest(struct ingest *ingest, struct lede_error *err);

/* Runs all, then last (which commits), also if all was interrupted, with progress shown. If nothing
 * failed, put_totals appends what is said of it. Returns the exit code. */
struct ingest_work {
    enum lede_status (*all)(void *context, struct lede_error *err);
    enum lede_status (*last)(void *context, struct lede_error *err);
    void (*put_totals)(const void *context, struct buffer *out);
    void *context;
};
int ingest_run(struct ingest *ingest, const struct ingest_work *work, struct lede_error *err);

/* Appends " from 3 files: 1.2 MB in 0.10 s, 12.0 MB/s" and a newline. */
void ingest_put_amount(const struct ingest *ingest, struct buffer *out);

#endif
