#include "terms.h"

#include "amounts.h"
#include "words.h"

struct finder {
    struct word_finder words;
    bool any;                  /* plain clauses are optional, else required */
    struct query_clauses *out; /* the list being filled */
    size_t capacity;           /* of out->clauses */
    double boost;              /* of the groups around it */
};

/* ---- from words to clauses ---- */

bool query_word_same_terms(const struct query_word *a, const struct query_word *b)
{
    if (a->term_count != b->term_count)
        return false;
    for (size_t i = 0; i < a->term_count; i++)
        if (!slice_equal(a->terms[i].key, b->terms[i].key))
            return false;
    return true;
}

static bool clauses_equal(const struct query_clause *a, const struct query_clause *b)
{
    if (query_clause_is_group(a) || query_clause_is_group(b) || a->is_filter || b->is_filter)
        return false;
    if ((a->occur == OCCUR_PROHIBITED) != (b->occur == OCCUR_PROHIBITED) || a->boost < b->boost ||
        a->boost > b->boost || a->is_title != b->is_title ||
        a->is_boilerplate != b->is_boilerplate || a->word_count != b->word_count ||
        a->near != b->near || a->exact != b->exact || (a->exact && !slice_equal(a->text, b->text)))
        return false;
    for (size_t i = 0; i < a->word_count; i++)
        if (a->words[i].position != b->words[i].position ||
            !query_word_same_terms(&a->words[i], &b->words[i]))
            return false;
    return true;
}

/* Adds a clause, or counts one that is there again. */
static enum lede_status add_clause(struct finder *finder, const struct query_clause *clause)
{
    struct query_clauses *out = finder->out;

    for (size_t i = 0; i < out->count; i++) {
        if (!clauses_equal(&out->clauses[i], clause))
            continue;
        out->clauses[i].repeats += clause->repeats;
        if (clause->occur == OCCUR_REQUIRED)
            out->clauses[i].occur = OCCUR_REQUIRED;
        return LEDE_OK;
    }
    if (out->count == LEDE_CLAUSES_MAX)
        return words_too_many(&finder->words);
    if (!words_reserve(finder->words.arena, (void **)&out->clauses, &finder->capacity, out->count,
                       sizeof *out->clauses))
        return error_no_memory(finder->words.err);
    out->clauses[out->count++] = *clause;
    return LEDE_OK;
}

static enum clause_occur occur_of(const struct finder *finder, const struct clause *clause,
                                  bool is_filter)
{
    if (clause->occur == OCCUR_PLAIN)
        return finder->any && !is_filter ? OCCUR_OPTIONAL : OCCUR_REQUIRED;
    return clause->occur;
}

/* True if the words of the clause are to be looked for one by one. What is excluded is never
 * split: -e-mail must not exclude every mail. */
static bool is_split(const struct finder *finder, const struct clause *clause)
{
    if (clause->occur == OCCUR_PROHIBITED || clause->kind == CLAUSE_KEYWORD)
        return false;
    return !finder->words.index->positions ||
           (finder->any && clause->kind == CLAUSE_WORD && !clause->exact);
}

static enum lede_status add_words(struct finder *finder, const struct clause *clause,
                                  const struct drafts *drafts)
{
    bool split = is_split(finder, clause), is_filter = clause->kind == CLAUSE_KEYWORD;
    struct query_clause made = {.occur = occur_of(finder, clause, is_filter),
                                .is_filter = is_filter,
                                .is_title = clause->field == FIELD_TITLE,
                                .is_boilerplate = clause->field == FIELD_BOILERPLATE,
                                .text = clause->text,
                                .column = clause->column,
                                .adjacent = finder->words.index->positions,
                                .near = NEAR_NOT,
                                .exact = clause->exact && finder->words.index->texts,
                                .repeats = 1,
                                .boost = finder->boost * clause->boost};
    struct query_word *words = arena_calloc(finder->words.arena, drafts->count, sizeof *words);
    enum lede_status status = LEDE_OK;

    if (!words)
        return error_no_memory(finder->words.err);
    for (size_t i = 0; status == LEDE_OK && i < drafts->count; i++) {
        words[i].text = drafts->words[i].text;
        words[i].position = split ? 0 : drafts->words[i].position - drafts->words[0].position;
        words[i].terms = drafts->words[i].terms;
        words[i].term_count = drafts->words[i].count;
        if (!split)
            continue;
        made.words = &words[i];
        made.word_count = 1;
        made.text = drafts->words[i].text;
        status = add_clause(finder, &made);
    }
    if (split)
        return status;
    made.words = words;
    made.word_count = drafts->count;
    if (made.word_count > 1)
        made.near = clause->near;
    return add_clause(finder, &made);
}

