/* Filters by keyword fields, over indexes that number them differently. */
#include <criterion/criterion.h>

#include "tests/query/small_index.h"

TestSuite(keywords, .init = scratch_make, .fini = scratch_remove, .timeout = 60);

enum { FIELDS_MAX = 4 };

struct article {
    const char *id, *text, *language, *url;
    struct {
        const char *name, *value;
    } fields[FIELDS_MAX];
};

static const struct article ARTICLES[] = {
    {"oil", "crude oil", "en", "https://www.example.com/a", {{"section", "World"}}},
    {"gas", "crude gas", "en-GB", "http://news.example.com/b", {{"Section", " WORLD "}}},
    {"tea",
     "green tea",
     "pt-BR",
     "",
     {{"section", "Food"}, {"author", "[\"José Díaz\",\"Jane  Doe\"]"}, {"topic", "drinks"}}},
    {"mute", "", "", "http://example.com/c", {{"author", "jane doe"}}}, /* no words at all */
};

static void add_all(const char *path, const struct lede_writer_options *options)
{
    struct lede_writer *writer;
    struct lede_error error;

    cr_assert_eq(lede_writer_open(path, options, &writer, &error), LEDE_OK, "%s", error.text);
    for (size_t i = 0; i < sizeof ARTICLES / sizeof *ARTICLES; i++) {
        const struct article *from = &ARTICLES[i];
        struct lede_field fields[FIELDS_MAX];
        struct lede_article article = {.id = small_bytes(from->id),
                                       .text = small_bytes(from->text),
                                       .language = small_bytes(from->language),
                                       .url = small_bytes(from->url),
                                       .metadata = fields};

        for (; article.metadata_count < FIELDS_MAX && from->fields[article.metadata_count].name;
             article.metadata_count++)
            fields[article.metadata_count] =
                (struct lede_field){small_bytes(from->fields[article.metadata_count].name),
                                    small_bytes(from->fields[article.metadata_count].value)};
        cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    }
    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    lede_writer_close(writer);
}

static struct lede_index *open_one(void)
{
    static const char *const topic = "topic";

    add_all("index", &(struct lede_writer_options){
                         .keywords = &topic, .keyword_count = 1, .standard_keywords = true});
    return small_open("index");
}

static void expect_any(struct lede_index *index, const char *query, bool any, const char *wanted)
{
    struct lede_search_options options = {.any = any, .count_matches = true};

    cr_expect_str_eq(small_found(index, query, &options), wanted, "<%s>", query);
}

static void expect(struct lede_index *index, const char *query, const char *wanted)
{
    expect_any(index, query, false, wanted);
}

Test(keywords, are_filters_of_whole_values)
{
    struct lede_index *index = open_one();

    expect(index, "section:world", "oil gas");
    expect(index, "SECTION:\"  world\"", "oil gas");
    expect(index, "section:worl", "");
    expect(index, "section:world oil", "oil");
    expect(index, "crude -section:food", "oil gas");
    expect(index, "author:\"jane doe\"", "tea mute");
    expect(index, "author:jane", "");
    expect(index, "author:\"jose díaz\"", "tea");
    expect(index, "author:\"JANE DOE\" tea", "tea");
    expect(index, "topic:drinks", "tea");
    expect(index, "section:world OR author:\"jane doe\"", "oil gas tea mute");
    expect(index, "(section:food OR section:world) crude", "oil gas");
    expect(index, "section:(food OR world) NOT crude", "tea");
    expect(index, "crude AND (NOT lang:en OR site:example.com)", "oil");
    lede_index_close(index);
}

Test(keywords, of_sites_and_languages_mean_hosts_and_codes)
{
    struct lede_index *index = open_one();

    expect(index, "site:example.com", "oil mute");
    expect(index, "site:www.example.com", "oil mute");
    expect(index, "site:https://example.com/else", "oil mute");
    expect(index, "site:*.example.com", "gas");
    expect(index, "site:*example.com", "oil gas mute");
    expect(index, "lang:en", "oil gas mute");
    expect(index, "lang:english", "oil gas mute");
    expect(index, "lang:pt", "tea");
    expect(index, "lang:pt-PT", "tea");
    lede_index_close(index);
}

Test(keywords, with_wildcards_ask_for_what_matches)
{
    struct lede_index *index = open_one();

    expect(index, "author:jan*", "tea mute");
    expect(index, "author:*DÍAZ", "tea");
    expect(index, "author:j?ne*", "tea mute");
    expect(index, "section:*", "oil gas tea");
    expect(index, "author:\"jan*\"", "");
    expect(index, "-section:w* tea", "tea");
    lede_index_close(index);
}

