#include "naive_search.h"

#include <assert.h>

/* ---- filters ---- */

/* keyword may be a pattern: the documents' have no wildcards. */
static bool has_keyword(const struct naive_document *document, const char *keyword)
{
    for (size_t i = 0; i < document->keyword_count; i++)
        if (naive_is_like(keyword, document->keywords[i]))
            return true;
    return false;
}

bool naive_passes(const struct naive_document *document, const struct naive_group *filter)
{
    if (filter->keyword[0])
        return has_keyword(document, filter->keyword);
    return document->dated && document->date >= filter->first && document->date <= filter->last;
}

/* ---- how often a clause occurs ---- */

static uint32_t word_tf(const struct naive_text *text, const struct naive_word *word)
{
    uint32_t tf = 0;

    for (size_t i = 0; i < text->count; i++)
        for (size_t j = 0; j < word->count; j++)
            tf += naive_occurs_as(&text->occurrences[i], &word->terms[j]);
    return tf;
}

static bool word_is_at(const struct naive_text *text, const struct naive_word *word,
                       uint32_t position)
{
    for (size_t i = 0; i < text->count; i++)
        if (text->occurrences[i].position == position)
            for (size_t j = 0; j < word->count; j++)
                if (naive_occurs_as(&text->occurrences[i], &word->terms[j]))
                    return true;
    return false;
}

static uint32_t phrase_tf(const struct naive_text *text, const struct naive_group *group)
{
    uint32_t tf = 0;

    for (size_t i = 0; i < text->count; i++) {
        uint32_t start = text->occurrences[i].position;
        size_t at = 0;

        if (i > 0 && text->occurrences[i - 1].position == start)
            continue;
        while (at < group->count &&
               word_is_at(text, &group->words[at], start + group->words[at].position))
            at++;
        tf += at == group->count;
    }
    return tf;
}

/* At how many places from first to last the word is. */
static uint32_t places_between(const struct naive_text *text, const struct naive_word *word,
                               uint32_t first, uint32_t last)
{
    uint32_t places = 0;

    for (uint32_t position = first; position <= last; position++)
        places += word_is_at(text, word, position);
    return places;
}

/* Every word that is the same as another of the phrase has to have a place of its own. */
static bool run_has_all(const struct naive_text *text, const struct naive_group *group,
                        uint32_t first, uint32_t last)
{
    for (size_t i = 0; i < group->count; i++) {
        uint32_t same = 0;

        for (size_t j = 0; j < group->count; j++) {
            struct naive_word other = group->words[j];

            other.position = group->words[i].position;
            same += naive_words_equal(&group->words[i], &other);
        }
        if (places_between(text, &group->words[i], first, last) < same)
            return false;
    }
    return true;
}

/* Runs that do not overlap, each the first to end. */
static uint32_t near_tf(const struct naive_text *text, const struct naive_group *group)
{
    uint32_t width = (uint32_t)group->count + (uint32_t)group->near, from = 0, tf = 0;

    for (size_t i = 0; i < text->count; i++) {
        uint32_t last = text->occurrences[i].position;

        for (uint32_t size = 1; size <= width && last + 1 >= from + size; size++) {
            if (!run_has_all(text, group, last + 1 - size, last))
                continue;
            tf++;
            from = last + 1;
            break;
        }
    }
    return tf;
}

static bool has_form_at(const struct naive_text *text, const struct naive_group *group,
                        uint32_t form, uint32_t position)
{
    for (size_t i = 0; i < text->count; i++)
        if (text->occurrences[i].position == position && text->occurrences[i].form == form &&
            (group->field != NAIVE_TITLE || text->occurrences[i].in_title))
            return true;
    return false;
}

/* The clause is read as the document's language cuts it. */
static uint32_t exact_tf(const struct naive_search *search, const struct naive_document *document,
                         const struct naive_group *group)
{
    struct token tokens[TOKEN_BATCH];
    uint32_t forms[TOKEN_BATCH], places[TOKEN_BATCH], tf = 0;
    const struct naive_text *text = naive_text_of(document, group->field);
    size_t count = 0, found, end = 0;

    analyzer_start(search->ranker->analyzer, slice_str(group->text), document->language, 0);
    found = analyzer_next(search->ranker->analyzer, tokens, TOKEN_BATCH);
    assert(found < TOKEN_BATCH);
    for (size_t i = 0; i < found; i++) {
        if (!tokens[i].lone_character || tokens[i].offset >= end) {
            forms[count] = naive_form_of(
                search->ranker,
                slice_of((const uint8_t *)group->text + tokens[i].offset, tokens[i].size));
            places[count++] = tokens[i].position;
        }
        end = tokens[i].offset + tokens[i].size;
    }
    for (size_t i = 0; count > 0 && i < text->count; i++) {
        uint32_t start = text->occurrences[i].position;
        size_t at = 0;

        if (i > 0 && text->occurrences[i - 1].position == start)
            continue;
        while (at < count && has_form_at(text, group, forms[at], start + places[at] - places[0]))
            at++;
        tf += at == count;
    }
    return tf;
}

static uint32_t stem_tf(const struct naive_search *search, const struct naive_document *document,
                        const struct naive_group *group)
{
    const struct naive_text *text = naive_text_of(document, group->field);

    if (group->count == 1)
        return word_tf(text, &group->words[0]);
    if (search->ranker->positions)
        return group->near < 0 ? phrase_tf(text, group) : near_tf(text, group);
    for (size_t i = 0; i < group->count; i++)
        if (word_tf(text, &group->words[i]) == 0)
            return 0;
    return 1;
}

uint32_t naive_group_tf(const struct naive_search *search, const struct naive_document *document,
                        const struct naive_group *group)
{
    uint32_t tf = stem_tf(search, document, group), exact;

    if (!group->exact || tf == 0)
        return tf;
    exact = exact_tf(search, document, group);
    return exact < tf ? exact : tf;
}
