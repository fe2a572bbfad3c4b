#include <criterion/criterion.h>
#include <unicase.h>
#include <uninorm.h>

#include "text/fold.h"
#include "text/properties.h"

#include "tests/text/naive_words.h"
#include "tests/text/random.h"

static const char *cased(const char *word, bool turkic)
{
    static char text[FOLD_MAX + 1];
    struct folded folded;

    cr_assert_eq(fold_case(slice_str(word), turkic, &folded), FOLD_OK);
    memcpy(text, folded.bytes, folded.size);
    text[folded.size] = '\0';
    return text;
}

static const char *unmarked(const char *word, const char *kept)
{
    static char text[FOLD_MAX + 1];
    struct folded folded;
    bool marked;

    fold_marks(slice_str(word), kept, &folded, &marked);
    memcpy(text, folded.bytes, folded.size);
    text[folded.size] = '\0';
    cr_expect_eq(marked, strcmp(text, word) != 0, "%s", word);
    return text;
}

Test(fold_case, makes_one_of_case_width_and_compatibility)
{
    cr_expect_str_eq(cased("WORD", false), "word");
    cr_expect_str_eq(cased("Straße", false), "strasse");
    cr_expect_str_eq(cased("ﬁsh", false), "fish");
    cr_expect_str_eq(cased("Ｆｕｌｌ", false), "full");
    cr_expect_str_eq(cased("𝐀𝐁", false), "ab");
    cr_expect_str_eq(cased("ΣΊΣΥΦΟΣ", false), "σίσυφοσ");
    cr_expect_str_eq(cased("ｶﾞｷﾞ", false), "ガギ");
    cr_expect_str_eq(cased("か゛", false), "が");
    cr_expect_str_eq(cased("e\xcc\x81", false), "é");
    cr_expect_str_eq(cased("İ", false), "i\xcc\x87");
}

Test(fold_case, makes_apostrophes_straight_and_digits_ascii)
{
    cr_expect_str_eq(cased("don’t", false), "don't");
    cr_expect_str_eq(cased("donʼt", false), "don't");
    cr_expect_str_eq(cased("don＇t", false), "don't");
    cr_expect_str_eq(cased("צה״ל", false), "צה\"ל");
    cr_expect_str_eq(cased("١٢٣", false), "123");
    cr_expect_str_eq(cased("３．５", false), "3.5");
}

Test(fold_case, drops_what_leaves_no_trace)
{
    cr_expect_str_eq(cased("co\xc2\xadop", false), "coop");
    cr_expect_str_eq(cased("می\xe2\x80\x8cخواهم", false), "میخواهم");
    cr_expect_str_eq(cased("❤\xef\xb8\x8f", false), "❤");
    cr_expect_str_eq(cased("ինչո՞ւ", false), "ինչու");
    cr_expect_str_eq(cased("\xe3\x85\xa4", false), "");
}

Test(fold_case, knows_two_letters_i_in_turkish)
{
    cr_expect_str_eq(cased("IRAK", true), "ırak");
    cr_expect_str_eq(cased("İZMİR", true), "izmir");
    cr_expect_str_eq(cased("I\xcc\x87ZMI\xcc\x87R", true), "izmir");
    cr_expect_str_eq(cased("Ｉ", true), "ı");
}

Test(fold_case, refuses_what_gets_too_long)
{
    uint8_t word[3 * FOLD_MAX];
    static const uint8_t LIGATURE[] = {0xef, 0xb7, 0xba}; /* of eighteen letters */
    struct folded folded;

    memset(word, 'a', sizeof word);
    cr_expect_eq(fold_case(slice_of(word, FOLD_MAX), false, &folded), FOLD_OK);
    cr_expect_eq(fold_case(slice_of(word, FOLD_MAX + 1), false, &folded), FOLD_TOO_LONG);
    for (size_t i = 0; i < sizeof word; i += 3)
        memcpy(word + i, LIGATURE, sizeof LIGATURE);
    cr_expect_eq(fold_case(slice_of(word, sizeof word), false, &folded), FOLD_TOO_LONG);
    cr_expect_eq(fold_case(slice_of(word, 300), false, &folded), FOLD_TOO_LONG);
}

/* NFKC case folding by libunistring alone, then the tailoring, whole word at a time. */
static bool fold_naively(const uint8_t *word, size_t size, uint8_t *out, size_t *out_size)
{
    uint8_t clean[4096], *nfkc, *folded;
    size_t clean_size = 0, nfkc_size = 0, folded_size = 0;

    for (size_t at = 0; at < size;) {
        uint32_t c;
        size_t got = naive_decode(word + at, size - at, &c);

        if (c == 0x309b || c == 0x309c)
            clean_size += utf8_encode(clean + clean_size, c == 0x309b ? 0x3099 : 0x309a);
        else if (!(property_of(c)->flags & PROPERTY_IGNORED)) {
            memcpy(clean + clean_size, word + at, got);
            clean_size += got;
        }
        at += got;
    }
    *out_size = 0;
    nfkc = u8_normalize(UNINORM_NFKC, clean, clean_size, NULL, &nfkc_size);
    folded = u8_casefold(nfkc, nfkc_size, NULL, UNINORM_NFKC, NULL, &folded_size);
    for (size_t at = 0; at < folded_size;) {
        uint32_t c;

        at += naive_decode(folded + at, folded_size - at, &c);
        if (uc_is_property_default_ignorable_code_point(c) || uc_is_property_white_space(c))
            continue;
        if (c &&
            u32_chr((const uint32_t[]){0x2018, 0x2019, 0x201b, 0x2bb, 0x2bc, 0x2bd, 0x55a, 0x5f3},
                    8, c))
            c = '\'';
        else if (c == 0x5f4)
            c = '"';
        else if (uc_is_general_category(c, UC_CATEGORY_Nd))
            c = '0' + (uint32_t)uc_decimal_value(c);
        *out_size += utf8_encode(out + *out_size, c);
    }
    free(nfkc);
    free(folded);
    return *out_size <= FOLD_MAX;
}

