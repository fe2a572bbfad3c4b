/* A cursor over streams of any bytes under right checksums ends, stays in bounds and keeps order.
 *
 * Input: u8 mode, then
 *   mode even: u8 df, u16 total tf, u8 skip, u16 bytes of the skip stream, u16 of the postings,
 * then the bytes of the three streams; with df <= 8 the first of them are an inline list; mode odd:
 * changes to a sound list of 1,300 postings: u8 stream, u16 place, u8 byte each; stream 3 changes
 * what the dictionary says. */
#include <stdlib.h>

#include "index/posting.h"
#include "tests/index/memory_records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENTS = 5000, SOUND_DF = 1300, LISTS = 3 };

struct content { /* of the streams, and the list in them */
    uint8_t *data[LISTS];
    size_t size[LISTS];
    struct term_info info;
};

static uint8_t norms[DOCUMENTS];
static struct bound_model model;

/* A writer whose extent is kept from run to run: a megabyte is slow to allocate under a sanitizer.
 */
static void writer_init(struct stream_writer *writer, int kind, struct memory_records *memory)
{
    static uint8_t *extents[LISTS];

    if (!extents[kind])
        extents[kind] = malloc(EXTENT_SIZE_MAX);
    stream_writer_init(writer, 1, (enum stream_kind)kind, &memory->sink, NULL);
    writer->extent = extents[kind];
}

/* ---- a sound list ---- */

static void write_sound(struct stream_writer *writers, struct term_info *info)
{
    struct posting_streams streams = {&writers[0], &writers[1], &writers[2], norms, &model};
    struct posting_writer *writer;

    if (posting_writer_new(&streams, NULL, &writer, NULL) != LEDE_OK)
        abort();
    posting_writer_begin(writer, SOUND_DF, 2 * SOUND_DF - (SOUND_DF + 6) / 7);
    for (uint32_t i = 0; i < SOUND_DF; i++) {
        uint32_t tf = i % 7 ? 2 : 1;

        posting_writer_add(writer, 3 * i + i * i % 3, tf);
        posting_writer_positions(writer, (const uint32_t[]){i % 50, 60 + i % 400}, tf);
    }
    if (posting_writer_end(writer, info, NULL) != LEDE_OK)
        abort();
    posting_writer_free(writer);
}

static struct content sound_make(void)
{
    struct memory_records memory;
    struct stream_writer writers[LISTS];
    struct content content;
    uint64_t size;

    memory_records_init(&memory);
    for (int i = 0; i < LISTS; i++)
        writer_init(&writers[i], i, &memory);
    write_sound(writers, &content.info);
    for (int i = 0; i < LISTS; i++) {
        struct memory_record *record;

        if (stream_writer_finish(&writers[i], &size, NULL) != LEDE_OK)
            abort();
        record = memory_records_extent(&memory, 1, (enum stream_kind)i, 0);
        content.size[i] = (size_t)size;
        content.data[i] = malloc(content.size[i]);
        memcpy(content.data[i], record->value + EXTENT_HEADER, content.size[i]);
    }
    memory_records_done(&memory);
    return content;
}

static struct content sound_content(void)
{
    static struct content made;
    struct content content;

    if (!made.data[0])
        made = sound_make();
    content = made;
    for (int i = 0; i < LISTS; i++) {
        content.data[i] = malloc(made.size[i]);
        memcpy(content.data[i], made.data[i], made.size[i]);
    }
    return content;
}

static void change_info(struct term_info *info, unsigned place, uint8_t byte)
{
    switch (place % 5) {
    case 0:
        info->df ^= byte;
        break;
    case 1:
        info->total_tf ^= byte;
        break;
    case 2:
        info->skip ^= byte;
        break;
    case 3:
        info->bound ^= byte;
        break;
    default:
        info->primed[byte % PRIMED_COUNT] ^= byte;
    }
}

static void content_change(struct content *content, const uint8_t *data, size_t size)
{
    for (; size >= 4; data += 4, size -= 4) {
        unsigned stream = data[0] % 4, place = load_le16(data + 1);

        if (stream < LISTS)
            content->data[stream][place % content->size[stream]] = data[3];
        else
            change_info(&content->info, place, data[3]);
    }
}

