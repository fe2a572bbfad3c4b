/* output_text.c -- answers for people:
 *
 *      1  Title of the article
 *         ID (SOURCE:OFFSET+SIZE)  2024-03-28  2.1873  +3 copies
 *         The best passage, on lines of at most 80 columns, with the words of the
 *         query in colour…
 *
 * The source stands there if it is a file, and the id is not the end of its path; copies with
 * --collapse. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"
#include "chart.h"
#include "facets.h"
#include "output.h"
#include "view.h"
#include "wrap.h"

#define BOLD       "\x1b[1m"
#define MARK       "\x1b[1;31m"
#define NAME       "\x1b[35m"
#define FAINT      "\x1b[2m"
#define PLAIN      "\x1b[m"
#define LINK_BEGIN "\x1b]8;;"
#define LINK_END   "\x1b\\"
#define NO_LINK    LINK_BEGIN LINK_END

struct page {
    struct output *out;
    unsigned indent;
    struct buffer link;          /* what begins a link to the article; empty: none */
    struct buffer plain, marked; /* what begins a part of its title */
};

enum { PATH_COLUMNS = 4 /* beside a path: a blank, parentheses, and the sign for what is cut */ };

static void put_style(struct page *page, const char *style)
{
    if (page->out->colored)
        buffer_str(&page->out->text, style);
}

static void new_line(struct page *page)
{
    buffer_printf(&page->out->text, "\n%*s", (int)page->indent, "");
}

/* ---- links ---- */

/* Bytes that an address may have pass, all others are percent-encoded: none can end the link. */
static void put_address(struct buffer *out, struct slice address, const char *safe)
{
    for (size_t i = 0; i < address.size; i++) {
        uint8_t c = address.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (plain || (c && strchr(safe, c)))
            buffer_byte(out, c);
        else
            buffer_printf(out, "%%%02X", c);
    }
}

static void set_link(struct page *page, const struct lede_article *article)
{
    struct slice url = slice_from(article->url), source = slice_from(article->source);
    char host[256] = "";

    buffer_clear(&page->link);
    if (!page->out->linked)
        return;
    if (slice_begins(url, slice_str("http://")) || slice_begins(url, slice_str("https://"))) {
        buffer_str(&page->link, LINK_BEGIN);
        put_address(&page->link, url, "-._~:/?#[]@!$&'()*+,;=%");
    } else if (slice_begins(source, slice_str("/"))) {
        (void)gethostname(host, sizeof host - 1);
        buffer_str(&page->link, LINK_BEGIN "file://");
        put_address(&page->link, slice_str(host), "-.");
        put_address(&page->link, source, "-._~/");
    } else {
        return;
    }
    buffer_str(&page->link, LINK_END);
}

/* ---- parts of a hit ---- */

/* Ends with a NUL; lives until the buffer changes. */
static const char *put_begin(struct page *page, struct buffer *begin, const char *color)
{
    buffer_clear(begin);
    buffer_put(begin, page->link.data, page->link.size);
    buffer_str(begin, page->out->colored ? color : "");
    buffer_byte(begin, '\0');
    return begin->failed ? "" : (const char *)begin->data;
}

static void put_title(struct page *page, const struct view *view)
{
    const char *end = page->out->colored && page->link.size ? PLAIN NO_LINK
                      : page->link.size                     ? NO_LINK
                      : page->out->colored                  ? PLAIN
                                                            : "";
    struct passage title = {.line = view->id};
    struct wrap wrap = {page->indent,
                        page->out->columns,
                        put_begin(page, &page->plain, BOLD),
                        end,
                        put_begin(page, &page->marked, MARK),
                        end};

    if (view->title.count > 0 && view->title.items[0].line.size > 0)
        title = view->title.items[0];
    wrap_put(&page->out->text, &title, &wrap, page->indent);
}

/* The source is a file whose path says more than the id, which may be its end. */
static bool is_telling(struct slice source, struct slice id)
{
    size_t before = source.size - id.size;

    if (!slice_begins(source, slice_str("/")))
        return false; /* none, or standard input */
    return id.size > source.size || memcmp(source.data + before, id.data, id.size) != 0 ||
           source.data[before - (before > 0)] != '/';
}

/* The end of a path that takes at most so many bytes, from a slash on, or at least its last part.
 */
static struct slice path_end(struct slice path, size_t most)
{
    size_t at = path.size > most ? path.size - most : 0;

    while (at < path.size && path.data[at] != '/')
        at++;
    if (at == path.size)
        for (at--; path.data[at] != '/';)
            at--;
    return slice_of(path.data + at, path.size - at);
}

