/* Where nothing is found: what is missing, how it may be meant, and what would find something. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/query/small_index.h"

TestSuite(advise, .init = scratch_make, .fini = scratch_remove);

static const struct small_article LETTERS[] = {
    {"one", "en", "Receiving letters", "They receive letters from Germany. The government waits."},
    {"two", "en", "A letter", "She received a letter about oil."},
    {"three", "en", "Oil", "Crude oil prices rise in Germany."},
    {"four", "en", "Growth", "Prices of crude, and of oil. The governor grows tall. Pails."},
    {"five", "en", "Mails and nails", "A mail came. A nail, 1987. Nails again."},
    {"six", "en", "", "Another nail for the mail box: nails in the oil."},
    {"seven", "en", "", "Nail."},
};

static struct lede_index *letters(void)
{
    small_add("index", NULL, LETTERS, sizeof LETTERS / sizeof LETTERS[0]);
    return small_open("index");
}

static struct lede_advice *advice_on(const struct lede_results *results)
{
    struct lede_advice *advice;
    struct lede_error error;

    cr_assert_eq(lede_advise(results, &advice, &error), LEDE_OK, "%s", error.text);
    return advice;
}

static void append(char *text, size_t size, struct lede_bytes bytes)
{
    size_t end = strlen(text);

    (void)snprintf(text + end, size - end, "%.*s", (int)bytes.size, (const char *)bytes.data);
}

/* "word>suggestion(articles)" of each missing word, with a space between them. */
static const char *missing(struct lede_index *index, const char *query)
{
    static char text[1024];
    struct lede_results *results = small_search(index, query, NULL);
    struct lede_advice *advice = advice_on(results);

    text[0] = '\0';
    for (size_t i = 0; i < advice->missing_count; i++) {
        const struct lede_missing_word *word = &advice->missing[i];
        size_t end;

        append(text, sizeof text, small_bytes(i ? " " : ""));
        append(text, sizeof text, small_bytes(word->title ? "title:" : ""));
        append(text, sizeof text, word->text);
        append(text, sizeof text, small_bytes(">"));
        append(text, sizeof text, word->suggestion);
        end = strlen(text);
        (void)snprintf(text + end, sizeof text - end, "(%llu)", (unsigned long long)word->articles);
    }
    lede_advice_free(advice);
    lede_results_free(results);
    return text;
}

static uint64_t total_of(struct lede_index *index, const char *query, bool any)
{
    struct lede_search_options options = {.any = any, .count_only = true};
    struct lede_results *results = small_search(index, query, &options);
    uint64_t total = lede_results_total(results);

    lede_results_free(results);
    return total;
}

/* ---- spelling ---- */

Test(advise, a_word_that_no_article_has_may_be_meant_otherwise)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "recieve"), "recieve>receive(2)");
    cr_expect_str_eq(missing(index, "Germny oil"), "Germny>Germany(2)");
    cr_expect_str_eq(missing(index, "zeppelin oil"), "zeppelin>(0)");
    cr_expect_str_eq(missing(index, "zeppelin recieve zeppelin"),
                     "zeppelin>(0) recieve>receive(2)");
    cr_expect_str_eq(missing(index, "\"recieve letters\" (oill OR letter)"),
                     "recieve>receive(2) oill>oil(4)");
    lede_index_close(index);
}

Test(advise, words_that_articles_have_are_left_alone)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "pail letter"), "", "rare, but it is there");
    cr_expect_str_eq(missing(index, "letter -recieve -letter"), "", "what is excluded may miss");
    cr_expect_str_eq(missing(index, "oil"), "", "something was found");
    lede_index_close(index);
}

/* hail is one edit from mail (2), nail (3) and pail (1); nailz from nail, and two from mail. */
Test(advise, the_nearest_is_suggested_and_of_equally_near_ones_the_most_frequent)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "hail"), "hail>nail(3)");
    cr_expect_str_eq(missing(index, "mailz"), "mailz>Mails(2)");
    lede_index_close(index);
}

