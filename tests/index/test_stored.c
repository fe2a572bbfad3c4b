#include <criterion/criterion.h>
#include <stdio.h>
#include <zstd.h>

#include "base/account.h"
#include "index/stored.h"
#include "tests/index/byte_stream.h"
#include "tests/index/dice.h"

enum { SEGMENT = 8, LEVEL = 3, ENOUGH = 64 << 20 };

/* Articles packed as one run, written and opened. */
struct shelf {
    struct memory_records memory;
    struct stream articles;
    struct stored_reader reader;
    struct buffer raw, fields;
    int64_t *locations;
    size_t count;
};

static void run_pack(struct stored_run *run, const struct stored_article *articles, size_t count,
                     struct stored_place *places)
{
    struct stored_packer *packer;

    cr_assert_eq(stored_packer_new(LEVEL, NULL, &packer, NULL), LEDE_OK);
    stored_run_init(run, NULL);
    for (size_t i = 0; i < count; i++)
        cr_assert_eq(stored_packer_add(packer, &articles[i], run, &places[i], NULL), LEDE_OK);
    cr_assert_eq(stored_packer_flush(packer, run, NULL), LEDE_OK);
    stored_packer_free(packer);
}

static void shelf_write(struct shelf *shelf, const struct stored_article *articles, size_t count)
{
    struct stored_place *places = calloc(count + 1, sizeof *places);
    struct stored_run run;
    struct stream_writer writer;
    uint64_t *offsets;

    memset(shelf, 0, sizeof *shelf);
    memory_records_init(&shelf->memory);
    buffer_init(&shelf->raw, NULL);
    buffer_init(&shelf->fields, NULL);
    shelf->locations = calloc(count + 1, sizeof *shelf->locations);
    shelf->count = count;
    cr_assert(places && shelf->locations);
    run_pack(&run, articles, count, places);
    offsets = calloc(run.sizes.size + 1, sizeof *offsets);
    cr_assert(offsets);
    stream_writer_init(&writer, SEGMENT, STREAM_ARTICLES, &shelf->memory.sink, NULL);
    cr_assert_eq(stored_run_write(&run, &writer, offsets, NULL), LEDE_OK);
    byte_stream_open(&shelf->memory, &writer, &shelf->articles);
    for (size_t i = 0; i < count; i++) {
        cr_assert_lt(places[i].place, STORED_BLOCK);
        shelf->locations[i] = stored_location(offsets[places[i].block], places[i].place);
    }
    free(offsets);
    free(places);
    stored_run_done(&run);
}

static void shelf_done(struct shelf *shelf)
{
    stored_reader_done(&shelf->reader);
    stream_done(&shelf->articles);
    memory_records_done(&shelf->memory);
    buffer_done(&shelf->raw);
    buffer_done(&shelf->fields);
    free(shelf->locations);
}

static enum lede_status get(struct shelf *shelf, int64_t location, bool with_text, size_t limit,
                            struct stored_article *article)
{
    return stored_reader_get(&shelf->reader, &shelf->articles, location, with_text, limit,
                             &shelf->raw, &shelf->fields, article, NULL);
}

static bool article_equal(const struct stored_article *a, const struct stored_article *b)
{
    if (!slice_equal(a->title, b->title) || !slice_equal(a->url, b->url) ||
        !slice_equal(a->language, b->language) || !slice_equal(a->text, b->text) ||
        a->text_kept != b->text_kept || a->metadata_count != b->metadata_count)
        return false;
    for (size_t i = 0; i < a->metadata_count; i++)
        if (!slice_equal(a->metadata[i].name, b->metadata[i].name) ||
            !slice_equal(a->metadata[i].value, b->metadata[i].value))
            return false;
    return true;
}

/* ---- the example ---- */

static const uint8_t example_bytes[] = {0x10, 0,   0,   0, 0x10, 0,   0, 0,   2, 'H', 'i', 0,
                                        2,    'e', 'n', 1, 1,    'k', 1, 'v', 1, 2,   'o', 'k'};

