/* lede-index stats: what the index holds and what it takes. */
#include <stdio.h>

#include "base/json.h"
#include "base/printable.h"
#include "command/boilerplate_list.h"
#include "command/command.h"
#include "command/copies_list.h"
#include "index/keyword_names.h"
#include "index/segment.h"
#include "text/language.h"

static const char *const STREAM_NAMES_SHOWN[STREAM_COUNT] = {
    "skip", "postings", "positions", "norms",   "names",
    "ids",  "articles", "columns",   "windows", "sources"};

struct totals {
    uint64_t documents, deleted, terms, postings, positions, tokens;
    uint64_t dictionary, streams[STREAM_COUNT], file;
    uint64_t languages[LANGUAGES_MAX];
};

static void add_segment(struct totals *totals, const struct segment_info *info)
{
    totals->documents += info->documents;
    totals->deleted += info->deleted;
    totals->terms += info->terms;
    totals->postings += info->postings;
    totals->positions += info->positions;
    totals->tokens += info->tokens;
    totals->dictionary += info->dictionary_pages * DICT_PAGE_SIZE;
    for (size_t i = 0; i < STREAM_COUNT; i++)
        totals->streams[i] += info->stream_sizes[i];
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        totals->languages[i] += info->languages[i];
}

static void json_count(struct buffer *out, bool *first, const char *name, uint64_t value)
{
    json_put_key(out, first, name);
    buffer_printf(out, "%llu", (unsigned long long)value);
}

static void put_json_bytes(struct buffer *out, const struct totals *totals)
{
    bool first = true;

    buffer_byte(out, '{');
    json_count(out, &first, "file", totals->file);
    json_count(out, &first, "dictionary", totals->dictionary);
    for (size_t i = 0; i < STREAM_COUNT; i++)
        json_count(out, &first, STREAM_NAMES_SHOWN[i], totals->streams[i]);
    buffer_byte(out, '}');
}

static void put_json_languages(struct buffer *out, const struct totals *totals)
{
    bool first = true;

    buffer_byte(out, '{');
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        if (totals->languages[i])
            json_count(out, &first, language_code((language_id)i), totals->languages[i]);
    buffer_byte(out, '}');
}

static void put_json_keywords(struct buffer *out, struct slice names)
{
    struct slice name;

    buffer_byte(out, '[');
    for (bool first = true; keyword_names_next(&names, &name); first = false) {
        buffer_str(out, first ? "" : ",");
        json_put_string(out, name);
    }
    buffer_byte(out, ']');
}

/* Fields that articles lack: how many. */
static void put_json_lacking(struct buffer *out, const struct manifest *manifest)
{
    struct slice names = buffer_bytes(&manifest->keywords), name;
    bool first = true;

    buffer_byte(out, '{');
    for (size_t place = 0; keyword_names_next(&names, &name); place++) {
        uint64_t articles = manifest_lacking(manifest, place);

        if (articles == 0)
            continue;
        buffer_str(out, first ? "" : ",");
        first = false;
        json_put_string(out, name);
        buffer_printf(out, ":%llu", (unsigned long long)articles);
    }
    buffer_byte(out, '}');
}

static void put_json(struct buffer *out, const struct manifest *manifest,
                     const struct totals *totals)
{
    bool first = true;

    buffer_byte(out, '{');
    json_count(out, &first, "articles", totals->documents - totals->deleted);
    json_count(out, &first, "deleted", totals->deleted);
    json_count(out, &first, "terms", totals->terms);
    json_count(out, &first, "postings", totals->postings);
    json_count(out, &first, "positions", totals->positions);
    json_count(out, &first, "tokens", totals->tokens);
    json_count(out, &first, "segments", manifest->segment_count);
    json_count(out, &first, "generation", manifest->generation);
    json_put_key(out, &first, "bytes");
    put_json_bytes(out, totals);
    json_put_key(out, &first, "languages");
    put_json_languages(out, totals);
    json_put_key(out, &first, "keywords");
    put_json_keywords(out, buffer_bytes(&manifest->keywords));
    json_put_key(out, &first, "lacking");
    put_json_lacking(out, manifest);
    json_put_key(out, &first, "k1");
    json_put_number(out, manifest->k1);
    json_put_key(out, &first, "b");
    json_put_number(out, manifest->b);
    json_put_key(out, &first, "analyzer");
    json_put_string(out, buffer_bytes(&manifest->fingerprint));
    json_put_key(out, &first, "format");
    buffer_printf(out, "%d", FORMAT_VERSION);
    buffer_str(out, "}\n");
}

