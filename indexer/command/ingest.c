#include <signal.h>
#include <sys/stat.h>

#include "base/printable.h"
#include "command/ingest_internal.h"
#include "command/interrupt.h"
#include "command/stamp.h"

static const size_t STOPWORDS_MOST = 16UL << 20;

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

/* --memory is for all: what the longest record may take while it is read (the line and its values;
 * a page and its tree) is not the writer's, but for what every process may have besides. */
static size_t writer_memory(const struct options *options, size_t aside)
{
    size_t least = 16UL << 20, beside = 16UL << 20;
    size_t record = options->reading.max_record + options->reading.max_values,
           page = 8 * options->reading.max_page + options->reading.max_tree;
    size_t reading = record > page ? record : page;

    aside += reading > beside ? reading - beside : 0;
    return options->memory > aside + least ? options->memory - aside : least;
}

static enum lede_status open_writer(struct ingest *ingest, struct lede_error *err)
{
    const struct options *options = ingest->options;
    struct lede_writer_options wanted = {
        .no_stem = options->no_stem,
        .no_positions = options->no_positions,
        .no_store = options->no_store,
        .stopwords = {ingest->stopwords.data, ingest->stopwords.size},
        .keywords = (const char *const *)options->keywords.items,
        .keyword_count = options->keywords.count,
        .standard_keywords = true,
        .memory = writer_memory(options, ingest->aside),
        .jobs = options->jobs,
        .wait = options->wait};
    enum lede_status status;

    if (options->dry_run)
        return LEDE_OK;
    if (options->index_default)
        make_parents(options->index);
    languages_tell(&ingest->languages, options->language, &wanted);
    status = lede_writer_open(options->index, &wanted, &ingest->writer, err);
    if (status == LEDE_OK)
        languages_begin(&ingest->languages, options->language, ingest->writer);
    return status;
}

static enum lede_status open_boilerplate(struct ingest *ingest, struct lede_error *err)
{
    const struct options *options = ingest->options;
    enum lede_status status = LEDE_OK;
    struct buffer list;

    buffer_init(&list, NULL);
    if (options->boilerplate == BOILERPLATE_LIST)
        status = command_read_file(options->boilerplate_text, STOPWORDS_MOST, &list, err);
    if (status == LEDE_OK)
        status = boilerplate_open(options->boilerplate, options->dry_run ? NULL : options->index,
                                  buffer_bytes(&list), &ingest->boilerplate, err);
    buffer_done(&list);
    return status;
}

static enum lede_status open_all(struct ingest *ingest, const struct walk_options *paths,
                                 struct lede_error *err)
{
    const struct options *options = ingest->options;
    enum lede_status status = command_need_index(options, err);

    if (status == LEDE_OK && options->stopwords)
        status = command_read_file(options->stopwords, STOPWORDS_MOST, &ingest->stopwords, err);
    if (status == LEDE_OK)
        status = walk_open(paths, &ingest->walk, err);
    if (status == LEDE_OK)
        status = reader_open(&options->reading, &ingest->reader, err);
    if (status == LEDE_OK)
        status = report_open(options->report, &ingest->report, err);
    if (status == LEDE_OK)
        status = open_writer(ingest, err);
    return status == LEDE_OK ? open_boilerplate(ingest, err) : status;
}

enum lede_status ingest_begin(struct ingest *ingest, const struct options *options,
                              const struct walk_options *paths, size_t aside,
                              struct lede_error *err)
{
    enum lede_status status;

    *ingest =
        (struct ingest){.options = options, .reading = stamp_reading(options), .aside = aside};
    (void)date_words_init(&ingest->date_words);
    buffer_init(&ingest->stopwords, NULL);
    status = open_all(ingest, paths, err);
    if (status != LEDE_OK)
        return status;
    (void)signal(SIGPIPE, SIG_IGN); /* nobody reads our messages: no reason to lose articles */
    interrupt_catch();
    return LEDE_OK;
}

int ingest_done(struct ingest *ingest, int code)
{
    struct lede_error error = {.text = ""};

    lede_writer_close(ingest->writer);
    reader_close(ingest->reader);
    boilerplate_close(ingest->boilerplate);
    walk_close(ingest->walk);
    if (report_close(ingest->report, &error) != LEDE_OK && code <= EXIT_SKIPPED)
        code = command_fail(&error);
    buffer_done(&ingest->stopwords);
    return code;
}

