/* store.c -- readers open, look and close in many threads while the process's writer commits. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "index/store.h"

enum { READERS = 4, COMMITS = 60, RECORDS = 8 };

static const char *path;
static atomic_bool stop;

static void check(enum lede_status status, const struct lede_error *error)
{
    if (status == LEDE_OK)
        return;
    fprintf(stderr, "%s\n", error->text);
    exit(1);
}

static void record_key(uint8_t key[EXTENT_KEY_SIZE], uint32_t number)
{
    extent_key(key, 1, STREAM_POSTINGS, number);
}

/* All records of a snapshot are of one commit. */
static void look(struct store_snapshot *snapshot)
{
    uint8_t key[EXTENT_KEY_SIZE];
    struct lede_error error;
    struct slice value, found;
    int first = -1;

    for (uint32_t i = 0; i < RECORDS; i++) {
        record_key(key, i);
        check(store_get(snapshot, TABLE_EXTENT, slice_of(key, sizeof key), &value, &error), &error);
        first = first < 0 ? value.data[0] : first;
        if (value.data[0] != first || value.data[value.size - 1] != first)
            abort();
        check(store_seek(snapshot, TABLE_EXTENT, slice_of(key, sizeof key), &found, &value, &error),
              &error);
    }
}

static void *read_on(void *unused)
{
    struct store_snapshot snapshot;
    struct lede_error error;
    struct store *store;

    while (!atomic_load(&stop)) {
        check(store_open(path, &store, &error), &error);
        check(store_snapshot_begin(store, &snapshot, &error), &error);
        look(&snapshot);
        store_snapshot_end(&snapshot);
        (void)store_size(store);
        store_close(store);
    }
    return unused;
}

static void write_all(struct store *store, uint8_t fill)
{
    static uint8_t value[50000];
    uint8_t key[EXTENT_KEY_SIZE];
    struct lede_error error;

    memset(value, fill, sizeof value);
    for (uint32_t i = 0; i < RECORDS; i++) {
        record_key(key, i);
        check(store_write_put(store, TABLE_EXTENT, slice_of(key, sizeof key),
                              slice_of(value, sizeof value), &error),
              &error);
    }
    check(store_write_commit(store, &error), &error);
}

int main(void)
{
    char directory[] = "/tmp/lede-race-XXXXXX", command[64];
    pthread_t threads[READERS];
    struct lede_error error;
    struct store *store;

    path = mkdtemp(directory);
    if (!path)
        return 1;
    check(store_open_writer(path, 0, &store, &error), &error);
    write_all(store, 0);
    for (int i = 0; i < READERS; i++)
        if (pthread_create(&threads[i], NULL, read_on, NULL) != 0)
            return 1;
    for (int i = 1; i < COMMITS; i++)
        write_all(store, (uint8_t)i);
    atomic_store(&stop, true);
    for (int i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
    store_close(store);
    (void)snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command) == 0 ? 0 : 1;
}
