/* naive_ranker.h -- the oracle of every query operator: BM25 over plain arrays, by the formula.
 *
 * It reads the same articles, in the same order, and analyses them with the same analyzer; beyond
 * that it shares nothing with the engine but the length code (lib/index/norm.h): no postings, no
 * windows, no heap. Every document is looked at for every word. Running out of memory aborts. */
#ifndef TESTS_NAIVE_RANKER_H
#define TESTS_NAIVE_RANKER_H

#include "lede.h"
#include "text/analyzer.h"

struct naive_ranker;

/* settings: as the indexes are made; positions: they have them. */
struct naive_ranker *naive_ranker_new(const struct analyzer_settings *settings, bool positions,
                                      bool texts);
void naive_ranker_free(struct naive_ranker *ranker);

/* What is added from here on belongs to this index (they rise) and to a segment of its own. */
void naive_ranker_begin_segment(struct naive_ranker *ranker, uint32_t index);
/* Adds an article; the one of the current index with its id is deleted. language: if it has none
 * that is known. Its metadata are keywords, but those named boilerplate, in any case. */
void naive_ranker_add(struct naive_ranker *ranker, const struct lede_article *article,
                      language_id language);
/* Deletes the article of the current index with this id; false if there is none. */
bool naive_ranker_remove(struct naive_ranker *ranker, struct lede_bytes id);

/* Where words are looked for: in title and text, in titles, in what recurs around articles. */
enum naive_field { NAIVE_TEXT, NAIVE_TITLE, NAIVE_BOILERPLATE };

enum naive_occur { NAIVE_PLAIN, NAIVE_OPTIONAL, NAIVE_REQUIRED, NAIVE_PROHIBITED };

struct naive_clause {
    enum naive_occur occur;
    enum naive_field field;
    bool quoted;
    bool joined;    /* text is several plain words that say one amount */
    bool amount;    /* text is one, and its words do not count */
    bool range;     /* text is two, and all between them */
    bool wildcards; /* text has some, and nothing that folding changes */
    bool exact;     /* as it is written, apart from case */
    unsigned edits; /* above 0: a fuzzy word, to which not too many are near */
    int near;       /* if quoted; -1: side by side */
    double boost;   /* also of a group */
    bool dates;     /* of first to last, in seconds; text says so to the engine */
    int64_t first, last;
    bool keyword; /* text is name:value, folded, with wildcards or without; the engine may be asked
                   * in another spelling */
    char text[160];
    const struct naive_clause *children; /* of a group, which has no text; NULL: it is none */
    size_t child_count;
};

struct naive_query {
    struct naive_clause clauses[16];
    size_t count;
    bool any;
    bool literal; /* of plain words without syntax: the engine is asked so */
    double k1, b;
    int language; /* a language_id; -1: the sixteen most frequent ones of the articles */
    bool dated;   /* only articles of first to last */
    int64_t first, last;
    double half_life; /* in seconds; 0: nothing fades */
};

struct naive_hit {
    double score;
    uint32_t index, segment, document;
    bool dated;
    int64_t date;               /* in seconds */
    const char *id;             /* the ranker's; as is: */
    const char (*keywords)[64]; /* name:value, folded, keyword_count of them */
    size_t keyword_count;
};

/* Evaluates a query: all hits, best first, *count of them; the caller's to free. */
struct naive_hit *naive_ranker_search(struct naive_ranker *ranker, const struct naive_query *query,
                                      size_t *count);

#endif
