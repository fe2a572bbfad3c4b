/* Any bytes are a query: the parser's clauses lie in it in order, notes are printable, what is
 * offered to complete it are words, and a search of a small index ends with an answer or with one
 * of the statuses that are promised. The first byte holds the options. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <unistr.h>

#include "lede.h"
#include "query/complete.h"
#include "query/parser.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct lede_index *index_of_fuzz;

static void check(bool fine)
{
    if (!fine)
        abort();
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info, (void)kind, (void)at;
    return remove(path);
}

/* The index stays open when its directory is gone. */
static void make_index(void)
{
    static const char *const texts[] = {"crude oil prices rise", "AT&T and e-mail, C++ too",
                                        "Beyoncé et l'homme naïf", "灯台守と台北の猫", ""};
    char path[] = "/tmp/lede-fuzz-XXXXXX";
    const char *const paths[] = {path};
    const struct lede_field author = {LEDE_STR("author"), LEDE_STR("[\"Jane Doe\",\"x\"]")};
    const struct lede_writer_options options = {
        .memory = 16 << 20, .jobs = 1, .standard_keywords = true};
    struct lede_writer *writer;

    check(mkdtemp(path) != NULL);
    check(lede_writer_open(path, &options, &writer, NULL) == LEDE_OK);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct lede_article article = {.id = {&"abcde"[i], 1},
                                       .title = {texts[i], strlen(texts[i]) / 2},
                                       .text = {texts[i], strlen(texts[i])},
                                       .url = LEDE_STR("http://a.b/"),
                                       .metadata = &author,
                                       .metadata_count = i % 2};

        check(lede_writer_add(writer, &article, NULL) == LEDE_OK);
    }
    check(lede_writer_commit(writer, NULL) == LEDE_OK);
    lede_writer_close(writer);
    check(lede_index_open(paths, 1, &index_of_fuzz, NULL) == LEDE_OK);
    nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static void check_note(const char *note)
{
    size_t size = strlen(note);

    check(u8_check((const uint8_t *)note, size) == NULL);
    for (size_t i = 0; i < size; i++)
        check((uint8_t)note[i] >= 0x20 && note[i] != 0x7f);
}

static void parse(struct slice query, bool literal, bool strict)
{
    const uint8_t *at = query.data;
    struct clause_list list;
    struct arena arena;
    struct notes notes;
    enum lede_status status;

    arena_init(&arena, 0, NULL);
    notes_init(&notes, &arena, strict);
    status = parser_parse(query, slice_str("site\nauthor\nlang\n"), literal, &arena, &notes, &list,
                          NULL);
    check(status == LEDE_OK || status == LEDE_LIMIT || (status == LEDE_INVALID && strict));
    for (size_t i = 0; status == LEDE_OK && i < list.count; i++) {
        const struct clause *clause = &list.clauses[i];

        check(clause->text.data >= at);
        at = clause->text.data + clause->text.size;
        check(at <= query.data + query.size);
    }
    arena_done(&arena);
}

static void highlight(const struct lede_results *results, struct lede_bytes text)
{
    struct lede_highlighter *highlighter;
    const struct lede_span *spans;
    size_t count, end = 0;

    check(lede_highlighter_new(results, &highlighter, NULL) == LEDE_OK);
    check(lede_highlight(highlighter, LEDE_TEXT, text, (struct lede_bytes){0}, &spans, &count,
                         NULL) == LEDE_OK);
    for (size_t i = 0; i < count; i++) {
        check(spans[i].offset >= end && spans[i].size > 0);
        end = spans[i].offset + spans[i].size;
        check(end <= text.size);
    }
    lede_highlighter_free(highlighter);
}

static void advise(const struct lede_results *results)
{
    struct lede_advice *advice;

    check(lede_advise(results, &advice, NULL) == LEDE_OK);
    for (size_t i = 0; i < advice->missing_count; i++)
        check(advice->missing[i].text.size > 0);
    check(advice->query.size == 0 || advice->query_articles > 0);
    lede_advice_free(advice);
}

/* Words that may be meant are words: UTF-8, and not none. */
static void complete(struct slice beginning)
{
    static const enum field fields[] = {FIELD_TEXT, FIELD_TITLE, FIELD_KEYWORD + 1};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        struct completions found;
        struct arena arena;

        arena_init(&arena, 0, NULL);
        check(complete_find(index_of_fuzz, fields[i], beginning, 8, &arena, &found, NULL) ==
              LEDE_OK);
        check(found.count <= 8);
        for (size_t j = 0; j < found.count; j++) {
            check(found.items[j].word.size > 0 && found.items[j].df > 0);
            check(u8_check(found.items[j].word.data, found.items[j].word.size) == NULL);
        }
        arena_done(&arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lede_search_options options = {0};
    struct lede_results *results;
    struct lede_bytes query;
    enum lede_status status;
    const char *note;

    if (size == 0)
        return 0;
    if (!index_of_fuzz)
        make_index();
    query = (struct lede_bytes){data + 1, size - 1};
    options.any = data[0] & 1;
    options.literal = data[0] & 2;
    options.strict = data[0] & 4;
    options.language = data[0] & 8 ? "fr" : NULL;
    parse(slice_of(query.data, query.size), options.literal, options.strict);
    complete(slice_of(query.data, query.size));
    status = lede_search(index_of_fuzz, query, &options, &results, NULL);
    check(status == LEDE_OK || status == LEDE_LIMIT || (status == LEDE_INVALID && options.strict));
    if (status != LEDE_OK)
        return 0;
    for (size_t i = 0; (note = lede_results_note(results, i)); i++)
        check_note(note);
    highlight(results, query);
    advise(results);
    lede_results_free(results);
    return 0;
}
