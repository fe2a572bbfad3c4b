/* page_words.h -- the words by which page_line.h knows a line. */
#ifndef LEDE_PAGE_WORDS_H
#define LEDE_PAGE_WORDS_H

#include "page/page_line.h"

/* What the line text is, whose words (page_line_key) are these; sets is_bare and is_dated, which
 * are false before. */
enum line_kind page_words_kind(const char *key, unsigned words, struct slice text,
                               struct page_line *line);

/* True if the first word of text is one that lines begin with which go on with something of their
 * own, as By and Posted do. */
bool page_words_may_begin(struct slice text);

#endif
