/* writer_add.c -- the calls that add articles, note files and remove articles. */
#include "writer_internal.h"

#include "base/lede_bytes.h"
#include "index/column.h"
#include "index/segment.h"

static bool is_missing(struct lede_bytes bytes)
{
    return bytes.size > 0 && !bytes.data;
}

static enum lede_status check_id(struct lede_bytes id, struct lede_error *error)
{
    if (id.size == 0 || is_missing(id))
        return error_set(error, LEDE_INVALID, "an article has no id");
    if (id.size > LEDE_ID_MAX)
        return error_set(error, LEDE_INVALID, "an id has %zu bytes; at most %d are possible",
                         id.size, LEDE_ID_MAX);
    return LEDE_OK;
}

static enum lede_status check_article(const struct lede_article *article, struct lede_error *error)
{
    bool missing = is_missing(article->title) || is_missing(article->text) ||
                   is_missing(article->url) || is_missing(article->language) ||
                   is_missing(article->source) ||
                   (article->metadata_count > 0 && !article->metadata);

    for (size_t i = 0; !missing && i < article->metadata_count; i++)
        missing = is_missing(article->metadata[i].name) || is_missing(article->metadata[i].value);
    if (missing)
        return error_set(error, LEDE_INVALID, "an article has bytes without an address");
    if (article->date.precision < LEDE_DATE_NONE || article->date.precision > LEDE_SECOND ||
        article->date.seconds == COLUMN_MISSING || article->date_source < LEDE_DATE_FROM_NOWHERE ||
        article->date_source > LEDE_DATE_FROM_FILE)
        return error_set(error, LEDE_INVALID, "an article's date makes no sense");
    if (article->source.size > LEDE_SOURCE_MAX)
        return error_set(error, LEDE_LIMIT,
                         "a source's path has %zu bytes; at most %d are possible",
                         article->source.size, LEDE_SOURCE_MAX);
    if (article->source_offset > INT64_MAX || article->source_size > INT64_MAX)
        return error_set(error, LEDE_INVALID, "an article's source range makes no sense");
    return check_id(article->id, error);
}

static bool is_long(const struct lede_writer *writer, const struct lede_article *article)
{
    return writer->text.size > 0 || article->text.size >= LONG_TEXT_MIN;
}

/* The size of a batch for the article. What is not kept in a file is in memory four times on its
 * way: in the batch, as terms, as it is stored, and compressed. */
static enum lede_status size_of(const struct lede_writer *writer,
                                const struct lede_article *article, size_t *size,
                                struct lede_error *error)
{
    size_t most = writer->settings.memory / 4;
    enum lede_status status = batch_article_size(article, size, error);
    size_t beside = *size - (is_long(writer, article) ? article->text.size : 0);

    if (status != LEDE_OK || beside <= most)
        return status;
    return error_set(error, LEDE_LIMIT,
                     "an article of %zu bytes beside its text; the memory limit allows %zu", beside,
                     most);
}

/* Appends to the long text; LEDE_LIMIT if that is too long, and forgets it then. */
static enum lede_status append(struct lede_writer *writer, struct lede_bytes part,
                               struct lede_error *err)
{
    if (part.size > ARTICLE_SIZE_MAX - writer->text.size) {
        long_text_done(&writer->text);
        return error_set(err, LEDE_LIMIT, "an article has more than %d bytes; split it",
                         ARTICLE_SIZE_MAX);
    }
    return long_text_append(&writer->text, slice_from(part), err);
}

enum lede_status lede_writer_append(struct lede_writer *writer, struct lede_bytes part,
                                    struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return writer_broken(writer, error);
    if (is_missing(part))
        return error_set(error, LEDE_INVALID, "a part of a text has bytes without an address");
    status = append(writer, part, &inner);
    if (status == LEDE_OK || status == LEDE_LIMIT)
        return status == LEDE_OK ? LEDE_OK : error_set(error, status, "%s", inner.text);
    return writer_break(writer, status, &inner, error);
}

void lede_writer_forget(struct lede_writer *writer)
{
    long_text_done(&writer->text);
}

/* Adds an article whose text is long: in a batch of its own, which is seen through at once. */
static enum lede_status add_long(struct lede_writer *writer, const struct lede_article *article,
                                 struct lede_error *err)
{
    struct lede_article rest = *article;
    enum lede_status status = append(writer, article->text, err);
    size_t size = 0;

