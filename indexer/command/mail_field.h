/* mail_field.h -- the head of a mail, or of a part of one: its fields, and what they mean (RFC
 * 5322, 2045 to 2047, 2183, 2231).
 *
 * GMime reads the values: words in other encodings, types and their parameters, transfer encodings.
 * It is given one value at a time, of MAIL_FIELD bytes at most, since it ends the process where
 * memory runs out, and the tree that it makes of a mail may be a hundred times as large. What it
 * may take of one value is set aside, and given back to the system while it has one: where that
 * cannot be had again, memory is short, and GMime is given nothing more. For one thread. */
#ifndef LEDE_COMMAND_MAIL_FIELD_H
#define LEDE_COMMAND_MAIL_FIELD_H

#include "base/buffer.h"

enum { MAIL_FIELD = 4096, MAIL_BOUNDARY = 128, MAIL_WORD = 64 };

/* Before anything else here; again does no harm. */
void mail_begin(void);

/* Bytes of the head, with the empty line behind it; all, if there is no such line. */
size_t mail_head_size(struct slice bytes);

/* A field's value as one line, as it is there; false: there is none, or it is empty. Cut behind
 * MAIL_FIELD bytes. */
bool mail_field(struct slice head, const char *name, struct buffer *out);
/* The same as UTF-8 text. */
bool mail_field_text(struct slice head, const char *name, struct buffer *out);

/* True: memory ran out, and what was read since is to be thrown away. It stays so. */
bool mail_memory_is_short(void);

enum mail_encoding { MAIL_AS_IS, MAIL_BASE64, MAIL_QUOTED };

struct mail_type {
    char media[MAIL_WORD]; /* lower case: text/plain, where nobody says */
    char charset[MAIL_WORD];
    char boundary[MAIL_BOUNDARY]; /* empty: none, or too long */
    bool attached;                /* it is to be shown apart, or has a file's name */
    enum mail_encoding encoding;
};

void mail_type_read(struct slice head, struct mail_type *type);

/* Undoes what was done to a body to send it: what it was, in out. False: memory ran out. */
bool mail_decode(enum mail_encoding encoding, struct slice body, struct buffer *out);

#endif
