/* lede.h -- full-text search over archives of articles: the public API of liblede.
 *
 * An index is a directory that holds one LMDB environment. A writer adds articles and
 * commits them; a reader opens a snapshot and searches it. Text is analysed (words by
 * UAX #29, Snowball stems), inverted into immutable segments, and ranked by BM25:
 *
 *     struct lede_error error;
 *     struct lede_writer *writer;
 *     if (lede_writer_open("news.lede", NULL, &writer, &error) != LEDE_OK) ...
 *     lede_writer_add(writer, &(struct lede_article){.id = LEDE_STR("a"), .text = LEDE_STR("...")},
 * &error); lede_writer_commit(writer, &error); lede_writer_close(writer);
 *
 * Conventions. Every function that can fail returns enum lede_status and fills the
 * struct lede_error that is its last argument (NULL if nobody cares); on failure no
 * output is written. Bytes go in as struct lede_bytes (pointer and size, UTF-8 wanted,
 * any bytes accepted); the library copies what it keeps. What comes out lives as long
 * as the object it came from. `_free` and `_close` take NULL. Nothing prints, exits,
 * changes the locale or installs signal handlers.
 *
 * Threads. A writer belongs to one thread at a time (it may start its own workers);
 * a struct lede_index may be searched from many threads at once; results belong to who
 * asked. Two writers of one index, in any processes, exclude each other. */
#ifndef LEDE_H
#define LEDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LEDE_VERSION "0.1.0"

#if defined(__GNUC__)
#define LEDE_API __attribute__((visibility("default")))
#else
#define LEDE_API
#endif

enum lede_status {
    LEDE_OK = 0,
    LEDE_NO_MEMORY,    /* memory ran out, or the writer's memory limit is too small */
    LEDE_INVALID,      /* an argument or a query makes no sense */
    LEDE_MISSING,      /* there is no index there, or no such article */
    LEDE_INCOMPATIBLE, /* an index of another format version or analysis */
    LEDE_CORRUPT,      /* stored bytes fail their checks */
    LEDE_BUSY,         /* another writer holds the index; or a snapshot was overtaken */
    LEDE_IO,           /* the system refused a read or write */
    LEDE_FULL,         /* the disk is full */
    LEDE_LIMIT,        /* a documented limit was passed */
    LEDE_INTERRUPTED   /* asked to stop */
};

struct lede_error {
    enum lede_status status;
    char text[480]; /* what, where, what to do; one line of UTF-8 without a newline */
    size_t column;  /* of a query that is odd under `strict`: where, in characters from 1; else 0 */
};

LEDE_API const char *lede_version(void);
/* "corrupt", "busy", ...: a word for a status, never NULL. */
LEDE_API const char *lede_status_name(enum lede_status status);

struct lede_bytes {
    const void *data; /* may be NULL if size is 0 */
    size_t size;
};

#define LEDE_STR(literal) ((struct lede_bytes){(literal), sizeof(literal) - 1})

/* ---- dates ---- */

enum lede_precision { LEDE_DATE_NONE, LEDE_YEAR, LEDE_MONTH, LEDE_DAY, LEDE_SECOND };

struct lede_date {
    int64_t seconds; /* since 1970-01-01T00:00:00Z, of the beginning of the span */
    enum lede_precision precision;
};

/* Reads RFC 3339, YYYY, YYYY-MM, YYYY-MM-DD, DD-MON-YYYY with an optional time, and RFC 2822
 * (Thu, 26 Feb 1987 15:01:01 GMT); UTC where no zone is given. LEDE_INVALID if it is none of
 * these. */
LEDE_API enum lede_status lede_date_parse(struct lede_bytes text, struct lede_date *date);

/* Where the date of an article is from: what it says of itself, its address, its text, or the time
 * at which its file was changed. */
enum lede_date_source {
    LEDE_DATE_FROM_NOWHERE, /* it has none; or, of one that is added with a date, metadata */
    LEDE_DATE_FROM_METADATA,
    LEDE_DATE_FROM_URL,
    LEDE_DATE_FROM_TEXT,
    LEDE_DATE_FROM_FILE
};

#define LEDE_DATE_TEXT 32
/* Writes the date to its precision, as 2023, 2023-07, 2023-07-19 or 2023-07-19T08:30:00Z. */
LEDE_API void lede_date_format(struct lede_date date, char text[LEDE_DATE_TEXT]);

