/* Random articles and queries: the engine's answers against the naive ranker's, to the bit, by
 * every processor's instructions, pruned and exhaustive, for few hits and for more than there are.
 */
#include <criterion/criterion.h>
#include <ctype.h>

#include "lede.h"
#include "tests/index/dice.h"
#include "tests/indexer/scratch.h"
#include "tests/naive_ranker.h"
#include "text/language.h"

enum { INDEXES = 2, TEXT_ROOM = 4096, DAY = 86400 };

/* What an index holds and how it was made, in the engine and in the oracle. */
struct world {
    struct dice dice;
    struct lede_writer_options options;
    uint32_t indexes, segments, documents; /* segments of an index, documents of a segment */
    uint32_t ids;                          /* different ones; fewer than documents: replacements */
    uint32_t words;                        /* in a text, at most */
    uint32_t vocabulary;                   /* how many of VOCABULARY */
    uint32_t rare;                         /* words made of numbers */
    bool mixed;                            /* queries of one frequent word required, others not */
    uint32_t days;                         /* that articles are dated on; 0: they are not */
    bool in_order;                         /* the later an article is added, the later its date */
    bool keywords;                         /* articles have some, and queries ask for them */
    struct naive_ranker *ranker;
    struct lede_index *index;
    uint32_t revision;
    struct naive_clause nodes[64]; /* of the query's groups */
    size_t node_count;
};

static const char *const VOCABULARY[] = {
    "oil",
    "price",
    "prices",
    "running",
    "run",
    "runs",
    "the",
    "the",
    "a",
    "naïve",
    "naive",
    "résumé",
    "resume",
    "Beyoncé",
    "beyonce",
    "été",
    "l’été",
    "l'homme",
    "Häuser",
    "Haus",
    "straße",
    "C++",
    "C",
    "c#",
    "AT&T",
    "e-mail",
    "U.S.",
    "don't",
    "don’t",
    "$650M",
    "5,000",
    "5000",
    "650 million dollars",
    "$600,000,000",
    "€3,5 Mrd.",
    "2 billion euros",
    "$1.2 bn",
    "7 thousand",
    "3.5",
    "navy.mil",
    ".mil",
    "mil",
    "灯台守",
    "灯台",
    "台北",
    "猫",
    "台",
    "สวัสดี",
    "маяки",
    "маяк",
    "ёлка",
    "🐙",
    "strike",
    "striking",
    "new",
    "york",
    "new",
    "york",
    "times",
    "and",
    "of",
};
enum { VOCABULARY_SIZE = sizeof VOCABULARY / sizeof *VOCABULARY };

static size_t put_word(struct world *world, char *at)
{
    if (world->rare && dice_below(&world->dice, 3) == 0)
        return (size_t)sprintf(at, "w%u", (unsigned)dice_bits(&world->dice, 20) % world->rare);
    return (size_t)sprintf(at, "%s", VOCABULARY[dice_below(&world->dice, world->vocabulary)]);
}

static size_t put_words(struct world *world, uint32_t count, char *out)
{
    char *at = out;

    *at = '\0';
    for (uint32_t i = 0; i < count; i++) {
        at += put_word(world, at);
        *at++ = ' ';
        *at = '\0';
    }
    return (size_t)(at - out);
}

/* ---- indexing ---- */

/* Since 1970; some before. */
static int64_t roll_day(struct world *world)
{
    uint32_t articles = world->indexes * world->segments * world->documents;
    int64_t day = world->in_order ? (int64_t)((uint64_t)world->revision * world->days / articles)
                                  : (int64_t)dice_below(&world->dice, world->days);

    return day - 3;
}

/* ---- keywords ---- */

/* The names that each index declares, in its order. */
static const char *const NAMES[INDEXES][3] = {{"section", "author"}, {"tag", "author", "section"}};
static const size_t NAME_COUNTS[INDEXES] = {2, 3};

static const char *const ALL_NAMES[] = {"section", "author", "tag"};
static const char *const VALUES[] = {
    "world", "World", " WORLD", "business  News", "Business news", "x", "y", "z", "w", "v"};
enum { VALUE_COUNT = sizeof VALUES / sizeof *VALUES, METADATA_MAX = 4 };

static bool is_declared(uint32_t index, const char *name)
{
    for (size_t i = 0; i < NAME_COUNTS[index]; i++)
        if (strcmp(NAMES[index][i], name) == 0)
            return true;
    return false;
}

