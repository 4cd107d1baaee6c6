/* app/command.h - what every sub-command is handed, and the table of them. A new one is
 * src/app/cmd_<name>.c and a row in commands.c. Data goes to stdout, words about it to stderr; exit
 * codes are those of docs/goodgo.1. */
#ifndef GOODGO_APP_COMMAND_H
#define GOODGO_APP_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "act/act.h"
#include "app/config.h"
#include "app/dotenv.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/settings.h"
#include "model/snapshot.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_REFUSED = 3,
    EXIT_CANCELLED = 130
};

/* Command-line options; NULL or false when not given. One table in options.c reads them all. */
struct options {
    uint64_t given; /* bit i = row i of the table was on the command line */
    const char *env_file, *context, *config_file, *state_dir, *only, *range, *watch_for, *output,
        *size, *format, *theme, *snapshot, *keys, *confirm, *reason, *plan, *provider, *kind, *raw,
        *received, *status, *pay_class, *older_than, *day, *limit, *since, *csv, *service, *level,
        *correlation, *tail;
    uint32_t timeout_ms;
    bool read_only, json, plain, help, version, watch, ascii, remote, man, show, dry_run, detach,
        follow;
    struct pairs arguments; /* of the action on the command line, from its own options, in order */
};

struct app_context {
    int argc; /* operands that are left after the options, without the command's name */
    char **argv;
    struct options options;
    struct arena arena;   /* lives as long as the program */
    const char *env_path; /* the file that was read; NULL = none */
    const char *warning;  /* of how the console was started; NULL = none */
    struct env env;
    struct config config;
    struct settings settings_storage;
    const struct settings *settings;
    const char *state_dir;
    const char *theme; /* --theme, else the config's */
    bool json;         /* --json */
    bool no_colour;    /* NO_COLOR is set */
};

#define EXITS_USUAL     "0 done, 1 failed, 2 wrong use or set-up"
#define EXITS_ACT       "0 done, 1 failed, 2 wrong use or set-up, 3 refused, 130 cancelled"
#define OPTIONS_OF_ACTS "dry-run confirm plan reason detach json state-dir read-only"

/* A command is mostly data: dispatch, --help, the manual page and shell completion all read it. */
enum command_needs {
    NEEDS_NOTHING,
    NEEDS_SETTINGS, /* the console's own file */
    NEEDS_CONFIG,   /* and the env file */
    NEEDS_PLATFORM  /* and whoever answers */
};
struct command {
    const char *name; /* of a sub-command both words: "jobs show" */
    /* One word per operand, choices joined by '|', in brackets where it may be left out. Lower case
     * is typed as it stands; SERVICE, VIEW, PRESET, FILE and the like are kinds that completion
     * knows (see complete.c). */
    const char *operands;
    const char *options; /* names of those it takes beside the global ones, with spaces between */
    const char *help;    /* one line */
    const char *about;   /* some sentences */
    const char *example; /* command lines, one a line */
    const char *exits;   /* what its exit codes mean */
    /* Of a sub-command: what it looks at, and what it leaves behind. */
    const char *reads, *writes;
    const char *schema; /* of its --json; NULL: it has none, or `about` tells */
    enum command_needs needs;
    /* NULL: app_act() of the act of that name; with sub-commands: it does nothing without one */
    int (*run)(struct app_context *app);
    /* What is said where it cannot be run at all, and the exit code; NULL: app_fail(), EXIT_USAGE
     */
    int (*refuse)(const struct err *err);
    const struct command *subs; /* its sub-commands, up to one without a name; NULL = none */
    const char *act;            /* of a sub-command that is an act: its id */
};
extern const struct command screen_command; /* `goodgo` alone */
extern const struct command payments_commands[], jobs_commands[], audit_commands[];
/* Those of the table in commands.c, then the acts; NULL past the last. */
const struct command *command_at(uint32_t i);
const struct command *command_find(const char *name);
/* Of a name that is none: what was meant, where a letter or two would make it one; else NULL. */
const struct command *command_nearest(const char *name);
/* The command that the words begin with, and how many of them name it: 1, or 2 with a sub-command.
 * Of a `c` with sub-commands and no such word it is `c` itself. */
const struct command *command_of_words(const char *const *words, int n, int *ret_used);
const struct command *command_sub(const struct command *c, const char *word); /* NULL = none */
const char *command_word(const struct command *c); /* what is typed last of its name */
bool command_is_sub(const struct command *c);
const char *command_about(const struct command *c); /* its own, or that of its act */
/* Refuses words that are no sub-command, operands that the command would pass over, and too few of
 * a sub-command's. */
