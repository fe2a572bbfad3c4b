/* keyword_names.h -- the keyword fields of an index: names of metadata whose values are terms.
 *
 * The list is text, a name a line, as stop words are: `site\nauthor\n`. The name in place i, from
 * 0, is that of the field byte FIELD_KEYWORD + i. A name is an ASCII letter and up to
 * KEYWORD_NAME_MAX - 1 letters, digits, `_`, `-` and `.`, in lower case in the list; who looks for
 * one may write it in any case. At most KEYWORDS_MAX names, no two alike. Costs a walk of the list.
 * Thread-safe. */
#ifndef LEDE_INDEX_KEYWORD_NAMES_H
#define LEDE_INDEX_KEYWORD_NAMES_H

#include "base/buffer.h"
#include "index/format.h"

enum { KEYWORDS_MAX = FIELD_KEYWORD_LAST - FIELD_KEYWORD + 1, KEYWORD_NAME_MAX = 64 };

static inline bool field_is_keyword(uint8_t field)
{
    return field >= FIELD_KEYWORD && field <= FIELD_KEYWORD_LAST;
}

/* Some of the fields, by the places of their names. */
struct keyword_set {
    uint8_t bits[(KEYWORDS_MAX + 7) / 8];
};

static inline void keyword_set_add(struct keyword_set *set, size_t place)
{
    set->bits[place / 8] |= (uint8_t)(1U << place % 8);
}

static inline bool keyword_set_has(const struct keyword_set *set, size_t place)
{
    return set->bits[place / 8] >> place % 8 & 1;
}

bool keyword_set_is_empty(const struct keyword_set *set);
/* Adds all of another one. */
void keyword_set_join(struct keyword_set *set, const struct keyword_set *other);

/* Whether a field may have this name, in any case. */
bool keyword_name_is_valid(struct slice name);
/* Whether the two are one name. */
bool keyword_name_equal(struct slice a, struct slice b);

/* Whether the bytes are a list as above; an empty one is. */
bool keyword_names_are_valid(struct slice names);

/* Takes the first name off *names into *name. False: there is none. */
bool keyword_names_next(struct slice *names, struct slice *name);

/* How many names there are. */
size_t keyword_names_count(struct slice names);

/* The place of a name; KEYWORDS_MAX if the list has it not. */
size_t keyword_names_find(struct slice names, struct slice name);

/* Appends a valid name that the list does not have, in lower case; one that it has is there
 * already. False: the list is full. Memory that runs out shows in names->failed. */
bool keyword_names_add(struct buffer *names, struct slice name);

#endif
