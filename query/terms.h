/* terms.h -- from the clauses of a query to the terms that an index is asked for.
 *
 * A word of a query is the group of all terms that may stand for it, at one position (words.h). In
 * a group tf is the sum and df the largest.
 *
 * A clause whose text gives one word is that; several are a phrase, with the positions that the
 * analysis gave them. Where phrases cannot be or are not wanted they become clauses of a word each:
 * without positions in the index, and for a mere word (e-mail) under `any`. Equal clauses of a list
 * become one that counts as often. A group whose clauses may as well stand beside it dissolves.
 * What gives no word is dropped with a note.
 *
 * Dates and keywords are filters; so is a group of filters. One that is plain is required even
 * under `any`, and what stands beside it is wanted as it would be without it. */
#ifndef LEDE_QUERY_TERMS_H
#define LEDE_QUERY_TERMS_H

#include "opened.h"
#include "parser.h"

enum { EXPANSIONS_MAX = 1024 };

struct query_term {
    struct slice key;        /* field byte, then the term */
    uint64_t df;             /* plan.h: over all segments */
    struct term_info *infos; /* plan.h: one per segment of the index; df 0 where it has none */
};

struct query_word {
    struct slice text; /* as it stands in the query; the arena's */
    uint32_t position; /* in its clause; rising, the first is 0 */
    struct query_term *terms;
    size_t term_count;
    uint64_t df; /* plan.h: the largest of its terms' */
    double idf;  /* plan.h */
};

/* Whether the same terms stand for both. */
bool query_word_same_terms(const struct query_word *a, const struct query_word *b);

struct query_clauses {
    struct query_clause *clauses; /* in the order of the query */
    size_t count;
};

struct query_clause {
    enum clause_occur occur; /* never OCCUR_PLAIN */
    bool is_title, is_boilerplate;
    struct slice text; /* for people; the arena's */
    size_t column;
    struct query_clauses group; /* of a group: its clauses; nothing else but occur, text and column
                                 * means something then */
    bool is_filter; /* says which documents may be found, and adds nothing to their scores: */
    struct date_range
        dates; /* of a filter without words or group: the dates that it lets through */
    struct query_word *words; /* several: a phrase */
    size_t word_count;
    bool adjacent;    /* of several words: their positions count; else that all are there */
    int near;         /* of these: as in struct clause */
    bool exact;       /* the words have to be there as text has them: as_written.h */
    uint32_t repeats; /* how many equal clauses its list has */
    double boost;     /* that of its group included */
    double idf;       /* plan.h: sum of its words' */
    float weight;     /* plan.h */
};

static inline bool query_clause_is_group(const struct query_clause *clause)
{
    return clause->group.count > 0;
}

/* Dates, and no group of them. */
static inline bool query_clause_is_dates(const struct query_clause *clause)
{
    return clause->is_filter && clause->word_count == 0 && !query_clause_is_group(clause);
}

struct terms_options {
    bool any;                    /* plain clauses are optional, else required */
    const language_id *language; /* NULL: the index's */
};

/* Everything lives in the arena, the clauses' text included. LEDE_LIMIT: more than LEDE_CLAUSES_MAX
 * words; LEDE_NO_MEMORY; LEDE_CORRUPT. */
enum lede_status terms_find(struct lede_index *index, struct analyzer *analyzer,
                            const struct clause_list *parsed, const struct terms_options *options,
                            struct arena *arena, struct notes *notes, struct query_clauses *out,
                            struct lede_error *err);

/* Adds a filter to the clauses, which are moved in the arena. LEDE_LIMIT, LEDE_NO_MEMORY. */
enum lede_status terms_add_dates(struct query_clauses *clauses, struct date_range dates,
                                 struct slice text, struct arena *arena, struct lede_error *err);

#endif
