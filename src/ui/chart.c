/* ui/chart.c - fifteen minutes of a figure: a row of blocks, or a chart with scale and times. Both
 * cut time at fixed marks and not at "now": what is drawn stays where it is until a column is full,
 * which keeps the line to the terminal quiet. */
#include "ui/draw.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "draw_priv.h"

#define SPAN_MS    ((int64_t)TREND_POINTS * TREND_BUCKET_MS)
#define SCALE_COLS 7 /* "1.23 MB" */

/* The highest figure of `step` buckets from `first` on: a peak must not fall between two columns.
 */
static float highest(const struct trend *t, int64_t first, int64_t step) {
    float max = nanf("");
    for (int64_t i = first; i < first + step; i++) {
        float v = trend_at(t, i);
        if (isfinite(v) && !(v <= max))
            max = v;
    }
    return max;
}

struct range {
    double low, high; /* low > high: no point at all */
};

static struct range range_of(const struct trend *t, int64_t first, int64_t buckets) {
    struct range r = {INFINITY, -INFINITY};
    for (int64_t i = first; i < first + buckets; i++) {
        double v = (double)trend_at(t, i);
        if (!isfinite(v))
            continue;
        r.low = v < r.low ? v : r.low;
        r.high = v > r.high ? v : r.high;
    }
    return r;
}

/* --- one row --- */

static const char *const spark_utf8[] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83",
                                         "\xe2\x96\x84", "\xe2\x96\x85", "\xe2\x96\x86",
                                         "\xe2\x96\x87", "\xe2\x96\x88"};
static const char spark_ascii[] = "..--=+#@";

/* A wobble of a hundredth must not look like a mountain: the scale spans half of the figure at the
 * least. */
static struct range spark_scale(struct range seen) {
    double span = seen.high - seen.low, least = 0.5 * fabs(seen.high);
    if (span >= least)
        return seen;
    double middle = (seen.low + seen.high) / 2;
    return (struct range){middle - 0.45 * least, middle + 0.55 * least};
}

static int spark_step(double v, struct range scale) {
    double span = scale.high - scale.low;
    int step = span > 0 ? (int)((v - scale.low) / span * 7.999) : 0;
    return step < 0 ? 0 : step > 7 ? 7 : step;
}

/* Levels of w columns up to the one of `now`, -1 where nothing was read. Returns whether they
 * differ. */
static bool spark_levels(const struct trend *t, int64_t now_mono_ms, int w, int *levels) {
    int64_t step = (TREND_POINTS + w - 1) / w, last = now_mono_ms / TREND_BUCKET_MS / step;
    struct range scale = spark_scale(range_of(t, (last - w + 1) * step, w * step));
    int low = 8, high = -1;
    for (int i = 0; i < w; i++) {
        float v = highest(t, (last - w + 1 + i) * step, step);
        levels[i] = isfinite(v) ? spark_step((double)v, scale) : -1;
        low = levels[i] >= 0 && levels[i] < low ? levels[i] : low;
        high = levels[i] > high ? levels[i] : high;
    }
    return high > low;
}

void draw_spark(struct cellbuf *b, struct rect r, const struct trend *t, int64_t now_mono_ms,
                enum role role) {
    int levels[TREND_POINTS];
    if (r.w < 1 || r.h < 1 || !t)
        return;
    int w = r.w < TREND_POINTS ? r.w : TREND_POINTS;
    bool moves = spark_levels(t, now_mono_ms, w, levels);
    for (int i = 0; i < w; i++) {
        int x = r.x + r.w - w + i, level = levels[i];
        if (level >= 0 && level && !moves) /* steady: a thin line is calmer than a wall */
            put_shape(b, x, r.y, "\xe2\x94\x80", '-', role);
        else if (level >= 0)
            put_shape(b, x, r.y, spark_utf8[level], spark_ascii[level], role);
    }
}

int64_t chart_span(const struct trend *t, int64_t now_mono_ms) {
    int64_t now = now_mono_ms / TREND_BUCKET_MS, oldest = now;
    for (int64_t i = now - TREND_POINTS; i <= now; i++)
        if (isfinite(trend_at(t, i)) && i < oldest)
            oldest = i;
    int64_t age_ms = (now - oldest) * TREND_BUCKET_MS;
    return age_ms < 140000 ? 180000 : age_ms < 240000 ? 300000 : SPAN_MS;
}

/* --- a chart --- */

struct plot {
    struct rect r;      /* of the curve alone */
    int64_t dot_ms;     /* of time in one dot column; a cell has two */
    int64_t first_ms;   /* mono time at the left edge */
    struct range scale; /* bottom and top */
    const struct trend *trend;
};

