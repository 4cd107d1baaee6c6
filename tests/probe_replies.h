/* tests/probe_replies.h - one good reply for each stage of each probe, as its server gives it. What
 * bends and breaks them (test_probe_hostile.c, the fuzzers' seeds) begins here; a new stage needs a
 * line here before its tests pass. Redis and files are no text: they are made in the tests. */
#ifndef GOODGO_TESTS_PROBE_REPLIES_H
#define GOODGO_TESTS_PROBE_REPLIES_H

#include "model/service.h"

static const struct http_good {
    enum service service;
    const char *stage, *body;
} http_good[] = {
    {SERVICE_api, "live",
     "{\"status\":\"ok\",\"info\":{},\"uptime\":12.5,\"service\":\"goodgo-api\"}"},
    {SERVICE_api, "ready",
     "{\"status\":\"ok\",\"info\":{\"database\":{\"status\":\"up\"},\"redis\":{\"status\":\"up\","
     "\"message\":\"pong\"}},\"error\":{},\"details\":{\"database\":{\"status\":\"up\"},"
     "\"redis\":{\"status\":\"up\",\"message\":\"pong\"}}}"},
    {SERVICE_api, "db", "{\"status\":\"ok\",\"checks\":{\"database\":\"up\"}}"},
    {SERVICE_api, "redis", "{\"status\":\"ok\",\"checks\":{\"redis\":true}}"},
    {SERVICE_web, "page",
     "<!DOCTYPE html><html><head><title>GoodGo</title></head><body><div "
     "id=\"__next\"></div><script src=\"/_next/static/x.js\"></script></body></html>"},
    {SERVICE_ai_services, "live",
     "{\"status\":\"healthy\",\"models\":{\"price\":\"loaded\",\"spam\":{\"status\":\"ok\"}}}"},
    {SERVICE_typesense, "health", "{\"ok\":true,\"resource_error\":\"OUT_OF_DISK\"}"},
    {SERVICE_typesense, "stats",
     "{\"pending_write_batches\":7,\"search_latency_ms\":1.5,\"search_requests_per_second\":20.5,"
     "\"write_requests_per_second\":3}"},
    {SERVICE_typesense, "status",
     "{\"committed_index\":9,\"queued_writes\":600,\"state\":\"LEADER\"}"},
    {SERVICE_typesense, "listings",
     "{\"name\":\"listings\",\"num_documents\":5000,\"fields\":[{\"name\":\"title\",\"type\":"
     "\"string\",\"facet\":false},{\"name\":\"priceVND\",\"type\":\"int64\",\"sort\":true},"
     "{\"name\":\"pricePerM2\",\"type\":\"float\",\"optional\":true},{\"name\":\"extra\","
     "\"type\":\"bool\"}]}"},
    {SERVICE_typesense, "facet",
     "{\"facet_counts\":[{\"counts\":[{\"count\":43,\"value\":\"ACTIVE\"},{\"count\":3,"
     "\"value\":\"SOLD\"}],\"field_name\":\"status\"}],\"found\":46}"},
    {SERVICE_typesense, "metrics",
     "{\"system_disk_total_bytes\":\"270553174016\",\"system_disk_used_bytes\":\"203182284800\","
     "\"system_memory_total_bytes\":\"25276514304\",\"typesense_memory_active_bytes\":"
     "\"47738880\"}"},
    {SERVICE_typesense, "collections",
     "[{\"name\":\"listings\",\"num_documents\":5000,\"created_at\":1795336303,\"fields\":[{}]},"
     "{\"name\":\"old\",\"num_documents\":0,\"fields\":[]}]"},
    {SERVICE_typesense, "debug", "{\"state\":1,\"version\":\"29.0\"}"},
    {SERVICE_minio, "live", ""},
    {SERVICE_minio, "ready", ""},
    {SERVICE_minio, "cluster", ""},
    {SERVICE_minio, "buckets",
     "<?xml version=\"1.0\"?>\n<ListAllMyBucketsResult><Buckets><Bucket><Name>goodgo-media</Name>"
     "<CreationDate>2026-04-11T10:30:00.266Z</CreationDate></Bucket></Buckets>"
     "</ListAllMyBucketsResult>"},
    {SERVICE_minio, "objects",
     "<?xml version=\"1.0\"?>\n<ListBucketResult><IsTruncated>true</IsTruncated>"
     "<NextContinuationToken>a+/=</NextContinuationToken><Contents><Key>p/1&amp;2</Key>"
     "<Size>10</Size></Contents><Contents><Key>top</Key><Size>5</Size></Contents>"
     "</ListBucketResult>"},
    {SERVICE_loki, "ready", "ready\n"},
    {SERVICE_loki, "levels",
     "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{"
     "\"level\":\"info\"},\"value\":[1,\"114\"]},{\"metric\":{\"level\":\"error\"},\"value\":"
     "[1,\"4\"]}]}}"},
    {SERVICE_loki, "lines",
     "{\"status\":\"success\",\"data\":{\"resultType\":\"streams\",\"result\":[{\"stream\":{"
     "\"level\":\"error\",\"service\":\"api\"},\"values\":[[\"1775903527000000000\",\"{"
     "\\\"level\\\":50,\\\"msg\\\":\\\"Redis check failed\\\"}\"]]}]}}"},
    {SERVICE_loki, "labels", "{\"status\":\"success\",\"data\":[\"app\",\"level\"]}"},
    {SERVICE_loki, "version", "{\"version\":\"3.4.6\",\"revision\":\"x\"}"},
    {SERVICE_promtail, "ready", "Ready"},
    {SERVICE_promtail, "metrics",
     "# HELP promtail_read_lines_total x\n"
     "promtail_read_lines_total{path=\"/a\"} 100\npromtail_read_lines_total{path=\"/b\"} 2e1\n"
     "promtail_file_bytes_total{path=\"/a\"} 90000000\npromtail_read_bytes_total{path=\"/a\"} 400\n"
     "promtail_dropped_entries_total{reason=\"rate_limited\"} 5\n"
     "promtail_sent_entries_total{host=\"l\"} 9\npromtail_targets_active_total 3\n"
     "promtail_files_active_total 2\npromtail_build_info{version=\"3.4.6\"} 1\n"},
    {SERVICE_prometheus, "healthy", "Prometheus Server is Healthy.\n"},
    {SERVICE_prometheus, "ready", "Prometheus Server is Ready.\n"},
    {SERVICE_prometheus, "presets",
     "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{"
     "\"preset\":\"p99_s\"},\"value\":[1,\"3.5\"]},{\"metric\":{\"preset\":\"error_pct\"},"
     "\"value\":[1,\"2\"]},{\"metric\":{\"preset\":\"pg_active\"},\"value\":[1,\"5\"]}]}}"},
    {SERVICE_prometheus, "past",
     "{\"status\":\"success\",\"data\":{\"result\":[{\"metric\":{\"preset\":\"request_rate\"},"
     "\"values\":[[1795334100,\"7\"],[1795334390.5,\"9\"]]},{\"metric\":{\"preset\":\"p99_s\"},"
     "\"values\":[]}]}}"},
    {SERVICE_prometheus, "up",
     "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{"
     "\"health\":"
     "\"up\"},\"value\":[1795330000,\"240\"]},{\"metric\":{\"health\":\"down\"},\"value\":["
     "1795330000,"
     "\"1\"]}]}}"},
    {SERVICE_prometheus, "targets",
     "{\"status\":\"success\",\"data\":{\"activeTargets\":[{\"labels\":{\"job\":\"api\","
     "\"instance\":\"api:3001\"},\"health\":\"up\",\"lastError\":\"\",\"lastScrape\":"
     "\"2025-11-22T08:35:13.896479687Z\"},{\"labels\":{\"job\":\"x\",\"instance\":\"x:1\"},"
     "\"health\":\"down\",\"lastError\":\"refused\",\"lastScrape\":\"0001-01-01T00:00:00Z\"}]}}"},
    {SERVICE_prometheus, "alerts",
     "{\"status\":\"success\",\"data\":{\"alerts\":[{\"labels\":{\"alertname\":\"High\","
     "\"severity\":\"critical\",\"route\":\"/x\"},\"annotations\":{\"summary\":\"slow\","
     "\"runbook_url\":\"https://r\"},\"state\":\"firing\",\"activeAt\":"
     "\"2025-11-22T08:35:13Z\",\"value\":\"3.5e+00\"},{\"labels\":{\"alertname\":\"Low\"},"
     "\"state\":\"pending\"}]}}"},
    {SERVICE_prometheus, "rules",
     "{\"status\":\"success\",\"data\":{\"groups\":[{\"name\":\"g\",\"rules\":[{\"name\":\"High\","
     "\"state\":\"firing\",\"health\":\"err\",\"duration\":300,\"query\":\"x > 1\",\"labels\":{"
     "\"severity\":\"critical\"}},{\"name\":\"r\",\"type\":\"recording\"}]}]}}"},
    {SERVICE_prometheus, "version", "{\"status\":\"success\",\"data\":{\"version\":\"2.51.0\"}}"},
    {SERVICE_prometheus, "runtime",
     "{\"status\":\"success\",\"data\":{\"storageRetention\":\"15d\",\"reloadConfigSuccess\":false}"
     "}"},
    {SERVICE_prometheus, "series",
     "{\"status\":\"success\",\"data\":{\"headStats\":{\"numSeries\":5123}}}"},
    {SERVICE_grafana, "health", "{\"database\":\"ok\",\"version\":\"10.4.1\",\"commit\":\"x\"}"},
    {SERVICE_grafana, "dashboards",
     "[{\"uid\":\"goodgo-api-latency\",\"title\":\"Latency\",\"folderTitle\":\"GoodGo\"},"
     "{\"uid\":\"mine\",\"title\":\"Mine\"}]"},
};

