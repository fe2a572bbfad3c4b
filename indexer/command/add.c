/* lede-index add: walk -> reader -> writer, with counts, progress and commits. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "command/command.h"
#include "command/interrupt.h"
#include "command/progress.h"
#include "command/report.h"
#include "command/stamp.h"
#include "command/walk.h"

static const size_t STOPWORDS_MOST = 16UL << 20;

struct adding {
    const struct options *options;
    struct buffer stopwords;
    struct report *report;
    struct walk *walk;
    struct reader *reader;
    struct lede_writer *writer; /* NULL: a dry run */
    struct progress progress;
    uint64_t uncommitted, uncommitted_bytes; /* articles; their titles and texts */
    uint32_t reading;                        /* stamp_reading */
};

/* ---- beginning ---- */

/* The parents of the default place are ours to make; others are the user's. */
static void make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0777); /* what cannot be made is told when the index is opened */
        *slash = '/';
    }
}

/* --memory is for all: what the longest record may take while it is read (the line, its strings,
 * and for odd lines what jansson makes of them; a page and its tree) is not the writer's, but for
 * what every process may have besides. */
static size_t writer_memory(const struct options *options)
{
    size_t least = 16UL << 20, beside = 16UL << 20;
    size_t record = 3 * options->max_record, page = 6 * options->max_page + options->max_tree;
    size_t reading = record > page ? record : page;

    if (reading <= beside)
        return options->memory;
    reading -= beside;
    return options->memory > reading + least ? options->memory - reading : least;
}

static enum lede_status open_writer(struct adding *adding, struct lede_error *err)
{
    const struct options *options = adding->options;
    struct lede_writer_options wanted = {
        .language = options->language,
        .no_stem = options->no_stem,
        .no_positions = options->no_positions,
        .no_store = options->no_store,
        .stopwords = {adding->stopwords.data, adding->stopwords.size},
        .memory = writer_memory(options),
        .jobs = options->jobs,
        .wait = options->wait};

    if (options->dry_run)
        return LEDE_OK;
    if (options->index_default)
        make_parents(options->index);
    return lede_writer_open(options->index, &wanted, &adding->writer, err);
}

static enum lede_status open_walk(struct adding *adding, struct lede_error *err)
{
    const struct options *options = adding->options;
    struct walk_options wanted = {.paths = options->operands,
                                  .path_count = options->operand_count,
                                  .files_from = options->files_from,
                                  .nul_separated = options->nul_separated,
                                  .recursive = options->recursive,
                                  .base = options->base,
                                  .include = options->include.items,
                                  .include_count = options->include.count,
                                  .exclude = options->exclude.items,
                                  .exclude_count = options->exclude.count,
                                  .index = options->index};

    return walk_open(&wanted, &adding->walk, err);
}

/* What can be wrong with the command line comes first, so that it makes no index. */
static enum lede_status begin(struct adding *adding, struct lede_error *err)
{
    const struct options *options = adding->options;
    struct reader_options reading = {.format = options->format,
                                     .max_record = options->max_record,
                                     .max_text = options->max_text,
                                     .max_page = options->max_page,
                                     .max_tree = options->max_tree,
                                     .fields = options->fields};
    enum lede_status status = command_need_index(options, err);

    if (status == LEDE_OK && options->stopwords)
        status = command_read_file(options->stopwords, STOPWORDS_MOST, &adding->stopwords, err);
    if (status == LEDE_OK)
        status = open_walk(adding, err);
    if (status == LEDE_OK)
        status = reader_open(&reading, &adding->reader, err);
    if (status == LEDE_OK)
        status = report_open(options->report, &adding->report, err);
    if (status == LEDE_OK)
        status = open_writer(adding, err);
    return status;
}

/* ---- articles ---- */

static void skip(struct adding *adding, const struct skip *skipped)
{
    struct buffer line;

    report_skip(adding->report, skipped);
    if (!adding->options->verbose)
        return;
    buffer_init(&line, NULL);
    buffer_str(&line, "skipped ");
    report_format_skip(&line, skipped);
    progress_clear(&adding->progress);
    command_say(&line);
    buffer_done(&line);
}

/* A skip in place of an article makes the parts of its text void. */
static void skip_item(struct adding *adding, const struct skip *skipped)
{
    if (adding->writer)
        lede_writer_forget(adding->writer);
    skip(adding, skipped);
}

static enum lede_status commit(struct adding *adding, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (adding->writer && adding->uncommitted > 0)
        status = lede_writer_commit(adding->writer, err);
    if (status == LEDE_OK)
        adding->uncommitted = adding->uncommitted_bytes = 0;
    return status;
}

