#include "respelling.h"

#include "base/printable.h"

enum { ALPHABET = 26 };

struct respelling {
    struct slice characters[RESPELT_MAX]; /* of the word */
    size_t count;
    struct buffer *out;
};

static bool split(struct respelling *word, struct slice text)
{
    const uint8_t *at = text.data, *end = text.data + text.size;
    uint32_t character;

    while (at < end) {
        size_t size = printable_decode(at, end, &character);

        if (size == 0 || word->count == RESPELT_MAX)
            return false;
        word->characters[word->count++] = slice_of(at, size);
        at += size;
    }
    return true;
}

static void put(const struct respelling *word, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        buffer_put(word->out, word->characters[i].data, word->characters[i].size);
}

/* The word with letter in front of place, or instead of what is there. */
static void put_letter(const struct respelling *word, size_t place, struct slice letter)
{
    put(word, 0, place);
    buffer_put(word->out, letter.data, letter.size);
    put(word, place, word->count);
    buffer_byte(word->out, '\n');
    if (place == word->count)
        return;
    put(word, 0, place);
    buffer_put(word->out, letter.data, letter.size);
    put(word, place + 1, word->count);
    buffer_byte(word->out, '\n');
}

static void put_without(const struct respelling *word, size_t place)
{
    put(word, 0, place);
    put(word, place + 1, word->count);
    buffer_byte(word->out, '\n');
}

/* With the character at place and the next one swapped. */
static void put_swapped(const struct respelling *word, size_t place)
{
    put(word, 0, place);
    put(word, place + 1, place + 2);
    put(word, place, place + 1);
    put(word, place + 2, word->count);
    buffer_byte(word->out, '\n');
}

void respelling_put(struct slice text, struct buffer *out)
{
    static const uint8_t letters[ALPHABET] = "abcdefghijklmnopqrstuvwxyz";
    struct respelling word = {.out = out};

    if (!split(&word, text))
        return;
    for (size_t place = 0; place < word.count; place++)
        put_without(&word, place);
    for (size_t place = 0; place + 1 < word.count; place++)
        put_swapped(&word, place);
    for (size_t place = 0; place <= word.count; place++) {
        for (size_t i = 0; i < ALPHABET; i++)
            put_letter(&word, place, slice_of(&letters[i], 1));
        for (size_t i = 0; i < word.count; i++)
            if (word.characters[i].size > 1)
                put_letter(&word, place, word.characters[i]);
    }
}
