#include "naive_ranker.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>

#include "index/norm.h"
#include "text/amount.h"
#include "text/language.h"

/* Terms are numbers: places in `strings`. */
struct occurrence {
    uint32_t position, term, variant, amount; /* the last two: NONE if there is none */
    uint32_t form;                            /* as it is written, case folded */
    bool in_title;
};

enum { NONE = UINT32_MAX, TITLE_DISTANCE = 64, BEGINNINGS = 1024, WORDS = 64 };

struct naive_document {
    char *id;
    uint32_t index, segment, number; /* number: in its segment */
    language_id language;
    bool deleted, dated;
    int64_t date;
    uint32_t length;
    struct occurrence *occurrences;
    size_t count;
    char keywords[8][64]; /* name:value, folded */
    size_t keyword_count;
};

struct naive_ranker {
    struct analyzer *analyzer;
    bool positions, texts;
    char **strings;
    size_t string_count, string_capacity;
    uint32_t *slots; /* a hash table of strings: number + 1 */
    size_t slot_count;
    struct naive_document *documents;
    size_t count, capacity;
    uint32_t index, segment, number;
};

/* ---- helpers ---- */

static void *grown(void *items, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 16;
    items = realloc(items, *capacity * size);
    if (!items)
        abort();
    return items;
}

static char *copied(struct slice bytes)
{
    char *copy = malloc(bytes.size + 1);

    if (!copy)
        abort();
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = '\0';
    return copy;
}

static uint32_t hash_of(struct slice bytes)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < bytes.size; i++)
        hash = (hash ^ bytes.data[i]) * 16777619u;
    return hash;
}

static void rehash(struct naive_ranker *ranker)
{
    free(ranker->slots);
    ranker->slot_count = ranker->slot_count ? 4 * ranker->slot_count : 1024;
    ranker->slots = calloc(ranker->slot_count, sizeof *ranker->slots);
    if (!ranker->slots)
        abort();
    for (uint32_t i = 0; i < ranker->string_count; i++) {
        size_t at = hash_of(slice_str(ranker->strings[i])) % ranker->slot_count;

        while (ranker->slots[at])
            at = (at + 1) % ranker->slot_count;
        ranker->slots[at] = i + 1;
    }
}

/* The number of a term; terms have no NUL. */
static uint32_t number_of(struct naive_ranker *ranker, struct slice term)
{
    size_t at;

    if (2 * ranker->string_count >= ranker->slot_count)
        rehash(ranker);
    for (at = hash_of(term) % ranker->slot_count; ranker->slots[at];
         at = (at + 1) % ranker->slot_count)
        if (slice_equal(slice_str(ranker->strings[ranker->slots[at] - 1]), term))
            return ranker->slots[at] - 1;
    ranker->strings = grown(ranker->strings, ranker->string_count, &ranker->string_capacity,
                            sizeof *ranker->strings);
    ranker->strings[ranker->string_count++] = copied(term);
    ranker->slots[at] = (uint32_t)ranker->string_count;
    return (uint32_t)ranker->string_count - 1;
}

struct naive_ranker *naive_ranker_new(const struct analyzer_settings *settings, bool positions,
                                      bool texts)
{
    struct naive_ranker *ranker = calloc(1, sizeof *ranker);

    if (!ranker || analyzer_new(settings, NULL, &ranker->analyzer, NULL) != LEDE_OK)
        abort();
    ranker->positions = positions;
    ranker->texts = texts;
    ranker->segment = NONE;
    return ranker;
}

void naive_ranker_free(struct naive_ranker *ranker)
{
    for (size_t i = 0; i < ranker->count; i++) {
        free(ranker->documents[i].id);
        free(ranker->documents[i].occurrences);
    }
    for (size_t i = 0; i < ranker->string_count; i++)
        free(ranker->strings[i]);
    free(ranker->strings);
    free(ranker->slots);
    free(ranker->documents);
    analyzer_free(ranker->analyzer);
    free(ranker);
}

/* ---- articles ---- */