Test(keywords, are_required_even_where_some_words_suffice)
{
    struct lede_index *index = open_one();

    expect_any(index, "section:world oil tea", true, "oil");
    expect_any(index, "section:world tea", true, "");
    expect_any(index, "(section:food OR lang:en) crude tea", true, "tea oil gas");
    expect_any(index, "section:world", true, "oil gas");
    lede_index_close(index);
}

Test(keywords, add_nothing_to_a_score)
{
    struct lede_index *index = open_one();
    struct lede_results *alone = small_search(index, "oil", NULL);
    struct lede_results *filtered = small_search(index, "oil section:world site:example.com", NULL);
    struct lede_explanation *explanation;

    cr_assert_eq(lede_results_count(filtered), 1);
    cr_expect_eq(lede_results_hit(alone, 0)->score, lede_results_hit(filtered, 0)->score);
    cr_assert_eq(lede_explain(filtered, lede_results_hit(filtered, 0), &explanation, NULL),
                 LEDE_OK);
    cr_assert_eq(explanation->clause_count, 3);
    cr_expect(explanation->clauses[1].filter && explanation->clauses[1].tf == 1);
    cr_expect_eq(explanation->clauses[1].contribution, 0);
    cr_expect_eq(explanation->score, lede_results_hit(alone, 0)->score);
    lede_explanation_free(explanation);
    lede_results_free(alone);
    lede_results_free(filtered);
    lede_index_close(index);
}

Test(keywords, of_a_name_that_is_not_declared_are_words_with_a_note)
{
    struct lede_index *index = open_one();
    struct lede_results *results = small_search(index, "desk:oil", NULL);
    struct lede_search_options strict = {.strict = true};
    struct lede_error error;

    cr_assert_not_null(lede_results_note(results, 0));
    cr_expect_str_eq(lede_results_note(results, 0),
                     "\"desk:oil\" at column 1: no such field (there are title:, date:, site:, "
                     "section:, author:, lang:, topic:), taken literally");
    lede_results_free(results);
    cr_expect_eq(lede_search(index, small_bytes("desk:oil"), &strict, &results, &error),
                 LEDE_INVALID);
    cr_expect_eq(lede_search(index, small_bytes("topic:x oil"), &strict, &results, &error), LEDE_OK,
                 "%s", error.text);
    lede_results_free(results);
    lede_index_close(index);
}

static void expect_facet(struct lede_index *index, const char *query, const char *name,
                         size_t limit, const char *wanted);

Test(keywords, that_articles_lack_are_told_once_each)
{
    static const char *const names[] = {"topic", "author"};
    const char *const paths[] = {"index", "other"};
    struct lede_writer_options options = {.keywords = names, .keyword_count = 1};
    struct lede_index *index;
    struct lede_results *results;
    struct lede_writer *writer;

    add_all("index", &options);
    options.keyword_count = 2;
    cr_assert_eq(lede_writer_open("index", &options, &writer, NULL), LEDE_OK);
    cr_assert_eq(lede_writer_commit(writer, NULL), LEDE_OK);
    lede_writer_close(writer);
    add_all("other", &options);
    cr_assert_eq(lede_index_open(paths, 1, &index, NULL), LEDE_OK);
    results = small_search(index, "tea author:(jane* OR jose) -author:x topic:drinks", NULL);
    cr_expect_str_eq(lede_results_note(results, 0),
                     "\"jane*\" at column 13: 4 articles were indexed before the field author was "
                     "declared, and are not found by it; lede-index compact gives it to them");
    cr_expect_null(lede_results_note(results, 1));
    lede_results_free(results);
    expect_facet(index, "tea", "author", 9, "; 0 of 0; 1 without");
    lede_index_close(index);
    cr_assert_eq(lede_index_open(paths, 2, &index, NULL), LEDE_OK);
    expect(index, "author:\"jane doe\"", "tea mute");
    lede_index_close(index);
}

Test(keywords, that_no_article_has_are_told)
{
    struct lede_index *index = open_one();
    struct lede_results *results = small_search(index, "section:wrold crude", NULL);
    struct lede_advice *advice;

    cr_assert_eq(lede_advise(results, &advice, NULL), LEDE_OK);
    cr_assert_eq(advice->missing_count, 1);
    cr_expect_eq(advice->missing[0].text.size, strlen("section:wrold"));
    cr_expect_eq(advice->missing[0].suggestion.size, 0);
    cr_assert_eq(advice->left_out_count, 1);
    cr_expect_eq(advice->left_out[0].articles, 2);
    lede_advice_free(advice);
    lede_results_free(results);
    lede_index_close(index);
}

