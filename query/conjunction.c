#include "conjunction.h"

_Static_assert((int)JOIN_TAIL <= (int)POSTING_TAIL, "joins read over what is decoded");

/* A block of a word of several terms: what its lists have from conjunct->first to conjunct->last,
 * which are of one window. Of one list alone it is a part of that list's block. */
struct merged_block {
    struct posting_cursor *only; /* that list's; NULL: several have been merged */
    uint32_t only_from;          /* the part begins here */
    uint64_t bits[WINDOW_WORDS]; /* zero between blocks, as are counts: */
    uint32_t counts[WINDOW_DOCS];
    uint32_t documents[WINDOW_DOCS + JOIN_TAIL], frequencies[WINDOW_DOCS];
};

/* ---- blocks of one list ---- */

static void take_block(struct conjunct *conjunct, doc_id from)
{
    struct posting_cursor *cursor = conjunct->cursor;

    conjunct->last = posting_cursor_seek(cursor, from);
    conjunct->first = conjunct->last == DOC_END ? DOC_END
                      : cursor->has_before      ? cursor->first_after + 1
                                                : 0;
    conjunct->bound = cursor->bound;
    conjunct->count = cursor->count;
}

/* ---- blocks of several lists ---- */

static bool reaches(const struct posting_cursor *cursor, doc_id upto)
{
    return cursor->last != DOC_END && (!cursor->has_before || cursor->first_after < upto);
}

/* The block from the first document that may be there on: up to the end of the longest list's own
 * block, or of the window. Reads headers only. */
static void take_merged(struct conjunct *conjunct, doc_id from)
{
    struct word_matcher *word = conjunct->word;
    const struct posting_cursor *longest = &word->lists[conjunct->longest].ahead;
    uint32_t bound = 0;

    conjunct->first = conjunct->last = word_matcher_seek(word, from);
    if (conjunct->first == DOC_END)
        return;
    conjunct->last |= WINDOW_DOCS - 1;
    for (size_t i = 0; i < word->list_count; i++)
        posting_cursor_seek(&word->lists[i].ahead, conjunct->first);
    if (longest->last < conjunct->last)
        conjunct->last = longest->last;
    for (size_t i = 0; i < word->list_count; i++)
        if (reaches(&word->lists[i].ahead, conjunct->last))
            bound += posting_cursor_bound(&word->lists[i].ahead, conjunct->last);
    conjunct->bound = (uint8_t)(bound < 255 ? bound : 255);
}

/* The only list that reaches into the block, if its own block covers it; else NULL. */
static struct posting_cursor *only_cursor(const struct conjunct *conjunct)
{
    struct posting_cursor *only = NULL;

    for (size_t i = 0; i < conjunct->word->list_count; i++) {
        struct posting_cursor *cursor = &conjunct->word->lists[i].ahead;

        if (!reaches(cursor, conjunct->last))
            continue;
        if (only || cursor->last < conjunct->last)
            return NULL;
        only = cursor;
    }
    return only;
}

static void take_only(struct conjunct *conjunct, struct posting_cursor *only)
{
    const uint32_t *documents = posting_cursor_documents(only);

    conjunct->merged->only = only;
    if (!documents)
        return;
    conjunct->merged->only_from = join_lower_bound(documents, 0, only->count, conjunct->first);
    conjunct->documents = documents + conjunct->merged->only_from;
    conjunct->count =
        join_lower_bound(documents, conjunct->merged->only_from, only->count, conjunct->last + 1) -
        conjunct->merged->only_from;
}

static void add_list(struct conjunct *conjunct, struct posting_cursor *cursor)
{
    struct merged_block *merged = conjunct->merged;

    while (reaches(cursor, conjunct->last)) {
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = posting_cursor_frequencies(cursor);

        if (!documents || !frequencies)
            return;
        for (uint32_t i = join_lower_bound(documents, 0, cursor->count, conjunct->first);
             i < cursor->count && documents[i] <= conjunct->last; i++) {
            bits_set(merged->bits, documents[i] % WINDOW_DOCS);
            merged->counts[documents[i] % WINDOW_DOCS] += frequencies[i];
        }
        if (cursor->last >= conjunct->last)
            return;
        posting_cursor_next(cursor);
    }
}

static void merge(struct conjunct *conjunct)
{
    struct merged_block *merged = conjunct->merged;
    doc_id base = conjunct->first - conjunct->first % WINDOW_DOCS;
    uint32_t count = 0;

    merged->only = NULL;
    for (size_t i = 0; i < conjunct->word->list_count; i++)
        add_list(conjunct, &conjunct->word->lists[i].ahead);
    for (uint32_t word = (conjunct->first - base) / 64; word <= (conjunct->last - base) / 64;
         word++) {
        for (uint64_t bits = merged->bits[word]; bits != 0; bits &= bits - 1) {
            uint32_t place = 64 * word + (uint32_t)__builtin_ctzll(bits);

            merged->documents[count] = base + place;
            merged->frequencies[count++] = merged->counts[place];
            merged->counts[place] = 0;
        }
        merged->bits[word] = 0;
    }
    memset(merged->documents + count, 0xff, JOIN_TAIL * sizeof *merged->documents);
    conjunct->count = count;
    conjunct->documents = merged->documents;
}

