/* Groups of copies, as a writer makes them, against comparing each article with all before it. */
#include "base/account.h"
#include "indexer/duplicates.h"
#include "indexer/index_merge.h"
#include "indexer/near_copy.h"
#include "tests/indexer/histories.h"

TestSuite(duplicates, .init = scratch_make, .fini = scratch_remove, .timeout = 120);

/* ---- articles that copy each other ---- */

/* Words of an article, or those of an earlier one with some of them changed, a header before and a
 * footer behind. */
static void copy_or_make(struct dice *dice, struct piece *some, uint32_t number)
{
    struct piece *piece = &some[number];
    const struct piece *model = number > 0 ? &some[dice_below(dice, number)] : NULL;

    article_make(dice, piece, number, 20 + dice_below(dice, 200));
    if (!model || dice_below(dice, 3) == 0)
        return;
    free(piece->text);
    piece->text = strdup(model->text);
    cr_assert(piece->text);
    memcpy(piece->title, model->title, sizeof piece->title);
    piece->language = model->language;
    if (dice_below(dice, 3) == 0) /* the whole content */
        return memcpy(piece->url, model->url, sizeof piece->url), (void)(piece->date = model->date);
    for (uint32_t i = dice_below(dice, 6); i > 0; i--) {
        size_t at = dice_below(dice, (uint32_t)strlen(piece->text));

        if (piece->text[at] >= 'a' && piece->text[at] <= 'z')
            piece->text[at] = (char)('a' + dice_below(dice, 26));
    }
}

static struct piece *make_some(struct dice *dice, uint32_t count)
{
    struct piece *some = calloc(count, sizeof *some);

    cr_assert(some);
    for (uint32_t i = 0; i < count; i++)
        copy_or_make(dice, some, i);
    return some;
}

static void free_some(struct piece *some, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        free(some[i].text);
    free(some);
}

static void add_some(const char *path, const struct lede_writer_options *options,
                     const struct piece *some, uint32_t count, uint32_t commit_every)
{
    struct lede_writer *writer = open_writer(path, options);

    for (uint32_t i = 0; i < count; i++) {
        add(writer, &some[i]);
        if (i % commit_every == commit_every - 1)
            commit(writer);
    }
    commit(writer);
    lede_writer_close(writer);
}

/* ---- what the index says ---- */

struct entry {
    char id[24];
    int64_t signature, hash, group; /* group: never missing */
    uint8_t code;
};

static int64_t value_of(struct segment *segment, enum column column, doc_id document)
{
    struct lede_error error = {0};
    int64_t value;

    cr_assert_eq(column_get(&segment->columns, column, document, &value, &error), LEDE_OK, "%s",
                 error.text);
    return value;
}

/* The live documents, in their order. */
static uint32_t read_entries(const char *path, struct entry *entries, uint32_t most)
{
    struct lede_error error = {0};
    struct snapshot *snapshot;
    struct buffer name;
    uint32_t count = 0;

    buffer_init(&name, NULL);
    cr_assert_eq(snapshot_open(path, &snapshot, &error), LEDE_OK, "%s", error.text);
    for (size_t s = 0; s < snapshot->segment_count; s++)
        for (doc_id d = 0; d < snapshot->segments[s].info->documents; d++) {
            struct segment *segment = &snapshot->segments[s];
            struct entry *entry = &entries[count];
            bool deleted;

            cr_assert_eq(segment_is_deleted(segment, d, &deleted, NULL), LEDE_OK);
            if (deleted)
                continue;
            cr_assert_lt(count++, most);
            cr_assert_eq(segment_name(segment, d, &name, NULL), LEDE_OK);
            snprintf(entry->id, sizeof entry->id, "%.*s", (int)name.size, (char *)name.data);
            entry->signature = value_of(segment, COLUMN_SIGNATURE, d);
            entry->hash = value_of(segment, COLUMN_CONTENT_HASH, d);
            entry->group = value_of(segment, COLUMN_DUPLICATE_GROUP, d);
            cr_expect_neq(entry->group, entry->hash, "%s", entry->id); /* missing says that */
            if (entry->group == COLUMN_MISSING)
                entry->group = entry->hash;
            entry->code = segment_norms(segment, d / WINDOW_DOCS, NULL)[d % WINDOW_DOCS];
        }
    snapshot_close(snapshot);
    buffer_done(&name);
    return count;
}

