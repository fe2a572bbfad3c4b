/* cpu.h -- which vector kernels this process uses; all of them give the same bytes.
 *
 * The best that the processor has, unless the environment variable LEDE_CPU says
 * portable, sse4, avx2 or avx512 (one that the processor lacks is lowered to what it
 * has). Read once, at first use; thread-safe. */
#ifndef LEDE_BASE_CPU_H
#define LEDE_BASE_CPU_H

enum cpu_level {
    CPU_PORTABLE,
    CPU_SSE4,  /* SSE4.1, SSSE3, POPCNT */
    CPU_AVX2,  /* AVX2, BMI1, BMI2 */
    CPU_AVX512 /* F, BW, VL, DQ, VBMI, VBMI2, BITALG */
};

enum cpu_level cpu_level(void);
const char *cpu_level_name(enum cpu_level level);

#endif