static struct stored_article example(void)
{
    static const struct stored_field field = {{(const uint8_t *)"k", 1}, {(const uint8_t *)"v", 1}};

    return (struct stored_article){.title = slice_str("Hi"),
                                   .language = slice_str("en"),
                                   .metadata = &field,
                                   .metadata_count = 1,
                                   .text = slice_str("ok"),
                                   .text_kept = true};
}

Test(stored, the_example_of_the_header_is_these_bytes)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(shelf.locations[0], 0);
    cr_assert_eq(shelf.articles.size, sizeof example_bytes);
    cr_expect_arr_eq(stream_at(&shelf.articles, 0, sizeof example_bytes, NULL), example_bytes,
                     sizeof example_bytes);
    cr_expect_eq(get(&shelf, 0, true, ENOUGH, &read), LEDE_OK);
    cr_expect(article_equal(&read, &article));
    shelf_done(&shelf);
}

Test(stored, a_location_is_block_and_place)
{
    cr_expect_eq(stored_location(EXTENT_CAPACITY, 25), 17160994841);
    cr_expect_eq(stored_location(0, 0), 0);
}

Test(stored, without_text_all_else_is_there)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(get(&shelf, 0, false, ENOUGH, &read), LEDE_OK);
    cr_expect_eq(read.text.size, 0);
    article.text = slice_of(NULL, 0);
    cr_expect(article_equal(&read, &article));
    shelf_done(&shelf);
}

Test(stored, a_text_that_is_not_kept_leaves_no_bytes)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    article.text_kept = false;
    shelf_write(&shelf, &article, 1);
    cr_expect_eq(shelf.articles.size, sizeof example_bytes - 2);
    cr_expect_eq(get(&shelf, 0, true, ENOUGH, &read), LEDE_OK);
    cr_expect_not(read.text_kept);
    cr_expect_eq(read.text.size, 0);
    shelf_done(&shelf);
}

Test(stored, a_get_with_a_context_of_its_own_reads_the_same)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(
        stored_get(&shelf.articles, 0, true, ENOUGH, &shelf.raw, &shelf.fields, &read, NULL),
        LEDE_OK);
    cr_expect(article_equal(&read, &article));
    shelf_done(&shelf);
}

/* ---- random articles ---- */

/* Borrowed bytes of a pool: of few letters (which compress) or of noise (which does not). */
struct pool {
    struct dice dice;
    uint8_t *letters, *noise;
};

enum { POOL = 1 << 20 };

static void pool_init(struct pool *pool)
{
    pool->dice = dice_new();
    pool->letters = malloc(POOL);
    pool->noise = malloc(POOL);
    cr_assert(pool->letters && pool->noise);
    for (size_t i = 0; i < POOL; i++) {
        pool->letters[i] = (uint8_t)('a' + dice_below(&pool->dice, 5));
        pool->noise[i] = (uint8_t)dice_roll(&pool->dice);
    }
}

static void pool_done(struct pool *pool)
{
    free(pool->letters);
    free(pool->noise);
}

/* Up to most bytes; small sizes are as frequent as large ones. */
static struct slice random_slice(struct pool *pool, unsigned bits)
{
    size_t size = dice_bits(&pool->dice, bits);
    size_t at = dice_below(&pool->dice, (uint32_t)(POOL - size));

    return slice_of((dice_below(&pool->dice, 2) ? pool->letters : pool->noise) + at, size);
}

