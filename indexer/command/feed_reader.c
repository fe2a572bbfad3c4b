#include "command/feed_reader.h"

#include <stdio.h>

#include "base/lede_bytes.h"
#include "command/feed_scan.h"
#include "html/html_encoding.h"

enum { HEAD_MOST = 64 * 1024 /* of a feed, before its first entry */, SEARCHED = 64 * 1024 };

void feed_reader_init(struct feed_reader *reader, size_t max_page, size_t max_tree)
{
    *reader = (struct feed_reader){.max_page = max_page, .ended = true};
    feed_entry_init(&reader->entry);
    html_page_init(&reader->page, max_tree);
    buffer_init(&reader->converted, NULL);
    buffer_init(&reader->title, NULL);
    buffer_init(&reader->text, NULL);
    buffer_init(&reader->id, NULL);
    buffer_init(&reader->site, NULL);
    buffer_init(&reader->language, NULL);
}

void feed_reader_done(struct feed_reader *reader)
{
    feed_entry_done(&reader->entry);
    html_page_done(&reader->page);
    buffer_done(&reader->converted);
    buffer_done(&reader->title);
    buffer_done(&reader->text);
    buffer_done(&reader->id);
    buffer_done(&reader->site);
    buffer_done(&reader->language);
}

void feed_reader_start(struct feed_reader *reader, struct input *input, const struct origin *origin)
{
    reader->input = input;
    reader->origin = origin;
    reader->begun = reader->ended = false;
    reader->record = 0;
    buffer_clear(&reader->site);
    buffer_clear(&reader->language);
}

/* ---- what is a feed ---- */

static bool mentions(struct slice bytes, const char *text)
{
    return memmem(bytes.data, bytes.size, text, strlen(text)) != NULL;
}

enum head_answer feed_recognizes(struct slice head)
{
    struct slice text = slice_trim(head), tag_bytes;
    struct feed_tag tag;
    size_t at = 0;

    if (slice_begins(text, slice_str("\xef\xbb\xbf")))
        text = slice_trim(slice_of(text.data + 3, text.size - 3));
    if (text.size == 0)
        return HEAD_MORE;
    if (text.data[0] != '<')
        return HEAD_NO;
    if (!feed_scan(text, &at, &tag))
        return HEAD_MORE;
    tag_bytes = slice_of(text.data + tag.begin, tag.end - tag.begin);
    return feed_named(tag.name, "rss") ||
                   (feed_named(tag.name, "feed") && mentions(tag_bytes, "Atom")) ||
                   (feed_named(tag.name, "RDF") && mentions(tag_bytes, "/rss/"))
               ? HEAD_YES
               : HEAD_NO;
}

static bool is_entry(const struct feed_tag *tag)
{
    return feed_named(tag->name, "item") || feed_named(tag->name, "entry");
}

/* ---- skips ---- */

/* Nothing more is read: status says whether because of the input, or the run's end. */
static enum lede_status end_with(struct feed_reader *reader, struct item *item,
                                 enum lede_status status, const char *message,
                                 struct lede_error *err)
{
    reader->ended = true;
    return item_skip_rest(item, reader->origin, status, reader->record, input_offset(reader->input),
                          message, err);
}

/* ---- where entries are ---- */

enum find_kind { FIND_ENTRY, FIND_END, FIND_FAILED };

/* Passes bytes up to the next entry. */
static enum find_kind find_entry(struct feed_reader *reader, enum lede_status *status,
                                 struct lede_error *error)
{
    struct slice ahead = {NULL, 0};
    size_t at = 0;

    for (;;) {
        struct feed_tag tag;

        while (feed_scan(ahead, &at, &tag))
            if (is_entry(&tag) && !tag.closes && !tag.is_empty) {
                input_skip(reader->input, tag.begin);
                return FIND_ENTRY;
            }
        if (ahead.size - at > reader->max_page)
            at++; /* a tag, comment or CDATA that has no end: what is in it may be more */
        input_skip(reader->input, at);
        at = ahead.size - at; /* what may be the beginning of a tag */
        *status = input_peek(reader->input, at + 1, &ahead, error);
        if (ahead.size == at)
            return *status == LEDE_OK ? FIND_END : FIND_FAILED;
        at = 0;
    }
}

/* Bytes of the entry that begins ahead; 0: it does not end within max_page bytes, or at all. */
static size_t find_end(struct feed_reader *reader, struct slice *ahead, enum lede_status *status,
                       struct lede_error *error)
{
    struct slice name = {NULL, 0};
    size_t at = 0, name_begin = 0, seen = 0;
    unsigned depth = 0;

