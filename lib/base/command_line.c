#include "base/command_line.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
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

void command_take_closed(void)
{
    int place;

    do
        place = open("/", O_PATH | O_DIRECTORY);
    while (place >= 0 && place <= STDERR_FILENO);
    if (place >= 0)
        (void)close(place);
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

bool command_parse_number(const char *text, uint64_t *number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return !*end && errno == 0;
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

int command_find_name(const char *const *names, const char *text)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return -1;
}

bool command_parse_when(const char *text, enum command_when *when)
{
    static const char *const names[] = {"auto", "always", "never", NULL};
    int place = command_find_name(names, text);

    if (place >= 0)
        *when = (enum command_when)place;
    return place >= 0;
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

/* Where there is no memory for more: everything but ASCII becomes a question mark. */
static void complain_plainly(const char *program, char *text)
{
    const char *const parts[] = {program, ": ", text, "\n"};

    for (char *at = text; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        (void)command_write(STDERR_FILENO, parts[i], strlen(parts[i]));
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
    if (line.failed)
        complain_plainly(program, text);
    else
        (void)command_write(STDERR_FILENO, line.data, line.size);
    buffer_done(&line);
}

/* ---- a damaged map ---- */

static struct {
    char text[128];
    size_t size;
    bool (*maps)(const void *address);
    uintptr_t code, code_end; /* of the program, without its libraries */
} damage;

/* Where LMDB is linked in, the Makefile puts its code in a section of its own, and the linker says
 * where that begins and ends; else LMDB is in a library. */
extern const char lmdb_code[] __asm__("__start_lmdb_code") __attribute__((weak));
extern const char lmdb_code_end[] __asm__("__stop_lmdb_code") __attribute__((weak));

/* Code that may follow what a damaged file says: LMDB's, or that of any library. */
static bool follows_files(uintptr_t code)
{
    if (lmdb_code)
        return code >= (uintptr_t)lmdb_code && code < (uintptr_t)lmdb_code_end;
    return code < damage.code || code >= damage.code_end;
}

/* Whether the fault came in such code, or in a function without a frame (memcpy) that it called. */
static bool is_followed(const ucontext_t *context)
{
#if defined(__x86_64__)
    const greg_t *registers = context->uc_mcontext.gregs;
    const uintptr_t *stack = (const uintptr_t *)registers[REG_RSP];

    return follows_files((uintptr_t)registers[REG_RIP]) || (lmdb_code && follows_files(*stack));
#elif defined(__aarch64__)
    return follows_files(context->uc_mcontext.pc) ||
           (lmdb_code && follows_files(context->uc_mcontext.regs[30]));
#else
    (void)context;
    return true;
#endif
}

static bool is_damage(int number, const siginfo_t *info, const ucontext_t *context)
{
    if (info->si_code <= 0)
        return false; /* another process sent it */
    return number == SIGBUS || (damage.maps && damage.maps(info->si_addr)) || is_followed(context);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
    if (is_damage(number, info, context))
        command_end_damaged("");
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void command_end_damaged(const char *message)
{
    ssize_t written = write(STDERR_FILENO, damage.text, damage.size);

    (void)message;
    (void)written;
    _exit(EXIT_CORRUPT);
}

/* The first object is the program itself. */
static int find_code(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size;
    (void)context;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            damage.code = object->dlpi_addr + part->p_vaddr;
            damage.code_end = damage.code + part->p_memsz;
        }
    }
    return 1;
}

void command_catch_damage(const char *program, bool (*maps)(const void *address))
{
    struct sigaction action;
    int size = snprintf(damage.text, sizeof damage.text,
                        "%.64s: index damaged: run lede-index verify\n", program);

    damage.size = size > 0 ? (size_t)size : 0;
    damage.maps = maps;
    (void)dl_iterate_phdr(find_code, NULL);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGSEGV, &action, NULL);
    (void)sigaction(SIGBUS, &action, NULL);
}
