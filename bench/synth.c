/* synth.c -- writes articles of invented words, at any scale, as JSON lines.
 *
 *     synth COUNT [FROM [SEED]]
 *
 * Articles FROM (0) to FROM + COUNT - 1 of the endless archive number SEED (1). Each is a function
 * of its number and the seed alone: parts of an archive can be made apart, and a larger archive
 * begins with the smaller one. No word of it is anybody's; what it shares with newswire are
 * statistics, fitted to the Reuters-21578 collection (bench/corpus_statistics.py prints both):
 *
 *   - words by rank follow two power laws, Zipf and Mandelbrot's at the head and a steeper one
 *     behind a few thousand words, without an end: so the vocabulary grows as Heaps says;
 *   - lengths are lognormal;
 *   - an article has a topic, of a fixed number, and a story, which is told in a burst of
 *     neighbouring articles: both have words of their own, rare elsewhere;
 *   - a content word once used tends to be used again (Church and Gale, "Poisson mixtures", 1995).
 *
 * Benoit Mandelbrot, "An informational theory of the statistical structure of language", 1953;
 * two regimes: Ferrer i Cancho and Solé, "Two regimes in the frequency of words", 2001. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- fitted ---- */

#define HEAD_SHIFT    2.2 /* (rank + HEAD_SHIFT)^-HEAD_EXPONENT up to HEAD_RANKS */
#define HEAD_EXPONENT 1.0001
#define HEAD_RANKS    1800.0
#define TAIL_EXPONENT 2.10 /* behind them */
#define LENGTH_MEAN   4.29 /* of the logarithm of the words of an article */
#define LENGTH_SPREAD 1.02
#define NUMBERS       0.05 /* share of tokens */
#define REPEATED      0.36 /* of content words: said before in the article */
#define TOPICAL       0.20 /* of the others: of the topic or the story */
#define STORY         0.45 /* of these: of the story */
#define INFLECTED     0.12 /* share of content words with a suffix */
#define STORY_SPREAD  40.0 /* articles over which a story is told, at the median */

enum {
    TOPICS = 120,
    TOPIC_WORDS = 400,
    STORY_WORDS = 40,
    CONTENT_RANK = 60, /* words from here on repeat and have topics */
    LENGTH_MIN = 12,
    LENGTH_MAX = 20000,
    TITLE_MAX = 12,
    SECONDS_APART = 60 /* dates of neighbours, from 2000-01-01 on */
};

/* ---- chance: SplitMix64 (Steele, Lea and Flood, 2014) ---- */

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

struct dice {
    uint64_t state;
};

static uint64_t roll(struct dice *dice)
{
    return mix(dice->state++ * 0x9e3779b97f4a7c15 + 1);
}

/* In [0, 1). */
static double chance(struct dice *dice)
{
    return (double)(roll(dice) >> 11) * 0x1p-53;
}

static double normal(struct dice *dice)
{
    double radius = sqrt(-2 * log(1 - chance(dice)));

    return radius * cos(6.283185307179586 * chance(dice));
}

/* ---- ranks of words ---- */

/* The integral of (x + shift)^-exponent from 0 to x, and its inverse. */
static double area(double x, double shift, double exponent)
{
    return (pow(x + shift, 1 - exponent) - pow(shift, 1 - exponent)) / (1 - exponent);
}

static double area_inverse(double y, double shift, double exponent)
{
    return pow(y * (1 - exponent) + pow(shift, 1 - exponent), 1 / (1 - exponent)) - shift;
}

/* From 0; the two laws meet at HEAD_RANKS. */
static uint64_t background_rank(struct dice *dice)
{
    double head = area(HEAD_RANKS, HEAD_SHIFT, HEAD_EXPONENT);
    double join = pow(HEAD_RANKS + HEAD_SHIFT, -HEAD_EXPONENT);
    double tail = join * HEAD_RANKS / (TAIL_EXPONENT - 1);
    double at = chance(dice) * (head + tail);

    if (at < head)
        return (uint64_t)area_inverse(at, HEAD_SHIFT, HEAD_EXPONENT);
    at = 1 - (at - head) / tail;
    return (uint64_t)fmin(HEAD_RANKS * pow(at, -1 / (TAIL_EXPONENT - 1)), 0x1p40);
}

/* A word that an owner (a topic, a story) likes: its number place of `words`, the first ones most,
 * somewhere in the vocabulary between least and most, by its logarithm. */
static uint64_t owned_rank(struct dice *dice, uint64_t owner, double words, double least,
                           double most)
{
    uint64_t place = (uint64_t)(pow(words, chance(dice))) - 1;
    double where = (double)(mix(owner ^ mix(place)) >> 11) * 0x1p-53;

    return (uint64_t)(least * pow(most / least, where));
}

/* ---- from ranks to words ---- */

static char *put(char *at, const char *text)
{
    while (*text)
        *at++ = *text++;
    return at;
}

/* Syllables of an onset, a vowel and, at the end, a coda: short words for the first ranks, and no
 * two ranks the same word. */
