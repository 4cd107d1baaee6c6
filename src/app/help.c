/* app/help.c - --help, from the command and option tables. */
#include <stdio.h>
#include <string.h>

#include "app/options.h"
#include "complete_priv.h"
#include "help_priv.h"

#define HELP_COLS 78

/* Breaks at blanks; `indent` in front of each line. */
static void add_wrapped(const char *s, int indent, struct str *out) {
    while (*s) {
        size_t room = (size_t)(HELP_COLS - indent), n = strlen(s);
        if (n > room)
            for (n = room; n && s[n] != ' '; n--)
                ;
        if (!n) /* one word longer than the line */
            n = strcspn(s, " ");
        str_printf(out, "%*s%.*s\n", indent, "", (int)n, s);
        s += n + (s[n] == ' ');
    }
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
    snprintf(name, sizeof name, "%s--%s%s%s", letter, o->name, o->value ? " " : "",
             o->value ? o->value : "");
    str_printf(out, "  %-27s %s\n", name, o->help);
}

static void add_options(const struct command *c, struct str *out) {
    struct option_info o;
    for (uint32_t i = 0; options_of(c, i, &o); i++)
        add_option(&o, out);
}

/* What the kinds among a command's operands stand for: "PRESET  p99 p95 ...". */
static void add_kinds(struct arena *a, const struct command *c, struct str *out) {
    for (const char *p = c->operands; *p; p += *p == '|') {
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

/* One line; or, where there are many words to choose from, one for each of them. */
static void add_usage(const struct command *c, struct str *out) {
    size_t words = strcspn(c->operands, " ");
    const char *behind = c->operands + words;
    if (strlen(c->name) + strlen(c->operands) + strlen("usage: goodgo   [OPTIONS]") <= HELP_COLS) {
        str_printf(out, "usage: goodgo %s%s%s [OPTIONS]\n\n", c->name, *c->operands ? " " : "",
                   c->operands);
        return;
    }
    for (const char *p = c->operands; p < behind; p += *p == '|') {
        size_t n = strcspn(p, "| ");
        str_printf(out, "%s goodgo %s %.*s%s%s%s [OPTIONS]\n",
                   p == c->operands ? "usage:" : "      ", c->name, (int)n, p, *behind ? " [" : "",
                   *behind ? behind + 1 : "", *behind ? "]" : "");
        p += n;
    }
    str_putc(out, '\n');
}

static void command_text(struct arena *a, const struct command *c, struct str *out) {
    add_usage(c, out);
    add_wrapped(c->about, 2, out);
    if (command_act(c))
        add_wrapped(HELP_ACT_PROTOCOL, 2, out);
    add_kinds(a, c, out);
    str_puts(out, "\noptions:\n");
    add_options(c, out);
    str_puts(out, "\nexample:\n");
    add_indented(c->example, 2, out);
    str_printf(out, "\nexit: %s\n", c->exits);
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
            str_printf(out, "  %-10s %s\n", each->name, each->help);
    str_puts(out, "\nacts (each shows its plan and asks first):\n");
    for (uint32_t i = 0; (each = command_at(i)); i++)
        if (command_act(each))
            str_printf(out, "  %-10s %s\n", each->name, each->help);
    str_puts(out, "\noptions:\n");
    add_options(&screen_command, out);
    str_puts(out, "\nexample:\n");
    add_indented(screen_command.example, 2, out);
    str_puts(out, "\nexit: status and check 0 ok, 1 warning, 2 critical, 3 unknown; the others "
                  "0 done,\n      1 failed, 2 wrong use or set-up, 3 refused\n");
}
