/* history.h -- an index of a few articles and all that it has been: so that what a fault left can
 * be compared with what was acknowledged.
 *
 * Each article has a generation, which its text begins with and follows from; each commit sets the
 * generations of some articles anew. A state is the generation of every article: an index that is
 * in none of the states that it may be in has lost something or shows a part of a commit. */
#ifndef TESTS_FAULT_HISTORY_H
#define TESTS_FAULT_HISTORY_H

#include "lede.h"
#include "tests/index/dice.h"

enum {
    HISTORY_ARTICLES = 40,
    HISTORY_FILES = 2,
    HISTORY_STATES = 4096,
    HISTORY_ARGUMENTS = 24 /* of a command, NULL included */
};

struct history {
    struct dice *dice;
    char *index, *input;                 /* the directory; the file that articles are read from */
    char *other;                         /* an index to be merged; NULL: none yet */
    char *folder, *files[HISTORY_FILES]; /* a directory for sync, and files that may be there */
    bool synced[HISTORY_STATES][HISTORY_ARTICLES];     /* it is from the folder, if it is there */
    uint16_t states[HISTORY_STATES][HISTORY_ARTICLES]; /* generations; 0: not there */
    unsigned count;                                    /* states; the first is: nothing there */
    uint16_t generation;                               /* the last that was given out */

    /* The step to come, or the one that came last. */
    const char *arguments[HISTORY_ARGUMENTS]; /* of lede-index */
    unsigned before;                          /* the state before it; count - 1 is the one after */
    char ids[HISTORY_ARTICLES][8];
};

/* In a directory that is there. To be given to history_free. */
struct history *history_new(const char *directory, struct dice *dice);
void history_free(struct history *history);

/* Chooses a command (add with one or several commits, rm, sync, compact, merge), writes its input
 * and notes the states that it goes through. */
void history_step(struct history *history);

/* NULL: the index in path is whole (deep: in every respect) and in one of the states from..to,
 * *state. Else what is wrong, to be freed. */
char *history_check(const struct history *history, const char *path, bool deep, unsigned from,
                    unsigned to, unsigned *state);

#endif
