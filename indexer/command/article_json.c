#include "command/article_json.h"

#include "base/date.h"
#include "base/json.h"
#include "base/lede_bytes.h"

static void put_member(struct buffer *out, bool *first, const char *name, struct slice value)
{
    if (value.size == 0)
        return;
    json_put_key(out, first, name);
    json_put_string(out, value);
}

static bool is_reserved(struct slice name)
{
    static const char *const reserved[] = {"id",  "title",    "text",  "date",
                                           "url", "language", "source"};

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (slice_equal(name, slice_str(reserved[i])))
            return true;
    return false;
}

/* Whether a metadatum would be read as where the date is from. */
static bool is_date_source(const struct lede_article *article, const struct lede_field *field)
{
    enum lede_date_source found;

    return slice_equal(slice_from(field->name), slice_str("date_source")) &&
           article->date.precision != LEDE_DATE_NONE &&
           (article->date_source > LEDE_DATE_FROM_METADATA ||
            date_source_find(field->value, &found));
}

static void put_metadata(struct buffer *out, const struct lede_article *article)
{
    struct buffer name;

    buffer_init(&name, NULL);
    for (size_t i = 0; i < article->metadata_count; i++) {
        const struct lede_field *field = &article->metadata[i];

        buffer_clear(&name);
        if (is_reserved(slice_from(field->name)) || is_date_source(article, field))
            buffer_byte(&name, '_');
        buffer_put(&name, field->name.data, field->name.size);
        buffer_byte(out, ',');
        json_put_string(out, buffer_bytes(&name));
        buffer_byte(out, ':');
        json_put_string(out, slice_from(field->value));
        out->failed |= name.failed;
    }
    buffer_done(&name);
}

static void put_source(struct buffer *out, const struct lede_article *article)
{
    if (article->source.size == 0)
        return;
    buffer_str(out, ",\"source\":{\"path\":");
    json_put_string(out, slice_from(article->source));
    buffer_printf(out, ",\"offset\":%llu,\"size\":%llu}",
                  (unsigned long long)article->source_offset,
                  (unsigned long long)article->source_size);
}

void article_json_put(struct buffer *out, const struct lede_article *article, bool text_kept)
{
    char date[LEDE_DATE_TEXT];
    bool first = true;

    buffer_byte(out, '{');
    json_put_key(out, &first, "id");
    json_put_string(out, slice_from(article->id));
    json_put_key(out, &first, "title");
    json_put_string(out, slice_from(article->title));
    json_put_key(out, &first, "text");
    if (text_kept)
        json_put_string(out, slice_from(article->text));
    else
        buffer_str(out, "null");
    if (article->date.precision != LEDE_DATE_NONE) {
        lede_date_format(article->date, date);
        put_member(out, &first, "date", slice_str(date));
        if (article->date_source > LEDE_DATE_FROM_METADATA)
            put_member(out, &first, "date_source",
                       slice_str(date_source_name(article->date_source)));
    }
    put_member(out, &first, "url", slice_from(article->url));
    put_member(out, &first, "language", slice_from(article->language));
    put_metadata(out, article);
    put_source(out, article);
    buffer_byte(out, '}');
}
