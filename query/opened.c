#include "opened.h"

#include <stdlib.h>

#include "evaluate.h"
#include "lede.h"
#include "results.h"

/* ---- what the manifests say ---- */

static enum lede_status list_segments(struct lede_index *index, struct lede_error *err)
{
    size_t count = 0, number = 0;

    for (size_t i = 0; i < index->snapshot_count; i++)
        count += index->snapshots[i]->segment_count;
    if (count > SEGMENTS_MAX)
        return error_set(err, LEDE_LIMIT, "%zu segments; at most %d can be searched at once", count,
                         SEGMENTS_MAX);
    index->segments = calloc(count + 1, sizeof *index->segments);
    if (!index->segments)
        return error_no_memory(err);
    for (size_t i = 0; i < index->snapshot_count; i++)
        for (size_t j = 0; j < index->snapshots[i]->segment_count; j++)
            index->segments[number++] = (struct opened_segment){&index->snapshots[i]->segments[j],
                                                                (uint32_t)i, (uint32_t)j};
    index->segment_count = (uint32_t)count;
    return LEDE_OK;
}

static void sum_segments(struct lede_index *index, uint64_t languages[LANGUAGES_MAX])
{
    for (uint32_t i = 0; i < index->segment_count; i++) {
        const struct segment_info *info = index->segments[i].segment->info;

        index->articles += info->counted;
        index->tokens += info->tokens;
        for (size_t id = 0; id < LANGUAGES_MAX; id++)
            languages[id] += info->languages[id];
    }
}

/* True if what is asked already finds all that the language would. */
static bool is_asked(const struct lede_index *index, language_id language)
{
    for (size_t i = 0; i < index->language_count; i++)
        if (language_same_terms(index->languages[i], language))
            return true;
    return false;
}

/* The most frequent languages; of equally frequent ones the lower id. */
static void choose_languages(struct lede_index *index, uint64_t languages[LANGUAGES_MAX])
{
    while (index->language_count < LANGUAGES_ASKED) {
        size_t best = 0;

        for (size_t id = 1; id < LANGUAGES_MAX; id++)
            if (languages[id] > languages[best])
                best = id;
        if (languages[best] == 0)
            break;
        languages[best] = 0;
        if (!is_asked(index, (language_id)best))
            index->languages[index->language_count++] = (language_id)best;
    }
    if (index->language_count == 0)
        index->languages[index->language_count++] = index->default_language;
}

/* How the manifest says its index was analysed. */
static struct analyzer_settings settings_of(const struct manifest *manifest)
{
    return (struct analyzer_settings){.no_stem = manifest->flags & MANIFEST_NO_STEM,
                                      .amounts = manifest->flags & MANIFEST_AMOUNTS,
                                      .small_digits = manifest->flags & MANIFEST_SMALL_DIGITS,
                                      .stopwords = buffer_bytes(&manifest->stopwords)};
}

/* Whether this library makes of the settings what every index was made with; if not, that is kept
 * in index->incompatible, as stored articles can be read all the same. */
static enum lede_status compare_analysis(struct lede_index *index, struct lede_error *err)
{
    struct buffer ours;

    index->settings = settings_of(&index->snapshots[0]->manifest);
    buffer_init(&ours, NULL);
    analyzer_fingerprint(&index->settings, &ours);
    if (ours.failed) {
        buffer_done(&ours);
        return error_no_memory(err);
    }
    for (size_t i = 0; i < index->snapshot_count && index->incompatible.status == LEDE_OK; i++) {
        const struct buffer *made = &index->snapshots[i]->manifest.fingerprint;
        const char *path = store_path(index->snapshots[i]->store);

        if (slice_equal(buffer_bytes(made), buffer_bytes(&ours)))
            continue;
        if (i > 0 && !slice_equal(buffer_bytes(made),
                                  buffer_bytes(&index->snapshots[0]->manifest.fingerprint)))
            error_set(&index->incompatible, LEDE_INCOMPATIBLE,
                      "%s was analysed in another way than %s; search them one by one, or rebuild "
                      "one",
                      path, store_path(index->snapshots[0]->store));
        else
            error_set(&index->incompatible, LEDE_INCOMPATIBLE,
                      "%s was made with \"%.*s\", this is \"%.*s\"; rebuild it", path,
                      (int)made->size, (const char *)made->data, (int)ours.size,
                      (const char *)ours.data);
    }
    buffer_done(&ours);
    return LEDE_OK;
}

