#include <signal.h>
#include <sys/resource.h>

#include "indexer/changes.h"
#include "tests/indexer/articles.h"

TestSuite(writer, .init = scratch_make, .fini = scratch_remove);

static struct lede_writer *open_writer(const char *path, const struct lede_writer_options *options)
{
    struct lede_writer *writer = NULL;
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_open(path, options, &writer, &error), LEDE_OK, "%s", error.text);
    return writer;
}

static enum lede_status open_status(const char *path, struct lede_writer_options options,
                                    struct lede_error *error)
{
    struct lede_writer *writer = NULL;
    enum lede_status status = lede_writer_open(path, &options, &writer, error);

    lede_writer_close(writer);
    return status;
}

static void add(struct lede_writer *writer, const char *id, const char *text)
{
    struct lede_article article = {.id = bytes_of(id), .text = bytes_of(text)};
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
}

static enum lede_status drop(struct lede_writer *writer, const char *id)
{
    return lede_writer_remove(writer, bytes_of(id), NULL);
}

static void commit(struct lede_writer *writer)
{
    struct lede_error error = {0};

    cr_assert_eq(lede_writer_commit(writer, &error), LEDE_OK, "%s", error.text);
}

static struct snapshot *snapshot_here(void)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};

    cr_assert_eq(snapshot_open("index", &snapshot, &error), LEDE_OK, "%s", error.text);
    return snapshot;
}

/* The stored text of the live article with this id, the caller's to free; NULL: there is none. */
static char *text_of(struct snapshot *snapshot, const char *id)
{
    struct stored_article article;
    struct buffer raw, fields;
    struct lede_error error = {0};
    uint32_t place;
    doc_id document;
    int64_t location;
    char *text;
    enum lede_status status = snapshot_find_id(snapshot, slice_str(id), &place, &document, &error);

    if (status == LEDE_MISSING)
        return NULL;
    cr_assert_eq(status, LEDE_OK, "%s", error.text);
    buffer_init(&raw, NULL);
    buffer_init(&fields, NULL);
    cr_assert_eq(
        column_get(&snapshot->segments[place].columns, COLUMN_ARTICLE, document, &location, &error),
        LEDE_OK);
    cr_assert_eq(stored_get(&snapshot->segments[place].streams[STREAM_ARTICLES], location, true,
                            1 << 28, &raw, &fields, &article, &error),
                 LEDE_OK, "%s", error.text);
    text = strndup((const char *)article.text.data, article.text.size);
    buffer_done(&raw);
    buffer_done(&fields);
    return text;
}

static void expect(const char *id, const char *wanted)
{
    struct snapshot *snapshot = snapshot_here();
    char *text = text_of(snapshot, id);

    if (wanted)
        cr_assert_str_eq(text ? text : "(none)", wanted);
    else
        cr_assert_null(text);
    free(text);
    snapshot_close(snapshot);
}

static uint64_t live(void)
{
    struct snapshot *snapshot = snapshot_here();
    uint64_t count = 0, bits = 0;

    for (size_t i = 0; i < snapshot->segment_count; i++) {
        struct segment *segment = &snapshot->segments[i];
        bool deleted;

        count += segment->info->documents - segment->info->deleted;
        for (doc_id j = 0; j < segment->info->documents; j++) {
            cr_assert_eq(segment_is_deleted(segment, j, &deleted, NULL), LEDE_OK);
            bits += !deleted;
        }
    }
    snapshot_close(snapshot);
    cr_assert_eq(count, bits);
    return count;
}

static void expect_totals(const struct lede_writer *writer, uint64_t added, uint64_t replaced,
                          uint64_t unchanged, uint64_t removed)
{
    struct lede_writer_totals totals;

    lede_writer_totals(writer, &totals);
    cr_assert(totals.added == added && totals.replaced == replaced &&
                  totals.unchanged == unchanged && totals.removed == removed,
              "%lu added, %lu replaced, %lu unchanged, %lu removed", totals.added, totals.replaced,
              totals.unchanged, totals.removed);
}

/* ---- ids ---- */