static const struct pg_good {
    enum service service;
    const char *stage, *columns, *rows; /* as in probe_rows.h */
} pg_good[] = {
    {SERVICE_postgres, "activity",
     "connections|connections_max|active|idle|idle_in_transaction|waiting|longest_xact_s|"
     "oldest_idle_in_tx_s|in_recovery|standby_lag_s|uptime_s|sees_all|who",
     "12|100|3|8|1|0|700.5|400.25|1|\\N|86400.5|0|goodgo"},
    {SERVICE_postgres, "database",
     "xacts|rollbacks|blks_read|blks_hit|deadlocks|temp_files|temp_bytes|conflicts|"
     "checksum_failures",
     "1000|5|100|900|2|1|8192|0|\\N"},
    {SERVICE_postgres, "sessions",
     "pid|user|database|application|client|state|xact_s|state_s|wait|query",
     "7|app|goodgo|api|10.0.0.1|idle in transaction|700|400|Lock/relation|SELECT 1\n"
     "8|app|goodgo|api|local|idle|\\N|5||COMMIT"},
    {SERVICE_postgres, "blocking",
     "pid|blocked_by|waits|wait_s|state|user|application|lock|has_lock|xact_s|query",
     "7||0|\\N|idle in transaction|app|api||0|70|UPDATE\n"
     "8|7|1|65.5|active|app|api|ShareLock on t|1|66|UPDATE\n9|7,8|1|3|\\N|\\N|\\N||1|3|\\N"},
    {SERVICE_postgres, "progress", "kind|pid|relation|phase|done|total|detail",
     "vacuum|7|Listing|scanning heap|50|200|0 dead\nbase backup|8|\\N|streaming|9|8|\\N"},
    {SERVICE_postgres, "replication", "pid|name|client|state|sync_state|replay_lag_s|lag_bytes",
     "7|r1|10.0.0.2|streaming|async|65.5|8192\n8|r2|local|startup|async|\\N|\\N"},
    {SERVICE_postgres, "listing_status", "status|count", "ACTIVE|4000\nSOLD|1000"},
    {SERVICE_postgres, "schema", "kind|name|detail|method|is_unique|is_valid",
     "extension|postgis|3.3.2|\\N|\\N|\\N\ngeometry|Property|geometry(Point,4326)|\\N|\\N|\\N\n"
     "index|Payment|userId,provider,idempotencyKey|btree|1|1\n"
     "index|Property|location|btree|0|1\nindex|User|role,isActive,createdAt|btree|0|0\n"
     "table|Listing|\\N|\\N|\\N|\\N\ntable|mine|\\N|\\N|\\N|\\N\nenum|UserRole|\\N|\\N|\\N|\\N"},
    {SERVICE_postgres, "migrations",
     "name|state|age_s|took_s|steps|migrations_applied|migrations_pending|migrations_failed",
     "0003_x|failed|60|\\N|0|40|1|1\n0002_x|unfinished|70|\\N|0|40|1|1\n"
     "0001_x|applied|90|1.5|1|40|1|1"},
    {SERVICE_postgres, "databases", "name|owner|bytes|sessions|xid_age|is_current",
     "goodgo|goodgo|9000000|12|1900000000|1\nold|x|\\N|0|1300000000|0"},
    {SERVICE_postgres, "tables",
     "name|bytes|live|dead|vacuum_age_s|seq_scans|index_scans|dead_tuples",
     "Listing|900000|20000|15000|60|5|100|16000\nUser|8000|10|0|\\N|1|2|16000"},
    {SERVICE_postgres, "settings", "name|value|source|pending",
     "fsync|off|configuration file|1\nwork_mem|4096 kB|default|0"},
    {SERVICE_pgbouncer, "pools",
     "database|user|cl_active|cl_waiting|sv_active|sv_idle|sv_used|sv_tested|sv_login|maxwait|"
     "maxwait_us|pool_mode",
     "goodgo|app|10|2|19|1|0|0|0|7|250000|transaction\n"
     "pgbouncer|pgbouncer|1|0|0|0|0|0|0|0|0|statement"},
    {SERVICE_pgbouncer, "stats",
     "database|total_xact_count|total_query_count|total_received|total_sent|total_xact_time|"
     "total_query_time|total_wait_time",
     "goodgo|1000|2000|5|6|900000|800000|70000\npgbouncer|1|1|0|0|0|0|0"},
    {SERVICE_pgbouncer, "state", "key|value", "active|no\npaused|yes\nsuspended|no"},
    {SERVICE_pgbouncer, "databases",
     "name|host|port|database|force_user|pool_size|reserve_pool|pool_mode|max_connections|"
     "current_connections|paused|disabled",
     "goodgo|db|5432|goodgo|\\N|20|5|\\N|0|19|1|0\nother|db|5432|x|\\N|20|5|\\N|0|0|0|1\n"
     "pgbouncer|\\N|6432|pgbouncer|pgbouncer|2|0|statement|0|0|0|0"},
    {SERVICE_pgbouncer, "lists", "list|items", "databases|3\nused_clients|11"},
    {SERVICE_pgbouncer, "config", "key|value|default|changeable",
     "default_pool_size|20|20|yes\nmax_client_conn|200|100|yes\npool_mode|session|session|yes\n"
     "query_wait_timeout|120.0|120|yes\nquery_timeout|0|0|yes"},
    {SERVICE_pgbouncer, "select1", "one", "1"},
};

#endif
