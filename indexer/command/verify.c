/* lede-index verify: is every byte of the index as it was written? */
#include <stdio.h>

#include "base/printable.h"
#include "command/command.h"
#include "command/salvage.h"
#include "index/verify.h"
#include "recheck.h"

enum { RECHECKED = 1000 }; /* articles of a deep verification whose terms are compared */

static void print_problem(void *context, const char *what)
{
    struct buffer line;

    (void)context;
    buffer_init(&line, NULL);
    printable_put(&line, slice_str(what), PRINTABLE_NAME);
    buffer_byte(&line, '\n');
    (void)fwrite(line.data, 1, line.failed ? 0 : line.size, stdout);
    buffer_done(&line);
}

static void print_totals(const struct options *options, const struct verify_totals *totals)
{
    uint64_t articles = totals->documents - totals->deleted;

    if (options->quiet)
        return;
    (void)fprintf(
        stderr,
        "%s: %llu article%s in %llu segment%s, %llu terms, %llu postings, %llu extents of "
        "%.1f MB%s: ",
        options->index, (unsigned long long)articles, plural_of(articles),
        (unsigned long long)totals->segments, plural_of(totals->segments),
        (unsigned long long)totals->terms, (unsigned long long)totals->postings,
        (unsigned long long)totals->extents, (double)totals->bytes / 1e6,
        options->deep ? ", all decoded" : "");
    if (totals->problems)
        (void)fprintf(stderr, "%llu problem%s\n", (unsigned long long)totals->problems,
                      plural_of(totals->problems));
    else
        (void)fputs("no damage\n", stderr);
    if (totals->garbage)
        (void)fprintf(stderr,
                      "%llu segments were left by an interrupted run; the next writer removes "
                      "them\n",
                      (unsigned long long)totals->garbage);
}

/* What verify_index cannot know: whether terms are what the texts give. */
static enum lede_status recheck(const struct options *options, struct lede_error *err)
{
    struct recheck_totals totals;
    enum lede_status status =
        recheck_index(options->index, RECHECKED, print_problem, NULL, &totals, err);

    if (status == LEDE_INCOMPATIBLE) {
        if (!options->quiet)
            (void)fputs("lede-index: note: terms were not compared with texts: another version of "
                        "the analysis made them\n",
                        stderr);
        return LEDE_OK;
    }
    if (!options->quiet && totals.articles)
        (void)fprintf(stderr, "%llu articles analysed anew: %llu differ\n", totals.articles,
                      totals.problems);
    return status;
}

/* What can still be done about the damage. */
static void tell_rescue(const struct options *options)
{
    struct salvage_totals totals;
    struct lede_error error;
    enum lede_status status = salvage_articles(options->index, NULL, &totals, &error);

    (void)fputs("lede-index: the index is damaged: ", stderr);
    if (status == LEDE_OK || totals.saved)
        (void)fprintf(stderr,
                      "lede-index export can save %llu articles, and %llu are lost; index anew "
                      "from what it writes, or from the sources\n",
                      totals.saved, totals.lost);
    else
        (void)fputs("no article can be read; index the sources anew\n", stderr);
}

int command_verify(const struct options *options)
{
    struct lede_error error = {.text = ""};
    struct verify_totals totals = {0};
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = verify_index(options->index, options->deep, print_problem, NULL, &totals, &error);
    if (status != LEDE_OK && status != LEDE_CORRUPT)
        return command_fail(&error);
    print_totals(options, &totals);
    if (status == LEDE_OK && options->deep)
        status = recheck(options, &error);
    if (status == LEDE_OK)
        return EXIT_DONE;
    if (status != LEDE_CORRUPT)
        return command_fail(&error);
    (void)fflush(stdout);
    tell_rescue(options);
    return EXIT_CORRUPT;
}
