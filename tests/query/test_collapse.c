/* Copies under the best of them: against folding all hits by hand, with groups and signatures read
 * from the columns; pruned and exhaustive, in few segments and many, by many threads. */
#include <criterion/criterion.h>

#include <pthread.h>

#include "index/segment.h"
#include "tests/index/dice.h"
#include "tests/query/small_index.h"

TestSuite(collapse, .init = scratch_make, .fini = scratch_remove, .timeout = 120);

enum { ARTICLES = 900, WORDS = 60, INDEXES = 2, ALL = ARTICLES * INDEXES };

static const char *const COMMON[] = {"ferry", "strike", "harbour", "storm", "flood", "tram"};

/* ---- articles that copy each other ---- */

struct text {
    char words[WORDS][12];
    char out[WORDS * 12 + 1];
};

static struct text texts[ARTICLES];

/* Common words among rare ones. */
static void put_word(struct dice *dice, char *out)
{
    if (dice_below(dice, 3) == 0)
        snprintf(out, 12, "%s", COMMON[dice_below(dice, 6)]);
    else
        snprintf(out, 12, "w%u", (unsigned)dice_below(dice, 100000));
}

/* A copy of an earlier one, with up to three other words or none; the first has many. */
static void make_text(struct dice *dice, uint32_t number)
{
    struct text *text = &texts[number];
    char *at = text->out;

    if (number > 0 && dice_below(dice, 2)) {
        *text = texts[dice_below(dice, 4) ? dice_below(dice, number) : 0];
        for (uint32_t i = dice_below(dice, 4); i > 0; i--)
            put_word(dice, text->words[dice_below(dice, WORDS)]);
    } else {
        for (uint32_t i = 0; i < WORDS; i++)
            put_word(dice, text->words[i]);
    }
    for (uint32_t i = 0; i < WORDS; i++)
        at += sprintf(at, "%s ", text->words[i]);
}

static void add_texts(struct dice *dice, const char *path, uint32_t commits, bool removing)
{
    struct lede_writer_options options = {.memory = 16 << 20, .jobs = 1, .no_merge = true};
    struct lede_writer *writer;
    struct lede_error error;

    cr_assert_eq(lede_writer_open(path, &options, &writer, &error), LEDE_OK, "%s", error.text);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char id[16];
        struct lede_article article = {.id = {id, (size_t)sprintf(id, "%u", (unsigned)i)},
                                       .text = small_bytes(i % 50 == 49 ? "" : texts[i].out),
                                       .date = {86400 * (int64_t)(i * 7 % 40), LEDE_DAY}};

        cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
        if ((i + 1) % (ARTICLES / commits) == 0)
            cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    }
    for (uint32_t i = 0; removing && i < ARTICLES; i++) {
        char id[16];

        sprintf(id, "%u", (unsigned)i);
        if (dice_below(dice, 5) == 0)
            cr_assert_eq(lede_writer_remove(writer, small_bytes(id), &error), LEDE_OK, "%s",
                         error.text);
    }
    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    lede_writer_close(writer);
}

/* ---- what the columns say ---- */

struct fact { /* of a document; all of them in the order of index, segment, document */
    uint32_t index, segment, document;
    int64_t signature, tokens, group;
    bool deleted;
};

static struct fact facts[ALL];
static uint32_t fact_count;

static int64_t value_of(struct segment *segment, enum column column, doc_id document)
{
    int64_t value;

    cr_assert_eq(column_get(&segment->columns, column, document, &value, NULL), LEDE_OK);
    return value;
}

