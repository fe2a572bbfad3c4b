/* pager.h -- long output on a terminal, a screen at a time: through the command of $PAGER.
 *
 * It is a command of the shell, `less` if $PAGER is not set (and `cat` if there is no less); an
 * empty one, or `cat`, means none. less is told, unless $LESS tells it otherwise, to keep colours,
 * to end at once where all fits on a screen, and to leave it there (-FRX). */
#ifndef LEDE_QUERY_COMMAND_PAGER_H
#define LEDE_QUERY_COMMAND_PAGER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct pager {
    pid_t pid;
    int fd;                     /* what is written here is shown */
    struct sigaction interrupt; /* what one did before: until it is finished, it is the reader's */
};

/* Starts one, leaves interrupts to it, and makes a reader that goes away an error of write (EPIPE)
 * instead of a signal.
 * False: none is wanted, or it cannot be had; write to the terminal then. */
bool pager_start(struct pager *pager);

/* Says that no more comes, waits until it was read, and takes interrupts back. */
void pager_finish(struct pager *pager);

#endif
