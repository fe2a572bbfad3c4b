#include "tests/query/oracle_world.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Patterns of which none stands for too many terms. */
static void roll_pattern(struct world *world, struct naive_clause *clause)
{
    static const char *const wildcards[] = {"pri*", "running*", "r?n", "*ik*", "naive*", "w?1",
                                            "?il",  "m*",       "t*s", "x*",   "台*",    "*y*"};
    static const char *const fuzzy[] = {"runing", "prices", "strike", "naïve", "beyonce", "tiems"};

    clause->wildcards = dice_below(&world->dice, 2);
    if (clause->wildcards) {
        sprintf(clause->text, "%s", wildcards[dice_below(&world->dice, 12)]);
        return;
    }
    clause->edits = 1 + dice_below(&world->dice, 2);
    sprintf(clause->text, "%s", fuzzy[dice_below(&world->dice, 6)]);
}

static void format_day(int64_t day, char text[LEDE_DATE_TEXT])
{
    lede_date_format((struct lede_date){day * DAY, LEDE_DAY}, text);
}

/* A day, some days, or all from or up to one. */
static void roll_dates(struct world *world, struct naive_clause *clause)
{
    int64_t a = (int64_t)dice_below(&world->dice, world->days + 4) - 5,
            b = a + dice_below(&world->dice, 1 + dice_below(&world->dice, world->days));
    char first[LEDE_DATE_TEXT], last[LEDE_DATE_TEXT];

    format_day(a, first);
    format_day(b, last);
    clause->dates = true;
    clause->first = a * DAY;
    clause->last = (b + 1) * DAY - 1;
    switch (dice_below(&world->dice, 5)) {
    case 0:
        clause->last = (a + 1) * DAY - 1;
        sprintf(clause->text, "date:%s", first);
        break;
    case 1:
        clause->last = INT64_MAX;
        sprintf(clause->text, dice_below(&world->dice, 2) ? "date:%s.." : "date:>=%s", first);
        break;
    case 2:
        clause->first = INT64_MIN + 1;
        clause->last = b * DAY - 1;
        sprintf(clause->text, "date:<%s", last);
        break;
    default:
        sprintf(clause->text, dice_below(&world->dice, 2) ? "date:%s..%s" : "date:\"%s..%s\"",
                first, last);
    }
}

static void roll_keyword(struct world *world, struct naive_clause *clause)
{
    static const char *const values[] = {"world", "business news", "x",  "y",      "z",     "w",
                                         "v",     "none",          "w*", "*ness*", "?orld", "*",
                                         "b*s"};
    /* One that no index declares would be words. */
    uint32_t names = world->indexes > 1 ? 3 : 2;

    clause->keyword = true;
    sprintf(clause->text, "%s:%s", ORACLE_NAMES[dice_below(&world->dice, names)],
            values[dice_below(&world->dice, sizeof values / sizeof *values)]);
}

static enum naive_field roll_field(struct world *world)
{
    uint32_t rolled = dice_below(&world->dice, 6);

    return rolled == 0                         ? NAIVE_TITLE
           : rolled <= 2 && world->boilerplate ? NAIVE_BOILERPLATE
                                               : NAIVE_TEXT;
}

/* An = stands before letters, digits, and quotes. Many texts take long to look at. */
static void roll_exact(struct world *world, struct naive_clause *clause)
{
    bool plain = !clause->keyword && !clause->dates && !clause->wildcards && !clause->edits &&
                 (clause->quoted || !strchr(clause->text, ' '));
    unsigned char first = (unsigned char)clause->text[0];

    if (!plain || (!clause->quoted && !isalnum(first) && first < 0x80) ||
        dice_below(&world->dice, world->documents > 1000 ? 60 : 6) > 0)
        return;
    clause->exact = true;
    clause->near = -1;
}