static void read_facts(const char *const *paths, uint32_t count)
{
    fact_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct snapshot *snapshot;

        cr_assert_eq(snapshot_open(paths[i], &snapshot, NULL), LEDE_OK);
        for (uint32_t s = 0; s < snapshot->segment_count; s++)
            for (doc_id d = 0; d < snapshot->segments[s].info->documents; d++) {
                struct segment *segment = &snapshot->segments[s];
                struct fact *fact = &facts[fact_count++];

                *fact = (struct fact){.index = i, .segment = s, .document = d};
                fact->signature = value_of(segment, COLUMN_SIGNATURE, d);
                fact->tokens = value_of(segment, COLUMN_TOKENS, d);
                fact->group = value_of(segment, COLUMN_DUPLICATE_GROUP, d);
                if (fact->group == COLUMN_MISSING)
                    fact->group = value_of(segment, COLUMN_CONTENT_HASH, d);
                cr_assert_eq(segment_is_deleted(segment, d, &fact->deleted, NULL), LEDE_OK);
            }
        snapshot_close(snapshot);
    }
}

static bool are_copies(const struct fact *a, const struct fact *b, enum lede_collapse how)
{
    if (a->signature == COLUMN_MISSING || b->signature == COLUMN_MISSING)
        return false;
    return how == LEDE_COLLAPSE_NEAR ? a->group == b->group
                                     : a->signature == b->signature && a->tokens == b->tokens;
}

static const struct fact *fact_of(const struct lede_hit *hit)
{
    for (uint32_t i = 0; i < fact_count; i++)
        if (facts[i].index == hit->index && facts[i].segment == hit->segment &&
            facts[i].document == hit->document)
            return &facts[i];
    cr_assert_fail("no such document");
    return NULL;
}

static uint64_t copies_of(const struct fact *fact, enum lede_collapse how)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < fact_count; i++)
        count += &facts[i] != fact && !facts[i].deleted && are_copies(&facts[i], fact, how);
    return count;
}

/* ---- folding by hand ---- */

/* The hits of all that come first of their copies, from those of everything. */
static size_t fold(const struct lede_results *all, enum lede_collapse how,
                   const struct lede_hit **out)
{
    const struct fact *seen[ALL];
    size_t count = 0;

    for (size_t i = 0; i < lede_results_count(all); i++) {
        const struct fact *fact = fact_of(lede_results_hit(all, i));
        size_t j = 0;

        while (j < count && !are_copies(seen[j], fact, how))
            j++;
        if (j < count)
            continue;
        seen[count] = fact;
        out[count++] = lede_results_hit(all, i);
    }
    return count;
}

static void expect_folded(struct lede_index *index, const char *query,
                          const struct lede_search_options *options, uint64_t seed)
{
    struct lede_search_options every = *options;
    const struct lede_hit *wanted[ALL];
    struct lede_results *all, *some;
    size_t count, shown;

    every.limit = ALL;
    every.offset = 0;
    every.exhaustive = true;
    every.collapse = LEDE_COLLAPSE_NONE;
    all = small_search(index, query, &every);
    some = small_search(index, query, options);
    count = fold(all, options->collapse, wanted);
    shown = count > options->offset ? count - options->offset : 0;
    shown = shown < options->limit ? shown : options->limit;
    cr_assert_eq(lede_results_count(some), shown, "seed %llu <%s>: %zu, not %zu",
                 (unsigned long long)seed, query, lede_results_count(some), shown);
    for (size_t i = 0; i < shown; i++) {
        const struct lede_hit *got = lede_results_hit(some, i), *want = wanted[options->offset + i];

        cr_assert(got->index == want->index && got->segment == want->segment &&
                      got->document == want->document && got->score == want->score,
                  "seed %llu <%s>: hit %zu of %zu", (unsigned long long)seed, query, i, shown);
        cr_assert_eq(got->copies, copies_of(fact_of(got), options->collapse),
                     "seed %llu <%s>: hit %zu has %llu copies", (unsigned long long)seed, query, i,
                     (unsigned long long)got->copies);
    }
    if (options->count_matches)
        cr_assert_eq(lede_results_total(some), lede_results_count(all), "counts are of articles");
    lede_results_free(all);
    lede_results_free(some);
}

