#include "naive_search.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"

/* ---- the words of a query ---- */

static bool same_term(const struct naive_term *a, const struct naive_term *b)
{
    return a->term == b->term && a->field == b->field && a->variant == b->variant &&
           a->amount == b->amount;
}

bool naive_words_equal(const struct naive_word *a, const struct naive_word *b)
{
    if (a->position != b->position || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        size_t at = 0;

        while (at < b->count && !same_term(&a->terms[i], &b->terms[at]))
            at++;
        if (at == b->count)
            return false;
    }
    return true;
}

static void add_any_term(struct naive_word *word, struct naive_term term)
{
    for (size_t i = 0; i < word->count; i++)
        if (same_term(&word->terms[i], &term))
            return;
    word->terms = naive_grown(word->terms, word->count, &word->capacity, sizeof *word->terms);
    word->terms[word->count++] = term;
}

static void add_term(struct naive_word *word, uint32_t term, enum naive_field field, bool variant)
{
    add_any_term(word,
                 (struct naive_term){term, field, variant && field != NAIVE_BOILERPLATE, false});
}

/* An amount, and, of a whole number, its digits. */
static void add_amount(struct naive_search *search, struct naive_word *word, struct slice amount)
{
    uint8_t digits[AMOUNT_DIGITS];
    size_t size = amount_to_digits(amount, digits);

    add_any_term(word, (struct naive_term){naive_number_of(search->ranker, amount), NAIVE_TEXT,
                                           false, true});
    if (size > 0)
        add_term(word, naive_number_of(search->ranker, slice_of(digits, size)), NAIVE_TEXT, false);
}

/* What a number in title and text stands for besides itself. */
static void add_number(struct naive_search *search, struct naive_word *word,
                       const struct token *token)
{
    struct amount amount;

    if (token->amount.size)
        add_amount(search, word, token->amount);
    else if (amount_of_digits(token->term, &amount))
        add_amount(search, word, slice_of(amount.term, amount.size));
}

static struct naive_word *word_at(struct naive_word *words, size_t *count, uint32_t position)
{
    size_t at = 0;

    while (at < *count && words[at].position < position)
        at++;
    if (at < *count && words[at].position == position)
        return &words[at];
    assert(*count < WORDS);
    memmove(&words[at + 1], &words[at], (*count - at) * sizeof *words);
    memset(&words[at], 0, sizeof *words);
    words[at].position = position;
    ++*count;
    return &words[at];
}

static void add_token(struct naive_search *search, const struct naive_clause *clause,
                      const struct token *token, struct naive_word *words, size_t *count)
{
    struct naive_word *word = word_at(words, count, token->position);
    uint32_t term = naive_number_of(search->ranker, token->term);

    if (word->count == 0 && !word->beginning[0])
        sprintf(word->text, "%.*s", (int)token->size, clause->text + token->offset);
    if (token->lone_character) {
        memcpy(word->beginning, token->term.data, token->term.size);
        word->beginning[token->term.size] = '\0';
        return;
    }
    add_term(word, term, clause->field, false);
    if (clause->field == NAIVE_TEXT)
        add_number(search, word, token);
    if (!token->marked)
        add_term(word, term, clause->field, true);
    else if (token->variant.size)
        add_term(word, naive_number_of(search->ranker, token->variant), clause->field, false);
}

static void read_clause(struct naive_search *search, const struct naive_clause *clause,
                        language_id language, struct naive_word *words, size_t *count)
{
    struct token tokens[TOKEN_BATCH];
    size_t found, end = 0;

    analyzer_start(search->ranker->analyzer, slice_str(clause->text), language, 0);
    found = analyzer_next(search->ranker->analyzer, tokens, TOKEN_BATCH);
    assert(found < TOKEN_BATCH);
    for (size_t i = 0; i < found; i++) {
        if (!tokens[i].lone_character || tokens[i].offset >= end)
            add_token(search, clause, &tokens[i], words, count);
        end = tokens[i].offset + tokens[i].size;
    }
}

