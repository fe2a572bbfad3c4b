/* form.h -- how articles write a term: dictionaries hold stems, people read words.
 *
 * The first articles with the term are analysed anew, title and the first ANALYZER_CHUNK bytes of
 * the text, and of the words there that give the term one is taken: the one most like a word, or
 * the first one that begins in a given way. Where texts are not kept only titles are looked at. */
#ifndef LEDE_QUERY_FORM_H
#define LEDE_QUERY_FORM_H

#include "terms.h"

struct form_wanted {
    struct slice word;
    bool beginning;    /* the form begins with word, case and marks apart; else it is like it */
    unsigned articles; /* that are looked at, at most */
};

/* term: one that plan_look_up found, with df > 0. *form is the arena's, of size 0 if there is none.
 * LEDE_CORRUPT, LEDE_NO_MEMORY, LEDE_IO. */
enum lede_status form_find(struct lede_index *index, struct analyzer *analyzer,
                           const struct query_term *term, const struct form_wanted *wanted,
                           struct arena *arena, struct slice *form, struct lede_error *err);

/* Whether a word begins with another, both folded: their case and all their marks. */
bool form_begins(struct slice word, struct slice beginning);

#endif