/* ---- blocks ---- */

/* To the first block that may have a document >= from, which the current one cannot. */
static inline doc_id conjunct_seek(struct conjunct *conjunct, doc_id from)
{
    conjunct->documents = NULL;
    conjunct->at = 0;
    if (conjunct->cursor)
        take_block(conjunct, from);
    else
        take_merged(conjunct, from);
    return conjunct->last;
}

static void decode(struct conjunct *conjunct)
{
    struct posting_cursor *only;

    if (conjunct->cursor)
        conjunct->documents = posting_cursor_documents(conjunct->cursor);
    else if ((only = only_cursor(conjunct)))
        take_only(conjunct, only);
    else
        merge(conjunct);
    if (!conjunct->documents)
        conjunct->first = conjunct->last = DOC_END;
}

/* NULL: damage, which ends the list. */
static inline const uint32_t *conjunct_documents(struct conjunct *conjunct)
{
    if (!conjunct->documents && conjunct->last != DOC_END)
        decode(conjunct);
    return conjunct->documents;
}

const uint32_t *conjunct_frequencies(struct conjunct *conjunct)
{
    const struct merged_block *merged = conjunct->merged;
    const uint32_t *frequencies;

    if (conjunct->cursor)
        return posting_cursor_frequencies(conjunct->cursor);
    if (!merged->only)
        return merged->frequencies;
    frequencies = posting_cursor_frequencies(merged->only);
    return frequencies ? frequencies + merged->only_from : NULL;
}

/* ---- making ---- */

static bool conjunct_init(struct conjunct *conjunct, struct word_matcher *word, struct arena *arena)
{
    *conjunct = (struct conjunct){.word = word};
    conjunct->places = arena_alloc(arena, (BLOCK_DOCS + 1) * sizeof *conjunct->places);
    if (!conjunct->places)
        return false;
    if (word->list_count == 1)
        conjunct->cursor = &word->lists[0].ahead;
    else if (!(conjunct->merged = arena_calloc(arena, 1, sizeof *conjunct->merged)))
        return false;
    for (size_t i = 1; i < word->list_count; i++)
        if (word->lists[i].ahead.info.df > word->lists[conjunct->longest].ahead.info.df)
            conjunct->longest = i;
    conjunct_seek(conjunct, 0);
    return true;
}

struct conjunction *conjunction_new(struct word_matcher *const *words, size_t count,
                                    struct arena *arena)
{
    struct conjunction *conjunction = arena_alloc(arena, sizeof *conjunction);

    if (!conjunction)
        return NULL;
    *conjunction = (struct conjunction){.count = 0};
    conjunction->words = arena_alloc(arena, count * sizeof *conjunction->words);
    conjunction->kept = arena_alloc(arena, (BLOCK_DOCS + 1) * sizeof *conjunction->kept);
    if (!conjunction->words || !conjunction->kept)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t place = conjunction->count++;

        for (; place > 0; place--) {
            if (conjunction->words[place - 1].word->matcher.cost <= words[i]->matcher.cost)
                break;
            conjunction->words[place] = conjunction->words[place - 1];
        }
        if (!conjunct_init(&conjunction->words[place], words[i], arena))
            return NULL;
    }
    return conjunction;
}

struct conjunct *conjunction_find(const struct conjunction *conjunction,
                                  const struct word_matcher *word)
{
    size_t place = 0;

    while (conjunction->words[place].word != word)
        place++;
    return &conjunction->words[place];
}

/* ---- intervals ---- */

/* Moves the first word to its first document >= *from, and *from there. */
static bool lead_to(struct conjunct *lead, doc_id *from)
{
    for (;;) {
        if (*from > lead->last && conjunct_seek(lead, *from) == DOC_END)
            return false;
        if (!conjunct_documents(lead))
            return false;
        lead->at = join_lower_bound(lead->documents, lead->at, lead->count, *from);
        if (lead->at < lead->count)
            break;
        *from = lead->last + 1;
    }
    *from = lead->documents[lead->at];
    return true;
}

bool conjunction_next(struct conjunction *conjunction, doc_id from)
{
    struct conjunct *words = conjunction->words;
    size_t i;

    if (from == DOC_END)
        return false;
    do {
        if (!lead_to(&words[0], &from))
            return false;
        conjunction->from = from;
        conjunction->upto = words[0].last;
        for (i = 1; i < conjunction->count; i++) {
            if (from > words[i].last && conjunct_seek(&words[i], from) == DOC_END)
                return false;
            if (words[i].first > from)
                break;
            if (words[i].last < conjunction->upto)
                conjunction->upto = words[i].last;
        }
        from = i < conjunction->count ? words[i].first : from;
    } while (i < conjunction->count);
    return true;
}

