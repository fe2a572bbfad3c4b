/* The fast way through ASCII: 64 bytes at a time become bit masks, and the rules of words.h
 * become shifts and ands. Rules that look at neighbours reach three bytes to either side, so a
 * window of 64 decides its middle 56. */
#include "text/words.h"

#include <assert.h>

#include "base/ascii.h"
#include "base/cpu.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    MARGIN = 4,                 /* bytes of context on either side of a window */
    STRIDE = 64 - 2 * MARGIN,   /* bytes that a window decides */
    MOST_WORDS = STRIDE / 2 + 1 /* words that can end in one */
};

#define WINDOW (((uint64_t)1 << STRIDE) - 1)

/* One bit a byte of the window, the first byte lowest. */
struct masks {
    uint64_t letter, digit, underscore;
    uint64_t apostrophe; /* joins two letters, two digits */
    uint64_t dot;        /* . and :, which join two single letters */
    uint64_t comma;      /* . , and ;, which join two digits */
};

/* ---- classification ---- */

#define L 1
#define D 2
#define U 4
#define A 8
#define P 16
#define C 32
static const uint8_t CLASS[256] = {
    ['\''] = A, [','] = C, ['.'] = P | C,
    ['0'] = D,  D,         D,
    D,          D,         D,
    D,          D,         D,
    D,          [':'] = P, [';'] = C,
    ['A'] = L,  L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         ['_'] = U,
    ['a'] = L,  L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,         L,
    L,          L,
};
#undef L
#undef D
#undef U
#undef A
#undef P
#undef C

/* Turns eight bytes into eight columns: bit i of byte j becomes bit j of byte i (Hacker's
 * Delight, section 7-3). */
static uint64_t transpose(uint64_t x)
{
    uint64_t t = (x ^ x >> 7) & 0x00aa00aa00aa00aau;

    x ^= t ^ t << 7;
    t = (x ^ x >> 14) & 0x0000cccc0000ccccu;
    x ^= t ^ t << 14;
    t = (x ^ x >> 28) & 0x00000000f0f0f0f0u;
    return x ^ t ^ t << 28;
}

static void classify_portable(const uint8_t *at, struct masks *m)
{
    uint64_t columns[6] = {0};

    for (unsigned i = 0; i < 64; i += 8) {
        uint64_t classes = 0;

        for (unsigned j = 0; j < 8; j++)
            classes |= (uint64_t)CLASS[at[i + j]] << 8 * j;
        classes = transpose(classes);
        for (unsigned j = 0; j < 6; j++)
            columns[j] |= (classes >> 8 * j & 0xff) << i;
    }
    *m = (struct masks){columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]};
}

#if defined(__x86_64__)

__attribute__((target("sse4.1"))) static void classify_sse4(const uint8_t *at, struct masks *m)
{
    *m = (struct masks){0};
    for (unsigned i = 0; i < 64; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i letter = _mm_sub_epi8(_mm_or_si128(x, _mm_set1_epi8(0x20)), _mm_set1_epi8('a'));
        __m128i digit = _mm_sub_epi8(x, _mm_set1_epi8('0'));

#define SSE_MASK(v)     ((uint64_t)(unsigned)_mm_movemask_epi8(v) << i)
#define SSE_IS(c)       SSE_MASK(_mm_cmpeq_epi8(x, _mm_set1_epi8(c)))
#define SSE_UP_TO(v, n) SSE_MASK(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(n)), v))
        m->letter |= SSE_UP_TO(letter, 25);
        m->digit |= SSE_UP_TO(digit, 9);
        m->underscore |= SSE_IS('_');
        m->apostrophe |= SSE_IS('\'');
        m->dot |= SSE_IS('.') | SSE_IS(':');
        m->comma |= SSE_IS('.') | SSE_IS(',') | SSE_IS(';');
    }
}

__attribute__((target("avx2"))) static void classify_avx2(const uint8_t *at, struct masks *m)
{
    *m = (struct masks){0};
    for (unsigned i = 0; i < 64; i += 32) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(at + i));
        __m256i letter =
            _mm256_sub_epi8(_mm256_or_si256(x, _mm256_set1_epi8(0x20)), _mm256_set1_epi8('a'));
        __m256i digit = _mm256_sub_epi8(x, _mm256_set1_epi8('0'));

#define AVX_MASK(v)     ((uint64_t)(unsigned)_mm256_movemask_epi8(v) << i)
#define AVX_IS(c)       AVX_MASK(_mm256_cmpeq_epi8(x, _mm256_set1_epi8(c)))
#define AVX_UP_TO(v, n) AVX_MASK(_mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(n)), v))
        m->letter |= AVX_UP_TO(letter, 25);
        m->digit |= AVX_UP_TO(digit, 9);
        m->underscore |= AVX_IS('_');
        m->apostrophe |= AVX_IS('\'');
        m->dot |= AVX_IS('.') | AVX_IS(':');
        m->comma |= AVX_IS('.') | AVX_IS(',') | AVX_IS(';');
    }
}

__attribute__((target("avx512f,avx512bw"))) static void classify_avx512(const uint8_t *at,
                                                                        struct masks *m)
{
    __m512i x = _mm512_loadu_si512((const void *)at);
    __m512i letter =
        _mm512_sub_epi8(_mm512_or_si512(x, _mm512_set1_epi8(0x20)), _mm512_set1_epi8('a'));
    __m512i digit = _mm512_sub_epi8(x, _mm512_set1_epi8('0'));

#define AVX512_IS(c) _mm512_cmpeq_epi8_mask(x, _mm512_set1_epi8(c))
    m->letter = _mm512_cmplt_epu8_mask(letter, _mm512_set1_epi8(26));
    m->digit = _mm512_cmplt_epu8_mask(digit, _mm512_set1_epi8(10));
    m->underscore = AVX512_IS('_');
    m->apostrophe = AVX512_IS('\'');
    m->dot = AVX512_IS('.') | AVX512_IS(':');
    m->comma = AVX512_IS('.') | AVX512_IS(',') | AVX512_IS(';');
}

