/* JSON-LD in pages: https://schema.org/Article and what derives from it. */
#include <jansson.h>

#include "base/buffer.h"
#include "html/html_claims.h"

enum {
    DEPTH_MAX = 8,        /* arrays and graphs within each other that are followed */
    JSON_MAX = 512 * 1024 /* bytes that are looked at: as values they take up to 20 times that */
};

static struct slice text_of(const json_t *value)
{
    return slice_of(json_string_value(value), json_string_length(value));
}

static bool ends_like_an_article(struct slice type)
{
    static const char *const endings[] = {"Article", "BlogPosting", "Report", "Posting"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t size = strlen(endings[i]);

        if (type.size >= size && memcmp(type.data + type.size - size, endings[i], size) == 0)
            return true;
    }
    return false;
}

/* "NewsArticle", "BlogPosting", "Report", ...; also in a list of types. */
static bool is_article_type(const json_t *type)
{
    for (size_t i = 0; i < json_array_size(type); i++)
        if (ends_like_an_article(text_of(json_array_get(type, i))))
            return true;
    return ends_like_an_article(text_of(type));
}

/* The name of a person or organization, or a mere string. */
static struct slice name_of(const json_t *value)
{
    return text_of(json_is_object(value) ? json_object_get(value, "name") : value);
}

/* One name, or those of several with commas between. */
static void claim_names(struct html_claims *claims, enum html_field field, const json_t *value)
{
    struct buffer names;

    buffer_init(&names, NULL);
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct slice name = name_of(json_array_get(value, i));

        if (name.size > 0 && names.size > 0)
            buffer_str(&names, ", ");
        buffer_put(&names, name.data, name.size);
    }
    claims->failed |= names.failed;
    html_claim(claims, field, ORIGIN_JSON_LD,
               json_is_array(value) ? buffer_bytes(&names) : name_of(value));
    buffer_done(&names);
}

/* A string, or the first of several. */
static void claim_text(struct html_claims *claims, enum html_field field, const json_t *value)
{
    if (json_is_array(value))
        value = json_array_get(value, 0);
    if (json_is_object(value))
        value = json_object_get(value, "@id");
    html_claim(claims, field, ORIGIN_JSON_LD, text_of(value));
}

static void claim_article(struct html_claims *claims, const json_t *article)
{
    claim_text(claims, HTML_TITLE, json_object_get(article, "headline"));
    claim_names(claims, HTML_AUTHOR, json_object_get(article, "author"));
    claim_text(claims, HTML_DATE, json_object_get(article, "datePublished"));
    claim_text(claims, HTML_SECTION, json_object_get(article, "articleSection"));
    claim_text(claims, HTML_URL, json_object_get(article, "url"));
    claim_text(claims, HTML_URL, json_object_get(article, "mainEntityOfPage"));
    claim_names(claims, HTML_SITE, json_object_get(article, "publisher"));
    claim_text(claims, HTML_LANGUAGE, json_object_get(article, "inLanguage"));
}

/* Recursion ends at DEPTH_MAX. */
static void look_into(struct html_claims *claims, const json_t *value, unsigned depth)
{
    if (depth == DEPTH_MAX)
        return;
    for (size_t i = 0; i < json_array_size(value); i++)
        look_into(claims, json_array_get(value, i), depth + 1);
    if (!json_is_object(value))
        return;
    if (is_article_type(json_object_get(value, "@type")))
        claim_article(claims, value);
    look_into(claims, json_object_get(value, "@graph"), depth + 1);
}

void html_claim_json_ld(struct html_claims *claims, struct slice json)
{
    bool fits = json.size > 0 && json.size <= JSON_MAX;
    json_t *value = fits ? json_loadb((const char *)json.data, json.size, 0, NULL) : NULL;

    if (value)
        look_into(claims, value, 0);
    json_decref(value);
}
