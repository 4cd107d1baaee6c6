/* term/output.c - what leaves for the terminal: the frames that curses wrote into a memory file,
 * and the few escapes of our own. Each leaves as one non-blocking write, so that a stalled line
 * stops neither keys nor clocks; what is not taken waits here. */
#include "term_priv.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define COPY_MAX   (64 * 1024)
#define NOTIFY_MAX 1024

bool term_flush(struct term *t) {
    size_t sent = 0;
    while (sent < t->n_pending) {
        ssize_t n = write(t->fd, t->pending + sent, t->n_pending - sent);
        if (n > 0) {
            sent += (size_t)n;
            t->bytes_out += (uint64_t)n;
        } else if (n < 0 && errno == EINTR) {
            continue;
        } else {
            t->lost |= n < 0 && errno != EAGAIN && errno != EWOULDBLOCK;
            break;
        }
    }
    memmove(t->pending, t->pending + sent, t->n_pending - sent);
    t->n_pending -= sent;
    return t->n_pending == 0;
}

static void pending_add(struct term *t, const char *bytes, size_t n) {
    if (t->n_pending + n > t->cap_pending) {
        size_t cap = (t->n_pending + n) * 2;
        t->pending = mem_grow(t->pending, cap);
        t->cap_pending = cap;
    }
    memcpy(t->pending + t->n_pending, bytes, n);
    t->n_pending += n;
}

void term_take_captured(struct term *t) {
    off_t size = lseek(t->capture, 0, SEEK_CUR);
    if (size <= 0)
        return;
    char *written = mem_alloc((size_t)size);
    ssize_t n = pread(t->capture, written, (size_t)size, 0);
    str_clear(&t->frame);
    pen_squeeze(&t->pen, written, n > 0 ? (size_t)n : 0, &t->frame);
    free(written);
    pending_add(t, str_get(&t->frame), t->frame.len);
    lseek(t->capture, 0, SEEK_SET);
    if (size > 65536 && ftruncate(t->capture, 0) != 0)
        t->lost = true;
}

bool term_writable(const struct term *t) {
    struct pollfd p = {.fd = t->fd, .events = POLLOUT};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT);
}

void term_flush_patiently(struct term *t) {
    for (int turns = 0; turns < 20 && !t->lost && !term_flush(t); turns++) {
        struct pollfd p = {.fd = t->fd, .events = POLLOUT};
        poll(&p, 1, 20);
    }
}

/* --- the few escapes of our own --- */

void term_send(struct term *t, const char *bytes, size_t n) {
    pending_add(t, bytes, n);
    term_flush(t);
}

void term_copy(struct term *t, const char *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    struct str s;
    if (n > COPY_MAX)
        n = COPY_MAX;
    str_init(&s, COPY_MAX * 2);
    str_puts(&s, "\033]52;c;");
    for (size_t i = 0; i < n; i += 3) {
        uint32_t b0 = (unsigned char)bytes[i];
        uint32_t b1 = i + 1 < n ? (unsigned char)bytes[i + 1] : 0;
        uint32_t b2 = i + 2 < n ? (unsigned char)bytes[i + 2] : 0;
        uint32_t v = b0 << 16 | b1 << 8 | b2;
        str_putc(&s, digits[v >> 18]);
        str_putc(&s, digits[v >> 12 & 63]);
        str_putc(&s, i + 1 < n ? digits[v >> 6 & 63] : '=');
        str_putc(&s, i + 2 < n ? digits[v & 63] : '=');
    }
    str_putc(&s, '\a');
    term_send(t, str_get(&s), s.len);
    str_done(&s);
}

void term_bell(struct term *t) {
    term_send(t, "\a", 1);
}

/* A digit at the start would be ConEmu's and Windows Terminal's progress bar ("9;4;..."). */
void term_notify(struct term *t, bool osc9, bool osc777, struct text what) {
    struct str s;
    str_init(&s, NOTIFY_MAX);
    if (osc9)
        str_printf(&s, "\033]9;GoodGo: %s\a", what.s);
    if (osc777)
        str_printf(&s, "\033]777;notify;GoodGo;%s\a", what.s);
    if (!s.toobig && s.len)
        term_send(t, str_get(&s), s.len);
    str_done(&s);
}

uint64_t term_bytes_out(const struct term *t) {
    return t->bytes_out;
}
