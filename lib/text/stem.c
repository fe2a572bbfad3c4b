#include "text/stem.h"

#include <libstemmer.h>
#include <xxhash.h>

#include "text/language.h"

void stemmers_done(struct stemmers *stemmers)
{
    for (size_t i = 0; i < STEMMERS_MAX; i++) {
        sb_stemmer_delete(stemmers->made[i]);
        stemmers->made[i] = NULL;
    }
}

/* An older libstemmer may lack an algorithm: then its language has no stemmer. */
static bool is_known(const char *algorithm)
{
    for (const char **name = sb_stemmer_list(); *name; name++)
        if (strcmp(*name, algorithm) == 0)
            return true;
    return false;
}

struct slice stemmers_stem(struct stemmers *stemmers, language_id language, struct slice word)
{
    struct sb_stemmer **stemmer = &stemmers->made[language];
    const char *algorithm = language_stemmer(language);
    const sb_symbol *stem;

    if (!*stemmer) {
        if (!algorithm || !is_known(algorithm))
            return word;
        *stemmer = sb_stemmer_new(algorithm, "UTF_8");
        if (!*stemmer)
            return slice_of(NULL, 0);
    }
    stem = sb_stemmer_stem(*stemmer, word.data, (int)word.size);
    return stem ? slice_of(stem, (size_t)sb_stemmer_length(*stemmer)) : slice_of(NULL, 0);
}

uint64_t stemmers_probe(void)
{
    static const char *const WORDS[] = {
        "gases",     "evening", "logged",  "universities", "haeuser", "kaufmännisch", "lezingen",
        "gehoorde",  "qu'il",   "savants", "ţările",       "ţara",    "pianul",       "şefului",
        "ankara'da", "елка",    "ёлка",    "ağaçlar",      "kissat",  "tåget",        "divno"};
    uint64_t hash = 0;

    for (const char **name = sb_stemmer_list(); *name; name++) {
        struct sb_stemmer *stemmer = sb_stemmer_new(*name, "UTF_8");

        if (!stemmer)
            return 0;
        hash = XXH3_64bits_withSeed(*name, strlen(*name), hash);
        for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
            const sb_symbol *stem =
                sb_stemmer_stem(stemmer, (const sb_symbol *)WORDS[i], (int)strlen(WORDS[i]));
            size_t size = stem ? (size_t)sb_stemmer_length(stemmer) : 0;

            hash = XXH3_64bits_withSeed(stem, size, hash);
        }
        sb_stemmer_delete(stemmer);
    }
    return hash;
}