/* ---- articles ---- */

struct lede_field {
    struct lede_bytes name, value;
};

struct lede_article {
    struct lede_bytes id; /* external id; unique in an index; at most LEDE_ID_MAX bytes */
    struct lede_bytes title, text;
    struct lede_bytes url;
    struct lede_bytes language; /* "en", "de", "pt-BR", ...; empty: the writer's */
    struct lede_date date;
    enum lede_date_source date_source;
    const struct lede_field *metadata; /* stored with the article; of keyword fields: terms, too */
    size_t metadata_count;
    struct lede_bytes source; /* path of the file it came from; at most LEDE_SOURCE_MAX bytes */
    uint64_t source_offset, source_size; /* its byte range there */
};

/* A file that articles come from, as it was when it was read. */
struct lede_source {
    struct lede_bytes path; /* the articles' source; at least one byte */
    bool complete;          /* all that is in it was added; the rest means something only then */
    int64_t modified;       /* nanoseconds since 1970 */
    uint64_t size;          /* bytes */
    uint32_t reading; /* a number of the caller's for how it was read: what else counts when a file
                       * is to be known again */
};

#define LEDE_ID_MAX     4096
#define LEDE_SOURCE_MAX 4096

/* ---- writing ---- */

struct lede_writer;

struct lede_writer_options {
    const char *language;        /* NULL: what the index was made with */
    const char *new_language;    /* of one that is made now, if language is NULL; NULL: "en" */
    bool no_stem;                /* index whole words; fixed when the index is made */
    bool no_positions;           /* no phrases; fixed when the index is made */
    bool no_store;               /* keep no text (titles, ids, dates and metadata are kept) */
    struct lede_bytes stopwords; /* words to drop, one a line; fixed when the index is made */
    const char *const *keywords; /* names of metadata to filter by (topic:x): a letter, and letters,
                                  * digits, _, - and .. An index that is there gets those that it
                                  * has not: lede_writer_lacking */
    size_t keyword_count;
    bool standard_keywords; /* of an index that is made: site (and the host of an article's
                             * url), section, author, lang (its language), before the others */
    size_t memory;          /* bytes; 0: 256 MiB; at least 16 MiB */
    unsigned jobs;          /* threads that analyse and invert; 0: as many as processors */
    unsigned wait;          /* seconds to wait for another writer */
    bool no_merge;          /* leave segments as commits make them: for tests */
};

/* Opens, or makes, the index in directory path for writing. LEDE_BUSY if another writer
 * holds it for longer than options->wait; LEDE_INCOMPATIBLE if options contradict what the
 * index was made with. options NULL: the defaults above. */
LEDE_API enum lede_status lede_writer_open(const char *path,
                                           const struct lede_writer_options *options,
                                           struct lede_writer **writer, struct lede_error *error);

/* The language that the index was made with: of articles that tell none, where lede_writer_options
 * gave no other. Lives with the writer. */
LEDE_API struct lede_bytes lede_writer_index_language(const struct lede_writer *writer);

/* How many articles of the index were added before a keyword field was declared, and are not found
 * by it until segments are merged (lede-index compact merges all): then terms are made of their
 * metadata. 0 if it has no such field. */
LEDE_API uint64_t lede_writer_lacking(const struct lede_writer *writer, struct lede_bytes keyword);

/* Adds an article, or replaces the one with its id; an article whose id, content and source are
 * there already is left alone. Visible to readers after lede_writer_commit. Memory does not limit
 * the size of a text, LEDE_LIMIT tells what does: 2 GiB; title and metadata have to fit a quarter
 * of the memory that the writer may use. */
LEDE_API enum lede_status lede_writer_add(struct lede_writer *writer,
                                          const struct lede_article *article,
                                          struct lede_error *error);

/* Gives a part of the text of the article that lede_writer_add adds next, whose text is then all
 * such parts and article->text behind them: for texts that are not in memory as a whole. They wait
 * in a temporary file beside the index. LEDE_LIMIT: too long; the parts are forgotten. */
LEDE_API enum lede_status lede_writer_append(struct lede_writer *writer, struct lede_bytes part,
                                             struct lede_error *error);
