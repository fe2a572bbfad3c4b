#include "command/salvage.h"

#include "command/article_json.h"
#include "command/command.h"
#include "index/store.h"
#include "settings.h"

enum { TOLD_MAX = 10 }; /* errors told one by one */

struct salvage {
    struct lede_index *index;
    FILE *out;
    struct buffer line;
    struct salvage_totals *totals;
    struct lede_error first; /* status LEDE_OK: none yet */
    unsigned told;
};

static void tell(struct salvage *salvage, const struct lede_error *error)
{
    if (salvage->first.status == LEDE_OK)
        salvage->first = *error;
    if (salvage->out && salvage->told++ < TOLD_MAX)
        (void)command_fail(error);
}

static enum lede_status put(struct salvage *salvage, const struct lede_stored *stored,
                            struct lede_error *err)
{
    salvage->totals->text_missing |= !lede_stored_text_kept(stored);
    if (!salvage->out)
        return LEDE_OK;
    buffer_clear(&salvage->line);
    article_json_put(&salvage->line, lede_stored_article(stored), lede_stored_text_kept(stored));
    buffer_byte(&salvage->line, '\n');
    if (salvage->line.failed)
        return error_no_memory(err);
    (void)fwrite(salvage->line.data, 1, salvage->line.size, salvage->out);
    return LEDE_OK;
}

/* An article that is live, or (uncertain) may be. */
static enum lede_status save(struct salvage *salvage, const struct lede_hit *hit, bool uncertain,
                             struct lede_error *err)
{
    struct lede_stored *stored;
    enum lede_status status = lede_stored_get(salvage->index, hit, &stored, err);

    if (status == LEDE_CORRUPT || status == LEDE_LIMIT) {
        tell(salvage, err);
        salvage->totals->lost++;
        return LEDE_OK;
    }
    if (status != LEDE_OK)
        return status;
    status = put(salvage, stored, err);
    lede_stored_free(stored);
    salvage->totals->saved += status == LEDE_OK;
    salvage->totals->uncertain += status == LEDE_OK && uncertain;
    return status;
}

/* The next article, live or not known to be removed. LEDE_MISSING: there is none. */
static enum lede_status save_next(struct salvage *salvage, struct lede_cursor *cursor,
                                  struct lede_error *err)
{
    struct lede_cursor before = *cursor;
    struct lede_hit hit = {0};
    enum lede_status status = lede_cursor_next(salvage->index, cursor, &hit, err);
    bool moved = cursor->segment != before.segment || cursor->document != before.document;

    if (status == LEDE_OK)
        return save(salvage, &hit, false, err);
    if (status != LEDE_CORRUPT || !moved || cursor->document == 0)
        return status;
    if (cursor->document == 1)
        tell(salvage, err); /* once a segment */
    hit = (struct lede_hit){
        .index = cursor->index, .segment = cursor->segment, .document = cursor->document - 1};
    return save(salvage, &hit, true, err);
}

static enum lede_status save_all(struct salvage *salvage, struct lede_error *err)
{
    struct lede_cursor cursor = {0};
    enum lede_status status;

    do
        status = save_next(salvage, &cursor, err);
    while (status == LEDE_OK && !(salvage->out && ferror(salvage->out)));
    if (status != LEDE_OK && status != LEDE_MISSING)
        return status;
    if (salvage->first.status != LEDE_OK)
        *err = salvage->first;
    return salvage->first.status;
}

enum lede_status salvage_articles(const char *path, FILE *out, struct salvage_totals *totals,
                                  struct lede_error *err)
{
    struct salvage salvage = {.out = out, .totals = totals, .first = {.status = LEDE_OK}};
    enum lede_status status = lede_index_open(&path, 1, &salvage.index, err);
    struct store *store = NULL; /* the index's, which shares its map */

    *totals = (struct salvage_totals){0};
    if (status == LEDE_OK && store_open(path, &store, NULL) == LEDE_OK)
        store_bound_pages(store, MEMORY_MAPPED);
    if (status != LEDE_OK)
        return status;
    buffer_init(&salvage.line, NULL);
    status = save_all(&salvage, err);
    buffer_done(&salvage.line);
    store_close(store);
    lede_index_close(salvage.index);
    return status;
}
