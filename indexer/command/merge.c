/* lede-index merge: the articles of other indexes, brought in without reading them again. */
#include "base/printable.h"
#include "command/command.h"
#include "index_merge.h"

static void print_totals(const char *index, const struct index_merge_totals *totals)
{
    struct buffer line;

    buffer_init(&line, NULL);
    printable_put(&line, slice_str(index), PRINTABLE_NAME);
    buffer_printf(&line, ": %llu article%s brought in, in %llu part%s",
                  (unsigned long long)totals->articles, plural_of(totals->articles),
                  (unsigned long long)totals->segments, plural_of(totals->segments));
    if (totals->replaced)
        buffer_printf(&line, ", %llu replaced", (unsigned long long)totals->replaced);
    command_say(&line);
    buffer_done(&line);
}

int command_merge(const struct options *options)
{
    struct index_merge_options wanted = {.memory = options->memory, .wait = options->wait};
    struct index_merge_totals totals = {0};
    struct lede_error error = {.text = ""};
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = index_merge(options->index, (const char *const *)options->operands,
                             options->operand_count, &wanted, &totals, &error);
    if (status == LEDE_OK && !options->quiet)
        print_totals(options->index, &totals);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
