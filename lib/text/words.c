#include "text/words.h"

#include <assert.h>

#include "base/ascii.h"
#include "text/properties.h"
#include "text/utf8.h"

enum {
    ASCII_WINDOW = 64 * 1024, /* how far to look for the end of an ASCII stretch */
    ASCII_PEEK = 16           /* a stretch this short is not worth the switch */
};

/* A segment while it grows. */
struct segment {
    const uint8_t *at, *end; /* where it ends so far; the text's end */
    enum word_break last;    /* class of the last character that WB4 does not skip */
    enum word_break raw;     /* class of the last character */
    uint32_t flags;          /* of all characters, or-ed */
    unsigned piece;    /* letters since the last tailored dot; 2: several, or not only letters */
    bool odd_regional; /* an odd number of regional indicators before at */
};

#define BIT(class) (1u << (class))
#define WORD       (BIT(BREAK_ALETTER) | BIT(BREAK_HEBREW) | BIT(BREAK_NUMERIC) | BIT(BREAK_EXTENDNUMLET))

static bool is_letter(enum word_break class)
{
    return class == BREAK_ALETTER || class == BREAK_HEBREW;
}

static bool is_skipped(enum word_break class)
{
    return class >= BREAK_EXTEND && class <= BREAK_ZWJ;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r';
}

/* Flags of the character at at, and its size; size 0 and no flags at the end of the text. */
static uint32_t look(const uint8_t *at, const uint8_t *end, size_t *size)
{
    uint32_t code_point;

    *size = 0;
    if (at == end)
        return 0;
    *size = utf8_decode(at, end, &code_point);
    return property_of(code_point)->flags;
}

/* Flags of the first character from *at on that WB4 does not skip; *at moves there. PICTOGRAPHIC
 * stays set only where WB3c joins it to a ZWJ before it; it is no letter then, even if it is one
 * elsewhere (libunistring reads the rules so). */
static uint32_t look_past_skipped(const uint8_t **at, const uint8_t *end)
{
    bool joiner = false;
    uint32_t flags;
    size_t size;

    for (;; *at += size) {
        flags = look(*at, end, &size);
        if (!is_skipped(property_break(flags)))
            break;
        joiner = property_break(flags) == BREAK_ZWJ;
    }
    if (joiner && flags & PROPERTY_PICTOGRAPHIC)
        return PROPERTY_PICTOGRAPHIC | BREAK_OTHER;
    return flags & ~(uint32_t)PROPERTY_PICTOGRAPHIC;
}

static enum word_break class_past_skipped(const uint8_t *at, const uint8_t *end)
{
    return property_break(look_past_skipped(&at, end));
}

/* Whether the letter at at is all there is of its letter run: the right side of a dot. */
static bool is_single_letter(const uint8_t *at, const uint8_t *end)
{
    size_t size;
    enum word_break letter = property_break(look(at, end, &size)), class;
    uint32_t flags;

    at += size;
    flags = look_past_skipped(&at, end);
    class = property_break(flags);
    if (flags & PROPERTY_PICTOGRAPHIC || BIT(class) & WORD)
        return false;
    if (letter == BREAK_HEBREW && class == BREAK_SINGLE_QUOTE)
        return false;
    if (flags & PROPERTY_DOT)
        return true;
    (void)look(at, end, &size);
    at += size;
    if (letter == BREAK_HEBREW && class == BREAK_DOUBLE_QUOTE)
        return class_past_skipped(at, end) != BREAK_HEBREW;
    if (class == BREAK_MIDLETTER || class == BREAK_MIDNUMLET || class == BREAK_SINGLE_QUOTE)
        return !is_letter(class_past_skipped(at, end));
    return true;
}

/* WB6, WB7b and WB12: if the character at at, of flags and size, stands between two that it
 * joins, where the second one is; else NULL. */
static const uint8_t *bridge(const struct segment *segment, uint32_t flags, size_t size)
{
    enum word_break class = property_break(flags), next;
    const uint8_t *at = segment->at + size;
    bool both = class == BREAK_MIDNUMLET || class == BREAK_SINGLE_QUOTE;

    if (!both && class != BREAK_MIDLETTER && class != BREAK_MIDNUM && class != BREAK_DOUBLE_QUOTE)
        return NULL;
    next = property_break(look_past_skipped(&at, segment->end));
    if (is_letter(segment->last) && (both || class == BREAK_MIDLETTER) && is_letter(next)) {
        if (!(flags & PROPERTY_DOT))
            return at;
        return segment->piece == 1 && is_single_letter(at, segment->end) ? at : NULL;
    }
    if (segment->last == BREAK_NUMERIC && (both || class == BREAK_MIDNUM))
        return next == BREAK_NUMERIC ? at : NULL;
    if (segment->last == BREAK_HEBREW && class == BREAK_DOUBLE_QUOTE)
        return next == BREAK_HEBREW ? at : NULL;
    return NULL;
}