    do {
        struct feed_tag tag;

        *status = input_peek(reader->input, seen + 1, ahead, error);
        if (ahead->size == seen)
            return 0;
        seen = ahead->size;
        while (feed_scan(*ahead, &at, &tag)) {
            if (name.size == 0) {
                name_begin = (size_t)(tag.name.data - ahead->data);
                name.size = tag.name.size;
            }
            name.data = ahead->data + name_begin; /* it moves with the window */
            if (!slice_equal(tag.name, name) || tag.is_empty)
                continue;
            depth += tag.closes ? 0 : 1;
            depth -= tag.closes ? 1 : 0;
            if (depth == 0)
                return tag.end;
        }
    } while (seen <= reader->max_page);
    return 0;
}

/* ---- articles ---- */

/* Appends a text without markup; blanks folded to one where it is to be a line. */
static enum lede_status put_plain(struct feed_reader *reader, const struct feed_text *from,
                                  struct buffer *out, struct lede_error *err)
{
    struct slice text = slice_trim(buffer_bytes(&from->text));

    if (from->plain || (text.size > 0 && !memchr(text.data, '<', text.size) &&
                        !memchr(text.data, '&', text.size))) {
        buffer_put(out, text.data, text.size);
        return out->failed ? error_no_memory(err) : LEDE_OK;
    }
    return html_page_fragment(&reader->page, text, out, err);
}

static void put_field(struct feed_reader *reader, const char *name, struct slice value)
{
    if (value.size > 0)
        reader->metadata[reader->metadata_count++] =
            (struct lede_field){bytes_of(slice_str(name)), bytes_of(value)};
}

static struct slice field(const struct feed_reader *reader, enum feed_field which)
{
    return slice_trim(buffer_bytes(&reader->entry.fields[which].text));
}

static enum lede_status make_id(struct feed_reader *reader, struct item *item)
{
    struct slice id = field(reader, FEED_ID), link = field(reader, FEED_LINK);

    buffer_clear(&reader->id);
    if (id.size > 0 && memchr(id.data, ':', id.size)) {
        buffer_put(&reader->id, id.data, id.size);
    } else if (link.size > 0) {
        buffer_put(&reader->id, link.data, link.size);
    } else {
        buffer_put(&reader->id, reader->origin->id.data, reader->origin->id.size);
        buffer_printf(&reader->id, "#%llu", (unsigned long long)reader->record);
    }
    item->article.id = bytes_of(buffer_bytes(&reader->id));
    return reader->id.failed ? LEDE_NO_MEMORY : LEDE_OK;
}

static void take_date(struct feed_reader *reader, struct item *item)
{
    struct slice date = field(reader, FEED_DATE);

    if (date.size == 0)
        date = field(reader, FEED_UPDATED);
    if (date.size == 0 || lede_date_parse(bytes_of(date), &item->article.date) == LEDE_OK)
        return;
    item->date_unread = true;
    put_field(reader, "date", date);
}

static enum lede_status fill_article(struct feed_reader *reader, struct item *item,
                                     struct lede_error *err)
{
    const struct feed_text *fields = reader->entry.fields;
    bool has_content = field(reader, FEED_CONTENT).size > 0;
    struct slice language = field(reader, FEED_LANGUAGE);
    enum lede_status status;

    buffer_clear(&reader->title);
    buffer_clear(&reader->text);
    status = put_plain(reader, &fields[FEED_TITLE], &reader->title, err);
    if (status == LEDE_OK)
        status = put_plain(reader, &fields[has_content ? FEED_CONTENT : FEED_SUMMARY],
                           &reader->text, err);
    if (status != LEDE_OK)
        return status;
    *item = (struct item){.kind = ITEM_ARTICLE, .record = reader->record};
    item->replaced_bytes = reader->replaced;
    item->article.title = bytes_of(buffer_bytes(&reader->title));
    item->article.text = bytes_of(buffer_bytes(&reader->text));
    item->article.url = bytes_of(field(reader, FEED_LINK));
    item->article.language =
        bytes_of(language.size > 0 ? language : buffer_bytes(&reader->language));
    reader->metadata_count = 0;
    put_field(reader, "author", field(reader, FEED_AUTHOR));
    put_field(reader, "section", field(reader, FEED_SECTION));
    put_field(reader, "site", buffer_bytes(&reader->site));
    take_date(reader, item);
    item->article.metadata = reader->metadata;
    item->article.metadata_count = reader->metadata_count;
    return make_id(reader, item) == LEDE_OK ? LEDE_OK : error_no_memory(err);
}

static enum lede_status convert(struct feed_reader *reader, struct slice bytes,
                                struct lede_error *err)
{
    buffer_clear(&reader->converted);
    reader->replaced = 0;
    return html_to_utf8(bytes, slice_str(reader->charset), &reader->converted, &reader->replaced,
                        err);
}

/* What the entry that is ahead as a whole becomes. */
static enum lede_status take_entry(struct feed_reader *reader, struct slice bytes,
                                   struct item *item, struct lede_error *err)
{
    uint64_t offset = input_offset(reader->input);
    struct lede_error error = {.text = ""};
    enum lede_status status = convert(reader, bytes, &error);

