/* Names and the id table, of any bytes under right checksums: a name is short or a status; the
 * documents of a key rise and exist, and if a walk goes to the end, its keys are found.
 *
 * Input: u8 mode; mode even: u8 place of the group, the stream of names;
 * mode odd: the id table, for as many documents as it is long enough for. */
#include <stdlib.h>

#include "index/id_map.h"
#include "index/name.h"
#include "tests/index/byte_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- names ---- */

static void names_check(const uint8_t *data, size_t size)
{
    /* One block of width 0 for all documents; the directory says at which place its group is. */
    static const uint8_t block[] = {0, 0};
    uint8_t record[COLUMN_RECORD] = {0};
    struct memory_records memory;
    struct stream names, columns, windows;
    struct column_source source = {&columns, &windows, NAME_GROUP};
    struct buffer out;

    memory_records_init(&memory);
    buffer_init(&out, NULL);
    for (int column = 0; column < COLUMN_COUNT; column++) {
        store_le64(record + 24 * column + 8, data[0]);
        store_le64(record + 24 * column + 16, data[0]);
    }
    byte_stream_of(&memory, 1, STREAM_NAMES, data + 1, size - 1, &names);
    byte_stream_of(&memory, 1, STREAM_COLUMNS, block, sizeof block, &columns);
    byte_stream_of(&memory, 1, STREAM_WINDOWS, record, sizeof record, &windows);
    for (doc_id i = 0; i < NAME_GROUP; i++) {
        enum lede_status status = name_get(&names, &source, i, &out, NULL);

        if (status == LEDE_OK ? out.size > NAME_MAX_SIZE : status != LEDE_CORRUPT)
            abort();
    }
    buffer_done(&out);
    stream_done(&names);
    stream_done(&columns);
    stream_done(&windows);
    memory_records_done(&memory);
}

/* ---- ids ---- */

struct answer {
    doc_id last;
    uint32_t count;
    doc_id documents;
};

static bool take(void *context, doc_id document)
{
    struct answer *answer = context;

    if (document >= answer->documents || (answer->count > 0 && document <= answer->last))
        abort();
    answer->last = document;
    answer->count++;
    return true;
}

/* Walks; whether that went to the end. */
static bool ids_walk(struct stream *ids, uint32_t documents, struct id_entry *entries)
{
    struct id_cursor cursor;
    enum lede_status status;
    uint32_t count = 0;

    id_cursor_init(&cursor, ids, documents);
    while ((status = id_cursor_next(&cursor, &entries[count], NULL)) == LEDE_OK) {
        const struct id_entry *entry = &entries[count];

        if (entry->document >= documents || entry->key >> ID_KEY_BITS != 0 ||
            (count > 0 && entry[-1].key >= entry->key &&
             (entry[-1].key > entry->key || entry[-1].document >= entry->document)) ||
            ++count > documents)
            abort();
    }
    if (status != LEDE_CORRUPT && (status != LEDE_MISSING || count != documents))
        abort();
    return status == LEDE_MISSING;
}

static void ids_check(const uint8_t *data, size_t size)
{
    uint32_t documents = 0;
    struct id_entry *entries;
    struct memory_records memory;
    struct stream ids;
    bool whole;

    while (id_map_size(documents + 1) <= size)
        documents++;
    entries = calloc(documents + 1, sizeof *entries);
    memory_records_init(&memory);
    byte_stream_of(&memory, 1, STREAM_IDS, data, size, &ids);
    whole = ids_walk(&ids, documents, entries);
    for (uint32_t i = 0; i < documents; i += 1 + documents / 64) {
        uint32_t key = whole ? entries[i].key : load_le32(data + 4 * i) >> (32 - ID_KEY_BITS);
        struct answer answer = {0, 0, documents};
        enum lede_status status = id_map_find(&ids, documents, key, take, &answer, NULL);

        if (whole ? status != LEDE_OK || answer.count == 0
                  : status != LEDE_OK && status != LEDE_CORRUPT)
            abort();
    }
    stream_done(&ids);
    memory_records_done(&memory);
    free(entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] % 2 == 0)
        names_check(data + 1, size - 1);
    else
        ids_check(data + 1, size - 1);
    return 0;
}
