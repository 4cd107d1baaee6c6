/* app/options.c - the command line: global and command options in any position, one table, unknown
 * ones refused. */
#include "app/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum kind { KIND_TEXT, KIND_FLAG, KIND_MS };
/* Who takes an option: only the commands that name it, or every one. The global ones are shown in
 * the help of those that name them, of all, of those that read the settings, that read the env
 * file, that ask the platform, or of the screen. */
enum taken {
    NAMED,
    GLOBAL_NAMED,
    GLOBAL_ALL,
    GLOBAL_SETTINGS,
    GLOBAL_READERS,
    GLOBAL_ASKERS,
    GLOBAL_SCREEN
};
static const struct option_row {
    const char *name;
    char letter;
    enum kind kind;
    enum taken taken;
    size_t offset;
    const char *value, *help;
} rows[] = {
    {"env-file", 'e', KIND_TEXT, GLOBAL_READERS, offsetof(struct options, env_file), "FILE",
     "the platform's .env (default ./.env)"},
    {"context", 'c', KIND_TEXT, GLOBAL_READERS, offsetof(struct options, context), "CONTEXT",
     "~/.config/goodgo/contexts/CONTEXT.env"},
    {"config", 0, KIND_TEXT, GLOBAL_SETTINGS, offsetof(struct options, config_file), "FILE",
     "the console's own settings (default ~/.config/goodgo/config)"},
    {"state-dir", 0, KIND_TEXT, GLOBAL_SCREEN, offsetof(struct options, state_dir), "DIR",
     "jobs, trail and saved screens (default ~/.local/state/goodgo)"},
    {"timeout", 't', KIND_MS, GLOBAL_ASKERS, offsetof(struct options, timeout_ms), "MS",
     "deadline for every service, 10 to 600000"},
    {"read-only", 0, KIND_FLAG, GLOBAL_SCREEN, offsetof(struct options, read_only), NULL,
     "nothing that changes the platform can be started"},
    {"only", 0, KIND_TEXT, NAMED, offsetof(struct options, only), "SERVICES",
     "these services only, with commas between"},
    {"watch", 'w', KIND_FLAG, NAMED, offsetof(struct options, watch), NULL,
     "again and again, until Ctrl-C"},
    {"range", 0, KIND_TEXT, NAMED, offsetof(struct options, range), "TIME",
     "from that long ago up to now: 90s, 15m, 1h, 7d"},
    {"service", 's', KIND_TEXT, NAMED, offsetof(struct options, service), "SERVICE",
     "of this service only"},
    {"level", 'l', KIND_TEXT, NAMED, offsetof(struct options, level), "LEVEL",
     "of this level and worse: trace debug info warn error fatal"},
    {"correlation", 0, KIND_TEXT, NAMED, offsetof(struct options, correlation), "ID",
     "of this request only, through all services"},
    {"tail", 'n', KIND_TEXT, NAMED, offsetof(struct options, tail), "N",
     "the newest so many lines (default 100)"},
    {"follow", 'f', KIND_FLAG, NAMED, offsetof(struct options, follow), NULL,
     "go on as lines come, until Ctrl-C"},
    {"for", 0, KIND_TEXT, NAMED, offsetof(struct options, watch_for), "TIME",
     "watch that long first: 90s, 15m"},
    {"output", 'o', KIND_TEXT, NAMED, offsetof(struct options, output), "FILE",
     "write to a file, whole or not at all"},
    {"size", 0, KIND_TEXT, NAMED, offsetof(struct options, size), "WxH",
     "columns x rows of the drawn screen (default 80x24)"},
    {"format", 0, KIND_TEXT, NAMED, offsetof(struct options, format), "text|ansi|svg",
     "how the screen is drawn (default text)"},
    {"theme", 0, KIND_TEXT, NAMED, offsetof(struct options, theme), "THEME",
     "colours; goodgo themes lists them"},
    {"snapshot", 0, KIND_TEXT, NAMED, offsetof(struct options, snapshot), "FILE",
     "draw from a saved snapshot; - reads standard input"},
    {"keys", 0, KIND_TEXT, NAMED, offsetof(struct options, keys), "KEYS",
     "keys to press before drawing, with spaces between"},
    {"provider", 0, KIND_TEXT, NAMED, offsetof(struct options, provider), "PROVIDER",
     "a payment provider"},
    {"kind", 0, KIND_TEXT, NAMED, offsetof(struct options, kind), "KIND",
     "what kind of message; auto tells from the bytes"},
    {"raw", 0, KIND_TEXT, NAMED, offsetof(struct options, raw), "FILE",
     "the bytes as they were received; - is standard input"},
    {"received", 0, KIND_TEXT, NAMED, offsetof(struct options, received), "TIME",
     "when they were, so that a key of that time counts"},
    {"status", 0, KIND_TEXT, NAMED, offsetof(struct options, status), "STATUS",
     "PENDING, COMPLETED ...; several with commas between"},
    {"class", 0, KIND_TEXT, NAMED, offsetof(struct options, pay_class), "CLASS",
     "paid_not_credited, stuck ...; several with commas between"},
    {"older-than", 0, KIND_TEXT, NAMED, offsetof(struct options, older_than), "TIME",
     "made that long ago or longer: 90s, 15m, 1h, 7d"},
    {"day", 0, KIND_TEXT, NAMED, offsetof(struct options, day), "DAY",
     "made on that day in Vietnam: 2026-10-09"},
    {"since", 0, KIND_TEXT, NAMED, offsetof(struct options, since), "DAY",
     "from that day in Vietnam on"},
    {"csv", 0, KIND_TEXT, NAMED, offsetof(struct options, csv), "FILE",
     "every row as CSV for finance, whole or not at all"},
    {"limit", 0, KIND_TEXT, NAMED, offsetof(struct options, limit), "N",
     "at most so many rows (default 200)"},
    {"remote", 0, KIND_FLAG, NAMED, offsetof(struct options, remote), NULL,
     "also the copies in the object store"},
    {"ascii", 0, KIND_FLAG, NAMED, offsetof(struct options, ascii), NULL, "ASCII shapes only"},
    {"show", 0, KIND_FLAG, NAMED, offsetof(struct options, show), NULL, "with a sample"},
    {"man", 0, KIND_FLAG, NAMED, offsetof(struct options, man), NULL,
     "as a part of the manual page"},
    {"dry-run", 0, KIND_FLAG, NAMED, offsetof(struct options, dry_run), NULL,
     "print the plan and stop"},
    {"confirm", 0, KIND_TEXT, NAMED, offsetof(struct options, confirm), "WORD",
     "the plan's typed word, for scripts: 'prod:2'"},
    {"plan", 0, KIND_TEXT, NAMED, offsetof(struct options, plan), "ID",
     "refuse unless the plan still has this id"},
    {"reason", 0, KIND_TEXT, NAMED, offsetof(struct options, reason), "WHY",
     "kept in the audit trail"},
    {"detach", 0, KIND_FLAG, NAMED, offsetof(struct options, detach), NULL,
     "print the job's id and do not wait for it"},
    {"json", 'j', KIND_FLAG, NAMED, offsetof(struct options, json), NULL,
     "one JSON document on stdout"},
    {"plain", 'p', KIND_FLAG, GLOBAL_NAMED, offsetof(struct options, plain), NULL,
     "no colour, no box drawing"},
    {"help", 'h', KIND_FLAG, GLOBAL_ALL, offsetof(struct options, help), NULL, "this help"},
    {"version", 'V', KIND_FLAG, GLOBAL_SCREEN, offsetof(struct options, version), NULL,
     "the version, and that of each library"},
};

