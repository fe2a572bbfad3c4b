#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "tests/index/dice.h"
#include "text/amount.h"
#include "text/language.h"

static struct amount_starts starts;

/* The terms of the amounts of a text, in order, "-" for other numbers. */
static const char *terms(const char *text, const char *language)
{
    static char out[512];
    struct slice bytes = slice_str(text);
    language_id id = LANGUAGE_NONE;
    size_t size = 0;

    cr_assert(language_find(slice_str(language), &id));
    amount_starts_init(&starts);
    out[0] = '\0';
    for (size_t i = 0; i < bytes.size; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        bool behind = i > 0 && (strchr("0123456789.,'", text[i - 1]) ||
                                (i > 1 && memcmp(text + i - 2, "\xc2\xa0", 2) == 0));
        struct amount amount;

        if (!digit || behind)
            continue;
        if (amount_read(bytes, i, id, &amount)) {
            cr_expect(amount_may_be(&starts, bytes, i), "%s", text);
            cr_expect_leq(amount.begin, i);
            cr_expect_gt(amount.end, i);
            cr_expect_leq(amount.end, bytes.size);
            size += (size_t)snprintf(out + size, sizeof out - size, "%s%.*s", size ? " " : "",
                                     (int)amount.size, (const char *)amount.term);
        } else {
            size += (size_t)snprintf(out + size, sizeof out - size, "%s-", size ? " " : "");
        }
    }
    return out;
}

static void expect_all(const char *const *texts, size_t count, const char *language,
                       const char *wanted)
{
    for (size_t i = 0; i < count; i++)
        cr_expect_str_eq(terms(texts[i], language), wanted, "%s: %s", texts[i],
                         terms(texts[i], language));
}
#define EXPECT_ALL(language, wanted, ...)                                                          \
    expect_all((const char *const[]){__VA_ARGS__},                                                 \
               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), language, wanted)

Test(amount, a_sum_has_one_term_however_it_is_written)
{
    EXPECT_ALL("en", "usd5965", "$650M", "$650m", "$650 million", "$650-million",
               "650 million dollars", "650-million-dollar", "$650,000,000", "$650,000,000.00",
               "US$ 650 mn", "US$650M", "USD 650 million", "650 million USD", "$0.65 billion",
               "$0.65bn", "650 mln dlrs", "a $650M-plus deal", "worth 650,000,000 dollars.",
               "($650M)", "$650,000 thousand");
    EXPECT_ALL("de", "eur6035", "3,5 Mrd. Euro", "3,5 Milliarden Euro", "3.500.000.000 €",
               "€3,5 Mrd.", "3,5 Mrd €", "EUR 3,5 Mrd",
               "3\xc2\xa0"
               "500\xc2\xa0"
               "000\xc2\xa0"
               "000 €",
               "3500 Mio. Euro", "3.500 Mio. €");
    EXPECT_ALL("en", "eur6035", "€3.5bn", "3.5 billion euros", "3,500 million euros",
               "3,500,000,000€");
    EXPECT_ALL("fr", "eur6035", "3,5 milliards €", "3,5 milliards euros");
    EXPECT_ALL("es", "eur6035", "3,5 mil millones euros", "3.500 millones euros");
    EXPECT_ALL("ru", "rub5965", "650 млн рублей", "650 млн ₽", "650 миллионов рублей");
    EXPECT_ALL("en", "gbp5712", "£1.2 million", "1.2 million pounds", "GBP 1,200,000",
               "1,200,000 pounds sterling");
    EXPECT_ALL("en", "aud515 cad515 hkd515 brl515", "A$5, C$5, HK$5, R$5");
}

Test(amount, a_number_without_currency_needs_a_scale_or_groups)
{
    EXPECT_ALL("en", "#545", "5,000", "5 thousand", "5'000", "5,000.00");
    EXPECT_ALL("de", "#545", "5.000", "5 Tsd.", "5.000,00");
    EXPECT_ALL("en", "#5735", "3.5 million", "3.5 mln", "3,500,000");
    EXPECT_ALL("es", "#545", "5 mil");
    EXPECT_ALL("it", "#545", "5 mila");
    EXPECT_ALL("en", "#545", "5 thousand mil");
    EXPECT_ALL("en", "-", "5 mil", "5 mille", "5000", "5.000", "3.5", "650M", "650m", "5 m", "1987",
               "0", "5k");
    EXPECT_ALL("de", "-", "5,000", "3,5");
    EXPECT_ALL("en", "#6065", "6.5 billion");
    EXPECT_ALL("de", "#6365", "6,5 Billionen");
}

Test(amount, what_only_looks_like_one_is_none)
{
    EXPECT_ALL("en", "-", "$5%", "650th", "$650x", "5,00,000", "007", "$007", "$1.2.3",
               "650 pounds", "x$5", "$123456789012345678901", "650 m");
    EXPECT_ALL("en", "- -", "5-10", "10:30", "1/2");
    EXPECT_ALL("en", "- usd515", "1987 $5");
    EXPECT_ALL("en", "usd505 usd485 usd00", "$0.5 and $0.0050 and $0");
}

