#include "pattern_walk.h"

#include "base/printable.h"

enum { PATIENCE = 8 /* terms with a beginning that failed, before the rest is searched past */ };

struct walk {
    const struct pattern *pattern;
    uint8_t term[KEY_TERM_MAX]; /* the one before */
    size_t size;
    size_t failed; /* so many bytes of it can begin no match; 0: they can */
    struct {       /* the characters of it that were walked */
        size_t at; /* where it begins in the term; the last one: where the walk ended */
        struct pattern_state state; /* before it */
    } steps[KEY_TERM_MAX + 1];
    size_t step; /* the last one */
};

static size_t shared_with(const struct walk *walk, struct slice term)
{
    size_t most = walk->size < term.size ? walk->size : term.size, size = 0;

    while (size < most && walk->term[size] == term.data[size])
        size++;
    return size;
}

/* Walks the pattern along the term from where it differs from the one before. */
static void walk_term(struct walk *walk, struct slice term, size_t shared)
{
    const uint8_t *end = term.data + term.size;
    size_t step = walk->step, at;

    while (walk->steps[step].at > shared)
        step--;
    at = walk->steps[step].at;
    memcpy(walk->term + shared, term.data + shared, term.size - shared);
    walk->size = term.size;
    walk->failed = 0;
    while (at < term.size && walk->failed == 0) {
        uint32_t character = term.data[at];
        size_t bytes = character < 0x80 ? 1 : printable_decode(term.data + at, end, &character);

        at += bytes ? bytes : 1; /* none: no term has such bytes but a damaged one */
        pattern_step(walk->pattern, &walk->steps[step].state, character,
                     &walk->steps[step + 1].state);
        walk->steps[++step].at = at;
        if (!pattern_alive(walk->pattern, &walk->steps[step].state))
            walk->failed = at;
    }
    walk->step = step;
}

/* To the first term behind those that begin as the last one, which failed. *more: there may be one.
 */
static enum lede_status search_on(struct walk *walk, struct segment *segment,
                                  struct dictionary_cursor *cursor, bool *more,
                                  struct lede_error *err)
{
    uint8_t from[KEY_TERM_MAX];
    size_t size = walk->failed;

    memcpy(from, walk->term, size);
    *more = dictionary_pass_over(from, &size);
    if (!*more)
        return LEDE_OK;
    return dictionary_cursor_seek(cursor, &segment->snapshot->pages, segment->info->number,
                                  slice_of(from, size), err);
}

static void walk_begin(struct walk *walk, const struct pattern *pattern, uint8_t field)
{
    walk->pattern = pattern;
    walk->term[0] = field;
    walk->size = 1;
    walk->failed = walk->step = 0;
    walk->steps[0].at = 1;
    pattern_start(pattern, &walk->steps[0].state);
}

/* Tells the terms that the pattern matches as bytes. */
static enum lede_status scan_terms(const struct pattern *pattern, struct segment *segment,
                                   struct slice first, pattern_found *found, void *context,
                                   struct lede_error *err)
{
    struct dictionary_scan all;
    struct slice term;
    uint32_t df;
    bool more = true;
    enum lede_status status = dictionary_scan_begin(
        &all, &pattern->bytes, &segment->snapshot->pages, segment->info->number, first, err);

    while (status == LEDE_OK && more) {
        status = dictionary_scan_next(&all, &term, &df, err);
        if (status == LEDE_OK)
            more = found(context, term, df, 0);
    }
    return status;
}

static enum lede_status walk_terms(const struct pattern *pattern, struct segment *segment,
                                   struct slice first, pattern_found *found, void *context,
                                   struct lede_error *err)
{
    struct slice term;
    struct dictionary_cursor cursor;
    struct term_info info;
    struct walk walk;
    unsigned failures = 0;
    bool more = true;
    enum lede_status status;

    walk_begin(&walk, pattern, first.data[0]);
    status = dictionary_cursor_seek(&cursor, &segment->snapshot->pages, segment->info->number,
                                    first, err);
    while (status == LEDE_OK && more) {
        size_t shared;
        int edits;

        status = dictionary_cursor_next(&cursor, &term, &info, err);
        if (status != LEDE_OK || !slice_begins(term, first))
            break;
        shared = shared_with(&walk, term);
        if (walk.failed > 0 && shared >= walk.failed) {
            if (++failures >= PATIENCE) {
                status = search_on(&walk, segment, &cursor, &more, err);
                failures = 0;
            }
            continue;
        }
        failures = 0;
        walk_term(&walk, term, shared);
        edits = walk.failed ? -1 : pattern_matches(pattern, &walk.steps[walk.step].state);
        if (edits >= 0)
            more = found(context, term, info.df, (unsigned)edits);
    }
    return status;
}

enum lede_status pattern_walk(const struct pattern *pattern, struct segment *segment,
                              enum field field, struct slice beginning, pattern_found *found,
                              void *context, struct lede_error *err)
{
    uint8_t from[KEY_TERM_MAX] = {(uint8_t)field};
    struct slice first = slice_of(from, 1 + beginning.size);
    enum lede_status status;

    if (first.size > sizeof from)
        return LEDE_OK;
    if (beginning.size)
        memcpy(from + 1, beginning.data, beginning.size);
    status = pattern->by_bytes ? scan_terms(pattern, segment, first, found, context, err)
                               : walk_terms(pattern, segment, first, found, context, err);
    return status == LEDE_MISSING ? LEDE_OK : status;
}
