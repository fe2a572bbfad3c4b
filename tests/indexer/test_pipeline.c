#include "base/account.h"
#include "indexer/assembly.h"
#include "tests/indexer/articles.h"

TestSuite(pipeline, .init = scratch_make, .fini = scratch_remove);

enum { COUNT = 2000 };

static struct piece pieces[COUNT];
static uint32_t cuts[COUNT]; /* articles of each batch */

static size_t make_pieces(struct dice *dice, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        article_make(dice, &pieces[i], (uint32_t)i, dice_bits(dice, 10));
        cuts[i] = 1 + dice_bits(dice, 7);
    }
    return count;
}

static void free_pieces(size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(pieces[i].text);
}

static struct worker_options options_of(size_t budget)
{
    return (struct worker_options){
        .positions = true, .keep_text = true, .budget = budget, .directory = scratch};
}

/* A sink that keeps a hash of the records. */
static enum lede_status hash_record(void *context, char table, struct slice key, struct slice value,
                                    struct lede_error *err)
{
    uint64_t *digest = context;

    (void)err;
    *digest = XXH3_64bits_withSeed(key.data, key.size, *digest + (uint64_t)table);
    *digest = XXH3_64bits_withSeed(value.data, value.size, *digest);
    return LEDE_OK;
}

static void take_one(struct pipeline *pipeline, struct assembly *assembly, bool wait)
{
    struct batch *batch = pipeline_take(pipeline, wait);
    struct lede_error error = {0};

    if (!batch)
        return;
    cr_assert_eq(batch->status, LEDE_OK, "%s", batch->error.text);
    cr_assert_eq(assembly_batch(assembly, batch, &error), LEDE_OK, "%s", error.text);
    pipeline_recycle(pipeline, batch);
}

static struct batch *fill(struct pipeline *pipeline, size_t from, size_t count)
{
    struct batch *batch;
    struct lede_error error = {0};

    cr_assert_eq(pipeline_batch(pipeline, 0, &batch, &error), LEDE_OK, "%s", error.text);
    for (size_t i = from; i < from + count; i++) {
        const struct piece *piece = &pieces[i];
        struct lede_article article = {.id = bytes_of(piece->id),
                                       .title = bytes_of(piece->title),
                                       .text = bytes_of(piece->text)};
        size_t size;

        cr_assert_eq(batch_article_size(&article, &size, NULL), LEDE_OK);
        if (!batch_has_room(batch, size))
            break;
        cr_assert_eq(batch_add(batch, &article, 1, NULL), LEDE_OK);
        batch->articles[batch->count - 1].unchanged = i % 11 == 0;
        batch->documents += i % 11 != 0;
    }
    return batch;
}

struct trial {
    struct pipeline *pipeline;
    struct assembly assembly;
    size_t count;
    bool relieve; /* now and then spill everything, as when memory is short */
};

/* Sends the pieces from first on through the pipeline, in batches cut as cuts says. */
static void send_all(struct trial *trial, size_t first)
{
    struct assembly *assembly = &trial->assembly;
    uint32_t number = 0;
    struct batch *batch;

    for (size_t i = first; i < trial->count; i += batch->count) {
        bool relieve = trial->relieve && number % 7 == 3;

        while (relieve ? assembly->batches < number : !pipeline_has_room(trial->pipeline, 0))
            take_one(trial->pipeline, assembly, true);
        if (relieve)
            cr_assert_eq(pipeline_relieve(trial->pipeline, NULL), LEDE_OK);
        batch = fill(trial->pipeline, i, cuts[i] < trial->count - i ? cuts[i] : trial->count - i);
        batch->number = number++;
        cr_assert_eq(pipeline_submit(trial->pipeline, batch, NULL), LEDE_OK);
        take_one(trial->pipeline, assembly, false);
    }
    while (assembly->batches < number)
        take_one(trial->pipeline, assembly, true);
}

