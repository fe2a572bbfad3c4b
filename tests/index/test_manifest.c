#include <criterion/criterion.h>
#include <math.h>

#include "index/checksum.h"
#include "index/extent.h"
#include "index/manifest.h"
#include "tests/index/dice.h"

static struct lede_error error;

static void seal(uint8_t *value, size_t size)
{
    store_le32(value, checksum_of(checksum_seed('m', "manifest", 8), value + 8, size - 8));
}

/* Two segments of numbers that go together. */
static void make(struct manifest *manifest, struct dice *dice)
{
    manifest_init(manifest);
    manifest->generation = dice_roll(dice);
    manifest->next_segment = 100;
    manifest->flags = (uint8_t)dice_below(dice, 8);
    buffer_str(&manifest->fingerprint, "words 1, stems 2");
    buffer_str(&manifest->language, "de");
    buffer_str(&manifest->stopwords, "der\ndie\ndas\n");
    if (dice_below(dice, 2)) {
        manifest->flags |= MANIFEST_KEYWORDS;
        buffer_str(&manifest->keywords, "site\nauthor\n");
    }
    manifest->k1 = 0.9;
    manifest->b = 0.4;
    for (uint32_t i = 0; i < 2; i++) {
        struct segment_info info = {.number = 7 + i * 50, .documents = 1000, .counted = 900};

        info.deleted = dice_below(dice, 1001);
        info.tokens = 900 + dice_below(dice, 1000000);
        info.shortest = 3;
        info.longest = 90;
        info.average = (double)info.tokens / info.counted;
        info.dictionary_pages = 1 + dice_below(dice, 50);
        info.terms = info.dictionary_pages + dice_below(dice, 1000);
        info.postings = info.terms * (1 + dice_below(dice, 900));
        info.positions = dice_roll(dice) >> 8;
        for (int kind = 0; kind < STREAM_COUNT; kind++)
            info.stream_sizes[kind] = dice_bits(dice, 32);
        info.small_records = dice_below(dice, 2);
        info.languages[3] = 600;
        info.languages[255] = 399;
        if (manifest->keywords.size && dice_below(dice, 2)) {
            manifest->flags |= MANIFEST_LATER;
            keyword_set_add(&info.lacks, dice_below(dice, 2));
        }
        cr_assert_eq(manifest_add(manifest, &info, &error), LEDE_OK);
    }
}

static void check_equal_segments(const struct segment_info *a, const struct segment_info *b)
{
    cr_assert_eq(a->number, b->number);
    cr_assert_eq(a->documents, b->documents);
    cr_assert_eq(a->counted, b->counted);
    cr_assert_eq(a->deleted, b->deleted);
    cr_assert_eq(a->tokens, b->tokens);
    cr_assert_eq(a->shortest, b->shortest);
    cr_assert_eq(a->longest, b->longest);
    cr_assert_eq(a->average, b->average);
    cr_assert_eq(a->dictionary_pages, b->dictionary_pages);
    cr_assert_eq(a->terms, b->terms);
    cr_assert_eq(a->postings, b->postings);
    cr_assert_eq(a->positions, b->positions);
    cr_assert_eq(a->small_records, b->small_records);
    cr_assert_eq(memcmp(a->stream_sizes, b->stream_sizes, sizeof a->stream_sizes), 0);
    cr_assert_eq(memcmp(a->languages, b->languages, sizeof a->languages), 0);
    cr_assert_eq(memcmp(&a->lacks, &b->lacks, sizeof a->lacks), 0);
}

static void check_equal(const struct manifest *a, const struct manifest *b)
{
    cr_assert_eq(a->generation, b->generation);
    cr_assert_eq(a->next_segment, b->next_segment);
    cr_assert_eq((a->flags ^ b->flags) & ~MANIFEST_SMALL_RECORDS, 0); /* that one is found */
    cr_assert_eq(a->k1, b->k1);
    cr_assert_eq(a->b, b->b);
    cr_assert(slice_equal(buffer_bytes(&a->fingerprint), buffer_bytes(&b->fingerprint)));
    cr_assert(slice_equal(buffer_bytes(&a->language), buffer_bytes(&b->language)));
    cr_assert(slice_equal(buffer_bytes(&a->stopwords), buffer_bytes(&b->stopwords)));
    cr_assert(slice_equal(buffer_bytes(&a->keywords), buffer_bytes(&b->keywords)));
    cr_assert_eq(a->segment_count, b->segment_count);
    for (size_t i = 0; i < a->segment_count; i++)
        check_equal_segments(&a->segments[i], &b->segments[i]);
}

