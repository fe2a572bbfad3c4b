/* json_scan.c -- the quick way through an ordinary object: see json_object.h. */
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "command/json_object.h"
#include "text/utf8.h"

enum {
    STRIDE = 16,       /* bytes that are looked at, and copied, together */
    MEMBERS_MOST = 64, /* compared with each other by name */
    DEPTH_MOST = 1024, /* jansson has a limit, too, and is to be the one to tell */
    DIGITS_MOST = 18   /* of an integer that fits 64 bits */
};

struct scan {
    const uint8_t *at, *end;
    uint8_t *out; /* where strings go: at least STRIDE bytes more room than the line has */
    bool beyond_ascii;
};

static void pass_space(struct scan *scan)
{
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\r' || *scan->at == '\n'))
        scan->at++;
}

static bool take(struct scan *scan, uint8_t byte)
{
    pass_space(scan);
    if (scan->at == scan->end || *scan->at != byte)
        return false;
    scan->at++;
    return true;
}

/* ---- strings ---- */

static bool is_special(uint8_t byte)
{
    return byte < ' ' || byte == '"' || byte == '\\';
}

#if defined(__SSE2__)
/* Copies STRIDE bytes; returns how many of them come before a special one. */
static inline size_t copy_plain(struct scan *scan)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)scan->at);
    __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(' ')), bytes);
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                   _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    unsigned mask =
        ((unsigned)_mm_movemask_epi8(control) ^ 0xffffu) | (unsigned)_mm_movemask_epi8(special);
    unsigned before = mask ? (unsigned)__builtin_ctz(mask) : STRIDE;

    _mm_storeu_si128((__m128i *)(void *)scan->out, bytes);
    if ((unsigned)_mm_movemask_epi8(bytes) << (STRIDE - before) & 0xffffu)
        scan->beyond_ascii = true;
    return before;
}
#else
static inline size_t copy_plain(struct scan *scan)
{
    size_t before = 0;

    for (; before < STRIDE && !is_special(scan->at[before]); before++) {
        scan->out[before] = scan->at[before];
        scan->beyond_ascii |= scan->at[before] >= 0x80;
    }
    return before;
}
#endif

/* Copies what is plain up to a special byte, or to the end. */
static void copy_run(struct scan *scan)
{
    size_t before = STRIDE;

    while (before == STRIDE && scan->end - scan->at >= STRIDE) {
        before = copy_plain(scan);
        scan->at += before;
        scan->out += before;
    }
    while (before == STRIDE && scan->at < scan->end && !is_special(*scan->at)) {
        scan->beyond_ascii |= *scan->at >= 0x80;
        *scan->out++ = *scan->at++;
    }
}

/* The four hexadecimal digits behind at[0..1]; UTF8_INVALID if they are none. */
static uint32_t hex4(const uint8_t *at, const uint8_t *end)
{
    uint32_t value = 0;

    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return UTF8_INVALID;
    for (int i = 2; i < 6; i++) {
        uint8_t digit = at[i], letter = digit | 0x20;

        if (digit >= '0' && digit <= '9')
            value = value << 4 | (uint32_t)(digit - '0');
        else if (letter >= 'a' && letter <= 'f')
            value = value << 4 | (uint32_t)(letter - 'a' + 10);
        else
            return UTF8_INVALID;
    }
    return value;
}

/* Undoes a \u, or a pair of them that is a surrogate pair; half a pair is for jansson to refuse. */
static bool undo_unicode(struct scan *scan)
{
    uint32_t high = hex4(scan->at, scan->end), low;

    if (high == UTF8_INVALID)
        return false;
    scan->at += 6;
    if (high >= 0xd800 && high < 0xe000) {
        low = hex4(scan->at, scan->end);
        if (high >= 0xdc00 || low < 0xdc00 || low >= 0xe000)
            return false;
        scan->at += 6;
        high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }
    scan->out += utf8_encode(scan->out, high);
    return true;
}

/* What an escape of one letter stands for; 0 if there is none. */
static uint8_t meaning_of(uint8_t letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case '"':
    case '\\':
    case '/':
        return letter;
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    default:
        return 0;
    }
}

static bool undo_escape(struct scan *scan)
{
    uint8_t meaning;

    if (scan->end - scan->at < 2)
        return false;
    if (scan->at[1] == 'u')
        return undo_unicode(scan);
    meaning = meaning_of(scan->at[1]);
    *scan->out++ = meaning;
    scan->at += 2;
    return meaning != 0;
}