static bool wrong(const char *name, const char *why, struct err *err) {
    char option[48];
    snprintf(option, sizeof option, "--%s", name);
    return err_set(err, E_CONFIG, "options", option, "%s", why);
}

/* "$DIR" of a shell that has none would be the root directory, or no filter at all. */
static bool is_empty(const char *name, const char *value, struct err *err) {
    return value && !*value && !wrong(name, "needs a value, and was given an empty one", err);
}

static bool take(struct options *o, const struct option_row *row, const char *value,
                 struct err *err) {
    void *field = (char *)o + row->offset;
    int64_t n;
    if (is_empty(row->name, value, err))
        return false;
    if (row->kind == KIND_FLAG) {
        *(bool *)field = true;
    } else if (row->kind == KIND_TEXT) {
        *(const char **)field = value;
    } else {
        if (!str_to_i64(value, 10, 600000, &n))
            return wrong(row->name, "is milliseconds from 10 to 600000", err);
        *(uint32_t *)field = (uint32_t)n;
    }
    return true;
}

static bool take_argument(struct options *o, const struct act_option *option, const char *value,
                          struct err *err) {
    if (is_empty(option->name, value, err))
        return false;
    if (o->arguments.n == PLAN_MAX_PAIRS)
        return wrong(option->name, "is one option too many", err);
    o->arguments.at[o->arguments.n++] = (struct pair){option->name, value ? value : "1"};
    return true;
}

