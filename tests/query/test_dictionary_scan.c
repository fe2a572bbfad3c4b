/* What a scan of a dictionary finds, against trying the pattern on every term. */
#include <criterion/criterion.h>

#include "index/checksum.h"
#include "index/dictionary_scan.h"
#include "query/pattern.h"
#include "tests/index/dictionary_items.h"
#include "tests/index/memory_records.h"
#include "tests/wild.h"

enum { SEGMENT = 5, TERMS = 3000, FIELDS = 3 };

static const char *const LETTERS[] = {"a", "b", "c", "d", "\xd0\xb1", "\xe7\x8c\xab"};

static struct item items[TERMS];
static size_t item_count;

/* ---- a dictionary ---- */

/* Appends so many letters, as far as there is room. */
static void append_letters(struct dice *dice, uint8_t *text, size_t *size, size_t room,
                           size_t count)
{
    for (; count > 0; count--) {
        const char *letter = LETTERS[dice_below(dice, 6)];

        if (*size + strlen(letter) > room)
            return;
        memcpy(text + *size, letter, strlen(letter));
        *size += strlen(letter);
    }
}

/* Most are short; some are as long as a term may be, some begin as the one before. */
static void draw_term(struct dice *dice, const struct item *before, struct item *item)
{
    unsigned kind = dice_below(dice, 10);

    item->size = 0;
    if (kind == 0 && before) {
        *item = *before;
    } else {
        item->term[0] = (uint8_t)dice_below(dice, FIELDS);
        item->size = 1;
    }
    append_letters(dice, item->term, &item->size, KEY_TERM_MAX,
                   1 + dice_below(dice, kind == 1  ? KEY_TERM_MAX
                                        : kind < 4 ? 24
                                                   : 8));
}

/* Half of them as most are: inline, and few bytes. */
static void draw_info(struct dice *dice, struct item *item)
{
    struct term_info *info = &item->info;
    bool few = dice_below(dice, 2) == 0;

    memset(info, 0, sizeof *info);
    info->df = 1 + (few ? dice_below(dice, 9) : dice_bits(dice, 1 + dice_below(dice, 29)));
    info->total_tf =
        info->df + (few ? dice_below(dice, 28) : dice_bits(dice, dice_below(dice, 32)));
    if (posting_is_inline(info->df, info->total_tf)) {
        size_t size = 1 + dice_below(dice, dice_below(dice, 20) == 0 ? INLINE_SIZE_MAX : 17);

        memset(item->inlined, (int)dice_below(dice, 256), size);
        info->inlined = slice_of(item->inlined, size);
        return;
    }
    draw_place(dice, info);
}

static void draw_items(struct dice *dice)
{
    for (size_t i = 0; i < TERMS; i++)
        draw_term(dice, i > 0 ? &items[i - 1] : NULL, &items[i]);
    item_count = items_sort(items, TERMS);
    for (size_t i = 0; i < item_count; i++)
        draw_info(dice, &items[i]);
}

static void write_items(struct memory_records *memory)
{
    struct dictionary_writer *writer;
    struct dictionary_totals totals;

    memory_records_init(memory);
    cr_assert_eq(dictionary_writer_new(SEGMENT, &memory->sink, NULL, &writer, NULL), LEDE_OK);
    for (size_t i = 0; i < item_count; i++)
        cr_assert_eq(dictionary_writer_add(writer, term_of(&items[i]), &items[i].info, NULL),
                     LEDE_OK);
    cr_assert_eq(dictionary_writer_finish(writer, &totals, NULL), LEDE_OK);
    dictionary_writer_free(writer);
}

/* ---- patterns ---- */

struct drawn {
    uint8_t text[64];
    size_t size;
    struct pattern pattern;
    uint8_t first[64]; /* field, then what the pattern begins with */
    struct slice beginning;
};

static struct slice text_of(const struct drawn *drawn)
{
    return slice_of(drawn->text, drawn->size);
}

/* Few letters among wildcards, or a part of a term among them. */
static void draw_text(struct dice *dice, struct drawn *drawn)
{
    const struct item *item = &items[dice_below(dice, (uint32_t)item_count)];
    size_t from = 1 + dice_below(dice, (uint32_t)item->size), size = dice_below(dice, 6);

    drawn->size = 0;
    if (dice_below(dice, 2) == 0 && from + size <= item->size && !wild_is_inner(item->term[from]) &&
        (from + size == item->size || !wild_is_inner(item->term[from + size]))) {
        drawn->text[drawn->size++] = '*';
        memcpy(drawn->text + drawn->size, item->term + from, size);
        drawn->size += size;
        if (dice_below(dice, 2) == 0)
            drawn->text[drawn->size++] = '*';
        return;
    }
    for (size_t left = dice_below(dice, 9); left > 0; left--)
        if (dice_below(dice, 3) == 0)
            drawn->text[drawn->size++] = dice_below(dice, 3) == 0 ? '?' : '*';
        else
            append_letters(dice, drawn->text, &drawn->size, 62, 1);
}