void naive_ranker_begin_segment(struct naive_ranker *ranker, uint32_t index)
{
    ranker->segment = ranker->segment == NONE || index != ranker->index ? 0 : ranker->segment + 1;
    ranker->index = index;
    ranker->number = 0;
}

bool naive_ranker_remove(struct naive_ranker *ranker, struct lede_bytes id)
{
    for (size_t i = ranker->count; i-- > 0;) {
        struct naive_document *document = &ranker->documents[i];

        if (document->index != ranker->index || document->deleted ||
            !slice_equal(slice_str(document->id), slice_of(id.data, id.size)))
            continue;
        document->deleted = true;
        return true;
    }
    return false;
}

/* The number of a word as it is written. */
static uint32_t form_of(struct naive_ranker *ranker, struct slice word)
{
    size_t size = 0;
    uint8_t *folded = u8_casefold(word.data, word.size, NULL, UNINORM_NFKC, NULL, &size);
    uint32_t form;

    if (!folded)
        abort();
    for (size_t at = 0; at + 3 <= size; at++)
        if (memcmp(folded + at, "\xe2\x80\x99", 3) == 0) {
            folded[at] = '\'';
            memmove(folded + at + 1, folded + at + 3, size - at - 3);
            size -= 2;
        }
    form = number_of(ranker, slice_of(folded, size));
    free(folded);
    return form;
}