/* Forgets the parts given since the last lede_writer_add, which does so, too, when it fails. */
LEDE_API void lede_writer_forget(struct lede_writer *writer);

/* Notes what a file was like of which everything was added, behind its articles; or, if it is not
 * complete, that what was noted of it before is void. Costs some 20 bytes of the index; nothing if
 * it says what the index has, and the articles were there already. */
LEDE_API enum lede_status lede_writer_end_source(struct lede_writer *writer,
                                                 const struct lede_source *source,
                                                 struct lede_error *error);

/* Removes the article with this id. LEDE_MISSING if the index, as committed, has none. */
LEDE_API enum lede_status lede_writer_remove(struct lede_writer *writer, struct lede_bytes id,
                                             struct lede_error *error);

/* Makes all that was added and removed durable and visible, at once. */
LEDE_API enum lede_status lede_writer_commit(struct lede_writer *writer, struct lede_error *error);

struct lede_writer_totals {
    uint64_t added, replaced, unchanged, removed; /* articles, as of the last commit */
    uint64_t text_bytes;                          /* of titles and texts given so far */
    uint64_t invalid_bytes;                       /* bytes that were no UTF-8, read as U+FFFD */
    uint64_t long_terms; /* tokens skipped because their term is over 128 bytes */
};
LEDE_API void lede_writer_totals(const struct lede_writer *writer,
                                 struct lede_writer_totals *totals);

/* Ends the writer. What was not committed is dropped. */
LEDE_API void lede_writer_close(struct lede_writer *writer);

/* ---- reading ---- */

struct lede_index;
struct lede_results;

/* Opens count indexes (at least one) as one: N, lengths and document frequencies are summed over
 * all of them, and hits come in the order of the paths where scores are equal. The snapshot is that
 * of the last commit before the call; its cost does not depend on the size of the index.
 * LEDE_MISSING, LEDE_CORRUPT, LEDE_IO; LEDE_INCOMPATIBLE if an index has another format. One that
 * was made with another analysis than this library's, or indexes whose settings differ, can be read
 * (lede_stored_get) but not searched: lede_search then says LEDE_INCOMPATIBLE. */
LEDE_API enum lede_status lede_index_open(const char *const *paths, size_t count,
                                          struct lede_index **index, struct lede_error *error);
/* True if a writer committed since the index was opened and may have written over what it reads:
 * only where readers cannot be registered, in a directory without permission to write. Whatever was
 * answered since, errors too, is worth nothing then; open the index again. */
LEDE_API bool lede_index_overtaken(const struct lede_index *index);
/* After everything that came out of the index was freed. */
LEDE_API void lede_index_close(struct lede_index *index);

enum {
    LEDE_QUERY_MAX = 4096, /* bytes of a query */
    LEDE_CLAUSES_MAX = 256 /* words of a query, those of phrases included */
};

enum lede_order {
    LEDE_BY_SCORE,
    LEDE_BY_DATE,       /* the newest first; undated ones last */
    LEDE_BY_DATE_RISING /* the oldest first; undated ones last */
};

enum lede_collapse {
    LEDE_COLLAPSE_NONE,
    LEDE_COLLAPSE_EXACT, /* articles of the same words in the same order */
    LEDE_COLLAPSE_NEAR   /* and of nearly the same: those of a duplicate group */
};

struct lede_search_options {
    size_t limit;         /* hits wanted; 0: 10 */
    size_t offset;        /* best hits to pass over */
    double k1, b;         /* of BM25: k1 >= 0, 0 <= b <= 1. One that is below 0, and both where both
                           * are 0: the index's own, 1.2 and 0.75 */
    bool any;             /* some of the words suffice; else all are required */
    bool literal;         /* no syntax: every character is text */
    bool strict;          /* an odd query is LEDE_INVALID instead of being taken literally */
    bool count_matches;   /* fill lede_results_total exactly (else it may be a lower bound) */
    bool count_only;      /* no hits, just lede_results_total: nothing is scored */
    bool exhaustive;      /* score every match: same answer, slower; for tests */
    const char *language; /* of the query; NULL: each language that the index holds */
    struct lede_date since, until; /* only articles dated from the beginning of the one to the end
                                    * of the other; LEDE_DATE_NONE: no such bound */
    double half_life; /* seconds in which a score halves with an article's age, counted from the
                       * newest date (or until); undated ones are as old as the oldest; 0: never */
    enum lede_order order;       /* of the hits; equal ones in the order of the index */
    enum lede_collapse collapse; /* of articles that are copies of each other only the first in
                                  * that order is a hit; counts are still of articles */
    double
        timeout; /* seconds from the call on after which it gives up, and so does what its results
                  * are asked for (advice, histogram, ...): LEDE_LIMIT, never a partial answer. It
                  * looks at the clock every few thousand articles; 0: as long as it takes */
};

