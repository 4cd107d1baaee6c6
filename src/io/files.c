/* io/files.c - the newest files of a directory with their first bytes or, where they are small,
 * whole, and of directories in it what lies in them; read on a worker thread, since a network file
 * system may hang. Never follows a link, never opens a device or a pipe. At most SCAN_MAX names are
 * looked at. */
#include "link_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "errno_priv.h"
#include "file_priv.h"

#define SCAN_MAX  20000
#define FILES_MAX 1000
#define TOTAL_MAX ((size_t)16 << 20) /* of contents, of all files together */

struct found {
    char *name, *content;
    struct file_entry entry;
};

struct files_job {
    struct files *owner; /* NULL once nobody waits; only the loop's side looks */
    char *dir, *prefix, *suffix;
    char *dir_suffix, *dir_head; /* "" = no directory is looked into */
    uint32_t max_files, head_bytes, content_bytes;
    size_t n_content; /* bytes read so far */
    int error; /* errno of opening the directory, or of having no descriptors for its files */
    struct found *found;
    size_t n_found, cap_found, n_total;
    int64_t total_bytes, free_bytes;
};

struct files {
    struct link_hub *hub;
    struct files_job *job;
    struct arena *arena;
    driver_done_fn done;
    void *ctx;
};

static void job_free(void *arg) {
    struct files_job *job = arg;
    for (size_t i = 0; i < job->n_found; i++) {
        free(job->found[i].name);
        free(job->found[i].content);
    }
    free(job->found);
    free(job->dir);
    free(job->prefix);
    free(job->suffix);
    free(job->dir_suffix);
    free(job->dir_head);
    free(job);
}

static bool name_matches(const char *name, const char *prefix, const char *suffix) {
    size_t n = strlen(name), head = strlen(prefix), tail = strlen(suffix);
    if (dir_is_dots(name) || n < head + tail)
        return false;
    return memcmp(name, prefix, head) == 0 && memcmp(name + n - tail, suffix, tail) == 0;
}

static int newest_first(const void *a, const void *b) {
    return strcmp(((const struct found *)b)->name, ((const struct found *)a)->name);
}

static char kind_of(mode_t mode) {
    if (S_ISREG(mode))
        return 'f';
    if (S_ISDIR(mode))
        return 'd';
    return S_ISLNK(mode) ? 'l' : 'o';
}

static int64_t size_inside(int dir_fd, const char *name) {
    DIR *dir = dir_open_at(dir_fd, name);
    struct dirent *d;
    struct stat st;
    int64_t sum = 0;
    for (uint32_t i = 0; dir && i < SCAN_MAX && (d = readdir(dir)); i++)
        if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            sum += st.st_size;
    if (dir)
        closedir(dir);
    return sum;
}

static void job_add(struct files_job *job, int dir_fd, const char *name) {
    struct stat st;
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISDIR(st.st_mode) && *job->dir_suffix)
        st.st_size = size_inside(dir_fd, name);
    job->n_total++;
    if (S_ISREG(st.st_mode) || (S_ISDIR(st.st_mode) && *job->dir_suffix))
        job->total_bytes += st.st_size;
    if (job->n_found == job->cap_found) {
        job->cap_found = job->cap_found ? job->cap_found * 2 : 64;
        job->found = mem_grow(job->found, job->cap_found * sizeof *job->found);
    }
    struct found *f = &job->found[job->n_found];
    memset(f, 0, sizeof *f);
    f->name = mem_strdup(name);
    f->entry = (struct file_entry){.size_bytes = st.st_size,
                                   .modified_wall_s = st.st_mtime,
                                   .kind = kind_of(st.st_mode),
                                   .mode = st.st_mode & 07777};
    job->n_found++;
}

/* Whole or not at all: half a document is none. */
static void read_content(struct files_job *job, struct found *f, int fd, off_t size) {
    size_t n = (size_t)size, got = 0;
    if (size <= 0 || size > (off_t)job->content_bytes || n > TOTAL_MAX - job->n_content)
        return;
    f->content = mem_alloc(n);
    while (got < n) {
        ssize_t more = pread(fd, f->content + got, n - got, (off_t)got);
        if (more <= 0)
            break;
        got += (size_t)more;
    }
    if (got < n) {
        free(f->content);
        f->content = NULL;
        return;
    }
    f->entry.content_len = n;
    job->n_content += n;
}

static void note_open(struct files_job *job, int fd) {
    if (fd < 0 && is_out_of_files(errno))
        job->error = errno;
}

/* The name may have become something else since fstatat: what counts is what fstat says of the
 * descriptor. */
static void read_file(struct files_job *job, int dir_fd, struct found *f) {
    if (f->entry.kind != 'f')
        return;
    int fd = openat(dir_fd, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    note_open(job, fd);
    if (fd < 0)
        return;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        ssize_t n = job->head_bytes ? pread(fd, f->entry.head, job->head_bytes, 0) : 0;
        f->entry.readable = n >= 0;
        f->entry.head_len = n > 0 ? (uint32_t)n : 0;
        read_content(job, f, fd, st.st_size);
    }
    close(fd);
}

