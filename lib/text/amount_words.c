#include "text/amount_words.h"

#include "text/language.h"

/* ---- scales ---- */

static const struct {
    unsigned power;
    const char *words;
} SCALES[] = {
    {3, "thousand tsd tausend duizend tusen tusind mille mil mila тыс тысяч тысячи"},
    {6,
     "million millions mn mln mio millionen millón millones milione milioni milhão milhões miljoen "
     "miljon miljoner millioner milion milionů milionów milyon млн миллион миллиона миллионов"},
    {9,
     "bn bln milliard milliards milliarden milliarde mrd miliardo miliardi mld bilhão bilhões "
     "miljard miljarder milliarder mia milyar miliard miliardů miliardów млрд миллиард миллиарда "
     "миллиардов"},
    {12, "tn trn biljoen billón billones billionen трлн"},
};
static const struct {
    unsigned power;
    const char *words;
} LETTERS[] = {{3, "k"}, {6, "m"}, {9, "b"}, {12, "t"}};

static bool is_listed(const char *words, struct slice word)
{
    while (*words) {
        size_t size = strcspn(words, " ");

        if (slice_equal(slice_of(words, size), word))
            return true;
        words += size + (words[size] == ' ');
    }
    return false;
}

static bool is_one_of(const char *codes, language_id language)
{
    return language != LANGUAGE_NONE && is_listed(codes, slice_str(language_code(language)));
}

unsigned amount_scale(struct slice word, language_id language, bool *letter)
{
    *letter = false;
    if (slice_equal(word, slice_str("billion")) || slice_equal(word, slice_str("billions")))
        return is_one_of("de fr nl da no nb nn sv", language) ? 12 : 9;
    if (slice_equal(word, slice_str("trillion")) && !is_one_of("de fr nl da no nb nn sv", language))
        return 12;
    for (size_t i = 0; i < sizeof SCALES / sizeof SCALES[0]; i++)
        if (is_listed(SCALES[i].words, word))
            return SCALES[i].power;
    for (size_t i = 0; i < sizeof LETTERS / sizeof LETTERS[0]; i++)
        if (is_listed(LETTERS[i].words, word)) {
            *letter = true;
            return LETTERS[i].power;
        }
    return 0;
}

/* ---- currencies ---- */

static const struct {
    const char *code, *words;
} CURRENCIES[] = {
    {"usd", "dollar dollars dlr dlrs dollari dólar dólares доллар доллара долларов"},
    {"eur", "euro euros евро"},
    {"gbp", "sterling stg"},
    {"jpy", "yen иен"},
    {"cny", "yuan renminbi юаней"},
    {"inr", "rupee rupees"},
    {"rub", "rouble roubles ruble rubles рубль рубля рублей руб"},
    {"pln", "zł złoty złotych"},
    {"czk", "kč"},
};

const char *amount_currency(struct slice word, bool *weight)
{
    *weight = slice_equal(word, slice_str("pound")) || slice_equal(word, slice_str("pounds"));
    if (*weight)
        return "gbp";
    for (size_t i = 0; i < sizeof CURRENCIES / sizeof CURRENCIES[0]; i++)
        if (is_listed(CURRENCIES[i].words, word))
            return CURRENCIES[i].code;
    return NULL;
}

const char *amount_currency_code(struct slice code)
{
    static const char codes[][2][4] = {
        {"USD", "usd"}, {"EUR", "eur"}, {"GBP", "gbp"}, {"JPY", "jpy"}, {"CHF", "chf"},
        {"CNY", "cny"}, {"INR", "inr"}, {"RUB", "rub"}, {"AUD", "aud"}, {"CAD", "cad"},
        {"NZD", "nzd"}, {"HKD", "hkd"}, {"SGD", "sgd"}, {"SEK", "sek"}, {"NOK", "nok"},
        {"DKK", "dkk"}, {"PLN", "pln"}, {"CZK", "czk"}, {"HUF", "huf"}, {"TRY", "try"},
        {"ZAR", "zar"}, {"BRL", "brl"}, {"MXN", "mxn"}, {"KRW", "krw"}, {"ILS", "ils"},
        {"UAH", "uah"}, {"TWD", "twd"}, {"SAR", "sar"}, {"AED", "aed"}, {"THB", "thb"}};

    for (size_t i = 0; code.size == 3 && i < sizeof codes / sizeof codes[0]; i++)
        if (memcmp(codes[i][0], code.data, 3) == 0)
            return codes[i][1];
    return NULL;
}

static const struct {
    const char *sign, *code;
} SIGNS[] = {{"$", "usd"},   {"€", "eur"}, {"£", "gbp"}, {"¥", "jpy"}, {"₹", "inr"},
             {"₽", "rub"}, {"₩", "krw"}, {"₺", "try"}, {"₴", "uah"}, {"₪", "ils"}};

const char *amount_currency_sign(struct slice text, size_t *size)
{
    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++)
        if (slice_begins(text, slice_str(SIGNS[i].sign))) {
            *size = strlen(SIGNS[i].sign);
            return SIGNS[i].code;
        }
    return NULL;
}

static bool is_ascii_letter(uint8_t byte)
{
    return (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z';
}

/* Of a dollar sign that ends the text: letters before it say whose. */
static const char *dollar_before(struct slice text, size_t *size)
{
    static const char *const dollars[][2] = {
        {"US", "usd"}, {"A", "aud"}, {"AU", "aud"}, {"C", "cad"},  {"CA", "cad"}, {"HK", "hkd"},
        {"NZ", "nzd"}, {"S", "sgd"}, {"R", "brl"},  {"NT", "twd"}, {"MX", "mxn"}};
    size_t letters = 0, end = text.size - 1;

    while (letters < end && letters < 4 && is_ascii_letter(text.data[end - letters - 1]))
        letters++;
    *size = 1 + letters;
    for (size_t i = 0; i < sizeof dollars / sizeof dollars[0]; i++)
        if (slice_equal(slice_of(text.data + end - letters, letters), slice_str(dollars[i][0])))
            return dollars[i][1];
    return letters == 0 ? "usd" : NULL;
}

const char *amount_currency_sign_before(struct slice text, size_t *size)
{
    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++) {
        size_t sign = strlen(SIGNS[i].sign);

        if (text.size < sign || memcmp(text.data + text.size - sign, SIGNS[i].sign, sign) != 0)
            continue;
        if (i == 0)
            return dollar_before(text, size);
        *size = sign;
        return SIGNS[i].code;
    }
    return NULL;
}

bool amount_has_decimal_comma(language_id language)
{
    return is_one_of(
        "de fr es it pt nl sv da no nb nn fi ru uk bg pl cs sk sl hr sr ro hu tr el lt "
        "lv et ca gl eu id vi be mk is af",
        language);
}
