/* term/mouse.c - the mouse: switched by the terminal's own modes, its reports read here and not by
 * curses, whose decoder (6.4) writes past its array when a report has more than nine numbers. */
#include <curses.h>
#include <string.h>

#include "term_priv.h"

#define DIGITS_MAX 5 /* of a number; more cells no screen has */
#define MODIFIERS  (4 | 8 | 16)
#define WHEEL      64

/* Padding like $<5> is for teletypes and would be printed here. */
size_t term_capability(char *buf, size_t size, const char *s) {
    size_t n = 0;
    for (; s && s != (const char *)-1 && *s && n + 1 < size; s++) {
        const char *end = s[0] == '$' && s[1] == '<' ? strchr(s, '>') : NULL;
        if (end)
            s = end;
        else
            buf[n++] = *s;
    }
    buf[n] = 0;
    return n;
}

/* Presses alone, each as numbers without a limit (1006): what its description says, or what all
 * understand that understand any. */
void term_mouse_init(struct term *t) {
    const char *modes = tigetstr("XM");
    bool known = modes && modes != (const char *)-1;
    for (int on = 0; on < 2; on++)
        term_capability(t->mouse_modes[on], sizeof t->mouse_modes[on],
                        known ? tparm(modes, (long)on)
                        : on  ? "\033[?1000;1006h"
                              : "\033[?1000;1006l");
    define_key(NULL, KEY_MOUSE);
}

void term_mouse(struct term *t, bool on) {
    if (on == t->mouse)
        return;
    t->mouse = on;
    term_mouse_send(t, on);
}

void term_mouse_send(struct term *t, bool on) {
    term_restore_mouse(on);
    term_send(t, t->mouse_modes[on], strlen(t->mouse_modes[on]));
}

static int button_of(int code) {
    switch (code & ~MODIFIERS) {
    case 0:
        return 1;
    case WHEEL:
        return 4;
    case WHEEL + 1:
        return 5;
    default:
        return 0;
    }
}

static bool pressed(int code, int x, int y, struct key *ret_key) {
    int button = button_of(code);
    if (!button || x < 1 || y < 1)
        return false;
    *ret_key = (struct key){
        .code = KEYC_MOUSE, .mouse_x = x - 1, .mouse_y = y - 1, .mouse_button = button};
    return true;
}

static bool take_number(const char **at, int *ret_number) {
    size_t n = strspn(*at, "0123456789");
    if (n < 1 || n > DIGITS_MAX)
        return false;
    *ret_number = 0;
    for (; n; n--)
        *ret_number = *ret_number * 10 + *(*at)++ - '0';
    return true;
}

/* "<0;35;12M"; an m in the end: let go. */
static bool read_numbers(const char *at, struct key *ret_key) {
    int numbers[3];
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        char before = i ? ';' : '<';
        if (*at != before || (at++, !take_number(&at, &numbers[i])))
            return false;
    }
    return strcmp(at, "M") == 0 && pressed(numbers[0], numbers[1], numbers[2], ret_key);
}

bool term_mouse_report(const char *sequence, struct key *ret_key) {
    if (*sequence == '<')
        return read_numbers(sequence, ret_key);
    /* "M !!": three bytes, each with 32 on top; the older way knows no place beyond 94. */
    for (int i = 0; i < 4; i++)
        if (sequence[i] < ' ' || sequence[i] > '~')
            return false;
    return *sequence == 'M' &&
           pressed(sequence[1] - ' ', sequence[2] - ' ', sequence[3] - ' ', ret_key);
}
