/* Articles like one. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "tests/query/small_index.h"

TestSuite(similar, .init = scratch_make, .fini = scratch_remove);

static const struct small_article BIRDS[] = {
    {"heron", "en", "Herons",
     "A heron waits in the river. The heron eats a fish, the fish is gone."},
    {"otter", "en", "Otters", "An otter eats a fish in the river."},
    {"grey", "en", "", "Grey herons wait for fish."},
    {"tram", "en", "Trams", "Trams are late; drivers wait."},
    {"alone", "en", "", "Zeppelins everywhere."},
    {"empty", "en", "", ""},
};

static struct lede_index *birds(const struct lede_writer_options *options)
{
    small_add("index", options, BIRDS, 3);
    small_add("index", options, BIRDS + 3, 3);
    return small_open("index");
}

static struct lede_results *similar(struct lede_index *index, const char *id,
                                    const struct lede_search_options *options)
{
    struct lede_results *results;
    struct lede_error error;

    cr_assert_eq(lede_similar(index, small_bytes(id), options, &results, &error), LEDE_OK, "%s: %s",
                 id, error.text);
    return results;
}

/* The ids with a space between them; frees. */
static const char *ids_of(struct lede_results *results)
{
    static char text[1024];
    size_t size = 0;

    text[0] = '\0';
    for (size_t i = 0; i < lede_results_count(results); i++) {
        struct lede_bytes id = lede_results_hit(results, i)->id;

        size += (size_t)snprintf(text + size, sizeof text - size, "%s%.*s", i ? " " : "",
                                 (int)id.size, (const char *)id.data);
    }
    lede_results_free(results);
    return text;
}

Test(similar, what_shares_most_of_its_rare_words_comes_first_and_itself_never)
{
    struct lede_index *index = birds(NULL);

    cr_expect_str_eq(ids_of(similar(index, "heron", NULL)), "otter grey tram");
    cr_expect_str_eq(ids_of(similar(index, "otter", NULL)), "heron grey");
    cr_expect_str_eq(ids_of(similar(index, "alone", NULL)), "", "its words are its own");
    cr_expect_str_eq(ids_of(similar(index, "empty", NULL)), "");
    lede_index_close(index);
}

Test(similar, hits_are_passed_over_cut_and_counted_without_itself)
{
    struct lede_search_options options = {.limit = 1, .count_matches = true};
    struct lede_results *counted;
    static const char *const expected[] = {"otter", "grey", "tram", ""};
    struct lede_index *index = birds(NULL);

    for (size_t i = 0; i < 4; i++) {
        struct lede_results *results;

        options.offset = i;
        results = similar(index, "heron", &options);
        cr_expect_eq(lede_results_total(results), 3);
        cr_expect_str_eq(ids_of(results), expected[i]);
    }
    options = (struct lede_search_options){.limit = SIZE_MAX, .offset = SIZE_MAX};
    cr_expect_str_eq(ids_of(similar(index, "heron", &options)), "");
    options = (struct lede_search_options){.limit = SIZE_MAX};
    cr_expect_str_eq(ids_of(similar(index, "heron", &options)), "otter grey tram");
    options = (struct lede_search_options){.count_only = true};
    counted = similar(index, "heron", &options);
    cr_expect_eq(lede_results_total(counted), 3);
    lede_results_free(counted);
    lede_index_close(index);
}

/* Every term counts by what it gives in the article, times what it gives in the hit. */
Test(similar, a_score_is_the_sum_of_what_terms_give_in_both)
{
    struct lede_index *index = birds(NULL);
    struct lede_results *results = similar(index, "heron", NULL);
    const struct lede_hit *hit = lede_results_hit(results, 1);
    struct lede_explanation *why;
    struct lede_error error;
    bool herons = false;
    double k;

    cr_assert_eq(hit->id.size, 4, "grey");
    cr_assert_eq(lede_explain(results, hit, &why, &error), LEDE_OK, "%s", error.text);
    k = 1.2 * (0.25 + 0.75 * 16 / why->average);
    cr_expect_eq(why->score, hit->score);
    for (size_t i = 0; i < why->clause_count; i++) {
        const struct lede_explained_clause *clause = &why->clauses[i];

        cr_expect_not(clause->required || clause->prohibited || clause->phrase);
        if (clause->text.size != 6 || memcmp(clause->text.data, "Herons", 6) != 0)
            continue;
        herons = true;
        cr_expect_float_eq(clause->boost, 3 / (3 + k), 1e-9, "%.9f, not %.9f", clause->boost,
                           3 / (3 + k));
        cr_expect_eq(clause->df, 2);
        cr_expect_eq(clause->tf, 1);
    }
    cr_expect(herons, "terms are shown as they are first written");
    lede_explanation_free(why);
    lede_results_free(results);
    lede_index_close(index);
}

Test(similar, only_the_most_telling_terms_are_asked_for)
{
    char text[4096] = "", other[4096] = "";
    struct lede_index *index;
    struct lede_results *results;
    struct lede_explanation *why;
    struct lede_error error;

    for (int i = 0; i < 40; i++) {
        char word[16];

        (void)snprintf(word, sizeof word, "w%d ", i);
        strcat(text, word);
        if (i < 30)
            strcat(text, word);
        strcat(other, word);
    }
    small_add("index", NULL,
              (const struct small_article[]){{"a", "en", "", text}, {"b", "en", "", other}}, 2);
    index = small_open("index");
    results = similar(index, "a", NULL);
    cr_assert_eq(lede_results_count(results), 1);
    cr_assert_eq(lede_explain(results, lede_results_hit(results, 0), &why, &error), LEDE_OK);
    cr_expect_eq(why->clause_count, 25);
    for (size_t i = 0; i < why->clause_count; i++)
        cr_expect_leq(why->clauses[i].text.size, 3, "none of w30 to w39, which are said once");
    for (size_t i = 0; i < why->clause_count; i++)
        cr_expect(strtol((const char *)why->clauses[i].text.data + 1, NULL, 10) < 30);
    lede_explanation_free(why);
    lede_results_free(results);
    lede_index_close(index);
}

Test(similar, its_words_are_found_in_what_is_found)
{
    struct lede_index *index = birds(NULL);
    struct lede_results *results = similar(index, "otter", NULL);
    struct lede_highlighter *highlighter;
    const struct lede_span *spans;
    struct lede_error error;
    size_t count;

    cr_assert_eq(lede_highlighter_new(results, &highlighter, &error), LEDE_OK);
    cr_assert_eq(lede_highlight(highlighter, LEDE_TEXT, LEDE_STR("No fish today."), LEDE_STR("en"),
                                &spans, &count, &error),
                 LEDE_OK);
    cr_assert_eq(count, 1);
    cr_expect_eq(spans[0].offset, 3);
    cr_expect_eq(spans[0].size, 4);
    lede_highlighter_free(highlighter);
    lede_results_free(results);
    lede_index_close(index);
}

Test(similar, what_cannot_be_is_told)
{
    struct lede_index *index = birds(&(struct lede_writer_options){.no_store = true});
    struct lede_results *results = NULL;
    struct lede_error error;

    cr_expect_eq(lede_similar(index, LEDE_STR("swan"), NULL, &results, &error), LEDE_MISSING);
    cr_expect_str_eq(error.text, "no article with this id");
    cr_expect_eq(lede_similar(index, LEDE_STR("heron"), NULL, &results, &error), LEDE_INVALID);
    cr_expect_str_eq(error.text, "the article's text is not kept (--no-store), so that nothing is "
                                 "known that could be like it");
    cr_expect_null(results);
    lede_index_close(index);
}