/* The string at scan->at, copied. Names with escapes are left to jansson. */
static bool take_string(struct scan *scan, bool is_name, struct slice *text)
{
    uint8_t *begin = scan->out;

    if (!take(scan, '"'))
        return false;
    scan->beyond_ascii = false;
    for (;;) {
        copy_run(scan);
        if (scan->at == scan->end)
            return false;
        if (*scan->at == '"')
            break;
        if (*scan->at != '\\' || is_name || !undo_escape(scan))
            return false;
    }
    scan->at++;
    *text = slice_of(begin, (size_t)(scan->out - begin));
    return !scan->beyond_ascii || utf8_is_valid(*text);
}

/* ---- other values ---- */

/* Passes a string without looking at what is in it. */
static bool pass_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->end && *scan->at != '"'; scan->at++)
        if (*scan->at == '\\' && ++scan->at == scan->end)
            return false;
    if (scan->at == scan->end)
        return false;
    scan->at++;
    return true;
}

/* The bytes up to the comma or brace that end a value; whether they are one is not asked. */
static bool take_raw(struct scan *scan, struct slice *json)
{
    const uint8_t *begin = scan->at;
    unsigned depth = 0;

    while (scan->at < scan->end) {
        uint8_t byte = *scan->at;

        if (depth == 0 && (byte == ',' || byte == '}'))
            break;
        if (byte == '"') {
            if (!pass_string(scan))
                return false;
            continue;
        }
        if (byte == '[' || byte == '{')
            depth++;
        else if (byte == ']' || byte == '}')
            depth--;
        if (depth > DEPTH_MOST)
            return false;
        scan->at++;
    }
    *json = slice_of(begin, (size_t)(scan->at - begin));
    while (json->size > 0 && json->data[json->size - 1] == ' ')
        json->size--;
    return depth == 0;
}

/* Whether an integer is as jansson would write it. */
static bool is_plain_integer(struct slice json)
{
    size_t begin = json.size > 0 && json.data[0] == '-', digits = json.size - begin;

    if (digits == 0 || digits > DIGITS_MOST || (json.data[begin] == '0' && json.size > 1))
        return false;
    for (size_t i = begin; i < json.size; i++)
        if (json.data[i] < '0' || json.data[i] > '9')
            return false;
    return true;
}

/* Plain values are copied, so that the line need not stay; others go through jansson. */
static enum lede_status add_raw(struct scan *scan, struct json_object *object, struct slice name,
                                struct slice json)
{
    enum json_kind kind = KIND_OTHER;
    struct slice copy = slice_of(scan->out, json.size);

    if (slice_equal(json, slice_str("null")))
        kind = KIND_NULL;
    else if (is_plain_integer(json))
        kind = KIND_NUMBER;
    else if (!slice_equal(json, slice_str("true")) && !slice_equal(json, slice_str("false")))
        return json_object_add_raw(object, name, json);
    memcpy(scan->out, json.data, json.size);
    scan->out += json.size;
    return json_object_add(object, name, copy, kind) ? LEDE_OK : LEDE_NO_MEMORY;
}

/* ---- the object ---- */

static bool is_known(const struct json_object *object, struct slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (slice_equal(object->members[i].name, name))
            return true;
    return false;
}

static enum lede_status take_member(struct scan *scan, struct json_object *object)
{
    struct slice name, value;

    if (!take_string(scan, true, &name) || !take(scan, ':') || object->count == MEMBERS_MOST ||
        is_known(object, name))
        return LEDE_INVALID;
    pass_space(scan);
    if (scan->at < scan->end && *scan->at == '"') {
        if (!take_string(scan, false, &value))
            return LEDE_INVALID;
        return json_object_add(object, name, value, KIND_STRING) ? LEDE_OK : LEDE_NO_MEMORY;
    }
    return take_raw(scan, &value) ? add_raw(scan, object, name, value) : LEDE_INVALID;
}

static enum lede_status take_members(struct scan *scan, struct json_object *object)
{
    enum lede_status status = LEDE_OK;

    if (!take(scan, '{'))
        return LEDE_INVALID;
    if (take(scan, '}'))
        return LEDE_OK;
    do
        status = take_member(scan, object);
    while (status == LEDE_OK && take(scan, ','));
    return status == LEDE_OK && !take(scan, '}') ? LEDE_INVALID : status;
}

enum lede_status json_scan(struct json_object *object, struct slice line)
{
    struct scan scan = {.at = line.data, .end = line.data + line.size};
    enum lede_status status;

    scan.out = buffer_room(&object->text, line.size + STRIDE);
    if (!scan.out)
        return LEDE_NO_MEMORY;
    status = take_members(&scan, object);
    pass_space(&scan);
    return status == LEDE_OK && scan.at < scan.end ? LEDE_INVALID : status;
}
