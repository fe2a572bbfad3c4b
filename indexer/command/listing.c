#include "command/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

/* Sorts, and drops what is beyond the batch. */
static void settle(struct listing *listing, size_t batch)
{
    if (listing->count > 1)
        qsort(listing->names, listing->count, sizeof *listing->names, compare);
    while (listing->count > batch) {
        free(listing->names[--listing->count]);
        listing->more = true;
    }
}

static bool add(struct listing *listing, const struct dirent *entry)
{
    size_t size = strlen(entry->d_name) + 1;
    char *name = malloc(size + 1);

    if (!name)
        return false;
    if (listing->count == listing->capacity &&
        !array_grow((void **)&listing->names, &listing->capacity, sizeof *listing->names, NULL)) {
        free(name);
        return false;
    }
    name[0] = (char)entry->d_type;
    memcpy(name + 1, entry->d_name, size);
    listing->names[listing->count++] = name;
    return true;
}

static bool wanted(const struct listing *listing, const char *name, const char *after, size_t batch)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return false;
    if (after && strcmp(name, after) <= 0)
        return false;
    /* Once names were dropped, the last one kept is the bound for those to come. */
    return !listing->more || strcmp(name, listing_name(listing, batch - 1)) < 0;
}

static enum lede_status read_names(struct listing *listing, DIR *directory, const char *after,
                                   size_t batch, struct lede_error *err)
{
    const struct dirent *entry;

    for (;;) {
        errno = 0;
        entry = readdir(directory);
        if (!entry)
            break;
        if (!wanted(listing, entry->d_name, after, batch))
            continue;
        if (!add(listing, entry))
            return error_no_memory(err);
        if (listing->count >= 2 * batch)
            settle(listing, batch);
    }
    if (errno != 0)
        return error_set(err, LEDE_IO, "%s", strerror(errno));
    settle(listing, batch);
    return LEDE_OK;
}

enum lede_status listing_read(struct listing *listing, int fd, const char *after, size_t batch,
                              struct lede_error *err)
{
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = own < 0 ? NULL : fdopendir(own);
    struct listing fresh = {0};
    enum lede_status status;

    if (!directory) {
        int error = errno;

        if (own >= 0)
            close(own);
        return error_set(err, LEDE_IO, "%s", strerror(error));
    }
    status = read_names(&fresh, directory, after, batch ? batch : LISTING_BATCH, err);
    closedir(directory);
    if (status == LEDE_OK)
        *listing = fresh;
    else
        listing_free(&fresh);
    return status;
}

void listing_free(struct listing *listing)
{
    for (size_t i = 0; i < listing->count; i++)
        free(listing->names[i]);
    array_free(listing->names, listing->capacity, sizeof *listing->names, NULL);
    *listing = (struct listing){0};
}
