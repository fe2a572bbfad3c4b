#include <criterion/criterion.h>

#include "query/plan.h"
#include "tests/query/small_index.h"

TestSuite(terms, .init = scratch_make, .fini = scratch_remove);

struct found {
    struct lede_index *index;
    struct analyzer *analyzer;
    struct arena arena;
    struct notes notes;
    struct query_clauses query;
    enum lede_status status;
    struct lede_error error;
};

static void find(struct found *found, struct lede_index *index, const char *text, bool any)
{
    struct terms_options options = {.any = any};
    struct clause_list parsed;

    found->index = index;
    arena_init(&found->arena, 0, NULL);
    notes_init(&found->notes, &found->arena, false);
    cr_assert_eq(opened_take_analyzer(index, &found->analyzer, &found->error), LEDE_OK);
    cr_assert_eq(parser_parse(slice_str(text), buffer_bytes(&index->keywords), false, &found->arena,
                              &found->notes, &parsed, &found->error),
                 LEDE_OK);
    found->status = terms_find(index, found->analyzer, &parsed, &options, &found->arena,
                               &found->notes, &found->query, &found->error);
}

static void drop(struct found *found)
{
    opened_give_analyzer(found->index, found->analyzer);
    arena_done(&found->arena);
}

static char *show_term(char *at, const struct query_term *term)
{
    static const char *const names[] = {[FIELD_TEXT] = "", [FIELD_TITLE] = "title:"};
    uint8_t field = term->key.data[0];

    return at + sprintf(at, "%s%.*s",
                        field == FIELD_TEXT_VARIANT    ? "~"
                        : field == FIELD_TITLE_VARIANT ? "title:~"
                                                       : names[field],
                        (int)term->key.size - 1, (const char *)term->key.data + 1);
}

/* Clauses as text: `+(oil ~oil) 2*(a|b@2)`: a required group of two terms; a phrase of a and, two
 * positions further, b, said twice. */
static const char *shown(const struct found *found)
{
    static char text[4096];
    char *at = text;

    *at = '\0';
    cr_assert_eq(found->status, LEDE_OK, "%s", found->error.text);
    for (size_t i = 0; i < found->query.count; i++) {
        const struct query_clause *clause = &found->query.clauses[i];

        at += sprintf(at, "%s%s", i ? " " : "",
                      clause->occur == OCCUR_REQUIRED     ? "+"
                      : clause->occur == OCCUR_PROHIBITED ? "-"
                                                          : "");
        if (clause->repeats > 1)
            at += sprintf(at, "%u*", clause->repeats);
        for (size_t j = 0; j < clause->word_count; j++) {
            at += sprintf(at, "%s", j ? "|" : "(");
            for (size_t k = 0; k < clause->words[j].term_count; k++) {
                at += sprintf(at, "%s", k ? " " : "");
                at = show_term(at, &clause->words[j].terms[k]);
            }
            if (j)
                at += sprintf(at, "@%u", clause->words[j].position);
        }
        at += sprintf(at, ")");
    }
    return text;
}

static void expect_terms(struct lede_index *index, const char *query, bool any,
                         const char *expected)
{
    struct found found;

    find(&found, index, query, any);
    cr_expect_str_eq(shown(&found), expected, "<%s>", query);
    drop(&found);
}

static const struct small_article ENGLISH[] = {{"a", "en", "Title", "Some words in English."}};

static struct lede_index *english(const struct lede_writer_options *options)
{
    small_add("index", options, ENGLISH, 1);
    return small_open("index");
}

Test(terms, a_word_is_its_stem_plain_or_as_a_variant)
{
    struct lede_index *index = english(NULL);

    expect_terms(index, "Prices", false, "+(price ~price)");
    expect_terms(index, "-prices", false, "-(price ~price)");
    expect_terms(index, "title:Prices", false, "+(title:price title:~price)");
    expect_terms(index, "prices +oil", true, "(price ~price) +(oil ~oil)");
    lede_index_close(index);
}

