#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char USUAL[] = "command -v less >/dev/null && exec less || exec cat";

/* The command; NULL: none. */
static const char *find_command(void)
{
    const char *named = getenv("PAGER");

    if (!named)
        return USUAL;
    return *named && strcmp(named, "cat") != 0 ? named : NULL;
}

static bool spawn_reader(const char *command, int in, pid_t *pid)
{
    char shell[] = "/bin/sh", flag[] = "-c", *text = strdup(command);
    char *const arguments[] = {shell, flag, text, NULL};
    posix_spawn_file_actions_t actions;
    bool started = false;

    if (text && posix_spawn_file_actions_init(&actions) == 0) {
        started = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) == 0 &&
                  posix_spawn(pid, shell, &actions, NULL, arguments, environ) == 0;
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    free(text);
    return started;
}

bool pager_start(struct pager *pager)
{
    const char *command = find_command();
    bool started;
    int ends[2];

    if (!command || pipe2(ends, O_CLOEXEC) != 0)
        return false;
    (void)setenv("LESS", "FRX", 0);
    started = spawn_reader(command, ends[0], &pager->pid);
    (void)close(ends[0]);
    if (!started) {
        (void)close(ends[1]);
        return false;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_IGN}, &pager->interrupt);
    pager->fd = ends[1];
    return true;
}

void pager_finish(struct pager *pager)
{
    int status;

    (void)close(pager->fd);
    while (waitpid(pager->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    (void)sigaction(SIGINT, &pager->interrupt, NULL);
}
