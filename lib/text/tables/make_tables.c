/* make_tables.c -- prints unicode_tables.h: the tables behind lib/text/properties.h.
 *
 * Runs on the build machine. Everything comes from libunistring but the few lists below:
 * letters whose stroke or ligature is no mark in Unicode's eyes, apostrophes, and the
 * scripts that write no spaces. */
#include "../properties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>
#include <unistring/version.h>
#include <uniwbrk.h>

enum { LAST = 0x10ffff, BLOCK = 256, MAX_RECORDS = 8192, MAX_BLOCKS = 1024, MAX_FOLDED = 32768 };

struct letter {
    uint32_t code_point;
    const char *plain;
};

/* Latin letters that do not decompose into a letter and a mark; lower case only. */
static const struct letter LATIN[] = {
    {0xe6, "ae"},  {0xf0, "d"},   {0xf8, "o"},   {0xfe, "th"},  {0x111, "d"},  {0x127, "h"},
    {0x131, "i"},  {0x138, "k"},  {0x142, "l"},  {0x14b, "n"},  {0x153, "oe"}, {0x167, "t"},
    {0x180, "b"},  {0x188, "c"},  {0x192, "f"},  {0x199, "k"},  {0x19a, "l"},  {0x19e, "n"},
    {0x1a5, "p"},  {0x1ad, "t"},  {0x1b4, "y"},  {0x1b6, "z"},  {0x1e5, "g"},  {0x221, "d"},
    {0x225, "z"},  {0x234, "l"},  {0x235, "n"},  {0x236, "t"},  {0x237, "j"},  {0x23c, "c"},
    {0x23f, "s"},  {0x240, "z"},  {0x247, "e"},  {0x249, "j"},  {0x24b, "q"},  {0x24d, "r"},
    {0x24f, "y"},  {0x253, "b"},  {0x256, "d"},  {0x257, "d"},  {0x260, "g"},  {0x268, "i"},
    {0x26b, "l"},  {0x272, "n"},  {0x275, "o"},  {0x288, "t"},  {0x289, "u"},  {0x28b, "v"},
    {0x2c61, "l"}, {0x2c65, "a"}, {0x2c66, "t"}, {0x1d7d, "p"},
};

/* The Cyrillic letters that count as another one with an accent; the others are their own. */
static const struct letter CYRILLIC[] = {{0x451, "е"}, {0x450, "е"}, {0x45d, "и"}};

/* What people type for an apostrophe, and what Hebrew writes for ' and ". */
static const uint32_t APOSTROPHES[] = {0x2018, 0x2019, 0x201b, 0x2bb, 0x2bc,
                                       0x2bd,  0xff07, 0x55a,  0x5f3};
static const uint32_t GERSHAYIM = 0x5f4;

/* Tones that Armenian writes inside words. */
static const uint32_t TONES[] = {0x55b, 0x55c, 0x55e};

static const char *const SPACELESS[] = {"Thai",     "Lao",      "Khmer",  "Myanmar", "New_Tai_Lue",
                                        "Tai_Tham", "Tai_Viet", "Tai_Le", "Ahom"};

static struct property records[MAX_RECORDS];
static size_t record_count;
static uint16_t blocks[MAX_BLOCKS][BLOCK];
static size_t block_count;
static uint16_t index_of[PROPERTY_BLOCK_COUNT];
static uint8_t folded[MAX_FOLDED];
static size_t folded_size = 1; /* 0 means none */
static bool composes_backwards[LAST + 1];

static void check(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "make_tables: %s\n", what);
    exit(1);
}

static bool listed(const uint32_t *list, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == c)
            return true;
    return false;
}
#define LISTED(list, c) listed(list, sizeof(list) / sizeof *(list), c)

static bool is_surrogate(uint32_t c)
{
    return c >= 0xd800 && c <= 0xdfff;
}

static bool in_script(uint32_t c, const char *name)
{
    const uc_script_t *script = uc_script(c);

    return script && strcmp(script->name, name) == 0;
}

static bool has_category(uint32_t c, uint32_t mask)
{
    return uc_is_general_category_withtable(c, mask);
}

/* ---- the word-break side ---- */

