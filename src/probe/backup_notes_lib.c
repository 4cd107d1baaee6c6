/* probe/backup_notes_lib.c - manifests, proofs and attempts beside the dumps, as tables. Names that
 * are no dump's are passed over: whatever else lies in the directory is not ours to read. */
#include "backup_notes_priv.h"

#include <string.h>

#define DETAIL_FILES 10  /* dumps whose tables and checks can be opened */
#define DETAIL_ROWS  400 /* of one of them */

enum {
    N_FILE,
    N_KIND,
    N_RESULT,
    N_AT,
    N_SIZE,
    N_TOOK,
    N_RECOVERY,
    N_TABLES,
    N_ROWS,
    N_SHA,
    N_PLACE,
    N_AGAINST,
    N_PASSED,
    N_FAILED,
    N_WARNINGS,
    N_WHY
};
static const struct column note_columns[] = {
    [N_FILE] = {"file", "FILE", UNIT_NONE, 0, 0},
    [N_KIND] = {"kind", "KIND", UNIT_NONE, 0, 0},
    [N_RESULT] = {"result", "RESULT", UNIT_NONE, 0, 0},
    [N_AT] = {"at", "AGO", UNIT_TIME, 0, 1},
    [N_SIZE] = {"size", "SIZE", UNIT_BYTES, 0, 2},
    [N_TOOK] = {"took_ms", "DUMP", UNIT_MS, 0, 3},
    [N_RECOVERY] = {"recovery_ms", "RTO", UNIT_MS, 0, 3},
    [N_TABLES] = {"tables", "TABLES", UNIT_COUNT, 0, 4},
    [N_ROWS] = {"rows", "ROWS", UNIT_COUNT, 0, 4},
    [N_SHA] = {"sha256", "SHA256", UNIT_NONE, 0, 9},
    [N_PLACE] = {"place", "PLACE", UNIT_NONE, 0, 5},
    [N_AGAINST] = {"against", "AGAINST", UNIT_NONE, 0, 6},
    [N_PASSED] = {"passed", "PASSED", UNIT_COUNT, 0, 7},
    [N_FAILED] = {"failed", "FAILED", UNIT_COUNT, 0, 7},
    [N_WARNINGS] = {"warnings", "WARNINGS", UNIT_COUNT, 0, 7},
    [N_WHY] = {"why", "WHY", UNIT_NONE, 0, 8},
};
static const struct column content_columns[] = {
    {"backup", "BACKUP", UNIT_NONE, 0, 9}, {"table", "TABLE", UNIT_NONE, 16, 0},
    {"rows", "ROWS", UNIT_COUNT, 9, 0},    {"bytes", "TEXT", UNIT_BYTES, 8, 1},
    {"sum", "SUM", UNIT_NONE, 0, 2},
};
static const struct column check_columns[] = {
    {"backup", "BACKUP", UNIT_NONE, 0, 9},
    {"status", "STATUS", UNIT_NONE, 7, 0},
    {"check", "CHECK", UNIT_NONE, 16, 0},
    {"detail", "DETAIL", UNIT_NONE, 0, 0},
};

struct notes {
    const struct probe_run *run;
    struct reading *out;
    struct table *notes, *contents, *checks;
    const char *newest[DETAIL_FILES]; /* dumps that were met so far */
    uint32_t n_newest;
    int64_t proved_wall_s, recovery_ms; /* of the newest that passed; 0 = none */
};

/* "goodgo_....sql.gz" of "goodgo_....sql.gz.proof.json"; NULL where it is another's. */
static const char *dump_of(const char *name, const char *suffix, struct arena *a) {
    int64_t ignored_s;
    size_t n = strlen(name), tail = strlen(suffix);
    if (n <= tail || strcmp(name + n - tail, suffix) != 0)
        return NULL;
    const char *dump = arena_strndup(a, name, n - tail);
    return backup_time_of_name(dump, &ignored_s) ? dump : NULL;
}

/* The list comes newest name first. */
static bool has_detail(struct notes *n, const char *dump) {
    for (uint32_t i = 0; i < n->n_newest; i++)
        if (strcmp(n->newest[i], dump) == 0)
            return true;
    if (n->n_newest == DETAIL_FILES)
        return false;
    n->newest[n->n_newest++] = dump;
    return true;
}

