#include <criterion/criterion.h>
#include <stdio.h>

#include "query/parser.h"
#include "tests/index/dice.h"

struct parsed {
    struct arena arena;
    struct notes notes;
    struct clause_list list;
    enum lede_status status;
    struct lede_error error;
};

static const char KEYWORDS[] = "author\nmy_tag-2.x\n"; /* k0 and k1 below */

static void parse(struct parsed *parsed, struct slice query, bool literal, bool strict)
{
    arena_init(&parsed->arena, 0, NULL);
    notes_init(&parsed->notes, &parsed->arena, strict);
    parsed->error.text[0] = '\0';
    parsed->status = parser_parse(query, slice_str(KEYWORDS), literal, &parsed->arena,
                                  &parsed->notes, &parsed->list, &parsed->error);
}

/* As -[2023-07-01..2023-07-31], days of the first and last second; nothing for no end. */
static char *show_dates(const struct clause *clause, const char *occur, char *at)
{
    struct lede_date first = {clause->dates.first, LEDE_DAY}, last = {clause->dates.last, LEDE_DAY};
    char texts[2][LEDE_DATE_TEXT] = {"", ""};

    if (clause->dates.first != DATE_FIRST)
        lede_date_format(first, texts[0]);
    if (clause->dates.last != DATE_LAST)
        lede_date_format(last, texts[1]);
    return at + sprintf(at, "%s[%s..%s]", occur, texts[0], texts[1]);
}

/* A clause as text: +t"glass octopus"~5 is a required near phrase of the title, ?'x' is optional,
 * w'x*' has wildcards, f'x'~1 is fuzzy, k0<x> is a keyword of the first field, k0w<x*> a pattern of
 * such, (...) a group. Returns the end. */
static char *show_clause(const struct clause *clause, char *at)
{
    static const char *const occurs[] = {[OCCUR_PLAIN] = "",
                                         [OCCUR_OPTIONAL] = "?",
                                         [OCCUR_REQUIRED] = "+",
                                         [OCCUR_PROHIBITED] = "-"};
    static const char *const kinds[] = {[CLAUSE_WORD] = "'",
                                        [CLAUSE_PHRASE] = "\"",
                                        [CLAUSE_WILDCARD] = "w'",
                                        [CLAUSE_FUZZY] = "f'"};

    if (clause->kind == CLAUSE_DATES)
        return show_dates(clause, occurs[clause->occur], at);
    if (clause->kind == CLAUSE_KEYWORD)
        return at + sprintf(at, "%sk%d%s<%.*s>", occurs[clause->occur],
                            (int)clause->field - FIELD_KEYWORD, clause->is_pattern ? "w" : "",
                            (int)clause->value.size, (const char *)clause->value.data);

    at += sprintf(at, "%s%s", occurs[clause->occur],
                  clause->kind == CLAUSE_GROUP         ? ""
                  : clause->field == FIELD_TITLE       ? "t"
                  : clause->field == FIELD_BOILERPLATE ? "b"
                                                       : "");
    if (clause->kind == CLAUSE_GROUP) {
        *at++ = '(';
        for (size_t i = 0; i < clause->children.count; i++) {
            at += sprintf(at, i ? " " : "");
            at = show_clause(&clause->children.clauses[i], at);
        }
        at += sprintf(at, ")");
    } else {
        at += sprintf(at, "%s", clause->exact ? "=" : "");
        at += sprintf(at, "%s%.*s%s", kinds[clause->kind], (int)clause->text.size,
                      (const char *)clause->text.data, clause->kind == CLAUSE_PHRASE ? "\"" : "'");
    }
    if (clause->near != NEAR_NOT)
        at += sprintf(at, "~%d", clause->near);
    if (clause->edits)
        at += sprintf(at, "~%u", clause->edits);
    if (clause->boost < 1 || clause->boost > 1)
        at += sprintf(at, "^%g", clause->boost);
    return at;
}

static void show(const struct clause_list *list, char *out)
{
    *out = '\0';
    for (size_t i = 0; i < list->count; i++) {
        if (i)
            *out++ = ' ';
        out = show_clause(&list->clauses[i], out);
    }
}