/* Writes the pieces as two segments; returns the hash of their records. */
static uint64_t write_segments(unsigned jobs, size_t budget, size_t count, bool relieve)
{
    uint64_t digest = 0;
    struct record_sink sink = {&digest, hash_record};
    struct worker_options options = options_of(budget);
    struct trial trial = {.count = count, .relieve = relieve};
    struct lede_error error = {0};
    struct account account;

    account_init(&account, 0);
    cr_assert_eq(pipeline_new(jobs, &options, &account, &trial.pipeline, &error), LEDE_OK, "%s",
                 error.text);
    for (uint32_t segment = 1; segment <= 2; segment++) {
        struct segment_options wanted = {segment, true, 1.2, 0.75};
        struct segment_info info;

        cr_assert_eq(
            assembly_begin(&trial.assembly, &wanted, true, scratch, &sink, &account, &error),
            LEDE_OK);
        send_all(&trial, segment == 1 ? 0 : count / 3);
        cr_assert_eq(assembly_finish(&trial.assembly, trial.pipeline, &info, &error), LEDE_OK, "%s",
                     error.text);
        cr_assert_gt(info.postings, info.documents);
        assembly_done(&trial.assembly);
    }
    pipeline_free(trial.pipeline);
    cr_assert_eq(account.used, 0);
    return digest;
}

Test(pipeline, segments_are_the_same_for_any_number_of_threads_and_any_budget)
{
    struct dice dice = dice_new();
    size_t count = make_pieces(&dice, getenv("LEDE_SANITIZED") ? COUNT / 4 : COUNT);
    uint64_t digest = write_segments(1, 64 << 20, count, false);

    cr_assert_eq(write_segments(1, 128 << 10, count, false), digest, "seed %lu", dice.seed);
    cr_assert_eq(write_segments(2, 64 << 20, count, true), digest, "seed %lu", dice.seed);
    cr_assert_eq(write_segments(3, 96 << 10, count, false), digest, "seed %lu", dice.seed);
    cr_assert_eq(write_segments(7, 200 << 10, count, true), digest, "seed %lu", dice.seed);
    free_pieces(count);
}

Test(pipeline, an_article_too_large_for_an_inverter_fails_its_batch_and_stops_the_others)
{
    struct dice dice = dice_new();
    struct worker_options options = options_of(INVERTER_BUDGET_MIN);
    struct pipeline *pipeline;
    struct batch *batch;

    article_make(&dice, &pieces[0], 0, 3);
    article_make(&dice, &pieces[1], 1, 30000);
    article_make(&dice, &pieces[2], 2, 3);
    cr_assert_eq(pipeline_new(1, &options, NULL, &pipeline, NULL), LEDE_OK);
    for (size_t i = 0; i < 3; i++) {
        enum lede_status expected = i == 0 ? LEDE_OK : i == 1 ? LEDE_NO_MEMORY : LEDE_INTERRUPTED;

        batch = fill(pipeline, i, 1);
        batch->number = (uint32_t)i;
        cr_assert_eq(pipeline_submit(pipeline, batch, NULL), LEDE_OK);
        batch = pipeline_take(pipeline, true);
        cr_assert_eq(batch->status, expected, "batch %zu: %d", i, batch->status);
        pipeline_recycle(pipeline, batch);
    }
    cr_assert_null(pipeline_take(pipeline, true));
    pipeline_free(pipeline);
    free_pieces(3);
}

Test(pipeline, freeing_it_frees_what_is_on_its_way)
{
    struct dice dice = dice_new();
    size_t count = make_pieces(&dice, 300);
    struct worker_options options = options_of(1 << 20);
    struct pipeline *pipeline;
    struct account account;

    account_init(&account, 0);
    cr_assert_eq(pipeline_new(4, &options, &account, &pipeline, NULL), LEDE_OK);
    for (uint32_t i = 0; pipeline_has_room(pipeline, 0); i++) {
        struct batch *batch = fill(pipeline, 30 * (size_t)i, 30);

        batch->number = i;
        cr_assert_eq(pipeline_submit(pipeline, batch, NULL), LEDE_OK);
    }
    pipeline_free(pipeline);
    cr_assert_eq(account.used, 0);
    free_pieces(count);
}

/* Every limit on the way up: memory that runs out anywhere in making a pipeline is a status. */
Test(pipeline, without_memory_there_is_none_and_nothing_leaks)
{
    struct worker_options options = options_of(1 << 20);
    struct pipeline *pipeline;
    struct account account;
    enum lede_status status = LEDE_NO_MEMORY;
    size_t limit;

    for (limit = 1000; status == LEDE_NO_MEMORY; limit += limit / 3) {
        account_init(&account, limit);
        status = pipeline_new(2, &options, &account, &pipeline, NULL);
        if (status == LEDE_OK)
            pipeline_free(pipeline);
        cr_assert_eq(account.used, 0);
    }
    cr_assert_eq(status, LEDE_OK);
    cr_assert_lt(limit, 64 << 20);
}
