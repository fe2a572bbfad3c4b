/* snapshot_reader.h -- a process that holds a snapshot of an index until it is told to take
 * another, and asks each something before it goes. False: it failed. */
#ifndef TESTS_FAULT_SNAPSHOT_READER_H
#define TESTS_FAULT_SNAPSHOT_READER_H

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lede.h"

struct snapshot_reader {
    pid_t pid;
    int asked, answers; /* pipes: a byte to take a new snapshot, a byte once it is taken */
};

static inline void snapshot_reader_run(const char *path, int asked, int answers)
{
    struct lede_search_options options = {.count_only = true};
    char byte = 0;

    for (;;) {
        struct lede_results *results;
        struct lede_index *index;

        if (lede_index_open(&path, 1, &index, NULL) != LEDE_OK || write(answers, &byte, 1) != 1)
            _exit(1);
        if (read(asked, &byte, 1) != 1)
            _exit(0);
        if (lede_search(index, LEDE_STR("w1"), &options, &results, NULL) != LEDE_OK)
            _exit(2);
        lede_results_free(results);
        lede_index_close(index);
    }
}

static inline bool snapshot_reader_begin(struct snapshot_reader *reader, const char *path)
{
    int asked[2], answers[2];
    char byte;

    if (pipe(asked) != 0 || pipe(answers) != 0)
        return false;
    reader->pid = fork();
    if (reader->pid == 0) {
        close(asked[1]);
        close(answers[0]);
        snapshot_reader_run(path, asked[0], answers[1]);
    }
    close(asked[0]);
    close(answers[1]);
    reader->asked = asked[1];
    reader->answers = answers[0];
    return read(reader->answers, &byte, 1) == 1;
}

static inline bool snapshot_reader_renew(const struct snapshot_reader *reader)
{
    char byte = 0;

    return write(reader->asked, &byte, 1) == 1 && read(reader->answers, &byte, 1) == 1;
}

static inline void snapshot_reader_end(const struct snapshot_reader *reader)
{
    (void)kill(reader->pid, SIGKILL);
    (void)waitpid(reader->pid, NULL, 0);
    close(reader->asked);
    close(reader->answers);
}

#endif
