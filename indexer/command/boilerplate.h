/* boilerplate.h -- lines that recur from article to article of a site, taken out of their texts.
 *
 * Menus, notices of cookies, `Continue Reading`: what a template puts around every article makes
 * articles alike that are not. A line of an article of a page is one of these if
 *
 *     the index knows it already as one, for this site (boilerplate_terms.h); or
 *     in this run at least LEAST_ARTICLES articles of the site had it, this one included, and at
 *     least a tenth of those that were read so far; or a list says so, for every site.
 *
 * It has a letter or number, at most LINE_MOST bytes, and is no byline (By Ann Example): names are
 * to be found. If such lines are more than half of a text they are its text, and stay; but for the
 * remainder of a page that was cut (chained.h), which may consist of them. Of an article no more
 * than BOILERPLATE_MOST bytes are taken.
 *
 * What was read before a line was known keeps it in its text, until it is added again; what comes
 * later, in this run or another, does not. So an index depends on the order of its articles, which
 * is that of the input, and on nothing else: lines are counted where articles are read, one after
 * the other, whatever the threads behind; each article of a run once, so that one that is read
 * again every night makes no line recur. Counts are kept of COUNTERS lines and sites at most, by
 * lossy counting (Manku and Motwani, "Approximate Frequency Counts over Data Streams", VLDB 2002):
 * when they are full, those of the fewest articles go.
 *
 * Costs a hash and a look at 4 MiB of counters a line. */
#ifndef LEDE_COMMAND_BOILERPLATE_H
#define LEDE_COMMAND_BOILERPLATE_H

#include "command/item.h"

enum boilerplate_mode { BOILERPLATE_AUTO, BOILERPLATE_KEEP, BOILERPLATE_LIST };

struct boilerplate;

/* index: of which the known lines are taken; NULL, or none there: none. list: of BOILERPLATE_LIST,
 * a line a line; borrowed during the call. LEDE_NO_MEMORY, LEDE_CORRUPT, LEDE_IO. */
enum lede_status boilerplate_open(enum boilerplate_mode mode, const char *index, struct slice list,
                                  struct boilerplate **out, struct lede_error *err);
void boilerplate_close(struct boilerplate *boilerplate);

/* Takes the lines out of the article's text, and makes them its first metadatum, BOILERPLATE; what
 * it then points to lives until the next call. Articles that are no page's stay as they are.
 * LEDE_NO_MEMORY. */
enum lede_status boilerplate_take(struct boilerplate *boilerplate, struct item *item,
                                  struct lede_error *err);

#endif
