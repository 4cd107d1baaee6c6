/* act/reindex_doc_lib.c - a listing joined to its property, from a line of COPY text to a line of
 * JSON, and what two documents have in common. Pure. Where the runbook's schema wants a value and
 * the database has none: "" for texts, 0 for whole numbers, [] for lists; a float is left out. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/listings.h"
#include "reindex_priv.h"
#include "wire/digest.h"
#include "wire/json.h"

enum kind { TEXT, WHOLE, REAL, LATITUDE, LONGITUDE, LIST, PLACE };

/* The columns of the COPY, in order. Raw columns: SQL's own JSON functions cost four times as much
 * as all of this file. */
static const struct doc_column {
    const char *field;
    enum kind kind;
    const char *sql;
} columns[] = {
    {"listingId", TEXT, "l.\"id\""}, /* the document's own id too */
    {"propertyId", TEXT, "l.\"propertyId\""},
    {"title", TEXT, "p.\"title\""},
    {"description", TEXT, "p.\"description\""},
    {"propertyType", TEXT, "p.\"propertyType\""},
    {"transactionType", TEXT, "l.\"transactionType\""},
    {"priceVND", WHOLE, "l.\"priceVND\""},
    {"pricePerM2", REAL, "l.\"pricePerM2\""},
    {"areaM2", REAL, "p.\"areaM2\""},
    {"bedrooms", WHOLE, "p.\"bedrooms\""},
    {"bathrooms", WHOLE, "p.\"bathrooms\""},
    {"floors", WHOLE, "p.\"floors\""},
    {"direction", TEXT, "p.\"direction\""},
    {"address", TEXT, "p.\"address\""},
    {"ward", TEXT, "p.\"ward\""},
    {"district", TEXT, "p.\"district\""},
    {"city", TEXT, "p.\"city\""},
    {"location", LATITUDE, "ST_Y(p.\"location\")"},
    {"location", LONGITUDE, "ST_X(p.\"location\")"},
    {"agentId", TEXT, "l.\"agentId\""},
    {"sellerId", TEXT, "l.\"sellerId\""},
    {"status", TEXT, "l.\"status\""},
    {"publishedAt", WHOLE, "floor(extract(epoch from l.\"publishedAt\"))::bigint"},
    {"viewCount", WHOLE, "l.\"viewCount\""},
    {"saveCount", WHOLE, "l.\"saveCount\""},
    {"projectName", TEXT, "p.\"projectName\""},
    {"amenities", LIST, "p.\"amenities\""},
    {NULL, PLACE, "l.ctid"}, /* where the row lies: for going on after an interruption */
};

void doc_add_select(struct str *sql, bool in_place) {
    str_puts(sql, "SELECT ");
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        str_printf(sql, "%s%s", i ? ", " : "", columns[i].sql);
    str_puts(sql, in_place ? DOC_FROM_IN_PLACE : DOC_FROM);
}

/* ---- COPY text to JSON ---- */

/* Bytes that cannot stand in a JSON string as they are, or that COPY has escaped. */
static bool is_plain(unsigned char c) {
    return c >= 0x20 && c != '"' && c != '\\';
}

static void add_escaped_byte(struct str *out, unsigned char c) {
    switch (c) {
    case '"':
    case '\\':
        str_putc(out, '\\');
        str_putc(out, (char)c);
        break;
    case '\n':
        str_puts(out, "\\n");
        break;
    default:
        if (c < 0x20)
            str_printf(out, "\\u%04x", c);
        else
            str_putc(out, (char)c);
    }
}

/* What COPY means by a backslash and this byte. */
static unsigned char copy_unescape(char c) {
    static const char from[] = "bfnrtv", to[] = "\b\f\n\r\t\v";
    const char *at = c ? strchr(from, c) : NULL;
    return (unsigned char)(at ? to[at - from] : c);
}

static void add_json_text(struct str *out, const char *s, size_t n) {
    str_putc(out, '"');
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && is_plain((unsigned char)s[run]))
            run++;
        str_add(out, s + i, run - i);
        i = run;
        if (i < n && s[i] == '\\' && i + 1 < n) {
            add_escaped_byte(out, copy_unescape(s[i + 1]));
            i += 2;
        } else if (i < n) {
            add_escaped_byte(out, (unsigned char)s[i]);
            i++;
        }
    }
    str_putc(out, '"');
}

static bool is_null(const char *s, size_t n) {
    return n == 2 && s[0] == '\\' && s[1] == 'N';
}

static size_t digits(const char *s, size_t n, size_t at) {
    size_t from = at;
    while (at < n && char_is_digit(s[at]))
        at++;
    return at - from;
}

