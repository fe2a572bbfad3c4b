/* fault.h -- running the programs with faults put into them, and how many to put.
 *
 * `make test` takes a sample, `make soak` (LEDE_SOAK set) all of them, from the same code. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H

#include <criterion/criterion.h>

#include "tests/command_runner.h"
#include "tests/fault/shim.h"
#include "tests/index/dice.h"

/* full under LEDE_SOAK, else sample; under a sanitizer a fifth of the sample, at least one. */
unsigned fault_times(unsigned sample, unsigned full);

/* What shim.h says; zeroed: nothing but the alarm. */
struct shim {
    const char *fail, *space, *under, *journal, *counts, *memory;
    bool nosync, no_reader_check;
};

/* As runner_run and runner_spawn (whose output goes nowhere), with shim.so. */
struct run shim_run(const struct shim *shim, const char *program, const char *const *arguments);
pid_t shim_spawn(const struct shim *shim, const char *program, const char *const *arguments);

/* Calls of each kind, from the file that shim->counts named. */
void shim_read_counts(const char *path, unsigned long counts[SHIM_KINDS]);

/* A child that runs action and exits with what it returns, as the programs do: a fault inside a map
 * is EXIT_CORRUPT, after ten seconds SIGALRM. Returns as runner_wait. */
int fault_in_child(int (*action)(void *context), void *context);

#endif
