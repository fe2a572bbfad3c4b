/* amount_words.h -- words of scales and currencies; amount.h. Constant; thread-safe. */
#ifndef LEDE_TEXT_AMOUNT_WORDS_H
#define LEDE_TEXT_AMOUNT_WORDS_H

#include "text/analyzer.h"

enum { AMOUNT_WORD_MOST = 24 /* bytes */ };

/* The power of ten that a word in lower case stands for in a language; 0: it is no scale.
 * letter: only one that stands beside a currency, as M. */
unsigned amount_scale(struct slice word, language_id language, bool *letter);

/* The currency that a word in lower case names, three letters; NULL: it names none. weight: it may
 * be one of weight. */
const char *amount_currency(struct slice word, bool *weight);

/* The same of three capitals, and of a sign such as the euro's: *size bytes of it. */
const char *amount_currency_code(struct slice code);
const char *amount_currency_sign(struct slice text, size_t *size);
/* The same of a sign that ends the text, with the letters of US$. */
const char *amount_currency_sign_before(struct slice text, size_t *size);

/* How the words of scales and currencies begin: of each letter, a bit for each that may follow. */
struct amount_starts {
    uint32_t seconds[26];
};
void amount_starts_init(struct amount_starts *starts);

/* False: the text begins with no sign, code or word of a currency and no word of a scale. */
bool amount_may_start(const struct amount_starts *starts, const uint8_t *at, const uint8_t *end);

/* 3,5 is three and a half, and 3.500 has four digits. */
bool amount_has_decimal_comma(language_id language);

/* Both languages read every amount alike. */
bool amount_same_reading(language_id a, language_id b);

#endif
