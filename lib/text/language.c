#include "text/language.h"

#include "base/ascii.h"
#include "text/amount_words.h"
#include "text/properties.h"

#define IN(script) (1u << SCRIPT_##script)

struct language {
    const char *code, *name;
    const char *code3;       /* ISO 639-2, terminological */
    const char *stemmer;     /* libstemmer's algorithm, or NULL */
    uint32_t scripts;        /* what it is written in; other scripts' words are foreign to it */
    const char *own_letters; /* or NULL */
};

/* The order is stored in indexes: add behind, never change. */
static const struct language LANGUAGES[] = {
    {"none", "none", "", NULL, 0, NULL},
    {"en", "english", "eng", "english", IN(LATIN), NULL},
    {"ar", "arabic", "ara", "arabic", IN(ARABIC), NULL},
    {"hy", "armenian", "hye", "armenian", IN(ARMENIAN), NULL},
    {"eu", "basque", "eus", "basque", IN(LATIN), NULL},
    {"ca", "catalan", "cat", "catalan", IN(LATIN), NULL},
    {"da", "danish", "dan", "danish", IN(LATIN), "æøå"},
    {"nl", "dutch", "nld", "dutch", IN(LATIN), NULL},
    {"fi", "finnish", "fin", "finnish", IN(LATIN), "åäö"},
    {"fr", "french", "fra", "french", IN(LATIN), NULL},
    {"de", "german", "deu", "german", IN(LATIN), NULL},
    {"el", "greek", "ell", "greek", IN(GREEK), NULL},
    {"hi", "hindi", "hin", "hindi", IN(DEVANAGARI), NULL},
    {"hu", "hungarian", "hun", "hungarian", IN(LATIN), NULL},
    {"id", "indonesian", "ind", "indonesian", IN(LATIN), NULL},
    {"ga", "irish", "gle", "irish", IN(LATIN), NULL},
    {"it", "italian", "ita", "italian", IN(LATIN), NULL},
    {"lt", "lithuanian", "lit", "lithuanian", IN(LATIN), NULL},
    {"ne", "nepali", "nep", "nepali", IN(DEVANAGARI), NULL},
    {"no", "norwegian", "nor", "norwegian", IN(LATIN), "æøå"},
    {"nb", "bokmal", "nob", "norwegian", IN(LATIN), "æøå"},
    {"nn", "nynorsk", "nno", "norwegian", IN(LATIN), "æøå"},
    {"pt", "portuguese", "por", "portuguese", IN(LATIN), NULL},
    {"ro", "romanian", "ron", "romanian", IN(LATIN), NULL},
    {"ru", "russian", "rus", "russian", IN(CYRILLIC), NULL},
    {"sr", "serbian", "srp", "serbian", IN(LATIN) | IN(CYRILLIC), NULL},
    {"es", "spanish", "spa", "spanish", IN(LATIN), NULL},
    {"sv", "swedish", "swe", "swedish", IN(LATIN), "åäö"},
    {"ta", "tamil", "tam", "tamil", IN(TAMIL), NULL},
    {"tr", "turkish", "tur", "turkish", IN(LATIN), NULL},
    {"yi", "yiddish", "yid", "yiddish", IN(HEBREW), NULL},
    {"porter", "porter", "", "porter", IN(LATIN), NULL},
    {"aa", "afar", "aar", NULL, IN(LATIN), NULL},
    {"ab", "abkhazian", "abk", NULL, IN(CYRILLIC), NULL},
    {"ae", "avestan", "ave", NULL, 0, NULL},
    {"af", "afrikaans", "afr", NULL, IN(LATIN), NULL},
    {"ak", "akan", "aka", NULL, IN(LATIN), NULL},
    {"am", "amharic", "amh", NULL, 0, NULL},
    {"an", "aragonese", "arg", NULL, IN(LATIN), NULL},
    {"as", "assamese", "asm", NULL, 0, NULL},
    {"av", "avaric", "ava", NULL, IN(CYRILLIC), NULL},
    {"ay", "aymara", "aym", NULL, IN(LATIN), NULL},
    {"az", "azerbaijani", "aze", NULL, IN(LATIN) | IN(CYRILLIC), NULL},
    {"ba", "bashkir", "bak", NULL, IN(CYRILLIC), NULL},
    {"be", "belarusian", "bel", NULL, IN(CYRILLIC), NULL},
    {"bg", "bulgarian", "bul", NULL, IN(CYRILLIC), NULL},
    {"bi", "bislama", "bis", NULL, IN(LATIN), NULL},
    {"bm", "bambara", "bam", NULL, IN(LATIN), NULL},
    {"bn", "bengali", "ben", NULL, 0, NULL},
    {"bo", "tibetan", "bod", NULL, 0, NULL},
    {"br", "breton", "bre", NULL, IN(LATIN), NULL},
    {"bs", "bosnian", "bos", NULL, IN(LATIN) | IN(CYRILLIC), NULL},
    {"ce", "chechen", "che", NULL, IN(CYRILLIC), NULL},
    {"ch", "chamorro", "cha", NULL, IN(LATIN), NULL},
    {"co", "corsican", "cos", NULL, IN(LATIN), NULL},
    {"cr", "cree", "cre", NULL, 0, NULL},
    {"cs", "czech", "ces", NULL, IN(LATIN), NULL},
    {"cu", "slavonic", "chu", NULL, IN(CYRILLIC), NULL},
    {"cv", "chuvash", "chv", NULL, IN(CYRILLIC), NULL},
    {"cy", "welsh", "cym", NULL, IN(LATIN), NULL},
    {"dv", "divehi", "div", NULL, 0, NULL},
    {"dz", "dzongkha", "dzo", NULL, 0, NULL},
    {"ee", "ewe", "ewe", NULL, IN(LATIN), NULL},
    {"eo", "esperanto", "epo", NULL, IN(LATIN), NULL},
    {"et", "estonian", "est", NULL, IN(LATIN), NULL},
    {"fa", "persian", "fas", NULL, IN(ARABIC), NULL},
    {"ff", "fulah", "ful", NULL, IN(LATIN), NULL},
    {"fj", "fijian", "fij", NULL, IN(LATIN), NULL},
    {"fo", "faroese", "fao", NULL, IN(LATIN), NULL},
    {"fy", "frisian", "fry", NULL, IN(LATIN), NULL},
    {"gd", "gaelic", "gla", NULL, IN(LATIN), NULL},
    {"gl", "galician", "glg", NULL, IN(LATIN), NULL},
    {"gn", "guarani", "grn", NULL, IN(LATIN), NULL},
    {"gu", "gujarati", "guj", NULL, 0, NULL},
    {"gv", "manx", "glv", NULL, IN(LATIN), NULL},
    {"ha", "hausa", "hau", NULL, IN(LATIN) | IN(ARABIC), NULL},
    {"he", "hebrew", "heb", NULL, IN(HEBREW), NULL},
    {"ho", "hiri motu", "hmo", NULL, IN(LATIN), NULL},
    {"hr", "croatian", "hrv", NULL, IN(LATIN), NULL},
    {"ht", "haitian", "hat", NULL, IN(LATIN), NULL},
    {"hz", "herero", "her", NULL, IN(LATIN), NULL},
    {"ia", "interlingua", "ina", NULL, IN(LATIN), NULL},
    {"ie", "interlingue", "ile", NULL, IN(LATIN), NULL},
    {"ig", "igbo", "ibo", NULL, IN(LATIN), NULL},
    {"ii", "yi", "iii", NULL, 0, NULL},
    {"ik", "inupiaq", "ipk", NULL, IN(LATIN), NULL},
    {"io", "ido", "ido", NULL, IN(LATIN), NULL},
    {"is", "icelandic", "isl", NULL, IN(LATIN), NULL},
    {"iu", "inuktitut", "iku", NULL, IN(LATIN), NULL},
    {"ja", "japanese", "jpn", NULL, 0, NULL},
    {"jv", "javanese", "jav", NULL, IN(LATIN), NULL},
    {"ka", "georgian", "kat", NULL, 0, NULL},
    {"kg", "kongo", "kon", NULL, IN(LATIN), NULL},
    {"ki", "kikuyu", "kik", NULL, IN(LATIN), NULL},
    {"kj", "kuanyama", "kua", NULL, IN(LATIN), NULL},
    {"kk", "kazakh", "kaz", NULL, IN(CYRILLIC) | IN(LATIN) | IN(ARABIC), NULL},
    {"kl", "greenlandic", "kal", NULL, IN(LATIN), NULL},
    {"km", "khmer", "khm", NULL, 0, NULL},
    {"kn", "kannada", "kan", NULL, 0, NULL},
    {"ko", "korean", "kor", NULL, 0, NULL},
    {"kr", "kanuri", "kau", NULL, IN(LATIN), NULL},
    {"ks", "kashmiri", "kas", NULL, IN(ARABIC) | IN(DEVANAGARI), NULL},
    {"ku", "kurdish", "kur", NULL, IN(LATIN) | IN(ARABIC), NULL},
    {"kv", "komi", "kom", NULL, IN(CYRILLIC), NULL},
    {"kw", "cornish", "cor", NULL, IN(LATIN), NULL},
    {"ky", "kyrgyz", "kir", NULL, IN(CYRILLIC) | IN(ARABIC), NULL},
    {"la", "latin", "lat", NULL, IN(LATIN), NULL},
    {"lb", "luxembourgish", "ltz", NULL, IN(LATIN), NULL},
    {"lg", "ganda", "lug", NULL, IN(LATIN), NULL},
    {"li", "limburgish", "lim", NULL, IN(LATIN), NULL},
    {"ln", "lingala", "lin", NULL, IN(LATIN), NULL},
    {"lo", "lao", "lao", NULL, 0, NULL},
    {"lu", "luba", "lub", NULL, IN(LATIN), NULL},
    {"lv", "latvian", "lav", NULL, IN(LATIN), NULL},
    {"mg", "malagasy", "mlg", NULL, IN(LATIN), NULL},
    {"mh", "marshallese", "mah", NULL, IN(LATIN), NULL},
    {"mi", "maori", "mri", NULL, IN(LATIN), NULL},
    {"mk", "macedonian", "mkd", NULL, IN(CYRILLIC), NULL},
    {"ml", "malayalam", "mal", NULL, 0, NULL},
    {"mn", "mongolian", "mon", NULL, IN(CYRILLIC), NULL},
    {"mr", "marathi", "mar", NULL, IN(DEVANAGARI), NULL},
    {"ms", "malay", "msa", NULL, IN(LATIN) | IN(ARABIC), NULL},
    {"mt", "maltese", "mlt", NULL, IN(LATIN), NULL},
    {"my", "burmese", "mya", NULL, 0, NULL},
    {"na", "nauru", "nau", NULL, IN(LATIN), NULL},
    {"nd", "ndebele", "nde", NULL, IN(LATIN), NULL},
    {"ng", "ndonga", "ndo", NULL, IN(LATIN), NULL},
    {"nr", "south ndebele", "nbl", NULL, IN(LATIN), NULL},
    {"nv", "navajo", "nav", NULL, IN(LATIN), NULL},
    {"ny", "chichewa", "nya", NULL, IN(LATIN), NULL},
    {"oc", "occitan", "oci", NULL, IN(LATIN), NULL},
    {"oj", "ojibwa", "oji", NULL, IN(LATIN), NULL},
    {"om", "oromo", "orm", NULL, IN(LATIN), NULL},
    {"or", "odia", "ori", NULL, 0, NULL},
    {"os", "ossetian", "oss", NULL, IN(CYRILLIC), NULL},
    {"pa", "punjabi", "pan", NULL, IN(ARABIC), NULL},
    {"pi", "pali", "pli", NULL, IN(DEVANAGARI), NULL},
    {"pl", "polish", "pol", NULL, IN(LATIN), NULL},
    {"ps", "pashto", "pus", NULL, IN(ARABIC), NULL},
    {"qu", "quechua", "que", NULL, IN(LATIN), NULL},
    {"rm", "romansh", "roh", NULL, IN(LATIN), NULL},
    {"rn", "rundi", "run", NULL, IN(LATIN), NULL},
    {"rw", "kinyarwanda", "kin", NULL, IN(LATIN), NULL},
    {"sa", "sanskrit", "san", NULL, IN(DEVANAGARI), NULL},
    {"sc", "sardinian", "srd", NULL, IN(LATIN), NULL},
    {"sd", "sindhi", "snd", NULL, IN(ARABIC) | IN(DEVANAGARI), NULL},
    {"se", "sami", "sme", NULL, IN(LATIN), NULL},
    {"sg", "sango", "sag", NULL, IN(LATIN), NULL},
    {"si", "sinhala", "sin", NULL, 0, NULL},
    {"sk", "slovak", "slk", NULL, IN(LATIN), NULL},
    {"sl", "slovenian", "slv", NULL, IN(LATIN), NULL},
    {"sm", "samoan", "smo", NULL, IN(LATIN), NULL},
    {"sn", "shona", "sna", NULL, IN(LATIN), NULL},
    {"so", "somali", "som", NULL, IN(LATIN), NULL},
    {"sq", "albanian", "sqi", NULL, IN(LATIN), NULL},
    {"ss", "swati", "ssw", NULL, IN(LATIN), NULL},
    {"st", "sotho", "sot", NULL, IN(LATIN), NULL},
    {"su", "sundanese", "sun", NULL, IN(LATIN), NULL},
    {"sw", "swahili", "swa", NULL, IN(LATIN), NULL},
    {"te", "telugu", "tel", NULL, 0, NULL},
    {"tg", "tajik", "tgk", NULL, IN(CYRILLIC) | IN(ARABIC), NULL},
    {"th", "thai", "tha", NULL, 0, NULL},
    {"ti", "tigrinya", "tir", NULL, 0, NULL},
    {"tk", "turkmen", "tuk", NULL, IN(LATIN), NULL},
    {"tl", "tagalog", "tgl", NULL, IN(LATIN), NULL},
    {"tn", "tswana", "tsn", NULL, IN(LATIN), NULL},
    {"to", "tonga", "ton", NULL, IN(LATIN), NULL},
    {"ts", "tsonga", "tso", NULL, IN(LATIN), NULL},
    {"tt", "tatar", "tat", NULL, IN(CYRILLIC) | IN(LATIN), NULL},
    {"tw", "twi", "twi", NULL, IN(LATIN), NULL},
    {"ty", "tahitian", "tah", NULL, IN(LATIN), NULL},
    {"ug", "uyghur", "uig", NULL, IN(ARABIC), NULL},
    {"uk", "ukrainian", "ukr", NULL, IN(CYRILLIC), NULL},
    {"ur", "urdu", "urd", NULL, IN(ARABIC), NULL},
    {"uz", "uzbek", "uzb", NULL, IN(LATIN) | IN(CYRILLIC) | IN(ARABIC), NULL},
    {"ve", "venda", "ven", NULL, IN(LATIN), NULL},
    {"vi", "vietnamese", "vie", NULL, IN(LATIN), NULL},
    {"vo", "volapuk", "vol", NULL, IN(LATIN), NULL},
    {"wa", "walloon", "wln", NULL, IN(LATIN), NULL},
    {"wo", "wolof", "wol", NULL, IN(LATIN), NULL},
    {"xh", "xhosa", "xho", NULL, IN(LATIN), NULL},
    {"yo", "yoruba", "yor", NULL, IN(LATIN), NULL},
    {"za", "zhuang", "zha", NULL, IN(LATIN), NULL},
    {"zh", "chinese", "zho", NULL, 0, NULL},
    {"zu", "zulu", "zul", NULL, IN(LATIN), NULL},
};

