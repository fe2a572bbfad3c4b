#include "completion.h"

#include "base/error.h"
#include "base/printable.h"
#include "complete.h"
#include "index/keyword_names.h"

/* ---- where the word begins ---- */

struct typed {
    struct slice before; /* operators, quotes, parentheses and the field's name with its colon */
    struct slice word;
    enum field field;
    bool is_bare;  /* no field was named */
    bool is_known; /* else nothing is offered */
};

static struct slice keywords_of(const struct lede_index *index)
{
    return buffer_bytes(&index->snapshots[0]->manifest.keywords);
}

/* The fields that every index has; NO_WORDS: what stands behind it is none. */
enum { NO_WORDS = -1 };
static const struct {
    const char *name;
    int field;
} FIELDS[] = {{"title", FIELD_TITLE}, {"date", NO_WORDS}, {"boilerplate", FIELD_BOILERPLATE}};
enum { FIELD_COUNT = sizeof FIELDS / sizeof FIELDS[0] };

/* Field numbers of several indexes need not agree. */
static bool find_field(const struct lede_index *index, struct slice name, enum field *field)
{
    size_t place = keyword_names_find(keywords_of(index), name);

    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (keyword_name_equal(name, slice_str(FIELDS[i].name))) {
            *field = FIELDS[i].field == NO_WORDS ? FIELD_TEXT : (enum field)FIELDS[i].field;
            return FIELDS[i].field != NO_WORDS;
        }
    *field = (enum field)(FIELD_KEYWORD + place);
    return place < KEYWORDS_MAX && index->snapshot_count == 1;
}

static struct typed divide(const struct lede_index *index, struct slice text)
{
    struct typed typed = {.field = FIELD_TEXT, .is_bare = true, .is_known = true};
    size_t from = 0;
    const uint8_t *colon;

    if (slice_begins(text, slice_str("--"))) {
        typed.is_known = false; /* an option */
        return typed;
    }
    while (from < text.size && text.data[from] && strchr("+-(\"", text.data[from]))
        from++;
    colon = from < text.size ? memchr(text.data + from, ':', text.size - from) : NULL;
    if (colon) {
        struct slice name = slice_of(text.data + from, (size_t)(colon - text.data) - from);

        typed.is_bare = false;
        typed.is_known = find_field(index, name, &typed.field);
        from += name.size + 1;
        while (from < text.size && text.data[from] && strchr("(\"", text.data[from]))
            from++;
    }
    typed.before = slice_of(text.data, from);
    typed.word = slice_of(text.data + from, text.size - from);
    return typed;
}

/* ---- lines ---- */

static bool is_shown(struct slice word, bool with_blanks)
{
    const uint8_t *at = word.data, *end = at + word.size;
    uint32_t character;

    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size == 0 || !printable_is_harmless(character) || (character == ' ' && !with_blanks))
            return false;
        at += size;
    }
    return word.size > 0;
}

static bool is_plain(struct slice word)
{
    return is_shown(word, false);
}

static void put_line(struct buffer *out, const struct typed *typed, struct slice word,
                     const char *behind)
{
    if (!is_plain(word))
        return;
    buffer_put(out, typed->before.data, typed->before.size);
    buffer_put(out, word.data, word.size);
    buffer_str(out, behind);
    buffer_byte(out, '\n');
}

/* The value of a keyword field: whole, so that a quote that was begun is ended, and in quotes if it
 * has blanks. */
static void put_value(struct buffer *out, const struct typed *typed, struct slice word)
{
    struct slice before = typed->before;
    bool begun = before.size > 0 && before.data[before.size - 1] == '"';
    bool blanks = word.size > 0 && memchr(word.data, ' ', word.size);

    if ((begun || blanks) && memchr(word.data, '"', word.size))
        return;
    if (!blanks) {
        put_line(out, typed, word, begun ? "\"" : "");
        return;
    }
    if (!is_shown(word, true))
        return;
    buffer_put(out, before.data, before.size);
    buffer_str(out, begun ? "" : "\"");
    buffer_put(out, word.data, word.size);
    buffer_str(out, "\"\n");
}

static void put_field(struct buffer *out, const struct typed *typed, struct slice name)
{
    if (name.size > typed->word.size &&
        keyword_name_equal(slice_of(name.data, typed->word.size), typed->word))
        put_line(out, typed, name, ":");
}

static void put_fields(const struct lede_index *index, struct buffer *out,
                       const struct typed *typed)
{
    struct slice names = keywords_of(index), name;

    if (!typed->is_bare)
        return;
    for (size_t i = 0; i < FIELD_COUNT; i++)
        put_field(out, typed, slice_str(FIELDS[i].name));
    while (keyword_names_next(&names, &name))
        put_field(out, typed, name);
}

static bool is_harmless(struct slice before)
{
    return before.size == 0 || is_plain(before);
}

enum lede_status completion_put(struct lede_index *index, struct slice word, struct buffer *out,
                                struct lede_error *err)
{
    struct typed typed = divide(index, word);
    struct completions found;
    struct arena arena;
    enum lede_status status;

    if (!typed.is_known || !is_harmless(typed.before))
        return LEDE_OK;
    put_fields(index, out, &typed);
    arena_init(&arena, 0, NULL);
    status = complete_find(index, typed.field, typed.word, COMPLETION_MOST, &arena, &found, err);
    for (size_t i = 0; status == LEDE_OK && i < found.count; i++)
        if (field_is_keyword((uint8_t)typed.field))
            put_value(out, &typed, found.items[i].word);
        else
            put_line(out, &typed, found.items[i].word, "");
    arena_done(&arena);
    return out->failed && status == LEDE_OK ? error_no_memory(err) : status;
}
