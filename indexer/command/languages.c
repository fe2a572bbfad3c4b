#include "command/languages.h"

#include <stdio.h>

#include "base/lede_bytes.h"
#include "text/language.h"

static const char AUTO[] = "auto", MARK[] = "@auto";

/* What follows auto: in text, "" of auto alone; NULL if text is neither. */
static const char *fallback_of(const char *text)
{
    size_t size = sizeof AUTO - 1;

    if (!text || strncmp(text, AUTO, size) != 0 || (text[size] != '\0' && text[size] != ':'))
        return NULL;
    return text[size] ? text + size + 1 : text + size;
}

bool languages_are_valid(const char *text)
{
    const char *fallback = fallback_of(text);
    language_id id;

    if (fallback && *fallback == '\0')
        return strcmp(text, AUTO) == 0;
    return language_find(slice_str(fallback ? fallback : text), &id);
}

language_id languages_of(const char *wanted, struct slice text)
{
    const char *fallback = fallback_of(wanted), *name = fallback ? fallback : wanted;
    struct language_guesser guesser;
    language_id language = LANGUAGE_NONE;

    (void)language_find(slice_str(name && *name ? name : "en"), &language);
    if (!fallback)
        return language;
    language_guesser_init(&guesser);
    (void)language_guess(&guesser, slice_of(NULL, 0), text, &language);
    return language;
}

void languages_tell(struct languages *languages, const char *wanted,
                    struct lede_writer_options *options)
{
    const char *fallback = fallback_of(wanted);
    language_id id;

    options->new_language = "en@auto";
    if (fallback && *fallback && language_find(slice_str(fallback), &id)) {
        (void)snprintf(languages->tag, sizeof languages->tag, "%s%s", language_code(id), MARK);
        options->language = languages->tag;
    } else if (!fallback) {
        options->language = wanted;
    }
}

/* True if an index was made so. */
static bool is_marked(struct slice tag)
{
    size_t size = sizeof MARK - 1;

    return tag.size >= size && memcmp(tag.data + tag.size - size, MARK, size) == 0;
}

void languages_begin(struct languages *languages, const char *wanted,
                     const struct lede_writer *writer)
{
    languages->guess = wanted ? fallback_of(wanted) != NULL
                              : is_marked(slice_from(lede_writer_index_language(writer)));
    languages->sample.size = 0;
    if (languages->guess)
        language_guesser_init(&languages->guesser);
}

void languages_part(struct languages *languages, struct lede_bytes part)
{
    if (languages->guess && languages->sample.size == 0)
        language_sample_take(&languages->sample, slice_from(part));
}

void languages_forget(struct languages *languages)
{
    languages->sample.size = 0;
}

void languages_article(struct languages *languages, struct lede_article *article)
{
    struct slice text = slice_from(article->text);
    language_id language;

    if (languages->sample.size > 0)
        text = slice_of(languages->sample.bytes, languages->sample.size);
    languages->sample.size = 0;
    if (languages->guess && article->language.size == 0 &&
        language_guess(&languages->guesser, slice_from(article->title), text, &language))
        article->language = bytes_of(slice_str(language_code(language)));
}
