/* sandbox/logql_match.c - does a line hold what a LogQL query asks for? */
#include "loki_priv.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool number_holds(enum logql_op op, double have, double want) {
    switch (op) {
    case OP_GT:
        return have > want;
    case OP_GE:
        return have >= want;
    case OP_LT:
        return have < want;
    case OP_LE:
        return have <= want;
    default:
        return false;
    }
}

static bool text_holds(const struct logql_stage *s, const char *have) {
    switch (s->op) {
    case OP_EQ:
        return strcmp(have, s->value) == 0;
    case OP_NE:
        return strcmp(have, s->value) != 0;
    case OP_RE:
        return regexec(&s->re, have, 0, NULL, 0) == 0;
    case OP_NRE:
        return regexec(&s->re, have, 0, NULL, 0) != 0;
    default:
        return number_holds(s->op, strtod(have, NULL), strtod(s->value, NULL));
    }
}

/* A stream label first, as Loki does; then a top-level member of the line. */
static bool field_holds(const struct logql_stage *s, const struct log_line *l) {
    const char *label = line_label_named(l, s->name);
    if (*label) {
        return text_holds(s, label);
    }
    cJSON *tree = cJSON_Parse(l->text);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, s->name);
    char number[32] = "";
    if (cJSON_IsNumber(item)) {
        snprintf(number, sizeof number, "%.15g", item->valuedouble);
    }
    bool holds = text_holds(s, cJSON_IsString(item) ? item->valuestring : number);
    cJSON_Delete(tree);
    return holds;
}

static bool line_holds(const struct logql_stage *s, const char *text) {
    switch (s->op) {
    case OP_EQ:
        return strstr(text, s->value) != NULL;
    case OP_NE:
        return strstr(text, s->value) == NULL;
    case OP_RE:
        return regexec(&s->re, text, 0, NULL, 0) == 0;
    default:
        return regexec(&s->re, text, 0, NULL, 0) != 0;
    }
}

bool logql_matches(const struct logql *q, const struct log_line *l) {
    for (int i = 0; i < q->n_stages; i++) {
        const struct logql_stage *s = &q->stage[i];
        bool holds = s->kind == STAGE_MATCHER ? text_holds(s, line_label_named(l, s->name))
                     : s->kind == STAGE_LINE  ? line_holds(s, l->text)
                                              : field_holds(s, l);
        if (!holds) {
            return false;
        }
    }
    return true;
}
