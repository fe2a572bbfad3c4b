#include "flags.h"

#include <assert.h>

enum { TEXT_COLUMN = 23, COLUMNS = 80 };

static const struct flag {
    const char *name;
    int code;          /* its letter, or an enum flag_code */
    const char *value; /* as --help calls it; NULL: none; in brackets: only behind = */
    const char *help;
} FLAGS[] = {
    {"index", 'd', "DIR",
     "the index ($LEDE_INDEX, or ~/.local/share/lede/default); several are searched as one"},
    {"limit", 'n', "N", "how many articles to show (10)"},
    {"offset", FLAG_OFFSET, "N", "how many to pass over"},
    {"count", 'c', NULL, "only how many articles match"},
    {"list", 'l', NULL, "only ids, one a line"},
    {"null", '0', NULL, "with -l: each ended by a NUL"},
    {"since", FLAG_SINCE, "DATE", "only articles from this date on: 2023, 2023-07, 2023-07-19"},
    {"until", FLAG_UNTIL, "DATE", "only articles up to the end of this date"},
    {"sort", 's', "ORDER", "relevance, date (the newest first) or -date (the oldest first)"},
    {"recency", FLAG_RECENCY, "TIME",
     "halve a score with each 30d (12h, 2w, 1y) of an article's age"},
    {"histogram", FLAG_HISTOGRAM, "UNIT",
     "how many articles match of each year, month or day (text or json)"},
    {"collapse", FLAG_COLLAPSE, "HOW",
     "of articles that are copies of each other the best alone: exact, near or none (none)"},
    {"facet", FLAG_FACET, "NAME",
     "how many articles match of each value of a keyword field; NAME:N: of the N (10) "
     "most frequent (text or json; repeatable)"},
    {"any", FLAG_ANY, NULL, "rank whatever has some of the words"},
    {"literal", 'F', NULL, "no syntax: every character is text"},
    {"strict", FLAG_STRICT, NULL, "odd syntax is an error, not text"},
    {"snippets", FLAG_SNIPPETS, "N", "passages to show of each article (1)"},
    {"open", FLAG_OPEN, "N", "all of article number N, in $PAGER (less) on a terminal"},
    {"timeout", FLAG_TIMEOUT, "MS", "give up after so many milliseconds"},
    {"explain", FLAG_EXPLAIN, "[ID]", "how each score, or that of article ID, comes about"},
    {"k1", FLAG_K1, "X", "of BM25 (1.2)"},
    {"b", FLAG_B, "X", "of BM25 (0.75)"},
    {"format", FLAG_FORMAT, "FORMAT", "text, json, jsonl, tsv or trec"},
    {"run-id", FLAG_RUN_ID, "NAME", "what trec calls the run (lede)"},
    {"interactive", 'i', NULL, "ask for queries, one after the other, on a terminal"},
    {"jobs", 'j', "N", "with - or --topics: threads that answer (1)"},
    {"similar", FLAG_SIMILAR, "ID", "articles like this one, instead of a query"},
    {"topics", FLAG_TOPICS, "FILE", "a query a line behind its id and a tab; as with --any -F"},
    {"eval", FLAG_EVAL, "QRELS",
     "measure the topics' rankings (-n 1000) by judgements: nDCG@10, MAP, ..."},
    {"compare", FLAG_COMPARE, "RUN", "with --eval: beside another run"},
    {"complete", FLAG_COMPLETE, "WORD",
     "print what this beginning of a word may become, for shells"},
    {"color", FLAG_COLOR, "WHEN", "auto, always or never"},
    {"hyperlink", FLAG_HYPERLINK, "WHEN", "links to articles: auto, always or never"},
    {"quiet", 'q', NULL, "no notes on how the query was read, no advice where it finds nothing"},
    {"help", 'h', NULL, "this page"},
    {"version", 'V', NULL, "the version"},
};
enum { FLAG_COUNT = sizeof FLAGS / sizeof FLAGS[0] };
_Static_assert((int)FLAG_COUNT <= (int)FLAGS_MAX, "more flags than tables have room for");