static void random_article(struct pool *pool, struct stored_field *fields,
                           struct stored_article *article)
{
    memset(article, 0, sizeof *article);
    article->title = random_slice(pool, dice_below(&pool->dice, 50) ? 7 : 18);
    article->url = random_slice(pool, 8);
    article->language = random_slice(pool, 3);
    article->metadata = fields;
    article->metadata_count = dice_bits(&pool->dice, 3);
    for (size_t i = 0; i < article->metadata_count; i++)
        fields[i] = (struct stored_field){random_slice(pool, 4),
                                          random_slice(pool, dice_below(&pool->dice, 50) ? 6 : 17)};
    article->text_kept = dice_below(&pool->dice, 8) > 0;
    if (article->text_kept)
        article->text = random_slice(pool, dice_below(&pool->dice, 8) ? 13 : 19);
}

Test(stored, whatever_is_written_is_read_with_and_without_its_text)
{
    enum { COUNT = 700, FIELDS = 8 };
    struct stored_article *articles = calloc(COUNT, sizeof *articles);
    struct stored_field(*fields)[FIELDS] = calloc(COUNT, sizeof *fields);
    struct pool pool;
    struct shelf shelf;

    cr_assert(articles && fields);
    pool_init(&pool);
    for (int i = 0; i < COUNT; i++)
        random_article(&pool, fields[i], &articles[i]);
    for (int i = 0; i < 2; i++) { /* more than an extent holds, whatever the others came to */
        articles[i].text_kept = true;
        articles[i].text = slice_of(pool.noise, POOL);
    }
    shelf_write(&shelf, articles, COUNT);
    cr_expect_gt(shelf.articles.count, 1);
    for (int i = 0; i < COUNT; i++) {
        struct stored_article read, expected = articles[i];

        cr_assert_eq(get(&shelf, shelf.locations[i], true, ENOUGH, &read), LEDE_OK,
                     "LEDE_SEED=%llu", (unsigned long long)pool.dice.seed);
        cr_assert(article_equal(&read, &expected), "article %d LEDE_SEED=%llu", i,
                  (unsigned long long)pool.dice.seed);
        expected.text.size = 0;
        cr_assert_eq(get(&shelf, shelf.locations[i], false, ENOUGH, &read), LEDE_OK);
        cr_assert(article_equal(&read, &expected), "article %d LEDE_SEED=%llu", i,
                  (unsigned long long)pool.dice.seed);
    }
    shelf_done(&shelf);
    pool_done(&pool);
    free(articles);
    free(fields);
}

Test(stored, a_reader_that_keeps_its_block_reads_the_same_in_any_order)
{
    enum { COUNT = 300, READS = 3000, FIELDS = 8 };
    struct stored_article *articles = calloc(COUNT, sizeof *articles);
    struct stored_field(*fields)[FIELDS] = calloc(COUNT, sizeof *fields);
    struct pool pool;
    struct shelf shelf;
    uint32_t at = 0;

    cr_assert(articles && fields);
    pool_init(&pool);
    for (int i = 0; i < COUNT; i++)
        random_article(&pool, fields[i], &articles[i]);
    shelf_write(&shelf, articles, COUNT);
    shelf.reader.keeps = true;
    for (int i = 0; i < READS; i++) {
        bool with_text = dice_below(&pool.dice, 4) > 0;
        size_t limit = dice_below(&pool.dice, 8) ? ENOUGH : dice_bits(&pool.dice, 17);
        struct stored_article read, expected;
        struct shelf alone = {.articles = shelf.articles};
        enum lede_status status, same;

        at = dice_below(&pool.dice, 4) ? (at + 1) % COUNT : dice_below(&pool.dice, COUNT);
        same = get(&alone, shelf.locations[at], with_text, limit, &expected);
        status = get(&shelf, shelf.locations[at], with_text, limit, &read);
        cr_assert_eq(status, same, "article %u LEDE_SEED=%llu", at,
                     (unsigned long long)pool.dice.seed);
        cr_assert(status != LEDE_OK || article_equal(&read, &expected), "article %u LEDE_SEED=%llu",
                  at, (unsigned long long)pool.dice.seed);
        stored_reader_done(&alone.reader);
        buffer_done(&alone.raw);
        buffer_done(&alone.fields);
    }
    shelf_done(&shelf);
    pool_done(&pool);
    free(articles);
    free(fields);
}

