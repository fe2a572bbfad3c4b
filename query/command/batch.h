/* batch.h -- many queries in one process: the lines of standard input, or topics.
 *
 * Each of options->jobs threads takes a line, answers it, and writes the answer, and what is told
 * beside it, when all lines before it are answered: what comes out does not depend on how many
 * there are. Every answer is written as soon as it may be, whether or not more lines follow. A
 * thread holds one answer, or the last MiB of a longer one that has its turn. */
#ifndef LEDE_QUERY_COMMAND_BATCH_H
#define LEDE_QUERY_COMMAND_BATCH_H

#include "session.h"

struct batch_result {
    bool matched; /* some line found something */
    bool refused; /* what was wrong with some line was told */
};

/* evaluation NULL: answers are printed, not measured. A query that makes no sense, or passes a
 * limit, is told on standard error (and in json, jsonl in its place), and the next one answered;
 * anything else ends it: LEDE_IO, LEDE_CORRUPT, ...; LEDE_INVALID: a topic without its id. */
enum lede_status batch_answer(const struct options *options, struct lede_index *index,
                              struct evaluation *evaluation, struct batch_result *result,
                              struct lede_error *err);

#endif
