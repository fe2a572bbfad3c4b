#include "command/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/printable.h"
#include "text/utf8.h"

enum { SHOWN = 5 };

struct report {
    struct report_counts counts;
    FILE *file; /* NULL: none */
    char *path;
    int error;           /* errno of the first write that failed */
    struct buffer shown; /* the first failures, a line each; policy skips only with the file */
    unsigned shown_count;
};

enum lede_status report_open(const char *path, struct report **out, struct lede_error *err)
{
    struct report *report = calloc(1, sizeof *report);
    enum lede_status status = LEDE_OK;

    if (!report)
        return error_no_memory(err);
    buffer_init(&report->shown, NULL);
    if (path) {
        report->path = strdup(path);
        report->file = fopen(path, "we");
        if (!report->path)
            status = error_no_memory(err);
        else if (!report->file)
            status = error_set(err, LEDE_IO, "--report %s: %s", path, strerror(errno));
    }
    if (status != LEDE_OK) {
        (void)report_close(report, NULL);
        return status;
    }
    *out = report;
    return LEDE_OK;
}

enum lede_status report_close(struct report *report, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (!report)
        return LEDE_OK;
    if (report->file && fclose(report->file) != 0 && !report->error)
        report->error = errno;
    if (report->error)
        status = error_set(err, report->error == ENOSPC ? LEDE_FULL : LEDE_IO, "--report %s: %s",
                           report->path, strerror(report->error));
    buffer_done(&report->shown);
    free(report->path);
    free(report);
    return status;
}

const struct report_counts *report_counts(const struct report *report)
{
    return &report->counts;
}

/* ---- one skip ---- */

void report_format_skip(struct buffer *out, const struct skip *skip)
{
    printable_put(out, skip->path, PRINTABLE_NAME);
    if (skip->record)
        buffer_printf(out, ":%llu", (unsigned long long)skip->record);
    buffer_str(out, ": ");
    printable_put(out, slice_str(skip->message), PRINTABLE_NAME);
}

/* JSON loses nothing of a path but bytes that are no UTF-8: those are shown as in messages. */
static void put_string(struct buffer *out, struct slice bytes)
{
    struct buffer shown;

    buffer_init(&shown, NULL);
    if (!utf8_is_valid(bytes)) {
        printable_put(&shown, bytes, PRINTABLE_NAME);
        bytes = buffer_bytes(&shown);
        out->failed |= shown.failed;
    }
    json_put_string(out, bytes);
    buffer_done(&shown);
}

static void write_skip(struct report *report, const struct skip *skip)
{
    struct buffer line;

    buffer_init(&line, NULL);
    buffer_str(&line, "{\"path\":");
    put_string(&line, skip->path);
    buffer_printf(&line, ",\"record\":%llu,\"offset\":%llu,\"reason\":\"%s\",\"message\":",
                  (unsigned long long)skip->record, (unsigned long long)skip->offset,
                  skip_reason_name(skip->reason));
    put_string(&line, slice_str(skip->message));
    buffer_str(&line, "}\n");
    if (line.failed)
        report->error = report->error ? report->error : ENOMEM;
    else if (fwrite(line.data, 1, line.size, report->file) != line.size && !report->error)
        report->error = errno;
    buffer_done(&line);
}

void report_skip(struct report *report, const struct skip *skip)
{
    report->counts.skipped++;
    report->counts.skips[skip->reason]++;
    if (skip_is_failure(skip)) {
        report->counts.failures++;
        if (report->shown_count < SHOWN) {
            report->shown_count++;
            buffer_str(&report->shown, "  ");
            report_format_skip(&report->shown, skip);
            buffer_byte(&report->shown, '\n');
        }
    }
    if (report->file)
        write_skip(report, skip);
}

void report_article(struct report *report, const struct item *item)
{
    report->counts.articles++;
    report->counts.replaced_bytes += item->replaced_bytes;
    report->counts.dates_unread += item->date_unread;
}

void report_file(struct report *report, uint64_t bytes, uint64_t raw_bytes)
{
    report->counts.files++;
    report->counts.bytes += bytes;
    report->counts.raw_bytes += raw_bytes;
}

/* ---- the end ---- */

static void put_reasons(const struct report *report, struct buffer *out)
{
    const char *separator = ": ";

    for (int i = 0; i < SKIP_REASONS; i++)
        if (report->counts.skips[i]) {
            buffer_printf(out, "%s%llu %s", separator, (unsigned long long)report->counts.skips[i],
                          skip_reason_text((enum skip_reason)i));
            separator = ", ";
        }
}

void report_summary(const struct report *report, struct buffer *out)
{
    const struct report_counts *counts = &report->counts;

    if (counts->skipped) {
        buffer_printf(out, "skipped %llu", (unsigned long long)counts->skipped);
        put_reasons(report, out);
        if (!report->file) {
            buffer_str(out, "; see --report");
        } else {
            buffer_str(out, "; see ");
            printable_put(out, slice_str(report->path), PRINTABLE_NAME);
        }
        buffer_byte(out, '\n');
        buffer_put(out, report->shown.data, report->shown.size);
        if (counts->failures > report->shown_count)
            buffer_printf(out, "  and %llu more\n",
                          (unsigned long long)(counts->failures - report->shown_count));
    }
    if (counts->dates_unread)
        buffer_printf(out, "%llu dates in no known form were kept as metadata\n",
                      (unsigned long long)counts->dates_unread);
    if (counts->replaced_bytes)
        buffer_printf(out, "%llu bytes were no UTF-8 or UTF-16 and were read as U+FFFD\n",
                      (unsigned long long)counts->replaced_bytes);
}
