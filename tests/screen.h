/* screen.h -- a program in a terminal that a test types into and reads the screen of: tmux, without
 * anybody's settings, 100 columns by 50 lines. */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stdbool.h>

/* Starts a command of the shell in a terminal of its own. The programs of $LEDE_BUILD are found by
 * their names; the environment is the test's. */
void screen_start(const char *command);
/* Ends it, whatever runs there. */
void screen_end(void);

/* Types: keys as tmux calls them (Enter, Tab, Up, C-c), other text as it is; ends with NULL. */
void screen_type(const char *first, ...) __attribute__((sentinel));

/* What the screen shows now: lines without blanks at their ends; lives until the next call. */
const char *screen_text(void);

/* Waits until the screen shows this, ten seconds at most (more under a sanitizer); a failed
 * assertion tells what it shows instead. */
void screen_expect(const char *text);
/* Waits until it does not. */
void screen_expect_gone(const char *text);
/* Waits until the last line that is not empty is this one. */
void screen_expect_last(const char *line);

#endif