static void draw_pattern(struct dice *dice, struct drawn *drawn)
{
    struct slice beginning;

    draw_text(dice, drawn);
    cr_assert(pattern_wildcard(&drawn->pattern, text_of(drawn)) && drawn->pattern.by_bytes);
    beginning = pattern_beginning(text_of(drawn));
    drawn->first[0] = (uint8_t)dice_below(dice, FIELDS);
    memcpy(drawn->first + 1, beginning.data, beginning.size);
    drawn->beginning = slice_of(drawn->first, 1 + beginning.size);
}

static bool matches(const struct drawn *drawn, struct slice term)
{
    return term.data[0] == drawn->first[0] &&
           wild_matches(text_of(drawn), slice_of(term.data + 1, term.size - 1));
}

/* Begins a scan for it with the vector kernels of this processor, or with none. */
static enum lede_status begin(struct dice *dice, struct dictionary_scan *scan,
                              struct memory_records *memory, const struct drawn *drawn)
{
    enum lede_status status = dictionary_scan_begin(scan, &drawn->pattern.bytes, &memory->pages,
                                                    SEGMENT, drawn->beginning, NULL);

    if (dice_below(dice, 2) == 0)
        scan->find = dictionary_starts_finder(CPU_PORTABLE);
    return status;
}

/* ---- tests ---- */

Test(dictionary_scan, finds_what_trying_every_term_finds)
{
    struct dice dice = dice_begin();
    struct memory_records memory;

    draw_items(&dice);
    write_items(&memory);
    cr_expect_gt(memory.count, 10);
    for (int round = 0; round < 1500; round++) {
        struct dictionary_scan scan;
        struct drawn drawn;
        struct slice term;
        uint32_t df;

        draw_pattern(&dice, &drawn);
        cr_assert_eq(begin(&dice, &scan, &memory, &drawn), LEDE_OK);
        for (size_t i = 0; i < item_count; i++) {
            if (!matches(&drawn, term_of(&items[i])))
                continue;
            cr_assert_eq(dictionary_scan_next(&scan, &term, &df, NULL), LEDE_OK,
                         "<%.*s> lost <%.*s>", (int)drawn.size, drawn.text, (int)items[i].size - 1,
                         items[i].term + 1);
            cr_assert(slice_equal(term, term_of(&items[i])) && df == items[i].info.df,
                      "<%.*s> instead of <%.*s>", (int)drawn.size, drawn.text,
                      (int)items[i].size - 1, items[i].term + 1);
        }
        cr_assert_eq(dictionary_scan_next(&scan, &term, &df, NULL), LEDE_MISSING, "<%.*s>",
                     (int)drawn.size, drawn.text);
        cr_assert_eq(dictionary_scan_next(&scan, &term, &df, NULL), LEDE_MISSING);
    }
    memory_records_done(&memory);
    dice_end();
}

/* A byte of a page that is another one, behind the checksum, which is right. */
struct damage {
    struct memory_record *record;
    size_t place;
    uint8_t change;
};

static void change(const struct damage *damage)
{
    struct memory_record *record = damage->record;

    record->value[damage->place] ^= damage->change;
    store_le32(record->value, checksum_of(checksum_seed('d', record->key.data, record->key.size),
                                          record->value + 4, record->size - 4));
}

/* To the next term that matches; LEDE_MISSING: none does. One below the beginning is damage. */
static enum lede_status walk_on(struct dictionary_cursor *cursor, const struct drawn *drawn,
                                struct slice *term, struct term_info *info)
{
    enum lede_status status;

    do
        status = dictionary_cursor_next(cursor, term, info, NULL);
    while (status == LEDE_OK && slice_compare(*term, drawn->beginning) >= 0 &&
           !matches(drawn, *term));
    return status == LEDE_OK && !matches(drawn, *term) ? LEDE_CORRUPT : status;
}

/* Behind damage: terms that match still rise, to an end or an error. */
static void expect_sane_end(struct dictionary_scan *scan, const struct drawn *drawn,
                            const struct item *last)
{
    struct item before = *last;
    struct slice term;
    enum lede_status status;
    uint32_t df;

    while ((status = dictionary_scan_next(scan, &term, &df, NULL)) == LEDE_OK) {
        cr_assert(slice_compare(term_of(&before), term) < 0 && matches(drawn, term) && df > 0,
                  "<%.*s>", (int)drawn->size, drawn->text);
        memcpy(before.term, term.data, term.size);
        before.size = term.size;
    }
    cr_assert(status == LEDE_MISSING || status == LEDE_CORRUPT);
}

