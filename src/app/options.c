/* app/options.c - the command line: global and command options in any position, one table, unknown
 * ones refused. */
#include "app/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum kind { KIND_TEXT, KIND_FLAG, KIND_MS };
static const struct option_row {
    const char *name;
    char letter;
    enum kind kind;
    size_t offset;
    const char *value, *help;
} rows[] = {
    {"env-file", 'e', KIND_TEXT, offsetof(struct options, env_file), "F",
     "the platform's .env (default ./.env)"},
    {"context", 'c', KIND_TEXT, offsetof(struct options, context), "NAME",
     "~/.config/goodgo/contexts/NAME.env"},
    {"config", 0, KIND_TEXT, offsetof(struct options, config_file), "F",
     "the console's own settings"},
    {"state-dir", 0, KIND_TEXT, offsetof(struct options, state_dir), "D",
     "where copies and saved screens go"},
    {"timeout", 't', KIND_MS, offsetof(struct options, timeout_ms), "MS",
     "deadline for every service"},
    {"read-only", 0, KIND_FLAG, offsetof(struct options, read_only), NULL, "never arm anything"},
    {"json", 'j', KIND_FLAG, offsetof(struct options, json), NULL, "one JSON document on stdout"},
    {"plain", 'p', KIND_FLAG, offsetof(struct options, plain), NULL, "no colour, no box drawing"},
    {"only", 0, KIND_TEXT, offsetof(struct options, only), "a,b", "these services only"},
    {"watch", 'w', KIND_FLAG, offsetof(struct options, watch), NULL,
     "again and again, until Ctrl-C"},
    {"range", 0, KIND_TEXT, offsetof(struct options, range), "1h", "a PromQL range back from now"},
    {"output", 'o', KIND_TEXT, offsetof(struct options, output), "F",
     "write to a file, whole or not at all"},
    {"size", 0, KIND_TEXT, offsetof(struct options, size), "80x24",
     "columns x rows of a drawn screen"},
    {"format", 0, KIND_TEXT, offsetof(struct options, format), "text|ansi|svg",
     "how a screen is drawn"},
    {"theme", 0, KIND_TEXT, offsetof(struct options, theme), "NAME", "colours"},
    {"snapshot", 0, KIND_TEXT, offsetof(struct options, snapshot), "F",
     "draw from a saved snapshot"},
    {"keys", 0, KIND_TEXT, offsetof(struct options, keys), "KEYS", "keys to press before drawing"},
    {"provider", 0, KIND_TEXT, offsetof(struct options, provider), "ID",
     "a payment provider; see `goodgo payments kinds`"},
    {"kind", 0, KIND_TEXT, offsetof(struct options, kind), "KIND",
     "what kind of message; auto tells from the bytes"},
    {"raw", 0, KIND_TEXT, offsetof(struct options, raw), "F|-",
     "the bytes as they were received; - is standard input"},
    {"received", 0, KIND_TEXT, offsetof(struct options, received), "TIME",
     "when they were, so that a key of that time counts"},
    {"ascii", 0, KIND_FLAG, offsetof(struct options, ascii), NULL, "ASCII shapes only"},
    {"man", 0, KIND_FLAG, offsetof(struct options, man), NULL, "as a part of the manual page"},
    {"show", 0, KIND_FLAG, offsetof(struct options, show), NULL, "with a sample"},
    {"dry-run", 0, KIND_FLAG, offsetof(struct options, dry_run), NULL, "print the plan and stop"},
    {"confirm", 0, KIND_TEXT, offsetof(struct options, confirm), "WORD",
     "the plan's typed word, for scripts: 'prod:2'"},
    {"plan", 0, KIND_TEXT, offsetof(struct options, plan), "ID",
     "refuse unless the plan still has this id"},
    {"reason", 0, KIND_TEXT, offsetof(struct options, reason), "WHY", "kept in the audit trail"},
    {"detach", 0, KIND_FLAG, offsetof(struct options, detach), NULL,
     "print the job's id and do not wait for it"},
    {"help", 'h', KIND_FLAG, offsetof(struct options, help), NULL, "this help"},
    {"version", 'V', KIND_FLAG, offsetof(struct options, version), NULL, "version"},
};

