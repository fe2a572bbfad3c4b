#include "bisection.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/account.h"

struct degree { /* documents of a part that have a term, in each half */
    uint32_t side[2];
};

struct bisection {
    const struct forward_index *index;
    struct account *account;
    uint32_t *documents;    /* the order: a part's documents rise until it is cut */
    int32_t *leanings;      /* of documents[i]: to the right, if it is greater */
    uint8_t *sides;         /* of documents[i]: 0 left, 1 right */
    struct degree *degrees; /* as many as there are terms for each thread; zeros between parts */
};

/* A part, and the threads that it has: [thread, thread + threads). */
struct part {
    struct bisection *whole;
    uint32_t begin, end;
    unsigned thread, threads;
};

static struct degree *degrees_of(const struct part *part)
{
    return part->whole->degrees + (size_t)part->thread * part->whole->index->terms;
}

/* ---- what a document saves ---- */

/* The bits that the d-th document of a half saves a term, in 1/4096: d * log2(d + 1) - (d - 1) *
 * log2(d). By a table up to 4,095, beyond of the upper twelve bits of d. */
enum { SAVING_BITS = 12, SAVINGS = 1 << SAVING_BITS };

static int32_t savings[SAVINGS];
static pthread_once_t savings_once = PTHREAD_ONCE_INIT;

/* log2(x) in 1/2^24, x >= 1, of integers alone, so that it is the same everywhere: by squaring. */
static uint64_t log2_of(uint32_t x)
{
    unsigned whole = 31 - (unsigned)__builtin_clz(x);
    uint64_t mantissa = (uint64_t)x << (31 - whole), bits = whole; /* 1 is 2^31 */

    for (int i = 0; i < 24; i++) {
        mantissa = mantissa * mantissa >> 31;
        bits = bits << 1 | (mantissa >> 32 & 1);
        mantissa >>= mantissa >> 32 & 1;
    }
    return bits;
}

static void savings_make(void)
{
    for (uint32_t d = 1; d < SAVINGS; d++)
        savings[d] = (int32_t)((d * log2_of(d + 1) - (d - 1) * log2_of(d)) >> 12);
}

static inline int32_t saving(uint32_t d)
{
    unsigned shift;

    if (d < SAVINGS)
        return savings[d];
    shift = 32 - SAVING_BITS - (unsigned)__builtin_clz(d);
    return savings[d >> shift] + (int32_t)(shift << 12);
}

/* ---- one round ---- */

/* What its terms would save the document on the right, minus on the left, itself included. */
static int32_t leaning(const struct bisection *whole, const struct degree *degrees,
                       uint32_t document, unsigned side)
{
    struct forward_cursor cursor = forward_cursor_of(whole->index, document);
    uint32_t term, left = side, right = 1 - side; /* what it adds to either */
    int64_t sum = 0;

    while (forward_cursor_next(&cursor, &term))
        sum += saving(degrees[term].side[1] + right) - saving(degrees[term].side[0] + left);
    sum >>= 4;
    return sum > INT32_MAX ? INT32_MAX : sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

/* Runs a function in a thread of its own, or here if none can be had. */
static bool start(pthread_t *thread, void *(*run)(void *), void *argument)
{
    sigset_t all, before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(thread, NULL, run, argument) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!started)
        (void)run(argument);
    return started;
}

struct share { /* documents of a part that some threads look at in a round */
    const struct part *part;
    uint32_t begin, end;
    unsigned threads;
};

static void *lean(void *argument)
{
    struct share *share = argument, other = *share;
    struct bisection *whole = share->part->whole;
    const struct degree *degrees = degrees_of(share->part);
    pthread_t thread;
    bool started = false;

    if (share->threads > 1) {
        other.threads = share->threads / 2;
        share->threads -= other.threads;
        share->end = other.begin = share->begin + (share->end - share->begin) / 2;
        started = start(&thread, lean, &other);
        (void)lean(share);
    } else
        for (uint32_t i = share->begin; i < share->end; i++)
            whole->leanings[i] = leaning(whole, degrees, whole->documents[i], whole->sides[i]);
    if (started)
        pthread_join(thread, NULL);
    return NULL;
}

/* The leaning of the document that is number rank, from 0, if the part's are sorted by it; *rank
 * becomes its number among those that lean alike. By radix, so that no order of them is slow. */
static int32_t select_leaning(const struct part *part, uint32_t *rank)
{
    const int32_t *leanings = part->whole->leanings;
    uint32_t found = 0, mask = 0;

    for (int shift = 24; shift >= 0; shift -= 8) {
        uint32_t counts[256] = {0}, digit = 0;

        for (uint32_t i = part->begin; i < part->end; i++) {
            uint32_t key = (uint32_t)leanings[i] ^ 0x80000000;

            if ((key & mask) == found)
                counts[key >> shift & 255]++;
        }
        for (; *rank >= counts[digit]; digit++)
            *rank -= counts[digit];
        found |= digit << shift;
        mask |= 255U << shift;
    }
    return (int32_t)(found ^ 0x80000000);
}

