#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "indexer/command/language_guess.h"
#include "tests/index/dice.h"
#include "text/language.h"

static struct language_guesser guesser;

static void init(void)
{
    language_guesser_init(&guesser);
}

TestSuite(language_guess, .init = init);

static const char *guess(const char *title, const char *text)
{
    language_id language;

    return language_guess(&guesser, slice_str(title), slice_str(text), &language)
               ? language_code(language)
               : "?";
}

static const struct {
    const char *code, *text;
} TEXTS[] = {
    {"en",
     "The harbour is open again since yesterday morning. Twelve ships are waiting in the roads, "
     "and the pilots have more to do than in any week of last winter."},
    {"de",
     "Der Hafen ist seit gestern früh wieder offen. Zwölf Schiffe liegen auf der Reede, und die "
     "Lotsen haben mehr zu tun als in jeder Woche des letzten Winters."},
    {"fr",
     "Le port est de nouveau ouvert depuis hier matin. Douze navires attendent dans la rade, et "
     "les pilotes ont plus de travail que pendant toutes les semaines de l’hiver."},
    {"es",
     "El puerto está abierto de nuevo desde ayer por la mañana. Doce barcos esperan en la bahía "
     "y los prácticos tienen más trabajo que en cualquier semana del invierno."},
    {"it",
     "Il porto è di nuovo aperto da ieri mattina. Dodici navi aspettano nella rada, e i piloti "
     "hanno più lavoro che in qualsiasi settimana dell’inverno passato."},
    {"pt", "O porto está aberto outra vez desde ontem de manhã. Doze navios esperam ao largo, e os "
           "pilotos têm mais trabalho do que em qualquer semana do inverno passado."},
    {"nl",
     "De haven is sinds gisteren weer open. Twaalf schepen liggen te wachten op de rede, en de "
     "loodsen hebben meer te doen dan in welke week van de winter dan ook."},
    {"sv", "Hamnen är öppen igen sedan i går morse. Tolv fartyg väntar på redden, och lotsarna har "
           "mer att göra än under någon annan vecka i vintras."},
    {"fi", "Satama on ollut taas auki eilisaamusta lähtien. Kaksitoista laivaa odottaa ulkona, ja "
           "luotseilla on enemmän tekemistä kuin yhdelläkään viikolla viime talvena."},
    {"hu",
     "A kikötő tegnap reggel óta ismét nyitva van. Tizenkét hajó várakozik a nyílt vízen, és a "
     "révkalauzoknak több dolguk van, mint a tél bármelyik hetében."},
    {"pl",
     "Port jest znowu otwarty od wczorajszego ranka. Dwanaście statków czeka na redzie, a piloci "
     "mają więcej pracy niż w którymkolwiek tygodniu zeszłej zimy."},
    {"cs",
     "Přístav je od včerejšího rána znovu otevřen. Dvanáct lodí čeká na rejdě a lodivodi mají "
     "více práce než v kterémkoli týdnu minulé zimy."},
    {"tr",
     "Liman dün sabahtan beri yeniden açık. On iki gemi açıkta bekliyor ve kılavuzların geçen "
     "kışın herhangi bir haftasından daha çok işi var."},
    {"ru",
     "Гавань снова открыта со вчерашнего утра. Двенадцать кораблей ждут на рейде, и у лоцманов "
     "больше работы, чем в любую неделю прошлой зимы."},
    {"uk",
     "Гавань знову відкрита з учорашнього ранку. Дванадцять кораблів чекають на рейді, і лоцмани "
     "мають більше роботи, ніж у будь-який тиждень минулої зими."},
    {"bg", "Пристанището отново е отворено от вчера сутринта. Дванадесет кораба чакат на рейд, а "
           "лоцманите имат повече работа, отколкото през която и да е седмица миналата зима."},
    {"el",
     "Το λιμάνι είναι πάλι ανοιχτό από χθες το πρωί. Δώδεκα πλοία περιμένουν στα ανοιχτά, και οι "
     "πλοηγοί έχουν περισσότερη δουλειά από κάθε άλλη εβδομάδα του χειμώνα."},
    {"he", "הנמל פתוח שוב מאתמול בבוקר. שתים עשרה אוניות מחכות מחוץ לנמל, ולנווטים יש יותר עבודה "
           "מאשר בכל שבוע אחר בחורף שעבר."},
    {"ar", "الميناء مفتوح من جديد منذ صباح أمس. تنتظر اثنتا عشرة سفينة في عرض البحر، ولدى المرشدين "
           "عمل أكثر من أي أسبوع آخر في الشتاء الماضي."},
    {"hi", "बंदरगाह कल सुबह से फिर खुला है। बारह जहाज़ बाहर इंतज़ार कर रहे हैं, और चालकों के पास पिछली सर्दियों के "
           "किसी भी सप्ताह से "
           "अधिक काम है।"},
    {"ja", "港は昨日の朝からまた開いています。十二隻の船が沖で待っていて、水先人は去年の冬のどの週"
           "よりも忙しく"
           "働いています。天気はまだ良くなりません。"},
    {"zh", "港口从昨天早上起重新开放。十二艘船在外海等候，领航员的工作比去年冬天任何一个星期都多。"
           "港务局说，天气还没有好转，船只还要再等两三天。"},
    {"ko", "항구는 어제 아침부터 다시 열렸다. 배 열두 척이 앞바다에서 기다리고 있으며 도선사들은 "
           "지난겨울의 "
           "어느 주보다도 할 일이 많다. 날씨는 아직 좋아지지 않았다."},
    {"th",
     "ท่าเรือเปิดอีกครั้งตั้งแต่เช้าวานนี้ เรือสิบสองลำกำลังรออยู่ข้างนอก และคนนำร่องมีงานมากกว่าสัปดาห์ใดในฤดูหนาวที่แล้ว"},
};

