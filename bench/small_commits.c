/* small_commits.c -- how an index fares under small commits.
 *
 *     small_commits DIRECTORY ARTICLES COMMITS READERS [nomerge]
 *
 * Articles of 60 words, then commits of one to four that replace others, beside processes that hold
 * snapshots: each for as many commits as there are of them. Prints a row: the file, which never
 * shrinks meanwhile, beside what it takes compacted; which of its pages are in use; segments; what
 * a commit writes, and how long it takes. DIRECTORY must not exist. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "index/lmdb_check.h"
#include "indexer/compact.h"
#include "lede.h"
#include "tests/fault/snapshot_reader.h"
#include "tests/index/dice.h"

enum { READERS_MAX = 64 };

struct run {
    const char *path;
    unsigned articles, commits, count; /* of readers */
    struct snapshot_reader readers[READERS_MAX];
    struct lede_writer_options options;
    struct dice dice;
    double seconds, longest, bytes; /* of commits: all, the longest, what they wrote */
};

static void check(bool fine, const struct lede_error *error)
{
    if (fine)
        return;
    fprintf(stderr, "small_commits: %s\n", error ? error->text : "a reader failed");
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Bytes that this process gave to the system to write. */
static double written(void)
{
    FILE *io = fopen("/proc/self/io", "re");
    double bytes = 0;
    char line[128];

    while (io && fgets(line, sizeof line, io))
        if (strncmp(line, "wchar:", 6) == 0)
            bytes = strtod(line + 6, NULL);
    if (io)
        (void)fclose(io);
    return bytes;
}

/* ---- the writer ---- */

static struct lede_writer *open_writer(const struct run *run)
{
    struct lede_error error = {.text = ""};
    struct lede_writer *writer = NULL;

    check(lede_writer_open(run->path, &run->options, &writer, &error) == LEDE_OK, &error);
    return writer;
}

static void add(struct lede_writer *writer, struct dice *dice, uint32_t number)
{
    struct lede_error error = {.text = ""};
    struct lede_article article = {.id = {NULL, 0}};
    char id[16], text[1024];
    size_t size = 0;

    for (int i = 0; i < 60; i++)
        size += (size_t)sprintf(text + size, "w%u ", dice_bits(dice, 14));
    article.id = (struct lede_bytes){id, (size_t)sprintf(id, "%u", number)};
    article.text = (struct lede_bytes){text, size};
    check(lede_writer_add(writer, &article, &error) == LEDE_OK, &error);
}

static void commit(struct lede_writer *writer)
{
    struct lede_error error = {.text = ""};

    check(lede_writer_commit(writer, &error) == LEDE_OK, &error);
}

static void begin(struct run *run)
{
    struct lede_writer *writer = open_writer(run);

    for (uint32_t i = 0; i < run->articles; i++)
        add(writer, &run->dice, i);
    commit(writer);
    lede_writer_close(writer); /* a child must not have it open */
    for (unsigned i = 0; i < run->count; i++)
        check(snapshot_reader_begin(&run->readers[i], run->path), NULL);
}

static void update(struct run *run)
{
    struct lede_writer *writer = open_writer(run);

    run->bytes = -written();
    for (unsigned i = 0; i < run->commits; i++) {
        double took;

        for (uint32_t j = 0; j < 1 + i % 4; j++)
            add(writer, &run->dice, dice_below(&run->dice, run->articles));
        took = -now();
        commit(writer);
        took += now();
        run->seconds += took;
        run->longest = took > run->longest ? took : run->longest;
        if (run->count > 0)
            check(snapshot_reader_renew(&run->readers[i % run->count]), NULL);
    }
    run->bytes += written();
    lede_writer_close(writer);
    for (unsigned i = 0; i < run->count; i++)
        snapshot_reader_end(&run->readers[i]);
}

/* ---- what came out ---- */

static void print(const struct run *run)
{
    struct compact_options options = {.wait = 10};
    struct lede_error error = {.text = ""};
    struct compact_totals totals;
    struct lmdb_totals pages;
    char data[4096];

    (void)snprintf(data, sizeof data, "%s/data.mdb", run->path);
    check(lmdb_check_path(data, LMDB_NEWEST, NULL, NULL, &pages, &error) == LEDE_OK, &error);
    check(compact_index(run->path, &options, &totals, &error) == LEDE_OK, &error);
    printf("%8u %8u %8u %9.3f %6.2f %6.2f %9llu %10.1f %9.2f %8.1f\n", run->articles, run->commits,
           run->count, (double)totals.after / 1e6, (double)totals.before / (double)totals.after,
           (double)pages.used * 4096 / (double)totals.after, (unsigned long long)totals.segments,
           run->bytes / run->commits / 1e3, run->seconds / run->commits * 1e3, run->longest * 1e3);
}

int main(int argc, char **argv)
{
    struct run run = {.options = {.jobs = 1, .memory = 16 << 20}, .dice = dice_of(1)};

    if (argc < 5) {
        fprintf(stderr, "usage: small_commits DIRECTORY ARTICLES COMMITS READERS [nomerge]\n");
        return 2;
    }
    run.path = argv[1];
    run.articles = (unsigned)strtoul(argv[2], NULL, 10);
    run.commits = (unsigned)strtoul(argv[3], NULL, 10);
    run.count = (unsigned)strtoul(argv[4], NULL, 10);
    run.options.no_merge = argc > 5;
    if (run.articles == 0 || run.commits == 0 || run.count > READERS_MAX)
        return 2;
    printf("articles  commits  readers compacted  times in use  segments  KB/commit ms/commit "
           "longest\n");
    begin(&run);
    update(&run);
    print(&run);
    return 0;
}
