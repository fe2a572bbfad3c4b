/* advice.h -- what people are told where nothing was found, on standard error:
 *
 *     lede-search: no article has "recieve"; "receive" is in 37
 *     lede-search: 12 articles match: receive a letter
 *     lede-search: 812 articles have some of the words (--any)
 *     lede-search: 4 articles match without "letter", 9 without title:"spring" */
#ifndef LEDE_QUERY_COMMAND_ADVICE_H
#define LEDE_QUERY_COMMAND_ADVICE_H

#include "output.h"

/* Tells answer->advice; a line is cut at 1,000 bytes. */
void advice_tell(const char *program, const struct answer *answer);

#endif
