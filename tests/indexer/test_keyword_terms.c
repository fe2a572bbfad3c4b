#include "index/keyword_names.h"
#include "indexer/index_merge.h"
#include "indexer/keyword_terms.h"
#include "indexer/recheck.h"
#include "tests/indexer/histories.h"

TestSuite(keyword_terms, .init = scratch_make, .fini = scratch_remove, .timeout = 120);

/* ---- what an index has ---- */

enum { LINES = 20000 };
static char lines[LINES][200]; /* "name=term id" of each live article, in order */
static size_t line_count;

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void put_line(struct slice name, struct slice term, struct slice id)
{
    cr_assert_lt(line_count, LINES);
    (void)snprintf(lines[line_count++], sizeof lines[0], "%.*s=%.*s %.*s", (int)name.size,
                   (const char *)name.data, (int)term.size, (const char *)term.data, (int)id.size,
                   (const char *)id.data);
}

static struct slice name_of(const struct segment *segment, uint8_t field)
{
    struct slice names = buffer_bytes(&segment->snapshot->manifest.keywords), name = {NULL, 0};

    for (unsigned place = FIELD_KEYWORD; place <= field; place++)
        cr_assert(keyword_names_next(&names, &name), "field %u has no name", field);
    return name;
}

static void read_list(struct segment *segment, struct slice term, const struct term_info *info)
{
    struct posting_cursor cursor;
    struct buffer id;

    buffer_init(&id, NULL);
    cr_assert_eq(info->total_tf, info->df);
    posting_cursor_init(&cursor, &segment->postings, info);
    for (; cursor.count > 0; posting_cursor_next(&cursor))
        for (uint32_t i = 0; i < cursor.count; i++) {
            doc_id document = posting_cursor_documents(&cursor)[i];
            bool deleted;

            cr_assert_eq(segment_is_deleted(segment, document, &deleted, NULL), LEDE_OK);
            cr_assert_eq(segment_name(segment, document, &id, NULL), LEDE_OK);
            if (!deleted)
                put_line(name_of(segment, term.data[0]), slice_of(term.data + 1, term.size - 1),
                         buffer_bytes(&id));
        }
    cr_assert_eq(cursor.status, LEDE_OK);
    buffer_done(&id);
}

static void read_segment(struct segment *segment)
{
    static const uint8_t first = FIELD_KEYWORD;
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term;

    cr_assert_eq(dictionary_cursor_seek(&cursor, &segment->snapshot->pages, segment->info->number,
                                        slice_of(&first, 1), NULL),
                 LEDE_OK);
    while (dictionary_cursor_next(&cursor, &term, &info, NULL) == LEDE_OK &&
           field_is_keyword(term.data[0]))
        read_list(segment, term, &info);
}

static void read_index(const char *path)
{
    struct snapshot *snapshot;

    line_count = 0;
    cr_assert_eq(snapshot_open(path, &snapshot, NULL), LEDE_OK);
    for (size_t i = 0; i < snapshot->segment_count; i++)
        read_segment(&snapshot->segments[i]);
    snapshot_close(snapshot);
    qsort(lines, line_count, sizeof lines[0], compare_lines);
}

static void expect_lines(const char *path, const char *const *wanted, size_t count)
{
    read_index(path);
    for (size_t i = 0; i < count && i < line_count; i++)
        cr_expect_str_eq(lines[i], wanted[i]);
    cr_expect_eq(line_count, count);
}
#define EXPECT_LINES(path, ...)                                                                    \
    expect_lines(path, (const char *const[]){__VA_ARGS__},                                         \
                 sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void expect_same_terms(const char *path)
{
    struct recheck_totals totals;
    struct lede_error error = {0};

    cr_expect_eq(recheck_index(path, 1000, report, NULL, &totals, &error), LEDE_OK, "%s",
                 error.text);
}

/* ---- what articles give ---- */

static void add_article(struct lede_writer *writer, const struct lede_article *article)
{
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_add(writer, article, &error), LEDE_OK, "%s", error.text);
}

Test(keyword_terms, metadata_of_declared_names_and_of_the_four_are_terms)
{
    const char *const topic = "Topic";
    const struct lede_field fields[] = {{LEDE_STR("AUTHOR"), LEDE_STR("[\"Jane Doe\",\"JOSÉ\"]")},
                                        {LEDE_STR("topic"), LEDE_STR("Oil  Prices")},
                                        {LEDE_STR("topic"), LEDE_STR("oil prices")},
                                        {LEDE_STR("other"), LEDE_STR("nothing")},
                                        {LEDE_STR("section"), LEDE_STR(" ")}};
    struct lede_writer *writer = open_writer(
        "index", &(struct lede_writer_options){
                     .keywords = &topic, .keyword_count = 1, .standard_keywords = true});

    add_article(writer, &(struct lede_article){.id = LEDE_STR("1"),
                                               .text = LEDE_STR("oil"),
                                               .url = LEDE_STR("https://www.example.com/a"),
                                               .language = LEDE_STR("pt-BR"),
                                               .metadata = fields,
                                               .metadata_count = 5});
    add_article(writer, &(struct lede_article){.id = LEDE_STR("2")}); /* no words at all */
    commit(writer);
    lede_writer_close(writer);
    EXPECT_LINES("index", "author=jane doe 1", "author=jose 1", "lang=en 2", "lang=pt 1",
                 "site=example.com 1", "topic=oil prices 1");
    expect_sound("index", 1);
    expect_same_terms("index");
    compact("index");
    EXPECT_LINES("index", "author=jane doe 1", "author=jose 1", "lang=en 2", "lang=pt 1",
                 "site=example.com 1", "topic=oil prices 1");
    expect_sound("index", 1);
}