/* Each group by the rule, from signatures alone. Returns how many joined one. */
static uint32_t expect_groups(const struct entry *entries, uint32_t count, unsigned seed)
{
    uint32_t joined = 0;

    for (uint32_t i = 0; i < count; i++) {
        struct near_article a = {entries[i].signature, entries[i].code};
        int64_t wanted = entries[i].hash;
        unsigned least = UINT32_MAX, distance;

        for (uint32_t j = 0; j < i; j++) {
            struct near_article b = {entries[j].signature, entries[j].code};

            if (near_copy_is(a, b, &distance) && distance < least) {
                least = distance;
                wanted = entries[j].group;
            }
        }
        joined += least < UINT32_MAX;
        cr_assert_eq(entries[i].group, wanted, "seed %u, article %u", seed, i);
    }
    return joined;
}

enum { SOME = 1500 };

static struct entry entries[2][SOME];

static void expect_same_groups(const char *path, const struct entry *wanted, uint32_t count)
{
    uint32_t got = read_entries(path, entries[1], SOME);

    cr_assert_eq(got, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t j = 0;

        while (j < count && strcmp(wanted[j].id, entries[1][i].id) != 0)
            j++;
        cr_assert_lt(j, count);
        cr_assert_eq(entries[1][i].group, wanted[j].group, "%s: %s", path, wanted[j].id);
        cr_assert_eq(entries[1][i].signature, wanted[j].signature, "%s: %s", path, wanted[j].id);
    }
}

Test(duplicates, each_article_joins_the_nearest_before_it)
{
    struct dice dice = dice_of(scratch_seed());
    struct piece *some = make_some(&dice, SOME);
    uint32_t joined;

    add_some("index", &(struct lede_writer_options){.jobs = 1}, some, SOME, SOME);
    cr_assert_eq(read_entries("index", entries[0], SOME), SOME);
    joined = expect_groups(entries[0], SOME, scratch_seed());
    cr_expect(joined > SOME / 3 && joined < SOME * 2 / 3, "%u", joined);
    expect_sound("index", 1);
    free_some(some, SOME);
}

Test(duplicates, commits_threads_and_memory_do_not_change_groups)
{
    struct dice dice = dice_of(scratch_seed() + 1);
    struct piece *some = make_some(&dice, SOME);

    add_some("one", &(struct lede_writer_options){.jobs = 1}, some, SOME, SOME);
    cr_assert_eq(read_entries("one", entries[0], SOME), SOME);
    add_some("many", &(struct lede_writer_options){.jobs = 2, .no_merge = true}, some, SOME, 97);
    expect_same_groups("many", entries[0], SOME);
    add_some("small", &(struct lede_writer_options){.jobs = 1, .memory = 16 << 20}, some, SOME, 5);
    expect_same_groups("small", entries[0], SOME);
    free_some(some, SOME);
}

Test(duplicates, merges_keep_groups)
{
    struct dice dice = dice_of(scratch_seed() + 2);
    struct piece *some = make_some(&dice, SOME);
    static const char *const parts[] = {"index"};
    struct index_merge_totals totals;
    struct lede_error error = {0};

    add_some("index", &(struct lede_writer_options){.jobs = 2, .no_merge = true}, some, SOME, 200);
    cr_assert_eq(read_entries("index", entries[0], SOME), SOME);
    cr_assert_eq(index_merge("merged", parts, 1, &(struct index_merge_options){0}, &totals, &error),
                 LEDE_OK, "%s", error.text);
    expect_same_groups("merged", entries[0], SOME);
    compact("index");
    expect_same_groups("index", entries[0], SOME);
    expect_sound("index", 1);
    compact_so("merged", &(struct compact_options){.memory = 32 << 20, .reorder = true, .jobs = 2});
    expect_same_groups("merged", entries[0], SOME);
    expect_sound("merged", 1);
    free_some(some, SOME);
}

