#include "command/flags.h"

#define TAKES(name) (1U << SUBCOMMAND_##name)
#define ALL         ((1U << SUBCOMMAND_COUNT) - 1)

static const struct flag FLAGS[] = {
    {"index", 'd', true, ALL & ~(TAKES(ANALYZE) | TAKES(SPLIT))},
    {"format", 'f', true, TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"boilerplate", FLAG_BOILERPLATE, true, TAKES(ADD) | TAKES(SYNC)},
    {"boilerplate", FLAG_LIST_BOILERPLATE, false, TAKES(STATS)},
    {"copies", FLAG_LIST_COPIES, false, TAKES(STATS)},
    {"split", FLAG_SPLIT, true, TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"language", 'l', true, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"stopwords", FLAG_STOPWORDS, true, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"no-stem", FLAG_NO_STEM, false, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"no-positions", FLAG_NO_POSITIONS, false, TAKES(ADD) | TAKES(SYNC)},
    {"no-store", FLAG_NO_STORE, false, TAKES(ADD) | TAKES(SYNC)},
    {"file-dates", FLAG_FILE_DATES, false, TAKES(ADD) | TAKES(SYNC)},
    {"field", FLAG_FIELD, true, TAKES(ADD) | TAKES(SYNC)},
    {"keyword", FLAG_KEYWORD, true, TAKES(ADD) | TAKES(SYNC)},
    {"base", FLAG_BASE, true, TAKES(ADD) | TAKES(SYNC) | TAKES(SPLIT)},
    {"include", FLAG_INCLUDE, true, TAKES(ADD) | TAKES(SYNC)},
    {"exclude", FLAG_EXCLUDE, true, TAKES(ADD) | TAKES(SYNC)},
    {"files-from", FLAG_FILES_FROM, true, TAKES(ADD)},
    {"null", '0', false, TAKES(ADD)},
    {"recursive", 'r', false, TAKES(ADD)},
    {"max-record", FLAG_MAX_RECORD, true, TAKES(ADD) | TAKES(SYNC) | TAKES(ANALYZE)},
    {"memory", FLAG_MEMORY, true,
     TAKES(ADD) | TAKES(SYNC) | TAKES(RM) | TAKES(COMPACT) | TAKES(MERGE)},
    {"jobs", 'j', true, TAKES(ADD) | TAKES(SYNC) | TAKES(COMPACT)},
    {"commit-every", FLAG_COMMIT_EVERY, true, TAKES(ADD) | TAKES(SYNC)},
    {"wait", FLAG_WAIT, true,
     TAKES(ADD) | TAKES(SYNC) | TAKES(RM) | TAKES(VERIFY) | TAKES(COMPACT) | TAKES(SNAPSHOT) |
         TAKES(MERGE)},
    {"dry-run", 'n', false, TAKES(ADD) | TAKES(SYNC) | TAKES(RM)},
    {"report", FLAG_REPORT, true, TAKES(ADD) | TAKES(SYNC)},
    {"progress", FLAG_PROGRESS, true, TAKES(ADD) | TAKES(SYNC)},
    {"quiet", 'q', false, ALL},
    {"verbose", 'v', false, ALL},
    {"json", FLAG_JSON, false, TAKES(STATS) | TAKES(SPLIT)},
    {"jsonl", FLAG_JSONL, false, TAKES(EXPORT)},
    {"tokens", FLAG_TOKENS, false, TAKES(SHOW)},
    {"raw", FLAG_RAW, false, TAKES(SHOW)},
    {"deep", FLAG_DEEP, false, TAKES(VERIFY)},
    {"reorder", FLAG_REORDER, false, TAKES(COMPACT)},
    {"force", FLAG_FORCE, false, TAKES(SYNC)},
    {"help", 'h', false, ALL},
    {"version", 'V', false, ALL},
};
enum { FLAG_COUNT = sizeof FLAGS / sizeof FLAGS[0] };
_Static_assert((int)FLAG_COUNT <= (int)FLAGS_MAX, "more flags than tables have room for");

const struct flag *flags_find(int code)
{
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (FLAGS[i].code == code)
            return &FLAGS[i];
    return NULL;
}

const struct flag *flags_first_strange(const bool seen[FLAG_CODES], enum subcommand subcommand)
{
    for (size_t i = 0; i < FLAG_COUNT; i++)
        if (seen[FLAGS[i].code] && !(FLAGS[i].takers & 1U << subcommand))
            return &FLAGS[i];
    return NULL;
}

void flags_tables(bool for_stats, struct flag_tables *tables)
{
    int hidden = for_stats ? FLAG_BOILERPLATE : FLAG_LIST_BOILERPLATE;
    struct option *name = tables->names;
    char *letter = tables->letters;

    *tables = (struct flag_tables){0};
    *letter++ = ':'; /* tells a missing value from an unknown flag */
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        const struct flag *flag = &FLAGS[i];

        if (flag->code == hidden) /* of the same name as another */
            continue;
        *name++ = (struct option){flag->name, flag->has_value ? required_argument : no_argument,
                                  NULL, flag->code};
        if (flag->code >= FLAG_STOPWORDS)
            continue;
        *letter++ = (char)flag->code;
        if (flag->has_value)
            *letter++ = ':';
    }
}
