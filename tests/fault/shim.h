/* shim.h -- what shim.so, preloaded into a program, does to its calls of the system.
 *
 * It is told by the environment:
 *     LEDE_SHIM_FAIL     KIND:N:HOW[:ERRNO], the N-th call (from 1) of a kind fails, with HOW
 *                            once   that call alone       ever   it and all that follow
 *                            kill   SIGKILL instead of the call
 *                            tear   SIGKILL in the middle of the write
 *                        KIND: malloc, write, sync, open, read, map. Calls are those of all threads
 *                        once main is near; what libc does inside itself, and standard error, are
 *                        left alone. ERRNO: a number; EIO without it, ENOMEM of malloc and map.
 *     LEDE_SHIM_SPACE    bytes that may be written below LEDE_SHIM_UNDER; what passes them comes
 *                        out short, then fails with ENOSPC, and statvfs says that nothing is free
 *     LEDE_SHIM_UNDER    files whose path begins so are journaled and have little space
 *     LEDE_SHIM_JOURNAL  file to append what is done to them to: records as below
 *     LEDE_SHIM_NOSYNC   nothing is synced: neither by fsync and its like nor by O_DSYNC
 *     LEDE_SHIM_NO_READER_CHECK
 *                        mdb_reader_check finds no dead reader
 *     LEDE_SHIM_MEMORY   bytes that may be mapped beside what is when main is near
 *     LEDE_SHIM_COUNTS   file to write at the end: calls of each kind, in the order above, a line
 *     LEDE_SHIM_ALARM    seconds after which SIGALRM ends the program: it hangs */
#ifndef TESTS_FAULT_SHIM_H
#define TESTS_FAULT_SHIM_H

#include <stdint.h>

enum shim_kind { SHIM_MALLOC, SHIM_WRITE, SHIM_SYNC, SHIM_OPEN, SHIM_READ, SHIM_MAP, SHIM_KINDS };

/* A record of the journal, size bytes behind it. Files are inode numbers; names begin behind
 * LEDE_SHIM_UNDER and end with a NUL. */
enum shim_record_kind {
    RECORD_CREATE,         /* a name, and perhaps the file, is new; name */
    RECORD_WRITE,          /* bytes at offset; synced: they are on the disk when the call returns */
    RECORD_TRUNCATE,       /* to offset bytes */
    RECORD_SYNC,           /* all of the file is on the disk */
    RECORD_SYNC_DIRECTORY, /* its names are; name */
    RECORD_RENAME,         /* two names */
    RECORD_UNLINK,         /* name */
    RECORD_MKDIR,          /* name */
    RECORD_MARK /* not the shim's: what came before was acknowledged; offset: up to what */
};

struct shim_record {
    uint32_t kind, synced;
    uint64_t file, offset, size;
};

#endif
