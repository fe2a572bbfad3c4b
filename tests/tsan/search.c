/* search.c -- eight threads search, explain and highlight one index, for ThreadSanitizer; every
 * answer is compared with the first one. */
#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lede.h"

enum { ARTICLES = 20000, THREADS = 8, ROUNDS = 40 };

static const char *const QUERIES[] = {"word1 word2",  "\"word3 word1\"", "word7 -word1",
                                      "title:word4",  "word900",         "word2 \"word1 word2\"",
                                      "+word5 word6", "absent"};
enum { QUERY_COUNT = sizeof QUERIES / sizeof *QUERIES };

static uint64_t state = 20240607;
static struct lede_index *opened;
static uint64_t totals[QUERY_COUNT];
static double scores[QUERY_COUNT];

static uint32_t roll(uint32_t limit)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % limit);
}

static void check(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "failed: %s\n", what);
    exit(1);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

static void fill(const char *path)
{
    struct lede_writer *writer;

    check(lede_writer_open(path, &(struct lede_writer_options){.jobs = 2}, &writer, NULL) ==
              LEDE_OK,
          "open for writing");
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char id[16], text[256], title[16];
        size_t size = 0;
        struct lede_article article = {
            .id = {id, (size_t)sprintf(id, "%u", i % (ARTICLES / 2 + 1))},
            .title = {title, (size_t)sprintf(title, "word%u", roll(10))}};

        for (uint32_t j = roll(16); j > 0; j--)
            size += (size_t)sprintf(text + size, "word%u ", roll(roll(1000) + 1));
        article.text = (struct lede_bytes){text, size};
        check(lede_writer_add(writer, &article, NULL) == LEDE_OK, "add");
        if (i == ARTICLES / 2)
            check(lede_writer_commit(writer, NULL) == LEDE_OK, "commit");
    }
    check(lede_writer_commit(writer, NULL) == LEDE_OK, "commit");
    lede_writer_close(writer);
}

static struct lede_results *search(size_t number)
{
    struct lede_bytes query = {QUERIES[number], strlen(QUERIES[number])};
    struct lede_results *results;

    check(lede_search(opened, query, &(struct lede_search_options){.count_matches = true}, &results,
                      NULL) == LEDE_OK,
          "search");
    return results;
}

static double best_of(const struct lede_results *results)
{
    return lede_results_count(results) ? lede_results_hit(results, 0)->score : 0;
}

static void look_closely(struct lede_results *results)
{
    const struct lede_hit *hit = lede_results_hit(results, 0);
    struct lede_explanation *explanation;
    struct lede_highlighter *highlighter;
    struct lede_stored *stored;
    const struct lede_span *spans;
    size_t count;

    check(lede_explain(results, hit, &explanation, NULL) == LEDE_OK, "explain");
    check(explanation->score == hit->score, "explained score");
    lede_explanation_free(explanation);
    check(lede_stored_get(opened, hit, &stored, NULL) == LEDE_OK, "stored");
    check(lede_highlighter_new(results, &highlighter, NULL) == LEDE_OK, "highlighter");
    check(lede_highlight(highlighter, LEDE_TEXT, lede_stored_article(stored)->text,
                         (struct lede_bytes){0}, &spans, &count, NULL) == LEDE_OK,
          "highlight");
    lede_highlighter_free(highlighter);
    lede_stored_free(stored);
}

static void *run(void *context)
{
    size_t first = (size_t)(uintptr_t)context;

    for (size_t i = 0; i < ROUNDS; i++) {
        size_t number = (first + i) % QUERY_COUNT;
        struct lede_results *results = search(number);

        check(lede_results_total(results) == totals[number], "total");
        check(best_of(results) == scores[number], "score");
        if (lede_results_count(results))
            look_closely(results);
        lede_results_free(results);
    }
    return NULL;
}

int main(void)
{
    char path[] = "/tmp/lede-tsan-XXXXXX";
    const char *const paths[] = {path};
    pthread_t threads[THREADS];

    check(mkdtemp(path) != NULL, "mkdtemp");
    fill(path);
    check(lede_index_open(paths, 1, &opened, NULL) == LEDE_OK, "open");
    for (size_t i = 0; i < QUERY_COUNT; i++) {
        struct lede_results *results = search(i);

        totals[i] = lede_results_total(results);
        scores[i] = best_of(results);
        lede_results_free(results);
    }
    /* Open again, so that the threads are the first to look at anything. */
    lede_index_close(opened);
    check(lede_index_open(paths, 1, &opened, NULL) == LEDE_OK, "open again");
    for (size_t i = 0; i < THREADS; i++)
        check(pthread_create(&threads[i], NULL, run, (void *)(uintptr_t)i) == 0, "thread");
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    lede_index_close(opened);
    nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}