/* WB5, 7a, 8 to 10, 13 to 13b: the rules about two characters. */
static bool joins(enum word_break left, enum word_break right)
{
    static const uint32_t JOINED[BREAK_KATAKANA + 1] = {
        [BREAK_ALETTER] = WORD,
        [BREAK_HEBREW] = WORD | BIT(BREAK_SINGLE_QUOTE),
        [BREAK_NUMERIC] = WORD,
        [BREAK_EXTENDNUMLET] = WORD | BIT(BREAK_KATAKANA),
        [BREAK_KATAKANA] = BIT(BREAK_KATAKANA) | BIT(BREAK_EXTENDNUMLET),
    };

    return left <= BREAK_KATAKANA && (JOINED[left] & BIT(right)) != 0;
}

/* Appends the next character to the segment. */
static void take(struct segment *segment, uint32_t flags, size_t size)
{
    enum word_break class = property_break(flags);

    segment->at += size;
    segment->raw = class;
    segment->flags |= flags;
    if (is_skipped(class))
        return;
    segment->last = class;
    segment->odd_regional = class == BREAK_REGIONAL && !segment->odd_regional;
    if (!is_letter(class))
        segment->piece = 2;
    else if (segment->piece < 2)
        segment->piece++;
}

/* Appends the bridge at the segment's end and what it leads to, at to. */
static void cross(struct segment *segment, const uint8_t *to, uint32_t flags)
{
    size_t size;

    segment->piece = flags & PROPERTY_DOT ? 0 : 2;
    segment->at = to;
    flags = look(to, segment->end, &size);
    take(segment, flags, size);
}

/* One step of the rules: appends what does not break from the segment, or returns false. */
static bool grow(struct segment *segment)
{
    size_t size;
    uint32_t flags = look(segment->at, segment->end, &size);
    enum word_break class = property_break(flags);
    const uint8_t *to;

    if (size == 0 || *segment->at == ' ' || class >= BREAK_NEWLINE || flags & PROPERTY_RUN)
        return false;
    if (joins(segment->last, class) || is_skipped(class) ||
        (segment->raw == BREAK_ZWJ && flags & PROPERTY_PICTOGRAPHIC) ||
        (class == BREAK_REGIONAL && segment->odd_regional) ||
        (class == BREAK_SPACE && segment->raw == BREAK_SPACE)) {
        to = class == BREAK_SINGLE_QUOTE ? bridge(segment, flags, size) : NULL;
        if (to)
            cross(segment, to, flags);
        else
            take(segment, flags, size);
        return true;
    }
    to = bridge(segment, flags, size);
    if (to)
        cross(segment, to, flags);
    return to != NULL;
}

/* What most segments are made of, taken at once: plain letters behind one. */
static void take_letters(struct segment *segment)
{
    const uint8_t *at = segment->at;
    uint32_t all = segment->flags;

    if (segment->last != BREAK_ALETTER)
        return;
    while (at < segment->end) {
        uint32_t code_point, flags;
        size_t size = utf8_decode(at, segment->end, &code_point);

        flags = property_of(code_point)->flags;
        if (property_break(flags) != BREAK_ALETTER)
            break;
        all |= flags;
        at += size;
        segment->piece = 2;
        segment->raw = BREAK_ALETTER;
    }
    segment->at = at;
    segment->flags = all;
}

size_t words_sign_size(const uint8_t *at, const uint8_t *end)
{
    size_t size = 0, next_size;
    uint32_t flags;
    enum word_break class;

    if (at < end && at[0] == '#')
        size = 1;
    else if (end - at > 1 && at[0] == '+' && at[1] == '+')
        size = 2;
    else
        return 0;
    at += size;
    if (at < end && (*at == '+' || *at == '#'))
        return 0;
    flags = look(at, end, &next_size);
    class = property_break(flags);
    return is_skipped(class) || BIT(class) & WORD ? 0 : size;
}

/* Reads the segment at words->at, whose first character is known, and moves behind it. True if
 * it is a word. */
static bool read_segment(struct words *words, uint32_t flags, size_t size)
{
    const uint8_t *start = words->at;
    struct segment segment = {
        .at = start, .end = words->end, .piece = is_skipped(property_break(flags)) ? 2 : 0};

    take(&segment, flags, size);
    if (*start != ' ' && property_break(flags) < BREAK_NEWLINE)
        do
            take_letters(&segment);
        while (grow(&segment));
    if (segment.at == start + 1 && ascii_is_letter(*start))
        segment.at += words_sign_size(segment.at, words->end);
    words->at = segment.at;
    return (segment.flags & PROPERTY_WORDLIKE) != 0;
}

