#include <stdlib.h>

#include "bm25.h"
#include "kernels.h"
#include "matcher_internal.h"

enum lede_status word_matcher_init(struct word_matcher *matcher, const struct query_word *word,
                                   struct segment *segment, uint32_t number, struct arena *arena,
                                   struct lede_error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < word->term_count; i++)
        count += word->terms[i].infos[number].df > 0;
    matcher->lists = arena_alloc(arena, count * sizeof *matcher->lists);
    if (!matcher->lists)
        return error_no_memory(err);
    for (size_t i = 0; i < word->term_count; i++) {
        const struct term_info *info = &word->terms[i].infos[number];
        struct list *list = &matcher->lists[matcher->list_count];

        if (info->df == 0)
            continue;
        posting_cursor_init(&list->ahead, &segment->postings, info);
        list->behind = list->ahead;
        matcher->matcher.cost += info->df;
        matcher->list_count++;
    }
    matcher->matcher.matches = count == 1 ? matcher->matcher.cost : UINT64_MAX;
    return LEDE_OK;
}

/* ---- matching ---- */

static doc_id list_seek(struct list *list, doc_id from)
{
    struct posting_cursor *cursor = &list->ahead;

    if (posting_cursor_seek(cursor, from) == DOC_END)
        return DOC_END;
    return cursor->has_before && cursor->first_after >= from ? cursor->first_after + 1 : from;
}

doc_id word_matcher_seek(struct word_matcher *matcher, doc_id from)
{
    doc_id nearest = DOC_END;

    for (size_t i = 0; i < matcher->list_count && nearest > from; i++) {
        doc_id document = list_seek(&matcher->lists[i], from);

        nearest = document < nearest ? document : nearest;
    }
    return nearest;
}

static doc_id seek(struct matcher *matcher, doc_id from)
{
    return word_matcher_seek(word_of(matcher), from);
}

/* Moves to the block that holds a document in bits from place *place on; *place becomes the first
 * one behind the block. False: there is none. */
static bool next_block(struct posting_cursor *cursor, const struct window *window,
                       const uint64_t *bits, uint32_t *place)
{
    uint32_t next = bits_next(bits, *place);
    doc_id last;

    if (next >= window->size)
        return false;
    last = posting_cursor_seek(cursor, window->base + next);
    if (last == DOC_END)
        return false;
    *place = last - window->base >= window->size ? window->size : last - window->base + 1;
    return true;
}

/* Sets in found the list's documents, of those blocks that hold one of the wanted. */
static void list_fill(struct list *list, const struct window *window, const uint64_t *wanted,
                      uint64_t *found)
{
    struct posting_cursor *cursor = &list->ahead;

    for (uint32_t place = 0; next_block(cursor, window, wanted, &place);) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        uint32_t at, end;

        if (!documents)
            return;
        clip(documents, cursor->count, window, &at, &end);
        for (; at < end; at++)
            bits_set(found, documents[at] - window->base);
    }
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct word_matcher *word = word_of(matcher);
    uint64_t found[WINDOW_WORDS];

    bits_clear(found);
    for (size_t i = 0; i < word->list_count; i++)
        list_fill(&word->lists[i], window, bits, found);
    bits_and(bits, found);
}

/* ---- scoring ---- */

/* Whether the list may have documents in the window: by headers, and by documents if they are
 * decoded. */
static bool list_is_in(struct posting_cursor *cursor, const struct window *window)
{
    if (posting_cursor_seek(cursor, window->base) == DOC_END || is_behind(cursor, window))
        return false;
    if (!cursor->documents_ready)
        return true;
    for (uint32_t i = 0; i < cursor->count; i++)
        if (cursor->documents[i] >= window->base)
            return cursor->documents[i] - window->base < window->size;
    return false;
}

size_t word_matcher_lists_in(struct word_matcher *word, const struct window *window,
                             struct posting_cursor **only)
{
    size_t count = 0;

    for (size_t i = 0; i < word->list_count; i++)
        if (list_is_in(&word->lists[i].behind, window)) {
            *only = &word->lists[i].behind;
            count++;
        }
    return count;
}

static void list_count(struct list *list, const struct window *window, const uint64_t *bits,
                       uint32_t *tfs)
{
    struct posting_cursor *cursor = &list->behind;

    for (uint32_t place = 0; next_block(cursor, window, bits, &place);) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = posting_cursor_frequencies(cursor);
        uint32_t at, end;

        if (!documents || !frequencies)
            return;
        clip(documents, cursor->count, window, &at, &end);
        for (; at < end; at++)
            if (bits_have(bits, documents[at] - window->base))
                tfs[documents[at] - window->base] += frequencies[at];
    }
}

static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    struct word_matcher *word = word_of(matcher);

    for (size_t i = 0; i < word->list_count; i++)
        list_count(&word->lists[i], window, bits, tfs);
}

/* Keeps of the part, whose arrays become these, the documents that are in bits: every one is
 * written, and overwritten if it is not to stay, as guessing would often fail. */
static void narrow_part(struct postings_part *part, const struct window *window,
                        const uint64_t *bits, uint32_t *documents, uint32_t *frequencies)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < part->count; i++) {
        documents[kept] = part->documents[i];
        frequencies[kept] = part->frequencies[i];
        kept += bits_have(bits, part->documents[i] - window->base);
    }
    part->documents = documents;
    part->frequencies = frequencies;
    part->count = kept;
}

