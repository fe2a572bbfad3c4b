#include "tests/fault/history.h"

#include <criterion/criterion.h>

#include <fcntl.h>
#include <sys/stat.h>

#include "index/verify.h"
#include "tests/command_runner.h"

enum { WORDS_MAX = 600, TEXT_MAX = 8 * WORDS_MAX, COMMIT_ARTICLES = 8 };

struct history *history_new(const char *directory, struct dice *dice)
{
    struct history *history = calloc(1, sizeof *history);

    cr_assert_not_null(history);
    history->dice = dice;
    cr_assert(asprintf(&history->index, "%s/made/index", directory) > 0);
    cr_assert(asprintf(&history->input, "%s/input.jsonl", directory) > 0);
    for (unsigned i = 0; i < HISTORY_FILES; i++)
        cr_assert(asprintf(&history->files[i], "%s/folder/%u.jsonl", directory, i) > 0);
    cr_assert(asprintf(&history->folder, "%s/folder", directory) > 0);
    for (int i = 0; i < HISTORY_ARTICLES; i++)
        (void)snprintf(history->ids[i], sizeof history->ids[i], "a%d", i);
    history->count = 1;
    return history;
}

void history_free(struct history *history)
{
    if (!history)
        return;
    free(history->index);
    free(history->input);
    free(history->other);
    free(history->folder);
    for (unsigned i = 0; i < HISTORY_FILES; i++)
        free(history->files[i]);
    free(history);
}

/* ---- articles ---- */

/* The text of an article of a generation; as many bytes as returned. */
static size_t make_text(unsigned article, unsigned generation, char text[TEXT_MAX])
{
    struct dice dice = dice_of((uint64_t)generation * HISTORY_ARTICLES + article);
    unsigned words = 1 + dice_bits(&dice, 9);
    size_t size = (size_t)sprintf(text, "generation%u", generation);

    for (unsigned i = 0; i < words; i++)
        size += (size_t)sprintf(text + size, " w%u", dice_bits(&dice, 12));
    return size;
}

static void put_article(FILE *file, unsigned article, unsigned generation)
{
    char text[TEXT_MAX];

    make_text(article, generation, text);
    cr_assert(fprintf(file, "{\"id\":\"a%u\",\"title\":\"article %u\",\"text\":\"%s\"}\n", article,
                      article, text) > 0);
}

/* ---- steps ---- */

static uint16_t *new_state(struct history *history)
{
    uint16_t *state = history->states[history->count];

    cr_assert(history->count < HISTORY_STATES);
    memcpy(state, history->states[history->count - 1], sizeof history->states[0]);
    memcpy(history->synced[history->count], history->synced[history->count - 1],
           sizeof history->synced[0]);
    history->count++;
    return state;
}

/* A commit of COMMIT_ARTICLES articles, in a row, so that many are replaced. */
static void add_commit(struct history *history, FILE *file)
{
    uint16_t *state = new_state(history);
    unsigned first = dice_below(history->dice, HISTORY_ARTICLES);

    history->generation++;
    for (unsigned i = 0; i < COMMIT_ARTICLES; i++) {
        unsigned article = (first + i) % HISTORY_ARTICLES;

        state[article] = history->generation;
        history->synced[history->count - 1][article] = false;
        put_article(file, article, history->generation);
    }
}

static void step_add(struct history *history)
{
    static const char *const arguments[] = {"add", "-q", "-f", "jsonl", "-j1", "--commit-every",
                                            "8",   "-d"};
    FILE *file = fopen(history->input, "we");
    size_t count = sizeof arguments / sizeof *arguments;

    cr_assert_not_null(file);
    for (unsigned commits = 1 + dice_below(history->dice, 3); commits > 0; commits--)
        add_commit(history, file);
    cr_assert_eq(fclose(file), 0);
    memcpy(history->arguments, arguments, sizeof arguments);
    history->arguments[count++] = history->index;
    history->arguments[count++] = history->input;
    history->arguments[count] = NULL;
}

