/* lede-index add: reads everything that is named, and leaves alone what is there already.
 *
 * A file that the index has no record of is stamped, so that sync need not read it again. One that
 * it knows is not, if it changed: articles may have vanished from it, which add leaves where they
 * are, and sync would not look for any more. */
#include <unistd.h>

#include "base/account.h"
#include "base/printable.h"
#include "command/ingest.h"
#include "command/known_files.h"
#include "command/stamp.h"

enum { KNOWN_SHARE = 16, KNOWN_MOST = 16 << 20 }; /* of --memory; bytes */

struct adding {
    struct ingest ingest;
    struct account account; /* of known */
    struct known_files known;
    bool loaded; /* known is: with the first file that may be stamped */
};

/* Tells whether the file shall be stamped once it was read. */
static enum lede_status is_new(struct adding *adding, const struct walk_item *file,
                               struct lede_source *source, bool *is_new, struct lede_error *err)
{
    struct known_file known;
    enum lede_status status = LEDE_OK;

    *is_new = stamp_take(&file->origin, file->fd, adding->ingest.reading, source) &&
              adding->ingest.writer;
    if (!*is_new)
        return LEDE_OK;
    if (!adding->loaded)
        status = known_files_load(&adding->known, adding->ingest.options->index, NULL, err);
    adding->loaded = true;
    if (status == LEDE_OK)
        status = known_files_find(&adding->known, file->origin.path, &known, err);
    *is_new = status == LEDE_OK && !known.known;
    return status;
}

static enum lede_status add_file(void *context, const struct walk_item *file,
                                 struct lede_error *err)
{
    struct adding *adding = context;
    struct lede_source source = {.complete = false};
    struct ingested ingested;
    bool stamp;
    enum lede_status status = is_new(adding, file, &source, &stamp, err);

    if (status != LEDE_OK) {
        (void)close(file->fd);
        return status;
    }
    status = ingest_read(&adding->ingest, file, &ingested, err);
    source.complete = ingested.articles > 0 && ingested.final;
    if (status != LEDE_OK || !stamp || !source.complete)
        return status;
    return ingest_stamp(&adding->ingest, &source, err);
}

static enum lede_status add_all(void *context, struct lede_error *err)
{
    struct adding *adding = context;

    return ingest_files(&adding->ingest, add_file, adding, err);
}

static enum lede_status commit(void *context, struct lede_error *err)
{
    struct adding *adding = context;

    return ingest_commit_rest(&adding->ingest, err);
}

static void put_totals(const void *context, struct buffer *out)
{
    const struct adding *adding = context;
    struct lede_writer_totals totals;

    if (!adding->ingest.writer) {
        uint64_t articles = report_counts(adding->ingest.report)->articles;

        buffer_printf(out, "would add %llu article%s", (unsigned long long)articles,
                      plural_of(articles));
    } else {
        lede_writer_totals(adding->ingest.writer, &totals);
        buffer_printf(out, "added %llu article%s", (unsigned long long)totals.added,
                      plural_of(totals.added));
        if (totals.replaced)
            buffer_printf(out, ", replaced %llu", (unsigned long long)totals.replaced);
        if (totals.unchanged)
            buffer_printf(out, ", left %llu as they were", (unsigned long long)totals.unchanged);
    }
    ingest_put_amount(&adding->ingest, out);
}

int command_add(const struct options *options)
{
    struct walk_options paths = {.paths = options->operands,
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
    struct adding adding;
    struct ingest_work work = {add_all, commit, put_totals, &adding};
    struct lede_error error = {.text = ""};
    size_t known = options->memory / KNOWN_SHARE;
    enum lede_status status;
    int code;

    adding.loaded = false;
    account_init(&adding.account, 0);
    known_files_init(&adding.known, known < KNOWN_MOST ? known : (size_t)KNOWN_MOST, options->index,
                     &adding.account);
    status = ingest_begin(&adding.ingest, options, &paths, 0, &error);
    code = status == LEDE_OK ? ingest_run(&adding.ingest, &work, &error) : command_fail(&error);
    code = ingest_done(&adding.ingest, code);
    known_files_done(&adding.known);
    return code;
}