static void list_score(const struct matcher *matcher, struct posting_cursor *cursor,
                       const struct window *window, const uint64_t *bits, double *sums)
{
    uint32_t documents[PACK_ROOM], frequencies[PACK_ROOM], at, end;
    struct kernel_weight weight = weight_of(matcher);

    for (uint32_t place = 0; next_block(cursor, window, bits, &place);) {
        struct postings_part part = {.documents = posting_cursor_documents(cursor),
                                     .frequencies = posting_cursor_frequencies(cursor)};

        if (!part.documents || !part.frequencies)
            return;
        clip(part.documents, cursor->count, window, &at, &end);
        part.documents += at;
        part.frequencies += at;
        part.count = end - at;
        narrow_part(&part, window, bits, documents, frequencies);
        kernel_score(&weight, &part, window, sums);
    }
}

/* Scores the documents in bits whose frequencies stand in scratch, and leaves zeros there. */
static void score_counted(struct word_matcher *word, const struct window *window,
                          const uint64_t *bits, double *sums)
{
    const struct matcher *matcher = &word->matcher;

    for (uint32_t place = 0; (place = bits_next(bits, place)) < window->size; place++) {
        uint32_t tf = word->scratch[place];

        if (tf == 0)
            continue;
        sums[place] += (double)bm25_contribution(matcher->clause->weight, tf,
                                                 matcher->inverse[window->norms[place]]);
        word->scratch[place] = 0;
    }
}

/* The terms of a group count together before they are weighed. */
static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    struct word_matcher *word = word_of(matcher);
    struct posting_cursor *cursor = NULL;
    size_t lists = word_matcher_lists_in(word, window, &cursor);

    if (lists == 1)
        list_score(matcher, cursor, window, bits, sums);
    if (lists < 2)
        return;
    count(matcher, window, bits, word->scratch);
    score_counted(word, window, bits, sums);
}

/* ---- bounds ---- */

uint32_t word_matcher_bound(struct word_matcher *matcher, const struct window *window)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < matcher->list_count; i++) {
        struct posting_cursor *cursor = &matcher->lists[i].behind;

        if (posting_cursor_seek(cursor, window->base) != DOC_END)
            sum += posting_cursor_bound(cursor, window->base + window->size - 1);
    }
    return sum < 255 ? sum : 255;
}

static double bound(struct matcher *matcher, const struct window *window)
{
    return matcher_bound(matcher, word_matcher_bound(word_of(matcher), window));
}

/* ---- positions ---- */

uint32_t word_find_document(const uint32_t *documents, uint32_t size, doc_id document)
{
    uint32_t low = 0, high = size;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (documents[middle] < document)
            low = middle + 1;
        else
            high = middle;
    }
    return low < size && documents[low] == document ? low : size;
}

static int compare_positions(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

    return (left > right) - (left < right);
}

static void sort_and_unite(struct buffer *positions)
{
    uint32_t *values = (uint32_t *)(void *)positions->data;
    size_t size = positions->size / sizeof *values, kept = 0;

    if (size == 0)
        return;
    qsort(values, size, sizeof *values, compare_positions);
    for (size_t i = 0; i < size; i++)
        if (kept == 0 || values[kept - 1] != values[i])
            values[kept++] = values[i];
    positions->size = kept * sizeof *values;
    memset(values + kept, 0xff, POSTING_TAIL * sizeof *values);
}

void word_matcher_positions(struct word_matcher *matcher, doc_id document, struct buffer *out)
{
    size_t lists = 0;

    buffer_clear(out);
    for (size_t i = 0; i < matcher->list_count; i++) {
        struct posting_cursor *cursor = &matcher->lists[i].behind;
        const uint32_t *documents;
        uint32_t place;

        if (posting_cursor_seek(cursor, document) == DOC_END)
            continue;
        documents = posting_cursor_documents(cursor);
        if (!documents)
            continue;
        place = word_find_document(documents, cursor->count, document);
        if (place == cursor->count)
            continue;
        if (!posting_cursor_positions(cursor, place, out)) {
            out->size = 0;
            return;
        }
        lists++;
    }
    if (lists > 1)
        sort_and_unite(out);
}

/* ---- status ---- */

enum lede_status word_matcher_status(const struct word_matcher *matcher, struct lede_error *err)
{
    for (size_t i = 0; i < matcher->list_count; i++) {
        const struct list *list = &matcher->lists[i];
        const struct posting_cursor *bad = list->ahead.status != LEDE_OK    ? &list->ahead
                                           : list->behind.status != LEDE_OK ? &list->behind
                                                                            : NULL;
        if (!bad)
            continue;
        return error_set(err, bad->status, "%s", bad->error.text);
    }
    return LEDE_OK;
}

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    return word_matcher_status((const struct word_matcher *)matcher, err);
}

const struct matcher_kind WORD_MATCHER = {.seek = seek,
                                          .match = match,
                                          .count = count,
                                          .score = score,
                                          .match_and_score = word_matcher_match_and_score,
                                          .bound = bound,
                                          .score_above = word_matcher_score_above,
                                          .pick = word_matcher_pick,
                                          .mark = word_matcher_mark,
                                          .tally = word_matcher_tally,
                                          .status = status};
