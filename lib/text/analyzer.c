#include "text/analyzer.h"

#include <stdlib.h>

#include "base/account.h"
#include "base/ascii.h"
#include "text/amount.h"
#include "text/language.h"
#include "text/small_digits.h"
#include "text/surface.h"
#include "text/term.h"
#include "text/utf8.h"
#include "text/words.h"

struct analyzer {
    struct words words;                   /* of the current chunk */
    struct slice rest;                    /* the chunks behind it */
    size_t base;                          /* offset of the current one in the text */
    struct word pending[WORDS_BATCH];     /* found and not yet turned into tokens */
    struct surface_key keys[WORDS_BATCH]; /* theirs; size 0 for those that are their own term */
    size_t pending_at, pending_count;
    struct surfaces surfaces;
    uint32_t position;
    language_id language;
    bool with_amounts, with_small_digits;
    struct amount_starts amount_starts;
    struct amount amounts[TOKEN_BATCH];          /* of the tokens of a call, by their places; */
    uint8_t runs[TOKEN_BATCH][SMALL_DIGITS_MAX]; /* so are these */
    enum lede_status status;
    struct analyzer_totals totals; /* of the chunks before this one, invalid bytes */
    struct stopwords stopwords;
    struct term_maker maker;
    struct account *account;
};

enum lede_status analyzer_new(const struct analyzer_settings *settings, struct account *account,
                              struct analyzer **out, struct lede_error *err)
{
    struct analyzer *analyzer = account_calloc(account, 1, sizeof *analyzer);

    if (!analyzer)
        return error_no_memory(err);
    analyzer->account = account;
    analyzer->maker.no_stem = settings->no_stem;
    analyzer->with_amounts = settings->amounts;
    analyzer->with_small_digits = settings->small_digits;
    amount_starts_init(&analyzer->amount_starts);
    analyzer->maker.stopwords = &analyzer->stopwords;
    if (stopwords_init(&analyzer->stopwords, settings->stopwords, account, err) != LEDE_OK ||
        !surfaces_init(&analyzer->surfaces, account)) {
        analyzer_free(analyzer);
        return error_no_memory(err);
    }
    analyzer_start(analyzer, slice_of(NULL, 0), LANGUAGE_NONE, 0);
    *out = analyzer;
    return LEDE_OK;
}

void analyzer_free(struct analyzer *analyzer)
{
    struct account *account;

    if (!analyzer)
        return;
    account = analyzer->account;
    stemmers_done(&analyzer->maker.stemmers);
    stopwords_done(&analyzer->stopwords);
    surfaces_done(&analyzer->surfaces);
    free(analyzer);
    account_release(account, sizeof *analyzer);
}

/* ---- chunks ---- */

/* Bytes before at that may belong to a character that goes on behind it. */
static size_t unfinished(const uint8_t *at)
{
    size_t size = 0;

    while (size < UTF8_MAX && (at[-(ptrdiff_t)size] & 0xc0) == 0x80)
        size++;
    return size < UTF8_MAX ? size : 0;
}

size_t analyzer_chunk(struct slice text)
{
    const uint8_t *space, *line;

    if (text.size <= ANALYZER_CHUNK)
        return text.size;
    space = memrchr(text.data, ' ', ANALYZER_CHUNK);
    line = memrchr(text.data, '\n', ANALYZER_CHUNK);
    if (!space || (line && line > space))
        space = line;
    if (space)
        return (size_t)(space - text.data) + 1;
    return ANALYZER_CHUNK - unfinished(text.data + ANALYZER_CHUNK);
}

/* The current one. */
static struct slice chunk_bytes(const struct analyzer *analyzer)
{
    const struct words *words = &analyzer->words;

    return slice_of(words->begin, (size_t)(words->end - words->begin));
}

/* Begins with the next chunk; false at the end of the text. */
static bool next_chunk(struct analyzer *analyzer)
{
    size_t size = analyzer_chunk(analyzer->rest);

    if (size == 0)
        return false;
    analyzer->totals.invalid_bytes += analyzer->words.invalid_bytes;
    analyzer->base += chunk_bytes(analyzer).size;
    words_start(&analyzer->words, slice_of(analyzer->rest.data, size));
    analyzer->rest = slice_of(analyzer->rest.data + size, analyzer->rest.size - size);
    return true;
}

