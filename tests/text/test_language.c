#include <criterion/criterion.h>
#include <libstemmer.h>

#include "text/language.h"
#include "text/properties.h"
#include "text/stem.h"

static language_id find(const char *name)
{
    language_id id = 255;

    cr_expect(language_find(slice_str(name), &id), "%s", name);
    return id;
}

Test(language, is_found_by_code_name_and_tag_in_any_case)
{
    cr_expect_eq(find("en"), 1);
    cr_expect_eq(find("EN"), 1);
    cr_expect_eq(find("english"), 1);
    cr_expect_eq(find("English"), 1);
    cr_expect_eq(find("eng"), 1);
    cr_expect_eq(find("en-GB"), 1);
    cr_expect_eq(find("en_US.UTF-8"), 1);
    cr_expect_str_eq(language_code(find("zh_CN")), "zh");
    cr_expect_str_eq(language_code(find("pt-BR")), "pt");
    cr_expect_eq(find("none"), LANGUAGE_NONE);
}

Test(language, is_not_found_by_anything_else)
{
    language_id id = 77;

    cr_expect_not(language_find(slice_str(""), &id));
    cr_expect_not(language_find(slice_str("-"), &id));
    cr_expect_not(language_find(slice_str("xx"), &id));
    cr_expect_not(language_find(slice_str("englis"), &id));
    cr_expect_not(language_find(slice_of("en\0", 3), &id));
    cr_expect_eq(id, 77);
}

Test(language, names_are_of_one_language_each)
{
    for (size_t i = 0; i < language_count(); i++)
        cr_expect_eq(find(language_code((language_id)i)), i, "%s", language_code((language_id)i));
    cr_expect_str_eq(language_code(255), "?");
    cr_expect_null(language_stemmer(255));
}

Test(language, ids_are_stored_and_do_not_move)
{
    cr_expect_eq(find("ar"), 2);
    cr_expect_eq(find("yi"), 30);
    cr_expect_eq(find("porter"), 31);
    cr_expect_eq(find("aa"), 32);
    cr_expect_eq(find("zu"), 184);
    cr_expect_eq(language_count(), 185);
}

/* Whether two languages are so said to be. */
static bool is_pair(const char *a, const char *b)
{
    return language_same_terms(find(a), find(b));
}

Test(language, some_have_the_same_terms)
{
    cr_expect(is_pair("zh", "ja"));
    cr_expect(is_pair("pl", "cs"));
    cr_expect(is_pair("no", "nn"));
    cr_expect(is_pair("uk", "bg"));
    cr_expect_not(is_pair("en", "de"));
    cr_expect_not(is_pair("en", "none"));
    cr_expect_not(is_pair("tr", "az"));
    cr_expect_not(is_pair("no", "da"));
    cr_expect_not(is_pair("pl", "zh"));
    cr_expect_not(is_pair("pl", "uk"));
    cr_expect_not(is_pair("pl", "la"));
}

Test(language, has_every_stemmer_of_libstemmer)
{
    for (const char **name = sb_stemmer_list(); *name; name++)
        cr_expect_str_eq(language_stemmer(find(*name)), *name);
    for (size_t i = 0; i < language_count(); i++)
        if (language_stemmer((language_id)i)) {
            struct sb_stemmer *stemmer = sb_stemmer_new(language_stemmer((language_id)i), NULL);

            cr_expect_not_null(stemmer, "%s", language_stemmer((language_id)i));
            sb_stemmer_delete(stemmer);
        }
}

Test(language, of_a_foreign_word_is_that_of_its_script)
{
    cr_expect_eq(language_of_word(find("en"), SCRIPT_LATIN), find("en"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_CYRILLIC), find("ru"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_GREEK), find("el"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_ARMENIAN), find("hy"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_ARABIC), find("ar"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_DEVANAGARI), find("hi"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_TAMIL), find("ta"));
    cr_expect_eq(language_of_word(find("en"), SCRIPT_HEBREW), LANGUAGE_NONE);
    cr_expect_eq(language_of_word(find("ru"), SCRIPT_LATIN), LANGUAGE_NONE);
}

Test(language, keeps_the_words_of_its_own_script)
{
    cr_expect_eq(language_of_word(find("sr"), SCRIPT_CYRILLIC), find("sr"));
    cr_expect_eq(language_of_word(find("sr"), SCRIPT_LATIN), find("sr"));
    cr_expect_eq(language_of_word(find("ne"), SCRIPT_DEVANAGARI), find("ne"));
    cr_expect_eq(language_of_word(find("yi"), SCRIPT_HEBREW), find("yi"));
    cr_expect_null(language_stemmer(language_of_word(find("uk"), SCRIPT_CYRILLIC)));
    cr_expect_null(language_stemmer(language_of_word(find("fa"), SCRIPT_ARABIC)));
    for (unsigned script = 0; script < SCRIPT_COUNT; script++)
        cr_expect_eq(language_of_word(LANGUAGE_NONE, script), LANGUAGE_NONE);
}

Test(stemmers, stem_in_their_language_and_leave_the_others_words_alone)
{
    struct stemmers stemmers = {0};
    struct slice stem = stemmers_stem(&stemmers, find("en"), slice_str("indexes"));

    cr_expect(slice_equal(stem, slice_str("index")));
    stem = stemmers_stem(&stemmers, find("zh"), slice_str("indexes"));
    cr_expect(slice_equal(stem, slice_str("indexes")));
    stemmers_done(&stemmers);
    stemmers_done(&stemmers);
}

Test(stemmers, probe_is_the_same_every_time)
{
    cr_expect_neq(stemmers_probe(), 0);
    cr_expect_eq(stemmers_probe(), stemmers_probe());
}
