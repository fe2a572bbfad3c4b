#include "topk.h"

#include <math.h>

#include "base/array.h"

void topk_init(struct topk *topk, size_t k)
{
    *topk = (struct topk){.k = k, .threshold = k ? -1 : INFINITY};
}

void topk_done(struct topk *topk)
{
    array_free(topk->entries, topk->capacity, sizeof *topk->entries, NULL);
    topk->entries = NULL;
    topk->count = topk->capacity = 0;
}

static bool is_worse(const struct topk_entry *a, const struct topk_entry *b)
{
    if (a->score != b->score)
        return a->score < b->score;
    if (a->segment != b->segment)
        return a->segment > b->segment;
    return a->document > b->document;
}

/* Puts entry where it belongs at or below the hole place; children are 2i + 1 and 2i + 2. */
static void sift_down(struct topk_entry *heap, size_t count, size_t place, struct topk_entry entry)
{
    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && is_worse(&heap[child + 1], &heap[child]))
            child++;
        if (!is_worse(&heap[child], &entry))
            break;
        heap[place] = heap[child];
    }
    heap[place] = entry;
}

static void sift_up(struct topk_entry *heap, size_t place, struct topk_entry entry)
{
    while (place > 0 && is_worse(&entry, &heap[(place - 1) / 2])) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = entry;
}

bool topk_insert(struct topk *topk, double score, uint32_t segment, uint32_t document)
{
    struct topk_entry entry = {score, segment, document};

    if (topk->count == topk->k) {
        sift_down(topk->entries, topk->count, 0, entry);
    } else {
        if (topk->count == topk->capacity &&
            !array_grow((void **)&topk->entries, &topk->capacity, sizeof *topk->entries, NULL))
            return false;
        sift_up(topk->entries, topk->count++, entry);
    }
    if (topk->count == topk->k)
        topk->threshold = topk->entries[0].score;
    return true;
}

void topk_sort(struct topk *topk)
{
    for (size_t count = topk->count; count > 1;) {
        struct topk_entry worst = topk->entries[0], last = topk->entries[--count];

        sift_down(topk->entries, count, 0, last);
        topk->entries[count] = worst;
    }
    topk->threshold = INFINITY;
}
