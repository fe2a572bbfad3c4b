#include "command/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <unistd.h>

#include "command/path_list.h"
#include "command/tree.h"

struct walk {
    struct walk_options options;
    struct path_list list;
    struct tree tree;
    char *base;        /* absolute; NULL: none */
    struct stat index; /* of the index that is being written */
    bool has_index;    /* index is known */
    uint64_t total_bytes;
    struct buffer path;    /* of a file that was named */
    char *folder;          /* directory part of an argument, as it was given, and */
    char *resolved_folder; /* what it resolves to: a list names many files of one directory */
};

/* ---- beginning ---- */

static bool is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

static enum lede_status check_arguments(struct walk *walk, struct lede_error *err)
{
    const struct walk_options *options = &walk->options;
    bool known = !options->files_from;
    struct stat st;

    for (size_t i = 0; i < options->path_count; i++) {
        if (is_stdin(options->paths[i]) || stat(options->paths[i], &st) != 0) {
            known = false;
        } else if (S_ISDIR(st.st_mode)) {
            known = false;
            if (!options->recursive)
                return error_set(err, LEDE_INVALID,
                                 "%s is a directory: add -r to index what is in it",
                                 options->paths[i]);
        } else if (S_ISREG(st.st_mode)) {
            walk->total_bytes += (uint64_t)st.st_size;
        }
    }
    if (!known)
        walk->total_bytes = 0;
    return LEDE_OK;
}

static enum lede_status open_walk(struct walk *walk, struct lede_error *err)
{
    const struct walk_options *options = &walk->options;
    enum lede_status status = check_arguments(walk, err);

    if (status != LEDE_OK)
        return status;
    if (options->base) {
        walk->base = realpath(options->base, NULL);
        if (!walk->base)
            return error_set(err, LEDE_IO, "--base %s: %s", options->base, strerror(errno));
    }
    return path_list_open(&walk->list, options->paths, options->path_count, options->files_from,
                          options->nul_separated ? '\0' : '\n', err);
}

enum lede_status walk_open(const struct walk_options *options, struct walk **out,
                           struct lede_error *err)
{
    struct walk *walk = calloc(1, sizeof *walk);
    enum lede_status status;

    if (!walk)
        return error_no_memory(err);
    walk->options = *options;
    tree_init(&walk->tree, options->batch);
    buffer_init(&walk->path, NULL);
    status = open_walk(walk, err);
    if (status != LEDE_OK) {
        walk_close(walk);
        return status;
    }
    *out = walk;
    return LEDE_OK;
}

void walk_close(struct walk *walk)
{
    if (!walk)
        return;
    tree_done(&walk->tree);
    path_list_close(&walk->list);
    buffer_done(&walk->path);
    free(walk->base);
    free(walk->folder);
    free(walk->resolved_folder);
    free(walk);
}

uint64_t walk_total_bytes(const struct walk *walk)
{
    return walk->total_bytes;
}

/* ---- items ---- */

static void give_skip(struct walk_item *item, enum skip_reason reason, struct slice path,
                      bool named, const char *message)
{
    item->kind = WALK_SKIP;
    skip_set(&item->skip, reason, path, message);
    item->skip.named = named;
}

/* False if path is not below the base. */
static bool make_id(const struct walk *walk, struct slice path, struct slice *id)
{
    size_t size = walk->base ? strlen(walk->base) : 0;

    *id = path;
    if (size == 0)
        return true;
    if (path.size <= size || memcmp(path.data, walk->base, size) != 0)
        return false;
    size += path.data[size] == '/';
    if (path.data[size - 1] != '/')
        return false;
    *id = slice_of(path.data + size, path.size - size);
    return true;
}

/* Opens a file that was seen to be a regular one; NONBLOCK for the case that it no longer is. */
static void give_file(struct walk *walk, struct walk_item *item, int directory, const char *name,
                      struct slice path, bool named)
{
    int flags = O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC | (named ? 0 : O_NOFOLLOW), fd;
    struct slice id;
    struct stat st;