static void roll_clause(struct world *world, struct naive_clause *clause)
{
    static const char *const ranges[] = {"$600M..$700M", "$1..$2bn", "..$600M",
                                         "€1bn..",       "€5..€6",   "$700M..$600M"};
    uint32_t kind = dice_below(&world->dice, 10);

    *clause = (struct naive_clause){.occur = kind == 0   ? NAIVE_PROHIBITED
                                             : kind <= 2 ? NAIVE_REQUIRED
                                                         : NAIVE_PLAIN,
                                    .field = roll_field(world),
                                    .quoted = dice_below(&world->dice, 4) == 0,
                                    .near = -1,
                                    .boost = 1};
    if (world->keywords && dice_below(&world->dice, 4) == 0) {
        clause->field = NAIVE_TEXT;
        roll_keyword(world, clause);
    } else if (world->days && dice_below(&world->dice, 5) == 0) {
        clause->field = NAIVE_TEXT;
        clause->quoted = false;
        roll_dates(world, clause);
    } else if (clause->quoted) {
        size_t size = oracle_put_words(world, 1 + dice_below(&world->dice, 3), clause->text);

        clause->text[size - 1] = '\0';
        if (dice_below(&world->dice, 3) == 0)
            clause->near = (int)dice_below(&world->dice, dice_below(&world->dice, 3) ? 4 : 64);
        /* The widest, which just does not reach from one line to the next. */
        if (clause->field == NAIVE_BOILERPLATE && dice_below(&world->dice, 2))
            clause->near = 63;
    } else if (dice_below(&world->dice, 8) == 0) {
        roll_pattern(world, clause);
    } else if (dice_below(&world->dice, 12) == 0) {
        clause->field = NAIVE_TEXT;
        clause->range = true;
        sprintf(clause->text, "%s", ranges[dice_below(&world->dice, 6)]);
    } else {
        oracle_put_word(world, clause->text);
        clause->joined = strchr(clause->text, ' ') != NULL;
        if (clause->joined) {
            clause->field = NAIVE_TEXT;
            clause->occur = NAIVE_PLAIN;
        }
    }
    roll_exact(world, clause);
}

/* A word that is required, and rare ones beside it, of which one may be excluded. */
static void roll_mixed(struct world *world, struct naive_query *query)
{
    query->count = 2 + dice_below(&world->dice, 3);
    for (size_t i = 0; i < query->count; i++) {
        struct naive_clause *clause = &query->clauses[i];

        *clause = (struct naive_clause){
            .occur = i == 0 ? NAIVE_REQUIRED : NAIVE_PLAIN, .near = -1, .boost = 1};
        if (i == 0)
            sprintf(clause->text, "%s",
                    ORACLE_VOCABULARY[dice_below(&world->dice, world->vocabulary)]);
        else
            sprintf(clause->text, "w%u", (unsigned)dice_below(&world->dice, world->rare));
    }
    if (query->count > 2 && dice_below(&world->dice, 4) == 0)
        query->clauses[1].occur = NAIVE_PROHIBITED;
    if (world->days && dice_below(&world->dice, 2)) {
        struct naive_clause *dates = &query->clauses[query->count++];

        *dates = (struct naive_clause){.near = -1, .boost = 1};
        roll_dates(world, dates);
    }
    if (world->keywords && dice_below(&world->dice, 2)) {
        struct naive_clause *keyword = &query->clauses[query->count++];

        *keyword = (struct naive_clause){.near = -1, .boost = 1};
        roll_keyword(world, keyword);
    }
    query->any = true;
}

/* How the clauses of a list hang together. */
enum style { SIDE_BY_SIDE, ALTERNATIVES, CONJUNCTION };

/* Of words that say an amount the first, where more than one would be another clause. */
static void split_joined(struct naive_clause *clause)
{
    if (clause->joined)
        clause->text[strcspn(clause->text, " ")] = '\0';
    clause->joined = false;
}

/* OR and AND say of each clause but an excluded one whether it is needed. */
static void apply_style(struct naive_clause *clause, enum style style)
{
    if (style != SIDE_BY_SIDE)
        split_joined(clause);
    if (style == ALTERNATIVES)
        clause->occur = NAIVE_OPTIONAL;
    else if (style == CONJUNCTION && clause->occur != NAIVE_PROHIBITED)
        clause->occur = NAIVE_REQUIRED;
}

static void roll_node(struct world *world, struct naive_clause *clause, unsigned depth);

