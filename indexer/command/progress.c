#include "command/progress.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static enum progress_style choose(enum progress_mode mode, bool quiet)
{
    const char *term = getenv("TERM");
    bool terminal = isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;

    if (mode == PROGRESS_JSON)
        return PROGRESS_OBJECTS;
    if (mode == PROGRESS_ALWAYS)
        return PROGRESS_BAR;
    if (mode == PROGRESS_NEVER || quiet)
        return PROGRESS_NONE;
    return terminal ? PROGRESS_BAR : PROGRESS_LINES;
}

void progress_begin(struct progress *progress, enum progress_mode mode, bool quiet, uint64_t total)
{
    int64_t time = now();

    *progress = (struct progress){
        .out = stderr, .style = choose(mode, quiet), .total = total, .began = time, .shown = time};
}

double progress_seconds(const struct progress *progress)
{
    return (double)(now() - progress->began) / 1e9;
}

static unsigned columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* " [=====     ] 50%, 0:12 left" of the given width, or as much as has a meaning. */
static void format_bar(char *text, size_t size, unsigned width, double share, double seconds)
{
    double left = share > 0 ? seconds / share - seconds : 0;
    unsigned long whole = left < 1e9 ? (unsigned long)left : 999999999;
    unsigned cells = width > 30 ? width - 30 : 0, full;
    char bar[64];

    if (cells > sizeof bar - 1)
        cells = sizeof bar - 1;
    full = (unsigned)(share * cells);
    memset(bar, ' ', cells);
    memset(bar, '=', full);
    bar[cells] = '\0';
    (void)snprintf(text, size, "%s%s%s %3.0f%%, %lu:%02lu:%02lu left", cells ? "  [" : "  ", bar,
                   cells ? "]" : "", share * 100, whole / 3600, whole / 60 % 60, whole % 60);
}

static void format_text(char *text, size_t size, enum progress_style style, unsigned width,
                        const struct progress_counts *counts, uint64_t total, double seconds)
{
    double megabytes = (double)counts->bytes / 1e6;
    double share = total ? (double)counts->bytes / (double)total : 0;
    int used = snprintf(text, size, "%llu files, %llu articles, %.1f MB, %.1f MB/s",
                        (unsigned long long)counts->files, (unsigned long long)counts->articles,
                        megabytes, seconds > 0 ? megabytes / seconds : 0);

    if (total && used > 0 && (size_t)used < size && (unsigned)used < width)
        format_bar(text + used, size - (size_t)used,
                   style == PROGRESS_BAR ? width - (unsigned)used : 0, share > 1 ? 1 : share,
                   seconds);
    if (style == PROGRESS_BAR && strlen(text) >= width)
        text[width > 0 ? width - 1 : 0] = '\0';
}

void progress_format(char *text, size_t size, enum progress_style style, unsigned width,
                     const struct progress_counts *counts, uint64_t total, double seconds,
                     bool done)
{
    if (style == PROGRESS_OBJECTS)
        (void)snprintf(text, size,
                       "{\"files\":%llu,\"articles\":%llu,\"bytes\":%llu,\"total\":%llu,"
                       "\"seconds\":%.3f,\"done\":%s}",
                       (unsigned long long)counts->files, (unsigned long long)counts->articles,
                       (unsigned long long)counts->bytes, (unsigned long long)total, seconds,
                       done ? "true" : "false");
    else
        format_text(text, size, style, width, counts, total, seconds);
}

static void show(struct progress *progress, const struct progress_counts *counts, bool done)
{
    char text[512];

    progress_format(text, sizeof text, progress->style, columns(), counts, progress->total,
                    progress_seconds(progress), done);
    if (progress->style == PROGRESS_BAR)
        (void)fprintf(progress->out, "\r%s\033[K", text);
    else
        (void)fprintf(progress->out, "%s\n", text);
    (void)fflush(progress->out);
    progress->drawn = progress->style == PROGRESS_BAR;
}

void progress_update(struct progress *progress, const struct progress_counts *counts)
{
    static const int64_t every[] = {[PROGRESS_NONE] = INT64_MAX,
                                    [PROGRESS_BAR] = 200000000,
                                    [PROGRESS_LINES] = 10000000000,
                                    [PROGRESS_OBJECTS] = 1000000000};
    int64_t time;

    if (progress->style == PROGRESS_NONE)
        return;
    time = now();
    if (time - progress->shown < every[progress->style])
        return;
    progress->shown = time;
    show(progress, counts, false);
}

void progress_clear(struct progress *progress)
{
    if (!progress->drawn)
        return;
    (void)fputs("\r\033[K", progress->out);
    (void)fflush(progress->out);
    progress->drawn = false;
}

void progress_end(struct progress *progress, const struct progress_counts *counts)
{
    progress_clear(progress);
    if (progress->style == PROGRESS_OBJECTS)
        show(progress, counts, true);
    progress->style = PROGRESS_NONE;
}