/* The stem of beyoncé is beyoncé, of beyonce beyonc. */
Test(terms, a_marked_word_asks_for_its_unmarked_spelling)
{
    struct lede_index *index = english(NULL);

    expect_terms(index, "Beyoncé", false, "+(beyonc beyonce)");
    expect_terms(index, "title:Beyoncé", false, "+(title:beyonc title:beyonce)");
    expect_terms(index, "beyonce", false, "+(beyonc ~beyonc)");
    lede_index_close(index);
}

Test(terms, what_the_analysis_cuts_is_a_phrase)
{
    struct lede_index *index = english(NULL);

    expect_terms(index, "AT&T", false, "+(at ~at|t ~t@1)");
    expect_terms(index, "\"crude oil\"", false, "+(crude ~crude|oil ~oil@1)");
    expect_terms(index, "\"oil\"", false, "+(oil ~oil)");
    expect_terms(index, "-e-mail", false, "-(e ~e|mail ~mail@1)");
    lede_index_close(index);
}

Test(terms, under_any_a_cut_word_is_words_and_a_phrase_stays)
{
    struct lede_index *index = english(NULL);

    expect_terms(index, "AT&T", true, "(at ~at) (t ~t)");
    expect_terms(index, "+AT&T", true, "+(at ~at) +(t ~t)");
    expect_terms(index, "-e-mail", true, "-(e ~e|mail ~mail@1)");
    expect_terms(index, "\"crude oil\"", true, "(crude ~crude|oil ~oil@1)");
    lede_index_close(index);
}

Test(terms, without_positions_a_phrase_is_its_words)
{
    struct lede_index *index = english(&(struct lede_writer_options){.no_positions = true});
    struct found found;

    expect_terms(index, "AT&T", false, "+(at ~at) +(t ~t)");
    find(&found, index, "\"crude oil\" -\"a b\"", false);
    cr_expect_str_eq(shown(&found), "+(crude ~crude) +(oil ~oil) -(a ~a|b ~b@1)");
    cr_expect_not(found.query.clauses[2].adjacent);
    cr_assert_eq(found.notes.count, 2);
    cr_expect_str_eq(found.notes.texts[0], "\"crude oil\" at column 1: the index has no positions; "
                                           "the words are searched anywhere");
    drop(&found);
    lede_index_close(index);
}

Test(terms, equal_words_count_twice)
{
    struct lede_index *index = english(NULL);

    expect_terms(index, "price oil Prices", false, "+2*(price ~price) +(oil ~oil)");
    expect_terms(index, "price -prices", false, "+(price ~price) -(price ~price)");
    expect_terms(index, "price +prices", true, "+2*(price ~price)");
    expect_terms(index, "price title:price", false, "+(price ~price) +(title:price title:~price)");
    expect_terms(index, "\"a b\" \"a b\"", false, "+2*(a ~a|b ~b@1)");
    lede_index_close(index);
}

Test(terms, what_has_no_word_is_dropped_with_a_note)
{
    struct lede_index *index = english(NULL);
    struct found found;

    find(&found, index, "oil & \"\" !?", false);
    cr_expect_str_eq(shown(&found), "+(oil ~oil)");
    cr_assert_eq(found.notes.count, 3);
    cr_expect_str_eq(found.notes.texts[0], "\"&\" at column 5: nothing to search for, ignored");
    cr_expect_str_eq(found.notes.texts[1], "\"\" at column 7: nothing to search for, ignored");
    drop(&found);
    lede_index_close(index);
}

Test(terms, stop_words_leave_a_gap_in_a_phrase)
{
    struct lede_index *index =
        english(&(struct lede_writer_options){.stopwords = LEDE_STR("of\nthe\n")});

    expect_terms(index, "\"price of the oil\"", false, "+(price ~price|oil ~oil@3)");
    lede_index_close(index);
}

Test(terms, each_language_of_the_index_is_asked)
{
    static const struct small_article articles[] = {
        {"a", "de", "", "Haus"}, {"b", "de", "", "Haus"}, {"c", "fr", "", "l'homme"}};
    struct lede_index *index;

    small_add("index", NULL, articles, 3);
    index = small_open("index");
    cr_assert_eq(index->language_count, 2);
    expect_terms(index, "l'homme", false, "+(homm l'homm ~homm ~l'homm)");
    lede_index_close(index);
}

