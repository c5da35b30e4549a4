/* Keeps what a power cut would leave: whenever a file or a folder below $POWERCUT_DIR is synced, its
 * content as of then is copied to $POWERCUT_SHADOW under its identity. A folder's content are lines
 * of kind, identity and name. Loaded with LD_PRELOAD; used by the crash tests only. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static void fail(const char *what) {
    perror(what);
    abort();
}

/* Inode numbers are used again; with the time of birth they are not. */
static int identity(int at, const char *name, char *out, size_t size, int *is_dir) {
    struct statx s;
    int flags = *name ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;
    if (statx(at, name, flags, STATX_INO | STATX_TYPE | STATX_BTIME, &s) != 0) return -1;
    snprintf(out, size, "%llu-%lld-%u", (unsigned long long)s.stx_ino,
             (long long)s.stx_btime.tv_sec, s.stx_btime.tv_nsec);
    *is_dir = S_ISDIR(s.stx_mode);
    return S_ISDIR(s.stx_mode) || S_ISREG(s.stx_mode) ? 0 : -1;
}

static void list(const char *path, FILE *out) {
    DIR *dir = opendir(path);
    if (!dir) fail("powercut: opendir");
    struct dirent *entry;
    while ((entry = readdir(dir))) {
        char id[96];
        int is_dir;
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        if (identity(dirfd(dir), entry->d_name, id, sizeof id, &is_dir) != 0) continue;
        fprintf(out, "%c %s %s\n", is_dir ? 'd' : 'f', id, entry->d_name);
    }
    closedir(dir);
}

static void copy(const char *path, FILE *out) {
    static char buffer[1 << 16];
    FILE *in = fopen(path, "r");
    if (!in) fail("powercut: open");
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, in)) > 0)
        if (fwrite(buffer, 1, got, out) != got) fail("powercut: write");
    fclose(in);
}

static void keep(int fd) {
    const char *below = getenv("POWERCUT_DIR"), *shadow = getenv("POWERCUT_SHADOW");
    char link[64], path[PATH_MAX], id[96], kept[PATH_MAX], part[PATH_MAX];
    int is_dir;
    if (!below || !shadow) return;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return;
    path[length] = 0;
    size_t prefix = strlen(below);
    if (strncmp(path, below, prefix) || (path[prefix] && path[prefix] != '/')) return;
    if (identity(fd, "", id, sizeof id, &is_dir) != 0) return;
    snprintf(kept, sizeof kept, "%s/%s", shadow, id);
    snprintf(part, sizeof part, "%s/%s.part", shadow, id);
    FILE *out = fopen(part, "w");
    if (!out) fail("powercut: shadow");
    /* Through the descriptor: the file may have another name by now. */
    if (is_dir) list(link, out); else copy(link, out);
    if (fclose(out) != 0 || rename(part, kept) != 0) fail("powercut: keep");
}

static int synced(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    pthread_mutex_lock(&one_at_a_time);
    int result = real(fd);
    if (result == 0) keep(fd);
    pthread_mutex_unlock(&one_at_a_time);
    return result;
}

int fsync(int fd) { return synced("fsync", fd); }
int fdatasync(int fd) { return synced("fdatasync", fd); }
