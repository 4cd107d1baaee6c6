/* sandbox/servers_pgbouncer.c - PgBouncer: its configuration, its users, its start. */
#include "servers_priv.h"

static bool configure_pgbouncer(const struct sandbox *sb, char *ini, size_t size, struct why *why) {
    char users[600];
    const struct platform *p = &sb->p;
    /* Through the relay of postgres, so that a fault there is felt here. */
    unsigned upstream = p->port[SB_POSTGRES] ? p->port[SB_POSTGRES] : 1;
    bool ok =
        work_path(sb, "pgbouncer.ini", ini, size) &&
        work_path(sb, "userlist.txt", users, sizeof users) &&
        write_file(
            users, 0600, "\"%s\" \"%s\"\n\"pgbouncer_admin\" \"%s\"\n\"pgbouncer_stats\" \"%s\"\n",
            p->db_user, p->db_password, p->pgbouncer_admin_password, p->pgbouncer_stats_password) &&
        write_file(ini, 0600,
                   "[databases]\n%s = host=127.0.0.1 port=%u dbname=%s\n\n[pgbouncer]\n"
                   "listen_addr = 127.0.0.1\nlisten_port = %u\nunix_socket_dir =\n"
                   "auth_type = md5\nauth_file = %s\npool_mode = transaction\n"
                   "default_pool_size = 20\nreserve_pool_size = 5\nmax_client_conn = 200\n"
                   "server_connect_timeout = 15\nserver_idle_timeout = 600\n"
                   "server_lifetime = 3600\nquery_wait_timeout = 120\nquery_timeout = "
                   "0\nserver_login_retry = 1\n"
                   "ignore_startup_parameters = extra_float_digits\n"
                   "admin_users = pgbouncer_admin\nstats_users = pgbouncer_stats\n",
                   p->db_name, upstream, p->db_name, (unsigned)p->backend[SB_PGBOUNCER], users) &&
        give_to_servers(sb, users) && give_to_servers(sb, ini);
    return ok || config_failed(why, "pgbouncer");
}

bool start_pgbouncer(struct sandbox *sb, struct proc *ret, struct why *why) {
    char ini[600];
    if (!configure_pgbouncer(sb, ini, sizeof ini, why)) {
        return false;
    }
    const char *const argv[] = {PGBOUNCER_PATH, ini, NULL};
    return server_spawn(sb, SB_PGBOUNCER, argv, true, ret, why);
}
