#include "base/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static const char *const NAMES[] = {"portable", "sse4", "avx2", "avx512"};

const char *cpu_level_name(enum cpu_level level)
{
    return NAMES[level];
}

static enum cpu_level detect(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("avx512bitalg"))
        return CPU_AVX512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2"))
        return CPU_AVX2;
    if (__builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") &&
        __builtin_cpu_supports("popcnt"))
        return CPU_SSE4;
#endif
    return CPU_PORTABLE;
}

static enum cpu_level choose(void)
{
    enum cpu_level best = detect();
    const char *wanted = getenv("LEDE_CPU");

    for (int level = CPU_PORTABLE; wanted && level < (int)best; level++)
        if (strcmp(wanted, NAMES[level]) == 0)
            return (enum cpu_level)level;
    return best;
}

enum cpu_level cpu_level(void)
{
    static _Atomic int chosen = -1;
    int level = atomic_load_explicit(&chosen, memory_order_relaxed);

    if (level < 0) {
        level = (int)choose();
        atomic_store_explicit(&chosen, level, memory_order_relaxed);
    }
    return (enum cpu_level)level;
}