static void make_query(struct dice *dice, char *out)
{
    uint32_t words = 1 + dice_below(dice, 4);
    char *at = out;

    *at = '\0';
    for (uint32_t i = 0; i < words; i++) {
        const char *word = dice_below(dice, 4) ? COMMON[dice_below(dice, 6)]
                                               : texts[dice_below(dice, ARTICLES)].words[0];

        at += sprintf(at, "%s%s ", dice_below(dice, 8) == 0 && i > 0 ? "-" : "", word);
    }
    if (dice_below(dice, 8) == 0)
        sprintf(at, "\"%s %s\"", COMMON[dice_below(dice, 6)], COMMON[dice_below(dice, 6)]);
}

static void make_options(struct dice *dice, struct lede_search_options *options)
{
    static const size_t limits[] = {1, 2, 3, 10, 40, ALL};

    *options = (struct lede_search_options){.limit = limits[dice_below(dice, 6)],
                                            .offset = dice_below(dice, 3) ? 0 : dice_below(dice, 9),
                                            .any = dice_below(dice, 2),
                                            .exhaustive = dice_below(dice, 3) == 0,
                                            .count_matches = dice_below(dice, 3) == 0};
    options->collapse = dice_below(dice, 2) ? LEDE_COLLAPSE_NEAR : LEDE_COLLAPSE_EXACT;
    if (dice_below(dice, 5) == 0)
        options->order = dice_below(dice, 2) ? LEDE_BY_DATE : LEDE_BY_DATE_RISING;
    if (dice_below(dice, 5) == 0)
        options->half_life = 86400;
}

static struct lede_index *open_all(const char *const *paths, uint32_t count)
{
    struct lede_index *index;
    struct lede_error error;

    cr_assert_eq(lede_index_open(paths, count, &index, &error), LEDE_OK, "%s", error.text);
    read_facts(paths, count);
    return index;
}

static void make_texts(struct dice *dice)
{
    for (uint32_t i = 0; i < ARTICLES; i++)
        make_text(dice, i);
}

static void compare_many(struct dice *dice, const char *const *paths, uint32_t count, int queries)
{
    struct lede_index *index = open_all(paths, count);
    struct lede_search_options options;
    char query[256];

    for (int i = 0; i < queries; i++) {
        make_query(dice, query);
        make_options(dice, &options);
        expect_folded(index, query, &options, dice->seed);
    }
    lede_index_close(index);
}

Test(collapse, hits_are_the_first_of_their_copies)
{
    static const char *const paths[] = {"one", "many"};
    struct dice dice = dice_begin();
    int queries = getenv("LEDE_SANITIZED") ? 60 : 250;

    make_texts(&dice);
    add_texts(&dice, paths[0], 1, false);
    add_texts(&dice, paths[1], 9, true);
    compare_many(&dice, paths, 1, queries);
    compare_many(&dice, paths + 1, 1, queries);
    compare_many(&dice, paths, 2, queries); /* copies in both indexes */
    dice_end();
}

Test(collapse, segments_change_nothing)
{
    static const char *const paths[] = {"one", "many"};
    struct lede_index *indexes[2];
    struct dice dice = dice_begin();

    make_texts(&dice);
    for (uint32_t i = 0; i < 2; i++) {
        add_texts(&dice, paths[i], i ? 15 : 1, false);
        indexes[i] = small_open(paths[i]);
    }
    for (int i = 0; i < 200; i++) {
        struct lede_search_options options;
        struct lede_results *results[2];
        char query[256];

        make_query(&dice, query);
        make_options(&dice, &options);
        for (int j = 0; j < 2; j++)
            results[j] = small_search(indexes[j], query, &options);
        cr_assert_eq(lede_results_count(results[0]), lede_results_count(results[1]));
        for (size_t k = 0; k < lede_results_count(results[0]); k++) {
            const struct lede_hit *a = lede_results_hit(results[0], k),
                                  *b = lede_results_hit(results[1], k);

            cr_assert(a->score == b->score && a->copies == b->copies && a->id.size == b->id.size &&
                          memcmp(a->id.data, b->id.data, a->id.size) == 0,
                      "<%s>", query);
        }
        for (int j = 0; j < 2; j++)
            lede_results_free(results[j]);
    }
    for (int i = 0; i < 2; i++)
        lede_index_close(indexes[i]);
    dice_end();
}

