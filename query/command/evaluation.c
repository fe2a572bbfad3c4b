#include "evaluation.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/error.h"
#include "base/lede_bytes.h"
#include "columns_file.h"

enum { RUN_FIELDS = 6 };

/* ---- rankings ---- */

/* As trec_eval: the better score, then the greater id. */
static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    int order = slice_compare(left->topic, right->topic);

    if (order == 0)
        order = (left->score < right->score) - (left->score > right->score);
    return order ? order : slice_compare(right->id, left->id);
}

/* Measures a sorted ranking of one topic. */
static enum lede_status measure(const struct evaluation *evaluation, const struct ranked *ranking,
                                size_t count, struct slice topic, struct measures *out,
                                struct lede_error *err)
{
    struct slice *ids = malloc((count + 1) * sizeof *ids);
    const struct judgement *judged;
    size_t judged_count;

    if (!ids)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++)
        ids[i] = ranking[i].id;
    judged = judgements_of(&evaluation->judgements, topic, &judged_count);
    (void)measures_of(judged, judged_count, ids, count, out);
    free(ids);
    return LEDE_OK;
}

/* ---- the other run ---- */

static enum lede_status add_ranked(void *context, const struct columns_line *line,
                                   struct lede_error *err)
{
    struct evaluation *evaluation = context;
    struct ranked ranked = {.topic = line->fields[0], .id = line->fields[2]};

    if (!columns_real(line->fields[4], &ranked.score))
        return error_set(err, LEDE_INVALID, "%s:%zu: the score, the fifth field, is no number",
                         line->path, line->number);
    if (evaluation->run_count == evaluation->run_capacity &&
        !array_grow((void **)&evaluation->run, &evaluation->run_capacity, sizeof ranked, NULL))
        return error_no_memory(err);
    evaluation->run[evaluation->run_count++] = ranked;
    return LEDE_OK;
}

static struct evaluated *find_topic(const struct evaluation *evaluation, struct slice topic)
{
    size_t low = 0, high = evaluation->topic_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_compare(evaluation->topics[middle].topic, topic);

