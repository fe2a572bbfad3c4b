#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "index/verify.h"
#include "indexer/compact.h"
#include "tests/indexer/articles.h"

TestSuite(compact, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

enum { PIECES = 700 };

static struct piece pieces[PIECES];
static bool live[PIECES]; /* as the index has them */

static struct lede_writer *open_writer(const char *path, const struct lede_writer_options *options)
{
    struct lede_writer *writer = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_open(path, options, &writer, &error), LEDE_OK, "%s", error.text);
    return writer;
}

static void commit(struct lede_writer *writer)
{
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
}

static void add(struct lede_writer *writer, const struct piece *piece)
{
    struct lede_error error = {0};

    cr_assert_eq(article_add(writer, piece, &error), LEDE_OK, "%s", error.text);
}

static struct compact_totals compact(const char *path)
{
    struct compact_options options = {.memory = 32 << 20};
    struct compact_totals totals;
    struct lede_error error = {0};

    cr_assert_eq(compact_index(path, &options, &totals, &error), LEDE_OK, "%s", error.text);
    cr_expect(totals.done);
    return totals;
}

static void report(void *context, const char *what)
{
    (void)context;
    cr_expect(false, "%s", what);
}

static void expect_sound(const char *path, uint64_t segments)
{
    struct verify_totals totals = {0};
    struct lede_error error = {0};

    cr_expect_eq(verify_index(path, true, report, NULL, &totals, &error), LEDE_OK, "%s",
                 error.text);
    cr_expect_eq(totals.segments, segments);
    cr_expect_eq(totals.deleted, 0);
    cr_expect_eq(totals.garbage, 0);
}

/* ---- histories ---- */

static void make_pieces(struct dice *dice)
{
    for (uint32_t i = 0; i < PIECES; i++)
        article_make(dice, &pieces[i], i, dice_below(dice, 20) ? dice_below(dice, 90) : 0);
    free(pieces[3].text);
    pieces[3].text = malloc(400000); /* over several stored blocks */
    cr_assert(pieces[3].text);
    article_words(dice, 15000, pieces[3].text);
}

static void free_pieces(void)
{
    for (uint32_t i = 0; i < PIECES; i++)
        free(pieces[i].text);
}

/* Adds, replaces and removes at random, with commits in between; notes what is live. */
static void live_through(struct dice *dice, const char *path,
                         const struct lede_writer_options *options)
{
    struct lede_writer *writer = open_writer(path, options);

    memset(live, 0, sizeof live);
    for (uint32_t step = 0; step < PIECES * 3 / 2; step++) {
        uint32_t which = step < 4 ? 3 - step : dice_below(dice, PIECES);

        if (live[which] && dice_below(dice, 2)) {
            cr_assert_leq(lede_writer_remove(writer, bytes_of(pieces[which].id), NULL),
                          LEDE_MISSING);
            live[which] = false;
        } else if (!live[which]) {
            add(writer, &pieces[which]);
            live[which] = true;
        }
        if (dice_below(dice, 60) == 0)
            commit(writer);
    }
    commit(writer);
    lede_writer_close(writer);
}

/* What an index has, in its order, into a new one. */
static void add_live(const char *path, const char *like, const struct lede_writer_options *options,
                     uint32_t commit_every)
{
    struct lede_writer *writer = open_writer(path, options);
    struct lede_index *index;
    struct lede_cursor cursor = {0};
    struct lede_hit hit;
    uint32_t added = 0;

    cr_assert_eq(lede_index_open(&like, 1, &index, NULL), LEDE_OK);
    while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK) {
        struct lede_stored *stored;

        cr_assert_eq(lede_stored_get(index, &hit, &stored, NULL), LEDE_OK);
        cr_assert_eq(lede_writer_add(writer, lede_stored_article(stored), NULL), LEDE_OK);
        lede_stored_free(stored);
        if (commit_every && ++added % commit_every == 0)
            commit(writer);
    }
    lede_index_close(index);
    commit(writer);
    lede_writer_close(writer);
}

/* ---- comparing ---- */

