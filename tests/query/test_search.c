#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>

#include "tests/query/small_index.h"

TestSuite(search, .init = scratch_make, .fini = scratch_remove);

static const struct small_article HARBOUR[] = {
    {"one", "en", "Harbour dues", "The harbour raised its dues. Ships wait."},
    {"two", "en", "Storm", "A storm closed the harbour; the ships stayed."},
    {"three", "en", "Ships and storms", "Ships meet storms. Storm after storm."},
    {"four", "en", "", "A note of the harbour master."},
};

static struct lede_index *harbour(void)
{
    small_add("index", NULL, HARBOUR, 4);
    return small_open("index");
}

Test(search, every_word_is_required_unless_any_will_do)
{
    struct lede_index *index = harbour();

    cr_expect_str_eq(small_found(index, "harbour storm", NULL), "two");
    cr_expect_str_eq(small_found(index, "master storm", &(struct lede_search_options){.any = true}),
                     "four three two");
    cr_expect_str_eq(small_found(index, "harbour absent", NULL), "");
    cr_expect_str_eq(
        small_found(index, "master absent", &(struct lede_search_options){.any = true}), "four");
    cr_expect_str_eq(
        small_found(index, "+harbour master", &(struct lede_search_options){.any = true}),
        "four one two");
    lede_index_close(index);
}

Test(search, excluded_words_exclude)
{
    struct lede_index *index = harbour();
    struct lede_results *results;

    cr_expect_str_eq(small_found(index, "harbour -storm", NULL), "one four");
    cr_expect_str_eq(small_found(index, "ships -\"ships wait\"", NULL), "three two");
    results = small_search(index, "-storm", NULL);
    cr_expect_eq(lede_results_count(results), 0);
    cr_expect_str_eq(lede_results_note(results, 0),
                     "\"storm\" at column 1: excluded, and there is nothing to search for beside "
                     "it, nothing is found (a minus in quotes excludes nothing)");
    cr_expect_null(lede_results_note(results, 1));
    lede_results_free(results);
    lede_index_close(index);
}

Test(search, titles_are_searched_apart_and_phrases_never_reach_out_of_them)
{
    struct lede_index *index = harbour();

    cr_expect_str_eq(small_found(index, "title:harbour", NULL), "one");
    cr_expect_str_eq(small_found(index, "title:\"ships and storms\"", NULL), "three");
    cr_expect_str_eq(small_found(index, "\"harbour dues\"", NULL), "one");
    cr_expect_str_eq(small_found(index, "\"dues the\"", NULL), "");
    lede_index_close(index);
}

/* One in two has the word, one in a hundred its variant too, and another one only that. */
Test(search, a_word_and_its_rare_variant_count_an_article_once)
{
    enum { COUNT = 2000 };
    static struct small_article articles[COUNT];
    static char ids[COUNT][8];
    struct lede_index *index;

    for (int i = 0; i < COUNT; i++) {
        const char *text = i % 100 == 0   ? "beyonce and Beyoncé"
                           : i % 100 == 1 ? "Beyoncé"
                           : i % 2 == 0   ? "beyonce"
                                          : "other";

        (void)snprintf(ids[i], sizeof ids[i], "%d", i);
        articles[i] = (struct small_article){ids[i], "en", "", text};
    }
    small_add("index", NULL, articles, COUNT);
    index = small_open("index");
    for (int counted = 0; counted < 2; counted++) {
        struct lede_search_options options = {.count_only = counted, .count_matches = true};
        struct lede_results *results = small_search(index, "beyonce", &options);

        cr_expect_eq(lede_results_total(results), COUNT / 2 + COUNT / 100);
        lede_results_free(results);
    }
    lede_index_close(index);
}