static uint32_t break_flags(uint32_t c)
{
    switch (uc_wordbreak_property(c)) {
    case WBP_CR:
        return BREAK_CR;
    case WBP_LF:
        return BREAK_LF;
    case WBP_NEWLINE:
        return BREAK_NEWLINE;
    case WBP_EXTEND:
        return BREAK_EXTEND;
    case WBP_FORMAT:
        return BREAK_FORMAT;
    case WBP_KATAKANA:
        return BREAK_KATAKANA;
    case WBP_ALETTER:
        return BREAK_ALETTER;
    case WBP_MIDNUMLET:
        return BREAK_MIDNUMLET;
    case WBP_MIDLETTER:
        return BREAK_MIDLETTER;
    case WBP_MIDNUM:
        return BREAK_MIDNUM;
    case WBP_NUMERIC:
        return BREAK_NUMERIC;
    case WBP_EXTENDNUMLET:
        return BREAK_EXTENDNUMLET;
    case WBP_RI:
        return BREAK_REGIONAL;
    case WBP_DQ:
        return BREAK_DOUBLE_QUOTE;
    case WBP_SQ:
        return BREAK_SINGLE_QUOTE;
    case WBP_HL:
        return BREAK_HEBREW;
    case WBP_ZWJ:
        return BREAK_ZWJ;
    case WBP_WSS:
        return BREAK_SPACE;
    default:
        return BREAK_OTHER;
    }
}

/* Emoji begin among the arrows; what is pictographic before them (c in a circle, trade mark)
 * is typography. */
static bool is_pictograph(uint32_t c)
{
    return (c >= 0x2190 && uc_is_property_extended_pictographic(c) &&
            has_category(c, UC_CATEGORY_MASK_So)) ||
           uc_wordbreak_property(c) == WBP_RI;
}

/* Halfwidth voiced marks are letters to Unicode, but cling to others as marks do. */
static bool is_letter_or_number(uint32_t c)
{
    if (break_flags(c) >= BREAK_EXTEND)
        return false;
    return has_category(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N) ||
           (uc_is_property_alphabetic(c) && !has_category(c, UC_CATEGORY_MASK_M));
}

/* Voiced marks that stand alone, and the vowel AM: to the eye part of the character before. */
static bool attaches_in_run(uint32_t c)
{
    return c == 0x309b || c == 0x309c || c == 0xe33 || c == 0xeb3;
}

static bool is_han_or_kana(uint32_t c)
{
    uint8_t utf8[8], out[64];
    size_t size = (size_t)u8_uctomb(utf8, c, sizeof utf8), out_size = sizeof out;

    if (c == 0x309b || c == 0x309c)
        return false;
    if (uc_wordbreak_property(c) == WBP_KATAKANA)
        return true;
    /* The iteration marks are letters like any other to UAX #29. */
    if (uc_wordbreak_property(c) != WBP_OTHER && !in_script(c, "Han"))
        return false;
    if (!uc_is_property_ideographic(c) && !in_script(c, "Han") && !in_script(c, "Hiragana") &&
        !in_script(c, "Katakana"))
        return false;
    if (has_category(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_Nl))
        return true;
    /* Radicals that scanners and PDF files write for the character itself. */
    return has_category(c, UC_CATEGORY_MASK_So) && in_script(c, "Han") &&
           u8_normalize(UNINORM_NFKC, utf8, size, out, &out_size) == out && out_size == 3 &&
           memcmp(out, utf8, 3) != 0;
}

static bool is_spaceless(uint32_t c)
{
    if (uc_wordbreak_property(c) != WBP_OTHER || !has_category(c, UC_CATEGORY_MASK_L))
        return false;
    for (size_t i = 0; i < sizeof SPACELESS / sizeof *SPACELESS; i++)
        if (in_script(c, SPACELESS[i]))
            return true;
    return false;
}

static bool is_dot(uint32_t c)
{
    static const uint32_t DOTS[] = {'.', ':', 0x2024, 0xfe52, 0xff0e, 0xfe13, 0xfe55, 0xff1a};

    return LISTED(DOTS, c);
}

/* ---- the folding side ---- */

/* Second halves of what composes; a text that holds one may not be normalized. */
static void find_composers(void)
{
    for (uint32_t c = 0; c <= LAST; c++) {
        ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
        int count = is_surrogate(c) ? -1 : uc_canonical_decomposition(c, parts);

        if (count == 2 && uc_composition(parts[0], parts[1]) == c)
            composes_backwards[parts[1]] = true;
    }
    for (uint32_t c = 0x1161; c <= 0x11c2; c++)
        composes_backwards[c] = true;
}

static bool is_ignored(uint32_t c)
{
    return uc_is_property_default_ignorable_code_point(c) || uc_is_property_white_space(c) ||
           has_category(c, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf) || LISTED(TONES, c) ||
           c == 0xfffd;
}