#endif

static void classify(enum cpu_level level, const uint8_t *at, struct masks *m)
{
    switch (level) {
#if defined(__x86_64__)
    case CPU_AVX512:
        classify_avx512(at, m);
        return;
    case CPU_AVX2:
        classify_avx2(at, m);
        return;
    case CPU_SSE4:
        classify_sse4(at, m);
        return;
#endif
    default:
        classify_portable(at, m);
    }
}

/* ---- the rules ---- */

/* The bytes that belong to segments with a letter, a digit or an underscore. */
static uint64_t word_bits(const struct masks *m)
{
    uint64_t word = m->letter | m->digit | m->underscore;
    uint64_t in_letters = m->letter << 1 & m->letter >> 1;
    uint64_t in_digits = m->digit << 1 & m->digit >> 1;
    uint64_t joined = (m->apostrophe & (in_letters | in_digits)) | (m->comma & in_digits);
    uint64_t single = m->letter & ~((word | joined) << 1) & ~((word | joined) >> 1);

    return word | joined | (m->dot & single << 1 & single >> 1);
}

/* The masks of the window around the STRIDE bytes at at; what lies outside of the text is
 * blank. */
static void read_window(enum cpu_level level, const struct words *words, const uint8_t *at,
                        struct masks *m)
{
    uint8_t copy[64];
    size_t before, after;

    if (at - words->begin >= MARGIN && words->end - at >= STRIDE + MARGIN) {
        classify(level, at - MARGIN, m);
        return;
    }
    memset(copy, ' ', sizeof copy);
    before = (size_t)(at - words->begin) < MARGIN ? (size_t)(at - words->begin) : MARGIN;
    after = (size_t)(words->end - at);
    if (after > STRIDE + MARGIN)
        after = STRIDE + MARGIN;
    memcpy(copy + MARGIN - before, at - before, before + after);
    classify(level, copy, m);
}

static bool is_underscores(const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at == '_')
        at++;
    return at == end;
}

/* Writes the word [start, stop) unless it is none; 1 or 0. */
static size_t put_word(const struct words *words, const uint8_t *start, const uint8_t *stop,
                       struct word *out)
{
    size_t size = (size_t)(stop - start);

    if (*start == '_' && is_underscores(start, stop))
        return 0;
    if (size == 1 && stop < words->end && (*stop == '+' || *stop == '#') && ascii_is_letter(*start))
        size += words_sign_size(stop, words->end);
    *out = (struct word){(size_t)(start - words->begin),
                         size < UINT32_MAX ? (uint32_t)size : UINT32_MAX, WORD_PLAIN, false};
    return 1;
}

/* Writes the words that begin and end at these bits from at on, a stop for each of the first
 * starts. */
static size_t put_words(const struct words *words, const uint8_t *at, uint64_t starts,
                        uint64_t stops, struct word *out)
{
    size_t count = 0;

    for (; stops; stops &= stops - 1, starts &= starts - 1)
        count +=
            put_word(words, at + __builtin_ctzll(starts), at + __builtin_ctzll(stops), &out[count]);
    return count;
}

/* The same of words that do not begin with an underscore and have more than one byte. */
static inline size_t put_plain_words(const struct words *words, const uint8_t *at, uint64_t starts,
                                     uint64_t stops, struct word *out)
{
    size_t base = (size_t)(at - words->begin), count = 0;

    for (; stops; stops &= stops - 1, starts &= starts - 1) {
        unsigned start = (unsigned)__builtin_ctzll(starts);

        out[count++] = (struct word){base + start, (unsigned)__builtin_ctzll(stops) - start,
                                     WORD_PLAIN, false};
    }
    return count;
}

size_t words_ascii_next(struct words *words, struct word *out, size_t capacity)
{
    enum cpu_level level = cpu_level();
    const uint8_t *at = words->at, *stop = words->ascii_end, *start = NULL;
    size_t count = 0;
    struct masks m;

    assert(capacity >= MOST_WORDS);
    for (; at < stop && count + MOST_WORDS < capacity; at += STRIDE) {
        uint64_t bits, starts, stops, odd;

        read_window(level, words, at, &m);
        bits = word_bits(&m) >> MARGIN & WINDOW;
        if (stop - at < STRIDE)
            bits &= ((uint64_t)1 << (stop - at)) - 1;
        stops = ~bits & (bits << 1 | (start != NULL)) & WINDOW;
        starts = bits & ~(bits << 1 | (start != NULL));
        if (start && stops) {
            count += put_word(words, start, at + __builtin_ctzll(stops), &out[count]);
            stops &= stops - 1;
            start = NULL;
        }
        /* Underscores may be all of a word, and a letter that stands alone may keep a sign. */
        odd = (m.underscore >> MARGIN & starts) | (stops & starts << 1);
        count += odd ? put_words(words, at, starts, stops, &out[count])
                     : put_plain_words(words, at, starts, stops, &out[count]);
        if (starts > stops) /* the last one has no stop yet */
            start = at + (63 - __builtin_clzll(starts));
    }
    if (at >= stop && start) {
        count += put_word(words, start, stop, &out[count]);
        start = NULL;
    }
    words->at = start ? start : at < stop ? at : stop;
    return count;
}
