#include "naive_search.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicase.h>

#include "text/language.h"

/* ---- helpers ---- */

void *naive_grown(void *items, size_t count, size_t *capacity, size_t size)
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
uint32_t naive_number_of(struct naive_ranker *ranker, struct slice term)
{
    size_t at;

    if (2 * ranker->string_count >= ranker->slot_count)
        rehash(ranker);
    for (at = hash_of(term) % ranker->slot_count; ranker->slots[at];
         at = (at + 1) % ranker->slot_count)
        if (slice_equal(slice_str(ranker->strings[ranker->slots[at] - 1]), term))
            return ranker->slots[at] - 1;
    ranker->strings = naive_grown(ranker->strings, ranker->string_count, &ranker->string_capacity,
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
        free(ranker->documents[i].text.occurrences);
        free(ranker->documents[i].boilerplate.occurrences);
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
uint32_t naive_form_of(struct naive_ranker *ranker, struct slice word)
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
    form = naive_number_of(ranker, slice_of(folded, size));
    free(folded);
    return form;
}

/* Returns the position behind the text. */
static uint32_t read_text(struct naive_ranker *ranker, struct lede_bytes text, language_id language,
                          uint32_t first, bool in_title, struct naive_text *out)
{
    struct token tokens[TOKEN_BATCH];
    size_t count;

    analyzer_start(ranker->analyzer, slice_of(text.data, text.size), language, first);
    while ((count = analyzer_next(ranker->analyzer, tokens, TOKEN_BATCH)) > 0)
        for (size_t i = 0; i < count; i++) {
            out->occurrences =
                naive_grown(out->occurrences, out->count, &out->capacity, sizeof *out->occurrences);
            out->occurrences[out->count++] = (struct occurrence){
                tokens[i].position,
                naive_number_of(ranker, tokens[i].term),
                tokens[i].variant.size ? naive_number_of(ranker, tokens[i].variant)
                                       : (uint32_t)NONE,
                tokens[i].amount.size ? naive_number_of(ranker, tokens[i].amount) : (uint32_t)NONE,
                naive_form_of(ranker, slice_of((const uint8_t *)text.data + tokens[i].offset,
                                               tokens[i].size)),
                in_title};
        }
    return analyzer_position(ranker->analyzer);
}

static bool is_boilerplate(const struct lede_field *field)
{
    return field->name.size == strlen("boilerplate") &&
           strncasecmp(field->name.data, "boilerplate", field->name.size) == 0;
}

/* The line of a text, without blanks around it, *at: to behind it. */
static struct lede_bytes read_line(const char **at, const char *end)
{
    const char *begin = *at, *behind;

    while (*at < end && **at != '\n')
        ++*at;
    behind = *at;
    *at += *at < end;
    while (begin < behind && strchr(" \t\r", *begin))
        begin++;
    while (begin < behind && strchr(" \t\r", behind[-1]))
        behind--;
    return (struct lede_bytes){begin, (size_t)(behind - begin)};
}

/* Each line apart, as many as fit. */
static void read_boilerplate(struct naive_ranker *ranker, struct naive_document *document,
                             const struct lede_article *article)
{
    size_t left = BOILERPLATE_BYTES;
    uint32_t position = 0;

    for (size_t i = 0; i < article->metadata_count; i++) {
        const char *at = article->metadata[i].value.data;
        const char *end = at + article->metadata[i].value.size;

        while (is_boilerplate(&article->metadata[i]) && at < end) {
            struct lede_bytes line = read_line(&at, end);

            if (line.size == 0)
                continue;
            if (line.size > left)
                break;
            left -= line.size;
            position = read_text(ranker, line, document->language, position, false,
                                 &document->boilerplate) +
                       LINE_DISTANCE;
        }
    }
}

/* Letters in lower case, a space between words; of ASCII. */
static void read_metadata(struct naive_document *document, const struct lede_article *article)
{
    assert(article->metadata_count <= 8);
    for (size_t i = 0; i < article->metadata_count; i++) {
        const struct lede_field *field = &article->metadata[i];
        const char *value = field->value.data, *end = value + field->value.size;
        char *at = document->keywords[document->keyword_count];

        if (is_boilerplate(field))
            continue;
        document->keyword_count++;
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

    naive_ranker_remove(ranker, article->id);
    ranker->documents =
        naive_grown(ranker->documents, ranker->count, &ranker->capacity, sizeof *ranker->documents);
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
    title = read_text(ranker, article->title, document->language, 0, true, &document->text);
    end = read_text(ranker, article->text, document->language, title + TITLE_DISTANCE, false,
                    &document->text);
    document->length = end - TITLE_DISTANCE;
    if (document->length > 0)
        read_boilerplate(ranker, document, article);
}