void analyzer_start(struct analyzer *analyzer, struct slice text, language_id language,
                    uint32_t first_position)
{
    analyzer->totals.invalid_bytes += analyzer->words.invalid_bytes;
    words_start(&analyzer->words, slice_of(NULL, 0));
    analyzer->rest = text;
    analyzer->base = 0;
    analyzer->pending_at = analyzer->pending_count = 0;
    analyzer->position = first_position;
    analyzer->language = language < language_count() ? language : LANGUAGE_NONE;
    analyzer->status = LEDE_OK;
}

/* ---- one word ---- */

static struct slice word_bytes(const struct analyzer *analyzer, const struct word *word)
{
    return slice_of(analyzer->words.begin + word->offset, word->size);
}

/* Numbers and the usual characters of runs are their own terms: they need no memory of their
 * own, and there are too many different ones to remember. */
static bool is_own_term(const struct analyzer *analyzer, const struct word *word)
{
    const uint8_t *at = analyzer->words.begin + word->offset, *end;

    if (word->size > TERM_MAX || analyzer->stopwords.slots)
        return false;
    if (word->kind != WORD_PLAIN || *at < '0' || *at > '9')
        return word->folded;
    for (end = at + word->size; at < end; at++)
        if (*at != '.' && *at != ',' && (*at < '0' || *at > '9'))
            return false;
    return true;
}

/* Finds the next words and starts fetching what is known about them, stage by stage, so that the
 * memory's latencies overlap. */
static bool refill(struct analyzer *analyzer)
{
    const struct words *words = &analyzer->words;
    size_t count;

    do
        count = words_next(&analyzer->words, analyzer->pending, WORDS_BATCH);
    while (count == 0 && next_chunk(analyzer));
    analyzer->pending_at = 0;
    analyzer->pending_count = count;
    for (size_t i = 0; i < count; i++) {
        const struct word *word = &analyzer->pending[i];
        const uint8_t *at = words->begin + word->offset;
        struct surface_key *key = &analyzer->keys[i];

        if (is_own_term(analyzer, word)) {
            key->size = 0;
            continue;
        }
        if (word->size > SURFACE_KEY_MAX)
            *key = (struct surface_key){.size = word->size};
        else
            surface_key_init(key, at, word->size, (size_t)(words->end - at), analyzer->language,
                             word->kind);
        surfaces_prefetch_bucket(&analyzer->surfaces, key);
    }
    for (size_t i = 0; i < count; i++)
        if (analyzer->keys[i].size)
            surfaces_prefetch_entry(&analyzer->surfaces, &analyzer->keys[i]);
    return count > 0;
}

/* Empties the cache; what waits has to be looked for in it anew. */
static void forget_surfaces(struct analyzer *analyzer)
{
    surfaces_clear(&analyzer->surfaces);
    for (size_t i = analyzer->pending_at; i < analyzer->pending_count; i++)
        analyzer->keys[i].place = 0;
}

/* Finds out what a word stands for and remembers it. NULL if the cache is full and may not be
 * emptied, as terms in it are still in use, or if memory ran out. */
static struct surface *learn(struct analyzer *analyzer, const struct word *word,
                             const struct surface_key *key, bool may_clear)
{
    struct term_maker *maker = &analyzer->maker;
    struct slice bytes = word_bytes(analyzer, word);
    enum term_status status = term_make(maker, bytes, analyzer->language, word->kind == WORD_PLAIN);
    struct surface what = {
        .skipped = (uint16_t)maker->skipped, .status = (uint8_t)status, .marked = maker->marked};
    struct surface *entry;

    if (status == TERM_NO_MEMORY) {
        analyzer->status = LEDE_NO_MEMORY;
        return NULL;
    }
    if (status == TERM_MADE) {
        what.term_size = (uint8_t)maker->term.size;
        what.variant_size = (uint8_t)maker->variant.size;
        what.hash = surface_term_hash(slice_of(maker->term.bytes, maker->term.size));
    }
    entry = surfaces_add(&analyzer->surfaces, key, bytes.data, &what, maker->term.bytes,
                         maker->variant.bytes);
    if (entry || !may_clear)
        return entry;
    forget_surfaces(analyzer);
    return surfaces_add(&analyzer->surfaces, key, bytes.data, &what, maker->term.bytes,
                        maker->variant.bytes);
}

