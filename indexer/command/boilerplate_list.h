/* boilerplate_list.h -- the lines that an index knows as boilerplate, for stats --boilerplate.
 *
 * A line each: how many articles have it (removed ones counted until a merge drops them), a tab,
 * and the line, or its first BOILERPLATE_SHOWN bytes; most articles first, then by their bytes. One
 * that is known of several sites comes for each. JSON: {"articles":12,"line":"..."} a line. */
#ifndef LEDE_COMMAND_BOILERPLATE_LIST_H
#define LEDE_COMMAND_BOILERPLATE_LIST_H

#include "index/segment.h"

/* On standard output. LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status boilerplate_list_print(struct snapshot *snapshot, bool json,
                                        struct lede_error *err);

#endif
