#!/usr/bin/env bash
# status.sh SANDBOX GOODGO - `goodgo status` on a whole live platform: every figure held against psql, redis-cli, curl and
# the shell asked independently; it takes no longer than its slowest answer; no secret leaves through any output.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
bring_up
set -a; . "$dir/.env"; set +a
ask; code=$?
check 'schema' "$(jq -r .schema "$work/status.json")" 'goodgo.status/1'
check 'context' "$(jq -r .context "$work/status.json")" dev
check 'thirteen services in the order of the inventory' "$(jq -r '[.services[].name] | join(" ")' "$work/status.json")" "$services"
check 'exit code follows overall' "$code" "$(case $(jq -r .overall "$work/status.json") in ok) echo 0 ;; warning) echo 1 ;; *) echo 'ok or warning' ;; esac)"
for name in $services; do
    check "$name is well" "$(of "$name" .status)" 'ok|warning'
    check "$name has a reading of now" "$(of "$name" '.ageMs < 3000 and .latencyMs >= 0 and .error == null')" true
done

# same SERVICE METRIC INDEPENDENT: to the letter. near ... TOLERANCE: a live figure.
same() { check "$1 $2" "$(of "$1" ".metrics.$2")" "${3:-(nothing was answered independently)}"; }
near() { close_to "$1 $2" "$(of "$1" ".metrics.$2")" "$3" "$4"; }

ask
near postgres uptime_s "$(sql 'SELECT extract(epoch FROM now() - pg_postmaster_start_time())')" 5
same postgres version "$(sql 'SHOW server_version' | sed 's/[().+]/\\&/g')"
same postgres connections_max "$(sql 'SHOW max_connections')"
near postgres connections "$(sql "SELECT count(*) - 1 FROM pg_stat_activity WHERE backend_type = 'client backend'")" 4
near postgres listings_total "$(sql 'SELECT count(*) FROM "Listing"')" 20
near postgres database_bytes "$(sql 'SELECT pg_database_size(current_database())')" 4000000
near postgres xacts "$(sql 'SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()')" 300
near postgres hit_pct "$(sql 'SELECT 100.0 * blks_hit / (blks_hit + blks_read) FROM pg_stat_database WHERE datname = current_database()')" 5
same postgres tables_found "$(sql "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'")"
same postgres enums_found "$(sql "SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE typtype = 'e' AND nspname = 'public'")"
same postgres postgis_version "$(sql 'SELECT postgis_lib_version()')"
same postgres migrations_applied "$(sql 'SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL')"
same postgres replicas "$(sql 'SELECT count(*) FROM pg_stat_replication')"
same postgres in_recovery "$(sql "SELECT CASE WHEN pg_is_in_recovery() THEN 'true' ELSE 'false' END")"

ask
pool() { PGPASSWORD=$PGBOUNCER_STATS_PASSWORD psql -X -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -U pgbouncer_stats -d pgbouncer -At -c "$1"; }
same pgbouncer version "$(pool 'SHOW VERSION' | sed 's/^PgBouncer //')"
same pgbouncer pool_size "$(pool 'SHOW CONFIG' | sed -n 's/^default_pool_size|\([0-9]*\)|.*/\1/p')"
same pgbouncer clients_max "$(pool 'SHOW CONFIG' | sed -n 's/^max_client_conn|\([0-9]*\)|.*/\1/p')"
near pgbouncer cl_active "$(pool 'SHOW POOLS' | awk -F'|' '$1 != "pgbouncer" {n += $3} END {print n + 0}')" 3
near pgbouncer xacts "$(pool 'SHOW STATS' | awk -F'|' '$1 != "pgbouncer" {n += $2} END {print n + 0}')" 200

