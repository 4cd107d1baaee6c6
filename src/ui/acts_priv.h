/* ui/acts_priv.h - what the rest of ui needs of acts.c (keys) and acts_panel.c (drawing). */
#ifndef GOODGO_UI_ACTS_PRIV_H
#define GOODGO_UI_ACTS_PRIV_H

#include "frame_priv.h"
#include "input_priv.h"
#include "ui/acts.h"

enum ui_request act_acts(struct input *in);                   /* the key `a` */
enum ui_request acts_arm(struct input *in, const char *rest); /* after `:arm ` */
enum ui_request acts_disarm(struct input *in);
enum ui_request acts_line(struct input *in, const char *line); /* a command line that is an act */
enum ui_request acts_confirm(struct input *in);                /* Enter under a plan */
enum ui_request acts_key(struct input *in);                    /* while menu or waiting is shown */
void acts_scroll(struct ui_state *ui, int step);
void acts_page(struct ui_state *ui, int step);
void acts_leave(struct ui_state *ui);
bool acts_knows(const struct ui_state *ui, const char *line);
const struct ui_act *acts_of_line(const struct ui_state *ui, const char *line); /* NULL = none */

void draw_acts(const struct frame *f, struct rect body);
void draw_usage(const struct frame *f, struct rect body); /* while an act's line is typed */

#endif
