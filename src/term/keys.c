/* term/keys.c - from curses' key codes to struct key. Nothing waits here except curses' own short
 * ESCDELAY after a lone Esc. */
#include "term_priv.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/str.h"

#define SEQUENCE_MAX  64
#define LOCAL_ESC_MS  25
#define REMOTE_ESC_MS 45
#define MOST_ESC_MS   100

static const struct {
    int curses_code;
    uint32_t code;
} codes[] = {
    {KEY_UP, KEYC_UP},
    {KEY_DOWN, KEYC_DOWN},
    {KEY_LEFT, KEYC_LEFT},
    {KEY_RIGHT, KEYC_RIGHT},
    {KEY_PPAGE, KEYC_PGUP},
    {KEY_NPAGE, KEYC_PGDN},
    {KEY_HOME, KEYC_HOME},
    {KEY_END, KEYC_END},
    {KEY_ENTER, KEYC_ENTER},
    {KEY_BTAB, KEYC_BACKTAB},
    {KEY_BACKSPACE, KEYC_BACKSPACE},
    {KEY_DC, KEYC_DELETE},
    {KEY_F(1), KEYC_F1},
    {KEY_F(2), KEYC_F2},
    {KEY_F(3), KEYC_F3},
    {KEY_F(4), KEYC_F4},
    {KEY_F(5), KEYC_F5},
    {KEY_F(6), KEYC_F6},
    {KEY_F(7), KEYC_F7},
    {KEY_F(8), KEYC_F8},
    {KEY_F(9), KEYC_F9},
    {KEY_F(10), KEYC_F10},
    {KEY_F(11), KEYC_F11},
    {KEY_F(12), KEYC_F12},
    {KEY_A1, KEYC_HOME},
    {KEY_C1, KEYC_END},
    {KEY_A3, KEYC_PGUP},
    {KEY_C3, KEYC_PGDN},
};

static bool asked_escape_delay(int *ret_ms) {
    const char *asked = getenv("ESCDELAY");
    long long ms;
    if (!asked || !str_to_i64(asked, 0, 10000, &ms))
        return false;
    *ret_ms = (int)ms;
    return true;
}

static void escape_delay_init(void) {
    int ms;
    if (asked_escape_delay(&ms))
        set_escdelay(ms);
    else
        set_escdelay(getenv("SSH_CONNECTION") || getenv("SSH_TTY") ? REMOTE_ESC_MS : LOCAL_ESC_MS);
}

/* A slow line also tears sequences apart further; the wait stays one that a finger does not feel.
 */
void term_escape_delay(uint32_t ms) {
    int asked;
    if (!asked_escape_delay(&asked))
        set_escdelay(ms < REMOTE_ESC_MS ? REMOTE_ESC_MS : ms > MOST_ESC_MS ? MOST_ESC_MS : (int)ms);
}

/* Some terminals send the application form whatever terminfo says, and the other way round. */
static void other_forms(void) {
    static const struct {
        const char *sequence;
        int code;
    } forms[] = {{"\033[A", KEY_UP},   {"\033[B", KEY_DOWN},   {"\033[C", KEY_RIGHT},
                 {"\033[D", KEY_LEFT}, {"\033[H", KEY_HOME},   {"\033[F", KEY_END},
                 {"\033OA", KEY_UP},   {"\033OB", KEY_DOWN},   {"\033OC", KEY_RIGHT},
                 {"\033OD", KEY_LEFT}, {"\033[1~", KEY_HOME},  {"\033[4~", KEY_END},
                 {"\033[3~", KEY_DC},  {"\033[5~", KEY_PPAGE}, {"\033[6~", KEY_NPAGE},
                 {"\033[Z", KEY_BTAB}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        if (!key_defined(forms[i].sequence))
            define_key(forms[i].sequence, forms[i].code);
}

void term_keys_init(struct term *t) {
    (void)t;
    escape_delay_init();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    meta(stdscr, TRUE);
    typeahead(-1); /* a frame is never left half drawn because keys wait */
    other_forms();
}

/* The next character of a sequence; a key or a new sequence that cuts it off is left for later. */
static bool next_of_sequence(wint_t *ret_c) {
    int kind = get_wch(ret_c);
    if (kind == KEY_CODE_YES)
        ungetch((int)*ret_c);
    else if (kind == OK && *ret_c < ' ')
        unget_wch((wchar_t)*ret_c);
    return kind == OK && *ret_c >= ' ';
}

/* What follows Esc [ or Esc O up to its last byte, into buf as far as it fits; c is the first. */
static void skip_to_final(wint_t c, char *buf, size_t size) {
    size_t n = 0;
    for (int i = 0; i < SEQUENCE_MAX; i++) {
        if (n + 1 < size && c < 0x7f)
            buf[n++] = (char)c;
        if ((c >= 0x40 && c <= 0x7e) || !next_of_sequence(&c))
            break;
    }
    buf[n] = 0;
}

/* A report of the mouse that nobody asked for: numbers and a letter, or three bytes of any value.
 */
static void skip_mouse(void) {
    wint_t c;
    char rest[4];
    if (!next_of_sequence(&c))
        return;
    if (c >= '0' && c <= '9')
        skip_to_final(c, rest, sizeof rest);
    else
        for (int i = 0; i < 2 && next_of_sequence(&c); i++)
            continue;
}

/* The rest of a sequence that no key is known for: brackets of a paste, focus, the terminal's own
 * answers. False when nothing follows: then it is a key with Alt. */
static bool skip_sequence(struct term *t, wint_t opener) {
    wint_t c;
    char sequence[8];
    if (!next_of_sequence(&c))
        return false;
    if (opener == '[' && c == 'M') {
        skip_mouse();
        return true;
    }
    skip_to_final(c, sequence, sizeof sequence);
    if (opener == '[')
        term_sequence_seen(t, sequence);
    return true;
}

static bool mouse_key(struct key *ret_key) {
    MEVENT e;
    if (getmouse(&e) != OK) {
        skip_mouse();
        return false;
    }
    int button = e.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED) ? 1
                 : e.bstate & BUTTON4_PRESSED                   ? 4
                 : e.bstate & BUTTON5_PRESSED                   ? 5
                                                                : 0;
    *ret_key =
        (struct key){.code = KEYC_MOUSE, .mouse_x = e.x, .mouse_y = e.y, .mouse_button = button};
    return button != 0;
}