Test(stored, a_block_that_is_kept_is_not_unpacked_again)
{
    struct stored_article articles[2] = {example(), example()}, read;
    struct shelf shelf;

    shelf_write(&shelf, articles, 2);
    shelf.reader.keeps = true;
    cr_assert_eq(get(&shelf, shelf.locations[0], true, ENOUGH, &read), LEDE_OK);
    shelf.raw.data[shelf.locations[1] + 1] = 'P'; /* of the title, in what was unpacked */
    cr_assert_eq(get(&shelf, shelf.locations[1], true, ENOUGH, &read), LEDE_OK);
    cr_expect(slice_equal(read.title, slice_str("Pi")));
    shelf_done(&shelf);
}

Test(stored, a_block_of_another_stream_at_the_same_offset_is_not_taken_for_the_kept_one)
{
    struct stored_article mine = example(), other = example(), read;
    struct shelf shelf, second;

    other.text = slice_str("no");
    shelf_write(&shelf, &mine, 1);
    shelf_write(&second, &other, 1);
    cr_assert_eq(shelf.locations[0], second.locations[0]);
    shelf.reader.keeps = true;
    for (int i = 0; i < 4; i++) {
        struct shelf *from = i % 2 ? &second : &shelf;

        cr_assert_eq(stored_reader_get(&shelf.reader, &from->articles, from->locations[0], true,
                                       ENOUGH, &shelf.raw, &shelf.fields, &read, NULL),
                     LEDE_OK);
        cr_expect(article_equal(&read, i % 2 ? &other : &mine), "read %d", i);
    }
    shelf_done(&second);
    shelf_done(&shelf);
}

/* ---- blocks ---- */

/* Sizes of a run's blocks before compression. */
static size_t raw_sizes(const struct stored_run *run, uint32_t *sizes)
{
    const uint8_t *at = run->blocks.data;
    size_t count = run->sizes.size / sizeof(uint32_t);

    for (size_t i = 0; i < count; i++) {
        uint32_t size;

        memcpy(&size, run->sizes.data + 4 * i, 4);
        cr_assert_eq(load_le32(at + 4) + 8, size);
        sizes[i] = load_le32(at);
        at += size;
    }
    cr_assert_eq(at, run->blocks.data + run->blocks.size);
    return count;
}

Test(stored, a_block_closes_behind_the_record_that_fills_it_or_at_64_kib)
{
    enum { HEAD = 6, TEXT_HEAD = 2 }; /* bytes of a record beside a text under 128, over 16,384 */
    static uint8_t text[200000];
    struct stored_article articles[4] = {
        {.text_kept = true}, {.text_kept = true}, {.text_kept = true}, {.text_kept = true}};
    struct stored_place places[4];
    struct stored_run run;
    uint32_t sizes[8];

    articles[0].text = slice_of(text, 100);
    articles[1].text = slice_of(text, 20000);
    articles[2].text = slice_of(text, sizeof text);
    articles[3].text = slice_of(text, 1);
    run_pack(&run, articles, 4, places);
    cr_assert_eq(raw_sizes(&run, sizes), 5);
    cr_expect_eq(sizes[0], HEAD + 100 + HEAD + TEXT_HEAD + 20000);
    cr_expect_eq(sizes[1], STORED_BLOCK_MAX);
    cr_expect_eq(sizes[2], STORED_BLOCK_MAX);
    cr_expect_eq(sizes[3], STORED_BLOCK_MAX);
    cr_expect_eq(sizes[4], sizeof text + HEAD + TEXT_HEAD - 3 * STORED_BLOCK_MAX + HEAD + 1);
    cr_expect(places[0].block == 0 && places[0].place == 0);
    cr_expect(places[1].block == 0 && places[1].place == HEAD + 100);
    cr_expect(places[2].block == 1 && places[2].place == 0);
    cr_expect(places[3].block == 4 && places[3].place == sizes[4] - HEAD - 1);
    stored_run_done(&run);
}