/* A round figure at or above v: a scale that people can read and that seldom changes. */
static double round_up(double v) {
    static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    if (!(v > 0))
        return 1;
    double power = pow(10, floor(log10(v)));
    for (size_t i = 0; i < ARRAY_LEN(steps); i++)
        if (v <= steps[i] * power * 1.0001)
            return steps[i] * power;
    return 10 * power;
}

static double scale_top(double v, enum unit unit) {
    double base = 1;
    while (unit == UNIT_BYTES && v / base >= 1024)
        base *= 1024;
    return round_up(v / base) * base;
}

/* From nought, unless a stock (documents, memory) moves in a narrow band far above it. */
static struct range chart_scale(struct range seen, enum unit unit) {
    if (seen.low > seen.high)
        return (struct range){0, 1};
    double span = seen.high - seen.low;
    bool stock = unit == UNIT_COUNT || unit == UNIT_BYTES;
    if (!stock || span <= 0 || seen.low < 0 || span >= 0.2 * seen.high)
        return (struct range){seen.low < 0 ? -round_up(-seen.low) : 0,
                              scale_top(1.05 * seen.high, unit)};
    double grain = round_up(span > 0.02 * seen.high ? span : 0.02 * seen.high);
    double low = floor((seen.low - grain / 2) / grain) * grain;
    return (struct range){low < 0 ? 0 : low, ceil((seen.high + grain / 2) / grain) * grain};
}

static struct range plot_range(const struct plot *p) {
    int64_t first = p->first_ms / TREND_BUCKET_MS;
    return range_of(p->trend, first, p->r.w * 2 * p->dot_ms / TREND_BUCKET_MS + 2);
}

/* Times stand still: the right edge is the end of the running sixth of the window. */
static struct plot plot_for(const struct chart *c, struct rect r, int64_t now_mono_ms) {
    struct plot p = {.r = r, .trend = c->trend};
    int64_t dots = r.w * 2, jump = dots / 6 > 0 ? dots / 6 : 1;
    p.dot_ms = c->span_ms / dots;
    int64_t end = (now_mono_ms / p.dot_ms / jump + 1) * jump;
    p.first_ms = (end - dots) * p.dot_ms;
    p.scale = chart_scale(plot_range(&p), c->unit);
    return p;
}

/* Between two readings a straight line; a lone one stands for itself. */
static float between(const struct trend *t, int64_t ms) {
    int64_t from_middle = ms - TREND_BUCKET_MS / 2, i = from_middle / TREND_BUCKET_MS;
    float a = trend_at(t, i), b = trend_at(t, i + 1);
    float share = (float)(from_middle % TREND_BUCKET_MS) / TREND_BUCKET_MS;
    if (!isfinite(a) || !isfinite(b))
        return share < 0.5f ? a : b;
    return a + (b - a) * share;
}

/* 0 at the bottom, rows * 4 - 1 at the top; -1 = nothing was read. */
static int plot_level(const struct plot *p, int dot) {
    int64_t ms = p->first_ms + dot * p->dot_ms, first = ms / TREND_BUCKET_MS;
    int64_t end = (ms + p->dot_ms + TREND_BUCKET_MS - 1) / TREND_BUCKET_MS;
    float v = p->dot_ms >= TREND_BUCKET_MS ? highest(p->trend, first, end - first)
                                           : between(p->trend, ms + p->dot_ms / 2);
    int top = p->r.h * 4 - 1;
    if (!isfinite(v))
        return -1;
    double share = ((double)v - p->scale.low) / (p->scale.high - p->scale.low);
    int level = (int)(share * top + 0.5);
    return level < 0 ? 0 : level > top ? top : level;
}

/* Bits of a braille cell by dot row from the bottom, left and right. */
static const uint8_t braille_bits[2][4] = {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};

/* The dots of one cell column: from the level before to this one, so that the curve has no holes.
 */
static void plot_column(struct cellbuf *b, const struct plot *p, int column) {
    uint8_t bits[128] = {0};
    bool any = false;
    for (int side = 0; side < 2; side++) {
        int dot = column * 2 + side, level = plot_level(p, dot);
        int before = dot > 0 ? plot_level(p, dot - 1) : -1;
        if (level < 0)
            continue;
        int from = before < 0 || before == level ? level : before < level ? before + 1 : before - 1;
        int low = from < level ? from : level, high = from < level ? level : from;
        for (int l = low; l <= high && l / 4 < (int)sizeof bits; l++)
            bits[l / 4] |= braille_bits[side][l % 4];
        any = true;
    }
    for (int row = 0; any && row < p->r.h && row < (int)sizeof bits; row++) {
        if (!bits[row])
            continue;
        char utf8[4] = {(char)0xe2, (char)(0xa0 | bits[row] >> 6), (char)(0x80 | (bits[row] & 63)),
                        0};
        put_shape(b, p->r.x + column, p->r.y + p->r.h - 1 - row, utf8, '*', ROLE_GRAPH);
    }
}

