/* app/commands.c - the table of sub-commands. Help, completions, the manual page and dispatch read
 * it. */
#include "app/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define EXITS_USUAL  "0 done, 1 failed, 2 wrong use or set-up"
#define EXITS_HEALTH "0 ok, 1 warning, 2 critical, 3 unknown"
#define EXITS_ACT    "0 done, 1 failed, 2 wrong use or set-up, 3 refused, 130 cancelled"
#define ACT_OPTIONS  "dry-run confirm plan reason detach json state-dir read-only"
#define MAX_ACTS     32

const struct command screen_command = {
    .name = "",
    .operands = "",
    .options = "theme",
    .help = "the screen",
    .about = "Without a command, goodgo opens the screen: every service with its state, its key "
             "number, its trend and the age of what is shown. It starts read-only: no key changes "
             "the platform before :arm, and then only behind a plan and a typed word. The key ? "
             "lists all keys, and q goes back.",
    .example = "goodgo\ngoodgo --context prod --theme colorblind",
    .exits = "0 ended by you, 2 no terminal or wrong set-up, 128 + N ended by signal N",
    .needs = NEEDS_PLATFORM,
    .run = cmd_screen,
};

static const struct command commands[] = {
    {
        .name = "status",
        .operands = "",
        .options = "only watch json plain",
        .help = "every service once, worst first",
        .about = "Asks every service once, all at the same time, and prints them worst first with "
                 "what is wrong and what to do. It takes no longer than the slowest answer or its "
                 "deadline.",
        .example = "goodgo status\ngoodgo status --only redis,postgres\n"
                   "goodgo status --json | jq .overall",
        .exits = EXITS_HEALTH,
        .needs = NEEDS_PLATFORM,
        .run = cmd_status,
    },
    {
        .name = "check",
        .operands = "SERVICE|all",
        .options = "",
        .help = "one Nagios line with perfdata",
        .about =
            "Asks one service, or all, and prints one line with performance data for Nagios, "
            "Icinga and their kin. check backup warns of a newest backup older than 26 h and of "
            "a last passed drill older than 8 days; a failed drill is critical.",
        .example = "goodgo check redis\ngoodgo check backup\ngoodgo check all --timeout 3000",
        .exits = EXITS_HEALTH,
        .needs = NEEDS_PLATFORM,
        .run = cmd_check,
    },
    {
        .name = "alerts",
        .operands = "",
        .options = "json",
        .help = "what Prometheus says is pending or firing",
        .about = "Prints the alerts that Prometheus holds, pending and firing.",
        .example = "goodgo alerts",
        .exits = "0 none, 1 some, 2 Prometheus cannot be asked",
        .needs = NEEDS_PLATFORM,
        .run = cmd_alerts,
    },
    {
        .name = "query",
        .operands = "PRESET|EXPR",
        .options = "range json",
        .help = "PromQL, or a preset of the runbook",
        .about = "Asks Prometheus for an expression, or for one that the runbook has a name for. "
                 "With --range it draws the course of each series up to now. No data is said, and "
                 "never shown as zero.",
        .example = "goodgo query p99 --range 1h\ngoodgo query 'sum(rate(http_requests_total[5m]))'",
        .exits = "0 data, 1 no data, 2 Prometheus cannot be asked or refuses the expression",
        .needs = NEEDS_PLATFORM,
        .run = cmd_query,
    },
    {
        .name = "snapshot",
        .operands = "",
        .options = "output for",
        .help = "all readings in one file",
        .about =
            "Asks everything and writes one document that render can draw from, here or "
            "elsewhere, now or later. With --for it watches that long first, so that rates and "
            "trends are in it; Ctrl-C ends that early. It holds no secret: attach it to a report.",
        .example = "goodgo snapshot -o now.json\ngoodgo snapshot --for 15m -o incident.json",
        .exits = EXITS_USUAL,
        .needs = NEEDS_PLATFORM,
        .run = cmd_snapshot,
    },
    {
        .name = "render",
        .operands = "VIEW",
        .options = "timeout size format theme snapshot keys ascii plain",
        .help = "draw one screen",
        .about = "Draws one screen as text, ANSI or SVG, of a snapshot file or of the platform "
                 "asked once. --keys presses keys first, so that it can show a filter or a second "
                 "pane.",
        .example = "goodgo render overview --size 120x40\n"
                   "goodgo render postgres --snapshot now.json --format svg >postgres.svg",
        .exits = EXITS_USUAL,
        .needs = NEEDS_CONFIG,
        .run = cmd_render,
    },
    {
        .name = "payments",
        .operands = "list|show|verify|ask|replay|settle-transfer|reconcile|proposals|approve|"
                    "kinds PAYMENT...",
        .options =
            "provider status class older-than day since statement gateway csv propose limit kind "
            "raw received " ACT_OPTIONS,
        .help = "which money is stuck and why; is a callback authentic",
        .about = "With list, payments that are open or contradict what is stored with them, worst "
                 "first; with --day or --status all of those. With show, all that is known of one, "
                 "by its id, an order or transaction number, its user or its idempotency key. With "
                 "verify, one message of a payment provider is held, byte for byte, against the "
                 "credentials of the env file: the one that is stored with a payment, or one that "
                 "is handed in. A signature that does not fit is explained as far as it can be. "
                 "With ask, the provider's gateway is asked what it knows of an order, or with "
                 "--kind refund of a refund; a question too soon is not sent. With replay, the "
                 "stored messages of payments go through the API again: an act, with a plan; with "
                 "settle-transfer a bank transfer is settled by its statement. With reconcile, "
                 "payments, gateways' files and bank statements are matched three ways; what it "
                 "suggests is proposed with --propose, listed by proposals, and decided by another "
                 "person with approve. With kinds, every provider and kind of message is listed.",
        .example = "goodgo payments list --provider vnpay --older-than 1h\n"
                   "goodgo payments show 14422574\n"
                   "goodgo payments kinds\n"
                   "goodgo payments ask PAYMENT --provider momo\n"
                   "goodgo payments replay PAYMENT --dry-run\n"
                   "goodgo payments reconcile --day 2026-10-10 --statement vcb.csv --csv out.csv\n"
                   "goodgo payments verify --provider vnpay --raw callback.txt",
        .exits =
            "0 done, authentic, told; 1 failed, not authentic, not told; 2 wrong use, no verdict",
        .needs = NEEDS_CONFIG,
        .run = cmd_payments,
    },
    {
        .name = "env",
        .operands = "check|names",
        .options = "json man",
        .help = "the env file against the runbook; never prints a secret",
        .about =
            "With check, each name of the env file is held against the runbook: set, unset, "
            "still a placeholder, or contradictory. A secret is shown as its last four letters "
            "at the most. With names, every name is listed with what it is for.",
        .example = "goodgo env check\ngoodgo --context prod env check --json",
        .exits = "0 nothing to say, 1 errors or warnings, 2 the file cannot be used",
        .needs = NEEDS_CONFIG,
        .run = cmd_env,
    },
    {
        .name = "verify",
        .operands = "FILE|latest",
        .options = ACT_OPTIONS,
        .help = "prove that a backup restores",
        .about = "The restore drill: restores the backup beside the platform, holds every table "
                 "against its manifest, and writes the runbook's report. With --quick it restores "
                 "nothing and reads the archive alone, in seconds.",
        .example = "goodgo verify latest --dry-run\ngoodgo verify --quick",
        .exits = "0 passed, 1 a check failed, 2 it could not be set up, 3 refused, 130 cancelled",
        .needs = NEEDS_PLATFORM,
        .run = cmd_verify,
    },
    {
        .name = "backups",
        .operands = "DIR",
        .options = "json remote",
        .help = "the catalogue with ages, sizes, proofs and grades",
        .about =
            "Lists the backups of BACKUP_DIR, or of the directory named, newest first. "
            "Grades: A a drill passed within drill.warn_age_s; B whole by its manifest, and not "
            "proved so lately; C no manifest; D no manifest, and the proof is too old; F empty, "
            "unreadable, of another size than its manifest says, or its last drill failed.",
        .example = "goodgo backups --remote\ngoodgo backups --json | jq '.backups[0].grade'",
        .exits = EXITS_USUAL,
        .needs = NEEDS_PLATFORM,
        .run = cmd_backups,
    },
    {
        .name = "jobs",
        .operands = "list|show|attach|cancel|approve|decline JOB",
        .options = "json state-dir confirm reason dry-run read-only",
        .help = "what runs, what ran, and how it ended",
        .about = "Lists the jobs of the acts, shows one, follows one to its end, or asks one to "
                 "stop. Without a JOB it is the last one. Ctrl-C leaves a followed job running. "
                 "approve and decline answer, as the second person, a job of anybody on this "
                 "machine that waits for one (second_person.tier of the config).",
        .example = "goodgo jobs\ngoodgo jobs attach last\ngoodgo jobs approve",
        .exits = EXITS_ACT,
        .needs = NEEDS_CONFIG,
        .run = cmd_jobs,
    },
    {
        .name = "audit",
        .operands = "list|verify",
        .options = "json state-dir",
        .help = "who did what; verify holds the chain",
        .about = "Lists the audit trail, newest first. With verify it holds the chain of its "
                 "records, each of which has the hash of the one before.",
        .example = "goodgo audit\ngoodgo audit verify",
        .exits = "0 done and whole, 1 failed, 2 wrong use or a broken chain",
        .needs = NEEDS_CONFIG,
        .run = cmd_audit,
    },
    {
        .name = "settings",
        .operands = "",
        .options = "json man",
        .help = "the console's own settings and their values",
        .about = "Prints each setting of the console's own file, its value now, its default and "
                 "what it does.",
        .example = "goodgo settings",
        .exits = EXITS_USUAL,
        .needs = NEEDS_CONFIG,
        .run = cmd_settings,
    },
    {
        .name = "keys",
        .operands = "",
        .options = "json man",
        .help = "every key and its action",
        .about = "Prints the key table with your own changes in it. Each action has a name, by "
                 "which a keys line of the settings file gives it other keys.",
        .example = "goodgo keys",
        .exits = EXITS_USUAL,
        .needs = NEEDS_CONFIG,
        .run = cmd_keys,
    },
    {
        .name = "themes",
        .operands = "",
        .options = "show json",
        .help = "the colour themes",
        .about = "Lists the themes that are built in and those of your own. With --show each role "
                 "is printed in its colours.",
        .example = "goodgo themes --show",
        .exits = EXITS_USUAL,
        .needs = NEEDS_NOTHING,
        .run = cmd_themes,
    },
    {
        .name = "errors",
        .operands = "",
        .options = "",
        .help = "every kind of error and what to do about it",
        .about = "Prints, as Markdown, each code that an error of the JSON may have, what it means "
                 "and what the console advises.",
        .example = "goodgo errors",
        .exits = EXITS_USUAL,
        .needs = NEEDS_NOTHING,
        .run = cmd_errors,
    },
    {
        .name = "job-run",
        .operands = "JOB",
        .options = "state-dir",
        .help = "does one planned job; started by the console itself",
        .about = "The runner of a job, in a process of its own. The console starts it; there is no "
                 "use for it by hand.",
        .example = "goodgo jobs show last",
        .exits = EXITS_ACT,
        .needs = NEEDS_PLATFORM,
        .run = cmd_job_run,
    },
    {
        .name = "complete",
        .operands = "WORD...",
        .options = "",
        .help = "what may follow a command line; for the shells",
        .about = "Prints what the last of the given words may become, one a line with its help "
                 "after a tab. The completions for bash, zsh and fish call it, so they always know "
                 "what this goodgo knows.",
        .example = "goodgo complete -- status --on",
        .exits = EXITS_USUAL,
        .needs = NEEDS_NOTHING,
        .run = cmd_complete,
    },
    {
        .name = "version",
        .operands = "",
        .options = "json",
        .help = "version, and that of each library",
        .about = "Prints the version of goodgo and of each library it runs with: the first "
                 "question of a bug report.",
        .example = "goodgo version --json",
        .exits = EXITS_USUAL,
        .needs = NEEDS_NOTHING,
        .run = cmd_version,
    },
};
static const struct command *table_find(const char *name) {
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* An act as a command; "file" becomes the operand FILE. */
static struct command command_of_act(const struct act *act, char operand[24], char example[64],
                                     char about[200]) {
    snprintf(operand, 24, "%s", act->operand ? act->operand : "");
    for (char *p = operand; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    snprintf(example, 64, "goodgo %s --dry-run", act->id);
    snprintf(about, 200, "%s: %s.", act->title, act->help);
    return (struct command){.name = act->id,
                            .operands = operand,
                            .options = ACT_OPTIONS,
                            .help = act->help,
                            .about = act->about ? act->about : about,
                            .example = act->example ? act->example : example,
                            .exits = EXITS_ACT,
                            .needs = NEEDS_PLATFORM};
}

/* The acts that have no command of their own in the table. */
static const struct command *act_command_at(uint32_t i) {
    static struct command made[MAX_ACTS];
    static char operands[MAX_ACTS][24], examples[MAX_ACTS][64], abouts[MAX_ACTS][200];
    for (uint32_t a = 0; a < n_acts && a < MAX_ACTS; a++) {
        if (table_find(acts[a]->id) || i-- != 0)
            continue;
        if (!made[a].name)
            made[a] = command_of_act(acts[a], operands[a], examples[a], abouts[a]);
        return &made[a];
    }
    return NULL;
}

const struct command *command_at(uint32_t i) {
    return i < ARRAY_LEN(commands) ? &commands[i] : act_command_at(i - ARRAY_LEN(commands));
}

const struct command *command_find(const char *name) {
    const struct command *c;
    for (uint32_t i = 0; (c = command_at(i)); i++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

const struct act *command_act(const struct command *c) {
    return act_find(c->name);
}

const struct command *command_nearest(const char *name) {
    const struct command *best = NULL;
    uint32_t best_off = 3; /* a slip of the finger or two */
    for (uint32_t i = 0; command_at(i); i++) {
        uint32_t off = str_edits(name, command_at(i)->name);
        if (off >= best_off || off >= strlen(name))
            continue;
        best = command_at(i);
        best_off = off;
    }
    return best;
}

bool command_operands_fit(const struct command *c, int argc, char **argv, struct err *err) {
    int most = *c->operands != 0;
    enum service service;
    for (const char *p = c->operands; *p; p++) {
        most += *p == ' ';
        if (str_starts(p, "..."))
            return true;
    }
    if (argc <= most || command_act(c)) /* an act counts its own */
        return true;
    err_set(err, E_CONFIG, "options", argv[most], "is one word too many for goodgo %s", c->name);
    if (service_parse(argv[most], &service))
        err->todo = "`goodgo check SERVICE`, or `goodgo status --only SERVICE`";
    return false;
}
