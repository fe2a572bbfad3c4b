#include "text/term.h"

#include "base/ascii.h"
#include "text/language.h"
#include "text/properties.h"
#include "text/utf8.h"

/* ---- apostrophes ---- */

static void set_bytes(struct folded *word, struct slice bytes)
{
    memmove(word->bytes, bytes.data, bytes.size);
    word->size = bytes.size;
}

/* Whether folding marks leaves nothing of a code point. */
static bool vanishes(uint32_t code_point)
{
    const struct property *p = property_of(code_point);

    return p->flags & PROPERTY_MARK ||
           (p->flags & PROPERTY_MARKED && unicode_folded[p->folded] == 0);
}

/* Cuts off what is no part of the word: quotes that cling to its ends (Hebrew ' and the letter
 * U+02BC do), marks on them, and marks that it begins with. */
static void trim(struct folded *word)
{
    const uint8_t *at = word->bytes, *end = at + word->size, *start = NULL, *stop = at;
    bool quoted = true;

    while (at < end) {
        const uint8_t *next = at;
        uint32_t code_point;

        next += utf8_decode(at, end, &code_point);
        if (!vanishes(code_point))
            quoted = code_point == '\'';
        if (!quoted) {
            start = start ? start : at;
            stop = next;
        }
        at = next;
    }
    set_bytes(word, start ? slice_of(start, (size_t)(stop - start)) : slice_of(word->bytes, 0));
}

/* The articles and pronouns that lose their vowel, a space before and behind each: after
 * Lucene's analyzers of these languages. */
static const char *elisions(language_id language)
{
    const char *code = language_code(language);

    if (strcmp(code, "fr") == 0)
        return " l m t qu n s j d c jusqu quoiqu lorsqu puisqu ";
    if (strcmp(code, "it") == 0)
        return " c l all dall dell nell sull coll pell gl agl dagl degl negl sugl un m t s v d ";
    if (strcmp(code, "ca") == 0)
        return " d l m n s t ";
    return NULL;
}

/* Bytes of the folded word up to its first apostrophe, that one included; 0 if it has none or
 * nothing behind it. */
static size_t head_size(const struct folded *word)
{
    const uint8_t *apostrophe = memchr(word->bytes, '\'', word->size);
    size_t size = apostrophe ? (size_t)(apostrophe - word->bytes) + 1 : 0;

    return size < word->size ? size : 0;
}

/* The same in the word as written. */
static size_t written_head_size(struct slice word)
{
    const uint8_t *at = word.data, *end = at + word.size;
    bool begun = false;

    while (at < end) {
        uint32_t code_point;

        at += utf8_decode(at, end, &code_point);
        if (code_point + (uint32_t)property_of(code_point)->delta != '\'' && code_point != 0xff07)
            begun = true;
        else if (begun)
            return (size_t)(at - word.data);
    }
    return 0;
}

/* Cuts an elided article off the word, which has been folded, and returns the bytes that it took
 * in the word as written. */
static size_t cut_elision(struct folded *word, struct slice written, language_id language)
{
    const char *list = elisions(language);
    size_t size = list ? head_size(word) : 0;
    struct folded head;
    bool marked;
    char key[16];

    if (size == 0)
        return 0;
    fold_marks(slice_of(word->bytes, size - 1), NULL, &head, &marked);
    if (head.size + 2 > sizeof key)
        return 0;
    key[0] = ' ';
    memcpy(key + 1, head.bytes, head.size);
    key[head.size + 1] = ' ';
    if (!memmem(list, strlen(list), key, head.size + 2))
        return 0;
    set_bytes(word, slice_of(word->bytes + size, word->size - size));
    trim(word);
    return written_head_size(written);
}

/* Turkish writes the endings of names behind an apostrophe. */
static void cut_turkish_ending(struct folded *word, language_id language)
{
    size_t size = head_size(word);

    if (size > 1 && strcmp(language_code(language), "tr") == 0)
        word->size = size - 1;
}

/* ---- stems ---- */

/* Snowball's Romanian knows s and t with a cedilla, which are the wrong letters; the right
 * ones have a comma, and both are two bytes long. */
static void use_cedillas(struct folded *word)
{
    for (size_t i = 0; i + 1 < word->size; i++) {
        if (word->bytes[i] != 0xc8)
            continue;
        if (word->bytes[i + 1] == 0x99)
            memcpy(word->bytes + i, "ş", 2);
        else if (word->bytes[i + 1] == 0x9b)
            memcpy(word->bytes + i, "ţ", 2);
    }
}

/* The language whose stemmer the word takes, by its first letter of a known script; none if
 * anything but letters, marks, digits and apostrophes is in it (u.s, 5,000, foo_bar, c++). */
static language_id stemming_language(const struct folded *word, language_id language)
{
    const uint8_t *at = word->bytes, *end = at + word->size;
    language_id found = LANGUAGE_NONE;
    bool known = false;

    while (at < end) {
        uint32_t code_point, flags;
        enum script script;

        at += utf8_decode(at, end, &code_point);
        flags = property_of(code_point)->flags;
        script = property_script(flags);
        if (!(flags & PROPERTY_STEMMABLE))
            return LANGUAGE_NONE;
        if (!known && script != SCRIPT_COMMON) {
            found = language_of_word(language, script);
            known = true;
        }
    }
    return found;
}