static const struct {
    const char *query, *clauses;
    const char *note; /* the only one; NULL: none */
} CASES[] = {
    {"", "", NULL},
    {"  \t\r\n ", "", NULL},
    {"oil", "'oil'", NULL},
    {" crude  oil\tprice ", "'crude' 'oil' 'price'", NULL},
    {"+oil -opec price", "+'oil' -'opec' 'price'", NULL},
    {"\"crude oil\"", "\"crude oil\"", NULL},
    {"+\"crude oil\" -\"palm oil\"", "+\"crude oil\" -\"palm oil\"", NULL},
    {"\"crude oil\"~5 x", "\"crude oil\"~5 'x'", NULL},
    {"+title:\"crude oil\"~0", "+t\"crude oil\"~0", NULL},
    {"\"a b\"~63 \"a b\"~007", "\"a b\"~63 \"a b\"~7", NULL},
    {"title:oil", "t'oil'", NULL},
    {"Title:oil TITLE:\"crude oil\"", "t'oil' t\"crude oil\"", NULL},
    {"+title:oil -title:\"palm oil\"", "+t'oil' -t\"palm oil\"", NULL},
    {"\xe2\x80\x9c"
     "crude oil\xe2\x80\x9d",
     "\"crude oil\"", NULL},
    {"a\xc2\xa0"
     "b\xe3\x80\x80"
     "c",
     "'a' 'b' 'c'", NULL},
    /* What looks like syntax and is not. */
    {"e-mail C++ C# AT&T .mil $650M don't U.S.",
     "'e-mail' 'C++' 'C#' 'AT&T' '.mil' '$650M' 'don't' 'U.S.'", NULL},
    {"5\" disk", "'5\"' 'disk'", NULL},
    {"rock'n'roll a\"b\"c", "'rock'n'roll' 'a\"b\"c'", NULL},
    {"12:30 http://a.b/c?d=e 1:1", "'12:30' 'http://a.b/c?d=e' '1:1'", NULL},
    {"a & b | c (d) [e] {f} ^g ~h \\i *", "'a' '&' 'b' '|' 'c' 'd' '[e]' '{f}' '^g' '~h' '\\i' '*'",
     NULL},
    {"\"post\"-war \"a\"b", "\"post\" '-war' \"a\" 'b'", NULL},
    {"\"a b\" ~5 5~5 ~5", "\"a b\" '~5' '5~5' '~5'", NULL},
    {"\"\" x", "\"\" 'x'", NULL},
    {"+$650M -C++", "+'$650M' -'C++'", NULL},
    {"boilerplate:\"read more\" -Boilerplate:x boilerplate:(y z)",
     "b\"read more\" -b'x' (b'y' b'z')", NULL},
    {"title:-x title:+y", "t'-x' t'+y'", NULL},
    {"why? who?! f(x) :) 5) a)b", "'why?' 'who?!' 'f(x)' ':)' '5)' 'a)b'", NULL},
    {"and or not And \"AND\" ANDY", "'and' 'or' 'not' 'And' \"AND\" 'ANDY'", NULL},
    {"~1 5~10 a.txt~ http://a.b/~1 a~b", "'~1' '5~10' 'a.txt~' 'http://a.b/~1' 'a~b'", NULL},
    {"a^ a^b ^2 a^2x =a~3", "'a^' 'a^b' '^2' 'a^2x' ='a~3'", NULL},
    {"a*.b http://x/?q=* a-b* ** ?? *?", "'a*.b' 'http://x/?q=*' 'a-b*' '**' '?\?' '*?'", NULL},
    /* Groups, and what binds closer. */
    {"(a)", "'a'", NULL},
    {"a (b c)", "'a' ('b' 'c')", NULL},
    {"a OR b", "?'a' ?'b'", NULL},
    {"a b OR c", "?('a' 'b') ?'c'", NULL},
    {"a AND b", "(+'a' +'b')", NULL},
    {"a AND b c OR d", "?((+'a' +'b') 'c') ?'d'", NULL},
    {"a AND NOT b", "(+'a' -'b')", NULL},
    {"a NOT b -c", "'a' -'b' -'c'", NULL},
    {"(a OR b) AND (c OR \"d e\")", "(+(?'a' ?'b') +(?'c' ?\"d e\"))", NULL},
    {"-(a b) +(c OR d) NOT (e f)", "-('a' 'b') +(?'c' ?'d') -('e' 'f')", NULL},
    {"((((a))))", "'a'", NULL},
    {"(a f(x)) b", "('a' 'f(x)') 'b'", NULL},
    {"title:(a b OR title:c)", "(?(t'a' t'b') ?t'c')", NULL},
    {"()", "", NULL},
    {"a () b", "'a' 'b'", NULL},
    {"(-a) b", "(-'a') 'b'", NULL},
    {"(+a) +(b)", "'a' +'b'", NULL},
    {"a AND (b)", "(+'a' +'b')", NULL},
    {"+a OR b", "?'a' ?'b'", NULL},
    /* Suffixes. */
    {"oil^2 \"a b\"^0.5 \"a b\"~3^10 (a b)^3", "'oil'^2 \"a b\"^0.5 \"a b\"~3^10 ('a' 'b')^3",
     NULL},
    {"(oil^2)^3 (a^2 OR b~1^2)", "'oil'^6 (?'a'^2 ?f'b'~1^2)", NULL},
    {"gov* *ment wom?n *a* x?y*", "w'gov*' w'*ment' w'wom?n' w'*a*' w'x?y*'", NULL},
    {"+title:gov* -gov*^2", "+tw'gov*' -w'gov*'^2", NULL},
    {"oil~1 recieve~2 na\xc3\xafve~1", "f'oil'~1 f'recieve'~2 f'na\xc3\xafve'~1", NULL},
    /* As it is written. */
    {"=Running +title:=\"Glass Octopus\"^2 -=e-mail",
     "='Running' +t=\"Glass Octopus\"^2 -='e-mail'", NULL},
    {"=gov* =recieve~1 =a^2", "='gov*' ='recieve~1' ='a'^2", NULL},
    {"=(a)", "'=(a)'", NULL},
    {"a=b == = =.mil =\xe7\x8c\xab", "'a=b' '==' '=' '=.mil' ='\xe7\x8c\xab'", NULL},
    /* Dates. */
    {"oil date:2023-07", "'oil' [2023-07-01..2023-07-31]", NULL},
    {"DATE:2024-02 -date:2023", "[2024-02-01..2024-02-29] -[2023-01-01..2023-12-31]", NULL},
    {"date:2023-07-10..2023-08", "[2023-07-10..2023-08-31]", NULL},
    {"date:2023-08..2023-07-10", "[2023-07-10..2023-08-31]", NULL},
    {"date:2023..  +date:..2023-02", "[2023-01-01..] +[..2023-02-28]", NULL},
    {"date:>=2023 date:>2023 date:<2023 date:<=2023",
     "[2023-01-01..] [2024-01-01..] [..2022-12-31] [..2023-12-31]", NULL},
    {"date:\"26 Feb 1987\" x", "[1987-02-26..1987-02-26] 'x'", NULL},
    {"date:(2021 OR 2023)", "(?[2021-01-01..2021-12-31] ?[2023-01-01..2023-12-31])", NULL},
    {"(date:2021 AND oil)", "(+[2021-01-01..2021-12-31] +'oil')", NULL},
    {"date://x", "'date://x'",
     "\"date://x\" at column 1: no date (2023, 2023-07, 2023-07-19, one..another), taken "
     "literally"},
    {"oil -date:july", "'oil' -'date:july'",
     "\"date:july\" at column 6: no date (2023, 2023-07, 2023-07-19, one..another), taken "
     "literally"},
    {"date:..", "'date:..'",
     "\"date:..\" at column 1: no date (2023, 2023-07, 2023-07-19, one..another), taken "
     "literally"},
    {"date:2023-13", "'date:2023-13'",
     "\"date:2023-13\" at column 1: no date (2023, 2023-07, 2023-07-19, one..another), taken "
     "literally"},
    {"date:(oil)", "'oil'",
     "\"oil\" at column 7: no date (2023, 2023-07, 2023-07-19, one..another), taken literally"},
    {"date:", "'date:'", "\"date:\" at column 1: a field with nothing behind it, taken literally"},
    {"author:jane", "k0<jane>", NULL},
    {"-AUTHOR:\"Jane Doe\" +author:x", "-k0<Jane Doe> +k0<x>", NULL},
    {"author:(\"a b\" OR c)", "(?k0<a b> ?k0<c>)", NULL},
    {"(author:a AND oil)", "(+k0<a> +'oil')", NULL},
    {"author:jane* author:j?ne author:why? author:\"a*\"", "k0w<jane*> k0w<j?ne> k0<why?> k0<a*>",
     NULL},
    {"author:a^2 author:\"b c\"^3 author:C++", "k0<a> k0<b c> k0<C++>", NULL},
    {"author:\xe2\x80\x9cJane Doe\xe2\x80\x9d", "k0<Jane Doe>", NULL},
    {"author:\"\" x", "k0<> 'x'", NULL},
    {"my_tag-2.x:a:b my_tag:x", "k1<a:b> 'my_tag:x'", NULL},
    {"author:http://a.b/(c)", "k0<http://a.b/(c)>", NULL},
    {"title:(author:a oil)", "(k0<a> t'oil')", NULL},
    {"author:", "'author:'",
     "\"author:\" at column 1: a field with nothing behind it, taken literally"},
    {"author:\"a b", "k0<\"a> 'b'", "\"\"a\" at column 8: unbalanced quote, taken literally"},
    /* What is odd. */
    {"a AND", "'a' 'AND'",
     "\"AND\" at column 3: an operator with nothing beside it, taken literally"},
    {"OR a", "'OR' 'a'", "\"OR\" at column 1: an operator with nothing beside it, taken literally"},
    {"a AND OR b", "?('a' 'AND') ?'b'",
     "\"AND\" at column 3: an operator with nothing beside it, taken literally"},
    {"(a OR) b", "('a' 'OR') 'b'",
     "\"OR\" at column 4: an operator with nothing beside it, taken literally"},
    {"NOT", "'NOT'", "\"NOT\" at column 1: an operator with nothing beside it, taken literally"},
    {"a OR -b", "?'a'", "\"b\" at column 6: an alternative that only excludes, ignored"},
    {"x (a OR b", "'x' (?'a' ?'b')",
     "\"(\" at column 3: unbalanced parenthesis, closed at the end"},
    {"a~3", "f'a'~2", "\"~3\" at column 2: more than ~2, taken as that"},
    {"a~99999999999 5~01", "f'a'~2 f'5'~1",
     "\"~99999999999\" at column 2: more than ~2, taken as that"},
    {"oil~0", "'oil~0'",
     "\"~0\" at column 4: a word that may be misspelt ends in ~1 or ~2, taken literally"},
    {"oil~", "'oil~'",
     "\"~\" at column 4: a word that may be misspelt ends in ~1 or ~2, taken literally"},
    {"C++~1", "'C++~1'",
     "\"~1\" at column 4: ~ stands behind letters and digits alone, taken literally"},
    {"pri*~2", "'pri*~2'",
     "\"~2\" at column 5: ~ stands behind letters and digits alone, taken literally"},
    {"\"a b\"~", "\"a b\" '~'", "\"~\" at column 6: no distance (~5), taken literally"},
    {"\"a b\"~5x", "\"a b\" '~5x'", "\"~5x\" at column 6: no distance (~5), taken literally"},
    {"=\"a b\"~5", "=\"a b\" '~5'",
     "\"~5\" at column 7: as it is written is not near, taken literally"},
    {"a^-1", "'a^-1'", "\"^-1\" at column 2: no boost (^2, ^0.5), taken literally"},
    {"a^1.", "'a^1.'", "\"^1.\" at column 2: no boost (^2, ^0.5), taken literally"},
    {"\"a b\"^x", "\"a b\" '^x'", "\"^x\" at column 6: no boost (^2, ^0.5), taken literally"},
    {"(a b)^", "('a' 'b') '^'", "\"^\" at column 6: no boost (^2, ^0.5), taken literally"},
    {"author:a^.5", "k0<a^.5>", "\"^.5\" at column 9: no boost (^2, ^0.5), taken literally"},
    {"a^1001", "'a'^1000", "\"^1001\" at column 2: more than ^1000, taken as that"},
    {"oil - opec", "'oil' '-' 'opec'",
     "\"-\" at column 5: an operator with nothing behind it, taken literally"},
    {"oil +", "'oil' '+'",
     "\"+\" at column 5: an operator with nothing behind it, taken literally"},
    {"--opec", "'--opec'", "\"--opec\" at column 1: more than one operator, taken literally"},
    {"+-opec", "'+-opec'", "\"+-opec\" at column 1: more than one operator, taken literally"},
    {"\"crude oil", "'\"crude' 'oil'",
     "\"\"crude\" at column 1: unbalanced quote, taken literally"},
    {"h\xc3\xa9 -\"crude oil", "'h\xc3\xa9' -'\"crude' 'oil'",
     "\"\"crude\" at column 5: unbalanced quote, taken literally"},
    {"\"a b\" \"", "\"a b\" '\"'", "\"\"\" at column 7: unbalanced quote, taken literally"},
    {"title: x", "'title:' 'x'",
     "\"title:\" at column 1: a field with nothing behind it, taken literally"},
    {"headline:x", "'headline:x'",
     "\"headline:x\" at column 1: no such field (there are title:, date:, author:, my_tag-2.x:), "
     "taken literally"},
    {"-site:x", "-'site:x'",
     "\"site:x\" at column 2: no such field (there are title:, date:, author:, my_tag-2.x:), taken "
     "literally"},
    {"\"a b\"~64", "\"a b\"~63", "\"~64\" at column 6: more than ~63, taken as that"},
    {"\"a b\"~99999999999 x", "\"a b\"~63 'x'",
     "\"~99999999999\" at column 6: more than ~63, taken as that"},
    /* Bytes that are no UTF-8, and NUL. */
    {"\xff\xfe x\xc3", "'\xff\xfe' 'x\xc3'", NULL},
    {"-\xff:", "-'\xff:'", NULL},
    {"+\xe2\x80", "+'\xe2\x80'", NULL},
};

