#include "advice.h"

struct telling {
    const char *program;
    const struct answer *answer;
    struct buffer line;
    bool told;
};

/* Ends a line. */
static void tell(struct telling *telling)
{
    const struct answer *answer = telling->answer;
    int size = (int)telling->line.size; /* of a query and a few words */
    const char *text = (const char *)telling->line.data;

    if (answer->one_of_many)
        command_complain(telling->program, "standard input:%zu: %.*s", answer->number, size, text);
    else
        command_complain(telling->program, "%.*s", size, text);
    buffer_clear(&telling->line);
    telling->told = true;
}

static void put(struct buffer *out, struct lede_bytes text)
{
    buffer_put(out, text.data, text.size);
}

static void put_quoted(struct buffer *out, struct lede_bytes text, bool title)
{
    buffer_str(out, title ? "title:\"" : "\"");
    put(out, text);
    buffer_byte(out, '"');
}

static void put_articles(struct buffer *out, uint64_t count, const char *one, const char *many)
{
    buffer_printf(out, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

static void tell_missing(struct telling *telling, const struct lede_missing_word *missing)
{
    struct buffer *line = &telling->line;

    buffer_str(line, missing->title ? "no title has " : "no article has ");
    put_quoted(line, missing->text, false);
    if (missing->suggestion.size > 0) {
        buffer_str(line, "; ");
        put_quoted(line, missing->suggestion, false);
        buffer_printf(line, " is in %llu", (unsigned long long)missing->articles);
    }
    tell(telling);
}

static void tell_left_out(struct telling *telling, const struct lede_advice *advice)
{
    for (size_t i = 0; i < advice->left_out_count; i++) {
        const struct lede_left_out *left_out = &advice->left_out[i];

        if (i == 0)
            put_articles(&telling->line, left_out->articles, "article matches", "articles match");
        else
            buffer_printf(&telling->line, ", %llu", (unsigned long long)left_out->articles);
        buffer_str(&telling->line, " without ");
        put_quoted(&telling->line, left_out->text, left_out->title);
    }
    if (advice->left_out_count > 0)
        tell(telling);
}

static void tell_count(struct telling *telling, uint64_t count, const char *one, const char *many)
{
    if (count == 0)
        return;
    put_articles(&telling->line, count, one, many);
    tell(telling);
}

/* What has less of the query. */
static void tell_others(struct telling *telling, const struct lede_advice *advice)
{
    tell_count(telling, advice->any, "article has some of the words (--any)",
               "articles have some of the words (--any)");
    tell_count(telling, advice->apart, "article has the words, but not as they are asked for",
               "articles have the words, but not as they are asked for");
    tell_count(telling, advice->included, "article matches if nothing is excluded",
               "articles match if nothing is excluded");
    tell_left_out(telling, advice);
}

static void tell_dates(struct telling *telling, const struct lede_advice *advice)
{
    char oldest[LEDE_DATE_TEXT], newest[LEDE_DATE_TEXT];

    if (advice->oldest.precision == LEDE_DATE_NONE)
        return;
    lede_date_format(advice->oldest, oldest);
    lede_date_format(advice->newest, newest);
    buffer_printf(&telling->line, "the index has articles from %s to %s", oldest, newest);
    tell(telling);
}

void advice_tell(const char *program, const struct answer *answer)
{
    struct telling telling = {.program = program, .answer = answer};
    const struct lede_advice *advice = answer->advice;

    buffer_init(&telling.line, NULL);
    for (size_t i = 0; i < advice->missing_count; i++)
        tell_missing(&telling, &advice->missing[i]);
    tell_dates(&telling, advice);
    if (advice->query.size > 0) {
        put_articles(&telling.line, advice->query_articles,
                     "article matches: ", "articles match: ");
        put(&telling.line, advice->query);
        tell(&telling);
    }
    if (advice->query.size == 0)
        tell_others(&telling, advice);
    if (!telling.told && !lede_results_note(answer->results, 0)) {
        buffer_str(&telling.line, "no article matches");
        tell(&telling);
    }
    buffer_done(&telling.line);
}
