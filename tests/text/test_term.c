#include <criterion/criterion.h>
#include <unictype.h>
#include <stdio.h>

#include "text/language.h"
#include "text/term.h"
#include "text/words.h"
#include "text/utf8.h"

#include "tests/text/random.h"

static struct stopwords no_stopwords;
static struct term_maker maker;

static void set_up(void)
{
    maker.stopwords = &no_stopwords;
}

static void tear_down(void)
{
    stemmers_done(&maker.stemmers);
}

TestSuite(term, .init = set_up, .fini = tear_down);
TestSuite(variant, .init = set_up, .fini = tear_down);
TestSuite(golden, .init = set_up, .fini = tear_down);

static language_id language(const char *name)
{
    language_id id = LANGUAGE_NONE;

    cr_assert(language_find(slice_str(name), &id), "%s", name);
    return id;
}

struct made {
    char term[TERM_MAX + 1], variant[TERM_MAX + 1];
    bool marked;
};

static struct made make(const char *code, const char *word)
{
    struct made made = {.term = ""};

    cr_assert_eq(term_make(&maker, slice_str(word), language(code), true), TERM_MADE, "%s", word);
    memcpy(made.term, maker.term.bytes, maker.term.size);
    memcpy(made.variant, maker.variant.bytes, maker.variant.size);
    made.marked = maker.marked;
    return made;
}

#define EXPECT_TERM(code, word, expected)                                                          \
    do {                                                                                           \
        struct made made_ = make(code, word);                                                      \
        cr_expect_str_eq(made_.term, expected, "%s %s gave %s, not %s", code, word, made_.term,    \
                         expected);                                                                \
    } while (0)

/* ---- golden words, every language of libstemmer ---- */

/* Forms of one word that meet in one term; the term first. */
static const struct {
    const char *code, *forms[6];
} GOLDEN[] = {
    {"ar", {"عرب", "العرب", "عربي", "عَرَبِيّ"}},
    {"hy", {"քաղ", "քաղաք", "քաղաքի", "քաղաքներ"}},
    {"eu", {"liburu", "liburu", "liburuak", "liburuen"}},
    {"ca", {"gat", "gat", "gats", "gata"}},
    {"da", {"bil", "bil", "bilen", "biler", "bilerne"}},
    {"nl", {"boek", "boek", "boeken"}},
    {"en", {"ship", "ship", "ships", "shipped", "shipping", "SHIP’S"}},
    {"fi", {"talo", "talo", "talossa", "taloista", "taloja"}},
    {"fr", {"bateau", "bateau", "bateaux"}},
    {"de", {"schiff", "Schiff", "Schiffe", "Schiffes", "Schiffen"}},
    {"el", {"δρομ", "δρόμος", "δρόμου", "δρόμοι", "ΔΡΌΜΟΣ"}},
    {"hi", {"लडक", "लडका", "लडके", "लडकों"}},
    {"hu", {"haz", "ház", "házak", "házban"}},
    {"id", {"baca", "membaca", "dibaca", "bacaan"}},
    {"ga", {"fear", "fear", "fhear"}},
    {"it", {"libr", "libro", "libri"}},
    {"lt", {"nam", "namas", "namo", "namai", "namų"}},
    {"ne", {"घर", "घरको", "घरमा", "घर"}},
    {"no", {"hus", "hus", "huset", "husene"}},
    {"nb", {"hus", "hus", "huset", "husene"}},
    {"porter", {"ship", "ship", "ships", "shipped", "shipping"}},
    {"pt", {"livr", "livro", "livros"}},
    {"ro", {"cas", "casă", "case", "casele"}},
    {"ru", {"книг", "книга", "книги", "книгу", "книгами"}},
    {"sr", {"knjig", "књига", "књиге", "knjiga", "knjige"}},
    {"es", {"barc", "barco", "barcos"}},
    {"sv", {"bok", "bok", "boken", "bokens"}},
    {"ta", {"வீடு", "வீடு", "வீடுகள்"}},
    {"tr", {"kitap", "kitap", "kitaplar", "kitaplarda"}},
    {"yi", {"קינד", "קינד", "קינדער"}},
};