/* Returns the position behind the text. */
static uint32_t read_text(struct naive_ranker *ranker, struct naive_document *document,
                          struct lede_bytes text, uint32_t first, bool in_title, size_t *capacity)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(ranker->analyzer, slice_of(text.data, text.size), document->language, first);
    while ((count = analyzer_next(ranker->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            document->occurrences = grown(document->occurrences, document->count, capacity,
                                          sizeof *document->occurrences);
            document->occurrences[document->count++] = (struct occurrence){
                tokens[i].position,
                number_of(ranker, tokens[i].term),
                tokens[i].variant.size ? number_of(ranker, tokens[i].variant) : (uint32_t)NONE,
                tokens[i].amount.size ? number_of(ranker, tokens[i].amount) : (uint32_t)NONE,
                form_of(ranker,
                        slice_of((const uint8_t *)text.data + tokens[i].offset, tokens[i].size)),
                in_title};
        }
    return analyzer_position(ranker->analyzer);
}

/* Letters in lower case, a space between words; of ASCII. */
static void read_metadata(struct naive_document *document, const struct lede_article *article)
{
    assert(article->metadata_count <= 8);
    for (size_t i = 0; i < article->metadata_count; i++) {
        const struct lede_field *field = &article->metadata[i];
        const char *value = field->value.data, *end = value + field->value.size;
        char *at = document->keywords[document->keyword_count++];

        at += sprintf(at, "%.*s:", (int)field->name.size, (const char *)field->name.data);
        for (; value < end; value++)
            if (*value != ' ')
                *at++ = (char)(*value >= 'A' && *value <= 'Z' ? *value + 32 : *value);
            else if (at[-1] != ' ' && at[-1] != ':')
                *at++ = ' ';
        while (at[-1] == ' ')
            at--;
        *at = '\0';
    }
}

void naive_ranker_add(struct naive_ranker *ranker, const struct lede_article *article,
                      language_id language)
{
    struct naive_document *document;
    uint32_t title, end;
    size_t capacity = 0;

    naive_ranker_remove(ranker, article->id);
    ranker->documents =
        grown(ranker->documents, ranker->count, &ranker->capacity, sizeof *ranker->documents);
    document = &ranker->documents[ranker->count++];
    *document = (struct naive_document){.index = ranker->index,
                                        .segment = ranker->segment,
                                        .number = ranker->number++,
                                        .dated = article->date.precision != LEDE_DATE_NONE,
                                        .date = article->date.seconds,
                                        .language = language};
    document->id = copied(slice_of(article->id.data, article->id.size));
    if (article->language.size)
        language_find(slice_of(article->language.data, article->language.size),
                      &document->language);
    read_metadata(document, article);
    title = read_text(ranker, document, article->title, 0, true, &capacity);
    end = read_text(ranker, document, article->text, title + TITLE_DISTANCE, false, &capacity);
    document->length = end - TITLE_DISTANCE;
}

/* ---- the words of a query ---- */

/* A term that a word may be: of title and text or of titles, plain or variant. */
struct naive_term {
    uint32_t term;
    bool title, variant, amount;
};

struct naive_word {
    uint32_t position;
    char text[160]; /* as the query has it */
    struct naive_term *terms;
    size_t count, capacity;
    char beginning[TERM_MAX + 1]; /* of its terms, for a lone character */
    uint64_t df;
};

struct naive_list {
    struct naive_group *groups; /* room for WORDS */
    size_t count;
};

struct naive_group { /* what became of a clause */
    enum naive_occur occur;
    int near;
    struct naive_list list; /* of a group of clauses; no groups: it is none, but */
    struct naive_word *words;
    size_t count;
    bool exact, title;
    char text[160]; /* if it is exact */
    uint32_t repeats;
    double boost, idf;
    float weight;
    bool filter; /* a group of filters, or a keyword, or dates: */
    char keyword[64];
    int64_t first, last;
};

struct naive_search {
    struct naive_ranker *ranker;
    const struct naive_query *query;
    struct naive_list list;
    size_t beginnings; /* terms of lone characters so far */
    uint64_t articles, tokens;
    int64_t oldest, newest;
};

static bool same_term(const struct naive_term *a, const struct naive_term *b)
{
    return a->term == b->term && a->title == b->title && a->variant == b->variant &&
           a->amount == b->amount;
}

static void add_any_term(struct naive_word *word, struct naive_term term)
{
    for (size_t i = 0; i < word->count; i++)
        if (same_term(&word->terms[i], &term))
            return;
    word->terms = grown(word->terms, word->count, &word->capacity, sizeof *word->terms);
    word->terms[word->count++] = term;
}

static void add_term(struct naive_word *word, uint32_t term, bool title, bool variant)
{
    add_any_term(word, (struct naive_term){term, title, variant, false});
}

/* An amount, and, of a whole number, its digits. */
static void add_amount(struct naive_search *search, struct naive_word *word, struct slice amount)
{
    uint8_t digits[AMOUNT_DIGITS];
    size_t size = amount_to_digits(amount, digits);

    add_any_term(word, (struct naive_term){number_of(search->ranker, amount), false, false, true});
    if (size > 0)
        add_term(word, number_of(search->ranker, slice_of(digits, size)), false, false);
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
    uint32_t term = number_of(search->ranker, token->term);

    if (word->count == 0 && !word->beginning[0])
        sprintf(word->text, "%.*s", (int)token->size, clause->text + token->offset);
    if (token->lone_character) {
        memcpy(word->beginning, token->term.data, token->term.size);
        word->beginning[token->term.size] = '\0';
        return;
    }
    add_term(word, term, clause->title, false);
    if (!clause->title)
        add_number(search, word, token);
    if (!token->marked)
        add_term(word, term, clause->title, true);
    else if (token->variant.size)
        add_term(word, number_of(search->ranker, token->variant), clause->title, false);
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

static bool occurs_as(const struct occurrence *occurrence, const struct naive_term *term)
{
    return (!term->title || occurrence->in_title) &&
           (term->amount    ? occurrence->amount
            : term->variant ? occurrence->variant
                            : occurrence->term) == term->term;
}

static uint64_t term_df(const struct naive_ranker *ranker, const struct naive_term *term)
{
    uint64_t df = 0;

    for (size_t i = 0; i < ranker->count; i++) {
        const struct naive_document *document = &ranker->documents[i];
        size_t at = 0;

        while (at < document->count && !occurs_as(&document->occurrences[at], term))
            at++;
        df += at < document->count;
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
        struct naive_term term = {(uint32_t)i, clause->title, false, false};

        if (strncmp(ranker->strings[i], word->beginning, strlen(word->beginning)) == 0 &&
            term_df(ranker, &term) > 0)
            found[count++] = ranker->strings[i];
    }
    qsort(found, count, sizeof *found, compare_strings);
    for (size_t i = 0; i < count && search->beginnings < BEGINNINGS; i++, search->beginnings++)
        add_term(word, number_of(ranker, slice_str(found[i])), clause->title, false);
    free(found);
}

static void free_terms(struct naive_word *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(words[i].terms);
    memset(words, 0, count * sizeof *words);
}

static void free_words(struct naive_word *words, size_t count)
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

static bool is_like(const char *pattern, const char *text)
{
    if (*pattern == '*')
        return is_like(pattern + 1, text) ||
               (*text && is_like(pattern, text + character_size(text)));
    if (!*pattern || !*text)
        return !*pattern && !*text;
    if (*pattern == '?')
        return is_like(pattern + 1, text + character_size(text));
    return *pattern == *text && is_like(pattern + 1, text + 1);
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
        struct naive_term term = {(uint32_t)i, clause->title, false, false};

        if ((clause->wildcards ? is_like(clause->text, ranker->strings[i])
                               : is_near(written, ranker->strings[i], clause->edits)) &&
            term_df(ranker, &term) > 0)
            add_term(word, term.term, clause->title, false);
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
        struct naive_term term = {(uint32_t)i, false, false, true};

        if (string.size > 3 && memcmp(string.data, low.size ? low.term : high.term, 3) == 0 &&
            (low.size == 0 || slice_compare(string, slice_of(low.term, low.size)) >= 0) &&
            (high.size == 0 || slice_compare(string, slice_of(high.term, high.size)) <= 0) &&
            term_df(search->ranker, &term) > 0)
            add_any_term(word, term);
    }
}

/* ---- clauses ---- */

static bool words_equal(const struct naive_word *a, const struct naive_word *b)
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

static void list_init(struct naive_list *list)
{
    list->count = 0;
    list->groups = calloc(WORDS, sizeof *list->groups);
    if (!list->groups)
        abort();
}

static void list_free(struct naive_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free_words(list->groups[i].words, list->groups[i].count);
        list_free(&list->groups[i].list);
    }
    free(list->groups);
}