Test(manifest, an_empty_index_is_these_bytes)
{
    static const uint8_t EXPECTED[] = {
        0xd4, 0xd3, 0xd4, 0x08,                         /* checksum */
        1,    0,    0,    0,                            /* format version */
        0,    0,    0,    0,    0,    0,    0,    0,    /* generation */
        0,    0,    0,    0,                            /* next segment */
        0,                                              /* flags */
        0,    0,    0,                                  /* fingerprint, language, stop words */
        0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0xf3, 0x3f, /* k1 1.2 */
        0,    0,    0,    0,    0,    0,    0xe8, 0x3f, /* b 0.75 */
        0                                               /* segments */
    };
    struct manifest manifest;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    cr_assert_eq(out.size, sizeof EXPECTED);
    for (size_t i = 0; i < out.size; i++)
        cr_assert_eq(out.data[i], EXPECTED[i], "byte %zu is %02x", i, out.data[i]);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, names_of_keyword_fields_are_these_bytes)
{
    static const uint8_t EXPECTED[] = {MANIFEST_KEYWORDS, /* flags */
                                       0,
                                       0,
                                       0, /* as before */
                                       0x0c,
                                       's',
                                       'i',
                                       't',
                                       'e',
                                       '\n',
                                       'a',
                                       'u',
                                       't',
                                       'h',
                                       'o',
                                       'r',
                                       '\n'};
    struct manifest manifest;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    buffer_str(&manifest.keywords, "site\nauthor\n");
    manifest_encode(&manifest, &out);
    cr_assert_eq(out.size, 41 + 1 + 12);
    cr_expect_eq(memcmp(out.data + 20, EXPECTED, sizeof EXPECTED), 0);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, a_segment_of_300_documents_is_these_bytes)
{
    static const uint8_t EXPECTED[] = {
        5,    0,    0,    0,                            /* number */
        0xac, 0x02, 0xc8, 0x01, 0x01, 0xbc, 0x05,       /* 300, 200 counted, 1 deleted, 700 */
        1,    40,                                       /* length codes */
        0,    0,    0,    0,    0,    0,    0x0c, 0x40, /* average 3.5 */
        1,    2,    0xac, 0x02, 0,                      /* pages, terms, postings, positions */
        0,    9,    0,    0xac, 0x02, 0,    0,    0,    0, 0, 0, /* streams */
        1,    4,    0xac, 0x02                                   /* one language: 4, of 300 */
    };
    struct segment_info info = {5,   300,   200,  1, 700, 1, 40, 3.5, 1, 2, 300, 0, {0, 9, 0, 300},
                                {0}, {{0}}, false};
    struct manifest manifest;
    struct buffer out;
    size_t head = 40; /* bytes before the count of segments */

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    info.languages[4] = 300;
    cr_assert_eq(manifest_add(&manifest, &info, &error), LEDE_OK);
    manifest_encode(&manifest, &out);
    cr_assert_eq(out.data[head], 1);
    cr_assert_eq(out.size, head + 1 + sizeof EXPECTED);
    for (size_t i = 0; i < sizeof EXPECTED; i++)
        cr_assert_eq(out.data[head + 1 + i], EXPECTED[i], "byte %zu is %02x", i,
                     out.data[head + 1 + i]);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, fields_that_a_segment_lacks_are_these_bytes)
{
    struct segment_info info = {.number = 5, .documents = 3, .deleted = 1, .average = 1};
    struct manifest manifest, again;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    manifest.next_segment = 6;
    buffer_str(&manifest.keywords, "site\nauthor\ntags\n");
    cr_assert_eq(manifest_add(&manifest, &info, &error), LEDE_OK);
    manifest_encode(&manifest, &out);
    cr_expect_eq(out.data[20], MANIFEST_KEYWORDS, "nothing lacks: as if it had been so always");
    buffer_clear(&out);
    keyword_set_add(&manifest.segments[0].lacks, 1);
    keyword_set_add(&manifest.segments[0].lacks, 2);
    manifest_encode(&manifest, &out);
    cr_expect_eq(out.data[20], MANIFEST_KEYWORDS | MANIFEST_LATER);
    cr_expect_eq(memcmp(out.data + out.size - 3, "\2\1\2", 3), 0);
    cr_expect_eq(manifest_lacking(&manifest, 0), 0);
    cr_expect_eq(manifest_lacking(&manifest, 2), 2);
    for (uint8_t place = 0; place < 4; place++) { /* 0 and 2, 1 and 2; 2 twice, no such place */
        out.data[out.size - 2] = place;
        seal(out.data, out.size);
        cr_expect_eq(manifest_decode(buffer_bytes(&out), &again, &error),
                     place < 2 ? LEDE_OK : LEDE_CORRUPT, "%u", place);
        manifest_done(&again);
    }
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, small_records_are_a_flag_and_a_byte_for_each_segment)
{
    struct segment_info info = {.number = 5, .average = 1};
    struct manifest manifest, back;
    size_t before;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    for (int i = 0; i < 2; i++, info.number++)
        cr_assert_eq(manifest_add(&manifest, &info, &error), LEDE_OK);
    manifest.next_segment = 7;
    manifest_encode(&manifest, &out);
    before = out.size;
    cr_expect_eq(out.data[20], 0, "no segment has them, so that an older program reads it");
    manifest.segments[1].small_records = true;
    buffer_clear(&out);
    manifest_encode(&manifest, &out);
    cr_expect_eq(out.data[20], MANIFEST_SMALL_RECORDS);
    cr_expect_eq(out.data[21], 0, "more flags");
    cr_expect_eq(out.size, before + 3);
    cr_expect_eq(out.data[out.size - 1], 1);
    cr_assert_eq(manifest_decode(buffer_bytes(&out), &back, &error), LEDE_OK, "%s", error.text);
    cr_expect_not(back.segments[0].small_records);
    cr_expect(back.segments[1].small_records);
    manifest_done(&back);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, what_is_written_is_read_back)
{
    struct dice dice = dice_new();
    struct manifest manifest, again;
    struct buffer out;

    for (int i = 0; i < 200; i++) {
        make(&manifest, &dice);
        buffer_init(&out, NULL);
        manifest_encode(&manifest, &out);
        cr_assert_eq(manifest_decode(buffer_bytes(&out), &again, &error), LEDE_OK,
                     "LEDE_SEED=%llu: %s", (unsigned long long)dice.seed, error.text);
        check_equal(&manifest, &again);
        manifest_done(&again);
        buffer_done(&out);
        manifest_done(&manifest);
    }
}

