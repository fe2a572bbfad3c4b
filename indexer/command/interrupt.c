#include "command/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t signals;

static void note(int number)
{
    (void)number;
    if (++signals >= 2)
        _exit(130);
}

void interrupt_catch(void)
{
    static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note}, before;

    signals = 0;
    (void)sigemptyset(&action.sa_mask); /* no SA_RESTART: a read of standard input must end */
    for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++)
        if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaction(caught[i], &action, NULL);
}

bool interrupt_seen(void)
{
    return signals > 0;
}
