/* common_words.h -- languages that show at a glance: by the words that each writes most.
 *
 * A text is in a language of the table if COMMON_LEAST of its words are common ones of it (the, of,
 * and), these are a fifth of all, and no other language of the table has half as many. Other
 * languages are in the table so that a text of theirs is not taken for a neighbour's: Catalan is
 * nearly Spanish by these words, and so neither shows. Many times as fast as a detector of n-grams,
 * and silent where that is needed: short, mixed or unusual texts, and all other languages.
 *
 * After Ingle, "A language identification table", 1976; stop words: Savoy and Gaussier,
 * "Information retrieval", 2010. Words are compared as bytes, but for the case of ASCII. */
#ifndef LEDE_COMMAND_COMMON_WORDS_H
#define LEDE_COMMAND_COMMON_WORDS_H

#include "text/analyzer.h"

enum {
    COMMON_LEAST = 5,      /* common words of a language that tell it */
    COMMON_SHARE = 5,      /* of so many words, one is common */
    COMMON_LANGUAGES = 14, /* in the table */
    COMMON_SLOTS = 2048
};

struct common_words { /* the table; constant once made, and thread-safe then */
    struct {
        uint64_t word;    /* its bytes, at most 8; 0: free */
        uint32_t writers; /* a bit for each language of the table in which it is common */
    } slots[COMMON_SLOTS];
    language_id languages[COMMON_LANGUAGES];
    uint8_t letters[UINT8_MAX + 1]; /* a byte in lower case if it is a part of a word, else 0 */
};

void common_words_init(struct common_words *words);

/* True, and *language, if one shows in the text (of any bytes); what is behind that is not read. */
bool common_words_show(const struct common_words *words, struct slice text, language_id *language);

#endif