static void *search_beside_others(void *context)
{
    struct dice dice = dice_of(7);
    static __thread char query[256];

    for (int i = 0; i < 30; i++) {
        struct lede_search_options options;

        make_query(&dice, query);
        make_options(&dice, &options);
        expect_folded(context, query, &options, 7);
    }
    return NULL;
}

Test(collapse, threads_change_nothing)
{
    static const char *const path = "index";
    struct dice dice = dice_begin();
    struct lede_index *index;
    pthread_t threads[4];

    make_texts(&dice);
    add_texts(&dice, path, 9, true);
    index = open_all(&path, 1);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, search_beside_others, index), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    lede_index_close(index);
    dice_end();
}

/* ---- the same report on several sites ---- */

#define REPORT                                                                                     \
    "The harbour board of Kettlehaven has closed the north mole after a crane toppled onto the "   \
    "quay in Tuesday night's gale. Nobody was hurt, said the harbour master, who had sent the "    \
    "night shift home an hour before. Two barges broke loose and drifted as far as the old "       \
    "lighthouse, where a tug caught them shortly before dawn. Ferries to the islands leave from "  \
    "the fish market until the wreckage is cleared, which may take until the end of next week. "   \
    "The crane, built forty years ago, was due to be taken down this summer. Its makers are to "   \
    "send an engineer on Friday; the board wants to know why the brakes did not hold although "    \
    "they had been tested in spring. Fishermen complain that the ice house is cut off from the "   \
    "road, and ask for a pontoon bridge. A decision on that is expected on Monday."

Test(collapse, a_report_on_several_sites_is_one_hit)
{
    static const struct small_article articles[] = {
        {"kettlehaven-news", "en", "Crane topples in gale",
         "Home News Sport Weather. " REPORT
         " Read more about the harbour. Subscribe to our letter."},
        {"island-post", "en", "Crane topples in gale",
         "Island Post, Wednesday. " REPORT " Copyright Island Post. All rights reserved."},
        {"coast-radio", "en", "Crane topples onto quay", REPORT " Listen live. Contact us."},
        {"agency", "en", "Crane topples in gale", REPORT},
        {"mirror", "en", "Crane topples in gale", REPORT},
        {"other", "en", "New crane for the harbour",
         "The harbour board of Kettlehaven has ordered a new crane for the north mole. It is to be "
         "put up in autumn, and to lift twice what the old one did before the gale."},
    };
    struct lede_search_options near = {.collapse = LEDE_COLLAPSE_NEAR},
                               exact = {.collapse = LEDE_COLLAPSE_EXACT};
    struct lede_index *index;
    struct lede_results *results;

    for (size_t i = 0; i < sizeof articles / sizeof *articles; i++)
        small_add("index", NULL, &articles[i], 1);
    index = small_open("index");
    results = small_search(index, "harbour crane gale", &near);
    cr_assert_eq(lede_results_count(results), 2);
    for (size_t i = 0; i < 2; i++) {
        const struct lede_hit *hit = lede_results_hit(results, i);
        bool other = hit->id.size == 5 && memcmp(hit->id.data, "other", 5) == 0;

        cr_expect_eq(hit->copies, other ? 0 : 4);
    }
    cr_expect_eq(lede_results_total(results), 6);
    lede_results_free(results);
    /* The board's words of the report alone: whether a copy matches plays no part. */
    results = small_search(index, "subscribe", &near);
    cr_assert_eq(lede_results_count(results), 1);
    cr_expect_eq(lede_results_hit(results, 0)->copies, 4);
    lede_results_free(results);
    results = small_search(index, "harbour crane gale", &exact);
    cr_assert_eq(lede_results_count(results), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct lede_hit *hit = lede_results_hit(results, i);

        cr_expect_eq(hit->copies, hit->id.size == 6 && memcmp(hit->id.data, "agency", 6) == 0);
    }
    lede_results_free(results);
    lede_index_close(index);
}
