/* lede-index sync: makes the index hold what is in some directories now.
 *
 * Files that are as they were when they were read last (known_files.h) are not read; new ones are
 * added, others read again, and what is not there any more is removed (leftovers.h). Only articles
 * whose file lies below one of the directories are ever removed: with a file that is not there, as
 * lstat tells, so that those of one that cannot be read, or is excluded, stay. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/account.h"
#include "base/printable.h"
#include "command/leftovers.h"
#include "command/stamp.h"

enum { KNOWN_SHARE = 4, LEFTOVERS_SHARE = 8 }; /* of --memory */

struct syncing {
    struct ingest ingest;
    struct account account; /* of known and leftovers */
    struct known_files known;
    struct leftovers leftovers;
    struct roots roots;
    char **present; /* the operands that are there; borrowed */
    size_t present_count;
    uint64_t commits; /* of ingest when leftovers were removed last */
    uint64_t new_files, changed, gone, unchanged;
};

/* ---- the directories ---- */

/* The absolute path of what is not there: of the part that is, and the rest as it was given. */
static char *resolve_missing(const char *path)
{
    char *part = strdup(path), *resolved = NULL, *joined = NULL;
    size_t size = part ? strlen(part) : 0;

    while (size > 0 && !resolved) {
        while (size > 0 && part[size - 1] != '/')
            size--;
        part[size] = '\0';
        resolved = realpath(size > 0 ? part : ".", NULL);
        while (size > 0 && part[size - 1] == '/')
            size--;
    }
    if (part && resolved) {
        const char *rest = path + strlen(part);

        if (asprintf(&joined, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved,
                     rest + strspn(rest, "/")) < 0)
            joined = NULL;
    }
    free(part);
    free(resolved);
    return joined;
}

static enum lede_status refuse(const char *path, const char *why, struct lede_error *err)
{
    return error_set(err, LEDE_IO,
                     "%s: %s: is its disk there? (--force removes the articles of what was in it)",
                     path, why);
}

static enum lede_status add_root(struct syncing *syncing, char *path, bool force,
                                 struct lede_error *err)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    char *resolved;

    if (!there && errno != ENOENT && errno != ENOTDIR)
        return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    if (!there && !force)
        return refuse(path, strerror(errno), err);
    if (there && !S_ISDIR(st.st_mode))
        return error_set(err, LEDE_INVALID, "%s is no directory (add takes files)", path);
    if (!there && strstr(path, ".."))
        return error_set(err, LEDE_INVALID, "%s is not there: say where it was without ..", path);
    resolved = there ? realpath(path, NULL) : resolve_missing(path);
    if (!resolved)
        return error_set(err, LEDE_IO, "%s: %s", path, strerror(errno));
    while (strlen(resolved) > 1 && resolved[strlen(resolved) - 1] == '/')
        resolved[strlen(resolved) - 1] = '\0';
    syncing->roots.paths[syncing->roots.count++] = resolved;
    if (there)
        syncing->present[syncing->present_count++] = path;
    return LEDE_OK;
}

static enum lede_status add_roots(struct syncing *syncing, const struct options *options,
                                  struct lede_error *err)
{
    size_t count = options->operand_count;
    enum lede_status status = LEDE_OK;

    syncing->roots.paths = calloc(count, sizeof *syncing->roots.paths);
    syncing->present = calloc(count, sizeof *syncing->present);
    if (!syncing->roots.paths || !syncing->present)
        return error_no_memory(err);
    for (size_t i = 0; i < count && status == LEDE_OK; i++)
        status = add_root(syncing, options->operands[i], options->force, err);
    return status;
}

static bool is_empty(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry = NULL;
    bool empty;

    if (!directory)
        return errno == ENOENT || errno == ENOTDIR;
    do
        entry = readdir(directory);
    while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    empty = entry == NULL;
    (void)closedir(directory);
    return empty;
}

/* A directory from which everything went at once is rather a disk that is not mounted. */
static enum lede_status check_roots(struct syncing *syncing, struct lede_error *err)
{
    const struct roots *roots = &syncing->roots;
    const struct options *options = syncing->ingest.options;
    enum lede_status status = LEDE_OK;
    bool had = false;

    for (size_t i = 0; i < roots->count && status == LEDE_OK && !options->force; i++) {
        if (!is_empty(roots->paths[i]))
            continue;
        status = known_files_below(&syncing->known, options->index, roots->paths[i], &had, err);
        if (status == LEDE_OK && had)
            status = refuse(roots->paths[i], "is empty, and was not", err);
    }
    return status;
}

