#!/usr/bin/env bash
# bench.sh BUILD_DIR [SECONDS] - the console against what an SRE would run instead, on one sandbox, in one run: absolute
# figures drift with the machine, so read the ratios.
set -euo pipefail
build=$1 seconds=${2:-15}
work=$(mktemp -d)
dir=$work/platform
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
"$build/goodgo-sandbox" up --dir "$dir" >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; exit 1; }
set -a; . "$dir/.env"; set +a
sleep 6
goodgo=("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state")

cat >"$work/serial" <<'SERIAL'
#!/bin/bash
# What a careful person's script does: eight curl, two psql, two redis-cli, one PromQL, one after the other.
for url in "$GOODGO_API_URL/health" "$GOODGO_API_URL/health/ready" "$GOODGO_WEB_URL/" "$AI_SERVICE_URL/health" \
    "http://$TYPESENSE_HOST:$TYPESENSE_PORT/health" "http://$MINIO_ENDPOINT:$MINIO_PORT/minio/health/live" \
    "$GOODGO_LOKI_URL/ready" "$GOODGO_GRAFANA_URL/api/health"; do curl -s -m 5 -o /dev/null -w '%{http_code} ' "$url"; done
export PGPASSWORD=$DB_PASSWORD
psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc 'SELECT count(*) FROM pg_stat_activity'
PGPASSWORD=$PGBOUNCER_STATS_PASSWORD psql -X -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -U pgbouncer_stats -d pgbouncer -Atc 'SHOW POOLS' | tail -n 1
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -a "$REDIS_PASSWORD" --no-auth-warning ping
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -a "$REDIS_PASSWORD" --no-auth-warning info memory | sed -n 2p
curl -s "$GOODGO_PROMETHEUS_URL/api/v1/query?query=up" | cut -c1-80
SERIAL
cat >"$work/three" <<'THREE'
#!/bin/bash
curl -s -m 5 -o /dev/null -w '%{http_code}\n' "$GOODGO_API_URL/health"
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -a "$REDIS_PASSWORD" --no-auth-warning ping
PGPASSWORD=$DB_PASSWORD psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc 'SELECT count(*) FROM pg_stat_activity'
THREE
chmod +x "$work/serial" "$work/three"

meter() { "$build/tests/ptymeter" -w 120 -h 40 -s "$seconds" "$@"; }
row() { # NAME JSON
    jq -r --arg n "$1" '[$n, .bytes_per_s, .cpu_ms_per_s, .wakeups_per_s, .rss_mb, .pss_mb, .first_frame_ms, .key_median_ms, .key_p99_ms,
        "\(.keys_answered)/\(.keys_sent)"] | @tsv' <<<"$2" | awk -F'\t' '{printf "%-26s %9.0f %9.2f %9.1f %7.1f %7.1f %9.0f %8.1f %8.1f %8s\n",$1,$2,$3,$4,$5,$6,$7,$8,$9,$10}'
}
printf '%-26s %9s %9s %9s %7s %7s %9s %8s %8s %8s\n' '120x40' 'bytes/s' 'CPU ms/s' 'wakeup/s' 'RSS MB' 'PSS MB' 'frame ms' 'key med' 'key p99' 'answered'
ours=$(meter -- "${goodgo[@]}"); row 'goodgo, all healthy' "$ours"
htop=$(meter -- htop); row 'htop' "$htop"
top=$(meter -k 'tm' -- top); row 'top' "$top"
watch3=$(meter -n 0 -- watch -n 1 "$work/three"); row 'watch of three' "$watch3"
cat_floor=$(meter -s 1 -- cat); row 'the pty itself (cat)' "$cat_floor"
for service in api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana; do
    "$build/goodgo-sandbox" fault "$service" hang --dir "$dir" >/dev/null
done
hung=$(meter -- "${goodgo[@]}"); row 'goodgo, all hung' "$hung"
"$build/goodgo-sandbox" fault clear --dir "$dir" >/dev/null
sleep 3

# N runs: wall and processor time of one cycle each, alternating.
cycle() { local TIMEFORMAT='%R %U %S'; { time "$@" >/dev/null 2>&1 || true; } 2>&1 | tail -n 1; }
for _ in 1 2 3 4 5; do
    cycle "${goodgo[@]}" status >>"$work/status.times"
    cycle "$work/serial" >>"$work/serial.times"
done
median() { awk -v c="$2" '{print (c == 1 ? $1 : $2 + $3)}' "$1" | sort -n | sed -n 3p; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }
get() { jq -r ".$2" <<<"$1"; }
echo
printf '%-46s %10s %10s\n' 'ratio (ours : peer)' 'measured' 'aim'
printf '%-46s %10s %10s\n' \
    'CPU: goodgo : watch of three' "$(ratio "$(get "$ours" cpu_ms_per_s)" "$(get "$watch3" cpu_ms_per_s)")" '<= 0.067' \
    'CPU: goodgo : htop' "$(ratio "$(get "$ours" cpu_ms_per_s)" "$(get "$htop" cpu_ms_per_s)")" '<= 1' \
    'bytes: goodgo : htop' "$(ratio "$(get "$ours" bytes_per_s)" "$(get "$htop" bytes_per_s)")" '<= 0.11' \
    'key p99 - pty p99, all healthy (ms)' "$(jq -n "$(get "$ours" key_p99_ms) - $(get "$cat_floor" key_p99_ms)")" '<= 8' \
    'key p99 - pty p99, all hung (ms)' "$(jq -n "$(get "$hung" key_p99_ms) - $(get "$cat_floor" key_p99_ms)")" '<= 8' \
    'status : serial script, wall' "$(ratio "$(median "$work/status.times" 1)" "$(median "$work/serial.times" 1)")" '<= 0.125' \
    'status : serial script, CPU' "$(ratio "$(median "$work/status.times" 2)" "$(median "$work/serial.times" 2)")" '<= 0.125'
