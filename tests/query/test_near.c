/* What "..."~n finds, how often, and what it shows. */
#include <criterion/criterion.h>

#include "tests/query/small_index.h"

TestSuite(near, .init = scratch_make, .fini = scratch_remove);

static const struct small_article ARTICLES[] = {
    {"side", "en", "", "crude oil rose"},
    {"turned", "en", "", "oil, crude as it was"},
    {"one", "en", "", "crude heavy oil"},
    {"three", "en", "", "oil that may be crude"},
    {"twice", "en", "", "crude oil crude oil crude"},
    {"piled", "en", "", "oil oil oil crude crude"},
    {"parted", "en", "crude", "oil"},
    {"alone", "en", "", "crude"},
    {"york", "en", "", "new york and new jersey"},
};

static struct lede_index *articles(const struct lede_writer_options *options)
{
    small_add("index", options, ARTICLES, sizeof ARTICLES / sizeof *ARTICLES);
    return small_open("index");
}

/* The ids of a query's hits in the order of the articles, each with how often the first clause is
 * there. */
static const char *counted(struct lede_index *index, const char *query)
{
    static char found[1024];
    struct lede_results *results = small_search(index, query, NULL);
    char *at = found;

    *at = '\0';
    for (uint32_t document = 0; document < sizeof ARTICLES / sizeof *ARTICLES; document++) {
        struct lede_hit hit = {.document = document};
        struct lede_explanation *why;

        cr_assert_eq(lede_explain(results, &hit, &why, NULL), LEDE_OK);
        if (why->score > 0)
            at += sprintf(at, "%s%s %u", at > found ? ", " : "", ARTICLES[document].id,
                          why->clauses[0].tf);
        lede_explanation_free(why);
    }
    lede_results_free(results);
    return found;
}

Test(near, words_in_any_order_with_as_many_others_among_them)
{
    struct lede_index *index = articles(NULL);

    cr_expect_str_eq(counted(index, "\"crude oil\""), "side 1, twice 2");
    cr_expect_str_eq(counted(index, "\"crude oil\"~0"), "side 1, turned 1, twice 2, piled 1");
    cr_expect_str_eq(counted(index, "\"oil crude\"~1"),
                     "side 1, turned 1, one 1, twice 2, piled 1");
    cr_expect_str_eq(counted(index, "\"crude oil\"~2"),
                     "side 1, turned 1, one 1, twice 2, piled 1");
    cr_expect_str_eq(counted(index, "\"crude oil\"~3"),
                     "side 1, turned 1, one 1, three 1, twice 2, piled 1");
    cr_expect_str_eq(counted(index, "\"crude oil rose\"~0"), "side 1");
    lede_index_close(index);
}

Test(near, title_and_text_are_never_near)
{
    struct lede_index *index = articles(NULL);

    cr_expect_str_eq(counted(index, "\"crude oil\"~63"),
                     "side 1, turned 1, one 1, three 1, twice 2, piled 1");
    cr_expect_str_eq(small_found(index, "crude oil -\"crude oil\"~63", NULL), "parted");
    lede_index_close(index);
}

Test(near, a_word_said_twice_has_two_places)
{
    struct lede_index *index = articles(NULL);

    cr_expect_str_eq(counted(index, "\"new new\"~63"), "york 1");
    cr_expect_str_eq(counted(index, "\"new new\"~1"), "");
    cr_expect_str_eq(counted(index, "\"york new new\"~1"), "york 1");
    cr_expect_str_eq(counted(index, "\"york york\"~63"), "");
    lede_index_close(index);
}

Test(near, one_word_is_a_word_and_equal_clauses_have_equal_n)
{
    struct lede_index *index = articles(NULL);
    struct lede_results *results = small_search(index, "\"rose\"~4 rose", NULL);
    struct lede_explanation *why;

    cr_assert_eq(lede_explain(results, lede_results_hit(results, 0), &why, NULL), LEDE_OK);
    cr_expect_eq(why->clause_count, 1);
    cr_expect_eq(why->clauses[0].near, -1);
    cr_expect_eq(why->clauses[0].repeats, 2);
    lede_explanation_free(why);
    lede_results_free(results);
    results = small_search(index, "\"crude oil\"~1 \"crude oil\"~2 \"crude oil\"~1", NULL);
    cr_assert_eq(lede_explain(results, lede_results_hit(results, 0), &why, NULL), LEDE_OK);
    cr_expect_eq(why->clause_count, 2);
    cr_expect_eq(why->clauses[0].near, 1);
    cr_expect_eq(why->clauses[0].repeats, 2);
    cr_expect_eq(why->clauses[1].near, 2);
    lede_explanation_free(why);
    lede_results_free(results);
    lede_index_close(index);
}

Test(near, without_positions_the_words_are_searched_anywhere)
{
    struct lede_index *index = articles(&(struct lede_writer_options){.no_positions = true});
    struct lede_results *results = small_search(index, "\"rose crude\"~0", NULL);

    cr_expect_eq(lede_results_count(results), 1);
    cr_expect_not_null(lede_results_note(results, 0));
    lede_results_free(results);
    lede_index_close(index);
}

/* The text with what is shown in brackets. */
static const char *marked(struct lede_index *index, const char *query, const char *text)
{
    static char out[1024];
    struct lede_results *results = small_search(index, query, NULL);
    struct lede_highlighter *highlighter;
    const struct lede_span *spans;
    size_t count, done = 0;
    char *at = out;

    cr_assert_eq(lede_highlighter_new(results, &highlighter, NULL), LEDE_OK);
    cr_assert_eq(lede_highlight(highlighter, LEDE_TEXT, small_bytes(text), small_bytes("en"),
                                &spans, &count, NULL),
                 LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        at += sprintf(at, "%.*s[%.*s]", (int)(spans[i].offset - done), text + done,
                      (int)spans[i].size, text + spans[i].offset);
        done = spans[i].offset + spans[i].size;
    }
    sprintf(at, "%s", text + done);
    lede_highlighter_free(highlighter);
    lede_results_free(results);
    return out;
}

Test(near, shown_are_the_words_of_the_runs_that_are_counted)
{
    struct lede_index *index = articles(NULL);

    cr_expect_str_eq(marked(index, "\"crude oil\"~1", "oil was not so crude; crude and oil"),
                     "oil was not so crude; [crude] and [oil]");
    cr_expect_str_eq(marked(index, "\"crude oil\"~0", "crude oil crude, oil"),
                     "[crude] [oil] [crude], [oil]");
    cr_expect_str_eq(marked(index, "\"crude oil\"~0", "crude oil crude"), "[crude] [oil] crude");
    cr_expect_str_eq(marked(index, "\"new new york\"~1", "york, new, old new york"),
                     "[york], [new], old [new] york");
    cr_expect_str_eq(marked(index, "oil \"crude oil\"~0", "oil and crude"), "[oil] and crude");
    lede_index_close(index);
}