Test(parser, reads_odd_and_ordinary_queries)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct parsed parsed;
        char shown[512];

        parse(&parsed, slice_str(CASES[i].query), false, false);
        cr_assert_eq(parsed.status, LEDE_OK, "<%s>: %s", CASES[i].query, parsed.error.text);
        show(&parsed.list, shown);
        cr_expect_str_eq(shown, CASES[i].clauses, "<%s>", CASES[i].query);
        cr_expect_eq(parsed.notes.count, CASES[i].note ? 1 : 0, "<%s>", CASES[i].query);
        if (CASES[i].note && parsed.notes.count)
            cr_expect_str_eq(parsed.notes.texts[0], CASES[i].note);
        arena_done(&parsed.arena);
    }
}

Test(parser, strict_refuses_just_what_has_a_note)
{
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct parsed parsed;
        char expected[512];
        const char *at;

        parse(&parsed, slice_str(CASES[i].query), false, true);
        cr_expect_eq(parsed.status, CASES[i].note ? LEDE_INVALID : LEDE_OK, "<%s>", CASES[i].query);
        snprintf(expected, sizeof expected, "query: %s", CASES[i].note ? CASES[i].note : "");
        if (CASES[i].note) {
            *strrchr(expected, ',') = '\0'; /* what would become of it */
            cr_expect_str_eq(parsed.error.text, expected);
            at = strstr(expected, "at column ");
            cr_expect_eq(parsed.error.column, strtoul(at + 10, NULL, 10));
        }
        arena_done(&parsed.arena);
    }
}