static bool groups_equal(const struct naive_group *a, const struct naive_group *b)
{
    bool equal = !a->list.groups && !b->list.groups && !a->filter && !b->filter &&
                 a->near == b->near && a->count == b->count && a->exact == b->exact &&
                 (!a->exact || strcmp(a->text, b->text) == 0) && !(a->boost < b->boost) &&
                 !(a->boost > b->boost) &&
                 (a->occur == NAIVE_PROHIBITED) == (b->occur == NAIVE_PROHIBITED);

    for (size_t i = 0; equal && i < a->count; i++)
        equal = words_equal(&a->words[i], &b->words[i]);
    return equal;
}

/* title: two clauses whose terms are none are equal only if they ask for the same field; that
 * makes no difference to what they find. */
static void add_group(struct naive_list *list, const struct naive_group *group)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!groups_equal(&list->groups[i], group))
            continue;
        list->groups[i].repeats += group->repeats;
        if (group->occur == NAIVE_REQUIRED)
            list->groups[i].occur = group->occur;
        free_words(group->words, group->count);
        return;
    }
    assert(list->count < WORDS);
    list->groups[list->count++] = *group;
}

static enum naive_occur occur_of(const struct naive_search *search, enum naive_occur occur,
                                 bool filter)
{
    if (occur == NAIVE_PLAIN)
        return search->query->any && !filter ? NAIVE_OPTIONAL : NAIVE_REQUIRED;
    return occur;
}

static void add_dates(struct naive_list *list, enum naive_occur occur, int64_t first, int64_t last)
{
    struct naive_group made = {
        .occur = occur, .near = -1, .repeats = 1, .filter = true, .first = first, .last = last};

    add_group(list, &made);
}

static void add_keyword(struct naive_list *list, enum naive_occur occur, const char *keyword)
{
    struct naive_group made = {.occur = occur, .near = -1, .repeats = 1, .filter = true};

    (void)snprintf(made.keyword, sizeof made.keyword, "%.63s", keyword);
    add_group(list, &made);
}