/* Single code points that NFKC keeps and that never join with what stands before them. */
static bool is_stable(uint32_t c)
{
    uint32_t in = c, out[32];
    size_t size = sizeof out / sizeof *out;

    if (is_surrogate(c) || composes_backwards[c])
        return false;
    check(u32_normalize(UNINORM_NFKC, &in, 1, out, &size) == out, "cannot normalize");
    return size == 1 && out[0] == c;
}

/* What NFKC case folding makes of c alone, if it is one code point; else 0. */
static uint32_t fold_case(uint32_t c)
{
    uint32_t in = c, out[32];
    size_t size = sizeof out / sizeof *out;

    check(u32_casefold(&in, 1, NULL, UNINORM_NFKC, out, &size) == out, "cannot fold case");
    return size == 1 ? out[0] : 0;
}

static uint32_t tailored_fold(uint32_t c)
{
    int digit = has_category(c, UC_CATEGORY_MASK_Nd) ? uc_decimal_value(c) : -1;

    if (LISTED(APOSTROPHES, c))
        return '\'';
    if (c == GERSHAYIM)
        return '"';
    if (digit >= 0)
        return '0' + (uint32_t)digit;
    return c;
}

/* Fills delta and tells whether c is SAFE. */
static bool fold_safely(uint32_t c, int32_t *delta)
{
    uint32_t to = tailored_fold(c);

    *delta = (int32_t)to - (int32_t)c;
    if (is_ignored(c) || !is_stable(c))
        return false;
    if (to != c)
        return true;
    to = fold_case(c);
    if (to == 0 || is_ignored(to) || !is_stable(to) ||
        uc_combining_class(to) != uc_combining_class(c))
        return false;
    *delta = (int32_t)to - (int32_t)c;
    return true;
}

static enum script script_of(uint32_t c)
{
    static const struct {
        const char *name;
        enum script script;
    } SCRIPTS[] = {{"Common", SCRIPT_COMMON},         {"Inherited", SCRIPT_COMMON},
                   {"Latin", SCRIPT_LATIN},           {"Greek", SCRIPT_GREEK},
                   {"Cyrillic", SCRIPT_CYRILLIC},     {"Armenian", SCRIPT_ARMENIAN},
                   {"Hebrew", SCRIPT_HEBREW},         {"Arabic", SCRIPT_ARABIC},
                   {"Devanagari", SCRIPT_DEVANAGARI}, {"Tamil", SCRIPT_TAMIL}};

    for (size_t i = 0; i < sizeof SCRIPTS / sizeof *SCRIPTS; i++)
        if (in_script(c, SCRIPTS[i].name))
            return SCRIPTS[i].script;
    return SCRIPT_OTHER;
}

static const char *listed_plain(const struct letter *list, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].code_point == c)
            return list[i].plain;
    return NULL;
}

/* Appends what c is without its marks; false if that is c itself. */
static bool put_plain(uint32_t c, uint8_t *out, size_t *out_size)
{
    const char *plain = listed_plain(LATIN, sizeof LATIN / sizeof *LATIN, c);
    uint8_t utf8[8];
    int size;

    if (!plain)
        plain = listed_plain(CYRILLIC, sizeof CYRILLIC / sizeof *CYRILLIC, c);
    if (plain) {
        memcpy(out + *out_size, plain, strlen(plain));
        *out_size += strlen(plain);
        return true;
    }
    if (has_category(c, UC_CATEGORY_MASK_Mn))
        return true;
    size = u8_uctomb(utf8, c, sizeof utf8);
    memcpy(out + *out_size, utf8, (size_t)size);
    *out_size += (size_t)size;
    return false;
}

/* Where in `folded` the unmarked spelling of c stands, which has no marks of its own; 0 if c
 * is its own. The middle dot (l-l in Catalan) and tatweel are dropped. */
static uint16_t unmarked(uint32_t c, enum script script)
{
    ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH * 4];
    size_t count = sizeof parts / sizeof *parts, size = 0;
    uint8_t out[64];
    bool differs = false;
    uint16_t at = (uint16_t)folded_size;

    if (c == 0xb7 || c == 0x2027 || c == 0x640)
        differs = true;
    else if (script == SCRIPT_CYRILLIC)
        differs = put_plain(c, out, &size);
    else if ((script == SCRIPT_LATIN || script == SCRIPT_GREEK) && !is_surrogate(c)) {
        check(u32_normalize(UNINORM_NFD, &c, 1, parts, &count) == parts, "cannot decompose");
        for (size_t i = 0; i < count; i++)
            differs |= put_plain(parts[i], out, &size);
    }
    if (!differs)
        return 0;
    check(folded_size + 1 + size < MAX_FOLDED, "too many marked letters");
    folded[folded_size++] = (uint8_t)size;
    memcpy(folded + folded_size, out, size);
    folded_size += size;
    return at;
}

