/* lede-index export: every live article as a JSON line, in the order they were added; of a damaged
 * index all that can be read. */
#include <stdio.h>

#include "command/command.h"
#include "command/salvage.h"

static void tell_losses(const struct salvage_totals *totals)
{
    if (totals->text_missing)
        (void)fputs("lede-index: texts are null: the index was made with --no-store\n", stderr);
    if (totals->lost)
        (void)fprintf(stderr, "lede-index: %llu articles were saved, %llu are lost\n",
                      totals->saved, totals->lost);
    if (totals->uncertain)
        (void)fprintf(stderr,
                      "lede-index: %llu of those saved may have been removed or replaced before: "
                      "what says so is damaged\n",
                      totals->uncertain);
}

int command_export(const struct options *options)
{
    struct lede_error error = {.text = ""};
    struct salvage_totals totals = {0};
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = salvage_articles(options->index, stdout, &totals, &error);
    tell_losses(&totals);
    if (totals.lost || totals.uncertain)
        return status == LEDE_CORRUPT || status == LEDE_LIMIT ? EXIT_CORRUPT : command_fail(&error);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