/* Rolls metadata for the article; the oracle gets those that the index declares. */
static void add_with_metadata(struct world *world, uint32_t index, struct lede_article *article,
                              struct lede_writer *writer)
{
    struct lede_field fields[METADATA_MAX], declared[METADATA_MAX];
    struct lede_article known = *article;
    size_t count = world->keywords ? dice_below(&world->dice, METADATA_MAX + 1) : 0;
    struct lede_error error;

    known.metadata_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = ALL_NAMES[dice_below(&world->dice, 3)];
        const char *value = VALUES[dice_bits(&world->dice, 8) % VALUE_COUNT];

        fields[i] = (struct lede_field){{name, strlen(name)}, {value, strlen(value)}};
        if (is_declared(index, name))
            declared[known.metadata_count++] = fields[i];
    }
    article->metadata = fields;
    article->metadata_count = count;
    known.metadata = declared;
    cr_assert_eq(lede_writer_add(writer, article, &error), LEDE_OK, "%s", error.text);
    naive_ranker_add(world->ranker, &known, 1);
}

static void add_article(struct world *world, uint32_t index, struct lede_writer *writer)
{
    static const char *const languages[] = {"en", "", "en", "fr", "de", "ja", "ru", "xx"};
    char id[32], title[512], text[TEXT_ROOM], url[32];
    struct lede_article article = {.id = {id, 0}, .title = {title, 0}, .text = {text, 0}};
    const char *language = languages[dice_below(&world->dice, 8)];

    article.id.size =
        (size_t)sprintf(id, "article/%u", (unsigned)dice_below(&world->dice, world->ids));
    article.title.size = put_words(world, dice_below(&world->dice, 4), title);
    article.text.size = put_words(world, dice_below(&world->dice, world->words + 1), text);
    /* Never the same article twice: that would be left alone. */
    article.url = (struct lede_bytes){url, (size_t)sprintf(url, "%u", world->revision++)};
    article.language = (struct lede_bytes){language, strlen(language)};
    if (world->days && dice_below(&world->dice, 8))
        article.date = (struct lede_date){roll_day(world) * DAY, LEDE_DAY};
    add_with_metadata(world, index, &article, writer);
}

static void remove_some(struct world *world, struct lede_writer *writer)
{
    for (uint32_t i = dice_below(&world->dice, 4); i > 0; i--) {
        char id[32];
        struct lede_bytes bytes = {id, 0};

        bytes.size =
            (size_t)sprintf(id, "article/%u", (unsigned)dice_below(&world->dice, world->ids));
        /* One that was removed since the last commit may be removed again. */
        if (naive_ranker_remove(world->ranker, bytes))
            cr_assert_eq(lede_writer_remove(writer, bytes, NULL), LEDE_OK);
        else
            lede_writer_remove(writer, bytes, NULL);
    }
}

static void fill_index(struct world *world, uint32_t number)
{
    struct lede_writer *writer;
    struct lede_error error;
    char path[32];

    sprintf(path, "index%u", number);
    world->options.keywords = NAMES[number];
    world->options.keyword_count = world->keywords ? NAME_COUNTS[number] : 0;
    cr_assert_eq(lede_writer_open(path, &world->options, &writer, &error), LEDE_OK, "%s",
                 error.text);
    for (uint32_t i = 0; i < world->segments; i++) {
        if (i > 0)
            remove_some(world, writer);
        naive_ranker_begin_segment(world->ranker, number);
        for (uint32_t j = 0; j < world->documents; j++)
            add_article(world, number, writer);
        cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
    }
    lede_writer_close(writer);
}

static void world_make(struct world *world)
{
    struct analyzer_settings settings = {
        .no_stem = world->options.no_stem,
        .amounts = true,
        .stopwords = slice_of(world->options.stopwords.data, world->options.stopwords.size)};
    const char *const paths[INDEXES] = {"index0", "index1"};
    struct lede_error error;

    scratch_make();
    world->options.memory = 16 << 20;
    world->options.no_merge = true; /* the oracle has a segment for each commit */
    world->options.jobs = 1 + dice_below(&world->dice, 2);
    world->ranker =
        naive_ranker_new(&settings, !world->options.no_positions, !world->options.no_store);
    for (uint32_t i = 0; i < world->indexes; i++)
        fill_index(world, i);
    cr_assert_eq(lede_index_open(paths, world->indexes, &world->index, &error), LEDE_OK, "%s",
                 error.text);
}