Test(stored, a_record_that_fills_a_block_exactly_closes_it)
{
    static const uint8_t text[STORED_BLOCK];
    struct stored_article articles[2] = {{.text_kept = true}, {.text_kept = true}};
    struct stored_place places[2];
    struct stored_run run;

    for (size_t less = 0; less < 2; less++) {
        articles[0].text = slice_of(text, STORED_BLOCK - 7 - less); /* 7: its size has two bytes */
        run_pack(&run, articles, 2, places);
        cr_expect_eq(places[1].block, less == 0);
        cr_expect_eq(places[1].place, less == 0 ? 0 : STORED_BLOCK - 1);
        stored_run_done(&run);
    }
}

Test(stored, the_next_run_of_a_packer_begins_a_block_and_gives_the_same_bytes)
{
    struct stored_article article = example();
    struct stored_packer *packer;
    struct stored_run first, second;
    struct stored_place place = {9, 9};

    cr_assert_eq(stored_packer_new(LEVEL, NULL, &packer, NULL), LEDE_OK);
    stored_run_init(&first, NULL);
    stored_run_init(&second, NULL);
    cr_assert_eq(stored_packer_add(packer, &article, &first, &place, NULL), LEDE_OK);
    cr_assert_eq(stored_packer_flush(packer, &first, NULL), LEDE_OK);
    cr_assert_eq(stored_packer_add(packer, &article, &second, &place, NULL), LEDE_OK);
    cr_assert_eq(stored_packer_flush(packer, &second, NULL), LEDE_OK);
    cr_expect(place.block == 0 && place.place == 0);
    cr_expect(slice_equal(buffer_bytes(&first.blocks), buffer_bytes(&second.blocks)));
    cr_expect_eq(stored_packer_flush(packer, &second, NULL), LEDE_OK);
    cr_expect_eq(second.sizes.size, sizeof(uint32_t), "nothing to flush, nothing written");
    stored_packer_free(packer);
    stored_run_done(&first);
    stored_run_done(&second);
}

/* The number of pages verified tells which blocks were looked at. */
static size_t pages_seen(const struct stream *stream)
{
    size_t count = 0;

    for (uint32_t i = 0; i < stream->count; i++)
        for (int word = 0; word < EXTENT_PAGES / 64; word++)
            count += (size_t)__builtin_popcountll(stream->extents[i].verified[word]);
    return count;
}

Test(stored, reading_without_text_unpacks_no_block_that_only_the_text_needs)
{
    struct pool pool;
    struct shelf shelf;
    struct stored_article article = example(), read;

    pool_init(&pool);
    article.text = slice_of(pool.noise, POOL / 2);
    shelf_write(&shelf, &article, 1);
    cr_expect_eq(get(&shelf, shelf.locations[0], false, ENOUGH, &read), LEDE_OK);
    cr_expect_eq(shelf.raw.size, STORED_BLOCK_MAX);
    cr_expect_leq(pages_seen(&shelf.articles), STORED_BLOCK_MAX / PAGE_SIZE + 2);
    cr_expect_eq(get(&shelf, shelf.locations[0], true, ENOUGH, &read), LEDE_OK);
    cr_expect_gt(shelf.raw.size, POOL / 2);
    shelf_done(&shelf);
    pool_done(&pool);
}

Test(stored, a_record_longer_than_the_limit_is_a_status)
{
    struct pool pool;
    struct shelf shelf;
    struct stored_article article = example(), read;

    pool_init(&pool);
    article.text = slice_of(pool.letters, POOL / 2);
    shelf_write(&shelf, &article, 1);
    cr_expect_eq(get(&shelf, shelf.locations[0], true, POOL / 2, &read), LEDE_LIMIT);
    cr_expect_leq(shelf.raw.capacity + shelf.fields.capacity, POOL);
    cr_expect_eq(get(&shelf, shelf.locations[0], true, POOL, &read), LEDE_OK);
    cr_expect_eq(get(&shelf, shelf.locations[0], false, STORED_BLOCK_MAX + 1000, &read), LEDE_OK);
    cr_expect_eq(get(&shelf, shelf.locations[0], false, 1000, &read), LEDE_LIMIT);
    shelf_done(&shelf);
    pool_done(&pool);
}