Test(terms, a_lone_character_asks_for_what_begins_with_it)
{
    static const struct small_article articles[] = {{"a", "ja", "", "灯台守と台北"},
                                                    {"b", "ja", "台湾", ""}};
    struct lede_index *index;

    small_add("index", NULL, articles, 2);
    index = small_open("index");
    expect_terms(index, "台", false, "+(台北 台守 台湾)");
    expect_terms(index, "title:台", false, "+(title:台湾)");
    expect_terms(index, "灯台", false, "+(灯台 ~灯台)");
    expect_terms(index, "灯台守", false, "+(灯台 ~灯台|台守 ~台守@1)");
    expect_terms(index, "猫", false, "+()");
    lede_index_close(index);
}

/* 1,100 terms that begin with 台, in two segments. */
Test(terms, a_lone_character_is_at_most_1024_terms)
{
    struct lede_index *index;
    struct found found;
    char texts[2][550 * 8], *at;

    for (uint32_t i = 0; i < 2; i++) {
        at = texts[i];
        for (uint32_t j = 0; j < 550; j++) {
            uint32_t other = 0x4e00 + 2 * j + i;

            at += sprintf(at, "台%c%c%c ", (int)(0xe0 | other >> 12),
                          (int)(0x80 | (other >> 6 & 63)), (int)(0x80 | (other & 63)));
        }
        small_add("index", NULL, &(struct small_article){i ? "a" : "b", "ja", "", texts[i]}, 1);
    }
    index = small_open("index");
    cr_assert_eq(index->segment_count, 2);
    find(&found, index, "台 台", false);
    cr_assert_eq(found.status, LEDE_OK);
    cr_assert_eq(found.query.count, 2);
    cr_expect_eq(found.query.clauses[0].words[0].term_count, EXPANSIONS_MAX);
    cr_expect_eq(found.query.clauses[1].words[0].term_count, 0);
    cr_expect_eq(found.notes.count, 2);
    /* In byte order, from both segments. */
    for (size_t i = 1; i < EXPANSIONS_MAX; i++)
        cr_expect_lt(slice_compare(found.query.clauses[0].words[0].terms[i - 1].key,
                                   found.query.clauses[0].words[0].terms[i].key),
                     0);
    drop(&found);
    lede_index_close(index);
}

Test(terms, more_than_256_words_are_refused)
{
    struct lede_index *index = english(NULL);
    char text[LEDE_QUERY_MAX], *at = text + sprintf(text, "\"");
    struct found found;

    for (size_t i = 0; i < 257; i++)
        at += sprintf(at, "a ");
    sprintf(at, "\"");
    find(&found, index, text, false);
    cr_expect_eq(found.status, LEDE_LIMIT);
    drop(&found);
    lede_index_close(index);
}

Test(terms, df_is_the_largest_of_the_group_over_all_segments)
{
    static const struct small_article first[] = {
        {"a", "en", "", "resume résumé"}, {"b", "en", "", "résumé"}, {"c", "en", "", "other"}};
    static const struct small_article second[] = {{"d", "en", "", "résumé"}};
    struct lede_index *index;
    struct found found;
    struct plan plan;

    small_add("index", NULL, first, 3);
    small_add("index", NULL, second, 1);
    index = small_open("index");
    find(&found, index, "resume", false);
    cr_expect_str_eq(shown(&found), "+(resum ~resum)");
    cr_assert_eq(plan_make(index, &found.query, -1, -1, &found.arena, &plan, &found.error),
                 LEDE_OK);
    cr_expect_eq(plan.articles, 4);
    cr_expect_eq(plan.query.clauses[0].words[0].terms[0].df, 1);
    cr_expect_eq(plan.query.clauses[0].words[0].terms[1].df, 3);
    cr_expect_eq(plan.query.clauses[0].words[0].df, 3);
    cr_expect_eq(plan.query.clauses[0].weight, (float)bm25_idf(4, 3));
    drop(&found);
    lede_index_close(index);
}
