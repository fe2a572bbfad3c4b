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
#include "index/segment.h"

enum { KNOWN_SHARE = 4, LEFTOVERS_SHARE = 8 }; /* of --memory */

struct syncing {
    struct ingest ingest;
    struct account known_account, leftovers_account;
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
    syncing->roots.complete = calloc(count, sizeof *syncing->roots.complete);
    syncing->present = calloc(count, sizeof *syncing->present);
    if (!syncing->roots.paths || !syncing->roots.complete || !syncing->present)
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
static enum lede_status check_roots(const struct syncing *syncing, struct lede_error *err)
{
    const struct roots *roots = &syncing->roots;

    for (size_t i = 0; i < roots->count && !syncing->ingest.options->force; i++)
        if (roots->complete[i] > 0 && is_empty(roots->paths[i]))
            return refuse(roots->paths[i], "is empty, and was not", err);
    return LEDE_OK;
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
                                 struct lede_source *source, struct lede_error *err)
{
    struct ingested ingested;
    enum lede_status status = ingest_read(&syncing->ingest, file, &ingested, err);

    if (status != LEDE_OK)
        return status;
    known_files_settle(&syncing->known, file->origin.path);
    if (!source->complete || ingested.articles == 0 || !ingested.final)
        return LEDE_OK;
    return ingest_stamp(&syncing->ingest, source, err);
}

/* True if it is time to make durable that files were read again: with a checkpoint, or when what is
 * kept of them takes much. */
static bool removal_is_due(const struct syncing *syncing)
{
    return syncing->leftovers.pending &&
           (syncing->commits != syncing->ingest.commits ||
            account_left(&syncing->leftovers_account) < syncing->leftovers_account.limit / 2);
}

static enum lede_status remove_leftovers(struct syncing *syncing, struct lede_error *err)
{
    enum lede_status status = leftovers_remove(&syncing->leftovers, &syncing->ingest, err);

    syncing->commits = syncing->ingest.commits;
    return status;
}

static enum lede_status read_again(struct syncing *syncing, const struct walk_item *file,
                                   const struct lede_source *source, struct lede_error *err)
{
    struct ingested ingested;
    enum lede_status status;

    syncing->ingest.ids = &syncing->leftovers.ids;
    status = ingest_read(&syncing->ingest, file, &ingested, err);
    syncing->ingest.ids = NULL;
    if (status == LEDE_OK && ingested.final)
        status = leftovers_reread(&syncing->leftovers, file->origin.path, source, err);
    else if (status == LEDE_OK)
        known_files_settle(&syncing->known, file->origin.path); /* what was not read may be there */
    return status == LEDE_OK && removal_is_due(syncing) ? remove_leftovers(syncing, err) : status;
}

static enum lede_status sync_file(void *context, const struct walk_item *file,
                                  struct lede_error *err)
{
    struct syncing *syncing = context;
    const struct options *options = syncing->ingest.options;
    struct lede_source source = {.complete = false};
    const uint64_t *known = known_files_find(&syncing->known, file->origin.path);
    bool met = known && known_state(known) != FILE_UNMET; /* below two of the directories */

    source.complete = stamp_take(&file->origin, file->fd, syncing->ingest.reading, &source);
    if (met || (known && source.complete && known_is_unchanged(known, &source))) {
        syncing->unchanged += !met;
        list(syncing, "unchanged", file->origin.path, options->verbose && !met);
    } else {
        *(known ? &syncing->changed : &syncing->new_files) += 1;
        list(syncing, known ? "update" : "add", file->origin.path, true);
        if (!options->dry_run)
            return known ? read_again(syncing, file, &source, err)
                         : read_new(syncing, file, &source, err);
    }
    known_files_settle(&syncing->known, file->origin.path);
    (void)close(file->fd);
    return LEDE_OK;
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

static enum lede_status look_for(struct syncing *syncing, struct slice path, struct lede_error *err)
{
    const uint64_t *known = known_files_find(&syncing->known, path);
    bool complete = known && known_is_complete(known);

    if (!known || known_state(known) != FILE_UNMET || !roots_have(&syncing->roots, path))
        return LEDE_OK;
    if (!is_gone(path)) {
        known_files_settle(&syncing->known, path);
        return LEDE_OK;
    }
    syncing->gone += complete;
    list(syncing, "remove", path, complete);
    if (!syncing->ingest.options->dry_run)
        return leftovers_gone(&syncing->leftovers, path, err);
    known_files_settle(&syncing->known, path);
    return LEDE_OK;
}

static enum lede_status look_through(struct syncing *syncing, struct segment *segment, bool *all,
                                     struct lede_error *err)
{
    const struct account *account = &syncing->leftovers_account;
    struct source_file_cursor cursor;
    struct source_file file;
    enum lede_status status =
        source_file_cursor_init(&cursor, &segment->streams[STREAM_SOURCES], err);

    while (status == LEDE_OK && *all) {
        status = source_file_cursor_next(&cursor, &file, err);
        if (status == LEDE_OK)
            status = look_for(syncing, file.path, err);
        *all = !syncing->leftovers.pending || account_left(account) >= account->limit / 4;
    }
    source_file_cursor_done(&cursor);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

/* As many as there is memory for; *all: there are no more. */
static enum lede_status find_some(struct syncing *syncing, bool *all, struct lede_error *err)
{
    struct snapshot *snapshot = NULL;
    enum lede_status status = snapshot_open(syncing->ingest.options->index, &snapshot, err);

    *all = true;
    for (size_t i = 0; status == LEDE_OK && *all && i < snapshot->segment_count; i++)
        status = look_through(syncing, &snapshot->segments[i], all, err);
    snapshot_close(snapshot);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static enum lede_status find_gone(struct syncing *syncing, struct lede_error *err)
{
    bool all = false;
    enum lede_status status = check_roots(syncing, err); /* it may have gone meanwhile */

    while (status == LEDE_OK && !all) {
        status = find_some(syncing, &all, err);
        if (status == LEDE_OK && !all)
            status = remove_leftovers(syncing, err);
    }
    return status;
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
    buffer_printf(out, "added %llu articles, replaced %llu, removed %llu, left %llu as they were",
                  (unsigned long long)totals.added, (unsigned long long)totals.replaced,
                  (unsigned long long)totals.removed, (unsigned long long)totals.unchanged);
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
    enum lede_status status;
    int code;

    account_init(&syncing.known_account, options->memory / KNOWN_SHARE);
    account_init(&syncing.leftovers_account, options->memory / LEFTOVERS_SHARE);
    known_files_init(&syncing.known, &syncing.known_account);
    leftovers_init(&syncing.leftovers, &syncing.known, &syncing.leftovers_account);
    status = begin(&syncing, options, &error);
    code = status == LEDE_OK ? ingest_run(&syncing.ingest, &work, &error) : command_fail(&error);
    code = ingest_done(&syncing.ingest, code);
    leftovers_done(&syncing.leftovers);
    known_files_done(&syncing.known);
    for (size_t i = 0; i < syncing.roots.count; i++)
        free(syncing.roots.paths[i]);
    free(syncing.roots.paths);
    free(syncing.roots.complete);
    free(syncing.present);
    return code;
}
