/* app/cmd_logs.c - `goodgo logs [PATTERN]`: the newest lines of the logs, out of Loki, oldest first
 * as in a file; --follow goes on as they come. Loki filters, not we. Exit 0 with lines, 1 without,
 * 2 when it cannot be asked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/command.h"
#include "app/query.h"
#include "base/clock.h"
#include "base/jsonw.h"
#include "logs_priv.h"

#define TIMEOUT_MS   10000
#define RANGE        "1h"
#define TAIL_LINES   100
#define TAIL_MAX     50000
#define PAGE_LINES   1000 /* what Loki is asked for at once; it refuses more than LOG_LIMIT_MAX */
#define FOLLOW_LINES 5000 /* of one look */
#define FOLLOW_MS    1000
/* Promtail sends in batches: a line of another stream may come after a newer one. */
#define FOLLOW_LATE_NS INT64_C(3000000000)
#define OUTPUT_MAX     ((size_t)256 << 20)
#define NS_PER_S       INT64_C(1000000000)

struct logs {
    struct app_context *app;
    struct ask *ask;
    const char *query;
    uint32_t timeout_ms, tail;
    const char *range;
    int64_t range_s;
    /* Of --follow: what the look before held. */
    uint64_t seen[FOLLOW_LINES]; /* identities, in order */
    uint32_t n_seen;
    int64_t begun_ns, newest_ns; /* 0 = there was no line yet */
    bool silent;                 /* that Loki does not answer has been said */
};

/* ---- lines ---- */

static enum health health_of(const char *level) {
    enum log_level l = log_level_of(level);
    return l >= LOG_LEVEL_ERROR  ? HEALTH_CRITICAL
           : l == LOG_LEVEL_WARN ? HEALTH_WARNING
                                 : HEALTH_OFF;
}

/* "11-27 14:28:30.123", by this machine's clock. */
static void add_time(struct str *out, int64_t at_ns) {
    char iso[32];
    int64_t wall_s = at_ns / NS_PER_S;
    clock_iso8601((wall_s + clock_utc_offset_s(wall_s)) * 1000, iso, sizeof iso);
    str_printf(out, "%.5s %.8s.%03d", iso + 5, iso + 11, (int)(at_ns / 1000000 % 1000));
}

/* "GET /api/listings 200 12 ms": of a request, what is known. */
static void add_request(struct str *out, const struct log_line *l) {
    if (l->method || l->url)
        str_printf(out, "  %s%s%s", l->method ? l->method : "", l->method && l->url ? " " : "",
                   l->url ? l->url : "");
    if (l->has_status_code)
        str_printf(out, " %" PRId64, l->status_code);
    if (l->has_duration)
        str_printf(out, " %.0f ms", l->duration_ms);
}

static void add_line(const struct app_context *app, const struct log_line *l, struct str *out) {
    enum health h = health_of(l->level);
    const char *colour = h == HEALTH_OFF ? "" : app_paint(app, h);
    add_time(out, l->at_ns);
    str_printf(out, " %s%-5s%s %-11s ", colour, l->level ? l->level : "-", *colour ? "\033[0m" : "",
               l->service ? l->service : "-");
    str_puts(out, l->message ? l->message : "");
    add_request(out, l);
    if (l->correlation_id)
        str_printf(out, "  id %s", l->correlation_id);
    str_putc(out, '\n');
}

static void write_line(struct jsonw *w, const struct log_line *l) {
    char ns[24];
    snprintf(ns, sizeof ns, "%" PRId64, l->at_ns);
    jsonw_open(w, '{');
    jsonw_put_time(w, "time", l->at_ns / 1000000);
    jsonw_put_string(w, "timeNs", ns);
    jsonw_put_string(w, "service", l->service);
    jsonw_put_string(w, "level", l->level);
    jsonw_put_string(w, "context", l->context);
    jsonw_put_string(w, "message", l->message);
    jsonw_put_string(w, "correlationId", l->correlation_id);
    jsonw_put_string(w, "method", l->method);
    jsonw_put_string(w, "url", l->url);
    jsonw_put_int_if(w, "statusCode", l->has_status_code, l->status_code);
    jsonw_put_real_if(w, "durationMs", l->has_duration, l->duration_ms);
    jsonw_close(w, '}');
}

/* Oldest first. With --follow each line is a document of its own. */
static void write_lines(const struct logs *l, const struct log_lines *lines, struct str *out) {
    struct jsonw w;
    for (uint32_t i = lines->n; i-- > 0;) {
        if (!l->app->options.json) {
            add_line(l->app, &lines->list[i], out);
            continue;
        }
        jsonw_init(&w, out, JSONW_LINE);
        write_line(&w, &lines->list[i]);
        str_putc(out, '\n');
    }
}

