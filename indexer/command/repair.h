/* repair.h -- text that has to be UTF-8, from bytes that may be anything. */
#ifndef LEDE_COMMAND_REPAIR_H
#define LEDE_COMMAND_REPAIR_H

#include "base/buffer.h"

/* Appends bytes to out, U+FFFD in the place of each that is part of no UTF-8; adds how many those
 * are to *replaced. */
void repair_utf8(struct slice bytes, struct buffer *out, uint64_t *replaced);

#endif
