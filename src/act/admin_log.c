/* act/admin_log.c - see admin_log_priv.h. */
#include "admin_log_priv.h"

static const char insert_sql[] =
    "WITH who AS (SELECT \"id\" FROM public.\"User\" WHERE \"role\" = 'ADMIN'"
    " AND CASE $1 WHEN '' THEN split_part(\"email\", '@', 1) = $2"
    " ELSE \"id\" = $1 OR \"email\" = $1 END LIMIT 2),"
    " told AS (INSERT INTO public.\"AdminAuditLog\" (\"id\", \"actorId\", \"action\","
    " \"targetType\", \"targetId\", \"metadata\")"
    " SELECT 'c' || substr(md5(random()::text || clock_timestamp()::text), 1, 24), min(\"id\"),"
    " $3, $4, $5, $6::jsonb FROM who HAVING count(*) = 1)"
    " SELECT count(*) AS n FROM who";

static const char *or_empty(const char *s) {
    return s ? s : "";
}

bool admin_log_insert(struct pgsession *s, const struct admin_entry *e, uint32_t timeout_ms,
                      struct arena *a, int64_t *ret_n, struct err *err) {
    const char *params[] = {or_empty(e->admin), e->login,     e->action,
                            e->target_type,     e->target_id, e->metadata};
    struct pg_rows rows = {0};
    const struct pg_statement st = {
        .sql = insert_sql, .params = params, .n_params = 6, .timeout_ms = timeout_ms};
    if (!pgsession_exec(s, &st, a, &rows, err))
        return false;
    return pg_cell_i64(&rows, 0, "n", ret_n) ||
           err_set(err, E_PROTOCOL, "act.tell", "AdminAuditLog", "the server counts nobody");
}

const char *admin_log_nobody(const struct admin_entry *e, int64_t n, struct arena *a) {
    return arena_printf(a, "%s called %s", n ? "several administrators are" : "no administrator is",
                        *or_empty(e->admin) ? e->admin : e->login);
}