static void put_number(struct row *row, uint32_t column, int64_t v) {
    if (v >= 0)
        row_int(row, column, v);
}

static struct row *add_note(struct notes *n, const char *dump, const char *suffix) {
    const char *key = arena_printf(n->out->arena, "%s%s", dump, suffix);
    struct row *row = table_add_row(n->out, n->notes, key, HEALTH_OFF);
    row_text(n->out, row, N_FILE, dump);
    row_text(n->out, row, N_KIND, suffix);
    return row;
}

static void put_contents(struct notes *n, const char *dump, const struct json *j) {
    int64_t v;
    const struct json *list = j ? json_get(j, "tables") : NULL;
    const struct json *t = list ? json_first(list) : NULL;
    for (uint32_t i = 0; t && i < DETAIL_ROWS; t = json_next(t), i++) {
        const char *name = json_string(t, "name"), *sum = json_string(t, "sum");
        const char *key = arena_printf(n->out->arena, "%s/%s", dump, name ? name : "");
        struct row *row = table_add_row(n->out, n->contents, key, HEALTH_OFF);
        row_text(n->out, row, 0, dump);
        row_text(n->out, row, 1, name);
        if (json_i64(t, "rows", 0, INT64_MAX, &v))
            row_int(row, 2, v);
        if (json_i64(t, "bytes", 0, INT64_MAX, &v))
            row_int(row, 3, v);
        row_text(n->out, row, 4, sum);
    }
}

static enum health check_health(const char *status) {
    return !status || strcmp(status, "fail") == 0 ? HEALTH_CRITICAL
           : strcmp(status, "warning") == 0       ? HEALTH_WARNING
                                                  : HEALTH_OK;
}

static void put_checks(struct notes *n, const char *dump, const struct json *j) {
    const struct json *list = j ? json_get(j, "checks") : NULL;
    const struct json *c = list ? json_first(list) : NULL;
    for (uint32_t i = 0; c && i < DETAIL_ROWS; c = json_next(c), i++) {
        const char *status = json_string(c, "status"), *check = json_string(c, "check");
        const char *key = arena_printf(n->out->arena, "%s/%u", dump, i);
        struct row *row = table_add_row(n->out, n->checks, key, check_health(status));
        row_text(n->out, row, 0, dump);
        row_text(n->out, row, 1, status);
        row_text(n->out, row, 2, check);
        row_text(n->out, row, 3, json_string(c, "detail"));
    }
}

static void put_manifest(struct notes *n, const char *dump, const struct json *j) {
    struct backup_manifest m;
    struct row *row = add_note(n, dump, BACKUP_MANIFEST);
    backup_manifest_read(j, n->run->arena, &m);
    if (!m.known)
        return;
    put_number(row, N_SIZE, m.size_bytes);
    put_number(row, N_TOOK, m.took_ms);
    put_number(row, N_TABLES, m.tables);
    put_number(row, N_ROWS, m.rows);
    row_text(n->out, row, N_SHA, m.sha256);
    if (has_detail(n, dump))
        put_contents(n, dump, j);
}

static void put_proof(struct notes *n, const char *dump, const char *suffix, const struct json *j) {
    struct backup_proof p;
    struct row *row = add_note(n, dump, suffix);
    backup_proof_read(j, n->run->arena, &p);
    row_text(n->out, row, N_RESULT, proof_result_name(p.result));
    if (p.result == PROOF_UNREADABLE)
        return;
    row_int(row, N_AT, p.at_wall_s);
    put_number(row, N_SIZE, p.size_bytes);
    put_number(row, N_TOOK, p.restore_ms);
    put_number(row, N_RECOVERY, p.recovery_ms);
    put_number(row, N_PASSED, p.passed);
    put_number(row, N_FAILED, p.failed);
    put_number(row, N_WARNINGS, p.warnings);
    row_text(n->out, row, N_SHA, p.sha256);
    row_text(n->out, row, N_PLACE, p.place);
    row_text(n->out, row, N_AGAINST, p.against);
    row_text(n->out, row, N_WHY, p.first_failure);
    if (has_detail(n, dump))
        put_checks(n, dump, j);
    if (p.result == PROOF_PASS && p.at_wall_s > n->proved_wall_s) {
        n->proved_wall_s = p.at_wall_s;
        n->recovery_ms = p.recovery_ms;
    }
}

