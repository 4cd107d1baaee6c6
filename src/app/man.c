/* app/man.c - the generated parts of the manual pages, in mdoc. */
#include <string.h>

#include "app/options.h"
#include "complete_priv.h"
#include "help_priv.h"
#include "man_priv.h"

#define MAN_COLS 72 /* a minus takes two bytes, and lint counts to 80 */

static void add_roff_char(char c, struct str *out) {
    if (c == '-')
        str_puts(out, "\\-");
    else if (c == '\\')
        str_puts(out, "\\e");
    else
        str_putc(out, c);
}

static bool sentence_ends(const char *s) {
    return s[0] == '.' && s[1] == ' ' && ((s[2] >= 'A' && s[2] <= 'Z') || s[2] == '-');
}

static void add_line_start(const char *s, struct str *out) {
    if (*s == '.' || *s == '\'')
        str_puts(out, "\\&");
}

static size_t word_len(const char *s) {
    return strcspn(s, " ");
}

/* A new line after each sentence, as mdoc wants it, and before a word that would make it too long.
 */
void man_words(const char *s, struct str *out) {
    size_t col = 0;
    bool line_start = true;
    while (*s) {
        size_t n = word_len(s);
        if (!line_start && col + 1 + n > MAN_COLS)
            line_start = true, str_putc(out, '\n');
        if (line_start)
            add_line_start(s, out);
        else
            str_putc(out, ' ');
        col = line_start ? n : col + 1 + n;
        line_start = sentence_ends(s + n - 1);
        for (size_t i = 0; i < n; i++)
            add_roff_char(s[i], out);
        if (line_start)
            str_putc(out, '\n');
        s += n + (s[n] == ' ');
    }
    if (!line_start)
        str_putc(out, '\n');
}

/* Each word of an argument is shielded: "." and "Fl" mean something to mdoc. */
static void add_arguments(const char *s, struct str *out) {
    while (*s) {
        size_t n = strcspn(s, " ");
        str_puts(out, " \\&");
        for (size_t i = 0; i < n; i++)
            if (s[i] == '"')
                str_puts(out, "\\(dq");
            else if (s[i] == '|')
                str_puts(out, "|\\:"); /* a line may end here */
            else
                add_roff_char(s[i], out);
        s += n + (s[n] == ' ');
    }
}

void man_item(const char *macro, const char *tag, struct str *out) {
    str_printf(out, ".It %s", macro);
    add_arguments(tag, out);
    str_putc(out, '\n');
}

static void add_example(const char *example, struct str *out) {
    str_puts(out, ".Bd -literal -offset indent\n");
    while (*example) {
        size_t n = strcspn(example, "\n");
        for (size_t i = 0; i < n; i++)
            add_roff_char(example[i], out);
        str_putc(out, '\n');
        example += n + (example[n] == '\n');
    }
    str_puts(out, ".Ed\n");
}

static void add_option(const struct option_info *o, struct str *out) {
    str_printf(out, "Fl \\-%s", o->name);
    if (o->value) {
        str_puts(out, " Ar");
        add_arguments(o->value, out);
    }
}

static void add_synopsis(const struct command *c, struct str *out) {
    struct option_info o;
    str_printf(out, ".It Cm %s", c->name);
    if (*c->operands) {
        str_puts(out, " Ar");
        add_arguments(c->operands, out);
    }
    for (uint32_t i = 0; options_of(c, i, &o); i++) {
        if (o.global)
            continue;
        str_puts(out, " Oo ");
        add_option(&o, out);
        str_puts(out, " Oc");
    }
    str_putc(out, '\n');
}

/* The options of an act are its own and stand below it. */
static void add_act_options(const struct act *act, struct str *out) {
    str_puts(out, ".Bl -tag -width Ds\n");
    for (const struct act_option *row = act->options; row->name; row++) {
        struct option_info o = {row->name, 0, row->value, row->help, false};
        str_puts(out, ".It ");
        add_option(&o, out);
        str_putc(out, '\n');
        man_words(o.help, out);
    }
    str_puts(out, ".El\n");
}

/* ".Pp" and "Exit: ..." */
static void add_titled(const char *title, const char *s, struct str *out) {
    if (!s)
        return;
    str_printf(out, ".Pp\n%s: ", title);
    man_words(s, out);
}

static void man_command(const struct command *c, struct str *out) {
    const struct act *act = command_act(c);
    add_synopsis(c, out);
    man_words(command_about(c), out);
    if (act && act->options)
        add_act_options(act, out);
    add_titled("Reads", c->reads, out);
    add_titled("Writes", c->writes, out);
    add_titled("JSON", c->schema, out);
    add_titled("Exit", c->exits, out);
    add_example(c->example, out);
}

static void man_commands(bool with_plan, struct str *out) {
    const struct command *c;
    for (uint32_t i = 0; (c = command_at(i)); i++) {
        if (with_plan != (command_act(c) != NULL))
            continue;
        man_command(c, out);
        for (const struct command *sub = c->subs; sub && sub->name; sub++)
            man_command(sub, out);
    }
}

static void man_options(struct str *out) {
    struct option_info o;
    for (uint32_t i = 0; options_at(i, &o); i++) {
        str_puts(out, ".It ");
        if (o.letter)
            str_printf(out, "Fl %c , ", o.letter);
        add_option(&o, out);
        str_putc(out, '\n');
        man_words(o.help, out);
    }
}

/* The words that stand for a choice of names. */
static void man_kinds(struct arena *a, struct str *out) {
    static const char *const kinds[] = {"SERVICE", "VIEW", "PRESET", "PROVIDER", "CLASS", "STATUS"};
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct str words;
        str_init(&words, 1u << 16);
        complete_kind(a, kinds[i], &words);
        man_item("Ar", kinds[i], out);
        man_words(str_get(&words), out);
        str_done(&words);
    }
}

void man_help(struct arena *a, struct str *out) {
    str_puts(out, ".Sh COMMANDS\n.Bl -tag -width Ds\n");
    man_commands(false, out);
    str_puts(out, ".El\n.Ss Acts\n");
    man_words(HELP_ACT_PROTOCOL, out);
    str_puts(out, ".Bl -tag -width Ds\n");
    man_commands(true, out);
    str_puts(out, ".El\n.Sh OPTIONS\n.Bl -tag -width Ds\n");
    man_options(out);
    str_puts(out, ".El\n.Ss Names\n.Bl -tag -width Ds\n");
    man_kinds(a, out);
    str_puts(out, ".El\n");
}
