#include "command/boilerplate.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/ascii.h"
#include "base/lede_bytes.h"
#include "boilerplate_terms.h"
#include "command/hash_set.h"
#include "index/segment.h"
#include "page/page_line.h"

enum {
    LEAST_ARTICLES = 10,
    LEAST_SHARE = 10, /* one article of so many */
    LINE_MOST = 400,
    COUNTERS = 1 << 18,
    COUNTERS_USED = COUNTERS / 4 * 3,
    KNOWN_MOST = 1 << 20
};

struct counter { /* of a line, or of the articles of a site */
    uint64_t key;
    uint32_t count, article; /* the last one that was counted; count 0: free */
};

struct line {
    size_t offset, size; /* in the text, without blanks at its ends */
    size_t end;          /* where the next line begins */
};

struct boilerplate {
    enum boilerplate_mode mode;
    struct counter *counters;
    size_t used;
    uint32_t article;      /* number of the current one in this run, from 1 */
    struct hash_set known; /* hashes of lines with their sites; of a list without */
    struct line *lines;    /* of the current article, to be taken */
    size_t line_count, line_capacity;
    struct buffer text, taken, metadata;
};

/* ---- counting ---- */

static struct counter *counter_slot(struct counter *counters, uint64_t key)
{
    size_t at = key & (COUNTERS - 1);

    while (counters[at].count > 0 && counters[at].key != key)
        at = (at + 1) & (COUNTERS - 1);
    return &counters[at];
}

/* Drops what the fewest articles had, until half of the counters are free. */
static bool forget_rare(struct boilerplate *boilerplate)
{
    struct counter *kept = calloc(COUNTERS, sizeof *kept);

    if (!kept)
        return false;
    for (uint32_t least = 2; boilerplate->used > COUNTERS / 2; least *= 2) {
        memset(kept, 0, COUNTERS * sizeof *kept);
        boilerplate->used = 0;
        for (size_t i = 0; i < COUNTERS; i++)
            if (boilerplate->counters[i].count >= least) {
                *counter_slot(kept, boilerplate->counters[i].key) = boilerplate->counters[i];
                boilerplate->used++;
            }
    }
    free(boilerplate->counters);
    boilerplate->counters = kept;
    return true;
}

/* How many articles had it, this one included; 0: memory ran out. */
static uint32_t count(struct boilerplate *boilerplate, uint64_t key)
{
    struct counter *counter = counter_slot(boilerplate->counters, key);

    if (counter->count == 0) {
        if (boilerplate->used == COUNTERS_USED) {
            if (!forget_rare(boilerplate))
                return 0;
            counter = counter_slot(boilerplate->counters, key);
        }
        boilerplate->used++;
        *counter = (struct counter){.key = key};
    }
    if (counter->article != boilerplate->article)
        counter->count += counter->count < UINT32_MAX;
    counter->article = boilerplate->article;
    return counter->count;
}

/* ---- which lines ---- */

/* A letter or a number. */
static bool has_words(struct slice line)
{
    for (size_t at = 0; at < line.size; at++) {
        uint8_t c = line.data[at];

        if ((c >= 0xc3 && c != 0xe2) || ascii_is_digit(c) || ascii_is_letter(c))
            return true;
    }
    return false;
}

static bool is_byline(struct slice line)
{
    struct page_line looked = {0};

    page_line_look(&looked, line);
    return looked.kind == LINE_BY && !looked.is_bare;
}

/* LEDE_MISSING: it is none of them. */
static enum lede_status judge(struct boilerplate *boilerplate, uint64_t site, uint32_t articles,
                              struct slice line)
{
    uint64_t key = boilerplate_hash(boilerplate->mode == BOILERPLATE_LIST ? 0 : site, line);
    uint32_t times = 0;
    bool known = hash_set_has(&boilerplate->known, key);

    if (boilerplate->mode == BOILERPLATE_AUTO && !known) {
        times = count(boilerplate, key);
        if (times == 0)
            return LEDE_NO_MEMORY;
        known = times >= LEAST_ARTICLES && (uint64_t)times * LEAST_SHARE >= articles;
        if (known && boilerplate->known.count < KNOWN_MOST && !is_byline(line) &&
            !hash_set_add(&boilerplate->known, key))
            return LEDE_NO_MEMORY;
    }
    return known && !is_byline(line) ? LEDE_OK : LEDE_MISSING;
}