static char *put_word(char *at, uint64_t rank)
{
    static const char *const onsets[] = {"b", "br", "c",  "cl", "d",  "dr", "f", "fl", "g",  "gr",
                                         "h", "j",  "k",  "l",  "m",  "n",  "p", "pr", "qu", "r",
                                         "s", "sl", "st", "t",  "th", "tr", "v", "w",  "pl", "z"};
    static const char vowels[] = "aeiou";
    static const char *const codas[] = {"n", "r", "l", "nd", "x", "v", "mb", "lk", "rv", "nt"};
    const uint64_t onset_count = sizeof onsets / sizeof *onsets, coda_count = 10, vowel_count = 5;
    uint64_t open = onset_count * vowel_count, words = open * coda_count;
    unsigned syllables = 1;

    for (; rank >= words; words *= open, syllables++)
        rank -= words;
    rank = (rank * 1000003 + 7) % words; /* neighbours in rank do not look alike */
    for (; syllables > 1; syllables--, rank /= open) {
        at = put(at, onsets[rank % open / vowel_count]);
        *at++ = vowels[rank % vowel_count];
    }
    at = put(at, onsets[rank / coda_count / vowel_count]);
    *at++ = vowels[rank / coda_count % vowel_count];
    return put(at, codas[rank % coda_count]);
}

/* ---- articles ---- */

struct article {
    uint64_t number, topic, story;
    struct dice dice;
    uint64_t *said; /* ranks of its content words so far */
    size_t said_count;
    char *text, *at; /* what is being written */
};

/* A story begins at each article and is told by the ones that look back so far. */
static void choose_story(struct article *article, uint64_t seed)
{
    uint64_t back = (uint64_t)fmin(exp(log(STORY_SPREAD) + normal(&article->dice)), 1e6);

    article->story = mix(seed ^ mix((article->number - (back < article->number ? back : 0)) / 8));
    article->topic = mix(seed ^ mix(article->story % TOPICS));
}

static uint64_t choose_rank(struct article *article)
{
    struct dice *dice = &article->dice;
    uint64_t rank = background_rank(dice);

    if (rank < CONTENT_RANK)
        return rank;
    if (article->said_count > 0 && chance(dice) < REPEATED)
        return article->said[roll(dice) % article->said_count];
    if (chance(dice) < TOPICAL)
        rank = chance(dice) < STORY ? owned_rank(dice, article->story, STORY_WORDS, 400, 3e4)
                                    : owned_rank(dice, article->topic, TOPIC_WORDS, 60, 6e3);
    article->said[article->said_count++] = rank;
    return rank;
}

static void write_number(struct article *article)
{
    uint64_t value = (uint64_t)pow(10, 1 + 3.5 * chance(&article->dice));

    article->at += sprintf(article->at, value % 3 ? "%" PRIu64 : "%" PRIu64 ".5", value);
}

static void write_token(struct article *article, bool capital)
{
    static const char *const suffixes[] = {"s", "s", "ed", "ing"};
    char *begin = article->at;
    uint64_t rank;

    if (chance(&article->dice) < NUMBERS) {
        write_number(article);
        return;
    }
    rank = choose_rank(article);
    article->at = put_word(article->at, rank);
    if (rank >= CONTENT_RANK && chance(&article->dice) < INFLECTED)
        article->at = put(article->at, suffixes[roll(&article->dice) % 4]);
    if (capital)
        *begin = (char)(*begin - 'a' + 'A');
}

/* Sentences of 6 to 25 words. */
static void write_words(struct article *article, size_t count, bool title)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        bool first = left == 0;

        if (first)
            left = 6 + roll(&article->dice) % 20;
        write_token(article, first || title);
        left--;
        if (!title && (left == 0 || i + 1 == count))
            *article->at++ = '.';
        else if (!title && roll(&article->dice) % 12 == 0)
            *article->at++ = ',';
        *article->at++ = ' ';
    }
    article->at--;
}

static size_t choose_length(struct article *article)
{
    double length = exp(LENGTH_MEAN + LENGTH_SPREAD * normal(&article->dice));

    return (size_t)fmin(fmax(length, LENGTH_MIN), LENGTH_MAX);
}

static void print_article(struct article *article, uint64_t seed)
{
    size_t length, title;

    article->dice.state = mix(seed ^ mix(article->number));
    article->at = article->text;
    article->said_count = 0;
    choose_story(article, seed);
    length = choose_length(article);
    title = 4 + roll(&article->dice) % (TITLE_MAX - 4);
    article->at +=
        sprintf(article->at, "{\"id\":\"s%09" PRIu64 "\",\"date\":%" PRIu64 ",\"title\":\"",
                article->number, 946684800 + article->number * SECONDS_APART);
    write_words(article, title, true);
    article->at = put(article->at, "\",\"text\":\"");
    write_words(article, length, false);
    article->at = put(article->at, "\"}\n");
    fwrite(article->text, 1, (size_t)(article->at - article->text), stdout);
}

static bool read_number(const char *text, uint64_t *value)
{
    char *end;

    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

int main(int argc, char **argv)
{
    static uint64_t said[LENGTH_MAX + TITLE_MAX];
    static char text[(LENGTH_MAX + TITLE_MAX) * 64];
    uint64_t numbers[] = {0, 0, 1};
    struct article article = {.said = said, .text = text};

    for (int i = 1; i < argc; i++)
        if (argc > 4 || !read_number(argv[i], &numbers[i - 1]))
            argc = 1;
    if (argc < 2) {
        fprintf(stderr, "usage: synth COUNT [FROM [SEED]]\n");
        return 2;
    }
    for (uint64_t i = 0; i < numbers[0]; i++) {
        article.number = numbers[1] + i;
        print_article(&article, mix(numbers[2]));
    }
    return fflush(stdout) == 0 ? 0 : 6;
}
