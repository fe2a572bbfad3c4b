/* json_reader.h -- JSON that is not lines: an array of objects, an object alone, or objects one
 * after the other, as articles.
 *
 * members.h says what becomes of an object. An object alone is the file, and has its id; others are
 * numbered from 1, bad ones counted. What an array has besides objects, an object that cannot be
 * parsed, or that has neither title nor text, or more than max_record bytes, is a skip by number
 * and byte offset; the rest is read. Where brackets do not match, the file is lost from there on:
 * that is one skip, as is anything but blanks behind an array. If the input cannot be read to its
 * end, the objects before are kept.
 *
 * One object is in memory at a time, as with JSON lines. */
#ifndef LEDE_COMMAND_JSON_READER_H
#define LEDE_COMMAND_JSON_READER_H

#include "command/file_kind.h"
#include "command/input.h"
#include "command/members.h"

/* Whether a file that begins so may be one of these: behind blanks, [ and {, or { and a quote. */
enum head_answer json_recognizes(struct slice head);

enum json_place {
    JSON_BEGIN,
    JSON_ARRAY,  /* in an array, behind its bracket */
    JSON_BEHIND, /* behind the array */
    JSON_VALUES, /* behind a value that is in no array */
    JSON_END
};

struct json_reader {
    struct members members;
    size_t max_record;
    struct input *input;
    const struct origin *origin;
    enum json_place place;
    uint64_t record; /* number of the one that was read last, from 1 */
    struct json_object object;
};

void json_reader_init(struct json_reader *reader, const struct member_fields *fields,
                      size_t max_record);
void json_reader_done(struct json_reader *reader);

/* Begins a file: input and origin are borrowed until the item is ITEM_END. */
void json_reader_start(struct json_reader *reader, struct input *input,
                       const struct origin *origin);

/* The next article or skip. LEDE_NO_MEMORY, LEDE_INTERRUPTED: nothing more can be read. */
enum lede_status json_reader_next(struct json_reader *reader, struct item *item,
                                  struct lede_error *err);

#endif
