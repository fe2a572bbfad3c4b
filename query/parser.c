/* How clauses hang together: a frame for each group that is open, in which AND binds closer than
 * standing side by side, and that closer than OR. */
#include "parser.h"

#include "index/keyword_names.h"
#include "parser_internal.h"

struct items {
    struct clause *items;
    size_t count, capacity;
};

struct frame {
    struct items chain;        /* joined by AND so far */
    struct items sequence;     /* before that, side by side */
    struct items alternatives; /* before those, with OR between */
    struct clause group;       /* what it will be, */
    const uint8_t *begin;      /* where it began, */
    bool joined;               /* and whether AND stood before it */
};

struct builder {
    struct parser parser;
    struct arena *arena;
    struct frame frames[GROUP_DEPTH + 1];
    size_t clauses; /* so far */
    bool joined;    /* AND stands before the next clause */
    bool negated;   /* NOT does */
};

static struct frame *top_of(struct builder *builder)
{
    return &builder->frames[builder->parser.depth];
}

/* ---- lists ---- */

static enum lede_status push(struct builder *builder, struct items *items,
                             const struct clause *clause)
{
    if (items->count == items->capacity) {
        size_t capacity = items->capacity ? 2 * items->capacity : 4;
        struct clause *grown = arena_alloc(builder->arena, capacity * sizeof *grown);

        if (!grown)
            return error_no_memory(builder->parser.err);
        if (items->count)
            memcpy(grown, items->items, items->count * sizeof *grown);
        items->items = grown;
        items->capacity = capacity;
    }
    items->items[items->count++] = *clause;
    return LEDE_OK;
}

static enum lede_status count_clause(struct builder *builder)
{
    if (builder->clauses++ == LEDE_CLAUSES_MAX)
        return error_set(builder->parser.err, LEDE_LIMIT, "query: more than %d words; use fewer",
                         LEDE_CLAUSES_MAX);
    return LEDE_OK;
}

/* The items, which become another's children, as one clause: of one item, that. */
static struct clause combine(struct items *items)
{
    struct clause group = items->items[0];
    const struct clause *last = &items->items[items->count - 1];

    if (items->count > 1) {
        group.kind = CLAUSE_GROUP;
        group.occur = OCCUR_PLAIN;
        group.boost = 1;
        group.text.size = (size_t)(last->text.data - group.text.data) + last->text.size;
        group.children = (struct clause_list){items->items, items->count};
    }
    *items = (struct items){.count = 0};
    return group;
}

/* ---- ends of chains, sequences and alternatives ---- */

static enum lede_status end_chain(struct builder *builder, struct frame *frame)
{
    struct clause chain;

    if (frame->chain.count == 0)
        return LEDE_OK;
    for (size_t i = 0; frame->chain.count > 1 && i < frame->chain.count; i++)
        if (frame->chain.items[i].occur == OCCUR_PLAIN)
            frame->chain.items[i].occur = OCCUR_REQUIRED;
    chain = combine(&frame->chain);
    return push(builder, &frame->sequence, &chain);
}

/* An alternative that only excludes would be nearly everything. */
static enum lede_status add_alternative(struct builder *builder, struct frame *frame,
                                        struct clause *alternative)
{
    if (alternative->occur == OCCUR_PROHIBITED)
        return notes_add_odd(builder->parser.notes, alternative->text, alternative->column,
                             "an alternative that only excludes", "ignored", builder->parser.err);
    alternative->occur = OCCUR_OPTIONAL;
    return push(builder, &frame->alternatives, alternative);
}

static enum lede_status end_alternative(struct builder *builder, struct frame *frame)
{
    enum lede_status status = end_chain(builder, frame);
    struct clause alternative;

    if (status != LEDE_OK || frame->sequence.count == 0)
        return status;
    alternative = combine(&frame->sequence);
    return add_alternative(builder, frame, &alternative);
}

/* What the frame holds, as a list. */
static enum lede_status end_frame(struct builder *builder, struct frame *frame,
                                  struct clause_list *out)
{
    struct items *items = &frame->sequence;
    enum lede_status status = end_chain(builder, frame);

    if (status == LEDE_OK && frame->alternatives.count > 0) {
        status = end_alternative(builder, frame);
        items = &frame->alternatives;
    }
    *out = (struct clause_list){items->items, items->count};
    return status;
}

/* ---- clauses and groups ---- */

static enum lede_status add(struct builder *builder, const struct clause *clause)
{
    struct frame *frame = top_of(builder);
    enum lede_status status = LEDE_OK;