bool command_operands_fit(const struct command *c, int argc, char **argv,
                          struct err *err) MUST_CHECK;
const struct act *command_act(const struct command *c); /* whose options it takes too; NULL */
bool command_has_plan(const struct command *c);         /* it is that act: plan, word, job */

int cmd_screen(struct app_context *app);
int cmd_status(struct app_context *app);
int cmd_check(struct app_context *app);
int cmd_check_refuse(const struct err *err);
int cmd_complete(struct app_context *app);
int cmd_alerts(struct app_context *app);
int cmd_query(struct app_context *app);
int cmd_logs(struct app_context *app);
int cmd_snapshot(struct app_context *app);
int cmd_render(struct app_context *app);
int cmd_env(struct app_context *app);
int cmd_errors(struct app_context *app);
int cmd_themes(struct app_context *app);
int cmd_keys(struct app_context *app);
int cmd_settings(struct app_context *app);
int cmd_version(struct app_context *app);
int cmd_verify(struct app_context *app);
int cmd_backups(struct app_context *app);
int cmd_jobs(struct app_context *app);  /* lists them */
int cmd_audit(struct app_context *app); /* lists the trail */
int cmd_job_run(struct app_context *app);

/* An action as a sub-command: plan, question, job, and (unless --detach) its progress to the end.
 * See docs/goodgo.1, "Acts". Returns the job's exit code. */
int app_act(struct app_context *app, const struct act *act);
/* Asks whoever sits here to agree to the plan: y, its word, or --confirm. EXIT_DONE or
 * EXIT_REFUSED. */
int app_confirm(const struct app_context *app, const struct plan *p);
/* Prints the plan and asks; false: it is not to be done (--dry-run, another plan, no word), and
 * *ret_code is what to end with. */
bool app_agreed(struct app_context *app, const struct plan *p, int *ret_code);
#define CANCEL_COMMAND "jobs cancel"
int app_cancel(struct app_context *app); /* at once, or behind its plan and word */
/* Says yes or no, as the second person, to a job that waits for one; NULL: the only one. */
int app_consent(struct app_context *app, const char *job_id, bool agree);
/* Follows a job until it ends or Ctrl-C, which leaves the job running. */
int app_attach(struct app_context *app, const char *job_id);

/* Reads what the options name, for who asks no platform: settings, env file, state directory. */
bool app_look(struct app_context *app, struct err *err) MUST_CHECK;
/* The env file that the options name, else ./.env when it exists, else NULL. */
const char *app_env_path(struct app_context *app);
/* Asks every service of `only` (bit set, 0 = all) once, all at the same time; NULL never. Caller
 * unrefs. APP_EVERYTHING has what the console knows itself, too: payments, proposals, jobs with the
 * log of the newest, trail, the last day that was closed. */
#define APP_SERVICES   (BIT(SERVICE_COUNT) - 1)
#define APP_EVERYTHING (BIT(SERVICE_COUNT + OWN_COUNT) - 1)
struct snapshot *app_ask_once(struct app_context *app, uint32_t only);
/* Watches the whole platform that long, until then or a signal. Caller unrefs. */
struct snapshot *app_ask_for(struct app_context *app, uint32_t seconds);
/* Asks on as the screen does, each service at least each 2 s: what is known goes to `each`, which
 * says whether to go on, when all have been asked and each every_ms after; until then or a signal.
 */
void app_ask_on(struct app_context *app, uint32_t only, uint32_t every_ms,
                bool (*each)(void *ctx, struct snapshot *s), void *ctx);
/* Waits; true when SIGINT or SIGTERM came. */
bool app_interrupted(uint32_t wait_ms);
/* Prints "goodgo: sentence" to stderr and returns `code`. */
int app_fail(const struct err *err, int code);
/* What begins that health's colour on standard output, for a person: a terminal, no --plain, no
 * NO_COLOR; else "". "\033[0m" ends it. */
const char *app_paint(const struct app_context *app, enum health h);
/* Writes all of `out` to stdout; false (and a sentence) when that fails. */
bool app_print(const struct str *out);
/* By its name, or "backup": what the duty is called that the inventory calls pg-backup. */
bool app_service(const char *word, enum service *ret);
/* "a,b" of such names as a bit set. */
bool app_services(const char *list, uint32_t *ret_bits, struct err *err) MUST_CHECK;
/* A file or directory of the user's configuration: $XDG_CONFIG_HOME/goodgo/REST, else under
 * ~/.config. */
const char *app_config_path(struct arena *a, const char *rest);

#endif
