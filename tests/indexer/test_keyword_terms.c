#include "index/keyword_names.h"
#include "indexer/index_merge.h"
#include "indexer/keyword_terms.h"
#include "indexer/recheck.h"
#include "tests/indexer/histories.h"

TestSuite(keyword_terms, .init = scratch_make, .fini = scratch_remove, .timeout = 240);

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

/* ---- fields that are declared later ---- */

static uint64_t lacking(const char *path, const char *name)
{
    struct snapshot *snapshot;
    uint64_t count;

    cr_assert_eq(snapshot_open(path, &snapshot, NULL), LEDE_OK);
    count = manifest_lacking(
        &snapshot->manifest,
        keyword_names_find(buffer_bytes(&snapshot->manifest.keywords), slice_str(name)));
    snapshot_close(snapshot);
    return count;
}

Test(keyword_terms, a_field_is_of_what_is_added_then_until_all_is_made_one)
{
    const char *const names[] = {"topic", "desk"};
    const struct lede_field fields[] = {{LEDE_STR("desk"), LEDE_STR("Night")},
                                        {LEDE_STR("topic"), LEDE_STR("Oil")}};
    struct lede_article article = {.id = LEDE_STR("1"), .metadata = fields, .metadata_count = 2};
    struct lede_writer_options options = {.keywords = names, .keyword_count = 1};
    struct lede_writer *writer = open_writer("index", &options);

    add_article(writer, &article);
    commit(writer);
    lede_writer_close(writer);
    lede_writer_close(open_writer("index", NULL));
    options.keyword_count = 2;
    lede_writer_close(open_writer("index", &options)); /* without a commit: as if it had not been */
    EXPECT_LINES("index", "topic=oil 1");
    writer = open_writer("index", &options);
    cr_expect_eq(lede_writer_lacking(writer, LEDE_STR("Desk")), 1);
    cr_expect_eq(lede_writer_lacking(writer, LEDE_STR("topic")), 0);
    cr_expect_eq(lede_writer_lacking(writer, LEDE_STR("nothing")), 0);
    article.id = LEDE_STR("2");
    add_article(writer, &article);
    commit(writer);
    lede_writer_close(writer);
    EXPECT_LINES("index", "desk=night 2", "topic=oil 1", "topic=oil 2");
    cr_expect_eq(lacking("index", "desk"), 1);
    expect_same_terms("index");
    writer = open_writer("index", NULL); /* says nothing of fields: they stay */
    article.id = LEDE_STR("3");
    add_article(writer, &article);
    commit(writer);
    lede_writer_close(writer);
    EXPECT_LINES("index", "desk=night 2", "desk=night 3", "topic=oil 1", "topic=oil 2",
                 "topic=oil 3");
    compact("index");
    EXPECT_LINES("index", "desk=night 1", "desk=night 2", "desk=night 3", "topic=oil 1",
                 "topic=oil 2", "topic=oil 3");
    cr_expect_eq(lacking("index", "desk"), 0);
    expect_sound("index", 1);
    expect_same_terms("index");
}

Test(keyword_terms, a_field_is_declared_though_nothing_is_added)
{
    const char *const name = "topic";
    struct lede_writer *writer = open_writer("index", NULL);

    add_article(writer, &(struct lede_article){.id = LEDE_STR("1")});
    commit(writer);
    lede_writer_close(writer);
    writer =
        open_writer("index", &(struct lede_writer_options){.keywords = &name, .keyword_count = 1});
    commit(writer);
    lede_writer_close(writer);
    cr_expect_eq(lacking("index", "topic"), 1);
}

static const char *const LATE[] = {"lang", "other", "site"};

/* Two histories one behind the other, the second with the first `before` of the fields and all of
 * them. */
static void live_twice(unsigned seed, const char *path, struct lede_writer_options options,
                       size_t before)
{
    struct dice dice = dice_of(seed);

    options.jobs = 1;
    options.keywords = LATE;
    options.keyword_count = before;
    live_through(&dice, path, &options);
    options.keyword_count = 3;
    live_through(&dice, path, &options);
}

static void expect_same_lines(const char *a, const char *b)
{
    static char wanted[LINES][sizeof lines[0]];
    size_t count;

    read_index(a);
    count = line_count;
    memcpy(wanted, lines, sizeof lines);
    read_index(b);
    cr_expect_gt(count, 0);
    cr_expect_eq(line_count, count);
    for (size_t i = 0; i < count && i < line_count; i++)
        cr_assert_str_eq(wanted[i], lines[i]);
}

static void declare_and_compare(unsigned seed, struct lede_writer_options options,
                                const struct compact_options *how)
{
    struct dice dice = dice_of(seed);
    size_t before = seed % 3;

    make_pieces(&dice);
    live_twice(seed, "early", options, 3);
    live_twice(seed, "late", options, before);
    if (options.no_merge) { /* else those of neighbours may have made them all */
        cr_expect_gt(lacking("late", LATE[before]), 0, "seed %u", seed);
        cr_expect_gt(lacking("late", "site"), 0, "seed %u", seed);
    }
    cr_expect_eq(lacking("early", "site"), 0);
    expect_same_terms("late");
    compact_so("early", how);
    compact_so("late", how);
    expect_sound("late", 1);
    expect_same_terms("late");
    if (how->reorder) /* by the terms that were there: others are like each other then */
        expect_same_lines("early", "late");
    else
        cr_expect_eq(segment_digest("late"), segment_digest("early"), "seed %u", seed);
    free_pieces();
}

