/* act/recon_pack.c - records of a reconciliation as bytes, as they are sorted; see recon_priv.h.
 * They never leave the process: numbers are in its own byte order. */
#include <string.h>

#include "recon_priv.h"

#define TEXT_MAX 1000u

void pack_start(struct packer *p, char kind) {
    p->b[0] = kind;
    p->n = 1;
}

void pack_i64(struct packer *p, int64_t n) {
    memcpy(p->b + p->n, &n, sizeof n);
    p->n += sizeof n;
}

void pack_text(struct packer *p, const char *s) {
    size_t n = strnlen(s, TEXT_MAX);
    memcpy(p->b + p->n, s, n);
    p->b[p->n + n] = '\0';
    p->n += n + 1;
}

struct unpacker unpack_start(const char *data, size_t n, char *ret_kind) {
    *ret_kind = data[0];
    return (struct unpacker){data + 1, data + n};
}

int64_t unpack_i64(struct unpacker *u) {
    int64_t n;
    memcpy(&n, u->at, sizeof n);
    u->at += sizeof n;
    return n;
}

const char *unpack_text(struct unpacker *u) {
    const char *s = u->at;
    u->at += strlen(s) + 1;
    return s;
}

void key_i64(char key[8], int64_t n) {
    uint64_t u = (uint64_t)n ^ UINT64_C(0x8000000000000000);
    for (int i = 7; i >= 0; i--, u >>= 8)
        key[i] = (char)(u & 0xff);
}

void payment_pack(struct packer *p, const struct recon_payment *x) {
    pack_text(p, x->id);
    pack_text(p, x->provider);
    pack_text(p, x->tx_id);
    pack_text(p, x->updated);
    pack_i64(p, x->amount_vnd);
    pack_i64(p, x->created_wall_s);
    pack_i64(p, x->day);
    pack_i64(p, (int64_t)x->status * 2 + x->in_range);
}

void payment_unpack(struct unpacker *u, struct recon_payment *x) {
    x->id = unpack_text(u);
    x->provider = unpack_text(u);
    x->tx_id = unpack_text(u);
    x->updated = unpack_text(u);
    x->amount_vnd = unpack_i64(u);
    x->created_wall_s = unpack_i64(u);
    x->day = unpack_i64(u);
    int64_t both = unpack_i64(u);
    x->status = (enum pay_status)(both / 2);
    x->in_range = both % 2;
}

void line_pack(struct packer *p, const struct recon_line *x) {
    pack_i64(p, x->seq);
    pack_i64(p, x->day);
    pack_i64(p, x->amount_vnd);
    pack_i64(p, x->fee_vnd);
    pack_text(p, x->account);
    pack_text(p, x->ref);
    pack_text(p, x->content);
    pack_text(p, x->where);
}

void line_unpack(struct unpacker *u, struct recon_line *x) {
    x->seq = unpack_i64(u);
    x->day = unpack_i64(u);
    x->amount_vnd = unpack_i64(u);
    x->fee_vnd = unpack_i64(u);
    x->account = unpack_text(u);
    x->ref = unpack_text(u);
    x->content = unpack_text(u);
    x->where = unpack_text(u);
}

void paid_pack(struct packer *p, const struct recon_paid *x) {
    pack_text(p, x->provider);
    pack_text(p, x->order_id);
    pack_text(p, x->tx_id);
    pack_text(p, x->where);
    pack_i64(p, x->day);
    pack_i64(p, x->wall_s);
    pack_i64(p, x->amount_vnd);
    pack_i64(p, x->fee_vnd);
    pack_i64(p, (int64_t)x->status * 4 + x->told);
}

void paid_unpack(struct unpacker *u, struct recon_paid *x) {
    x->provider = unpack_text(u);
    x->order_id = unpack_text(u);
    x->tx_id = unpack_text(u);
    x->where = unpack_text(u);
    x->day = unpack_i64(u);
    x->wall_s = unpack_i64(u);
    x->amount_vnd = unpack_i64(u);
    x->fee_vnd = unpack_i64(u);
    int64_t both = unpack_i64(u);
    x->status = (enum pay_status)(both / 4);
    x->told = (enum recon_told)(both % 4);
}

enum { HAS_DB = 1, HAS_GATEWAY = 2, HAS_BANK = 4, IN_RANGE = 8, CONTEXT = 16 };

void row_pack(struct packer *p, const struct recon_row *x) {
    const int64_t numbers[] = {x->day,
                               (x->has_db ? HAS_DB : 0) | (x->has_gateway ? HAS_GATEWAY : 0) |
                                   (x->has_bank ? HAS_BANK : 0) | (x->in_range ? IN_RANGE : 0) |
                                   (x->context ? CONTEXT : 0),
                               x->db_vnd,
                               x->gateway_vnd,
                               x->bank_vnd,
                               x->fee_vnd,
                               x->db_status,
                               x->gateway_status,
                               x->category,
                               x->difference_vnd};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        pack_i64(p, numbers[i]);
    pack_text(p, x->provider);
    pack_text(p, x->order_id);
    pack_text(p, x->tx_id);
    pack_text(p, x->why);
    pack_text(p, x->evidence);
    pack_text(p, x->updated);
}

void row_unpack(struct unpacker *u, struct recon_row *x) {
    x->day = unpack_i64(u);
    int64_t has = unpack_i64(u);
    x->has_db = has & HAS_DB;
    x->has_gateway = has & HAS_GATEWAY;
    x->has_bank = has & HAS_BANK;
    x->in_range = has & IN_RANGE;
    x->context = has & CONTEXT;
    x->db_vnd = unpack_i64(u);
    x->gateway_vnd = unpack_i64(u);
    x->bank_vnd = unpack_i64(u);
    x->fee_vnd = unpack_i64(u);
    x->db_status = (enum pay_status)unpack_i64(u);
    x->gateway_status = (enum pay_status)unpack_i64(u);
    x->category = (enum recon_category)unpack_i64(u);
    x->difference_vnd = unpack_i64(u);
    x->provider = unpack_text(u);
    x->order_id = unpack_text(u);
    x->tx_id = unpack_text(u);
    x->why = unpack_text(u);
    x->evidence = unpack_text(u);
    x->updated = unpack_text(u);
}