static struct query_clause dates_clause(struct date_range dates, struct slice text)
{
    return (struct query_clause){.occur = OCCUR_REQUIRED,
                                 .is_filter = true,
                                 .dates = dates,
                                 .text = text,
                                 .near = NEAR_NOT,
                                 .repeats = 1,
                                 .boost = 1};
}

static enum lede_status add_dates(struct finder *finder, const struct clause *clause)
{
    struct query_clause made = dates_clause(clause->dates, clause->text);

    made.occur = occur_of(finder, clause, true);
    made.column = clause->column;
    return add_clause(finder, &made);
}

static enum lede_status find_clause(struct finder *finder, const struct clause *clause)
{
    struct drafts drafts;
    enum lede_status status;

    if (clause->kind == CLAUSE_DATES)
        return add_dates(finder, clause);
    status = words_find(&finder->words, clause, &drafts);
    if (status != LEDE_OK)
        return status;
    if (drafts.count == 0)
        return notes_add(finder->words.notes, clause->text, clause->column,
                         "nothing to search for, ignored", finder->words.err);
    if (clause->kind == CLAUSE_PHRASE && drafts.count > 1 && !finder->words.index->positions)
        status = notes_add(finder->words.notes, clause->text, clause->column,
                           "the index has no positions; the words are searched anywhere",
                           finder->words.err);
    if (status == LEDE_OK && clause->exact && !finder->words.index->texts)
        status = notes_add(finder->words.notes, clause->text, clause->column,
                           "the index keeps no texts; searched by its stem", finder->words.err);
    return status == LEDE_OK ? add_words(finder, clause, &drafts) : status;
}

/* ---- groups ---- */

static bool all_are(const struct query_clauses *list, enum clause_occur occur,
                    enum clause_occur other)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->clauses[i].occur != occur && list->clauses[i].occur != other)
            return false;
    return true;
}

static bool only_filters(const struct query_clauses *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!list->clauses[i].is_filter)
            return false;
    return list->count > 0;
}

static bool only_excludes(const struct query_clauses *list)
{
    return all_are(list, OCCUR_PROHIBITED, OCCUR_PROHIBITED);
}

/* What is required of a required group, or may be there of an optional one, may as well stand
 * beside it. */
static bool dissolves(const struct query_clause *group)
{
    if (group->occur == OCCUR_REQUIRED)
        return all_are(&group->group, OCCUR_REQUIRED, OCCUR_PROHIBITED);
    return group->occur == OCCUR_OPTIONAL && all_are(&group->group, OCCUR_OPTIONAL, OCCUR_OPTIONAL);
}

static enum lede_status add_group(struct finder *finder, const struct query_clause *group)
{
    enum lede_status status = LEDE_OK;

    if (group->group.count == 0)
        return LEDE_OK;
    if (only_excludes(&group->group))
        return notes_add_odd(finder->words.notes, group->text, group->column,
                             "excluded, and there is nothing to search for beside it", "ignored",
                             finder->words.err);
    if (!dissolves(group))
        return add_clause(finder, group);
    for (size_t i = 0; status == LEDE_OK && i < group->group.count; i++)
        status = add_clause(finder, &group->group.clauses[i]);
    return status;
}