/* ---- files ---- */

static void list(const struct syncing *syncing, const char *what, struct slice path, bool wanted)
{
    struct buffer line;

    if (!syncing->ingest.options->dry_run || !wanted)
        return;
    buffer_init(&line, NULL);
    buffer_printf(&line, "%s\t", what);
    printable_put(&line, path, PRINTABLE_NAME);
    buffer_byte(&line, '\n');
    (void)fwrite(line.data, 1, line.size, stdout); /* main tells if that failed */
    buffer_done(&line);
}

static enum lede_status read_new(struct syncing *syncing, const struct walk_item *file,
                                 struct known_file *known, struct lede_source *source,
                                 struct lede_error *err)
{
    struct ingested ingested;
    enum lede_status status = ingest_read(&syncing->ingest, file, &ingested, err);

    if (status == LEDE_OK)
        status = known_files_settle(&syncing->known, file->origin.path, known, err);
    if (status != LEDE_OK || !source->complete || ingested.articles == 0 || !ingested.final)
        return status;
    return ingest_stamp(&syncing->ingest, source, err);
}

/* True if it is time to make durable that files were read again: with a checkpoint. */
static bool removal_is_due(const struct syncing *syncing)
{
    return syncing->leftovers.pending && syncing->commits != syncing->ingest.commits;
}

static enum lede_status remove_leftovers(struct syncing *syncing, struct lede_error *err)
{
    enum lede_status status = leftovers_remove(&syncing->leftovers, &syncing->ingest, err);

    syncing->commits = syncing->ingest.commits;
    return status;
}

static enum lede_status read_again(struct syncing *syncing, const struct walk_item *file,
                                   struct known_file *known, const struct lede_source *source,
                                   struct lede_error *err)
{
    struct ingested ingested;
    enum lede_status status;

    syncing->ingest.ids = &syncing->leftovers.ids;
    status = ingest_read(&syncing->ingest, file, &ingested, err);
    syncing->ingest.ids = NULL;
    if (status == LEDE_OK && ingested.final)
        status = leftovers_reread(&syncing->leftovers, known, source, err);
    else if (status == LEDE_OK) /* what was not read may be there */
        status = known_files_settle(&syncing->known, file->origin.path, known, err);
    return status == LEDE_OK && removal_is_due(syncing) ? remove_leftovers(syncing, err) : status;
}

/* Tells whether the file has to be read, and, by source and known, what is known of it. */
static enum lede_status is_due(struct syncing *syncing, const struct walk_item *file,
                               struct lede_source *source, struct known_file *known, bool *due,
                               struct lede_error *err)
{
    enum lede_status status = known_files_find(&syncing->known, file->origin.path, known, err);
    bool unchanged;

    source->complete = stamp_take(&file->origin, file->fd, syncing->ingest.reading, source);
    unchanged = source->complete && known_is_unchanged(known, source);
    *due = status == LEDE_OK && !known->met && !unchanged;
    if (status != LEDE_OK || known->met) /* it is below two of the directories */
        return status;
    if (unchanged) {
        syncing->unchanged++;
        list(syncing, "unchanged", file->origin.path, syncing->ingest.options->verbose);
        return LEDE_OK;
    }
    *(known->known ? &syncing->changed : &syncing->new_files) += 1;
    list(syncing, known->known ? "update" : "add", file->origin.path, true);
    return LEDE_OK;
}

static enum lede_status sync_file(void *context, const struct walk_item *file,
                                  struct lede_error *err)
{
    struct syncing *syncing = context;
    struct lede_source source = {.complete = false};
    struct known_file known;
    bool due;
    enum lede_status status = is_due(syncing, file, &source, &known, &due, err);

    if (due && !syncing->ingest.options->dry_run)
        return known.known ? read_again(syncing, file, &known, &source, err)
                           : read_new(syncing, file, &known, &source, err);
    (void)close(file->fd);
    return status == LEDE_OK ? known_files_settle(&syncing->known, file->origin.path, &known, err)
                             : status;
}

/* ---- what is gone ---- */

