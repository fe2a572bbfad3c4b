#include "text/stopwords.h"

#include <xxhash.h>

#include "text/fold.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The next line of *list without the blanks around it. */
static struct slice next_line(struct slice *list)
{
    const uint8_t *newline = memchr(list->data, '\n', list->size);
    struct slice line = slice_of(list->data, newline ? (size_t)(newline - list->data) : list->size);
    size_t passed = line.size + (newline != NULL);

    *list = slice_of(list->data + passed, list->size - passed);
    while (line.size && is_blank(line.data[line.size - 1]))
        line.size--;
    while (line.size && is_blank(line.data[0]))
        line = slice_of(line.data + 1, line.size - 1);
    return line;
}

static struct slice *find_slot(const struct stopwords *stopwords, struct slice word)
{
    size_t mask = stopwords->slot_count - 1, at = XXH3_64bits(word.data, word.size) & mask;

    while (stopwords->slots[at].size && !slice_equal(stopwords->slots[at], word))
        at = (at + 1) & mask;
    return &stopwords->slots[at];
}

static enum fold_result add(struct stopwords *stopwords, struct slice line, bool turkic)
{
    struct folded folded;
    enum fold_result result = fold_case(line, turkic, &folded);
    struct slice *slot;

    if (result == FOLD_TOO_LONG || (result == FOLD_OK && folded.size == 0))
        return FOLD_OK;
    if (result != FOLD_OK)
        return result;
    slot = find_slot(stopwords, slice_of(folded.bytes, folded.size));
    if (slot->size)
        return FOLD_OK;
    slot->data = (const uint8_t *)arena_copy(&stopwords->arena, folded.bytes, folded.size);
    if (!slot->data)
        return FOLD_NO_MEMORY;
    slot->size = folded.size;
    stopwords->count++;
    return FOLD_OK;
}

/* A word is there as Turkish folds it, too: the set is one for all languages. */
static bool add_all(struct stopwords *stopwords, struct slice list)
{
    size_t lines = 1;

    for (size_t i = 0; i < list.size; i++)
        lines += list.data[i] == '\n';
    for (stopwords->slot_count = 16; stopwords->slot_count < 4 * lines;)
        stopwords->slot_count *= 2;
    stopwords->slots =
        arena_calloc(&stopwords->arena, stopwords->slot_count, sizeof *stopwords->slots);
    if (!stopwords->slots)
        return false;
    while (list.size) {
        struct slice line = next_line(&list);

        if (line.size &&
            (add(stopwords, line, false) != FOLD_OK || add(stopwords, line, true) != FOLD_OK))
            return false;
    }
    return true;
}

enum lede_status stopwords_init(struct stopwords *stopwords, struct slice list,
                                struct account *account, struct lede_error *err)
{
    memset(stopwords, 0, sizeof *stopwords);
    arena_init(&stopwords->arena, 4096, account);
    if (list.size && !add_all(stopwords, list)) {
        stopwords_done(stopwords);
        return error_no_memory(err);
    }
    if (stopwords->count == 0)
        stopwords->slots = NULL;
    return LEDE_OK;
}

void stopwords_done(struct stopwords *stopwords)
{
    arena_done(&stopwords->arena);
    stopwords->slots = NULL;
    stopwords->count = 0;
}

bool stopwords_have(const struct stopwords *stopwords, struct slice folded)
{
    return stopwords->slots && folded.size && find_slot(stopwords, folded)->size != 0;
}

uint64_t stopwords_hash(const struct stopwords *stopwords)
{
    uint64_t sum = 0;

    for (size_t i = 0; stopwords->slots && i < stopwords->slot_count; i++)
        if (stopwords->slots[i].size)
            sum += XXH3_64bits(stopwords->slots[i].data, stopwords->slots[i].size);
    return sum;
}
