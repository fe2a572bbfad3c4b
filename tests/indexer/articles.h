/* articles.h -- random articles, and what a writer's calls should have come to. */
#ifndef TESTS_INDEXER_ARTICLES_H
#define TESTS_INDEXER_ARTICLES_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <xxhash.h>

#include "index/segment.h"
#include "indexer/settings.h"
#include "lede.h"
#include "tests/index/dice.h"
#include "tests/indexer/scratch.h"

struct piece { /* an article's bytes */
    char id[24], title[80], url[40];
    char *text;
    const char *language;
    struct lede_date date;
};

static const char *const SYLLABLES[] = {"ka", "to", "mi", "ren", "ing", "ö",  "sha", "ur",  "e",
                                        "pl", "an", "ed", "ly",  "é",   "th", "ß",   "don", "x"};

/* A word, or an amount: the same few often. */
UNUSED static size_t article_word(struct dice *dice, char *at)
{
    double r = dice_real(dice);
    uint32_t number = (uint32_t)(r * r * r * 5000);
    size_t size = 0;

    if (number % 37 == 5)
        return (size_t)sprintf(at, "$%uM", (unsigned)number);
    do {
        const char *part = SYLLABLES[number % (sizeof SYLLABLES / sizeof *SYLLABLES)];

        for (; *part; part++)
            at[size++] = *part;
        number /= sizeof SYLLABLES / sizeof *SYLLABLES;
    } while (number > 0);
    return size;
}

UNUSED static char *article_words(struct dice *dice, uint32_t count, char *at)
{
    for (uint32_t i = 0; i < count; i++) {
        at += article_word(dice, at);
        *at++ = dice_below(dice, 12) == 0 ? '.' : ' ';
        if (at[-1] == '.')
            *at++ = ' ';
    }
    *at = '\0';
    return at;
}

UNUSED static void article_make(struct dice *dice, struct piece *piece, uint32_t id, uint32_t words)
{
    static const char *const languages[] = {"", "", "en", "de", "fr", "xx"};

    snprintf(piece->id, sizeof piece->id, "article/%u", id);
    article_words(dice, dice_below(dice, 4), piece->title);
    if (dice_below(dice, 3) == 0)
        snprintf(piece->url, sizeof piece->url, "http://a.b/%u", id);
    else
        piece->url[0] = '\0';
    piece->text = malloc((size_t)words * 24 + 1);
    cr_assert(piece->text);
    article_words(dice, words, piece->text);
    piece->language = languages[dice_below(dice, 6)];
    piece->date = (struct lede_date){dice_bits(dice, 31),
                                     (enum lede_precision)dice_below(dice, LEDE_SECOND + 1)};
}

UNUSED static struct lede_bytes bytes_of(const char *text)
{
    return (struct lede_bytes){text, strlen(text)};
}

UNUSED static enum lede_status article_add(struct lede_writer *writer, const struct piece *piece,
                                           struct lede_error *error)
{
    struct lede_field field = {LEDE_STR("site"), bytes_of(piece->url)};

    return lede_writer_add(writer,
                           &(struct lede_article){.id = bytes_of(piece->id),
                                                  .title = bytes_of(piece->title),
                                                  .text = bytes_of(piece->text),
                                                  .url = bytes_of(piece->url),
                                                  .language = bytes_of(piece->language),
                                                  .date = piece->date,
                                                  .metadata = &field,
                                                  .metadata_count = piece->url[0] != '\0',
                                                  .source = LEDE_STR("/from/here"),
                                                  .source_offset = 7,
                                                  .source_size = strlen(piece->text)},
                           error);
}

/* Every record of the index, but for its place in the file: equal if the indexes are. */
UNUSED static uint64_t index_digest(const char *path)
{
    struct snapshot *snapshot;
    struct lede_error error = {0};
    uint64_t digest = 0;

    cr_assert_eq(snapshot_open(path, &snapshot, &error), LEDE_OK, "%s", error.text);
    for (int table = 0; table < TABLE_COUNT; table++) {
        uint8_t from[600] = {0};
        size_t from_size = 1;
        struct slice key, value;

        while (store_seek(&snapshot->records, (enum table)table, slice_of(from, from_size), &key,
                          &value, &error) == LEDE_OK) {
            digest = XXH3_64bits_withSeed(key.data, key.size, digest + (uint64_t)table);
            digest = XXH3_64bits_withSeed(value.data, value.size, digest);
            cr_assert_lt(key.size, sizeof from);
            memcpy(from, key.data, key.size);
            from[key.size] = 0; /* the least key behind this one */
            from_size = key.size + 1;
        }
    }
    snapshot_close(snapshot);
    return digest;
}

#endif
