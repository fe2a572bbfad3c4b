#include "command/language_guess.h"

#include "command/script_languages.h"
#include "text/language.h"
#include "text/utf8.h"

/* ---- the sample ---- */

static struct slice beginning(struct slice text, size_t most)
{
    return slice_of(text.data, text.size < most ? text.size : most);
}

/* Equal parts of a text, an even number. The beginning of each is a piece: the first one's is the
 * text's beginning, the one half way its middle. The pieces, one behind the other, are a text of
 * the same pieces. */
static size_t part_count(struct slice text)
{
    size_t count = text.size / LANGUAGE_PIECE / 2 * 2;

    if (count > LANGUAGE_PIECES)
        return LANGUAGE_PIECES;
    return count > 2 ? count : 2;
}

/* Piece number i of part_count. Of a text of less than two, the second is what follows the first.
 */
static struct slice piece_of(struct slice text, size_t i)
{
    size_t part = text.size / part_count(text), at;

    at = i * (part > LANGUAGE_PIECE ? part : LANGUAGE_PIECE);
    at = at < text.size ? at : text.size;
    return beginning(slice_of(text.data + at, text.size - at), LANGUAGE_PIECE);
}

static struct slice middle(struct slice text)
{
    return piece_of(text, part_count(text) / 2);
}

void language_sample_take(struct language_sample *sample, struct slice text)
{
    sample->size = 0;
    for (size_t i = 0; i < part_count(text); i++) {
        struct slice piece = piece_of(text, i);

        if (piece.size > 0)
            memcpy(sample->bytes + sample->size, piece.data, piece.size);
        sample->size += piece.size;
    }
}

/* ---- CLD2 ---- */

/* CLD2 has an interface for C++ alone; these are two functions of it as a linker knows them, with
 * the types of their arguments in their names (enum Language is an int):
 *     Language CLD2::ExtDetectLanguageSummary(const char *buffer, int length, bool is_plain_text,
 *         Language *language3, int *percent3, int *text_bytes, bool *is_reliable);
 *     const char *CLD2::LanguageCode(Language);
 * The text has to be UTF-8 without control characters. */
int cld2_summary(
    const char *buffer, int length, bool is_plain_text, int *language3, int *percent3,
    int *text_bytes,
    bool *is_reliable) __asm__("_ZN4CLD224ExtDetectLanguageSummaryEPKcibPNS_8LanguageEPiS4_Pb");
const char *cld2_code(int language) __asm__("_ZN4CLD212LanguageCodeENS_8LanguageE");

enum { SAMPLE_MOST = 3 * LANGUAGE_PIECE + 3 };

struct cld2_text {
    char bytes[SAMPLE_MOST + UTF8_MAX];
    int size;
};

/* True if CLD2 takes it for a character, and not for a sign that the text is none. */
static bool is_sound(uint32_t character)
{
    return character >= 0x20 && (character < 0x7f || character >= 0xa0) &&
           character < UTF8_INVALID && (character & 0xfffe) != 0xfffe &&
           (character < 0xfdd0 || character > 0xfdef);
}

/* Appends a piece and a blank; what is no sound UTF-8, at its ends too, is a blank. */
static void put_piece(struct cld2_text *text, struct slice piece)
{
    for (size_t at = 0, size; at < piece.size; at += size) {
        uint32_t character;

        size = utf8_decode(piece.data + at, piece.data + piece.size, &character);

        if (is_sound(character)) {
            memcpy(text->bytes + text->size, piece.data + at, size);
            text->size += (int)size;
        } else {
            text->bytes[text->size++] = ' ';
        }
    }
    text->bytes[text->size++] = ' ';
}

/* A code of CLD2's, of which some are older than ours. */
static bool find_language(const char *code, language_id *language)
{
    static const char *const renamed[][2] = {{"iw", "he"}, {"jw", "jv"}};

    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (strcmp(renamed[i][0], code) == 0)
            code = renamed[i][1];
    return language_find(slice_str(code), language) && *language != LANGUAGE_NONE;
}

static bool detect(const struct slice pieces[3], language_id *language)
{
    struct cld2_text text = {.size = 0};
    int found, languages[3], percents[3], letters;
    bool reliable;

    for (size_t i = 0; i < 3; i++)
        put_piece(&text, pieces[i]);
    found = cld2_summary(text.bytes, text.size, true, languages, percents, &letters, &reliable);
    return reliable && found == languages[0] && percents[0] > 50 &&
           find_language(cld2_code(found), language);
}

/* ---- both ---- */