Test(parser, literally_only_blanks_count)
{
    struct parsed parsed;
    char shown[256];

    parse(&parsed, slice_str("+oil -\"palm oil\" title:x - headline:y"), true, true);
    cr_assert_eq(parsed.status, LEDE_OK);
    show(&parsed.list, shown);
    cr_expect_str_eq(shown, "'+oil' '-\"palm' 'oil\"' 'title:x' '-' 'headline:y'");
    arena_done(&parsed.arena);
}

Test(parser, a_nul_separates)
{
    struct parsed parsed;

    parse(&parsed, slice_of("a\0-b", 4), false, false);
    cr_assert_eq(parsed.list.count, 2);
    cr_expect_eq(parsed.list.clauses[1].occur, OCCUR_PROHIBITED);
    arena_done(&parsed.arena);
}

Test(parser, columns_count_characters)
{
    struct parsed parsed;

    parse(&parsed, slice_str("h\xc3\xa9 \xe7\x8c\xab +x"), false, false);
    cr_assert_eq(parsed.list.count, 3);
    cr_expect_eq(parsed.list.clauses[0].column, 1);
    cr_expect_eq(parsed.list.clauses[1].column, 4);
    cr_expect_eq(parsed.list.clauses[2].column, 6);
    arena_done(&parsed.arena);
}

