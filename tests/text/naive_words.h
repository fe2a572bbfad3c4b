/* naive_words.h -- the oracle of words.h: libunistring's word breaks plus the tailoring, on an
 * array of code points, one rule after the other, without a thought about speed. */
#ifndef TESTS_TEXT_NAIVE_WORDS_H
#define TESTS_TEXT_NAIVE_WORDS_H

#include <stdlib.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwbrk.h>

#include "text/properties.h"
#include "text/words.h"

struct naive_text {
    size_t count;
    uint32_t *c;    /* code points, U+FFFD for bad pieces */
    size_t *offset; /* count + 1 */
    char *starts;   /* a segment begins here */
    uint64_t invalid_bytes;
};

/* Whether these bytes begin some well-formed sequence, by trying what may follow. */
static inline bool naive_is_prefix(const uint8_t *at, size_t size)
{
    static const uint8_t NEXT[] = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf};
    uint8_t whole[5];

    if (size > 4)
        return false;
    memcpy(whole, at, size);
    if (u8_check(whole, size) == NULL && u8_mblen(whole, size) == (int)size)
        return true;
    for (size_t i = 0; size < 4 && i < sizeof NEXT; i++) {
        whole[size] = NEXT[i];
        if (naive_is_prefix(whole, size + 1))
            return true;
    }
    return false;
}

static inline size_t naive_decode(const uint8_t *at, size_t size, uint32_t *c)
{
    ucs4_t uc;
    int valid = u8_mbtoucr(&uc, at, size);
    size_t subpart = 1;

    if (valid > 0) {
        *c = uc;
        return (size_t)valid;
    }
    *c = 0xfffd;
    while (subpart < size && naive_is_prefix(at, subpart + 1))
        subpart++;
    return subpart;
}

/* Han iteration marks, which UAX #29 takes for letters, repeat an ideograph and count as one. */
static inline bool naive_is_iteration_mark(uint32_t c)
{
    return c == 0x3005 || c == 0x303b || c == 0x16fe3;
}

static inline bool naive_is_letter(uint32_t c)
{
    int wb = uc_wordbreak_property(c);

    return (wb == WBP_ALETTER && !naive_is_iteration_mark(c)) || wb == WBP_HL;
}

static inline bool naive_is_skipped(uint32_t c)
{
    int wb = uc_wordbreak_property(c);

    return wb == WBP_EXTEND || wb == WBP_FORMAT || wb == WBP_ZWJ;
}

static inline bool naive_is_dot(uint32_t c)
{
    return c &&
           u32_chr((const uint32_t[]){'.', ':', 0x2024, 0xfe52, 0xff0e, 0xfe13, 0xfe55, 0xff1a}, 8,
                   c);
}

static inline uint32_t naive_run(const struct naive_text *t, size_t i)
{
    return i < t->count ? property_of(t->c[i])->flags & PROPERTY_RUN : 0;
}

/* Behind the grapheme that begins at i with a character of a run. */
static inline size_t naive_grapheme_end(const struct naive_text *t, size_t i)
{
    bool spaceless = naive_run(t, i) == PROPERTY_SPACELESS;

    for (i++; i < t->count; i++) {
        uint32_t c = t->c[i];
        bool attached = spaceless ? c == 0xe33 || c == 0xeb3 : c == 0x309b || c == 0x309c;

        if (!naive_is_skipped(c) && !attached)
            break;
    }
    return i;
}

static inline void naive_break_by_library(struct naive_text *t)
{
    uint32_t *c = calloc(t->count + 1, sizeof *c);

    for (size_t i = 0; i < t->count; i++)
        c[i] = naive_is_iteration_mark(t->c[i]) ? 0x4e2d : t->c[i];
    for (size_t i = 0, stop; i < t->count; i = stop) {
        for (stop = i; stop < t->count && c[stop] != ' ';)
            stop++;
        u32_wordbreaks(c + i, stop - i, t->starts + i);
        if (stop > i)
            t->starts[i] = 1;
        if (stop < t->count)
            t->starts[stop++] = 1;
    }
    t->starts[t->count] = 1;
    free(c);
}

static inline void naive_break_runs(struct naive_text *t)
{
    for (size_t i = 0; i < t->count;) {
        size_t stop;

        if (!naive_run(t, i)) {
            i++;
            continue;
        }
        stop = naive_grapheme_end(t, i);
        memset(t->starts + i, 0, stop - i);
        t->starts[i] = t->starts[stop] = 1;
        i = stop;
    }
}