/* What is told to be none is none, and most numbers that are none are told so. */
Test(amount, the_quick_look_misses_none)
{
    static const char *const PIECES[] = {
        " ",        " ",        " ",    "5",       "650",    "1987",   ".",      ",",
        "'",        "-",        "000",  "250",     "$",      "US",     "USD",    "EUR",
        "€",        "\xc2\xa0", "£",    "million", "Mrd",    "bn",     "k",      "M",
        "dollars",  "yen",      "dlrs", "mil",     "тыс",    "рублей", "pounds", "pct",
        "to",       "the",      "of",   "stocks",  "people", "Dollar", "TONS",   "zł",
        "sterling", "thousand", "%",    ":",       "years"};
    static const char *const LANGUAGES[] = {"en", "de", "fr", "es", "ru", "it"};
    struct dice dice = dice_begin();
    size_t found = 0, passed = 0;

    amount_starts_init(&starts);
    for (int round = 0; round < 200000; round++) {
        char text[160] = "";
        language_id language = LANGUAGE_NONE;
        struct amount amount;

        for (size_t pieces = 1 + dice_below(&dice, 9); pieces > 0; pieces--)
            strcat(text, PIECES[dice_below(&dice, sizeof PIECES / sizeof PIECES[0])]);
        cr_assert(language_find(slice_str(LANGUAGES[dice_below(&dice, 6)]), &language));
        for (size_t at = 0; text[at]; at++) {
            if (text[at] < '0' || text[at] > '9')
                continue;
            if (amount_may_be(&starts, slice_str(text), at)) {
                found += amount_read(slice_str(text), at, language, &amount);
                continue;
            }
            cr_assert_not(amount_read(slice_str(text), at, language, &amount), "%zu of %s", at,
                          text);
            passed++;
        }
    }
    cr_expect_gt(found, 10000);
    cr_expect_gt(passed, 10000);
    dice_end();
}

Test(amount, terms_of_a_currency_are_in_the_order_of_their_amounts)
{
    struct dice dice = dice_begin();

    for (int round = 0; round < 20000; round++) {
        struct amount amounts[2];
        double values[2];

        for (int i = 0; i < 2; i++) {
            unsigned cents = dice_below(&dice, 100);
            uint32_t whole = dice_bits(&dice, 32);
            static const struct {
                const char *word;
                double factor;
            } scales[] = {{"", 1}, {" thousand", 1e3}, {" million", 1e6}, {"bn", 1e9}};
            uint32_t scale = dice_below(&dice, 4);
            char text[64];

            (void)snprintf(text, sizeof text, "$%u.%02u%s", whole, cents, scales[scale].word);
            cr_assert(amount_read(slice_str(text), 1, 1, &amounts[i]), "%s", text);
            values[i] = ((double)whole * 100 + cents) * scales[scale].factor;
        }
        int order = slice_compare(slice_of(amounts[0].term, amounts[0].size),
                                  slice_of(amounts[1].term, amounts[1].size));
        cr_assert((order > 0) - (order < 0) == (values[0] > values[1]) - (values[0] < values[1]),
                  "%f %.*s, %f %.*s", values[0], (int)amounts[0].size, amounts[0].term, values[1],
                  (int)amounts[1].size, amounts[1].term);
    }
    dice_end();
}

Test(amount, digits_alone_and_grouped_ones_lead_to_each_other)
{
    uint8_t digits[AMOUNT_DIGITS];
    struct amount amount;

    cr_assert(amount_of_digits(slice_str("5000"), &amount));
    cr_expect_eq(amount.size, 4);
    cr_expect_eq(memcmp(amount.term, "#545", 4), 0);
    cr_expect_eq(amount_to_digits(slice_str("#545"), digits), 4);
    cr_expect_eq(memcmp(digits, "5000", 4), 0);
    cr_expect_not(amount_of_digits(slice_str("500"), &amount));
    cr_expect_not(amount_of_digits(slice_str("0500"), &amount));
    cr_expect_not(amount_of_digits(slice_str("50a0"), &amount));
    cr_expect_eq(amount_to_digits(slice_str("#5135"), digits), 0, "3.5");
    cr_expect_eq(amount_to_digits(slice_str("usd545"), digits), 0);
    cr_expect_eq(amount_to_digits(slice_str("#00"), digits), 0);
}

static const char *range(const char *text)
{
    static char out[128];
    struct amount low, high;

    if (!amount_read_range(slice_str(text), 1, &low, &high))
        return "none";
    (void)snprintf(out, sizeof out, "%.*s..%.*s", (int)low.size, (const char *)low.term,
                   (int)high.size, (const char *)high.term);
    return out;
}

Test(amount, a_range_is_of_one_currency)
{
    cr_expect_str_eq(range("$600M..$700M"), "usd596..usd597");
    cr_expect_str_eq(range("$600M..700M"), "usd596..usd597");
    cr_expect_str_eq(range("600..$700"), "usd536..usd537");
    cr_expect_str_eq(range("€1.5bn.."), "eur6015..");
    cr_expect_str_eq(range("..$700M"), "..usd597");
    cr_expect_str_eq(range("$600M..€700M"), "none");
    cr_expect_str_eq(range("600..700"), "none");
    cr_expect_str_eq(range(".."), "none");
    cr_expect_str_eq(range("$600M...$700M"), "none");
    cr_expect_str_eq(range("$600Mx..$700M"), "none");
    cr_expect_str_eq(range(""), "none");
}