/* What a segment would have if its fields had been declared from the beginning. */
Test(keyword_terms, a_merge_makes_the_fields_that_were_declared_later)
{
    declare_and_compare(scratch_seed() + 4, (struct lede_writer_options){.no_merge = true},
                        &(struct compact_options){.memory = 48 << 20});
}

Test(keyword_terms, merges_of_neighbours_make_them_too)
{
    declare_and_compare(scratch_seed() + 5, (struct lede_writer_options){.no_positions = true},
                        &(struct compact_options){.memory = 48 << 20});
}

Test(keyword_terms, so_does_one_in_another_order)
{
    declare_and_compare(scratch_seed() + 6, (struct lede_writer_options){.no_merge = true},
                        &(struct compact_options){.memory = 48 << 20, .reorder = true});
}

/* More than the memory for them: in several runs. */
Test(keyword_terms, however_many_values_there_are)
{
    enum { ARTICLES = 1500, VALUES = 200 };
    static char text[VALUES * 40 + 8];
    const char *const name = "tag";
    struct lede_writer_options options = {.keyword_count = 1, .keywords = &name};

    for (int late = 0; late < 2; late++) {
        struct lede_writer_options first = options;
        struct lede_writer *writer;

        first.keyword_count = late ? 0 : 1;
        writer = open_writer(late ? "late" : "early", &first);
        for (int i = 0; i < ARTICLES; i++) {
            size_t size = 0;
            char id[16];
            struct lede_field field = {LEDE_STR("tag"), {text, 0}};

            (void)sprintf(id, "%d", i);
            for (int j = 0; j < VALUES; j++)
                size += (size_t)sprintf(text + size, "%c\"a value of its own %d %d\"",
                                        j ? ',' : '[', i, j);
            text[size++] = ']';
            field.value.size = size;
            add_article(writer, &(struct lede_article){
                                    .id = bytes_of(id), .metadata = &field, .metadata_count = 1});
        }
        commit(writer);
        lede_writer_close(writer);
        writer = open_writer(late ? "late" : "early", &options);
        commit(writer);
        lede_writer_close(writer);
    }
    cr_expect_eq(lacking("late", "tag"), ARTICLES);
    compact("early");
    compact("late");
    expect_sound("late", 1);
    cr_expect_eq(segment_digest("late"), segment_digest("early"));
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
        for (uint32_t j = 0; j < PIECES; j++) { /* and no copies of those that were removed */
            pieces[j].title[0] = (char)(pieces[j].title[0] + (pieces[j].title[0] ? i : 0));
            pieces[j].text[0] = (char)(pieces[j].text[0] + (pieces[j].text[0] ? i : 0));
        }
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

Test(keyword_terms, a_merge_of_other_names_has_all_of_them)
{
    static const char *const names[] = {"b", "a", "b"}; /* each index has a part of these */
    static const struct {
        size_t first, count;
    } parts[] = {{0, 2}, {1, 1}, {0, 0}, {1, 2}};
    static const char *const paths[] = {"ba", "a", "none", "ab"};
    const struct lede_field fields[] = {{LEDE_STR("a"), LEDE_STR("x")},
                                        {LEDE_STR("b"), LEDE_STR("y")}};
    struct index_merge_totals totals;
    struct lede_error error;

    for (size_t i = 0; i < 4; i++) {
        struct lede_writer *writer =
            open_writer(paths[i], &(struct lede_writer_options){.keywords = names + parts[i].first,
                                                                .keyword_count = parts[i].count});

        add_article(writer, &(struct lede_article){.id = bytes_of(paths[i]),
                                                   .text = LEDE_STR("x"),
                                                   .metadata = fields,
                                                   .metadata_count = 2});
        commit(writer);
        lede_writer_close(writer);
    }
    cr_assert_eq(
        index_merge("none", &paths[1], 1, &(struct index_merge_options){0}, &totals, &error),
        LEDE_OK);
    cr_assert_eq(
        index_merge("none", &paths[3], 1, &(struct index_merge_options){0}, &totals, &error),
        LEDE_OK);
    cr_assert_eq(
        index_merge("none", &paths[0], 1, &(struct index_merge_options){0}, &totals, &error),
        LEDE_OK);
    EXPECT_LINES("none", "a=x a", "a=x ab", "a=x ba", "b=y ab", "b=y ba");
    cr_expect_eq(lacking("none", "a"), 1);
    cr_expect_eq(lacking("none", "b"), 2);
    expect_same_terms("none");
    compact("none");
    EXPECT_LINES("none", "a=x a", "a=x ab", "a=x ba", "a=x none", "b=y a", "b=y ab", "b=y ba",
                 "b=y none");
    cr_expect_eq(lacking("none", "b"), 0);
    expect_sound("none", 1);
    expect_same_terms("none");
}

Test(keyword_terms, a_merge_of_more_names_than_there_are_numbers_for_is_refused)
{
    static char texts[2][150][32];
    static const char *const paths[] = {"one", "two"};
    struct index_merge_totals totals;
    struct lede_error error;

    for (int i = 0; i < 2; i++) {
        const char *names[150];
        struct lede_writer *writer;

        for (int j = 0; j < 150; j++) {
            (void)snprintf(texts[i][j], sizeof texts[i][j], "n%d-%d", i, j);
            names[j] = texts[i][j];
        }
        writer = open_writer(
            paths[i], &(struct lede_writer_options){.keywords = names, .keyword_count = 150});
        commit(writer);
        lede_writer_close(writer);
    }
    cr_expect_eq(
        index_merge("one", &paths[1], 1, &(struct index_merge_options){0}, &totals, &error),
        LEDE_LIMIT);
    cr_expect(strstr(error.text, "238"), "%s", error.text);
}