/* Every third article; false: there are none. */
static bool step_rm(struct history *history)
{
    uint16_t *state = new_state(history);
    size_t count = 0;

    history->arguments[count++] = "rm";
    history->arguments[count++] = "-q";
    history->arguments[count++] = "-d";
    history->arguments[count++] = history->index;
    for (unsigned i = dice_below(history->dice, 3); i < HISTORY_ARTICLES; i += 3) {
        if (state[i] == 0)
            continue;
        state[i] = 0;
        history->arguments[count++] = history->ids[i];
    }
    history->arguments[count] = NULL;
    if (count > 4)
        return true;
    history->count--;
    return false;
}

static void step_compact(struct history *history)
{
    const char *const arguments[] = {"compact", "-q", "-d", history->index, NULL};

    (void)new_state(history);
    memcpy(history->arguments, arguments, sizeof arguments);
}

/* Another index, with a commit's articles, brought in. */
static void step_merge(struct history *history)
{
    FILE *file = fopen(history->input, "we");
    struct run run;

    cr_assert_not_null(file);
    add_commit(history, file);
    cr_assert_eq(fclose(file), 0);
    free(history->other);
    cr_assert(asprintf(&history->other, "%s.other%u", history->input, history->generation) > 0);
    run = INDEX("add", "-q", "-f", "jsonl", "-j1", "-d", history->other, history->input);
    cr_assert_eq(run.code, 0, "%s", run.err);
    run_done(&run);
    memcpy(history->arguments,
           ((const char *const[]){"merge", "-q", "-d", history->index, history->other, NULL}),
           6 * sizeof *history->arguments);
}

/* A file of a commit's articles: those that sync took from the folder before and are not among them
 * go in a commit of their own. It replaces the file that was there, or another one, which so
 * vanishes. */
static void step_sync(struct history *history)
{
    const char *name = history->files[dice_below(history->dice, HISTORY_FILES)];
    struct timespec times[2] = {{1, 0}, {1 + history->generation, 0}};
    const bool *before = history->synced[history->count - 1];
    uint16_t *state;
    bool *synced;
    FILE *file;

    (void)mkdir(history->folder, 0777);
    for (unsigned i = 0; i < HISTORY_FILES; i++)
        (void)remove(history->files[i]);
    file = fopen(name, "we");
    cr_assert_not_null(file);
    add_commit(history, file);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(utimensat(AT_FDCWD, name, times, 0), 0);
    state = new_state(history);
    synced = history->synced[history->count - 1];
    for (int i = 0; i < HISTORY_ARTICLES; i++) {
        synced[i] = state[i] == history->generation;
        if (before[i] && !synced[i])
            state[i] = 0;
    }
    memcpy(
        history->arguments,
        ((const char *const[]){"sync", "-q", "-j1", "-d", history->index, history->folder, NULL}),
        7 * sizeof *history->arguments);
}

void history_step(struct history *history)
{
    unsigned kind = history->count == 1 ? 9 : dice_below(history->dice, 10);

    history->before = history->count - 1;
    if (kind == 0)
        step_compact(history);
    else if (kind == 3)
        step_merge(history);
    else if (kind == 4 || kind == 5)
        step_sync(history);
    else if (kind > 2 || !step_rm(history))
        step_add(history);
}

/* ---- checking ---- */

static char *complain(const char *format, ...)
{
    char *text;
    va_list arguments;

    va_start(arguments, format);
    cr_assert(vasprintf(&text, format, arguments) > 0);
    va_end(arguments);
    return text;
}

