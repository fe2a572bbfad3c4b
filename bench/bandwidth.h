/* bandwidth.h -- how fast plain loops of this machine read and copy memory: what figures of
 * decoding and scoring are to be seen against. */
#ifndef BENCH_BANDWIDTH_H
#define BENCH_BANDWIDTH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BANDWIDTH_WORDS = 8 << 20, BANDWIDTH_PASSES = 7 }; /* 64 MiB, beyond most caches' share */

static double bandwidth_now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static uint64_t bandwidth_read(const uint64_t *words)
{
    uint64_t sums[8] = {0};

    for (size_t i = 0; i < BANDWIDTH_WORDS; i += 8)
        for (size_t j = 0; j < 8; j++)
            sums[j] += words[i + j];
    for (size_t j = 1; j < 8; j++)
        sums[0] += sums[j];
    return sums[0];
}

/* Prints "memory: reads N GB/s, copies N GB/s" and a newline: bytes read, and bytes copied, a
 * second; the best of a few passes over 64 MiB. One thread. */
static void bandwidth_print(void)
{
    size_t size = BANDWIDTH_WORDS * sizeof(uint64_t);
    uint64_t *from = malloc(size), *to = malloc(size), sum = 0;
    double read = 1e9, copy = 1e9;

    if (!from || !to)
        abort();
    memset(from, 1, size);
    memset(to, 2, size);
    for (int pass = 0; pass < BANDWIDTH_PASSES; pass++) {
        double start = bandwidth_now(), middle, end;

        sum += bandwidth_read(from);
        middle = bandwidth_now();
        memcpy(to, from, size);
        end = bandwidth_now();
        read = middle - start < read ? middle - start : read;
        copy = end - middle < copy ? end - middle : copy;
        from[pass] += to[pass]; /* so that no pass can be left out */
    }
    (void)printf("memory: reads %.1f GB/s, copies %.1f GB/s%s\n", (double)size / read / 1e9,
                 (double)size / copy / 1e9, sum == 0 ? "?" : "");
    free(from);
    free(to);
}

#endif
