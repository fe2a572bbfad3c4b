/* term.h -- from one word as it is written to its term and variant.
 *
 *     written   NFKC case folding   stem        marks folded
 *     L'Été  -> l'été -> été     -> été      -> ete          (French: the article is cut)
 *
 * This is the slow half of the analyzer: about a microsecond; its results are remembered in
 * surface.h. A maker serves one thread. */
#ifndef LEDE_TEXT_TERM_H
#define LEDE_TEXT_TERM_H

#include "text/analyzer.h"
#include "text/fold.h"
#include "text/stem.h"
#include "text/stopwords.h"

enum {
    SURFACE_MAX = 4096 /* bytes of a word as written; a longer one is a term too long */
};

enum term_status {
    TERM_MADE,
    TERM_STOPPED, /* a stop word: takes a position, gives no token */
    TERM_LONG,    /* over TERM_MAX: the same */
    TERM_NOTHING, /* folds to nothing: no word at all */
    TERM_NO_MEMORY
};

struct term_maker {
    const struct stopwords *stopwords;
    bool no_stem;
    struct stemmers stemmers;
    /* Of the last call that returned TERM_MADE: */
    struct folded term, variant; /* variant.size 0: none */
    bool marked;
    size_t skipped; /* bytes of an elided article that the word began with */
};

/* word is valid UTF-8. whole: a word that may be stemmed, else characters of a run. */
enum term_status term_make(struct term_maker *maker, struct slice word, language_id language,
                           bool whole);

#endif