/* keyword may be a pattern: the documents' have no wildcards. */
static bool has_keyword(const struct naive_document *document, const char *keyword)
{
    for (size_t i = 0; i < document->keyword_count; i++)
        if (is_like(keyword, document->keywords[i]))
            return true;
    return false;
}

static bool passes(const struct naive_document *document, const struct naive_group *filter)
{
    if (filter->keyword[0])
        return has_keyword(document, filter->keyword);
    return document->dated && document->date >= filter->first && document->date <= filter->last;
}

static void add_words(struct naive_search *search, const struct naive_clause *clause, double boost,
                      struct naive_list *list)
{
    struct naive_word *words = calloc(WORDS, sizeof *words);
    struct naive_group made = {.occur = occur_of(search, clause->occur, false),
                               .near = -1,
                               .repeats = 1,
                               .exact = clause->exact && search->ranker->texts,
                               .title = clause->title,
                               .boost = boost * clause->boost};
    language_id languages[16];
    size_t count = 0, language_count = 1;
    bool split =
        clause->occur != NAIVE_PROHIBITED &&
        (!search->ranker->positions || (search->query->any && !clause->quoted && !clause->exact));

    if (!words)
        abort();
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
    for (size_t i = count; i-- > 0;)
        words[i].position = split ? 0 : words[i].position - words[0].position;
    for (size_t i = 0; split && i < count; i++) {
        made.words = calloc(1, sizeof *words);
        if (!made.words)
            abort();
        *made.words = words[i];
        made.count = 1;
        strcpy(made.text, words[i].text);
        add_group(list, &made);
    }
    if (split || count == 0) {
        free(words);
        return;
    }
    made.words = words;
    made.count = count;
    strcpy(made.text, clause->text);
    if (clause->quoted && count > 1)
        made.near = clause->near;
    add_group(list, &made);
}

static bool all_are(const struct naive_list *list, enum naive_occur occur, enum naive_occur other)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->groups[i].occur != occur && list->groups[i].occur != other)
            return false;
    return true;
}

static void add_clause(struct naive_search *search, const struct naive_clause *clause, double boost,
                       struct naive_list *list);

/* One that only excludes finds nothing, and is left out; one whose clauses may as well stand beside
 * it is no group. */
static void add_list(struct naive_search *search, const struct naive_clause *clause, double boost,
                     struct naive_list *list)
{
    struct naive_group group = {.near = -1, .repeats = 1, .filter = true};
    struct naive_list *inner = &group.list;

    list_init(inner);
    for (size_t i = 0; i < clause->child_count; i++)
        add_clause(search, &clause->children[i], boost * clause->boost, inner);
    for (size_t i = 0; i < inner->count; i++)
        group.filter &= inner->groups[i].filter;
    group.filter &= inner->count > 0;
    group.occur = occur_of(search, clause->occur, group.filter);
    if (all_are(inner, NAIVE_PROHIBITED, NAIVE_PROHIBITED)) {
        list_free(inner);
        return;
    }
    if (group.occur == NAIVE_REQUIRED
            ? all_are(inner, NAIVE_REQUIRED, NAIVE_PROHIBITED)
            : group.occur == NAIVE_OPTIONAL && all_are(inner, NAIVE_OPTIONAL, NAIVE_OPTIONAL)) {
        for (size_t i = 0; i < inner->count; i++)
            add_group(list, &inner->groups[i]);
        free(inner->groups);
        return;
    }
    add_group(list, &group);
}

/* A group of one clause is that clause, unless it excludes. */
/* Words that say an amount: all of them, or the amount; under any it is one more. */
static void add_joined(struct naive_search *search, const struct naive_clause *clause, double boost,
                       struct naive_list *list)
{
    struct naive_clause words[8], either[2], whole = {.near = -1, .boost = 1};
    size_t count = 0;

