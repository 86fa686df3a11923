/* Loaded before all other libraries of a worker: makes calls on files below a folder fail, or kills the process within one, and turns the
   clock. What it does stands in a block of memory that is shared with whoever injects (shim.py: Control). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { OFF, FAIL, DIE };
enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, RENAME = 8, UNLINK = 16, READ = 32 };

struct control {
    int32_t mode, calls, countdown, times, error, hits, steps, unused;
    int64_t skew_s;
    char folder[256], part[64];
};
static struct control *control;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int crosscheck_faults_attach(const char *path) {
    int fd = open(path, O_RDWR);
    if (fd < 0) return -1;
    void *at = mmap(0, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (at == MAP_FAILED) return -1;
    control = at;
    return 0;
}

static int concerns(const char *path) {
    return !strncmp(path, control->folder, strlen(control->folder)) && (!control->part[0] || strstr(path, control->part));
}

/* Whether this call is the one: 0, or the error that it ends with. Returns not at all where the process is to die. */
static int strikes_path(int call, const char *path) {
    if (!control || control->mode == OFF || !(control->calls & call) || !path || !concerns(path)) return 0;
    if (__atomic_sub_fetch(&control->countdown, 1, __ATOMIC_SEQ_CST) > 0) return 0;
    if (control->times == 0) return 0;
    if (control->times > 0) __atomic_sub_fetch(&control->times, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&control->hits, 1, __ATOMIC_SEQ_CST);
    return control->error ? control->error : EIO;
}

static int strikes(int call, int fd) {
    if (!control || control->mode == OFF || !(control->calls & call)) return 0;
    char link[40], path[512];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strikes_path(call, path);
}

static void end(void) {
    if (control->mode == DIE) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

/* Half of what was to be written is, as where a disk fills up or a process dies in the middle. */
#define WRITES(decl, name, args, half_args, whole, bad) \
    decl { int error = strikes(WRITE, fd); \
        if (!error) return REAL(name) args; \
        if ((whole) > 1) (void)!REAL(name) half_args; \
        end(); errno = error; return bad; }

WRITES(ssize_t write(int fd, const void *data, size_t n), write, (fd, data, n), (fd, data, n / 2), n, -1)
WRITES(ssize_t pwrite(int fd, const void *data, size_t n, off_t at), pwrite, (fd, data, n, at), (fd, data, n / 2, at), n, -1)
WRITES(ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at), pwrite64, (fd, data, n, at), (fd, data, n / 2, at), n, -1)
WRITES(ssize_t writev(int fd, const struct iovec *parts, int n), writev, (fd, parts, n), (fd, parts, n / 2), n, -1)

#define FAILS(decl, call, fd, name, args, bad) \
    decl { int error = strikes(call, fd); if (!error) return REAL(name) args; end(); errno = error; return bad; }
FAILS(int fsync(int fd), SYNC, fd, fsync, (fd), -1)
FAILS(int fdatasync(int fd), SYNC, fd, fdatasync, (fd), -1)
FAILS(int ftruncate(int fd, off_t n), TRUNCATE, fd, ftruncate, (fd, n), -1)
FAILS(int ftruncate64(int fd, off64_t n), TRUNCATE, fd, ftruncate64, (fd, n), -1)
FAILS(ssize_t read(int fd, void *data, size_t n), READ, fd, read, (fd, data, n), -1)
FAILS(ssize_t pread(int fd, void *data, size_t n, off_t at), READ, fd, pread, (fd, data, n, at), -1)
FAILS(ssize_t pread64(int fd, void *data, size_t n, off64_t at), READ, fd, pread64, (fd, data, n, at), -1)

size_t fwrite(const void *data, size_t size, size_t n, FILE *file) {
    int error = strikes(WRITE, fileno(file));
    if (!error) return REAL(fwrite)(data, size, n, file);
    end();
    errno = error;
    return 0;
}

#define NAMED(decl, call, path, name, args) \
    decl { int error = strikes_path(call, path); if (!error) return REAL(name) args; end(); errno = error; return -1; }
NAMED(int rename(const char *from, const char *to), RENAME, to, rename, (from, to))
NAMED(int renameat(int a, const char *from, int b, const char *to), RENAME, to, renameat, (a, from, b, to))
NAMED(int unlink(const char *path), UNLINK, path, unlink, (path))
NAMED(int unlinkat(int at, const char *path, int how), UNLINK, path, unlinkat, (at, path, how))

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = REAL(clock_gettime);
    int got = real(clock, now);
    if (control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += control->skew_s;
    return got;
}

time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return 0;
}