static bool add_line(struct boilerplate *boilerplate, const struct line *line)
{
    if (boilerplate->line_count == boilerplate->line_capacity &&
        !array_grow((void **)&boilerplate->lines, &boilerplate->line_capacity,
                    sizeof *boilerplate->lines, NULL))
        return false;
    boilerplate->lines[boilerplate->line_count++] = *line;
    return true;
}

static struct line line_at(struct slice text, size_t at)
{
    const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
    size_t size = end ? (size_t)(end - text.data) - at : text.size - at;
    struct slice trimmed = slice_trim(slice_of(text.data + at, size));

    return (struct line){.offset = (size_t)(trimmed.data - text.data),
                         .size = trimmed.size,
                         .end = at + size + (end != NULL)};
}

/* The lines to take, *size bytes. */
static enum lede_status find_lines(struct boilerplate *boilerplate, struct slice text,
                                   uint64_t site, size_t *size)
{
    uint32_t articles = boilerplate->mode == BOILERPLATE_AUTO ? count(boilerplate, ~site) : 1;
    enum lede_status status = articles ? LEDE_OK : LEDE_NO_MEMORY;
    struct line line;

    boilerplate->line_count = 0;
    *size = 0;
    for (size_t at = 0; at < text.size && status != LEDE_NO_MEMORY; at = line.end) {
        struct slice bytes;

        line = line_at(text, at);
        bytes = slice_of(text.data + line.offset, line.size);
        if (line.size == 0 || line.size > LINE_MOST || !has_words(bytes))
            continue;
        status = judge(boilerplate, site, articles, bytes);
        if (status != LEDE_OK || *size + line.size > BOILERPLATE_MOST)
            continue;
        *size += line.size;
        if (!add_line(boilerplate, &line))
            status = LEDE_NO_MEMORY;
    }
    return status == LEDE_NO_MEMORY ? status : LEDE_OK;
}

/* ---- taking them ---- */

static void cut(struct boilerplate *boilerplate, struct slice text)
{
    size_t at = 0;

    buffer_clear(&boilerplate->text);
    buffer_clear(&boilerplate->taken);
    for (size_t i = 0; i < boilerplate->line_count; i++) {
        const struct line *line = &boilerplate->lines[i];

        buffer_put(&boilerplate->text, text.data + at, line->offset - at);
        if (i > 0)
            buffer_byte(&boilerplate->taken, '\n');
        buffer_put(&boilerplate->taken, text.data + line->offset, line->size);
        at = line->end;
    }
    buffer_put(&boilerplate->text, text.data + at, text.size - at);
}

static void add_metadatum(struct boilerplate *boilerplate, struct lede_article *article)
{
    struct lede_field field = {LEDE_STR(BOILERPLATE), bytes_of(buffer_bytes(&boilerplate->taken))};
    size_t size = article->metadata_count * sizeof field;

    buffer_clear(&boilerplate->metadata);
    buffer_put(&boilerplate->metadata, &field, sizeof field);
    if (size > 0)
        buffer_put(&boilerplate->metadata, article->metadata, size);
    article->metadata = (const struct lede_field *)(const void *)boilerplate->metadata.data;
    article->metadata_count++;
}

static size_t ink(struct slice text)
{
    size_t bytes = 0;

    for (size_t at = 0; at < text.size; at++)
        bytes += !byte_is_blank(text.data[at]);
    return bytes;
}

/* Of the article the site is known by its address or a metadatum: as what will be stored. */
static uint64_t site_of(const struct lede_article *article)
{
    struct stored_article stored = {.url = slice_from(article->url)};
    struct stored_field site = {slice_str("site"), {0}};

    for (size_t i = 0; i < article->metadata_count && stored.metadata_count == 0; i++)
        if (slice_equal(slice_from(article->metadata[i].name), site.name)) {
            site.value = slice_from(article->metadata[i].value);
            stored.metadata = &site;
            stored.metadata_count = 1;
        }
    return boilerplate_site(&stored);
}

enum lede_status boilerplate_take(struct boilerplate *boilerplate, struct item *item,
                                  struct lede_error *err)
{
    struct lede_article *article = &item->article;
    struct slice text = slice_from(article->text);
    bool is_remainder = item->parts > 0 && item->part == 0;
    size_t size;

