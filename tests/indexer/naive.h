/* naive.h -- random documents as tokens, and their inversion with plain arrays, to compare with.
 *
 * Words come from a small vocabulary, a few of them often, as in language; sizes run from 1 to
 * TERM_MAX bytes, many words share long prefixes. */
#ifndef TESTS_INDEXER_NAIVE_H
#define TESTS_INDEXER_NAIVE_H

#include <criterion/criterion.h>

#include "indexer/inverter.h"
#include "indexer/merge.h"
#include "tests/index/dice.h"

#define UNUSED __attribute__((unused))

enum { WORDS = 3000, NO_WORD = WORDS };

struct word {
    uint8_t size, bytes[TERM_MAX];
};

struct naive_token { /* a token of a document */
    uint32_t word, variant, position;
    bool title;
};

struct naive_document {
    run_document document;
    size_t first, count; /* tokens */
};

struct naive_posting { /* an occurrence of a term */
    uint32_t word;
    uint8_t field;
    run_document document;
    uint32_t position;
};

struct naive {
    struct dice dice;
    struct word words[WORDS]; /* rising */
    struct naive_token *tokens;
    size_t token_count;
    struct naive_document *documents;
    size_t document_count;
    struct naive_posting *postings;
    size_t posting_count;
    bool remembers; /* two of three words have a memo: for one inverter alone */
    uint64_t memos[WORDS];
};

UNUSED static int naive_compare_words(const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    return slice_compare(slice_of(x->bytes, x->size), slice_of(y->bytes, y->size));
}

UNUSED static void naive_make_word(struct dice *dice, struct word *word, uint32_t number)
{
    unsigned size = dice_below(dice, 20) == 0 ? TERM_MAX : 1 + dice_below(dice, 14);

    word->size = (uint8_t)size;
    memset(word->bytes, 'a', sizeof word->bytes);
    for (unsigned i = size / 2; i < size; i++)
        word->bytes[i] = (uint8_t)('a' + dice_below(dice, 5));
    if (dice_below(dice, 4) == 0)
        word->bytes[dice_below(dice, size)] = (uint8_t)(1 + dice_below(dice, 255));
    (void)number;
}

/* Distinct words; those drawn twice are drawn again. */
UNUSED static void naive_make_words(struct naive *naive)
{
    for (size_t i = 0; i < WORDS; i++)
        naive_make_word(&naive->dice, &naive->words[i], (uint32_t)i);
    for (bool again = true; again;) {
        again = false;
        qsort(naive->words, WORDS, sizeof(struct word), naive_compare_words);
        for (size_t i = 1; i < WORDS; i++) {
            if (naive_compare_words(&naive->words[i - 1], &naive->words[i]) != 0)
                continue;
            again = true;
            naive_make_word(&naive->dice, &naive->words[i - 1], (uint32_t)i);
        }
    }
}

UNUSED static struct slice naive_word(const struct naive *naive, uint32_t word)
{
    return word == NO_WORD ? slice_of(NULL, 0)
                           : slice_of(naive->words[word].bytes, naive->words[word].size);
}

/* Few words often, most seldom. */
UNUSED static uint32_t naive_draw(struct naive *naive)
{
    double r = dice_real(&naive->dice);

    return (uint32_t)(r * r * r * r * WORDS) * 7919 % WORDS;
}

UNUSED static void naive_put(struct naive *naive, uint32_t word, uint8_t field,
                             run_document document, uint32_t position)
{
    naive->postings[naive->posting_count++] =
        (struct naive_posting){word, field, document, position};
}

