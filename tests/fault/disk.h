/* disk.h -- what a power cut may leave of files whose writing shim.so journaled.
 *
 * What was synced is there. Of the writes since a file's last sync any may be missing, in any
 * order, or be there in part, by sectors of 512 bytes; a write through O_DSYNC is there once it
 * returned. Names (files made, renamed, removed, directories made) come in order, as file systems
 * with a journal see to, and are sure only once their directory was synced. */
#ifndef TESTS_FAULT_DISK_H
#define TESTS_FAULT_DISK_H

#include "tests/fault/shim.h"
#include "tests/index/dice.h"

struct journal {
    char *bytes;
    const struct shim_record **records;
    size_t count;
};

void journal_read(struct journal *journal, const char *path);
void journal_done(struct journal *journal);

/* Appends a record that says: acknowledged up to one state, and begun what leads to another. */
void journal_mark(const char *path, unsigned acknowledged, unsigned begun);

enum loss { LOSS_ALL, LOSS_NONE, LOSS_TAIL, LOSS_WRITES, LOSS_SECTORS, LOSS_ONE_LEFT, LOSS_KINDS };

/* Makes in directory what a cut behind the first records may leave: its made/index. The marks then:
 * *acknowledged and *begun. */
void disk_make(const struct journal *journal, size_t records, enum loss loss, struct dice *dice,
               const char *directory, unsigned *acknowledged, unsigned *begun);

#endif