/* Of `-xj` getopt tells only the letter, of `--nonsense` only that it stands before optind. */
static bool refuse(int found, char **argv, struct err *err) {
    char letter[3] = {'-', (char)optopt, 0};
    const char *word = optopt > 0 && optopt < 256 ? letter : argv[optind - 1];
    const char *why = found == ':'    ? "needs a value"
                      : optopt >= 256 ? "takes no value"
                                      : "is not an option, or not a whole one";
    return err_set(err, E_CONFIG, "options", word, "%s", why);
}

#define ACTION_BASE 1024
#define OPERAND     1 /* what getopt calls one */
#define LONGS_MAX   (ARRAY_LEN(rows) + PLAN_MAX_PAIRS + 1)
#define SHORTS_MAX  (2 * ARRAY_LEN(rows) + 3)

static int row_argument(const struct option_row *row) {
    return row->kind == KIND_FLAG ? no_argument : required_argument;
}

static void describe_letters(char *shorts) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].letter)
            continue;
        *shorts++ = rows[i].letter;
        if (row_argument(&rows[i]) == required_argument)
            *shorts++ = ':';
    }
}

/* An act's own come first: of two that have one name getopt takes the first. */
static void describe(const struct act_option *extra, struct option longs[LONGS_MAX], char *shorts) {
    size_t n = 0;
    for (int i = 0; extra[i].name && i < PLAN_MAX_PAIRS; i++)
        longs[n++] = (struct option){
            extra[i].name, extra[i].value ? required_argument : no_argument, NULL, ACTION_BASE + i};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        longs[n++] = (struct option){rows[i].name, row_argument(&rows[i]), NULL, 256 + (int)i};
    describe_letters(shorts);
}

/* --- which command it is: its act has options of its own --- */

/* One number for all: what begins several options that all take a value is no doubt here. */
#define ANY_OPTION 256

/* Those of every command and of every act. */
static struct option *describe_all(void) {
    size_t n = ARRAY_LEN(rows);
    for (uint32_t i = 0; i < n_acts; i++)
        for (const struct act_option *o = acts[i]->options; o && o->name; o++)
            n++;
    struct option *all = mem_zeroed((n + 1) * sizeof *all), *at = all;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        *at++ = (struct option){rows[i].name, row_argument(&rows[i]), NULL, ANY_OPTION};
    for (uint32_t i = 0; i < n_acts; i++)
        for (const struct act_option *o = acts[i]->options; o && o->name; o++)
            *at++ = (struct option){o->name, o->value ? required_argument : no_argument, NULL,
                                    ANY_OPTION};
    return all;
}

