/* small_index.h -- an index of a few articles, for one test. */
#ifndef TESTS_QUERY_SMALL_INDEX_H
#define TESTS_QUERY_SMALL_INDEX_H

#include "lede.h"
#include "tests/indexer/scratch.h"

struct small_article {
    const char *id, *language, *title, *text;
};

UNUSED static struct lede_bytes small_bytes(const char *text)
{
    return (struct lede_bytes){text, text ? strlen(text) : 0};
}

/* Adds the articles to the index in path, a commit. */
UNUSED static void small_add(const char *path, const struct lede_writer_options *options,
                             const struct small_article *articles, size_t count)
{
    struct lede_writer_options small = options ? *options : (struct lede_writer_options){0};
    struct lede_writer *writer;
    struct lede_error error;

    small.memory = 16 << 20;
    small.jobs = 1;
    cr_assert_eq(lede_writer_open(path, &small, &writer, &error), LEDE_OK, "%s", error.text);
    for (size_t i = 0; i < count; i++) {
        struct lede_article article = {.id = small_bytes(articles[i].id),
                                       .title = small_bytes(articles[i].title),
                                       .text = small_bytes(articles[i].text),
                                       .language = small_bytes(articles[i].language)};

        cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    }
    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    lede_writer_close(writer);
}

UNUSED static struct lede_index *small_open(const char *path)
{
    struct lede_index *index;
    struct lede_error error;

    cr_assert_eq(lede_index_open(&path, 1, &index, &error), LEDE_OK, "%s", error.text);
    return index;
}

UNUSED static struct lede_results *small_search(struct lede_index *index, const char *query,
                                                const struct lede_search_options *options)
{
    struct lede_results *results;
    struct lede_error error;

    cr_assert_eq(lede_search(index, small_bytes(query), options, &results, &error), LEDE_OK,
                 "<%s>: %s", query, error.text);
    return results;
}

/* The ids of a query's hits, with a space between them. */
UNUSED static const char *small_found(struct lede_index *index, const char *query,
                                      const struct lede_search_options *options)
{
    static char found[4096];
    struct lede_results *results = small_search(index, query, options);
    char *at = found;

    *at = '\0';
    for (size_t i = 0; i < lede_results_count(results); i++) {
        struct lede_bytes id = lede_results_hit(results, i)->id;

        at += sprintf(at, "%s%.*s", i ? " " : "", (int)id.size, (const char *)id.data);
    }
    lede_results_free(results);
    return found;
}

#endif
