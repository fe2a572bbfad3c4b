/* index_speed.c -- how fast the library indexes articles that are in memory already.
 *
 *     index_speed FILE.tsv DIRECTORY [JOBS] [nostore] [MEMORY in MiB] [REPEATS]
 *
 * Each line of FILE.tsv is id TAB title TAB text (no tabs in them; \n for newlines is not read).
 * Prints megabytes of title and text per second of wall time and of processor time, for adding
 * (which includes inverting) and for the commit. Run it under `taskset -c 0` for a core's figure.
 * DIRECTORY must not exist. Each of REPEATS rounds adds all articles under new ids. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "lede.h"

static double wall(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double processor(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void fail(const char *what, const char *text)
{
    fprintf(stderr, "index_speed: %s: %s\n", what, text);
    exit(1);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    char *data;
    long end = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        end = ftell(file);
    if (end < 0)
        fail(path, "cannot be read");
    rewind(file);
    data = malloc((size_t)end + 1);
    if (!data || fread(data, 1, (size_t)end, file) != (size_t)end)
        fail(path, "cannot be read");
    data[end] = '\0';
    (void)fclose(file);
    *size = (size_t)end;
    return data;
}

/* Adds the article of a line; returns the line behind it. */
static const char *add_line(struct lede_writer *writer, const char *line, const char *end,
                            unsigned round)
{
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    const char *title, *text;
    struct lede_error error;
    char id[300];

    stop = stop ? stop : end;
    title = memchr(line, '\t', (size_t)(stop - line));
    text = title ? memchr(title + 1, '\t', (size_t)(stop - title - 1)) : NULL;
    if (text) {
        int size = snprintf(id, sizeof id, "%u/%.*s", round, (int)(title - line), line);
        struct lede_article article = {.id = {id, (size_t)size},
                                       .title = {title + 1, (size_t)(text - title - 1)},
                                       .text = {text + 1, (size_t)(stop - text - 1)}};

        if (lede_writer_add(writer, &article, &error) != LEDE_OK)
            fail("add", error.text);
    }
    return stop < end ? stop + 1 : end;
}

int main(int argc, char **argv)
{
    struct lede_writer_options options = {.jobs = 1};
    struct lede_writer_totals totals;
    struct lede_writer *writer;
    struct lede_error error;
    struct rusage usage;
    double start, start_cpu, added, end, cpu;
    unsigned long rounds = 1;
    size_t size;
    char *data;

    if (argc < 3) {
        fprintf(stderr,
                "usage: index_speed FILE.tsv DIRECTORY [JOBS] [nostore|store] [MiB] [ROUNDS]\n");
        return 2;
    }
    data = read_file(argv[1], &size);
    options.jobs = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 1;
    options.no_store = argc > 4 && strcmp(argv[4], "nostore") == 0;
    options.memory = argc > 5 ? strtoul(argv[5], NULL, 10) << 20 : 0;
    rounds = argc > 6 ? strtoul(argv[6], NULL, 10) : 1;
    if (lede_writer_open(argv[2], &options, &writer, &error) != LEDE_OK)
        fail(argv[2], error.text);
    start = wall();
    start_cpu = processor();
    for (unsigned round = 0; round < rounds; round++)
        for (const char *line = data; line < data + size;)
            line = add_line(writer, line, data + size, round);
    added = wall();
    if (lede_writer_commit(writer, &error) != LEDE_OK)
        fail("commit", error.text);
    end = wall();
    cpu = processor() - start_cpu;
    lede_writer_totals(writer, &totals);
    lede_writer_close(writer);
    getrusage(RUSAGE_SELF, &usage);
    printf("%lu articles, %.1f MB: add %.2f s, commit %.2f s, %.1f MB/s (%.1f MB per processor "
           "second), peak %ld MiB with %zu MiB of input\n",
           totals.added, (double)totals.text_bytes * 1e-6, added - start, end - added,
           (double)totals.text_bytes * 1e-6 / (end - start), (double)totals.text_bytes * 1e-6 / cpu,
           usage.ru_maxrss / 1024, size >> 20);
    free(data);
    return 0;
}
