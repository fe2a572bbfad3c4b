#include "base/cpu.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

static const char *const NAMES[] = {"portable", "sse4", "avx2", "avx512"};

const char *cpu_level_name(enum cpu_level level)
{
    return NAMES[level];
}

/* The C library has asked the processor already. In a virtual machine each question costs
 * microseconds, and GCC's way asks all of them again when the program starts. */
#ifdef CPU_FEATURE_ACTIVE
static bool is_active(unsigned feature)
{
    return __x86_get_cpuid_feature_leaf(feature / 128)->active_array[feature / 32 % 4] >>
               feature % 32 &
           1;
}
#define HAS(known, asked) is_active(x86_cpu_##known)
#else
#define HAS(known, asked) __builtin_cpu_supports(asked)
#endif

static enum cpu_level detect(void)
{
#if defined(__x86_64__)
    if (HAS(AVX512F, "avx512f") && HAS(AVX512CD, "avx512cd") && HAS(AVX512BW, "avx512bw") &&
        HAS(AVX512VL, "avx512vl") && HAS(AVX512DQ, "avx512dq") && HAS(AVX512_VBMI, "avx512vbmi") &&
        HAS(AVX512_VBMI2, "avx512vbmi2") && HAS(AVX512_BITALG, "avx512bitalg") &&
        HAS(BMI2, "bmi2") && HAS(LZCNT, "lzcnt"))
        return CPU_AVX512;
    if (HAS(AVX2, "avx2") && HAS(BMI1, "bmi") && HAS(BMI2, "bmi2"))
        return CPU_AVX2;
    if (HAS(SSE4_1, "sse4.1") && HAS(SSSE3, "ssse3") && HAS(POPCNT, "popcnt"))
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
