#include "as_written.h"

#include <strings.h>

#include "index/format.h"
#include "index/stored.h"
#include "text/analyzer.h"
#include "text/fold.h"

struct written_word {
    struct slice folded; /* the arena's */
    uint32_t position;   /* from the first word's */
};

/* The clause's words, as the analysis of a language cuts them. */
struct written_words {
    struct written_word *items;
    size_t count;
};

struct as_written {
    struct lede_index *index;
    const struct query_clause *clause;
    struct arena *arena;
    struct analyzer *analyzer;
    struct written_words *languages[LANGUAGES_MAX]; /* NULL: not needed so far */
    struct segment *segment;
    struct stored_reader reader;
    struct buffer raw, fields;                 /* of the article */
    struct buffer positions[LEDE_CLAUSES_MAX]; /* of each word, in the text; native uint32_t */
};

enum lede_status as_written_new(struct lede_index *index, uint32_t number,
                                const struct query_clause *clause, struct arena *arena,
                                struct as_written **out, struct lede_error *err)
{
    struct as_written *check = arena_calloc(arena, 1, sizeof *check);

    if (!check)
        return error_no_memory(err);
    check->index = index;
    check->clause = clause;
    check->arena = arena;
    check->segment = index->segments[number].segment;
    check->reader.context = opened_take_idle(index, &index->unpackers);
    check->reader.keeps = true;
    buffer_init(&check->raw, NULL);
    buffer_init(&check->fields, NULL);
    for (size_t i = 0; i < LEDE_CLAUSES_MAX; i++)
        buffer_init(&check->positions[i], NULL);
    *out = check;
    return opened_take_analyzer(index, &check->analyzer, err);
}

void as_written_done(struct as_written *check)
{
    opened_give_analyzer(check->index, check->analyzer);
    for (size_t i = 0; i < LEDE_CLAUSES_MAX; i++)
        buffer_done(&check->positions[i]);
    buffer_done(&check->raw);
    buffer_done(&check->fields);
    if (check->reader.context &&
        !opened_keep_idle(check->index, &check->index->unpackers, check->reader.context))
        stored_reader_done(&check->reader);
}

/* ---- characters ---- */

/* False: too long, or out of memory: then bytes are compared. */
static bool fold(struct slice word, language_id language, struct folded *out)
{
    return fold_case(word, language_is_turkic(language), out) == FOLD_OK;
}

static bool is_folded(struct slice word, struct slice folded, language_id language)
{
    struct folded own;

    if (slice_equal(word, folded))
        return true;
    return fold(word, language, &own) && slice_equal(slice_of(own.bytes, own.size), folded);
}

bool as_written_same(struct slice word, struct slice other, language_id language)
{
    struct folded folded;

    if (!fold(other, language, &folded))
        return slice_equal(word, other);
    return is_folded(word, slice_of(folded.bytes, folded.size), language);
}

/* False where the first characters tell that they differ, without folding. */
static bool may_be_same(struct slice word, struct slice folded)
{
    uint8_t first = word.data[0], other = folded.data[0];

    if (first >= 'A' && first <= 'Z')
        first |= 0x20;
    return first == other || first >= 0x80 || other >= 0x80;
}

/* ---- the clause's words ---- */

static bool add_word(struct as_written *check, const struct token *token, language_id language,
                     struct written_words *words)
{
    struct slice text = slice_of(check->clause->text.data + token->offset, token->size);
    struct written_word *word = &words->items[words->count];
    struct folded folded;
    void *copy;

    if (words->count == LEDE_CLAUSES_MAX)
        return true;
    if (fold(text, language, &folded) && folded.size > 0)
        text = slice_of(folded.bytes, folded.size);
    copy = arena_copy(check->arena, text.data, text.size);
    if (!copy)
        return false;
    word->folded = slice_of(copy, text.size);
    word->position = token->position;
    words->count++;
    return true;
}

