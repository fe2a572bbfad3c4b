#include <stdlib.h>

#include "bm25.h"
#include "kernels.h"
#include "matcher_internal.h"

/* How many times longer one of two lists has to be for their union to be counted by what they
 * share. */
enum { TALLY_RATIO = 8 };

static struct word_matcher *word_of(struct matcher *matcher)
{
    return (struct word_matcher *)matcher;
}

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

/* The part of a block's documents that is in the window: places [*first, *end). */
static void clip(const uint32_t *documents, uint32_t count, const struct window *window,
                 uint32_t *first, uint32_t *end)
{
    uint32_t from = 0, to = count;

    if (documents[0] < window->base)
        while (documents[from] < window->base)
            from++;
    while (to > from && documents[to - 1] - window->base >= window->size)
        to--;
    *first = from;
    *end = to;
}

/* True if all of the block is behind the window. */
static bool is_behind(const struct posting_cursor *cursor, const struct window *window)
{
    return cursor->has_before && cursor->first_after >= window->base &&
           cursor->first_after - window->base >= window->size - 1;
}

/* True if no later block can reach into the window. */
static bool is_last_block(const struct posting_cursor *cursor, const struct window *window)
{
    return cursor->last - window->base >= window->size - 1;
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

/* Sets in found the list's documents, of those blocks that hold one of the wanted, and adds their
 * frequencies to tfs, if that is not NULL. */
static void list_fill(struct list *list, const struct window *window, const uint64_t *wanted,
                      uint64_t *found, uint32_t *tfs)
{
    struct posting_cursor *cursor = &list->ahead;

    for (uint32_t place = 0; next_block(cursor, window, wanted, &place);) {
        const uint32_t *documents = posting_cursor_documents(cursor), *frequencies = NULL;
        uint32_t at, end;

        if (!documents || (tfs && !(frequencies = posting_cursor_frequencies(cursor))))
            return;
        clip(documents, cursor->count, window, &at, &end);
        for (; at < end; at++) {
            bits_set(found, documents[at] - window->base);
            if (frequencies)
                tfs[documents[at] - window->base] += frequencies[at];
        }
    }
}

void word_matcher_match(struct word_matcher *matcher, const struct window *window, uint64_t *bits,
                        uint32_t *tfs)
{
    uint64_t found[WINDOW_WORDS];

    bits_clear(found);
    for (size_t i = 0; i < matcher->list_count; i++)
        list_fill(&matcher->lists[i], window, bits, found, tfs);
    bits_and(bits, found);
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    word_matcher_match(word_of(matcher), window, bits, NULL);
}

/* ---- scoring ---- */

static struct kernel_weight weight_of(const struct matcher *matcher)
{
    return (struct kernel_weight){matcher->clause->weight, matcher->inverse};
}

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

/* Moves the word's cursors to the window. Returns how many lists may have documents there; *only is
 * one of them. */
static size_t lists_in(struct word_matcher *word, const struct window *window,
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
    size_t lists = lists_in(word, window, &cursor);

    if (lists == 1)
        list_score(matcher, cursor, window, bits, sums);
    if (lists < 2)
        return;
    count(matcher, window, bits, word->scratch);
    score_counted(word, window, bits, sums);
}

/* Adds a list's frequencies in the window to tfs. */
static void list_gather(struct posting_cursor *cursor, const struct window *window, uint32_t *tfs)
{
    for (posting_cursor_seek(cursor, window->base);
         cursor->last != DOC_END && !is_behind(cursor, window); posting_cursor_next(cursor)) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = posting_cursor_frequencies(cursor);
        uint32_t at, end;

        if (!documents || !frequencies)
            return;
        clip(documents, cursor->count, window, &at, &end);
        for (; at < end; at++)
            tfs[documents[at] - window->base] += frequencies[at];
        if (is_last_block(cursor, window))
            return;
    }
}

