#include "text/amount.h"

#include "base/ascii.h"
#include "text/utf8.h"

/* An amount while it is read. */
struct reading {
    struct slice text;
    language_id language;
    uint8_t digits[AMOUNT_DIGITS];
    size_t count;
    int point;            /* digits before the point, counted from the first that is not 0 */
    bool grouped;         /* by thousands */
    unsigned power;       /* of the scale; 0: there is none */
    bool letter;          /* the scale is one beside a currency */
    const char *currency; /* NULL: there is none */
    size_t begin, end;
};

/* ---- bytes ---- */

static uint8_t byte_at(const struct reading *reading, size_t at)
{
    return at < reading->text.size ? reading->text.data[at] : 0;
}

static bool is_letter(uint8_t byte)
{
    return ascii_is_letter(byte) || byte >= 0x80;
}

/* Bytes of the blank at at, of one that does not break a line, or 0. */
static size_t blank_at(const struct reading *reading, size_t at)
{
    static const char *const blanks[] = {"\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89"};
    struct slice rest;

    if (byte_at(reading, at) < 0x80)
        return byte_at(reading, at) == ' ';
    rest = slice_of(reading->text.data + at, reading->text.size - at);
    for (size_t i = 0; i < sizeof blanks / sizeof blanks[0]; i++)
        if (slice_begins(rest, slice_str(blanks[i])))
            return strlen(blanks[i]);
    return 0;
}

static bool begins_word(const struct reading *reading, size_t at)
{
    return is_letter(byte_at(reading, at)) && blank_at(reading, at) == 0;
}

/* ---- the number ---- */

static size_t count_digits(const struct reading *reading, size_t at)
{
    size_t count = 0;

    while (ascii_is_digit(byte_at(reading, at + count)))
        count++;
    return count;
}

/* Bytes of what may separate thousands at at: a sign, or a blank that is no space. */
static size_t separator_at(const struct reading *reading, size_t at, uint8_t sign)
{
    if (sign)
        return byte_at(reading, at) == sign;
    return byte_at(reading, at) == ' ' ? 0 : blank_at(reading, at);
}

static bool add_digits(struct reading *reading, size_t at, size_t count, bool fraction)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t digit = byte_at(reading, at + i);

        reading->point += !fraction && (reading->count > 0 || digit != '0');
        if (reading->count == 0 && digit == '0') {
            reading->point -= fraction;
            continue;
        }
        if (reading->count == AMOUNT_DIGITS)
            return false;
        reading->digits[reading->count++] = digit;
    }
    return true;
}

/* Reads groups of three digits behind the first; false: what follows is none. */
static bool read_groups(struct reading *reading, size_t *at, uint8_t sign)
{
    size_t size;

    while ((size = separator_at(reading, *at, sign)) > 0 &&
           count_digits(reading, *at + size) == 3) {
        if (!add_digits(reading, *at + size, 3, false))
            return false;
        *at += size + 3;
        reading->grouped = true;
    }
    return true;
}

/* The sign that groups thousands at at, where one digit or two or three end; 0: a blank, or none.
 */
static uint8_t grouping_sign(const struct reading *reading, size_t at)
{
    bool comma = amount_has_decimal_comma(reading->language);
    uint8_t sign = byte_at(reading, at);

    if (sign == '\'')
        return sign;
    if ((sign != '.' && sign != ',') || count_digits(reading, at + 1) != 3)
        return 0;
    /* 5,000,000 and 5,000.50 are grouped in any language; 5,000 alone is by its own. */
    if (byte_at(reading, at + 4) == sign || byte_at(reading, at + 4) == (sign ^ ('.' ^ ',')))
        return ascii_is_digit(byte_at(reading, at + 5)) ? sign
               : sign == (comma ? '.' : ',')            ? sign
                                                        : 0;
    return sign == (comma ? '.' : ',') ? sign : 0;
}

static bool read_fraction(struct reading *reading, size_t *at)
{
    uint8_t sign = byte_at(reading, *at);
    size_t count = count_digits(reading, *at + 1);

    if ((sign != '.' && sign != ',') || count == 0)
        return true;
    if (!add_digits(reading, *at + 1, count, true))
        return false;
    *at += 1 + count;
    return true;
}

/* True if what follows makes the digits something else: 5%, 5-10, 10:30, 1/2, 1.2.3. */
static bool is_other(const struct reading *reading, size_t at)
{
    uint8_t sign = byte_at(reading, at);

    if (sign == '%' || ascii_is_digit(sign))
        return true;
    return (sign == '-' || sign == ':' || sign == '/' || sign == '.' || sign == ',') &&
           ascii_is_digit(byte_at(reading, at + 1));
}

