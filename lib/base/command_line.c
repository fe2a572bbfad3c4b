#include "base/command_line.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"

int command_exit_code(enum lede_status status)
{
    switch (status) {
    case LEDE_OK:
        return EXIT_DONE;
    case LEDE_INVALID:
    case LEDE_LIMIT:
        return EXIT_USAGE;
    case LEDE_MISSING:
    case LEDE_INCOMPATIBLE:
        return EXIT_NO_INDEX;
    case LEDE_CORRUPT:
        return EXIT_CORRUPT;
    case LEDE_BUSY:
        return EXIT_BUSY;
    case LEDE_INTERRUPTED:
        return EXIT_INTERRUPTED;
    case LEDE_NO_MEMORY:
    case LEDE_IO:
    case LEDE_FULL:
        break;
    }
    return EXIT_IO;
}

/* ---- arguments and environment ---- */

enum lede_status command_find_index(char **path, bool *by_default, struct lede_error *err)
{
    const char *named = getenv("LEDE_INDEX"), *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    int size = 0;

    *path = NULL;
    if (by_default)
        *by_default = !(named && *named);
    if (named && *named)
        size = asprintf(path, "%s", named);
    else if (data && data[0] == '/')
        size = asprintf(path, "%s/lede/default", data);
    else if (home && *home)
        size = asprintf(path, "%s/.local/share/lede/default", home);
    if (size >= 0)
        return LEDE_OK;
    *path = NULL;
    return error_no_memory(err);
}

bool command_parse_size(const char *text, size_t *size)
{
    static const char suffixes[] = "kmg";
    unsigned long long number;
    const char *suffix;
    char *end;
    int shift = 0;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    if (*end) {
        suffix = strchr(suffixes, *end | 0x20);
        if (!suffix || !*suffix || end[1])
            return false;
        shift = 10 * (int)(suffix - suffixes + 1);
    }
    if (number > SIZE_MAX >> shift)
        return false;
    *size = (size_t)number << shift;
    return true;
}

bool command_parse_when(const char *text, enum command_when *when)
{
    static const char *const names[] = {"auto", "always", "never"};

    for (int i = 0; i < 3; i++)
        if (strcmp(text, names[i]) == 0) {
            *when = (enum command_when)i;
            return true;
        }
    return false;
}

bool command_wants_escapes(enum command_when when, int fd)
{
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

    if (when != COMMAND_AUTO)
        return when == COMMAND_ALWAYS;
    return isatty(fd) && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

/* ---- output ---- */

bool command_write(int fd, const void *data, size_t size)
{
    const char *at = data;

    while (size > 0) {
        ssize_t written = write(fd, at, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        at += written;
        size -= (size_t)written;
    }
    return true;
}

void command_complain(const char *program, const char *format, ...)
{
    struct buffer line;
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    if (vsnprintf(text, sizeof text, format, arguments) < 0)
        text[0] = '\0';
    va_end(arguments);
    buffer_init(&line, NULL);
    buffer_str(&line, program);
    buffer_str(&line, ": ");
    printable_put(&line, slice_str(text), PRINTABLE_NAME);
    buffer_byte(&line, '\n');
    (void)command_write(STDERR_FILENO, line.data, line.size);
    buffer_done(&line);
}

/* ---- a damaged map ---- */

static char damage_text[128];
static size_t damage_size;

static void on_fault(int number, siginfo_t *info, void *context)
{
    enum { NULL_PAGES = 65536 };
    /* An address that is none at all comes as 0 with SI_KERNEL: what a wild page number gives. */
    bool ours = info->si_code <= 0 || (number == SIGSEGV && info->si_code != SI_KERNEL &&
                                       (uintptr_t)info->si_addr < NULL_PAGES);

    (void)context;
    if (ours) {
        (void)signal(number, SIG_DFL);
        (void)raise(number);
        return;
    }
    if (write(STDERR_FILENO, damage_text, damage_size) < 0)
        _exit(EXIT_CORRUPT);
    _exit(EXIT_CORRUPT);
}

void command_catch_damage(const char *program)
{
    struct sigaction action;
    int size = snprintf(damage_text, sizeof damage_text,
                        "%.64s: index damaged: run lede-index verify\n", program);

    damage_size = size > 0 ? (size_t)size : 0;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGSEGV, &action, NULL);
    (void)sigaction(SIGBUS, &action, NULL);
}