    if (!builder->joined)
        status = end_chain(builder, frame);
    builder->joined = builder->negated = false;
    return status == LEDE_OK ? push(builder, &frame->chain, clause) : status;
}

static enum lede_status open_group(struct builder *builder, const struct clause *clause)
{
    struct parser *parser = &builder->parser;
    enum lede_status status = count_clause(builder);

    if (status != LEDE_OK)
        return status;
    if (parser->depth == GROUP_DEPTH)
        return error_set(parser->err, LEDE_LIMIT,
                         "query: more than %d parentheses within each other", GROUP_DEPTH);
    parser->depth++;
    *top_of(builder) =
        (struct frame){.group = *clause, .begin = parser->at++, .joined = builder->joined};
    top_of(builder)->group.kind = CLAUSE_GROUP;
    builder->joined = builder->negated = false;
    return LEDE_OK;
}

/* A group of one clause is that clause, unless it excludes: then it finds nothing. */
static struct clause unwrap(const struct clause *group)
{
    struct clause only = group->children.clauses[0];

    if (group->children.count > 1 || only.occur == OCCUR_PROHIBITED)
        return *group;
    only.occur = group->occur;
    only.boost *= group->boost;
    return only;
}

/* Ends the innermost group, behind its parenthesis if there is one. */
static enum lede_status close_group(struct builder *builder)
{
    struct parser *parser = &builder->parser;
    struct frame *frame = top_of(builder);
    struct clause group = frame->group;
    enum lede_status status = end_frame(builder, frame, &group.children);

    parser->depth--;
    group.text = slice_of(frame->begin, (size_t)(parser->at - frame->begin));
    builder->joined = frame->joined;
    if (status == LEDE_OK)
        status = parser_boost(parser, &group.boost);
    if (status != LEDE_OK || group.children.count == 0)
        return status;
    group = unwrap(&group);
    return add(builder, &group);
}

/* ---- operators of letters ---- */

/* The bytes of an operator's name at at, if it is a word of its own; else 0. */
static size_t name_size(const struct parser *parser, const uint8_t *at, const char *name)
{
    size_t size = strlen(name);
    const uint8_t *end = at + size;

    if ((size_t)(parser->end - at) < size || memcmp(at, name, size) != 0)
        return 0;
    return end == parser->end || *end == '(' || (*end == ')' && parser->depth > 0) ||
                   parser_blank(end, parser->end)
               ? size
               : 0;
}

/* True if a clause may begin somewhere behind at. */
static bool goes_on(const struct parser *parser, const uint8_t *at)
{
    size_t blank;

    while ((blank = parser_blank(at, parser->end)) > 0)
        at += blank;
    return at < parser->end && (*at != ')' || parser->depth == 0) &&
           !name_size(parser, at, "AND") && !name_size(parser, at, "OR");
}

static enum lede_status take_and(struct builder *builder)
{
    builder->joined = true;
    return LEDE_OK;
}

static enum lede_status take_or(struct builder *builder)
{
    return end_alternative(builder, top_of(builder));
}

static enum lede_status take_not(struct builder *builder)
{
    builder->negated = true;
    return LEDE_OK;
}

static const struct {
    const char *name;
    bool between; /* two clauses */
    enum lede_status (*take)(struct builder *builder);
} OPERATORS[] = {{"AND", true, take_and}, {"OR", true, take_or}, {"NOT", false, take_not}};

/* Reads an operator. *taken false: there is none, or it is a word. */
static enum lede_status parse_operator(struct builder *builder, bool *taken)
{
    struct parser *parser = &builder->parser;

    *taken = false;
    for (size_t i = 0; i < sizeof OPERATORS / sizeof OPERATORS[0]; i++) {
        size_t size = name_size(parser, parser->at, OPERATORS[i].name);
        bool left = !OPERATORS[i].between ||
                    (top_of(builder)->chain.count > 0 && !builder->joined && !builder->negated);

        if (size == 0)
            continue;
        if (!left || builder->negated || !goes_on(parser, parser->at + size))
            return parser_odd(parser, parser->at, "an operator with nothing beside it");
        parser->at += size;
        *taken = true;
        return OPERATORS[i].take(builder);
    }
    return LEDE_OK;
}

/* ---- the query ---- */

/* Reads a clause or opens a group. operators: they may stand here; not right behind a phrase. */
static enum lede_status parse_clause(struct builder *builder, bool operators)
{
    struct parser *parser = &builder->parser;
    const struct clause *group = &top_of(builder)->group;
    struct clause clause = {
        .field = group->field, .of_dates = group->of_dates, .near = NEAR_NOT, .boost = 1};
    const uint8_t *named;
    enum lede_status status = LEDE_OK;