static bool read_number(struct reading *reading, size_t *at)
{
    size_t count = count_digits(reading, *at);

    if (count == 0 || count > AMOUNT_DIGITS || (byte_at(reading, *at) == '0' && count > 1) ||
        !add_digits(reading, *at, count, false))
        return false;
    *at += count;
    if (count <= 3 && !read_groups(reading, at, grouping_sign(reading, *at)))
        return false;
    return read_fraction(reading, at) && !is_other(reading, *at);
}

/* ---- the words around it ---- */

/* The word at at in lower case; its bytes, or 0: there is none that could be meant. */
static size_t word_at(const struct reading *reading, size_t at, uint8_t lower[AMOUNT_WORD_MOST])
{
    size_t size = 0;

    while (begins_word(reading, at + size)) {
        if (size == AMOUNT_WORD_MOST)
            return 0;
        lower[size] = ascii_lower(byte_at(reading, at + size));
        size++;
    }
    return ascii_is_digit(byte_at(reading, at + size)) ? 0 : size;
}

/* Where the next word may begin: behind a blank or a hyphen. */
static size_t next_word(const struct reading *reading, size_t at)
{
    return byte_at(reading, at) == '-' ? at + 1 : at + blank_at(reading, at);
}

/* Reads scales, "mil millones" too. False: letters stick to the number that say something else. */
static bool read_scale(struct reading *reading, size_t *at)
{
    uint8_t word[AMOUNT_WORD_MOST];

    for (int i = 0; i < 2; i++) {
        bool stuck = i == 0 && begins_word(reading, *at), letter;
        size_t from = stuck ? *at : next_word(reading, *at);
        size_t size = word_at(reading, from, word), sign;
        unsigned power;

        if (stuck && amount_currency_sign(
                         slice_of(reading->text.data + from, reading->text.size - from), &sign))
            return true; /* 650€ */
        power = amount_scale(slice_of(word, size), reading->language, &letter);
        if (size == 0 || power == 0 || (letter && !stuck) ||
            (i == 1 && (reading->power != 3 || power != 6)))
            return !stuck;
        reading->power += power;
        reading->letter |= letter;
        *at = from + size;
        if (size <= 3 && byte_at(reading, *at) == '.' &&
            !ascii_is_digit(byte_at(reading, *at + 1)) && blank_at(reading, *at + 1))
            ++*at; /* Mrd. */
        reading->end = *at;
    }
    return true;
}

static const char *currency_behind(const struct reading *reading, size_t at, size_t *end)
{
    uint8_t word[AMOUNT_WORD_MOST];
    size_t from = next_word(reading, at), size;
    struct slice rest = slice_of(reading->text.data + from, reading->text.size - from);
    const char *currency = amount_currency_sign(rest, &size);
    bool weight;

    *end = from;
    if (currency) {
        *end += size;
        return ascii_is_digit(byte_at(reading, *end)) ? NULL : currency; /* "5 $6" */
    }
    size = word_at(reading, from, word);
    *end += size;
    currency = amount_currency_code(slice_of(rest.data, size));
    if (currency || size == 0)
        return currency;
    currency = amount_currency(slice_of(word, size), &weight);
    if (currency && weight && reading->power == 0) {
        from = next_word(reading, *end);
        size = word_at(reading, from, word);
        if (!slice_equal(slice_of(word, size), slice_str("sterling")))
            return NULL;
        *end = from + size;
    }
    return currency;
}

/* A sign or a code that ends where the number begins, or a blank before. */
static const char *currency_before(const struct reading *reading, size_t at, size_t *begin)
{
    size_t from = at > AMOUNT_REACH ? at - AMOUNT_REACH : 0, size;
    struct slice before = slice_of(reading->text.data + from, at - from);
    const char *currency;

    if (before.size >= 2 && memcmp(before.data + before.size - 2, "\xc2\xa0", 2) == 0)
        before.size -= 2;
    else if (before.size >= 1 && before.data[before.size - 1] == ' ')
        before.size--;
    currency = amount_currency_sign_before(before, &size);
    if (currency) {
        *begin = from + before.size - size;
        return currency;
    }
    if (before.size < 3 || (before.size > 3 && (is_letter(before.data[before.size - 4]) ||
                                                ascii_is_digit(before.data[before.size - 4]))))
        return NULL;
    *begin = from + before.size - 3;
    return amount_currency_code(slice_of(before.data + before.size - 3, 3));
}

/* ---- the whole ---- */

static bool read_amount(struct slice text, size_t at, language_id language, struct reading *reading)
{
    size_t end, begin = at;

    *reading = (struct reading){.text = text, .language = language, .begin = at};
    if (!read_number(reading, &at))
        return false;
    reading->end = at;
    reading->currency = currency_before(reading, reading->begin, &begin);
    if (reading->currency)
        reading->begin = begin;
    if (!read_scale(reading, &at))
        return false;
    if (!reading->currency) {
        reading->currency = currency_behind(reading, at, &end);
        if (reading->currency)
            reading->end = end;
    }
    return true;
}