static void expect_same_bytes(struct lede_bytes a, struct lede_bytes b)
{
    cr_assert_eq(a.size, b.size);
    cr_assert(a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

static void expect_same_article(const struct lede_article *a, const struct lede_article *b)
{
    expect_same_bytes(a->id, b->id);
    expect_same_bytes(a->title, b->title);
    expect_same_bytes(a->text, b->text);
    expect_same_bytes(a->url, b->url);
    expect_same_bytes(a->language, b->language);
    expect_same_bytes(a->source, b->source);
    cr_assert_eq(a->source_offset, b->source_offset);
    cr_assert_eq(a->source_size, b->source_size);
    cr_assert_eq(a->date.seconds, b->date.seconds);
    cr_assert_eq(a->date.precision, b->date.precision);
    cr_assert_eq(a->metadata_count, b->metadata_count);
    for (size_t i = 0; i < a->metadata_count; i++) {
        expect_same_bytes(a->metadata[i].name, b->metadata[i].name);
        expect_same_bytes(a->metadata[i].value, b->metadata[i].value);
    }
}

/* Both export the same, in the same order; returns how many. */
static uint64_t expect_same_export(struct lede_index *a, struct lede_index *b)
{
    struct lede_cursor at_a = {0}, at_b = {0};
    uint64_t count = 0;

    for (;; count++) {
        struct lede_hit hit_a = {0}, hit_b = {0};
        struct lede_stored *stored_a, *stored_b;
        enum lede_status status = lede_cursor_next(a, &at_a, &hit_a, NULL);

        cr_assert_eq(lede_cursor_next(b, &at_b, &hit_b, NULL), status);
        if (status != LEDE_OK)
            return count;
        cr_assert_eq(lede_stored_get(a, &hit_a, &stored_a, NULL), LEDE_OK);
        cr_assert_eq(lede_stored_get(b, &hit_b, &stored_b, NULL), LEDE_OK);
        cr_assert_eq(lede_stored_text_kept(stored_a), lede_stored_text_kept(stored_b));
        expect_same_article(lede_stored_article(stored_a), lede_stored_article(stored_b));
        lede_stored_free(stored_a);
        lede_stored_free(stored_b);
    }
}

static void expect_same_articles(const char *a, const char *b)
{
    struct lede_index *index_a, *index_b;

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    cr_expect_gt(expect_same_export(index_a, index_b), 100);
    lede_index_close(index_a);
    lede_index_close(index_b);
}

static void expect_same_answer(struct lede_index *a, struct lede_index *b, const char *query,
                               const struct lede_search_options *options)
{
    struct lede_results *results_a, *results_b;
    struct lede_error error = {0};

    cr_assert_eq(lede_search(a, bytes_of(query), options, &results_a, &error), LEDE_OK, "%s",
                 error.text);
    cr_assert_eq(lede_search(b, bytes_of(query), options, &results_b, &error), LEDE_OK, "%s",
                 error.text);
    cr_assert_eq(lede_results_total(results_a), lede_results_total(results_b), "%s", query);
    cr_assert_eq(lede_results_count(results_a), lede_results_count(results_b), "%s", query);
    for (size_t i = 0; i < lede_results_count(results_a); i++) {
        const struct lede_hit *x = lede_results_hit(results_a, i),
                              *y = lede_results_hit(results_b, i);

        expect_same_bytes(x->id, y->id);
        cr_assert_eq(memcmp(&x->score, &y->score, sizeof x->score), 0, "%s: %a and %a", query,
                     x->score, y->score);
    }
    lede_results_free(results_a);
    lede_results_free(results_b);
}

/* Words of an article that may be live or not, plain, required, as a phrase, of titles. */
static void make_query(struct dice *dice, char query[256])
{
    static const char *const forms[] = {"%s %s", "+%s %s", "\"%s %s\"", "title:%s %s", "%s -%s"};
    char words[2][64] = {"", ""};

    for (int i = 0; i < 2; i++)
        words[i][article_word(dice, words[i])] = '\0';
    snprintf(query, 256, forms[dice_below(dice, 5)], words[0], words[1]);
}

static void expect_same(struct dice *dice, const char *a, const char *b)
{
    struct lede_index *index_a, *index_b;
    struct lede_search_options options = {.limit = 30, .count_matches = true};

    cr_assert_eq(lede_index_open(&a, 1, &index_a, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&b, 1, &index_b, NULL), LEDE_OK);
    cr_expect_gt(expect_same_export(index_a, index_b), 100);
    for (int i = 0; i < 400; i++) {
        char query[256];

        make_query(dice, query);
        options.any = dice_below(dice, 2);
        options.exhaustive = dice_below(dice, 4) == 0;
        expect_same_answer(index_a, index_b, query, &options);
    }
    lede_index_close(index_a);
    lede_index_close(index_b);
}

/* The bytes of a stream, extent by extent, and of the dictionary's pages but for what the segment's
 * number decides: keys and checksums. */
static uint64_t segment_digest(const char *path)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};
    uint64_t digest;

    cr_assert_eq(snapshot_open(path, &snapshot, &error), LEDE_OK, "%s", error.text);
    cr_assert_eq(snapshot->segment_count, 1);
    struct segment_info info = *snapshot->segments[0].info;
    uint32_t number = info.number;

    info.number = 0;
    digest = XXH3_64bits(info.stream_sizes, sizeof info.stream_sizes);
    digest = XXH3_64bits_withSeed(&info.average, sizeof info.average, digest + info.tokens);
    for (int kind = 0; kind < STREAM_COUNT; kind++) {
        struct stream *stream = &snapshot->segments[0].streams[kind];

        for (uint64_t at = 0; at < stream->size; at += EXTENT_CAPACITY) {
            size_t size = stream_left(stream, at, &error);
            const uint8_t *bytes = stream_at(stream, at, size, &error);

            cr_assert(bytes, "%s", error.text);
            digest = XXH3_64bits_withSeed(bytes, size, digest);
        }
    }
    uint8_t from[5 + KEY_TERM_MAX] = {0};
    size_t from_size = 4;
    struct slice key, value;

    store_be32(from, number);
    while (store_seek(&snapshot->records, TABLE_DICT, slice_of(from, from_size), &key, &value,
                      &error) == LEDE_OK) {
        digest = XXH3_64bits_withSeed(key.data + 4, key.size - 4, digest);
        digest = XXH3_64bits_withSeed(value.data + 4, value.size - 4, digest);
        memcpy(from, key.data, key.size);
        from[key.size] = 0;
        from_size = key.size + 1;
    }
    snapshot_close(snapshot);
    return digest;
}

