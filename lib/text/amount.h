/* amount.h -- sums of money and large numbers, however a text writes them, as terms in their order.
 *
 *     $650M    650 million dollars    $650,000,000    US$ 650 mn       usd5965
 *     3,5 Mrd. Euro (in German)       3.5 billion euros (in English)   eur6035
 *     5,000 (in English)              5.000 (in German)    5 thousand  #545
 *
 * A term is a currency, three letters of ISO 4217, or # for none; two digits, 50 plus the number of
 * digits before the point (0.05: -1; zero: 00); and the digits, without zeros at the end. So the
 * terms of a currency sort as their amounts do. $ alone is usd; pounds need a scale or "sterling",
 * as they may be a weight; M, k and the like stand for a scale only beside a currency. A number
 * without currency is an amount only if it has a scale or is grouped by thousands; whether 5.000
 * and 5,000 are, the language says. What a billion is, too. Percentages, ranges (5-10), ratios and
 * times are none, nor are numbers of more than AMOUNT_DIGITS digits. Constant; thread-safe. */
#ifndef LEDE_TEXT_AMOUNT_H
#define LEDE_TEXT_AMOUNT_H

#include "text/amount_words.h"
#include "text/analyzer.h"

enum { AMOUNT_DIGITS = 20, AMOUNT_TERM = 5 + AMOUNT_DIGITS, AMOUNT_REACH = 64 };

struct amount {
    uint8_t term[AMOUNT_TERM];
    size_t size;
    size_t begin, end; /* of what says it, in the text: from the sign to the last word */
};

/* Reads the amount whose first digit is text[at]; false: there is none. Looks at AMOUNT_REACH bytes
 * on both sides of the number at most. Any bytes will do. */
bool amount_read(struct slice text, size_t at, language_id language, struct amount *amount);

/* False: amount_read finds none there. Most numbers are told so, in less time. */
bool amount_may_be(const struct amount_starts *starts, struct slice text, size_t at);

/* The term that 5,000 has, of 5000: of four digits or more, the first not 0. False: it is no such
 * number. */
bool amount_of_digits(struct slice digits, struct amount *amount);
/* The other way round: 5000 of the term "#545", into digits; 0: it is a sum of money, or no whole
 * number. */
size_t amount_to_digits(struct slice term, uint8_t digits[AMOUNT_DIGITS]);

/* Reads `$600M..$700M`, `$600M..`, `..$700M`: two sums of one currency, which one of them may leave
 * out. low and high: the lowest and the highest term that is within; size 0: there is no end on
 * that side. False: text is no range. */
bool amount_read_range(struct slice text, language_id language, struct amount *low,
                       struct amount *high);

#endif