Test(language_guess, a_paragraph_shows_its_language)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        cr_expect_str_eq(guess("", TEXTS[i].text), TEXTS[i].code, "%s: %s", TEXTS[i].code,
                         guess("", TEXTS[i].text));
        cr_expect_str_eq(guess(TEXTS[i].text, ""), TEXTS[i].code, "as a title: %s", TEXTS[i].code);
    }
}

Test(language_guess, danish_and_norwegian_are_near_and_apart)
{
    cr_expect_str_eq(
        guess("", "Havnen har været åben igen siden i går morges. Tolv skibe venter ude på "
                  "reden, og lodserne har mere at lave end i nogen uge af sidste vinter, "
                  "selv om vejret endnu ikke er blevet bedre."),
        "da");
    cr_expect_str_eq(
        guess("", "Havna har vært åpen igjen siden i går morges. Tolv skip venter ute på "
                  "reden, og losene har mer å gjøre enn i noen uke av forrige vinter, selv "
                  "om været ennå ikke har blitt bedre."),
        "no");
}

Test(language_guess, nothing_is_said_of_a_few_words)
{
    cr_expect_str_eq(guess("", ""), "?");
    cr_expect_str_eq(guess("Der Hafen ist wieder offen", ""), "?");
    cr_expect_str_eq(guess("", "The harbour is open and the ships are in it."), "?");
    cr_expect_str_eq(guess("",
                           "1987 12.5 18.75 2,000,000 -3.5 44 87 12.5 18.75 2,000,000 -3.5 44 87 "
                           "12.5 18.75 2,000,000 -3.5 44 87 12.5 18.75 2,000,000 -3.5"),
                     "?");
}

/* Repeats two texts, one behind the other, as a page does that has a menu in another language. */
static void put(char *out, size_t size, const char *first, int first_times, const char *second,
                int second_times)
{
    size_t used = 0;

    while (first_times-- > 0)
        used += (size_t)snprintf(out + used, size - used, "%s ", first);
    while (second_times-- > 0)
        used += (size_t)snprintf(out + used, size - used, "%s ", second);
}

Test(language_guess, the_middle_counts_as_much_as_the_beginning)
{
    char text[16384];

    put(text, sizeof text, TEXTS[0].text, 1, TEXTS[1].text, 20);
    cr_expect_str_neq(guess("", text), "en");
    put(text, sizeof text, TEXTS[0].text, 4, TEXTS[1].text, 4);
    cr_expect_str_neq(guess("", text), "fr");
    put(text, sizeof text, TEXTS[13].text, 1, TEXTS[13].text, 20);
    cr_expect_str_eq(guess("", text), "ru");
}