Test(writer, what_was_added_is_there_after_the_commit_alone)
{
    struct lede_writer *writer = open_writer("index", NULL);
    struct snapshot *snapshot;

    add(writer, "a", "one");
    cr_assert_eq(snapshot_open("index", &snapshot, NULL), LEDE_MISSING);
    commit(writer);
    expect("a", "one");
    add(writer, "b", "two");
    expect("b", NULL);
    lede_writer_close(writer); /* drops it */
    expect("b", NULL);
    cr_assert_eq(live(), 1);
}

Test(writer, an_empty_commit_makes_an_empty_index)
{
    struct lede_writer *writer = open_writer("index", NULL);

    commit(writer);
    cr_assert_eq(live(), 0);
    lede_writer_close(writer);
}

Test(writer, the_last_article_of_an_id_wins)
{
    struct lede_writer *writer = open_writer("index", NULL);

    add(writer, "a", "first");
    add(writer, "b", "other");
    add(writer, "a", "second");
    add(writer, "a", "third");
    commit(writer);
    expect("a", "third");
    cr_assert_eq(live(), 2);
    expect_totals(writer, 2, 2, 0, 0);
    add(writer, "a", "fourth");
    commit(writer);
    expect("a", "fourth");
    expect("b", "other");
    cr_assert_eq(live(), 2);
    expect_totals(writer, 2, 3, 0, 0);
    lede_writer_close(writer);
}

enum { ID_SIZE = 16 };

/* Two ids that an id map cannot tell apart (id_map.h). */
static void ids_of_one_key(char one[ID_SIZE], char other[ID_SIZE])
{
    static int numbers[1 << ID_KEY_BITS / 2 << 4]; /* by the lower bits of their key */
    enum { PLACES = sizeof numbers / sizeof *numbers };

    for (int i = 1;; i++) {
        uint32_t key;
        int *place;

        snprintf(one, ID_SIZE, "n%d", i);
        key = id_key(id_hash(slice_str(one)));
        place = &numbers[key % PLACES];
        snprintf(other, ID_SIZE, "n%d", *place);
        if (*place && id_key(id_hash(slice_str(other))) == key)
            return;
        *place = i;
    }
}

Test(writer, ids_that_share_a_key_are_told_apart)
{
    struct lede_writer *writer = open_writer("index", NULL);
    char one[ID_SIZE], other[ID_SIZE], text[2 * ID_SIZE];

    ids_of_one_key(one, other);
    cr_assert_str_neq(one, other);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 2; j++) {
            snprintf(text, sizeof text, "%s %d", j ? "other" : "one", i);
            add(writer, j ? other : one, text);
        }
    commit(writer);
    expect_totals(writer, 2, 4, 0, 0);
    add(writer, one, "one 3");
    cr_assert_eq(drop(writer, other), LEDE_OK);
    add(writer, one, "one 4");
    commit(writer);
    expect_totals(writer, 2, 6, 0, 1);
    lede_writer_close(writer);
    expect(one, "one 4");
    expect(other, NULL);
    cr_assert_eq(live(), 1);
}

Test(writer, an_unchanged_article_is_left_alone)
{
    struct lede_writer *writer = open_writer("index", NULL);
    uint64_t before;

    add(writer, "a", "same");
    commit(writer);
    before = index_digest("index");
    add(writer, "a", "same");
    commit(writer);
    cr_assert_eq(index_digest("index"), before);
    expect_totals(writer, 1, 0, 1, 0);
    lede_writer_close(writer);
}

Test(writer, the_last_word_counts_even_if_it_is_the_committed_one)
{
    struct lede_writer *writer = open_writer("index", NULL);

    add(writer, "a", "committed");
    commit(writer);
    add(writer, "a", "new");
    add(writer, "a", "committed");
    commit(writer);
    expect("a", "committed");
    cr_assert_eq(live(), 1);
    add(writer, "a", "committed");
    add(writer, "a", "new");
    commit(writer);
    expect("a", "new");
    cr_assert_eq(live(), 1);
    lede_writer_close(writer);
}