/* Notes the generation of an article, which its text has to follow from. */
static char *note_article(const struct lede_article *article, uint16_t found[HISTORY_ARTICLES])
{
    unsigned number, generation;
    char id[16], text[TEXT_MAX];
    size_t size;

    if (article->id.size >= sizeof id || article->text.size < 12)
        return complain("an article of %zu bytes", article->text.size);
    memcpy(id, article->id.data, article->id.size);
    id[article->id.size] = '\0';
    memcpy(text, article->text.data, 12 < article->text.size ? article->text.size : 12);
    text[article->text.size] = '\0';
    if (sscanf(id, "a%u", &number) != 1 || number >= HISTORY_ARTICLES ||
        sscanf(text, "generation%u", &generation) != 1)
        return complain("article %s is none of ours", id);
    if (found[number])
        return complain("article %s is there twice", id);
    size = make_text(number, generation, text);
    if (size != article->text.size || memcmp(text, article->text.data, size) != 0)
        return complain("article %s has another text", id);
    found[number] = (uint16_t)generation;
    return NULL;
}

static char *read_articles(struct lede_index *index, uint16_t found[HISTORY_ARTICLES])
{
    struct lede_cursor cursor = {0};
    struct lede_hit hit = {0};
    struct lede_error error;
    struct lede_stored *stored;
    char *problem = NULL;
    enum lede_status status;

    while ((status = lede_cursor_next(index, &cursor, &hit, &error)) == LEDE_OK && !problem) {
        status = lede_stored_get(index, &hit, &stored, &error);
        if (status != LEDE_OK)
            return complain("%s", error.text);
        problem = note_article(lede_stored_article(stored), found);
        lede_stored_free(stored);
    }
    return problem || status == LEDE_MISSING ? problem : complain("%s", error.text);
}

/* That searching for a generation finds as many as are there. */
static char *search_generation(struct lede_index *index, const uint16_t found[HISTORY_ARTICLES],
                               uint16_t generation)
{
    struct lede_search_options options = {.count_matches = true};
    struct lede_results *results;
    struct lede_error error;
    uint64_t expected = 0, total;
    char query[32];
    struct lede_bytes text = {query, (size_t)sprintf(query, "generation%u", generation)};

    for (int i = 0; i < HISTORY_ARTICLES; i++)
        expected += found[i] == generation;
    if (lede_search(index, text, &options, &results, &error) != LEDE_OK)
        return complain("%s", error.text);
    total = lede_results_total(results);
    lede_results_free(results);
    return total == expected
               ? NULL
               : complain("%llu articles of generation %u are found, %llu are there",
                          (unsigned long long)total, generation, (unsigned long long)expected);
}

static char *read_index(const char *path, uint16_t found[HISTORY_ARTICLES])
{
    struct lede_index *index;
    struct lede_error error;
    enum lede_status status = lede_index_open(&path, 1, &index, &error);
    char *problem;

    if (status == LEDE_MISSING)
        return NULL;
    if (status != LEDE_OK)
        return complain("%s", error.text);
    problem = read_articles(index, found);
    for (int i = 0; i < HISTORY_ARTICLES && !problem; i++)
        if (found[i] && (i == 0 || found[i] != found[i - 1]))
            problem = search_generation(index, found, found[i]);
    lede_index_close(index);
    return problem;
}

char *history_check(const struct history *history, const char *path, bool deep, unsigned from,
                    unsigned to, unsigned *state)
{
    uint16_t found[HISTORY_ARTICLES] = {0};
    struct lede_error error;
    enum lede_status status = verify_index(path, deep, NULL, NULL, NULL, &error);
    char *problem;

    if (status != LEDE_OK && !(status == LEDE_MISSING && from == 0))
        return complain("verify: %s", error.text);
    problem = read_index(path, found);
    if (problem)
        return problem;
    for (*state = to;; --*state) {
        if (memcmp(found, history->states[*state], sizeof found) == 0)
            return NULL;
        if (*state == from)
            break;
    }
    for (*state = 0; *state < history->count; ++*state)
        if (memcmp(found, history->states[*state], sizeof found) == 0)
            return complain("the index is in state %u, not in one of %u to %u", *state, from, to);
    return complain("the index is in no state that a commit made, though in one of %u to %u it "
                    "should be",
                    from, to);
}