Test(language_guess, what_is_not_clear_leaves_the_language_as_it_is)
{
    size_t count = sizeof TEXTS / sizeof TEXTS[0], unclear = 0;

    for (size_t i = 0; i < count * count; i++) {
        char text[4096];
        language_id language = 77;

        put(text, sizeof text, TEXTS[i / count].text, 2, TEXTS[i % count].text, 2);
        if (language_guess(&guesser, slice_of(NULL, 0), slice_str(text), &language))
            continue;
        cr_expect_eq(language, 77, "%s, %s", TEXTS[i / count].code, TEXTS[i % count].code);
        unclear++;
    }
    cr_expect_gt(unclear, 0);
}

Test(language_guess, what_is_no_utf8_or_no_text_is_passed_over)
{
    char text[2048];
    size_t size = (size_t)snprintf(text, sizeof text, "\xff\xfe\x01\x02 %s \xe4\xf6\xfc \x1b[31m",
                                   TEXTS[9].text);
    language_id language;

    cr_assert(language_guess(&guesser, slice_of(NULL, 0), slice_of(text, size), &language));
    cr_expect_str_eq(language_code(language), "hu");
}

Test(language_guess, pieces_are_cut_anywhere)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        for (size_t shift = 0; shift < 16; shift++) {
            char text[16384];
            size_t size = 0;

            while (size < 1200)
                size +=
                    (size_t)snprintf(text + size, sizeof text - size, "%.*s%s ",
                                     size == 0 ? (int)shift : 0, "................", TEXTS[i].text);
            cr_expect_str_eq(guess("", text), TEXTS[i].code, "%s, %zu", TEXTS[i].code, shift);
        }
}

Test(language_guess, a_sample_of_a_text_is_as_good_as_the_text)
{
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        struct language_sample sample;
        char text[16384];
        language_id language = LANGUAGE_NONE;

        put(text, sizeof text, TEXTS[i].text, 20, "", 0);
        language_sample_take(&sample, slice_str(text));
        cr_expect(language_guess(&guesser, slice_of(NULL, 0), slice_of(sample.bytes, sample.size),
                                 &language));
        cr_expect_str_eq(language_code(language), TEXTS[i].code);
    }
}

/* Texts whose pieces are of several kinds: the sample has to tell what the text tells. */
Test(language_guess, a_sample_of_any_text_is_as_good)
{
    struct dice dice = dice_begin();
    size_t told = 0;

    for (int round = 0; round < 2000; round++) {
        struct language_sample sample;
        char text[8192];
        size_t size = 0, most = dice_below(&dice, sizeof text);
        language_id of_text = LANGUAGE_NONE, of_sample = LANGUAGE_NONE;

        while (size < most) {
            const char *part = dice_below(&dice, 3)
                                   ? "const name = list.map(item => item.name); "
                                   : TEXTS[dice_below(&dice, sizeof TEXTS / sizeof TEXTS[0])].text;
            size_t part_size = strlen(part);

            part_size = part_size < most - size ? part_size : most - size;
            memcpy(text + size, part, part_size);
            size += part_size;
        }
        language_sample_take(&sample, slice_of(text, size));
        cr_assert_eq(language_guess(&guesser, slice_of(NULL, 0), slice_of(text, size), &of_text),
                     language_guess(&guesser, slice_of(NULL, 0),
                                    slice_of(sample.bytes, sample.size), &of_sample));
        cr_assert_eq(of_text, of_sample);
        told += of_text != LANGUAGE_NONE;
    }
    cr_assert_gt(told, 100);
    dice_end();
}

Test(language_guess, any_bytes_have_a_language_of_the_table_or_none)
{
    struct dice dice = dice_begin();
    uint8_t bytes[2000];

    for (int round = 0; round < 2000; round++) {
        size_t size = dice_below(&dice, sizeof bytes), title = dice_below(&dice, 200);
        language_id first = LANGUAGE_NONE, again = LANGUAGE_NONE;
        bool shows;

        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)(dice_below(&dice, 3) ? 'a' + dice_below(&dice, 26)
                                                      : dice_below(&dice, 256));
        title = title < size ? title : size;
        shows = language_guess(&guesser, slice_of(bytes, title), slice_of(bytes, size), &first);
        cr_assert_eq(shows, first != LANGUAGE_NONE);
        cr_assert_lt(first, language_count());
        (void)language_guess(&guesser, slice_of(bytes, title), slice_of(bytes, size), &again);
        cr_assert_eq(first, again);
    }
    dice_end();
}