/* ---- failures ---- */

Test(stored_packer, memory_is_charged_given_back_and_may_be_refused)
{
    struct account account;
    struct stored_packer *packer;
    struct stored_article article = example();
    struct stored_run run;
    struct stored_place place;
    struct pool pool;
    size_t fixed;

    pool_init(&pool);
    account_init(&account, 0);
    cr_assert_eq(stored_packer_new(LEVEL, &account, &packer, NULL), LEDE_OK);
    fixed = account.used;
    cr_expect(fixed > STORED_BLOCK_MAX && fixed < 2 << 20, "%zu", fixed);
    stored_run_init(&run, &account);
    article.text = slice_of(pool.noise, 4 * STORED_BLOCK_MAX + 1000);
    cr_expect_eq(stored_packer_add(packer, &article, &run, &place, NULL), LEDE_OK);
    cr_expect_geq(account.used, fixed + 4 * STORED_BLOCK_MAX);
    account.limit = account.used;
    while (stored_packer_add(packer, &article, &run, &place, NULL) == LEDE_OK)
        cr_assert_lt(run.blocks.size, 2000000);
    stored_run_done(&run);
    cr_expect_eq(account.used, fixed);
    article.text = slice_of(pool.letters, 10);
    account.limit = 0;
    cr_expect_eq(stored_packer_add(packer, &article, &run, &place, NULL), LEDE_OK);
    cr_expect(place.block == 0 && place.place == 0, "nothing is left of the run that failed");
    stored_run_done(&run);
    stored_packer_free(packer);
    cr_expect_eq(account.used, 0);
    account_init(&account, 200000);
    cr_expect_eq(stored_packer_new(LEVEL, &account, &packer, NULL), LEDE_NO_MEMORY);
    cr_expect_eq(account.used, 0);
    pool_done(&pool);
}

/* ---- damage ---- */

static enum lede_status read_of_bytes(struct shelf *shelf, const void *bytes, size_t size,
                                      int64_t location, struct stored_article *read)
{
    stream_done(&shelf->articles);
    byte_stream_of(&shelf->memory, SEGMENT, STREAM_ARTICLES, bytes, size, &shelf->articles);
    return get(shelf, location, true, ENOUGH, read);
}

Test(stored, a_block_cut_short_is_corrupt)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    for (size_t size = 1; size < sizeof example_bytes; size++)
        cr_expect_eq(read_of_bytes(&shelf, example_bytes, size, 0, &read), LEDE_CORRUPT,
                     "%zu bytes", size);
    cr_expect_eq(read_of_bytes(&shelf, example_bytes, sizeof example_bytes, 0, &read), LEDE_OK);
    shelf_done(&shelf);
}

Test(stored, headers_and_places_that_make_no_sense_are_corrupt)
{
    static const struct {
        size_t at;
        uint8_t byte;
        const char *what;
    } faults[] = {
        {0, 0, "raw size 0"},           {0, 0x12, "a frame that is none"},
        {2, 2, "raw size over 64 KiB"}, {4, 0, "stored size 0"},
        {4, 0x12, "stored over raw"},   {8, 0x7f, "a title behind the end"},
        {15, 0x7f, "too many fields"},  {20, 2, "a flag that is none"},
        {20, 0, "text not kept"},       {21, 3, "a text cut short"},
    };
    struct stored_article article = example(), read;
    uint8_t bytes[sizeof example_bytes];
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        memcpy(bytes, example_bytes, sizeof bytes);
        bytes[faults[i].at] = faults[i].byte;
        cr_expect_eq(read_of_bytes(&shelf, bytes, sizeof bytes, 0, &read), LEDE_CORRUPT, "%s",
                     faults[i].what);
    }
    cr_expect_eq(read_of_bytes(&shelf, example_bytes, sizeof bytes, 0x10, &read), LEDE_CORRUPT);
    cr_expect_eq(get(&shelf, -1, true, ENOUGH, &read), LEDE_CORRUPT);
    cr_expect_eq(get(&shelf, INT64_MIN, true, ENOUGH, &read), LEDE_CORRUPT);
    cr_expect_eq(get(&shelf, INT64_MAX, true, ENOUGH, &read), LEDE_CORRUPT);
    shelf_done(&shelf);
}

