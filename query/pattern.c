#include "pattern.h"

#include "base/printable.h"

/* ---- making ---- */

static uint64_t *places_of(struct pattern *pattern, uint32_t character)
{
    if (character < 128)
        return &pattern->ascii[character];
    for (size_t i = 0; i < pattern->other_count; i++)
        if (pattern->others[i].character == character)
            return &pattern->others[i].places;
    pattern->others[pattern->other_count].character = character;
    pattern->others[pattern->other_count].places = pattern->elsewhere;
    return &pattern->others[pattern->other_count++].places;
}

static void add_any(struct pattern *pattern)
{
    uint64_t place = 1ULL << pattern->length++;

    for (size_t i = 0; i < 128; i++)
        pattern->ascii[i] |= place;
    for (size_t i = 0; i < pattern->other_count; i++)
        pattern->others[i].places |= place;
    pattern->elsewhere |= place;
}

static bool make(struct pattern *pattern, struct slice text, bool wildcards)
{
    const uint8_t *at = text.data, *end = at + text.size;
    uint32_t character;

    memset(pattern, 0, sizeof *pattern);
    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size == 0)
            return false;
        at += size;
        if (wildcards && character == '*') {
            pattern->loops |= 1ULL << pattern->length;
            continue;
        }
        if (pattern->length == PATTERN_MAX)
            return false;
        if (wildcards && character == '?')
            add_any(pattern);
        else
            *places_of(pattern, character) |= 1ULL << pattern->length++;
    }
    return true;
}

/* ---- as bytes ---- */

static bool is_inner(unsigned byte) /* of a character, and not its first */
{
    return (byte & 0xc0) == 0x80;
}

/* A byte of text as places of the automaton. */
static void add_byte(struct byte_automaton *bytes, uint8_t byte)
{
    uint64_t place = 1ULL << bytes->last;

    if (byte == '*') {
        for (unsigned any = 0; any < 256; any++)
            bytes->on[any].stay |= place;
        return;
    }
    bytes->last++;
    if (byte != '?') {
        bytes->on[byte].next |= place;
        return;
    }
    for (unsigned any = 0; any < 256; any++)
        if (is_inner(any))
            bytes->on[any].stay |= place << 1; /* of the character that brought it here */
        else
            bytes->on[any].next |= place;
}

static bool make_bytes(struct byte_automaton *bytes, struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] != '*' && bytes->last == BYTE_PLACES - 1)
            return false;
        add_byte(bytes, text.data[i]);
    }
    return true;
}

static bool is_wildcard(uint8_t byte)
{
    return byte == '*' || byte == '?';
}

/* The longest run of text without wildcards behind the first one; its end, if that has none. */
static struct slice find_needed(struct slice text)
{
    struct slice best = slice_of(NULL, 0);
    size_t at = pattern_beginning(text).size;

    while (at < text.size) {
        size_t end = at;

        while (end < text.size && !is_wildcard(text.data[end]))
            end++;
        if (end - at >= best.size || (end == text.size && end > at))
            best = slice_of(text.data + at, end - at);
        at = end + 1;
    }
    return best;
}

/* Two ASCII characters of text with a `?` between them, behind the first wildcard; NULL: none. */
static const uint8_t *find_gap(struct slice text)
{
    for (size_t at = pattern_beginning(text).size; at + 3 <= text.size; at++)
        if (text.data[at + 1] == '?' && !is_wildcard(text.data[at]) && text.data[at] < 0x80 &&
            !is_wildcard(text.data[at + 2]) && text.data[at + 2] < 0x80)
            return text.data + at;
    return NULL;
}

/* Where a `*` stands behind the beginning, and so whatever follows may match. */
static void set_needed(struct byte_automaton *bytes, struct slice text)
{
    size_t beginning = pattern_beginning(text).size, size;
    struct slice needed = find_needed(text);

    if (beginning == text.size || text.data[beginning] != '*')
        return;
    size = needed.size < NEEDED_MAX ? needed.size : NEEDED_MAX;
    if (size > 0)
        memcpy(bytes->needed, needed.data + needed.size - size, size);
    bytes->needed_size = (unsigned)size;
    bytes->needed_last = !is_wildcard(text.data[text.size - 1]);
    if (size > 1 || bytes->needed_last || !find_gap(text))
        return;
    memcpy(bytes->needed, find_gap(text), NEEDED_MAX);
    bytes->needed_size = NEEDED_MAX;
    bytes->needed_gap = true;
}

bool pattern_wildcard(struct pattern *pattern, struct slice text)
{
    if (!make(pattern, text, true))
        return false;
    pattern->by_bytes = make_bytes(&pattern->bytes, text);
    set_needed(&pattern->bytes, text);
    return true;
}

bool pattern_fuzzy(struct pattern *pattern, struct slice text, unsigned edits)
{
    if (!make(pattern, text, false))
        return false;
    pattern->edits = edits < PATTERN_EDITS_MAX ? edits : PATTERN_EDITS_MAX;
    return true;
}

struct slice pattern_beginning(struct slice text)
{
    size_t size = 0;

    while (size < text.size && text.data[size] != '*' && text.data[size] != '?')
        size++;
    return slice_of(text.data, size);
}

/* ---- walking ---- */

void pattern_start(const struct pattern *pattern, struct pattern_state *state)
{
    uint64_t all = (2ULL << pattern->length) - 1;

    *state = (struct pattern_state){{0}, {0}};
    for (unsigned edits = 0; edits <= pattern->edits; edits++)
        state->reached[edits] = ((2ULL << edits) - 1) & all;
}

static uint64_t where(const struct pattern *pattern, uint32_t character)
{
    if (character < 128)
        return pattern->ascii[character];
    for (size_t i = 0; i < pattern->other_count; i++)
        if (pattern->others[i].character == character)
            return pattern->others[i].places;
    return pattern->elsewhere;
}

void pattern_step(const struct pattern *pattern, const struct pattern_state *from,
                  uint32_t character, struct pattern_state *to)
{
    uint64_t places = where(pattern, character), all = (2ULL << pattern->length) - 1;
    uint64_t before = from->reached[0], after;

    after = (before & places) << 1 | (before & pattern->loops);
    to->reached[0] = after;
    to->swapping[0] = 0;
    for (unsigned edits = 1; edits <= pattern->edits; edits++) {
        uint64_t here = from->reached[edits];
        uint64_t next = (here & places) << 1 /* the same character */
                        | before             /* one too many in the term */
                        | before << 1        /* another one */
                        | after << 1         /* one too few */
                        | (from->swapping[edits] & places) << 2;

        to->swapping[edits] = before & places >> 1;
        before = here;
        after = next & all;
        to->reached[edits] = after;
    }
}

bool pattern_alive(const struct pattern *pattern, const struct pattern_state *state)
{
    uint64_t any = 0;

    for (unsigned edits = 0; edits <= pattern->edits; edits++)
        any |= state->reached[edits] | state->swapping[edits];
    return any != 0;
}

int pattern_matches(const struct pattern *pattern, const struct pattern_state *state)
{
    for (unsigned edits = 0; edits <= pattern->edits; edits++)
        if (state->reached[edits] >> pattern->length & 1)
            return (int)edits;
    return -1;
}
