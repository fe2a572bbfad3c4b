#include "naive_search.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- clauses ---- */

void naive_list_init(struct naive_list *list)
{
    list->count = 0;
    list->groups = calloc(WORDS, sizeof *list->groups);
    if (!list->groups)
        abort();
}

void naive_list_free(struct naive_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        naive_words_free(list->groups[i].words, list->groups[i].count);
        naive_list_free(&list->groups[i].list);
    }
    free(list->groups);
}

static bool groups_equal(const struct naive_group *a, const struct naive_group *b)
{
    bool equal = !a->list.groups && !b->list.groups && !a->filter && !b->filter &&
                 a->near == b->near && a->count == b->count && a->exact == b->exact &&
                 (!a->exact || strcmp(a->text, b->text) == 0) && !(a->boost < b->boost) &&
                 !(a->boost > b->boost) &&
                 (a->occur == NAIVE_PROHIBITED) == (b->occur == NAIVE_PROHIBITED);

    for (size_t i = 0; equal && i < a->count; i++)
        equal = naive_words_equal(&a->words[i], &b->words[i]);
    return equal;
}

/* title: two clauses whose terms are none are equal only if they ask for the same field; that
 * makes no difference to what they find. */
static void add_group(struct naive_list *list, const struct naive_group *group)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!groups_equal(&list->groups[i], group))
            continue;
        list->groups[i].repeats += group->repeats;
        if (group->occur == NAIVE_REQUIRED)
            list->groups[i].occur = group->occur;
        naive_words_free(group->words, group->count);
        return;
    }
    assert(list->count < WORDS);
    list->groups[list->count++] = *group;
}

static enum naive_occur occur_of(const struct naive_search *search, enum naive_occur occur,
                                 bool filter)
{
    if (occur == NAIVE_PLAIN)
        return search->query->any && !filter ? NAIVE_OPTIONAL : NAIVE_REQUIRED;
    return occur;
}

void naive_list_add_dates(struct naive_list *list, enum naive_occur occur, int64_t first,
                          int64_t last)
{
    struct naive_group made = {
        .occur = occur, .near = -1, .repeats = 1, .filter = true, .first = first, .last = last};

    add_group(list, &made);
}

static void add_keyword(struct naive_list *list, enum naive_occur occur, const char *keyword)
{
    struct naive_group made = {.occur = occur, .near = -1, .repeats = 1, .filter = true};

    (void)snprintf(made.keyword, sizeof made.keyword, "%.63s", keyword);
    add_group(list, &made);
}

static void add_words(struct naive_search *search, const struct naive_clause *clause, double boost,
                      struct naive_list *list)
{
    struct naive_word *words = calloc(WORDS, sizeof *words);
    struct naive_group made = {.occur = occur_of(search, clause->occur, false),
                               .near = -1,
                               .repeats = 1,
                               .exact = clause->exact && search->ranker->texts,
                               .field = clause->field,
                               .boost = boost * clause->boost};
    size_t count;
    bool split =
        clause->occur != NAIVE_PROHIBITED &&
        (!search->ranker->positions || (search->query->any && !clause->quoted && !clause->exact));

    if (!words)
        abort();
    count = naive_words_read(search, clause, words);
    for (size_t i = count; i-- > 0;)
        words[i].position = split ? 0 : words[i].position - words[0].position;
    for (size_t i = 0; split && i < count; i++) {
        made.words = calloc(1, sizeof *words);
        if (!made.words)
            abort();
        *made.words = words[i];
        made.count = 1;
        strcpy(made.text, words[i].text);
        add_group(list, &made);
    }
    if (split || count == 0) {
        free(words);
        return;
    }
    made.words = words;
    made.count = count;
    strcpy(made.text, clause->text);
    if (clause->quoted && count > 1)
        made.near = clause->near;
    add_group(list, &made);
}

static bool all_are(const struct naive_list *list, enum naive_occur occur, enum naive_occur other)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->groups[i].occur != occur && list->groups[i].occur != other)
            return false;
    return true;
}

/* One that only excludes finds nothing, and is left out; one whose clauses may as well stand beside
 * it is no group. */
static void add_list(struct naive_search *search, const struct naive_clause *clause, double boost,
                     struct naive_list *list)
{
    struct naive_group group = {.near = -1, .repeats = 1, .filter = true};
    struct naive_list *inner = &group.list;

    naive_list_init(inner);
    for (size_t i = 0; i < clause->child_count; i++)
        naive_list_add(search, &clause->children[i], boost * clause->boost, inner);
    for (size_t i = 0; i < inner->count; i++)
        group.filter &= inner->groups[i].filter;
    group.filter &= inner->count > 0;
    group.occur = occur_of(search, clause->occur, group.filter);
    if (all_are(inner, NAIVE_PROHIBITED, NAIVE_PROHIBITED)) {
        naive_list_free(inner);
        return;
    }
    if (group.occur == NAIVE_REQUIRED
            ? all_are(inner, NAIVE_REQUIRED, NAIVE_PROHIBITED)
            : group.occur == NAIVE_OPTIONAL && all_are(inner, NAIVE_OPTIONAL, NAIVE_OPTIONAL)) {
        for (size_t i = 0; i < inner->count; i++)
            add_group(list, &inner->groups[i]);
        free(inner->groups);
        return;
    }
    add_group(list, &group);
}

/* Words that say an amount: all of them, or the amount; under any it is one more. */
static void add_joined(struct naive_search *search, const struct naive_clause *clause, double boost,
                       struct naive_list *list)
{
    struct naive_clause words[8], either[2], whole = {.near = -1, .boost = 1};
    size_t count = 0;

    for (const char *at = clause->text; *at; at += strspn(at, " ")) {
        size_t size = strcspn(at, " ");

        words[count] = *clause;
        words[count].joined = false;
        snprintf(words[count].text, sizeof words[count].text, "%.*s", (int)size, at);
        words[count++].occur = search->query->any ? NAIVE_PLAIN : NAIVE_REQUIRED;
        at += size;
    }
    either[0] = (struct naive_clause){
        .occur = NAIVE_OPTIONAL, .near = -1, .boost = 1, .children = words, .child_count = count};
    either[1] = *clause;
    either[1].joined = false;
    either[1].amount = true;
    either[1].occur = NAIVE_OPTIONAL;
    whole.children = either;
    whole.child_count = 2;
    if (!search->query->any) {
        add_list(search, &whole, boost, list);
        return;
    }
    for (size_t i = 0; i < count; i++)
        add_words(search, &words[i], boost, list);
    add_words(search, &either[1], boost, list);
}

/* A group of one clause is that clause, unless it excludes. */
void naive_list_add(struct naive_search *search, const struct naive_clause *clause, double boost,
                    struct naive_list *list)
{
    if (clause->child_count == 1 && clause->children[0].occur != NAIVE_PROHIBITED) {
        struct naive_clause only = clause->children[0];

        only.occur = clause->occur;
        only.boost *= clause->boost;
        naive_list_add(search, &only, boost, list);
        return;
    }
    if (clause->children)
        add_list(search, clause, boost, list);
    else if (clause->joined)
        add_joined(search, clause, boost, list);
    else if (clause->keyword)
        add_keyword(list, occur_of(search, clause->occur, true), clause->text);
    else if (clause->dates)
        naive_list_add_dates(list, occur_of(search, clause->occur, true), clause->first,
                             clause->last);
    else
        add_words(search, clause, boost, list);
}
