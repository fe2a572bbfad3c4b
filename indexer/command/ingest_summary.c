/* A run with its progress, and what is said of it when it is over. */
#include <stdio.h>

#include "base/lede_bytes.h"
#include "base/printable.h"
#include "command/ingest_internal.h"
#include "command/interrupt.h"

void ingest_put_amount(const struct ingest *ingest, struct buffer *out)
{
    const struct report_counts *counts = report_counts(ingest->report);
    double seconds = progress_seconds(&ingest->progress), megabytes = (double)counts->bytes / 1e6;

    buffer_printf(out, " from %llu file%s: %.1f MB in %.2f s, %.1f MB/s\n",
                  (unsigned long long)counts->files, plural_of(counts->files), megabytes, seconds,
                  seconds > 0 ? megabytes / seconds : 0);
}

/* Articles that are not found by a field as it was declared later than they were added. */
static void put_lacking(const struct ingest *ingest, struct buffer *out)
{
    const struct string_list *names = &ingest->options->keywords;

    for (size_t i = 0; i < names->count; i++) {
        struct slice name = slice_str(names->items[i]);
        uint64_t articles = lede_writer_lacking(ingest->writer, bytes_of(name));

        if (articles)
            buffer_printf(out,
                          "%.*s: %llu articles were indexed before this field was declared; "
                          "lede-index compact gives it to them\n",
                          (int)name.size, (const char *)name.data, (unsigned long long)articles);
    }
}

static void say_summary(const struct ingest *ingest, const struct ingest_work *work)
{
    struct lede_writer_totals totals = {0};
    struct buffer out;

    if (ingest->options->quiet)
        return;
    buffer_init(&out, NULL);
    work->put_totals(work->context, &out);
    report_summary(ingest->report, &out);
    if (ingest->writer)
        lede_writer_totals(ingest->writer, &totals);
    if (totals.invalid_bytes)
        buffer_printf(&out, "%llu bytes of texts were no UTF-8 and were read as U+FFFD\n",
                      (unsigned long long)totals.invalid_bytes);
    if (totals.long_terms)
        buffer_printf(&out, "%llu words or keywords were too long to be terms\n",
                      (unsigned long long)totals.long_terms);
    if (ingest->writer)
        put_lacking(ingest, &out);
    command_say(&out);
    buffer_done(&out);
}

/* What was added since the last commit, and is lost with it. */
static int fail(const struct ingest *ingest, const struct lede_error *err)
{
    int code = command_fail(err);

    if (ingest->writer && ingest->uncommitted)
        (void)fprintf(stderr, "%llu articles since the last commit are not in the index\n",
                      (unsigned long long)ingest->uncommitted);
    return code;
}

int ingest_run(struct ingest *ingest, const struct ingest_work *work, struct lede_error *err)
{
    enum lede_status status, committed = LEDE_OK;
    const struct report_counts *counts = report_counts(ingest->report);
    struct progress_counts shown;

    progress_begin(&ingest->progress, ingest->options->progress, ingest->options->quiet,
                   walk_total_bytes(ingest->walk));
    status = work->all(work->context, err);
    if (status == LEDE_OK && interrupt_seen())
        status = error_set(err, LEDE_INTERRUPTED, "interrupted");
    if (status == LEDE_OK || status == LEDE_INTERRUPTED)
        committed = work->last(work->context, err);
    shown = (struct progress_counts){counts->files, counts->articles, counts->raw_bytes};
    progress_end(&ingest->progress, &shown);
    if (committed != LEDE_OK || (status != LEDE_OK && status != LEDE_INTERRUPTED))
        return fail(ingest, err);
    say_summary(ingest, work);
    if (status == LEDE_INTERRUPTED)
        return command_fail(err);
    return counts->failures ? EXIT_SKIPPED : EXIT_DONE;
}
