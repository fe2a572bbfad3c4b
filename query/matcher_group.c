/* A group of clauses as one: what it needs, may have and must not have. Its matches of a window are
 * remembered for scoring, as a clause of it that matches counts for nothing where it does not. */
#include "matcher_internal.h"

struct members {
    struct matcher **items;
    size_t count;
};

struct group_matcher {
    struct matcher matcher;
    struct members all;      /* as in the query */
    struct members scored;   /* these without prohibited ones and filters */
    struct members required; /* the cheapest first */
    struct members optional, prohibited;
    struct members
        filters; /* that are required, which counts for nothing where others are wanted */

    struct match_memory matched;
};

static struct group_matcher *group_of(struct matcher *matcher)
{
    return (struct group_matcher *)matcher;
}

/* ---- making ---- */

static void add(struct members *members, struct matcher *matcher)
{
    members->items[members->count++] = matcher;
}

static void add_by_cost(struct members *members, struct matcher *matcher)
{
    size_t place = members->count++;

    for (; place > 0 && members->items[place - 1]->cost > matcher->cost; place--)
        members->items[place] = members->items[place - 1];
    members->items[place] = matcher;
}

static void add_member(struct group_matcher *group, struct matcher *matcher)
{
    add(&group->all, matcher);
    if (matcher->clause->occur == OCCUR_PROHIBITED) {
        add(&group->prohibited, matcher);
        return;
    }
    if (matcher->clause->occur == OCCUR_REQUIRED && matcher->clause->is_filter) {
        add(&group->filters, matcher);
        return;
    }
    add(&group->scored, matcher);
    if (matcher->clause->occur == OCCUR_REQUIRED)
        add_by_cost(&group->required, matcher);
    else
        add(&group->optional, matcher);
}

static bool make_rooms(struct group_matcher *group, size_t count, struct arena *arena)
{
    struct members *const rooms[] = {&group->all,      &group->scored,     &group->required,
                                     &group->optional, &group->prohibited, &group->filters};

    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
        rooms[i]->items = arena_alloc(arena, count * sizeof(struct matcher *));
        if (!rooms[i]->items)
            return false;
    }
    return true;
}

static uint64_t cost_of(const struct group_matcher *group)
{
    uint64_t cost = 0;

    if (group->required.count > 0)
        return group->required.items[0]->cost;
    if (group->optional.count == 0)
        return group->filters.items[0]->cost;
    for (size_t i = 0; i < group->optional.count; i++)
        cost += group->optional.items[i]->cost;
    return cost;
}

enum lede_status group_matcher_make(const struct plan *plan, const struct query_clause *clause,
                                    uint32_t number, struct arena *arena, uint32_t *scratch,
                                    struct matcher **out, struct lede_error *err)
{
    struct group_matcher *group = arena_calloc(arena, 1, sizeof *group);
    enum lede_status status = LEDE_OK;

    if (!group || !make_rooms(group, clause->group.count, arena))
        return error_no_memory(err);
    group->matcher.kind = &GROUP_MATCHER;
    group->matched.base = DOC_END;
    for (size_t i = 0; status == LEDE_OK && i < clause->group.count; i++) {
        struct matcher *matcher;

        status =
            matcher_make(plan, &clause->group.clauses[i], number, arena, scratch, &matcher, err);
        if (status == LEDE_OK && matcher)
            add_member(group, matcher);
    }
    if (status != LEDE_OK) {
        group_matcher_done(&group->matcher);
        return status;
    }
    group->matcher.cost = cost_of(group);
    *out = &group->matcher;
    return LEDE_OK;
}

void group_matcher_done(struct matcher *matcher)
{
    struct group_matcher *group = group_of(matcher);

    for (size_t i = 0; i < group->all.count; i++)
        matcher_done(group->all.items[i]);
}

/* ---- matching ---- */

static doc_id seek_all(const struct members *members, doc_id from)
{
    for (size_t i = 0; i < members->count && from != DOC_END; i++)
        from = members->items[i]->kind->seek(members->items[i], from);
    return from;
}

static doc_id seek(struct matcher *matcher, doc_id from)
{
    struct group_matcher *group = group_of(matcher);
    doc_id nearest = DOC_END;

    from = seek_all(&group->required, seek_all(&group->filters, from));
    if (group->required.count > 0 || group->optional.count == 0)
        return from;
    for (size_t i = 0; i < group->optional.count && nearest > from; i++) {
        doc_id document = group->optional.items[i]->kind->seek(group->optional.items[i], from);

        nearest = document < nearest ? document : nearest;
    }
    return nearest;
}

static void match_all(const struct members *members, const struct window *window, uint64_t *bits)
{
    for (size_t i = 0; i < members->count && bits_any(bits); i++)
        members->items[i]->kind->match(members->items[i], window, bits);
}

static void match_any(const struct members *optional, const struct window *window, uint64_t *bits)
{
    uint64_t any[WINDOW_WORDS], found[WINDOW_WORDS];

    bits_clear(any);
    for (size_t i = 0; i < optional->count; i++) {
        memcpy(found, bits, sizeof found);
        optional->items[i]->kind->match(optional->items[i], window, found);
        bits_or(any, found);
    }
    memcpy(bits, any, sizeof any);
}

static void match(struct matcher *matcher, const struct window *window, uint64_t *bits)
{
    struct group_matcher *group = group_of(matcher);
    uint64_t found[WINDOW_WORDS];

    match_all(&group->filters, window, bits);
    if (group->required.count == 0 && group->optional.count > 0)
        match_any(&group->optional, window, bits);
    match_all(&group->required, window, bits);
    for (size_t i = 0; i < group->prohibited.count && bits_any(bits); i++) {
        memcpy(found, bits, sizeof found);
        group->prohibited.items[i]->kind->match(group->prohibited.items[i], window, found);
        bits_and_not(bits, found);
    }
    match_remember(&group->matched, window, bits);
}

/* A group is there or not. */
static void count(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  uint32_t *tfs)
{
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &group_of(matcher)->matched, window, bits, found);
    for (uint32_t place = 0; (place = bits_next(found, place)) < WINDOW_DOCS; place++)
        tfs[place]++;
}

static void score(struct matcher *matcher, const struct window *window, const uint64_t *bits,
                  double *sums)
{
    struct group_matcher *group = group_of(matcher);
    uint64_t found[WINDOW_WORDS];

    match_recall(matcher, &group->matched, window, bits, found);
    for (size_t i = 0; i < group->scored.count && bits_any(found); i++)
        group->scored.items[i]->kind->score(group->scored.items[i], window, found, sums);
}

static double bound(struct matcher *matcher, const struct window *window)
{
    struct group_matcher *group = group_of(matcher);
    double sum = 0;

    for (size_t i = 0; i < group->scored.count; i++) {
        struct matcher *member = group->scored.items[i];
        double bound = member->kind->bound(member, window);

        if (bound == 0 && member->clause->occur == OCCUR_REQUIRED)
            return 0;
        sum += bound;
    }
    return sum;
}

static enum lede_status status(const struct matcher *matcher, struct lede_error *err)
{
    const struct group_matcher *group = (const struct group_matcher *)matcher;
    enum lede_status first = LEDE_OK;

    for (size_t i = 0; first == LEDE_OK && i < group->all.count; i++)
        first = matcher_status(group->all.items[i], err);
    return first;
}

const struct matcher_kind GROUP_MATCHER = {
    .seek = seek, .match = match, .count = count, .score = score, .bound = bound, .status = status};
