/* ui/theme.c - reads theme files (strictly: every role once, every word known) and lowers colours
 * to what a terminal has. The embedded themes come from themes/themes.def. */
#include "ui/theme.h"

#include <stdlib.h>
#include <string.h>

#define THEME(id)                                                                                  \
    extern const unsigned char theme_##id[];                                                       \
    extern const unsigned long theme_##id##_len;
#include "themes/themes.def"
#undef THEME

static const struct {
    const char *name;
    const unsigned char *bytes;
    const unsigned long *len;
} embedded[] = {
#define THEME(id) {#id, theme_##id, &theme_##id##_len},
#include "themes/themes.def"
#undef THEME
};

static const struct {
    const char *name;
    int32_t rgb;
} names_16[16] = {
    {"black", 0x000000},        {"red", 0xcd0000},
    {"green", 0x00cd00},        {"yellow", 0xcdcd00},
    {"blue", 0x0000ee},         {"magenta", 0xcd00cd},
    {"cyan", 0x00cdcd},         {"white", 0xe5e5e5},
    {"bright-black", 0x7f7f7f}, {"bright-red", 0xff0000},
    {"bright-green", 0x00ff00}, {"bright-yellow", 0xffff00},
    {"bright-blue", 0x5c5cff},  {"bright-magenta", 0xff00ff},
    {"bright-cyan", 0x00ffff},  {"bright-white", 0xffffff},
};

static const struct {
    const char *name;
    uint8_t bit;
} attr_names[] = {{"bold", ATTR_BOLD},
                  {"dim", ATTR_DIM},
                  {"underline", ATTR_UNDERLINE},
                  {"reverse", ATTR_REVERSE},
                  {"italic", ATTR_ITALIC}};

/* The palette of xterm. */
static int32_t theme_rgb_of_256(int index) {
    static const int steps[6] = {0, 95, 135, 175, 215, 255};
    if (index < 16)
        return names_16[index & 15].rgb;
    if (index < 232) {
        int i = index - 16;
        return steps[i / 36] << 16 | steps[i / 6 % 6] << 8 | steps[i % 6];
    }
    int grey = 8 + (index - 232) * 10;
    return grey << 16 | grey << 8 | grey;
}

static int32_t distance(int32_t a, int32_t b) {
    int32_t r = (a >> 16 & 255) - (b >> 16 & 255);
    int32_t g = (a >> 8 & 255) - (b >> 8 & 255);
    int32_t l = (a & 255) - (b & 255);
    return 2 * r * r + 4 * g * g + 3 * l * l;
}

static int nearest(int32_t rgb, int first, int end) {
    int best = first;
    for (int i = first; i < end; i++)
        if (distance(rgb, theme_rgb_of_256(i)) < distance(rgb, theme_rgb_of_256(best)))
            best = i;
    return best;
}

int theme_nearest_256(int32_t rgb) {
    /* Not the first 16: people repaint those. */
    return nearest(rgb, 16, 256);
}

int theme_nearest_16(int32_t rgb) {
    return nearest(rgb, 0, 16);
}

struct parse {
    struct theme *t;
    const char *name;
    uint32_t line;
    uint32_t seen; /* roles, as bits */
    bool paper;
    struct err *err;
};

static bool fail(struct parse *p, const char *what, const char *word) {
    char target[96], shown[48];
    text_clean_into(shown, sizeof shown, word, strlen(word));
    size_t n = strlen(p->name);
    str_copy(target, n + 1 < 64 ? n + 1 : 64, p->name);
    char number[16];
    uint32_t line = p->line, at = sizeof number - 1;
    number[at] = 0;
    do
        number[--at] = (char)('0' + line % 10);
    while ((line /= 10) && at);
    size_t used = strlen(target);
    target[used++] = ':';
    str_copy(target + used, sizeof target - used, number + at);
    return err_set(p->err, E_CONFIG, "theme.parse", target, "%s%s%s%s", what, *word ? " '" : "",
                   shown, *word ? "'" : "");
}

static bool parse_hex(const char *word, int32_t *ret_rgb) {
    if (*word != '#' || strlen(word) != 7 || strspn(word + 1, "0123456789abcdefABCDEF") != 6)
        return false;
    *ret_rgb = (int32_t)strtol(word + 1, NULL, 16);
    return true;
}

static bool parse_colour(const char *word, int32_t *ret_rgb, int16_t *ret_index) {
    int64_t n;
    *ret_index = -1;
    if (strcmp(word, "default") == 0) {
        *ret_rgb = COLOUR_DEFAULT;
        return true;
    }
    for (int i = 0; i < 16; i++)
        if (strcmp(word, names_16[i].name) == 0) {
            *ret_index = (int16_t)i;
            *ret_rgb = names_16[i].rgb;
            return true;
        }
    if (parse_hex(word, ret_rgb))
        return true;
    if (!str_to_i64(word, 0, 255, &n))
        return false;
    *ret_index = (int16_t)n;
    *ret_rgb = theme_rgb_of_256((int)n);
    return true;
}

