/* language.h -- the languages that articles are written in: codes, stemmers, their own letters.
 *
 * A language is named by its ISO 639 code ("en", "de", ...), by its English name
 * ("english") or by a tag whose first part is the code ("pt-BR", "zh_CN"), in any case.
 * Codes of languages that have no Snowball stemmer are kept, too: they stem nothing but the
 * tokens of a script that has a stemmer of its own. Constant tables; thread-safe. */
#ifndef LEDE_TEXT_LANGUAGE_H
#define LEDE_TEXT_LANGUAGE_H

#include "base/bytes.h"
#include "text/analyzer.h"

enum { LANGUAGE_NONE = 0 /* "none": no stemming at all */ };

/* LANGUAGE_COUNT ids, from 0; ids never change their meaning, new ones go behind (stored). */
size_t language_count(void);

/* True and *id set if name names a language that the table knows; "none" is one. */
bool language_find(struct slice name, language_id *id);

/* "en"; "?" for an id that is not in the table. */
const char *language_code(language_id id);
/* "english", the libstemmer algorithm; NULL where there is none. */
const char *language_stemmer(language_id id);

#endif