/* Whether [from, to) is one letter and what WB4 skips. */
static inline bool naive_is_single(const struct naive_text *t, size_t from, size_t to)
{
    if (from == to || !naive_is_letter(t->c[from]))
        return false;
    while (++from < to)
        if (!naive_is_skipped(t->c[from]))
            return false;
    return true;
}

/* Breaks the segment [from, to) at the dots between letters that join more than single ones. */
static inline void naive_break_dots(struct naive_text *t, size_t from, size_t to)
{
    size_t dots[512], count = 0, behind, left = from;

    for (size_t i = from + 1; i < to && count < 511; i++) {
        for (behind = i + 1; behind < to && naive_is_skipped(t->c[behind]);)
            behind++;
        if (naive_is_dot(t->c[i]) && behind < to && naive_is_letter(t->c[behind]))
            dots[count++] = i;
    }
    for (size_t d = 0; d < count; d++) {
        size_t right = dots[d] + 1, stop = d + 1 < count ? dots[d + 1] : to;

        while (naive_is_skipped(t->c[right]))
            right++;
        if (!naive_is_single(t, left, dots[d]) || !naive_is_single(t, right, stop))
            t->starts[dots[d]] = t->starts[right] = 1;
        left = right;
    }
}

static inline size_t naive_sign(const struct naive_text *t, size_t i)
{
    size_t size = 0;
    int wb;

    if (i < t->count && t->c[i] == '#')
        size = 1;
    else if (i + 1 < t->count && t->c[i] == '+' && t->c[i + 1] == '+')
        size = 2;
    if (size == 0 || i + size == t->count)
        return size;
    wb = uc_wordbreak_property(t->c[i + size]);
    if (t->c[i + size] == '+' || t->c[i + size] == '#' || naive_is_letter(t->c[i + size]) ||
        naive_is_skipped(t->c[i + size]) || wb == WBP_NUMERIC || wb == WBP_EXTENDNUMLET)
        return 0;
    return size;
}

static inline size_t naive_segment_end(const struct naive_text *t, size_t i)
{
    for (i++; !t->starts[i];)
        i++;
    return i;
}

static inline bool naive_is_word(const struct naive_text *t, size_t from, size_t to)
{
    for (; from < to; from++)
        if (property_of(t->c[from])->flags & PROPERTY_WORDLIKE)
            return true;
    return false;
}

static inline void naive_decode_all(struct naive_text *t, const uint8_t *text, size_t size)
{
    memset(t, 0, sizeof *t);
    t->c = calloc(size + 1, sizeof *t->c);
    t->offset = calloc(size + 1, sizeof *t->offset);
    t->starts = calloc(size + 1, 1);
    for (size_t at = 0; at < size; t->count++) {
        size_t got = naive_decode(text + at, size - at, &t->c[t->count]);

        if (t->c[t->count] == 0xfffd && !(got == 3 && memcmp(text + at, "\xef\xbf\xbd", 3) == 0))
            t->invalid_bytes += got;
        t->offset[t->count] = at;
        at += got;
        t->offset[t->count + 1] = at;
    }
}

/* Writes at most size + 1 words and returns how many there are. */
static inline size_t naive_words(const uint8_t *text, size_t size, struct word *out,
                                 uint64_t *invalid_bytes)
{
    struct naive_text t;
    size_t count = 0;

    naive_decode_all(&t, text, size);
    naive_break_by_library(&t);
    naive_break_runs(&t);
    for (size_t i = 0, stop; i < t.count; i = stop) {
        stop = naive_segment_end(&t, i);
        naive_break_dots(&t, i, stop);
    }
    for (size_t i = 0, stop; i < t.count; i = stop) {
        size_t end = stop = naive_segment_end(&t, i);
        enum word_kind kind = WORD_PLAIN;

        if (naive_run(&t, i)) {
            kind = WORD_LAST;
            if (naive_run(&t, stop) == naive_run(&t, i)) {
                end = naive_grapheme_end(&t, stop);
                kind = WORD_PAIR;
            }
        } else if (stop == i + 1 && ((t.c[i] | 0x20) >= 'a' && (t.c[i] | 0x20) <= 'z'))
            end = stop += naive_sign(&t, stop);
        if (naive_is_word(&t, i, stop))
            out[count++] = (struct word){t.offset[i], (uint32_t)(t.offset[end] - t.offset[i]),
                                         (uint8_t)kind, false};
    }
    *invalid_bytes = t.invalid_bytes;
    free(t.c);
    free(t.offset);
    free(t.starts);
    return count;
}

#endif