static void world_drop(struct world *world)
{
    lede_index_close(world->index);
    naive_ranker_free(world->ranker);
    scratch_remove();
}

/* ---- queries ---- */

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
    sprintf(clause->text, "%s:%s", ALL_NAMES[dice_below(&world->dice, names)],
            values[dice_below(&world->dice, sizeof values / sizeof *values)]);
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
                                    .title = dice_below(&world->dice, 6) == 0,
                                    .quoted = dice_below(&world->dice, 4) == 0,
                                    .near = -1,
                                    .boost = 1};
    if (world->keywords && dice_below(&world->dice, 4) == 0) {
        clause->title = false;
        roll_keyword(world, clause);
    } else if (world->days && dice_below(&world->dice, 5) == 0) {
        clause->title = clause->quoted = false;
        roll_dates(world, clause);
    } else if (clause->quoted) {
        size_t size = put_words(world, 1 + dice_below(&world->dice, 3), clause->text);

        clause->text[size - 1] = '\0';
        if (dice_below(&world->dice, 3) == 0)
            clause->near = (int)dice_below(&world->dice, dice_below(&world->dice, 3) ? 4 : 64);
    } else if (dice_below(&world->dice, 8) == 0) {
        roll_pattern(world, clause);
    } else if (dice_below(&world->dice, 12) == 0) {
        clause->title = false;
        clause->range = true;
        sprintf(clause->text, "%s", ranges[dice_below(&world->dice, 6)]);
    } else {
        put_word(world, clause->text);
        clause->joined = strchr(clause->text, ' ') != NULL;
        clause->title = clause->title && !clause->joined;
        if (clause->joined)
            clause->occur = NAIVE_PLAIN;
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
            sprintf(clause->text, "%s", VOCABULARY[dice_below(&world->dice, world->vocabulary)]);
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
static bool may_be_of_title(const struct naive_clause *clause)
{
    return !clause->children && !clause->keyword && !clause->dates && !clause->range &&
           !clause->joined;
}

static bool are_of_title(const struct naive_clause *clauses, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!may_be_of_title(&clauses[i]) || !clauses[i].title)
            return false;
    return true;
}

