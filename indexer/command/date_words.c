#include "command/date_words.h"

#include "text/utf8.h"

/* Separated by blanks; a month in the forms that dates have, full and cut. */
static const char *const MONTHS[12] = {
    "january jan januar jänner januari janvier janv enero ene gennaio gen janeiro tammikuuta "
    "január "
    "ianuarie ian stycznia styczeń sty ledna leden led ocak января январь янв січня січ януари "
    "ιανουαρίου ιαν",
    "february feb februar februari février févr fév febrero febbraio fevereiro fev helmikuuta "
    "február "
    "februarie lutego luty února únor şubat февраля февраль фев февр лютого февруари φεβρουαρίου "
    "φεβ",
    "march mar märz mrz maart mars marzo março maaliskuuta március martie marca marzec března "
    "březen "
    "mart марта март мар березня бер μαρτίου μαρ",
    "april apr avril avr abril abr aprile huhtikuuta április aprilie kwietnia kwiecień dubna duben "
    "nisan апреля апрель апр квітня кві απριλίου απρ",
    "may mai mei maj mayo maggio mag maio toukokuuta május maja května květen mayıs мая май травня "
    "μαΐου μαϊ",
    "june jun juni juin junio giugno giu junho kesäkuuta június iunie iun czerwca czerwiec června "
    "červen haziran июня июнь июн червня юни ιουνίου ιουν",
    "july jul juli juillet juil julio luglio lug julho heinäkuuta július iulie iul lipca lipiec "
    "července červenec temmuz июля июль июл липня юли ιουλίου ιουλ",
    "august aug augustus augusti août agosto ago elokuuta augusztus sierpnia sierpień srpna srpen "
    "ağustos августа август авг серпня αυγούστου αυγ",
    "september sep sept septembre septiembre setiembre settembre set setembro syyskuuta szeptember "
    "septembrie września wrzesień září eylül сентября сентябрь сен сент вересня вер септември "
    "σεπτεμβρίου σεπ",
    "october oct oktober okt octobre octubre ottobre ott outubro out lokakuuta október octombrie "
    "października październik října říjen ekim октября октябрь окт жовтня октомври οκτωβρίου οκτ",
    "november nov novembre noviembre novembro marraskuuta noiembrie listopada listopad listopadu "
    "kasım ноября ноябрь ноя нояб листопада ноември νοεμβρίου νοε",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro desember "
    "joulukuuta decembrie grudnia grudzień prosince prosinec aralık декабря декабрь дек грудня "
    "декември δεκεμβρίου δεκ"};

static const struct {
    enum date_word_kind kind;
    uint32_t value;
    const char *words;
} OTHERS[] = {
    {DATE_WORD_WEEKDAY, 0,
     "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri "
     "sat sun montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr "
     "sa "
     "so lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes "
     "sábado domingo lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta "
     "quinta sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag "
     "onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag poniedziałek wtorek środa "
     "czwartek piątek sobota niedziela pondělí úterý středa čtvrtek pátek neděle pazartesi salı "
     "çarşamba perşembe cuma cumartesi pazar понедельник вторник среда четверг пятница суббота "
     "воскресенье"},
    {DATE_WORD_PUBLISHED, 0,
     "published posted veröffentlicht erschienen publiziert publié "
     "publiée posté publicado publicada pubblicato pubblicata gepubliceerd geplaatst publicerad "
     "publicerat publisert udgivet offentliggjort julkaistu megjelent közzétéve publicat "
     "opublikowano "
     "opublikowany zveřejněno publikováno vydáno yayınlanma yayınlandı опубликовано опубликована "
     "опубліковано публикувано δημοσιεύτηκε δημοσιεύθηκε"},
    {DATE_WORD_UPDATED, 0,
     "updated modified revised edited aktualisiert geändert jour modifié actualizado actualizada "
     "aggiornato aggiornata atualizado atualizada bijgewerkt gewijzigd uppdaterad oppdatert "
     "opdateret "
     "päivitetty frissítve actualizat zaktualizowano aktualizacja aktualizováno güncellenme "
     "güncellendi "
     "обновлено изменено оновлено"},
    {DATE_WORD_FILLER, DATE_FILLER_BEFORE,
     "on of the am le el la los las del de dal il lo em op om den d dnia first last online"},
    {DATE_WORD_FILLER, DATE_FILLER_TIME,
     "at pm gmt utc bst est edt cst cdt mst mdt pst pdt cet cest ist et pt um uhr alle à às as kl "
     "klo h "
     "hrs o w в t z r г р год года"},
    {DATE_WORD_FILLER, DATE_FILLER_CUT, "a p m"},
    {DATE_WORD_ORDINAL, 0, "st nd rd th er ª º"},
    {DATE_WORD_UNIT, 60,
     "minute minutes min mins minuten minuto minutos minuti minuut минуту минуты минут"},
    {DATE_WORD_UNIT, 3600,
     "hour hours hr stunde stunden heure heures hora horas ora ore uur час часа часов"},
    {DATE_WORD_UNIT, 86400,
     "day days tag tage tagen jours día días dia dias giorno giorni dag dagen день дня дней"},
    {DATE_WORD_AGO, 0, "vor hace fa há geleden назад"},
    {DATE_WORD_DAYS_BACK, 0, "today heute hoy oggi hoje vandaag idag сегодня"},
    {DATE_WORD_DAYS_BACK, 1, "yesterday gestern ayer ieri ontem gisteren igår вчера"},
};

