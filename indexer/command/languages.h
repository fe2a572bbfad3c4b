/* languages.h -- the language of an article that tells none: what -l says of it.
 *
 *     LANG          the language, always
 *     auto          what its text shows (language_guess.h), or else the index's own; en, if new
 *     auto:LANG     what its text shows, or else LANG
 *
 * Without -l it is what the index was made with: an index keeps its LANG, and one that was made
 * with auto (or without -l) keeps that, as "LANG@auto", in its manifest, where others read LANG. */
#ifndef LEDE_COMMAND_LANGUAGES_H
#define LEDE_COMMAND_LANGUAGES_H

#include "command/language_guess.h"
#include "lede.h"

/* False: text is no value of -l. */
bool languages_are_valid(const char *text);

/* The language that -l wanted (NULL: en) says a text is in, where there is no index. */
language_id languages_of(const char *wanted, struct slice text);

struct languages {
    bool guess;
    struct language_guesser guesser; /* if so */
    struct language_sample sample;   /* of a text in parts, from its first one on; else empty */
    char tag[32];
};

/* Sets what lede_writer_open is told for -l wanted (NULL: not given); it lives with languages. */
void languages_tell(struct languages *languages, const char *wanted,
                    struct lede_writer_options *options);
/* Decides, once the writer is open, whether there is anything to guess. */
void languages_begin(struct languages *languages, const char *wanted,
                     const struct lede_writer *writer);

/* Takes the sample from the first part of a long text; the others are passed over. */
void languages_part(struct languages *languages, struct lede_bytes part);
/* Forgets the parts. */
void languages_forget(struct languages *languages);
/* Gives the article, and the parts before it, a language if it has none and one shows. */
void languages_article(struct languages *languages, struct lede_article *article);

#endif