Test(golden, forms_of_a_word_meet_in_its_term_in_every_language)
{
    for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++)
        for (size_t f = 1; f < 6 && GOLDEN[i].forms[f]; f++)
            EXPECT_TERM(GOLDEN[i].code, GOLDEN[i].forms[f], GOLDEN[i].forms[0]);
}

Test(golden, covers_every_stemmer)
{
    for (size_t id = 1; id < language_count(); id++) {
        bool covered = false;

        if (!language_stemmer((language_id)id))
            continue;
        for (size_t i = 0; i < sizeof GOLDEN / sizeof *GOLDEN; i++)
            covered |= strcmp(language_stemmer(language(GOLDEN[i].code)),
                              language_stemmer((language_id)id)) == 0;
        cr_expect(covered, "%s", language_stemmer((language_id)id));
    }
}

Test(term, of_no_language_is_the_folded_word)
{
    EXPECT_TERM("none", "Running", "running");
    EXPECT_TERM("none", "Beyoncé", "beyonce");
    EXPECT_TERM("none", "книги", "книги");
    EXPECT_TERM("zh", "running", "running");
}

Test(term, of_another_script_takes_that_scripts_stemmer)
{
    EXPECT_TERM("en", "книгами", "книг");
    EXPECT_TERM("en", "δρόμου", "δρομ");
    EXPECT_TERM("ja", "книгами", "книг");
    EXPECT_TERM("uk", "книгами", "книгами");
    EXPECT_TERM("ru", "running", "running");
}

Test(term, with_signs_or_stops_inside_is_not_stemmed)
{
    EXPECT_TERM("en", "U.S", "u.s");
    EXPECT_TERM("en", "foo_bars", "foo_bars");
    EXPECT_TERM("en", "C++", "c++");
    EXPECT_TERM("en", "5,000", "5,000");
    EXPECT_TERM("en", "A320s", "a320");
}

Test(term, has_straight_apostrophes_and_none_at_its_ends)
{
    EXPECT_TERM("en", "don’t", "don't");
    EXPECT_TERM("en", "donʼt", "don't");
    EXPECT_TERM("en", "boatʼ", "boat");
    EXPECT_TERM("none", "Rock’n’Roll", "rock'n'roll");
}

Test(term, loses_the_elided_article)
{
    EXPECT_TERM("fr", "L’Homme", "homm");
    EXPECT_TERM("fr", "qu'il", "il");
    cr_expect_eq(maker.skipped, 3);
    EXPECT_TERM("fr", "l’été", "ete");
    cr_expect_eq(maker.skipped, 4);
    EXPECT_TERM("fr", "aujourd'hui", "aujourd'hui");
    cr_expect_eq(maker.skipped, 0);
    EXPECT_TERM("it", "Dell＇arte", "arte");
    cr_expect_eq(maker.skipped, 7);
    EXPECT_TERM("ca", "d’aigua", "aigu");
    EXPECT_TERM("en", "l'homme", "l'homm");
}

Test(term, of_a_turkish_name_loses_its_ending)
{
    EXPECT_TERM("tr", "İstanbul’da", "istanbul");
    EXPECT_TERM("tr", "IRAK", "irak");
    EXPECT_TERM("en", "IRAK", "irak");
}

Test(term, of_romanian_knows_both_commas_and_cedillas)
{
    struct made comma = make("ro", "națiunile"), cedilla = make("ro", "naţiunile");

    cr_expect_str_eq(comma.term, cedilla.term);
    cr_expect_str_neq(comma.term, "natiunile");
}

Test(term, keeps_the_letters_of_its_language)
{
    EXPECT_TERM("sv", "Göteborg", "göteborg");
    EXPECT_TERM("en", "Göteborg", "goteborg");
    EXPECT_TERM("da", "København", "københavn");
    EXPECT_TERM("fi", "Hämeenlinna", "hämeenlin");
}

/* Words of ASCII letters and digits alone go a shorter way than those with an apostrophe, which is
 * cut off again: in any language both give the same. */
