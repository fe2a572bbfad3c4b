/* evaluation.h -- lede-search --eval: rankings of topics measured by judgements, and compared with
 * another run's.
 *
 * Every topic of the judgements that has a relevant article counts, with 0 where there was no
 * ranking (trec_eval -c). As trec_eval does, a ranking is sorted anew: by falling score, equal
 * scores by falling id as bytes. What is printed is a line a topic and one of means, fields between
 * tabs. With another run (lines `topic Q0 id rank score name`), a line a measure follows: both
 * means, their difference, on how many topics the other run is worse, equal, better, and the
 * two-sided p of Student's paired t test. */
#ifndef LEDE_QUERY_COMMAND_EVALUATION_H
#define LEDE_QUERY_COMMAND_EVALUATION_H

#include "judgements.h"
#include "output.h"

struct evaluated {
    struct slice topic; /* of the judgements */
    struct measures ours, other;
};

struct ranked {
    struct slice topic, id;
    double score;
};

struct evaluation {
    struct judgements judgements;
    struct buffer run_text;
    struct ranked *run; /* the other run, by topic, then as ranked */
    size_t run_count, run_capacity;
    struct evaluated *topics; /* by topic */
    size_t topic_count;
    size_t unjudged; /* topics that were ranked in vain */
    bool compares;
};

/* Reads the judgements, and the other run unless it is NULL. To be given to evaluation_done in any
 * case. LEDE_INVALID, LEDE_IO, LEDE_NO_MEMORY. */
enum lede_status evaluation_open(const char *judgements, const char *run,
                                 struct evaluation *evaluation, struct lede_error *err);
void evaluation_done(struct evaluation *evaluation);

/* Measures what was found for a topic. The last answer for a topic counts. */
enum lede_status evaluation_add(struct evaluation *evaluation, const struct answer *answer,
                                struct lede_error *err);

/* Puts the tables to out. */
void evaluation_print(const struct evaluation *evaluation, struct output *out);

/* The two-sided p of Student's t with so many degrees of freedom (Abramowitz and Stegun, Handbook
 * of Mathematical Functions, 26.7.3 and 26.7.4). */
double student_p(double t, size_t freedom);

#endif
