/* wild.h -- whether a term matches a pattern of `*` and `?`, by trying everything. */
#ifndef TESTS_WILD_H
#define TESTS_WILD_H

#include "index/dictionary.h"

static inline bool wild_is_inner(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* `?` is a byte that begins a character, and those behind it that do not. term has at most
 * KEY_TERM_MAX bytes. */
static inline bool wild_matches(struct slice text, struct slice term)
{
    bool ends[KEY_TERM_MAX + 1] = {true}; /* so many bytes of the term match the text so far */

    for (size_t i = 0; i < text.size; i++) {
        bool before = ends[0];

        ends[0] = before && text.data[i] == '*';
        for (size_t j = 1; j <= term.size; j++) {
            uint8_t byte = term.data[j - 1];
            bool here = ends[j];

            if (text.data[i] == '*')
                ends[j] = here || ends[j - 1];
            else if (text.data[i] == '?')
                ends[j] = wild_is_inner(byte) ? ends[j - 1] : before;
            else
                ends[j] = before && byte == text.data[i];
            before = here;
        }
    }
    return ends[term.size];
}

#endif