static bool is_ascii(struct slice bytes)
{
    uint8_t all = 0;

    for (size_t i = 0; i < bytes.size; i++)
        all |= bytes.data[i];
    return all < 0x80;
}

/* out: the word's stem with its marks folded. False if memory ran out. */
static bool stem_and_fold(struct term_maker *maker, const struct folded *word, language_id stemming,
                          const char *kept, struct folded *out)
{
    struct slice whole = slice_of(word->bytes, word->size), stem = whole;
    bool marked;

    if (stemming != LANGUAGE_NONE)
        stem = stemmers_stem(&maker->stemmers, stemming, whole);
    if (!stem.data)
        return false;
    if (stem.size == 0 || stem.size > FOLD_MAX)
        stem = whole;
    if (is_ascii(stem))
        set_bytes(out, stem);
    else
        fold_marks(stem, kept, out, &marked);
    return true;
}

static bool same(const struct folded *a, const struct folded *b)
{
    return slice_equal(slice_of(a->bytes, a->size), slice_of(b->bytes, b->size));
}

static enum term_status make_term_and_variant(struct term_maker *maker, struct folded *word,
                                              language_id language)
{
    const char *kept = language_own_letters(language);
    struct folded unmarked;
    language_id stemming;

    fold_marks(slice_of(word->bytes, word->size), kept, &unmarked, &maker->marked);
    stemming = maker->no_stem ? LANGUAGE_NONE : stemming_language(&unmarked, language);
    if (stemming != LANGUAGE_NONE && strcmp(language_code(stemming), "ro") == 0)
        use_cedillas(word);
    if (!stem_and_fold(maker, word, stemming, kept, &maker->term))
        return TERM_NO_MEMORY;
    if (maker->marked) {
        if (!stem_and_fold(maker, &unmarked, stemming, kept, &maker->variant))
            return TERM_NO_MEMORY;
        if (same(&maker->term, &maker->variant) || maker->variant.size > TERM_MAX)
            maker->variant.size = 0;
    }
    return maker->term.size > TERM_MAX ? TERM_LONG : TERM_MADE;
}

static bool is_stopped(const struct term_maker *maker, const struct folded *word)
{
    return stopwords_have(maker->stopwords, slice_of(word->bytes, word->size));
}

/* ---- ASCII ---- */

/* Folds the case of a word if it is of ASCII letters and digits alone, where folding means no more.
 * *lettered: it has a letter. */
static bool fold_plain(struct slice written, struct folded *word, bool *lettered)
{
    *lettered = false;
    if (written.size > FOLD_MAX)
        return false;
    for (size_t i = 0; i < written.size; i++) {
        uint8_t byte = written.data[i];

        if (ascii_is_letter(byte))
            *lettered = true;
        else if (!ascii_is_digit(byte))
            return false;
        word->bytes[i] = byte | 0x20; /* digits have that bit */
    }
    word->size = written.size;
    return written.size > 0;
}

/* What term_make does for such a word: nothing of it is cut off, and no marks are on it. */
static enum term_status make_plain_term(struct term_maker *maker, const struct folded *word,
                                        bool lettered, language_id language)
{
    language_id stemming =
        maker->no_stem || !lettered ? LANGUAGE_NONE : language_of_word(language, SCRIPT_LATIN);

    if (is_stopped(maker, word))
        return TERM_STOPPED;
    if (!stem_and_fold(maker, word, stemming, language_own_letters(language), &maker->term))
        return TERM_NO_MEMORY;
    return maker->term.size > TERM_MAX ? TERM_LONG : TERM_MADE;
}

/* ---- any word ---- */

enum term_status term_make(struct term_maker *maker, struct slice written, language_id language,
                           bool whole)
{
    struct folded word;
    bool lettered;

    maker->variant.size = maker->skipped = 0;
    maker->marked = false;
    if (written.size > SURFACE_MAX)
        return TERM_LONG;
    if (whole && !language_is_turkic(language) && fold_plain(written, &word, &lettered))
        return make_plain_term(maker, &word, lettered, language);
    switch (fold_case(written, language_is_turkic(language), &word)) {
    case FOLD_OK:
        break;
    case FOLD_TOO_LONG:
        return TERM_LONG;
    case FOLD_NO_MEMORY:
        return TERM_NO_MEMORY;
    }
    trim(&word);
    if (word.size == 0)
        return TERM_NOTHING;
    if (is_stopped(maker, &word))
        return TERM_STOPPED;
    if (!whole) {
        maker->term = word;
        return word.size > TERM_MAX ? TERM_LONG : TERM_MADE;
    }
    maker->skipped = cut_elision(&word, written, language);
    cut_turkish_ending(&word, language);
    if (word.size == 0)
        return TERM_NOTHING;
    if (is_stopped(maker, &word))
        return TERM_STOPPED;
    return make_term_and_variant(maker, &word, language);
}