static void roll_group(struct world *world, struct naive_clause *clause, unsigned depth)
{
    uint32_t count = 1 + dice_below(&world->dice, 3);
    struct naive_clause *children = &world->nodes[world->node_count];
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
    for (uint32_t i = 0, title = dice_below(&world->dice, 4) == 0; i < count; i++)
        children[i].title |= title && may_be_of_title(&children[i]);
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

static void roll_query(struct world *world, struct naive_query *query)
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
    query->any = dice_below(&world->dice, 2);
    if (world->mixed)
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

/* titled: the group around it has the field. */
static char *put_clause(const struct naive_clause *clause, enum style style, bool titled, char *at);

static char *put_list(const struct naive_clause *clauses, size_t count, enum style style,
                      bool titled, char *at)
{
    static const char *const between[] = {
        [SIDE_BY_SIDE] = " ", [ALTERNATIVES] = " OR ", [CONJUNCTION] = " AND "};

    for (size_t i = 0; i < count; i++) {
        at += sprintf(at, "%s", i ? between[style] : "");
        at = put_clause(&clauses[i], style, titled, at);
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

static char *put_clause(const struct naive_clause *clause, enum style style, bool titled, char *at)
{
    bool title = clause->children ? are_of_title(clause->children, clause->child_count)
                                  : clause->title && !titled;

    if (clause->occur == NAIVE_PROHIBITED)
        at += sprintf(at, style == CONJUNCTION ? "NOT " : "-");
    else if (clause->occur == NAIVE_REQUIRED && style == SIDE_BY_SIDE)
        at += sprintf(at, "+");
    if (clause->children) {
        at += sprintf(at, title ? "title:(" : "(");
        at = put_list(clause->children, clause->child_count, (enum style)clause->near, title, at);
        at += sprintf(at, ")");
    } else if (clause->keyword) {
        at = put_keyword(clause, at);
    } else {
        at += sprintf(at, "%s%s%s%s%s", title ? "title:" : "", clause->exact ? "=" : "",
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

static size_t query_text(const struct naive_query *query, char *out)
{
    return (size_t)(put_list(query->clauses, query->count, SIDE_BY_SIDE, false, out) - out);
}

/* ---- comparing ---- */

static bool same_bits(double a, double b)
{
    uint64_t x, y;

    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y;
}

static void check_hit(const struct world *world, const char *text, const struct lede_hit *hit,
                      const struct naive_hit *expected, size_t place)
{
    cr_assert_eq(hit->id.size, strlen(expected->id));
    cr_assert(memcmp(hit->id.data, expected->id, hit->id.size) == 0 &&
                  same_bits(hit->score, expected->score) && hit->index == expected->index &&
                  hit->segment == expected->segment && hit->document == expected->document,
              "LEDE_SEED=%llu, query <%s>: at place %zu %.*s (%u, %u, %u) with %.17g, should be %s "
              "(%u, %u, %u) with %.17g",
              (unsigned long long)world->dice.seed, text, place, (int)hit->id.size,
              (const char *)hit->id.data, hit->index, hit->segment, hit->document, hit->score,
              expected->id, expected->index, expected->segment, expected->document,
              expected->score);
}

static void check_explanation(const struct world *world, const char *text,
                              const struct lede_results *results, const struct lede_hit *hit)
{
    struct lede_explanation *explanation;
    struct lede_error error;

    cr_assert_eq(lede_explain(results, hit, &explanation, &error), LEDE_OK, "%s", error.text);
    cr_assert(same_bits(explanation->score, hit->score),
              "LEDE_SEED=%llu, query <%s>: explained %.17g, found %.17g",
              (unsigned long long)world->dice.seed, text, explanation->score, hit->score);
    for (size_t i = 0; i < explanation->clause_count; i++)
        cr_assert(explanation->clauses[i].depth > 0 || !explanation->clauses[i].prohibited ||
                  explanation->clauses[i].tf == 0);
    lede_explanation_free(explanation);
}

/* Counting alone finds as many, and no hits. */
static void check_count_only(struct world *world, const char *text, size_t size,
                             struct lede_search_options options, size_t count)
{
    struct lede_results *results;
    struct lede_error error;

    options.count_only = true;
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, &options, &results, &error),
        LEDE_OK, "%s", error.text);
    cr_assert_eq(lede_results_total(results), count,
                 "LEDE_SEED=%llu, query <%s>: counted %llu for %zu",
                 (unsigned long long)world->dice.seed, text,
                 (unsigned long long)lede_results_total(results), count);
    cr_assert_eq(lede_results_count(results), 0);
    lede_results_free(results);
}

/* The best of expected, and nothing else. */
static void check_answer(struct world *world, const char *text, size_t size,
                         const struct lede_search_options *options,
                         const struct naive_hit *expected, size_t count)
{
    size_t wanted = count > options->offset ? count - options->offset : 0;
    struct lede_results *results;
    struct lede_error error;

    wanted = wanted < options->limit ? wanted : options->limit;
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, options, &results, &error),
        LEDE_OK, "LEDE_SEED=%llu, query <%s>: %s", (unsigned long long)world->dice.seed, text,
        error.text);
    if (options->count_matches)
        cr_assert_eq(lede_results_total(results), count, "LEDE_SEED=%llu, query <%s>: %llu for %zu",
                     (unsigned long long)world->dice.seed, text,
                     (unsigned long long)lede_results_total(results), count);
    cr_assert_eq(lede_results_count(results), wanted,
                 "LEDE_SEED=%llu, query <%s>: %zu hits for %zu",
                 (unsigned long long)world->dice.seed, text, lede_results_count(results), wanted);
    for (size_t i = 0; i < wanted; i++)
        check_hit(world, text, lede_results_hit(results, i), &expected[options->offset + i], i);
    if (wanted)
        check_explanation(world, text, results,
                          lede_results_hit(results, dice_below(&world->dice, (uint32_t)wanted)));
    lede_results_free(results);
}

/* For one hit, some, a part, just all and more than there are, pruned and not. */
static void check_answers(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, const struct naive_hit *expected,
                          size_t count)
{
    const size_t limits[] = {1, 1 + dice_below(&world->dice, 10), 1 + dice_below(&world->dice, 100),
                             count ? count : 1, count + 7};

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        options.limit = limits[i];
        options.offset = dice_below(&world->dice, 3) ? 0 : dice_below(&world->dice, 20);
        options.count_matches = dice_below(&world->dice, 2);
        options.exhaustive = dice_below(&world->dice, 3) == 0;
        check_answer(world, text, size, &options, expected, count);
    }
}

/* ---- by date ---- */

static int compare_places(const struct naive_hit *a, const struct naive_hit *b)
{
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    if (a->segment != b->segment)
        return a->segment < b->segment ? -1 : 1;
    return (a->document > b->document) - (a->document < b->document);
}

/* The oldest first, undated ones last. */
static int compare_dates(const void *a, const void *b)
{
    const struct naive_hit *left = a, *right = b;

    if (left->dated != right->dated)
        return left->dated ? -1 : 1;
    if (left->dated && left->date != right->date)
        return left->date < right->date ? -1 : 1;
    return compare_places(left, right);
}

static int compare_dates_falling(const void *a, const void *b)
{
    const struct naive_hit *left = a, *right = b;

    if (left->dated && right->dated && left->date != right->date)
        return left->date > right->date ? -1 : 1;
    return compare_dates(a, b);
}

/* The bars as they should be, units told by libc, of hits from the oldest on. */
static void check_histogram(struct world *world, const char *text,
                            const struct lede_results *results, const struct naive_hit *expected,
                            size_t count)
{
    static const char *const formats[] = {"%Y", "%Y-%m", "%Y-%m-%d"};
    uint32_t unit = dice_below(&world->dice, 3);
    struct lede_histogram *histogram;
    size_t at = 0, bar = 0;

    cr_assert_eq(lede_histogram(results, (enum lede_precision)(LEDE_YEAR + unit), &histogram, NULL),
                 LEDE_OK);
    for (size_t end; at < count && expected[at].dated; at = end, bar++) {
        time_t seconds = (time_t)expected[at].date;
        char span[32], told[LEDE_DATE_TEXT];
        struct tm tm;

        strftime(span, sizeof span, formats[unit], gmtime_r(&seconds, &tm));
        for (end = at; end < count && expected[end].dated; end++) {
            char other[32];

            seconds = (time_t)expected[end].date;
            strftime(other, sizeof other, formats[unit], gmtime_r(&seconds, &tm));
            if (strcmp(other, span) != 0)
                break;
        }
        cr_assert_lt(bar, histogram->count);
        lede_date_format(histogram->bars[bar].date, told);
        cr_assert(strcmp(told, span) == 0 && histogram->bars[bar].articles == end - at,
                  "LEDE_SEED=%llu, query <%s>: %s has %zu, told is %s with %llu",
                  (unsigned long long)world->dice.seed, text, span, end - at, told,
                  (unsigned long long)histogram->bars[bar].articles);
    }
    cr_assert_eq(histogram->count, bar);
    cr_assert_eq(histogram->undated, count - at);
    lede_histogram_free(histogram);
}

static void check_by_date(struct world *world, const char *text, size_t size,
                          struct lede_search_options options, struct naive_hit *expected,
                          size_t count)
{
    struct lede_results *results;

    if (count)
        qsort(expected, count, sizeof *expected, compare_dates_falling);
    options.order = LEDE_BY_DATE;
    check_answers(world, text, size, options, expected, count);
    if (count)
        qsort(expected, count, sizeof *expected, compare_dates);
    options.order = LEDE_BY_DATE_RISING;
    check_answers(world, text, size, options, expected, count);
    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, &options, &results, NULL),
        LEDE_OK);
    check_histogram(world, text, results, expected, count);
    lede_results_free(results);
}