    if (!make_id(walk, path, &id)) {
        give_skip(item, SKIP_OUTSIDE, path, named, "is not below --base");
        return;
    }
    fd = openat(directory, name, flags);
    if (fd < 0) {
        give_skip(item, SKIP_UNREADABLE, path, named, strerror(errno));
        return;
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        give_skip(item, SKIP_NOT_FILE, path, named, "is not a regular file");
        return;
    }
    item->kind = WALK_FILE;
    item->fd = fd;
    item->origin = (struct origin){.path = path, .id = id, .named = named};
}

static bool matches_one(char *const *patterns, size_t count, const char *path)
{
    const char *slash = strrchr(path, '/');

    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], path, 0) == 0 ||
            (slash && fnmatch(patterns[i], slash + 1, 0) == 0))
            return true;
    return false;
}

static bool is_excluded(const struct walk *walk, const char *path, bool directory)
{
    const struct walk_options *options = &walk->options;

    return matches_one(options->exclude, options->exclude_count, path) ||
           (!directory && options->include_count > 0 &&
            !matches_one(options->include, options->include_count, path));
}

/* ---- trees ---- */

static bool is_index(const struct walk *walk, int directory)
{
    struct stat st;

    if (walk->has_index && fstat(directory, &st) == 0 && st.st_ino == walk->index.st_ino &&
        st.st_dev == walk->index.st_dev)
        return true;
    return faccessat(directory, "data.mdb", F_OK, 0) == 0 &&
           faccessat(directory, "lede.lock", F_OK, 0) == 0;
}

/* LEDE_OK with item still WALK_END: the entry gave nothing, go on. */
static enum lede_status visit_directory(struct walk *walk, struct walk_item *item,
                                        const struct tree_entry *entry, struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status = tree_descend(&walk->tree, entry, &error);

    if (status == LEDE_NO_MEMORY)
        return error_no_memory(err);
    if (status != LEDE_OK) {
        give_skip(item, SKIP_UNREADABLE, entry->path, false, error.text);
    } else if (is_index(walk, tree_top(&walk->tree)->fd)) {
        tree_leave(&walk->tree);
        give_skip(item, SKIP_INDEX, entry->path, false, "holds a lede index");
    }
    return LEDE_OK;
}

static enum lede_status visit(struct walk *walk, struct walk_item *item,
                              const struct tree_entry *entry, struct lede_error *err)
{
    bool directory = entry->type == DT_DIR;

    if (is_excluded(walk, (const char *)entry->relative.data, directory))
        return LEDE_OK;
    if (entry->name[0] == '.')
        give_skip(item, SKIP_HIDDEN, entry->path, false, "hidden");
    else if (directory)
        return visit_directory(walk, item, entry, err);
    else if (entry->type == DT_LNK)
        give_skip(item, SKIP_SYMLINK, entry->path, false, "symbolic link");
    else if (entry->type == DT_REG)
        give_file(walk, item, entry->directory, entry->name, entry->path, false);
    else
        give_skip(item, SKIP_NOT_FILE, entry->path, false, "is neither a file nor a directory");
    return LEDE_OK;
}

static enum lede_status next_in_tree(struct walk *walk, struct walk_item *item,
                                     struct lede_error *err)
{
    struct lede_error error;
    struct tree_entry entry;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && item->kind == WALK_END && walk->tree.depth > 0) {
        status = tree_next(&walk->tree, &entry, &error);
        if (status == LEDE_IO) {
            give_skip(item, SKIP_UNREADABLE, buffer_bytes(&walk->tree.path), false, error.text);
            return LEDE_OK;
        }
        if (status != LEDE_OK)
            return error_no_memory(err);
        if (entry.name)
            status = visit(walk, item, &entry, err);
    }
    return status;
}

/* ---- what was named ---- */

static bool put_path(struct walk *walk, const char *folder, const char *name)
{
    buffer_clear(&walk->path);
    buffer_str(&walk->path, folder);
    if (name && (walk->path.size == 0 || walk->path.data[walk->path.size - 1] != '/'))
        buffer_byte(&walk->path, '/');
    if (name)
        buffer_str(&walk->path, name);
    buffer_byte(&walk->path, 0);
    walk->path.size -= !walk->path.failed;
    return !walk->path.failed;
}

