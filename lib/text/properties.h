/* properties.h -- what the analyzer knows about a code point, in one lookup.
 *
 * A record per kind of code point, found through two tables that tables/make_tables.c
 * prints at build time from libunistring's data (the same library that normalizes the
 * rare words, so both halves speak of one Unicode version). Constant; thread-safe. */
#ifndef LEDE_TEXT_PROPERTIES_H
#define LEDE_TEXT_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Scripts that marks or stemming treat in a way of their own. */
enum script {
    SCRIPT_OTHER,  /* marks stay, nothing stems */
    SCRIPT_COMMON, /* digits, symbols, and marks before they have met a letter */
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARMENIAN,
    SCRIPT_HEBREW,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_TAMIL,
    SCRIPT_COUNT
};

/* Word_Break of UAX #29, in the order that the scanner's comparisons like. */
enum word_break {
    BREAK_OTHER,
    BREAK_ALETTER, /* the first two are AHLetter */
    BREAK_HEBREW,
    BREAK_NUMERIC,
    BREAK_EXTENDNUMLET,
    BREAK_KATAKANA,
    BREAK_REGIONAL,
    BREAK_MIDLETTER,
    BREAK_MIDNUM,
    BREAK_MIDNUMLET,
    BREAK_SINGLE_QUOTE,
    BREAK_DOUBLE_QUOTE,
    BREAK_SPACE,  /* WSegSpace */
    BREAK_EXTEND, /* from here: joined to what stands before */
    BREAK_FORMAT,
    BREAK_ZWJ,
    BREAK_NEWLINE, /* from here: alone on both sides, but for CR LF */
    BREAK_CR,
    BREAK_LF
};

enum {
    PROPERTY_BREAK = 0x1f,          /* mask of enum word_break */
    PROPERTY_PICTOGRAPHIC = 1 << 5, /* Extended_Pictographic */
    PROPERTY_WORDLIKE = 1 << 6,     /* letter, number, emoji: makes its segment a token */
    PROPERTY_HAN = 1 << 7,          /* Han or kana: goes into bigrams */
    PROPERTY_SPACELESS = 1 << 8,    /* Thai, Lao, Khmer, Burmese, ...: the same, by grapheme */
    PROPERTY_RUN = 3 << 7,          /* either */
    PROPERTY_RUN_ATTACH = 1 << 9,   /* belongs to the grapheme before it in such a run */
    PROPERTY_SAFE = 1 << 10,        /* see below */
    PROPERTY_IGNORED = 1 << 11,     /* leaves no trace in a term */
    PROPERTY_MARK = 1 << 12,        /* a nonspacing or enclosing mark, an emoji's skin tone */
    PROPERTY_MARKED = 1 << 14,      /* folding marks gives `folded` instead */
    PROPERTY_STEMMABLE = 1 << 15,   /* may stand in a word that is stemmed */
    PROPERTY_DOT = 1 << 16,         /* . or : in any width: the tailored ones */
    PROPERTY_SCRIPT_SHIFT = 17,     /* four bits: enum script */
    PROPERTY_SCRIPT_BITS = 15,
    PROPERTY_CLASS_SHIFT = 21 /* eight bits: the canonical combining class */
};

/* SAFE: NFKC leaves it alone, it never joins with what stands before it, and NFKC case
 * folding replaces it by exactly code point + delta, which is SAFE too. So a word of SAFE code
 * points whose combining classes stand in order is folded one by one, without the library.
 * delta also turns curly apostrophes straight and decimal digits into ASCII's. */
struct property {
    uint32_t flags;
    int32_t delta;
    uint16_t folded; /* MARKED: where in unicode_folded its UTF-8 stands, a size byte first */
};

enum { PROPERTY_BLOCK_COUNT = 0x1101 }; /* the last is for UTF8_INVALID */

extern const uint16_t unicode_index[PROPERTY_BLOCK_COUNT] __attribute__((visibility("hidden")));
extern const uint16_t unicode_blocks[][256] __attribute__((visibility("hidden")));
extern const struct property unicode_records[] __attribute__((visibility("hidden")));
extern const uint8_t unicode_folded[] __attribute__((visibility("hidden")));
/* libunistring's version that the tables were made with: major << 16 | minor << 8 | patch. */
extern const int unicode_tables_version __attribute__((visibility("hidden")));

/* code_point at most UTF8_INVALID. */
static inline const struct property *property_of(uint32_t code_point)
{
    return &unicode_records[unicode_blocks[unicode_index[code_point >> 8]][code_point & 0xff]];
}

static inline enum word_break property_break(uint32_t flags)
{
    return (enum word_break)(flags & PROPERTY_BREAK);
}

static inline enum script property_script(uint32_t flags)
{
    return (enum script)(flags >> PROPERTY_SCRIPT_SHIFT & PROPERTY_SCRIPT_BITS);
}

static inline unsigned property_class(uint32_t flags)
{
    return flags >> PROPERTY_CLASS_SHIFT & 0xff;
}

#endif
