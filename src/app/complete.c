/* app/complete.c - walks the words of a command line as options.c would, then offers what the place
 * of the last one allows. */
#include "complete_priv.h"

#include <string.h>

#include "app/options.h"
#include "app/query.h"
#include "codec/loglines.h"
#include "codec/payrow.h"
#include "complete_found_priv.h"
#include "io/file.h"
#include "look_priv.h"
#include "ui/view.h"

struct completion {
    struct arena *a;
    struct str *out;
    const char *typed;  /* the part of the last word that is being completed */
    const char *before; /* the part in front of it, which stays: "--only=", "redis," */
    /* For what is only known on this machine; NULL where a kind is told, and not a line. */
    struct app_context *app;
    const struct line *line;
};
struct line {
    char *const *words; /* in front of the one being typed */
    int n;
    const struct command *command; /* NULL until one is named */
    bool unknown;                  /* a command or sub-command was named that is none */
    int operands;
    const char *value; /* of the option whose value comes next; NULL */
};

static void offer(struct completion *c, const char *word, const char *help) {
    if (str_starts(word, c->typed))
        str_printf(c->out, "%s%s\t%s\n", c->before, word, help);
}

/* --- the kinds of words --- */

static void offer_services(struct completion *c) {
    for (uint32_t i = 0; i < SERVICE_COUNT; i++)
        offer(c, service_name((enum service)i), "");
}

/* "redis,po": what is behind the last comma. */
static void offer_list(const struct completion *c, void (*offer_one)(struct completion *c)) {
    struct completion part = *c;
    const char *comma = strrchr(c->typed, ',');
    if (comma) {
        part.before = arena_printf(c->a, "%s%.*s,", c->before, (int)(comma - c->typed), c->typed);
        part.typed = comma + 1;
    }
    offer_one(&part);
}

static void offer_service_list(struct completion *c) {
    offer_list(c, offer_services);
}

static void offer_classes(struct completion *c) {
    for (unsigned i = 0; i < PAY_CLASS_COUNT; i++)
        offer(c, pay_class_info[i].id, pay_class_info[i].what);
}

static void offer_class_list(struct completion *c) {
    offer_list(c, offer_classes);
}

static void offer_statuses(struct completion *c) {
    for (unsigned i = 0; i < PAY_STATUS_COUNT; i++)
        if (pay_status_name((enum pay_status)i))
            offer(c, pay_status_name((enum pay_status)i), "");
}

static void offer_status_list(struct completion *c) {
    offer_list(c, offer_statuses);
}

static void offer_views(struct completion *c) {
    for (uint32_t i = 0; i < n_views; i++)
        offer(c, views[i]->id, views[i]->title);
}

static void offer_themes(struct completion *c) {
    const char *names[MAX_THEMES];
    for (uint32_t i = 0, n = look_theme_names(c->a, names); i < n; i++)
        offer(c, names[i], "");
}

static void offer_contexts(struct completion *c) {
    const char **names, *dir = app_config_path(c->a, "/contexts");
    for (uint32_t i = 0, n = readnames(c->a, dir, ".env", &names); i < n; i++)
        offer(c, names[i], "");
}

static void offer_presets(struct completion *c) {
    struct str names;
    str_init(&names, 4096);
    query_preset_names(&names);
    for (const char *p = str_get(&names); *p; p += *p == ' ') {
        size_t n = strcspn(p, " ");
        offer(c, arena_strndup(c->a, p, n), "");
        p += n;
    }
    str_done(&names);
}

static void offer_providers(struct completion *c) {
    for (uint32_t i = 0; i < n_pay_providers; i++)
        offer(c, pay_providers[i]->id, pay_providers[i]->title);
}

static void offer_found(void *ctx, const char *word, const char *help) {
    offer(ctx, word, help);
}

static bool looks(struct completion *c) {
    return c->app && found_open(c->app, c->line->words, c->line->n);
}

static void offer_jobs(struct completion *c) {
    offer(c, "last", "the newest job");
    if (looks(c))
        found_jobs(c->app, c->line->command, offer_found, c);
}

static void offer_proposals(struct completion *c) {
    if (looks(c))
        found_proposals(c->app, offer_found, c);
}

/* Of a drill and a restore: the backups by name, and files where a path is typed or none is there.
 * What fetch-backup fetches is in the bucket, which is not asked for a Tab. */
static bool offer_backups(struct completion *c) {
    const struct act *act = c->line && !c->line->value ? command_act(c->line->command) : NULL;
    bool of_backup = act && (act == act_find("verify") || act == act_find("restore"));
    return of_backup && !strchr(c->typed, '/') && looks(c) && found_backups(c->app, offer_found, c);
}

static void offer_levels(struct completion *c) {
    for (int level = LOG_LEVEL_TRACE; level < LOG_LEVEL_COUNT; level++)
        offer(c, log_level_name((enum log_level)level), "");
}

static void offer_files(struct completion *c) {
    if (!offer_backups(c))
        str_puts(c->out, ":file\n");
}

static void offer_directories(struct completion *c) {
    str_puts(c->out, ":dir\n");
}