/* ---- what comes out ---- */

static void compare_with_anew(const struct lede_writer_options *options)
{
    struct dice dice = dice_of(scratch_seed());
    struct compact_totals totals;

    make_pieces(&dice);
    live_through(&dice, "index", options);
    add_live("anew", "index", options, 0);
    add_live("pieces", "index", options, 37);
    totals = compact("index");
    cr_expect_gt(totals.segments, 5);
    cr_expect_gt(totals.removed, 20);
    cr_expect_lt(totals.after, totals.before);
    expect_sound("index", 1);
    if (!options->no_store)
        expect_same(&dice, "index", "anew");
    compact("anew");
    compact("pieces");
    cr_expect_eq(segment_digest("index"), segment_digest("anew"), "seed %u", scratch_seed());
    cr_expect_eq(segment_digest("index"), segment_digest("pieces"), "seed %u", scratch_seed());
    free_pieces();
}

Test(compact, the_index_is_as_if_only_the_live_articles_had_been_added)
{
    compare_with_anew(&(struct lede_writer_options){.jobs = 2});
}

Test(compact, neither_do_positions_have_to_be_there)
{
    compare_with_anew(&(struct lede_writer_options){.no_positions = true, .jobs = 1});
}

Test(compact, an_index_without_texts_keeps_its_answers)
{
    struct lede_writer_options options = {.no_store = true, .jobs = 1};
    struct lede_search_options all = {.limit = PIECES, .count_matches = true, .any = true};
    struct dice dice = dice_of(scratch_seed() + 1);
    const char *paths[] = {"index", "copy"};
    struct lede_index *index, *copy;

    make_pieces(&dice);
    live_through(&dice, "index", &options);
    cr_assert_eq(system("mkdir copy && cp index/data.mdb copy"), 0);
    compact("copy");
    compact("index");
    cr_assert_eq(lede_index_open(&paths[0], 1, &index, NULL), LEDE_OK);
    cr_assert_eq(lede_index_open(&paths[1], 1, &copy, NULL), LEDE_OK);
    expect_same_export(index, copy);
    expect_same_answer(index, copy, "kato mi", &all);
    lede_index_close(index);
    lede_index_close(copy);
    cr_expect_eq(segment_digest("index"), segment_digest("copy"));
    expect_sound("index", 1);
    free_pieces();
}

Test(compact, again_changes_nothing_and_the_index_can_be_written_on)
{
    struct dice dice = dice_of(scratch_seed() + 2);
    struct lede_writer *writer;
    uint64_t digest;

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
    compact("index");
    digest = segment_digest("index");
    compact("index");
    cr_expect_eq(segment_digest("index"), digest);
    writer = open_writer("index", NULL);
    for (uint32_t i = 0; i < PIECES; i += 2)
        add(writer, &pieces[i]);
    commit(writer);
    lede_writer_close(writer);
    compact("index");
    expect_sound("index", 1);
    free_pieces();
}