Test(writer, a_removal_counts_in_its_place_among_the_calls)
{
    struct lede_writer *writer = open_writer("index", NULL);

    add(writer, "a", "one");
    add(writer, "b", "two");
    cr_assert_eq(drop(writer, "a"), LEDE_MISSING); /* was not committed, and goes all the same */
    commit(writer);
    expect("a", NULL);
    expect("b", "two");
    cr_assert_eq(drop(writer, "b"), LEDE_OK);
    add(writer, "b", "three");
    commit(writer);
    expect("b", "three");
    add(writer, "b", "four");
    cr_assert_eq(drop(writer, "b"), LEDE_OK);
    commit(writer);
    expect("b", NULL);
    cr_assert_eq(live(), 0);
    cr_assert_eq(drop(writer, "b"), LEDE_MISSING);
    commit(writer);
    lede_writer_close(writer);
}

Test(writer, a_removal_taken_back_leaves_the_committed_article)
{
    struct lede_writer *writer = open_writer("index", NULL);

    add(writer, "a", "one");
    commit(writer);
    cr_assert_eq(drop(writer, "a"), LEDE_OK);
    add(writer, "a", "one");
    commit(writer);
    expect("a", "one");
    cr_assert_eq(live(), 1);
    cr_assert_eq(drop(writer, "a"), LEDE_OK);
    commit(writer);
    expect("a", NULL);
    add(writer, "a", "one");
    commit(writer);
    expect("a", "one");
    lede_writer_close(writer);
}

/* ---- arguments ---- */

Test(writer, an_article_that_cannot_be_is_refused_and_nothing_else)
{
    static char id[LEDE_ID_MAX + 2];
    struct lede_writer *writer = open_writer("index", NULL);
    struct lede_article article = {.text = LEDE_STR("x")};

    memset(id, 'i', sizeof id - 1);
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_INVALID);
    article.id = bytes_of(id);
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_INVALID);
    article.id.size = LEDE_ID_MAX;
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_OK);
    article.text.data = NULL;
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_INVALID);
    article.text = (struct lede_bytes){"x", (size_t)3 << 30};
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_LIMIT);
    article.text.size = SIZE_MAX;
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_LIMIT);
    article.text = LEDE_STR("x");
    article.metadata_count = SIZE_MAX / 8;
    article.metadata = &(struct lede_field){LEDE_STR("a"), LEDE_STR("b")};
    article.metadata_count = 1;
    article.date.precision = (enum lede_precision)77;
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_INVALID);
    cr_assert_eq(lede_writer_remove(writer, (struct lede_bytes){NULL, 0}, NULL), LEDE_INVALID);
    add(writer, "good", "text");
    add(writer, "empty", "");
    commit(writer);
    cr_assert_eq(live(), 3);
    expect("empty", "");
    lede_writer_close(writer);
}

Test(writer, options_that_contradict_the_index_are_told)
{
    struct lede_error error = {0};

    lede_writer_close(open_writer("plain", &(struct lede_writer_options){.jobs = 1}));
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.no_stem = true}, &error),
                 LEDE_OK, "nothing was committed, so nothing is fixed");
    struct lede_writer *writer = open_writer("plain", NULL);
    commit(writer);
    lede_writer_close(writer);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.no_stem = true}, &error),
                 LEDE_INCOMPATIBLE);
    cr_assert(strstr(error.text, "stemming"), "%s", error.text);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.no_positions = true}, &error),
                 LEDE_INCOMPATIBLE);
    cr_assert(strstr(error.text, "positions"), "%s", error.text);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.no_store = true}, &error),
                 LEDE_INCOMPATIBLE);
    cr_assert_eq(
        open_status("plain", (struct lede_writer_options){.stopwords = LEDE_STR("the\n")}, &error),
        LEDE_INCOMPATIBLE);
    cr_assert(strstr(error.text, "stop words"), "%s", error.text);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.language = "de"}, &error),
                 LEDE_OK);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.language = "klingon"}, &error),
                 LEDE_INVALID);
    cr_assert_eq(open_status("plain", (struct lede_writer_options){.memory = 1 << 20}, &error),
                 LEDE_INVALID);
}

