/* analyze_speed.c -- how fast text becomes terms, on one core.
 *
 *     analyze_speed                    every $LEDE_DATA/text/NAME.jsonl.gz, in its language
 *     analyze_speed LANGUAGE FILE...   plain text files
 *
 * Prints the median of RUNS passes over the whole input, each with an analyzer that has been
 * over it once, and the first pass, with an empty cache. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cpu.h"
#include "text/analyzer.h"
#include "text/language.h"

enum { RUNS = 7, PIECE = 4096 };

struct measured {
    double first, median; /* seconds */
    size_t tokens;
    uint64_t hash; /* over all tokens: the same on every machine and path */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* of this core: others may use it, too */
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* One pass in pieces of about an article's size, cut behind a newline. */
static size_t pass(struct analyzer *analyzer, struct slice text, language_id language,
                   uint64_t *hash)
{
    struct token tokens[TOKEN_BATCH];
    size_t count, total = 0;

    *hash = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = text.size - at < PIECE ? text.size - at : PIECE;

        while (at + size < text.size && text.data[at + size - 1] != '\n')
            size++;
        analyzer_start(analyzer, slice_of(text.data + at, size), language, 0);
        while ((count = analyzer_next(analyzer, tokens, TOKEN_BATCH)) > 0) {
            total += count;
            for (size_t i = 0; i < count; i++)
                *hash = *hash * 0x9e3779b97f4a7c15u + tokens[i].offset + tokens[i].term.size +
                        tokens[i].term.data[0];
        }
        at += size;
    }
    return total;
}

static bool measure(struct slice text, language_id language, struct measured *out)
{
    static const struct analyzer_settings SETTINGS;
    struct analyzer *analyzer;
    double times[RUNS];

    if (analyzer_new(&SETTINGS, NULL, &analyzer, NULL) != LEDE_OK)
        return false;
    out->first = now();
    out->tokens = pass(analyzer, text, language, &out->hash);
    out->first = now() - out->first;
    for (int i = 0; i < RUNS; i++) {
        times[i] = now();
        (void)pass(analyzer, text, language, &out->hash);
        times[i] = now() - times[i];
    }
    qsort(times, RUNS, sizeof *times, compare_doubles);
    out->median = times[RUNS / 2];
    analyzer_free(analyzer);
    return true;
}

static bool read_all(FILE *file, struct buffer *out)
{
    size_t got;

    do {
        uint8_t *room = buffer_room(out, 1 << 16);

        if (!room)
            return false;
        got = fread(room, 1, 1 << 16, file);
        out->size += got;
    } while (got > 0);
    return !ferror(file);
}

static void report(const char *name, const char *language, struct slice text)
{
    struct measured m;
    language_id id;

    if (!language_find(slice_str(language), &id) || !measure(text, id, &m)) {
        fprintf(stderr, "analyze_speed: %s: cannot analyse as %s\n", name, language);
        exit(1);
    }
    printf("%-28s %-5s %8.1f MB %8.1f MB/s %7.1f M tokens/s   first pass %7.1f MB/s   %016llx\n",
           name, language, (double)text.size / 1e6, (double)text.size / 1e6 / m.median,
           (double)m.tokens / 1e6 / m.median, (double)text.size / 1e6 / m.first,
           (unsigned long long)m.hash);
}

static void report_command(const char *name, const char *language, const char *command)
{
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): our own command line */
    struct buffer text;

    buffer_init(&text, NULL);
    if (!pipe || !read_all(pipe, &text)) {
        fprintf(stderr, "analyze_speed: %s: cannot read\n", name);
        exit(1);
    }
    pclose(pipe);
    if (text.size)
        report(name, language, buffer_bytes(&text));
    buffer_done(&text);
}

/* The texts of a collection, without its JSON. */
static void report_collection(const char *name, const char *language)
{
    char command[512];

    snprintf(
        command, sizeof command,
        "python3 -c 'import gzip,json,os,sys\n"
        "path=os.environ[\"LEDE_DATA\"]+\"/text/%s.jsonl.gz\"\n"
        "for line in gzip.open(path) if os.path.exists(path) else []:\n"
        "  article=json.loads(line)\n"
        "  "
        "sys.stdout.buffer.write((article[\"title\"]+\"\\n\"+article[\"text\"]+\"\\n\").encode())'",
        name);
    report_command(name, language, command);
}

int main(int argc, char **argv)
{
    static const char *const COLLECTIONS[][2] = {
        {"reuters21578", "en"}, {"bbc", "en"},       {"lohelp_de", "de"},    {"lohelp_fr", "fr"},
        {"lohelp_ru", "ru"},    {"lohelp_hi", "hi"}, {"lohelp_zh-cn", "zh"}, {"lohelp_ja", "ja"}};

    if (argc < 3 && !getenv("LEDE_DATA")) {
        puts("skipped: LEDE_DATA is not set (a directory that holds text/NAME.jsonl.gz)");
        return 0;
    }
    printf("cpu: %s\n", cpu_level_name(cpu_level()));
    if (argc < 3)
        for (size_t i = 0; i < sizeof COLLECTIONS / sizeof *COLLECTIONS; i++)
            report_collection(COLLECTIONS[i][0], COLLECTIONS[i][1]);
    for (int i = 2; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        struct buffer text;

        buffer_init(&text, NULL);
        if (!file || !read_all(file, &text)) {
            fprintf(stderr, "analyze_speed: %s: cannot read\n", argv[i]);
            return 1;
        }
        fclose(file);
        report(argv[i], argv[1], buffer_bytes(&text));
        buffer_done(&text);
    }
    return 0;
}