/* True if so much was added since the last commit that there shall be one. */
static bool commit_is_due(const struct adding *adding)
{
    const struct options *options = adding->options;

    return (options->commit_articles && adding->uncommitted >= options->commit_articles) ||
           (options->commit_bytes && adding->uncommitted_bytes >= options->commit_bytes);
}

/* What the index does not take of a file is a skip. */
static void refuse(struct adding *adding, const struct origin *origin, const struct item *item,
                   const char *why)
{
    struct skip refused;

    skip_set(&refused, SKIP_REFUSED, origin->path, why);
    refused.record = item->record;
    refused.offset = item->article.source_offset;
    refused.named = origin->named;
    skip(adding, &refused);
}

/* A part of a long text; if the index does not take it, *item becomes the end of the file. */
static enum lede_status add_part(struct adding *adding, const struct origin *origin,
                                 struct item *item, struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status = LEDE_OK;

    if (adding->writer)
        status = lede_writer_append(adding->writer, item->article.text, &error);
    adding->uncommitted_bytes += item->article.text.size;
    if (status != LEDE_LIMIT)
        return status == LEDE_OK ? LEDE_OK : error_set(err, status, "%s", error.text);
    refuse(adding, origin, item, error.text);
    item->kind = ITEM_END;
    return LEDE_OK;
}

/* An article that the index does not take is a skip; any other failure ends the run. */
static enum lede_status add_article(struct adding *adding, const struct origin *origin,
                                    const struct item *item, struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status = LEDE_OK;

    if (adding->writer)
        status = lede_writer_add(adding->writer, &item->article, &error);
    if (status == LEDE_INVALID || status == LEDE_LIMIT) {
        refuse(adding, origin, item, error.text);
        return LEDE_OK;
    }
    if (status != LEDE_OK)
        return error_set(err, status, "%s", error.text);
    report_article(adding->report, item);
    adding->uncommitted++;
    adding->uncommitted_bytes += item->article.title.size + item->article.text.size;
    return commit_is_due(adding) ? commit(adding, err) : LEDE_OK;
}

static void show_progress(struct adding *adding, uint64_t raw_bytes)
{
    const struct report_counts *counts = report_counts(adding->report);
    struct progress_counts shown = {counts->files, counts->articles, counts->raw_bytes + raw_bytes};

    progress_update(&adding->progress, &shown);
}

static void say_file(struct adding *adding, const struct origin *origin)
{
    struct buffer line;

    if (!adding->options->verbose)
        return;
    buffer_init(&line, NULL);
    printable_put(&line, origin->path, PRINTABLE_NAME);
    progress_clear(&adding->progress);
    command_say(&line);
    buffer_done(&line);
}

/* True if the next run may think that it has read what this skip left out. */
static bool is_final(const struct skip *skipped)
{
    return skipped->reason != SKIP_UNREADABLE && skipped->reason != SKIP_TOO_LARGE;
}

/* Reads a file to its end: *complete if there were articles, and nothing that another try could
 * find. */
static enum lede_status add_articles(struct adding *adding, const struct walk_item *file,
                                     bool *complete, struct lede_error *err)
{
    struct item item = {.kind = ITEM_ARTICLE};
    bool articles = false, final = true;
    enum lede_status status = reader_start(adding->reader, file->fd, &file->origin, err);
    while (status == LEDE_OK && item.kind != ITEM_END && !interrupt_seen()) {
        status = reader_next(adding->reader, &item, err);
        if (status == LEDE_OK && item.kind == ITEM_ARTICLE) {
            articles = true;
            status = add_article(adding, &file->origin, &item, err);
        } else if (status == LEDE_OK && item.kind == ITEM_PART) {
            status = add_part(adding, &file->origin, &item, err);
        } else if (status == LEDE_OK && item.kind == ITEM_SKIP) {
            final = final && is_final(&item.skip);
            skip_item(adding, &item.skip);
        }
        show_progress(adding, reader_raw_bytes(adding->reader));
    }
    *complete = articles && final && status == LEDE_OK && item.kind == ITEM_END;
    return status;
}

static enum lede_status add_file(struct adding *adding, const struct walk_item *file,
                                 struct lede_error *err)
{
    struct lede_source source = {.complete = false};
    struct lede_error error;
    bool stamped = stamp_take(&file->origin, file->fd, adding->reading, &source);
    enum lede_status status;

    say_file(adding, &file->origin);
    status = add_articles(adding, file, &source.complete, err);
    report_file(adding->report, reader_bytes(adding->reader), reader_raw_bytes(adding->reader));
    if (status != LEDE_OK || !adding->writer || !stamped || !source.complete)
        return status;
    status = lede_writer_end_source(adding->writer, &source, &error);
    return status == LEDE_OK || status == LEDE_LIMIT ? LEDE_OK
                                                     : error_set(err, status, "%s", error.text);
}