/* A block of raw zeros that is said to be claimed bytes long. */
static size_t frame_block(uint8_t *out, size_t room, size_t raw, uint32_t claimed)
{
    static const uint8_t zeros[STORED_BLOCK_MAX];
    size_t size = ZSTD_compress(out + 8, room - 8, zeros, raw, 3);

    cr_assert_not(ZSTD_isError(size));
    store_le32(out, claimed);
    store_le32(out + 4, (uint32_t)size);
    return 8 + size;
}

Test(stored, a_frame_that_claims_another_size_than_the_header_is_damaged)
{
    uint8_t block[1000];
    struct stored_article article = example(), read;
    struct shelf shelf;
    size_t size = frame_block(block, sizeof block, 5000, 5000);

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(read_of_bytes(&shelf, block, size, 0, &read), LEDE_OK);
    cr_expect(read.title.size == 0 && read.metadata_count == 0 && !read.text_kept);
    size = frame_block(block, sizeof block, 5000, 5001);
    cr_expect_eq(read_of_bytes(&shelf, block, size, 0, &read), LEDE_CORRUPT);
    size = frame_block(block, sizeof block, 5001, 5000);
    cr_expect_eq(read_of_bytes(&shelf, block, size, 0, &read), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(stored, a_frame_that_does_not_state_its_size_is_damaged)
{
    static const uint8_t zeros[5000];
    uint8_t block[1000];
    struct stored_article article = example(), read;
    struct shelf shelf;
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    size_t size;

    cr_assert(zstd);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_contentSizeFlag, 0);
    size = ZSTD_compress2(zstd, block + 8, sizeof block - 8, zeros, sizeof zeros);
    cr_assert_not(ZSTD_isError(size));
    store_le32(block, sizeof zeros);
    store_le32(block + 4, (uint32_t)size);
    shelf_write(&shelf, &article, 1);
    cr_expect_eq(read_of_bytes(&shelf, block, 8 + size, 0, &read), LEDE_CORRUPT);
    ZSTD_freeCCtx(zstd);
    shelf_done(&shelf);
}

Test(stored, an_empty_frame_or_any_byte_behind_a_frame_is_damage)
{
    uint8_t block[1000];
    struct stored_article article = example(), read;
    struct shelf shelf;
    size_t size = frame_block(block, sizeof block, 5000, 5000);
    size_t more = ZSTD_compress(block + size, sizeof block - size, "", 0, 3);

    cr_assert_not(ZSTD_isError(more));
    shelf_write(&shelf, &article, 1);
    store_le32(block + 4, (uint32_t)(size + more - 8));
    cr_expect_eq(read_of_bytes(&shelf, block, size + more, 0, &read), LEDE_CORRUPT);
    store_le32(block + 4, (uint32_t)(size + 1 - 8));
    cr_expect_eq(read_of_bytes(&shelf, block, size + 1, 0, &read), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(stored, a_block_of_more_than_64_kib_is_corrupt_even_if_it_is_there)
{
    static uint8_t bytes[8 + STORED_BLOCK_MAX + 1];
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    for (uint32_t size = STORED_BLOCK_MAX; size <= STORED_BLOCK_MAX + 1; size++) {
        store_le32(bytes, size);
        store_le32(bytes + 4, size);
        cr_expect_eq(read_of_bytes(&shelf, bytes, 8 + size, 0, &read),
                     size > STORED_BLOCK_MAX ? LEDE_CORRUPT : LEDE_OK);
    }
    shelf_done(&shelf);
}

/* 17 bytes are the example's. */
Test(stored, a_place_behind_a_block_is_not_the_next_block)
{
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(get(&shelf, stored_location(0, 0), true, ENOUGH, &read), LEDE_OK);
    cr_expect_eq(get(&shelf, stored_location(0, 17), true, ENOUGH, &read), LEDE_CORRUPT);
    cr_expect_eq(get(&shelf, stored_location(0, STORED_BLOCK - 1), true, ENOUGH, &read),
                 LEDE_CORRUPT);
    shelf_done(&shelf);
}

/* A record may go on only behind a full block: else many tiny blocks could keep a reader busy. */
Test(stored, a_record_that_goes_on_behind_a_block_that_is_not_full_is_cut_short)
{
    uint8_t bytes[64] = {2, 0, 0, 0, 2, 0, 0, 0, 5, 'a', 16, 0, 0, 0, 16, 0, 0, 0};
    struct stored_article article = example(), read;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    cr_expect_eq(read_of_bytes(&shelf, bytes, sizeof bytes, 0, &read), LEDE_CORRUPT);
    shelf_done(&shelf);
}

Test(stored, a_size_of_an_exabyte_takes_no_memory)
{
    uint8_t bytes[] = {12,   0,    0,    0,    12,   0,    0,    0,    0, 0, 0, 0xff,
                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0};
    struct stored_article article = example(), read;
    enum lede_status status;
    struct shelf shelf;

    shelf_write(&shelf, &article, 1);
    status = read_of_bytes(&shelf, bytes, 20, 0, &read);
    cr_expect(status == LEDE_LIMIT || status == LEDE_CORRUPT);
    cr_expect_leq(shelf.raw.capacity + shelf.fields.capacity, 1000);
    shelf_done(&shelf);
}

Test(stored, random_changes_give_an_article_or_a_status)
{
    enum { COUNT = 60 };
    struct stored_article articles[COUNT], read;
    struct stored_field fields[COUNT][8];
    struct pool pool;
    struct shelf shelf;
    uint8_t *bytes;
    size_t size;

    pool_init(&pool);
    for (int i = 0; i < COUNT; i++) {
        random_article(&pool, fields[i], &articles[i]);
        articles[i].text.size &= 0x1fff;
    }
    shelf_write(&shelf, articles, COUNT);
    size = stream_left(&shelf.articles, 0, NULL);
    bytes = malloc(size);
    cr_assert(bytes);
    memcpy(bytes, stream_at(&shelf.articles, 0, size, NULL), size);
    for (int round = 0; round < 3000; round++) {
        uint32_t at = dice_below(&pool.dice, (uint32_t)size);
        int64_t location = shelf.locations[dice_below(&pool.dice, COUNT)];
        uint8_t before;
        enum lede_status status;

        if (location >> STORED_PLACE_BITS >= (int64_t)size)
            continue;
        if (dice_below(&pool.dice, 2))
            at = (uint32_t)(location >> STORED_PLACE_BITS) + dice_below(&pool.dice, 30);
        if (at >= size)
            continue;
        before = bytes[at];
        bytes[at] = (uint8_t)dice_roll(&pool.dice);
        status = read_of_bytes(&shelf, bytes, size, location, &read);
        cr_assert(status == LEDE_OK || status == LEDE_CORRUPT || status == LEDE_LIMIT,
                  "LEDE_SEED=%llu", (unsigned long long)pool.dice.seed);
        bytes[at] = before;
    }
    free(bytes);
    shelf_done(&shelf);
    pool_done(&pool);
}