Test(keyword_terms, an_index_without_names_has_none)
{
    const struct lede_field field = {LEDE_STR("author"), LEDE_STR("Jane Doe")};
    struct lede_writer *writer = open_writer("index", NULL);

    add_article(writer, &(struct lede_article){
                            .id = LEDE_STR("1"), .metadata = &field, .metadata_count = 1});
    commit(writer);
    lede_writer_close(writer);
    expect_lines("index", NULL, 0);
}

Test(keyword_terms, what_is_too_long_or_too_much_is_left_out_and_counted)
{
    enum { VALUES = KEYWORD_VALUES_MAX + 100 };
    static char text[VALUES * 8 + 8], longer[TERM_MAX + 1];
    const char *const names[] = {"tag", "more"};
    struct lede_field fields[] = {{LEDE_STR("tag"), {text, 0}},
                                  {LEDE_STR("more"), {longer, sizeof longer}}};
    struct lede_writer *writer =
        open_writer("index", &(struct lede_writer_options){.keywords = names, .keyword_count = 2});
    struct lede_writer_totals totals;
    size_t size = 0;

    memset(longer, 'x', sizeof longer);
    for (int i = 0; i < VALUES; i++)
        size += (size_t)sprintf(text + size, "%c%d", i ? ',' : '[', i);
    text[size++] = ']';
    fields[0].value.size = size;
    add_article(writer, &(struct lede_article){
                            .id = LEDE_STR("1"), .metadata = fields + 1, .metadata_count = 1});
    add_article(writer, &(struct lede_article){
                            .id = LEDE_STR("2"), .metadata = fields, .metadata_count = 2});
    commit(writer);
    lede_writer_totals(writer, &totals);
    cr_expect_eq(totals.long_terms, 1 + 100 + 1);
    lede_writer_close(writer);
    read_index("index");
    cr_expect_eq(line_count, KEYWORD_VALUES_MAX);
    expect_same_terms("index");
}

Test(keyword_terms, a_name_that_could_not_be_asked_for_is_refused)
{
    static const char *const bad[] = {"",     "a b", "title",    "Text", "id",
                                      "date", "url", "language", "a:b"};
    struct lede_writer *writer;
    struct lede_error error;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lede_writer_options options = {.keywords = &bad[i], .keyword_count = 1};

        cr_expect_eq(lede_writer_open("index", &options, &writer, &error), LEDE_INVALID, "%s",
                     bad[i]);
        cr_expect(strstr(error.text, "keyword"), "%s", error.text);
    }
}

Test(keyword_terms, names_are_fixed_when_the_index_is_made)
{
    const char *const names[] = {"topic", "desk"};
    struct lede_writer_options options = {.keywords = names, .keyword_count = 1};
    struct lede_writer *writer = open_writer("index", &options);
    struct lede_error error;

    commit(writer);
    lede_writer_close(writer);
    lede_writer_close(open_writer("index", &options));
    lede_writer_close(open_writer("index", NULL));
    lede_writer_close(
        open_writer("index", &(struct lede_writer_options){.standard_keywords = true}));
    options.keyword_count = 2;
    cr_expect_eq(lede_writer_open("index", &options, &writer, &error), LEDE_INCOMPATIBLE);
    cr_expect(strstr(error.text, "desk"), "%s", error.text);
}

/* ---- against plain arrays ---- */

/* What live_through left, by the rules for the articles that it makes. */
static size_t read_pieces(char (*wanted)[sizeof lines[0]])
{
    size_t count = 0;

    for (uint32_t i = 0; i < PIECES; i++) {
        const char *language = pieces[i].language;

        if (!live[i])
            continue;
        (void)sprintf(wanted[count++], "lang=%s %s", language[0] ? language : "en", pieces[i].id);
        if (pieces[i].url[0])
            (void)sprintf(wanted[count++], "site=a.b %s", pieces[i].id);
    }
    qsort(wanted, count, sizeof wanted[0], compare_lines);
    return count;
}

