/* io/pg_words_priv.h - the meaning of messages on a PostgreSQL port; see pg_words.c. */
#ifndef GOODGO_IO_PG_WORDS_PRIV_H
#define GOODGO_IO_PG_WORDS_PRIV_H

#include <stddef.h>
#include "base/err.h"

/* "FATAL:  28P01: text": how a verbose message begins. NULL when there is none; else the text. */
const char *pg_message_sqlstate(const char *message, char sqlstate[6]);
/* libpq's own messages begin with "connection to server at ... failed: ", which the target says. */
const char *pg_message_skip_prefix(const char *message);
enum err_code pg_message_code(const char *sqlstate, const char *message);
/* What to do where the words say it better than their code; NULL = what the code advises. */
const char *pg_message_todo(const char *message);

/* Sent to a port that has not said a byte: one that expects text speaks up. */
extern const char pg_who_question[];
/* Who gave these first bytes (n 0: hung up); NULL for one that speaks PostgreSQL's protocol. */
const char *pg_who_answers(const char *bytes, size_t n);

#endif
