/* another_user.h -- for tests of what permissions forbid: not to be root. */
#ifndef TESTS_ANOTHER_USER_H
#define TESTS_ANOTHER_USER_H

#include <criterion/criterion.h>

#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

/* For a child, which then is not root. */
static inline bool another_user_become(void)
{
    return geteuid() != 0 || setresuid(65534, 65534, 65534) == 0;
}

/* Skips the test where root is all there is, as in a user namespace that maps nobody else. To be
 * called before the test forks: a child of it cannot skip. */
static inline void another_user_or_skip(void)
{
    int status;
    pid_t child = fork();

    cr_assert(child >= 0);
    if (child == 0)
        _exit(another_user_become() ? 0 : 1);
    cr_assert_eq(waitpid(child, &status, 0), child);
    if (status != 0)
        cr_skip_test("no other user to become");
}

#endif