    for (const char *at = clause->text; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");

        words[count] = *clause;
        words[count].joined = false;
        snprintf(words[count].text, sizeof words[count].text, "%.*s", (int)size, at);
        words[count++].occur = search->query->any ? NAIVE_PLAIN : NAIVE_REQUIRED;
        at += size;
    }
    either[0] = (struct naive_clause){
        .occur = NAIVE_OPTIONAL, .near = -1, .boost = 1, .children = words, .child_count = count};
    either[1] = *clause;
    either[1].joined = false;
    either[1].amount = true;
    either[1].occur = NAIVE_OPTIONAL;
    whole.children = either;
    whole.child_count = 2;
    if (!search->query->any) {
        add_list(search, &whole, boost, list);
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_words(search, &words[i], boost, list);
    add_words(search, &either[1], boost, list);
}

static void add_clause(struct naive_search *search, const struct naive_clause *clause, double boost,
                       struct naive_list *list)
{
    if (clause->child_count == 1 && clause->children[0].occur != NAIVE_PROHIBITED) {
        struct naive_clause only = clause->children[0];

        only.occur = clause->occur;
        only.boost *= clause->boost;
        add_clause(search, &only, boost, list);
        return;
    }
    if (clause->children)
        add_list(search, clause, boost, list);
    else if (clause->joined)
        add_joined(search, clause, boost, list);
    else if (clause->keyword)
        add_keyword(list, occur_of(search, clause->occur, true), clause->text);
    else if (clause->dates)
        add_dates(list, occur_of(search, clause->occur, true), clause->first, clause->last);
    else
        add_words(search, clause, boost, list);
}

/* ---- scores ---- */

static uint32_t word_tf(const struct naive_document *document, const struct naive_word *word)
{
    uint32_t tf = 0;

    for (size_t i = 0; i < document->count; i++)
        for (size_t j = 0; j < word->count; j++)
            tf += occurs_as(&document->occurrences[i], &word->terms[j]);
    return tf;
}

static bool word_is_at(const struct naive_document *document, const struct naive_word *word,
                       uint32_t position)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->occurrences[i].position == position)
            for (size_t j = 0; j < word->count; j++)
                if (occurs_as(&document->occurrences[i], &word->terms[j]))
                    return true;
    return false;
}

static uint32_t phrase_tf(const struct naive_document *document, const struct naive_group *group)
{
    uint32_t tf = 0;

    for (size_t i = 0; i < document->count; i++) {
        uint32_t start = document->occurrences[i].position;
        size_t at = 0;

        if (i > 0 && document->occurrences[i - 1].position == start)
            continue;
        while (at < group->count &&
               word_is_at(document, &group->words[at], start + group->words[at].position))
            at++;
        tf += at == group->count;
    }
    return tf;
}

/* At how many places from first to last the word is. */
static uint32_t places_between(const struct naive_document *document, const struct naive_word *word,
                               uint32_t first, uint32_t last)
{
    uint32_t places = 0;

    for (uint32_t position = first; position <= last; position++)
        places += word_is_at(document, word, position);
    return places;
}

/* Every word that is the same as another of the phrase has to have a place of its own. */
static bool run_has_all(const struct naive_document *document, const struct naive_group *group,
                        uint32_t first, uint32_t last)
{
    for (size_t i = 0; i < group->count; i++) {
        uint32_t same = 0;

        for (size_t j = 0; j < group->count; j++) {
            struct naive_word other = group->words[j];

            other.position = group->words[i].position;
            same += words_equal(&group->words[i], &other);
        }
        if (places_between(document, &group->words[i], first, last) < same)
            return false;
    }
    return true;
}

/* Runs that do not overlap, each the first to end. */
static uint32_t near_tf(const struct naive_document *document, const struct naive_group *group)
{
    uint32_t width = (uint32_t)group->count + (uint32_t)group->near, from = 0, tf = 0;

    for (size_t i = 0; i < document->count; i++) {
        uint32_t last = document->occurrences[i].position;

        for (uint32_t size = 1; size <= width && last + 1 >= from + size; size++) {
            if (!run_has_all(document, group, last + 1 - size, last))
                continue;
            tf++;
            from = last + 1;
            break;
        }
    }
    return tf;
}