Test(manifest, a_copy_has_nothing_in_common_with_what_it_was_made_of)
{
    struct dice dice = dice_of(1);
    struct manifest manifest, copy, same;

    make(&manifest, &dice);
    cr_assert_eq(manifest_copy(&manifest, &copy, &error), LEDE_OK);
    cr_assert_eq(manifest_copy(&manifest, &same, &error), LEDE_OK);
    buffer_str(&manifest.language, "x");
    manifest.segments[0].deleted ^= 1;
    check_equal(&copy, &same);
    cr_assert_neq(copy.segments[0].deleted, manifest.segments[0].deleted);
    manifest_done(&manifest);
    manifest_done(&copy);
    manifest_done(&same);
}

Test(manifest, another_format_version_is_incompatible_not_damaged)
{
    struct manifest manifest;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    store_le32(out.data + 4, FORMAT_VERSION + 1);
    cr_assert_eq(manifest_decode(buffer_bytes(&out), &manifest, &error), LEDE_INCOMPATIBLE);
    cr_expect_not_null(strstr(error.text, "use a newer one"), "%s", error.text);
    store_le32(out.data + 4, FORMAT_VERSION - 1U);
    cr_assert_eq(manifest_decode(buffer_bytes(&out), &manifest, &error), LEDE_INCOMPATIBLE);
    buffer_done(&out);
}