static void count_terms(const struct part *part, uint32_t place, unsigned side, uint32_t change)
{
    struct degree *degrees = degrees_of(part);
    struct forward_cursor cursor =
        forward_cursor_of(part->whole->index, part->whole->documents[place]);
    uint32_t term;

    while (forward_cursor_next(&cursor, &term))
        degrees[term].side[side] += change;
}

/* Puts the half that leans left most on the left; returns how many changed sides. */
static uint32_t choose_sides(const struct part *part, uint32_t middle)
{
    struct bisection *whole = part->whole;
    uint32_t alike = middle - part->begin, changed = 0;
    int32_t bound = select_leaning(part, &alike);

    for (uint32_t i = part->begin; i < part->end; i++) {
        uint8_t side = whole->leanings[i] > bound;

        if (whole->leanings[i] == bound && alike == 0)
            side = 1;
        alike -= whole->leanings[i] == bound && alike > 0;
        if (side == whole->sides[i])
            continue;
        count_terms(part, i, whole->sides[i], UINT32_MAX);
        count_terms(part, i, side, 1);
        whole->sides[i] = side;
        changed++;
    }
    return changed;
}

/* ---- a part ---- */

enum { STILL = 256 }; /* one of so many that changes sides is as good as none */

/* Cuts it: documents of the left half first, both in rising order. The leanings are room to work
 * in, then. */
static void cut(const struct part *part, uint32_t middle)
{
    struct bisection *whole = part->whole;
    uint32_t left = part->begin, right = middle, *cut = (uint32_t *)whole->leanings;

    for (uint32_t i = part->begin; i < part->end; i++)
        cut[whole->sides[i] ? right++ : left++] = whole->documents[i];
    memcpy(whole->documents + part->begin, cut + part->begin,
           (part->end - part->begin) * sizeof *cut);
}

static void bisect(const struct part *part, uint32_t middle)
{
    struct bisection *whole = part->whole;

    for (uint32_t i = part->begin; i < part->end; i++) {
        whole->sides[i] = i >= middle;
        count_terms(part, i, whole->sides[i], 1);
    }
    for (int round = 0; round < BISECTION_ROUNDS; round++) {
        struct share all = {part, part->begin, part->end, part->threads};

        (void)lean(&all);
        if (choose_sides(part, middle) <= (part->end - part->begin) / STILL)
            break;
    }
    for (uint32_t i = part->begin; i < part->end; i++)
        count_terms(part, i, whole->sides[i], UINT32_MAX);
    cut(part, middle);
}

/* ---- a part by an index of its own ----
 *
 * Most terms of a document are in no other document of a small part, and decide nothing there. So
 * a part that is much smaller than the index gets one of its own: of its documents, numbered in
 * their order, and of the terms that two of them have. The order stays the same; looking terms up
 * costs less. Where there is no memory for it, it is done without. */

enum { NARROW = 8, NARROW_LEAST = 4 * BISECTION_LEAF, NO_TERM = UINT32_MAX };

struct narrowed {
    struct bisection bisection;
    struct forward_index index;
    size_t charged;
};

static void *take_memory(struct narrowed *narrowed, size_t size)
{
    if (!account_charge(narrowed->bisection.account, size))
        return NULL;
    narrowed->charged += size;
    return calloc(1, size + !size);
}

static void narrowed_done(struct narrowed *narrowed)
{
    free(narrowed->index.starts);
    free(narrowed->index.bytes);
    free(narrowed->bisection.documents);
    free(narrowed->bisection.degrees);
    account_release(narrowed->bisection.account, narrowed->charged);
}

/* Numbers the terms that two documents have, in their order, in side[1] of the part's degrees;
 * returns bytes of the documents, which will not be more. */
static size_t number_terms(const struct part *part, uint32_t *count)
{
    const struct bisection *whole = part->whole;
    struct degree *degrees = degrees_of(part);
    size_t size = 0;

    for (uint32_t i = part->begin; i < part->end; i++) {
        uint32_t document = whole->documents[i];

        count_terms(part, i, 0, 1);
        size += whole->index->starts[document + 1] - whole->index->starts[document];
    }
    *count = 0;
    for (uint32_t term = 0; term < whole->index->terms; term++)
        degrees[term].side[1] = degrees[term].side[0] > 1 ? (*count)++ : NO_TERM;
    return size;
}

static void fill_index(const struct part *part, struct forward_index *index)
{
    const struct bisection *whole = part->whole;
    const struct degree *degrees = degrees_of(part);
    uint8_t *at = index->bytes;

    for (uint32_t i = 0; i < index->documents; i++) {
        struct forward_cursor cursor =
            forward_cursor_of(whole->index, whole->documents[part->begin + i]);
        uint32_t term, number, next = 0;

        while (forward_cursor_next(&cursor, &term))
            if ((number = degrees[term].side[1]) != NO_TERM) {
                at = forward_gap_put(at, number - next);
                next = number + 1;
            }
        index->starts[i + 1] = (uint64_t)(at - index->bytes);
    }
}

