/* Names and the id table, of any bytes under right checksums: a name is short or a status; the
 * documents of a hash rise, exist, and are those that a linear look finds if records are in order.
 *
 * Input: u8 mode; mode even: u8 place of the group, the stream of names;
 * mode odd: the records of the id table. */
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

static bool in_order(const uint8_t *records, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t hash = load_le64(records + i * ID_RECORD);
        doc_id document = load_le32(records + i * ID_RECORD + 8);

        if (document >= count)
            return false;
        if (i > 0 && (load_le64(records + (i - 1) * ID_RECORD) > hash ||
                      (load_le64(records + (i - 1) * ID_RECORD) == hash &&
                       load_le32(records + (i - 1) * ID_RECORD + 8) >= document)))
            return false;
    }
    return true;
}

static void ids_check(const uint8_t *data, size_t size)
{
    uint32_t count = (uint32_t)(size / ID_RECORD);
    bool ordered = in_order(data, count);
    struct memory_records memory;
    struct stream ids;

    memory_records_init(&memory);
    byte_stream_of(&memory, 1, STREAM_IDS, data, size, &ids);
    for (uint32_t i = 0; i < count; i += 1 + count / 64) {
        uint64_t hash = load_le64(data + i * ID_RECORD);
        struct answer answer = {0, 0, count};
        enum lede_status status = id_map_find(&ids, count, hash, take, &answer, NULL);

        if (ordered ? status != LEDE_OK || answer.count == 0
                    : status != LEDE_OK && status != LEDE_CORRUPT)
            abort();
    }
    stream_done(&ids);
    memory_records_done(&memory);
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