static void write_document(const struct logs *l, const struct log_lines *lines, bool cut,
                           struct str *out) {
    struct jsonw w;
    jsonw_init(&w, out, JSONW_INDENTED);
    jsonw_open(&w, '{');
    jsonw_put_string(&w, "schema", "goodgo.logs/1");
    jsonw_put_string(&w, "query", l->query);
    jsonw_put_int(&w, "rangeS", l->range_s);
    jsonw_put_bool(&w, "cut", cut);
    jsonw_key(&w, "lines");
    jsonw_open(&w, '[');
    for (uint32_t i = lines->n; i-- > 0;)
        write_line(&w, &lines->list[i]);
    jsonw_close(&w, ']');
    jsonw_close(&w, '}');
}

static bool print(const struct logs *l, const struct log_lines *lines, bool cut) {
    struct str out;
    str_init(&out, OUTPUT_MAX);
    if (l->app->options.json && !l->app->options.follow)
        write_document(l, lines, cut, &out);
    else
        write_lines(l, lines, &out);
    bool ok = app_print(&out);
    str_done(&out);
    return ok;
}

/* ---- asking ---- */

static uint32_t of_oldest_moment(const struct log_lines *lines) {
    uint32_t n = 0;
    while (n < lines->n && lines->list[lines->n - 1 - n].at_ns == lines->list[lines->n - 1].at_ns)
        n++;
    return n;
}

/* What a page has that the last `n_same` lines are not. */
static void take_page(struct log_lines *all, uint32_t n_same, uint32_t wanted,
                      const struct log_lines *page) {
    const struct log_line *same = all->list + all->n - n_same;
    for (uint32_t i = 0; i < page->n && all->n < wanted; i++) {
        uint32_t k = 0;
        while (k < n_same && same[k].identity != page->list[i].identity)
            k++;
        if (k == n_same)
            all->list[all->n++] = page->list[i];
    }
}

/* The newest `wanted`, page by page backwards. The end of a question is exclusive, and more lines
 * may have the moment of the oldest so far: each page asks for that moment once more. */
static bool fetch(struct logs *l, struct log_span span, uint32_t wanted, struct arena *a,
                  struct log_lines *ret, struct err *err) {
    int64_t from_ns =
        span.since_s ? (clock_wall_ms() / 1000 - span.since_s) * NS_PER_S : span.from_ns;
    *ret = (struct log_lines){.list = arena_alloc(a, (wanted + 1) * sizeof *ret->list)};
    for (;;) {
        uint32_t n_same = of_oldest_moment(ret), n_before = ret->n;
        uint32_t limit = wanted - ret->n < PAGE_LINES ? wanted - ret->n : PAGE_LINES;
        limit = limit + n_same < LOG_LIMIT_MAX ? limit + n_same : LOG_LIMIT_MAX;
        struct logs_asked asked = {l->app->settings->loki_url, l->query, span, limit};
        struct log_lines page;
        if (!logs_ask(l->ask, &asked, l->timeout_ms, a, &page, err))
            return false;
        take_page(ret, n_same, wanted, &page);
        if (page.n < limit || ret->n == wanted)
            return true;
        /* A page of one moment alone: what else that moment has cannot be asked for. */
        int64_t oldest_ns = ret->list[ret->n - 1].at_ns;
        span = (struct log_span){.from_ns = from_ns, .until_ns = oldest_ns + (ret->n > n_before)};
        if (span.until_ns <= from_ns)
            return true;
    }
}

/* ---- following ---- */

static int by_value(const void *a, const void *b) {
    const uint64_t *one = a, *two = b;
    return (*one > *two) - (*one < *two);
}

static bool was_seen(const struct logs *l, uint64_t identity) {
    return l->n_seen && bsearch(&identity, l->seen, l->n_seen, sizeof identity, by_value);
}

static void remember(struct logs *l, const struct log_lines *lines) {
    l->n_seen = lines->n < FOLLOW_LINES ? lines->n : FOLLOW_LINES;
    for (uint32_t i = 0; i < l->n_seen; i++)
        l->seen[i] = lines->list[i].identity;
    qsort(l->seen, l->n_seen, sizeof *l->seen, by_value);
    if (lines->n && lines->list[0].at_ns > l->newest_ns)
        l->newest_ns = lines->list[0].at_ns;
}

static struct log_span next_span(const struct logs *l) {
    int64_t from_ns = l->newest_ns - FOLLOW_LATE_NS;
    if (!l->newest_ns)
        return (struct log_span){.since_s = 60};
    return (struct log_span){.from_ns = from_ns > l->begun_ns ? from_ns : l->begun_ns};
}

static void say_gap(const struct logs *l, const struct log_lines *lines) {
    if (lines->n == FOLLOW_LINES && lines->list[lines->n - 1].at_ns > l->newest_ns)
        fprintf(stderr, "goodgo: more than %s came at once: the oldest of them are left out\n",
                COUNTED(FOLLOW_LINES, "line"));
}