static uint32_t folding_flags(uint32_t c)
{
    uint32_t flags = 0;
    bool mark = has_category(c, UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Me);

    if (is_ignored(c))
        flags |= PROPERTY_IGNORED;
    if (mark || uc_is_property_emoji_modifier(c))
        flags |= PROPERTY_MARK;
    if (has_category(c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N) ||
        c == '\'' || c == 0xb7)
        flags |= PROPERTY_STEMMABLE;
    return flags;
}

static struct property property_for(uint32_t c)
{
    struct property p;
    enum script script;

    memset(&p, 0, sizeof p); /* the padding too: records are compared as bytes */
    if (c > LAST)
        return p;
    script = script_of(c);
    p.flags = break_flags(c) | folding_flags(c) | (uint32_t)script << PROPERTY_SCRIPT_SHIFT |
              (uint32_t)uc_combining_class(c) << PROPERTY_CLASS_SHIFT;
    if (uc_is_property_extended_pictographic(c))
        p.flags |= PROPERTY_PICTOGRAPHIC;
    if (is_letter_or_number(c) || is_pictograph(c))
        p.flags |= PROPERTY_WORDLIKE;
    if (is_han_or_kana(c)) {
        p.flags |= PROPERTY_HAN | PROPERTY_WORDLIKE;
        if (property_break(p.flags) == BREAK_ALETTER) /* as the ideograph that it repeats */
            p.flags = (p.flags & ~(uint32_t)PROPERTY_BREAK) | BREAK_OTHER;
    }
    if (is_spaceless(c))
        p.flags |= PROPERTY_SPACELESS;
    if (attaches_in_run(c))
        p.flags |= PROPERTY_RUN_ATTACH;
    if (is_dot(c))
        p.flags |= PROPERTY_DOT;
    if (fold_safely(c, &p.delta))
        p.flags |= PROPERTY_SAFE;
    if (!is_surrogate(c) && fold_case(c) == c) /* marks are folded after case */
        p.folded = unmarked(c, script);
    if (p.folded)
        p.flags |= PROPERTY_MARKED;
    return p;
}

/* ---- packing and printing ---- */

static uint16_t record_of(const struct property *p)
{
    for (size_t i = record_count; i-- > 0;)
        if (memcmp(&records[i], p, sizeof *p) == 0)
            return (uint16_t)i;
    check(record_count < MAX_RECORDS, "too many records");
    records[record_count] = *p;
    return (uint16_t)record_count++;
}

static uint16_t block_of(const uint16_t block[BLOCK])
{
    for (size_t i = 0; i < block_count; i++)
        if (memcmp(blocks[i], block, sizeof blocks[i]) == 0)
            return (uint16_t)i;
    check(block_count < MAX_BLOCKS, "too many blocks");
    memcpy(blocks[block_count], block, sizeof blocks[block_count]);
    return (uint16_t)block_count++;
}

static void build(void)
{
    find_composers();
    for (uint32_t b = 0; b < PROPERTY_BLOCK_COUNT; b++) {
        uint16_t block[BLOCK];

        for (uint32_t i = 0; i < BLOCK; i++) {
            struct property p = property_for(b * BLOCK + i);

            block[i] = record_of(&p);
        }
        index_of[b] = block_of(block);
    }
}

static void print_numbers(const uint16_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%u%s", numbers[i], i % 32 == 31 ? ",\n" : ",");
}

int main(void)
{
    build();
    printf("/* Generated by make_tables.c; do not edit. */\n");
    printf("const int unicode_tables_version = 0x%x;\n", (unsigned)_libunistring_version);
    printf("const uint16_t unicode_index[PROPERTY_BLOCK_COUNT] = {\n");
    print_numbers(index_of, PROPERTY_BLOCK_COUNT);
    printf("};\nconst uint16_t unicode_blocks[%zu][256] = {\n", block_count);
    for (size_t i = 0; i < block_count; i++) {
        printf("{");
        print_numbers(blocks[i], BLOCK);
        printf("},\n");
    }
    printf("};\nconst struct property unicode_records[%zu] = {\n", record_count);
    for (size_t i = 0; i < record_count; i++)
        printf("{0x%xu,%d,%u},\n", records[i].flags, records[i].delta, records[i].folded);
    printf("};\nconst uint8_t unicode_folded[%zu] = {\n", folded_size);
    for (size_t i = 0; i < folded_size; i++)
        printf("%u%s", folded[i], i % 32 == 31 ? ",\n" : ",");
    printf("};\n");
    return ferror(stdout) || fflush(stdout) != 0;
}
