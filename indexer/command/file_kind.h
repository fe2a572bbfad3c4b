/* file_kind.h -- what a file is, by its first bytes and by its name.
 *
 * A head is what a file begins with: HEAD_SIZE bytes, or fewer if there are no more, or if they
 * are not there yet. */
#ifndef LEDE_COMMAND_FILE_KIND_H
#define LEDE_COMMAND_FILE_KIND_H

#include "base/bytes.h"

enum { HEAD_SIZE = 8192 };

/* A mark of UTF-16, and not of UTF-32. */
bool head_is_utf16(struct slice head);

/* A NUL, or control characters more than one in 64 bytes; UTF-16 is not. */
bool head_is_binary(struct slice head);

enum head_answer { HEAD_NO, HEAD_YES, HEAD_MORE /* it depends on what follows */ };

/* Behind blanks, a byte order mark, comments and an XML declaration: a doctype html, or one of the
 * elements html, head, body, title and meta. */
enum head_answer head_is_html(struct slice head);

/* Somewhere a < before a letter, / or !. */
bool head_has_tag(struct slice head);

/* By what stands before .gz, .zst, .xz or .bz2. */
enum name_kind {
    NAME_OTHER,
    NAME_JSON,
    NAME_JSONL, /* .jsonl, .ndjson */
    NAME_HTML,  /* .html, .htm, .xhtml */
    NAME_CSV,
    NAME_TSV, /* .tsv, .tab */
    NAME_MAIL /* .eml, .mbox */
};

enum name_kind name_kind(struct slice path);

#endif