Test(parser, notes_show_no_control_characters)
{
    struct parsed parsed;

    parse(&parsed, slice_str("\"\x1b[31m\xff"), false, false);
    cr_assert_eq(parsed.notes.count, 1);
    cr_expect_str_eq(parsed.notes.texts[0], "\"\"\\x1b[31m\\xff\" at column 1: unbalanced quote, "
                                            "taken literally");
    arena_done(&parsed.arena);
}

Test(parser, notes_are_short_and_few)
{
    char query[LEDE_QUERY_MAX];
    struct parsed parsed;

    memset(query, '-', 1000);
    for (size_t i = 1000; i + 1 < sizeof query; i += 2)
        query[i] = ' ', query[i + 1] = '-';
    parse(&parsed, slice_of(query, 1400), false, false);
    cr_assert_eq(parsed.status, LEDE_OK);
    cr_expect_eq(parsed.notes.count, NOTES_MAX);
    for (size_t i = 0; i < parsed.notes.count; i++)
        cr_expect_lt(strlen(parsed.notes.texts[i]), 200);
    arena_done(&parsed.arena);
}

Test(parser, a_query_of_the_greatest_length_is_read)
{
    static char query[LEDE_QUERY_MAX + 1];
    struct parsed parsed;

    memset(query, 'x', sizeof query);
    parse(&parsed, slice_of(query, LEDE_QUERY_MAX), false, false);
    cr_expect_eq(parsed.status, LEDE_OK);
    arena_done(&parsed.arena);
    parse(&parsed, slice_of(query, LEDE_QUERY_MAX + 1), false, false);
    cr_expect_eq(parsed.status, LEDE_LIMIT);
    cr_expect_str_eq(parsed.error.text, "query: 4097 bytes; the limit is 4096");
    arena_done(&parsed.arena);
}

