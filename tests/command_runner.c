#include "tests/command_runner.h"

#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char home[PATH_MAX];
static char *paths[128]; /* given out by runner_path */
static size_t path_count;

/* ---- a directory of the test's own ---- */

void runner_init(void)
{
    static const char *const unwanted[] = {"LEDE_INDEX", "XDG_DATA_HOME", "NO_COLOR", "TERM"};
    const char *parent = getenv("TMPDIR");

    (void)snprintf(home, sizeof home, "%s/lede-cli-XXXXXX", parent && *parent ? parent : "/tmp");
    cr_assert_not_null(mkdtemp(home), "%s: %s", home, strerror(errno));
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
        cr_assert_eq(unsetenv(unwanted[i]), 0);
    cr_assert_eq(setenv("HOME", home, 1), 0);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

void runner_done(void)
{
    if (home[0])
        (void)nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    while (path_count > 0)
        free(paths[--path_count]);
}

const char *runner_path(const char *name)
{
    cr_assert(path_count < sizeof paths / sizeof paths[0]);
    cr_assert(asprintf(&paths[path_count], "%s/%s", home, name) > 0);
    return paths[path_count++];
}

void runner_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");

    cr_assert_not_null(file, "%s: %s", path, strerror(errno));
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

static char *read_all(FILE *file, size_t *size)
{
    size_t room = 1 << 16, got;
    char *data = malloc(room + 1);

    *size = 0;
    while (data && (got = fread(data + *size, 1, room - *size, file)) > 0) {
        *size += got;
        if (*size == room)
            data = realloc(data, (room *= 2) + 1);
    }
    cr_assert_not_null(data);
    data[*size] = '\0';
    return data;
}

char *runner_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    size_t own_size;
    char *data;

    cr_assert_not_null(file, "%s: %s", path, strerror(errno));
    data = read_all(file, size ? size : &own_size);
    (void)fclose(file);
    return data;
}

/* ---- running ---- */

pid_t runner_spawn(const char *program, const char *const *arguments, int in, int out, int err)
{
    const char *build = getenv("LEDE_BUILD"), *all[64] = {program};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes; /* SIGINT as on a terminal, even if this ignores it */
    sigset_t usual;
    char path[PATH_MAX];
    size_t count = 1;
    pid_t pid;
    int failure;

    while (*arguments) {
        cr_assert(count < sizeof all / sizeof all[0] - 1);
        all[count++] = *arguments++;
    }
    (void)snprintf(path, sizeof path, "%s/%s", build && *build ? build : "build", program);
    cr_assert_eq(posix_spawn_file_actions_init(&actions), 0);
    cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO), 0);
    cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO), 0);
    cr_assert_eq(posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO), 0);
    (void)sigemptyset(&usual);
    (void)sigaddset(&usual, SIGINT);
    cr_assert_eq(posix_spawnattr_init(&attributes), 0);
    cr_assert_eq(posix_spawnattr_setsigdefault(&attributes, &usual), 0);
    cr_assert_eq(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF), 0);
    failure = posix_spawn(&pid, path, &actions, &attributes, (char *const *)all, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    cr_assert_eq(failure, 0, "%s: %s", path, strerror(failure));
    return pid;
}