        if (order == 0)
            return &evaluation->topics[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static int compare_ids(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;
    int order = slice_compare(left->topic, right->topic);

    return order ? order : slice_compare(left->id, right->id);
}

static enum lede_status refuse_unsound(struct evaluation *evaluation, const char *path,
                                       struct lede_error *err)
{
    if (evaluation->run_count == 0)
        return error_set(err, LEDE_INVALID, "%s: no article is ranked in it", path);
    qsort(evaluation->run, evaluation->run_count, sizeof *evaluation->run, compare_ids);
    for (size_t i = 1; i < evaluation->run_count; i++) {
        const struct ranked *item = &evaluation->run[i];

        if (compare_ids(item - 1, item) == 0)
            return error_set(err, LEDE_INVALID, "%s: topic %.*s ranks article %.*s twice", path,
                             (int)item->topic.size, (const char *)item->topic.data,
                             (int)item->id.size, (const char *)item->id.data);
    }
    return LEDE_OK;
}

static enum lede_status measure_run(struct evaluation *evaluation, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    qsort(evaluation->run, evaluation->run_count, sizeof *evaluation->run, compare_ranked);
    for (size_t from = 0, to; from < evaluation->run_count && status == LEDE_OK; from = to) {
        struct slice topic = evaluation->run[from].topic;
        struct evaluated *evaluated = find_topic(evaluation, topic);

        for (to = from + 1; to < evaluation->run_count; to++)
            if (!slice_equal(evaluation->run[to].topic, topic))
                break;
        if (evaluated)
            status = measure(evaluation, evaluation->run + from, to - from, topic,
                             &evaluated->other, err);
    }
    return status;
}

/* ---- opening ---- */

/* A place for every topic that has a relevant article. */
static enum lede_status list_topics(struct evaluation *evaluation, const char *path,
                                    struct lede_error *err)
{
    const struct judgements *judgements = &evaluation->judgements;

    evaluation->topics = calloc(judgements->count, sizeof *evaluation->topics);
    if (!evaluation->topics)
        return error_no_memory(err);
    for (size_t i = 0; i < judgements->count; i++) {
        struct slice topic = judgements->items[i].topic;
        size_t count = evaluation->topic_count;

        if (judgements->items[i].grade > 0 &&
            (count == 0 || !slice_equal(evaluation->topics[count - 1].topic, topic)))
            evaluation->topics[evaluation->topic_count++].topic = topic;
    }
    return evaluation->topic_count > 0
               ? LEDE_OK
               : error_set(err, LEDE_INVALID, "%s: no topic has a relevant article", path);
}

enum lede_status evaluation_open(const char *judgements, const char *run,
                                 struct evaluation *evaluation, struct lede_error *err)
{
    enum lede_status status;

    *evaluation = (struct evaluation){.compares = run != NULL};
    buffer_init(&evaluation->run_text, NULL);
    status = judgements_read(judgements, &evaluation->judgements, err);
    if (status == LEDE_OK)
        status = list_topics(evaluation, judgements, err);
    if (status == LEDE_OK && run)
        status = columns_read(run, RUN_FIELDS, &evaluation->run_text, add_ranked, evaluation, err);
    if (status == LEDE_OK && run)
        status = refuse_unsound(evaluation, run, err);
    return status == LEDE_OK && run ? measure_run(evaluation, err) : status;
}

void evaluation_done(struct evaluation *evaluation)
{
    judgements_done(&evaluation->judgements);
    buffer_done(&evaluation->run_text);
    array_free(evaluation->run, evaluation->run_capacity, sizeof *evaluation->run, NULL);
    free(evaluation->topics);
    *evaluation = (struct evaluation){.run = NULL};
}

enum lede_status evaluation_add(struct evaluation *evaluation, const struct answer *answer,
                                struct lede_error *err)
{
    struct evaluated *evaluated = find_topic(evaluation, answer->topic);
    size_t count = lede_results_count(answer->results);
    struct ranked *ranking;
    enum lede_status status;

    if (!evaluated) {
        evaluation->unjudged++;
        return LEDE_OK;
    }
    ranking = malloc((count + 1) * sizeof *ranking);
    if (!ranking)
        return error_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct lede_hit *hit = lede_results_hit(answer->results, i);

        ranking[i] = (struct ranked){evaluated->topic, slice_from(hit->id), hit->score};
    }
    qsort(ranking, count, sizeof *ranking, compare_ranked);
    status = measure(evaluation, ranking, count, evaluated->topic, &evaluated->ours, err);
    free(ranking);
    return status;
}

/* ---- printing ---- */

double student_p(double t, size_t freedom)
{
    double angle = atan2(fabs(t), sqrt((double)freedom)), square = cos(angle) * cos(angle);
    size_t odd = freedom % 2;
    double term = odd ? cos(angle) : 1, sum = freedom > 1 ? term : 0;

    for (size_t i = 2 + odd; i < freedom; i += 2) {
        term *= square * (double)(i - 1) / (double)i;
        sum += term;
    }
    sum *= sin(angle);
    if (odd)
        sum = (angle + sum) * M_2_PI;
    return fmin(1, fmax(0, 1 - sum));
}

static void put_measures(struct output *out, const char *label, const struct measures *measures)
{
    buffer_str(&out->text, label);
    for (size_t i = 0; i < MEASURES; i++)
        buffer_printf(&out->text, "\t%.4f", measures->of[i]);
    buffer_byte(&out->text, '\n');
}

static double mean_of(const struct evaluation *evaluation, size_t measure, bool other)
{
    double sum = 0;

    for (size_t i = 0; i < evaluation->topic_count; i++) {
        const struct evaluated *topic = &evaluation->topics[i];

        sum += (other ? &topic->other : &topic->ours)->of[measure];
    }
    return sum / (double)evaluation->topic_count;
}

/* Of the differences of a measure, topic by topic; 1 where they say nothing. */
static double paired_p(const struct evaluation *evaluation, size_t measure)
{
    double count = (double)evaluation->topic_count, squares = 0;
    double mean = mean_of(evaluation, measure, true) - mean_of(evaluation, measure, false);

    for (size_t i = 0; i < evaluation->topic_count; i++) {
        const struct evaluated *topic = &evaluation->topics[i];
        double off = topic->other.of[measure] - topic->ours.of[measure] - mean;

        squares += off * off;
    }
    if (count < 2 || squares == 0)
        return mean == 0 || count < 2 ? 1 : 0;
    return student_p(mean / sqrt(squares / (count - 1) / count), evaluation->topic_count - 1);
}

static void put_comparison(const struct evaluation *evaluation, size_t measure, struct output *out)
{
    double ours = mean_of(evaluation, measure, false), other = mean_of(evaluation, measure, true);
    size_t worse = 0, better = 0;

    for (size_t i = 0; i < evaluation->topic_count; i++) {
        double before = evaluation->topics[i].ours.of[measure];
        double after = evaluation->topics[i].other.of[measure];

        worse += after < before;
        better += after > before;
    }
    buffer_printf(&out->text, "%s\t%.4f\t%.4f\t%+.4f\t%zu\t%zu\t%zu\t%.4f\n",
                  MEASURE_NAMES[measure], ours, other, other - ours, worse,
                  evaluation->topic_count - worse - better, better, paired_p(evaluation, measure));
}

void evaluation_print(const struct evaluation *evaluation, struct output *out)
{
    struct measures mean;

    buffer_str(&out->text, "topic");
    for (size_t i = 0; i < MEASURES; i++)
        buffer_printf(&out->text, "\t%s", MEASURE_NAMES[i]);
    buffer_byte(&out->text, '\n');
    for (size_t i = 0; i < evaluation->topic_count; i++) {
        output_put_field(out, evaluation->topics[i].topic);
        put_measures(out, "", &evaluation->topics[i].ours);
    }
    for (size_t i = 0; i < MEASURES; i++)
        mean.of[i] = mean_of(evaluation, i, false);
    put_measures(out, "mean", &mean);
    if (!evaluation->compares)
        return;
    buffer_str(&out->text, "\nmeasure\tthis\tother\tdifference\tworse\tequal\tbetter\tp\n");
    for (size_t i = 0; i < MEASURES; i++)
        put_comparison(evaluation, i, out);
}