static bool has_form_at(const struct naive_document *document, const struct naive_group *group,
                        uint32_t form, uint32_t position)
{
    for (size_t i = 0; i < document->count; i++)
        if (document->occurrences[i].position == position &&
            document->occurrences[i].form == form &&
            (!group->title || document->occurrences[i].in_title))
            return true;
    return false;
}

/* The clause is read as the document's language cuts it. */
static uint32_t exact_tf(const struct naive_search *search, const struct naive_document *document,
                         const struct naive_group *group)
{
    struct token tokens[TOKEN_BATCH];
    uint32_t forms[TOKEN_BATCH], places[TOKEN_BATCH], tf = 0;
    size_t count = 0, found, end = 0;

    analyzer_start(search->ranker->analyzer, slice_str(group->text), document->language, 0);
    found = analyzer_next(search->ranker->analyzer, tokens, TOKEN_BATCH);
    assert(found < TOKEN_BATCH);
    for (size_t i = 0; i < found; i++) {
        if (!tokens[i].lone_character || tokens[i].offset >= end) {
            forms[count] =
                form_of(search->ranker,
                        slice_of((const uint8_t *)group->text + tokens[i].offset, tokens[i].size));
            places[count++] = tokens[i].position;
        }
        end = tokens[i].offset + tokens[i].size;
    }
    for (size_t i = 0; count > 0 && i < document->count; i++) {
        uint32_t start = document->occurrences[i].position;
        size_t at = 0;

        if (i > 0 && document->occurrences[i - 1].position == start)
            continue;
        while (at < count &&
               has_form_at(document, group, forms[at], start + places[at] - places[0]))
            at++;
        tf += at == count;
    }
    return tf;
}

static uint32_t stem_tf(const struct naive_search *search, const struct naive_document *document,
                        const struct naive_group *group)
{
    if (group->count == 1)
        return word_tf(document, &group->words[0]);
    if (search->ranker->positions)
        return group->near < 0 ? phrase_tf(document, group) : near_tf(document, group);
    for (size_t i = 0; i < group->count; i++)
        if (word_tf(document, &group->words[i]) == 0)
            return 0;
    return 1;
}

static uint32_t group_tf(const struct naive_search *search, const struct naive_document *document,
                         const struct naive_group *group)
{
    uint32_t tf = stem_tf(search, document, group), exact;

    if (!group->exact || tf == 0)
        return tf;
    exact = exact_tf(search, document, group);
    return exact < tf ? exact : tf;
}

static void weigh_list(const struct naive_search *search, struct naive_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        struct naive_group *group = &list->groups[i];

        weigh_list(search, &group->list);
        for (size_t j = 0; j < group->count; j++) {
            struct naive_word *word = &group->words[j];

            for (size_t k = 0; k < word->count; k++) {
                uint64_t df = term_df(search->ranker, &word->terms[k]);

                word->df = df > word->df ? df : word->df;
            }
            group->idf += log(1 + ((double)search->articles - (double)word->df + 0.5) /
                                      ((double)word->df + 0.5));
        }
        group->weight = (float)(group->boost * group->idf * group->repeats);
    }
}

static void weigh(struct naive_search *search)
{
    for (size_t i = 0; i < search->ranker->count; i++) {
        search->articles += search->ranker->documents[i].length > 0;
        search->tokens += search->ranker->documents[i].length;
    }
    weigh_list(search, &search->list);
}

/* What is wanted beside filters has to be there: all that is required, or else one of the others.
 */
static bool matches(const struct naive_search *search, const struct naive_document *document,
                    const struct naive_list *list)
{
    bool required = false, one = false, optional = false, filter = false;

    for (size_t i = 0; i < list->count; i++) {
        const struct naive_group *group = &list->groups[i];
        bool there = group->list.groups ? matches(search, document, &group->list)
                     : group->filter    ? passes(document, group)
                                        : group_tf(search, document, group) > 0;

        if (group->occur == NAIVE_PROHIBITED ? there : group->occur == NAIVE_REQUIRED && !there)
            return false;
        required |= group->occur == NAIVE_REQUIRED && !group->filter;
        filter |= group->occur == NAIVE_REQUIRED && group->filter;
        optional |= group->occur == NAIVE_OPTIONAL;
        one |= group->occur == NAIVE_OPTIONAL && there;
    }
    return required || one || (filter && !optional);
}

