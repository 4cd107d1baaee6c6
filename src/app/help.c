/* app/help.c - --help, from the command and option tables. */
#include <stdio.h>
#include <string.h>

#include "app/options.h"
#include "complete_priv.h"
#include "help_priv.h"

#define HELP_COLS   78
#define NAME_COLS   18 /* in front of what a command does */
#define OPTION_COLS 30 /* in front of what an option does */

/* Breaks at blanks; `indent` in front of each line but the first, which has `used` bytes already.
 */
static void add_wrapped_behind(const char *s, size_t used, int indent, struct str *out) {
    while (*s) {
        size_t room = HELP_COLS - used, n = strlen(s);
        if (n > room)
            for (n = room; n && s[n] != ' '; n--)
                ;
        if (!n) /* one word longer than the line */
            n = strcspn(s, " ");
        str_printf(out, "%.*s\n", (int)n, s);
        s += n + (s[n] == ' ');
        if (*s)
            str_printf(out, "%*s", indent, "");
        used = (size_t)indent;
    }
}

static void add_wrapped(const char *s, int indent, struct str *out) {
    str_printf(out, "%*s", indent, "");
    add_wrapped_behind(s, (size_t)indent, indent, out);
}

/* "exit: 0 done, ..." */
static void add_titled(const char *title, const char *s, struct str *out) {
    if (!s)
        return;
    str_printf(out, "%-8s", title);
    add_wrapped_behind(s, 8, 8, out);
}

static void add_indented(const char *lines, int indent, struct str *out) {
    while (*lines) {
        size_t n = strcspn(lines, "\n");
        str_printf(out, "%*s%.*s\n", indent, "", (int)n, lines);
        lines += n + (lines[n] == '\n');
    }
}

static void add_option(const struct option_info *o, struct str *out) {
    char name[64], letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(name, sizeof name, "  %s--%s%s%s ", letter, o->name, o->value ? " " : "",
             o->value ? o->value : "");
    str_printf(out, "%-*s", OPTION_COLS, name);
    add_wrapped_behind(o->help, strlen(name) > OPTION_COLS ? strlen(name) : OPTION_COLS,
                       OPTION_COLS, out);
}

static void add_options(const struct command *c, struct str *out) {
    struct option_info o;
    for (uint32_t i = 0; options_of(c, i, &o); i++)
        add_option(&o, out);
}

/* What the kinds among some choices stand for: "PRESET  p99 p95 ...". */
static void add_kinds(struct arena *a, const char *choices, struct str *out) {
    for (const char *p = choices; *p; p += *p == '|') {
        struct str words;
        size_t n = strcspn(p, "|");
        const char *kind = arena_strndup(a, p, n);
        p += n;
        if (*kind < 'A' || *kind > 'Z')
            continue;
        str_init(&words, 1u << 16);
        complete_kind(a, kind, &words);
        if (words.len) {
            str_printf(out, "\n%s:\n", kind);
            add_wrapped(str_get(&words), 2, out);
        }
        str_done(&words);
    }
}

/* Of the operands and of the command's own options. */
static void add_names_of_kinds(struct arena *a, const struct command *c, struct str *out) {
    struct option_info o;
    add_kinds(a, c->operands, out);
    for (uint32_t i = 0; options_of(c, i, &o); i++)
        if (o.value && !o.global)
            add_kinds(a, o.value, out);
}

static void add_names(const struct command *c, struct str *out) {
    str_printf(out, "  %-15s ", command_word(c));
    add_wrapped_behind(c->help, NAME_COLS, NAME_COLS, out);
}

static void add_subs(const struct command *c, struct str *out) {
    str_printf(out, "\ncommands (goodgo %s COMMAND --help tells all of one):\n", c->name);
    for (const struct command *sub = c->subs; sub->name; sub++)
        add_names(sub, out);
}

static void command_text(struct arena *a, const struct command *c, struct str *out) {
    str_printf(out, "usage: goodgo %s%s%s [OPTIONS]\n\n", c->name, *c->operands ? " " : "",
               c->operands);
    add_wrapped(command_about(c), 2, out);
    if (command_has_plan(c))
        add_wrapped(HELP_ACT_PROTOCOL, 2, out);
    add_names_of_kinds(a, c, out);
    if (c->subs)
        add_subs(c, out);
    str_puts(out, "\noptions:\n");
    add_options(c, out);
    str_puts(out, "\nexample:\n");
    add_indented(c->example, 2, out);
    str_putc(out, '\n');
    add_titled("reads:", c->reads, out);
    add_titled("writes:", c->writes, out);
    add_titled("json:", c->schema, out);
    add_titled("exit:", c->exits, out);
}

void help_text(struct arena *a, const struct command *c, struct str *out) {
    if (c != &screen_command) {
        command_text(a, c, out);
        return;
    }
    str_puts(out, "usage: goodgo [OPTIONS]             the screen\n"
                  "       goodgo COMMAND [OPTIONS]     one answer; goodgo COMMAND --help\n\n");
    add_wrapped(screen_command.about, 2, out);
    str_puts(out, "\ncommands:\n");
    const struct command *each;
    for (uint32_t i = 0; (each = command_at(i)); i++)
        if (!command_act(each))
            add_names(each, out);
    str_puts(out, "\nacts (each shows its plan and asks first):\n");
    for (uint32_t i = 0; (each = command_at(i)); i++)
        if (command_act(each))
            add_names(each, out);
    str_puts(out, "\noptions:\n");
    add_options(&screen_command, out);
    str_puts(out, "\nexample:\n");
    add_indented(screen_command.example, 2, out);
    str_putc(out, '\n');
    add_titled("exit:",
               "status and check 0 ok, 1 warning, 2 critical, 3 unknown; the others 0 done, 1 "
               "failed, 2 wrong use or set-up, 3 refused",
               out);
}
