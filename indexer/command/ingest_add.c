/* What becomes of what a reader gives: an article, a part of a text, a skip. */
#include "base/lede_bytes.h"
#include "base/printable.h"
#include "command/dates.h"
#include "command/ingest_internal.h"
#include "index/id_map.h"

void ingest_skip(struct ingest *ingest, const struct skip *skipped)
{
    struct buffer line;

    report_skip(ingest->report, skipped);
    if (!ingest->options->verbose)
        return;
    buffer_init(&line, NULL);
    buffer_str(&line, "skipped ");
    report_format_skip(&line, skipped);
    progress_clear(&ingest->progress);
    command_say(&line);
    buffer_done(&line);
}

void ingest_skip_item(struct ingest *ingest, const struct skip *skipped)
{
    if (ingest->writer)
        lede_writer_forget(ingest->writer);
    languages_forget(&ingest->languages);
    ingest->in_parts = false;
    ingest_skip(ingest, skipped);
}

enum lede_status ingest_commit(struct ingest *ingest, struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    if (ingest->writer)
        status = lede_writer_commit(ingest->writer, err);
    if (status != LEDE_OK)
        return status;
    ingest->uncommitted = ingest->uncommitted_bytes = 0;
    ingest->commits++;
    return LEDE_OK;
}

enum lede_status ingest_commit_rest(struct ingest *ingest, struct lede_error *err)
{
    return ingest->uncommitted > 0 || ingest->options->keywords.count > 0
               ? ingest_commit(ingest, err)
               : LEDE_OK;
}

/* True if so much was added since the last commit that there shall be one. */
static bool commit_is_due(const struct ingest *ingest)
{
    const struct options *options = ingest->options;

    return (options->commit_articles && ingest->uncommitted >= options->commit_articles) ||
           (options->commit_bytes && ingest->uncommitted_bytes >= options->commit_bytes);
}

/* What the index does not take of a file is a skip. */
static void refuse(struct ingest *ingest, const struct origin *origin, const struct item *item,
                   const char *why)
{
    struct skip refused;

    skip_set(&refused, SKIP_REFUSED, origin->path, why);
    refused.record = item->record;
    refused.offset = item->article.source_offset;
    refused.named = origin->named;
    ingest_skip(ingest, &refused);
}

enum lede_status ingest_add_part(struct ingest *ingest, const struct origin *origin,
                                 struct item *item, struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status = LEDE_OK;

    if (ingest->writer)
        status = lede_writer_append(ingest->writer, item->article.text, &error);
    languages_part(&ingest->languages, item->article.text);
    ingest->in_parts = true;
    ingest->uncommitted_bytes += item->article.text.size;
    if (status != LEDE_LIMIT)
        return status == LEDE_OK ? LEDE_OK : error_set(err, status, "%s", error.text);
    languages_forget(&ingest->languages);
    ingest->in_parts = false;
    refuse(ingest, origin, item, error.text);
    item->kind = ITEM_END;
    return LEDE_OK;
}

/* What is found out of an article that does not say it: language and date. */
static void complete(struct ingest *ingest, struct item *item)
{
    struct slice text = slice_from(item->article.text);

    languages_article(&ingest->languages, &item->article);
    dates_article(&ingest->date_words, ingest->in_parts ? slice_of(NULL, 0) : text,
                  item->record == 0 ? ingest->file_time : INT64_MIN, item);
    ingest->in_parts = false;
}

enum lede_status ingest_add_article(struct ingest *ingest, const struct origin *origin,
                                    struct item *item, struct lede_error *err)
{
    struct lede_error error;
    enum lede_status status;

    complete(ingest, item); /* of all that it says, before lines are taken */
    status = boilerplate_take(ingest->boilerplate, item, err);
    if (status != LEDE_OK)
        return status;
    if (ingest->writer)
        status = lede_writer_add(ingest->writer, &item->article, &error);
    if (status == LEDE_INVALID || status == LEDE_LIMIT) {
        refuse(ingest, origin, item, error.text);
        return LEDE_OK;
    }
    if (status != LEDE_OK)
        return error_set(err, status, "%s", error.text);
    report_article(ingest->report, item);
    if (ingest->ids)
        status = record_table_add(ingest->ids, id_hash(slice_from(item->article.id)), 0, err);
    if (status != LEDE_OK)
        return status;
    ingest->uncommitted++;
    ingest->uncommitted_bytes += item->article.title.size + item->article.text.size;
    return commit_is_due(ingest) ? ingest_commit(ingest, err) : LEDE_OK;
}
