/* act/recon_proposals.c - suggested matches, proposed by one person and decided by another. One
 * file each, named by what it is about: the payment, its version, and the evidence. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/jsonw.h"
#include "io/file.h"
#include "io/peer.h"
#include "proposal_priv.h"
#include "wire/digest.h"
#include "wire/json.h"

#define OP       "payments.approve"
#define FILE_MAX ((size_t)64 << 10)

/* --- files --- */

void proposal_id(const struct recon_row *row, char id[PROPOSAL_ID_SIZE]) {
    struct str s;
    char hex[DIGEST_HEX_SIZE];
    str_init(&s, 1 << 16);
    str_printf(&s, "%s\n%s\n%s\n%lld\n%lld\n%s\n", row->order_id, row->updated,
               row->has_db ? pay_status_name(row->db_status) : "", (long long)row->db_vnd,
               (long long)row->bank_vnd, row->evidence);
    digest_sha256_hex(str_get(&s), s.len, hex);
    str_done(&s);
    str_copy(id, PROPOSAL_ID_SIZE, hex);
}

static const char *dir_of(struct arena *a, const char *state_dir) {
    return arena_printf(a, "%s/payments/proposals", state_dir);
}

static bool is_id(const char *id) {
    return strlen(id) == PROPOSAL_ID_SIZE - 1 && strspn(id, "0123456789abcdef") == strlen(id);
}

