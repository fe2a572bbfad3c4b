/* scratch.h -- a directory for one test, made before it and removed after it. */
#ifndef TESTS_INDEXER_SCRATCH_H
#define TESTS_INDEXER_SCRATCH_H

#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNUSED __attribute__((unused))

static char scratch[64]; /* absolute, no links in it */

UNUSED static void scratch_make(void)
{
    char *resolved;

    snprintf(scratch, sizeof scratch, "/tmp/lede-test-XXXXXX");
    cr_assert(mkdtemp(scratch));
    resolved = realpath(scratch, NULL);
    cr_assert(resolved && strlen(resolved) < sizeof scratch);
    snprintf(scratch, sizeof scratch, "%s", resolved);
    free(resolved);
    cr_assert_eq(chdir(scratch), 0);
}

/* By rm, since a test may leave a tree deeper than any path. */
UNUSED static void scratch_remove(void)
{
    char command[sizeof scratch + 16];

    cr_assert_eq(chdir("/"), 0);
    snprintf(command, sizeof command, "rm -rf %s", scratch);
    cr_assert_eq(system(command), 0);
}

UNUSED static void scratch_write(const char *path, const void *bytes, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    cr_assert(fd >= 0, "%s", path);
    cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
    close(fd);
}

UNUSED static void scratch_file(const char *path, const char *text)
{
    scratch_write(path, text, strlen(text));
}

UNUSED static void scratch_folder(const char *path)
{
    cr_assert_eq(mkdir(path, 0755), 0, "%s", path);
}

/* The whole file, a NUL behind it; the caller's to free. */
UNUSED static char *scratch_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    char *bytes;
    long end;

    cr_assert(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    end = ftell(file);
    rewind(file);
    bytes = malloc((size_t)end + 1);
    cr_assert(bytes);
    cr_assert_eq(fread(bytes, 1, (size_t)end, file), (size_t)end);
    bytes[end] = '\0';
    fclose(file);
    if (size)
        *size = (size_t)end;
    return bytes;
}

/* LEDE_SEED, or a constant; printed by the test that fails. */
UNUSED static unsigned scratch_seed(void)
{
    const char *given = getenv("LEDE_SEED");

    return given ? (unsigned)strtoul(given, NULL, 10) : 20240607;
}

/* True under a sanitizer or an emulator, where samples are to be smaller. */
static inline bool scratch_is_slow(void)
{
    return getenv("LEDE_SANITIZED") != NULL;
}

/* For a test whose children, forked and not executed, start threads: qemu-user aborts them
 * (qemu_plugin_vcpu_init_hook). Children that are executed are fine. */
static inline void scratch_need_threads_in_children(void)
{
    if (getenv("LEDE_EMULATED"))
        cr_skip_test("the emulator ends forked children that start threads");
}

#endif