static bool find_words(struct as_written *check, language_id language, struct written_words *words)
{
    struct token tokens[TOKEN_BATCH];
    size_t end = 0, count;
    uint32_t first = 0;

    words->items = arena_alloc(check->arena, LEDE_CLAUSES_MAX * sizeof *words->items);
    if (!words->items)
        return false;
    analyzer_start(check->analyzer, check->clause->text, language, 0);
    while ((count = analyzer_next(check->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            struct token token = tokens[i];
            bool ends_pair = token.lone_character && token.offset < end;

            end = token.offset + token.size;
            if (ends_pair)
                continue;
            if (words->count == 0)
                first = token.position;
            token.position -= first;
            if (!add_word(check, &token, language, words))
                return false;
        }
    return analyzer_status(check->analyzer) == LEDE_OK;
}

/* NULL: memory ran out. */
static const struct written_words *words_of(struct as_written *check, language_id language)
{
    struct written_words *made = check->languages[language];

    if (made)
        return made;
    made = arena_calloc(check->arena, 1, sizeof *made);
    if (!made || !find_words(check, language, made))
        return NULL;
    check->languages[language] = made;
    return made;
}

/* ---- an article ---- */

/* Notes where the words stand. Returns the position behind the text. */
static uint32_t read_text(struct as_written *check, const struct written_words *words,
                          struct slice text, language_id language, uint32_t first)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(check->analyzer, text, language, first);
    while ((count = analyzer_next(check->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            struct slice word = slice_of(text.data + tokens[i].offset, tokens[i].size);

            for (size_t j = 0; j < words->count; j++)
                if (may_be_same(word, words->items[j].folded) &&
                    is_folded(word, words->items[j].folded, language))
                    buffer_put(&check->positions[j], &tokens[i].position, sizeof(uint32_t));
        }
    return analyzer_position(check->analyzer);
}

static bool is_boilerplate(struct slice name)
{
    return name.size == strlen("boilerplate") &&
           strncasecmp((const char *)name.data, "boilerplate", name.size) == 0;
}

/* Notes where the words stand in what recurs around the article: the lines that have terms, as
 * docs/FORMAT.md numbers their positions. */
static void read_boilerplate(struct as_written *check, const struct written_words *words,
                             const struct stored_article *article, language_id language)
{
    size_t left = BOILERPLATE_MOST;
    uint32_t position = 0;

    for (size_t i = 0; i < article->metadata_count; i++) {
        struct slice rest = article->metadata[i].value;

        while (is_boilerplate(article->metadata[i].name) && rest.size > 0) {
            const uint8_t *end = memchr(rest.data, '\n', rest.size);
            size_t size = end ? (size_t)(end - rest.data) : rest.size;
            struct slice line = slice_trim(slice_of(rest.data, size));

            size += end != NULL;
            rest = slice_of(rest.data + size, rest.size - size);
            if (line.size > left)
                break;
            left -= line.size;
            if (line.size > 0)
                position = read_text(check, words, line, language, position) + BOILERPLATE_GAP;
        }
    }
}

static bool has_position(const struct buffer *positions, uint32_t position)
{
    size_t low = 0, high = positions->size / sizeof position;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t found;

        memcpy(&found, positions->data + middle * sizeof found, sizeof found);
        if (found == position)
            return true;
        if (found < position)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static uint32_t count_side_by_side(const struct as_written *check,
                                   const struct written_words *words)
{
    const struct buffer *starts = &check->positions[0];
    uint32_t count = 0;

    for (size_t at = 0; at < starts->size; at += sizeof(uint32_t)) {
        uint32_t start;
        size_t next = 1;

        memcpy(&start, starts->data + at, sizeof start);
        while (next < words->count &&
               has_position(&check->positions[next], start + words->items[next].position))
            next++;
        count += next == words->count;
    }
    return count;
}

static enum lede_status count_in(struct as_written *check, const struct stored_article *article,
                                 uint32_t *count, struct lede_error *err)
{
    const struct written_words *words;
    language_id language;
    uint32_t end;

    if (!language_find(article->language, &language))
        language = check->index->default_language;
    words = words_of(check, language);
    if (!words)
        return error_no_memory(err);
    if (words->count == 0)
        return LEDE_OK;
    for (size_t i = 0; i < words->count; i++)
        buffer_clear(&check->positions[i]);
    if (check->clause->is_boilerplate) {
        read_boilerplate(check, words, article, language);
    } else {
        end = read_text(check, words, article->title, language, 0);
        if (!check->clause->is_title)
            read_text(check, words, article->text, language, end + TITLE_GAP);
    }
    for (size_t i = 0; i < words->count; i++)
        if (check->positions[i].failed)
            return error_no_memory(err);
    if (analyzer_status(check->analyzer) != LEDE_OK)
        return error_no_memory(err);
    *count = count_side_by_side(check, words);
    return LEDE_OK;
}

enum lede_status as_written_count(struct as_written *check, doc_id document, uint32_t *count,
                                  struct lede_error *err)
{
    struct stored_article article = {.text_kept = false};
    int64_t location;
    enum lede_status status =
        column_get(&check->segment->columns, COLUMN_ARTICLE, document, &location, err);

    *count = 0;
    if (status == LEDE_OK)
        status =
            stored_reader_get(&check->reader, &check->segment->streams[STREAM_ARTICLES], location,
                              true, ARTICLE_LIMIT, &check->raw, &check->fields, &article, err);
    return status == LEDE_OK && article.text_kept ? count_in(check, &article, count, err) : status;
}
