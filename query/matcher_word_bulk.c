/* What is done with all of a word's documents in a window: scoring and marking them by blocks, as
 * they are stored, and counting. */
#include "matcher_internal.h"

/* How many times longer one of two lists has to be for their union to be counted by what they
 * share. */
enum { TALLY_RATIO = 8 };

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
        if (before == DOC_END)
            return false;
    }
    part->frequencies += before;
    return true;
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

/* ---- scores ---- */

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

void word_matcher_score_above(struct matcher *matcher, const struct window *window, double least,
                              uint64_t *bits, double *sums)
{
    struct kernel_weight weight = weight_of(matcher);
    struct posting_cursor *cursor = NULL;
    struct postings_part part;
    size_t lists = word_matcher_lists_in(word_of(matcher), window, &cursor);

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

void word_matcher_match_and_score(struct matcher *matcher, const struct window *window,
                                  uint64_t *bits, double *sums)
{
    word_matcher_score_above(matcher, window, -1, bits, sums);
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

void word_matcher_pick(struct matcher *matcher, const struct window *window, double least,
                       uint64_t *bits, double *sums)
{
    struct kernel_weight weight = weight_of(matcher);
    struct posting_cursor *cursor = NULL;
    struct postings_part part;
    size_t lists = word_matcher_lists_in(word_of(matcher), window, &cursor);

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

/* ---- matches and counts ---- */

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

void word_matcher_mark(struct matcher *matcher, const struct window *window, uint64_t *bits,
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
    return documents && word_find_document(documents, cursor->count, document) < cursor->count;
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
uint64_t word_matcher_tally(struct matcher *matcher)
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