    if (boilerplate->mode == BOILERPLATE_KEEP || !item->is_page || text.size == 0)
        return LEDE_OK;
    boilerplate->article++;
    if (find_lines(boilerplate, text, site_of(article), &size) != LEDE_OK)
        return error_no_memory(err);
    if (boilerplate->line_count == 0 || (!is_remainder && 2 * size > ink(text)))
        return LEDE_OK;
    cut(boilerplate, text);
    if (!has_words(slice_from(article->title)) && !has_words(buffer_bytes(&boilerplate->text)))
        return LEDE_OK;
    add_metadatum(boilerplate, article);
    article->text = bytes_of(buffer_bytes(&boilerplate->text));
    return boilerplate->text.failed || boilerplate->taken.failed || boilerplate->metadata.failed
               ? error_no_memory(err)
               : LEDE_OK;
}

/* ---- what is known ---- */

static enum lede_status load_segment(struct boilerplate *boilerplate, struct segment *segment,
                                     struct lede_error *err)
{
    struct dictionary_cursor cursor;
    struct slice term;
    uint32_t articles;
    enum lede_status status = boilerplate_lines_begin(segment, &cursor, err);

    while (status == LEDE_OK && boilerplate->known.count < KNOWN_MOST) {
        uint64_t hash = 0;

        status = boilerplate_lines_next(&cursor, &term, &articles, err);
        if (status != LEDE_OK)
            break;
        for (int i = 0; i < 8; i++)
            hash = hash << 8 | term.data[2 + i];
        if (!hash_set_add(&boilerplate->known, hash))
            status = error_no_memory(err);
    }
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static enum lede_status load_known(struct boilerplate *boilerplate, const char *index,
                                   struct lede_error *err)
{
    struct snapshot *snapshot = NULL;
    enum lede_status status = snapshot_open(index, &snapshot, err);

    for (size_t i = 0; status == LEDE_OK && i < snapshot->segment_count; i++)
        status = load_segment(boilerplate, &snapshot->segments[i], err);
    snapshot_close(snapshot);
    return status == LEDE_MISSING ? LEDE_OK : status;
}

static bool load_list(struct boilerplate *boilerplate, struct slice list)
{
    struct line line;

    for (size_t at = 0; at < list.size; at = line.end) {
        line = line_at(list, at);
        if (line.size > 0 &&
            !hash_set_add(&boilerplate->known,
                          boilerplate_hash(0, slice_of(list.data + line.offset, line.size))))
            return false;
    }
    return true;
}

enum lede_status boilerplate_open(enum boilerplate_mode mode, const char *index, struct slice list,
                                  struct boilerplate **out, struct lede_error *err)
{
    struct boilerplate *boilerplate = calloc(1, sizeof *boilerplate);
    enum lede_status status = LEDE_OK;

    if (!boilerplate)
        return error_no_memory(err);
    boilerplate->mode = mode;
    hash_set_init(&boilerplate->known, NULL);
    buffer_init(&boilerplate->text, NULL);
    buffer_init(&boilerplate->taken, NULL);
    buffer_init(&boilerplate->metadata, NULL);
    if (mode == BOILERPLATE_AUTO) {
        boilerplate->counters = calloc(COUNTERS, sizeof *boilerplate->counters);
        status = boilerplate->counters ? LEDE_OK : error_no_memory(err);
    }
    if (status == LEDE_OK && mode == BOILERPLATE_AUTO && index)
        status = load_known(boilerplate, index, err);
    if (status == LEDE_OK && mode == BOILERPLATE_LIST && !load_list(boilerplate, list))
        status = error_no_memory(err);
    if (status != LEDE_OK) {
        boilerplate_close(boilerplate);
        return status;
    }
    *out = boilerplate;
    return LEDE_OK;
}

void boilerplate_close(struct boilerplate *boilerplate)
{
    if (!boilerplate)
        return;
    free(boilerplate->counters);
    hash_set_done(&boilerplate->known);
    array_free(boilerplate->lines, boilerplate->line_capacity, sizeof *boilerplate->lines, NULL);
    buffer_done(&boilerplate->text);
    buffer_done(&boilerplate->taken);
    buffer_done(&boilerplate->metadata);
    free(boilerplate);
}
