#include "facets.h"

#include <errno.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"

enum { VALUES_DEFAULT = 10, COUNT_COLUMNS = 9 };

/* ---- what is asked for ---- */

static bool parse_limit(const char *text, size_t *limit)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    *limit = value;
    return *text >= '0' && *text <= '9' && !*end && errno == 0 && value <= LEDE_FACET_MAX;
}

enum lede_status facets_parse(const char *text, struct options *options, struct lede_error *err)
{
    const char *colon = strrchr(text, ':');
    struct facet_wish wish = {{text, colon ? (size_t)(colon - text) : strlen(text)},
                              VALUES_DEFAULT};
    size_t at = 0;

    if (colon && !parse_limit(colon + 1, &wish.limit))
        return error_set(err, LEDE_INVALID, "--facet %s: NAME, or NAME:N, N up to %d", text,
                         LEDE_FACET_MAX);
    while (at < options->facet_count &&
           !slice_equal(slice_from(options->facets[at].name), slice_from(wish.name)))
        at++;
    if (at == FACETS_MAX)
        return error_set(err, LEDE_INVALID, "--facet %s: at most %d", text, FACETS_MAX);
    options->facet_count += at == options->facet_count;
    options->facets[at] = wish;
    return LEDE_OK;
}

enum lede_status facets_find(const struct options *options, const struct lede_results *results,
                             struct lede_facet *facets[FACETS_MAX], struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < FACETS_MAX; i++)
        facets[i] = NULL;
    for (size_t i = 0; status == LEDE_OK && i < options->facet_count; i++)
        status =
            lede_facet(results, options->facets[i].name, options->facets[i].limit, &facets[i], err);
    return status;
}

void facets_free(struct lede_facet *facets[FACETS_MAX])
{
    for (size_t i = 0; i < FACETS_MAX; i++)
        lede_facet_free(facets[i]);
}

/* ---- as text ---- */

static void put_line(struct buffer *out, uint64_t articles, struct slice value)
{
    buffer_printf(out, "%*llu  ", COUNT_COLUMNS, (unsigned long long)articles);
    printable_put(out, value, PRINTABLE_LINE);
    buffer_byte(out, '\n');
}

static void put_text(struct buffer *out, struct lede_bytes name, const struct lede_facet *facet)
{
    unsigned long long more = facet->distinct - facet->count;

    buffer_byte(out, '\n');
    printable_put(out, slice_from(name), PRINTABLE_LINE);
    buffer_byte(out, '\n');
    for (size_t i = 0; i < facet->count; i++)
        put_line(out, facet->values[i].articles, slice_from(facet->values[i].value));
    if (facet->without > 0)
        buffer_printf(out, "%*llu  without", COUNT_COLUMNS, (unsigned long long)facet->without);
    if (facet->lacking > 0)
        buffer_printf(out, ", of which %llu were indexed without this field",
                      (unsigned long long)facet->lacking);
    if (facet->without > 0)
        buffer_byte(out, '\n');
    if (more > 0)
        buffer_printf(out, "and %llu more value%s\n", more, plural_of(more));
}

void facets_put_text(struct buffer *out, const struct answer *answer)
{
    for (size_t i = 0; i < answer->options->facet_count; i++)
        put_text(out, answer->options->facets[i].name, answer->facets[i]);
}

/* ---- as JSON ---- */

static void put_key(struct buffer *out, bool *first, struct slice name)
{
    buffer_str(out, *first ? "" : ",");
    *first = false;
    json_put_string(out, name);
    buffer_byte(out, ':');
}

static void put_json(struct buffer *out, const struct lede_facet *facet)
{
    buffer_str(out, "{\"values\":[");
    for (size_t i = 0; i < facet->count; i++) {
        buffer_str(out, i ? ",{\"value\":" : "{\"value\":");
        json_put_string(out, slice_from(facet->values[i].value));
        buffer_printf(out, ",\"articles\":%llu}", (unsigned long long)facet->values[i].articles);
    }
    buffer_printf(out, "],\"distinct\":%llu,\"without\":%llu", (unsigned long long)facet->distinct,
                  (unsigned long long)facet->without);
    if (facet->lacking > 0)
        buffer_printf(out, ",\"lacking\":%llu", (unsigned long long)facet->lacking);
    buffer_byte(out, '}');
}

void facets_put_json(struct buffer *out, const struct answer *answer)
{
    bool first = true;

    buffer_byte(out, '{');
    for (size_t i = 0; i < answer->options->facet_count; i++) {
        put_key(out, &first, slice_from(answer->options->facets[i].name));
        put_json(out, answer->facets[i]);
    }
    buffer_byte(out, '}');
}