UNUSED static void naive_make_token(struct naive *naive, struct naive_document *document,
                                    bool title, uint32_t *position)
{
    bool varied = dice_below(&naive->dice, 16) == 0;
    struct naive_token *token = &naive->tokens[naive->token_count++];

    *position += dice_below(&naive->dice, 50) == 0 ? dice_bits(&naive->dice, 20) : 0;
    *token = (struct naive_token){naive_draw(naive), varied ? naive_draw(naive) : NO_WORD,
                                  *position, title};
    naive_put(naive, token->word, FIELD_TEXT, document->document, *position);
    if (title)
        naive_put(naive, token->word, FIELD_TITLE, document->document, *position);
    if (varied)
        naive_put(naive, token->variant, FIELD_TEXT_VARIANT, document->document, *position);
    if (varied && title)
        naive_put(naive, token->variant, FIELD_TITLE_VARIANT, document->document, *position);
    document->count++;
    ++*position;
}

UNUSED static int naive_compare(const void *a, const void *b)
{
    const struct naive_posting *x = a, *y = b;

    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    if (x->word != y->word)
        return x->word < y->word ? -1 : 1;
    if (x->document != y->document)
        return x->document < y->document ? -1 : 1;
    return (x->position > y->position) - (x->position < y->position);
}

enum { NAIVE_TOKENS_MAX = 600 };

/* count documents in batches of random sizes (some batches have none). */
UNUSED static void naive_make(struct naive *naive, size_t count)
{
    uint32_t batch = 0, place = 0;

    naive->dice = dice_new();
    naive_make_words(naive);
    naive->tokens = calloc(count * NAIVE_TOKENS_MAX, sizeof *naive->tokens);
    naive->postings = calloc(4 * count * NAIVE_TOKENS_MAX, sizeof *naive->postings);
    naive->documents = calloc(count, sizeof *naive->documents);
    cr_assert(naive->tokens && naive->postings && naive->documents);
    for (size_t i = 0; i < count; i++) {
        struct naive_document *document = &naive->documents[i];
        uint32_t title = dice_below(&naive->dice, 8), text, position = 0;

        text = dice_bits(&naive->dice, 9);
        if (dice_below(&naive->dice, 20) == 0) {
            batch += 1 + dice_bits(&naive->dice, 3);
            place = 0;
        }
        *document = (struct naive_document){run_document_of(batch, place++), naive->token_count, 0};
        for (uint32_t j = 0; j < title; j++)
            naive_make_token(naive, document, true, &position);
        position += TITLE_GAP;
        for (uint32_t j = 0; j < text; j++)
            naive_make_token(naive, document, false, &position);
    }
    naive->document_count = count;
    qsort(naive->postings, naive->posting_count, sizeof *naive->postings, naive_compare);
}

UNUSED static void naive_done(struct naive *naive)
{
    free(naive->tokens);
    free(naive->postings);
    free(naive->documents);
    free(naive);
}

/* Adds a document to an inverter, as a worker does; false if there is no room. */
UNUSED static bool naive_invert(struct naive *naive, const struct naive_document *document,
                                struct inverter *inverter)
{
    const struct naive_token *from = &naive->tokens[document->first];
    const struct naive_token *end = from + document->count;
    struct token tokens[TOKEN_BATCH];

    inverter_begin(inverter, document->document);
    while (from < end) {
        bool title = from->title;
        size_t n = 0;

        for (; n < TOKEN_BATCH && from < end && from->title == title; from++) {
            bool remembers = naive->remembers && from->word % 3 > 0;

            tokens[n++] = (struct token){.position = from->position,
                                         .term = naive_word(naive, from->word),
                                         .variant = naive_word(naive, from->variant),
                                         .memo = remembers ? &naive->memos[from->word] : NULL};
        }
        if (!inverter_add(inverter, FIELD_TEXT, tokens, n) ||
            (title && !inverter_add(inverter, FIELD_TITLE, tokens, n)))
            return false;
    }
    return true;
}

/* ---- a merge's output, compared with the postings ---- */

struct naive_check {
    const struct naive *naive;
    bool positions;
    size_t at;          /* of the next posting */
    size_t end;         /* of the current term's postings */
    uint64_t frequency; /* of the posting so far */
};

