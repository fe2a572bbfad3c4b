/* session.h -- from a query to its answer on standard output, again and again, by one thread.
 *
 * Notes, advice and the summary go to standard error, each query's in its turn where there are
 * several sessions. A writer that wrote over what was read (lede_index_overtaken) makes the session
 * ask anew, of an index that it opens for itself. */
#ifndef LEDE_QUERY_COMMAND_SESSION_H
#define LEDE_QUERY_COMMAND_SESSION_H

#include "evaluation.h"
#include "output.h"

#define SESSION_PROGRAM "lede-search"

struct session {
    const struct options *options;
    struct lede_index *index;
    bool owns_index;
    struct output out;
    struct evaluation *evaluation; /* NULL: answers are printed, not measured */
    bool summary;                  /* say how many and how fast */
    bool matched;                  /* something was found */
};

/* Opens the indexes of the options as one, several times if a writer is in the way. */
enum lede_status session_open_index(const struct options *options, struct lede_index **index,
                                    struct lede_error *err);

/* index stays the caller's, and has to live as long as the session. turns NULL: it is the only one.
 */
void session_init(struct session *session, const struct options *options, struct lede_index *index,
                  struct turns *turns);
void session_done(struct session *session);

/* Answers answer->query, or finds what is like options->similar. LEDE_INVALID and LEDE_LIMIT tell
 * what is wrong with the query, and nothing was written then. */
enum lede_status session_answer(struct session *session, struct answer *answer,
                                struct lede_error *err);

/* The same, by a session of its own, of the query or similar in the options; what options->open
 * asks for is paged on a terminal. */
enum lede_status session_answer_one(const struct options *options, struct lede_index *index,
                                    bool *matched, struct lede_error *err);

#endif
