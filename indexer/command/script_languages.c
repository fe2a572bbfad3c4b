#include "command/script_languages.h"

#include "text/language.h"
#include "text/utf8.h"

static void count_cyrillic(struct script_count *count, uint32_t letter)
{
    uint32_t small = letter >= 0x410 && letter < 0x430 ? letter + 0x20 : letter;
    bool russian = (small >= 0x430 && small < 0x450) || letter == 0x401 || letter == 0x451;

    count->russian += russian;
    count->other_cyrillic += !russian;
    count->yeru += small == 0x44b || small == 0x44d;
}

static void count_letter(struct script_count *count, uint32_t letter)
{
    count->letters++;
    if (letter >= 0x400 && letter < 0x530)
        count_cyrillic(count, letter);
    else if (letter >= 0x370 && letter < 0x400)
        count->greek++;
    else if (letter >= 0xe00 && letter < 0xe80)
        count->thai++;
    else if (letter >= 0x3041 && letter < 0x3100)
        count->kana++;
    else if (letter >= 0x3400 && letter < 0xa000)
        count->han++;
    else if (letter >= 0xac00 && letter < 0xd7a4)
        count->hangul++;
}

void script_count_add(struct script_count *count, struct slice piece)
{
    uint32_t letter;

    for (size_t at = 0; at < piece.size;) {
        at += utf8_decode(piece.data + at, piece.data + piece.size, &letter);
        if (letter >= 0xaa && letter < UTF8_INVALID && (letter < 0x2000 || letter > 0x303f))
            count_letter(count, letter);
        else
            count->letters += (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
    }
}

static bool is_most(const struct script_count *count, size_t of)
{
    return of >= SCRIPT_LEAST && 2 * of > count->letters;
}

bool script_count_show(const struct script_count *count, language_id *language)
{
    size_t east = count->han + count->kana;
    const char *code = NULL;

    if (is_most(count, count->hangul))
        code = "ko";
    else if (is_most(count, count->thai))
        code = "th";
    else if (is_most(count, count->greek))
        code = "el";
    else if (is_most(count, east) && 8 * count->kana >= east)
        code = "ja";
    else if (is_most(count, east) && count->kana == 0)
        code = "zh";
    else if (is_most(count, count->russian) && 100 * count->yeru >= count->russian &&
             count->other_cyrillic == 0)
        code = "ru";
    return code && language_find(slice_str(code), language);
}
