/* script_languages.h -- languages that show by the characters they are written in.
 *
 * Hangul is Korean, Thai is Thai, Greek is Greek; Han with kana, one character in eight or more, is
 * Japanese, Han without any Chinese; Cyrillic with the letters yeru or e in one of a hundred and
 * none that Russian has not is Russian, as its neighbours lack these or have others besides. Said
 * of at least SCRIPT_LEAST characters, when they are most of the letters there are; any other text
 * shows nothing. Constant; thread-safe. */
#ifndef LEDE_COMMAND_SCRIPT_LANGUAGES_H
#define LEDE_COMMAND_SCRIPT_LANGUAGES_H

#include "text/analyzer.h"

enum { SCRIPT_LEAST = 48 };

/* What was seen; zeroed: nothing yet. */
struct script_count {
    size_t letters; /* of any script */
    size_t hangul, thai, greek, han, kana;
    size_t russian, yeru, other_cyrillic; /* yeru and e are counted in russian as well */
};

/* Any bytes will do; what is no UTF-8 is passed over. */
void script_count_add(struct script_count *count, struct slice piece);

/* True, and *language, if one shows. */
bool script_count_show(const struct script_count *count, language_id *language);

#endif