/* As JSON has them; NaN and the infinities of PostgreSQL it has not. */
static bool is_number(const char *s, size_t n) {
    size_t at = n && s[0] == '-', whole = digits(s, n, at);
    if (!whole || (whole > 1 && s[at] == '0'))
        return false;
    at += whole;
    if (at < n && s[at] == '.') {
        size_t part = digits(s, n, ++at);
        if (!part)
            return false;
        at += part;
    }
    if (at < n && (s[at] == 'e' || s[at] == 'E')) {
        at++;
        at += at < n && (s[at] == '+' || s[at] == '-');
        size_t part = digits(s, n, at);
        if (!part)
            return false;
        at += part;
    }
    return at == n;
}

/* One element of an array's text, from behind its opening quote where it has one. Returns what
 * follows it. */
static const char *add_element(struct str *out, const char *at, const char *end, bool quoted) {
    str_putc(out, '"');
    while (at < end && (quoted ? *at != '"' : *at != ',' && *at != '}')) {
        if (*at == '\\' && at + 1 < end)
            at++;
        add_escaped_byte(out, (unsigned char)*at++);
    }
    str_putc(out, '"');
    return at < end && quoted ? at + 1 : at;
}

static bool is_null_element(const char *at, const char *end) {
    return end - at > 4 && memcmp(at, "NULL", 4) == 0 && (at[4] == ',' || at[4] == '}');
}

/* {a,"b c",NULL}: nested braces are flattened and NULLs left out, since string[] has neither. */
static void add_list(struct doc_maker *m, struct str *out, const char *s, size_t n) {
    bool first = true;
    str_clear(&m->scratch);
    doc_copy_text(s, n, &m->scratch);
    const char *at = str_get(&m->scratch), *end = at + m->scratch.len;
    str_putc(out, '[');
    while (at < end) {
        if (*at == '{' || *at == '}' || *at == ',') {
            at++;
        } else if (is_null_element(at, end)) {
            at += 4;
        } else {
            bool quoted = *at == '"';
            str_puts(out, first ? "" : ",");
            first = false;
            at = add_element(out, at + quoted, end, quoted);
        }
    }
    str_putc(out, ']');
}

struct cell {
    const char *s;
    size_t n;
};

static bool split(const char *line, size_t n, struct cell cells[ARRAY_LEN(columns)]) {
    const char *end = line + n;
    for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
        const char *stop = memchr(line, '\t', (size_t)(end - line));
        bool last = i + 1 == ARRAY_LEN(columns);
        if (last != !stop)
            return false;
        stop = stop ? stop : end;
        cells[i] = (struct cell){line, (size_t)(stop - line)};
        line = stop + 1;
    }
    return true;
}

static void add_key(struct str *out, const char *key) {
    str_puts(out, ",\"");
    str_puts(out, key);
    str_puts(out, "\":");
}

static void add_location(struct str *out, struct cell lat, struct cell lng) {
    if (!is_number(lat.s, lat.n) || !is_number(lng.s, lng.n))
        return; /* an empty point: the index will refuse the document and say so */
    add_key(out, "location");
    str_putc(out, '[');
    str_add(out, lat.s, lat.n);
    str_putc(out, ',');
    str_add(out, lng.s, lng.n);
    str_putc(out, ']');
}

static void add_cell(struct doc_maker *m, struct str *out, size_t i, const struct cell *cells) {
    struct cell c = cells[i];
    bool null = is_null(c.s, c.n);
    switch (columns[i].kind) {
    case TEXT:
        add_key(out, columns[i].field);
        add_json_text(out, c.s, null ? 0 : c.n);
        break;
    case WHOLE:
        add_key(out, columns[i].field);
        if (null)
            str_putc(out, '0');
        else if (is_number(c.s, c.n))
            str_add(out, c.s, c.n);
        else
            add_json_text(out, c.s, c.n); /* a column of another type: the index will say so */
        break;
    case REAL:
        if (!is_number(c.s, c.n))
            break;
        add_key(out, columns[i].field);
        str_add(out, c.s, c.n);
        break;
    case LATITUDE:
        add_location(out, c, cells[i + 1]);
        break;
    case LONGITUDE:
    case PLACE:
        break;
    case LIST:
        add_key(out, columns[i].field);
        add_list(m, out, c.s, null ? 0 : c.n);
        break;
    }
}

void doc_maker_init(struct doc_maker *m) {
    str_init(&m->scratch, DOC_MAX_BYTES);
}

void doc_maker_done(struct doc_maker *m) {
    str_done(&m->scratch);
}

/* "(12,3)": block 12. */
static uint32_t block_of(struct cell place) {
    uint64_t block = 0;
    for (size_t i = 1; i < place.n && char_is_digit(place.s[i]); i++)
        block = block * 10 + (uint64_t)(place.s[i] - '0');
    return block > UINT32_MAX ? UINT32_MAX : (uint32_t)block;
}