/* A scan that passes nothing over finds what a cursor reads, as far as that comes to no damage. */
static void expect_as_walked(struct dice *dice, struct memory_records *memory,
                             const struct drawn *drawn)
{
    struct dictionary_cursor cursor;
    struct dictionary_scan scan;
    struct item last = {.size = 0};
    struct term_info info;
    struct slice term, found;
    uint32_t df;
    enum lede_status status =
        dictionary_cursor_seek(&cursor, &memory->pages, SEGMENT, drawn->beginning, NULL);

    cr_assert_eq(begin(dice, &scan, memory, drawn), status);
    if (status != LEDE_OK)
        return;
    while ((status = walk_on(&cursor, drawn, &term, &info)) == LEDE_OK) {
        cr_assert_eq(dictionary_scan_next(&scan, &found, &df, NULL), LEDE_OK, "<%.*s>",
                     (int)drawn->size, drawn->text);
        cr_assert(slice_equal(term, found) && df == info.df, "<%.*s>", (int)drawn->size,
                  drawn->text);
        memcpy(last.term, term.data, term.size);
        last.size = term.size;
    }
    if (status == LEDE_CORRUPT)
        expect_sane_end(&scan, drawn, &last);
    else
        cr_assert_eq(dictionary_scan_next(&scan, &found, &df, NULL), status, "<%.*s>",
                     (int)drawn->size, drawn->text);
}

Test(dictionary_scan, finds_before_damage_what_a_cursor_reads)
{
    struct dice dice = dice_begin();
    struct memory_records memory;

    draw_items(&dice);
    write_items(&memory);
    for (int round = 0; round < 3000; round++) {
        struct damage damage = {&memory.records[dice_below(&dice, (uint32_t)memory.count)],
                                4 + dice_below(&dice, DICT_PAGE_SIZE - 4),
                                (uint8_t)(1 + dice_below(&dice, 255))};
        struct drawn drawn;

        do
            draw_pattern(&dice, &drawn);
        while (drawn.beginning.size > drawn.size || drawn.text[drawn.beginning.size - 1] != '*');
        change(&damage);
        expect_as_walked(&dice, &memory, &drawn);
        change(&damage);
    }
    memory_records_done(&memory);
    dice_end();
}

/* ---- where entries begin ---- */

/* In a sound page as many, too. */
static void expect_same_starts(struct dictionary_cursor *cursor, const struct needed_bytes *needed,
                               bool sound)
{
    struct dictionary_starts starts, portable;
    uint32_t count;
    uint64_t differ;

    dictionary_starts_finder(cpu_level())(&starts, cursor, needed);
    dictionary_starts_finder(CPU_PORTABLE)(&portable, cursor, needed);
    count = starts.count < portable.count ? starts.count : portable.count;
    cr_assert(!sound || starts.count == portable.count);
    cr_assert_eq(starts.into, portable.into);
    if (count == 0)
        return;
    differ = starts.candidates ^ portable.candidates;
    cr_assert_eq(memcmp(starts.at, portable.at, (count + 1) * sizeof *starts.at), 0);
    cr_assert_eq(differ & ~0ULL >> (STARTS_MAX - count), 0);
}

Test(dictionary_scan, all_levels_find_the_same_starts)
{
    struct dice dice = dice_begin();
    struct memory_records memory;

    draw_items(&dice);
    write_items(&memory);
    for (int round = 0; round < 300; round++) {
        struct damage damage = {&memory.records[dice_below(&dice, (uint32_t)memory.count)],
                                4 + dice_below(&dice, DICT_PAGE_SIZE - 4),
                                (uint8_t)(round % 2 == 0 ? 0 : dice_below(&dice, 256))};
        struct dictionary_cursor cursor;
        struct dictionary_scan scan;
        struct term_info info;
        struct drawn drawn;
        struct slice term;
        enum lede_status status;

        draw_pattern(&dice, &drawn);
        drawn.beginning = term_of(&items[dice_below(&dice, (uint32_t)item_count)]);
        change(&damage);
        (void)begin(&dice, &scan, &memory, &drawn);
        status = dictionary_cursor_seek(&cursor, &memory.pages, SEGMENT, drawn.beginning, NULL);
        for (int left = 40; status == LEDE_OK && left > 0; left--) {
            expect_same_starts(&cursor, &scan.needed, damage.change == 0);
            status = dictionary_cursor_next(&cursor, &term, &info, NULL);
        }
        change(&damage);
    }
    memory_records_done(&memory);
    dice_end();
}
