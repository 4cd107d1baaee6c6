/* sandbox/servers_alertmanager.c - Alertmanager: its configuration, which tells nobody; its start.
 */
#include "servers_priv.h"

#include <stdio.h>

bool start_alertmanager(struct sandbox *sb, struct proc *ret, struct why *why) {
    char data[600], yml[700], config[800], storage[800], listen[80];
    bool ok = make_server_dir(sb, "alertmanager", false, 0700, data, sizeof data) &&
              path_join(yml, sizeof yml, data, "alertmanager.yml") &&
              write_file(yml, 0600,
                         "route:\n  receiver: nobody\n  group_by: [alertname]\n  group_wait: 1s\n"
                         "  group_interval: 1s\n  repeat_interval: 1h\n"
                         "receivers:\n  - name: nobody\n");
    if (!ok) {
        return config_failed(why, "alertmanager");
    }
    snprintf(config, sizeof config, "--config.file=%s", yml);
    snprintf(storage, sizeof storage, "--storage.path=%s/data", data);
    snprintf(listen, sizeof listen, "--web.listen-address=127.0.0.1:%u",
             (unsigned)sb->p.backend[SB_ALERTMANAGER]);
    const char *const argv[] = {
        ALERTMANAGER_PATH,  config, storage, listen, "--cluster.listen-address=",
        "--log.level=warn", NULL};
    return server_spawn(sb, SB_ALERTMANAGER, argv, false, ret, why);
}
