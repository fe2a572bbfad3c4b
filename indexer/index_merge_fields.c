#include "index/keyword_names.h"
#include "index_merge_internal.h"

/* ---- may they be one? ---- */

static struct slice keywords_of(const struct other *other)
{
    return buffer_bytes(&other->snapshot->manifest.keywords);
}

enum lede_status merging_check_same(const struct manifest *ours, const char *path,
                                    const struct other *other, struct lede_error *err)
{
    const struct manifest *theirs = &other->snapshot->manifest;
    static const struct {
        uint8_t flag;
        const char *with, *without; /* what the other has, if its flag is not set, or is */
    } flags[] = {{MANIFEST_NO_POSITIONS, "has positions", "has no positions"},
                 {MANIFEST_NO_STORE, "keeps texts", "keeps no texts"},
                 {MANIFEST_NO_STEM, "was made with stemming", "was made without stemming"},
                 {MANIFEST_AMOUNTS, "has no terms for amounts", "has terms for amounts"}};

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if ((ours->flags ^ theirs->flags) & flags[i].flag)
            return error_set(err, LEDE_INCOMPATIBLE, "%s: it %s, unlike %s", other->path,
                             theirs->flags & flags[i].flag ? flags[i].without : flags[i].with,
                             path);
    if (!slice_equal(buffer_bytes(&ours->stopwords), buffer_bytes(&theirs->stopwords)))
        return error_set(err, LEDE_INCOMPATIBLE, "%s: it was made with other stop words than %s",
                         other->path, path);
    if (!slice_equal(buffer_bytes(&ours->fingerprint), buffer_bytes(&theirs->fingerprint)))
        return error_set(err, LEDE_INCOMPATIBLE,
                         "%s: it was made with another version of the analysis than %s",
                         other->path, path);
    if (ours->k1 != theirs->k1 || ours->b != theirs->b)
        return error_set(err, LEDE_INCOMPATIBLE,
                         "%s: its bounds are for other parameters of BM25 than those of %s",
                         other->path, path);
    return LEDE_OK;
}

/* ---- keyword fields of all ---- */

enum lede_status merging_join_fields(struct merging *merging, const struct other *other,
                                     struct lede_error *err)
{
    struct manifest *manifest = &merging->manifest;
    struct slice names = keywords_of(other), name;
    size_t count = keyword_names_count(buffer_bytes(&manifest->keywords));

    /* Where one does not have all of them, it is as if none did. */
    manifest->flags &= (uint8_t)(other->snapshot->manifest.flags | ~MANIFEST_SMALL_DIGITS);
    while (keyword_names_next(&names, &name))
        if (!keyword_names_add(&manifest->keywords, name))
            return error_set(err, LEDE_LIMIT, "%s: together there are more than %d keyword fields",
                             other->path, KEYWORDS_MAX);
    if (manifest->keywords.failed)
        return error_no_memory(err);
    manifest_lack(manifest, count);
    return LEDE_OK;
}

void merging_map_fields(const struct merging *merging, struct other *other)
{
    struct slice all = buffer_bytes(&merging->manifest.keywords), names = keywords_of(other), name;

    for (unsigned field = 0; field < FIELD_END; field++)
        other->fields.from[field] = field_is_keyword((uint8_t)field) ? FIELD_END : (uint8_t)field;
    for (uint8_t from = FIELD_KEYWORD; keyword_names_next(&names, &name); from++) {
        size_t to = FIELD_KEYWORD + keyword_names_find(all, name);

        other->fields.from[to] = from;
        other->renumbered |= to != from;
    }
}

struct keyword_set merging_lacks_of(const struct merging *merging, const struct other *other,
                                    const struct segment *segment)
{
    size_t count = keyword_names_count(buffer_bytes(&merging->manifest.keywords));
    struct keyword_set lacks = {{0}};

    for (size_t place = 0; place < count; place++) {
        uint8_t from = other->fields.from[FIELD_KEYWORD + place];

        if (from == FIELD_END || keyword_set_has(&segment->info->lacks, from - FIELD_KEYWORD))
            keyword_set_add(&lacks, place);
    }
    return lacks;
}