static enum lede_status add_all(struct adding *adding, struct lede_error *err)
{
    struct walk_item item = {.kind = WALK_SKIP};
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && item.kind != WALK_END && !interrupt_seen()) {
        status = walk_next(adding->walk, &item, err);
        if (status != LEDE_OK)
            break;
        if (item.kind == WALK_FILE)
            status = add_file(adding, &item, err);
        else if (item.kind == WALK_SKIP)
            skip(adding, &item.skip);
        show_progress(adding, 0);
    }
    if (status == LEDE_OK && interrupt_seen())
        status = error_set(err, LEDE_INTERRUPTED, "interrupted");
    return status;
}

/* ---- the end ---- */

static void put_amount(const struct adding *adding, struct buffer *out)
{
    const struct report_counts *counts = report_counts(adding->report);
    double seconds = progress_seconds(&adding->progress), megabytes = (double)counts->bytes / 1e6;

    buffer_printf(out, " from %llu files: %.1f MB in %.2f s, %.1f MB/s\n",
                  (unsigned long long)counts->files, megabytes, seconds,
                  seconds > 0 ? megabytes / seconds : 0);
}

static void put_totals(const struct adding *adding, struct buffer *out)
{
    struct lede_writer_totals totals;

    if (!adding->writer) {
        buffer_printf(out, "would add %llu articles",
                      (unsigned long long)report_counts(adding->report)->articles);
        return;
    }
    lede_writer_totals(adding->writer, &totals);
    buffer_printf(out, "added %llu articles", (unsigned long long)totals.added);
    if (totals.replaced)
        buffer_printf(out, ", replaced %llu", (unsigned long long)totals.replaced);
    if (totals.unchanged)
        buffer_printf(out, ", left %llu as they were", (unsigned long long)totals.unchanged);
}

static void say_summary(const struct adding *adding)
{
    struct lede_writer_totals totals = {0};
    struct buffer out;

    if (adding->options->quiet)
        return;
    buffer_init(&out, NULL);
    put_totals(adding, &out);
    put_amount(adding, &out);
    report_summary(adding->report, &out);
    if (adding->writer)
        lede_writer_totals(adding->writer, &totals);
    if (totals.invalid_bytes)
        buffer_printf(&out, "%llu bytes of texts were no UTF-8 and were read as U+FFFD\n",
                      (unsigned long long)totals.invalid_bytes);
    if (totals.long_terms)
        buffer_printf(&out, "%llu words were too long to be terms\n",
                      (unsigned long long)totals.long_terms);
    command_say(&out);
    buffer_done(&out);
}

/* Reads everything; what is committed at the end is all of it, or what came before a signal. */
static int add(struct adding *adding, struct lede_error *err)
{
    enum lede_status status, committed = LEDE_OK;
    const struct report_counts *counts = report_counts(adding->report);
    struct progress_counts shown;

    progress_begin(&adding->progress, adding->options->progress, adding->options->quiet,
                   walk_total_bytes(adding->walk));
    status = add_all(adding, err);
    if (status == LEDE_OK || status == LEDE_INTERRUPTED)
        committed = commit(adding, err);
    shown = (struct progress_counts){counts->files, counts->articles, counts->raw_bytes};
    progress_end(&adding->progress, &shown);
    if (committed != LEDE_OK || (status != LEDE_OK && status != LEDE_INTERRUPTED)) {
        int code = command_fail(err);

        if (adding->writer && adding->uncommitted)
            (void)fprintf(stderr, "%llu articles since the last commit are not in the index\n",
                          (unsigned long long)adding->uncommitted);
        return code;
    }
    say_summary(adding);
    if (status == LEDE_INTERRUPTED)
        return command_fail(err);
    return counts->failures ? EXIT_SKIPPED : EXIT_DONE;
}

int command_add(const struct options *options)
{
    struct adding adding = {.options = options, .reading = stamp_reading(options)};
    struct lede_error error = {.text = ""};
    enum lede_status status;
    int code;

    buffer_init(&adding.stopwords, NULL);
    status = begin(&adding, &error);
    if (status == LEDE_OK) {
        (void)signal(SIGPIPE, SIG_IGN); /* nobody reads our messages: no reason to lose articles */
        interrupt_catch();
        code = add(&adding, &error);
    } else {
        code = command_fail(&error);
    }
    lede_writer_close(adding.writer);
    reader_close(adding.reader);
    walk_close(adding.walk);
    status = report_close(adding.report, &error);
    if (status != LEDE_OK && code <= EXIT_SKIPPED)
        code = command_fail(&error);
    buffer_done(&adding.stopwords);
    return code;
}