static const struct {
    const char *kind;
    void (*offer)(struct completion *c);
} kinds[] = {
    {"SERVICE", offer_services},   {"SERVICES", offer_service_list}, {"VIEW", offer_views},
    {"THEME", offer_themes},       {"CONTEXT", offer_contexts},      {"PRESET", offer_presets},
    {"JOB", offer_jobs},           {"PROVIDER", offer_providers},    {"CLASS", offer_class_list},
    {"FILE", offer_files},         {"STATUS", offer_status_list},    {"DIR", offer_directories},
    {"PROPOSAL", offer_proposals}, {"LEVEL", offer_levels},
};

/* One choice of "SERVICE|all": a kind, a word as it stands, or something only a person knows. */
static void offer_choice(struct completion *c, const char *choice) {
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (!strcmp(kinds[i].kind, choice)) {
            kinds[i].offer(c);
            return;
        }
    if (*choice >= 'a' && *choice <= 'z')
        offer(c, choice, "");
}

static void offer_choices(struct completion *c, const char *choices) {
    while (*choices) {
        size_t n = strcspn(choices, "|");
        offer_choice(c, arena_strndup(c->a, choices, n));
        choices += n + (choices[n] == '|');
    }
}

/* "p99 p95 ...": the words of a kind. */
void complete_kind(struct arena *a, const char *kind, struct str *out) {
    struct str lines;
    str_init(&lines, 1u << 16);
    struct completion c = {.a = a, .out = &lines, .typed = "", .before = ""};
    offer_choice(&c, kind);
    for (const char *p = str_get(&lines); *p; p += strcspn(p, "\n") + 1)
        if (*p != ':')
            str_printf(out, "%s%.*s", out->len ? " " : "", (int)strcspn(p, "\t"), p);
    str_done(&lines);
}

static void offer_subs(struct completion *c, const struct command *of) {
    for (const struct command *sub = of->subs; sub->name; sub++)
        offer(c, command_word(sub), sub->help);
}

static void offer_commands(struct completion *c) {
    const struct command *each;
    for (uint32_t i = 0; (each = command_at(i)); i++)
        offer(c, each->name, each->help);
}

/* --- the words in front --- */

/* "--only", "--only=redis" or "-o". */
static bool names_option(const char *word, const struct option_info *o) {
    size_t n = strcspn(word, "=");
    if (str_starts(word, "--"))
        return strlen(o->name) == n - 2 && !strncmp(word + 2, o->name, n - 2);
    return o->letter && word[0] == '-' && word[1] == o->letter && !word[2];
}

/* Of the command, or global ones that stand in front of it. */
static bool find_option(const struct line *l, const char *word, struct option_info *ret) {
    for (uint32_t i = 0; l->command && options_of(l->command, i, ret); i++)
        if (names_option(word, ret))
            return true;
    for (uint32_t i = 0; options_at(i, ret); i++)
        if (names_option(word, ret))
            return true;
    return false;
}

static void see_option(struct line *l, const char *word) {
    struct option_info o;
    if (find_option(l, word, &o))
        l->value = strchr(word, '=') ? NULL : o.value;
}

static void see(struct line *l, const char *word) {
    if (!strcmp(word, "=")) /* bash cuts "--only=redis" in three */
        return;
    if (l->value) {
        l->value = NULL;
    } else if (*word == '-') {
        see_option(l, word);
    } else if (!l->command) {
        l->command = command_find(word);
        l->unknown |= !l->command;
    } else if (l->command->subs) {
        const struct command *sub = command_sub(l->command, word);
        l->command = sub ? sub : l->command;
        l->unknown |= !sub;
    } else {
        l->operands++;
    }
}

static bool given(const struct line *l, const struct option_info *o) {
    for (int i = 0; i < l->n; i++)
        if (names_option(l->words[i], o))
            return true;
    return false;
}

static void offer_options(struct completion *c, const struct line *l) {
    struct option_info o;
    const struct command *command = l->command ? l->command : &screen_command;
    for (uint32_t i = 0; options_of(command, i, &o); i++)
        if (!given(l, &o))
            offer(c, arena_printf(c->a, "--%s", o.name), o.help);
}

/* The operand at the place reached: the n-th word of "SERVICE|all". */
static void offer_operand(struct completion *c, const struct line *l) {
    const char *words = l->command->operands;
    for (int i = 0; i < l->operands; i++) {
        words += strcspn(words, " ");
        words += *words == ' ';
    }
    words += *words == '[';
    offer_choices(c, arena_strndup(c->a, words, strcspn(words, " ].")));
}

void complete_words(struct app_context *app, char *const *words, int n, struct str *out) {
    struct arena *a = &app->arena;
    struct line l = {.words = words, .n = n - 1};
    for (int i = 0; i + 1 < n; i++)
        see(&l, words[i]);
    struct completion c = {
        .a = a, .out = out, .typed = n ? words[n - 1] : "", .before = "", .app = app, .line = &l};
    const char *equals = strchr(c.typed, '=');
    if (!strcmp(c.typed, "="))
        c.typed = "";
    if (!l.value && *c.typed == '-' && equals) {
        see_option(&l, arena_strndup(a, c.typed, (size_t)(equals - c.typed)));
        c.before = arena_strndup(a, c.typed, (size_t)(equals - c.typed) + 1);
        c.typed = equals + 1;
    }
    if (l.value)
        offer_choices(&c, l.value);
    else if (*c.typed == '-')
        offer_options(&c, &l);
    else if (l.unknown)
        return;
    else if (!l.command)
        offer_commands(&c);
    else if (l.command->subs)
        offer_subs(&c, l.command);
    else
        offer_operand(&c, &l);
}