static enum lede_status find_list(struct finder *finder, const struct clause_list *parsed);

/* Recursion ends at GROUP_DEPTH. */
static enum lede_status find_group(struct finder *finder, const struct clause *clause)
{
    struct query_clause group = {.text = clause->text, .column = clause->column};
    struct finder outer = *finder;
    enum lede_status status;

    finder->out = &group.group;
    finder->capacity = 0;
    finder->boost *= clause->boost;
    status = find_list(finder, &clause->children);
    finder->out = outer.out;
    finder->capacity = outer.capacity;
    finder->boost = outer.boost;
    group.is_filter = only_filters(&group.group);
    group.occur = occur_of(finder, clause, group.is_filter);
    return status == LEDE_OK ? add_group(finder, &group) : status;
}

/* Words that say an amount together: all of them, or the amount; under `any` the amount is one more
 * of what may be there. */
static enum lede_status find_joined(struct finder *finder, const struct clause *words, size_t count,
                                    const struct clause *amount)
{
    struct clause all[AMOUNT_WORDS], either[2], group = *amount;
    enum lede_status status = LEDE_OK;

    for (size_t i = 0; i < count; i++) {
        all[i] = words[i];
        all[i].occur = OCCUR_REQUIRED;
        if (finder->any && status == LEDE_OK)
            status = find_clause(finder, &words[i]);
    }
    if (finder->any)
        return status == LEDE_OK ? find_clause(finder, amount) : status;
    either[0] = either[1] = group;
    either[0].kind = group.kind = CLAUSE_GROUP;
    either[0].children = (struct clause_list){all, count};
    either[0].occur = either[1].occur = OCCUR_OPTIONAL;
    group.children = (struct clause_list){either, 2};
    return find_group(finder, &group);
}

static enum lede_status find_list(struct finder *finder, const struct clause_list *parsed)
{
    enum lede_status status = LEDE_OK;

    for (size_t i = 0, joined; status == LEDE_OK && i < parsed->count; i++) {
        struct clause amount;

        joined = amounts_join(&finder->words, &parsed->clauses[i], parsed->count - i, &amount);
        if (joined > 0) {
            status = find_joined(finder, &parsed->clauses[i], joined, &amount);
            i += joined - 1;
            continue;
        }
        status = parsed->clauses[i].kind == CLAUSE_GROUP ? find_group(finder, &parsed->clauses[i])
                                                         : find_clause(finder, &parsed->clauses[i]);
    }
    return status;
}

enum lede_status terms_find(struct lede_index *index, struct analyzer *analyzer,
                            const struct clause_list *parsed, const struct terms_options *options,
                            struct arena *arena, struct notes *notes, struct query_clauses *out,
                            struct lede_error *err)
{
    struct finder finder = {.words = {.index = index,
                                      .analyzer = analyzer,
                                      .language = options->language,
                                      .arena = arena,
                                      .notes = notes,
                                      .err = err},
                            .any = options->any,
                            .out = out,
                            .boost = 1};

    *out = (struct query_clauses){NULL, 0};
    return find_list(&finder, parsed);
}

enum lede_status terms_add_dates(struct query_clauses *clauses, struct date_range dates,
                                 struct slice text, struct arena *arena, struct lede_error *err)
{
    struct query_clause *all = arena_calloc(arena, clauses->count + 1, sizeof *all);

    if (clauses->count == LEDE_CLAUSES_MAX)
        return error_set(err, LEDE_LIMIT, "query: more than %d words; use fewer", LEDE_CLAUSES_MAX);
    if (!all)
        return error_no_memory(err);
    if (clauses->count)
        memcpy(all, clauses->clauses, clauses->count * sizeof *all);
    all[clauses->count] = dates_clause(dates, text);
    *clauses = (struct query_clauses){all, clauses->count + 1};
    return LEDE_OK;
}
