/* term/keys.c - from curses' key codes to struct key. Nothing waits here except curses' own short
 * ESCDELAY after a lone Esc: a sequence that is not there as a whole goes on in a later call. */
#include "term_priv.h"

#include <curses.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/str.h"

#define SEQUENCE_MS   500  /* between its two ends, when the line tore it apart */
#define SKIPPED_MAX   4096 /* in one go: a flood must not keep the loop */
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
    int64_t ms;
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

/* Puts back what get_wch() gave. */
static void unget(int kind, wint_t c) {
    if (kind == KEY_CODE_YES)
        ungetch((int)c);
    else if (kind == OK)
        unget_wch((wchar_t)c);
}

enum reading { READ_MORE, READ_WHOLE, READ_CUT };

static bool is_whole(const struct sequence *s, wint_t last) {
    bool three_bytes = s->opener == '[' && s->text[0] == 'M'; /* the mouse's older way */
    return three_bytes ? s->n >= 4 : last >= 0x40 && last <= 0x7e;
}

/* Goes on with the open sequence as far as characters are there. A key or a new sequence that cuts
 * it off is left for later. */
static enum reading read_sequence(struct sequence *s) {
    wint_t c;
    for (;;) {
        int kind = get_wch(&c);
        if (kind == ERR)
            return READ_MORE;
        if (kind == KEY_CODE_YES || c < ' ' || s->n >= SKIPPED_MAX) {
            unget(kind, c);
            return READ_CUT;
        }
        if (s->n < SEQUENCE_MAX - 1)
            s->text[s->n] = c < 0x7f ? (char)c : 0x7f;
        s->n++;
        if (is_whole(s, c))
            return READ_WHOLE;
    }
}

/* Closes the sequence. True when it was a report of the mouse, and that is asked for; else nobody
 * asked: brackets of a paste, focus, the terminal's own answers. */
static bool sequence_key(struct term *t, struct key *ret_key) {
    struct sequence *s = &t->sequence;
    bool kept = s->opener == '[' && s->n < SEQUENCE_MAX;
    s->text[kept ? s->n : 0] = 0;
    s->opener = 0;
    if (!kept)
        return false;
    if (*s->text == '<' || *s->text == 'M')
        return t->mouse && term_mouse_report(s->text, ret_key);
    term_sequence_seen(t, s->text);
    return false;
}

/* One whose end stays away is given up: what comes then was typed. */
static void sequence_expires(struct sequence *s, int64_t now_mono_ms) {
    if (now_mono_ms - s->begun_mono_ms > SEQUENCE_MS)
        s->opener = 0;
}

static bool function_key(wint_t code, struct key *ret_key) {
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

static bool character_waits(void) {
    wint_t c = 0;
    int kind = get_wch(&c);
    unget(kind, c);
    return kind == OK && c >= ' ';
}

/* Alt-x arrives as Esc x in one go; after ESCDELAY an Esc stands alone. A second Esc, or a special
 * key behind it, is a key of its own and waits for the next call. False when a sequence begins. */
static bool escape_key(struct sequence *s, int64_t now_mono_ms, struct key *ret_key) {
    wint_t c = 0;
    *ret_key = plain_key(27);
    int kind = get_wch(&c);
    if (kind != OK || c == 27) {
        unget(kind, c);
        return true;
    }
    if ((c == '[' || c == 'O') && character_waits()) {
        *s = (struct sequence){.opener = (char)c, .begun_mono_ms = now_mono_ms};
        return false;
    }
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

/* True when one key has come; *ret_end: nothing more is there. */
static bool read_key(struct term *t, int64_t now_mono_ms, struct key *ret_key, bool *ret_end) {
    wint_t c;
    int kind = get_wch(&c);
    *ret_end = kind == ERR;
    if (kind == ERR)
        return false;
    if (kind == KEY_CODE_YES)
        return function_key(c, ret_key);
    *ret_key = plain_key(c);
    return c != 27 || escape_key(&t->sequence, now_mono_ms, ret_key);
}

static bool read_rest(struct term *t, struct key *ret_key, bool *ret_end) {
    enum reading r = read_sequence(&t->sequence);
    *ret_end = r == READ_MORE;
    if (r == READ_CUT)
        t->sequence.opener = 0;
    return r == READ_WHOLE && sequence_key(t, ret_key);
}

bool term_next_key(struct term *t, int64_t now_mono_ms, struct key *ret_key) {
    bool end = false;
    sequence_expires(&t->sequence, now_mono_ms);
    for (int skipped = 0; skipped < SKIPPED_MAX && !t->lost && !end; skipped++)
        if (t->sequence.opener ? read_rest(t, ret_key, &end)
                               : read_key(t, now_mono_ms, ret_key, &end))
            return true;
    if (end)
        check_lost(t);
    return false;
}
