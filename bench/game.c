/* game INDEX -- answers the queries of the public search benchmark game, for comparing engines.
 *
 * Reads lines COMMAND<TAB>QUERY: COUNT, TOP_k and TOP_k_COUNT with k of 10, 100 or 1000; `a b` is a
 * union, `+a +b` an intersection, `"a b"` a phrase. Answers a line each: the count (1 for TOP_k),
 * or UNSUPPORTED, a tab, and the microseconds from the line read to the answer ready: parsing,
 * evaluation, and the sorted hits with their external ids. Nothing survives a query but the open
 * index. PRINT_HITS=1 writes the hits to stderr, as "  ID SCORE"; LEDE_EXHAUSTIVE=1 prunes nothing.
 * PRINT_WORK=1 adds to each answer, behind tabs: the blocks of postings that were decoded, those
 * that the query's lists have, the packs of positions that were decoded, and the bytes of what was
 * decoded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lede.h"
#include "results.h"

struct command {
    const char *name;
    size_t limit; /* 0: no hits */
    bool count;
};

static const struct command COMMANDS[] = {{"COUNT", 0, true},
                                          {"TOP_10", 10, false},
                                          {"TOP_100", 100, false},
                                          {"TOP_1000", 1000, false},
                                          {"TOP_10_COUNT", 10, true},
                                          {"TOP_100_COUNT", 100, true},
                                          {"TOP_1000_COUNT", 1000, true}};

static const struct command *find_command(const char *name, size_t size)
{
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strlen(COMMANDS[i].name) == size && memcmp(COMMANDS[i].name, name, size) == 0)
            return &COMMANDS[i];
    return NULL;
}

static double microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void print_hits(const struct lede_results *results)
{
    for (size_t i = 0; i < lede_results_count(results); i++) {
        const struct lede_hit *hit = lede_results_hit(results, i);

        (void)fprintf(stderr, "  %.*s %.9g\n", (int)hit->id.size, (const char *)hit->id.data,
                      hit->score);
    }
}

/* The blocks of all lists that the query's terms have. */
static uint64_t count_blocks(const struct lede_results *results)
{
    const struct plan *plan = &results->plan;
    uint64_t blocks = 0;

    for (size_t c = 0; c < plan->query.count; c++)
        for (size_t w = 0; w < plan->query.clauses[c].word_count; w++) {
            const struct query_word *word = &plan->query.clauses[c].words[w];

            for (size_t t = 0; t < word->term_count; t++)
                for (uint32_t i = 0; i < plan->index->segment_count; i++)
                    if (!word->terms[t].infos[i].inlined.size)
                        blocks += (word->terms[t].infos[i].df + BLOCK_DOCS - 1) / BLOCK_DOCS;
        }
    return blocks;
}

static void print_work(const struct lede_results *results, const struct posting_work *before)
{
    (void)printf("\t%llu\t%llu\t%llu\t%llu",
                 (unsigned long long)(posting_work.blocks - before->blocks),
                 (unsigned long long)count_blocks(results),
                 (unsigned long long)(posting_work.packs - before->packs),
                 (unsigned long long)(posting_work.bytes - before->bytes));
}

/* False: the index cannot be read any more. */
static bool answer(struct lede_index *index, const char *line, size_t size)
{
    double began = microseconds(), ended;
    const char *tab = memchr(line, '\t', size);
    const struct command *command = tab ? find_command(line, (size_t)(tab - line)) : NULL;
    struct lede_search_options options = {.any = true};
    struct lede_bytes query;
    struct posting_work before = posting_work;
    struct lede_results *results;
    struct lede_error error;
    enum lede_status status;

    if (!command) {
        (void)puts("UNSUPPORTED\t0");
        return true;
    }
    query = (struct lede_bytes){tab + 1, (size_t)(line + size - tab) - 1};
    options.limit = command->limit;
    options.count_only = command->limit == 0;
    options.count_matches = command->count;
    options.exhaustive = getenv("LEDE_EXHAUSTIVE") != NULL;
    status = lede_search(index, query, &options, &results, &error);
    ended = microseconds();
    if (status == LEDE_INVALID || status == LEDE_LIMIT) {
        (void)puts("UNSUPPORTED\t0");
        return true;
    }
    if (status != LEDE_OK) {
        (void)fprintf(stderr, "game: %s\n", error.text);
        return false;
    }
    (void)printf("%llu\t%.1f",
                 command->count ? (unsigned long long)lede_results_total(results) : 1ULL,
                 ended - began);
    if (getenv("PRINT_WORK"))
        print_work(results, &before);
    (void)putchar('\n');
    if (getenv("PRINT_HITS"))
        print_hits(results);
    lede_results_free(results);
    return true;
}

int main(int argc, char **argv)
{
    const char *const path = argc == 2 ? argv[1] : NULL;
    struct lede_index *index;
    struct lede_error error;
    char *line = NULL;
    size_t capacity = 0;
    bool going = true;

    if (!path) {
        (void)fputs("usage: game INDEX < \"COMMAND<TAB>QUERY\" lines\n", stderr);
        return 2;
    }
    if (lede_index_open(&path, 1, &index, &error) != LEDE_OK) {
        (void)fprintf(stderr, "game: %s\n", error.text);
        return 3;
    }
    for (ssize_t size; going && (size = getline(&line, &capacity, stdin)) > 0;) {
        while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
            size--;
        going = answer(index, line, (size_t)size);
        (void)fflush(stdout);
    }
    free(line);
    lede_index_close(index);
    return going ? 0 : 4;
}
