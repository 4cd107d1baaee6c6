/* app/commands.c - the table of sub-commands. Help, completions, the manual page and dispatch read
 * it. */
#include "app/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define EXITS_HEALTH "0 ok, 1 warning, 2 critical, 3 unknown"
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
            "a last passed drill older than 8 days; a failed drill is critical. What is wrong with "
            "the command line or the set-up is a line and exit 3 too.",
        .example = "goodgo check redis\ngoodgo check backup\ngoodgo check all --timeout 3000",
        .exits = EXITS_HEALTH,
        .needs = NEEDS_PLATFORM,
        .run = cmd_check,
        .refuse = cmd_check_refuse,
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
        .options = "range json plain",
        .help = "PromQL, or a preset of the runbook",
        .about = "Asks Prometheus for an expression, or for one that the runbook has a name for. "
                 "With --range it draws the course of each series up to now, or with --plain tells "
                 "it in words. No data is said, and never shown as zero.",
        .example = "goodgo query p99 --range 1h\ngoodgo query 'sum(rate(http_requests_total[5m]))'",
        .exits = "0 data, 1 no data, 2 Prometheus cannot be asked or refuses the expression",
        .needs = NEEDS_PLATFORM,
        .run = cmd_query,
    },
    {
        .name = "logs",
        .operands = "[PATTERN]",
        .options = "service level correlation range tail follow json plain",
        .help = "lines of the logs, and as they come",
        .about = "Prints the newest lines that Loki has of the last hour, oldest first: all, or "
                 "those that match a pattern (RE2, in letters of either case), of one service, of "
                 "a level and worse, or of one request by its correlation id, through all "
                 "services. With --follow it goes on as they come; with --json too, each line is "
                 "then a document of its own.",
        .example = "goodgo logs --service api --level warn --range 15m\n"
                   "goodgo logs 'redis check failed|ECONNREFUSED' --follow\n"
                   "goodgo logs --correlation 0f9a3c1e-7b52-4d0e-9a41-5c2f6f0e8d11 --range 6h",
        .exits = "0 lines, 1 no line matches, 2 Loki cannot be asked or refuses the pattern",
        .needs = NEEDS_PLATFORM,
        .run = cmd_logs,
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
        .operands = "COMMAND",
        .options = "",
        .help = "which money is stuck and why; is a callback authentic",
        .about =
            "Sees, proves, asks, heals and reconciles the platform's payments. Only replay "
            "and settle-transfer change one, and only reconcile --propose, approve and decline "
            "keep anything.",
        .example = "goodgo payments list\ngoodgo payments show 14422574",
        .exits = "those of the sub-command; 2 without one",
        .needs = NEEDS_CONFIG,
        .subs = payments_commands,
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
        .options = OPTIONS_OF_ACTS,
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
        .operands = "[DIR]",
        .options = "json remote",
        .help = "the catalogue with ages, sizes, proofs and grades",
        .about =
            "Lists the backups of BACKUP_DIR, or of the directory named, newest first. "
            "Grades: A a drill passed within drill.warn_age_s; B whole by its manifest, and not "
            "proven so lately; C no manifest; D no manifest, and the proof is too old; F empty, "
            "unreadable, of another size than its manifest says, or its last drill failed.",
        .example = "goodgo backups --remote\ngoodgo backups --json | jq '.backups[0].grade'",
        .exits = EXITS_USUAL,
        .needs = NEEDS_PLATFORM,
        .run = cmd_backups,
    },
    {
        .name = "jobs",
        .operands = "[COMMAND]",
        .options = "json state-dir",
        .help = "what runs, what ran, and how it ended",
        .about = "What the acts did or do: each is a job in a process of its own, which outlives "
                 "the terminal. Without a sub-command it lists them.",
        .example = "goodgo jobs\ngoodgo jobs attach last",
        .exits = "those of the sub-command",
        .needs = NEEDS_CONFIG,
        .run = cmd_jobs,
        .subs = jobs_commands,
    },
    {
        .name = "audit",
        .operands = "[COMMAND]",
        .options = "json state-dir",
        .help = "who did what; verify holds the chain",
        .about = "The audit trail of this state directory: each act, approval and refusal. Without "
                 "a sub-command it lists them.",
        .example = "goodgo audit\ngoodgo audit verify",
        .exits = "those of the sub-command",
        .needs = NEEDS_CONFIG,
        .run = cmd_audit,
        .subs = audit_commands,
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
        .needs = NEEDS_SETTINGS,
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
        .needs = NEEDS_SETTINGS,
        .run = cmd_keys,
    },
    {
        .name = "themes",
        .operands = "",
        .options = "show json plain",
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
    snprintf(operand, 24, "%s%s%s", act->operand_typed ? "[" : "", act->operand ? act->operand : "",
             act->operand_typed ? "]" : "");
    for (char *p = operand; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    snprintf(example, 64, "goodgo %s --dry-run", act->id);
    snprintf(about, 200, "%s: %s.", act->title, act->help);
    return (struct command){.name = act->id,
                            .operands = operand,
                            .options = OPTIONS_OF_ACTS,
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
    return act_find(c->act ? c->act : c->name);
}

bool command_has_plan(const struct command *c) {
    return command_act(c) && strstr(c->options, "dry-run");
}

bool command_is_sub(const struct command *c) {
    return strchr(c->name, ' ') != NULL;
}

const char *command_word(const struct command *c) {
    const char *blank = strchr(c->name, ' ');
    return blank ? blank + 1 : c->name;
}

const char *command_about(const struct command *c) {
    return c->about ? c->about : command_act(c)->about;
}

const struct command *command_sub(const struct command *c, const char *word) {
    for (const struct command *sub = c->subs; sub && sub->name; sub++)
        if (!strcmp(command_word(sub), word))
            return sub;
    return NULL;
}

const struct command *command_of_words(const char *const *words, int n, int *ret_used) {
    const struct command *c = n ? command_find(words[0]) : NULL;
    const struct command *sub = c && n > 1 ? command_sub(c, words[1]) : NULL;
    *ret_used = sub ? 2 : 1;
    return sub ? sub : c;
}

const struct command *command_nearest(const char *name) {
    const struct command *best = NULL;
    uint32_t best_off = 3; /* a slip of the finger or two */
    for (uint32_t i = 0; command_at(i); i++) {
        uint32_t off = str_edits(name, command_at(i)->name);
        if (off >= best_off || 2 * off >= strlen(name)) /* "logs" is not half of "jobs" */
            continue;
        best = command_at(i);
        best_off = off;
    }
    return best;
}

/* `c` has sub-commands, and none of them was named. */
static bool sub_fits(const struct command *c, int argc, char **argv, struct err *err) {
    struct str words;
    if (!argc && c->run)
        return true;
    str_init(&words, 1024);
    for (const struct command *sub = c->subs; sub->name; sub++)
        str_printf(&words, "%s%s", sub == c->subs ? "" : ", ", command_word(sub));
    err_set(err, E_CONFIG, "options", argc ? argv[0] : c->name, "%s %s",
            argc ? "is none of its sub-commands:" : "wants one of", str_get(&words));
    str_done(&words);
    return false;
}

/* An empty word is what the shells complete at the end of a line, and nothing to anybody else. */
static bool has_empty(const struct command *c, int argc, char **argv) {
    while (argc && *argv[argc - 1])
        argc--;
    return argc && c->run != cmd_complete;
}

bool command_operands_fit(const struct command *c, int argc, char **argv, struct err *err) {
    int least = 0, most = 0;
    enum service service;
    if (c->subs)
        return sub_fits(c, argc, argv, err);
    if (has_empty(c, argc, argv)) /* "$ID" of a shell that has none */
        return err_set(err, E_CONFIG, "options", c->name, "was given an empty word for %s",
                       *c->operands ? c->operands : "nothing");
    for (const char *p = c->operands; *p; p += *p == ' ') {
        least += *p != '[';
        most += 1;
        p += strcspn(p, " ");
    }
    if (command_is_sub(c) && argc < least) /* the others tell in words of their own */
        return err_set(err, E_CONFIG, "options", c->name, "needs %s", c->operands);
    if (argc <= most || strstr(c->operands, "...") || (command_act(c) && !command_is_sub(c)))
        return true;
    err_set(err, E_CONFIG, "options", argv[most], "is one word too many for goodgo %s", c->name);
    if (service_parse(argv[most], &service))
        err->todo = "`goodgo check SERVICE`, or `goodgo status --only SERVICE`";
    else if (strstr(c->operands, "EXPR"))
        err->todo = "put the whole expression into quotes: the shell takes it apart";
    return false;
}