/* False: it is too large or too small for a term. */
static bool put_term(const struct reading *reading, const char *currency, struct amount *amount)
{
    size_t count = reading->count;
    int power = 50 + reading->point + (int)reading->power;

    while (count > 0 && reading->digits[count - 1] == '0')
        count--;
    if (count == 0)
        power = 0;
    else if (power < 1 || power > 99)
        return false;
    *amount = (struct amount){.begin = reading->begin, .end = reading->end};
    amount->size = currency ? 3 : 1;
    memcpy(amount->term, currency ? currency : "#", amount->size);
    amount->term[amount->size++] = (uint8_t)('0' + power / 10);
    amount->term[amount->size++] = (uint8_t)('0' + power % 10);
    if (count > 0)
        memcpy(amount->term + amount->size, reading->digits, count);
    amount->size += count;
    return true;
}

bool amount_read(struct slice text, size_t at, language_id language, struct amount *amount)
{
    struct reading reading;

    if (!read_amount(text, at, language, &reading))
        return false;
    if (!reading.currency && (reading.letter || (!reading.power && !reading.grouped)))
        return false;
    return put_term(&reading, reading.currency, amount);
}

/* False: no sign and no code of a currency ends where the number begins. */
static bool may_have_currency_before(struct slice text, size_t at)
{
    uint8_t last;

    at -= at > 0 && text.data[at - 1] == ' ';
    if (at == 0)
        return false;
    last = text.data[at - 1];
    return last == '$' || last >= 0x80 || (last >= 'A' && last <= 'Z');
}

bool amount_may_be(const struct amount_starts *starts, struct slice text, size_t at)
{
    const uint8_t *next = text.data + at, *end = text.data + text.size, *fraction;

    if (may_have_currency_before(text, at))
        return true;
    while (next < end && ascii_is_digit(*next))
        next++;
    if (next < end && (*next == '.' || *next == ',')) {
        for (fraction = next + 1; fraction < end && ascii_is_digit(*fraction);)
            fraction++;
        if (fraction - next == 4) /* three digits: they may be thousands */
            return true;
        next = fraction > next + 1 ? fraction : next;
    }
    if (next == end)
        return false;
    if (*next == ' ' || *next == '-')
        return amount_may_start(starts, next + 1, end);
    return is_letter(*next) || *next == '$' || *next == '\'';
}

bool amount_of_digits(struct slice digits, struct amount *amount)
{
    struct reading reading = {.text = digits, .end = digits.size};

    return digits.size >= 4 && digits.size <= AMOUNT_DIGITS && digits.data[0] != '0' &&
           count_digits(&reading, 0) == digits.size &&
           add_digits(&reading, 0, digits.size, false) && put_term(&reading, NULL, amount);
}

size_t amount_to_digits(struct slice term, uint8_t digits[AMOUNT_DIGITS])
{
    size_t written = term.size - 3, size;

    if (term.size < 4 || term.data[0] != '#' || term.data[1] < '5')
        return 0;
    size = (size_t)(term.data[1] - '5') * 10 + (size_t)(term.data[2] - '0');
    if (size < written || size > AMOUNT_DIGITS)
        return 0;
    memset(digits, '0', size);
    memcpy(digits, term.data + 3, written);
    return size;
}

/* ---- ranges ---- */

/* Reads an amount that is all of the text. */
static bool read_whole(struct slice text, language_id language, struct reading *reading)
{
    size_t at = 0;

    while (at < text.size && !ascii_is_digit(text.data[at]))
        at++;
    return at < text.size && read_amount(text, at, language, reading) && reading->begin == 0 &&
           reading->end == text.size;
}

bool amount_read_range(struct slice text, language_id language, struct amount *low,
                       struct amount *high)
{
    const uint8_t *dots = text.size ? memmem(text.data, text.size, "..", 2) : NULL;
    struct reading first = {.count = 0}, last = {.count = 0};
    struct slice before, after;
    const char *currency;

    if (!dots)
        return false;
    before = slice_of(text.data, (size_t)(dots - text.data));
    after = slice_of(dots + 2, text.size - before.size - 2);
    if ((before.size == 0 && after.size == 0) ||
        (before.size > 0 && !read_whole(before, language, &first)) ||
        (after.size > 0 && !read_whole(after, language, &last)))
        return false;
    currency = first.currency ? first.currency : last.currency;
    if (!currency ||
        (first.currency && last.currency && strcmp(first.currency, last.currency) != 0))
        return false;
    low->size = high->size = 0;
    return (before.size == 0 || put_term(&first, currency, low)) &&
           (after.size == 0 || put_term(&last, currency, high));
}
