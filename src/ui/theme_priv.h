/* ui/theme_priv.h - the palette of xterm's 256 colours, for the pictures. */
#ifndef GOODGO_UI_THEME_PRIV_H
#define GOODGO_UI_THEME_PRIV_H

#include <stdint.h>

int32_t theme_rgb_of_256(int index);

#endif