/* ---- runs of scripts without spaces ---- */

/* The end of the grapheme at at, which is a character of a run. *folded is cleared unless NFKC
 * case folding leaves the grapheme as it stands. */
static const uint8_t *grapheme_end(const uint8_t *at, const uint8_t *end, bool *folded)
{
    uint32_t code_point, run = 0;
    unsigned class = 0;

    for (bool first = true; at < end; first = false) {
        size_t size = utf8_decode(at, end, &code_point);
        const struct property *p = property_of(code_point);

        if (first)
            run = p->flags & PROPERTY_RUN;
        else if (!is_skipped(property_break(p->flags)) &&
                 !(p->flags & PROPERTY_RUN_ATTACH &&
                   (p->flags & PROPERTY_SPACELESS) == (run & PROPERTY_SPACELESS)))
            break;
        if (!(p->flags & PROPERTY_SAFE) || p->delta != 0 ||
            (property_class(p->flags) != 0 && property_class(p->flags) < class))
            *folded = false;
        class = property_class(p->flags);
        at += size;
    }
    return at;
}

static uint32_t clamp_size(size_t size)
{
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

/* Words of the run at words->at, whose first character has these flags, up to capacity: a pair
 * for each grapheme but the last. */
static size_t read_run(struct words *words, uint32_t flags, struct word *out, size_t capacity)
{
    bool folded = true, next_folded;
    const uint8_t *next = grapheme_end(words->at, words->end, &folded), *stop;
    size_t count = 0, size;

    while (count < capacity) {
        struct word *word = &out[count++];
        bool last = (look(next, words->end, &size) & PROPERTY_RUN) != (flags & PROPERTY_RUN);

        next_folded = true;
        stop = last ? next : grapheme_end(next, words->end, &next_folded);
        *word = (struct word){(size_t)(words->at - words->begin),
                              clamp_size((size_t)(stop - words->at)), last ? WORD_LAST : WORD_PAIR,
                              folded && next_folded};
        words->at = next;
        if (last)
            break;
        next = stop;
        folded = next_folded;
    }
    return count;
}

/* ---- the text ---- */

/* Sets ascii_end if a stretch of ASCII worth its while begins here, behind a blank. */
static bool find_ascii(struct words *words)
{
    const uint8_t *at = words->at, *stop;
    uint64_t head[2];

    if (words->general_only || words->end - at < ASCII_PEEK)
        return false;
    memcpy(head, at, sizeof head);
    if ((head[0] | head[1]) & 0x8080808080808080u)
        return false;
    stop = words->end - at > ASCII_WINDOW ? at + ASCII_WINDOW : words->end;
    for (at += ASCII_PEEK; stop - at >= 8; at += 8) {
        memcpy(head, at, 8);
        if (head[0] & 0x8080808080808080u)
            break;
    }
    while (at < stop && *at < 0x80)
        at++;
    if (at < words->end)
        while (at > words->at && !is_blank(at[-1]))
            at--;
    words->ascii_end = at;
    return at > words->at;
}

/* Words up to the next stretch of ASCII. */
static size_t general_next(struct words *words, struct word *out, size_t capacity)
{
    size_t count = 0;

    while (count < capacity && words->at < words->end) {
        const uint8_t *start = words->at;
        uint32_t code_point;
        size_t size = utf8_decode(start, words->end, &code_point);
        uint32_t flags = property_of(code_point)->flags;

        if ((start == words->begin || is_blank(start[-1])) && find_ascii(words))
            return count;
        if (code_point == UTF8_INVALID)
            words->invalid_bytes += size;
        if (flags & PROPERTY_RUN)
            count += read_run(words, flags, out + count, capacity - count);
        else if (read_segment(words, flags, size))
            out[count++] =
                (struct word){(size_t)(start - words->begin),
                              clamp_size((size_t)(words->at - start)), WORD_PLAIN, false};
    }
    return count;
}

void words_start(struct words *words, struct slice text)
{
    static const uint8_t NOTHING[1];

    words->begin = words->at = text.size ? text.data : NOTHING;
    words->end = words->begin + text.size;
    words->ascii_end = words->begin;
    words->general_only = false;
    words->invalid_bytes = 0;
}

size_t words_next(struct words *words, struct word *out, size_t capacity)
{
    size_t count = 0;

    assert(capacity >= WORDS_BATCH);
    while (count == 0 && words->at < words->end)
        count = words->at < words->ascii_end ? words_ascii_next(words, out, capacity)
                                             : general_next(words, out, capacity);
    return count;
}