Test(writer, options_that_say_nothing_take_what_the_index_has)
{
    struct lede_writer_options options = {.no_stem = true,
                                          .no_positions = true,
                                          .no_store = true,
                                          .stopwords = LEDE_STR("the\nof\n"),
                                          .language = "fr"};
    struct lede_writer *writer = open_writer("index", &options);
    struct snapshot *snapshot;

    add(writer, "a", "the marchons");
    commit(writer);
    lede_writer_close(writer);
    writer = open_writer("index", &(struct lede_writer_options){.stopwords = options.stopwords});
    add(writer, "b", "of marchons");
    commit(writer);
    lede_writer_close(writer);
    snapshot = snapshot_here();
    for (size_t i = 0; i < 2; i++) {
        struct term_info info;

        cr_assert_eq(segment_find(&snapshot->segments[i], slice_of("\0marchons", 9), &info, NULL),
                     LEDE_OK);
        cr_assert_eq(segment_find(&snapshot->segments[i], slice_of("\0the", 4), &info, NULL),
                     LEDE_MISSING);
        cr_assert_eq(snapshot->segments[i].info->stream_sizes[STREAM_POSITIONS], 0);
    }
    snapshot_close(snapshot);
    expect("b", "");
}

/* ---- the same for any number of threads and any memory ---- */

enum { MANY = 2500 };

static void write_pieces(const char *path, const struct piece *pieces, size_t count,
                         struct lede_writer_options options)
{
    struct lede_writer *writer = open_writer(path, &options);
    struct lede_error error = {0};

    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(article_add(writer, &pieces[i], &error), LEDE_OK, "%s", error.text);
        if (i == count / 3 || i == count / 2)
            commit(writer);
        if (i % 97 == 50)
            (void)drop(writer, pieces[i / 2].id);
    }
    commit(writer);
    lede_writer_close(writer);
}

Test(writer, threads_and_memory_leave_no_trace)
{
    static struct piece pieces[MANY];
    static const struct lede_writer_options tries[] = {
        {.jobs = 1}, {.jobs = 2}, {.jobs = 4, .memory = 49 << 20}, {.memory = 16 << 20}};
    bool quick = getenv("LEDE_SANITIZED") != NULL;
    size_t count = quick ? 500 : MANY;
    struct dice dice = dice_new();
    uint64_t digest = 0;

    for (size_t i = 0; i < count; i++)
        article_make(&dice, &pieces[i], dice_below(&dice, (uint32_t)count), dice_bits(&dice, 12));
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        char path[16];

        snprintf(path, sizeof path, "index%zu", i);
        write_pieces(path, pieces, count, tries[i]);
        if (i == 0)
            digest = index_digest(path);
        cr_assert_eq(index_digest(path), digest, "seed %lu, try %zu", dice.seed, i);
    }
    for (size_t i = 0; i < count; i++)
        free(pieces[i].text);
}

/* ---- articles larger than memory ---- */

/* Words of which most are distinct, a few frequent; some not ASCII. */
static struct buffer long_text(size_t size)
{
    struct buffer text;

    buffer_init(&text, NULL);
    for (unsigned i = 0; text.size < size; i++)
        buffer_printf(&text, i % 5 ? "w%x " : i % 7 ? "often " : "d\u00e9j\u00e0%x \xff\n", i);
    return text;
}

/* Adds a short article, the text as one (whole, or in parts of `part` bytes), and another short
 * one.
 */
static uint64_t digest_with(const char *path, const struct buffer *text, size_t part, size_t memory)
{
    struct lede_writer *writer =
        open_writer(path, &(struct lede_writer_options){.jobs = 1, .memory = memory});
    struct lede_article article = {.id = LEDE_STR("long"),
                                   .title = LEDE_STR("A long d\u00e9j\u00e0")};
    struct lede_error error = {0};
    size_t at = 0;

    add(writer, "before", "one often");
    for (; part > 0 && at + part < text->size; at += part)
        cr_assert_eq(lede_writer_append(writer, (struct lede_bytes){text->data + at, part}, &error),
                     LEDE_OK, "%s", error.text);
    article.text = (struct lede_bytes){text->data + at, text->size - at};
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    add(writer, "behind", "often two");
    commit(writer);
    lede_writer_close(writer);
    return index_digest(path);
}

