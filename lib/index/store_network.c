/* store_network.c -- is a directory where LMDB can work: on a file system of this machine alone? */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "index/store_internal.h"

/* f_type of file systems whose files other machines (or the host of a virtual one) write, too:
 * there mmap, fcntl locks and mutexes in shared memory do not mean what LMDB takes them for.
 * Numbers of linux/magic.h and of the file systems' own sources. */
static const struct {
    uint32_t type;
    const char *name;
} NETWORK[] = {
    {0x00006969, "NFS"},    {0x0000517b, "SMB"},      {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB2"},   {0x0000564c, "NCP"},      {0x5346414f, "AFS"},
    {0x6b414653, "AFS"},    {0x73757245, "Coda"},     {0x01021997, "9P"},
    {0x00c36400, "Ceph"},   {0x0bd00bd0, "Lustre"},   {0x47504653, "GPFS"},
    {0x19830326, "BeeGFS"}, {0x20030528, "OrangeFS"}, {0xaad7aaea, "PanFS"},
    {0x01161970, "GFS2"},   {0x7461636f, "OCFS2"},    {0xbeefdead, "SNFS"},
    {0x786f4256, "vboxsf"}, {0xbacbacbc, "vmhgfs"},   {0x7c7c6673, "prl_fs"},
};

/* All that FUSE serves has one number; the table of mounts says what it is. Local ones (ntfs-3g,
 * overlays, encrypting ones) are let be. */
static const char *const FUSE_NETWORK[] = {
    "fuse.sshfs",       "fuse.s3fs",     "fuse.rclone",
    "fuse.glusterfs",   "fuse.ceph",     "fuse.ceph-fuse",
    "fuse.gcsfuse",     "fuse.davfs",    "fuse.davfs2",
    "fuse.curlftpfs",   "fuse.cvmfs2",   "fuse.smbnetfs",
    "fuse.nfs",         "fuse.juicefs",  "fuse.JuiceFS",
    "fuse.seaweedfs",   "fuse.blobfuse", "fuse.blobfuse2",
    "fuse.mount-s3",    "fuse.goofys",   "fuse.google-drive-ocamlfuse",
    "fuse.vmhgfs-fuse", "fuse.lustre",   "virtiofs",
};

enum { FUSE = 0x65735546 };

bool store_mount_type(FILE *mounts, dev_t device, char type[STORE_MOUNT_TYPE])
{
    char line[4096], number[32];
    bool found = false;

    (void)snprintf(number, sizeof number, "%u:%u", major(device), minor(device));
    while (!found && fgets(line, sizeof line, mounts)) {
        char at[32];
        const char *behind = strstr(line, " - "); /* fields that vary in number are before it */

        found = sscanf(line, "%*s %*s %31s", at) == 1 && strcmp(at, number) == 0 && behind &&
                sscanf(behind, " - %63s", type) == 1;
    }
    return found;
}

/* The network file system that FUSE serves at path, into name. */
static bool is_fuse_network(const char *path, char name[STORE_MOUNT_TYPE])
{
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    struct stat about;
    bool found;

    if (!mounts)
        return false;
    found = stat(path, &about) == 0 && store_mount_type(mounts, about.st_dev, name);
    (void)fclose(mounts);
    for (size_t i = 0; found && i < sizeof FUSE_NETWORK / sizeof *FUSE_NETWORK; i++)
        if (strcmp(name, FUSE_NETWORK[i]) == 0)
            return true;
    return false;
}

static enum lede_status fail_network(const char *path, const char *name, struct lede_error *err)
{
    return error_set(err, LEDE_INVALID,
                     "%s: is on a network file system (%s), where an index would be damaged; copy "
                     "it to, or make it on, a local disk",
                     path, name);
}

enum lede_status store_refuse_network(const char *path, struct lede_error *err)
{
    char fuse[STORE_MOUNT_TYPE];
    struct statfs disk;

    if (statfs(path, &disk) != 0)
        return store_fail(path, errno, "looking at its file system", err);
    for (size_t i = 0; i < sizeof NETWORK / sizeof *NETWORK; i++)
        if ((uint32_t)disk.f_type == NETWORK[i].type)
            return fail_network(path, NETWORK[i].name, err);
    if ((uint32_t)disk.f_type == FUSE && is_fuse_network(path, fuse))
        return fail_network(path, fuse, err);
    return LEDE_OK;
}
