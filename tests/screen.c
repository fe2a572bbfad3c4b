#include "tests/screen.h"

#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/command_runner.h"

static char *shown;
static const char *socket_path; /* of the server; a test has one at a time */

/* What tmux prints; to be freed. */
static char *ask_tmux(const char *arguments)
{
    char command[4096], *text = NULL;
    size_t room = 1 << 16, size;
    FILE *pipe;

    (void)snprintf(command, sizeof command, "tmux -u -S '%s' -f /dev/null %s 2>&1", socket_path,
                   arguments);
    pipe = popen(command, "r"); /* NOLINT(cert-env33-c) */
    text = malloc(room);
    cr_assert(pipe && text);
    size = fread(text, 1, room - 1, pipe);
    text[size] = '\0';
    (void)pclose(pipe);
    return text;
}

static void put_quoted(char *out, size_t room, const char *text)
{
    size_t at = strlen(out);

    cr_assert_lt(at + 4 * strlen(text) + 4, room);
    out[at++] = '\'';
    for (; *text; text++)
        if (*text == '\'')
            at += (size_t)sprintf(out + at, "'\\''");
        else
            out[at++] = *text;
    out[at++] = '\'';
    out[at] = '\0';
}

void screen_start(const char *command)
{
    const char *build = getenv("LEDE_BUILD");
    static unsigned started;
    char name[32], arguments[3000] = "new-session -d -x 100 -y 50 ", whole[2000];

    (void)snprintf(whole, sizeof whole, "PATH=$(realpath '%s'):$PATH; export PATH; %s; sleep 1000",
                   build && *build ? build : "build", command);
    put_quoted(arguments, sizeof arguments, whole);
    (void)snprintf(name, sizeof name, "tmux-%u", ++started); /* the last one may still be ending */
    socket_path = runner_path(name);
    free(ask_tmux(arguments));
}

void screen_end(void)
{
    free(ask_tmux("kill-server"));
    free(shown);
    shown = NULL;
}

void screen_type(const char *first, ...)
{
    static const char *const keys[] = {"Enter", "Tab", "Up",  "Down", "C-c",
                                       "C-d",   "C-u", "C-l", "C-r"};
    va_list rest;

    va_start(rest, first);
    for (const char *text = first; text; text = va_arg(rest, const char *)) {
        char arguments[2000] = "send-keys -l -- ";

        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
            if (strcmp(text, keys[i]) == 0)
                (void)strcpy(arguments, "send-keys -- ");
        put_quoted(arguments, sizeof arguments, text);
        free(ask_tmux(arguments));
    }
    va_end(rest);
}

const char *screen_text(void)
{
    free(shown);
    shown = ask_tmux("capture-pane -p");
    return shown;
}

static bool shows(const char *text)
{
    return strstr(shown, text) != NULL;
}

static bool shows_not(const char *text)
{
    return !shows(text);
}

static bool ends_with(const char *line)
{
    size_t end = strlen(shown), size = strlen(line);

    while (end > 0 && shown[end - 1] == '\n')
        end--;
    return end >= size && memcmp(shown + end - size, line, size) == 0 &&
           (end == size || shown[end - size - 1] == '\n');
}

static bool wait_until(bool (*holds)(const char *text), const char *text)
{
    int tries = runner_sanitized() ? 1200 : 200;

    (void)screen_text();
    while (!holds(text) && tries-- > 0) {
        (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
        (void)screen_text();
    }
    return holds(text);
}

void screen_expect(const char *text)
{
    cr_assert(wait_until(shows, text), "the screen does not show \"%s\", but\n%s", text, shown);
}

void screen_expect_gone(const char *text)
{
    cr_assert(wait_until(shows_not, text), "the screen still shows \"%s\":\n%s", text, shown);
}

void screen_expect_last(const char *line)
{
    cr_assert(wait_until(ends_with, line), "the screen does not end with \"%s\":\n%s", line, shown);
}
