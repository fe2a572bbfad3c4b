/* boilerplate_terms.h -- the terms of what templates put around articles.
 *
 * Lines that recur from article to article of a site (command/boilerplate.h tells which) are no
 * part of an article's text, its length and its title: they are its metadatum BOILERPLATE, one
 * below the other, and terms of a field of their own, FIELD_BOILERPLATE:
 *
 *     the words of each line, with positions; those of a line begin BOILERPLATE_GAP behind the one
 *     before, so that no phrase crosses; variants are terms of the same field, at the same position
 *
 *     the line itself, at position 0: a NUL, which no word begins with, 8 bytes of a hash of site
 *     and line (big-endian), and the first bytes of the line, BOILERPLATE_SHOWN at most, whole
 *     characters. Its df is how many articles have the line so.
 *
 * So the dictionary says which lines are known, and of how many articles, and nothing else has to
 * be kept. Of a value over BOILERPLATE_MOST bytes the rest is not indexed. A site is the host of
 * the article's address, else its metadatum `site`, else nothing: articles without one are one
 * site. */
#ifndef LEDE_INDEXER_BOILERPLATE_TERMS_H
#define LEDE_INDEXER_BOILERPLATE_TERMS_H

#include "index/format.h"
#include "index/segment.h"
#include "index/stored.h"
#include "inverter.h"

#define BOILERPLATE "boilerplate"

enum {
    BOILERPLATE_SHOWN = 96,
    BOILERPLATE_HEAD = 10 /* bytes of a line's term before it: field, NUL, hash */
};

/* The seed of the hashes of a site's lines. */
uint64_t boilerplate_site(const struct stored_article *article);
/* line: without blanks at its ends. */
uint64_t boilerplate_hash(uint64_t site, struct slice line);

/* Adds an article's to the inverter's document. *room false: it has none left. LEDE_NO_MEMORY. */
enum lede_status boilerplate_terms_add(struct inverter *inverter, struct analyzer *analyzer,
                                       const struct stored_article *article, language_id language,
                                       bool *room, struct lede_error *err);

/* The lines that a segment knows: to before the first. LEDE_CORRUPT. */
enum lede_status boilerplate_lines_begin(struct segment *segment, struct dictionary_cursor *cursor,
                                         struct lede_error *err);
/* The next one, as its term (borrowed until the call after), and in how many articles it is.
 * LEDE_MISSING (err untouched): there is no more. LEDE_CORRUPT. */
enum lede_status boilerplate_lines_next(struct dictionary_cursor *cursor, struct slice *term,
                                        uint32_t *articles, struct lede_error *err);

#endif
