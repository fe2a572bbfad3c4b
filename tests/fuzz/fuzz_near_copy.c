/* Columns of signatures and lengths of any bits: the table finds for each article the nearest one
 * before it, as comparing all with all does.
 *
 * Input: u8 articles that are not in the table, u8 its room in KiB; then each article: u64
 * signature, u8 length code. */
#include <stdlib.h>

#include "base/bytes.h"
#include "indexer/near_copy.h"

enum { MOST = 100, HEAD = 2, ARTICLE = 9 };

static int64_t signatures[MOST];
static uint8_t codes[MOST];

static near_best naive_best(uint32_t number)
{
    near_best best = NEAR_NONE;

    for (uint32_t i = 0; i < number; i++) {
        unsigned distance;
        near_best other;

        if (!near_copy_is((struct near_article){signatures[number], codes[number]},
                          (struct near_article){signatures[i], codes[i]}, &distance))
            continue;
        other = (uint64_t)distance << NEAR_ORDER_BITS | i;
        best = other < best ? other : best;
    }
    return best;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    near_best bests[MOST];
    struct near_table table;
    uint32_t count = 0, before;

    if (size < HEAD)
        return 0;
    for (size_t at = HEAD; at + ARTICLE <= size && count < MOST; at += ARTICLE, count++) {
        signatures[count] = (int64_t)load_le64(data + at);
        codes[count] = data[at + 8];
    }
    before = data[0] % (count + 1);
    if (near_table_init(&table, signatures + before, codes + before, bests, count - before,
                        (size_t)data[1] << 10, NULL, NULL) != LEDE_OK)
        abort();
    while (near_table_fill(&table, before))
        near_table_offer(&table, signatures, codes, before, 0);
    near_table_done(&table);
    for (uint32_t i = before; i < count; i++)
        if (bests[i - before] != naive_best(i))
            abort();
    return 0;
}