/* The most frequent languages of all documents, deleted ones too, then the lower number. */
static size_t frequent_languages(const struct naive_ranker *ranker, language_id *out)
{
    size_t frequency[256] = {0}, count = 0;

    for (size_t i = 0; i < ranker->count; i++)
        frequency[ranker->documents[i].language]++;
    while (count < 16) {
        unsigned best = 0;

        for (unsigned id = 1; id < 256; id++)
            if (frequency[id] > frequency[best])
                best = id;
        if (frequency[best] == 0)
            break;
        frequency[best] = 0;
        out[count++] = (language_id)best;
    }
    return count;
}

bool naive_occurs_as(const struct occurrence *occurrence, const struct naive_term *term)
{
    if (term->field == NAIVE_BOILERPLATE)
        return occurrence->term == term->term || occurrence->variant == term->term;
    return (term->field != NAIVE_TITLE || occurrence->in_title) &&
           (term->amount    ? occurrence->amount
            : term->variant ? occurrence->variant
                            : occurrence->term) == term->term;
}

uint64_t naive_term_df(const struct naive_ranker *ranker, const struct naive_term *term)
{
    uint64_t df = 0;

    for (size_t i = 0; i < ranker->count; i++) {
        const struct naive_text *text = naive_text_of(&ranker->documents[i], term->field);
        size_t at = 0;

        while (at < text->count && !naive_occurs_as(&text->occurrences[at], term))
            at++;
        df += at < text->count;
    }
    return df;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The terms of all documents that begin with the character, in byte order. */
static void read_beginning(struct naive_search *search, const struct naive_clause *clause,
                           struct naive_word *word)
{
    struct naive_ranker *ranker = search->ranker;
    char **found = malloc((ranker->string_count + 1) * sizeof *found);
    size_t count = 0;

    if (!found)
        abort();
    for (size_t i = 0; i < ranker->string_count; i++) {
        struct naive_term term = {(uint32_t)i, clause->field, false, false};

        if (strncmp(ranker->strings[i], word->beginning, strlen(word->beginning)) == 0 &&
            naive_term_df(ranker, &term) > 0)
            found[count++] = ranker->strings[i];
    }
    qsort(found, count, sizeof *found, compare_strings);
    for (size_t i = 0; i < count && search->beginnings < BEGINNINGS; i++, search->beginnings++)
        add_term(word, naive_number_of(ranker, slice_str(found[i])), clause->field, false);
    free(found);
}

static void free_terms(struct naive_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(words[i].terms);
    memset(words, 0, count * sizeof *words);
}

void naive_words_free(struct naive_word *words, size_t count)
{
    if (words)
        free_terms(words, count);
    free(words);
}

/* ---- patterns ---- */

/* Bytes of the UTF-8 character. */
static size_t character_size(const char *at)
{
    size_t size = 1;

    while (((unsigned char)at[size] & 0xc0) == 0x80)
        size++;
    return size;
}

bool naive_is_like(const char *pattern, const char *text)
{
    if (*pattern == '*')
        return naive_is_like(pattern + 1, text) ||
               (*text && naive_is_like(pattern, text + character_size(text)));
    if (!*pattern || !*text)
        return !*pattern && !*text;
    if (*pattern == '?')
        return naive_is_like(pattern + 1, text + character_size(text));
    return *pattern == *text && naive_is_like(pattern + 1, text + 1);
}

/* Characters left out, put in, replaced, or swapped with their neighbour; by trying. */
static bool is_near(const char *a, const char *b, unsigned edits)
{
    size_t x = *a ? character_size(a) : 0, y = *b ? character_size(b) : 0;
    size_t z = x && a[x] ? character_size(a + x) : 0, w = y && b[y] ? character_size(b + y) : 0;

    if (x && x == y && memcmp(a, b, x) == 0 && is_near(a + x, b + y, edits))
        return true;
    if (!x && !y)
        return true;
    if (edits == 0)
        return false;
    if ((x && is_near(a + x, b, edits - 1)) || (y && is_near(a, b + y, edits - 1)) ||
        (x && y && is_near(a + x, b + y, edits - 1)))
        return true;
    return z && w && x == w && y == z && memcmp(a, b + y, x) == 0 && memcmp(a + x, b, y) == 0 &&
           is_near(a + x + z, b + y + w, edits - 1);
}

/* Adds the terms of all documents that the clause's pattern, or written, stands for. */
static void read_pattern(struct naive_search *search, const struct naive_clause *clause,
                         const char *written, struct naive_word *word)
{
    struct naive_ranker *ranker = search->ranker;

    for (size_t i = 0; i < ranker->string_count; i++) {
        struct naive_term term = {(uint32_t)i, clause->field, false, false};

        if ((clause->wildcards ? naive_is_like(clause->text, ranker->strings[i])
                               : is_near(written, ranker->strings[i], clause->edits)) &&
            naive_term_df(ranker, &term) > 0)
            add_term(word, term.term, clause->field, false);
    }
}

/* A beginning alone is asked for as a word, too. */
static void read_wildcards(struct naive_search *search, const struct naive_clause *clause,
                           const language_id *languages, size_t language_count,
                           struct naive_word *words, size_t *count)
{
    struct naive_clause beginning = *clause;
    size_t size = strcspn(clause->text, "*?");

    if (strcmp(clause->text + size, "*") == 0) {
        beginning.text[size] = '\0';
        for (size_t i = 0; i < language_count; i++)
            read_clause(search, &beginning, languages[i], words, count);
    }
    if (*count > 1 || (*count == 1 && words[0].beginning[0])) {
        free_terms(words, *count);
        *count = 0;
    }
    read_pattern(search, clause, NULL, word_at(words, count, *count ? words[0].position : 0));
}

static void read_fuzzy(struct naive_search *search, const struct naive_clause *clause,
                       struct naive_word *words, size_t count)
{
    size_t written = count == 1 && !words[0].beginning[0] ? words[0].count : 0;

    for (size_t i = 0; i < written; i++)
        if (!words[0].terms[i].variant && !words[0].terms[i].amount)
            read_pattern(search, clause, search->ranker->strings[words[0].terms[i].term],
                         &words[0]);
}

/* ---- amounts ---- */

static void read_amount(struct naive_search *search, const struct naive_clause *clause,
                        language_id language, struct naive_word *words, size_t *count)
{
    struct slice text = slice_str(clause->text);
    struct amount amount;

    if (amount_read(text, strcspn(clause->text, "0123456789"), language, &amount) &&
        amount.begin == 0 && amount.end == text.size)
        add_amount(search, word_at(words, count, 0), slice_of(amount.term, amount.size));
}

/* The terms of all documents that are amounts of the currency, and within. */
static void read_range(struct naive_search *search, const struct naive_clause *clause,
                       language_id language, struct naive_word *words, size_t *count)
{
    struct naive_word *word = word_at(words, count, 0);
    struct amount low, high;

    if (!amount_read_range(slice_str(clause->text), language, &low, &high))
        return;
    for (size_t i = 0; i < search->ranker->string_count; i++) {
        struct slice string = slice_str(search->ranker->strings[i]);
        struct naive_term term = {(uint32_t)i, NAIVE_TEXT, false, true};

        if (string.size > 3 && memcmp(string.data, low.size ? low.term : high.term, 3) == 0 &&
            (low.size == 0 || slice_compare(string, slice_of(low.term, low.size)) >= 0) &&
            (high.size == 0 || slice_compare(string, slice_of(high.term, high.size)) <= 0) &&
            naive_term_df(search->ranker, &term) > 0)
            add_any_term(word, term);
    }
}

/* ---- all of them ---- */

size_t naive_words_read(struct naive_search *search, const struct naive_clause *clause,
                        struct naive_word *words)
{
    language_id languages[16];
    size_t count = 0, language_count = 1;

    if (search->query->language >= 0)
        languages[0] = (language_id)search->query->language;
    else
        language_count = frequent_languages(search->ranker, languages);
    if (clause->wildcards)
        read_wildcards(search, clause, languages, language_count, words, &count);
    if (clause->range)
        read_range(search, clause, languages[0], words, &count);
    for (size_t i = 0; clause->amount && i < language_count; i++)
        read_amount(search, clause, languages[i], words, &count);
    for (size_t i = 0;
         !clause->wildcards && !clause->range && !clause->amount && i < language_count; i++)
        read_clause(search, clause, languages[i], words, &count);
    if (clause->edits)
        read_fuzzy(search, clause, words, count);
    for (size_t i = 0; i < count; i++)
        if (words[i].beginning[0])
            read_beginning(search, clause, &words[i]);
    return count;
}
