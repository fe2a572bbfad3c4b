#include "tests/fault/fault.h"

#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/command_line.h"
#include "index/store.h"

enum { ALARM = 60, CHILD_ALARM = 10 }; /* seconds after which something hangs */

unsigned fault_times(unsigned sample, unsigned full)
{
    const char *soak = getenv("LEDE_SOAK");

    if (soak && *soak)
        return full;
    return runner_sanitized() ? sample / 5 + 1 : sample;
}

/* ---- the shim ---- */

static const char *const VARIABLES[] = {
    "LD_PRELOAD",        "LEDE_SHIM_FAIL",   "LEDE_SHIM_SPACE",  "LEDE_SHIM_UNDER",
    "LEDE_SHIM_JOURNAL", "LEDE_SHIM_COUNTS", "LEDE_SHIM_NOSYNC", "LEDE_SHIM_NO_READER_CHECK",
    "LEDE_SHIM_ALARM",   "LEDE_SHIM_MEMORY"};

static void put(const char *name, const char *value)
{
    if (value)
        cr_assert_eq(setenv(name, value, 1), 0);
}

/* A sanitizer wants to be loaded first, and ends with 1 as a program does; 99 is its own. */
static void put_environment(const struct shim *shim)
{
    const char *build = getenv("LEDE_BUILD"), *options = getenv("ASAN_OPTIONS");
    char library[PATH_MAX], whole[PATH_MAX], seconds[16], asan[2 * PATH_MAX];

    (void)snprintf(library, sizeof library, "%s/tests/fault/shim.so",
                   build && *build ? build : "build");
    cr_assert_not_null(realpath(library, whole), "%s: make builds it with the tests", library);
    (void)snprintf(seconds, sizeof seconds, "%d", ALARM);
    put("LD_PRELOAD", whole);
    put("LEDE_SHIM_FAIL", shim->fail);
    put("LEDE_SHIM_SPACE", shim->space);
    put("LEDE_SHIM_UNDER", shim->under);
    put("LEDE_SHIM_JOURNAL", shim->journal);
    put("LEDE_SHIM_COUNTS", shim->counts);
    put("LEDE_SHIM_NOSYNC", shim->nosync ? "1" : NULL);
    put("LEDE_SHIM_NO_READER_CHECK", shim->no_reader_check ? "1" : NULL);
    put("LEDE_SHIM_MEMORY", shim->memory);
    put("LEDE_SHIM_ALARM", seconds);
    if (!runner_sanitized() || (options && strstr(options, "verify_asan_link_order")))
        return;
    (void)snprintf(asan, sizeof asan, "%s%sverify_asan_link_order=0:exitcode=99",
                   options ? options : "", options ? ":" : "");
    put("ASAN_OPTIONS", asan);
}

static void clear_environment(void)
{
    for (size_t i = 0; i < sizeof VARIABLES / sizeof *VARIABLES; i++)
        cr_assert_eq(unsetenv(VARIABLES[i]), 0);
}

struct run shim_run(const struct shim *shim, const char *program, const char *const *arguments)
{
    struct run run;

    put_environment(shim);
    run = runner_run(program, NULL, arguments);
    clear_environment();
    return run;
}

pid_t shim_spawn(const struct shim *shim, const char *program, const char *const *arguments)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    pid_t pid;

    cr_assert(nothing >= 0);
    put_environment(shim);
    pid = runner_spawn(program, arguments, nothing, nothing, nothing);
    clear_environment();
    (void)close(nothing);
    return pid;
}

void shim_read_counts(const char *path, unsigned long counts[SHIM_KINDS])
{
    char *text = runner_read(path, NULL), *at = text;

    for (int i = 0; i < SHIM_KINDS; i++)
        counts[i] = strtoul(at, &at, 10);
    free(text);
}

/* ---- children ---- */

int fault_in_child(int (*action)(void *context), void *context)
{
    pid_t pid = fork();

    cr_assert(pid >= 0);
    if (pid > 0)
        return runner_wait(pid);
    (void)alarm(CHILD_ALARM);
    if (!freopen("/dev/null", "we", stderr))
        _exit(EXIT_IO);
    command_catch_damage("test", store_maps);
    store_on_assert(command_end_damaged);
    _exit(action(context));
}
