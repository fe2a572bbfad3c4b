/* dictionary_scan.h -- the terms of a dictionary that an automaton takes, found in its pages'
 * bytes.
 *
 * The automaton is a set of up to 64 places, a bit each, that is moved on byte by byte. It runs
 * along what a term does not share with the one it was run along before. Where terms must have
 * certain bytes, that is told first, of many entries, by what follows in each; only what leads to
 * those that may be taken is read, and lists are passed over by their sizes
 * (dictionary_starts.h). Where the automaton comes to nothing for a while, all terms that begin so
 * are passed over by one search. bench/patterns.py measures what that costs.
 *
 * Of a page that passes dictionary_page_check every term is found. Of what is damaged under a right
 * checksum, terms still rise, and end, mostly as LEDE_CORRUPT: the order of terms that are passed
 * over is not checked, the sizes of all are.
 *
 * After Baeza-Yates and Gonnet, "A new approach to text searching", 1992 (shift-and). */
#ifndef LEDE_INDEX_DICTIONARY_SCAN_H
#define LEDE_INDEX_DICTIONARY_SCAN_H

#include "index/dictionary_starts.h"

enum { BYTE_PLACES = 64 };

struct byte_automaton {
    struct {
        uint64_t next; /* places from which the byte leads to the next one */
        uint64_t stay; /* and those where it changes nothing */
    } on[256];
    unsigned last; /* the place that a term has to reach; the first, where it begins, is 0 */

    uint8_t needed[NEEDED_MAX]; /* bytes that every term has side by side that is taken, */
    unsigned needed_size;       /* none: 0; but where nothing is needed it may come to nothing */
    bool needed_last;           /* as its last ones */
    bool needed_gap;            /* or of three the one in the middle is a character of any size */
};

enum { SCAN_TAIL = 16 /* steps that may be taken too many */ };

/* Of the cursor's term. */
struct scan_known {
    size_t run;   /* the automaton was run along so many of its bytes; 0: along none */
    size_t there; /* so many of its bytes have what is needed; 0: they do not */
};

struct dictionary_scan {
    const struct byte_automaton *automaton; /* runs behind the field byte */
    struct slice beginning;                 /* of terms; the field byte at least */
    struct dictionary_cursor cursor;
    struct needed_bytes needed;
    dictionary_starts_find *find;
    struct dictionary_starts starts; /* of the cursor's page */
    struct scan_known known;
    uint64_t reached[KEY_TERM_MAX + 1 + SCAN_TAIL]; /* by so many bytes of the term, from 1 on */
    unsigned failures;                              /* terms on end that came to nothing */
    uint32_t left;              /* entries of the page behind the last of them */
    uint8_t told[KEY_TERM_MAX]; /* the term told last; none: size 0 */
    size_t told_size;
};

/* To the terms that begin with beginning, which has 1 to KEY_TERM_MAX bytes; it, and the automaton,
 * have to live as long. As dictionary_cursor_seek. */
enum lede_status dictionary_scan_begin(struct dictionary_scan *scan,
                                       const struct byte_automaton *automaton,
                                       struct page_source *source, uint32_t segment,
                                       struct slice beginning, struct lede_error *err);

/* The next one that the automaton takes (valid until the next call) and how many documents have it;
 * else as dictionary_cursor_next. */
enum lede_status dictionary_scan_next(struct dictionary_scan *scan, struct slice *term,
                                      uint32_t *df, struct lede_error *err);

#endif