static bool write_proposal(const char *state_dir, const struct proposal *p, struct err *err) {
    struct arena a;
    struct str s;
    struct jsonw w;
    arena_init(&a);
    str_init(&s, FILE_MAX);
    jsonw_init(&w, &s, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.payments.proposal/1");
    jsonw_put_string(&w, "id", p->id);
    jsonw_put_string(&w, "order", p->order_id);
    jsonw_put_string(&w, "updated", p->updated);
    jsonw_put_string(&w, "status", p->status);
    jsonw_put_string(&w, "why", p->why);
    jsonw_put_string(&w, "evidence", p->evidence);
    jsonw_put_int(&w, "dbVnd", p->db_vnd);
    jsonw_put_int(&w, "bankVnd", p->bank_vnd);
    jsonw_put_string(&w, "maker", p->maker);
    jsonw_put_int(&w, "makerUid", p->maker_id);
    jsonw_put_string(&w, "reason", p->reason);
    jsonw_put_int(&w, "made", p->made_wall_s);
    jsonw_put_string(&w, "checker", *p->checker ? p->checker : NULL);
    jsonw_put_int(&w, "checkerUid", p->checker_id);
    jsonw_put_string(&w, "decisionReason", p->decision_reason);
    jsonw_put_int(&w, "approved", p->approved_wall_s);
    jsonw_put_int(&w, "declined", p->declined_wall_s);
    jsonw_close(&w, '}');
    str_putc(&s, '\n');
    const char *path = arena_printf(&a, "%s/%s.json", dir_of(&a, state_dir), p->id);
    bool ok = s.toobig ? err_set(err, E_TOO_BIG, OP, p->id, "the proposal is too long")
                       : writefile(path, str_get(&s), s.len, err);
    str_done(&s);
    arena_done(&a);
    return ok;
}

static const char *text_in(struct arena *a, const struct json *j, const char *key) {
    const char *s = json_string(j, key);
    return s ? arena_strdup(a, s) : NULL;
}

static bool parse(struct arena *a, const struct json *j, struct proposal *p) {
    const char *maker = json_string(j, "maker"), *checker = json_string(j, "checker");
    int64_t maker_id = 0, checker_id = 0;
    p->order_id = text_in(a, j, "order");
    p->updated = text_in(a, j, "updated");
    p->status = text_in(a, j, "status");
    p->why = text_in(a, j, "why");
    p->evidence = text_in(a, j, "evidence");
    p->reason = text_in(a, j, "reason");
    p->decision_reason = text_in(a, j, "decisionReason");
    if (maker)
        str_copy(p->maker, sizeof p->maker, maker);
    if (checker)
        str_copy(p->checker, sizeof p->checker, checker);
    bool ok =
        json_i64(j, "makerUid", 0, UINT32_MAX, &maker_id) &&
        json_i64(j, "checkerUid", 0, UINT32_MAX, &checker_id) &&
        (!json_get(j, "declined") || json_i64(j, "declined", 0, INT64_MAX, &p->declined_wall_s));
    p->maker_id = (uint32_t)maker_id;
    p->checker_id = (uint32_t)checker_id;
    return ok && maker && p->order_id && p->updated && p->status && p->why && p->evidence &&
           json_i64(j, "dbVnd", INT64_MIN, INT64_MAX, &p->db_vnd) &&
           json_i64(j, "bankVnd", INT64_MIN, INT64_MAX, &p->bank_vnd) &&
           json_i64(j, "made", 0, INT64_MAX, &p->made_wall_s) &&
           json_i64(j, "approved", 0, INT64_MAX, &p->approved_wall_s);
}

bool proposal_parse(const char *bytes, size_t n, struct arena *a, struct proposal *ret,
                    struct err *err) {
    *ret = (struct proposal){.id = ""};
    struct json *j = json_parse(bytes, n, FILE_MAX, err);
    if (!j)
        return false;
    bool ok = parse(a, j, ret);
    json_free(j);
    return ok || err_set(err, E_PROTOCOL, OP, "proposal", "a member is missing, or no value of it");
}

bool proposal_read(const char *state_dir, struct arena *a, const char *id, struct proposal *ret,
                   struct err *err) {
    struct file_content f;
    struct err why = {.code = E_NONE};
    *ret = (struct proposal){.id = ""};
    if (!is_id(id))
        return err_set(err, E_CONFIG, OP, id, "is no proposal's id: sixteen of 0-9 and a-f");
    const char *path = arena_printf(a, "%s/%s.json", dir_of(a, state_dir), id);
    if (!readfile(a, path, FILE_MAX, &f, err))
        return false;
    if (proposal_parse(f.bytes, f.len, a, ret, &why)) {
        str_copy(ret->id, sizeof ret->id, id);
        return true;
    }
    err_set(err, E_PROTOCOL, OP, path, "is damaged, and nothing in it is believed: %s", why.why);
    err->todo = "look who changed it, remove it, and propose again";
    return false;
}

/* --- what became of it, and what may --- */

enum proposal_state proposal_state(const struct proposal *p, int64_t now_wall_s) {
    if (p->approved_wall_s)
        return PROPOSAL_APPROVED;
    if (p->declined_wall_s)
        return PROPOSAL_DECLINED;
    return p->made_wall_s + PROPOSAL_DAYS * DAY_S < now_wall_s ? PROPOSAL_EXPIRED : PROPOSAL_WAITS;
}

const char *proposal_state_name(enum proposal_state s) {
    static const char *const names[] = {[PROPOSAL_WAITS] = "proposed",
                                        [PROPOSAL_APPROVED] = "approved",
                                        [PROPOSAL_DECLINED] = "declined",
                                        [PROPOSAL_EXPIRED] = "expired"};
    return names[s];
}

bool proposal_fits(const struct proposal *p, const struct proposal_version *now) {
    return strcmp(p->updated, now->updated) == 0 && strcmp(p->status, now->status) == 0;
}

const char *proposal_refusal(const struct proposal *p, const struct person *who,
                             const struct proposal_version *now, int64_t now_wall_s,
                             struct arena *a) {
    enum proposal_state state = proposal_state(p, now_wall_s);
    if (state == PROPOSAL_APPROVED || state == PROPOSAL_DECLINED)
        return arena_printf(a, "%s %s it already", p->checker, proposal_state_name(state));
    if (p->maker_id == who->id || !strcmp(p->maker, who->login))
        return arena_printf(a, "%s proposed it: another person has to decide", p->maker);
    if (state == PROPOSAL_EXPIRED)
        return arena_printf(a, "it is older than %d days: propose it again", PROPOSAL_DAYS);
    if (now && !proposal_fits(p, now))
        return arena_printf(a, "the payment was %s of %s and is %s of %s: reconcile again",
                            p->status, p->updated, now->status, now->updated);
    return NULL;
}

bool proposal_make(const char *state_dir, const struct recon_row *row, const struct person *maker,
                   const char *reason, int64_t now_wall_s, struct err *err) {
    struct arena a;
    struct proposal there;
    struct proposal p = {.order_id = row->order_id,
                         .updated = row->updated,
                         .status = pay_status_name(row->db_status),
                         .why = row->why,
                         .evidence = row->evidence,
                         .reason = reason,
                         .db_vnd = row->db_vnd,
                         .bank_vnd = row->bank_vnd,
                         .made_wall_s = now_wall_s,
                         .maker_id = maker->id};
    str_copy(p.maker, sizeof p.maker, maker->login);
    proposal_id(row, p.id);
    arena_init(&a);
    bool old = proposal_read(state_dir, &a, p.id, &there, err) &&
               (there.approved_wall_s || there.made_wall_s + PROPOSAL_DAYS * DAY_S > now_wall_s);
    bool ok = !old && dir_make(dir_of(&a, state_dir), err) && write_proposal(state_dir, &p, err);
    arena_done(&a);
    if (old)
        *err = (struct err){.code = E_NONE};
    return ok;
}

uint64_t proposal_list_mark(const char *state_dir) {
    struct arena a;
    struct stat st;
    uint64_t mark = 1;
    arena_init(&a);
    if (stat(dir_of(&a, state_dir), &st) == 0)
        mark = ((uint64_t)st.st_ino ^ (uint64_t)st.st_mtim.tv_sec * 1000000007u ^
                (uint64_t)st.st_mtim.tv_nsec) |
               2u;
    arena_done(&a);
    return mark;
}

bool proposal_list(const char *state_dir, struct arena *a, struct proposal **ret, uint32_t *ret_n,
                   struct err *err) {
    const char **names;
    uint32_t n = readnames(a, dir_of(a, state_dir), ".json", &names);
    *ret = arena_alloc(a, (n + 1) * sizeof **ret);
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_id(names[i]))
            continue;
        if (!proposal_read(state_dir, a, names[i], &(*ret)[*ret_n], err))
            return false;
        ++*ret_n;
    }
    return true;
}