Test(compact, nothing_live_leaves_no_segment)
{
    struct dice dice = dice_of(scratch_seed() + 3);
    struct lede_writer *writer = open_writer("index", NULL);

    make_pieces(&dice);
    for (uint32_t i = 0; i < 20; i++)
        add(writer, &pieces[i]);
    commit(writer);
    for (uint32_t i = 0; i < 20; i++)
        cr_assert_eq(lede_writer_remove(writer, bytes_of(pieces[i].id), NULL), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
    cr_expect_eq(compact("index").articles, 0);
    expect_sound("index", 0);
    cr_expect_eq(compact("index").segments, 0);
    writer = open_writer("index", NULL);
    add(writer, &pieces[0]);
    commit(writer);
    lede_writer_close(writer);
    expect_sound("index", 1);
    free_pieces();
}

/* ---- who is in the way ---- */

static void small_index(void)
{
    struct dice dice = dice_of(scratch_seed() + 4);

    make_pieces(&dice);
    live_through(&dice, "index", &(struct lede_writer_options){.jobs = 1});
}

static enum lede_status compact_status(struct compact_totals *totals, struct lede_error *error)
{
    struct compact_options options = {.memory = 32 << 20};

    return compact_index("index", &options, totals, error);
}

Test(compact, an_index_that_is_open_in_this_process_is_left_alone)
{
    const char *path = "index";
    struct lede_index *index;
    struct compact_totals totals;
    struct lede_error error = {0};
    uint64_t digest;

    small_index();
    digest = index_digest("index");
    cr_assert_eq(lede_index_open(&path, 1, &index, NULL), LEDE_OK);
    cr_expect_eq(compact_status(&totals, &error), LEDE_BUSY);
    cr_expect(!totals.done);
    lede_index_close(index);
    cr_expect_eq(index_digest("index"), digest);
    free_pieces();
}

/* Has the index open until its standard input, a pipe, ends; then reads all of it. */
static pid_t start_reader(int from[2], int ready[2])
{
    const char *path = "index";
    struct lede_index *index;
    struct lede_cursor cursor = {0};
    struct lede_hit hit;
    struct lede_stored *stored;
    char byte = 0;
    pid_t pid;

    cr_assert_eq(pipe(from), 0);
    cr_assert_eq(pipe(ready), 0);
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid > 0) {
        close(from[0]);
        close(ready[1]);
        cr_assert_eq(read(ready[0], &byte, 1), 1);
        close(ready[0]);
        return pid;
    }
    close(from[1]);
    if (lede_index_open(&path, 1, &index, NULL) != LEDE_OK)
        _exit(1);
    if (write(ready[1], &byte, 1) != 1)
        _exit(2);
    (void)!read(from[0], &byte, 1);
    while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK) {
        if (lede_stored_get(index, &hit, &stored, NULL) != LEDE_OK)
            _exit(3);
        lede_stored_free(stored);
    }
    lede_index_close(index);
    _exit(0);
}

Test(compact, a_reader_of_another_process_keeps_the_file_but_not_the_segments)
{
    struct compact_totals totals;
    struct lede_error error = {0};
    int from[2], ready[2], code;
    pid_t pid;

    small_index();
    pid = start_reader(from, ready);
    cr_expect_eq(compact_status(&totals, &error), LEDE_BUSY);
    cr_expect(totals.done);
    cr_expect(strstr(error.text, "another process"), "%s", error.text);
    expect_sound("index", 1);
    close(from[1]);
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_expect_eq(code, 0, "the reader saw what it had opened");
    cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
    cr_expect_lt(compact("index").after, totals.before);
    expect_sound("index", 1);
    free_pieces();
}

/* Readers that open, read and close all the time, and compaction in between: LMDB's locks keep them
 * from seeing one file's table of readers with the other file. */
Test(compact, readers_that_come_and_go_see_one_file_or_the_other)
{
    struct compact_options options = {.memory = 32 << 20, .wait = 5};
    struct compact_totals totals;
    struct lede_error error = {0};
    uint32_t expected = 0;
    int code, busy = 0;
    pid_t pid;

    small_index();
    for (uint32_t i = 0; i < PIECES; i++)
        expected += live[i];
    pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        const char *path = "index";

        while (access("stop", F_OK) != 0) {
            struct lede_cursor cursor = {0};
            struct lede_index *index;
            struct lede_hit hit;
            uint32_t count = 0;

            if (lede_index_open(&path, 1, &index, &error) != LEDE_OK) {
                (void)fprintf(stderr, "%s\n", error.text);
                _exit(1);
            }
            while (lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK)
                count++;
            lede_index_close(index);
            if (count != expected)
                _exit(2);
        }
        _exit(0);
    }
    for (int i = 0; i < 10; i++) {
        enum lede_status status = compact_index("index", &options, &totals, &error);

        cr_expect(status == LEDE_OK || status == LEDE_BUSY, "%s", error.text);
        cr_expect(totals.done);
        busy += status == LEDE_BUSY;
    }
    scratch_file("stop", "");
    cr_assert_eq(waitpid(pid, &code, 0), pid);
    cr_expect_eq(code, 0, "%d", code);
    cr_expect_lt(busy, 10);
    expect_sound("index", 1);
    free_pieces();
}

