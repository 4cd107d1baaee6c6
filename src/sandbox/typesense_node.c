/* sandbox/typesense_node.c - what the Typesense stand-in says of itself: health, status, the
 * requests of the last ten seconds, memory and disk. */
#include "typesense_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { WINDOW_S = 10 };

/* One second of figures; the stats are over the last ten. */
static struct second {
    uint64_t at_s;
    unsigned all, count[N_TRAFFIC];
    uint64_t total_ms[N_TRAFFIC];
} second[WINDOW_S + 1];
static uint64_t writes;

/* ---- counting ---- */

void node_count_request(int kind, uint64_t ms) {
    uint64_t now_s = clock_mono_ms() / 1000;
    struct second *s = &second[now_s % (WINDOW_S + 1)];
    if (s->at_s != now_s) {
        *s = (struct second){.at_s = now_s};
    }
    s->all++;
    if (kind >= 0) {
        s->count[kind]++;
        s->total_ms[kind] += ms;
    }
}

void node_count_write(void) {
    writes++;
}

void typesense_note_search(unsigned ms) {
    typesense_lock();
    node_count_request(TRAFFIC_SEARCH, ms);
    typesense_unlock();
}

/* ---- what it says of itself ---- */

void node_health(struct http_request *req) {
    http_reply(req, 200, typesense_json,
               standins_scenarios().disk_full_search
                   ? "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}"
                   : "{\"ok\":true}");
}

void node_debug(struct http_request *req) {
    http_reply(req, 200, typesense_json, "{\"state\":1,\"version\":\"27.1\"}");
}

void node_status(struct http_request *req) {
    http_replyf(req, 200, typesense_json,
                "{\"committed_index\":%llu,\"queued_writes\":0,\"state\":\"LEADER\"}",
                (unsigned long long)writes + 1);
}

struct window {
    unsigned all, count[N_TRAFFIC];
    uint64_t total_ms[N_TRAFFIC];
};

static struct window window_now(void) {
    struct window w = {0};
    uint64_t now_s = clock_mono_ms() / 1000;
    for (int i = 0; i <= WINDOW_S; i++) {
        const struct second *s = &second[i];
        if (!s->at_s || s->at_s + WINDOW_S <= now_s) {
            continue;
        }
        w.all += s->all;
        for (int k = 0; k < N_TRAFFIC; k++) {
            w.count[k] += s->count[k];
            w.total_ms[k] += s->total_ms[k];
        }
    }
    return w;
}

static double mean_ms(const struct window *w, int kind) {
    return w->count[kind] ? (double)w->total_ms[kind] / w->count[kind] : 0;
}

static double per_second(unsigned count) {
    return count / (double)WINDOW_S;
}

void node_stats(struct http_request *req) {
    static const char *const names[N_TRAFFIC] = {"search", "import", "write", "delete"};
    static const char search_path[] = "GET /collections/listings/documents/search";
    struct window w = window_now();
    http_reply(req, 200, typesense_json, "{\"cache_hit_ratio\":0.0,");
    for (int k = 0; k < N_TRAFFIC; k++) {
        text_addf(&req->reply, "\"%s_latency_ms\":%.2f,\"%s_requests_per_second\":%.1f,", names[k],
                  mean_ms(&w, k), names[k], per_second(w.count[k]));
    }
    if (w.count[TRAFFIC_SEARCH]) {
        text_addf(&req->reply,
                  "\"latency_ms\":{\"%s\":%.2f},\"requests_per_second\":{\"%s\":%.1f},",
                  search_path, mean_ms(&w, TRAFFIC_SEARCH), search_path,
                  per_second(w.count[TRAFFIC_SEARCH]));
    } else {
        text_puts(&req->reply, "\"latency_ms\":{},\"requests_per_second\":{},");
    }
    text_addf(&req->reply,
              "\"overloaded_requests_per_second\":0,\"pending_write_batches\":0,"
              "\"total_requests_per_second\":%.1f}",
              per_second(w.all));
}

static uint64_t meminfo_bytes(const char *name) {
    char line[128];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/meminfo", "re");
    while (f && fgets(line, sizeof line, f)) {
        size_t n = strlen(name);
        if (strncmp(line, name, n) == 0 && line[n] == ':') {
            kib = strtoull(line + n + 1, NULL, 10);
            break;
        }
    }
    if (f) {
        fclose(f);
    }
    return kib * 1024;
}

static uint64_t own_memory(void) {
    unsigned long long total = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        int n = fscanf(f, "%llu %llu", &total, &resident);
        resident = n == 2 ? resident : 0;
        fclose(f);
    }
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

void node_metrics(struct http_request *req) {
    struct statvfs fs;
    uint64_t disk_total = 0, disk_used = 0;
    if (statvfs("/", &fs) == 0) {
        disk_total = (uint64_t)fs.f_blocks * fs.f_frsize;
        disk_used = disk_total - (uint64_t)fs.f_bfree * fs.f_frsize;
    }
    if (standins_scenarios().disk_full_search) {
        disk_used = disk_total - disk_total / 100;
    }
    uint64_t total = meminfo_bytes("MemTotal"), free_bytes = meminfo_bytes("MemAvailable");
    uint64_t swap = meminfo_bytes("SwapTotal"), swap_free = meminfo_bytes("SwapFree");
    unsigned long long own = own_memory();
    http_replyf(
        req, 200, typesense_json,
        "{\"system_cpu1_active_percentage\":\"%u.00\",\"system_cpu_active_percentage\":"
        "\"%u.00\",\"system_disk_total_bytes\":\"%llu\",\"system_disk_used_bytes\":\"%llu\","
        "\"system_memory_total_bytes\":\"%llu\",\"system_memory_total_swap_bytes\":\"%llu\","
        "\"system_memory_used_bytes\":\"%llu\",\"system_memory_used_swap_bytes\":\"%llu\",",
        2 + dice(9), 2 + dice(9), (unsigned long long)disk_total, (unsigned long long)disk_used,
        (unsigned long long)total, (unsigned long long)swap,
        (unsigned long long)(total - free_bytes), (unsigned long long)(swap - swap_free));
    text_addf(&req->reply,
              "\"system_network_received_bytes\":\"540176699\",\"system_network_sent_bytes\":"
              "\"1033880\",\"typesense_memory_active_bytes\":\"%llu\","
              "\"typesense_memory_allocated_bytes\":\"%llu\",\"typesense_memory_fragmentation_ratio"
              "\":\"0.06\",\"typesense_memory_mapped_bytes\":\"%llu\","
              "\"typesense_memory_metadata_bytes\":\"7937792\",\"typesense_memory_resident_bytes\":"
              "\"%llu\",\"typesense_memory_retained_bytes\":\"16400384\"}",
              own, own - own / 16, own * 2, own);
}
