#include "command/input.h"

#include <assert.h>
#include <stdlib.h>

#include "command/decoder.h"

/* One read fills no more than FILL_MOST, so that of a window that doubled only as much is
 * touched as there are bytes. */
enum { WINDOW_FIRST = 256 * 1024, WINDOW_KEPT = 4 * 1024 * 1024, FILL_MOST = 1024 * 1024 };
enum { INNER_SHARE = 6 /* of memory, for a decompressor in an archive: there may be some */ };

struct input {
    struct source source;
    struct expansion *expansion; /* NULL: without a limit */
    struct decoder *decoder;     /* NULL: the bytes are as they are */
    uint8_t *window;
    size_t begin, end, capacity; /* the bytes ahead are window[begin..end) */
    uint64_t offset;             /* decompressed offset of window[begin] */
    bool ended;
    enum lede_status failure; /* sticky; told once the bytes before it are used up */
    struct lede_error failure_error;
    uint8_t *head; /* first bytes of a compressed file: the decoder borrows them */
};

enum lede_status input_new(struct input **out, struct lede_error *err)
{
    struct input *input = calloc(1, sizeof *input);

    if (!input)
        return error_no_memory(err);
    input->source.fd = -1;
    *out = input;
    return LEDE_OK;
}

void input_free(struct input *input)
{
    if (!input)
        return;
    input_close(input);
    free(input->window);
    free(input);
}

void input_close(struct input *input)
{
    decoder_close(input->decoder);
    input->decoder = NULL;
    free(input->head);
    input->head = NULL;
    source_close(&input->source);
    input->begin = input->end = 0;
    input->offset = 0;
    input->ended = true;
    input->failure = LEDE_OK;
    if (input->capacity > WINDOW_KEPT) {
        free(input->window);
        input->window = NULL;
        input->capacity = 0;
    }
}

/* Makes room for want bytes from begin on, and for some more at the end. */
static bool make_room(struct input *input, size_t want)
{
    size_t capacity = input->capacity ? input->capacity : WINDOW_FIRST, size;
    uint8_t *window;

    if (input->begin > 0 && (input->begin == input->end || input->begin + want > input->capacity)) {
        size = input->end - input->begin;
        memmove(input->window, input->window + input->begin, size);
        input->begin = 0;
        input->end = size;
        if (capacity > WINDOW_KEPT && size <= WINDOW_KEPT)
            capacity = WINDOW_KEPT; /* a long record went by */
    }
    while (capacity < want) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    if (capacity == input->capacity)
        return true;
    window = realloc(input->window, capacity);
    if (!window)
        return false;
    input->window = window;
    input->capacity = capacity;
    return true;
}

/* Bytes of the file that were read; those that were read again do not count. */
static uint64_t seen(const struct input *file)
{
    return file->source.read < file->source.size ? file->source.read : file->source.size;
}

static enum lede_status expand(struct input *input, size_t size, struct lede_error *err)
{
    struct expansion *expansion = input->expansion;

    if (!expansion || (!input->decoder && !input->source.give))
        return LEDE_OK;
    expansion->bytes += size;
    if (expansion->bytes <= EXPANSION_FREE ||
        (expansion->bytes - EXPANSION_FREE) / EXPANSION_MOST <= seen(expansion->file))
        return LEDE_OK;
    return error_set(err, LEDE_LIMIT, "%s: it unpacks to more than %d times its size",
                     input->source.name, EXPANSION_MOST);
}

/* Reads once into the free end of the window. */
static enum lede_status fill(struct input *input, struct lede_error *err)
{
    uint8_t *room = input->window + input->end;
    size_t size = input->capacity - input->end, got;
    enum lede_status status;

    if (size > FILL_MOST)
        size = FILL_MOST;
    status = input->decoder ? decoder_read(input->decoder, room, size, &got, err)
                            : source_read(&input->source, room, size, &got, err);
    if (status == LEDE_OK)
        status = expand(input, got, err);
    if (status != LEDE_OK)
        return status;
    input->end += got;
    input->ended = got == 0;
    return LEDE_OK;
}

