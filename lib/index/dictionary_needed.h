/* dictionary_needed.h -- for what scans dictionaries: which entries of a page may be of terms that
 * have the bytes that an automaton needs. It is told by what follows the bytes that an entry shares
 * with the one before; of those it shares, all may be needed ones. */
#ifndef LEDE_INDEX_DICTIONARY_NEEDED_H
#define LEDE_INDEX_DICTIONARY_NEEDED_H

#include "index/dictionary_scan.h"

enum {
    STRADDLES_TWO = 1,  /* the byte is the third one, and two may be shared */
    STRADDLES_ONE = 2,  /* the byte may be the second one, and one shared */
    STRADDLES_THIRD = 4 /* if the byte behind it is this */
};

static inline void needed_begin_last(struct needed_bytes *needed,
                                     const struct byte_automaton *automaton)
{
    for (unsigned back = 0; back < NEEDED_MAX && back < needed->size; back++) {
        unsigned shift = 8 * (NEEDED_MAX - back);

        needed->last |= (uint32_t)automaton->needed[needed->size - 1 - back] << shift;
        for (unsigned follow = back + 1; follow <= SCAN_FOLLOW; follow++)
            needed->masks[follow] |= 0xffU << shift;
    }
}

static inline void needed_begin_byte(struct needed_bytes *needed,
                                     const struct byte_automaton *automaton, unsigned byte)
{
    bool gap = needed->need == NEED_GAP;
    bool second = needed->size >= 2 && (gap || byte == automaton->needed[1]);
    bool third = needed->size == 3 && (byte == automaton->needed[2] || (gap && byte >= 0x80));

    needed->places[byte] =
        (uint8_t)((byte == automaton->needed[0] ? 1 : 0) | (second || needed->size < 2 ? 2 : 0) |
                  (third || needed->size < 3 ? 4 : 0));
    needed->straddles[byte] = (uint8_t)((third ? STRADDLES_TWO : 0) | (second ? STRADDLES_ONE : 0) |
                                        (third || needed->size < 3 ? STRADDLES_THIRD : 0));
}

static inline void needed_begin(struct needed_bytes *needed, const struct byte_automaton *automaton)
{
    memset(needed, 0, sizeof *needed);
    needed->size = automaton->needed_size;
    needed->need = needed->size == 0        ? NEED_NOTHING
                   : automaton->needed_last ? NEED_LAST
                   : automaton->needed_gap  ? NEED_GAP
                                            : NEED_WITHIN;
    for (unsigned i = 0; i < NEEDED_MAX && i < needed->size; i++) {
        needed->bytes[i] = (scan_bytes){0} + automaton->needed[i];
        needed->used[i] = ~(scan_bytes){0};
    }
    if (needed->need == NEED_LAST)
        needed_begin_last(needed, automaton);
    if (needed->need == NEED_GAP)
        needed->used[1] = (scan_bytes){0};
    for (unsigned byte = 0; byte < 256; byte++)
        needed_begin_byte(needed, automaton, byte);
}

/* Where it may be in the term first, from from on; so many bytes have it. 0: nowhere. Two bytes
 * behind the term are read. */
static inline size_t needed_find(const struct needed_bytes *needed, const uint8_t *term,
                                 size_t from, size_t size)
{
    const uint8_t *places = needed->places;

    for (size_t at = from; at + needed->size <= size; at++)
        if ((places[term[at]] << 2 & places[term[at + 1]] << 1 & places[term[at + 2]]) >= 1 << 2)
            return at + needed->size;
    return 0;
}

static inline bool is_quick(uint8_t sizes) /* of an entry: no varints of them follow */
{
    return sizes % 16 < 15 && sizes / 16 < 15;
}

static inline scan_bytes bytes_at(const uint8_t *at)
{
    scan_bytes bytes;

    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* Whether it may be among the bytes that follow, of which there are at most SCAN_FOLLOW. */
static inline bool needed_within(const struct needed_bytes *needed, enum need need,
                                 const uint8_t *suffix, size_t follow)
{
    static const uint8_t first[2 * SCAN_FOLLOW] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                   255, 255, 255, 255, 255, 255, 255, 255};
    size_t begins = follow >= needed->size ? follow + 1 - needed->size : 0; /* at so many bytes */
    scan_bytes third = bytes_at(suffix + 2), other, found;
    uint64_t any[2];

    other = (third ^ needed->bytes[2]) & needed->used[2];
    if (need == NEED_GAP)
        other &= (scan_bytes)(third < 0x80);
    other |= bytes_at(suffix) ^ needed->bytes[0];
    other |= (bytes_at(suffix + 1) ^ needed->bytes[1]) & needed->used[1];
    found = (scan_bytes)(other == 0) & bytes_at(first + SCAN_FOLLOW - begins);
    memcpy(any, &found, sizeof any);
    return (any[0] | any[1]) != 0;
}

/* False: the term is not taken, unless all of what it needs is shared. At most SCAN_FOLLOW bytes
 * follow; SCAN_FOLLOW + 2 may be read from suffix on, and 3 before it. */
static inline bool needed_follows(const struct needed_bytes *needed, enum need need,
                                  const uint8_t *suffix, size_t follow)
{
    const uint8_t *straddles = needed->straddles;

    if (need == NEED_NOTHING)
        return true;
    if (need == NEED_LAST)
        return ((load_le32(suffix + follow - 4) ^ needed->last) & needed->masks[follow]) == 0;
    return ((straddles[suffix[0]] & STRADDLES_TWO) |
            ((straddles[suffix[0]] & STRADDLES_ONE) << 1 & straddles[suffix[1]]) |
            needed_within(needed, need, suffix, follow)) != 0;
}

#endif
