/* help.h -- the pages of --help. */
#ifndef LEDE_COMMAND_HELP_H
#define LEDE_COMMAND_HELP_H

#include "command/options.h"

/* The page of a subcommand, or of the program for SUBCOMMAND_NONE; constant. */
const char *help_text(enum subcommand subcommand);

#endif
