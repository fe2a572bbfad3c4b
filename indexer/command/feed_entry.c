#include "command/feed_entry.h"

#include <libxml/parser.h>
#include <limits.h>
#include <stdio.h>

#include "command/feed_scan.h"
#include "html/reserve.h"

/* It is UTF-8 already, whatever a declaration says. */
enum {
    OPTIONS = XML_PARSE_RECOVER | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NONET |
              XML_PARSE_IGNORE_ENC
};

void feed_entry_init(struct feed_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    for (size_t i = 0; i < FEED_FIELDS; i++)
        buffer_init(&entry->fields[i].text, NULL);
    buffer_init(&entry->repaired, NULL);
}

void feed_entry_done(struct feed_entry *entry)
{
    for (size_t i = 0; i < FEED_FIELDS; i++)
        buffer_done(&entry->fields[i].text);
    buffer_done(&entry->repaired);
}

/* ---- elements that are fields ---- */

static const struct {
    const char *name;
    enum feed_field field;
} FIELDS[] = {
    {"title", FEED_TITLE},
    {"link", FEED_LINK},
    {"guid", FEED_ID},
    {"id", FEED_ID},
    {"content:encoded", FEED_CONTENT},
    {"content", FEED_CONTENT},
    {"description", FEED_SUMMARY},
    {"summary", FEED_SUMMARY},
    {"pubDate", FEED_DATE},
    {"published", FEED_DATE},
    {"dc:date", FEED_DATE},
    {"updated", FEED_UPDATED},
    {"author", FEED_AUTHOR},
    {"dc:creator", FEED_AUTHOR},
    {"category", FEED_SECTION},
    {"dc:subject", FEED_SECTION},
    {"language", FEED_LANGUAGE},
    {"dc:language", FEED_LANGUAGE},
};

static enum feed_field find_field(const char *name)
{
    struct slice plain = slice_str(name);

    /* Atom's own elements may have a prefix, too. */
    if (strncmp(name, "atom:", 5) == 0)
        plain = slice_str(name + 5);
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++)
        if (slice_equal(plain, slice_str(FIELDS[i].name)))
            return FIELDS[i].field;
    return FEED_FIELDS;
}

static const char *attribute(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes && attributes[i]; i += 2)
        if (strcmp((const char *)attributes[i], name) == 0)
            return (const char *)attributes[i + 1];
    return NULL;
}

static bool is(const char *text, const char *wanted)
{
    return text && strcmp(text, wanted) == 0;
}

/* ---- events ---- */

/* A field whose text is an attribute. */
static void take_attribute(struct feed_entry *entry, enum feed_field field, const char *value)
{
    struct feed_text *text = &entry->fields[field];

    if (!value || text->text.size > 0)
        return;
    text->plain = text->met = true;
    buffer_str(&text->text, value);
}

static void open_field(struct feed_entry *entry, enum feed_field field, const xmlChar **attributes)
{
    const char *type = attribute(attributes, "type"), *rel = attribute(attributes, "rel");
    struct feed_text *text = &entry->fields[field];

    if (field == FEED_LINK && attribute(attributes, "href")) {
        if (!rel || is(rel, "alternate"))
            take_attribute(entry, field, attribute(attributes, "href"));
        return;
    }
    if (field == FEED_SECTION)
        take_attribute(entry, field, attribute(attributes, "term"));
    if (text->met && text->text.size > 0)
        return;
    text->met = true;
    text->plain = field > FEED_SUMMARY || field == FEED_LINK || field == FEED_ID;
    text->plain |= entry->is_atom && !is(type, "html") && !is(type, "xhtml") &&
                   !is(type, "text/html") && !is(type, "application/xhtml+xml");
    entry->field = field;
    entry->field_depth = entry->depth;
    entry->markup = is(type, "xhtml");
}

/* True if the element that was opened last may be a field. */
static bool is_child(const struct feed_entry *entry)
{
    if (!entry->is_head)
        return entry->depth == 2;
    return entry->depth == (entry->is_atom ? 2 : 3) && entry->in_channel;
}

static void start_element(void *context, const xmlChar *name, const xmlChar **attributes)
{
    struct feed_entry *entry = context;
    const char *text = (const char *)name;
    enum feed_field field;

    entry->depth++;
    if (entry->depth == 1) {
        entry->is_atom =
            feed_named(slice_str(text), "entry") || feed_named(slice_str(text), "feed");
        entry->in_channel = entry->is_atom;
        take_attribute(entry, FEED_LANGUAGE, attribute(attributes, "xml:lang"));
        return;
    }
    if (entry->depth == 2 && !entry->is_atom)
        entry->in_channel = feed_named(slice_str(text), "channel");
    if (entry->field == FEED_AUTHOR) {
        entry->muted = !feed_named(slice_str(text), "name");
        return;
    }
    if (entry->field != FEED_FIELDS) { /* part of the text */
        buffer_printf(&entry->fields[entry->field].text, "<%s>", text);
        entry->markup = true;
        return;
    }
    field = is_child(entry) ? find_field(text) : FEED_FIELDS;
    if (field != FEED_FIELDS)
        open_field(entry, field, attributes);
}

