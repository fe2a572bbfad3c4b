#include "turns.h"

#include <assert.h>

void turns_init(struct turns *turns)
{
    (void)pthread_mutex_init(&turns->mutex, NULL);
    (void)pthread_cond_init(&turns->moved, NULL);
    turns->ended = 0;
    turns->stopped = false;
}

void turns_done(struct turns *turns)
{
    (void)pthread_cond_destroy(&turns->moved);
    (void)pthread_mutex_destroy(&turns->mutex);
}

bool turns_wait(struct turns *turns, size_t number)
{
    bool wanted;

    (void)pthread_mutex_lock(&turns->mutex);
    while (!turns->stopped && turns->ended + 1 < number)
        (void)pthread_cond_wait(&turns->moved, &turns->mutex);
    wanted = !turns->stopped;
    (void)pthread_mutex_unlock(&turns->mutex);
    return wanted;
}

void turns_end(struct turns *turns, size_t number, bool stop)
{
    (void)pthread_mutex_lock(&turns->mutex);
    assert(turns->stopped || turns->ended + 1 == number);
    turns->ended = number;
    turns->stopped |= stop;
    (void)pthread_cond_broadcast(&turns->moved);
    (void)pthread_mutex_unlock(&turns->mutex);
}