Test(search, results_are_counted_and_cut)
{
    struct lede_index *index = harbour();
    struct lede_results *results =
        small_search(index, "ship", &(struct lede_search_options){.limit = 2, .offset = 1});

    cr_expect_eq(lede_results_count(results), 2);
    cr_expect_eq(lede_results_total(results), 3);
    cr_expect_null(lede_results_hit(results, 2));
    lede_results_free(results);
    results = small_search(index, "ship", &(struct lede_search_options){.offset = 3});
    cr_expect_eq(lede_results_count(results), 0);
    cr_expect_eq(lede_results_total(results), 3);
    lede_results_free(results);
    results = small_search(index, "ship",
                           &(struct lede_search_options){.limit = SIZE_MAX, .offset = SIZE_MAX});
    cr_expect_eq(lede_results_count(results), 0);
    lede_results_free(results);
    lede_index_close(index);
}

Test(search, nothing_to_search_for_finds_nothing)
{
    struct lede_index *index = harbour();

    cr_expect_str_eq(small_found(index, "", NULL), "");
    cr_expect_str_eq(small_found(index, " \t ", NULL), "");
    cr_expect_str_eq(small_found(index, "& !", NULL), "");
    lede_index_close(index);
}

static enum lede_status refused(struct lede_index *index, const char *query,
                                const struct lede_search_options *options, char text[512])
{
    struct lede_results *results = NULL;
    struct lede_error error = {.text = ""};
    enum lede_status status = lede_search(index, small_bytes(query), options, &results, &error);

    cr_expect_null(results, "on failure nothing is written");
    snprintf(text, 512, "%s", error.text);
    lede_results_free(results);
    return status;
}

Test(search, options_that_make_no_sense_are_refused)
{
    struct lede_index *index = harbour();
    char text[512];

    cr_expect_eq(refused(index, "x", &(struct lede_search_options){.k1 = 1, .b = 1.5}, text),
                 LEDE_INVALID);
    cr_expect_str_eq(text, "BM25 takes k1 >= 0 and b from 0 to 1");
    cr_expect_eq(refused(index, "x", &(struct lede_search_options){.k1 = INFINITY, .b = 1}, text),
                 LEDE_INVALID);
    cr_expect_eq(refused(index, "x", &(struct lede_search_options){.k1 = NAN, .b = 1}, text),
                 LEDE_INVALID);
    cr_expect_eq(refused(index, "x", &(struct lede_search_options){.language = "klingon"}, text),
                 LEDE_INVALID);
    cr_expect_str_eq(text, "unknown language \"klingon\"");
    lede_index_close(index);
}

Test(search, a_strict_query_tells_the_column)
{
    struct lede_index *index = harbour();
    char text[512];

    cr_expect_eq(refused(index, "oil \"crude", &(struct lede_search_options){.strict = true}, text),
                 LEDE_INVALID);
    cr_expect_str_eq(text, "query: \"\"crude\" at column 5: unbalanced quote");
    cr_expect_eq(refused(index, "-oil", &(struct lede_search_options){.strict = true}, text),
                 LEDE_INVALID);
    lede_index_close(index);
}

Test(search, a_query_that_is_out_of_time_has_no_answer)
{
    struct lede_search_options late = {.timeout = 1e-9}, later = {.timeout = 60};
    static const char *const queries[] = {
        "harbour",  "harbour storm",  "harbour OR storm", "har* -storm", "date:0000.. OR harbour",
        "=harbour", "harbour storm~1"};
    struct lede_index *index = harbour();
    char text[512];

    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++)
        for (enum lede_order order = LEDE_BY_SCORE; order <= LEDE_BY_DATE; order++) {
            late.order = order;
            cr_expect_eq(refused(index, queries[i], &late, text), LEDE_LIMIT, "%s", queries[i]);
            cr_expect_str_eq(text, "query: no answer in the time that it was given");
        }
    cr_expect_str_eq(small_found(index, "harbour storm", &later), "two");
    lede_index_close(index);
}

Test(search, long_queries_are_refused)
{
    struct lede_index *index = harbour();
    static char query[LEDE_QUERY_MAX + 2];
    char text[512];

    memset(query, 'x', LEDE_QUERY_MAX + 1);
    cr_expect_eq(refused(index, query, NULL, text), LEDE_LIMIT);
    lede_index_close(index);
}