Test(term, of_a_plain_word_is_that_of_the_word_in_quotes)
{
    static const char *const PIECES[] = {
        "a",  "e",       "I",    "walk", "Y",   "ing",   "ies", "s",  "ed",  "ion", "ment",
        "en", "er",      "heit", "4",    "19",  "mille", "os",  "i",  "ski", "ka",  "t",
        "Zz", "ational", "un",   "ge",   "lar", "kan",   "x",   "LL", "o",   "que"};
    uint64_t seed = random_seed();
    struct random r = {seed};
    size_t stemmed = 0;

    for (int i = 0; i < 100000; i++) {
        language_id id = (language_id)random_below(&r, (uint32_t)language_count());
        char plain[64] = "", quoted[66];
        struct folded term;

        for (uint32_t pieces = 1 + random_below(&r, 5); pieces > 0; pieces--)
            strcat(plain, PIECES[random_below(&r, sizeof PIECES / sizeof PIECES[0])]);
        snprintf(quoted, sizeof quoted, "%s'", plain);
        cr_assert_eq(term_make(&maker, slice_str(plain), id, true), TERM_MADE);
        cr_assert(language_is_turkic(id) || (maker.variant.size == 0 && !maker.marked));
        term = maker.term;
        stemmed += term.size < strlen(plain);
        cr_assert_eq(term_make(&maker, slice_str(quoted), id, true), TERM_MADE);
        cr_assert(slice_equal(slice_of(term.bytes, term.size),
                              slice_of(maker.term.bytes, maker.term.size)),
                  "%s in %s (LEDE_SEED=%llu)", plain, language_code(id), (unsigned long long)seed);
    }
    cr_expect_gt(stemmed, 1000);
}

Test(term, over_its_limit_is_reported)
{
    char word[SURFACE_MAX + 2];

    memset(word, 'b', sizeof word);
    cr_expect_eq(term_make(&maker, slice_of(word, TERM_MAX), language("en"), true), TERM_MADE);
    cr_expect_eq(term_make(&maker, slice_of(word, TERM_MAX + 1), language("en"), true), TERM_LONG);
    cr_expect_eq(term_make(&maker, slice_of(word, SURFACE_MAX), language("en"), true), TERM_LONG);
    cr_expect_eq(term_make(&maker, slice_of(word, SURFACE_MAX + 1), language("en"), true),
                 TERM_LONG);
    cr_expect_eq(term_make(&maker, slice_str("\xe3\x85\xa4"), language("en"), true), TERM_NOTHING);
}

/* ---- both spellings ---- */

/* Whether the query word finds the document's word, as the design has it: without marks it asks
 * for its term and that variant, with marks for its term and the plain term of its unmarked
 * spelling. */
static bool finds(const struct made *query, const struct made *document)
{
    if (strcmp(query->term, document->term) == 0)
        return true;
    if (!query->marked)
        return strcmp(query->term, document->variant) == 0;
    return query->variant[0] && strcmp(query->variant, document->term) == 0;
}

static void expect_both_find(const char *code, const char *marked, const char *unmarked)
{
    struct made a = make(code, marked), b = make(code, unmarked);

    cr_expect(a.marked, "%s %s", code, marked);
    cr_expect_not(b.marked, "%s %s", code, unmarked);
    cr_expect(finds(&a, &b) && finds(&b, &a) && finds(&a, &a) && finds(&b, &b),
              "%s: %s gave %s/%s, %s gave %s", code, marked, a.term, a.variant, unmarked, b.term);
}

Test(variant, is_what_folding_first_gives_if_that_differs)
{
    struct made made = make("en", "Beyoncé");

    cr_expect_str_eq(made.term, "beyonce");
    cr_expect_str_eq(made.variant, "beyonc");
    cr_expect(made.marked);
    made = make("en", "café");
    cr_expect_str_eq(made.term, "cafe");
    cr_expect_str_eq(made.variant, "");
    cr_expect(made.marked);
    made = make("en", "ships");
    cr_expect_str_eq(made.variant, "");
    cr_expect_not(made.marked);
}

