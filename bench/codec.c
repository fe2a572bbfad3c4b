/* codec.c -- how fast blocks of documents and frequencies decode, on each level of vector kernels.
 *
 * Synthetic lists: each document follows the one before with a fixed chance (gaps are geometric),
 * or in runs ("clustered": stretches in which documents are ten times as likely as outside).
 * Frequencies are geometric too. Every decode is of a whole list of POSTINGS, block by block, from
 * memory that a pass before has touched; the best of PASSES counts. 10^9 integers are 4 GB: what
 * plain loops make of the machine's memory is printed first. Usage: codec [POSTINGS] */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bandwidth.h"
#include "index/pack_kernels.h"
#include "index/posting.h"

enum { POSTINGS = 1 << 20, PASSES = 15 };

struct block {
    size_t offset, documents_size, size;
    doc_id before, last;
    uint32_t n;
};

struct coded_list {
    uint8_t *bytes;
    struct block *blocks;
    size_t count, size, documents_size;
    uint32_t postings;
};

static uint64_t state = 1;

static double chance(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static uint32_t geometric(double p)
{
    return p >= 1 ? 0 : (uint32_t)(log(1 - chance()) / log(1 - p));
}

static void make_documents(uint32_t *documents, uint32_t count, double density, bool clustered)
{
    uint32_t next = 0;
    bool inside = false;

    for (uint32_t i = 0; i < count; i++) {
        if (clustered && chance() < 1.0 / 300)
            inside = !inside;
        next += geometric(clustered ? density * (inside ? 1.8 : 0.18) : density);
        documents[i] = next++;
    }
}

static struct coded_list encode(const uint32_t *documents, const uint32_t *tfs, uint32_t count)
{
    struct coded_list list = {.postings = count};
    uint32_t scratch[PACK_ROOM];

    list.bytes = calloc(count / BLOCK_DOCS + 2, POSTING_BLOCK_MAX + PACK_OVERRUN);
    list.blocks = calloc(count / BLOCK_DOCS + 1, sizeof *list.blocks);
    for (uint32_t at = 0; at < count; at += BLOCK_DOCS) {
        struct block *block = &list.blocks[list.count++];

        block->n = count - at < BLOCK_DOCS ? count - at : BLOCK_DOCS;
        block->before = at ? documents[at - 1] : 0;
        block->last = documents[at + block->n - 1];
        block->offset = list.size;
        block->size = posting_block_encode(documents + at, tfs + at, block->n, at > 0,
                                           block->before, list.bytes + list.size);
        block->documents_size = posting_block_decode(list.bytes + list.size, block->size, block->n,
                                                     at > 0, block->before, block->last, scratch);
        list.size += block->size;
        list.documents_size += block->documents_size;
    }
    return list;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* Seconds for all documents (what 0) or all frequencies (what 1). */
static double decode_once(const struct coded_list *list, int what)
{
    uint32_t out[PACK_ROOM];
    double start = now();

    for (size_t i = 0; i < list->count; i++) {
        const struct block *block = &list->blocks[i];
        const uint8_t *at = list->bytes + block->offset;
        size_t used;

        if (what == 0)
            used = posting_block_decode(at, block->size, block->n, i > 0, block->before,
                                        block->last, out);
        else
            used = pack_decode_counts(at + block->documents_size,
                                      block->size - block->documents_size, block->n, out);
        if (used == 0)
            abort();
    }
    return now() - start;
}

static double rate(const struct coded_list *list, int what)
{
    double best = 1e9;

    for (int pass = 0; pass < PASSES; pass++) {
        double seconds = decode_once(list, what);

        best = seconds < best ? seconds : best;
    }
    return list->postings / best / 1e9;
}

static void report(const char *name, double density, bool clustered, double tf_stop, uint32_t count)
{
    uint32_t *documents = malloc(count * sizeof *documents);
    uint32_t *tfs = malloc(count * sizeof *tfs);
    struct coded_list list;

    make_documents(documents, count, density, clustered);
    for (uint32_t i = 0; i < count; i++)
        tfs[i] = 1 + geometric(tf_stop);
    list = encode(documents, tfs, count);
    printf("%-16s %6.2f %6.2f ", name, 8.0 * (double)list.documents_size / count,
           8.0 * (double)(list.size - list.documents_size) / count);
    for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++) {
        pack_kernels_use((enum cpu_level)level);
        printf(" %6.2f %6.2f", rate(&list, 0), rate(&list, 1));
    }
    putchar('\n');
    free(list.bytes);
    free(list.blocks);
    free(documents);
    free(tfs);
}

int main(int argc, char **argv)
{
    uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : POSTINGS;

    if (count == 0)
        return 2;
    bandwidth_print();
    printf("decoding, blocks of %d: 10^9 integers/s, documents and frequencies\n%-16s %6s %6s ",
           BLOCK_DOCS, "documents", "bits", "bits");
    for (int level = CPU_PORTABLE; level <= (int)cpu_level(); level++)
        printf(" %13s", cpu_level_name((enum cpu_level)level));
    putchar('\n');
    report("every one", 1, false, 0.5, count);
    report("1 in 1.5", 1 / 1.5, false, 0.5, count);
    report("1 in 3", 1.0 / 3, false, 0.6, count);
    report("1 in 5", 1.0 / 5, false, 0.6, count);
    report("1 in 10", 1.0 / 10, false, 0.7, count);
    report("1 in 30", 1.0 / 30, false, 0.7, count);
    report("1 in 100", 1.0 / 100, false, 0.8, count);
    report("1 in 1000", 1.0 / 1000, false, 0.9, count);
    report("1 in 5, cl.", 1.0 / 5, true, 0.6, count);
    report("1 in 100, cl.", 1.0 / 100, true, 0.8, count);
    return 0;
}