/* False: no memory. */
static bool narrow(const struct part *part, struct narrowed *narrowed)
{
    struct bisection *whole = part->whole, *own = &narrowed->bisection;
    struct forward_index *index = &narrowed->index;
    uint32_t count = part->end - part->begin;
    size_t size = number_terms(part, &index->terms);

    *own = (struct bisection){.index = index,
                              .account = whole->account,
                              .leanings = whole->leanings + part->begin,
                              .sides = whole->sides + part->begin};
    index->documents = count;
    index->starts = take_memory(narrowed, ((size_t)count + 1) * sizeof *index->starts);
    index->bytes = take_memory(narrowed, size);
    own->documents = take_memory(narrowed, count * sizeof *own->documents);
    own->degrees = take_memory(narrowed, part->threads * bisection_thread_size(index->terms));
    if (index->starts && index->bytes && own->documents && own->degrees)
        fill_index(part, index);
    memset(degrees_of(part), 0, bisection_thread_size(whole->index->terms));
    for (uint32_t i = 0; own->documents && i < count; i++)
        own->documents[i] = i;
    return index->starts && index->bytes && own->documents && own->degrees;
}

static void *order_part(void *argument);

/* The leanings are room to work in. */
static bool order_narrowed(const struct part *part)
{
    struct bisection *whole = part->whole;
    struct narrowed narrowed = {.charged = 0};
    struct part own = {&narrowed.bisection, 0, part->end - part->begin, 0, part->threads};
    uint32_t *documents = whole->documents + part->begin,
             *ordered = (uint32_t *)whole->leanings + part->begin;
    bool is_done = narrow(part, &narrowed);

    if (is_done) {
        (void)order_part(&own);
        for (uint32_t i = 0; i < own.end; i++)
            ordered[i] = documents[narrowed.bisection.documents[i]];
        memcpy(documents, ordered, own.end * sizeof *documents);
    }
    narrowed_done(&narrowed);
    return is_done;
}

/* ---- parts of parts ---- */

/* The halves of a part are cut at the same time while it has threads. */
static void order_halves(const struct part *part, uint32_t middle)
{
    struct part left = *part, right = *part;
    pthread_t thread;
    bool started = false;

    left.end = right.begin = middle;
    if (part->threads > 1) {
        right.threads = part->threads / 2;
        left.threads -= right.threads;
        right.thread += left.threads;
        started = start(&thread, order_part, &right);
    }
    (void)order_part(&left);
    if (started)
        pthread_join(thread, NULL);
    else if (part->threads == 1)
        (void)order_part(&right);
}

static void *order_part(void *argument)
{
    const struct part *part = argument;
    uint32_t count = part->end - part->begin, middle = part->begin + count / 2;

    if (count <= BISECTION_LEAF)
        return NULL;
    if (count >= NARROW_LEAST && count <= part->whole->index->documents / NARROW &&
        order_narrowed(part))
        return NULL;
    bisect(part, middle);
    order_halves(part, middle);
    return NULL;
}

/* ---- the whole ---- */

/* Degrees for as many threads as can be had, at most *threads; NULL: not for one. */
static struct degree *degrees_new(uint32_t terms, struct account *account, unsigned *threads)
{
    struct degree *degrees;

    for (; *threads > 0; --*threads) {
        size_t size = *threads * bisection_thread_size(terms);

        if (!account_charge(account, size))
            continue;
        degrees = calloc((size_t)*threads * terms + 1, sizeof *degrees);
        if (degrees)
            return degrees;
        account_release(account, size);
    }
    return NULL;
}

/* Charged for already: leanings and sides. */
static enum lede_status order_all(struct bisection *whole, unsigned threads, struct lede_error *err)
{
    const struct forward_index *index = whole->index;
    struct account *account = whole->account;
    struct part part = {whole, 0, index->documents, 0, threads};

    static_assert(sizeof(struct degree) == 2 * sizeof(uint32_t), "bisection_thread_size");
    whole->leanings = malloc(((size_t)part.end + !part.end) * sizeof *whole->leanings);
    whole->sides = malloc((size_t)part.end + !part.end);
    if (!whole->leanings || !whole->sides)
        return error_no_memory(err);
    whole->degrees = degrees_new(index->terms, account, &part.threads);
    if (!whole->degrees)
        return error_no_memory(err);
    (void)order_part(&part);
    free(whole->degrees);
    account_release(account, part.threads * bisection_thread_size(index->terms));
    return LEDE_OK;
}

enum lede_status bisection_order(const struct forward_index *index, unsigned threads,
                                 struct account *account, uint32_t *order, struct lede_error *err)
{
    struct bisection whole = {.index = index, .account = account, .documents = order};
    size_t size = (size_t)index->documents * (sizeof *whole.leanings + sizeof *whole.sides);
    enum lede_status status;

    assert(threads > 0);
    if (!account_charge(account, size))
        return error_no_memory(err);
    (void)pthread_once(&savings_once, savings_make);
    for (uint32_t i = 0; i < index->documents; i++)
        order[i] = i;
    status = order_all(&whole, threads, err);
    free(whole.leanings);
    free(whole.sides);
    account_release(account, size);
    return status;
}