/* The directory part of path with its links resolved; NULL with errno. */
static const char *resolve_folder(struct walk *walk, const char *path, size_t size)
{
    char *folder = size ? strndup(path, size) : strdup(path[0] == '/' ? "/" : ".");
    char *resolved;

    if (!folder)
        return NULL;
    if (walk->folder && strcmp(folder, walk->folder) == 0) {
        free(folder);
        return walk->resolved_folder;
    }
    resolved = realpath(folder, NULL);
    if (!resolved) {
        free(folder);
        return NULL;
    }
    free(walk->folder);
    free(walk->resolved_folder);
    walk->folder = folder;
    return walk->resolved_folder = resolved;
}

/* The absolute path of a file, its own name kept even if it is a link. */
static enum lede_status resolve_file(struct walk *walk, const char *path, struct walk_item *item,
                                     struct lede_error *err)
{
    const char *slash = strrchr(path, '/');
    const char *folder = resolve_folder(walk, path, slash ? (size_t)(slash - path) : 0);

    if (!folder && errno != ENOMEM) {
        give_skip(item, SKIP_UNREADABLE, slice_str(path), true, strerror(errno));
        return LEDE_OK;
    }
    if (!folder || !put_path(walk, folder, slash ? slash + 1 : path))
        return error_no_memory(err);
    give_file(walk, item, AT_FDCWD, path, buffer_bytes(&walk->path), true);
    return LEDE_OK;
}

static enum lede_status begin_tree(struct walk *walk, const char *path, struct walk_item *item,
                                   struct lede_error *err)
{
    char *resolved = realpath(path, NULL);
    int fd = resolved ? open(resolved, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    enum lede_status status = LEDE_OK;

    /* It may have been made since the walk was opened. */
    walk->has_index = walk->options.index && stat(walk->options.index, &walk->index) == 0;
    if (fd < 0) {
        give_skip(item, SKIP_UNREADABLE, slice_str(path), true, strerror(errno));
    } else if (is_index(walk, fd)) {
        close(fd);
        give_skip(item, SKIP_INDEX, slice_str(path), true, "holds a lede index");
    } else {
        status = tree_begin(&walk->tree, fd, slice_str(resolved), err);
    }
    free(resolved);
    return status;
}

static void give_stdin(struct walk_item *item)
{
    struct slice name = slice_str("-");
    int fd = dup(STDIN_FILENO);

    if (fd < 0) {
        give_skip(item, SKIP_UNREADABLE, name, true, strerror(errno));
        return;
    }
    item->kind = WALK_FILE;
    item->fd = fd;
    item->origin = (struct origin){.path = name, .id = name, .named = true};
}

static enum lede_status visit_named(struct walk *walk, const char *path, bool is_argument,
                                    struct walk_item *item, struct lede_error *err)
{
    struct slice name = slice_str(path);
    struct stat st;

    if (is_argument && is_stdin(path)) {
        give_stdin(item);
        return LEDE_OK;
    }
    if (stat(path, &st) != 0) {
        give_skip(item, SKIP_UNREADABLE, name, true, strerror(errno));
    } else if (S_ISDIR(st.st_mode)) {
        if (walk->options.recursive)
            return begin_tree(walk, path, item, err);
        give_skip(item, SKIP_NOT_FILE, name, true, "is a directory: add -r to index what is in it");
    } else if (S_ISREG(st.st_mode)) {
        if (!is_excluded(walk, path, false))
            return resolve_file(walk, path, item, err);
    } else {
        give_skip(item, SKIP_NOT_FILE, name, true,
                  "is neither a file nor a directory (- is standard input)");
    }
    return LEDE_OK;
}

enum lede_status walk_next(struct walk *walk, struct walk_item *item, struct lede_error *err)
{
    enum lede_status status;
    const char *path;
    bool is_argument;

    *item = (struct walk_item){.kind = WALK_END, .fd = -1};
    for (;;) {
        status = next_in_tree(walk, item, err);
        if (status != LEDE_OK || item->kind != WALK_END)
            return status;
        status = path_list_next(&walk->list, &path, &is_argument, err);
        if (status != LEDE_OK || !path)
            return status;
        status = visit_named(walk, path, is_argument, item, err);
        if (status != LEDE_OK || item->kind != WALK_END)
            return status;
    }
}
