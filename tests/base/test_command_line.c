#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/command_line.h"

static void set(const char *name, const char *value)
{
    cr_assert_eq(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void check_place(const char *named, const char *data, const char *home, const char *expected,
                        bool expected_default)
{
    struct lede_error error;
    bool by_default;
    char *path;

    set("LEDE_INDEX", named);
    set("XDG_DATA_HOME", data);
    set("HOME", home);
    cr_assert_eq(command_find_index(&path, &by_default, &error), LEDE_OK);
    if (!expected)
        cr_expect_null(path);
    else
        cr_expect(path && strcmp(path, expected) == 0, "%s, not %s", path ? path : "NULL",
                  expected);
    cr_expect_eq(by_default, expected_default);
    free(path);
}

Test(command_line, the_index_is_where_the_environment_says)
{
    check_place("here", "/data", "/home/u", "here", false);
    check_place("", "/data", "/home/u", "/data/lede/default", true);
    check_place(NULL, "relative", "/home/u", "/home/u/.local/share/lede/default", true);
    check_place(NULL, NULL, "/home/u", "/home/u/.local/share/lede/default", true);
    check_place(NULL, NULL, "", NULL, true);
    check_place(NULL, NULL, NULL, NULL, true);
}

Test(command_line, every_status_has_its_exit_code)
{
    static const struct {
        enum lede_status status;
        int code;
    } cases[] = {{LEDE_OK, 0},      {LEDE_NO_MEMORY, 6},    {LEDE_INVALID, 2},
                 {LEDE_MISSING, 3}, {LEDE_CORRUPT, 4},      {LEDE_INCOMPATIBLE, 3},
                 {LEDE_BUSY, 5},    {LEDE_IO, 6},           {LEDE_FULL, 6},
                 {LEDE_LIMIT, 2},   {LEDE_INTERRUPTED, 130}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(command_exit_code(cases[i].status), cases[i].code, "%s",
                     lede_status_name(cases[i].status));
}

Test(command_line, a_number_is_digits_and_nothing_else)
{
    static const char *const bad[] = {"",   "-1", "+1",  " 1",
                                      "1 ", "1K", "0x1", "18446744073709551616"};
    uint64_t number;

    cr_expect(command_parse_number("0", &number) && number == 0);
    cr_expect(command_parse_number("007", &number) && number == 7);
    cr_expect(command_parse_number("18446744073709551615", &number) && number == UINT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(!command_parse_number(bad[i], &number), "\"%s\"", bad[i]);
}

Test(command_line, a_size_has_an_optional_suffix_and_nothing_else)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1KB",
                                      "x",
                                      "1T",
                                      "K",
                                      "1.5M",
                                      "99999999999999999999",
                                      "99999999999G"};
    size_t size;

    cr_expect(command_parse_size("0", &size) && size == 0);
    cr_expect(command_parse_size("12", &size) && size == 12);
    cr_expect(command_parse_size("3k", &size) && size == 3072);
    cr_expect(command_parse_size("64M", &size) && size == 64U << 20);
    cr_expect(command_parse_size("2G", &size) && size == (size_t)2 << 30);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect(!command_parse_size(bad[i], &size), "\"%s\"", bad[i]);
}

Test(command_line, a_flag_beats_what_is_known_of_the_terminal)
{
    enum command_when when;
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    cr_expect(command_parse_when("always", &when) && when == COMMAND_ALWAYS);
    set("NO_COLOR", "1");
    cr_expect(command_wants_escapes(when, fds[1]));
    cr_expect(command_parse_when("never", &when) && !command_wants_escapes(when, fds[1]));
    set("NO_COLOR", NULL);
    cr_expect(command_parse_when("auto", &when) && !command_wants_escapes(when, fds[1]));
    cr_expect(!command_parse_when("Always", &when) && !command_parse_when("", &when));
}

/* What a child that runs act prints on standard error, and its wait status. */
static int run_child(void (*act)(void), char *text, size_t size)
{
    int fds[2], status;
    ssize_t got;
    pid_t pid;

    cr_assert_eq(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        (void)dup2(fds[1], STDERR_FILENO);
        act();
        _exit(77);
    }
    (void)close(fds[1]);
    got = read(fds[0], text, size - 1);
    text[got > 0 ? got : 0] = '\0';
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    return status;
}

static void complain_oddly(void)
{
    command_complain("lede-x", "%s: no", "a\x1b[31m\nb\xff");
}

Test(command_line, a_complaint_is_one_line_without_escapes)
{
    char text[256];

    (void)run_child(complain_oddly, text, sizeof text);
    cr_expect_str_eq(text, "lede-x: a\\x1b[31m\\x0ab\\xff: no\n");
}

static bool maps_all(const void *address)
{
    (void)address;
    return true;
}

static void read_behind_the_file(void)
{
    FILE *file = tmpfile();
    const volatile char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fileno(file), 0);

    command_catch_damage("lede-x", NULL);
    (void)map[0];
}

static void read_a_wild_address(void)
{
    (void)*(const volatile char *)(uintptr_t)0x6666;
}

static void read_in_the_map(void)
{
    command_catch_damage("lede-x", maps_all);
    read_a_wild_address();
}

static void read_elsewhere(void)
{
    command_catch_damage("lede-x", NULL);
    read_a_wild_address();
}

static void read_in_a_library(void)
{
    char *volatile wild = (char *)(uintptr_t)0x6666; /* NOLINT(performance-no-int-to-ptr) */

    command_catch_damage("lede-x", NULL);
    cr_expect_null(strchr(wild, 'x'));
}

static void expect_damage(void (*act)(void))
{
    char text[256];
    int status = run_child(act, text, sizeof text);

    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    cr_expect_str_eq(text, "lede-x: index damaged: run lede-index verify\n");
}

Test(command_line, what_the_map_or_a_library_does_is_damage)
{
    expect_damage(read_behind_the_file);
    expect_damage(read_in_the_map);
    if (!getenv("LEDE_SANITIZED")) /* there strchr is the program's own */
        expect_damage(read_in_a_library);
}

Test(command_line, a_mistake_of_our_own_stays_a_crash)
{
    char text[256];
    int status = run_child(read_elsewhere, text, sizeof text);

    cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}
