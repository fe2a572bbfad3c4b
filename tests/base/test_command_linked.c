/* Damage told from mistakes where LMDB is linked into the program, as it is into lede-search: here
 * two functions stand in for it, in the section that bears its name there. */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/command_line.h"

static char *volatile wild = (char *)(uintptr_t)0x6666; /* NOLINT(performance-no-int-to-ptr) */
static volatile size_t size = 100;
static char kept[100];

#define AS_LMDB __attribute__((section("lmdb_code"), noinline))

AS_LMDB static void follow(void)
{
    kept[0] = *wild;
}

AS_LMDB static void copy(void)
{
    memcpy(kept, wild, size);
    kept[1] = kept[0]; /* so that this is no jump to memcpy, but a call */
}

static void copy_ourselves(void)
{
    memcpy(kept, wild, size);
    kept[1] = kept[0];
}

static void follow_ourselves(void)
{
    kept[0] = *wild;
}

/* How a child ends that does so. */
static int run_child(void (*act)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        command_catch_damage("lede-x", NULL);
        (void)close(STDERR_FILENO);
        act();
        _exit(77);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static bool is_damage(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_CORRUPT;
}

static bool is_crash(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

Test(command_linked, what_the_code_of_lmdb_does_is_damage)
{
    cr_expect(is_damage(run_child(follow)));
    if (!getenv("LEDE_SANITIZED")) /* there memcpy is a function with a frame */
        cr_expect(is_damage(run_child(copy)));
}

Test(command_linked, what_the_program_or_a_library_does_is_a_crash)
{
    cr_expect(is_crash(run_child(follow_ourselves)));
    cr_expect(is_crash(run_child(copy_ourselves)));
}