Test(variant, lets_both_spellings_find_an_accented_word_in_every_language)
{
    static const char *const PAIRS[][3] = {
        {"ar", "كِتَاب", "كتاب"},
        {"eu", "cañón", "canon"},
        {"ca", "cançó", "canco"},
        {"ca", "col·lecció", "colleccio"},
        {"da", "idéer", "ideer"},
        {"nl", "coördinatie", "coordinatie"},
        {"nl", "zeeën", "zeeen"},
        {"en", "Beyoncé", "beyonce"},
        {"en", "résumés", "resumes"},
        {"en", "naïvely", "naively"},
        {"fi", "šakkia", "sakkia"},
        {"fr", "élevée", "elevee"},
        {"fr", "généraux", "generaux"},
        {"fr", "mangèrent", "mangerent"},
        {"fr", "L’Été", "l'ete"},
        {"de", "Überraschungen", "uberraschungen"},
        {"de", "fröhlich", "frohlich"},
        {"el", "ελληνικός", "ελληνικος"},
        {"el", "μαΐου", "μαιου"},
        {"hu", "könyvtárakban", "konyvtarakban"},
        {"hu", "hajóból", "hajobol"},
        {"id", "kafé", "kafe"},
        {"ga", "bádóireacht", "badoireacht"},
        {"it", "perché", "perche"},
        {"it", "città", "citta"},
        {"lt", "žąsimis", "zasimis"},
        {"no", "idéene", "ideene"},
        {"pt", "corações", "coracoes"},
        {"pt", "falávamos", "falavamos"},
        {"ro", "frumuseţea", "frumusetea"},
        {"ro", "națiunile", "natiunile"},
        {"ru", "ёлками", "елками"},
        {"ru", "за́мками", "замками"},
        {"sr", "pčelinjak", "pcelinjak"},
        {"es", "hablábamos", "hablabamos"},
        {"es", "camión", "camion"},
        {"sv", "idéerna", "ideerna"},
        {"tr", "ağaçların", "agaclarin"},
        {"tr", "yağmuru", "yagmuru"},
        {"yi", "שׁלום", "שלום"},
        {"none", "Łódź", "lodz"},
        {"pl", "źródło", "zrodlo"},
        {"vi", "Đặng", "dang"},
        {"porter", "Beyoncé", "beyonce"},
        {"he", "שָׁלוֹם", "שלום"},
    };

    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++)
        expect_both_find(PAIRS[i][0], PAIRS[i][1], PAIRS[i][2]);
}

/* A spacing mark that canonical order moves (a virama of Balinese, Tagalog, ...): behind a letter
 * of another script it hides that letter's own marks from folding, a gap no language's words fall
 * into. */
static bool has_spacing_virama(struct slice word)
{
    const uint8_t *at = word.data, *end = at + word.size;
    bool found = false;

    while (at < end) {
        uint32_t c;

        at += utf8_decode(at, end, &c);
        found |= uc_is_general_category(c, UC_COMBINING_SPACING_MARK) && uc_combining_class(c) != 0;
    }
    return found;
}

/* The claim behind it: the unmarked spelling's term is the marked one's term or variant. */
Test(variant, is_the_term_of_the_unmarked_spelling_of_any_word)
{
    uint64_t seed = random_seed();
    struct random r = {seed};
    uint8_t text[40];

    for (int i = 0; i < 30000; i++) {
        size_t size = random_below(&r, sizeof text), count;
        language_id id = (language_id)random_below(&r, 34);
        struct words words;
        struct word found[WORDS_BATCH];

        random_text(&r, text, size);
        words_start(&words, slice_of(text, size));
        count = words_next(&words, found, WORDS_BATCH);
        for (size_t w = 0; w < count; w++) {
            struct slice word = slice_of(text + found[w].offset, found[w].size);
            struct folded folded, unmarked, term, variant;
            bool marked;

            if (has_spacing_virama(word) || term_make(&maker, word, id, true) != TERM_MADE)
                continue;
            term = maker.term;
            variant = maker.variant.size ? maker.variant : maker.term;
            cr_assert_eq(fold_case(word, language_is_turkic(id), &folded), FOLD_OK);
            fold_marks(slice_of(folded.bytes, folded.size), language_own_letters(id), &unmarked,
                       &marked);
            cr_assert_eq(term_make(&maker, slice_of(unmarked.bytes, unmarked.size), id, true),
                         TERM_MADE);
            cr_assert(slice_equal(slice_of(maker.term.bytes, maker.term.size),
                                  slice_of(variant.bytes, variant.size)),
                      "LEDE_SEED=%llu %s %.*s: %.*s %.*s, unmarked %.*s", (unsigned long long)seed,
                      language_code(id), (int)word.size, word.data, (int)term.size, term.bytes,
                      (int)variant.size, variant.bytes, (int)maker.term.size, maker.term.bytes);
        }
    }
}