/* The exact bytes of a value, so that reading behind them shows. */
static enum lede_status decode_exact(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size + !size);
    struct manifest manifest;
    enum lede_status status;

    cr_assert(copy);
    memcpy(copy, bytes, size);
    status = manifest_decode(slice_of(copy, size), &manifest, &error);
    manifest_done(&manifest);
    free(copy);
    return status;
}

Test(manifest, a_value_cut_short_anywhere_is_reported_even_if_sealed)
{
    struct dice dice = dice_of(2);
    struct manifest manifest;
    struct buffer out;

    make(&manifest, &dice);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    for (size_t size = 0; size < out.size; size++) {
        cr_assert_eq(decode_exact(out.data, size), LEDE_CORRUPT, "%zu", size);
        if (size < 8)
            continue;
        seal(out.data, size);
        cr_assert_eq(decode_exact(out.data, size), LEDE_CORRUPT, "%zu", size);
    }
    buffer_byte(&out, 0);
    seal(out.data, out.size);
    cr_assert_eq(decode_exact(out.data, out.size), LEDE_CORRUPT);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, a_flipped_byte_anywhere_is_reported)
{
    struct dice dice = dice_of(2);
    struct manifest manifest;
    struct buffer out;

    make(&manifest, &dice);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    for (size_t at = 0; at < out.size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            out.data[at] ^= (uint8_t)(1u << bit);
            cr_assert_neq(decode_exact(out.data, out.size), LEDE_OK, "byte %zu", at);
            out.data[at] ^= (uint8_t)(1u << bit);
        }
    cr_assert_eq(decode_exact(out.data, out.size), LEDE_OK);
    buffer_done(&out);
    manifest_done(&manifest);
}

Test(manifest, flipped_bytes_under_a_right_checksum_are_reported_or_make_sense)
{
    struct dice dice = dice_new();
    struct manifest manifest, again;
    struct buffer out;

    make(&manifest, &dice);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    for (int i = 0; i < 20000; i++) {
        size_t at = 8 + dice_below(&dice, (uint32_t)out.size - 8);
        uint8_t old = out.data[at];

        out.data[at] = (uint8_t)dice_roll(&dice);
        seal(out.data, out.size);
        if (manifest_decode(buffer_bytes(&out), &again, &error) == LEDE_OK)
            for (size_t s = 0; s < again.segment_count; s++) {
                const struct segment_info *info = &again.segments[s];

                cr_assert(info->deleted <= info->documents && info->counted <= info->documents &&
                              info->documents <= DOCS_MAX && info->average > 0 &&
                              info->number < again.next_segment,
                          "LEDE_SEED=%llu", (unsigned long long)dice.seed);
            }
        manifest_done(&again);
        out.data[at] = old;
    }
    buffer_done(&out);
    manifest_done(&manifest);
}

/* What decode says of a manifest that was changed and sealed. */
static enum lede_status decode_changed(void (*change)(struct manifest *manifest))
{
    struct dice dice = dice_of(4);
    struct manifest manifest;
    struct buffer out;
    enum lede_status status;

    make(&manifest, &dice);
    change(&manifest);
    buffer_init(&out, NULL);
    manifest_encode(&manifest, &out);
    status = decode_exact(out.data, out.size);
    buffer_done(&out);
    manifest_done(&manifest);
    return status;
}

static void twice(struct manifest *manifest)
{
    manifest->segments[1].number = manifest->segments[0].number;
}

static void future(struct manifest *manifest)
{
    manifest->segments[1].number = manifest->next_segment;
}

static void deleted(struct manifest *manifest)
{
    manifest->segments[0].deleted = 1001;
}

static void counted(struct manifest *manifest)
{
    manifest->segments[0].counted = 1001;
}

static void documents(struct manifest *manifest)
{
    manifest->segments[0].documents = DOCS_MAX + 1;
}

