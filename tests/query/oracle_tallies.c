#include "tests/query/oracle_world.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* ---- by date ---- */

static int compare_places(const struct naive_hit *a, const struct naive_hit *b)
{
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    return (a->document > b->document) - (a->document < b->document);
}

/* The oldest first, undated ones last. */
static int compare_dates(const void *a, const void *b)
{
    const struct naive_hit *left = a, *right = b;

    if (left->dated != right->dated)
        return left->dated ? -1 : 1;
    if (left->dated && left->date != right->date)
        return left->date < right->date ? -1 : 1;
    return compare_places(left, right);
}

static int compare_dates_falling(const void *a, const void *b)
{
    const struct naive_hit *left = a, *right = b;

    if (left->dated && right->dated && left->date != right->date)
        return left->date > right->date ? -1 : 1;
    return compare_dates(a, b);
}

/* The bars as they should be, units told by libc, of hits from the oldest on. */
static void check_histogram(struct world *world, const char *text,
                            const struct lede_results *results, const struct naive_hit *expected,
                            size_t count)
{
    static const char *const formats[] = {"%Y", "%Y-%m", "%Y-%m-%d"};
    uint32_t unit = dice_below(&world->dice, 3);
    struct lede_histogram *histogram;
    size_t at = 0, bar = 0;

    cr_assert_eq(lede_histogram(results, (enum lede_precision)(LEDE_YEAR + unit), &histogram, NULL),
                 LEDE_OK);
    for (size_t end; at < count && expected[at].dated; at = end, bar++) {
        time_t seconds = (time_t)expected[at].date;
        char span[32], told[LEDE_DATE_TEXT];
        struct tm tm;

        strftime(span, sizeof span, formats[unit], gmtime_r(&seconds, &tm));
        for (end = at; end < count && expected[end].dated; end++) {
            char other[32];

            seconds = (time_t)expected[end].date;
            strftime(other, sizeof other, formats[unit], gmtime_r(&seconds, &tm));
            if (strcmp(other, span) != 0)
                break;
        }
        cr_assert_lt(bar, histogram->count);
        lede_date_format(histogram->bars[bar].date, told);
        cr_assert(strcmp(told, span) == 0 && histogram->bars[bar].articles == end - at,
                  "LEDE_SEED=%llu, query <%s>: %s has %zu, told is %s with %llu",
                  (unsigned long long)world->dice.seed, text, span, end - at, told,
                  (unsigned long long)histogram->bars[bar].articles);
    }
    cr_assert_eq(histogram->count, bar);
    cr_assert_eq(histogram->undated, count - at);
    lede_histogram_free(histogram);
}

void oracle_check_by_date(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, struct naive_hit *expected,
                          size_t count)
{
    struct lede_results *results;

    if (count)
        qsort(expected, count, sizeof *expected, compare_dates_falling);
    options.order = LEDE_BY_DATE;
    oracle_check_answers(world, text, size, options, expected, count);
    if (count)
        qsort(expected, count, sizeof *expected, compare_dates);
    options.order = LEDE_BY_DATE_RISING;
    oracle_check_answers(world, text, size, options, expected, count);
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, &options, &results, NULL),
        LEDE_OK);
    check_histogram(world, text, results, expected, count);
    lede_results_free(results);
}

/* ---- facets ---- */

struct tally {
    char value[64];
    uint64_t articles;
};

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return x->articles != y->articles ? (x->articles < y->articles ? 1 : -1)
                                      : strcmp(x->value, y->value);
}

/* What the hits have of a field, by their values; *without: how many have none. */
static size_t count_values(const char *name, const struct naive_hit *hits, size_t count,
                           struct tally *tallies, uint64_t *without)
{
    size_t found = 0, size = strlen(name);

    *without = 0;
    for (size_t i = 0; i < count; i++) {
        bool none = true;

        for (size_t j = 0; j < hits[i].keyword_count; j++) {
            const char *keyword = hits[i].keywords[j];
            size_t at = 0, before = 0;

            if (strncmp(keyword, name, size) != 0 || keyword[size] != ':')
                continue;
            none = false;
            while (before < j && strcmp(hits[i].keywords[before], keyword) != 0)
                before++;
            while (at < found && strcmp(tallies[at].value, keyword + size + 1) != 0)
                at++;
            if (at == found)
                sprintf(tallies[found++].value, "%s", keyword + size + 1);
            tallies[at].articles += before == j; /* not said before */
        }
        *without += none;
    }
    qsort(tallies, found, sizeof *tallies, compare_tallies);
    return found;
}

static bool same_value(struct lede_bytes value, const char *folded)
{
    const char *at = value.data, *end = at + value.size;

    for (; at < end; at++) {
        if (*at == ' ' && at[-1] == ' ')
            continue;
        if ((*at >= 'A' && *at <= 'Z' ? *at + 32 : *at) != *folded++)
            return false;
    }
    return *folded == '\0';
}

static void check_facet(struct world *world, const char *text, const struct lede_results *results,
                        const char *name, const struct naive_hit *hits, size_t count)
{
    struct tally tallies[VALUE_COUNT] = {{.articles = 0}};
    uint64_t without;
    size_t found = count_values(name, hits, count, tallies, &without);
    size_t limit = dice_below(&world->dice, VALUE_COUNT + 2);
    struct lede_facet *facet;

    cr_assert_eq(lede_facet(results, (struct lede_bytes){name, strlen(name)}, limit, &facet, NULL),
                 LEDE_OK);
    cr_assert(facet->distinct == found && facet->without == without &&
                  facet->count == (found < limit ? found : limit),
              "LEDE_SEED=%llu, query <%s>: %llu values of %s for %zu, %llu without for %llu",
              (unsigned long long)world->dice.seed, text, (unsigned long long)facet->distinct, name,
              found, (unsigned long long)facet->without, (unsigned long long)without);
    for (size_t i = 0; i < facet->count; i++)
        cr_assert(facet->values[i].articles == tallies[i].articles &&
                      same_value(facet->values[i].value, tallies[i].value),
                  "LEDE_SEED=%llu, query <%s>: %s number %zu is %s with %llu",
                  (unsigned long long)world->dice.seed, text, name, i, tallies[i].value,
                  (unsigned long long)tallies[i].articles);
    lede_facet_free(facet);
}

void oracle_check_facets(struct world *world, const char *text, size_t size,
                         const struct lede_search_options *options, const struct naive_hit *hits,
                         size_t count)
{
    struct lede_results *results;

    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, options, &results, NULL),
        LEDE_OK);
    for (size_t i = 0; i < (world->indexes > 1 ? 3 : 2); i++)
        check_facet(world, text, results, ORACLE_NAMES[i], hits, count);
    lede_results_free(results);
}