Test(writer, an_article_that_one_inverter_cannot_hold_is_inverted_in_parts)
{
    struct buffer text = long_text(3 << 20);
    uint64_t whole = digest_with("whole", &text, 0, 0);

    cr_expect_eq(digest_with("parts", &text, 0, 16 << 20), whole);
    buffer_done(&text);
}

Test(writer, a_text_that_is_given_in_parts_is_the_text)
{
    struct buffer text = long_text(5 << 20);
    uint64_t whole = digest_with("index", &text, 0, 0);
    struct snapshot *snapshot = snapshot_here();
    char *stored = text_of(snapshot, "long");

    cr_assert_eq(strlen(stored), text.size);
    cr_expect_arr_eq(stored, text.data, text.size);
    free(stored);
    snapshot_close(snapshot);
    cr_expect_eq(digest_with("parts", &text, 999983, 16 << 20), whole);
    cr_expect_eq(digest_with("small", &text, 700001, 0), whole);
    buffer_done(&text);
}

Test(writer, parts_of_a_text_never_go_to_another_article)
{
    struct lede_writer *writer = open_writer("index", NULL);
    struct lede_article article = {.id = LEDE_STR(""), .text = LEDE_STR("end")};

    cr_assert_eq(lede_writer_append(writer, LEDE_STR("forgotten "), NULL), LEDE_OK);
    lede_writer_forget(writer);
    add(writer, "a", "one");
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("refused "), NULL), LEDE_OK);
    cr_assert_eq(lede_writer_add(writer, &article, NULL), LEDE_INVALID);
    add(writer, "b", "two");
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("be"), NULL), LEDE_OK);
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("gin "), NULL), LEDE_OK);
    add(writer, "c", "end");
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("never added"), NULL), LEDE_OK);
    commit(writer);
    expect_totals(writer, 3, 0, 0, 0);
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("begin"), NULL), LEDE_OK);
    lede_writer_forget(writer);
    cr_assert_eq(lede_writer_append(writer, LEDE_STR("begin "), NULL), LEDE_OK);
    add(writer, "c", "end");
    commit(writer);
    expect_totals(writer, 3, 0, 1, 0);
    lede_writer_close(writer);
    expect("a", "one");
    expect("b", "two");
    expect("c", "begin end");
}

/* ---- random calls against a table ---- */

enum { IDS = 60, CALLS = 1500 };

struct model {
    int committed[IDS], now[IDS]; /* the number of each id's text; 0: there is none */
};

static void model_check(const struct model *model, uint64_t seed)
{
    struct snapshot *snapshot = snapshot_here();
    uint64_t count = 0;

    for (int i = 0; i < IDS; i++) {
        char id[16], wanted[16], *text;

        snprintf(id, sizeof id, "id%d", i);
        snprintf(wanted, sizeof wanted, "text %d", model->now[i]);
        text = text_of(snapshot, id);
        count += text != NULL;
        cr_assert((text == NULL) == (model->now[i] == 0), "seed %lu id %d", seed, i);
        if (text)
            cr_assert_str_eq(text, wanted, "seed %lu id %d", seed, i);
        free(text);
    }
    snapshot_close(snapshot);
    cr_assert_eq(live(), count, "seed %lu", seed);
}

static void model_commit(struct model *model, struct lede_writer *writer, uint64_t seed)
{
    commit(writer);
    memcpy(model->committed, model->now, sizeof model->now);
    model_check(model, seed);
}

static void model_call(struct model *model, struct lede_writer *writer, struct dice *dice)
{
    uint32_t number = dice_below(dice, IDS);
    char id[16], text[16];

    snprintf(id, sizeof id, "id%u", number);
    if (dice_below(dice, 4) == 0) {
        cr_assert_eq(drop(writer, id), model->committed[number] ? LEDE_OK : LEDE_MISSING,
                     "seed %lu", dice->seed);
        model->now[number] = 0;
        return;
    }
    model->now[number] = 1 + (int)dice_below(dice, 3); /* often unchanged */
    snprintf(text, sizeof text, "text %d", model->now[number]);
    add(writer, id, text);
}