/* ---- facets ---- */

struct tally {
    char value[64];
    uint64_t articles;
};

static int compare_tallies(const void *a, const void *b)
{
    const struct tally *x = a, *y = b;

    return x->articles != y->articles ? (x->articles < y->articles ? 1 : -1)
                                      : strcmp(x->value, y->value);
}

/* What the hits have of a field, by their values; *without: how many have none. */
static size_t count_values(const char *name, const struct naive_hit *hits, size_t count,
                           struct tally *tallies, uint64_t *without)
{
    size_t found = 0, size = strlen(name);

    *without = 0;
    for (size_t i = 0; i < count; i++) {
        bool none = true;

        for (size_t j = 0; j < hits[i].keyword_count; j++) {
            const char *keyword = hits[i].keywords[j];
            size_t at = 0, before = 0;

            if (strncmp(keyword, name, size) != 0 || keyword[size] != ':')
                continue;
            none = false;
            while (before < j && strcmp(hits[i].keywords[before], keyword) != 0)
                before++;
            while (at < found && strcmp(tallies[at].value, keyword + size + 1) != 0)
                at++;
            if (at == found)
                sprintf(tallies[found++].value, "%s", keyword + size + 1);
            tallies[at].articles += before == j; /* not said before */
        }
        *without += none;
    }
    qsort(tallies, found, sizeof *tallies, compare_tallies);
    return found;
}