/* ---- what goes wrong ---- */

Test(compact, too_little_memory_is_told_and_changes_nothing)
{
    struct compact_options options = {.memory = 3 << 20};
    struct compact_totals totals;
    struct lede_error error = {0};
    uint64_t digest;

    small_index();
    digest = index_digest("index");
    cr_expect_eq(compact_index("index", &options, &totals, &error), LEDE_NO_MEMORY);
    cr_expect(strstr(error.text, "--memory"), "%s", error.text);
    cr_expect(!totals.done);
    cr_expect_eq(index_digest("index"), digest);
    free_pieces();
}

/* A disk that is full at some size of the file: before the flip all is as it was, behind it all is
 * there. */
Test(compact, a_full_disk_leaves_the_old_or_the_new)
{
    struct stat about;

    (void)signal(SIGXFSZ, SIG_IGN);
    small_index();
    cr_assert_eq(stat("index/data.mdb", &about), 0);
    cr_assert_eq(system("cp -r index kept"), 0);
    for (int more = 0; more <= 40; more += 4) {
        struct rlimit old, limit;
        struct compact_totals totals;
        struct lede_error error = {0};
        enum lede_status status;

        cr_assert_eq(system("rm -rf index; mkdir index; cp kept/data.mdb index"), 0);
        cr_assert_eq(getrlimit(RLIMIT_FSIZE, &old), 0);
        limit = old;
        limit.rlim_cur = (rlim_t)about.st_size + (rlim_t)more * 16384;
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
        status = compact_status(&totals, &error);
        cr_assert_eq(setrlimit(RLIMIT_FSIZE, &old), 0);
        cr_expect(totals.done || status != LEDE_OK);
        expect_same_articles("index", "kept");
        cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
        compact("index");
        expect_sound("index", 1);
    }
    free_pieces();
}

/* Killed at any moment: what is there is whole, and compacts. */
Test(compact, a_killed_compaction_leaves_a_whole_index)
{
    uint64_t digest;

    small_index();
    cr_assert_eq(system("cp -r index done"), 0);
    compact("done");
    digest = segment_digest("done");
    for (int i = 0; i < 12; i++) {
        struct compact_totals totals;
        pid_t pid;

        cr_assert_eq(system("rm -rf index; cp -r done index"), 0);
        pid = fork();
        cr_assert_geq(pid, 0);
        if (pid == 0)
            _exit((int)compact_status(&totals, NULL));
        (void)usleep((unsigned)i * 4000);
        kill(pid, SIGKILL);
        cr_assert_eq(waitpid(pid, NULL, 0), pid);
        compact("index");
        expect_sound("index", 1);
        cr_expect_eq(segment_digest("index"), digest);
        cr_expect_neq(access("index/data.mdb.new", F_OK), 0);
    }
    free_pieces();
}

Test(compact, a_damaged_posting_list_is_not_passed_on)
{
    struct compact_totals totals;
    struct lede_error error = {0};
    struct snapshot *snapshot;
    const uint8_t *postings;
    char *bytes, *found = NULL;
    size_t size;

    small_index();
    cr_assert_eq(snapshot_open("index", &snapshot, NULL), LEDE_OK);
    for (size_t i = 0; i < snapshot->segment_count && !found; i++) {
        struct stream *stream = &snapshot->segments[i].streams[STREAM_POSITIONS];

        if (stream->size < 40)
            continue;
        postings = stream_at(stream, 0, 40, &error);
        cr_assert(postings);
        bytes = scratch_read("index/data.mdb", &size);
        found = memmem(bytes, size, postings, 40);
        cr_assert(found);
        found[11] ^= 1;
        scratch_write("damaged", bytes, size);
        free(bytes);
    }
    snapshot_close(snapshot);
    cr_assert(found, "there are positions");
    cr_assert_eq(system("cp damaged index/data.mdb"), 0);
    cr_expect_eq(compact_status(&totals, &error), LEDE_CORRUPT, "%s", error.text);
    cr_expect(!totals.done);
    free_pieces();
}

Test(compact, where_there_is_no_index_none_is_made)
{
    struct compact_totals totals;

    cr_expect_eq(compact_status(&totals, NULL), LEDE_MISSING);
    cr_expect_neq(access("index", F_OK), 0);
}