/* A directory in its place is not the file. */
static bool is_gone(struct slice path)
{
    char name[SOURCE_PATH_MAX + 1];
    struct stat st;

    if (path.size >= sizeof name || memchr(path.data, 0, path.size))
        return false;
    memcpy(name, path.data, path.size);
    name[path.size] = '\0';
    if (lstat(name, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR;
    return S_ISDIR(st.st_mode);
}

static enum lede_status look_for(void *context, const struct source_file *file, bool *last,
                                 struct lede_error *err)
{
    struct syncing *syncing = context;
    struct known_file known;
    enum lede_status status = known_files_find(&syncing->known, file->path, &known, err);

    (void)last;
    if (status != LEDE_OK || !known.known || known.met || !roots_have(&syncing->roots, file->path))
        return status;
    if (!is_gone(file->path))
        return known_files_set(&syncing->known, &known, FILE_SETTLED, err);
    syncing->gone += known_is_complete(&known);
    list(syncing, "remove", file->path, known_is_complete(&known));
    if (!syncing->ingest.options->dry_run)
        return leftovers_gone(&syncing->leftovers, file->path, &known, err);
    return known_files_set(&syncing->known, &known, FILE_SETTLED, err);
}

static enum lede_status find_gone(struct syncing *syncing, struct lede_error *err)
{
    enum lede_status status = check_roots(syncing, err); /* it may have gone meanwhile */

    if (status != LEDE_OK)
        return status;
    return known_files_visit(syncing->ingest.options->index, look_for, syncing, err);
}

/* ---- the whole ---- */

static enum lede_status sync_all(void *context, struct lede_error *err)
{
    struct syncing *syncing = context;
    enum lede_status status = ingest_files(&syncing->ingest, sync_file, syncing, err);

    return status == LEDE_OK ? find_gone(syncing, err) : status;
}

static enum lede_status finish(void *context, struct lede_error *err)
{
    struct syncing *syncing = context;

    if (syncing->leftovers.pending)
        return remove_leftovers(syncing, err);
    return ingest_commit_rest(&syncing->ingest, err);
}

static void put_totals(const void *context, struct buffer *out)
{
    const struct syncing *syncing = context;
    struct lede_writer_totals totals;

    buffer_printf(out, "files: %llu new, %llu changed, %llu gone, %llu unchanged\n",
                  (unsigned long long)syncing->new_files, (unsigned long long)syncing->changed,
                  (unsigned long long)syncing->gone, (unsigned long long)syncing->unchanged);
    if (!syncing->ingest.writer)
        return;
    lede_writer_totals(syncing->ingest.writer, &totals);
    buffer_printf(out, "added %llu article%s, replaced %llu, removed %llu, left %llu as they were",
                  (unsigned long long)totals.added, plural_of(totals.added),
                  (unsigned long long)totals.replaced, (unsigned long long)totals.removed,
                  (unsigned long long)totals.unchanged);
    ingest_put_amount(&syncing->ingest, out);
}

static enum lede_status begin(struct syncing *syncing, const struct options *options,
                              struct lede_error *err)
{
    struct walk_options paths = {.recursive = true,
                                 .base = options->base,
                                 .include = options->include.items,
                                 .include_count = options->include.count,
                                 .exclude = options->exclude.items,
                                 .exclude_count = options->exclude.count,
                                 .index = options->index};
    size_t aside = options->memory / KNOWN_SHARE + options->memory / LEFTOVERS_SHARE;
    enum lede_status status = add_roots(syncing, options, err);

    paths.paths = syncing->present;
    paths.path_count = syncing->present_count;
    if (status == LEDE_OK)
        status = ingest_begin(&syncing->ingest, options, &paths, aside, err);
    if (status == LEDE_OK)
        status = known_files_load(&syncing->known, options->index, &syncing->roots, err);
    return status == LEDE_OK ? check_roots(syncing, err) : status;
}

int command_sync(const struct options *options)
{
    struct syncing syncing = {.ingest = {.options = options}};
    struct ingest_work work = {sync_all, finish, put_totals, &syncing};
    struct lede_error error = {.text = ""};
    size_t known = options->memory / KNOWN_SHARE, leftovers = options->memory / LEFTOVERS_SHARE;
    enum lede_status status;
    int code;

    account_init(&syncing.account, 0); /* each part has its own limit */
    known_files_init(&syncing.known, known, options->index, &syncing.account);
    leftovers_init(&syncing.leftovers, &syncing.known, leftovers, options->index, &syncing.account);
    status = begin(&syncing, options, &error);
    code = status == LEDE_OK ? ingest_run(&syncing.ingest, &work, &error) : command_fail(&error);
    code = ingest_done(&syncing.ingest, code);
    leftovers_done(&syncing.leftovers);
    known_files_done(&syncing.known);
    for (size_t i = 0; i < syncing.roots.count; i++)
        free(syncing.roots.paths[i]);
    free(syncing.roots.paths);
    free(syncing.present);
    return code;
}