/* What a group of several terms adds is known only when all of them were counted. */
static void score_group(struct word_matcher *word, const struct window *window, uint64_t *bits,
                        double *sums)
{
    struct kernel_weight weight = weight_of(&word->matcher);
    uint64_t found[WINDOW_WORDS] = {0};

    for (size_t i = 0; i < word->list_count; i++)
        list_gather(&word->lists[i].behind, window, word->scratch);
    kernel_score_counted(&weight, window, word->scratch, sums, found);
    if (bits)
        bits_or(bits, found);
}

/* ---- parts of blocks ---- */

/* Which of the cursor's block's bits, the first of which is document first, are in the window. */
static void take_bits(const struct posting_cursor *cursor, const struct window *window,
                      doc_id first, struct postings_part *part)
{
    uint32_t end = cursor->last - window->base;

    part->from = window->base > first ? window->base - first : 0;
    part->place = first + part->from - window->base;
    part->count = (end < window->size ? end + 1 : window->size) - part->place;
}

/* Which of its documents are; returns at which they begin. DOC_END: they are damaged. */
static uint32_t take_documents(struct posting_cursor *cursor, const struct window *window,
                               struct postings_part *part)
{
    uint32_t at, end;

    part->documents = posting_cursor_documents(cursor);
    if (!part->documents)
        return DOC_END;
    clip(part->documents, cursor->count, window, &at, &end);
    part->documents += at;
    part->count = end - at;
    return at;
}

/* What is in the window of the cursor's block, as it is scored. False: it is damaged. */
static bool take_part(struct posting_cursor *cursor, const struct window *window,
                      struct postings_part *part)
{
    uint32_t before = 0;
    doc_id first;

    part->documents = NULL;
    part->bits = kernel_takes_bits() ? posting_cursor_bitset(cursor, &first) : NULL;
    part->frequencies = posting_cursor_frequencies(cursor);
    if (!part->frequencies)
        return false;
    if (part->bits) {
        take_bits(cursor, window, first, part);
        before = part->from > 0 ? bits_among(part->bits, part->from) : 0;
    } else {
        before = take_documents(cursor, window, part);
    }
    part->frequencies += before;
    return before != DOC_END;
}

static void set_bits(const struct postings_part *part, const struct window *window, uint64_t *bits)
{
    if (!part->documents) {
        bits_add(bits, part->place, part->bits, part->from, part->count);
        return;
    }
    for (uint32_t i = 0; i < part->count; i++)
        bits_set(bits, part->documents[i] - window->base);
}

/* To the first block of the window, from the cursor's on, whose bound is above least. False: there
 * is none. */
static bool find_above(const struct matcher *matcher, struct posting_cursor *cursor,
                       const struct window *window, double least)
{
    while (cursor->last != DOC_END && !is_behind(cursor, window)) {
        if (matcher_bound(matcher, cursor->bound) > least)
            return true;
        if (is_last_block(cursor, window))
            return false;
        posting_cursor_next(cursor);
    }
    return false;
}

static void score_above(struct matcher *matcher, const struct window *window, double least,
                        uint64_t *bits, double *sums)
{
    struct kernel_weight weight = weight_of(matcher);
    struct posting_cursor *cursor = NULL;
    struct postings_part part;
    size_t lists = lists_in(word_of(matcher), window, &cursor);

    if (lists > 1)
        score_group(word_of(matcher), window, bits, sums);
    if (lists != 1)
        return;
    while (find_above(matcher, cursor, window, least) && take_part(cursor, window, &part)) {
        kernel_score(&weight, &part, window, sums);
        if (bits)
            set_bits(&part, window, bits);
        if (is_last_block(cursor, window))
            return;
        posting_cursor_next(cursor);
    }
}

/* ---- every document ---- */

/* The place of a document in a block; count if it is not there. */
static uint32_t find_document(const uint32_t *documents, uint32_t size, doc_id document)
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

