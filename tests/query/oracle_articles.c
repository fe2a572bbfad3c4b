#include "tests/query/oracle_world.h"

#include <criterion/criterion.h>

#include "tests/indexer/scratch.h"

const char *const ORACLE_VOCABULARY[] = {
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
_Static_assert(sizeof ORACLE_VOCABULARY / sizeof *ORACLE_VOCABULARY == VOCABULARY_SIZE,
               "as many as the header says");

size_t oracle_put_word(struct world *world, char *at)
{
    if (world->rare && dice_below(&world->dice, 3) == 0)
        return (size_t)sprintf(at, "w%u", (unsigned)dice_bits(&world->dice, 20) % world->rare);
    return (size_t)sprintf(at, "%s",
                           ORACLE_VOCABULARY[dice_below(&world->dice, world->vocabulary)]);
}

size_t oracle_put_words(struct world *world, uint32_t count, char *out)
{
    char *at = out;

    *at = '\0';
    for (uint32_t i = 0; i < count; i++) {
        at += oracle_put_word(world, at);
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

const char *const ORACLE_NAMES[] = {"section", "author", "tag"};
static const char *const VALUES[] = {
    "world", "World", " WORLD", "business  News", "Business news", "x", "y", "z", "w", "v"};
enum { METADATA_MAX = 4, BOILERPLATE_MAX = 2 };
_Static_assert(sizeof VALUES / sizeof *VALUES == VALUE_COUNT, "as many as the header says");

static bool is_declared(uint32_t index, const char *name)
{
    for (size_t i = 0; i < NAME_COUNTS[index]; i++)
        if (strcmp(NAMES[index][i], name) == 0)
            return true;
    return false;
}

/* Lines of a few words, among them empty ones; some of a single long word, behind which not all
 * have room. */
static size_t put_lines(struct world *world, char *out)
{
    char *at = out;

    for (uint32_t lines = dice_below(&world->dice, 4); lines > 0; lines--) {
        if (dice_below(&world->dice, 8) == 0) {
            size_t size = 4060 + dice_below(&world->dice, 40);

            memset(at, 'z', size);
            at += size;
        } else {
            at += sprintf(at, dice_below(&world->dice, 4) ? "" : "\t ");
            at += oracle_put_words(world, dice_below(&world->dice, 5), at);
        }
        at += sprintf(at, "%s", dice_below(&world->dice, 4) ? "\n" : "\r\n\n");
    }
    return (size_t)(at - out);
}

/* Rolls what recurs around the article: one metadatum or more; returns how many. */
static size_t roll_boilerplate(struct world *world, char text[][BOILERPLATE_ROOM],
                               struct lede_field *fields)
{
    size_t count = world->boilerplate ? dice_below(&world->dice, BOILERPLATE_MAX + 1) : 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = dice_below(&world->dice, 4) ? "boilerplate" : "Boilerplate";
        size_t size = put_lines(world, text[i]);

        fields[i] = (struct lede_field){{name, strlen(name)}, {text[i], size}};
    }
    return count;
}

/* Rolls metadata for the article; the oracle gets those that the index declares, and boilerplate.
 */
static void add_with_metadata(struct world *world, uint32_t index, struct lede_article *article,
                              struct lede_writer *writer)
{
    static char boilerplate[BOILERPLATE_MAX][BOILERPLATE_ROOM];
    struct lede_field fields[METADATA_MAX + BOILERPLATE_MAX],
        declared[METADATA_MAX + BOILERPLATE_MAX];
    struct lede_article known = *article;
    size_t count = world->keywords ? dice_below(&world->dice, METADATA_MAX + 1) : 0;
    struct lede_error error;

    known.metadata_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = ORACLE_NAMES[dice_below(&world->dice, 3)];
        const char *value = VALUES[dice_bits(&world->dice, 8) % VALUE_COUNT];

        fields[i] = (struct lede_field){{name, strlen(name)}, {value, strlen(value)}};
        if (is_declared(index, name))
            declared[known.metadata_count++] = fields[i];
    }
    article->metadata = fields;
    article->metadata_count = count + roll_boilerplate(world, boilerplate, &fields[count]);
    for (size_t i = count; i < article->metadata_count; i++)
        declared[known.metadata_count++] = fields[i];
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
    article.title.size = oracle_put_words(world, dice_below(&world->dice, 4), title);
    article.text.size = oracle_put_words(world, dice_below(&world->dice, world->words + 1), text);
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

void oracle_world_make(struct world *world)
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

void oracle_world_drop(struct world *world)
{
    lede_index_close(world->index);
    naive_ranker_free(world->ranker);
    scratch_remove();
}
