/* scoring INDEX [WORD...] -- how fast postings are scored when nothing is left out.
 *
 * Searches for the ten best articles with the first word (default: the of and to in, which most
 * articles have), with any of the first two, and so on, with pruning off: every posting is decoded,
 * weighed with its article's length and added up. Prints the postings of each union, the least time
 * of 40 runs of the whole query, postings a second, and what that is in documents and frequencies
 * of 4 bytes; first what plain loops make of the machine's memory. One thread.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bandwidth.h"
#include "lede.h"

enum { RUNS = 40, WORDS_MAX = 16 };

static double microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* How many articles have the word; 0 too where that cannot be found out. */
static uint64_t count_articles(struct lede_index *index, const char *word)
{
    struct lede_search_options options = {.any = true, .count_only = true};
    struct lede_results *results;
    uint64_t count;

    if (lede_search(index, (struct lede_bytes){word, strlen(word)}, &options, &results, NULL) !=
        LEDE_OK)
        return 0;
    count = lede_results_total(results);
    lede_results_free(results);
    return count;
}

/* The least time of a search in microseconds; below 0 if it fails. */
static double time_search(struct lede_index *index, struct lede_bytes query)
{
    struct lede_search_options options = {.any = true, .limit = 10, .exhaustive = true};
    double least = -1;

    for (int run = 0; run < RUNS; run++) {
        struct lede_results *results;
        double began = microseconds(), took;

        if (lede_search(index, query, &options, &results, NULL) != LEDE_OK)
            return -1;
        took = microseconds() - began;
        lede_results_free(results);
        least = least < 0 || took < least ? took : least;
    }
    return least;
}

static bool measure(struct lede_index *index, const char *const *words, int count)
{
    char query[4096];
    size_t size = 0;
    uint64_t postings = 0;

    (void)puts("words      postings        us  M postings/s   GB/s");
    for (int i = 0; i < count; i++) {
        int added = snprintf(query + size, sizeof query - size, "%s ", words[i]);
        double took;

        if (added < 0 || (size_t)added >= sizeof query - size)
            return false;
        size += (size_t)added;
        postings += count_articles(index, words[i]);
        took = time_search(index, (struct lede_bytes){query, size});
        if (took < 0)
            return false;
        (void)printf("%5d  %12llu  %8.1f  %12.1f  %5.1f\n", i + 1, (unsigned long long)postings,
                     took, (double)postings / took, 8e-3 * (double)postings / took);
    }
    return true;
}

int main(int argc, char **argv)
{
    static const char *const USUAL[] = {"the", "of", "and", "to", "in"};
    const char *const *words = argc > 2 ? (const char *const *)argv + 2 : USUAL;
    int count = argc > 2 ? argc - 2 : (int)(sizeof USUAL / sizeof USUAL[0]);
    const char *const path = argc > 1 ? argv[1] : NULL;
    struct lede_index *index;
    struct lede_error error;
    bool done;

    if (!path || count > WORDS_MAX) {
        (void)fputs("usage: scoring INDEX [WORD...]\n", stderr);
        return 2;
    }
    if (lede_index_open(&path, 1, &index, &error) != LEDE_OK) {
        (void)fprintf(stderr, "scoring: %s\n", error.text);
        return 3;
    }
    bandwidth_print();
    done = measure(index, words, count);
    lede_index_close(index);
    if (!done)
        (void)fputs("scoring: a search failed\n", stderr);
    return done ? 0 : 4;
}