static bool parse_attr(const char *word, uint8_t *attrs) {
    for (size_t i = 0; i < ARRAY_LEN(attr_names); i++)
        if (strcmp(word, attr_names[i].name) == 0) {
            *attrs |= attr_names[i].bit;
            return true;
        }
    return false;
}

/* One word of the line; "" at its end. Words longer than `word` are cut, hence unknown. */
static void take_word(const char **p, char *word, size_t size) {
    *p += strspn(*p, " \t\r");
    size_t n = strcspn(*p, " \t\r");
    size_t keep = n < size - 1 ? n : size - 1;
    memcpy(word, *p, keep);
    word[keep] = 0;
    *p += n;
}

static bool parse_style(struct parse *p, const char *rest, struct style *ret_style) {
    struct style s = {.fg_index = -1, .bg_index = -1};
    char word[32];
    take_word(&rest, word, sizeof word);
    if (!parse_colour(word, &s.fg, &s.fg_index))
        return fail(p, *word ? "this is not a colour:" : "the foreground is missing", word);
    take_word(&rest, word, sizeof word);
    if (!parse_colour(word, &s.bg, &s.bg_index))
        return fail(p, *word ? "this is not a colour:" : "the background is missing", word);
    for (take_word(&rest, word, sizeof word); *word; take_word(&rest, word, sizeof word))
        if (!parse_attr(word, &s.attrs))
            return fail(p, "this is not an attribute:", word);
    *ret_style = s;
    return true;
}

static bool parse_paper(struct parse *p, const char *rest) {
    char word[32], more[2];
    take_word(&rest, word, sizeof word);
    take_word(&rest, more, sizeof more);
    if (p->paper)
        return fail(p, "the paper is given twice", "");
    if (*more || (strcmp(word, "light") != 0 && strcmp(word, "dark") != 0))
        return fail(p, "paper is light or dark, not", word);
    p->t->light = *word == 'l';
    p->paper = true;
    return true;
}

static bool parse_line(struct parse *p, const char *line) {
    char word[32], equals[4];
    take_word(&line, word, sizeof word);
    if (!*word || *word == '#')
        return true;
    take_word(&line, equals, sizeof equals);
    if (strcmp(equals, "=") != 0)
        return fail(p, "there is no ' = ' after", word);
    if (strcmp(word, "paper") == 0)
        return parse_paper(p, line);
    for (int r = 0; r < ROLE_COUNT; r++) {
        if (strcmp(word, role_name((enum role)r)) != 0)
            continue;
        if (p->seen & BIT(r))
            return fail(p, "this role is given twice:", word);
        p->seen |= BIT(r);
        return parse_style(p, line, &p->t->styles[r]);
    }
    return fail(p, "there is no role", word);
}

static bool parse_all(struct parse *p, const char *bytes, size_t n) {
    char line[256];
    for (size_t at = 0; at < n; p->line++) {
        const char *end = memchr(bytes + at, '\n', n - at);
        size_t len = end ? (size_t)(end - bytes) - at : n - at;
        if (len >= sizeof line || memchr(bytes + at, 0, len))
            return fail(p, "the line is too long, or not text", "");
        memcpy(line, bytes + at, len);
        line[len] = 0;
        if (!parse_line(p, line))
            return false;
        at += len + 1;
    }
    for (int r = 0; r < ROLE_COUNT; r++)
        if (!(p->seen & BIT(r)))
            return fail(p, "no line for the role", role_name((enum role)r));
    return true;
}

bool theme_parse(struct theme *t, const char *name, const char *bytes, size_t n, struct err *err) {
    struct theme made = {0};
    struct parse p = {.t = &made, .name = name, .line = 1, .err = err};
    size_t mark = n >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* an editor's BOM */
    if (n > 65536)
        return err_set(err, E_TOO_BIG, "theme.parse", name, "a theme has at most 65536 bytes");
    text_clean_into(made.name, sizeof made.name, name, strlen(name));
    if (!parse_all(&p, bytes + mark, n - mark))
        return false;
    *t = made;
    return true;
}

uint32_t theme_count(void) {
    return ARRAY_LEN(embedded);
}

const char *theme_name_at(uint32_t i) {
    return i < ARRAY_LEN(embedded) ? embedded[i].name : "";
}

bool theme_load(struct theme *t, const char *name, struct err *err) {
    for (size_t i = 0; i < ARRAY_LEN(embedded); i++)
        if (strcmp(embedded[i].name, name) == 0)
            return theme_parse(t, name, (const char *)embedded[i].bytes, *embedded[i].len, err);
    return err_set(err, E_CONFIG, "theme.load", name,
                   "there is no such theme; `goodgo themes` lists them");
}
