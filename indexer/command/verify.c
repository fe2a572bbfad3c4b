/* lede-index verify: is every byte of the index as it was written? */
#include <stdio.h>

#include "base/printable.h"
#include "command/command.h"
#include "index/verify.h"

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
    if (options->quiet)
        return;
    (void)fprintf(stderr,
                  "%s: %llu articles in %llu segments, %llu terms, %llu postings, %llu extents of "
                  "%.1f MB%s: ",
                  options->index, (unsigned long long)(totals->documents - totals->deleted),
                  (unsigned long long)totals->segments, (unsigned long long)totals->terms,
                  (unsigned long long)totals->postings, (unsigned long long)totals->extents,
                  (double)totals->bytes / 1e6, options->deep ? ", all decoded" : "");
    if (totals->problems)
        (void)fprintf(stderr, "%llu problems\n", (unsigned long long)totals->problems);
    else
        (void)fputs("no damage\n", stderr);
    if (totals->garbage)
        (void)fprintf(stderr,
                      "%llu segments were left by an interrupted run; the next writer removes "
                      "them\n",
                      (unsigned long long)totals->garbage);
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
    if (status == LEDE_OK)
        return EXIT_DONE;
    (void)fputs("lede-index: the index is damaged: save what can be read with lede-index export, "
                "and index anew\n",
                stderr);
    return command_exit_code(status);
}