ask
redis() { REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" "$@" | tr -d '\r'; }
info() { redis info "$1" | sed -n "s/^$2://p"; }
near redis uptime_s "$(info server uptime_in_seconds)" 5
same redis version "$(info server redis_version)"
same redis policy "$(info memory maxmemory_policy)"
same redis maxmemory "$(info memory maxmemory)"
same redis role "$(info replication role)"
same redis aof_enabled "$(info persistence aof_enabled | sed 's/1/true/; s/0/false/')"
same redis maxclients "$(redis config get maxclients | tail -n 1)"
near redis used_memory "$(info memory used_memory)" 2000000
near redis clients "$(info clients connected_clients)" 3
near redis keys "$(redis dbsize)" 60
near redis hits "$(info stats keyspace_hits)" 200
near redis misses "$(info stats keyspace_misses)" 200

ask
ts() { curl -s -m 3 -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://$TYPESENSE_HOST:$TYPESENSE_PORT$1"; }
near typesense documents "$(ts /collections/listings | jq .num_documents)" 20
near typesense drift "$(($(ts /collections/listings | jq .num_documents) - $(sql 'SELECT count(*) FROM "Listing"')))" 5
same typesense version "$(ts /debug | jq -r .version)"
same typesense collections "$(ts /collections | jq length)"
near typesense disk_used_pct "$(ts /metrics.json | jq '100 * (.system_disk_used_bytes | tonumber) / (.system_disk_total_bytes | tonumber)')" 2

ask
s3() { curl -s -m 3 --aws-sigv4 aws:amz:us-east-1:s3 -u "$MINIO_ACCESS_KEY:$MINIO_SECRET_KEY" \
    -H "x-amz-content-sha256: $(printf '' | sha256sum | cut -d' ' -f1)" "http://$MINIO_ENDPOINT:$MINIO_PORT/$1"; }
listing=$(s3 "$MINIO_BUCKET?list-type=2&max-keys=1000")
near minio objects "$(grep -o '<Key>' <<<"$listing" | wc -l)" 3
near minio bytes "$(grep -o '<Size>[0-9]*' <<<"$listing" | sed 's/<Size>//' | awk '{n += $1} END {print n + 0}')" 5000

ask
same loki version "$(curl -s "$GOODGO_LOKI_URL/loki/api/v1/status/buildinfo" | jq -r .version)"
same loki labels "$(curl -s "$GOODGO_LOKI_URL/loki/api/v1/labels" | jq '.data | length')"
promtail() { curl -s "$GOODGO_PROMTAIL_URL/metrics" | awk -v m="$1" '$1 ~ "^" m "([{]|$)" {n += $2} END {printf "%.0f", n}'; }
near promtail sent_entries "$(promtail promtail_sent_entries_total)" 300
same promtail dropped_entries "$(promtail promtail_dropped_entries_total)"
same promtail files_active "$(promtail promtail_files_active_total)"

ask
prom() { curl -s -m 3 "$GOODGO_PROMETHEUS_URL$1" "${@:2}"; }
same prometheus version "$(prom /api/v1/status/buildinfo | jq -r .data.version | sed 's/+/\\+/')"
same prometheus targets_up "$(prom '/api/v1/targets?state=active' | jq '[.data.activeTargets[] | select(.health == "up")] | length')"
same prometheus rules "$(prom /api/v1/rules | jq '[.data.groups[].rules[]] | length')"
same prometheus retention "$(prom /api/v1/status/flags | jq -r '.data["storage.tsdb.retention.time"]')"
near prometheus series "$(prom /api/v1/status/tsdb | jq .data.headStats.numSeries)" 300
near prometheus p99_s "$(prom /api/v1/query --data-urlencode \
    'query=histogram_quantile(0.99, sum(rate(goodgo_api_request_duration_seconds_bucket[5m])) by (le))' | jq -r '.data.result[0].value[1]')" 0.3
same prometheus alerts_firing "$(prom /api/v1/alerts | jq '[.data.alerts[] | select(.state == "firing")] | length')"

ask
grafana() { curl -s -m 3 -H "Authorization: Bearer $GOODGO_GRAFANA_TOKEN" "$GOODGO_GRAFANA_URL$1"; }
same grafana version "$(grafana /api/health | jq -r .version)"
same grafana database "$(grafana /api/health | jq -r .database)"
same grafana dashboards "$(grafana '/api/search?type=dash-db' | jq length)"

ask
newest=$(find "$BACKUP_DIR" -name 'goodgo_*.sql.gz' | sort | tail -n 1)
same pg-backup newest_name "$(basename "$newest")"
same pg-backup newest_bytes "$(stat -c %s "$newest")"
near pg-backup newest_at "$(stat -c %Y "$newest")" 10
same pg-backup count "$(find "$BACKUP_DIR" -name 'goodgo_*.sql.gz' | wc -l)"
same pg-backup total_bytes "$(find "$BACKUP_DIR" -name 'goodgo_*.sql.gz' -printf '%s\n' | awk '{n += $1} END {print n + 0}')"
near pg-backup free_bytes "$(df -B1 --output=avail "$BACKUP_DIR" | tail -n 1)" 200000000

ask
same api ready_database "$(curl -s "$GOODGO_API_URL/health/ready" | jq '(.checks // .details).database.status == "up" or (.checks // .details).database.status == "ok"')"
same api ready_redis "$(curl -s "$GOODGO_API_URL/health/ready" | jq '(.checks // .details).redis.status == "up" or (.checks // .details).redis.status == "ok"')"
same web page_bytes "$(curl -s "$GOODGO_WEB_URL/" | wc -c)"
same web title "$(curl -s "$GOODGO_WEB_URL/" | sed -n 's/.*<title>\([^<]*\)<.*/\1/p')"
same ai-services says "$(curl -s "$AI_SERVICE_URL/health" | jq -r .status)"

# `status` takes no longer than the slowest answer or its time-out; all hung cost no more than one.
"$sandbox" fault loki hang --dir "$dir" >/dev/null
ask_ms=1500
check 'one hung service costs its time-out, not the sum' "$(at_best 2600 ask && echo yes || echo "$took ms")" yes
for name in $services; do "$sandbox" fault "$name" hang --dir "$dir" >/dev/null 2>&1; done
check 'all hung cost one time-out' "$(at_best 2600 ask && echo yes || echo "$took ms")" yes
check 'and twelve say so' "$(jq '[.services[] | select(.error.code == "timeout")] | length' "$work/status.json")" 12
check 'and none is called the cause' "$(jq -c '[.services[].causedBy | select(.)]' "$work/status.json")" '\[\]'
check 'but this machine or the path is suspected' "$(console status --timeout 1500 2>/dev/null | grep -c '^none of 12 services answers. Try: `uptime`')" 1
"$sandbox" fault clear --dir "$dir" >/dev/null
ask_ms=5000

# `--watch` ends with its reader, and at once on Ctrl-C.
ask_until 60 "$well" || fail "all recover: $(jq -c '[.services[] | select(.error) | {name, summary}]' "$work/status.json")"
timeout 60 "$goodgo" --env-file "$dir/.env" status --watch --only redis 2>/dev/null | head -n 1 >/dev/null
check 'watch ends when nobody reads' "${PIPESTATUS[0]}" '3|141'
# One engine for all of it: rates from the second reading on, one login, and what is expensive not each two seconds.
calls() { info commandstats "cmdstat_$1" | sed -n 's/^calls=\([0-9]*\),.*/\1/p'; }
scans=$(calls scan) logins=$(calls auth)
timeout 60 "$goodgo" --env-file "$dir/.env" status --watch --json --only redis,postgres 2>/dev/null | jq --unbuffered -c . | head -n 4 >"$work/watched"
check 'watch makes rates' "$(jq -s '.[3].services[] | select(.name == "postgres") | .metrics.tps > 0' "$work/watched")" true
check 'its readings are of now' "$(jq -s '[.[].services[] | select(.ageMs > 3000)] | length' "$work/watched")" 0
check 'watch logs in once' "$(($(calls auth) - logins - 1))" 1 # one is the login of that look itself
check 'and looks through the keys once' "$(($(calls scan) - ${scans:-0}))" '[1-9]|[1-3][0-9]|40'
watch() { # Not through console(): the signal must reach the console itself.
    : >"$work/watch"
    "$goodgo" --env-file "$env_file" --state-dir "$work/state" status --watch --json --only redis >"$work/watch" 2>/dev/null &
    watch=$!
    for _ in $(seq 300); do [ -s "$work/watch" ] && break; sleep 0.1; done
}
for _ in 1 2 3; do # a busy machine only adds
    watch
    start=$(now_ms)
    kill -TERM $watch
    for _ in $(seq 500); do kill -0 $watch 2>/dev/null || break; sleep 0.02; done
    took=$(($(now_ms) - start))
    kill -9 $watch 2>/dev/null && fail 'watch outlived its signal'
    [ $took -ge 700 ] || break
done
check 'watch ends at once on a signal' "$([ $took -lt 700 ] && echo yes || echo "$took ms")" yes

# No secret leaves through any output.
for secret in "$DB_PASSWORD" "$REDIS_PASSWORD" "$TYPESENSE_API_KEY" "$MINIO_SECRET_KEY" "$PGBOUNCER_STATS_PASSWORD" "$JWT_SECRET"; do
    { console status --json; console env check --json; console snapshot; } >"$work/all" 2>&1
    check 'no secret in any output' "$(grep -cF -- "$secret" "$work/all")" 0
done
end
