/* report.h -- what was read and what was not: counts, the first few skips, a file with all.
 *
 * The file holds a JSON object a line, in the order of the skips:
 *     {"path":"/a/b.jsonl","record":3,"offset":71,"reason":"bad_record","message":"..."}
 * record is the line, 0 for a whole file; offset is that of the record in the decompressed file;
 * reason is a skip_reason_name. A path that is no UTF-8 is written as printable.h shows names. */
#ifndef LEDE_COMMAND_REPORT_H
#define LEDE_COMMAND_REPORT_H

#include "base/buffer.h"
#include "command/item.h"

struct report;

struct report_counts {
    uint64_t files, articles;
    uint64_t bytes;     /* of the files, decompressed */
    uint64_t raw_bytes; /* of the files as they are */
    uint64_t replaced_bytes, dates_unread;
    uint64_t skips[SKIP_REASONS], skipped; /* all of them */
    uint64_t failures;                     /* those for which skip_is_failure */
};

/* path NULL: no file. LEDE_IO: it cannot be written. */
enum lede_status report_open(const char *path, struct report **out, struct lede_error *err);

/* Flushes the file: LEDE_IO or LEDE_FULL if not everything could be written. Frees in any case. */
enum lede_status report_close(struct report *report, struct lede_error *err);

void report_skip(struct report *report, const struct skip *skip);
void report_article(struct report *report, const struct item *item);
void report_file(struct report *report, uint64_t bytes, uint64_t raw_bytes);
const struct report_counts *report_counts(const struct report *report);

/* Appends what is to be said at the end, whole lines; nothing if nothing was skipped:
 *     skipped 3: 2 broken, 1 too large; see --report
 *       /a/b.jsonl:3: '}' expected near end of file, byte 17 of the record */
void report_summary(const struct report *report, struct buffer *out);

/* Appends "PATH:RECORD: MESSAGE", sanitized, without a newline. */
void report_format_skip(struct buffer *out, const struct skip *skip);

#endif
