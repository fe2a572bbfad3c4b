/* loose.h -- a query without what only the stored texts tell.
 *
 * Words as they are written (`=word`) become what their stems find, and what is excluded by such
 * words is not excluded. So the loose plan finds every document that the plan finds, and gives none
 * of them less: no form is more frequent than its stem, and weights are the stems' in both. */
#ifndef LEDE_QUERY_LOOSE_H
#define LEDE_QUERY_LOOSE_H

#include "plan.h"

/* True if a plan of these clauses reads texts. Recursion ends at GROUP_DEPTH. */
bool loose_differs(const struct query_clauses *query);

/* The loose plan, its clauses the arena's; words are shared with the plan. LEDE_NO_MEMORY. */
enum lede_status loose_make(const struct plan *plan, struct arena *arena, struct plan *out,
                            struct lede_error *err);

#endif