static bool take(struct options *o, const struct option_row *row, const char *value,
                 struct err *err) {
    void *field = (char *)o + row->offset;
    long long n;
    if (row->kind == KIND_FLAG) {
        *(bool *)field = true;
    } else if (row->kind == KIND_TEXT) {
        *(const char **)field = value;
    } else {
        if (!str_to_i64(value, 10, 600000, &n))
            return err_set(err, E_CONFIG, "options", row->name,
                           "is milliseconds from 10 to 600000");
        *(uint32_t *)field = (uint32_t)n;
    }
    return true;
}

/* Options of the action that the command line names, wherever it stands. */
static const struct act_option *act_options(int argc, char **argv) {
    static const struct act_option none[] = {{NULL, NULL, NULL}};
    for (int i = 1; i < argc; i++) {
        const struct act *act = argv[i][0] == '-' ? NULL : act_find(argv[i]);
        if (act)
            return act->options ? act->options : none;
    }
    return none;
}

static bool take_argument(struct options *o, const struct act_option *option, const char *value,
                          struct err *err) {
    if (o->arguments.n == PLAN_MAX_PAIRS)
        return err_set(err, E_CONFIG, "options", option->name, "is one option too many");
    o->arguments.at[o->arguments.n++] = (struct pair){option->name, value ? value : "1"};
    return true;
}

/* Of `-xj` getopt tells only the letter, of `--nonsense` only that it stands before optind. */
static bool refuse(int found, char **argv, struct err *err) {
    char letter[3] = {'-', (char)optopt, 0};
    const char *word = optopt > 0 && optopt < 256 ? letter : argv[optind - 1];
    const char *why = found == ':'    ? "needs a value"
                      : optopt >= 256 ? "takes no value"
                                      : "is not an option, or not a whole one; see --help";
    return err_set(err, E_CONFIG, "options", word, "%s", why);
}

#define ACTION_BASE 1024
#define LONGS_MAX   (ARRAY_LEN(rows) + PLAN_MAX_PAIRS + 1)

static void describe(const struct act_option *extra, struct option longs[LONGS_MAX], char *shorts) {
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool takes = rows[i].kind != KIND_FLAG;
        longs[n++] = (struct option){rows[i].name, takes ? required_argument : no_argument, NULL,
                                     256 + (int)i};
        if (rows[i].letter) {
            *shorts++ = rows[i].letter;
            if (takes)
                *shorts++ = ':';
        }
    }
    for (int i = 0; extra[i].name && i < PLAN_MAX_PAIRS; i++)
        longs[n++] = (struct option){
            extra[i].name, extra[i].value ? required_argument : no_argument, NULL, ACTION_BASE + i};
}

static const struct option_row *row_of(int found) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (found == 256 + (int)i || (found < 256 && found == rows[i].letter))
            return &rows[i];
    return NULL;
}

bool options_parse(struct options *o, int argc, char **argv, int *ret_first_operand,
                   struct err *err) {
    struct option longs[LONGS_MAX] = {0};
    char shorts[3 * ARRAY_LEN(rows) + 2] = ":";
    const struct act_option *extra = act_options(argc, argv);
    describe(extra, longs, shorts + 1);
    int found;
    opterr = 0;
    optind = 0; /* begins anew, also after a parse that ended in the middle of `-xj` */
    while ((found = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
        if (found == '?' || found == ':')
            return refuse(found, argv, err);
        if (found >= ACTION_BASE ? !take_argument(o, &extra[found - ACTION_BASE], optarg, err)
                                 : !take(o, row_of(found), optarg, err))
            return false;
    }
    *ret_first_operand = optind;
    return true;
}

void options_help(struct str *out) {
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char name[64];
        snprintf(name, sizeof name, "--%s%s%s", rows[i].name, rows[i].value ? " " : "",
                 rows[i].value ? rows[i].value : "");
        str_printf(out, "  %-24s %s\n", name, rows[i].help);
    }
}