static void compare_with_pieces(const char *path)
{
    static char wanted[2 * PIECES][sizeof lines[0]];
    size_t count = read_pieces(wanted);

    read_index(path);
    cr_assert_eq(line_count, count);
    for (size_t i = 0; i < count; i++)
        cr_assert_str_eq(lines[i], wanted[i]);
}

static void live_and_compare(unsigned seed, struct lede_writer_options options)
{
    struct dice dice = dice_of(seed);
    uint64_t digest = 0;

    options.standard_keywords = true;
    make_pieces(&dice);
    for (options.jobs = 1; options.jobs < 3; options.jobs++) {
        const char *path = options.jobs == 1 ? "one" : "two";
        struct dice same = dice_of(seed + 1);

        live_through(&same, path, &options);
        compare_with_pieces(path);
        cr_expect(digest == 0 || digest == index_digest(path), "seed %u", seed);
        digest = index_digest(path);
    }
    expect_same_terms("one");
    compact("one");
    compare_with_pieces("one");
    compact_so("two", &(struct compact_options){.memory = 32 << 20, .reorder = true});
    compare_with_pieces("two");
    expect_sound("two", 1);
    free_pieces();
}

Test(keyword_terms, are_those_of_the_live_articles)
{
    live_and_compare(scratch_seed(), (struct lede_writer_options){.memory = 0});
}

Test(keyword_terms, positions_need_not_be_there)
{
    live_and_compare(scratch_seed() + 1, (struct lede_writer_options){.no_positions = true});
}

/* A text that waits in a file is inverted in parts. */
Test(keyword_terms, an_article_in_parts_has_its_keywords_once)
{
    enum { PART = 1 << 20, PARTS = 12 };
    static char part[PART];
    struct dice dice = dice_of(scratch_seed() + 2);
    struct lede_writer *writer = open_writer(
        "index",
        &(struct lede_writer_options){.standard_keywords = true, .memory = 16 << 20, .jobs = 1});

    for (int i = 0; i < PARTS; i++) {
        char *end = article_words(&dice, PART / 40, part);

        cr_assert_eq(
            lede_writer_append(writer, (struct lede_bytes){part, (size_t)(end - part)}, NULL),
            LEDE_OK);
    }
    add_article(writer, &(struct lede_article){.id = LEDE_STR("long"),
                                               .title = LEDE_STR("title"),
                                               .url = LEDE_STR("http://a.b/")});
    commit(writer);
    lede_writer_close(writer);
    EXPECT_LINES("index", "lang=en long", "site=a.b long");
    expect_sound("index", 1);
    expect_same_terms("index");
}

/* ---- other numbers for the same names ---- */

/* Parts that number their fields differently, merged, are what they are when added to one index. */
Test(keyword_terms, a_merge_numbers_fields_as_the_index_does)
{
    static const char *const orders[3][3] = {
        {"lang", "site", "other"}, {"site", "other", "lang"}, {"other", "lang", "site"}};
    static const char *const parts[] = {"a", "b", "c"};
    struct dice dice = dice_of(scratch_seed() + 3);
    struct index_merge_totals totals;
    struct lede_error error = {0};

    for (int i = 0; i < 3; i++) {
        make_pieces(&dice); /* others of the same ids: an unchanged one would keep its place */
        live_through(
            &dice, parts[i],
            &(struct lede_writer_options){.jobs = 1, .keywords = orders[i], .keyword_count = 3});
        add_live(
            "added", parts[i],
            &(struct lede_writer_options){.jobs = 1, .keywords = orders[0], .keyword_count = 3}, 0);
        free_pieces();
    }
    cr_assert_eq(index_merge("merged", parts, 3, &(struct index_merge_options){.memory = 16 << 20},
                             &totals, &error),
                 LEDE_OK, "%s", error.text);
    expect_same_terms("merged");
    read_index("merged");
    cr_expect_gt(line_count, 0);
    compact("merged");
    compact("added");
    cr_expect_eq(segment_digest("merged"), segment_digest("added"), "seed %u", scratch_seed());
}

Test(keyword_terms, a_merge_of_other_names_is_refused)
{
    static const char *const names[] = {"a", "b"};
    static const char *const paths[] = {"both", "one", "none"};
    struct index_merge_totals totals;
    struct lede_error error;

    for (size_t i = 0; i < 3; i++) {
        struct lede_writer *writer = open_writer(
            paths[i], &(struct lede_writer_options){.keywords = names, .keyword_count = 2 - i});

        add_article(writer, &(struct lede_article){.id = LEDE_STR("1"), .text = LEDE_STR("x")});
        commit(writer);
        lede_writer_close(writer);
    }
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            if (i == j)
                continue;
            cr_expect_eq(index_merge(paths[i], &paths[j], 1, &(struct index_merge_options){0},
                                     &totals, &error),
                         LEDE_INCOMPATIBLE);
            cr_expect(strstr(error.text, "other keyword fields"), "%s", error.text);
        }
}
