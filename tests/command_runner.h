/* command_runner.h -- the two programs as a user runs them: arguments and input in, exit code and
 * what was printed out.
 *
 * The programs are those of $LEDE_BUILD (tests/run sets it), else of build/. Tests stay in the
 * directory they were started in, the project's; what they write goes to a directory of their
 * own under $TMPDIR. Their environment is the test's, without what would change an answer. */
#ifndef TESTS_COMMAND_RUNNER_H
#define TESTS_COMMAND_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* ---- a directory of the test's own ---- */

void runner_init(void);                    /* makes it; for Criterion's .init */
void runner_done(void);                    /* removes it and all below; for .fini */
const char *runner_path(const char *name); /* a path in it; lives until the test ends */
void runner_write(const char *path, const void *data, size_t size);
char *runner_read(const char *path, size_t *size); /* with a NUL behind it; to be freed */

/* ---- a command, until it ends ---- */

struct run {
    int code;        /* exit code; 128 and the number if a signal ended it */
    char *out, *err; /* a NUL stands behind each */
    size_t out_size, err_size;
};

/* input NULL: nothing to read; arguments end with NULL, without the program's name. */
struct run runner_run(const char *program, const char *input, const char *const *arguments);
struct run runner_run_bytes(const char *program, const void *input, size_t input_size,
                            const char *const *arguments);
void run_done(struct run *run);

#define ARGUMENTS(...)      ((const char *const[]){__VA_ARGS__, NULL})
#define SEARCH(...)         runner_run("lede-search", NULL, ARGUMENTS(__VA_ARGS__))
#define INDEX(...)          runner_run("lede-index", NULL, ARGUMENTS(__VA_ARGS__))
#define INDEX_INPUT(t, ...) runner_run("lede-index", t, ARGUMENTS(__VA_ARGS__))

/* Runs and checks the exit code; a failure prints the arguments and what was printed. Frees. */
void runner_expect(int code, const char *program, const char *const *arguments);

/* Runs lede-search; expects out on standard output, and nothing on standard error. */
void runner_expect_found(const char *out, const char *const *arguments);

/* An index of these lines of JSON, of this name in the test's directory: its path. */
const char *runner_index(const char *name, const char *lines);

/* ---- a command, while it runs ---- */

struct child {
    pid_t pid;
    int in, out, err; /* our ends; -1 once closed */
};

struct child runner_start(const char *program, const char *const *arguments);
/* Starts it with these as its standard input, output and error. */
pid_t runner_spawn(const char *program, const char *const *arguments, int in, int out, int err);
/* Reads one line, its newline included, within ten seconds; false: there was none. */
bool runner_read_line(int fd, char *line, size_t size);
/* Waits for its end: as run.code. */
int runner_wait(pid_t pid);
/* Adds path to an index with --memory 16M: the exit code, and in peak the largest resident size, in
 * bytes. */
int runner_add_within(const char *index, const char *path, long *peak);
/* Runs it with a terminal as its output, and nothing to read: its exit code, and in text what it
 * printed, standard error included, cut to size with a NUL behind it. */
int runner_on_terminal(const char *program, const char *const *arguments, char *text, size_t size);

/* The articles of corpus/ in an index in the test's directory: its path. */
const char *runner_corpus(void);

/* True under a sanitizer, where samples are to be smaller. */
bool runner_sanitized(void);

#endif
