/* io/redis_values.c - what hiredis' reader reads as values in an arena; see redis_values_priv.h. */
#include "redis_values_priv.h"

#define STRING_MAX (1024u * 1024u)
#define ITEMS_MAX  100000u

/* Where the reader wants the value: the root, or an item of the array above. */
static struct redis_val *reader_slot(const redisReadTask *task) {
    struct redis_values *reply = task->privdata;
    if (!task->parent || !task->parent->obj)
        return arena_alloc(reply->arena, sizeof(struct redis_val));
    struct redis_val *array = task->parent->obj;
    return (struct redis_val *)array->items + task->idx;
}

static void *reader_string(const redisReadTask *task, char *s, size_t n) {
    struct redis_values *reply = task->privdata;
    if (n > STRING_MAX) {
        reply->too_big = true;
        return NULL;
    }
    struct redis_val *v = reader_slot(task);
    v->type = task->type == REDIS_REPLY_ERROR    ? REDIS_ERROR
              : task->type == REDIS_REPLY_STATUS ? REDIS_STATUS
                                                 : REDIS_STRING;
    v->s = arena_strndup(reply->arena, s, n);
    v->len = n;
    return v;
}

static void *reader_array(const redisReadTask *task, int n) {
    struct redis_values *reply = task->privdata;
    if (n < 0 || (size_t)n > ITEMS_MAX - reply->n_items) {
        reply->too_big = true;
        return NULL;
    }
    reply->n_items += (size_t)n;
    struct redis_val *v = reader_slot(task);
    v->type = REDIS_ARRAY;
    v->n_items = (size_t)n;
    v->items = arena_alloc(reply->arena, ((size_t)n + 1) * sizeof(struct redis_val));
    return v;
}

static void *reader_integer(const redisReadTask *task, long long n) {
    struct redis_val *v = reader_slot(task);
    v->type = REDIS_INTEGER;
    v->integer = n;
    return v;
}

static void *reader_nil(const redisReadTask *task) {
    struct redis_val *v = reader_slot(task);
    v->type = REDIS_NIL;
    return v;
}

static void reader_free(void *value) {
    /* the arena's */
}

redisReplyObjectFunctions redis_values_functions = {reader_string, reader_array, reader_integer,
                                                    reader_nil, reader_free};
