#include "text/stem.h"

#include <libstemmer.h>
#include <stdlib.h>
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

/* Snowball's constructor reads where it has no memory, if it gets but a part of what it asks for:
 * so it is only called when there is some to spare. NULL: there is not. */
static struct sb_stemmer *stemmer_new(const char *algorithm)
{
    enum { ROOM = 4096 }; /* bytes; it takes a few hundred */
    void *volatile spare = malloc(ROOM);

    if (!spare)
        return NULL;
    free(spare);
    return sb_stemmer_new(algorithm, "UTF_8");
}

struct slice stemmers_stem(struct stemmers *stemmers, language_id language, struct slice word)
{
    struct sb_stemmer **stemmer = &stemmers->made[language];
    const char *algorithm = language_stemmer(language);
    const sb_symbol *stem;

    if (!*stemmer) {
        if (!algorithm || !is_known(algorithm))
            return word;
        *stemmer = stemmer_new(algorithm);
        if (!*stemmer)
            return slice_of(NULL, 0);
    }
    stem = sb_stemmer_stem(*stemmer, word.data, (int)word.size);
    return stem ? slice_of(stem, (size_t)sb_stemmer_length(*stemmer)) : slice_of(NULL, 0);
}

/* For each algorithm words of its language: some that releases have come to differ on, and others
 * with common endings. An algorithm that is not here is asked for English words. */
struct probe {
    const char *algorithm;
    const char *words[6]; /* up to a NULL */
};

static const struct probe PROBES[] = {
    {"arabic", {"والكتاب", "المدرسون"}},
    {"armenian", {"գրքերը", "քաղաքներում"}},
    {"basque", {"etxeetan", "mendiaren"}},
    {"catalan", {"cançons", "treballaven"}},
    {"danish", {"husenes", "kærligheden"}},
    {"dutch", {"lezingen", "gehoorde", "huizen"}},
    {"finnish", {"kissat", "taloissammekin"}},
    {"french", {"qu'il", "savants", "continuellement"}},
    {"german", {"haeuser", "kaufmännisch", "häuser"}},
    {"greek", {"βιβλίων", "ανθρώπους"}},
    {"hindi", {"लड़कियाँ", "किताबों"}},
    {"hungarian", {"házakban", "könyveket"}},
    {"indonesian", {"membacakan", "perjalanannya"}},
    {"irish", {"bhfear", "leabharlanna"}},
    {"italian", {"abbandonata", "portandogliela"}},
    {"lithuanian", {"namuose", "knygomis"}},
    {"nepali", {"केटाहरूले", "घरबाट"}},
    {"norwegian", {"husenes", "kjærligheten"}},
    {"portuguese", {"corações", "trabalhavam"}},
    {"romanian", {"ţările", "ţara", "pianul", "şefului"}},
    {"russian", {"елка", "ёлка", "читавшийся"}},
    {"serbian", {"divno", "књигама"}},
    {"spanish", {"corriendo", "trabajábamos"}},
    {"swedish", {"tåget", "kärlekens"}},
    {"tamil", {"புத்தகங்களை", "வீட்டிலிருந்து"}},
    {"turkish", {"ankara'da", "ağaçlar", "kitaplarımız"}},
    {"yiddish", {"ביכער", "שרײַבנדיק"}},
};

static const struct probe ENGLISH = {NULL, {"gases", "evening", "logged", "universities"}};

static const struct probe *find_probe(const char *algorithm)
{
    for (size_t i = 0; i < sizeof PROBES / sizeof *PROBES; i++)
        if (strcmp(PROBES[i].algorithm, algorithm) == 0)
            return &PROBES[i];
    return &ENGLISH;
}

/* The hash with what the algorithm makes of its words, or 0. */
static uint64_t probe_one(const char *algorithm, uint64_t hash)
{
    const struct probe *probe = find_probe(algorithm);
    struct sb_stemmer *stemmer = stemmer_new(algorithm);

    if (!stemmer)
        return 0;
    hash = XXH3_64bits_withSeed(algorithm, strlen(algorithm), hash);
    for (const char *const *word = probe->words; *word && hash != 0; word++) {
        const sb_symbol *stem =
            sb_stemmer_stem(stemmer, (const sb_symbol *)*word, (int)strlen(*word));

        hash = stem ? XXH3_64bits_withSeed(stem, (size_t)sb_stemmer_length(stemmer), hash) : 0;
    }
    sb_stemmer_delete(stemmer);
    return hash;
}

/* What the probe gives, from the Makefile, in a program into which the stemmers are linked. */
extern const uint64_t stemmers_probed __attribute__((weak, visibility("hidden")));

uint64_t stemmers_fingerprint(void)
{
    return &stemmers_probed ? stemmers_probed : stemmers_probe();
}

uint64_t stemmers_probe(void)
{
    uint64_t hash = 1;

    for (const char **name = sb_stemmer_list(); *name && hash != 0; name++)
        hash = probe_one(*name, hash);
    return hash;
}
