/* bisection.c -- a part is cut by several threads, and halves by one each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bisection.h"

enum { DOCUMENTS = 3000, TERMS = 400, EACH = 12 };

int main(void)
{
    static uint64_t starts[DOCUMENTS + 1];
    static uint8_t bytes[DOCUMENTS * EACH * 2];
    static uint32_t alone[DOCUMENTS], together[DOCUMENTS];
    struct forward_index index = {DOCUMENTS, TERMS, starts, bytes};
    struct lede_error error;
    uint8_t *at = bytes;
    uint32_t seed = 1;

    for (uint32_t document = 0; document < DOCUMENTS; document++) {
        starts[document] = (uint64_t)(at - bytes);
        for (int i = 0; i < EACH; i++) {
            seed = seed * 1664525 + 1013904223;
            at = forward_gap_put(at, (seed >> 24) % (TERMS / EACH));
        }
    }
    starts[DOCUMENTS] = (uint64_t)(at - bytes);
    if (bisection_order(&index, 1, NULL, alone, &error) != LEDE_OK ||
        bisection_order(&index, 5, NULL, together, &error) != LEDE_OK) {
        (void)fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    return memcmp(alone, together, sizeof alone) != 0;
}
