#include "boilerplate_terms.h"

#include <strings.h>
#include <xxhash.h>

#include "text/keyword.h"
#include "text/utf8.h"

static bool has_name(const struct stored_field *field, const char *name)
{
    return field->name.size == strlen(name) &&
           strncasecmp((const char *)field->name.data, name, field->name.size) == 0;
}

uint64_t boilerplate_site(const struct stored_article *article)
{
    struct slice site = {0}, host;
    struct keyword_term folded;

    if (keyword_host(article->url, &host))
        site = article->url;
    for (size_t i = 0; i < article->metadata_count && site.size == 0; i++)
        if (has_name(&article->metadata[i], "site"))
            site = article->metadata[i].value;
    if (keyword_fold(KEYWORD_SITE, site, &folded) == KEYWORD_MADE)
        site = slice_of(folded.bytes, folded.size);
    return XXH3_64bits(site.data, site.size);
}

uint64_t boilerplate_hash(uint64_t site, struct slice line)
{
    return XXH3_64bits_withSeed(line.data, line.size, site);
}

/* The beginning of a line that its term shows. */
static struct slice shown(struct slice line)
{
    size_t size = 0, step;
    uint32_t character;

    if (line.size <= BOILERPLATE_SHOWN)
        return line;
    for (; size < BOILERPLATE_SHOWN; size += step) {
        step = utf8_decode(line.data + size, line.data + line.size, &character);
        if (size + step > BOILERPLATE_SHOWN)
            break;
    }
    return slice_of(line.data, size);
}

static bool add_line_term(struct inverter *inverter, uint64_t site, struct slice line)
{
    uint8_t term[BOILERPLATE_HEAD - 1 + BOILERPLATE_SHOWN] = {0};
    uint64_t hash = boilerplate_hash(site, line);
    struct slice beginning = shown(line);

    for (int i = 0; i < 8; i++)
        term[1 + i] = (uint8_t)(hash >> (56 - 8 * i));
    memcpy(term + BOILERPLATE_HEAD - 1, beginning.data, beginning.size);
    return inverter_add_keyword(inverter, FIELD_BOILERPLATE,
                                slice_of(term, BOILERPLATE_HEAD - 1 + beginning.size));
}

static bool add_words(struct inverter *inverter, struct analyzer *analyzer, struct slice line,
                      language_id language, uint32_t *position)
{
    struct token tokens[TOKEN_BATCH];
    bool room = true;
    size_t count;

    analyzer_start(analyzer, line, language, *position);
    while (room && (count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0)
        room = inverter_add(inverter, FIELD_BOILERPLATE, tokens, count);
    *position = analyzer_position(analyzer) + BOILERPLATE_GAP;
    return room;
}

/* Cuts the next line that is not blank off *rest; empty: there is none. */
static struct slice next_line(struct slice *rest)
{
    struct slice line = {0};

    while (rest->size > 0 && line.size == 0) {
        const uint8_t *end = memchr(rest->data, '\n', rest->size);
        size_t size = end ? (size_t)(end - rest->data) : rest->size;

        line = slice_trim(slice_of(rest->data, size));
        size += end != NULL;
        *rest = slice_of(rest->data + size, rest->size - size);
    }
    return line;
}

enum lede_status boilerplate_terms_add(struct inverter *inverter, struct analyzer *analyzer,
                                       const struct stored_article *article, language_id language,
                                       bool *room, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;
    size_t left = BOILERPLATE_MOST;
    uint32_t position = 0;
    uint64_t site = 0;
    bool begun = false;

    *room = true;
    for (size_t i = 0; i < article->metadata_count; i++) {
        struct slice rest = article->metadata[i].value, line;

        if (!has_name(&article->metadata[i], BOILERPLATE))
            continue;
        site = begun ? site : boilerplate_site(article);
        begun = true;
        while (*room && status == LEDE_OK && (line = next_line(&rest)).size > 0 &&
               line.size <= left) {
            left -= line.size;
            *room = add_line_term(inverter, site, line) &&
                    add_words(inverter, analyzer, line, language, &position);
            if (*room)
                status = analyzer_status(analyzer);
        }
    }
    return status == LEDE_OK ? LEDE_OK : error_no_memory(err);
}

/* ---- the lines of a segment ---- */

/* True if a term of FIELD_BOILERPLATE, field byte first, is a line. */
static bool is_line(struct slice term)
{
    return term.size >= BOILERPLATE_HEAD && term.data[0] == FIELD_BOILERPLATE && term.data[1] == 0;
}

enum lede_status boilerplate_lines_begin(struct segment *segment, struct dictionary_cursor *cursor,
                                         struct lede_error *err)
{
    static const uint8_t first[] = {FIELD_BOILERPLATE, 0};

    return dictionary_cursor_seek(cursor, &segment->snapshot->pages, segment->info->number,
                                  slice_of(first, sizeof first), err);
}

enum lede_status boilerplate_lines_next(struct dictionary_cursor *cursor, struct slice *term,
                                        uint32_t *articles, struct lede_error *err)
{
    struct term_info info;
    enum lede_status status = dictionary_cursor_next(cursor, term, &info, err);

    if (status != LEDE_OK)
        return status;
    *articles = info.df;
    return is_line(*term) ? LEDE_OK : LEDE_MISSING;
}