static void text_count(struct buffer *out, const char *name, uint64_t value)
{
    buffer_printf(out, "%-12s%16llu\n", name, (unsigned long long)value);
}

static void text_bytes(struct buffer *out, const char *name, uint64_t size, uint64_t file)
{
    if (size)
        buffer_printf(out, "  %-10s%16llu%6.1f%%\n", name, (unsigned long long)size,
                      file ? 100.0 * (double)size / (double)file : 0);
}

static void put_keywords(struct buffer *out, const struct manifest *manifest)
{
    struct slice names = buffer_bytes(&manifest->keywords), left = names, name;

    buffer_str(out, names.size ? "\nkeywords   " : "");
    while (keyword_names_next(&left, &name))
        buffer_printf(out, " %.*s", (int)name.size, (const char *)name.data);
    for (size_t place = 0; keyword_names_next(&names, &name); place++) {
        uint64_t articles = manifest_lacking(manifest, place);

        if (articles)
            buffer_printf(out, "\n            %.*s: not of %llu articles, which were there before",
                          (int)name.size, (const char *)name.data, (unsigned long long)articles);
    }
}

static void put_text(struct buffer *out, const struct manifest *manifest,
                     const struct totals *totals)
{
    text_count(out, "articles", totals->documents - totals->deleted);
    text_count(out, "deleted", totals->deleted);
    text_count(out, "terms", totals->terms);
    text_count(out, "postings", totals->postings);
    text_count(out, "positions", totals->positions);
    text_count(out, "tokens", totals->tokens);
    text_count(out, "segments", manifest->segment_count);
    text_count(out, "bytes", totals->file);
    text_bytes(out, "dictionary", totals->dictionary, totals->file);
    for (size_t i = 0; i < STREAM_COUNT; i++)
        text_bytes(out, STREAM_NAMES_SHOWN[i], totals->streams[i], totals->file);
    buffer_str(out, "languages  ");
    for (size_t i = 0; i < LANGUAGES_MAX; i++)
        if (totals->languages[i])
            buffer_printf(out, " %s %llu", language_code((language_id)i),
                          (unsigned long long)totals->languages[i]);
    put_keywords(out, manifest);
    buffer_str(out, "\nanalyzer    ");
    printable_put(out, buffer_bytes(&manifest->fingerprint), PRINTABLE_LINE);
    buffer_printf(out, "\nformat      %d\n", FORMAT_VERSION);
}

static enum lede_status print_stats(struct snapshot *snapshot, bool json, struct lede_error *err)
{
    struct totals totals = {.file = store_size(snapshot->store)};
    struct buffer out;

    for (size_t i = 0; i < snapshot->manifest.segment_count; i++)
        add_segment(&totals, &snapshot->manifest.segments[i]);
    buffer_init(&out, NULL);
    if (json)
        put_json(&out, &snapshot->manifest, &totals);
    else
        put_text(&out, &snapshot->manifest, &totals);
    if (out.failed) {
        buffer_done(&out);
        return error_no_memory(err);
    }
    (void)fwrite(out.data, 1, out.size, stdout);
    buffer_done(&out);
    return LEDE_OK;
}

int command_stats(const struct options *options)
{
    struct lede_error error = {.text = ""};
    struct snapshot *snapshot = NULL;
    enum lede_status status = command_need_index(options, &error);

    if (status == LEDE_OK)
        status = snapshot_open(options->index, &snapshot, &error);
    if (status == LEDE_OK)
        status = options->list_boilerplate ? boilerplate_list_print(snapshot, options->json, &error)
                 : options->list_copies    ? copies_list_print(snapshot, options->json, &error)
                                           : print_stats(snapshot, options->json, &error);
    snapshot_close(snapshot);
    return status == LEDE_OK ? EXIT_DONE : command_fail(&error);
}
