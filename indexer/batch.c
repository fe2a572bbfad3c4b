#include "batch.h"

#include <assert.h>
#include <stdlib.h>
#define XXH_STATIC_LINKING_ONLY /* the state on the stack */
#include <xxhash.h>

#include "base/account.h"
#include "base/array.h"
#include "base/lede_bytes.h"
#include "index/column.h"
#include "text/language.h"

enum { ALIGNMENT = _Alignof(struct stored_field) };

_Static_assert(BATCH_ARTICLES * sizeof(struct batch_article) * 3 / 2 <= BATCH_SIZE,
               "BATCH_MEMORY has room for the articles");

enum lede_status batch_new(size_t size, struct account *account, struct batch **out,
                           struct lede_error *err)
{
    struct batch *batch = calloc(1, sizeof *batch);

    if (!batch)
        return error_no_memory(err);
    batch->account = account;
    stored_run_init(&batch->stored, account);
    size = size > BATCH_SIZE ? size : BATCH_SIZE;
    if (account_charge(account, size)) {
        batch->capacity = size;
        batch->data = malloc(size);
    }
    if (!batch->data) {
        batch_free(batch);
        return error_no_memory(err);
    }
    *out = batch;
    return LEDE_OK;
}

void batch_free(struct batch *batch)
{
    if (!batch)
        return;
    stored_run_done(&batch->stored);
    array_free(batch->articles, batch->articles_capacity, sizeof *batch->articles, batch->account);
    array_free(batch->sources, batch->source_capacity, sizeof *batch->sources, batch->account);
    free(batch->data);
    account_release(batch->account, batch->capacity);
    free(batch);
}

void batch_clear(struct batch *batch)
{
    batch->used = 0;
    batch->count = batch->classified = 0;
    batch->source_count = 0;
    batch->documents = batch->number = 0;
    batch->text = NULL;
    buffer_clear(&batch->stored.blocks);
    buffer_clear(&batch->stored.sizes);
    batch->invalid_bytes = batch->long_terms = 0;
    batch->status = LEDE_OK;
    batch->finished = false;
    batch->next = NULL;
}

enum lede_status batch_article_size(const struct lede_article *article, size_t *size,
                                    struct lede_error *err)
{
    const size_t sizes[] = {article->id.size,  article->title.size,    article->text.size,
                            article->url.size, article->language.size, article->source.size};
    size_t sum = ALIGNMENT, fields;
    bool over =
        __builtin_mul_overflow(article->metadata_count, sizeof(struct stored_field), &fields) ||
        __builtin_add_overflow(sum, fields, &sum);

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        over |= __builtin_add_overflow(sum, sizes[i], &sum);
    for (size_t i = 0; !over && i < article->metadata_count; i++)
        over = __builtin_add_overflow(sum, article->metadata[i].name.size, &sum) ||
               __builtin_add_overflow(sum, article->metadata[i].value.size, &sum);
    if (over || sum > ARTICLE_SIZE_MAX)
        return error_set(err, LEDE_LIMIT, "an article has more than %d bytes; split it",
                         ARTICLE_SIZE_MAX);
    *size = sum;
    return LEDE_OK;
}

bool batch_has_room(const struct batch *batch, size_t size)
{
    return batch->count < BATCH_ARTICLES && batch->source_count < BATCH_ARTICLES &&
           size <= batch->capacity - batch->used &&
           (batch_is_empty(batch) ||
            (batch->used <= BATCH_SIZE && size <= BATCH_SIZE - batch->used));
}

static struct slice copy(struct batch *batch, struct lede_bytes bytes)
{
    struct slice slice = slice_of(batch->data + batch->used, bytes.size);

    assert(bytes.size <= batch->capacity - batch->used);
    if (bytes.size)
        memcpy(batch->data + batch->used, bytes.data, bytes.size);
    batch->used += bytes.size;
    return slice;
}

