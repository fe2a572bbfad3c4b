/* clock.h -- seconds for waiting and telling, from a clock that is never set. Thread-safe. */
#ifndef LEDE_BASE_CLOCK_H
#define LEDE_BASE_CLOCK_H

#include <time.h>

static inline double clock_seconds(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

#endif
