#include "plan.h"

#include <math.h>

/* Looks a term up by the key that it has in the segment; df 0: it is not there. */
static enum lede_status look_up_in(struct lede_index *index, uint32_t number, struct slice key,
                                   struct term_info *info, struct lede_error *err)
{
    uint8_t field = opened_field(index, number, key.data[0]), bytes[KEY_TERM_MAX];
    enum lede_status status = LEDE_MISSING;

    if (field == key.data[0]) {
        status = segment_find(index->segments[number].segment, key, info, err);
    } else if (field != FIELD_END) {
        memcpy(bytes, key.data, key.size);
        bytes[0] = field;
        status =
            segment_find(index->segments[number].segment, slice_of(bytes, key.size), info, err);
    }
    if (status != LEDE_MISSING)
        return status;
    info->df = 0;
    return LEDE_OK;
}

enum lede_status plan_look_up(struct lede_index *index, struct query_term *term,
                              struct arena *arena, struct lede_error *err)
{
    term->df = 0;
    term->infos = arena_calloc(arena, index->segment_count, sizeof *term->infos);
    if (!term->infos)
        return error_no_memory(err);
    for (uint32_t i = 0; i < index->segment_count; i++) {
        struct segment *segment = index->segments[i].segment;
        struct term_info *info = &term->infos[i];
        enum lede_status status = look_up_in(index, i, term->key, info, err);

        if (status != LEDE_OK)
            return status;
        if (info->df > segment->info->documents)
            return error_set(err, LEDE_CORRUPT,
                             "segment %u: a term in more articles than there are; run lede-index "
                             "verify",
                             segment->info->number);
        term->df += info->df;
    }
    return LEDE_OK;
}

static enum lede_status weigh_word(struct plan *plan, struct query_word *word, struct arena *arena,
                                   struct lede_error *err)
{
    word->df = 0;
    for (size_t i = 0; i < word->term_count; i++) {
        enum lede_status status = plan_look_up(plan->index, &word->terms[i], arena, err);

        if (status != LEDE_OK)
            return status;
        if (word->terms[i].df > word->df)
            word->df = word->terms[i].df;
    }
    word->idf = bm25_idf(plan->articles, word->df);
    return LEDE_OK;
}

static enum lede_status weigh_words(struct plan *plan, struct query_clause *clause,
                                    struct arena *arena, struct lede_error *err)
{
    clause->idf = 0;
    for (size_t i = 0; i < clause->word_count; i++) {
        enum lede_status status = weigh_word(plan, &clause->words[i], arena, err);

        if (status != LEDE_OK)
            return status;
        clause->idf += clause->words[i].idf;
    }
    clause->weight =
        clause->is_filter ? 0 : bm25_weight(clause->idf, clause->boost, clause->repeats);
    return LEDE_OK;
}

/* Recursion ends at GROUP_DEPTH. */
static enum lede_status weigh_list(struct plan *plan, const struct query_clauses *list,
                                   struct arena *arena, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; status == LEDE_OK && i < list->count; i++) {
        struct query_clause *clause = &list->clauses[i];

        status = query_clause_is_group(clause) ? weigh_list(plan, &clause->group, arena, err)
                                               : weigh_words(plan, clause, arena, err);
    }
    return status;
}

/* The index's own parameters where none are given, as lede.h says. */
static enum lede_status choose_parameters(const struct lede_index *index, double *k1, double *b,
                                          struct lede_error *err)
{
    bool unset = *k1 == 0 && *b == 0;

    if (unset || *k1 < 0)
        *k1 = index->k1;
    if (unset || *b < 0)
        *b = index->b;
    if (!isfinite(*k1) || !(*b <= 1))
        return error_set(err, LEDE_INVALID, "BM25 takes k1 >= 0 and b from 0 to 1");
    return LEDE_OK;
}

/* The index's own, or one of other parameters. NULL: memory ran out. */
static const struct bm25 *find_bm25(const struct lede_index *index, double k1, double b,
                                    struct arena *arena)
{
    struct bm25 *bm25;

    if (k1 == index->k1 && b == index->b)
        return &index->bm25;
    bm25 = arena_alloc(arena, sizeof *bm25);
    if (bm25)
        bm25_init(bm25, k1, b, index->average);
    return bm25;
}

enum lede_status plan_change(const struct plan *plan, const struct query_clauses *query,
                             struct arena *arena, struct plan *out, struct lede_error *err)
{
    *out = *plan;
    out->query = *query;
    out->whole = arena_calloc(arena, 1, sizeof *out->whole);
    if (!out->whole)
        return error_no_memory(err);
    *out->whole = (struct query_clause){.occur = OCCUR_OPTIONAL, .group = *query};
    out->has_required = out->has_optional = out->has_filter = false;
    for (size_t i = 0; i < query->count; i++) {
        bool required = query->clauses[i].occur == OCCUR_REQUIRED;

        out->has_required |= required && !query->clauses[i].is_filter;
        out->has_filter |= required && query->clauses[i].is_filter;
        out->has_optional |= query->clauses[i].occur == OCCUR_OPTIONAL;
    }
    return LEDE_OK;
}

enum lede_status plan_make(struct lede_index *index, const struct query_clauses *query, double k1,
                           double b, struct arena *arena, struct plan *out, struct lede_error *err)
{
    enum lede_status status = choose_parameters(index, &k1, &b, err);
    struct plan plan;

    if (status != LEDE_OK)
        return status;
    plan = (struct plan){.index = index,
                         .bm25 = find_bm25(index, k1, b, arena),
                         .articles = index->articles,
                         .average = index->average};
    if (!plan.bm25)
        return error_no_memory(err);
    status = plan_change(&plan, query, arena, out, err);
    if (status != LEDE_OK)
        return status;
    return weigh_list(out, &out->query, arena, err);
}

/* What a group needs, or what may be there of one that needs nothing but to pass filters. */
static bool group_is_in(const struct query_clauses *group, uint32_t segment)
{
    bool needs = false, wants = false, may = false;

    for (size_t i = 0; i < group->count; i++) {
        const struct query_clause *clause = &group->clauses[i];

        if (clause->occur == OCCUR_PROHIBITED)
            continue;
        if (clause->occur == OCCUR_REQUIRED && !plan_clause_is_in(clause, segment))
            return false;
        needs |= clause->occur == OCCUR_REQUIRED && !clause->is_filter;
        if (clause->occur != OCCUR_OPTIONAL)
            continue;
        wants = true;
        may |= plan_clause_is_in(clause, segment);
    }
    return needs || may || !wants;
}

bool plan_clause_is_in(const struct query_clause *clause, uint32_t segment)
{
    if (query_clause_is_group(clause))
        return group_is_in(&clause->group, segment);
    for (size_t i = 0; i < clause->word_count; i++) {
        const struct query_word *word = &clause->words[i];
        size_t at = 0;

        while (at < word->term_count && word->terms[at].infos[segment].df == 0)
            at++;
        if (at == word->term_count)
            return false;
    }
    return true;
}
