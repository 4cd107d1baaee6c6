/* ui/cell_priv.h - UTF-8 steps shared inside ui: drawing, prompts, key names. */
#ifndef GOODGO_UI_CELL_PRIV_H
#define GOODGO_UI_CELL_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the code point at s; 0 when it is not valid UTF-8 or there is none. */
size_t utf8_decode(const char *s, size_t n, uint32_t *ret_code);
size_t utf8_encode(uint32_t code, char out[4]);
bool code_is_control(uint32_t code); /* must never reach a terminal */

#endif
