/* dice.h -- random numbers for tests: the seed is LEDE_SEED, or the clock's; print it on failure.
 *
 * SplitMix64 (Steele, Lea and Flood, 2014). */
#ifndef TESTS_INDEX_DICE_H
#define TESTS_INDEX_DICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct dice {
    uint64_t seed, state;
};

static inline struct dice dice_of(uint64_t seed)
{
    return (struct dice){seed, seed};
}

static inline struct dice dice_new(void)
{
    const char *wanted = getenv("LEDE_SEED");
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return dice_of(wanted ? strtoull(wanted, NULL, 10)
                          : (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec +
                                ((uint64_t)getpid() << 32));
}

/* The seed of a test that has begun and not ended: of one that failed, once the process exits. */
static inline unsigned long long *dice_unfinished(void)
{
    static unsigned long long seed;

    return &seed;
}

static inline void dice_report(void)
{
    if (*dice_unfinished())
        (void)fprintf(stderr, "failed with LEDE_SEED=%llu\n", *dice_unfinished());
}

/* As dice_new, for a test that calls dice_end last: if it does not get there, its process prints
 * the seed. */
static inline struct dice dice_begin(void)
{
    struct dice dice = dice_new();

    *dice_unfinished() = dice.seed;
    (void)atexit(dice_report);
    return dice;
}

static inline void dice_end(void)
{
    *dice_unfinished() = 0;
}

static inline uint64_t dice_roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Below limit; limit > 0. */
static inline uint32_t dice_below(struct dice *dice, uint32_t limit)
{
    return (uint32_t)(((dice_roll(dice) >> 32) * limit) >> 32);
}

/* In [0, 1). */
static inline double dice_real(struct dice *dice)
{
    return (double)(dice_roll(dice) >> 11) * 0x1p-53;
}

/* Of a random number of bits up to most (at most 32): small ones as often as large ones. */
static inline uint32_t dice_bits(struct dice *dice, unsigned most)
{
    unsigned bits = dice_below(dice, most + 1);

    return bits == 0 ? 0 : (uint32_t)dice_roll(dice) >> (32 - bits);
}

#endif