static const struct language *get(language_id id)
{
    return &LANGUAGES[id < language_count() ? id : LANGUAGE_NONE];
}

size_t language_count(void)
{
    return sizeof LANGUAGES / sizeof *LANGUAGES;
}

static bool matches(struct slice name, const char *word)
{
    if (name.size == 0 || strlen(word) != name.size)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if (ascii_lower(name.data[i]) != (uint8_t)word[i])
            return false;
    return true;
}

static bool find_exactly(struct slice name, language_id *id)
{
    for (size_t i = 0; i < language_count(); i++) {
        const struct language *language = &LANGUAGES[i];

        if (matches(name, language->code) || matches(name, language->name) ||
            matches(name, language->code3)) {
            *id = (language_id)i;
            return true;
        }
    }
    return false;
}

static bool is_separator(uint8_t byte)
{
    return byte == '-' || byte == '_' || byte == '.' || byte == '@';
}

bool language_find(struct slice name, language_id *id)
{
    size_t size = 0;

    while (size < name.size && !is_separator(name.data[size]))
        size++;
    return find_exactly(slice_of(name.data, size), id);
}

const char *language_code(language_id id)
{
    return id < language_count() ? LANGUAGES[id].code : "?";
}

const char *language_stemmer(language_id id)
{
    return get(id)->stemmer;
}

