/* ui/cell_priv.h - a UTF-8 step shared inside ui: drawing, prompts, key names. */
#ifndef GOODGO_UI_CELL_PRIV_H
#define GOODGO_UI_CELL_PRIV_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point at s; 0 when it is not valid UTF-8 or there is none. */
size_t utf8_decode(const char *s, size_t n, uint32_t *ret_code);

#endif
