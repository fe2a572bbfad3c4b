/* lede-index compact: all parts of an index made one, and its file as small as it can be. */
#include "compact.h"

#include <stdio.h>

#include "base/printable.h"
#include "command/command.h"

static void print_totals(const char *index, const struct compact_totals *totals)
{
    struct buffer line;

    buffer_init(&line, NULL);
    printable_put(&line, slice_str(index), PRINTABLE_NAME);
    buffer_printf(&line, ": %llu article%s in one part", (unsigned long long)totals->articles,
                  plural_of(totals->articles));
    if (totals->segments != 1)
        buffer_printf(&line, " instead of %llu", (unsigned long long)totals->segments);
    if (totals->removed)
        buffer_printf(&line, ", %llu removed ones gone", (unsigned long long)totals->removed);
    buffer_printf(&line, "; %llu bytes before, %llu now", (unsigned long long)totals->before,
                  (unsigned long long)totals->after);
    if (totals->left_out)
        buffer_printf(&line, "; %llu keywords were too long, or too many, to be terms",
                      (unsigned long long)totals->left_out);
    command_say(&line);
    buffer_done(&line);
}

int command_compact(const struct options *options)
{
    struct compact_options wanted = {.memory = options->memory,
                                     .reorder = options->reorder,
                                     .jobs = options->jobs,
                                     .wait = options->wait};
    struct compact_totals totals = {0};
    struct lede_error error = {.text = ""};
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = compact_index(options->index, &wanted, &totals, &error);
    if (totals.done && !options->quiet)
        print_totals(options->index, &totals);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