static void end_element(void *context, const xmlChar *name)
{
    struct feed_entry *entry = context;

    entry->muted = false;
    if (entry->field != FEED_FIELDS && entry->depth == entry->field_depth)
        entry->field = FEED_FIELDS;
    else if (entry->field != FEED_FIELDS && entry->field != FEED_AUTHOR)
        buffer_printf(&entry->fields[entry->field].text, "</%s>", (const char *)name);
    entry->depth -= entry->depth > 0;
    entry->complete |= entry->depth == 0;
}

/* Text between elements that are part of it is no markup. */
static void put_escaped(struct buffer *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] == '<')
            buffer_str(out, "&lt;");
        else if (text[i] == '&')
            buffer_str(out, "&amp;");
        else
            buffer_byte(out, (uint8_t)text[i]);
}

static void characters(void *context, const xmlChar *text, int size)
{
    struct feed_entry *entry = context;

    if (entry->field == FEED_FIELDS || entry->muted || size <= 0)
        return;
    if (entry->markup)
        put_escaped(&entry->fields[entry->field].text, (const char *)text, (size_t)size);
    else
        buffer_put(&entry->fields[entry->field].text, text, (size_t)size);
}

/* ---- parsing ---- */

/* Bytes of an entity of XML itself at at, or of a character's number; 0: it is none. */
static size_t reference_size(struct slice bytes)
{
    static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_begins(bytes, slice_str(names[i])))
            return strlen(names[i]);
    return slice_begins(bytes, slice_str("&#")) ? 2 : 0;
}

/* Entities of HTML, which many feeds have, would be errors: what they stand for is found when the
 * text is read as HTML. */
static void repair(struct slice bytes, struct buffer *out)
{
    size_t at = 0;

    while (at < bytes.size) {
        struct slice rest = slice_of(bytes.data + at, bytes.size - at);
        const uint8_t *cdata = memmem(rest.data, rest.size, "<![CDATA[", 9);
        size_t size = cdata ? (size_t)(cdata - rest.data) : rest.size;

        for (size_t i = 0; i < size; i++) {
            bool bare =
                rest.data[i] == '&' && reference_size(slice_of(rest.data + i, rest.size - i)) == 0;

            if (bare)
                buffer_str(out, "&amp;");
            else
                buffer_byte(out, rest.data[i]);
        }
        at += size;
        if (!cdata)
            break;
        rest = slice_of(bytes.data + at, bytes.size - at);
        cdata = memmem(rest.data, rest.size, "]]>", 3);
        size = cdata ? (size_t)(cdata - rest.data) + 3 : rest.size;
        buffer_put(out, rest.data, size);
        at += size;
    }
}

static void reset(struct feed_entry *entry, bool is_head)
{
    for (size_t i = 0; i < FEED_FIELDS; i++) {
        buffer_clear(&entry->fields[i].text);
        entry->fields[i].plain = entry->fields[i].met = false;
    }
    buffer_clear(&entry->repaired);
    entry->is_head = is_head;
    entry->muted = false;
    entry->is_atom = entry->markup = entry->complete = entry->in_channel = false;
    entry->depth = entry->field_depth = 0;
    entry->field = FEED_FIELDS;
    entry->complaint[0] = '\0';
}

static bool has_failed(const struct feed_entry *entry)
{
    bool failed = entry->repaired.failed;

    for (size_t i = 0; i < FEED_FIELDS; i++)
        failed |= entry->fields[i].text.failed;
    return failed;
}

/* libxml2 ends its messages with a newline. */
static void take_complaint(struct feed_entry *entry, xmlParserCtxt *parser)
{
    const xmlError *error = xmlCtxtGetLastError(parser);
    const char *text = error && error->message ? error->message : "it is no XML";

    (void)snprintf(entry->complaint, sizeof entry->complaint, "%.*s", (int)strcspn(text, "\n"),
                   text);
}

enum lede_status feed_entry_read(struct feed_entry *entry, struct slice utf8, bool is_head,
                                 struct lede_error *err)
{
    xmlParserCtxt *parser;

    reset(entry, is_head);
    repair(utf8, &entry->repaired);
    if (entry->repaired.failed || entry->repaired.size > INT_MAX)
        return error_no_memory(err);
    if (entry->repaired.size == 0)
        return LEDE_OK;
    parser = reserve_begin() ? xmlNewParserCtxt() : NULL;
    if (!parser)
        return error_no_memory(err);
    *parser->sax = (xmlSAXHandler){.startElement = start_element,
                                   .endElement = end_element,
                                   .characters = characters,
                                   .ignorableWhitespace = characters,
                                   .cdataBlock = characters,
                                   .initialized = 1 /* SAX 1: names with their prefixes */};
    parser->userData = entry;
    xmlFreeDoc(xmlCtxtReadMemory(parser, (const char *)entry->repaired.data,
                                 (int)entry->repaired.size, NULL, "UTF-8", OPTIONS));
    if (!entry->complete)
        take_complaint(entry, parser);
    xmlFreeParserCtxt(parser);
    return has_failed(entry) || reserve_is_spent() ? error_no_memory(err) : LEDE_OK;
}