enum {
    SHORT_PIECE = 128,         /* bytes: too few for common words to show */
    SIGN_BYTES = 2,            /* no ASCII: what a piece may have without a word of other letters */
    WHOLE = 4 * LANGUAGE_PIECE /* bytes: a text of two parts is shorter */
};

/* Bytes of letters (with a few signs that share a bit with them), and those that are no ASCII. */
struct kinds {
    size_t letters, other;
};

/* The sum of eight bytes. */
static size_t sum_of(uint64_t bytes)
{
    uint64_t pairs = (bytes & 0x00ff00ff00ff00ff) + (bytes >> 8 & 0x00ff00ff00ff00ff);

    return pairs * 0x0001000100010001 >> 48;
}

/* Counts eight bytes at once, each in a byte of its own. */
static void count_kinds(struct slice piece, struct kinds *kinds)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t letters = 0, other = 0;

    _Static_assert(LANGUAGE_PIECE / 8 <= UINT8_MAX, "a byte counts that many");
    for (size_t at = 0; at + 8 <= piece.size; at += 8) {
        uint64_t bytes = load_le64(piece.data + at), high = bytes >> 7 & ones;

        other += high;
        letters += (bytes >> 6 & ones) | high;
    }
    kinds->other += sum_of(other);
    kinds->letters += sum_of(letters);
}

static bool is_ascii_but_for_signs(struct slice piece)
{
    struct kinds kinds = {0, 0};

    count_kinds(piece, &kinds);
    return kinds.other <= SIGN_BYTES;
}

/* The language whose common words show in so many pieces of the text, and no other in those that
 * are looked at: *count pieces have shown *language before. */
static bool others_show(const struct language_guesser *guesser, struct slice text, size_t wanted,
                        size_t *count, language_id *language)
{
    size_t parts = part_count(text);

    for (size_t i = 1; i < parts && *count < wanted; i++) {
        language_id shown;

        if (i == parts / 2 || !common_words_show(&guesser->common, piece_of(text, i), &shown))
            continue;
        if (*count > 0 && shown != *language)
            return false;
        *language = shown;
        ++*count;
    }
    return *count >= wanted;
}

/* The language whose common words show in two pieces of the text. These are its beginning and, if
 * there is enough of it, its middle; one of which, or both, may show nothing, as in names or code.
 * Then the other pieces are looked at; if there are none, one is enough, or all of the text. Where
 * a piece that shows nothing is not all ASCII, it may be of a language that is not in the table:
 * then more than half of all pieces have to show one. */
static bool common_show(const struct language_guesser *guesser, struct slice text,
                        language_id *language)
{
    struct slice pieces[2] = {beginning(text, LANGUAGE_PIECE), middle(text)};
    size_t parts = part_count(text), count = 0, wanted = parts == 2 ? 1 : 2;
    language_id shown[2];

    if (pieces[1].size < SHORT_PIECE)
        return common_words_show(&guesser->common, pieces[0], language);
    for (size_t i = 0; i < 2; i++)
        if (common_words_show(&guesser->common, pieces[i], &shown[count]))
            count++;
        else if (!is_ascii_but_for_signs(pieces[i]))
            wanted = parts / 2 + 1;
    if (count == 2 && shown[0] != shown[1])
        return false;
    if (count < wanted && parts == 2)
        return wanted == 1 && common_words_show(&guesser->common, beginning(text, WHOLE), language);
    if (count < wanted && !others_show(guesser, text, wanted, &count, shown))
        return false;
    *language = shown[0];
    return true;
}

static bool script_shows(const struct slice pieces[3], language_id *language)
{
    struct script_count count = {.letters = 0};

    for (size_t i = 0; i < 3; i++)
        script_count_add(&count, pieces[i]);
    return script_count_show(&count, language);
}

void language_guesser_init(struct language_guesser *guesser)
{
    common_words_init(&guesser->common);
}

bool language_guess(const struct language_guesser *guesser, struct slice title, struct slice text,
                    language_id *language)
{
    const struct slice pieces[3] = {middle(text), beginning(text, LANGUAGE_PIECE),
                                    beginning(title, LANGUAGE_PIECE)};
    struct kinds kinds = {0, 0};
    size_t size = 0;

    for (size_t i = 0; i < 3; i++) {
        count_kinds(pieces[i], &kinds);
        size += pieces[i].size;
    }
    if (kinds.letters < LANGUAGE_LEAST || kinds.letters * 3 < size * 2)
        return false;
    /* In the Latin alphabet hardly one byte in eight is no ASCII. */
    if (kinds.other <= kinds.letters / 8 ? common_show(guesser, text, language)
                                         : script_shows(pieces, language))
        return true;
    return detect(pieces, language);
}
