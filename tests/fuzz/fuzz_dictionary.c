/* A page of any bytes under a right checksum: finding and walking end, terms rise, and what passes
 * dictionary_page_check is found term by term as the walk gives it. A scan for a pattern finds
 * what the walk gives and matches, up to damage; behind it, terms rise to an end or an error.
 *
 * Input: u8 mode; mode even: u8 size of the page's upper end (0: it is the last page), that end,
 * the page behind its checksum (the rest is zeros); mode odd: changes to a sound page: u16 place,
 * u8 byte each. */
#include <stdlib.h>

#include "index/checksum.h"
#include "query/pattern.h"
#include "tests/index/memory_records.h"
#include "tests/wild.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEGMENT = 1, SOUND_TERMS = 300, STEPS_MAX = 2000, STEPS_FEW = 20 };

struct page {
    uint8_t key[DICT_KEY_MAX];
    size_t key_size;
    uint8_t bytes[DICT_PAGE_SIZE];
};

/* ---- a sound page ---- */

static enum lede_status keep_first(void *context, char table, struct slice key, struct slice value,
                                   struct lede_error *err)
{
    struct page *page = context;

    (void)table;
    (void)err;
    if (page->key_size > 0)
        return LEDE_OK;
    memcpy(page->key, key.data, key.size);
    memcpy(page->bytes, value.data, value.size);
    page->key_size = key.size;
    return LEDE_OK;
}

static void sound_make(struct page *page)
{
    static const uint8_t list[] = {3, 0, 9};
    struct record_sink sink = {page, keep_first};
    struct dictionary_writer *writer;
    struct dictionary_totals totals;

    page->key_size = 0;
    if (dictionary_writer_new(SEGMENT, &sink, NULL, &writer, NULL) != LEDE_OK)
        abort();
    for (uint32_t i = 0; i < SOUND_TERMS; i++) {
        uint8_t term[] = {0, 'a', (uint8_t)('a' + i / 26), (uint8_t)('a' + i % 26), 'x', 'y'};
        struct term_info info = {.df = 1, .total_tf = 1, .inlined = slice_of(list, sizeof list)};

        if (i % 5 == 0)
            info = (struct term_info){.df = 100 * i + 9, .total_tf = 300 * i + 90, .skip = i * i};
        if (dictionary_writer_add(writer, slice_of(term, 4 + i % 3), &info, NULL) != LEDE_OK)
            abort();
    }
    if (dictionary_writer_finish(writer, &totals, NULL) != LEDE_OK)
        abort();
    dictionary_writer_free(writer);
}

/* ---- the input as a page ---- */

static void page_of_input(struct page *page, const uint8_t *data, size_t size)
{
    size_t end = size > 0 ? data[0] % (KEY_TERM_MAX + 1U) : 0;

    memset(page, 0, sizeof *page);
    store_be32(page->key, SEGMENT);
    page->key[4] = FIELD_END;
    page->key_size = 4 + (end == 0 ? 1 : end);
    if (size <= 1 + end)
        return;
    memcpy(page->key + 4, data + 1, end);
    data += 1 + end;
    size -= 1 + end;
    memcpy(page->bytes + 4, data, size < DICT_PAGE_SIZE - 4 ? size : DICT_PAGE_SIZE - 4);
}

static void page_of_changes(struct page *page, const uint8_t *data, size_t size)
{
    static struct page sound;

    if (sound.key_size == 0)
        sound_make(&sound);
    *page = sound;
    for (; size >= 3; data += 3, size -= 3)
        page->bytes[load_le16(data) % DICT_PAGE_SIZE] = data[2];
}

/* ---- what has to hold ---- */

static bool info_equal(const struct term_info *a, const struct term_info *b)
{
    return a->df == b->df && a->total_tf == b->total_tf && a->inlined.data == b->inlined.data &&
           a->inlined.size == b->inlined.size && a->skip == b->skip && a->block == b->block &&
           a->positions == b->positions && a->bound == b->bound &&
           memcmp(a->primed, b->primed, PRIMED_COUNT) == 0;
}

/* Walks from a term; if finds, all the way, and every term is looked up. */
static void check_walk(struct page_source *source, struct slice from, bool sound, bool finds)
{
    struct dictionary_cursor cursor;
    struct term_info info, found;
    uint8_t before[KEY_TERM_MAX];
    size_t before_size = 0, steps = 0;
    struct slice term;
    enum lede_status status = dictionary_cursor_seek(&cursor, source, SEGMENT, from, NULL);

    if (status == LEDE_OK)
        while ((status = dictionary_cursor_next(&cursor, &term, &info, NULL)) == LEDE_OK) {
            if (++steps > STEPS_MAX || slice_compare(slice_of(before, before_size), term) >= 0 ||
                (sound && slice_compare(term, from) < 0))
                abort();
            memcpy(before, term.data, term.size);
            before_size = term.size;
            if (!finds && steps == STEPS_FEW)
                return;
            if (sound && finds &&
                (dictionary_find(source, SEGMENT, term, &found, NULL) != LEDE_OK ||
                 !info_equal(&info, &found)))
                abort();
        }
    if (status != LEDE_MISSING && (sound || status != LEDE_CORRUPT))
        abort();
}