    clause.column = parser_column(parser, parser->at);
    clause.occur = builder->negated ? OCCUR_PROHIBITED : OCCUR_PLAIN;
    if (operators && !builder->negated)
        status = parser_sign(parser, &clause.occur);
    named = parser->at;
    if (status == LEDE_OK)
        status = parser_field(parser, &clause);
    if (status != LEDE_OK)
        return status;
    if (*parser->at == '(')
        return open_group(builder, &clause);
    if (field_is_keyword((uint8_t)clause.field))
        status = parser_keyword(parser, named, &clause);
    else
        status =
            clause.of_dates ? parser_dates(parser, named, &clause) : parser_body(parser, &clause);
    if (status == LEDE_OK)
        status = count_clause(builder);
    return status == LEDE_OK ? add(builder, &clause) : status;
}

/* *spaced: a blank stands before, or a parenthesis that opens. */
static enum lede_status parse_next(struct builder *builder, bool *spaced)
{
    struct parser *parser = &builder->parser;
    size_t blank = parser_blank(parser->at, parser->end), depth = parser->depth;
    enum lede_status status;
    bool taken = false;

    if (blank) {
        parser->at += blank;
        *spaced = true;
        return LEDE_OK;
    }
    if (*parser->at == ')' && parser->depth > 0) {
        parser->at++;
        *spaced = false;
        return close_group(builder);
    }
    status = *spaced ? parse_operator(builder, &taken) : LEDE_OK;
    if (status != LEDE_OK || taken)
        return status;
    status = parse_clause(builder, *spaced);
    *spaced = parser->depth > depth;
    return status;
}

static enum lede_status parse_all(struct builder *builder, struct clause_list *out)
{
    struct parser *parser = &builder->parser;
    enum lede_status status = LEDE_OK;
    bool spaced = true;

    while (status == LEDE_OK && parser->at < parser->end)
        status = parse_next(builder, &spaced);
    if (status == LEDE_OK && parser->depth > 0)
        status = notes_add_odd(parser->notes, slice_str("("), top_of(builder)->group.column,
                               "unbalanced parenthesis", "closed at the end", parser->err);
    while (status == LEDE_OK && parser->depth > 0)
        status = close_group(builder);
    return status == LEDE_OK ? end_frame(builder, top_of(builder), out) : status;
}

/* Blanks separate, and nothing else means anything. */
static enum lede_status parse_literally(struct builder *builder, struct clause_list *out)
{
    struct parser *parser = &builder->parser;
    enum lede_status status = LEDE_OK;

    while (status == LEDE_OK && parser->at < parser->end) {
        struct clause clause = {.kind = CLAUSE_WORD,
                                .field = FIELD_TEXT,
                                .near = NEAR_NOT,
                                .literal = true,
                                .boost = 1};
        size_t blank = parser_blank(parser->at, parser->end);

        if (blank) {
            parser->at += blank;
            continue;
        }
        clause.column = parser_column(parser, parser->at);
        clause.text =
            slice_of(parser->at, (size_t)(parser_word_end(parser, parser->at) - parser->at));
        parser->at += clause.text.size;
        status = count_clause(builder);
        if (status == LEDE_OK)
            status = add(builder, &clause);
    }
    return status == LEDE_OK ? end_frame(builder, top_of(builder), out) : status;
}

enum lede_status parser_parse(struct slice query, struct slice keywords, bool literal,
                              struct arena *arena, struct notes *notes, struct clause_list *out,
                              struct lede_error *err)
{
    const uint8_t *start = query.size ? query.data : (const uint8_t *)"";
    struct builder *builder;

    *out = (struct clause_list){NULL, 0};
    if (query.size > LEDE_QUERY_MAX)
        return error_set(err, LEDE_LIMIT, "query: %zu bytes; the limit is %d", query.size,
                         LEDE_QUERY_MAX);
    builder = arena_alloc(arena, sizeof *builder);
    if (!builder)
        return error_no_memory(err);
    builder->parser = (struct parser){.at = start,
                                      .end = start + query.size,
                                      .column = 1,
                                      .counted = start,
                                      .keywords = keywords,
                                      .notes = notes,
                                      .err = err};
    builder->arena = arena;
    builder->clauses = 0;
    builder->joined = builder->negated = false;
    builder->frames[0] = (struct frame){.group = {.field = FIELD_TEXT}};
    return literal ? parse_literally(builder, out) : parse_all(builder, out);
}