Test(search, an_explanation_adds_up_to_the_score)
{
    struct lede_index *index = harbour();
    struct lede_results *results =
        small_search(index, "storm +ships -absent", &(struct lede_search_options){.any = true});
    const struct lede_hit *hit = lede_results_hit(results, 0);
    struct lede_explanation *why;
    struct lede_error error;

    cr_assert_eq(lede_explain(results, hit, &why, &error), LEDE_OK, "%s", error.text);
    cr_expect_eq(why->score, hit->score);
    cr_expect_eq(why->articles, 4);
    cr_expect_eq(why->k1, 1.2);
    cr_expect_eq(why->b, 0.75);
    cr_expect_eq(why->length, 9);
    cr_assert_eq(why->clause_count, 3);
    cr_expect_eq(why->clauses[0].tf, 4);
    cr_expect_eq(why->clauses[0].df, 2);
    cr_expect_not(why->clauses[0].required);
    cr_expect_eq(why->clauses[1].tf, 2);
    cr_expect(why->clauses[1].required);
    cr_expect(why->clauses[2].prohibited);
    cr_expect_eq(why->clauses[2].contribution, 0);
    cr_expect_eq(why->clauses[0].contribution + why->clauses[1].contribution, why->score);
    cr_expect_float_eq(why->clauses[0].contribution, why->clauses[0].weight * 4 / (4 + why->k),
                       1e-6);
    lede_explanation_free(why);
    lede_results_free(results);
    lede_index_close(index);
}

Test(search, what_does_not_match_can_be_explained_too)
{
    struct lede_index *index = harbour();
    struct lede_results *results = small_search(index, "\"ships wait\" storm", NULL);
    struct lede_explanation *why;

    cr_expect_eq(lede_results_count(results), 0);
    cr_assert_eq(lede_explain(results, &(struct lede_hit){.document = 0}, &why, NULL), LEDE_OK);
    cr_expect_eq(why->clauses[0].tf, 1);
    cr_expect(why->clauses[0].phrase);
    cr_expect_float_eq(why->clauses[0].idf, log(1 + 1.5 / 3.5) + log(1 + 3.5 / 1.5), 1e-12);
    cr_expect_eq(why->clauses[1].tf, 0);
    lede_explanation_free(why);
    cr_expect_eq(lede_explain(results, &(struct lede_hit){.document = 4}, &why, NULL),
                 LEDE_INVALID);
    cr_expect_eq(lede_explain(results, &(struct lede_hit){.index = 1}, &why, NULL), LEDE_INVALID);
    lede_results_free(results);
    lede_index_close(index);
}

Test(search, stored_articles_come_back)
{
    struct lede_index *index = harbour();
    struct lede_stored *stored;
    const struct lede_article *article;

    cr_assert_eq(lede_stored_find(index, LEDE_STR("two"), &stored, NULL), LEDE_OK);
    article = lede_stored_article(stored);
    cr_expect_eq(memcmp(article->id.data, "two", 3), 0);
    cr_expect_eq(article->title.size, 5);
    cr_expect_eq(memcmp(article->text.data, HARBOUR[1].text, article->text.size), 0);
    cr_expect(lede_stored_text_kept(stored));
    lede_stored_free(stored);
    cr_expect_eq(lede_stored_find(index, LEDE_STR("five"), &stored, NULL), LEDE_MISSING);
    cr_expect_eq(lede_stored_get(index, &(struct lede_hit){.segment = 1}, &stored, NULL),
                 LEDE_INVALID);
    lede_index_close(index);
}

