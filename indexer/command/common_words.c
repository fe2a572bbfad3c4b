#include "command/common_words.h"

#include <assert.h>

#include "text/language.h"

enum { WORD_MOST = 8 /* bytes */, SLOT_SHIFT = 53 };

/* The most frequent words of each, as any count of running text has them. */
static const struct {
    const char *code, *words;
} LISTS[COMMON_LANGUAGES] = {
    {"en", "the of and to in is that for it was on with as be at by this are from have not or "
           "which but were has had they you their been its who will an would there said he his we "
           "can more when if also other then than all into may should use used using see only any "
           "these some about how what new each first such between because could after where while "
           "out now does"},
    {"de", "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch "
           "es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über "
           "einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei wenn "
           "können kann"},
    {"fr", "de la le et les des en un du une que est pour qui dans par pas au sur ne se plus ce il "
           "sont avec ou son cette aux ses mais comme on fait été être nous vous ces leur sa dont "
           "elle si deux même peut tout était d l c"},
    {"es", "de la que el en y los del se las por un para con no una su al es lo como más pero sus "
           "le ha este sí porque esta entre cuando muy sin sobre también me hasta hay donde han "
           "quien desde todo nos durante ser son dos fue era está tiene"},
    {"it", "di e il la che in a per un è del non una sono da con si della le dei nel alla i al "
           "come più anche ma gli delle ha lo se nella questo o dal ed su l dalla degli era essere "
           "due ai stato loro fra tra suo sia può questa"},
    {"pt", "de a o que e do da em um para com não uma os no se na por mais as dos como mas ao ele "
           "das à seu sua ou quando muito nos já eu também só pelo pela até isso ela entre era "
           "depois sem mesmo aos foi são tem ser está há"},
    {"nl", "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er "
           "maar om hem dan zou of wat mijn men dit zo door over ze zich bij ook tot je mij uit "
           "der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu geen omdat "
           "worden werd wordt meer kan"},
    {"sv", "och det att i en jag som på är av för med till den har de inte om ett men var sig så "
           "vi från kan när nu eller efter han hon ska skall vid man också hade ut mot över bara "
           "blir under mycket där alla in sin hur"},
    /* Neighbours. */
    {"da", "og i det at en den til er som på de med af for ikke der var sig men et har om vi havde "
           "fra så kan hun han blev ved efter eller nu hvor alle skal når være kunne også over "
           "noget blive bliver mod dem ud hvis jeg dig mig hvad"},
    {"no", "og i det på som er en til å han av for med at var de ikke den har jeg om et men så seg "
           "hun hadde fra vi kan da ved skal etter ble eller nå være blir også over noen mot dem "
           "hva hvis når meg bare kom opp ut"},
    {"ca",
     "de la i a el que en per les l d és no un una amb els del es va al com més ser dels o se "
     "són però aquest també seva molt aquesta han havia hi fins entre quan on sense ha"},
    {"gl", "de a o que e do da en un para unha non os se na por máis as dos como pero ao súa no "
           "foi ou cando moi nos xa tamén só pola polo entre era sen mesmo aos nas é ten ser hai"},
    {"af",
     "die van en in is het nie dat te wat vir met op sy hy om n ek was as daar aan hulle word "
     "deur sal ook kan by uit ons maar na of so tot"},
    {"lb", "de d déi an vun fir ass mat op den net datt och et si en dem an bei sinn ze als aus um "
           "zu ginn gouf wéi hunn säi awer no op"},
};

static unsigned slot_of(uint64_t word)
{
    return (unsigned)(word * 0x9e3779b97f4a7c15 >> SLOT_SHIFT);
}

_Static_assert(COMMON_SLOTS == 1 << (64 - SLOT_SHIFT), "slot_of tells a slot");

/* The slot that has the word, or would have it. */
static unsigned find(const struct common_words *words, uint64_t word)
{
    unsigned slot = slot_of(word);

    while (words->slots[slot].word != 0 && words->slots[slot].word != word)
        slot = (slot + 1) % COMMON_SLOTS;
    return slot;
}

static void add_list(struct common_words *words, const char *list, uint32_t writer)
{
    while (*list) {
        size_t size = strcspn(list, " ");
        uint64_t word = 0;
        unsigned slot;

        assert(size <= WORD_MOST);
        for (size_t i = 0; i < size; i++)
            word = word << 8 | (uint8_t)list[i];
        slot = find(words, word);
        words->slots[slot].word = word;
        words->slots[slot].writers |= writer;
        list += size + (list[size] == ' ');
    }
}

static void add_letters(struct common_words *words)
{
    for (unsigned i = 0; i < 26; i++)
        words->letters['A' + i] = words->letters['a' + i] = (uint8_t)('a' + i);
    for (unsigned i = 0x80; i <= UINT8_MAX; i++)
        words->letters[i] = (uint8_t)i;
}

void common_words_init(struct common_words *words)
{
    memset(words, 0, sizeof *words);
    add_letters(words);
    for (unsigned i = 0; i < COMMON_LANGUAGES; i++) {
        bool known = language_find(slice_str(LISTS[i].code), &words->languages[i]);

        assert(known);
        (void)known;
        add_list(words, LISTS[i].words, UINT32_C(1) << i);
    }
}

struct common_count {
    uint32_t words, common[COMMON_LANGUAGES];
};

/* The number of the language that shows; -1: none does. */
static int shown(const struct common_count *count)
{
    uint32_t best = 0, second = 0;
    int place = -1;

    for (int i = 0; i < COMMON_LANGUAGES; i++) {
        uint32_t common = count->common[i];

        if (common > best) {
            second = best;
            best = common;
            place = i;
        } else if (common > second) {
            second = common;
        }
    }
    return best >= COMMON_LEAST && best * COMMON_SHARE >= count->words && best >= 2 * second ? place
                                                                                             : -1;
}

/* Counts a word; true if it makes so many of a language that one may show. */
static bool count_word(const struct common_words *words, uint64_t word, struct common_count *count)
{
    uint32_t writers = words->slots[find(words, word)].writers;
    bool enough = false;

    for (; writers; writers &= writers - 1)
        enough |= ++count->common[__builtin_ctz(writers)] >= COMMON_LEAST;
    return enough;
}

bool common_words_show(const struct common_words *words, struct slice text, language_id *language)
{
    struct common_count count = {.words = 0};
    uint64_t word = 0;
    size_t size = 0;
    int place;

    for (size_t i = 0; i <= text.size; i++) {
        uint8_t byte = i < text.size ? words->letters[text.data[i]] : 0;

        if (byte) {
            word = word << 8 | byte;
            size++;
            continue;
        }
        count.words += size > 0;
        if (size > 0 && size <= WORD_MOST && count_word(words, word, &count) &&
            (place = shown(&count)) >= 0) {
            *language = words->languages[place];
            return true;
        }
        word = 0;
        size = 0;
    }
    return false;
}
