/* fold.h -- spellings that count as one: case, width, compatibility, then marks.
 *
 * fold_case is NFKC case folding (Unicode 3.13, D146 and UAX #31 NFKC_Casefold) with curly
 * apostrophes made straight, decimal digits made ASCII's, and everything that leaves no trace
 * (default-ignorable code points, format characters, white space) dropped. fold_marks removes
 * marks by script: all from Latin and Greek letters (with ae oe o l d i ... for the letters that
 * carry a stroke or are a ligature), the points of Hebrew and Arabic and Arabic's tatweel, stress
 * from Cyrillic with io becoming ie, skin tones from emoji, any mark from a digit; every other
 * script keeps its marks. Both are idempotent. Stateless; thread-safe. */
#ifndef LEDE_TEXT_FOLD_H
#define LEDE_TEXT_FOLD_H

#include "base/bytes.h"

enum {
    FOLD_MAX = 512 /* bytes of the longest folded word; longer ones are no terms anyway */
};

struct folded {
    size_t size; /* bytes; 0: nothing was left */
    uint8_t bytes[FOLD_MAX];
};

enum fold_result { FOLD_OK, FOLD_TOO_LONG, FOLD_NO_MEMORY };

/* word is UTF-8. turkic: dotted and dotless i are two letters (Turkish, Azerbaijani). */
enum fold_result fold_case(struct slice word, bool turkic, struct folded *out);

/* word is case-folded UTF-8 of at most FOLD_MAX bytes. kept is a string of code points that stay as
 * they are (the language's own letters), or NULL. Never longer than word. *marked is whether
 * anything changed. A word of nothing but marks stays. */
void fold_marks(struct slice word, const char *kept, struct folded *out, bool *marked);

#endif