/* ---- any bytes ---- */

static struct content content_of(const uint8_t *data, size_t size)
{
    struct content content = {.info = {.bound = 100}};
    size_t left = size < 8 ? 0 : size - 8;

    if (size >= 8) {
        content.info.df = data[0];
        content.info.total_tf = load_le16(data + 1);
        content.info.skip = content.info.block = content.info.positions = data[3];
        content.size[0] = load_le16(data + 4) < left ? load_le16(data + 4) : left;
        left -= content.size[0];
        content.size[1] = load_le16(data + 6) < left ? load_le16(data + 6) : left;
        content.size[2] = left - content.size[1];
    }
    for (int i = 0, at = 8; i < LISTS; at += (int)content.size[i++]) {
        content.data[i] = malloc(content.size[i] + 1);
        if (content.size[i])
            memcpy(content.data[i], data + at, content.size[i]);
    }
    content.info.inlined = slice_of(content.data[0], content.size[0]);
    return content;
}

/* ---- walking ---- */

static void walk(const struct posting_source *source, const struct term_info *info, unsigned stride)
{
    struct posting_cursor *cursor = malloc(sizeof *cursor);
    int64_t previous = -1;
    struct buffer out;

    buffer_init(&out, NULL);
    posting_cursor_init(cursor, source, info);
    while (cursor->last != DOC_END) {
        doc_id first;
        const uint8_t *bits = stride % 3 ? posting_cursor_bitset(cursor, &first) : NULL;
        const uint32_t *documents = posting_cursor_documents(cursor);
        const uint32_t *frequencies = documents ? posting_cursor_frequencies(cursor) : NULL;

        if (bits && !documents)
            abort();
        for (uint32_t i = 0; bits && i < cursor->count; i++)
            if (!(bits[(documents[i] - first) / 8] >> (documents[i] - first) % 8 & 1))
                abort();
        for (uint32_t i = 0; frequencies && i < cursor->count; i++) {
            if (documents[i] <= previous || documents[i] >= source->documents ||
                frequencies[i] == 0)
                abort();
            previous = documents[i];
        }
        (void)posting_cursor_bound(cursor, cursor->last + stride * 100);
        if (frequencies && cursor->count > 0)
            (void)posting_cursor_positions(cursor, stride % cursor->count, &out);
        buffer_clear(&out);
        if (stride % 2)
            posting_cursor_next(cursor);
        else if (cursor->last != DOC_END)
            posting_cursor_seek(cursor, cursor->last + 1 + stride);
    }
    if (cursor->count != 0 || posting_cursor_documents(cursor))
        abort();
    buffer_done(&out);
    free(cursor);
}

static void open_streams(struct memory_records *memory, const struct content *content,
                         struct stream *streams)
{
    for (int i = 0; i < LISTS; i++) {
        struct stream_writer writer;
        uint64_t size = 0, offset;

        writer_init(&writer, i, memory);
        if (content->size[i])
            memcpy(stream_writer_reserve(&writer, content->size[i], 0, &offset), content->data[i],
                   content->size[i]);
        if (stream_writer_finish(&writer, &size, NULL) != LEDE_OK ||
            stream_init(&streams[i], 1, (enum stream_kind)i, size, &memory->source, NULL) !=
                LEDE_OK)
            abort();
    }
}

static void read_content(const struct content *content, unsigned mode)
{
    struct memory_records memory;
    struct stream streams[LISTS];
    struct posting_source source = {&streams[0], &streams[1], &streams[2], DOCUMENTS};

    memory_records_init(&memory);
    open_streams(&memory, content, streams);
    walk(&source, &content->info, mode / 2);
    (void)posting_list_check(&source, &content->info, NULL, NULL, NULL);
    for (int i = 0; i < LISTS; i++)
        stream_done(&streams[i]);
    memory_records_done(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct content content;

    if (size == 0)
        return 0;
    bound_model_init(&model, 1.2, 0.75, 100);
    if (data[0] % 2) {
        content = sound_content();
        content_change(&content, data + 1, size - 1);
    } else {
        content = content_of(data + 1, size - 1);
    }
    read_content(&content, data[0]);
    for (int i = 0; i < LISTS; i++)
        free(content.data[i]);
    return 0;
}
