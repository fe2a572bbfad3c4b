/* output_lines.c -- answers for other programs to cut in fields: a hit a line.
 *
 *     tsv   rank score id title date        tabs between; the id of a topic, or of many queries the
 *                                           query itself, in front
 *     trec  topic Q0 id rank score run      spaces between; as trec_eval reads it
 *     -l    id                              or ended by a NUL
 *     -c    number of matches               with a topic's id and a tab in front */
#include "base/error.h"
#include "base/json.h"
#include "base/printable.h"
#include "output.h"

static void put_question(struct output *out, const struct answer *answer)
{
    if (answer->topic.size > 0)
        output_put_field(out, answer->topic);
    else
        output_put_field(out, answer->query);
    buffer_byte(&out->text, '\t');
}

static void put_row(struct output *out, const struct answer *answer, size_t place,
                    const struct lede_article *article)
{
    const struct lede_hit *hit = lede_results_hit(answer->results, place);
    char date[LEDE_DATE_TEXT] = "";

    if (answer->one_of_many)
        put_question(out, answer);
    buffer_printf(&out->text, "%zu\t", answer->options->search.offset + place + 1);
    json_put_number(&out->text, hit->score);
    buffer_byte(&out->text, '\t');
    output_put_field(out, slice_from(hit->id));
    buffer_byte(&out->text, '\t');
    output_put_field(out, slice_from(article->title));
    if (article->date.precision != LEDE_DATE_NONE)
        lede_date_format(article->date, date);
    buffer_printf(&out->text, "\t%s\n", date);
}

enum lede_status output_tsv(struct output *out, const struct answer *answer, struct lede_error *err)
{
    size_t count = lede_results_count(answer->results);

    for (size_t place = 0; place < count && !out->closed; place++) {
        struct lede_stored *stored;
        enum lede_status status =
            lede_stored_head(answer->index, lede_results_hit(answer->results, place), &stored, err);

        if (status != LEDE_OK)
            return status;
        put_row(out, answer, place, lede_stored_article(stored));
        lede_stored_free(stored);
        status = output_flush_some(out, err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

/* Blanks divide the fields of a run: those of an id are shown as what cannot pass. */
static void put_unbroken(struct buffer *out, struct slice text)
{
    size_t from = 0;

    for (size_t at = 0; at < text.size; at++) {
        if (text.data[at] != ' ')
            continue;
        printable_put(out, slice_of(text.data + from, at - from), PRINTABLE_NAME);
        buffer_str(out, "\\x20");
        from = at + 1;
    }
    if (from < text.size)
        printable_put(out, slice_of(text.data + from, text.size - from), PRINTABLE_NAME);
}

enum lede_status output_trec(struct output *out, const struct answer *answer,
                             struct lede_error *err)
{
    size_t count = lede_results_count(answer->results);

    for (size_t place = 0; place < count && !out->closed; place++) {
        const struct lede_hit *hit = lede_results_hit(answer->results, place);
        enum lede_status status;

        if (answer->topic.size > 0)
            put_unbroken(&out->text, answer->topic);
        else
            buffer_printf(&out->text, "%zu", answer->number);
        buffer_str(&out->text, " Q0 ");
        put_unbroken(&out->text, slice_from(hit->id));
        buffer_printf(&out->text, " %zu ", answer->options->search.offset + place + 1);
        json_put_number(&out->text, hit->score);
        buffer_printf(&out->text, " %s\n", answer->options->run_id);
        status = output_flush_some(out, err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

/* A program that looks for the NUL wants the id as it is; a terminal, and who looks for the end of
 * the line, what may be shown. */
static void put_id(struct output *out, struct slice id, bool nul_ended)
{
    if (nul_ended && !out->terminal)
        buffer_put(&out->text, id.data, id.size);
    else
        printable_put(&out->text, id, PRINTABLE_NAME);
    buffer_byte(&out->text, nul_ended ? '\0' : '\n');
}

enum lede_status output_ids(struct output *out, const struct answer *answer, struct lede_error *err)
{
    size_t count = lede_results_count(answer->results);

    for (size_t place = 0; place < count && !out->closed; place++) {
        enum lede_status status;

        put_id(out, slice_from(lede_results_hit(answer->results, place)->id),
               answer->options->nul_ended);
        status = output_flush_some(out, err);
        if (status != LEDE_OK)
            return status;
    }
    return LEDE_OK;
}

enum lede_status output_count(struct output *out, const struct answer *answer,
                              struct lede_error *err)
{
    (void)err;
    if (answer->topic.size > 0)
        put_question(out, answer);
    buffer_printf(&out->text, "%llu\n", (unsigned long long)lede_results_total(answer->results));
    return LEDE_OK;
}