/* Runs a query: words, +must, -not, AND OR NOT ( ), "phrase", "near phrase"~5, wild*card?s,
 * fuzzy~1, title:word, =exact, boost^2, date:2023-07..2023-08, section:world (a keyword field and a
 * whole value of it). Words that the analysis cuts in several (e-mail, AT&T) are found side by
 * side; with `any` each counts for itself. An odd query is taken as literal words;
 * lede_results_note says what was changed. A query that matches nothing is LEDE_OK with no hits.
 * LEDE_LIMIT: more than LEDE_QUERY_MAX bytes or LEDE_CLAUSES_MAX words, or out of time.
 * LEDE_INVALID: options out of range, an unknown language, or an odd query under `strict`, told
 * with its column (in characters, from 1). LEDE_CORRUPT: never a partial answer. options NULL: the
 * defaults. The results refer to the index: free them before it is closed. */
LEDE_API enum lede_status lede_search(struct lede_index *index, struct lede_bytes query,
                                      const struct lede_search_options *options,
                                      struct lede_results **results, struct lede_error *error);

/* Finds articles like the one with this id, which is not among them: those that have most of what
 * it says more than others do. Its 25 terms of the largest tf * idf (of title and the first MiB of
 * text) are searched as with `any`, each boosted by tf / (tf + K), tf and K being the article's
 * own; so a term gives what BM25 gives it in both articles. Of the options, limit, offset, k1, b,
 * since, until, collapse, and those on counting are used. LEDE_MISSING: no article has the id;
 * LEDE_INVALID: its text is not kept. */
LEDE_API enum lede_status lede_similar(struct lede_index *index, struct lede_bytes id,
                                       const struct lede_search_options *options,
                                       struct lede_results **results, struct lede_error *error);
LEDE_API void lede_results_free(struct lede_results *results);

struct lede_hit {
    double score;
    uint32_t index;       /* which of the opened paths, from 0 */
    uint32_t segment;     /* place of the segment in the manifest, from 0 */
    uint32_t document;    /* in the segment */
    struct lede_bytes id; /* external id; lives with the results */
    uint64_t copies;      /* with options->collapse: other live articles that are copies of it,
                           * whether they match or not; telling costs about 2.5 ns an article of
                           * the index. Else 0 */
};

LEDE_API size_t lede_results_count(const struct lede_results *results);
/* The hit number place, best first; NULL if there are not so many. */
LEDE_API const struct lede_hit *lede_results_hit(const struct lede_results *results, size_t place);
/* Matching live articles; exact if options->count_matches was set. */
LEDE_API uint64_t lede_results_total(const struct lede_results *results);
/* The note number place on how the query was read, or NULL: "unbalanced quote taken literally". One
 * line of printable UTF-8. */
LEDE_API const char *lede_results_note(const struct lede_results *results, size_t place);

/* ---- when the matches are from ---- */

struct lede_histogram_bar {
    struct lede_date date; /* of the beginning of the year, month or day */
    uint64_t articles;     /* not 0 */
};

struct lede_histogram {
    const struct lede_histogram_bar *bars; /* rising */
    size_t count;
    uint64_t undated;
};

/* Counts all matches of the results' query, not just the hits, by their dates. unit: LEDE_YEAR,
 * LEDE_MONTH or LEDE_DAY; else LEDE_INVALID. Costs about as much as searching exhaustively. What it
 * points to lives until lede_histogram_free. */
LEDE_API enum lede_status lede_histogram(const struct lede_results *results,
                                         enum lede_precision unit,
                                         struct lede_histogram **histogram,
                                         struct lede_error *error);
LEDE_API void lede_histogram_free(struct lede_histogram *histogram);

/* ---- what the matches are about ---- */