bool doc_from_copy(struct doc_maker *m, const char *line, size_t n, struct str *out) {
    struct cell cells[ARRAY_LEN(columns)];
    if (n && line[n - 1] == '\n')
        n--;
    if (!split(line, n, cells))
        return false;
    m->block = block_of(cells[ARRAY_LEN(columns) - 1]);
    str_puts(out, DOC_ID_BEFORE);
    add_json_text(out, cells[0].s, cells[0].n);
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        add_cell(m, out, i, cells);
    str_puts(out, "}\n");
    return true;
}

void doc_copy_text(const char *line, size_t n, struct str *out) {
    if (n && line[n - 1] == '\n')
        n--;
    for (size_t i = 0; i < n; i++) {
        bool escaped = line[i] == '\\' && i + 1 < n;
        str_putc(out, escaped ? (char)copy_unescape(line[i + 1]) : line[i]);
        i += escaped;
    }
}

size_t doc_line_length(const char *line, const char *end) {
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    return (size_t)((stop ? stop + 1 : end) - line);
}

bool doc_line_id(const char *line, size_t n, struct arena *a, const char **ret_id) {
    struct err ignored;
    size_t skip = sizeof DOC_ID_BEFORE; /* and the quote */
    const char *stop = n > skip ? memchr(line + skip, '"', n - skip) : NULL;
    if (stop && memcmp(line, DOC_ID_BEFORE "\"", skip) == 0 &&
        !memchr(line + skip, '\\', (size_t)(stop - line) - skip)) {
        *ret_id = arena_strndup(a, line + skip, (size_t)(stop - line) - skip);
        return true;
    }
    struct json *j = json_parse(line, n, DOC_MAX_BYTES, &ignored);
    const char *id = json_string(j, "id");
    *ret_id = id ? arena_strdup(a, id) : NULL;
    json_free(j);
    return *ret_id != NULL;
}

/* ---- what two documents have in common ---- */

static void canon_value(struct str *out, const struct json *v) {
    double d;
    const char *s = v ? json_string(v, "") : NULL;
    if (!v || json_is_null(v)) {
        str_putc(out, '-');
    } else if (s) {
        str_printf(out, "s%zu:", strlen(s));
        str_puts(out, s);
    } else if (json_is_array(v)) {
        str_putc(out, '[');
        for (const struct json *e = json_first(v); e; e = json_next(e))
            canon_value(out, e);
        str_putc(out, ']');
    } else if (json_double(v, "", &d)) {
        /* 1000.0 may come back as 1000. Whole numbers to the last digit; fractions to twelve: the
         * index itself keeps floats of seven, and not every JSON writer the same last ones. */
        bool whole = d == floor(d) && fabs(d) <= (double)JSON_EXACT_MAX;
        str_printf(out, whole ? "n%.0f," : "n%.12g,", d);
    } else {
        str_putc(out, '?');
    }
}

static bool is_counter(const char *field) {
    return strcmp(field, "viewCount") == 0 || strcmp(field, "saveCount") == 0;
}

static uint64_t hash_of(const struct str *s) {
    char hex[DIGEST_HEX_SIZE];
    digest_sha256_hex(str_get(s), s->len, hex);
    hex[16] = '\0';
    return strtoull(hex, NULL, 16);
}

bool doc_digest(const char *line, size_t n, struct doc_digest *ret) {
    struct err ignored;
    struct str canon, counters;
    struct json *j = json_parse(line, n, DOC_MAX_BYTES, &ignored);
    if (!json_is_object(j)) {
        json_free(j);
        return false;
    }
    str_init(&canon, DOC_MAX_BYTES);
    str_init(&counters, DOC_MAX_BYTES);
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS; i++)
        canon_value(is_counter(listings_fields[i].name) ? &counters : &canon,
                    json_get(j, listings_fields[i].name));
    ret->content = hash_of(&canon);
    ret->counters = hash_of(&counters);
    str_done(&canon);
    str_done(&counters);
    json_free(j);
    return true;
}

bool doc_difference(const char *ours, size_t ours_n, const char *theirs, size_t theirs_n,
                    char *field, size_t size) {
    struct err ignored;
    struct str a, b;
    struct json *x = json_parse(ours, ours_n, DOC_MAX_BYTES, &ignored),
                *y = json_parse(theirs, theirs_n, DOC_MAX_BYTES, &ignored);
    bool differs = !x || !y;
    str_copy(field, size, "the document");
    str_init(&a, DOC_MAX_BYTES);
    str_init(&b, DOC_MAX_BYTES);
    for (uint32_t i = 0; i < LISTINGS_N_FIELDS && !differs; i++) {
        str_clear(&a);
        str_clear(&b);
        canon_value(&a, json_get(x, listings_fields[i].name));
        canon_value(&b, json_get(y, listings_fields[i].name));
        differs = strcmp(str_get(&a), str_get(&b)) != 0;
        if (differs)
            str_copy(field, size, listings_fields[i].name);
    }
    str_done(&a);
    str_done(&b);
    json_free(x);
    json_free(y);
    return differs;
}