doc_id conjunction_seek(struct conjunction *conjunction, doc_id from)
{
    for (size_t agreed = 0, i = 0; agreed < conjunction->count; i = (i + 1) % conjunction->count) {
        struct conjunct *word = &conjunction->words[i];

        if (from > word->last)
            conjunct_seek(word, from);
        if (word->last == DOC_END)
            return DOC_END;
        if (word->first > from) {
            from = word->first;
            agreed = 0;
        }
        agreed++;
    }
    return from;
}

/* ---- documents ---- */

/* The lead's documents of the interval: places [at, the result). */
static uint32_t lead_end(struct conjunction *conjunction)
{
    const struct conjunct *lead = &conjunction->words[0];
    uint32_t end = lead->count;

    if (lead->documents[end - 1] > conjunction->upto)
        end = join_lower_bound(lead->documents, lead->at, end, conjunction->upto + 1);
    if (end - lead->at > BLOCK_DOCS) {
        end = lead->at + BLOCK_DOCS;
        conjunction->upto = lead->documents[end - 1];
    }
    return end;
}

static void take_lead(struct conjunction *conjunction, uint32_t end)
{
    const struct conjunct *lead = &conjunction->words[0];

    conjunction->found = end - lead->at;
    memcpy(conjunction->documents, lead->documents + lead->at,
           conjunction->found * sizeof *conjunction->documents);
    for (uint32_t i = 0; i < conjunction->found; i++)
        lead->places[i] = (uint16_t)(lead->at + i);
}

/* The first two words, from block to block. */
static void join_lead(struct conjunction *conjunction, uint32_t end)
{
    struct conjunct *lead = &conjunction->words[0], *next = &conjunction->words[1];
    struct join_side left = {lead->documents, lead->at, end};
    struct join_side right = {next->documents, next->at, next->count};

    conjunction->found = join_places(&left, &right, lead->places, next->places);
    for (uint32_t i = 0; i < conjunction->found; i++)
        conjunction->documents[i] = lead->documents[lead->places[i]];
    if (conjunction->found)
        next->at = next->places[conjunction->found - 1];
}

static void keep_row(uint16_t *row, const uint16_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        row[i] = row[numbers[i]];
}

/* words: those whose places are known, from the first. */
static void keep(struct conjunction *conjunction, size_t words, const uint16_t *numbers,
                 uint32_t count)
{
    if (count < conjunction->found) {
        for (size_t i = 0; i < words; i++)
            keep_row(conjunction->words[i].places, numbers, count);
        for (uint32_t i = 0; i < count; i++)
            conjunction->documents[i] = conjunction->documents[numbers[i]];
    }
    conjunction->found = count;
}

void conjunction_keep(struct conjunction *conjunction, const uint16_t *numbers, uint32_t count)
{
    keep(conjunction, conjunction->count, numbers, count);
}

static void join_further(struct conjunction *conjunction, size_t number)
{
    struct conjunct *word = &conjunction->words[number];
    struct join_side left = {conjunction->documents, 0, conjunction->found};
    struct join_side right = {word->documents, word->at, word->count};
    uint32_t count = join_places(&left, &right, conjunction->kept, word->places);

    keep(conjunction, number, conjunction->kept, count);
    if (count)
        word->at = word->places[count - 1];
}

void conjunction_meet(struct conjunction *conjunction)
{
    struct conjunct *lead = &conjunction->words[0];
    uint32_t end = lead_end(conjunction);

    conjunction->found = 0;
    if (conjunction->count == 1)
        take_lead(conjunction, end);
    else if (conjunct_documents(&conjunction->words[1]))
        join_lead(conjunction, end);
    lead->at = end;
    for (size_t i = 2; i < conjunction->count && conjunction->found; i++)
        if (conjunct_documents(&conjunction->words[i]))
            join_further(conjunction, i);
        else
            conjunction->found = 0;
}

/* ---- positions ---- */

/* The cursor that stands at the block the document was found in; NULL: several were merged. */
static struct posting_cursor *cursor_of(const struct conjunct *conjunct, uint32_t *from)
{
    *from = 0;
    if (conjunct->cursor)
        return conjunct->cursor;
    *from = conjunct->merged->only_from;
    return conjunct->merged->only;
}

void conjunct_positions(struct conjunct *conjunct, doc_id document, uint32_t number,
                        struct buffer *out)
{
    uint32_t from;
    struct posting_cursor *cursor = cursor_of(conjunct, &from);

    buffer_clear(out);
    if (!cursor)
        word_matcher_positions(conjunct->word, document, out);
    else if (cursor->count == 0 || /* damaged when an earlier document's were read */
             !posting_cursor_positions(cursor, from + conjunct->places[number], out))
        out->size = 0;
}
