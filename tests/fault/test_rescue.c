/* A damaged index: verify tells what is wrong even where every checksum is right, and how much can
 * be saved; export saves it. */
#include "tests/fault/fault.h"

#include "index/bundle.h"
#include "index/checksum.h"
#include "index/deletion.h"
#include "index/segment.h"
#include "index/store.h"

TestSuite(rescue, .init = runner_init, .fini = runner_done);

enum { ARTICLES = 400 };

/* ---- records in the file ---- */

struct record {
    size_t offset, size; /* of its value in data.mdb */
};

static struct record find_record(const char *path, enum table table, struct slice key)
{
    struct store *store;
    struct store_snapshot snapshot;
    struct slice value;
    struct record record;
    const uint8_t *page;

    cr_assert_eq(store_open(path, &store, NULL), LEDE_OK);
    cr_assert_eq(store_snapshot_begin(store, &snapshot, NULL), LEDE_OK);
    cr_assert_eq(store_get(&snapshot, table, key, &value, NULL), LEDE_OK);
    page = value.data - (uintptr_t)value.data % PAGE_SIZE;
    record.offset = (size_t)load_le64(page) * PAGE_SIZE + (size_t)(value.data - page);
    record.size = value.size;
    store_snapshot_end(&snapshot);
    store_close(store);
    return record;
}

/* A piece of what holds the streams of an index so small: articles are the larger part of it. */
static struct record find_piece(const char *path, uint32_t number, uint8_t key[EXTENT_KEY_SIZE])
{
    extent_key(key, 0, STREAM_BUNDLE, number);
    return find_record(path, TABLE_EXTENT, slice_of(key, EXTENT_KEY_SIZE));
}