    rest.text = (struct lede_bytes){NULL, 0};
    if (status == LEDE_OK)
        status = batch_article_size(&rest, &size, err);
    if (status == LEDE_OK)
        status = writer_make_way(writer, size, err);
    if (status == LEDE_OK)
        status = pipeline_batch(writer->pipeline, size, &writer->batch, err);
    if (status == LEDE_OK)
        status = batch_add(writer->batch, &rest, writer->settings.language, err);
    if (status != LEDE_OK)
        return status;
    writer->batch->text = &writer->text;
    writer->totals.text_bytes += article->title.size + writer->text.size;
    status = writer_see_through(writer, err);
    if (writer->batch)
        batch_clear(writer->batch); /* unchanged */
    long_text_done(&writer->text);
    return status;
}

enum lede_status lede_writer_add(struct lede_writer *writer, const struct lede_article *article,
                                 struct lede_error *error)
{
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;
    size_t size = 0;

    if (writer->status != LEDE_OK)
        return writer_broken(writer, error);
    status = check_article(article, error);
    if (status == LEDE_OK)
        status = size_of(writer, article, &size, error);
    if (status != LEDE_OK) {
        long_text_done(&writer->text); /* it is not the next article's */
        return status;
    }
    if (is_long(writer, article)) {
        status = add_long(writer, article, &inner);
        if (status == LEDE_LIMIT)
            return error_set(error, status, "%s", inner.text);
        return status == LEDE_OK ? LEDE_OK : writer_break(writer, status, &inner, error);
    }
    status = writer_make_room(writer, size, &inner);
    if (status == LEDE_OK)
        status = batch_add(writer->batch, article, writer->settings.language, &inner);
    if (status == LEDE_OK && pipeline_is_large(writer->pipeline, size))
        status = writer_see_through(writer, &inner);
    if (status != LEDE_OK)
        return writer_break(writer, status, &inner, error);
    writer->totals.text_bytes += article->title.size + article->text.size;
    return LEDE_OK;
}

static enum lede_status check_source(const struct lede_source *source, struct lede_error *error)
{
    if (source->path.size == 0 || !source->path.data)
        return error_set(error, LEDE_INVALID, "a source has no path");
    if (source->path.size > LEDE_SOURCE_MAX)
        return error_set(error, LEDE_LIMIT,
                         "a source's path has %zu bytes; at most %d are possible",
                         source->path.size, LEDE_SOURCE_MAX);
    return LEDE_OK;
}

enum lede_status lede_writer_end_source(struct lede_writer *writer,
                                        const struct lede_source *source, struct lede_error *error)
{
    struct source_stamp stamp = {source->modified, source->size, source->reading};
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status;

    if (writer->status != LEDE_OK)
        return writer_broken(writer, error);
    status = check_source(source, error);
    if (status != LEDE_OK)
        return status;
    status = writer_make_room(writer, source->path.size, &inner);
    if (status == LEDE_OK)
        status = batch_end_source(writer->batch, slice_from(source->path),
                                  source->complete ? &stamp : NULL, &inner);
    return status == LEDE_OK ? LEDE_OK : writer_break(writer, status, &inner, error);
}

/* LEDE_MISSING if no committed live document has this id. */
static enum lede_status find_committed(struct lede_writer *writer, struct slice id,
                                       struct lede_error *err)
{
    struct snapshot *snapshot;
    enum lede_status status;
    uint32_t segment;
    doc_id document;

    if (writer->committed == 0)
        return LEDE_MISSING;
    status = snapshot_of(writer->store, &snapshot, err);
    if (status != LEDE_OK)
        return status;
    status = snapshot_find_id(snapshot, id, &segment, &document, err);
    snapshot_close(snapshot);
    return status;
}

/* What this commit has added before under the id is removed too, also when LEDE_MISSING tells that
 * there was nothing before. */
enum lede_status lede_writer_remove(struct lede_writer *writer, struct lede_bytes id,
                                    struct lede_error *error)
{
    struct slice name = slice_from(id);
    struct lede_error inner = {.status = LEDE_OK};
    enum lede_status status, found = LEDE_OK;

    if (writer->status != LEDE_OK)
        return writer_broken(writer, error);
    status = check_id(id, error);
    if (status != LEDE_OK)
        return status;
    status = writer_classify(writer, &inner);
    if (status == LEDE_OK)
        found = find_committed(writer, name, &inner);
    if (status == LEDE_OK && found != LEDE_OK && found != LEDE_MISSING)
        status = found;
    if (status == LEDE_OK)
        status = changes_removal(&writer->changes, name, &inner);
    if (status != LEDE_OK)
        return writer_break(writer, status, &inner, error);
    if (found == LEDE_MISSING)
        return error_set(error, LEDE_MISSING, "%s: there is no article with this id",
                         store_path(writer->store));
    return LEDE_OK;
}
