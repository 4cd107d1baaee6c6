/* app/commands.c - the table of sub-commands. Help, completions and dispatch read it. */
#include "app/command.h"

#include <string.h>

const struct command commands[] = {
    {"status", "[--only a,b] [--watch]", "every service once, worst first", NEEDS_PLATFORM,
     cmd_status},
    {"check", "SERVICE|all", "one Nagios line with perfdata", NEEDS_PLATFORM, cmd_check},
    {"alerts", "", "what Prometheus says is pending or firing", NEEDS_PLATFORM, cmd_alerts},
    {"query", "EXPR|PRESET [--range 1h]", "PromQL, or a preset of the runbook", NEEDS_PLATFORM,
     cmd_query},
    {"snapshot", "[-o F]", "all readings in one file", NEEDS_PLATFORM, cmd_snapshot},
    {"render", "VIEW [--size 80x24] [--snapshot F] [--format text|ansi|svg]", "draw one screen",
     NEEDS_CONFIG, cmd_render},
    {"payments", "verify --provider ID [--kind KIND] --raw F|- [--received TIME] | kinds",
     "is this callback authentic, and if not, why", NEEDS_CONFIG, cmd_payments},
    {"env", "check", "the env file against the runbook; never prints a secret", NEEDS_CONFIG,
     cmd_env},
    {"errors", "", "every kind of error and what to do about it", NEEDS_NOTHING, cmd_errors},
    {"verify", "[FILE|latest] [--quick]", "restore drill; exit 0 pass, 1 failed, 2 set-up",
     NEEDS_PLATFORM, cmd_verify},
    {"backups", "[DIR]", "the catalogue with ages, sizes, proofs and grades", NEEDS_PLATFORM,
     cmd_backups},
    {"jobs", "[list|show|attach|cancel ID]", "what runs, what ran, and how it ended", NEEDS_CONFIG,
     cmd_jobs},
    {"audit", "[list|verify]", "who did what; verify exits 2 on a broken chain", NEEDS_CONFIG,
     cmd_audit},
    {"job-run", "ID", "does one planned job; started by the console itself", NEEDS_PLATFORM,
     cmd_job_run},
    {"themes", "[--show]", "the colour themes", NEEDS_NOTHING, cmd_themes},
    {"keys", "[--man]", "every key and its action", NEEDS_CONFIG, cmd_keys},
    {"version", "", "version, and that of each library", NEEDS_NOTHING, cmd_version},
};
const uint32_t n_commands = ARRAY_LEN(commands);

const struct command *command_find(const char *name) {
    for (uint32_t i = 0; i < n_commands; i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}
