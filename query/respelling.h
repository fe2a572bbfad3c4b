/* respelling.h -- all that a word becomes by one edit: what may have been meant by it.
 *
 * A character left out, two neighbours swapped, one put in or replaced by a letter from a to z or
 * by one of the word's own: about 53 spellings a character. Stems of misspelt words need not be
 * near those of what was meant (managment, manag); the words are. After Norvig, "How to write a
 * spelling corrector", 2007. */
#ifndef LEDE_QUERY_RESPELLING_H
#define LEDE_QUERY_RESPELLING_H

#include "base/buffer.h"

enum { RESPELT_MAX = 32 /* characters of a word; a longer one is left alone */ };

/* Appends them, each on a line of its own, some more than once. word is UTF-8 without line ends; if
 * it is no UTF-8, or too long, nothing is appended. Memory that runs out shows in out->failed. */
void respelling_put(struct slice word, struct buffer *out);

#endif