static const struct stored_field *copy_metadata(struct batch *batch,
                                                const struct lede_article *article)
{
    struct stored_field *fields;

    if (article->metadata_count == 0)
        return NULL;
    batch->used = (batch->used + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    fields = (struct stored_field *)(void *)(batch->data + batch->used);
    batch->used += article->metadata_count * sizeof *fields;
    for (size_t i = 0; i < article->metadata_count; i++) {
        fields[i].name = copy(batch, article->metadata[i].name);
        fields[i].value = copy(batch, article->metadata[i].value);
    }
    return fields;
}

/* ---- sources ---- */

static enum lede_status add_source(struct batch *batch, struct lede_bytes path,
                                   struct lede_error *err)
{
    if (batch->source_count == batch->source_capacity &&
        !array_grow((void **)&batch->sources, &batch->source_capacity, sizeof *batch->sources,
                    batch->account))
        return error_no_memory(err);
    batch->sources[batch->source_count++] = (struct batch_source){.path = copy(batch, path)};
    return LEDE_OK;
}

/* Sees to it that the last source is one with this path that goes on. */
static enum lede_status open_source(struct batch *batch, struct lede_bytes path,
                                    struct lede_error *err)
{
    size_t count = batch->source_count;

    if (count > 0 && !batch->sources[count - 1].ended &&
        slice_equal(batch->sources[count - 1].path, slice_from(path)))
        return LEDE_OK;
    return add_source(batch, path, err);
}

enum lede_status batch_end_source(struct batch *batch, struct slice path,
                                  const struct source_stamp *stamp, struct lede_error *err)
{
    enum lede_status status = open_source(batch, bytes_of(path), err);
    struct batch_source *source;

    if (status != LEDE_OK)
        return status;
    source = &batch->sources[batch->source_count - 1];
    source->ended = true;
    source->complete = stamp != NULL;
    if (stamp)
        source->stamp = *stamp;
    return LEDE_OK;
}

bool batch_is_kept(const struct batch *batch)
{
    bool kept = batch->documents > 0;

    for (size_t i = 0; i < batch->source_count && !kept; i++)
        kept = batch_source_kept(&batch->sources[i]);
    return kept;
}

/* ---- articles ---- */

enum lede_status batch_add(struct batch *batch, const struct lede_article *article,
                           language_id default_language, struct lede_error *err)
{
    struct batch_article *added;
    struct slice tag;

    if (article->source.size > 0 && open_source(batch, article->source, err) != LEDE_OK)
        return LEDE_NO_MEMORY;
    if (batch->count == batch->articles_capacity &&
        !array_grow((void **)&batch->articles, &batch->articles_capacity, sizeof *batch->articles,
                    batch->account))
        return error_no_memory(err);
    added = &batch->articles[batch->count++];
    memset(added, 0, sizeof *added);
    added->kept.metadata = copy_metadata(batch, article);
    added->kept.metadata_count = article->metadata_count;
    added->id = copy(batch, article->id);
    added->kept.title = copy(batch, article->title);
    added->kept.text = copy(batch, article->text);
    added->kept.url = copy(batch, article->url);
    added->source = article->source.size > 0 ? (uint32_t)batch->source_count - 1 : NO_SOURCE;
    tag = copy(batch, article->language);
    if (tag.size == 0 || !language_find(tag, &added->language))
        added->language = default_language;
    added->kept.language = tag.size ? tag : slice_str(language_code(added->language));
    added->date = article->date;
    added->date_source = article->date_source == LEDE_DATE_FROM_NOWHERE ? LEDE_DATE_FROM_METADATA
                                                                        : article->date_source;
    added->source_offset = article->source_offset;
    added->source_size = article->source_size;
    return LEDE_OK;
}

static void hash_number(XXH3_state_t *state, uint64_t number)
{
    uint8_t bytes[8];

    store_le64(bytes, number);
    XXH3_64bits_update(state, bytes, sizeof bytes);
}

static void hash_slice(XXH3_state_t *state, struct slice bytes)
{
    hash_number(state, bytes.size);
    if (bytes.size)
        XXH3_64bits_update(state, bytes.data, bytes.size);
}

static enum lede_status hash_long_text(XXH3_state_t *state, const struct long_text *text,
                                       struct lede_error *err)
{
    uint8_t bytes[16 * 1024];
    enum lede_status status = LEDE_OK;
    size_t got;

    hash_number(state, text->size);
    for (uint64_t at = 0; at < text->size && status == LEDE_OK; at += got) {
        status = long_text_read(text, at, bytes, sizeof bytes, &got, err);
        if (status == LEDE_OK)
            XXH3_64bits_update(state, bytes, got);
    }
    return status;
}

enum lede_status batch_article_hash(const struct batch *batch, struct batch_article *article,
                                    struct lede_error *err)
{
    const struct stored_article *kept = &article->kept;
    bool dated = article->date.precision != LEDE_DATE_NONE;
    enum lede_status status = LEDE_OK;
    XXH3_state_t state;

    if (article->hashed)
        return LEDE_OK;
    XXH3_64bits_reset(&state);
    hash_slice(&state, slice_str(language_code(article->language)));
    hash_slice(&state, kept->title);
    if (batch->text)
        status = hash_long_text(&state, batch->text, err);
    else
        hash_slice(&state, kept->text);
    hash_slice(&state, kept->url);
    hash_slice(&state, kept->language);
    hash_number(&state, dated ? (uint64_t)article->date.seconds : 0);
    hash_number(&state, dated ? (uint64_t)article->date.precision : 0);
    hash_number(&state, kept->metadata_count);
    for (size_t i = 0; i < kept->metadata_count; i++) {
        hash_slice(&state, kept->metadata[i].name);
        hash_slice(&state, kept->metadata[i].value);
    }
    article->content_hash = XXH3_64bits_digest(&state);
    if ((int64_t)article->content_hash == COLUMN_MISSING)
        article->content_hash = 0;
    article->hashed = status == LEDE_OK;
    return status;
}

uint64_t batch_article_text_size(const struct batch *batch, const struct batch_article *article)
{
    return article->kept.title.size + (batch->text ? batch->text->size : article->kept.text.size);
}