Test(writer, random_calls_come_to_what_a_table_says)
{
    struct dice dice = dice_new();
    struct model model = {{0}, {0}};
    struct lede_writer *writer = open_writer("index", &(struct lede_writer_options){.jobs = 2});

    for (int i = 0; i < CALLS; i++) {
        model_call(&model, writer, &dice);
        if (dice_below(&dice, 20) == 0)
            model_commit(&model, writer, dice.seed);
        if (dice_below(&dice, 200) == 0) { /* what was not committed is dropped */
            lede_writer_close(writer);
            memcpy(model.now, model.committed, sizeof model.now);
            writer =
                open_writer("index", &(struct lede_writer_options){.jobs = 1 + (unsigned)i % 3});
        }
    }
    model_commit(&model, writer, dice.seed);
    lede_writer_close(writer);
}

/* ---- more mentions than memory has ---- */

enum { ID_COUNT = 3000, WORD_COUNT = 4 * MENTIONS_MEMORY / 24 };

static void long_id(char id[128], uint32_t number)
{
    snprintf(id, 128, "%0100u", number);
}

static void say_words(struct lede_writer *writer, struct dice *dice, uint32_t now[ID_COUNT])
{
    for (int i = 0; i < WORD_COUNT; i++) {
        uint32_t number = dice_below(dice, ID_COUNT);
        char id[128], text[16];

        long_id(id, number);
        now[number] = dice_below(dice, 8) ? 0 : 1 + dice_below(dice, 2);
        snprintf(text, sizeof text, "text %u", now[number]);
        if (now[number])
            add(writer, id, text);
        else
            (void)drop(writer, id);
    }
}

Test(writer, any_number_of_removals_and_unchanged_articles_come_to_the_last_words)
{
    struct dice dice = dice_new();
    struct lede_writer *writer = open_writer("index", &(struct lede_writer_options){.jobs = 1});
    struct snapshot *snapshot;
    uint32_t now[ID_COUNT];
    uint64_t count = 0;
    char id[128], wanted[16];

    for (uint32_t i = 0; i < ID_COUNT; i++) {
        long_id(id, i);
        now[i] = i % 2 == 0;
        if (now[i])
            add(writer, id, "text 1");
    }
    commit(writer);
    say_words(writer, &dice, now);
    commit(writer);
    lede_writer_close(writer);
    snapshot = snapshot_here();
    for (uint32_t i = 0; i < ID_COUNT; i++) {
        char *text;

        long_id(id, i);
        snprintf(wanted, sizeof wanted, "text %u", now[i]);
        text = text_of(snapshot, id);
        cr_assert_eq(text != NULL, now[i] > 0, "seed %lu: %u", dice.seed, i);
        cr_assert(!text || strcmp(text, wanted) == 0, "seed %lu: %u", dice.seed, i);
        count += text != NULL;
        free(text);
    }
    snapshot_close(snapshot);
    cr_assert_eq(live(), count, "seed %lu", dice.seed);
}

/* ---- failures ---- */

/* Files of the process may not grow beyond limit bytes, much as on a full disk (but for LMDB
 * that is EIO). */
static void limit_files(rlim_t limit)
{
    struct rlimit both;

    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &both), 0);
    both.rlim_cur = limit;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &both), 0);
}

Test(writer, an_article_that_memory_does_not_allow_is_refused_and_nothing_else)
{
    struct lede_writer_options small = {.jobs = 1, .memory = 16 << 20};
    struct lede_writer *writer = open_writer("index", &small);
    size_t size = 32 << 20;
    char *large = malloc(size);
    struct lede_error error = {0};
    struct lede_field value = {LEDE_STR("note"), {large, size}};
    struct lede_article article = {.id = LEDE_STR("large"), .title = {large, size}};

    cr_assert(large);
    memset(large, 'x', size);
    add(writer, "a", "one");
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_LIMIT, "%s", error.text);
    article.text = article.title;
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_LIMIT, "%s", error.text);
    article.title.size = 1;
    article.metadata = &value;
    article.metadata_count = 1;
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_LIMIT, "%s", error.text);
    add(writer, "b", "two");
    article.metadata_count = 0; /* a long text is in a file */
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    commit(writer);
    lede_writer_close(writer);
    free(large);
    expect("a", "one");
    expect("b", "two");
    cr_assert_eq(live(), 3);
}