enum { LEDE_FACET_MAX = 10000 }; /* values, at most */

struct lede_facet_value {
    struct lede_bytes value; /* as one of the articles writes it */
    uint64_t articles;       /* that have it; not 0 */
};

struct lede_facet {
    const struct lede_facet_value *values; /* that most articles have first; of as many in order of
                                            * what they are as terms */
    size_t count;
    uint64_t distinct; /* values in all */
    uint64_t without;  /* articles that have none */
    uint64_t lacking;  /* of these, such as were indexed before the field was declared, or are in an
                        * index that has no such field: lede_writer_lacking */
};

/* Counts all matches of the results' query, not just the hits, by their values of a keyword field,
 * whose name may be in any case, and tells the limit (LEDE_FACET_MAX, if that is less) that most
 * have. An article counts once for each of its values. Costs about as much as searching
 * exhaustively, and a walk over the field's terms; 2 bits of memory a document. LEDE_INVALID: no
 * index has such a field. What it points to lives until lede_facet_free. */
LEDE_API enum lede_status lede_facet(const struct lede_results *results, struct lede_bytes name,
                                     size_t limit, struct lede_facet **facet,
                                     struct lede_error *error);
LEDE_API void lede_facet_free(struct lede_facet *facet);

/* ---- why an article has its score ---- */

struct lede_explained_term {
    struct lede_bytes term; /* as the index has it */
    bool title;             /* of titles alone, not of title and text together */
    bool variant;           /* of words whose marks were folded before stemming */
    uint64_t df;            /* articles with it, in all segments */
    uint32_t tf;            /* occurrences in this article */
};

struct lede_explained_clause {
    struct lede_bytes text; /* the word or phrase, as it stands in the query */
    bool title, phrase;
    bool exact;                /* as it is written: tf counts that form, df and idf its stem */
    bool filter;               /* says what may be found, and adds nothing: no terms, no weight */
    int near;                  /* of a near phrase: its ~n; else -1 */
    bool required, prohibited; /* in its group; neither: optional */
    unsigned depth;            /* of groups that it is in; what is in one that the article does not
                                * match adds nothing */
    const struct lede_explained_term *terms;
    size_t term_count;
    uint64_t df;         /* of its most frequent term; of a phrase: of its rarest word */
    double idf;          /* of a phrase: the sum of its words' */
    uint32_t repeats;    /* how often the query says it */
    double boost;        /* word^boost; 1 if it is not said */
    float weight;        /* (float)(boost * idf * repeats) */
    uint32_t tf;         /* sum over its terms; of a phrase: how often it is there */
    double contribution; /* weight - weight / (1 + tf / K), in float32; 0 where tf is */
};

struct lede_explanation {
    double
        score; /* of the article: the sum of the contributions, in double, in this order, times */
    double recency;    /* its factor: 1 if options->half_life is 0 */
    uint64_t articles; /* N */
    double average;    /* length of an article */
    uint32_t length;   /* of this article, as its code tells it */
    double k1, b;
    double k; /* K = k1 * (1 - b + b * length / average) */
    const struct lede_explained_clause *clauses;
    size_t clause_count;
};

/* Explains a hit of these results, or any other document of the index for their query (then only
 * the hit's index, segment and document are read). What it points to lives until
 * lede_explanation_free. Costs about as much as searching 4,096 documents. */
LEDE_API enum lede_status lede_explain(const struct lede_results *results,
                                       const struct lede_hit *hit,
                                       struct lede_explanation **explanation,
                                       struct lede_error *error);
LEDE_API void lede_explanation_free(struct lede_explanation *explanation);

/* ---- what to ask instead, where nothing was found ---- */

struct lede_missing_word {
    struct lede_bytes text;       /* as it stands in the query */
    bool title;                   /* no title has it; else no article */
    struct lede_bytes suggestion; /* what may be meant, as an article writes it (where texts are not
                                   * kept: its stem); empty: nothing is near */
    uint64_t articles;            /* that have it */
};

struct lede_left_out {
    struct lede_bytes text; /* of the clause, as it stands in the query */
    bool title;
    uint64_t articles; /* that match without it; not 0 */
};