Test(parser, more_than_256_clauses_are_refused)
{
    static char query[2 * LEDE_CLAUSES_MAX + 2];
    struct parsed parsed;

    for (size_t i = 0; i < sizeof query; i += 2)
        query[i] = 'x', query[i + 1] = ' ';
    parse(&parsed, slice_of(query, 2 * LEDE_CLAUSES_MAX), false, false);
    cr_expect_eq(parsed.status, LEDE_OK);
    cr_expect_eq(parsed.list.count, LEDE_CLAUSES_MAX);
    arena_done(&parsed.arena);
    parse(&parsed, slice_of(query, sizeof query), false, false);
    cr_expect_eq(parsed.status, LEDE_LIMIT);
    arena_done(&parsed.arena);
}

/* Whatever the bytes: clauses lie in the query in order, are not empty words, and every byte that
 * is in none is a blank or syntax. Nothing is read behind the query, which a sanitizer notices. */
Test(parser, takes_any_bytes)
{
    static const char alphabet[] = "ab\"+-^~1*: title\xe2\x80\x9c\x9d\xff\xe3\0\n";
    struct dice dice = dice_new();

    for (int round = 0; round < 20000; round++) {
        size_t size = dice_below(&dice, 64);
        uint8_t *query = malloc(size + (size == 0));
        const uint8_t *at = query;
        struct parsed parsed;

        for (size_t i = 0; i < size; i++)
            query[i] = (uint8_t)alphabet[dice_below(&dice, sizeof alphabet)];
        parse(&parsed, slice_of(query, size), dice_below(&dice, 8) == 0, false);
        cr_assert_eq(parsed.status, LEDE_OK, "LEDE_SEED=%llu", (unsigned long long)dice.seed);
        for (size_t i = 0; i < parsed.list.count; i++) {
            const struct clause *clause = &parsed.list.clauses[i];

            cr_assert(clause->text.data >= at &&
                      clause->text.data + clause->text.size <= query + size);
            cr_assert(clause->kind == CLAUSE_PHRASE || clause->text.size > 0);
            at = clause->text.data + clause->text.size;
        }
        arena_done(&parsed.arena);
        free(query);
    }
}