static size_t decoder_memory(const struct input *input)
{
    size_t memory =
        input->expansion && input->expansion->memory ? input->expansion->memory : DECODER_MEMORY;

    return input->source.give ? memory / INNER_SHARE : memory;
}

/* Compressed bytes that the window holds leave it, to become the decoder's head. */
static enum lede_status begin(struct input *input, struct lede_error *err)
{
    struct slice ahead;
    enum lede_status status;

    input->ended = false;
    status = input_peek(input, 1, &ahead, NULL);
    if (ahead.data && ahead.size > 0 && decoder_may_begin(ahead.data[0]))
        status = input_peek(input, DECODER_HEAD, &ahead, NULL);
    if (status == LEDE_NO_MEMORY)
        return error_no_memory(err);
    if (!ahead.data || ahead.size == 0 || !decoder_recognizes(ahead))
        return LEDE_OK;
    input->head = malloc(ahead.size);
    if (!input->head)
        return error_no_memory(err);
    memcpy(input->head, ahead.data, ahead.size);
    input->begin = input->end = 0;
    input->ended = false;
    return decoder_open(&input->source, slice_of(input->head, ahead.size), decoder_memory(input),
                        &input->decoder, err);
}

static enum lede_status begin_or_close(struct input *input, struct lede_error *err)
{
    enum lede_status status = begin(input, err);

    if (status != LEDE_OK)
        input_close(input);
    return status;
}

enum lede_status input_open(struct input *input, int fd, const char *name, struct lede_error *err)
{
    input_close(input);
    source_init_fd(&input->source, fd, name);
    return begin_or_close(input, err);
}

enum lede_status input_open_memory(struct input *input, struct slice bytes, const char *name,
                                   size_t step, struct lede_error *err)
{
    input_close(input);
    source_init_memory(&input->source, bytes, name, step);
    return begin_or_close(input, err);
}

enum lede_status input_open_giver(struct input *input, source_giver *give, void *context,
                                  const char *name, struct lede_error *err)
{
    input_close(input);
    source_init_giver(&input->source, give, context, name);
    return begin_or_close(input, err);
}

void input_limit(struct input *input, struct expansion *expansion)
{
    input->expansion = expansion;
}

static enum lede_status failed(struct input *input, struct lede_error *err)
{
    return error_set(err, input->failure, "%s", input->failure_error.text);
}

enum lede_status input_peek(struct input *input, size_t want, struct slice *ahead,
                            struct lede_error *err)
{
    enum lede_status status = LEDE_OK;

    while (input->end - input->begin < want && !input->ended && input->failure == LEDE_OK) {
        if (!make_room(input, want)) {
            status = error_no_memory(err);
            break;
        }
        input->failure = fill(input, &input->failure_error);
    }
    *ahead =
        slice_of(input->window ? input->window + input->begin : NULL, input->end - input->begin);
    if (status == LEDE_OK && ahead->size < want && input->failure != LEDE_OK)
        status = failed(input, err);
    return status;
}

void input_skip(struct input *input, size_t size)
{
    assert(size <= input->end - input->begin);
    input->begin += size;
    input->offset += size;
}

uint64_t input_size(const struct input *input)
{
    return input->decoder ? UINT64_MAX : input->source.size;
}

enum lede_status input_seek(struct input *input, uint64_t offset, struct lede_error *err)
{
    assert(offset <= input_size(input));
    input->begin = input->end = 0;
    input->ended = false;
    input->offset = offset;
    return source_seek(&input->source, offset, err);
}

bool input_resume(struct input *input, uint64_t *at)
{
    if (input->failure != LEDE_CORRUPT || input->begin != input->end || !input->decoder ||
        !decoder_resume(input->decoder, at))
        return false;
    input->failure = LEDE_OK;
    return true;
}

uint64_t input_offset(const struct input *input)
{
    return input->offset;
}

uint64_t input_raw_read(const struct input *input)
{
    return input->source.read;
}