static void put_file(struct notes *n, const struct file_entry *f) {
    static const char *const suffixes[] = {BACKUP_MANIFEST, BACKUP_PROOF, BACKUP_ATTEMPT};
    struct err ignored;
    for (size_t i = 0; i < ARRAY_LEN(suffixes) && f->kind == 'f'; i++) {
        const char *dump = dump_of(f->name, suffixes[i], n->run->arena);
        if (!dump)
            continue;
        struct json *j =
            f->content ? json_parse(f->content, f->content_len, BACKUP_NOTE_MAX, &ignored) : NULL;
        if (i == 0)
            put_manifest(n, dump, j);
        else
            put_proof(n, dump, suffixes[i], j);
        json_free(j);
    }
}

void backup_notes_read(const struct probe_run *run, const struct file_list *list,
                       struct reading *out) {
    struct notes n = {.run = run, .out = out};
    n.notes = reading_add_table(out, "notes", "Notes", note_columns, ARRAY_LEN(note_columns));
    n.contents =
        reading_add_table(out, "contents", "Contents", content_columns, ARRAY_LEN(content_columns));
    n.checks = reading_add_table(out, "checks", "Checks", check_columns, ARRAY_LEN(check_columns));
    for (size_t i = 0; i < list->n_entries; i++)
        put_file(&n, &list->entries[i]);
    if (!n.proved_wall_s)
        return;
    reading_int(out, "archive_proof_age_s", UNIT_SECONDS,
                run->now_wall_ms / 1000 - n.proved_wall_s);
    if (n.recovery_ms >= 0)
        reading_int(out, "recovery_ms", UNIT_MS, n.recovery_ms);
}

/* ---- and back ---- */

static int64_t number(const struct row *row, uint32_t column) {
    const struct value *v = &row->cells[column];
    return v->kind == VALUE_INT ? v->i : -1;
}

static const char *word(const struct row *row, uint32_t column) {
    const struct value *v = &row->cells[column];
    return v->kind == VALUE_TEXT ? v->t.s : "";
}

static void take_manifest(const struct row *row, struct backup_manifest *m) {
    *m = (struct backup_manifest){.there = true,
                                  .known = number(row, N_SIZE) >= 0,
                                  .size_bytes = number(row, N_SIZE),
                                  .took_ms = number(row, N_TOOK),
                                  .tables = number(row, N_TABLES),
                                  .rows = number(row, N_ROWS),
                                  .sha256 = word(row, N_SHA)};
}

static void take_proof(const struct row *row, struct backup_proof *p) {
    *p = (struct backup_proof){.result = PROOF_UNREADABLE,
                               .at_wall_s = number(row, N_AT),
                               .size_bytes = number(row, N_SIZE),
                               .restore_ms = number(row, N_TOOK),
                               .recovery_ms = number(row, N_RECOVERY),
                               .place = word(row, N_PLACE),
                               .sha256 = word(row, N_SHA),
                               .against = word(row, N_AGAINST),
                               .first_failure = word(row, N_WHY)};
    for (enum proof_result r = PROOF_PASS; r <= PROOF_ERROR; r++)
        if (strcmp(word(row, N_RESULT), proof_result_name(r)) == 0)
            p->result = r;
}

void backup_notes_state(const struct reading *r, const char *name, struct backup_state *ret) {
    const struct table *t = reading_table(r, "notes");
    for (uint32_t i = 0; t && i < t->n_rows; i++) {
        const struct row *row = &t->rows[i];
        if (strcmp(word(row, N_FILE), name) != 0)
            continue;
        if (strcmp(word(row, N_KIND), BACKUP_MANIFEST) == 0)
            take_manifest(row, &ret->manifest);
        else if (strcmp(word(row, N_KIND), BACKUP_PROOF) == 0)
            take_proof(row, &ret->proof);
        else
            take_proof(row, &ret->attempt);
    }
}
