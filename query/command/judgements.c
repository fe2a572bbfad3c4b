#include "judgements.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "columns_file.h"

enum { FIELDS = 4, CUT = 10 };

const char *const MEASURE_NAMES[MEASURES] = {"nDCG@10", "MAP", "MRR", "P@10", "R@100", "R@1000"};

/* ---- reading ---- */

static int compare(const void *a, const void *b)
{
    const struct judgement *left = a, *right = b;
    int order = slice_compare(left->topic, right->topic);

    return order ? order : slice_compare(left->id, right->id);
}

static enum lede_status add(void *context, const struct columns_line *line, struct lede_error *err)
{
    struct judgements *judgements = context;
    struct judgement judgement = {.topic = line->fields[0], .id = line->fields[2]};

    if (!columns_integer(line->fields[3], &judgement.grade))
        return error_set(err, LEDE_INVALID, "%s:%zu: the grade, the last field, is no integer",
                         line->path, line->number);
    if (judgements->count == judgements->capacity &&
        !array_grow((void **)&judgements->items, &judgements->capacity, sizeof judgement, NULL))
        return error_no_memory(err);
    judgements->items[judgements->count++] = judgement;
    return LEDE_OK;
}

static enum lede_status refuse_doubles(const char *path, const struct judgements *judgements,
                                       struct lede_error *err)
{
    for (size_t i = 1; i < judgements->count; i++) {
        const struct judgement *item = &judgements->items[i];

        if (compare(item - 1, item) == 0)
            return error_set(err, LEDE_INVALID, "%s: topic %.*s judges article %.*s twice", path,
                             (int)item->topic.size, (const char *)item->topic.data,
                             (int)item->id.size, (const char *)item->id.data);
    }
    return LEDE_OK;
}

enum lede_status judgements_read(const char *path, struct judgements *judgements,
                                 struct lede_error *err)
{
    enum lede_status status;

    *judgements = (struct judgements){.count = 0};
    buffer_init(&judgements->text, NULL);
    status = columns_read(path, FIELDS, &judgements->text, add, judgements, err);
    if (status != LEDE_OK)
        return status;
    if (judgements->count == 0)
        return error_set(err, LEDE_INVALID, "%s: no judgement in it", path);
    qsort(judgements->items, judgements->count, sizeof *judgements->items, compare);
    return refuse_doubles(path, judgements, err);
}

void judgements_done(struct judgements *judgements)
{
    array_free(judgements->items, judgements->capacity, sizeof *judgements->items, NULL);
    buffer_done(&judgements->text);
    judgements->items = NULL;
    judgements->count = judgements->capacity = 0;
}

const struct judgement *judgements_of(const struct judgements *judgements, struct slice topic,
                                      size_t *count)
{
    size_t low = 0, high = judgements->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(judgements->items[middle].topic, topic) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < judgements->count &&
                     slice_equal(judgements->items[low + *count].topic, topic);)
        ++*count;
    return judgements->items + low;
}

/* ---- measuring ---- */

static int grade_of(const struct judgement *judged, size_t count, struct slice id)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(judged[middle].id, id);

        if (order == 0)
            return judged[middle].grade > 0 ? judged[middle].grade : 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

static double gain(int grade, size_t rank)
{
    return grade / log2((double)rank + 1);
}

/* The gain of the best ranking there could be. *relevant: how many articles are. */
static double ideal_gain(const struct judgement *judged, size_t count, size_t *relevant)
{
    int best[CUT] = {0};
    double ideal = 0;

    *relevant = 0;
    for (size_t i = 0; i < count; i++) {
        int grade = judged[i].grade;

        *relevant += grade > 0;
        for (size_t place = 0; place < CUT; place++)
            if (grade > best[place]) {
                int worse = best[place];

                best[place] = grade;
                grade = worse;
            }
    }
    for (size_t place = 0; place < CUT; place++)
        ideal += gain(best[place], place + 1);
    return ideal;
}

bool measures_of(const struct judgement *judged, size_t judged_count, const struct slice *ranking,
                 size_t ranked, struct measures *out)
{
    size_t relevant, found = 0;
    double ideal = ideal_gain(judged, judged_count, &relevant);

    *out = (struct measures){{0}};
    if (relevant == 0)
        return false;
    for (size_t rank = 1; rank <= ranked; rank++) {
        int grade = grade_of(judged, judged_count, ranking[rank - 1]);

        if (grade == 0)
            continue;
        found++;
        if (rank <= CUT)
            out->of[MEASURE_NDCG_10] += gain(grade, rank) / ideal;
        out->of[MEASURE_MAP] += (double)found / (double)rank / (double)relevant;
        if (found == 1)
            out->of[MEASURE_MRR] = 1 / (double)rank;
        out->of[MEASURE_P_10] += rank <= CUT ? 1.0 / CUT : 0;
        out->of[MEASURE_R_100] += rank <= 100 ? 1 / (double)relevant : 0;
        out->of[MEASURE_R_1000] += rank <= 1000 ? 1 / (double)relevant : 0;
    }
    return true;
}