/* ---- facets ---- */

/* As "Jane Doe 2, José Díaz 1; 2 of 3; 1 without". */
static void expect_facet(struct lede_index *index, const char *query, const char *name,
                         size_t limit, const char *wanted)
{
    struct lede_results *results = small_search(index, query, NULL);
    struct lede_facet *facet;
    char shown[512], *at = shown;

    cr_assert_eq(lede_facet(results, small_bytes(name), limit, &facet, NULL), LEDE_OK);
    for (size_t i = 0; i < facet->count; i++)
        at += sprintf(at, "%s%.*s %d", i ? ", " : "", (int)facet->values[i].value.size,
                      (const char *)facet->values[i].value.data, (int)facet->values[i].articles);
    (void)sprintf(at, "; %zu of %d; %d without", facet->count, (int)facet->distinct,
                  (int)facet->without);
    cr_expect_str_eq(shown, wanted, "<%s> %s", query, name);
    lede_facet_free(facet);
    lede_results_free(results);
}

Test(keywords, of_all_matches_are_counted)
{
    struct lede_index *index = open_one();

    expect_facet(index, "lang:*", "author", 9, "Jane  Doe 2, José Díaz 1; 2 of 2; 2 without");
    expect_facet(index, "lang:*", "Author", 1, "Jane  Doe 2; 1 of 2; 2 without");
    expect_facet(index, "crude", "section", 9, "World 2; 1 of 1; 0 without");
    expect_facet(index, "lang:*", "lang", 9, "en 3, pt 1; 2 of 2; 0 without");
    expect_facet(index, "lang:*", "site", 9,
                 "example.com 2, news.example.com 1; 2 of 2; 1 without");
    expect_facet(index, "tea", "topic", 0, "; 0 of 1; 0 without");
    expect_facet(index, "nothing", "topic", 9, "; 0 of 0; 0 without");
    lede_index_close(index);
}

Test(keywords, of_no_such_name_are_not_counted)
{
    struct lede_index *index = open_one();
    struct lede_results *results = small_search(index, "tea", NULL);
    struct lede_facet *facet;
    struct lede_error error;

    cr_expect_eq(lede_facet(results, LEDE_STR("desk"), 9, &facet, &error), LEDE_INVALID);
    cr_expect(strstr(error.text, "\"desk\""), "%s", error.text);
    lede_results_free(results);
    lede_index_close(index);
}

/* Each name is found by what it is called, whatever its number is, and where it is declared. */
Test(keywords, are_those_of_each_index_by_name)
{
    static const char *const orders[2][3] = {{"author", "section"}, {"topic", "section", "author"}};
    const char *const paths[] = {"a", "b", "c"};
    struct lede_index *index;

    add_all("a", &(struct lede_writer_options){.keywords = orders[0], .keyword_count = 2});
    add_all("b", &(struct lede_writer_options){.keywords = orders[1], .keyword_count = 3});
    add_all("c", NULL);
    cr_assert_eq(lede_index_open(paths, 3, &index, NULL), LEDE_OK);
    expect(index, "section:world", "oil gas oil gas");
    expect(index, "author:\"jane doe\"", "tea mute tea mute");
    expect(index, "author:jan*", "tea mute tea mute");
    expect(index, "topic:drinks", "tea");
    expect(index, "topic:d* tea", "tea");
    expect(index, "tea -author:jos*", "tea");
    expect_facet(index, "crude OR tea", "section", 9, "World 4, Food 2; 2 of 2; 3 without");
    expect_facet(index, "crude OR tea", "topic", 9, "drinks 1; 1 of 1; 8 without");
    lede_index_close(index);
}

Test(keywords, more_than_there_are_numbers_for_are_refused)
{
    static char texts[2][150][32];
    const char *names[150], *const paths[] = {"a", "b"};
    struct lede_index *index;
    struct lede_error error;

    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 150; j++) {
            (void)snprintf(texts[i][j], sizeof texts[i][j], "n%d-%d", i, j);
            names[j] = texts[i][j];
        }
        add_all(paths[i], &(struct lede_writer_options){.keywords = names, .keyword_count = 150});
    }
    cr_expect_eq(lede_index_open(paths, 2, &index, &error), LEDE_LIMIT);
    cr_expect(strstr(error.text, "238"), "%s", error.text);
}