const char *language_own_letters(language_id id)
{
    return get(id)->own_letters;
}

bool language_is_turkic(language_id id)
{
    return strcmp(get(id)->code, "tr") == 0 || strcmp(get(id)->code, "az") == 0;
}

language_id language_of_word(language_id id, unsigned script)
{
    /* Places in LANGUAGES: Greek, Russian, Armenian, Arabic, Hindi, Tamil. */
    static const language_id FOREIGN[SCRIPT_COUNT] = {
        [SCRIPT_GREEK] = 11, [SCRIPT_CYRILLIC] = 24,   [SCRIPT_ARMENIAN] = 3,
        [SCRIPT_ARABIC] = 2, [SCRIPT_DEVANAGARI] = 12, [SCRIPT_TAMIL] = 28};

    if (id == LANGUAGE_NONE || id >= language_count())
        return LANGUAGE_NONE;
    return LANGUAGES[id].scripts >> script & 1 ? id : FOREIGN[script];
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* What else depends on a language has a stemmer of its own: elisions, endings behind apostrophes.
 */
bool language_same_terms(language_id a, language_id b)
{
    if (a == b)
        return true;
    if (a == LANGUAGE_NONE || b == LANGUAGE_NONE)
        return false;
    return same_text(get(a)->stemmer, get(b)->stemmer) && get(a)->scripts == get(b)->scripts &&
           same_text(get(a)->own_letters, get(b)->own_letters) &&
           language_is_turkic(a) == language_is_turkic(b) && amount_same_reading(a, b);
}