static void format_scale(double v, enum unit unit, char *buf, size_t size) {
    struct value value = v == floor(v) && fabs(v) < 1e15 ? value_int((int64_t)v) : value_real(v);
    value_format(value, unit, 0, buf, size);
}

static void draw_scale(struct cellbuf *b, struct rect r, const struct plot *p, enum unit unit) {
    char top[32], bottom[32];
    format_scale(p->scale.high, unit, top, sizeof top);
    format_scale(p->scale.low, unit, bottom, sizeof bottom);
    struct rect scale = {r.x, p->r.y, SCALE_COLS, p->r.h};
    draw_right(b, scale, p->r.y, ROLE_DIM, "%s", top);
    if (p->r.h > 1)
        draw_right(b, scale, p->r.y + p->r.h - 1, ROLE_DIM, "%s", bottom);
    for (int y = p->r.y; y < p->r.y + p->r.h; y++)
        put_shape(b, p->r.x - 1, y, "\xe2\x94\x82", '|', ROLE_RULE);
}

/* The wall clock at each third of the window, at the column where that moment was drawn. */
static void draw_times(struct cellbuf *b, const struct plot *p, int y, const struct snapshot *s) {
    struct rect row = {p->r.x, y, p->r.w, 1};
    bool seconds = p->dot_ms * p->r.w * 2 < SPAN_MS / 2;
    int cols = seconds ? 8 : 5, gap = p->r.w / 3 > cols + 3 ? p->r.w / 3 : cols + 3;
    for (int x = p->r.w / 6; x + cols <= p->r.w; x += gap) {
        int64_t ago_ms = s->now_mono_ms - (p->first_ms + x * 2 * p->dot_ms);
        char time[CLOCK_DAY_SIZE];
        clock_day_time((s->now_wall_ms - ago_ms) / 1000, s->utc_offset_s, time);
        draw_fmt(b, row, p->r.x + x, y, ROLE_DIM, "%.*s", cols, time);
    }
}

/* Points are means of ten seconds: what is read now may lie outside of all of them. */
static struct range with_now(struct range seen, struct value now) {
    double v;
    if (seen.low <= seen.high && value_number(now, &v)) {
        seen.low = v < seen.low ? v : seen.low;
        seen.high = v > seen.high ? v : seen.high;
    }
    return seen;
}

/* "requests 12/s  min 0.3/s  max 20/s" */
static void draw_chart_title(struct cellbuf *b, struct rect r, const struct chart *c,
                             const struct plot *p) {
    char now[32] = "-", low[32], high[32];
    struct range seen = with_now(plot_range(p), c->now);
    if (c->now.kind != VALUE_NONE)
        value_format(c->now, c->unit, 0, now, sizeof now);
    int x = r.x + draw_fmt(b, r, r.x, r.y, ROLE_TITLE, "%s ", c->title);
    x += draw_fmt(b, r, x, r.y, ROLE_TEXT, "%s", now);
    if (seen.low > seen.high)
        return;
    value_format(value_real(seen.low), c->unit, 0, low, sizeof low);
    value_format(value_real(seen.high), c->unit, 0, high, sizeof high);
    if (x + 12 + (int)strlen(low) + (int)strlen(high) < r.x + r.w)
        draw_fmt(b, r, x, r.y, ROLE_DIM, "  min %s  max %s", low, high);
    else if (x + 4 + (int)strlen(low) + (int)strlen(high) < r.x + r.w)
        draw_fmt(b, r, x, r.y, ROLE_DIM, "  %s..%s", low, high);
}

void draw_chart(struct cellbuf *b, struct rect r, const struct chart *c, const struct snapshot *s) {
    if (r.w < 12 || r.h < 3 || !c->trend)
        return;
    bool times = r.h >= 5;
    struct rect curve = {r.x + SCALE_COLS + 1, r.y + 1, r.w - SCALE_COLS - 1, r.h - 1 - times};
    struct plot p = plot_for(c, curve, s->now_mono_ms);
    draw_chart_title(b, r, c, &p);
    draw_scale(b, r, &p, c->unit);
    for (int x = 0; x < curve.w; x++)
        plot_column(b, &p, x);
    if (times)
        draw_times(b, &p, r.y + r.h - 1, s);
}