/* behind: columns of what stands behind it. On a terminal a path is cut where the line has no room
 * for both. */
static void put_path(struct page *page, struct slice path, size_t before, size_t behind)
{
    struct buffer *out = &page->out->text;
    size_t columns = page->out->columns, taken = before + behind + PATH_COLUMNS;
    struct slice end = path;

    if (page->out->terminal && taken + path.size > columns)
        end = path_end(path, columns > taken ? columns - taken : 0);
    buffer_str(out, end.size < path.size ? " (" ELLIPSIS : " (");
    printable_put(out, end, PRINTABLE_NAME);
}

static void put_origin(struct page *page, const struct view *view, size_t behind)
{
    struct buffer *out = &page->out->text;
    const struct lede_article *article = view->article;
    struct slice source = slice_from(article->source);

    put_style(page, NAME);
    printable_put(out, view->id, PRINTABLE_NAME);
    put_style(page, PLAIN);
    if (!is_telling(source, view->id))
        return;
    if (article->source_size > 0)
        behind +=
            (size_t)snprintf(NULL, 0, ":%llu+%llu", (unsigned long long)article->source_offset,
                             (unsigned long long)article->source_size);
    put_path(page, source, page->indent + view->id.size, behind);
    if (article->source_size > 0)
        buffer_printf(out, ":%llu+%llu", (unsigned long long)article->source_offset,
                      (unsigned long long)article->source_size);
    buffer_byte(out, ')');
}

static void put_facts(struct page *page, const struct view *view)
{
    char date[LEDE_DATE_TEXT] = "", copies[40] = "", facts[LEDE_DATE_TEXT + 80];
    bool dated = view->article->date.precision != LEDE_DATE_NONE;
    int size;

    new_line(page);
    if (dated)
        lede_date_format(view->article->date, date);
    if (view->copies > 0)
        (void)snprintf(copies, sizeof copies, "  +%llu %s", (unsigned long long)view->copies,
                       view->copies == 1 ? "copy" : "copies");
    size =
        snprintf(facts, sizeof facts, "%s%s  %.4f%s", dated ? "  " : "", date, view->score, copies);
    put_origin(page, view, (size_t)size);
    put_style(page, FAINT);
    buffer_str(&page->out->text, facts);
    put_style(page, PLAIN);
}

static void put_passages(struct page *page, const struct view *view)
{
    bool colored = page->out->colored;
    struct wrap wrap = {page->indent, page->out->columns,  "",
                        "",           colored ? MARK : "", colored ? PLAIN : ""};

    for (size_t i = 0; i < view->passages.count; i++) {
        new_line(page);
        wrap_put(&page->out->text, &view->passages.items[i], &wrap, page->indent);
    }
}

/* One that adds nothing: that it is met is all there is to say. */
static void put_filter(struct page *page, const struct lede_explained_clause *clause)
{
    struct buffer *out = &page->out->text;

    new_line(page);
    buffer_printf(out, "%47s  %s", clause->tf > 0 ? "met" : "not met",
                  clause->prohibited ? "-" : "");
    printable_put(out, slice_from(clause->text), PRINTABLE_LINE);
}

static void put_clause(struct page *page, const struct lede_explained_clause *clause)
{
    struct buffer *out = &page->out->text;
    bool first = true;

    if (clause->filter) {
        put_filter(page, clause);
        return;
    }
    new_line(page);
    buffer_printf(out, "%9llu %9.6f %5u %10.6f %10.6f  %s%s", (unsigned long long)clause->df,
                  clause->idf, clause->tf, (double)clause->weight, clause->contribution,
                  clause->prohibited ? "-" : "", clause->title ? "title:" : "");
    buffer_str(out, clause->exact ? "=" : "");
    printable_put(out, slice_from(clause->text), PRINTABLE_LINE);
    if (clause->near >= 0)
        buffer_printf(out, " ~%d", clause->near);
    if (clause->boost < 1 || clause->boost > 1)
        buffer_printf(out, " ^%g", clause->boost);
    if (clause->repeats > 1)
        buffer_printf(out, " (%u times)", clause->repeats);
    for (size_t i = 0; i < clause->term_count; i++) {
        const struct lede_explained_term *term = &clause->terms[i];

        if (term->tf == 0)
            continue;
        buffer_str(out, first ? ": " : ", ");
        printable_put(out, slice_from(term->term), PRINTABLE_LINE);
        buffer_printf(out, " %u", term->tf);
        first = false;
    }
}