/* Two indexes score as the one that has the articles of both. */
Test(search, indexes_opened_together_rank_as_one)
{
    const char *const parts[] = {"first", "second"};
    struct lede_index *together, *one;
    struct lede_results *a, *b;

    small_add("first", NULL, HARBOUR, 2);
    small_add("second", NULL, HARBOUR + 2, 2);
    small_add("all", NULL, HARBOUR, 4);
    cr_assert_eq(lede_index_open(parts, 2, &together, NULL), LEDE_OK);
    one = small_open("all");
    a = small_search(together, "ships storm harbour", &(struct lede_search_options){.any = true});
    b = small_search(one, "ships storm harbour", &(struct lede_search_options){.any = true});
    cr_assert_eq(lede_results_count(a), 4);
    cr_assert_eq(lede_results_count(b), 4);
    for (size_t i = 0; i < 4; i++) {
        cr_expect_eq(lede_results_hit(a, i)->score, lede_results_hit(b, i)->score);
        cr_expect_eq(lede_results_hit(a, i)->id.size, lede_results_hit(b, i)->id.size);
    }
    lede_results_free(a);
    lede_results_free(b);
    lede_index_close(together);
    lede_index_close(one);
}

Test(search, indexes_of_different_analysis_do_not_mix)
{
    const char *const paths[] = {"stemmed", "whole"};
    struct lede_index *index;
    char text[512];

    small_add("stemmed", NULL, HARBOUR, 1);
    small_add("whole", &(struct lede_writer_options){.no_stem = true}, HARBOUR, 1);
    cr_assert_eq(lede_index_open(paths, 2, &index, NULL), LEDE_OK);
    cr_expect_eq(refused(index, "harbour", NULL, text), LEDE_INCOMPATIBLE);
    cr_expect_str_eq(text, "whole was analysed in another way than stemmed; search them one by "
                           "one, or rebuild one");
    lede_index_close(index);
}

Test(search, a_missing_index_is_told)
{
    const char *const paths[] = {"nowhere"};
    struct lede_index *index = NULL;
    struct lede_error error;

    cr_expect_eq(lede_index_open(paths, 1, &index, &error), LEDE_MISSING);
    cr_expect_eq(lede_index_open(paths, 0, &index, &error), LEDE_INVALID);
    cr_expect_null(index);
}

Test(search, an_index_without_articles_finds_nothing)
{
    struct lede_index *index;

    small_add("index", NULL, HARBOUR, 0);
    index = small_open("index");
    cr_expect_str_eq(small_found(index, "harbour", NULL), "");
    cr_expect_str_eq(
        small_found(index, "\"the harbour\" -x", &(struct lede_search_options){.any = true}), "");
    lede_index_close(index);
}

Test(search, zeroed_options_are_the_defaults)
{
    struct lede_index *index = harbour();
    struct lede_results *a = small_search(index, "storm", NULL);
    struct lede_results *b =
        small_search(index, "storm", &(struct lede_search_options){.k1 = -1, .b = -1});
    struct lede_results *c =
        small_search(index, "storm", &(struct lede_search_options){.k1 = 0, .b = 1});

    cr_assert_eq(lede_results_count(a), 2);
    cr_expect_eq(lede_results_hit(a, 0)->score, lede_results_hit(b, 0)->score);
    cr_expect_neq(lede_results_hit(a, 0)->score, lede_results_hit(a, 1)->score);
    cr_expect_eq(lede_results_hit(c, 0)->score, lede_results_hit(c, 1)->score);
    lede_results_free(a);
    lede_results_free(b);
    lede_results_free(c);
    lede_index_close(index);
}

static void *search_often(void *context)
{
    struct lede_index *index = context;

    for (int i = 0; i < 300; i++) {
        struct lede_results *results;

        if (lede_search(index, LEDE_STR("ships \"the harbour\""), NULL, &results, NULL) != LEDE_OK)
            return "failed";
        if (lede_results_count(results) != 2)
            return "wrong";
        lede_results_free(results);
    }
    return NULL;
}

Test(search, many_threads_search_one_index)
{
    struct lede_index *index = harbour();
    pthread_t threads[4];
    void *failure;

    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, search_often, index), 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failure);
        cr_expect_null(failure);
    }
    lede_index_close(index);
}

/* ---- groups and patterns ---- */

static const struct small_article FARES[] = {
    {"ferry", "en", "", "The ferry to Ostrey strikes, says the government."},
    {"tram", "en", "", "A tram strike; the governor governs."},
    {"both", "en", "", "Ferry and tram run; an economy of women."},
    {"none", "en", "", "A woman received the economists."},
};

