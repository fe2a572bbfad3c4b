/* copies_list.h -- the articles that are copies of others, for stats --copies.
 *
 * A line each: the name of their group (16 hexadecimal digits), a tab, and the id. Groups of two
 * live articles and more, in the order of their first ones, and so are the articles of each. JSON:
 * {"group":"...","id":"..."} a line. Takes 24 bytes a live article. */
#ifndef LEDE_COMMAND_COPIES_LIST_H
#define LEDE_COMMAND_COPIES_LIST_H

#include "index/segment.h"

/* On standard output. LEDE_CORRUPT, LEDE_NO_MEMORY. */
enum lede_status copies_list_print(struct snapshot *snapshot, bool json, struct lede_error *err);

#endif
