/* Small updates for years, beside readers that hold snapshots: the file stays within three times of
 * what it takes compacted and a fixed number of pages. Readers are other processes; each holds its
 * snapshot for as many commits as there are readers, whatever the machine: pages that a snapshot
 * needs cannot be used again. That is what the fixed pages are for: a commit copies some ten pages
 * of trees however little it brings, and four commits' are held. */
#include "tests/fault/fault.h"

#include <sys/stat.h>

#include "indexer/compact.h"
#include "lede.h"
#include "tests/fault/snapshot_reader.h"

TestSuite(updates, .init = runner_init, .fini = runner_done);

enum {
    READERS = 3,
    TIMES = 3,
    FLOOR = 64 * 4096, /* bytes: 64 pages */
    LARGE = 500000     /* bytes from which on the index needs no floor */
};

struct soak {
    uint32_t articles;
    unsigned commits;
    bool no_merge;
};

static void text_of(struct dice *dice, char *text)
{
    for (int i = 0; i < 60; i++)
        text += sprintf(text, "w%u ", dice_bits(dice, 14));
}

static void add(struct lede_writer *writer, struct dice *dice, uint32_t number)
{
    struct lede_article article = {.id = {NULL, 0}};
    struct lede_error error = {.text = ""};
    char id[16], text[1024];

    (void)snprintf(id, sizeof id, "%u", number);
    text_of(dice, text);
    article.id = (struct lede_bytes){id, strlen(id)};
    article.text = (struct lede_bytes){text, strlen(text)};
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
}

static void commit(struct lede_writer *writer)
{
    struct lede_error error = {.text = ""};

    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
}

static double size_of(const char *path)
{
    struct stat about;
    char file[512];

    (void)snprintf(file, sizeof file, "%s/data.mdb", path);
    cr_assert_eq(stat(file, &about), 0);
    return (double)about.st_size;
}

static double compacted(const char *path)
{
    struct compact_options options = {.wait = 10};
    struct compact_totals totals;
    struct lede_error error = {.text = ""};

    cr_assert_eq(compact_index(path, &options, &totals, &error), LEDE_OK, "%s", error.text);
    return size_of(path);
}

static void update(struct lede_writer *writer, const struct soak *soak, struct dice *dice,
                   const struct snapshot_reader readers[READERS])
{
    for (unsigned i = 0; i < soak->commits; i++) {
        for (uint32_t j = 0; j < 1 + i % 4; j++)
            add(writer, dice, dice_below(dice, soak->articles));
        commit(writer);
        cr_assert(snapshot_reader_renew(&readers[i % READERS]), "a reader failed");
    }
}

struct growth { /* bytes */
    double file, least;
};

/* The file after so many commits of one to four articles, and what it takes compacted. */
static struct growth grow(struct dice *dice, const struct soak *soak)
{
    struct lede_writer_options options = {
        .jobs = 1, .memory = 16 << 20, .no_merge = soak->no_merge};
    struct snapshot_reader readers[READERS];
    struct lede_writer *writer;
    struct growth growth;
    const char *path;
    char name[32];

    (void)snprintf(name, sizeof name, "%u.lede", soak->articles);
    path = runner_path(name);
    cr_assert_eq(lede_writer_open(path, &options, &writer, NULL), LEDE_OK);
    for (uint32_t i = 0; i < soak->articles; i++)
        add(writer, dice, i);
    commit(writer);
    lede_writer_close(writer); /* a child must not have a store open */
    for (int i = 0; i < READERS; i++)
        cr_assert(snapshot_reader_begin(&readers[i], path), "a reader failed");
    cr_assert_eq(lede_writer_open(path, &options, &writer, NULL), LEDE_OK);
    update(writer, soak, dice, readers);
    lede_writer_close(writer);
    for (int i = 0; i < READERS; i++)
        snapshot_reader_end(&readers[i]);
    growth.file = size_of(path);
    growth.least = compacted(path);
    fprintf(stderr, "%u commits over %u articles%s: %.2f times %.3f MB\n", soak->commits,
            soak->articles, soak->no_merge ? ", not merged" : "", growth.file / growth.least,
            growth.least / 1e6);
    return growth;
}

/* How large the file may be. */
static double limit(struct growth growth)
{
    return TIMES * growth.least + (growth.least < LARGE ? FLOOR : 0);
}

static void expect_small(struct soak soak)
{
    struct dice dice = dice_begin();
    struct growth growth = grow(&dice, &soak);

    cr_expect_leq(growth.file, limit(growth), "%.2f times %.0f bytes", growth.file / growth.least,
                  growth.least);
    dice_end();
}

Test(updates, the_file_of_a_handful_of_articles_stays_within_three_times_and_64_pages)
{
    expect_small((struct soak){200, fault_times(400, 5000), false});
}

Test(updates, the_file_of_a_small_index_stays_within_three_times)
{
    expect_small((struct soak){2000, fault_times(600, 5000), false});
}

Test(updates, the_file_stays_within_three_times_of_what_it_takes)
{
    expect_small((struct soak){20000, fault_times(50, 5000), false});
}

/* Not even in the sample's few commits. */
Test(updates, without_merges_it_would_not)
{
    static const struct soak SOAKS[] = {{200, 200, true}, {2000, 200, true}};
    struct dice dice = dice_begin();

    for (size_t i = 0; i < sizeof SOAKS / sizeof *SOAKS; i++) {
        struct growth growth = grow(&dice, &SOAKS[i]);

        cr_expect_gt(growth.file, limit(growth), "%.2f", growth.file / growth.least);
    }
    dice_end();
}
