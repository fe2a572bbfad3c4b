#include "term_sort.h"

#include "base/bytes.h"

enum { FEW = 12, STEP = 8 };

struct keys { /* where the terms are, and the depth from which on they differ */
    const uint8_t *base;
    size_t key_offset, depth;
};

static const uint8_t *key_of(const struct keys *keys, const struct term_item *item)
{
    return keys->base + item->entry + keys->key_offset;
}

/* The STEP bytes from keys->depth on as a big-endian number, zeros behind the end. */
static uint64_t prefix_of(const struct keys *keys, const struct term_item *item)
{
    const uint8_t *key = key_of(keys, item);
    size_t size = key[0] > keys->depth ? key[0] - keys->depth : 0;
    uint64_t prefix = 0;

    memcpy(&prefix, key + 1 + (size ? keys->depth : 0), size < STEP ? size : STEP);
    return BYTES_BE64(prefix);
}

static void swap(struct term_item *a, struct term_item *b)
{
    struct term_item kept = *a;

    *a = *b;
    *b = kept;
}

static void insertion_sort(struct term_item *items, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t j = i; j > 0 && items[j].prefix < items[j - 1].prefix; j--)
            swap(&items[j], &items[j - 1]);
}

static uint64_t median(const struct term_item *items, size_t count)
{
    uint64_t a = items[0].prefix, b = items[count / 2].prefix, c = items[count - 1].prefix;

    if (a > b) {
        uint64_t kept = a;

        a = b;
        b = kept;
    }
    return c < a ? a : c > b ? b : c;
}

/* Splits items into those below, equal to and above the pivot: [0, *below) and [*above, count). */
static void partition(struct term_item *items, size_t count, uint64_t pivot, size_t *below,
                      size_t *above)
{
    size_t low = 0, at = 0, high = count;

    while (at < high) {
        if (items[at].prefix < pivot)
            swap(&items[low++], &items[at++]);
        else if (items[at].prefix > pivot)
            swap(&items[at], &items[--high]);
        else
            at++;
    }
    *below = low;
    *above = high;
}

static void sift_down(struct term_item *items, size_t at, size_t count)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && items[child + 1].prefix > items[child].prefix)
            child++;
        if (items[child].prefix <= items[at].prefix)
            return;
        swap(&items[at], &items[child]);
    }
}

static void heap_sort(struct term_item *items, size_t count)
{
    for (size_t at = count / 2; at-- > 0;)
        sift_down(items, at, count);
    for (size_t last = count; last-- > 1;) {
        swap(&items[0], &items[last]);
        sift_down(items, 0, last);
    }
}

/* Quicksort; after rounds bad splits a heap sort, so that no input takes quadratic time. */
static void sort_prefixes(struct term_item *items, size_t count, unsigned rounds)
{
    size_t below, above;

    for (; count > FEW; rounds--) {
        if (rounds == 0) {
            heap_sort(items, count);
            return;
        }
        partition(items, count, median(items, count), &below, &above);
        if (below < count - above) {
            sort_prefixes(items, below, rounds - 1);
            items += above;
            count -= above;
        } else {
            sort_prefixes(items + above, count - above, rounds - 1);
            count = below;
        }
    }
    insertion_sort(items, count);
}

/* Moves the terms that end within the step of keys->depth, all of one prefix, before the others,
 * and sorts them by size: a prefix goes first. Returns how many. */
static size_t sort_ended(struct term_item *items, size_t count, const struct keys *keys)
{
    size_t ended = 0;

    for (size_t i = 0; i < count; i++)
        if (key_of(keys, &items[i])[0] <= keys->depth + STEP)
            swap(&items[ended++], &items[i]);
    for (size_t i = 1; i < ended; i++)
        for (size_t j = i; j > 0 && key_of(keys, &items[j])[0] < key_of(keys, &items[j - 1])[0];
             j--)
            swap(&items[j], &items[j - 1]);
    return ended;
}

static void sort_from(struct term_item *items, size_t count, const struct keys *keys)
{
    struct keys deeper = {keys->base, keys->key_offset, keys->depth + STEP};

    for (size_t i = 0; i < count; i++)
        items[i].prefix = prefix_of(keys, &items[i]);
    sort_prefixes(items, count, 2 * (unsigned)(64 - __builtin_clzll(count | 1)));
    for (size_t from = 0, to; from < count; from = to) {
        size_t ended;

        for (to = from + 1; to < count && items[to].prefix == items[from].prefix;)
            to++;
        if (to - from == 1)
            continue;
        ended = sort_ended(items + from, to - from, keys);
        sort_from(items + from + ended, to - from - ended, &deeper);
    }
}

void term_sort(struct term_item *items, size_t count, const uint8_t *base, size_t key_offset)
{
    sort_from(items, count, &(struct keys){base, key_offset, 0});
}