/* ---- for getopt ---- */

static bool has_letter(const struct flag *flag)
{
    return flag->code < FLAG_OFFSET;
}

const struct flag_tables *flags_tables(void)
{
    static struct flag_tables tables;
    char *letter = tables.letters;

    if (*letter)
        return &tables;
    *letter++ = ':'; /* tells a missing value from an unknown flag */
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const struct flag *flag = &FLAGS[i];
        int argument = !flag->value            ? no_argument
                       : flag->value[0] == '[' ? optional_argument
                                               : required_argument;

        tables.names[i] = (struct option){flag->name, argument, NULL, flag->code};
        if (!has_letter(flag))
            continue;
        *letter++ = (char)flag->code;
        if (argument == required_argument)
            *letter++ = ':';
    }
    return &tables;
}

bool flags_take_value(int code)
{
    size_t place = 0;

    while (FLAGS[place].code != code)
        place++;
    return FLAGS[place].value != NULL;
}

/* ---- --help ---- */

/* Words on lines from TEXT_COLUMN on; the first line goes on where it stands. */
static void put_wrapped(struct buffer *out, const char *text)
{
    size_t column = TEXT_COLUMN;

    while (*text) {
        size_t size = strcspn(text, " ");

        if (column > TEXT_COLUMN && column + 1 + size > COLUMNS) {
            buffer_printf(out, "\n%*s", TEXT_COLUMN, "");
            column = TEXT_COLUMN;
        } else if (column > TEXT_COLUMN) {
            buffer_byte(out, ' ');
            column++;
        }
        buffer_put(out, text, size);
        column += size;
        text += size + (text[size] == ' ');
    }
    buffer_byte(out, '\n');
}

static void put_flag(struct buffer *out, const struct flag *flag)
{
    const char *value = flag->value ? flag->value : "";
    bool optional = value[0] == '[';
    size_t from = out->size;

    if (has_letter(flag))
        buffer_printf(out, "  -%c, ", flag->code);
    else
        buffer_str(out, "      ");
    buffer_printf(out, "--%s%s%s", flag->name,
                  optional ? "[="
                  : *value ? " "
                           : "",
                  value + optional);
    assert(out->failed || out->size - from < TEXT_COLUMN);
    buffer_printf(out, "%*s", (int)(TEXT_COLUMN - (out->size - from)), "");
    put_wrapped(out, flag->help);
}

void flags_put_help(struct buffer *out)
{
    buffer_str(out,
               "lede-search [OPTIONS] QUERY...    finds articles in an index made by lede-index\n"
               "lede-search [OPTIONS] -           answers each line of standard input, in JSON\n"
               "                                  lines unless --format says otherwise\n"
               "\n"
               "  ferry strike         articles with all of these words, whatever their ending\n"
               "  \"glass octopus\"      with these words side by side\n"
               "  \"glass octopus\"~5    these and at most 5 others among them, in any order\n"
               "  ferry -strike        without that word; behind --, or in quotes of the shell\n"
               "  title:ferry          in the title\n"
               "  (ferry OR tram) AND strike^2      AND OR NOT ( ), and what counts twice\n"
               "  gov* wom?n recieve~1              wildcards; at most 1 or 2 edits away\n"
               "  --any storm +flood   some of the words suffice; flood must be there\n"
               "  =striking            as it is written; in quotes of the shell for zsh\n"
               "  storm date:2023-07   of that month; date:2021..2023, date:\">=2023\"\n"
               "  storm site:a.org     of that site; section:x, author:\"jane doe\", lang:en\n"
               "\n");
    for (size_t i = 0; i < FLAG_COUNT; i++)
        put_flag(out, &FLAGS[i]);
    buffer_str(out,
               "\nExit: 0 found, 1 nothing found, 2 usage or query, 3 no index or an incompatible\n"
               "one, 4 damaged, 5 in use, 6 input/output, 130 interrupted.\n");
}