static void expect_found(struct lede_index *index, const char *query, const char *ids)
{
    const char *found = small_found(index, query, NULL);

    cr_expect_str_eq(found, ids, "<%s>: %s, not %s", query, found, ids);
}

Test(search, groups_and_patterns_find_what_they_say, .init = scratch_make, .fini = scratch_remove)
{
    struct lede_index *index;

    small_add("fares", NULL, FARES, 4);
    index = small_open("fares");
    expect_found(index, "(ferry OR tram) AND strike", "tram ferry");
    expect_found(index, "(ferry OR tram) NOT strike", "both");
    expect_found(index, "ferry -(tram run)", "ferry");
    expect_found(index, "ferry AND (tram OR government) AND NOT Ostrey", "both");
    expect_found(index, "wom?n", "none both");
    expect_found(index, "econ*", "none both");
    expect_found(index, "*ist", "none");
    expect_found(index, "economy*", "both");
    expect_found(index, "recieve~1", "none");
    expect_found(index, "fery~1", "ferry both");
    expect_found(index, "title:(ferry OR tram)", "");
    expect_found(index, "zzz*", "");
    lede_index_close(index);
}

Test(search, a_boost_counts_as_often, .init = scratch_make, .fini = scratch_remove)
{
    struct lede_index *index;
    struct lede_results *one, *three;

    small_add("fares", NULL, FARES, 4);
    index = small_open("fares");
    one = small_search(index, "strike", NULL);
    three = small_search(index, "(strike^1.5)^2", NULL);
    cr_assert_eq(lede_results_count(three), 2);
    cr_expect_float_eq(lede_results_hit(three, 0)->score, 3 * lede_results_hit(one, 0)->score,
                       1e-6);
    lede_results_free(one);
    lede_results_free(three);
    lede_index_close(index);
}

static void expect_note(struct lede_index *index, const char *query, size_t number,
                        const char *text)
{
    struct lede_results *results = small_search(index, query, NULL);
    const char *note = lede_results_note(results, number);

    cr_expect(note && strstr(note, text), "%s: %s", query, note ? note : "no note");
    lede_results_free(results);
}

static struct lede_index *index_of_many(size_t more)
{
    static char text[20000], other[20000];
    const struct small_article articles[] = {{"many", "en", "", text}, {"few", "en", "", "x700"}};
    const struct small_article others[] = {{"more", "en", "", other}};
    char *at = text;

    for (int i = 0; i < 2000; i++)
        at += sprintf(at, "x%d ", i);
    small_add("terms", NULL, articles, 2);
    at = other;
    for (size_t i = 0; i < more; i++)
        at += sprintf(at, "x%zu ", 1000 + i);
    if (more > 0)
        small_add("terms", NULL, others, 1);
    return small_open("terms");
}

Test(search, more_terms_than_there_may_be_are_told_and_the_most_frequent_are_searched,
     .init = scratch_make, .fini = scratch_remove)
{
    struct lede_index *index = index_of_many(0);
    struct lede_results *results = small_search(index, "x*", NULL);

    cr_expect_eq(lede_results_count(results), 2);
    lede_results_free(results);
    expect_note(index, "x*", 0,
                "\"x*\" at column 1: stands for too many terms, 2000: only the 1024 most frequent "
                "are searched; narrow it to search all");
    expect_note(index, "x1*9 x*", 0, "too many terms, 2000: only the 913 most frequent");
    expect_note(index, "x* x1*", 1, "\"x1*\" at column 4: is not searched: ");
    expect_note(index, "x1500~2", 0, "only the 64 nearest and most frequent");
    lede_index_close(index);
}

Test(search, of_several_segments_it_is_told_how_many_terms_there_are_at_least, .init = scratch_make,
     .fini = scratch_remove)
{
    struct lede_index *index = index_of_many(1100);

    expect_note(index, "x*", 0, "too many terms, at least 2000: only the 1024 most frequent");
    lede_index_close(index);
}