static void mark_list(struct posting_cursor *cursor, const struct window *window, uint64_t *bits,
                      uint8_t *flags)
{
    doc_id first;

    for (posting_cursor_seek(cursor, window->base);
         cursor->last != DOC_END && !is_behind(cursor, window); posting_cursor_next(cursor)) {
        const uint8_t *stored = posting_cursor_bitset(cursor, &first);
        struct postings_part part = {.bits = stored};

        if (stored) {
            take_bits(cursor, window, first, &part);
            bits_add(bits, part.place, stored, part.from, part.count);
        } else if (take_documents(cursor, window, &part) == DOC_END) {
            return;
        } else {
            for (uint32_t i = 0; i < part.count; i++)
                flags[part.documents[i] - window->base] = 1;
        }
        if (is_last_block(cursor, window))
            return;
    }
}

static void mark(struct matcher *matcher, const struct window *window, uint64_t *bits,
                 uint8_t *flags)
{
    struct word_matcher *word = word_of(matcher);

    for (size_t i = 0; i < word->list_count; i++)
        mark_list(&word->lists[i].ahead, window, bits, flags);
}

static bool block_has(struct posting_cursor *cursor, doc_id document)
{
    doc_id first;
    const uint8_t *bits = posting_cursor_bitset(cursor, &first);
    const uint32_t *documents;

    if (bits)
        return document >= first && bits[(document - first) / 8] >> (document - first) % 8 & 1;
    documents = posting_cursor_documents(cursor);
    return documents && find_document(documents, cursor->count, document) < cursor->count;
}

/* How many documents of the few are among the many, of which only the blocks where one may be are
 * looked at. */
static uint64_t count_shared(struct posting_cursor *few, struct posting_cursor *many)
{
    uint64_t shared = 0;

    for (; few->last != DOC_END; posting_cursor_next(few)) {
        const uint32_t *documents = posting_cursor_documents(few);

        for (uint32_t i = 0; documents && i < few->count; i++) {
            if (posting_cursor_seek(many, documents[i]) == DOC_END)
                return shared;
            shared += block_has(many, documents[i]);
        }
    }
    return shared;
}

/* Two lists, a long one and a much shorter one: a word and its variant, mostly. */
static uint64_t tally(struct matcher *matcher)
{
    struct word_matcher *word = word_of(matcher);
    struct posting_cursor *few, *many;

    if (word->list_count != 2)
        return UINT64_MAX;
    few = &word->lists[0].behind;
    many = &word->lists[1].behind;
    if (few->info.df > many->info.df) {
        few = many;
        many = &word->lists[0].behind;
    }
    if (many->info.df / TALLY_RATIO < few->info.df)
        return UINT64_MAX;
    return (uint64_t)few->info.df + many->info.df - count_shared(few, many);
}

static void pick_group(struct word_matcher *word, const struct window *window, double least,
                       uint64_t *bits, double *sums)
{
    uint64_t found[WINDOW_WORDS] = {0}, kept[WINDOW_WORDS];

    score_group(word, window, found, sums);
    memcpy(kept, found, sizeof kept);
    kernel_keep(sums, least, kept);
    bits_or(bits, kept);
    bits_forget(sums, found, kept);
}

static void pick(struct matcher *matcher, const struct window *window, double least, uint64_t *bits,
                 double *sums)
{
    struct kernel_weight weight = weight_of(matcher);
    struct posting_cursor *cursor = NULL;
    struct postings_part part;
    size_t lists = lists_in(word_of(matcher), window, &cursor);

    if (lists > 1)
        pick_group(word_of(matcher), window, least, bits, sums);
    if (lists != 1)
        return;
    while (find_above(matcher, cursor, window, least) && take_part(cursor, window, &part)) {
        kernel_pick(&weight, &part, window, least, bits, sums);
        if (is_last_block(cursor, window))
            return;
        posting_cursor_next(cursor);
    }
}

static void match_and_score(struct matcher *matcher, const struct window *window, uint64_t *bits,
                            double *sums)
{
    score_above(matcher, window, -1, bits, sums);
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
        place = find_document(documents, cursor->count, document);
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
                                          .match_and_score = match_and_score,
                                          .bound = bound,
                                          .score_above = score_above,
                                          .pick = pick,
                                          .mark = mark,
                                          .tally = tally,
                                          .status = status};