/* Once, and once when it is over. */
static void say_silence(struct logs *l, const struct err *err) {
    if (l->silent)
        return;
    app_fail(err, EXIT_FAILED);
    fputs("goodgo: still following: it is asked again each second\n", stderr);
    l->silent = true;
}

/* One look; false where there is nobody to print for any more. */
static bool look(struct logs *l, struct arena *a) {
    struct log_lines lines;
    struct err err;
    if (!fetch(l, next_span(l), FOLLOW_LINES, a, &lines, &err)) {
        say_silence(l, &err);
        return true;
    }
    if (l->silent)
        fputs("goodgo: Loki answers again\n", stderr);
    l->silent = false;
    say_gap(l, &lines);
    struct log_lines fresh = {.list = arena_alloc(a, (lines.n + 1) * sizeof *fresh.list)};
    for (uint32_t i = 0; i < lines.n; i++)
        if (!was_seen(l, lines.list[i].identity))
            fresh.list[fresh.n++] = lines.list[i];
    remember(l, &lines);
    return print(l, &fresh, false);
}

/* Until Ctrl-C, which ends the program as it is. */
static int follow(struct logs *l) {
    struct err err;
    l->begun_ns = l->newest_ns;
    while (ask_pause(l->ask, FOLLOW_MS, &err)) {
        struct arena a;
        arena_init(&a);
        bool go_on = look(l, &a);
        arena_done(&a);
        if (!go_on)
            return EXIT_USAGE;
    }
    return app_fail(&err, EXIT_FAILED);
}

/* ---- the command ---- */

static void say_none(struct logs *l) {
    const char *services =
        logs_services(l->ask, l->app->settings->loki_url, l->timeout_ms, &l->app->arena);
    fprintf(stderr, "goodgo: no line of the last %s matches %s\n", l->range, l->query);
    if (*services)
        fprintf(stderr, "goodgo: services that have lines: %s\n", services);
}

static int run(struct logs *l) {
    struct log_lines lines;
    struct err err;
    if (!fetch(l, (struct log_span){.since_s = l->range_s}, l->tail + 1, &l->app->arena, &lines,
               &err))
        return app_fail(&err, EXIT_USAGE);
    bool cut = lines.n > l->tail, following = l->app->options.follow;
    lines.n -= cut;
    if (!print(l, &lines, cut))
        return EXIT_USAGE;
    if (cut && !following)
        fprintf(stderr,
                "goodgo: there are older lines of the last %s: --tail N shows more than %s\n",
                l->range, GROUPED(l->tail));
    if (!lines.n)
        say_none(l);
    remember(l, &lines);
    return following ? follow(l) : lines.n ? EXIT_DONE : EXIT_FAILED;
}

static bool parse_level(const char *word, enum log_level *ret, struct err *err) {
    *ret = log_level_of(word);
    return !word || *ret ||
           err_set(err, E_CONFIG, "logs", "--level",
                   "is trace, debug, info, warn, error or fatal: that one and worse");
}

static bool parse(struct logs *l, struct str *query, struct err *err) {
    const struct options *o = &l->app->options;
    struct log_question q = {.service = o->service,
                             .text = o->correlation,
                             .pattern = l->app->argc ? l->app->argv[0] : NULL};
    int64_t tail = TAIL_LINES;
    enum service known;
    l->range = o->range ? o->range : RANGE;
    if (!l->app->settings->loki_url)
        return err_set(err, E_CONFIG, "logs", "", "this platform has no Loki: set GOODGO_LOKI_URL");
    if (q.service && app_service(q.service, &known))
        q.service = service_name(known);
    if (o->tail && !str_to_i64(o->tail, 1, TAIL_MAX, &tail))
        return err_set(err, E_CONFIG, "logs", "--tail", "is a number from 1 to %d", TAIL_MAX);
    if (!query_range_given("logs", l->range, &l->range_s, err))
        return false;
    l->tail = (uint32_t)tail;
    return parse_level(o->level, &q.level, err) &&
           (log_query(&q, query) ||
            err_set(err, E_CONFIG, "logs", "",
                    "what is looked for is too long, or no text of a line"));
}

int cmd_logs(struct app_context *app) {
    struct logs *l = arena_alloc(&app->arena, sizeof *l);
    struct str query;
    struct err err;
    str_init(&query, LOG_QUERY_MAX);
    l->app = app;
    l->timeout_ms = app->options.timeout_ms ? app->options.timeout_ms : TIMEOUT_MS;
    bool ok = parse(l, &query, &err);
    l->query = arena_strdup(&app->arena, str_get(&query));
    str_done(&query);
    if (!ok)
        return app_fail(&err, EXIT_USAGE);
    l->ask = ask_new("goodgo-console", -1);
    int code = run(l);
    ask_free(l->ask);
    return code;
}