/* ---- files ---- */

static void show_progress(struct ingest *ingest, uint64_t raw_bytes)
{
    const struct report_counts *counts = report_counts(ingest->report);
    struct progress_counts shown = {counts->files, counts->articles, counts->raw_bytes + raw_bytes};

    progress_update(&ingest->progress, &shown);
}

static void say_file(struct ingest *ingest, const struct origin *origin)
{
    struct buffer line;

    if (!ingest->options->verbose)
        return;
    buffer_init(&line, NULL);
    printable_put(&line, origin->path, PRINTABLE_NAME);
    progress_clear(&ingest->progress);
    command_say(&line);
    buffer_done(&line);
}

/* True if the next run may think that it has read what this skip left out. */
static bool is_final(const struct skip *skipped)
{
    return skipped->reason != SKIP_UNREADABLE && skipped->reason != SKIP_TOO_LARGE;
}

/* The time at which a file was changed, if that is to be a date. */
static int64_t file_time(const struct ingest *ingest, int fd)
{
    struct stat about;

    if (!ingest->options->file_dates || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
        return INT64_MIN;
    return about.st_mtim.tv_sec;
}

/* Ends at the file's end, or, when a signal came, before. */
static enum lede_status read_items(struct ingest *ingest, const struct walk_item *file,
                                   struct ingested *ingested, struct lede_error *err)
{
    struct item item = {.kind = ITEM_ARTICLE};
    bool final = true;
    enum lede_status status;

    ingest->file_time = file_time(ingest, file->fd);
    status = reader_start(ingest->reader, file->fd, &file->origin, err);

    while (status == LEDE_OK && item.kind != ITEM_END && !interrupt_seen()) {
        status = reader_next(ingest->reader, &item, err);
        if (status == LEDE_OK && item.kind == ITEM_ARTICLE) {
            ingested->articles++;
            status = ingest_add_article(ingest, &file->origin, &item, err);
        } else if (status == LEDE_OK && item.kind == ITEM_PART) {
            status = ingest_add_part(ingest, &file->origin, &item, err);
        } else if (status == LEDE_OK && item.kind == ITEM_SKIP) {
            final = final && is_final(&item.skip);
            ingest_skip_item(ingest, &item.skip);
        }
        show_progress(ingest, reader_raw_bytes(ingest->reader));
    }
    ingested->final = final && item.kind == ITEM_END;
    return status;
}

enum lede_status ingest_read(struct ingest *ingest, const struct walk_item *file,
                             struct ingested *ingested, struct lede_error *err)
{
    enum lede_status status;

    *ingested = (struct ingested){0};
    say_file(ingest, &file->origin);
    status = read_items(ingest, file, ingested, err);
    report_file(ingest->report, reader_bytes(ingest->reader), reader_raw_bytes(ingest->reader));
    return status;
}

enum lede_status ingest_stamp(struct ingest *ingest, const struct lede_source *source,
                              struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status = LEDE_OK;

    if (ingest->writer)
        status = lede_writer_end_source(ingest->writer, source, &error);
    return status == LEDE_OK || status == LEDE_LIMIT ? LEDE_OK
                                                     : error_set(err, status, "%s", error.text);
}

/* The next file, or WALK_END. */
static enum lede_status next_file(struct ingest *ingest, struct walk_item *file,
                                  struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    do {
        if (interrupt_seen())
            return error_set(err, LEDE_INTERRUPTED, "interrupted");
        status = walk_next(ingest->walk, file, err);
        if (status == LEDE_OK && file->kind == WALK_SKIP)
            ingest_skip(ingest, &file->skip);
        show_progress(ingest, 0);
    } while (status == LEDE_OK && file->kind == WALK_SKIP);
    return status;
}

enum lede_status ingest_files(struct ingest *ingest,
                              enum lede_status (*visit)(void *context, const struct walk_item *file,
                                                        struct lede_error *err),
                              void *context, struct lede_error *err)
{
    struct walk_item file = {.kind = WALK_END};
    enum lede_status status = next_file(ingest, &file, err);

    while (status == LEDE_OK && file.kind == WALK_FILE) {
        status = visit(context, &file, err);
        if (status == LEDE_OK)
            status = next_file(ingest, &file, err);
    }
    return status;
}
