#include "text/amount_words.h"

#include "base/ascii.h"
#include "text/language.h"

/* A word, its bytes, and what it stands for: a power of ten, or a place in CODES. */
struct word {
    const char *text;
    uint8_t size, value;
};
#define WORD(text, value)                                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, value                                                              \
    }

static const struct word *find(const struct word *words, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].size == word.size && words[i].text[0] == (char)word.data[0] &&
            memcmp(words[i].text, word.data, word.size) == 0)
            return &words[i];
    return NULL;
}

/* True if a word in lower case may be in a list of which these are the first letters: most that
 * stand behind numbers are not, and so need not be looked for. Those of other alphabets may be. */
static bool may_be(struct slice word, const char *firsts)
{
    return word.size > 0 && (word.data[0] >= 0x80 || strchr(firsts, word.data[0]) != NULL);
}

/* ---- scales ---- */

static const struct word SCALES[] = {
    WORD("thousand", 3),   WORD("tsd", 3),        WORD("tausend", 3),    WORD("duizend", 3),
    WORD("tusen", 3),      WORD("tusind", 3),     WORD("mille", 3),      WORD("mil", 3),
    WORD("mila", 3),       WORD("тыс", 3),        WORD("тысяч", 3),      WORD("тысячи", 3),
    WORD("million", 6),    WORD("millions", 6),   WORD("mn", 6),         WORD("mln", 6),
    WORD("mio", 6),        WORD("millionen", 6),  WORD("millón", 6),     WORD("millones", 6),
    WORD("milione", 6),    WORD("milioni", 6),    WORD("milhão", 6),     WORD("milhões", 6),
    WORD("miljoen", 6),    WORD("miljon", 6),     WORD("miljoner", 6),   WORD("millioner", 6),
    WORD("milion", 6),     WORD("milionů", 6),    WORD("milionów", 6),   WORD("milyon", 6),
    WORD("млн", 6),        WORD("миллион", 6),    WORD("миллиона", 6),   WORD("миллионов", 6),
    WORD("bn", 9),         WORD("bln", 9),        WORD("billion", 9),    WORD("billions", 9),
    WORD("milliard", 9),   WORD("milliards", 9),  WORD("milliarden", 9), WORD("milliarde", 9),
    WORD("mrd", 9),        WORD("miliardo", 9),   WORD("miliardi", 9),   WORD("mld", 9),
    WORD("bilhão", 9),     WORD("bilhões", 9),    WORD("miljard", 9),    WORD("miljarder", 9),
    WORD("milliarder", 9), WORD("mia", 9),        WORD("milyar", 9),     WORD("miliard", 9),
    WORD("miliardů", 9),   WORD("miliardów", 9),  WORD("млрд", 9),       WORD("миллиард", 9),
    WORD("миллиарда", 9),  WORD("миллиардов", 9), WORD("tn", 12),        WORD("trn", 12),
    WORD("trillion", 12),  WORD("biljoen", 12),   WORD("billón", 12),    WORD("billones", 12),
    WORD("billionen", 12), WORD("трлн", 12),
};

/* The two letters of a language's code, as a number. */
#define CODE(a, b) ((a) << 8 | (b))
static int code_of(language_id language)
{
    const char *code = language == LANGUAGE_NONE ? "" : language_code(language);

    return code[0] && code[1] && !code[2] ? CODE(code[0], code[1]) : 0;
}

/* A billion is a million millions. */
static bool has_long_scale(language_id language)
{
    switch (code_of(language)) {
    case CODE('d', 'e'):
    case CODE('f', 'r'):
    case CODE('n', 'l'):
    case CODE('d', 'a'):
    case CODE('n', 'o'):
    case CODE('n', 'b'):
    case CODE('n', 'n'):
    case CODE('s', 'v'):
        return true;
    default:
        return false;
    }
}

/* "mil", "mille" and "mila" are a thousand in some languages, and other words in the rest. */
static bool is_thousand(struct slice word, language_id language)
{
    if (word.size < 3 || word.size > 5 || memcmp(word.data, "mil", 3) != 0)
        return true;
    switch (code_of(language)) {
    case CODE('e', 's'):
    case CODE('p', 't'):
    case CODE('g', 'l'):
    case CODE('c', 'a'):
        return word.size == 3;
    case CODE('f', 'r'):
        return word.size == 5;
    case CODE('i', 't'):
        return word.size > 3;
    default:
        return false;
    }
}

static unsigned letter_scale(uint8_t letter)
{
    return letter == 'k' ? 3 : letter == 'm' ? 6 : letter == 'b' ? 9 : letter == 't' ? 12 : 0;
}

unsigned amount_scale(struct slice word, language_id language, bool *letter)
{
    const struct word *found;

    *letter = word.size == 1 && letter_scale(word.data[0]) > 0;
    if (*letter)
        return letter_scale(word.data[0]);
    if (!may_be(word, "tmbd"))
        return 0;
    found = find(SCALES, sizeof SCALES / sizeof SCALES[0], word);
    if (!found || (found->value == 3 && !is_thousand(word, language)))
        return 0;
    if (word.size >= 7 && word.size <= 8 && memcmp(word.data + 1, "illion", 6) == 0 &&
        has_long_scale(language))
        return word.data[0] == 'b' ? 12 : word.data[0] == 't' ? 0 : found->value;
    return found->value;
}

/* ---- currencies ---- */

