#include "text/signature.h"

#include <string.h>

/* Odd, with as many bits set as not. */
#define OF_RUN 0xa0761d6478bd642fU
#define OF_BIN 0x589965cc75374cc3U
#define STEP   0x9e3779b97f4a7c15U

enum { BIN_BITS = 6, WORD_SHIFT = 22 };

#define NONE UINT32_MAX

_Static_assert(SIGNATURE_BINS == 1 << BIN_BITS, "a bin is the upper bits of a hash");
_Static_assert(SIGNATURE_WORDS *WORD_SHIFT >= 64 && (SIGNATURE_WORDS - 1) * WORD_SHIFT < 64,
               "what is shifted out is the word before the run");
_Static_assert(SIGNATURE_BITS <= SIGNATURE_BINS && SIGNATURE_BINS <= 2 * SIGNATURE_BITS,
               "a bit is of one bin or two");

void signature_init(struct signature *signature)
{
    *signature = (struct signature){.count = 0};
    memset(signature->least, 0xff, sizeof signature->least);
}

void signature_add(struct signature *signature, const struct token *tokens, size_t count)
{
    uint64_t run = signature->run, all = signature->all;

#pragma GCC unroll 4
    for (size_t i = 0; i < count; i++) {
        uint64_t hash;
        uint32_t *bin, value;

        run = run << WORD_SHIFT ^ tokens[i].hash;
        hash = run * OF_RUN;
        bin = &signature->least[hash >> (64 - BIN_BITS)];
        value = (uint32_t)(hash >> (32 - BIN_BITS));
        *bin = value < *bin ? value : *bin; /* always a store: whether it is less is hard to tell */
        all ^= hash;
    }
    signature->run = run;
    signature->all = all;
    signature->count += (uint32_t)count;
}

/* The hash that bit number at is of, where its own bin is empty: another bin's. Each is met, as no
 * stride has a factor in common with their number; neighbours have other strides, so that they
 * take different ones. */
static uint32_t borrow(const uint32_t *least, size_t at)
{
    static const uint8_t STRIDES[8] = {1, 3, 5, 9, 11, 13, 15, 17};
    size_t stride = STRIDES[at % 8], bin = at;

    for (size_t i = 0; i < SIGNATURE_BITS && least[bin] == NONE; i++) {
        bin += stride;
        bin -= bin < SIGNATURE_BITS ? 0 : SIGNATURE_BITS;
    }
    return least[bin];
}

static uint64_t sketch_of(const struct signature *signature)
{
    uint32_t least[SIGNATURE_BITS];
    uint64_t sketch = 0, step = 0;

    memcpy(least, signature->least, sizeof least);
    for (size_t i = SIGNATURE_BITS; i < SIGNATURE_BINS; i++) /* these share a bit */
        if (signature->least[i] < least[i - SIGNATURE_BITS])
            least[i - SIGNATURE_BITS] = signature->least[i];
    for (size_t i = 0; i < SIGNATURE_BITS; i++, step += STEP) {
        uint32_t value = least[i] != NONE ? least[i] : borrow(least, i);

        sketch = 2 * sketch + ((value ^ step) * OF_BIN >> 63);
    }
    return sketch;
}

bool signature_value(const struct signature *signature, uint64_t *value)
{
    uint64_t all = (signature->all ^ signature->count) * OF_BIN;

    if (signature->count == 0)
        return false;
    *value = sketch_of(signature) << SIGNATURE_TEXT_BITS | all >> (64 - SIGNATURE_TEXT_BITS);
    *value += *value == (uint64_t)INT64_MIN;
    return true;
}
