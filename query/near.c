#include "phrase.h"

struct near_word *near_words_new(const struct query_clause *clause, struct arena *arena,
                                 size_t *near_count)
{
    struct near_word *words = arena_calloc(arena, clause->word_count, sizeof *words);

    *near_count = 0;
    for (size_t i = 0; words && i < clause->word_count; i++) {
        size_t at = 0;

        while (at < *near_count && !query_word_same_terms(words[at].word, &clause->words[i]))
            at++;
        if (at == *near_count) {
            words[at].word = &clause->words[i];
            buffer_init(&words[at].positions, NULL);
            ++*near_count;
        }
        words[at].needed++;
    }
    return words;
}

void near_words_done(struct near_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_done(&words[i].positions);
}

/* False: a word is not there often enough. */
static bool read_positions(struct near_word *words, size_t count, doc_id document, uint32_t number,
                           bool *failed)
{
    for (size_t i = 0; i < count; i++) {
        struct near_word *word = &words[i];

        conjunct_positions(word->conjunct, document, number, &word->positions);
        *failed |= word->positions.failed;
        word->places = (const uint32_t *)(const void *)word->positions.data;
        word->count = (uint32_t)(word->positions.size / sizeof(uint32_t));
        word->at = word->from = 0;
        if (word->count < word->needed)
            return false;
    }
    return true;
}

/* The next place that any of the words has; false: there is none. */
static bool next_place(const struct near_word *words, size_t count, uint32_t *place)
{
    bool found = false;

    for (size_t i = 0; i < count; i++) {
        const struct near_word *word = &words[i];

        if (word->at < word->count && (!found || word->places[word->at] < *place)) {
            *place = word->places[word->at];
            found = true;
        }
    }
    return found;
}

/* Where the shortest run that ends at place and has all words begins; false: there is none. */
static bool find_start(struct near_word *words, size_t count, uint32_t place, uint32_t *start)
{
    bool whole = true;

    *start = place;
    for (size_t i = 0; i < count; i++) {
        struct near_word *word = &words[i];

        if (word->at < word->count && word->places[word->at] == place)
            word->at++;
        if (word->at - word->from < word->needed)
            whole = false;
        else if (word->places[word->at - word->needed] < *start)
            *start = word->places[word->at - word->needed];
    }
    return whole;
}

uint32_t near_frequency(struct near_word *words, size_t count, uint32_t width, doc_id document,
                        uint32_t number, bool *failed)
{
    uint32_t tf = 0, place = 0, start;

    if (!read_positions(words, count, document, number, failed))
        return 0;
    while (next_place(words, count, &place)) {
        if (!find_start(words, count, place, &start) || place - start >= width)
            continue;
        tf++;
        for (size_t i = 0; i < count; i++)
            words[i].from = words[i].at;
    }
    return tf;
}
