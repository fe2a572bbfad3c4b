#include "command/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/array.h"

void tree_init(struct tree *tree, size_t batch)
{
    *tree = (struct tree){.batch = batch ? batch : LISTING_BATCH};
    buffer_init(&tree->path, NULL);
}

void tree_done(struct tree *tree)
{
    while (tree->depth > 0)
        tree_leave(tree);
    array_free(tree->frames, tree->capacity, sizeof *tree->frames, NULL);
    buffer_done(&tree->path);
}

static struct tree_frame *top(struct tree *tree)
{
    return &tree->frames[tree->depth - 1];
}

static void forget_listing(struct tree *tree, struct tree_frame *frame)
{
    tree->names_held -= frame->listing.count;
    listing_free(&frame->listing);
    frame->next = 0;
    frame->unread = true;
}

static bool set_path(struct tree *tree, size_t kept, const char *name)
{
    tree->path.size = kept;
    if (name) {
        if (kept == 0 || tree->path.data[kept - 1] != '/')
            buffer_byte(&tree->path, '/');
        buffer_str(&tree->path, name);
    }
    buffer_byte(&tree->path, 0);
    tree->path.size -= !tree->path.failed;
    return !tree->path.failed;
}

static enum lede_status failed(struct lede_error *err)
{
    return error_set(err, LEDE_IO, "%s", strerror(errno));
}

/* ---- down ---- */

/* Only a broken file system has such a thing, since links are not followed; so the nearest
 * directories are enough to end any loop. */
static bool is_above(const struct tree *tree, const struct stat *st)
{
    enum { NEAREST = 256 };

    for (size_t i = tree->depth > NEAREST ? tree->depth - NEAREST : 0; i < tree->depth; i++)
        if (tree->frames[i].inode == st->st_ino && tree->frames[i].device == st->st_dev)
            return true;
    return false;
}

static enum lede_status push(struct tree *tree, int fd, struct lede_error *err)
{
    struct stat st;
    enum lede_status status = LEDE_OK;

    if (fstat(fd, &st) != 0)
        status = failed(err);
    else if (is_above(tree, &st))
        status = error_set(err, LEDE_IO, "is the same directory as one above it");
    else if (tree->depth == tree->capacity &&
             !array_grow((void **)&tree->frames, &tree->capacity, sizeof *tree->frames, NULL))
        status = error_no_memory(err);
    if (status != LEDE_OK) {
        close(fd);
        return status;
    }
    tree->frames[tree->depth++] = (struct tree_frame){.fd = fd,
                                                      .device = st.st_dev,
                                                      .inode = st.st_ino,
                                                      .path_size = tree->path.size,
                                                      .unread = true};
    if (tree->depth > TREE_OPEN) {
        struct tree_frame *far = &tree->frames[tree->depth - 1 - TREE_OPEN];

        if (far->fd >= 0)
            close(far->fd);
        far->fd = -1;
    }
    return LEDE_OK;
}

enum lede_status tree_begin(struct tree *tree, int fd, struct slice path, struct lede_error *err)
{
    buffer_clear(&tree->path);
    buffer_put(&tree->path, path.data, path.size);
    tree->root_size = path.size;
    if (!set_path(tree, path.size, NULL)) {
        close(fd);
        return error_no_memory(err);
    }
    return push(tree, fd, err);
}

