#include "html/html_encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <strings.h>
#include <uchardet/uchardet.h>

#include "base/ascii.h"
#include "base/printable.h"
#include "text/utf8.h"

enum {
    SCANNED = 4096,       /* bytes in which a meta element may name the encoding */
    GUESSED = 256 * 1024, /* bytes that uchardet looks at */
    LABEL_MAX = 40
};

#define REPLACEMENT "\xef\xbf\xbd"

/* ---- labels ---- */

/* What browsers read under labels that iconv takes at their word, or does not know. */
static const struct label {
    const char *name, *encoding;
} LABELS[] = {
    {"ascii", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"iso-8859-1", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"latin-1", "windows-1252"},
    {"l1", "windows-1252"},
    {"iso-8859-9", "windows-1254"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"shift_jis", "cp932"},
    {"shift-jis", "cp932"},
    {"x-sjis", "cp932"},
    {"sjis", "cp932"},
    {"windows-31j", "cp932"},
    {"euc-kr", "cp949"},
    {"ks_c_5601-1987", "cp949"},
    {"korean", "cp949"},
    {"big5", "big5-hkscs"},
    {"x-mac-roman", "macintosh"},
    {"utf8", "utf-8"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"utf-16", "utf-16le"},
};

static const char *encoding_of(const char *label)
{
    for (size_t i = 0; i < sizeof LABELS / sizeof LABELS[0]; i++)
        if (strcasecmp(LABELS[i].name, label) == 0)
            return LABELS[i].encoding;
    return label;
}

static bool is_label(uint8_t byte)
{
    return ascii_is_digit(byte) || ascii_is_letter(byte) || byte == '-' || byte == '_' ||
           byte == ':' || byte == '.';
}

static bool take_label(struct slice text, char label[LABEL_MAX])
{
    size_t size = 0;

    while (size < text.size && is_label(text.data[size]))
        size++;
    if (size == 0 || size >= LABEL_MAX)
        return false;
    memcpy(label, text.data, size);
    label[size] = '\0';
    return true;
}

static void set_label(char label[LABEL_MAX], const char *text)
{
    (void)snprintf(label, LABEL_MAX, "%s", text);
}

/* ---- what says which encoding ---- */

static size_t mark_size(struct slice page, char label[LABEL_MAX])
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *label;
    } marks[] = {
        {"\xef\xbb\xbf", 3, "utf-8"}, {"\xff\xfe", 2, "utf-16le"}, {"\xfe\xff", 2, "utf-16be"}};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (page.size >= marks[i].size && memcmp(page.data, marks[i].bytes, marks[i].size) == 0) {
            set_label(label, marks[i].label);
            return marks[i].size;
        }
    return 0;
}

/* The label behind `charset` and `=` at the beginning of text. */
static bool read_charset(struct slice text, char label[LABEL_MAX])
{
    static const char name[] = "charset";
    size_t at = sizeof name - 1;

    if (text.size < at || strncasecmp((const char *)text.data, name, at) != 0)
        return false;
    while (at < text.size && byte_is_blank(text.data[at]))
        at++;
    if (at == text.size || text.data[at++] != '=')
        return false;
    while (at < text.size &&
           (byte_is_blank(text.data[at]) || text.data[at] == '"' || text.data[at] == '\''))
        at++;
    return take_label(slice_of(text.data + at, text.size - at), label);
}

/* In a meta element at its own charset attribute, or in the content of a Content-Type: either way
 * behind the word charset. What it says of UTF-16 is wrong, or nobody could have read it. */
static bool scan_meta(struct slice page, char label[LABEL_MAX])
{
    size_t size = page.size < SCANNED ? page.size : SCANNED;
    bool in_meta = false;

    for (size_t i = 0; i < size; i++) {
        struct slice rest = slice_of(page.data + i, size - i);

        if (*rest.data == '<')
            in_meta = rest.size > 5 && strncasecmp((const char *)rest.data, "<meta", 5) == 0;
        else if (*rest.data == '>')
            in_meta = false;
        if (in_meta && (*rest.data | 0x20) == 'c' && read_charset(rest, label)) {
            if (strncasecmp(label, "utf-16", 6) == 0)
                set_label(label, "utf-8");
            return true;
        }
    }
    return false;
}

static void guess(struct slice page, char label[LABEL_MAX])
{
    size_t size = page.size < GUESSED ? page.size : GUESSED;
    uchardet_t detector;
    const char *found = "";

    set_label(label, "windows-1252");
    detector = uchardet_new();
    if (!detector)
        return;
    if (uchardet_handle_data(detector, (const char *)page.data, size) == 0) {
        uchardet_data_end(detector);
        found = uchardet_get_charset(detector);
    }
    if (*found && strlen(found) < LABEL_MAX)
        set_label(label, found);
    uchardet_delete(detector);
}

/* ---- conversion ---- */

static void repair(struct slice text, struct buffer *out, uint64_t *replaced)
{
    const uint8_t *at = text.data, *end = at + text.size, *good = at;
    uint32_t character;

    while (at < end) {
        size_t size = *at < 0x80 ? 1 : printable_decode(at, end, &character);

        if (size > 0) {
            at += size;
            continue;
        }
        buffer_put(out, good, (size_t)(at - good));
        buffer_str(out, REPLACEMENT);
        ++*replaced;
        good = ++at;
    }
    buffer_put(out, good, (size_t)(at - good));
}

/* Converts as far as it goes; what does not convert is a byte to replace. */
static void convert(iconv_t way, struct slice text, struct buffer *out, uint64_t *replaced)
{
    char *in = (char *)(uintptr_t)text.data;
    size_t left = text.size;

    while (left > 0 && !out->failed) {
        size_t room = 4096 + left;
        char *begin = (char *)buffer_room(out, room), *to = begin;

        if (!begin)
            return;
        if (iconv(way, &in, &left, &to, &room) != (size_t)-1 || errno == E2BIG) {
            out->size += (size_t)(to - begin);
            continue;
        }
        out->size += (size_t)(to - begin);
        buffer_str(out, REPLACEMENT);
        ++*replaced;
        in++;
        left--;
    }
}

static void put_page(struct slice text, const char *label, struct buffer *out, uint64_t *replaced)
{
    const char *encoding = encoding_of(label);
    iconv_t way;

    if (strcasecmp(encoding, "utf-8") == 0) {
        repair(text, out, replaced);
        return;
    }
    way = iconv_open("UTF-8", encoding);
    if (way == (iconv_t)-1) {
        repair(text, out, replaced); /* nobody knows the label */
        return;
    }
    convert(way, text, out, replaced);
    (void)iconv_close(way);
}

enum lede_status html_to_utf8(struct slice page, struct slice header, struct buffer *out,
                              uint64_t *replaced, struct lede_error *err)
{
    char label[LABEL_MAX];
    size_t mark;

    if (page.size == 0)
        return LEDE_OK;
    mark = mark_size(page, label);
    page = slice_of(page.data + mark, page.size - mark);
    if (mark == 0 && !take_label(header, label) && !scan_meta(page, label)) {
        set_label(label, "utf-8");
        if (!utf8_is_valid(page))
            guess(page, label);
    }
    put_page(page, label, out, replaced);
    return out->failed ? error_no_memory(err) : LEDE_OK;
}