    if (status == LEDE_OK)
        status = feed_entry_read(&reader->entry, buffer_bytes(&reader->converted), false, &error);
    if (status == LEDE_OK && !reader->entry.complete) {
        item_skip(item, reader->origin, SKIP_BAD_RECORD, reader->record, offset,
                  reader->entry.complaint);
        return LEDE_OK;
    }
    if (status == LEDE_OK)
        status = fill_article(reader, item, &error);
    if (status == LEDE_NO_MEMORY)
        return error_no_memory(err);
    if (status != LEDE_OK) {
        item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->record, offset, error.text);
        return LEDE_OK;
    }
    if (item->article.title.size + item->article.text.size == 0) {
        item_skip(item, reader->origin, SKIP_BAD_RECORD, reader->record, offset,
                  "it has neither a title nor a text");
        return LEDE_OK;
    }
    item_set_source(item, reader->origin, offset, bytes.size);
    return LEDE_OK;
}

/* ---- the feed ---- */

/* The name in encoding="..." of an XML declaration. */
static void take_charset(struct feed_reader *reader, struct slice head)
{
    const uint8_t *end = memmem(head.data, head.size, "?>", 2);
    struct slice declaration = slice_of(head.data, end ? (size_t)(end - head.data) : 0);
    const uint8_t *at = memmem(declaration.data, declaration.size, "encoding", 8);
    size_t size = 0;

    reader->charset[0] = '\0';
    if (!at || !slice_begins(slice_trim(head), slice_str("<?xml")))
        return;
    for (at += 8; at < end && (byte_is_blank(*at) || *at == '='); at++)
        ;
    for (at++; at < end && *at != '"' && *at != '\'' && size + 1 < FEED_CHARSET; at++)
        reader->charset[size++] = (char)*at;
    reader->charset[size] = '\0';
}

/* Bytes of the head before the first entry. */
static size_t head_size(struct slice bytes)
{
    struct feed_tag tag;
    size_t at = 0;

    while (feed_scan(bytes, &at, &tag))
        if (is_entry(&tag) && !tag.closes)
            return tag.begin;
    return bytes.size;
}

/* Reads what the feed says of itself, and passes nothing. */
static enum lede_status begin(struct feed_reader *reader, struct lede_error *err)
{
    struct slice head;
    enum lede_status status;

    reader->begun = true;
    (void)input_peek(reader->input, HEAD_MOST, &head, NULL);
    if (head.size > HEAD_MOST)
        head.size = HEAD_MOST;
    take_charset(reader, head);
    status = convert(reader, slice_of(head.data, head_size(head)), err);
    if (status == LEDE_OK)
        status = feed_entry_read(&reader->entry, buffer_bytes(&reader->converted), true, err);
    if (status == LEDE_OK)
        status = put_plain(reader, &reader->entry.fields[FEED_TITLE], &reader->site, err);
    if (status == LEDE_LIMIT)
        status = LEDE_OK; /* a title that is no title */
    if (status == LEDE_OK) {
        struct slice language = field(reader, FEED_LANGUAGE);

        buffer_put(&reader->language, language.data, language.size);
    }
    return status == LEDE_OK && reader->language.failed ? error_no_memory(err) : status;
}

enum lede_status feed_reader_next(struct feed_reader *reader, struct item *item,
                                  struct lede_error *err)
{
    struct lede_error error = {.text = ""};
    enum lede_status status = LEDE_OK;
    enum find_kind kind;
    struct slice ahead;
    char message[128];
    size_t size;

    *item = (struct item){.kind = ITEM_END};
    if (reader->ended)
        return LEDE_OK;
    if (!reader->begun)
        status = begin(reader, err);
    if (status != LEDE_OK)
        return status;
    kind = find_entry(reader, &status, &error);
    if (kind == FIND_FAILED)
        return end_with(reader, item, status, error.text, err);
    if (kind == FIND_END)
        return LEDE_OK;
    reader->record++;
    size = find_end(reader, &ahead, &status, &error);
    if (size > 0 && size <= reader->max_page) {
        status = take_entry(reader, slice_of(ahead.data, size), item, err);
        input_skip(reader->input, size);
        return status;
    }
    if (ahead.size <= reader->max_page)
        return end_with(reader, item, status, status == LEDE_OK ? "it is cut short" : error.text,
                        err);
    (void)snprintf(message, sizeof message,
                   "it has more than %zu bytes: see --memory, --max-record", reader->max_page);
    item_skip(item, reader->origin, SKIP_TOO_LARGE, reader->record, input_offset(reader->input),
              message);
    input_skip(reader->input, size > 0 ? size : 1);
    return LEDE_OK;
}