Test(advise, frequencies_are_those_of_all_segments)
{
    struct lede_index *index;

    small_add("index", NULL, LETTERS, 7);
    small_add("index", NULL,
              (const struct small_article[]){
                  {"a", "en", "", "pail"}, {"b", "en", "", "pail"}, {"c", "en", "", "pail"}},
              3);
    index = small_open("index");
    cr_expect_str_eq(missing(index, "hail"), "hail>Pails(4)");
    lede_index_close(index);
}

Test(advise, of_the_forms_of_a_word_the_one_most_like_it_is_shown)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "recieving"), "recieving>Receiving(2)");
    cr_expect_str_eq(missing(index, "recieved"), "recieved>received(2)");
    cr_expect_str_eq(missing(index, "govermnent"), "govermnent>government(1)");
    lede_index_close(index);
}

/* The stem of floding is flode. */
Test(advise, a_word_may_be_near_whose_stem_is_not)
{
    static const struct small_article floods[] = {{"a", "en", "", "Flooding."},
                                                  {"b", "en", "", "A flood."},
                                                  {"c", "en", "", "A close call."}};
    struct lede_index *index;

    small_add("index", NULL, floods, 3);
    index = small_open("index");
    cr_expect_str_eq(missing(index, "floding"), "floding>Flooding(2)");
    lede_index_close(index);
}

Test(advise, only_sixteen_words_have_suggestions)
{
    char query[512] = "";
    struct lede_index *index = letters();
    struct lede_results *results;
    struct lede_advice *advice;

    for (const char *c = "bcdfghjkmnpqrtvwx"; *c; c++) {
        size_t size = strlen(query);

        (void)snprintf(query + size, sizeof query - size, "nail%c ", *c);
    }
    results = small_search(index, query, NULL);
    advice = advice_on(results);
    cr_assert_eq(advice->missing_count, 17);
    for (size_t i = 0; i < 17; i++)
        cr_expect_eq(advice->missing[i].suggestion.size > 0, i < 16, "%zu", i);
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

Test(advise, short_words_numbers_and_patterns_have_no_suggestion)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "ol"), "ol>(0)");
    cr_expect_str_eq(missing(index, "1988"), "1988>(0)");
    cr_expect_str_eq(missing(index, "naxl*"), "naxl*>(0)");
    cr_expect_str_eq(missing(index, "nxxl"), "nxxl>(0)", "two edits in a short word");
    lede_index_close(index);
}

Test(advise, titles_have_their_own_words)
{
    struct lede_index *index = letters();

    cr_expect_str_eq(missing(index, "title:germany"), "title:germany>(0)");
    cr_expect_str_eq(missing(index, "title:leter"), "title:leter>letter(2)");
    lede_index_close(index);
}

Test(advise, without_texts_a_suggestion_is_a_word_of_a_title_or_a_stem)
{
    struct lede_index *index;

    small_add("index", &(struct lede_writer_options){.no_store = true}, LETTERS, 7);
    index = small_open("index");
    cr_expect_str_eq(missing(index, "recieve"), "recieve>Receiving(2)");
    cr_expect_str_eq(missing(index, "govermnent"), "govermnent>govern(1)");
    lede_index_close(index);
}

Test(advise, the_query_with_suggestions_in_place_is_counted)
{
    static const char *const queries[][2] = {
        {"recieve leters", "receive letters"},
        {"(\"recieve letters\" OR oill^2) -zepelin", "(\"receive letters\" OR oil^2) -zepelin"},
        {"recieve~1 recieve", "recieve~1 receive"}, /* the first one stands for something */
        {"recieve zeppelin", ""},                   /* which still finds nothing */
        {"zeppelin", ""}};
    struct lede_index *index = letters();

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct lede_results *results = small_search(index, queries[i][0], NULL);
        struct lede_advice *advice = advice_on(results);
        char text[256] = "";

        append(text, sizeof text, advice->query);
        cr_expect_str_eq(text, queries[i][1]);
        cr_expect_eq(advice->query_articles, total_of(index, queries[i][1], false));
        lede_advice_free(advice);
        lede_results_free(results);
    }
    lede_index_close(index);
}

