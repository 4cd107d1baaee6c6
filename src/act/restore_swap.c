/* act/restore_swap.c - a restored database takes its name; see restore_priv.h. */
#include "base/str.h"
#include "restore_priv.h"

#define QUERY_MS   60000
#define CREATE_MS  120000
#define SWAP_TRIES 3
#define SQL_MAX    ((size_t)1 << 20)
#define TRAITS_MAX 5000u
#define LIST_SETTING                                                                               \
    "('local_preload_libraries', 'search_path', 'session_preload_libraries',"                      \
    " 'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories')"

bool restore_statement(struct pgsession *s, const char *sql, struct err *err) {
    return pgsession_run(s, sql, CREATE_MS, err);
}

/* What pg_dump leaves out of the archive of one database, as statements for another: $1 has it, $2
 * gets it. A list of names is kept quoted as SQL wants it, but for the empty one. */
static const char traits_sql[] =
    "WITH d AS (SELECT oid, datacl, datconnlimit, datdba FROM pg_database WHERE datname = $1),"
    " acl AS (SELECT x.*, CASE x.grantee WHEN 0 THEN 'PUBLIC'"
    "  ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS who FROM d, aclexplode(d.datacl) x),"
    " set AS (SELECT s.setrole, split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS v"
    "  FROM d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(s.setconfig) c)"
    " SELECT sql FROM ("
    "SELECT 1 AS n, format('ALTER DATABASE %I CONNECTION LIMIT %s', $2::text, datconnlimit) AS sql"
    "  FROM d WHERE datconnlimit >= 0 "
    "UNION ALL SELECT 2, format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %I', $2::text,"
    "  pg_get_userbyid(datdba)) FROM d WHERE datacl IS NOT NULL "
    "UNION ALL SELECT 3, format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, $2::text, who,"
    "  CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) FROM acl "
    "UNION ALL SELECT 4, format('ALTER %s SET %s TO %s', CASE setrole WHEN 0"
    "  THEN format('DATABASE %I', $2::text)"
    "  ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), $2::text) END, name,"
    "  CASE WHEN name IN " LIST_SETTING " AND v <> '\"\"' THEN v"
    "  WHEN v = '\"\"' THEN '''''' ELSE quote_literal(v) END) FROM set "
    "UNION ALL SELECT 5, format('COMMENT ON DATABASE %I IS %L', $2::text,"
    "  shobj_description(oid, 'pg_database')) FROM d) x ORDER BY n, sql";

static const char owner_sql[] =
    "SELECT format('ALTER DATABASE %I OWNER TO %I', $2::text, pg_get_userbyid(datdba)) AS sql"
    " FROM pg_database WHERE datname = $1";

static bool add_traits(struct restoring *r, struct pgsession *s, const char *sql, struct str *out,
                       struct err *err) {
    struct pg_rows rows;
    const char *const params[] = {r->into, r->fresh};
    const struct pg_statement st = {.sql = sql,
                                    .params = params,
                                    .n_params = 2,
                                    .max_rows = TRAITS_MAX,
                                    .timeout_ms = QUERY_MS};
    if (!pgsession_exec(s, &st, r->arena, &rows, err))
        return false;
    for (uint32_t i = 0; i < rows.n_rows; i++)
        str_printf(out, "%s; ", pg_cell(&rows, i, "sql"));
    return !rows.cut || err_set(err, E_TOO_BIG, "restore.swap", r->into,
                                "has more than %u rights and settings", TRAITS_MAX);
}

/* What is done to the new database and the old one, between BEGIN and COMMIT. */
static bool swap_script(struct restoring *r, struct pgsession *s, struct str *out,
                        struct err *err) {
    const char *into = pg_quote_name(r->arena, r->into), *fresh = pg_quote_name(r->arena, r->fresh);
    str_printf(out, PG_BEGIN_DURABLE "COMMENT ON DATABASE %s IS NULL; ", fresh);
    if (r->replace && !r->no_owner &&
        (!add_traits(r, s, owner_sql, out, err) || !add_traits(r, s, traits_sql, out, err)))
        return false;
    if (r->replace)
        str_printf(out, "ALTER DATABASE %s RENAME TO %s; ", into,
                   pg_quote_name(r->arena, r->before));
    str_printf(out, "ALTER DATABASE %s RENAME TO %s; COMMIT", fresh, into);
    return !out->toobig || err_set(err, E_TOO_BIG, "restore.swap", r->into,
                                   "its rights and settings are over %zu bytes", SQL_MAX);
}

static const char end_sql[] =
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1"
    " AND pid <> pg_backend_pid()";

/* A rename waits for sessions of the old database to leave and keeps new ones out; one that came in
 * between is ended again, where that was asked for. */
static bool try_swap(struct restoring *r, struct pgsession *s, const char *sql, struct err *err) {
    bool ok = false;
    for (int i = 0; i < SWAP_TRIES && !ok && !job_cancelled(r->job); i++) {
        struct err ignored;
        const struct pg_statement st = {
            .sql = end_sql, .params = &r->into, .n_params = 1, .timeout_ms = QUERY_MS};
        if (r->end_sessions && !pgsession_exec(s, &st, r->arena, NULL, err))
            return false;
        ok = restore_statement(s, sql, err);
        if (!ok && !restore_statement(s, "ROLLBACK", &ignored))
            return false; /* the server is gone: err says so */
    }
    if (!ok && job_cancelled(r->job)) /* before the first try nothing has said so */
        return err_set(err, E_CANCELLED, "restore.swap", r->into, "stopped as asked");
    return ok;
}

bool restore_change_names(struct restoring *r, struct pgsession *s, struct err *err) {
    struct str sql;
    str_init(&sql, SQL_MAX);
    bool ok = swap_script(r, s, &sql, err) && try_swap(r, s, str_get(&sql), err);
    str_done(&sql);
    return ok;
}