struct lede_advice {
    const struct lede_missing_word *missing; /* words that are in no article, in order, once */
    size_t missing_count;
    struct lede_bytes query; /* with every suggestion in its place; empty: there is none, or it
                              * finds nothing, too */
    uint64_t query_articles; /* that it finds */
    uint64_t any;            /* articles that it finds with options->any; 0 where that was asked */
    uint64_t apart;          /* articles with its words in any place and form */
    uint64_t included;       /* articles that match if nothing is excluded */
    const struct lede_left_out *left_out; /* clauses, of its first 8 that are required, without
                                           * which something matches */
    size_t left_out_count;
    struct lede_date oldest, newest; /* days of the index, if dates are asked for that are all
                                      * before or all behind them; else LEDE_DATE_NONE */
};

/* Says why results are empty, and what would find something; all empty and 0 if they are not, or
 * there was nothing to search for. A suggestion, for the first 16 missing words, is a term that is
 * one edit from the word's, or that of a word one edit from it, or else two edits from the word's
 * (of words of six characters or more); of these the most frequent. None for words of less than
 * three characters or with digits. Costs some ten searches that count, ten milliseconds or so for
 * each missing word, and reading a few articles. What it points to lives until lede_advice_free. */
LEDE_API enum lede_status lede_advise(const struct lede_results *results,
                                      struct lede_advice **advice, struct lede_error *error);
LEDE_API void lede_advice_free(struct lede_advice *advice);

/* ---- where the query matches, for snippets ---- */

struct lede_span {
    size_t offset, size; /* bytes of the text */
    uint32_t word;       /* which word of the query, from 0 */
    double weight;       /* of that word in the ranking: its idf */
};

enum lede_part { LEDE_TITLE, LEDE_TEXT };

/* Finds the words of the results' query in texts; words of a phrase only where the phrase is,
 * excluded words never. One thread at a time; free it before the results. */
struct lede_highlighter;
LEDE_API enum lede_status lede_highlighter_new(const struct lede_results *results,
                                               struct lede_highlighter **highlighter,
                                               struct lede_error *error);
/* The places in an article's title or text, rising and not overlapping; they live until the next
 * call. language: the article's (empty: the index's). Linear in the text. */
LEDE_API enum lede_status lede_highlight(struct lede_highlighter *highlighter, enum lede_part part,
                                         struct lede_bytes text, struct lede_bytes language,
                                         const struct lede_span **spans, size_t *count,
                                         struct lede_error *error);
LEDE_API void lede_highlighter_free(struct lede_highlighter *highlighter);

/* ---- stored articles ---- */

struct lede_stored;
/* The stored article of a hit, or of any document named by its index, segment and document. Its
 * bytes live until lede_stored_free. LEDE_INVALID if there is no such document. */
LEDE_API enum lede_status lede_stored_get(struct lede_index *index, const struct lede_hit *hit,
                                          struct lede_stored **stored, struct lede_error *error);
/* The same without text and byte range (empty and 0), at less cost: for lists of titles. An id that
 * the hit has is believed. */
LEDE_API enum lede_status lede_stored_head(struct lede_index *index, const struct lede_hit *hit,
                                           struct lede_stored **stored, struct lede_error *error);
/* The newest live article with this id. LEDE_MISSING if there is none. */
LEDE_API enum lede_status lede_stored_find(struct lede_index *index, struct lede_bytes id,
                                           struct lede_stored **stored, struct lede_error *error);
LEDE_API const struct lede_article *lede_stored_article(const struct lede_stored *stored);
/* False: the index was made with no_store, and the article's text is empty here. */
LEDE_API bool lede_stored_text_kept(const struct lede_stored *stored);
/* Where it is, for lede_explain; score 0; id lives with the article. */
LEDE_API struct lede_hit lede_stored_hit(const struct lede_stored *stored);
LEDE_API void lede_stored_free(struct lede_stored *stored);

/* Walks every live article: begin with a zeroed cursor; each call sets the index, segment and
 * document of *hit (for lede_stored_get; id is empty) and moves on. LEDE_MISSING, error untouched,
 * behind the last. */
struct lede_cursor {
    uint32_t index, segment, document; /* where the search for the next one begins */
};
LEDE_API enum lede_status lede_cursor_next(struct lede_index *index, struct lede_cursor *cursor,
                                           struct lede_hit *hit, struct lede_error *error);

#ifdef __cplusplus
}
#endif

#endif