/* The names of all, in the order of the paths. */
static enum lede_status join_keywords(struct lede_index *index, struct lede_error *err)
{
    for (size_t i = 0; i < index->snapshot_count; i++) {
        struct slice names = buffer_bytes(&index->snapshots[i]->manifest.keywords), name;

        while (keyword_names_next(&names, &name))
            if (!keyword_names_add(&index->keywords, name))
                return error_set(err, LEDE_LIMIT,
                                 "the indexes have more than %d keyword fields together; search "
                                 "them one by one",
                                 KEYWORDS_MAX);
    }
    return index->keywords.failed ? error_no_memory(err) : LEDE_OK;
}

static enum lede_status map_keywords(struct lede_index *index, struct lede_error *err)
{
    enum lede_status status = join_keywords(index, err);

    index->keyword_maps = calloc(index->snapshot_count + 1, sizeof *index->keyword_maps);
    if (status != LEDE_OK)
        return status;
    if (!index->keyword_maps)
        return error_no_memory(err);
    for (size_t i = 0; i < index->snapshot_count; i++) {
        struct slice names = buffer_bytes(&index->snapshots[i]->manifest.keywords), name;
        uint8_t *fields = index->keyword_maps[i].fields;

        memset(fields, FIELD_END, KEYWORDS_MAX);
        for (uint8_t field = FIELD_KEYWORD; keyword_names_next(&names, &name); field++)
            fields[keyword_names_find(buffer_bytes(&index->keywords), name)] = field;
    }
    return LEDE_OK;
}

static enum lede_status read_manifests(struct lede_index *index, struct lede_error *err)
{
    const struct manifest *first = &index->snapshots[0]->manifest;
    uint64_t languages[LANGUAGES_MAX] = {0};
    enum lede_status status = list_segments(index, err);

    if (status != LEDE_OK)
        return status;
    sum_segments(index, languages);
    if (!language_find(buffer_bytes(&first->language), &index->default_language))
        index->default_language = LANGUAGE_NONE;
    choose_languages(index, languages);
    index->k1 = first->k1;
    index->b = first->b;
    if (index->articles)
        index->average = (double)index->tokens / (double)index->articles;
    bm25_init(&index->bm25, index->k1, index->b, index->average);
    index->positions = index->texts = index->amounts = index->small_digits = true;
    for (size_t i = 0; i < index->snapshot_count; i++) {
        uint64_t flags = index->snapshots[i]->manifest.flags;

        index->positions &= !(flags & MANIFEST_NO_POSITIONS);
        index->texts &= !(flags & MANIFEST_NO_STORE);
        index->amounts &= (flags & MANIFEST_AMOUNTS) != 0;
        index->small_digits &= (flags & MANIFEST_SMALL_DIGITS) != 0;
    }
    status = map_keywords(index, err);
    if (status == LEDE_OK)
        status = compare_analysis(index, err);
    index->settings.amounts = index->amounts;
    index->settings.small_digits = index->small_digits;
    return status;
}

/* ---- opening ---- */

enum lede_status lede_index_open(const char *const *paths, size_t count, struct lede_index **out,
                                 struct lede_error *err)
{
    struct lede_index *index;
    struct snapshot **snapshots;
    enum lede_status status = LEDE_OK;

