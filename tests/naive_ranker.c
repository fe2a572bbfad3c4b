#include "naive_ranker.h"

#include <math.h>
#include <stdlib.h>

#include "index/norm.h"
#include "naive_search.h"

/* ---- scores ---- */

static void weigh_list(const struct naive_search *search, struct naive_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct naive_group *group = &list->groups[i];

        weigh_list(search, &group->list);
        for (size_t j = 0; j < group->count; j++) {
            struct naive_word *word = &group->words[j];

            for (size_t k = 0; k < word->count; k++) {
                uint64_t df = naive_term_df(search->ranker, &word->terms[k]);

                word->df = df > word->df ? df : word->df;
            }
            group->idf += log(1 + ((double)search->articles - (double)word->df + 0.5) /
                                      ((double)word->df + 0.5));
        }
        group->weight = (float)(group->boost * group->idf * group->repeats);
    }
}

static void weigh(struct naive_search *search)
{
    for (size_t i = 0; i < search->ranker->count; i++) {
        search->articles += search->ranker->documents[i].length > 0;
        search->tokens += search->ranker->documents[i].length;
    }
    weigh_list(search, &search->list);
}

/* What is wanted beside filters has to be there: all that is required, or else one of the others.
 */
static bool matches(const struct naive_search *search, const struct naive_document *document,
                    const struct naive_list *list)
{
    bool required = false, one = false, optional = false, filter = false;

    for (size_t i = 0; i < list->count; i++) {
        const struct naive_group *group = &list->groups[i];
        bool there = group->list.groups ? matches(search, document, &group->list)
                     : group->filter    ? naive_passes(document, group)
                                        : naive_group_tf(search, document, group) > 0;

        if (group->occur == NAIVE_PROHIBITED ? there : group->occur == NAIVE_REQUIRED && !there)
            return false;
        required |= group->occur == NAIVE_REQUIRED && !group->filter;
        filter |= group->occur == NAIVE_REQUIRED && group->filter;
        optional |= group->occur == NAIVE_OPTIONAL;
        one |= group->occur == NAIVE_OPTIONAL && there;
    }
    return required || one || (filter && !optional);
}

/* Adds what the list, which matches, is worth: in the order of the query. */
static void add_score(const struct naive_search *search, const struct naive_document *document,
                      const struct naive_list *list, float inverse, double *score)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct naive_group *group = &list->groups[i];
        uint32_t tf;
        float share;

        if (group->occur == NAIVE_PROHIBITED || (group->filter && !group->list.groups))
            continue;
        if (group->list.groups) {
            if (matches(search, document, &group->list))
                add_score(search, document, &group->list, inverse, score);
            continue;
        }
        tf = naive_group_tf(search, document, group);
        if (tf == 0)
            continue;
        share = group->weight / (1 + (float)tf * inverse);
        share = group->weight - share;
        *score += (double)share;
    }
}

static void find_dates(struct naive_search *search)
{
    search->newest = INT64_MIN;
    search->oldest = INT64_MAX;
    for (size_t i = 0; i < search->ranker->count; i++) {
        const struct naive_document *document = &search->ranker->documents[i];

        if (document->dated && document->date > search->newest)
            search->newest = document->date;
        if (document->dated && document->date < search->oldest)
            search->oldest = document->date;
    }
}

/* From the newest of all dates, or the end of those that are wanted; an undated one is the oldest.
 */
static double faded(const struct naive_search *search, const struct naive_document *document)
{
    int64_t newest = search->newest;
    double age;

    if (search->query->half_life <= 0 || newest < search->oldest)
        return 1;
    if (search->query->dated && newest > search->query->last)
        newest = search->query->last;
    age = (double)newest - (double)(document->dated ? document->date : search->oldest);
    return age > 0 ? exp2(-age / search->query->half_life) : 1;
}

/* True if the document matches; *score is what it is worth then. */
static bool rank(const struct naive_search *search, const struct naive_document *document,
                 double *score)
{
    double average = (double)search->tokens / (double)search->articles;
    uint32_t length = norm_decode(norm_encode(document->length));
    double k = search->query->k1 * (1 - search->query->b + search->query->b * (length / average));

    *score = 0;
    if (!matches(search, document, &search->list))
        return false;
    add_score(search, document, &search->list, (float)(1 / k), score);
    *score *= faded(search, document);
    return true;
}

static int compare_hits(const void *a, const void *b)
{
    const struct naive_hit *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->document > y->document) - (x->document < y->document);
}

struct naive_hit *naive_ranker_search(struct naive_ranker *ranker, const struct naive_query *query,
                                      size_t *count)
{
    struct naive_search *search = calloc(1, sizeof *search);
    struct naive_hit *hits = NULL;
    size_t capacity = 0;
    double score;

    if (!search)
        abort();
    search->ranker = ranker;
    search->query = query;
    *count = 0;
    naive_list_init(&search->list);
    for (size_t i = 0; i < query->count; i++)
        naive_list_add(search, &query->clauses[i], 1, &search->list);
    if (query->dated)
        naive_list_add_dates(&search->list, NAIVE_REQUIRED, query->first, query->last);
    weigh(search);
    find_dates(search);
    for (size_t i = 0; i < ranker->count; i++) {
        const struct naive_document *document = &ranker->documents[i];

        if (document->deleted || !rank(search, document, &score))
            continue;
        hits = naive_grown(hits, *count, &capacity, sizeof *hits);
        hits[(*count)++] = (struct naive_hit){.score = score,
                                              .index = document->index,
                                              .segment = document->segment,
                                              .document = document->number,
                                              .dated = document->dated,
                                              .date = document->date,
                                              .id = document->id,
                                              .keywords = (const char(*)[64])document->keywords,
                                              .keyword_count = document->keyword_count};
    }
    if (*count)
        qsort(hits, *count, sizeof *hits, compare_hits);
    naive_list_free(&search->list);
    free(search);
    return hits;
}