int runner_wait(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        cr_assert_eq(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static FILE *temporary(void)
{
    FILE *file = tmpfile();

    cr_assert_not_null(file);
    cr_assert_eq(fcntl(fileno(file), F_SETFD, FD_CLOEXEC), 0);
    return file;
}

struct run runner_run_bytes(const char *program, const void *input, size_t input_size,
                            const char *const *arguments)
{
    FILE *in = temporary(), *out = temporary(), *err = temporary();
    struct run run;

    cr_assert_eq(fwrite(input, 1, input_size, in), input_size);
    cr_assert_eq(fflush(in), 0);
    rewind(in);
    run.code = runner_wait(runner_spawn(program, arguments, fileno(in), fileno(out), fileno(err)));
    rewind(out);
    rewind(err);
    run.out = read_all(out, &run.out_size);
    run.err = read_all(err, &run.err_size);
    (void)fclose(in), (void)fclose(out), (void)fclose(err);
    return run;
}

struct run runner_run(const char *program, const char *input, const char *const *arguments)
{
    return runner_run_bytes(program, input ? input : "", input ? strlen(input) : 0, arguments);
}

void run_done(struct run *run)
{
    free(run->out);
    free(run->err);
    run->out = run->err = NULL;
}

void runner_expect(int code, const char *program, const char *const *arguments)
{
    struct run run = runner_run(program, NULL, arguments);
    char line[1024] = "";

    for (; *arguments; arguments++)
        (void)snprintf(line + strlen(line), sizeof line - strlen(line), " %s", *arguments);
    cr_expect_eq(run.code, code, "%s%s: exit code %d, not %d\n%s%s", program, line, run.code, code,
                 run.out, run.err);
    run_done(&run);
}

void runner_expect_found(const char *out, const char *const *arguments)
{
    struct run run = runner_run("lede-search", NULL, arguments);

    cr_expect_str_eq(run.out, out, "expected %sfound    %s", out, run.out);
    cr_expect_str_eq(run.err, "");
    run_done(&run);
}

const char *runner_index(const char *name, const char *lines)
{
    const char *index = runner_path(name);
    struct run run = INDEX_INPUT(lines, "add", "-q", "-f", "jsonl", "-d", index, "-");

    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    return index;
}

struct child runner_start(const char *program, const char *const *arguments)
{
    int in[2], out[2], err[2];
    struct child child;

    cr_assert(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
              pipe2(err, O_CLOEXEC) == 0);
    child = (struct child){runner_spawn(program, arguments, in[0], out[1], err[1]), in[1], out[0],
                           err[0]};
    (void)close(in[0]), (void)close(out[1]), (void)close(err[1]);
    return child;
}

bool runner_read_line(int fd, char *line, size_t size)
{
    size_t got = 0;

    while (got + 1 < size) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        if (poll(&wait, 1, 10000) <= 0 || read(fd, line + got, 1) != 1)
            break;
        if (line[got++] == '\n')
            break;
    }
    line[got] = '\0';
    return got > 0 && line[got - 1] == '\n';
}

int runner_add_within(const char *index, const char *path, long *peak)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC), status = 0;
    struct rusage usage = {0};
    pid_t pid = runner_spawn("lede-index",
                             ARGUMENTS("add", "-q", "-j1", "--memory", "16M", "-d", index, path),
                             null, null, null);

    cr_assert_eq(wait4(pid, &status, 0, &usage), pid);
    (void)close(null);
    *peak = usage.ru_maxrss * 1024;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int runner_on_terminal(const char *program, const char *const *arguments, char *text, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave, nothing;
    size_t got = 0;
    ssize_t part;
    pid_t pid;
    int code;

    cr_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    slave =
        open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC); /* NOLINT(concurrency-mt-unsafe) */
    nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    cr_assert(slave >= 0 && nothing >= 0);
    pid = runner_spawn(program, arguments, nothing, slave, slave);
    (void)close(slave);
    while (got + 1 < size && (part = read(master, text + got, size - 1 - got)) > 0)
        got += (size_t)part;
    text[got] = '\0';
    code = runner_wait(pid);
    (void)close(master);
    return code;
}

const char *runner_corpus(void)
{
    const char *index = runner_path("corpus.lede");
    struct run run = INDEX("add", "-q", "-r", "--base", "corpus", "-d", index, "corpus/articles",
                           "corpus/wire.jsonl");

    cr_assert_eq(run.code, 0, "lede-index add: exit code %d\n%s", run.code, run.err);
    run_done(&run);
    return index;
}

bool runner_sanitized(void)
{
    const char *sanitized = getenv("LEDE_SANITIZED");

    return sanitized && *sanitized;
}