static int id_compare(const void *id, const void *proposal) {
    return strcmp(id, ((const struct proposal *)proposal)->id);
}

const struct proposal *proposal_about(const struct proposal *list, uint32_t n,
                                      const struct recon_row *row, char id[PROPOSAL_ID_SIZE],
                                      struct recon_resolution *ret_done) {
    id[0] = '\0';
    if (row->category != RECON_SUGGESTED || !row->has_db)
        return NULL;
    proposal_id(row, id);
    const struct proposal *there = n ? bsearch(id, list, n, sizeof *list, id_compare) : NULL;
    if (there)
        *ret_done = (struct recon_resolution){there->approved_wall_s   ? "approved"
                                              : there->declined_wall_s ? "declined"
                                                                       : "proposed",
                                              there->maker, there->checker,
                                              there->approved_wall_s ? there->approved_wall_s
                                                                     : there->declined_wall_s};
    return there;
}

bool proposal_decide(const char *state_dir, struct proposal *p, const struct person *checker,
                     const struct proposal_decision *d, int64_t now_wall_s, struct err *err) {
    struct arena a;
    arena_init(&a);
    const char *why = proposal_refusal(p, checker, d->agree ? d->now : NULL, now_wall_s, &a);
    if (why)
        err_set(err, E_AUTH, OP, p->id, "%s", why);
    arena_done(&a);
    if (why)
        return false;
    p->checker_id = checker->id;
    str_copy(p->checker, sizeof p->checker, checker->login);
    p->decision_reason = d->reason;
    *(d->agree ? &p->approved_wall_s : &p->declined_wall_s) = now_wall_s;
    return write_proposal(state_dir, p, err);
}