/* The value of an option names nothing, whatever it says: `--csv reconcile` is a file. */
const struct command *options_command(int argc, char **argv) {
    const char *words[2];           /* of a command and its sub-command */
    char shorts[SHORTS_MAX] = "-:"; /* "-": operands come one by one, in their places */
    int n = 0, found, used;
    struct option *all = describe_all();
    describe_letters(shorts + 2);
    opterr = 0;
    optind = 0;
    while (n < 2 && (found = getopt_long(argc, argv, shorts, all, NULL)) != -1)
        if (found == OPERAND)
            words[n++] = optarg;
    while (n < 2 && optind > 0 && optind < argc) /* behind "--" */
        words[n++] = argv[optind++];
    free(all);
    return n ? command_of_words(words, n, &used) : NULL;
}

static const struct act_option *act_options(int argc, char **argv) {
    static const struct act_option none[] = {{NULL, NULL, NULL}};
    const struct command *c = options_command(argc, argv);
    const struct act *act = c ? command_act(c) : NULL;
    return act && act->options ? act->options : none;
}

/* `found` is what getopt found, so it is the number or the letter of a row. */
static bool take_found(struct options *o, int found, struct err *err) {
    size_t i = found >= 256 ? (size_t)found - 256 : 0;
    while (found < 256 && rows[i].letter != found)
        i++;
    o->given |= UINT64_C(1) << i;
    return take(o, &rows[i], optarg, err);
}

bool options_parse(struct options *o, int argc, char **argv, int *ret_first_operand,
                   struct err *err) {
    struct option longs[LONGS_MAX] = {0};
    char shorts[SHORTS_MAX] = ":";
    const struct act_option *extra = act_options(argc, argv);
    describe(extra, longs, shorts + 1);
    int found;
    opterr = 0;
    optind = 0; /* begins anew, also after a parse that ended in the middle of `-xj` */
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (found == '?' || found == ':')
            return refuse(found, argv, err);
        if (found >= ACTION_BASE ? !take_argument(o, &extra[found - ACTION_BASE], optarg, err)
                                 : !take_found(o, found, err))
            return false;
    }
    *ret_first_operand = optind;
    return true;
}

/* Is `name` one of the words of `list`? */
static bool listed(const char *list, const char *name) {
    for (size_t n; *list; list += n + (list[n] == ' ')) {
        n = strcspn(list, " ");
        if (strlen(name) == n && !strncmp(list, name, n))
            return true;
    }
    return false;
}

static bool applies(const struct option_row *row, const struct command *c) {
    bool named = listed(c->options, row->name);
    switch (row->taken) {
    case GLOBAL_ALL:
        return true;
    case GLOBAL_SETTINGS:
        return named || c->needs != NEEDS_NOTHING;
    case GLOBAL_READERS:
        return named || c->needs >= NEEDS_CONFIG;
    case GLOBAL_ASKERS:
        return named || (c->needs == NEEDS_PLATFORM && !command_act(c));
    case GLOBAL_SCREEN:
        return named || c == &screen_command;
    default:
        return named;
    }
}

bool options_at(uint32_t i, struct option_info *ret) {
    if (i >= ARRAY_LEN(rows))
        return false;
    *ret = (struct option_info){rows[i].name, rows[i].letter, rows[i].value, rows[i].help,
                                rows[i].taken != NAMED && rows[i].taken != GLOBAL_NAMED};
    return true;
}

bool options_of(const struct command *c, uint32_t i, struct option_info *ret) {
    const struct act *act = command_act(c);
    for (const struct act_option *o = act ? act->options : NULL; o && o->name; o++)
        if (i-- == 0) {
            *ret = (struct option_info){o->name, 0, o->value, o->help, false};
            return true;
        }
    for (uint32_t row = 0; row < ARRAY_LEN(rows); row++)
        if (applies(&rows[row], c) && i-- == 0)
            return options_at(row, ret);
    return false;
}

static bool not_taken(const char *name, const struct command *c, struct err *err) {
    char why[64];
    snprintf(why, sizeof why, "goodgo%s%s does not take it", *c->name ? " " : "", c->name);
    return wrong(name, why, err);
}

bool options_suit(const struct options *o, const struct command *c, struct err *err) {
    for (uint32_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!(o->given >> i & 1) || rows[i].taken != NAMED || applies(&rows[i], c))
            continue;
        return not_taken(rows[i].name, c, err);
    }
    return true;
}