/* What is left of standard error and output. */
static void expect_run(struct run run, int code, const char *out, const char *err)
{
    cr_expect_eq(run.code, code, "exit code %d\n%s%s", run.code, run.out, run.err);
    cr_expect(!out || strstr(run.out, out), "%s", run.out);
    cr_expect(!err || strstr(run.err, err), "%s", run.err);
    run_done(&run);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* ---- terms that are not those of the text ---- */

/* A stored text is changed, and its checksum made right again. */
static void change_text(const char *path, const char *file, const char *from, const char *to)
{
    uint8_t key[EXTENT_KEY_SIZE], *value, *found;
    struct record record = find_piece(path, 0, key);
    uint64_t seed = checksum_seed('e', key, sizeof key);
    size_t size;
    char *bytes = runner_read(file, &size);

    value = (uint8_t *)bytes + record.offset;
    found = memmem(value, record.size, from, strlen(from));
    cr_assert_not_null(found, "the text is not stored as it is");
    memcpy(found, to, strlen(to));
    store_le32(value, checksum_of(seed, value + BUNDLE_HEADER, record.size - BUNDLE_HEADER));
    runner_write(file, bytes, size);
    free(bytes);
}

static void make_one(const char *path, const char *text)
{
    char line[256];
    struct run run;

    (void)snprintf(line, sizeof line, "{\"id\":\"a\",\"text\":\"%s\"}\n", text);
    run = INDEX_INPUT(line, "add", "-q", "-f", "jsonl", "-d", path, "-");
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
}

Test(rescue, a_text_that_gives_other_terms_shows_in_the_deep_check_alone)
{
    const char *path = runner_path("index"), *file = runner_path("index/data.mdb");

    make_one(path, "kestrel heron 17");
    change_text(path, file, "heron", "heron"); /* the checksums are made right */
    expect_run(INDEX("verify", "--deep", "-d", path), 0, NULL, "1 articles analysed anew: 0");
    change_text(path, file, "heron", "raven");
    expect_run(INDEX("verify", "-d", path), 0, NULL, "no damage");
    expect_run(INDEX("verify", "--deep", "-d", path), 4, "the postings of \"raven\" are not there",
               "export can save 1 articles, and 0 are lost");
}

Test(rescue, so_does_a_word_that_is_at_another_place)
{
    const char *path = runner_path("index"), *file = runner_path("index/data.mdb");

    make_one(path, "crow gull crow gull 17");
    change_text(path, file, "crow gull crow gull", "crow crow gull gull");
    expect_run(INDEX("verify", "-d", path), 0, NULL, "no damage");
    expect_run(INDEX("verify", "--deep", "-d", path), 4, "have it at other positions", NULL);
}

Test(rescue, so_does_a_text_of_another_length)
{
    const char *path = runner_path("index"), *file = runner_path("index/data.mdb");

    make_one(path, "crow gull 17");
    change_text(path, file, "crow gull", "crow/gul ");
    change_text(path, file, "/gul ", "gulls");
    expect_run(INDEX("verify", "--deep", "-d", path), 4, "its length is not that of its text",
               NULL);
}

/* ---- saving what can be read ---- */

/* Many articles with texts of their own, of several blocks; some removed. */
static const char *make_many(void)
{
    const char *path = runner_path("index"), *input = runner_path("input.jsonl");
    struct dice dice = dice_of(5);
    FILE *out = fopen(input, "we");

    cr_assert_not_null(out);
    for (int i = 0; i < ARTICLES; i++) {
        cr_assert(fprintf(out, "{\"id\":\"a%d\",\"text\":\"", i) > 0);
        for (int word = 0; word < 60; word++)
            cr_assert(fprintf(out, "w%x ", (unsigned)dice_roll(&dice)) > 0);
        cr_assert(fputs("\"}\n", out) >= 0);
    }
    cr_assert_eq(fclose(out), 0);
    runner_expect(0, "lede-index", ARGUMENTS("add", "-q", "-j1", "-d", path, input));
    runner_expect(0, "lede-index", ARGUMENTS("rm", "-q", "-d", path, "a7", "a77", "a377"));
    return path;
}

static void damage(const char *file, size_t offset)
{
    size_t size;
    char *bytes = runner_read(file, &size);

    cr_assert(offset < size);
    bytes[offset] ^= 1;
    runner_write(file, bytes, size);
    free(bytes);
}

/* Every line of some is one of all. */
static void expect_lines_of(const char *some, const char *all)
{
    for (const char *at = some; *at; at = strchr(at, '\n') + 1) {
        size_t size = (size_t)(strchr(at, '\n') + 1 - at);

        cr_expect_not_null(memmem(all, strlen(all), at, size), "%.*s", (int)size, at);
    }
}

/* A piece with stored articles, which are behind postings and positions. */
static struct record find_text(const char *path)
{
    struct snapshot *snapshot;
    struct store *store;
    uint8_t key[EXTENT_KEY_SIZE];
    uint64_t before = 0, size;

    cr_assert_eq(store_open(path, &store, NULL), LEDE_OK);
    cr_assert_eq(snapshot_of(store, &snapshot, NULL), LEDE_OK);
    for (int kind = 0; kind < STREAM_ARTICLES; kind++)
        before += snapshot->manifest.segments[0].stream_sizes[kind];
    size = snapshot->manifest.segments[0].stream_sizes[STREAM_ARTICLES];
    snapshot_close(snapshot);
    store_close(store);
    cr_assert_leq(size, BUNDLE_STREAM);
    return find_piece(path, (uint32_t)((before + size / 2) / BUNDLE_PIECE), key);
}

Test(rescue, export_saves_what_is_not_damaged_and_counts_what_is)
{
    const char *path = make_many(), *file = runner_path("index/data.mdb");
    struct record record = find_text(path);
    struct run whole = INDEX("export", "-d", path), run;
    unsigned saved = 0, lost = 0;

    cr_assert_eq(whole.code, 0);
    cr_assert_eq(count_lines(whole.out), ARTICLES - 3);
    damage(file, record.offset + record.size / 2);
    run = INDEX("export", "-d", path);
    cr_expect_eq(run.code, 4, "%s", run.err);
    cr_assert(strstr(run.err, "articles were saved"));
    cr_assert_eq(sscanf(strstr(run.err, "articles were saved") - 4, "%u articles were saved, %u",
                        &saved, &lost),
                 2, "%s", run.err);
    cr_expect_eq(saved + lost, ARTICLES - 3);
    cr_expect_eq(count_lines(run.out), saved);
    cr_expect(saved > ARTICLES / 2 && lost > 0, "%u saved", saved);
    expect_lines_of(run.out, whole.out);
    run_done(&run);
    run_done(&whole);
    expect_run(INDEX("verify", "-d", path), 4, "fails its checksum", "export can save ");
}

Test(rescue, where_it_cannot_be_told_what_was_removed_export_gives_all)
{
    const char *path = make_many(), *file = runner_path("index/data.mdb");
    uint8_t key[DELETION_KEY_SIZE];
    struct run run;

    deletion_key(key, 0, 0);
    damage(file, find_record(path, TABLE_DELETED, slice_of(key, sizeof key)).offset + 100);
    run = INDEX("export", "-d", path);
    cr_expect_eq(run.code, 4);
    cr_expect_eq(count_lines(run.out), ARTICLES);
    cr_expect(strstr(run.err, "may have been removed"), "%s", run.err);
    run_done(&run);
}