    if (count == 0)
        return error_set(err, LEDE_INVALID, "no index to open");
    index = calloc(1, sizeof *index);
    snapshots = calloc(count, sizeof(struct snapshot *));
    if (!index || !snapshots) {
        free(index);
        free(snapshots);
        return error_no_memory(err);
    }
    index->snapshots = snapshots;
    buffer_init(&index->keywords, NULL);
    pthread_mutex_init(&index->mutex, NULL);
    for (size_t i = 0; status == LEDE_OK && i < count; i++) {
        status = snapshot_open(paths[i], &index->snapshots[i], err);
        if (status == LEDE_OK)
            index->snapshot_count++;
    }
    if (status == LEDE_OK)
        status = read_manifests(index, err);
    if (status != LEDE_OK) {
        lede_index_close(index);
        return status;
    }
    *out = index;
    return LEDE_OK;
}

bool lede_index_overtaken(const struct lede_index *index)
{
    for (size_t i = 0; index && i < index->snapshot_count; i++)
        if (store_snapshot_overtaken(&index->snapshots[i]->records))
            return true;
    return false;
}

void lede_index_close(struct lede_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->analyzers.count; i++)
        analyzer_free(index->analyzers.items[i]);
    for (size_t i = 0; i < index->evaluations.count; i++)
        evaluation_free(index->evaluations.items[i]);
    for (size_t i = 0; i < index->results.count; i++)
        results_destroy(index->results.items[i]);
    for (size_t i = 0; i < index->unpackers.count; i++)
        stored_reader_done(&(struct stored_reader){.context = index->unpackers.items[i]});
    for (size_t i = 0; i < index->blocks.count; i++)
        free(index->blocks.items[i]);
    for (size_t i = 0; i < index->snapshot_count; i++)
        snapshot_close(index->snapshots[i]);
    free(index->snapshots);
    free(index->segments);
    buffer_done(&index->keywords);
    free(index->keyword_maps);
    pthread_mutex_destroy(&index->mutex);
    free(index);
}

/* ---- using it ---- */

struct lacking opened_lacking(const struct lede_index *index, uint8_t field)
{
    struct lacking lacking = {0, 0};

    for (uint32_t i = 0; i < index->segment_count; i++) {
        const struct segment_info *info = index->segments[i].segment->info;

        if (opened_field(index, i, field) == FIELD_END)
            lacking.others += info->documents - info->deleted;
        else if (opened_lacks(index, i, field))
            lacking.older += info->documents - info->deleted;
    }
    return lacking;
}

void *opened_take_idle(struct lede_index *index, struct idle *idle)
{
    void *item;

    pthread_mutex_lock(&index->mutex);
    item = idle->count ? idle->items[--idle->count] : NULL;
    pthread_mutex_unlock(&index->mutex);
    return item;
}

bool opened_keep_idle(struct lede_index *index, struct idle *idle, void *item)
{
    bool kept;

    pthread_mutex_lock(&index->mutex);
    kept = idle->count < IDLE_KEPT;
    if (kept)
        idle->items[idle->count++] = item;
    pthread_mutex_unlock(&index->mutex);
    return kept;
}

enum lede_status opened_take_analyzer(struct lede_index *index, struct analyzer **out,
                                      struct lede_error *err)
{
    struct analyzer *analyzer;

    if (index->incompatible.status != LEDE_OK)
        return error_set(err, index->incompatible.status, "%s", index->incompatible.text);
    analyzer = opened_take_idle(index, &index->analyzers);
    if (!analyzer)
        return analyzer_new(&index->settings, NULL, out, err);
    *out = analyzer;
    return LEDE_OK;
}

void opened_give_analyzer(struct lede_index *index, struct analyzer *analyzer)
{
    if (analyzer && !opened_keep_idle(index, &index->analyzers, analyzer))
        analyzer_free(analyzer);
}

enum lede_status opened_find_hit(const struct lede_index *index, const struct lede_hit *hit,
                                 uint32_t *segment, struct lede_error *err)
{
    for (uint32_t i = 0; i < index->segment_count; i++) {
        const struct opened_segment *opened = &index->segments[i];

        if (opened->index != hit->index || opened->place != hit->segment)
            continue;
        if (hit->document >= opened->segment->info->documents)
            break;
        *segment = i;
        return LEDE_OK;
    }
    return error_set(err, LEDE_INVALID, "no document %u in segment %u of index %u", hit->document,
                     hit->segment, hit->index);
}