/* To the next term of field 0 that matches. */
static enum lede_status walk_on(struct dictionary_cursor *cursor, const char *text,
                                struct slice *term, struct term_info *info)
{
    enum lede_status status;

    do
        status = dictionary_cursor_next(cursor, term, info, NULL);
    while (status == LEDE_OK &&
           (term->data[0] != 0 ||
            !wild_matches(slice_str(text), slice_of(term->data + 1, term->size - 1))));
    return status;
}

/* Behind damage: terms that match still rise, to an end or an error. */
static void check_end(struct dictionary_scan *scan, const char *text)
{
    uint8_t before[KEY_TERM_MAX];
    size_t size = 0;
    struct slice term;
    enum lede_status status;
    uint32_t df;

    while ((status = dictionary_scan_next(scan, &term, &df, NULL)) == LEDE_OK) {
        if (slice_compare(slice_of(before, size), term) >= 0 || df == 0 || term.data[0] != 0 ||
            !wild_matches(slice_str(text), slice_of(term.data + 1, term.size - 1)))
            abort();
        memcpy(before, term.data, term.size);
        size = term.size;
    }
    if (status != LEDE_MISSING && status != LEDE_CORRUPT)
        abort();
}

/* The pattern's `*` comes first: so the scan passes nothing over. */
static void check_scan(struct page_source *source, const char *text, enum cpu_level level)
{
    static struct pattern pattern;
    static struct dictionary_scan scan;
    const struct slice first = slice_of("", 1);
    struct dictionary_cursor cursor;
    struct term_info info;
    struct slice term, found;
    uint32_t df;
    enum lede_status status = dictionary_cursor_seek(&cursor, source, SEGMENT, first, NULL);

    if (!pattern_wildcard(&pattern, slice_str(text)) ||
        dictionary_scan_begin(&scan, &pattern.bytes, source, SEGMENT, first, NULL) != status)
        abort();
    if (status != LEDE_OK)
        return;
    scan.find = dictionary_starts_finder(level);
    while ((status = walk_on(&cursor, text, &term, &info)) == LEDE_OK)
        if (dictionary_scan_next(&scan, &found, &df, NULL) != LEDE_OK ||
            !slice_equal(term, found) || df != info.df)
            abort();
    if (status == LEDE_CORRUPT)
        check_end(&scan, text);
    else if (dictionary_scan_next(&scan, &found, &df, NULL) != status)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const patterns[] = {"*", "*x", "*bx*", "*a?x*", "*a*xy", "*b?y*"};

    struct memory_records memory;
    struct page page;
    struct term_info info;
    struct slice key, term;
    bool sound; /* and the segment's only page, so that nothing is missing */

    if (size < 1)
        return 0;
    if (data[0] % 2 == 0)
        page_of_input(&page, data + 1, size - 1);
    else
        page_of_changes(&page, data + 1, size - 1);
    key = slice_of(page.key, page.key_size);
    term = slice_of(page.key + 4, page.key_size - 4);
    store_le32(page.bytes, checksum_of(checksum_seed('d', key.data, key.size), page.bytes + 4,
                                       DICT_PAGE_SIZE - 4));
    memory_records_init(&memory);
    if (memory.sink.put(&memory, 'd', key, slice_of(page.bytes, DICT_PAGE_SIZE), NULL) != LEDE_OK)
        abort();
    sound = dictionary_page_check(key, slice_of(page.bytes, DICT_PAGE_SIZE), NULL) == LEDE_OK &&
            page.bytes[6] == 0 && slice_equal(term, slice_str("\xff"));
    check_walk(&memory.pages, slice_str(""), sound, true);
    check_walk(&memory.pages, slice_of("\0am", 3), sound, false);
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        for (size_t vectors = 0; vectors < 2; vectors++)
            check_scan(&memory.pages, patterns[i], vectors ? cpu_level() : CPU_PORTABLE);
    for (size_t cut = 1; cut <= term.size; cut += 1 + cut / 4) {
        check_walk(&memory.pages, slice_of(term.data, cut), sound, false);
        (void)dictionary_find(&memory.pages, SEGMENT, slice_of(term.data, cut), &info, NULL);
    }
    memory_records_done(&memory);
    return 0;
}
