/* lede-index sync with hardly any memory, so that what it knows of files and ids lies in temporary
 * files, against a table of what the files hold. */
#include "scratch.h"

#include "indexer/command/command.h"
#include "indexer/record_sort.h"
#include "tests/index/dice.h"

TestSuite(sync_model, .init = scratch_make, .fini = scratch_remove, .timeout = 240);

enum {
    FILES = RECORD_MEMORY_MIN / 24 + 700, /* more than the table of known files has memory for */
    LINES = 4                             /* and of ids, where all files are read again */
};

struct model {
    struct dice dice;
    int texts[FILES][LINES]; /* of the article, by its file and line; 0: there is none */
    int time;                /* of the last change */
};

static void file_name(char name[64], int file)
{
    snprintf(name, 64, "tree/%d/%d.jsonl", file % 50, file);
}

static void write_file(struct model *model, int file)
{
    struct timespec times[2];
    char name[64];
    FILE *out;

    file_name(name, file);
    out = fopen(name, "w");
    cr_assert(out);
    for (int i = 0; i < LINES; i++)
        if (model->texts[file][i])
            fprintf(out, "{\"id\":\"%d.%d\",\"text\":\"heron %d\"}\n", file, i,
                    model->texts[file][i]);
    cr_assert_eq(fclose(out), 0);
    times[0] = times[1] = (struct timespec){978307200 + ++model->time, 0};
    cr_assert_eq(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void draw_file(struct model *model, int file)
{
    for (int i = 0; i < LINES; i++)
        if (dice_below(&model->dice, 2))
            model->texts[file][i] = (int)dice_below(&model->dice, 4);
    write_file(model, file);
}

static void remove_file(struct model *model, int file)
{
    char name[64];

    file_name(name, file);
    (void)unlink(name);
    memset(model->texts[file], 0, sizeof model->texts[file]);
}

/* Changes, adds and removes one file of so many. */
static void change(struct model *model, uint32_t one_of)
{
    for (int i = 0; i < FILES; i++) {
        if (dice_below(&model->dice, one_of) != 0)
            continue;
        if (dice_below(&model->dice, 4) == 0)
            remove_file(model, i);
        else
            draw_file(model, i);
    }
}

static void sync_tree(void)
{
    char *argv[] = {(char *)"lede-index",
                    (char *)"sync",
                    (char *)"-q",
                    (char *)"-d",
                    (char *)"index",
                    (char *)"-j1",
                    (char *)"--commit-every",
                    (char *)"2000",
                    (char *)"tree",
                    NULL};
    struct options options;
    struct lede_error error = {0};

    cr_assert_eq(options_parse(9, argv, &options, &error), LEDE_OK, "%s", error.text);
    options.memory = 1000;
    cr_assert_eq(command_sync(&options), 0);
    options_free(&options);
}

static void check_article(struct model *model, const struct lede_article *article)
{
    unsigned file = FILES, line = 0, text = 0;
    char words[64];

    snprintf(words, sizeof words, "%.*s %.*s", (int)article->id.size,
             (const char *)article->id.data, (int)article->text.size,
             (const char *)article->text.data);
    cr_assert_eq(sscanf(words, "%u.%u heron %u", &file, &line, &text), 3, "%s", words);
    cr_assert(file < FILES && line < LINES);
    cr_assert_eq((int)text, model->texts[file][line], "seed %lu: %u.%u", model->dice.seed, file,
                 line);
}

static void check(struct model *model)
{
    const char *path = "index";
    struct lede_index *index;
    struct lede_cursor cursor = {0};
    struct lede_hit hit;
    uint64_t wanted = 0, count = 0;

    for (int i = 0; i < FILES; i++)
        for (int j = 0; j < LINES; j++)
            wanted += model->texts[i][j] != 0;
    cr_assert_eq(lede_index_open(&path, 1, &index, NULL), LEDE_OK);
    for (; lede_cursor_next(index, &cursor, &hit, NULL) == LEDE_OK; count++) {
        struct lede_stored *stored;

        cr_assert_eq(lede_stored_get(index, &hit, &stored, NULL), LEDE_OK);
        check_article(model, lede_stored_article(stored));
        lede_stored_free(stored);
    }
    lede_index_close(index);
    cr_assert_eq(count, wanted, "seed %lu: %lu articles, not %lu", model->dice.seed, count, wanted);
}

Test(sync_model, an_index_holds_what_the_files_hold_however_little_memory_there_is)
{
    static struct model model;
    char name[64];

    model.dice = dice_new();
    cr_assert_eq(mkdir("tree", 0777), 0);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "tree/%d", i);
        cr_assert_eq(mkdir(name, 0777), 0);
    }
    for (int i = 0; i < FILES; i++) {
        for (int j = 0; j < LINES; j++)
            model.texts[i][j] = 1;
        write_file(&model, i);
    }
    sync_tree();
    check(&model);
    for (int round = 0; round < 4; round++) {
        change(&model, round % 2 ? 1 : 5 + dice_below(&model.dice, 40));
        sync_tree();
        check(&model);
    }
    for (int i = 0; i < FILES - 1; i++)
        remove_file(&model, i);
    sync_tree();
    check(&model);
}