Test(writer, a_writer_that_failed_says_so_again_and_leaves_the_index_as_it_was)
{
    struct lede_writer *writer = open_writer("index", &(struct lede_writer_options){.jobs = 1});
    struct lede_error error = {0}, again = {0};
    struct lede_article article = {.id = LEDE_STR("b"), .text = LEDE_STR("two")};
    enum lede_status failed;

    signal(SIGXFSZ, SIG_IGN);
    add(writer, "a", "one");
    commit(writer);
    add(writer, "b", "one");
    limit_files(0);
    failed = lede_writer_commit(writer, &error);
    cr_assert(failed == LEDE_FULL || failed == LEDE_IO, "%s", error.text);
    limit_files(RLIM_INFINITY);
    cr_assert_eq(lede_writer_add(writer, &article, &again), failed);
    cr_assert_str_eq(again.text, error.text);
    cr_assert_eq(lede_writer_commit(writer, NULL), failed);
    cr_assert_eq(drop(writer, "a"), failed);
    lede_writer_close(writer);
    expect("a", "one");
    cr_assert_eq(live(), 1);
}

/* A large article gets the memory that the inverters hold for what they will spill. */
Test(writer, a_large_article_fits_once_the_others_were_spilled)
{
    struct lede_writer_options small = {.jobs = 2, .memory = 16 << 20};
    struct lede_writer *writer = open_writer("index", &small);
    size_t size = 5 << 20;
    char *large = malloc(size);
    struct lede_article article = {.id = LEDE_STR("large"), .text = {large, size}};
    struct lede_error error = {0};
    struct dice dice = dice_new();

    cr_assert(large);
    for (int i = 0; i < 200; i++) {
        struct piece piece;

        article_make(&dice, &piece, (uint32_t)i, 2000);
        cr_assert_eq(article_add(writer, &piece, &error), LEDE_OK, "%s", error.text);
        free(piece.text);
    }
    memset(large, ' ', size);
    for (size_t i = 0; i < 6; i++)
        large[i] = "needle"[i];
    cr_assert_eq(lede_writer_add(writer, &article, &error), LEDE_OK, "%s", error.text);
    commit(writer);
    lede_writer_close(writer);
    free(large);
    cr_assert_eq(live(), 201);
}

Test(writer, a_full_disk_fails_the_commit_and_leaves_the_index_as_it_was)
{
    struct lede_writer *writer = open_writer("index", &(struct lede_writer_options){.jobs = 1});
    struct dice dice = dice_new();
    struct lede_error error = {0};
    enum lede_status status = LEDE_OK;
    struct stat file;

    signal(SIGXFSZ, SIG_IGN);
    add(writer, "a", "one");
    commit(writer);
    cr_assert_eq(stat("index/data.mdb", &file), 0);
    limit_files((rlim_t)file.st_size + (64 << 10));
    for (uint32_t i = 0; i < 300 && status == LEDE_OK; i++) {
        struct piece piece;

        article_make(&dice, &piece, i, 2000);
        status = article_add(writer, &piece, &error);
        free(piece.text);
    }
    if (status == LEDE_OK)
        status = lede_writer_commit(writer, &error);
    cr_assert(status == LEDE_FULL || status == LEDE_IO, "%s", error.text);
    cr_assert_eq(lede_writer_commit(writer, NULL), status);
    lede_writer_close(writer);
    limit_files(RLIM_INFINITY);
    cr_assert_eq(live(), 1);
    expect("a", "one");
    writer = open_writer("index", NULL);
    add(writer, "b", "two");
    commit(writer);
    lede_writer_close(writer);
    expect("b", "two");
}

Test(writer, two_writers_exclude_each_other)
{
    struct lede_writer *writer = open_writer("index", NULL), *other = NULL;

    cr_assert_eq(lede_writer_open("index", NULL, &other, NULL), LEDE_BUSY);
    lede_writer_close(writer);
    lede_writer_close(open_writer("index", NULL));
}