/* A word, phrase or pattern; what is a field of its own, or an amount, is none. */
static bool may_have_field(const struct naive_clause *clause)
{
    return !clause->children && !clause->keyword && !clause->dates && !clause->range &&
           !clause->joined;
}

/* The field that all of them have, or NAIVE_TEXT. */
static enum naive_field field_of(const struct naive_clause *clauses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!may_have_field(&clauses[i]) || clauses[i].field != clauses[0].field)
            return NAIVE_TEXT;
    return clauses[0].field;
}

static void roll_group(struct world *world, struct naive_clause *clause, unsigned depth)
{
    uint32_t count = 1 + dice_below(&world->dice, 3);
    struct naive_clause *children = &world->nodes[world->node_count];
    enum naive_field field;
    enum style style = count == 1 ? SIDE_BY_SIDE : (enum style)dice_below(&world->dice, 3);

    clause->occur = (enum naive_occur[]){NAIVE_PLAIN, NAIVE_PLAIN, NAIVE_REQUIRED,
                                         NAIVE_PROHIBITED}[dice_below(&world->dice, 4)];
    clause->boost = 1;
    clause->children = children;
    clause->child_count = count;
    world->node_count += count;
    for (uint32_t i = 0; i < count; i++) {
        roll_node(world, &children[i], depth + 1);
        apply_style(&children[i], style);
    }
    clause->near = (int)style; /* for the text */
    field = dice_below(&world->dice, 2) ? roll_field(world) : NAIVE_TEXT;
    for (uint32_t i = 0; i < count && field != NAIVE_TEXT; i++)
        if (may_have_field(&children[i]))
            children[i].field = field;
    if (count == 1)
        split_joined(&children[0]);
    if (count == 1 && children[0].occur != NAIVE_PROHIBITED)
        children[0].occur = NAIVE_PLAIN;
}

static void roll_node(struct world *world, struct naive_clause *clause, unsigned depth)
{
    static const double boosts[] = {1, 1, 1, 2, 0.5, 3.25, 0};

    if (depth < 4 && world->node_count + 4 < 64 && dice_below(&world->dice, 3) == 0) {
        *clause = (struct naive_clause){.boost = 1};
        roll_group(world, clause, depth);
    } else {
        roll_clause(world, clause);
    }
    clause->boost = boosts[dice_below(&world->dice, sizeof boosts / sizeof *boosts)];
    if (clause->joined)
        clause->boost = 1;
}

/* A word with what would be syntax around it, or an operator; of words that say an amount, as is.
 */
static void roll_literal(struct world *world, struct naive_clause *clause)
{
    static const char *const before[] = {
        "", "", "+", "-", "\"", "title:", "(", "=", "-(", "(\"", "boilerplate:", "date:"};
    static const char *const behind[] = {"", "", "\"", ")", "*", "^2", "~1", "?", "\"~3", ")^0.5"};
    static const char *const operators[] = {"OR", "AND", "NOT", "+", "\""};
    char word[64];

    *clause = (struct naive_clause){.near = -1, .boost = 1};
    oracle_put_word(world, word);
    clause->joined = strchr(word, ' ') != NULL;
    if (clause->joined)
        sprintf(clause->text, "%s", word);
    else if (dice_below(&world->dice, 8) == 0)
        sprintf(clause->text, "%s", operators[dice_below(&world->dice, 5)]);
    else
        sprintf(clause->text, "%s%s%s", before[dice_below(&world->dice, 12)], word,
                behind[dice_below(&world->dice, 10)]);
}