UNUSED static enum lede_status naive_term(void *context, struct slice term, uint32_t df,
                                          uint64_t total_tf, struct lede_error *err)
{
    struct naive_check *check = context;
    const struct naive_posting *postings = check->naive->postings;
    uint32_t documents = 0;

    (void)err;
    cr_assert_eq(check->at, check->end, "seed %lu", check->naive->dice.seed);
    cr_assert_lt(check->at, check->naive->posting_count, "seed %lu", check->naive->dice.seed);
    for (; check->end < check->naive->posting_count; check->end++) {
        const struct naive_posting *posting = &postings[check->end];

        if (posting->word != postings[check->at].word ||
            posting->field != postings[check->at].field)
            break;
        documents += check->end == check->at || posting->document != posting[-1].document;
    }
    cr_assert(term.size > 1 && term.data[0] == postings[check->at].field &&
                  slice_equal(slice_of(term.data + 1, term.size - 1),
                              naive_word(check->naive, postings[check->at].word)),
              "seed %lu", check->naive->dice.seed);
    cr_assert_eq(df, documents, "seed %lu", check->naive->dice.seed);
    cr_assert_eq(total_tf, check->end - check->at, "seed %lu", check->naive->dice.seed);
    return LEDE_OK;
}

UNUSED static enum lede_status naive_posting(void *context, run_document document,
                                             const struct run_positions *positions,
                                             struct lede_error *err)
{
    struct naive_check *check = context;

    (void)err;
    cr_assert_leq(check->at + positions->count, check->end);
    for (size_t i = 0; i < positions->count; i++) {
        const struct naive_posting *posting = &check->naive->postings[check->at + i];

        if (posting->document != document ||
            (check->positions && posting->position != positions->values[i]))
            cr_assert_fail("seed %lu: posting %zu", check->naive->dice.seed, check->at + i);
    }
    check->at += positions->count;
    check->frequency = positions->count + (positions->is_first ? 0 : check->frequency);
    cr_assert_leq(check->frequency, positions->frequency);
    cr_assert(check->frequency < positions->frequency || check->at == check->end ||
              check->naive->postings[check->at].document != document);
    return LEDE_OK;
}

UNUSED static enum lede_status naive_postings(void *context, const struct run_postings *postings,
                                              struct lede_error *err)
{
    struct naive_check *check = context;
    struct run_positions positions = {.is_first = true};
    const uint32_t *gap = postings->gaps;
    enum lede_status status = LEDE_OK;

    cr_assert(postings->count > 0 && postings->count <= RUN_BLOCK);
    for (uint32_t i = 0; i < postings->count && status == LEDE_OK; i++) {
        uint32_t frequency = postings->frequencies[i], values[4 * NAIVE_TOKENS_MAX], next = 0;

        cr_assert_leq(frequency, sizeof values / sizeof *values);
        for (uint32_t j = 0; j < frequency; j++, next = values[j - 1] + 1)
            values[j] = next + *gap++;
        positions.values = values;
        positions.count = positions.frequency = frequency;
        status = naive_posting(check, postings->documents[i], &positions, err);
    }
    cr_assert_eq((size_t)(gap - postings->gaps), postings->gap_count);
    return status;
}

UNUSED static enum lede_status naive_term_end(void *context, struct lede_error *err)
{
    struct naive_check *check = context;

    (void)err;
    cr_assert_eq(check->at, check->end, "seed %lu", check->naive->dice.seed);
    return LEDE_OK;
}

UNUSED static struct merge_output naive_output(struct naive_check *check)
{
    return (struct merge_output){check, naive_term, naive_posting, naive_postings, naive_term_end};
}

UNUSED static struct naive *naive_new(size_t documents)
{
    struct naive *naive = calloc(1, sizeof *naive);

    cr_assert(naive);
    naive_make(naive, documents);
    return naive;
}

#endif
