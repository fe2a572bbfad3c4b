/* writer.c -- a writer with four threads and as little memory as they need, for ThreadSanitizer: a
 * few thousand random articles, some again, some removed, in several commits; then every id is
 * looked up. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index/segment.h"
#include "lede.h"

enum { ARTICLES = 800, IDS = 600, COMMITS = 2, TEXT = 3000 };

static uint64_t state = 20240607;

static uint32_t roll(uint32_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % limit);
}

static void check(enum lede_status status, const struct lede_error *error)
{
    if (status == LEDE_OK)
        return;
    fprintf(stderr, "%s: %s\n", lede_status_name(status), error->text);
    exit(1);
}

static size_t make_text(char *text, size_t words)
{
    size_t size = 0;

    for (size_t i = 0; i < words; i++)
        size += (size_t)sprintf(text + size, "word%u ", roll(roll(300000) + 1));
    return size;
}

static void add_one(struct lede_writer *writer, bool *live)
{
    static char text[TEXT * 12];
    struct lede_error error;
    uint32_t number = roll(IDS);
    char id[16];
    struct lede_article article = {.id = {id, (size_t)sprintf(id, "%u", number)}};
    enum lede_status status;

    if (roll(10) == 0) {
        status = lede_writer_remove(writer, article.id, &error);
        check(status == LEDE_MISSING ? LEDE_OK : status, &error);
        live[number] = false;
        return;
    }
    article.text = (struct lede_bytes){text, make_text(text, roll(TEXT))};
    check(lede_writer_add(writer, &article, &error), &error);
    live[number] = true;
}

static void look_up(const char *path, const bool *live)
{
    struct snapshot *snapshot;
    struct lede_error error;

    check(snapshot_open(path, &snapshot, &error), &error);
    for (uint32_t number = 0; number < IDS; number++) {
        char id[16];
        uint32_t segment;
        doc_id document;
        size_t size = (size_t)sprintf(id, "%u", number);
        enum lede_status status =
            snapshot_find_id(snapshot, slice_of(id, size), &segment, &document, &error);

        if (status == (live[number] ? LEDE_OK : LEDE_MISSING))
            continue;
        fprintf(stderr, "article %u: %s\n", number, lede_status_name(status));
        exit(1);
    }
    snapshot_close(snapshot);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int main(void)
{
    static bool live[IDS];
    char path[] = "/tmp/lede-race-XXXXXX";
    struct lede_writer_options options = {.jobs = 4, .memory = 49 << 20};
    struct lede_writer *writer;
    struct lede_error error;

    if (!mkdtemp(path))
        return 1;
    check(lede_writer_open(path, &options, &writer, &error), &error);
    for (int i = 1; i <= ARTICLES; i++) {
        add_one(writer, live);
        if (i % (ARTICLES / COMMITS) == 0)
            check(lede_writer_commit(writer, &error), &error);
    }
    for (int i = 0; i < 50; i++)
        add_one(writer, (bool[IDS]){0}); /* dropped with the writer */
    lede_writer_close(writer);
    look_up(path, live);
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}