void oracle_roll_query(struct world *world, struct naive_query *query)
{
    static const double parameters[][2] = {{1.2, 0.75}, {1.2, 0.75}, {0.9, 0.4}, {2, 0},
                                           {0, 1},      {1e-3, 1},   {100, 0.3}};
    uint32_t chosen = dice_below(&world->dice, sizeof parameters / sizeof *parameters);
    bool flat = dice_below(&world->dice, 2);

    memset(query, 0, sizeof *query);
    world->node_count = 0;
    query->count = 1 + dice_below(&world->dice, dice_below(&world->dice, 3) ? 3 : 8);
    for (size_t i = 0; i < query->count; i++) {
        if (flat)
            roll_clause(world, &query->clauses[i]);
        else
            roll_node(world, &query->clauses[i], 0);
    }
    query->literal = world->literal && dice_below(&world->dice, 4) == 0;
    for (size_t i = 0; query->literal && i < query->count; i++)
        roll_literal(world, &query->clauses[i]);
    query->any = dice_below(&world->dice, 2);
    if (world->mixed && !query->literal)
        roll_mixed(world, query);
    query->k1 = parameters[chosen][0];
    query->b = parameters[chosen][1];
    query->language = dice_below(&world->dice, 4) == 0 ? (int)dice_below(&world->dice, 20) : -1;
    if (world->days && dice_below(&world->dice, 3) == 0)
        query->half_life = DAY * (0.5 + dice_below(&world->dice, 2 * world->days));
    query->dated = world->days && dice_below(&world->dice, 4) == 0;
    if (query->dated) {
        query->first = ((int64_t)dice_below(&world->dice, world->days) - 5) * DAY;
        query->last = query->first + (1 + dice_below(&world->dice, world->days)) * DAY - 1;
    }
}

/* around: the field that the group around it has. */
static char *put_clause(const struct naive_clause *clause, enum style style,
                        enum naive_field around, char *at);

static char *put_list(const struct naive_clause *clauses, size_t count, enum style style,
                      enum naive_field around, char *at)
{
    static const char *const between[] = {
        [SIDE_BY_SIDE] = " ", [ALTERNATIVES] = " OR ", [CONJUNCTION] = " AND "};

    for (size_t i = 0; i < count; i++) {
        at += sprintf(at, "%s", i ? between[style] : "");
        at = put_clause(&clauses[i], style, around, at);
    }
    return at;
}

/* In quotes where it has to be, or is to be, and then in other letters. */
static char *put_keyword(const struct naive_clause *clause, char *at)
{
    const char *value = strchr(clause->text, ':') + 1;
    bool quoted = (clause->quoted || strchr(value, ' ')) && !strpbrk(value, "*?");

    at += sprintf(at, "%.*s%s", (int)(value - clause->text), clause->text, quoted ? "\"" : "");
    for (; *value; value++)
        *at++ = (char)(quoted && *value >= 'a' && *value <= 'z' ? *value - 32 : *value);
    return at + sprintf(at, "%s", quoted ? "\"" : "");
}

static char *put_clause(const struct naive_clause *clause, enum style style,
                        enum naive_field around, char *at)
{
    static const char *const names[] = {
        [NAIVE_TEXT] = "", [NAIVE_TITLE] = "title:", [NAIVE_BOILERPLATE] = "boilerplate:"};
    enum naive_field field = clause->children ? field_of(clause->children, clause->child_count)
                             : clause->field == around ? NAIVE_TEXT
                                                       : clause->field;

    if (clause->occur == NAIVE_PROHIBITED)
        at += sprintf(at, style == CONJUNCTION ? "NOT " : "-");
    else if (clause->occur == NAIVE_REQUIRED && style == SIDE_BY_SIDE)
        at += sprintf(at, "+");
    if (clause->children) {
        at += sprintf(at, "%s(", names[field]);
        at = put_list(clause->children, clause->child_count, (enum style)clause->near, field, at);
        at += sprintf(at, ")");
    } else if (clause->keyword) {
        at = put_keyword(clause, at);
    } else {
        at += sprintf(at, "%s%s%s%s%s", names[field], clause->exact ? "=" : "",
                      clause->quoted ? "\"" : "", clause->text, clause->quoted ? "\"" : "");
        if (clause->quoted && clause->near >= 0)
            at += sprintf(at, "~%d", clause->near);
        if (clause->edits)
            at += sprintf(at, "~%u", clause->edits);
    }
    if ((clause->boost < 1 || clause->boost > 1) && !clause->dates)
        at += sprintf(at, "^%g", clause->boost);
    return at;
}

size_t oracle_query_text(const struct naive_query *query, char *out)
{
    return (size_t)(put_list(query->clauses, query->count, SIDE_BY_SIDE, NAIVE_TEXT, out) - out);
}
