#include <criterion/criterion.h>

#include "indexer/merge_policy.h"
#include "tests/index/dice.h"

enum { DOCUMENTS = 1000 };

/* A segment of so many bytes. */
static struct segment_info segment_of(uint64_t size)
{
    return (struct segment_info){.documents = DOCUMENTS, .stream_sizes = {size}};
}

static void expect(const uint64_t *sizes, size_t count, const struct merge_range *expected)
{
    struct manifest manifest = {.segment_count = count};
    struct merge_range range;
    bool found;

    manifest.segments = calloc(count + 1, sizeof *manifest.segments);
    for (size_t i = 0; i < count; i++)
        manifest.segments[i] = segment_of(sizes[i]);
    found = merge_next(&manifest, DOCS_MAX, &range);
    cr_expect_eq(found, expected != NULL);
    if (found && expected)
        cr_expect(range.first == expected->first && range.count == expected->count,
                  "%zu segments from %zu on", range.count, range.first);
    free(manifest.segments);
}

enum { SMALL = MERGE_SMALL, MIDDLE = SMALL * MERGE_SEGMENTS, LARGE = MIDDLE * MERGE_SEGMENTS };
#define SIZES(...)                                                                                 \
    (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)
#define RANGE(first, count) (&(struct merge_range){(first), (count)})

Test(merge_policy, eight_neighbours_of_a_tier_become_one)
{
    expect(SIZES(1, 1, 1, 1, 1, 1, 1), NULL);
    expect(SIZES(1, 1, 1, 1, 1, 1, 1, 1), RANGE(0, 8));
    expect(SIZES(LARGE, 1, SMALL, 1, 1, 1, 1, 1, 1), RANGE(1, 8));
    expect(SIZES(LARGE, 1, MIDDLE, 1, 1, 1, 1, 1, 1), NULL);
}

Test(merge_policy, a_large_segment_is_not_written_anew_for_small_ones)
{
    expect(SIZES(LARGE, 1, 1, 1, 1, 1, 1, 1), NULL);
    expect(SIZES(LARGE, 1, 1, 1, 1, 1, 1, 1, 1), RANGE(1, 8));
    expect(SIZES(LARGE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE), NULL);
}

Test(merge_policy, what_stands_before_a_larger_one_becomes_one)
{
    expect(SIZES(1, LARGE), NULL);
    expect(SIZES(1, 1, LARGE), RANGE(0, 2));
    expect(SIZES(LARGE, 1, LARGE, 1, 1), NULL);
}

Test(merge_policy, the_lowest_tier_comes_first)
{
    expect(SIZES(MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, MIDDLE, 1, 1, 1, 1, 1, 1,
                 1, 1),
           RANGE(8, 8));
}

static void expect_hollow(const uint64_t sizes[3], uint64_t documents,
                          const struct merge_range *expected)
{
    struct segment_info infos[3] = {segment_of(sizes[0]), segment_of(sizes[1]),
                                    segment_of(sizes[2])};
    struct manifest manifest = {.segments = infos, .segment_count = 3};
    struct merge_range range;

    infos[1].deleted = DOCUMENTS / MERGE_HOLLOW;
    cr_expect_not(merge_next(&manifest, documents, &range));
    infos[1].deleted++;
    cr_expect_eq(merge_next(&manifest, documents, &range), expected != NULL);
    if (expected)
        cr_expect(range.first == expected->first && range.count == expected->count,
                  "%zu segments from %zu on", range.count, range.first);
}

Test(merge_policy, a_segment_of_which_more_than_a_quarter_is_deleted_is_written_anew)
{
    static const uint64_t NEWER_IS_LARGER[] = {(uint64_t)LARGE * 8, LARGE, LARGE},
                          NEWER_IS_SMALLER[] = {(uint64_t)LARGE * 8, LARGE, LARGE / 2};

    expect_hollow(NEWER_IS_LARGER, DOCS_MAX, RANGE(1, 1));
    expect_hollow(NEWER_IS_SMALLER, DOCS_MAX, RANGE(1, 2));
    expect_hollow(NEWER_IS_SMALLER, DOCUMENTS, RANGE(1, 1)); /* what memory suffices for */
    expect_hollow(NEWER_IS_SMALLER, DOCUMENTS / 2, NULL);
}

/* Commits of sizes, with merges until none is wanted: bytes written by merges, for each byte that
 * came; the largest number of segments there was goes to *most. */
static double written(uint64_t (*size)(struct dice *dice, size_t commit), size_t commits,
                      struct dice *dice, size_t *most)
{
    struct segment_info *infos = calloc(commits + 1, sizeof *infos);
    struct manifest manifest = {.segments = infos};
    struct merge_range range;
    double came = 0, merged = 0;

    *most = 0;
    for (size_t i = 0; i < commits; i++) {
        infos[manifest.segment_count++] = segment_of(size(dice, i));
        came += (double)infos[manifest.segment_count - 1].stream_sizes[0];
        while (merge_next(&manifest, DOCS_MAX, &range)) {
            uint64_t sum = 0;

            for (size_t j = 0; j < range.count; j++)
                sum += merge_size(&infos[range.first + j]);
            merged += (double)sum;
            infos[range.first] = segment_of(sum);
            infos[range.first].documents = 1;
            memmove(infos + range.first + 1, infos + range.first + range.count,
                    (manifest.segment_count - range.first - range.count) * sizeof *infos);
            manifest.segment_count -= range.count - 1;
        }
        *most = manifest.segment_count > *most ? manifest.segment_count : *most;
    }
    free(infos);
    return merged / came;
}

static uint64_t always_the_same(struct dice *dice, size_t commit)
{
    (void)dice, (void)commit;
    return 20000;
}

static uint64_t any(struct dice *dice, size_t commit)
{
    (void)commit;
    return 5000 + dice_bits(dice, 30);
}

static uint64_t one_large_then_small(struct dice *dice, size_t commit)
{
    (void)dice;
    return commit == 0 ? 10ULL << 30 : 8000;
}

static uint64_t by_the_week(struct dice *dice, size_t commit)
{
    (void)dice;
    return commit % 7 ? 10000 : commit % 28 ? 30 << 20 : 1 << 30;
}

Test(merge_policy, segments_stay_few_and_bytes_are_written_a_few_times)
{
    struct dice dice = dice_begin();
    static const struct {
        const char *name;
        uint64_t (*size)(struct dice *dice, size_t commit);
        double writes; /* at most, for each byte */
        size_t most;
    } cases[] = {{"the same", always_the_same, 6, 32},
                 {"any", any, 6, 48},
                 {"one large", one_large_then_small, 0.1, 33},
                 {"by the week", by_the_week, 6, 48}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t most;
        double writes = written(cases[i].size, 5000, &dice, &most);

        fprintf(stderr, "%s: %.2f written a byte, %zu segments\n", cases[i].name, writes, most);
        cr_expect_leq(writes, cases[i].writes, "%s: %.2f", cases[i].name, writes);
        cr_expect_leq(most, cases[i].most, "%s: %zu", cases[i].name, most);
    }
    dice_end();
}
