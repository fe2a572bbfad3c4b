/* members.h -- the members of a record, be it an object of JSON or a row of a table, as an article.
 *
 * Members id, title, text, date, url and language (or those that --field names in their
 * place) fill the article; every further member is kept as metadata: a string as it is, anything
 * else as compact JSON. A null of the six is a member that is not there; numbers stand for their
 * decimal text. A record without id, or with an empty one, is STEM#n, n its number among the
 * records of the file. A date in no known form is kept as metadata `date`. Beside a
 * date a member `date_source` that is metadata, url, text or file, as export writes it, says where
 * that is from. */
#ifndef LEDE_COMMAND_MEMBERS_H
#define LEDE_COMMAND_MEMBERS_H

#include "base/buffer.h"
#include "command/item.h"
#include "command/json_object.h"

enum member {
    MEMBER_ID,
    MEMBER_TITLE,
    MEMBER_TEXT,
    MEMBER_DATE,
    MEMBER_URL,
    MEMBER_LANGUAGE,
    MEMBER_COUNT
};

/* Which member of a record is which; NULL: the one of that name. Borrowed. */
struct member_fields {
    const char *members[MEMBER_COUNT];
};

/* "id", "title", ...; MEMBER_COUNT if name is none of them. */
const char *member_name(enum member member);
enum member member_find(struct slice name);

struct members {
    const char *names[MEMBER_COUNT]; /* in records */
    struct buffer id;                /* of the last article, if it had none of its own */
    struct lede_field *metadata;
    size_t metadata_count, metadata_capacity;
};

/* fields may be NULL. */
void members_init(struct members *members, const struct member_fields *fields);
void members_done(struct members *members);

/* Fills item's article but for its source; what it gives lives until the next read, as long as
 * found does. number: of the record in the file, or 0: it is the
 * file, and has its id. If it is no article, complaint says why; else it
 * stays as it is. LEDE_NO_MEMORY. */
enum { MEMBERS_COMPLAINT = 256 };
enum lede_status members_read(struct members *members, const struct json_member *found,
                              size_t count, const struct origin *origin, uint64_t number,
                              struct item *item, char complaint[MEMBERS_COMPLAINT]);

/* The same of the members of an object of JSON, which is read into object; item's replaced_bytes,
 * too. */
enum lede_status members_read_json(struct members *members, struct json_object *object,
                                   struct slice text, const struct origin *origin, uint64_t number,
                                   struct item *item, char complaint[MEMBERS_COMPLAINT]);

#endif