Test(fold_case, is_nfkc_case_folding_of_random_words_and_idempotent)
{
    uint64_t seed = random_seed();
    struct random r = {seed};
    uint8_t text[60], expected[8192];
    uint64_t invalid_bytes;

    for (int i = 0; i < 20000; i++) {
        struct word words[sizeof text + 1];
        size_t size = random_below(&r, sizeof text), expected_size, count;

        random_text(&r, text, size);
        count = naive_words(text, size, words, &invalid_bytes);
        for (size_t w = 0; w < count; w++) {
            struct slice word = slice_of(text + words[w].offset, words[w].size);
            struct folded once, twice;

            cr_assert(fold_naively(word.data, word.size, expected, &expected_size));
            cr_assert_eq(fold_case(word, false, &once), FOLD_OK);
            cr_assert(
                slice_equal(slice_of(once.bytes, once.size), slice_of(expected, expected_size)),
                "LEDE_SEED=%llu %.*s: %.*s, not %.*s", (unsigned long long)seed, (int)word.size,
                word.data, (int)once.size, once.bytes, (int)expected_size, expected);
            cr_assert_eq(fold_case(slice_of(once.bytes, once.size), false, &twice), FOLD_OK);
            cr_assert(
                slice_equal(slice_of(once.bytes, once.size), slice_of(twice.bytes, twice.size)),
                "LEDE_SEED=%llu %.*s: %.*s, again %.*s", (unsigned long long)seed, (int)word.size,
                word.data, (int)once.size, once.bytes, (int)twice.size, twice.bytes);
        }
    }
}

Test(fold_marks, takes_them_from_latin_and_greek)
{
    cr_expect_str_eq(unmarked("beyoncé", NULL), "beyonce");
    cr_expect_str_eq(unmarked("łódź", NULL), "lodz");
    cr_expect_str_eq(unmarked("ærøskøbing", NULL), "aeroskobing");
    cr_expect_str_eq(unmarked("đặng", NULL), "dang");
    cr_expect_str_eq(unmarked("ırak", NULL), "irak");
    cr_expect_str_eq(unmarked("þórr", NULL), "thorr");
    cr_expect_str_eq(unmarked("col·lecció", NULL), "colleccio");
    cr_expect_str_eq(unmarked("ἄδω", NULL), "αδω");
    cr_expect_str_eq(unmarked("ελλάδα", NULL), "ελλαδα");
    cr_expect_str_eq(unmarked("x̂y", NULL), "xy");
    cr_expect_str_eq(unmarked("plain", NULL), "plain");
}

Test(fold_marks, takes_points_stress_and_skin)
{
    cr_expect_str_eq(unmarked("שלוֹם", NULL), "שלום");
    cr_expect_str_eq(unmarked("عَرَبيّ", NULL), "عربي");
    cr_expect_str_eq(unmarked("عــرب", NULL), "عرب");
    cr_expect_str_eq(unmarked("ёлка", NULL), "елка");
    cr_expect_str_eq(unmarked("за́мок", NULL), "замок");
    cr_expect_str_eq(unmarked("👍🏽", NULL), "👍");
    cr_expect_str_eq(unmarked("1⃣", NULL), "1");
}

Test(fold_marks, leaves_the_other_scripts_alone)
{
    cr_expect_str_eq(unmarked("йод", NULL), "йод");
    cr_expect_str_eq(unmarked("їжак", NULL), "їжак");
    cr_expect_str_eq(unmarked("が", NULL), "が");
    cr_expect_str_eq(unmarked("हिन्दी", NULL), "हिन्दी");
    cr_expect_str_eq(unmarked("กิน", NULL), "กิน");
    cr_expect_str_eq(unmarked("한글", NULL), "한글");
    cr_expect_str_eq(unmarked("\xcc\x81", NULL), "\xcc\x81");
}

Test(fold_marks, keeps_the_letters_it_is_told_to)
{
    cr_expect_str_eq(unmarked("göteborgsidé", "åäö"), "göteborgside");
    cr_expect_str_eq(unmarked("smørrebrød", "æøå"), "smørrebrød");
    cr_expect_str_eq(unmarked("naïv", "åäö"), "naiv");
}

Test(fold_marks, is_idempotent_on_every_letter_and_never_grows)
{
    for (uint32_t c = 0x80; c < UTF8_INVALID; c++) {
        uint8_t utf8[UTF8_MAX];
        struct folded cased_letter, once, twice;
        bool marked;

        if (c >= 0xd800 && c < 0xe000)
            continue;
        if (fold_case(slice_of(utf8, utf8_encode(utf8, c)), false, &cased_letter) != FOLD_OK)
            continue;
        fold_marks(slice_of(cased_letter.bytes, cased_letter.size), NULL, &once, &marked);
        cr_assert_leq(once.size, cased_letter.size, "U+%04X", c);
        fold_marks(slice_of(once.bytes, once.size), NULL, &twice, &marked);
        cr_assert_not(marked, "U+%04X", c);
    }
}