static bool same_value(struct lede_bytes value, const char *folded)
{
    const char *at = value.data, *end = at + value.size;

    for (; at < end; at++) {
        if (*at == ' ' && at[-1] == ' ')
            continue;
        if ((*at >= 'A' && *at <= 'Z' ? *at + 32 : *at) != *folded++)
            return false;
    }
    return *folded == '\0';
}

static void check_facet(struct world *world, const char *text, const struct lede_results *results,
                        const char *name, const struct naive_hit *hits, size_t count)
{
    struct tally tallies[VALUE_COUNT] = {{.articles = 0}};
    uint64_t without;
    size_t found = count_values(name, hits, count, tallies, &without);
    size_t limit = dice_below(&world->dice, VALUE_COUNT + 2);
    struct lede_facet *facet;

    cr_assert_eq(lede_facet(results, (struct lede_bytes){name, strlen(name)}, limit, &facet, NULL),
                 LEDE_OK);
    cr_assert(facet->distinct == found && facet->without == without &&
                  facet->count == (found < limit ? found : limit),
              "LEDE_SEED=%llu, query <%s>: %llu values of %s for %zu, %llu without for %llu",
              (unsigned long long)world->dice.seed, text, (unsigned long long)facet->distinct, name,
              found, (unsigned long long)facet->without, (unsigned long long)without);
    for (size_t i = 0; i < facet->count; i++)
        cr_assert(facet->values[i].articles == tallies[i].articles &&
                      same_value(facet->values[i].value, tallies[i].value),
                  "LEDE_SEED=%llu, query <%s>: %s number %zu is %s with %llu",
                  (unsigned long long)world->dice.seed, text, name, i, tallies[i].value,
                  (unsigned long long)tallies[i].articles);
    lede_facet_free(facet);
}

static void check_facets(struct world *world, const char *text, size_t size,
                         const struct lede_search_options *options, const struct naive_hit *hits,
                         size_t count)
{
    struct lede_results *results;

    cr_assert_eq(
        lede_search(world->index, (struct lede_bytes){text, size}, options, &results, NULL),
        LEDE_OK);
    for (size_t i = 0; i < (world->indexes > 1 ? 3 : 2); i++)
        check_facet(world, text, results, ALL_NAMES[i], hits, count);
    lede_results_free(results);
}

static void check_query(struct world *world)
{
    struct naive_query query;
    char text[LEDE_QUERY_MAX];
    struct lede_search_options options = {0};
    struct naive_hit *expected;
    size_t size, count;

    roll_query(world, &query);
    size = query_text(&query, text);
    expected = naive_ranker_search(world->ranker, &query, &count);
    options.k1 = query.k1;
    options.b = query.b;
    options.any = query.any;
    options.half_life = query.half_life;
    if (query.dated) {
        options.since = (struct lede_date){query.first, LEDE_DAY};
        options.until = (struct lede_date){query.last, LEDE_SECOND};
    }
    options.language = query.language >= 0 ? language_code((language_id)query.language) : NULL;
    check_answers(world, text, size, options, expected, count);
    check_count_only(world, text, size, options, count);
    if (world->keywords)
        check_facets(world, text, size, &options, expected, count);
    if (world->days)
        check_by_date(world, text, size, options, expected, count);
    free(expected);
}

static void check_world(struct world *world, uint32_t queries)
{
    world_make(world);
    for (uint32_t i = 0; i < queries; i++)
        check_query(world);
    world_drop(world);
}

/* ---- tests ---- */

