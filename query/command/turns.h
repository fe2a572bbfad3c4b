/* turns.h -- threads that write their answers in the order of the questions.
 *
 * Turns are numbered from 1, each taken by one thread and ended by it; turn n + 1 comes when turn n
 * has ended. Who has the turn may stop the others: then all later turns come at once, and are told
 * that nothing is wanted from them. Thread-safe. */
#ifndef LEDE_QUERY_COMMAND_TURNS_H
#define LEDE_QUERY_COMMAND_TURNS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct turns {
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    size_t ended; /* how many */
    bool stopped;
};

void turns_init(struct turns *turns);
void turns_done(struct turns *turns);

/* Waits for the turn with this number; once it is there, returns at once. False: stopped. */
bool turns_wait(struct turns *turns, size_t number);

/* Ends the turn, which has come; stop: nothing more is wanted. */
void turns_end(struct turns *turns, size_t number, bool stop);

#endif