static void fill_token(struct token *token, size_t base, const struct word *word, uint32_t position)
{
    *token = (struct token){.offset = base + word->offset,
                            .size = word->size,
                            .position = position,
                            .lone_character = word->kind == WORD_LAST};
}

/* Gives the last token, of a word that begins with a digit, the amount that begins there, if any.
 */
static void add_amount(struct analyzer *analyzer, const struct word *word, struct token *token,
                       struct amount *amount)
{
    struct slice chunk = chunk_bytes(analyzer);

    if (amount_may_be(&analyzer->amount_starts, chunk, word->offset) &&
        amount_read(chunk, word->offset, analyzer->language, amount))
        token->amount = slice_of(amount->term, amount->size);
}

static bool begins_amount(const struct analyzer *analyzer, const struct word *word)
{
    return analyzer->with_amounts && ascii_is_digit(analyzer->words.begin[word->offset]);
}

/* Gives the last token, which has no variant, the run that it is in as one, if it is a small digit.
 */
static void add_run(const struct analyzer *analyzer, const struct word *word, struct token *token,
                    uint8_t run[SMALL_DIGITS_MAX])
{
    token->variant = slice_of(run, small_digits_read(chunk_bytes(analyzer), word->offset, run));
}

static bool begins_run(const struct analyzer *analyzer, const struct word *word,
                       const struct token *token)
{
    return analyzer->with_small_digits &&
           small_digits_may_begin(analyzer->words.begin[word->offset]) && token->variant.size == 0;
}

/* Turns a word into a token, if it gives one: *count grows then. False if the word has to wait
 * for the next call, or if memory ran out. */
static bool use_word(struct analyzer *analyzer, const struct word *word, struct token *tokens,
                     size_t *count)
{
    struct token *token = &tokens[*count];
    const struct surface_key *key = &analyzer->keys[word - analyzer->pending];
    struct surface *surface = NULL;

    if (key->size == 0) {
        fill_token(token, analyzer->base, word, analyzer->position++);
        token->term = word_bytes(analyzer, word);
        token->hash = surface_term_hash(token->term);
        if (begins_amount(analyzer, word))
            add_amount(analyzer, word, token, &analyzer->amounts[*count]);
        ++*count;
        return true;
    }
    if (key->size <= SURFACE_KEY_MAX)
        surface = surfaces_find(&analyzer->surfaces, key, analyzer->words.begin + word->offset);
    if (!surface)
        surface = learn(analyzer, word, key, *count == 0);
    if (!surface)
        return false;
    if (surface->status == TERM_NOTHING)
        return true;
    if (surface->status == TERM_MADE) {
        fill_token(token, analyzer->base, word, analyzer->position);
        token->offset += surface->skipped;
        token->size -= surface->skipped;
        token->term = surface_term(surface);
        token->variant = surface_variant(surface);
        token->hash = surface->hash;
        token->marked = surface->marked;
        token->memo = &surface->memo;
        if (begins_amount(analyzer, word))
            add_amount(analyzer, word, token, &analyzer->amounts[*count]);
        else if (begins_run(analyzer, word, token))
            add_run(analyzer, word, token, analyzer->runs[*count]);
        ++*count;
    }
    analyzer->totals.long_terms += surface->status == TERM_LONG;
    analyzer->position++;
    return true;
}

size_t analyzer_next(struct analyzer *analyzer, struct token *tokens, size_t capacity)
{
    size_t count = 0;

    capacity = capacity < TOKEN_BATCH ? capacity : TOKEN_BATCH;
    while (count < capacity && analyzer->status == LEDE_OK) {
        if (analyzer->pending_at == analyzer->pending_count && !refill(analyzer))
            break;
        if (!use_word(analyzer, &analyzer->pending[analyzer->pending_at], tokens, &count))
            break;
        analyzer->pending_at++;
    }
    return count;
}

enum lede_status analyzer_status(const struct analyzer *analyzer)
{
    return analyzer->status;
}

uint32_t analyzer_position(const struct analyzer *analyzer)
{
    return analyzer->position;
}

struct analyzer_totals analyzer_totals(const struct analyzer *analyzer)
{
    struct analyzer_totals totals = analyzer->totals;

    totals.invalid_bytes += analyzer->words.invalid_bytes;
    return totals;
}