Test(duplicates, a_group_keeps_its_name_when_its_first_member_is_gone)
{
    static struct piece some[3] = {
        {.id = "a", .language = ""}, {.id = "b", .language = ""}, {.id = "c", .language = ""}};
    struct dice dice = dice_of(scratch_seed() + 3);
    struct lede_writer *writer;
    int64_t group;

    some[0].text = malloc(4000);
    cr_assert(some[0].text);
    article_words(&dice, 100, some[0].text);
    some[1].text = some[2].text = some[0].text;
    strcpy(some[1].url, "http://b.example/");
    strcpy(some[2].url, "http://c.example/");
    add_some("index", NULL, some, 2, 1);
    cr_assert_eq(read_entries("index", entries[0], SOME), 2);
    group = entries[0][0].hash;
    cr_expect_eq(entries[0][1].group, group);
    writer = open_writer("index", NULL);
    cr_assert_eq(lede_writer_remove(writer, LEDE_STR("a"), NULL), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
    compact("index");
    add_some("index", NULL, some + 2, 1, 1);
    cr_assert_eq(read_entries("index", entries[0], SOME), 2);
    cr_expect_eq(entries[0][0].group, group);
    cr_expect_eq(entries[0][1].group, group);
    free(some[0].text);
}

/* ---- indexes that meet ---- */

static void merge_into(const char *path, const char *const *others, size_t count)
{
    struct index_merge_totals totals;
    struct lede_error error = {0};

    cr_assert_eq(index_merge(path, others, count, &(struct index_merge_options){.memory = 16 << 20},
                             &totals, &error),
                 LEDE_OK, "%s", error.text);
}

/* How many are in a group whose first member is before them. */
static uint32_t joined_before(uint32_t first, uint32_t end)
{
    uint32_t joined = 0;

    for (uint32_t i = first; i < end; i++)
        for (uint32_t j = 0; j < first; j++)
            if (entries[0][i].group == entries[0][j].hash) {
                joined++;
                break;
            }
    return joined;
}

Test(duplicates, a_merge_joins_groups_as_if_all_had_been_added_to_one_index)
{
    static const char *const parts[] = {"a", "b", "c", "none"};
    static const uint32_t ends[] = {500, 900, SOME, SOME};
    struct dice dice = dice_of(scratch_seed() + 5);
    struct piece *some = make_some(&dice, SOME);
    struct lede_writer_options options = {.jobs = 2, .no_merge = true};

    add_some("whole", &options, some, SOME, 300);
    cr_assert_eq(read_entries("whole", entries[0], SOME), SOME);
    cr_assert_gt(joined_before(500, SOME), 100, "seed %u", scratch_seed());
    for (uint32_t i = 0, first = 0; i < 4; first = ends[i++])
        add_some(parts[i], &options, some + first, ends[i] - first, 170);
    merge_into("merged", parts, 4);
    expect_same_groups("merged", entries[0], SOME);
    merge_into("a", parts + 1, 1);
    expect_same_groups("a", entries[0], 900);
    merge_into("a", parts + 2, 1);
    expect_same_groups("a", entries[0], SOME);
    merge_into("none", (const char *const[]){"a"}, 1);
    expect_same_groups("none", entries[0], SOME);
    compact("merged");
    expect_sound("merged", 1);
    expect_same_groups("merged", entries[0], SOME);
    compact_so("a", &(struct compact_options){.memory = 32 << 20, .reorder = true});
    expect_sound("a", 1);
    expect_same_groups("a", entries[0], SOME);
    free_some(some, SOME);
}

Test(duplicates, a_merge_leaves_a_group_together_whose_first_member_is_gone)
{
    static struct piece some[5] = {{.id = "a", .language = ""},
                                   {.id = "b", .language = ""},
                                   {.id = "c", .language = ""},
                                   {.id = "copy", .language = ""},
                                   {.id = "else", .language = ""}};
    static const char *const parts[] = {"index"};
    struct dice dice = dice_of(scratch_seed() + 6);
    struct lede_writer *writer;
    int64_t group;

    some[0].text = malloc(4000);
    some[4].text = malloc(4000);
    cr_assert(some[0].text && some[4].text);
    article_words(&dice, 100, some[0].text);
    article_words(&dice, 100, some[4].text);
    for (int i = 1; i < 4; i++) {
        some[i].text = some[0].text;
        (void)sprintf(some[i].url, "http://%d.example/", i);
    }
    add_some("index", NULL, some, 3, 1);
    cr_assert_eq(read_entries("index", entries[0], SOME), 3);
    group = entries[0][0].hash;
    writer = open_writer("index", NULL);
    cr_assert_eq(lede_writer_remove(writer, LEDE_STR("a"), NULL), LEDE_OK);
    commit(writer);
    lede_writer_close(writer);
    compact("index");
    add_some("strange", NULL, some + 4, 1, 1);
    merge_into("strange", parts, 1);
    cr_assert_eq(read_entries("strange", entries[0], SOME), 3);
    cr_expect_eq(entries[0][1].group, group);
    cr_expect_eq(entries[0][2].group, group);
    add_some("copies", NULL, some + 3, 1, 1);
    merge_into("copies", parts, 1);
    cr_assert_eq(read_entries("copies", entries[0], SOME), 3);
    cr_expect_eq(entries[0][1].group, entries[0][0].hash);
    cr_expect_eq(entries[0][2].group, entries[0][0].hash);
    free(some[0].text);
    free(some[4].text);
}

/* ---- more than a chunk ---- */

static enum lede_status put(void *context, char table, struct slice key, struct slice value,
                            struct lede_error *err)
{
    (void)context, (void)table, (void)key, (void)value, (void)err;
    return LEDE_OK;
}

/* The groups of them all by one table that holds them all: test_near_copy.c. */
static void group_at_once(const int64_t *signatures, uint32_t count, int64_t *groups)
{
    near_best *bests = calloc(count, sizeof *bests);
    uint8_t *codes = malloc(count);
    struct near_table table;

    cr_assert(bests && codes);
    memset(codes, norm_encode(50), count);
    cr_assert_eq(near_table_init(&table, signatures, codes, bests, count, SIZE_MAX, NULL, NULL),
                 LEDE_OK);
    while (near_table_fill(&table, 0))
        ;
    near_table_done(&table);
    for (uint32_t i = 0; i < count; i++)
        groups[i] = bests[i] == NEAR_NONE ? 1000000 + i : groups[near_order(bests[i])];
    free(bests);
    free(codes);
}

Test(duplicates, beyond_a_chunk_groups_are_found_through_a_file)
{
    enum { MANY = 2 * DUPLICATES_CHUNK + 5000 };
    struct dice dice = dice_of(scratch_seed() + 4);
    struct segment_options options = {1, true, 1.2, 0.75};
    struct record_sink sink = {NULL, put};
    int64_t *signatures = calloc(MANY, sizeof *signatures), *wanted = calloc(MANY, sizeof *wanted);
    struct segment_writer *writer;
    struct duplicates *duplicates;
    struct group_source source;
    struct account account;

    cr_assert(signatures && wanted);
    account_init(&account, 64 << 20);
    cr_assert_eq(duplicates_new(scratch, &account, &duplicates, NULL), LEDE_OK);
    cr_assert_eq(segment_writer_new(&options, &sink, &account, &writer, NULL), LEDE_OK);
    for (uint32_t i = 0; i < MANY; i++) {
        struct document document = {.length = 50};
        char id[16];

        signatures[i] = i > 0 && dice_below(&dice, 2) ? signatures[dice_below(&dice, i)]
                                                      : (int64_t)dice_roll(&dice);
        for (int c = 0; c < COLUMN_COUNT; c++)
            document.columns[c] = COLUMN_MISSING;
        document.id = slice_of(id, (size_t)snprintf(id, sizeof id, "%u", i));
        cr_assert_eq(duplicates_add(duplicates, signatures[i], 1000000 + i, NULL), LEDE_OK);
        cr_assert_eq(segment_writer_document(writer, &document, NULL), LEDE_OK);
    }
    group_at_once(signatures, MANY, wanted);
    source = duplicates_groups(duplicates, writer);
    for (uint32_t first = 0; first < MANY; first += WINDOW_DOCS) {
        uint32_t count = MANY - first < WINDOW_DOCS ? MANY - first : WINDOW_DOCS;
        struct lede_error error = {0};
        int64_t groups[WINDOW_DOCS];

        for (uint32_t i = 0; i < count; i++)
            groups[i] = 1000000 + first + i; /* what stays, is missing */
        cr_assert_eq(source.window(source.context, first, count, groups, &error), LEDE_OK, "%s",
                     error.text);
        for (uint32_t i = 0; i < count; i++)
            cr_assert_eq(groups[i], wanted[first + i], "seed %u: article %u", scratch_seed(),
                         first + i);
    }
    duplicates_free(duplicates);
    segment_writer_free(writer);
    cr_expect_eq(atomic_load(&account.used), 0);
    free(signatures);
    free(wanted);
}