/* A directory without that file is readable and has no first bytes: it is not what it seems. */
static void read_inside(struct files_job *job, int dir_fd, struct found *f) {
    struct stat st;
    DIR *dir = dir_open_at(dir_fd, f->name);
    note_open(job, dir ? 0 : -1);
    if (!dir)
        return;
    int fd = openat(dirfd(dir), job->dir_head, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    note_open(job, fd);
    f->entry.readable = fd >= 0 || errno == ENOENT || errno == ELOOP;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        ssize_t n = pread(fd, f->entry.head, job->head_bytes, 0);
        f->entry.head_len = n > 0 ? (uint32_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    closedir(dir);
}

static bool is_wanted(const struct files_job *job, const char *name) {
    return name_matches(name, job->prefix, job->suffix) ||
           (*job->dir_suffix && name_matches(name, job->prefix, job->dir_suffix));
}

static void job_scan(struct files_job *job, DIR *dir) {
    int dir_fd = dirfd(dir);
    struct dirent *d;
    for (uint32_t i = 0; i < SCAN_MAX && (d = readdir(dir)); i++)
        if (is_wanted(job, d->d_name))
            job_add(job, dir_fd, d->d_name);
    if (job->n_found)
        qsort(job->found, job->n_found, sizeof *job->found, newest_first);
    while (job->n_found > job->max_files)
        free(job->found[--job->n_found].name);
    for (size_t i = 0; i < job->n_found; i++)
        if (job->found[i].entry.kind == 'd' && *job->dir_suffix)
            read_inside(job, dir_fd, &job->found[i]);
        else
            read_file(job, dir_fd, &job->found[i]);
    struct statvfs fs;
    bool known = fstatvfs(dir_fd, &fs) == 0 && fs.f_blocks; /* of none at all it counts nothing */
    job->free_bytes = known ? (int64_t)fs.f_bavail * (int64_t)fs.f_frsize : -1;
}

static void job_work(void *arg) {
    struct files_job *job = arg;
    int fd = open(job->dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        job->error = errno;
        if (fd >= 0)
            close(fd);
        return;
    }
    job_scan(job, dir);
    closedir(dir);
}

static void job_convert(const struct files_job *job, struct arena *arena, struct reply *reply) {
    struct file_entry *entries = arena_alloc(arena, (job->n_found + 1) * sizeof *entries);
    for (size_t i = 0; i < job->n_found; i++) {
        entries[i] = job->found[i].entry;
        entries[i].name = arena_strdup(arena, job->found[i].name);
        if (job->found[i].content)
            entries[i].content =
                arena_strndup(arena, job->found[i].content, entries[i].content_len);
    }
    reply->files = (struct file_list){.entries = entries,
                                      .n_entries = job->n_found,
                                      .n_total = job->n_total,
                                      .total_bytes = job->total_bytes,
                                      .free_bytes = job->free_bytes};
    reply->ok = true;
}

static void job_error(int error, const char *dir, struct err *err) {
    if (error == ENOENT || error == ENOTDIR)
        err_set(err, E_IO, "files.scan", dir, "the directory does not exist");
    else if (is_out_of_files(error))
        err_set(err, E_INTERNAL, "files.scan", dir, "%s", uv_strerror(-error));
    else
        err_set(err, E_IO, "files.scan", dir, "cannot be read (%s)", uv_err_name(-error));
}

static void job_done(void *ctx, void *arg) {
    struct link_hub *hub = ctx;
    struct files_job *job = arg;
    struct files *f = job->owner;
    if (!f) {
        hub->late_replies++;
        job_free(job);
        return;
    }
    struct reply reply = {.kind = EXCHANGE_FILES};
    if (job->error)
        job_error(job->error, job->dir, &reply.err);
    else
        job_convert(job, f->arena, &reply);
    f->job = NULL;
    job_free(job);
    f->done(f->ctx, &reply);
}

static void *files_open(struct link_hub *h, const char *application_name) {
    struct files *f = mem_zeroed(sizeof *f);
    f->hub = h;
    return f;
}

static struct files_job *job_new(struct files *f, const struct files_request *rq) {
    struct files_job *job = mem_zeroed(sizeof *job);
    job->owner = f;
    job->dir = mem_strdup(rq->dir ? rq->dir : "");
    job->prefix = mem_strdup(rq->prefix ? rq->prefix : "");
    job->suffix = mem_strdup(rq->suffix ? rq->suffix : "");
    job->dir_suffix = mem_strdup(rq->dir_suffix ? rq->dir_suffix : "");
    job->dir_head = mem_strdup(rq->dir_head ? rq->dir_head : "");
    job->max_files = rq->max_files && rq->max_files < FILES_MAX ? rq->max_files : FILES_MAX;
    job->head_bytes = rq->head_bytes < 64 ? rq->head_bytes : 64;
    job->content_bytes = rq->content_bytes;
    return job;
}

static void files_start(void *state, const struct exchange *ex, struct arena *arena,
                        uint32_t timeout_ms, driver_done_fn done, void *ctx) {
    struct files *f = state;
    f->arena = arena;
    f->done = done;
    f->ctx = ctx;
    struct files_job *job = job_new(f, &ex->files);
    if (workers_start(f->hub->workers, job_work, job_done, job_free, f->hub, job)) {
        f->job = job;
        return;
    }
    struct reply reply = {.kind = EXCHANGE_FILES};
    err_set(&reply.err, E_IO, "files.scan", job->dir,
            "no thread is free to read it: too many earlier reads still hang, or none can be had");
    job_free(job);
    done(ctx, &reply);
}

static void files_abort(void *state, uint32_t timeout_ms, struct reply *reply) {
    struct files *f = state;
    if (!f->job)
        return;
    if (reply)
        err_set(&reply->err, E_TIMEOUT, "files.scan", f->job->dir, "not read within %u ms",
                timeout_ms);
    f->job->owner = NULL;
    f->job = NULL;
}

static void files_close(void *state) {
    files_abort(state, 0, NULL);
    free(state);
}

const struct driver files_driver = {files_open, files_start, files_abort, files_close};
