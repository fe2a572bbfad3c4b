/* language.h -- the languages that articles are written in: codes, stemmers, their own letters.
 *
 * A language is named by its ISO 639 code of two or three letters ("en", "deu"), by its English
 * name ("english") or by a tag whose first part is one of these ("pt-BR", "zh_CN"), in any case.
 * Codes of languages that have no Snowball stemmer are kept, too: they stem nothing but the
 * tokens of a foreign script that has a stemmer of its own. Constant tables; thread-safe. */
#ifndef LEDE_TEXT_LANGUAGE_H
#define LEDE_TEXT_LANGUAGE_H

#include "base/bytes.h"
#include "text/analyzer.h"

enum { LANGUAGE_NONE = 0 /* "none": no stemming at all */ };

/* How many languages there are: ids run from 0. An id never changes its meaning, new ones go
 * behind (indexes store them). */
size_t language_count(void);

/* True and *id set if name names a language that the table knows; "none" is one. */
bool language_find(struct slice name, language_id *id);

/* "en"; "?" for an id that is not in the table. */
const char *language_code(language_id id);
/* "english", the libstemmer algorithm; NULL where there is none. */
const char *language_stemmer(language_id id);

/* Letters that the language counts as its own, not as marked ones, in UTF-8, lower case; or NULL.
 */
const char *language_own_letters(language_id id);
/* Dotted and dotless i are two letters. */
bool language_is_turkic(language_id id);
/* The language whose stemmer a word takes that is written in script (a value of enum script)
 * and stands in an article of language id: the article's if it is written in that script, else the
 * one language of that script, else LANGUAGE_NONE. */
language_id language_of_word(language_id id, unsigned script);

/* True if any text has the same terms in both: what has no stemmer and the same script, mostly.
 * Such languages need not both be asked for. */
bool language_same_terms(language_id a, language_id b);

#endif