/* ---- less of the query ---- */

Test(advise, it_says_how_many_have_some_of_the_words_and_which_one_is_too_many)
{
    struct lede_index *index = letters();
    struct lede_results *results = small_search(index, "germany governor tall title:growth", NULL);
    struct lede_advice *advice = advice_on(results);

    cr_expect_eq(advice->missing_count, 0);
    cr_expect_eq(advice->any, total_of(index, "germany governor tall title:growth", true));
    cr_expect_eq(advice->any, 3);
    cr_assert_eq(advice->left_out_count, 1);
    cr_expect_eq(advice->left_out[0].articles, 1);
    cr_expect_eq(advice->left_out[0].text.size, 7);
    cr_expect_eq(memcmp(advice->left_out[0].text.data, "germany", 7), 0);
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

Test(advise, only_the_first_eight_are_left_out)
{
    struct lede_index *index = letters();
    struct lede_results *results =
        small_search(index, "oil oil^2 oil^3 oil^4 oil^5 oil^6 oil^7 oil^8 germny", NULL);
    struct lede_advice *advice = advice_on(results);

    cr_expect_eq(advice->left_out_count, 0, "the ninth is the one");
    cr_expect_eq(advice->any, 4);
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

Test(advise, with_any_required_words_and_groups_are_left_out)
{
    struct lede_index *index = letters();
    struct lede_results *results = small_search(index, "+(germany OR nail) +governor oil",
                                                &(struct lede_search_options){.any = true});
    struct lede_advice *advice = advice_on(results);

    cr_expect_eq(advice->any, 0, "that was asked");
    cr_assert_eq(advice->left_out_count, 2);
    cr_expect_eq(advice->left_out[0].articles, total_of(index, "+governor oil", true));
    cr_expect_eq(advice->left_out[1].articles, total_of(index, "+(germany OR nail) oil", true));
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

Test(advise, phrases_may_be_taken_apart_and_excluded_words_let_in)
{
    struct lede_index *index = letters();
    struct lede_results *results = small_search(index, "\"oil crude\"", NULL);
    struct lede_advice *advice = advice_on(results);

    cr_expect_eq(advice->apart, total_of(index, "oil crude", false));
    cr_expect_eq(advice->apart, 2);
    cr_expect_eq(advice->included, 0);
    cr_expect_eq(advice->left_out_count, 0);
    lede_advice_free(advice);
    lede_results_free(results);
    results = small_search(index, "\"crude oil\" -prices", NULL);
    advice = advice_on(results);
    cr_expect_eq(advice->included, 1);
    cr_expect_eq(advice->apart, 0);
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

Test(advise, there_is_none_where_something_was_found_or_nothing_asked)
{
    static const char *const queries[] = {"oil", "", "& !", "-oil"};
    static const struct lede_advice empty;
    struct lede_index *index = letters();

    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct lede_results *results = small_search(index, queries[i], NULL);
        struct lede_advice *advice = advice_on(results);

        cr_expect_eq(memcmp(advice, &empty, sizeof empty), 0, "<%s>", queries[i]);
        lede_advice_free(advice);
        lede_results_free(results);
    }
    lede_advice_free(NULL);
    lede_index_close(index);
}

Test(advise, an_index_without_articles_has_none)
{
    struct lede_index *index;

    small_add("index", NULL, LETTERS, 0);
    index = small_open("index");
    cr_expect_str_eq(missing(index, "oil price"), "oil>(0) price>(0)");
    lede_index_close(index);
}