static bool function_key(wint_t code, struct key *ret_key) {
    if (code == KEY_MOUSE)
        return mouse_key(ret_key);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if ((wint_t)codes[i].curses_code == code) {
            *ret_key = (struct key){.code = codes[i].code};
            return true;
        }
    return false;
}

static struct key plain_key(wint_t c) {
    struct key k = {.code = (uint32_t)c};
    if (c == '\r' || c == '\n')
        k.code = KEYC_ENTER;
    else if (c == '\t')
        k.code = KEYC_TAB;
    else if (c == 0x7f || c == 0x08)
        k.code = KEYC_BACKSPACE;
    else if (c == 27)
        k.code = KEYC_ESC;
    else if (c == 0)
        k = (struct key){.code = ' ', .ctrl = true};
    else if (c < 27)
        k = (struct key){.code = (uint32_t)c + 'a' - 1, .ctrl = true};
    else if (c < 32)
        k = (struct key){.code = (uint32_t)c + '@', .ctrl = true};
    else if (c > 0x10ffff) /* libc decodes more than Unicode has; there the special keys begin */
        k.code = 0xfffd;
    return k;
}

/* Alt-x arrives as Esc x in one go; after ESCDELAY an Esc stands alone. A second Esc, or a special
 * key behind it, is a key of its own and waits for the next call. False for no key at all. */
static bool escape_key(struct term *t, struct key *ret_key) {
    wint_t c;
    *ret_key = plain_key(27);
    int kind = get_wch(&c);
    if (kind == KEY_CODE_YES)
        ungetch((int)c);
    else if (kind == OK && c == 27)
        unget_wch((wchar_t)c);
    if (kind != OK || c == 27)
        return true;
    if ((c == '[' || c == 'O') && skip_sequence(t, c))
        return false;
    *ret_key = plain_key(c);
    ret_key->alt = true;
    return true;
}

/* Nothing came: is that because nobody typed, or because the terminal is gone? */
static void check_lost(struct term *t) {
    struct pollfd p = {.fd = t->fd, .events = POLLIN};
    if (poll(&p, 1, 0) <= 0)
        return;
    int waiting = 0;
    if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
        t->lost = true;
    else if (p.revents & POLLIN && (ioctl(t->fd, FIONREAD, &waiting) != 0 || waiting == 0))
        t->lost = true;
}

bool term_next_key(struct term *t, struct key *ret_key) {
    wint_t c;
    for (int skipped = 0; skipped < 4096 && !t->lost; skipped++) {
        int kind = get_wch(&c);
        if (kind == ERR) {
            check_lost(t);
            return false;
        }
        if (kind == KEY_CODE_YES) {
            if (function_key(c, ret_key))
                return true;
            continue;
        }
        *ret_key = plain_key(c);
        if (c != 27 || escape_key(t, ret_key))
            return true;
    }
    return false;
}
