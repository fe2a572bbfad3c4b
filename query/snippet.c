#include "snippet.h"

#include "boundaries.h"

enum {
    WORDS_TRACKED = 64, /* distinct words that count; a query has few */
    SENTENCE_REACH = 2  /* a window may move by its width over this to begin at a sentence */
};

static const double REPEAT = 0.05; /* worth of a further occurrence, in its word's weight */

struct window {
    size_t first, last; /* spans, both included */
    double worth;
};

/* Worth of the spans from first on that end within width bytes; *last is the last of them. */
static double window_worth(const struct lede_span *spans, size_t count, size_t first, size_t width,
                           size_t *last)
{
    uint64_t seen = 0;
    double worth = 0;
    size_t at = first;

    for (; at < count && spans[at].offset + spans[at].size - spans[first].offset <= width; at++) {
        uint64_t bit = 1ULL << (spans[at].word % WORDS_TRACKED);

        worth += seen & bit ? spans[at].weight * REPEAT : spans[at].weight;
        seen |= bit;
    }
    *last = at > first ? at - 1 : first;
    return worth;
}

static bool overlaps(const struct lede_span *spans, const struct window *chosen,
                     size_t chosen_count, size_t first, size_t last, size_t width)
{
    for (size_t i = 0; i < chosen_count; i++) {
        size_t from = spans[chosen[i].first].offset, to = from + width;

        if (spans[first].offset < to && spans[last].offset + width > from)
            return true;
    }
    return false;
}

static bool best_window(const struct lede_span *spans, size_t count, size_t width,
                        const struct window *chosen, size_t chosen_count, struct window *best)
{
    bool found = false;

    for (size_t first = 0; first < count; first++) {
        size_t last;
        double worth = window_worth(spans, count, first, width, &last);

        if (found && worth <= best->worth)
            continue;
        if (overlaps(spans, chosen, chosen_count, first, last, width))
            continue;
        *best = (struct window){first, last, worth};
        found = true;
    }
    return found;
}

static bool word_begins(struct slice text, size_t at)
{
    return !byte_is_blank(text.data[at]) && (at == 0 || byte_is_blank(text.data[at - 1]));
}

/* Where the window that must hold byte `from`, which a word begins at, begins itself: at a sentence
 * up to reach bytes before, or else at the first word there. */
static size_t window_start(struct slice text, size_t from, size_t reach, bool *cut)
{
    size_t least = from > reach ? from - reach : 0;

    *cut = false;
    for (size_t at = from + 1; at-- > least;)
        if (boundary_of_sentences(text, at))
            return at;
    *cut = true;
    for (size_t at = least; at < from; at++)
        if (word_begins(text, at))
            return at;
    if (word_begins(text, from))
        return from;
    while (least < from && !boundary_of_words(text, least))
        least++;
    return least;
}

/* Where a window that wants to end at `to` and must reach `least`, which a word ends at, ends
 * itself: behind a sentence, or else behind a word. */
static size_t window_end(struct slice text, size_t least, size_t to, bool *cut)
{
    *cut = false;
    if (to >= text.size)
        return text.size;
    for (size_t at = to; at > least; at--)
        if (boundary_of_sentences(text, at))
            return at;
    *cut = true;
    for (size_t at = to + 1; at-- > least;)
        if (byte_is_blank(text.data[at]))
            return at;
    while (to > least && !boundary_of_words(text, to))
        to--;
    return to;
}

static struct snippet snippet_around(struct slice text, size_t from, size_t to, size_t width)
{
    struct snippet out;
    size_t spare = width > to - from ? width - (to - from) : 0;

    out.offset = window_start(text, from, spare / SENTENCE_REACH, &out.cut_before);
    out.size =
        window_end(text, to, out.offset + width > to ? out.offset + width : to, &out.cut_after) -
        out.offset;
    while (out.size && byte_is_blank(text.data[out.offset + out.size - 1]))
        out.size--;
    return out;
}

static void sort_by_offset(struct snippet *snippets, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct snippet moved = snippets[i];
        size_t place = i;

        for (; place > 0 && snippets[place - 1].offset > moved.offset; place--)
            snippets[place] = snippets[place - 1];
        snippets[place] = moved;
    }
}

/* Windows grew after they were chosen: what two share stays with the first. */
static size_t drop_overlaps(struct snippet *snippets, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (kept > 0) {
            struct snippet *before = &snippets[kept - 1];
            size_t end = before->offset + before->size;

            if (snippets[i].offset < end) {
                if (snippets[i].offset + snippets[i].size > end)
                    before->size = snippets[i].offset + snippets[i].size - before->offset;
                before->cut_after = snippets[i].cut_after;
                continue;
            }
        }
        snippets[kept++] = snippets[i];
    }
    return kept;
}

size_t snippet_choose(struct slice text, const struct lede_span *spans, size_t count, size_t width,
                      struct snippet *out, size_t wanted)
{
    struct window chosen[SNIPPETS_MAX] = {0};
    size_t found = 0;

    if (text.size == 0 || wanted == 0)
        return 0;
    if (wanted > SNIPPETS_MAX)
        wanted = SNIPPETS_MAX;
    while (found < wanted && best_window(spans, count, width, chosen, found, &chosen[found]))
        found++;
    for (size_t i = 0; i < found; i++) {
        const struct lede_span *last = &spans[chosen[i].last];

        out[i] =
            snippet_around(text, spans[chosen[i].first].offset, last->offset + last->size, width);
    }
    if (found == 0)
        out[found++] = snippet_around(text, 0, 0, width);
    sort_by_offset(out, found);
    return drop_overlaps(out, found);
}
