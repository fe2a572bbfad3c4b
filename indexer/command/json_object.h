/* json_object.h -- a line of JSON as the members of an object.
 *
 * jansson decides what JSON is, what a value means and what is wrong with a line; but it reads 78
 * MB/s a core, character by character. So an ordinary object is scanned first: names without
 * escapes, strings copied 16 bytes at a time with their escapes undone, and what else there is
 * (numbers, arrays, objects) handed to jansson value by value. Wherever the scan is not certain,
 * which includes everything that is an error, it gives up and jansson reads the whole line. Both
 * ways give the same members: tests/indexer/test_json_object.c and tests/fuzz/fuzz_jsonl.c compare
 * them.
 *
 * Of other parsers yajl came to 420 MB/s on the same lines (a documentation archive and
 * Reuters-21578), json-c with UTF-8 checked to 350, both with other rules for odd lines than
 * jansson's; the scan comes to 1,900. */
#ifndef LEDE_COMMAND_JSON_OBJECT_H
#define LEDE_COMMAND_JSON_OBJECT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "command/skip.h"

enum json_kind { KIND_STRING, KIND_NUMBER, KIND_NULL, KIND_OTHER };

struct json_member {
    struct slice name;
    struct slice value; /* a string: its text; anything else: compact JSON */
    enum json_kind kind;
};

enum { JSON_COMPLAINT = 224 /* bytes of the longest, its NUL included */ };

struct json_object {
    struct json_member *members; /* in their order; of those of one name the last value, in the
                                    place of the first */
    size_t count, capacity;
    uint64_t replaced; /* bytes of the line that were no UTF-8 and were read as U+FFFD */
    char complaint[JSON_COMPLAINT]; /* why the line is no object; empty if it is one */
    enum skip_reason reason;        /* SKIP_BAD_RECORD; SKIP_TOO_LARGE: json_memory.h */

    struct buffer text;     /* strings of the scan, or a line that had to be repaired */
    struct arena arena;     /* compact values */
    struct json_t *scanned; /* jansson's root, which holds the strings otherwise */
};

void json_object_init(struct json_object *object);
void json_object_done(struct json_object *object);

/* Reads a line; what it gives lives until the next read, the line need not. LEDE_NO_MEMORY. */
enum lede_status json_object_read(struct json_object *object, struct slice line);

/* The same by jansson alone: for tests. */
enum lede_status json_object_read_slowly(struct json_object *object, struct slice line);

/* ---- between the two ways ---- */

/* Appends a member. False if memory ran out. */
bool json_object_add(struct json_object *object, struct slice name, struct slice value,
                     enum json_kind kind);

/* Appends a member whose value is JSON, not a string. LEDE_INVALID if it is no JSON value. */
enum lede_status json_object_add_raw(struct json_object *object, struct slice name,
                                     struct slice json);

/* Reads an ordinary object into an empty one. LEDE_INVALID: jansson has to look at the line. */
enum lede_status json_scan(struct json_object *object, struct slice line);

#endif
