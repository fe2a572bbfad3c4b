#include "keyword_terms.h"

#include "text/keyword.h"

struct adding {
    struct inverter *inverter;
    const struct stored_article *article;
    uint8_t field; /* the current one */
    enum keyword_kind kind;
    bool passes; /* its terms are not wanted */
    size_t values;
    uint64_t left_out;
    bool room;
    struct lede_error *err;
};

static enum lede_status add_value(struct adding *adding, struct slice value)
{
    struct keyword_term term;

    bool is_over = adding->values++ >= KEYWORD_VALUES_MAX;

    if (adding->passes)
        return LEDE_OK;
    if (is_over) {
        adding->left_out++;
        return LEDE_OK;
    }
    switch (keyword_fold(adding->kind, value, &term)) {
    case KEYWORD_MADE:
        adding->room =
            inverter_add_keyword(adding->inverter, adding->field, slice_of(term.bytes, term.size));
        return LEDE_OK;
    case KEYWORD_LONG:
        adding->left_out++;
        return LEDE_OK;
    case KEYWORD_NO_MEMORY:
        return error_no_memory(adding->err);
    default:
        return LEDE_OK;
    }
}

static enum lede_status add_metadatum(struct adding *adding, struct slice text)
{
    enum lede_status status = LEDE_OK;
    struct keyword_values values;
    struct slice value;

    keyword_values_init(&values, text);
    while (status == LEDE_OK && adding->room && keyword_values_next(&values, &value))
        status = add_value(adding, value);
    return status;
}

/* What the article says beside its metadata. */
static enum lede_status add_own(struct adding *adding)
{
    struct slice host;

    if (adding->kind == KEYWORD_LANGUAGE)
        return add_value(adding, adding->article->language);
    if (adding->kind == KEYWORD_SITE && keyword_host(adding->article->url, &host))
        return add_value(adding, adding->article->url);
    return LEDE_OK;
}

static enum lede_status add_field(struct adding *adding, struct slice name)
{
    const struct stored_article *article = adding->article;
    enum lede_status status;

    adding->kind = keyword_kind_of(name);
    status = add_own(adding);
    for (size_t i = 0; status == LEDE_OK && adding->room && i < article->metadata_count; i++)
        if (keyword_name_equal(name, article->metadata[i].name))
            status = add_metadatum(adding, article->metadata[i].value);
    return status;
}

enum lede_status keyword_terms_add(struct inverter *inverter, struct slice names,
                                   const struct keyword_set *without,
                                   const struct stored_article *article, uint64_t *left_out,
                                   bool *room, struct lede_error *err)
{
    struct adding adding = {
        .inverter = inverter, .article = article, .field = FIELD_KEYWORD, .room = true, .err = err};
    enum lede_status status = LEDE_OK;
    struct slice name;

    for (; status == LEDE_OK && adding.room && keyword_names_next(&names, &name); adding.field++) {
        adding.passes = without && keyword_set_has(without, adding.field - FIELD_KEYWORD);
        status = add_field(&adding, name);
    }
    *left_out += adding.left_out;
    *room = adding.room;
    return status;
}