/* Adds what the list, which matches, is worth: in the order of the query. */
static void add_score(const struct naive_search *search, const struct naive_document *document,
                      const struct naive_list *list, float inverse, double *score)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct naive_group *group = &list->groups[i];
        uint32_t tf;
        float share;

        if (group->occur == NAIVE_PROHIBITED || (group->filter && !group->list.groups))
            continue;
        if (group->list.groups) {
            if (matches(search, document, &group->list))
                add_score(search, document, &group->list, inverse, score);
            continue;
        }
        tf = group_tf(search, document, group);
        if (tf == 0)
            continue;
        share = group->weight / (1 + (float)tf * inverse);
        share = group->weight - share;
        *score += (double)share;
    }
}

static void find_dates(struct naive_search *search)
{
    search->newest = INT64_MIN;
    search->oldest = INT64_MAX;
    for (size_t i = 0; i < search->ranker->count; i++) {
        const struct naive_document *document = &search->ranker->documents[i];

        if (document->dated && document->date > search->newest)
            search->newest = document->date;
        if (document->dated && document->date < search->oldest)
            search->oldest = document->date;
    }
}

/* From the newest of all dates, or the end of those that are wanted; an undated one is the oldest.
 */
static double faded(const struct naive_search *search, const struct naive_document *document)
{
    int64_t newest = search->newest;
    double age;

    if (search->query->half_life <= 0 || newest < search->oldest)
        return 1;
    if (search->query->dated && newest > search->query->last)
        newest = search->query->last;
    age = (double)newest - (double)(document->dated ? document->date : search->oldest);
    return age > 0 ? exp2(-age / search->query->half_life) : 1;
}

/* True if the document matches; *score is what it is worth then. */
static bool rank(const struct naive_search *search, const struct naive_document *document,
                 double *score)
{
    double average = (double)search->tokens / (double)search->articles;
    uint32_t length = norm_decode(norm_encode(document->length));
    double k = search->query->k1 * (1 - search->query->b + search->query->b * (length / average));

    *score = 0;
    if (!matches(search, document, &search->list))
        return false;
    add_score(search, document, &search->list, (float)(1 / k), score);
    *score *= faded(search, document);
    return true;
}

static int compare_hits(const void *a, const void *b)
{
    const struct naive_hit *x = a, *y = b;

    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->document > y->document) - (x->document < y->document);
}

struct naive_hit *naive_ranker_search(struct naive_ranker *ranker, const struct naive_query *query,
                                      size_t *count)
{
    struct naive_search *search = calloc(1, sizeof *search);
    struct naive_hit *hits = NULL;
    size_t capacity = 0;
    double score;

    if (!search)
        abort();
    search->ranker = ranker;
    search->query = query;
    *count = 0;
    list_init(&search->list);
    for (size_t i = 0; i < query->count; i++)
        add_clause(search, &query->clauses[i], 1, &search->list);
    if (query->dated)
        add_dates(&search->list, NAIVE_REQUIRED, query->first, query->last);
    weigh(search);
    find_dates(search);
    for (size_t i = 0; i < ranker->count; i++) {
        const struct naive_document *document = &ranker->documents[i];

        if (document->deleted || !rank(search, document, &score))
            continue;
        hits = grown(hits, *count, &capacity, sizeof *hits);
        hits[(*count)++] = (struct naive_hit){.score = score,
                                              .index = document->index,
                                              .segment = document->segment,
                                              .document = document->number,
                                              .dated = document->dated,
                                              .date = document->date,
                                              .id = document->id,
                                              .keywords = (const char(*)[64])document->keywords,
                                              .keyword_count = document->keyword_count};
    }
    if (*count)
        qsort(hits, *count, sizeof *hits, compare_hits);
    list_free(&search->list);
    free(search);
    return hits;
}