static void tokens(struct manifest *manifest)
{
    manifest->segments[0].tokens = 899;
}

static void lengths(struct manifest *manifest)
{
    manifest->segments[0].shortest = 91;
}

static void average(struct manifest *manifest)
{
    manifest->segments[0].average = NAN;
}

static void postings(struct manifest *manifest)
{
    manifest->segments[0].postings = manifest->segments[0].terms * 1000 + 1;
}

static void terms(struct manifest *manifest)
{
    manifest->segments[0].terms = manifest->segments[0].dictionary_pages * DICT_PAGE_SIZE + 1;
}

static void streams(struct manifest *manifest)
{
    manifest->segments[0].stream_sizes[2] = (uint64_t)UINT32_MAX * EXTENT_CAPACITY + 1;
}

static void languages(struct manifest *manifest)
{
    manifest->segments[0].languages[4] = 2;
}

static void k1(struct manifest *manifest)
{
    manifest->k1 = -1;
}

static void b(struct manifest *manifest)
{
    manifest->b = INFINITY;
}

static void nothing(struct manifest *manifest)
{
    (void)manifest;
}

Test(manifest, a_flag_of_a_newer_program_is_incompatible_not_damaged)
{
    struct segment_info info = {.average = 1, .small_records = true};
    struct manifest manifest;
    struct buffer out;

    manifest_init(&manifest);
    buffer_init(&out, NULL);
    manifest.next_segment = 1;
    cr_assert_eq(manifest_add(&manifest, &info, &error), LEDE_OK);
    manifest_encode(&manifest, &out);
    cr_assert_eq(decode_exact(out.data, out.size), LEDE_OK, "%s", error.text);
    for (int bit = 0; bit < 8; bit++) {
        out.data[21] = (uint8_t)(1 << bit);
        seal(out.data, out.size);
        cr_expect_eq(decode_exact(out.data, out.size), LEDE_INCOMPATIBLE, "%d", bit);
        cr_expect_not_null(strstr(error.text, "newer"), "%s", error.text);
    }
    buffer_done(&out);
    manifest_done(&manifest);
}

static void names(struct manifest *manifest)
{
    buffer_clear(&manifest->keywords);
    buffer_str(&manifest->keywords, "site\nsite\n");
}

Test(manifest, names_of_keyword_fields_that_are_none_are_reported)
{
    cr_expect_eq(decode_changed(names), LEDE_CORRUPT);
    cr_expect_not_null(strstr(error.text, "keyword"), "%s", error.text);
}

/* An article without words can have keywords: more postings than there are articles with words. */
Test(manifest, keywords_are_of_articles_without_words_too)
{
    struct segment_info info = {.number = 0,
                                .documents = 3,
                                .average = 1,
                                .dictionary_pages = 1,
                                .terms = 1,
                                .postings = 3};
    struct manifest manifest, read;
    struct buffer out;

    for (int keywords = 0; keywords < 2; keywords++) {
        manifest_init(&manifest);
        buffer_init(&out, NULL);
        manifest.next_segment = 1;
        if (keywords)
            buffer_str(&manifest.keywords, "lang\n");
        cr_assert_eq(manifest_add(&manifest, &info, &error), LEDE_OK);
        manifest_encode(&manifest, &out);
        cr_expect_eq(manifest_decode(buffer_bytes(&out), &read, &error),
                     keywords ? LEDE_OK : LEDE_CORRUPT);
        manifest_done(&read);
        manifest_done(&manifest);
        buffer_done(&out);
    }
}

Test(manifest, numbers_that_contradict_each_other_are_reported)
{
    static void (*const CHANGES[])(struct manifest * manifest) = {
        twice,   future,   deleted, counted, documents, tokens, lengths,
        average, postings, terms,   streams, languages, k1,     b};

    cr_assert_eq(decode_changed(nothing), LEDE_OK);
    for (size_t i = 0; i < sizeof CHANGES / sizeof *CHANGES; i++)
        cr_assert_eq(decode_changed(CHANGES[i]), LEDE_CORRUPT, "change %zu", i);
}
