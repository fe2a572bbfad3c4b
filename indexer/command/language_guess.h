/* language_guess.h -- which language an article is written in, by a sample of its text.
 *
 * The sample is the title, LANGUAGE_PIECE bytes from the middle of the text and as many from its
 * beginning, or all of a shorter text: what stands around an article (menus, notes on rights) is
 * often in another language. Most texts of large languages show theirs by common words
 * (common_words.h; where one of the pieces is of names or code, others are looked at) or by their
 * script (script_languages.h); the others are given to CLD2, Google's Compact Language Detector 2,
 * which knows 80 languages. Nothing is guessed where fewer than
 * LANGUAGE_LEAST bytes of letters are there, where CLD2 is unsure, or where its language makes up
 * no more than half: texts in several languages.
 *
 * The same bytes give the same language, on every thread and machine. Costs about 1 us an article
 * if the language shows, 20 us if not. */
#ifndef LEDE_COMMAND_LANGUAGE_GUESS_H
#define LEDE_COMMAND_LANGUAGE_GUESS_H

#include "command/common_words.h"

enum {
    LANGUAGE_PIECE = 256,
    LANGUAGE_PIECES = 10, /* at most, that are looked at */
    LANGUAGE_LEAST = 96
};

/* The guesser's memory; constant once made, and thread-safe then. */
struct language_guesser {
    struct common_words common;
};
void language_guesser_init(struct language_guesser *guesser);

/* True and *language (never LANGUAGE_NONE) if it is clear; else that stays as it is. Any bytes will
 * do. */
bool language_guess(const struct language_guesser *guesser, struct slice title, struct slice text,
                    language_id *language);

/* Of a text that does not stay in memory, what language_guess would look at, as a text that is as
 * good. */
struct language_sample {
    uint8_t bytes[LANGUAGE_PIECES * LANGUAGE_PIECE];
    size_t size;
};
void language_sample_take(struct language_sample *sample, struct slice text);

#endif