static void small_worlds(const struct dice *dice, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        struct world world = {.dice = dice_of(dice->seed + i)};

        world.indexes = 1 + dice_below(&world.dice, INDEXES);
        world.segments = 1 + dice_below(&world.dice, 3);
        world.documents = 1 + dice_below(&world.dice, 40);
        world.ids = 1 + dice_below(&world.dice, 100);
        world.words = dice_below(&world.dice, 40);
        world.vocabulary =
            dice_below(&world.dice, 2) ? VOCABULARY_SIZE : 1 + dice_below(&world.dice, 6);
        world.rare = dice_below(&world.dice, 50);
        world.days = dice_below(&world.dice, 2) ? 1 + dice_below(&world.dice, 40) : 0;
        world.in_order = dice_below(&world.dice, 2);
        world.keywords = dice_below(&world.dice, 2);
        world.options.no_stem = dice_below(&world.dice, 8) == 0;
        world.options.no_positions = dice_below(&world.dice, 8) == 0;
        world.options.no_store = dice_below(&world.dice, 8) == 0;
        if (dice_below(&world.dice, 8) == 0)
            world.options.stopwords = LEDE_STR("the\na\nof\nand\n");
        check_world(&world, 120);
    }
}

/* Each test is a process of its own, which chooses its instructions once. With LEDE_SEED of a
 * failure the first small world is that one. */
static void small_worlds_by(const char *level)
{
    struct dice dice = dice_new();

    cr_assert_eq(setenv("LEDE_CPU", level, 1), 0);
    small_worlds(&dice, 0, 15);
}

Test(search_oracle, small_indexes_of_every_shape_by_portable_code)
{
    small_worlds_by("portable");
}

Test(search_oracle, small_indexes_of_every_shape_by_sse)
{
    small_worlds_by("sse4");
}

Test(search_oracle, small_indexes_of_every_shape_by_avx2)
{
    small_worlds_by("avx2");
}

Test(search_oracle, small_indexes_of_every_shape_by_avx512)
{
    small_worlds_by("avx512");
}

/* Lists of many blocks, and windows of many blocks. */
Test(search_oracle, long_lists_and_many_windows)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 6000,
                          .ids = 20000,
                          .words = 6,
                          .vocabulary = VOCABULARY_SIZE,
                          .rare = 100000};

    check_world(&world, 60);
}

/* Where almost every document has every word, bounds and phrases have the most to do. */
Test(search_oracle, few_words_everywhere)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 5000,
                          .ids = 30000,
                          .words = 14,
                          .vocabulary = 9,
                          .rare = 0};

    check_world(&world, 60);
}

/* Where the rare words, not the required one, say which documents can be among the best. */
Test(search_oracle, a_frequent_word_required_beside_rare_ones)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 6000,
                          .ids = 30000,
                          .words = 10,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true};

    check_world(&world, 60);
}

Test(search_oracle, more_deleted_than_alive)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 4,
                          .documents = 1500,
                          .ids = 700,
                          .words = 8,
                          .vocabulary = VOCABULARY_SIZE,
                          .rare = 3000};

    check_world(&world, 100);
}

/* Windows of which all, some or none are let through, or some of each. */
Test(search_oracle, dates_in_the_order_of_articles)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 15000,
                          .ids = 100000,
                          .words = 5,
                          .vocabulary = 12,
                          .rare = 200,
                          .days = 300,
                          .in_order = true};

    check_world(&world, 60);
}

Test(search_oracle, dates_in_no_order_beside_a_frequent_word)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 9000,
                          .ids = 30000,
                          .words = 8,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true,
                          .days = 50};

    check_world(&world, 60);
}

/* Lists of many blocks, and ones that few articles have. */
Test(search_oracle, keywords_beside_words)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 2,
                          .segments = 2,
                          .documents = 12000,
                          .ids = 40000,
                          .words = 6,
                          .vocabulary = 12,
                          .rare = 200,
                          .keywords = true};

    check_world(&world, 80);
}

Test(search_oracle, keywords_and_dates_beside_a_frequent_word)
{
    struct world world = {.dice = dice_new(),
                          .indexes = 1,
                          .segments = 2,
                          .documents = 9000,
                          .ids = 30000,
                          .words = 8,
                          .vocabulary = 6,
                          .rare = 300,
                          .mixed = true,
                          .days = 50,
                          .keywords = true};

    check_world(&world, 60);
}
