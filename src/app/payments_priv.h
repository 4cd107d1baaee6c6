/* app/payments_priv.h - the sub-commands of `goodgo payments`, one file each (pay_<name>.c) and one
 * row in cmd_payments.c. */
#ifndef GOODGO_APP_PAYMENTS_PRIV_H
#define GOODGO_APP_PAYMENTS_PRIV_H

#include "app/command.h"

int pay_verify_cmd(struct app_context *app);
int pay_ask_cmd(struct app_context *app);
int pay_replay_cmd(struct app_context *app);
int pay_settle_cmd(struct app_context *app);
int pay_kinds_cmd(struct app_context *app);
int pay_reconcile_cmd(struct app_context *app);
int pay_proposals_cmd(struct app_context *app);
int pay_approve_cmd(struct app_context *app);
int pay_decline_cmd(struct app_context *app);
int pay_list_cmd(struct app_context *app);
int pay_show_cmd(struct app_context *app);
int pay_verify_stored(struct app_context *app, const char *key); /* of `verify ID` */

/* Always false: "payments WHAT: WHY". */
bool payments_usage(struct err *err, const char *what, const char *why);

#endif