static const char CODES[][4] = {"usd", "eur", "gbp", "jpy", "cny", "inr", "rub", "pln", "czk"};
static const struct word CURRENCIES[] = {
    WORD("dollar", 0),   WORD("dollars", 0),  WORD("dlr", 0),     WORD("dlrs", 0),
    WORD("dollari", 0),  WORD("dólar", 0),    WORD("dólares", 0), WORD("доллар", 0),
    WORD("доллара", 0),  WORD("долларов", 0), WORD("euro", 1),    WORD("euros", 1),
    WORD("евро", 1),     WORD("sterling", 2), WORD("stg", 2),     WORD("pound", 2),
    WORD("pounds", 2),   WORD("yen", 3),      WORD("иен", 3),     WORD("yuan", 4),
    WORD("renminbi", 4), WORD("юаней", 4),    WORD("rupee", 5),   WORD("rupees", 5),
    WORD("rouble", 6),   WORD("roubles", 6),  WORD("ruble", 6),   WORD("rubles", 6),
    WORD("рубль", 6),    WORD("рубля", 6),    WORD("рублей", 6),  WORD("руб", 6),
    WORD("zł", 7),       WORD("złoty", 7),    WORD("złotych", 7), WORD("kč", 8),
};

const char *amount_currency(struct slice word, bool *weight)
{
    const struct word *found =
        may_be(word, "despyrzk") ? find(CURRENCIES, sizeof CURRENCIES / sizeof CURRENCIES[0], word)
                                 : NULL;

    *weight = found && word.data[0] == 'p';
    return found ? CODES[found->value] : NULL;
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

    if (code.size != 3 || code.data[0] < 'A' || code.data[0] > 'Z' || code.data[2] < 'A' ||
        code.data[2] > 'Z')
        return NULL;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (memcmp(codes[i][0], code.data, 3) == 0)
            return codes[i][1];
    return NULL;
}

static const struct {
    char sign[4], code[4];
} SIGNS[] = {{"$", "usd"},   {"€", "eur"}, {"£", "gbp"}, {"¥", "jpy"}, {"₹", "inr"},
             {"₽", "rub"}, {"₩", "krw"}, {"₺", "try"}, {"₴", "uah"}, {"₪", "ils"}};

const char *amount_currency_sign(struct slice text, size_t *size)
{
    if (text.size == 0 || (text.data[0] != '$' && text.data[0] < 0x80))
        return NULL;
    for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++)
        if (slice_begins(text, slice_str(SIGNS[i].sign))) {
            *size = strlen(SIGNS[i].sign);
            return SIGNS[i].code;
        }
    return NULL;
}

/* Of a dollar sign that ends the text: letters before it say whose. */
static const char *dollar_before(struct slice text, size_t *size)
{
    static const char *const dollars[][2] = {
        {"US", "usd"}, {"A", "aud"}, {"AU", "aud"}, {"C", "cad"},  {"CA", "cad"}, {"HK", "hkd"},
        {"NZ", "nzd"}, {"S", "sgd"}, {"R", "brl"},  {"NT", "twd"}, {"MX", "mxn"}};
    size_t letters = 0, end = text.size - 1;

    while (letters < end && letters < 4 && ascii_is_letter(text.data[end - letters - 1]))
        letters++;
    *size = 1 + letters;
    for (size_t i = 0; i < sizeof dollars / sizeof dollars[0]; i++)
        if (slice_equal(slice_of(text.data + end - letters, letters), slice_str(dollars[i][0])))
            return dollars[i][1];
    return letters == 0 ? "usd" : NULL;
}

const char *amount_currency_sign_before(struct slice text, size_t *size)
{
    uint8_t last = text.size ? text.data[text.size - 1] : 0;

    if (last != '$' && last < 0x80)
        return NULL;
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

/* ---- how they begin ---- */

static void add_starts(struct amount_starts *starts, const struct word *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = words[i].text;

        if (ascii_is_letter((uint8_t)text[0]) && ascii_is_letter((uint8_t)text[1]))
            starts->seconds[text[0] - 'a'] |= UINT32_C(1) << (text[1] - 'a');
    }
}

void amount_starts_init(struct amount_starts *starts)
{
    memset(starts, 0, sizeof *starts);
    add_starts(starts, SCALES, sizeof SCALES / sizeof SCALES[0]);
    add_starts(starts, CURRENCIES, sizeof CURRENCIES / sizeof CURRENCIES[0]);
}

bool amount_may_start(const struct amount_starts *starts, const uint8_t *at, const uint8_t *end)
{
    if (at == end)
        return false;
    if (at[0] >= 0x80 || at[0] == '$')
        return true;
    if (end - at < 2 || !ascii_is_letter(at[0]))
        return false;
    if (at[1] >= 0x80 || (at[0] <= 'Z' && at[1] <= 'Z')) /* a code's capitals, too */
        return true;
    return ascii_is_letter(at[1]) &&
           starts->seconds[(at[0] | 0x20) - 'a'] >> ((at[1] | 0x20) - 'a') & 1;
}

bool amount_has_decimal_comma(language_id language)
{
    static const char codes[][3] = {"de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "nb",
                                    "nn", "fi", "ru", "uk", "bg", "pl", "cs", "sk", "sl", "hr",
                                    "sr", "ro", "hu", "tr", "el", "lt", "lv", "et", "ca", "gl",
                                    "eu", "id", "vi", "be", "mk", "is", "af"};
    int code = code_of(language);

    if (code == CODE('e', 'n') || code == 0)
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (CODE(codes[i][0], codes[i][1]) == code)
            return true;
    return false;
}

bool amount_same_reading(language_id a, language_id b)
{
    return amount_has_decimal_comma(a) == amount_has_decimal_comma(b) &&
           has_long_scale(a) == has_long_scale(b);
}
