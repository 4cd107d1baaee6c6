/* sandbox/layout_state.c - DIR/state: what a later command must know of the sandbox, written and
 * read again. Its last line tells a whole one from a cut one. */
#include "layout_priv.h"

#include <stdio.h>
#include <string.h>

bool write_state(const struct sandbox *sb) {
    char path[600];
    path_join(path, sizeof path, sb->p.dir, "state");
    FILE *f = fopen(path, "we");
    if (!f) {
        return false;
    }
    fprintf(f, "dir=%s\nwork=%s\nscale=%u\nrun_uid=%ld\nrun_gid=%ld\n", sb->p.dir, sb->work,
            sb->scale, (long)sb->run_uid, (long)sb->run_gid);
    for (int i = 0; i < SB_N_SERVICES; i++) {
        fprintf(f, "port.%s=%u\nbackend.%s=%u\n", sandbox_service_names[i], (unsigned)sb->p.port[i],
                sandbox_service_names[i], (unsigned)sb->p.backend[i]);
    }
    fprintf(f, "port.minio-console=%u\nend=1\n", (unsigned)sb->p.minio_console_port);
    bool ok = !ferror(f);
    return fclose(f) == 0 && ok;
}

static bool load_number(const char *text, const char *key, uint32_t *ret) {
    char value[24];
    return find_value(text, key, value, sizeof value) && parse_u32(value, 0, UINT32_MAX, ret);
}

bool sandbox_load(struct sandbox *sb, const char *dir, struct why *why) {
    char path[600], text[16384];
    uint32_t uid, gid;
    memset(sb, 0, sizeof *sb);
    if (!platform_load(&sb->p, dir, why->text, sizeof why->text)) {
        return false;
    }
    if (!path_join(path, sizeof path, dir, "state") || !read_file(path, text, sizeof text) ||
        !find_value(text, "work", sb->work, sizeof sb->work) ||
        !load_number(text, "scale", &sb->scale) || !load_number(text, "run_uid", &uid) ||
        !load_number(text, "run_gid", &gid)) {
        return why_set(why, "%s/state is cut", dir);
    }
    sb->run_uid = uid;
    sb->run_gid = gid;
    return true;
}
