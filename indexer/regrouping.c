#include "regrouping.h"

#include <stdlib.h>

#include "base/account.h"
#include "duplicates.h"
#include "index/norm.h"

struct regrouping {
    struct segment *segment;
    struct store *store;
    struct account *account;
    struct duplicates *duplicates;
    struct group_source groups; /* the duplicates' */
    uint8_t *codes;             /* of lengths, of all documents */
    bool failed_before;
    int64_t signatures[WINDOW_DOCS], hashes[WINDOW_DOCS], old[WINDOW_DOCS];
};

static enum lede_status read_column(struct regrouping *regrouping, enum column column,
                                    uint32_t window, int64_t *values, struct lede_error *err)
{
    int64_t min, max;

    return column_window(&regrouping->segment->columns, column, window, values, &min, &max, err);
}

/* What a document's group is called, if nothing near is before it. */
static int64_t old_group(const struct regrouping *regrouping, uint32_t place)
{
    int64_t group = regrouping->old[place];

    return group == COLUMN_MISSING ? regrouping->hashes[place] : group;
}

static enum lede_status add_window(struct regrouping *regrouping, uint32_t window,
                                   struct lede_error *err)
{
    struct segment *segment = regrouping->segment;
    uint32_t count = segment_window_docs(segment, window);
    const uint8_t *codes = segment_norms(segment, window, err);
    enum lede_status status = codes ? LEDE_OK : LEDE_CORRUPT;

    if (status == LEDE_OK)
        status = read_column(regrouping, COLUMN_SIGNATURE, window, regrouping->signatures, err);
    if (status == LEDE_OK)
        status = read_column(regrouping, COLUMN_CONTENT_HASH, window, regrouping->hashes, err);
    if (status == LEDE_OK)
        status = read_column(regrouping, COLUMN_DUPLICATE_GROUP, window, regrouping->old, err);
    if (status != LEDE_OK)
        return status;
    memcpy(regrouping->codes + (size_t)window * WINDOW_DOCS, codes, count);
    for (uint32_t i = 0; i < count && status == LEDE_OK; i++)
        status = duplicates_add(regrouping->duplicates, regrouping->signatures[i],
                                (uint64_t)old_group(regrouping, i), err);
    return status;
}

enum lede_status regrouping_new(struct segment *segment, struct store *store,
                                const struct manifest *before, struct account *account,
                                struct regrouping **out, struct lede_error *err)
{
    struct regrouping *regrouping = account_calloc(account, 1, sizeof *regrouping);
    enum lede_status status;

    if (!regrouping)
        return error_no_memory(err);
    *out = regrouping;
    regrouping->segment = segment;
    regrouping->store = store;
    regrouping->account = account;
    regrouping->codes = account_malloc(account, segment->info->documents);
    if (!regrouping->codes)
        return error_no_memory(err);
    status = duplicates_new(store_path(store), account, &regrouping->duplicates, err);
    for (uint32_t i = 0; i < segment_window_count(segment) && status == LEDE_OK; i++)
        status = add_window(regrouping, i, err);
    if (status != LEDE_OK)
        return status;
    duplicates_behind(regrouping->duplicates, store, before);
    regrouping->groups = duplicates_groups_of(regrouping->duplicates, regrouping->codes);
    return LEDE_OK;
}

void regrouping_free(struct regrouping *regrouping)
{
    struct account *account;

    if (!regrouping)
        return;
    account = regrouping->account;
    duplicates_free(regrouping->duplicates);
    if (regrouping->codes)
        account_release(account, regrouping->segment->info->documents);
    free(regrouping->codes);
    free(regrouping);
    account_release(account, sizeof *regrouping);
}

bool regrouping_failed_before(const struct regrouping *regrouping)
{
    return regrouping->failed_before;
}

/* Of the documents of a chunk, when its first window is asked for: the store is read then. */
static enum lede_status find_groups(struct regrouping *regrouping, doc_id first, uint32_t count,
                                    int64_t *groups, struct lede_error *err)
{
    const struct group_source *source = &regrouping->groups;
    enum lede_status status = LEDE_OK;

    if (first % DUPLICATES_CHUNK == 0)
        status = store_write_commit(regrouping->store, err);
    if (status == LEDE_OK)
        status = source->window(source->context, first, count, groups, err);
    regrouping->failed_before = status != LEDE_OK;
    return status;
}

static enum lede_status window(void *context, doc_id first, uint32_t count, int64_t *groups,
                               struct lede_error *err)
{
    struct regrouping *regrouping = context;
    uint32_t number = first / WINDOW_DOCS;
    enum lede_status status = find_groups(regrouping, first, count, groups, err);

    if (status == LEDE_OK)
        status = read_column(regrouping, COLUMN_CONTENT_HASH, number, regrouping->hashes, err);
    if (status == LEDE_OK)
        status = read_column(regrouping, COLUMN_DUPLICATE_GROUP, number, regrouping->old, err);
    for (uint32_t i = 0; i < count && status == LEDE_OK; i++) {
        if (groups[i] == COLUMN_MISSING)
            groups[i] = old_group(regrouping, i);
        if (groups[i] == regrouping->hashes[i])
            groups[i] = COLUMN_MISSING; /* which says that */
    }
    return status;
}

struct group_source regrouping_groups(struct regrouping *regrouping)
{
    return (struct group_source){regrouping, window};
}