enum lede_status tree_descend(struct tree *tree, const struct tree_entry *entry,
                              struct lede_error *err)
{
    int fd = openat(entry->directory, entry->name,
                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    return fd < 0 ? failed(err) : push(tree, fd, err);
}

/* ---- up ---- */

static bool is_same(int fd, const struct tree_frame *frame)
{
    struct stat st;

    return fstat(fd, &st) == 0 && st.st_ino == frame->inode && st.st_dev == frame->device;
}

/* Opens a directory that was closed again, by way of the child that is being left, or of its path.
 */
static int reopen(struct tree *tree, const struct tree_frame *frame, int child)
{
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    int fd = child >= 0 ? openat(child, "..", flags) : -1;

    if (fd >= 0 && is_same(fd, frame))
        return fd;
    if (fd >= 0)
        close(fd);
    if (!set_path(tree, frame->path_size, NULL))
        return -1;
    fd = open((const char *)tree->path.data, flags);
    if (fd >= 0 && is_same(fd, frame))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void tree_leave(struct tree *tree)
{
    struct tree_frame *frame = top(tree), *parent;

    forget_listing(tree, frame);
    free(frame->resume);
    tree->depth--;
    if (tree->depth > 0) {
        parent = top(tree);
        if (parent->fd < 0)
            parent->fd = reopen(tree, parent, frame->fd);
    }
    if (frame->fd >= 0)
        close(frame->fd);
}

/* ---- along ---- */

/* Drops the listing of the highest directory that has one, but not of the deepest. */
static bool drop_listing(struct tree *tree)
{
    struct tree_frame *frame;
    char *resume;

    for (size_t i = 0; i + 1 < tree->depth; i++) {
        frame = &tree->frames[i];
        if (frame->listing.count == 0)
            continue;
        if (frame->next > 0) {
            resume = strdup(listing_name(&frame->listing, frame->next - 1));
            if (!resume)
                return false;
            free(frame->resume);
            frame->resume = resume;
        }
        forget_listing(tree, frame);
        return true;
    }
    return false;
}

static enum lede_status read_listing(struct tree *tree, struct lede_error *err)
{
    struct tree_frame *frame = top(tree);
    char *resume = NULL;
    enum lede_status status;

    if (frame->listing.count > 0) {
        resume = strdup(listing_name(&frame->listing, frame->listing.count - 1));
        if (!resume)
            return error_no_memory(err);
        free(frame->resume);
        frame->resume = resume;
    }
    forget_listing(tree, frame);
    if (frame->fd < 0)
        return error_set(err, LEDE_IO, "was moved or removed while it was being read");
    status = listing_read(&frame->listing, frame->fd, frame->resume, tree->batch, err);
    if (status != LEDE_OK)
        return status;
    frame->unread = false;
    tree->names_held += frame->listing.count;
    while (tree->names_held > 2 * tree->batch && drop_listing(tree))
        ;
    return LEDE_OK;
}

static unsigned char type_of(int directory, const char *name, unsigned char type)
{
    struct stat st;

    if (type != DT_UNKNOWN)
        return type;
    if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return DT_UNKNOWN;
    return (unsigned char)IFTODT(st.st_mode);
}

static enum lede_status give(struct tree *tree, struct tree_entry *entry, struct lede_error *err)
{
    struct tree_frame *frame = top(tree);
    size_t place = frame->next++;
    const char *name = listing_name(&frame->listing, place);

    if (!set_path(tree, frame->path_size, name))
        return error_no_memory(err);
    entry->directory = frame->fd;
    entry->name = name;
    entry->type = type_of(frame->fd, name, listing_type(&frame->listing, place));
    entry->path = buffer_bytes(&tree->path);
    entry->relative =
        slice_of(tree->path.data + tree->root_size, tree->path.size - tree->root_size);
    if (entry->relative.data[0] == '/') {
        entry->relative.data++;
        entry->relative.size--;
    }
    return LEDE_OK;
}

enum lede_status tree_next(struct tree *tree, struct tree_entry *entry, struct lede_error *err)
{
    struct tree_frame *frame;
    enum lede_status status;
    size_t path_size;

    *entry = (struct tree_entry){.directory = -1};
    while (tree->depth > 0) {
        frame = top(tree);
        path_size = frame->path_size;
        if (frame->unread || (frame->next == frame->listing.count && frame->listing.more) ||
            frame->fd < 0) {
            status = read_listing(tree, err);
            if (status != LEDE_OK) {
                tree_leave(tree);
                return set_path(tree, path_size, NULL) ? status : error_no_memory(err);
            }
        } else if (frame->next < frame->listing.count) {
            return give(tree, entry, err);
        } else {
            tree_leave(tree);
        }
    }
    return LEDE_OK;
}
