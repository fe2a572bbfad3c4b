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

bool pattern_wildcard(struct pattern *pattern, struct slice text)
{
    return make(pattern, text, true);
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
