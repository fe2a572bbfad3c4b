/* pattern.h -- which terms a word with wildcards, or a misspelt one, stands for.
 *
 * A pattern is an automaton over characters that is walked along the terms of a dictionary: they
 * are sorted, so what a term shares with the one before need not be walked again, and where no term
 * can match any more, all that begin alike are passed over (pattern_walk.h).
 *
 *     wildcards   `*` stands for any characters, none too, `?` for one
 *     fuzzy       at most so many edits away: a character left out, put in or replaced, or two
 *                 neighbours that changed places (each place at most once: optimal string
 * alignment)
 *
 * Both are simulated bit by bit, a position of the pattern being a bit: after Wu and Manber, "Fast
 * text searching allowing errors", 1992; for terms in order, Schulz and Mihov, "Fast string
 * correction with Levenshtein automata", 2002. A step costs some ten instructions, whatever the
 * pattern. */
#ifndef LEDE_QUERY_PATTERN_H
#define LEDE_QUERY_PATTERN_H

#include "index/dictionary_scan.h"

enum {
    PATTERN_MAX = 62, /* characters, `*` not counted */
    PATTERN_EDITS_MAX = 2,
    PATTERN_OTHERS = PATTERN_MAX /* different characters that are not ASCII */
};

struct pattern {
    unsigned length; /* characters to match: bit i of a set is the character i, or its place */
    unsigned edits;
    uint64_t loops;      /* places at which any characters may be passed over */
    uint64_t ascii[128]; /* places where a character may stand */
    uint64_t elsewhere;  /* of one that is neither ASCII nor among others */
    struct {
        uint32_t character;
        uint64_t places;
    } others[PATTERN_OTHERS];
    size_t other_count;

    bool by_bytes;               /* wildcards that are few enough bytes are this, too: */
    struct byte_automaton bytes; /* the same terms, for a scan of the dictionary */
};

/* Where a walk stands: places that were reached with so many edits. */
struct pattern_state {
    uint64_t reached[PATTERN_EDITS_MAX + 1];
    uint64_t swapping[PATTERN_EDITS_MAX + 1]; /* the second of two swapped characters was read */
};

/* text is UTF-8 (else it is refused). False: it has more than PATTERN_MAX characters. */
bool pattern_wildcard(struct pattern *pattern, struct slice text);
bool pattern_fuzzy(struct pattern *pattern, struct slice text, unsigned edits);

/* The characters of a wildcard pattern before its first wildcard. */
struct slice pattern_beginning(struct slice text);

void pattern_start(const struct pattern *pattern, struct pattern_state *state);
/* Where a walk that stood at *from stands behind character; from and to are different. */
void pattern_step(const struct pattern *pattern, const struct pattern_state *from,
                  uint32_t character, struct pattern_state *to);

/* False: whatever follows, nothing matches any more. */
bool pattern_alive(const struct pattern *pattern, const struct pattern_state *state);
/* The edits it took to get here if this is a match; else -1. */
int pattern_matches(const struct pattern *pattern, const struct pattern_state *state);

#endif