static void put_explanation(struct page *page, const struct lede_explanation *why)
{
    struct buffer *out = &page->out->text;

    new_line(page);
    buffer_printf(out, "%9s %9s %5s %10s %10s  word: its terms here", "df", "idf", "tf", "weight",
                  "gives");
    for (size_t i = 0; i < why->clause_count; i++)
        put_clause(page, &why->clauses[i]);
    if (why->recency < 1) {
        new_line(page);
        buffer_printf(out, "%47.6f  times, by its age", why->recency);
    }
    new_line(page);
    buffer_printf(out, "%47.6f  score", why->score);
    new_line(page);
    buffer_printf(out, "length %u of %.6g on average in %llu articles; k1 %g, b %g: K %.6g",
                  why->length, why->average, (unsigned long long)why->articles, why->k1, why->b,
                  why->k);
}

/* ---- an article as a whole ---- */

/* Its lines, wrapped, with the words of the query in colour. */
static enum lede_status put_text(struct page *page, const struct view *view, struct lede_error *err)
{
    bool colored = page->out->colored;
    struct wrap wrap = {0, page->out->columns, "", "", colored ? MARK : "", colored ? PLAIN : ""};
    struct slice text = slice_from(view->article->text);
    struct passages line;
    enum lede_status status = LEDE_OK;

    passages_init(&line);
    for (size_t at = 0, span = 0, size; status == LEDE_OK && at < text.size; at += size + 1) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);

        size = end ? (size_t)(end - text.data) - at : text.size - at;
        while (span < view->span_count && view->spans[span].offset < at)
            span++;
        status =
            passages_part(&line, text, view->spans + span, view->span_count - span, at, size, err);
        if (status == LEDE_OK && line.count > 0)
            wrap_put(&page->out->text, &line.items[0], &wrap, 0);
        buffer_byte(&page->out->text, '\n');
        if (status == LEDE_OK)
            status = output_flush_some(page->out, err);
    }
    passages_done(&line);
    return status;
}

static enum lede_status put_article(struct page *page, const struct view *view,
                                    struct lede_error *err)
{
    buffer_byte(&page->out->text, '\n');
    if (!view->text_kept)
        buffer_str(&page->out->text, "(its text is not kept in the index)\n");
    return put_text(page, view, err);
}

/* ---- the answer ---- */

static void put_view(struct page *page, const struct view *view, unsigned rank_width)
{
    if (view->rank > 0)
        buffer_printf(&page->out->text, "%*zu  ", (int)rank_width, view->rank);
    else
        buffer_printf(&page->out->text, "%*s  ", (int)rank_width, "-");
    set_link(page, view->article);
    put_title(page, view);
    put_facts(page, view);
    put_passages(page, view);
    if (view->explanation)
        put_explanation(page, view->explanation);
    buffer_byte(&page->out->text, '\n');
}

static void put_question(struct output *out, const struct answer *answer)
{
    if (answer->number > 1)
        buffer_byte(&out->text, '\n');
    buffer_str(&out->text, out->colored ? BOLD "> " : "> ");
    if (answer->topic.size > 0) {
        printable_put(&out->text, answer->topic, PRINTABLE_LINE);
        buffer_str(&out->text, ": ");
    }
    printable_put(&out->text, answer->query, PRINTABLE_LINE);
    buffer_str(&out->text, out->colored ? PLAIN "\n" : "\n");
}

static unsigned width_of_rank(size_t rank)
{
    unsigned width = 2;

    for (; rank >= 100; rank /= 10)
        width++;
    return width;
}

enum lede_status output_text(struct output *out, const struct answer *answer,
                             struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    struct page page = {.out = out};
    struct view view;
    unsigned rank_width;
    size_t count;

    view_init(&view, answer);
    buffer_init(&page.link, NULL);
    buffer_init(&page.plain, NULL);
    buffer_init(&page.marked, NULL);
    count = view_count(&view);
    rank_width = width_of_rank(answer->options->search.offset + count);
    page.indent = rank_width + 2;
    if (answer->one_of_many)
        put_question(out, answer);
    for (size_t place = 0; place < count && status == LEDE_OK && !out->closed; place++) {
        status = view_load(&view, place, out->colored, err);
        if (status != LEDE_OK)
            break;
        if (place > 0)
            buffer_byte(&out->text, '\n');
        put_view(&page, &view, rank_width);
        status =
            answer->options->open ? put_article(&page, &view, err) : output_flush_some(out, err);
    }
    if (answer->histogram && count > 0) {
        buffer_byte(&out->text, '\n');
        chart_put(&out->text, answer->histogram, out->columns);
    }
    if (count > 0 && !answer->options->open)
        facets_put_text(&out->text, answer);
    buffer_done(&page.link);
    buffer_done(&page.plain);
    buffer_done(&page.marked);
    view_done(&view);
    return status;
}