/* Lower case, as far as words of dates need it. */
static uint32_t lower(uint32_t letter)
{
    bool odd_is_small = (letter >= 0x100 && letter < 0x138) || (letter >= 0x14a && letter < 0x178);
    bool even_is_small = (letter >= 0x139 && letter < 0x149) || (letter >= 0x179 && letter < 0x17f);

    if ((letter >= 'A' && letter <= 'Z') || (letter >= 0xc0 && letter <= 0xde && letter != 0xd7) ||
        (letter >= 0x391 && letter <= 0x3a9) || (letter >= 0x410 && letter <= 0x42f))
        return letter + 0x20;
    if (odd_is_small)
        return letter == 0x130 ? 'i' : letter | 1;
    if (even_is_small)
        return letter + letter % 2;
    return letter >= 0x400 && letter <= 0x40f ? letter + 0x50 : letter;
}

size_t date_word_fold(struct slice word, uint8_t folded[DATE_WORD_MOST])
{
    const uint8_t *at = word.data, *end = at + word.size;
    size_t size = 0;
    uint32_t letter;

    while (at < end) {
        at += utf8_decode(at, end, &letter);
        if (letter >= UTF8_INVALID || size + UTF8_MAX > DATE_WORD_MOST)
            return 0;
        size += utf8_encode(folded + size, lower(letter));
    }
    return size;
}

/* FNV-1a. */
static size_t slot_of(struct slice word)
{
    uint32_t hash = 2166136261;

    for (size_t i = 0; i < word.size; i++)
        hash = (hash ^ word.data[i]) * 16777619;
    return (hash ^ hash >> 15) % DATE_WORD_SLOTS;
}

/* The slot that has the word, or would have it. */
static size_t find(const struct date_words *words, struct slice word)
{
    size_t slot = slot_of(word);

    while (words->slots[slot].text &&
           !slice_equal(slice_of(words->slots[slot].text, words->slots[slot].size), word))
        slot = (slot + 1) % DATE_WORD_SLOTS;
    return slot;
}

/* Adds a list; a word that is there already stays what it is. */
static bool add_list(struct date_words *words, const char *list, struct date_word word)
{
    bool single = true;

    while (*list) {
        size_t size = strcspn(list, " "), slot = find(words, slice_of(list, size));

        if (!words->slots[slot].text) {
            words->slots[slot].text = list;
            words->slots[slot].size = size;
            words->slots[slot].word = word;
        } else if (word.kind == DATE_WORD_MONTH && words->slots[slot].word.value != word.value) {
            single = false;
        }
        list += size + (list[size] == ' ');
    }
    return single;
}

bool date_words_init(struct date_words *words)
{
    bool single = true;

    memset(words, 0, sizeof *words);
    for (uint32_t month = 1; month <= 12; month++)
        single &= add_list(words, MONTHS[month - 1], (struct date_word){DATE_WORD_MONTH, month});
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++)
        (void)add_list(words, OTHERS[i].words, (struct date_word){OTHERS[i].kind, OTHERS[i].value});
    return single;
}

struct date_word date_words_find(const struct date_words *words, struct slice folded)
{
    size_t slot = find(words, folded);

    return folded.size && words->slots[slot].text ? words->slots[slot].word
                                                  : (struct date_word){DATE_WORD_OTHER, 0};
}
