#!/usr/bin/env bash
# bench.sh BUILD_DIR [--json] [--hour | --soak MINUTES] - the console against what an SRE would run instead, on one sandbox,
# in one run, and every aim as a row. Absolute figures drift with the machine: read the ratios. Takes some twenty minutes.
#   --json     one document instead of the table
#   --hour     only: an hour of the screen at its own polls; does it grow?
#   --soak N   only: N minutes at two polls a second of everything, which is some twelve times the usual load
set -euo pipefail
build=$(readlink -f "$1")
shift
json='' only=''
while [ $# -gt 0 ]; do
    case $1 in
    --json) json=1 ;;
    --hour) only=hour ;;
    --soak) only=soak minutes=$2; shift ;;
    *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift
done
services='api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana'
work=$(mktemp -d)
dir=$work/platform
finish() {
    "$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
say() { printf '%s\n' "$*" >&2; }

"$build/goodgo-sandbox" up --dir "$dir" >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; exit 1; }
set -a; . "$dir/.env"; set +a
export PGPASSWORD=$DB_PASSWORD REDISCLI_AUTH=$REDIS_PASSWORD
goodgo=("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state")
settled() { # until everything is well, at most half a minute
    for _ in $(seq 30); do
        "${goodgo[@]}" status >/dev/null 2>&1 && return
        sleep 1
    done
}
settled

# --- the long runs ---

meter() { "$build/tests/ptymeter" "$@"; }
grown() { # NAME SECONDS COMMAND... - the screen for so long, and what it grew in either half
    local name=$1 seconds=$2 result
    shift 2
    say "$name: $seconds s"
    result=$(meter -o 60 -s "$seconds" -n 0 -- "$@")
    [ -n "$json" ] && { jq -c --arg n "$name" '{schema: "goodgo.bench/1", run: $n} + .' <<<"$result"; return; }
    jq -r '"RSS \(.rss_mb) MB (aim <= 18), grown \(.rss_growth_kb[0]) KB in the first half, \(.rss_growth_kb[1]) KB in the second",
        "PSS \(.pss_mb) MB (aim <= 9), grown \(.pss_growth_kb[0]) KB in the first half, \(.pss_growth_kb[1]) KB in the second",
        "\(.bytes_per_s) bytes/s, overdraw \(.overdraw), CPU \(.cpu_ms_per_s) ms/s, \(.wakeups_per_s) wake-ups/s"' <<<"$result"
}
if [ "$only" = hour ]; then
    grown 'an hour' 3600 "${goodgo[@]}"
    exit 0
elif [ "$only" = soak ]; then
    for service in $services pg-backup; do echo "poll.$service.interval_ms = 500"; done >"$work/soak.conf"
    grown "soak of $minutes minutes" $((minutes * 60)) "${goodgo[@]}" --config "$work/soak.conf"
    exit 0
fi

# --- measuring ---

cat >"$work/serial" <<'SERIAL'
#!/bin/bash
# What a careful person's script does: eight curl, two psql, two redis-cli, one PromQL, one after the other.
for url in "$GOODGO_API_URL/health" "$GOODGO_API_URL/health/ready" "$GOODGO_WEB_URL/" "$AI_SERVICE_URL/health" \
    "http://$TYPESENSE_HOST:$TYPESENSE_PORT/health" "http://$MINIO_ENDPOINT:$MINIO_PORT/minio/health/live" \
    "$GOODGO_LOKI_URL/ready" "$GOODGO_GRAFANA_URL/api/health"; do curl -s -m 5 -o /dev/null -w '%{http_code} ' "$url"; done
psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc 'SELECT count(*) FROM pg_stat_activity'
PGPASSWORD=$PGBOUNCER_STATS_PASSWORD psql -X -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -U pgbouncer_stats \
    -d pgbouncer -Atc 'SHOW POOLS' | tail -n 1
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --no-auth-warning ping
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --no-auth-warning info memory | sed -n 2p
curl -s "$GOODGO_PROMETHEUS_URL/api/v1/query?query=up" | cut -c1-80
SERIAL
cat >"$work/psql" <<'PSQL'
#!/bin/bash
psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc 'SELECT count(*) FROM pg_stat_activity'
PSQL
cat >"$work/three" <<'THREE'
#!/bin/bash
curl -s -m 5 -o /dev/null -w '%{http_code}\n' "$GOODGO_API_URL/health"
redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --no-auth-warning ping
psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc 'SELECT count(*) FROM pg_stat_activity'
THREE
chmod +x "$work/serial" "$work/psql" "$work/three"

peer() { # NAME METER-ARGUMENTS... - one line of the first table
    local name=$1
    shift
    say "measuring $name"
    meter "$@" | jq -c --arg n "$name" '{name: $n} + .' | tee -a "$work/peers"
}
fault_all() {
    local service
    for service in $services; do "$build/goodgo-sandbox" fault "$service" "$1" --dir "$dir" >/dev/null; done
}
# Wall and processor time (ms) of one run of a command, as "WALL CPU".
cycle() {
    local TIMEFORMAT='%R %U %S'
    { time "$@" >/dev/null 2>&1 || true; } 2>&1 | tail -n 1 | awk '{ print $1 * 1000, ($2 + $3) * 1000 }'
}
median() { awk -v c="$2" '{ print $c }' "$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
get() { jq -r ".$2 // empty" <<<"$1"; }
calc() { awk "BEGIN { printf \"%.3f\", $1 }" | sed 's/\.\{0,1\}0*$//'; }

# WHAT MEASURED OP LIMIT UNIT [NOTE] - one aim; OP is <= or >= or yes, or - where there is no aim.
aim() {
    jq -nc --arg what "$1" --arg measured "$2" --arg op "$3" --arg limit "$4" --arg unit "$5" --arg note "${6:-}" '
        ($measured | tonumber? // null) as $m | ($limit | tonumber? // null) as $l |
        {$what, measured: ($m // $measured), aim: (if $op == "-" then null elif $op == "yes" then $op else "\($op) \($limit)" end), $unit, $note,
         met: (if $op == "-" then null elif $op == "yes" then $measured == "yes" elif $m == null then false
               elif $op == "<=" then $m <= $l else $m >= $l end)}' >>"$work/aims"
}

cores=$(nproc) load=$(cut -d' ' -f1-3 /proc/loadavg)
screen=(-k 'j k' -t '1:q quit' -t '13: ok ' -- "${goodgo[@]}")
htop=$(peer 'htop (1.5 s)' -o 2 -s 8 -n 40 -k '^[OB ^[OA' -- htop)
peer 'top (3 s)' -o 2 -s 9 -n 40 -k 't m' -- top >/dev/null
if command -v pg_activity >/dev/null; then
    peer 'pg_activity (2 s)' -o 2 -s 8 -n 40 -k '1 2 3' -- \
        pg_activity -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" >/dev/null
fi
peer 'redis-cli --stat (1 s)' -o 2 -s 5 -n 0 -- redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" --no-auth-warning --stat >/dev/null
peer 'watch of psql (1 s)' -o 2 -s 5 -n 0 -- watch -n 1 "$work/psql" >/dev/null
watch3=$(peer 'watch of three (1 s)' -o 2 -s 8 -n 0 -- watch -n 1 "$work/three")
# After the peers: by now the platform has a past, and its figures do not only rise.
ours=$(peer 'goodgo, all healthy' -o 4 -s 25 -n 200 -z z "${screen[@]}")

say 'measuring first frames and writes'
for _ in 1 2 3 4 5 6 7; do meter -s 0 -n 0 "${screen[@]}" >>"$work/starts"; done
start_ms() { jq -s "map(.texts_ms[$1] // 99999) | sort | .[3]" "$work/starts"; } # 99999: never
writes=''
if strace -qq -o /dev/null true 2>/dev/null; then
    meter -o 1 -s 8 -n 30 -- strace -f -qq -y -ttt -e trace=write,writev -e signal=none -o "$work/strace" "${goodgo[@]}" >/dev/null
    # Writes to the terminal with less than a millisecond between them are one frame; a key's frame may follow another at once.
    read -r writes frames < <(awk '/writev?\([0-9]+<\/dev\/(tty|pts)/ { n++; if ($2 - last > 0.001) frames++; last = $2 } END { print n, frames }' "$work/strace")
fi

say 'measuring status'
# The floor of a status: no less than psql needs for the statements that it sends to PostgreSQL, in one session of its own.
log_statements() { psql -Xqc "ALTER ROLE \"$DB_USER\" $1" -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME"; }
log_statements "SET log_statement = 'all'"
"${goodgo[@]}" status --only postgres >/dev/null || true
log_statements 'RESET log_statement'
awk '{ at = index($0, "statement: ") } at && !/ALTER ROLE/ { n[$4]++; asked[$4] = asked[$4] substr($0, at + 11) ";\n" }
    END { for (pid in n) if (n[pid] > n[most]) most = pid; printf "%s", asked[most] }' "$dir/log/postgres.log" >"$work/statements"
floor=("$(pg_config --bindir)/psql" -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -f "$work/statements")
for _ in 1 2 3 4 5 6 7 8 9; do
    cycle "${goodgo[@]}" status >>"$work/status.times"
    cycle "$work/serial" >>"$work/serial.times"
    cycle "${goodgo[@]}" status --only postgres >>"$work/postgres.times"
    cycle "${floor[@]}" >>"$work/floor.times"
    cycle "${goodgo[@]}" version >>"$work/version.times"
    cycle "${goodgo[@]}" --help >>"$work/help.times"
done
"${goodgo[@]}" snapshot -o "$work/snapshot.json" >/dev/null
for _ in 1 2 3 4 5; do cycle "${goodgo[@]}" render overview --size 120x40 --snapshot "$work/snapshot.json" >>"$work/render.times"; done
time_out=1000
"$build/goodgo-sandbox" fault loki hang --dir "$dir" >/dev/null
sleep 0.5
for _ in 1 2 3; do cycle "${goodgo[@]}" status --timeout $time_out >>"$work/hung1.times"; done

say 'measuring with every back-end hung'
fault_all hang
sleep 0.5
hung=$(peer 'goodgo, all hung' -o 2 -s 5 -n 200 -k 'j k' -- "${goodgo[@]}")
for _ in 1 2 3; do cycle "${goodgo[@]}" status --timeout $time_out >>"$work/hung12.times"; done
say 'measuring with every back-end garbling'
fault_all garbage
sleep 0.5
garbling=$(peer 'goodgo, all garbling' -o 2 -s 5 -n 200 -k 'j k' -- "${goodgo[@]}")
"$build/goodgo-sandbox" fault clear --dir "$dir" >/dev/null
settled

say 'measuring a reconciliation'
bash "$(dirname "$0")/reconcile.sh" "$build" 1000000 --json >"$work/reconcile"

say 'measuring bad treatment'
"$build/tests/ptyends" 'q quit' q -- "${goodgo[@]}" >"$work/ends"
say 'measuring 1,000 replicas'
"$build/tests/fleet" 250 10 >"$work/fleet250" &
"$build/tests/fleet" 1000 10 >"$work/fleet1000"
wait $!

# --- the aims ---

over_pty() {
    if [ "$(get "$1" keys_answered)" != "$(get "$1" keys_sent)" ]; then echo 'unanswered'; else
        calc "$(get "$1" key_p99_ms) - $(get "$1" pty_p99_ms)"
    fi
}
keys_note() { printf 'median %s ms, p99 %s ms; the pty itself %s and %s; %s of %s answered' "$(get "$1" key_median_ms)" \
    "$(get "$1" key_p99_ms)" "$(get "$1" pty_median_ms)" "$(get "$1" pty_p99_ms)" "$(get "$1" keys_answered)" "$(get "$1" keys_sent)"; }
aim 'key to screen p99 over the pty, all healthy' "$(over_pty "$ours")" '<=' 8 ms "$(keys_note "$ours")"
aim 'key to screen p99 over the pty, all hung' "$(over_pty "$hung")" '<=' 8 ms "$(keys_note "$hung")"
aim 'key to screen p99 over the pty, all garbling' "$(over_pty "$garbling")" '<=' 8 ms "$(keys_note "$garbling")"
aim 'idle overview, 120x40' "$(get "$ours" bytes_per_s)" '<=' 200 bytes/s "$(get "$ours" refreshes_per_s) frames/s of $(get "$ours" bytes_per_refresh) bytes"
aim 'overdraw' "$(get "$ours" overdraw)" '<=' 1.15 '' 'bytes over moving to and printing the changed cells'
if [ -n "$writes" ]; then
    aim 'writes per frame' "$(calc "$writes / $frames")" '<=' 1.05 '' "$writes writes to the terminal (strace), $frames frames"
else
    aim 'writes per frame' 'not measured' '-' '' '' 'strace may not trace here'
fi
aim 'CPU, 13 services polled' "$(get "$ours" cpu_ms_per_s)" '<=' 4 ms/s
aim 'CPU : watch of three' "$(calc "$(get "$ours" cpu_ms_per_s) / $(get "$watch3" cpu_ms_per_s)")" '<=' 0.067 ''
aim 'CPU : htop' "$(calc "$(get "$ours" cpu_ms_per_s) / $(get "$htop" cpu_ms_per_s)")" '<=' 1 ''
aim 'wake-ups, polling' "$(get "$ours" wakeups_per_s)" '<=' 25 /s
aim 'wake-ups, frozen' "$(get "$ours" frozen_wakeups_per_s)" '<=' 2 /s "$(get "$ours" frozen_bytes_per_s) bytes/s, $(get "$ours" frozen_cpu_ms_per_s) ms CPU/s"
aim 'RSS' "$(get "$ours" rss_mb)" '<=' 18 MB "--hour: after an hour; --soak 15: at twelve times the load"
aim 'memory grown in 12 s, half a minute after the start' "$(jq -r '.rss_growth_kb[1]' <<<"$ours")" '-' '' KB 'its history fills for 15 minutes; flat is what --hour and --soak show'
if [ "$(get "$ours" pss_mb)" = 0 ]; then
    aim 'PSS' 'not measured' '-' '' '' 'the console keeps its memory from other users: run as root'
else
    aim 'PSS' "$(get "$ours" pss_mb)" '<=' 9 MB
fi
aim 'first full frame, no answers yet' "$(start_ms 0)" '<=' 40 ms 'after exec, median of 7'
aim 'all healthy services shown' "$(start_ms 1)" '<=' 300 ms 'after exec, median of 7'
status=$(median "$work/status.times" 1) status_cpu=$(median "$work/status.times" 2)
serial=$(median "$work/serial.times" 1) serial_cpu=$(median "$work/serial.times" 2)
aim 'status : serial script, wall' "$(calc "$status / $serial")" '<=' 0.125 '' "$status ms : $serial ms; --only postgres $(median "$work/postgres.times" 1) ms"
floor_ms=$(median "$work/floor.times" 1)
aim 'psql asking PostgreSQL what status asks it : serial script, wall' "$(calc "$floor_ms / $serial")" '-' '' '' "$floor_ms ms for $(wc -l <"$work/statements") statements in one session: no status is faster"
aim 'status : that psql, wall' "$(calc "$status / $floor_ms")" '-' '' '' 'thirteen services to the one'
aim 'status : serial script, CPU' "$(calc "$status_cpu / $serial_cpu")" '<=' 0.125 '' "$status_cpu ms : $serial_cpu ms; --help alone $(median "$work/help.times" 2) ms"
aim 'status, one service hung, over the time-out' "$(calc "$(median "$work/hung1.times" 1) - $time_out")" '<=' 30 ms "time-out $time_out ms; --help alone takes $(median "$work/help.times" 1) ms here"
aim 'status, twelve hung, over the time-out' "$(calc "$(median "$work/hung12.times" 1) - $time_out")" '<=' 30 ms 'never the sum'
f250=$(cat "$work/fleet250") f1000=$(cat "$work/fleet1000")
aim '1,000 API replicas, 10 s polls, CPU' "$(get "$f1000" cpu_ms_per_s)" '<=' 60 ms/s \
    "1,000 engines with the API probe on one loop; $(get "$f1000" well) well, $(get "$f1000" exchanges_per_s) questions/s, $(get "$f1000" rss_mb) MB"
aim '1,000 : 250 replicas, CPU per question' "$(calc "$(get "$f1000" cpu_us_per_exchange) / $(get "$f250" cpu_us_per_exchange)")" '<=' 1.5 '' 'linear is 1, a table searched per target would be 4'
recon=$(cat "$work/reconcile")
aim 'reconcile 1,000,000 payments : sort and join, wall' "$(get "$recon" ratio)" '<=' 2 '' "$(get "$recon" ours_ms) ms : $(get "$recon" peer_ms) ms; CPU $(get "$recon" cpu_ratio)"
aim 'reconcile 1,000,000 payments, peak RSS' "$(get "$recon" peak_mb)" '<=' 300 MB 'four fifths in a gateway file, 200,000 lines of a statement'
while IFS=$'\t' read -r what ok detail; do
    aim "$what: ends or lives, terminal restored" "$([ "$ok" = true ] && echo yes || echo no)" yes '' '' "$detail"
done < <(jq -r '.[] | [.what, .ok, .detail] | @tsv' "$work/ends")
for command in version --help render; do
    aim "goodgo $command" "$(median "$work/${command#--}.times" 1)" '-' '' ms "$(median "$work/${command#--}.times" 2) ms CPU"
done

# Backup, drill and reindex on platforms of their own, with nothing else running.
"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true
here=$(dirname "$0")
say 'measuring backups and drills'
"$here/acts.sh" "$build" >"$work/acts"
say 'measuring the reindex'
"$here/reindex.sh" "$build" 20 --json >>"$work/acts"
while IFS=$'\t' read -r what measured op limit unit note; do
    aim "$what" "$measured" "$op" "$limit" "${unit# }" "$note"
done < <(jq -r '[.what, .measured, .op, .limit, " " + .unit, .note] | @tsv' "$work/acts")

# --- the table ---

{ grep '"name":"goodgo' "$work/peers"; grep -v '"name":"goodgo' "$work/peers"; } >"$work/table"

if [ -n "$json" ]; then
    jq -n --slurpfile peers "$work/table" --slurpfile aims "$work/aims" --arg cores "$cores" --arg load "$load" \
        --arg version "$("$build/goodgo" version | head -n 1)" \
        '{schema: "goodgo.bench/1", $version, cores: ($cores | tonumber), load: $load, peers: $peers, aims: $aims}'
    exit 0
fi
printf '%s on %s cores, load %s when it began; 120x40, xterm-256color\n\n' "$("$build/goodgo" version | head -n 1)" "$cores" "$load"
row='%-23s %8s %8s %8s %8s %8s %7s %7s %8s %13s %8s\n'
printf "$row" 'program (its refresh)' 'bytes/s' 'B/frame' overdraw 'CPU ms/s' 'wakes/s' 'RSS MB' 'PSS MB' 'frame ms' 'key med/p99' answered
jq -r 'def n: if . == null then "-" else . * 100 | round / 100 end;
    [.name, (.bytes_per_s | round), .bytes_per_refresh, .overdraw, (.cpu_ms_per_s | n), (.wakeups_per_s | n), (.rss_mb | n), (.pss_mb | n),
     (.first_frame_ms | if . > 0 then round else "-" end),
     (if .keys_sent then "\(.key_median_ms)/\(.key_p99_ms)" else "-" end),
     (if .keys_sent then "\(.keys_answered)/\(.keys_sent)" else "-" end)] | @tsv' "$work/table" |
    while IFS=$'\t' read -r -a cells; do printf "$row" "${cells[@]}"; done
echo
printf '%-52s %14s  %-12s %-4s  %s\n' 'what' 'measured' 'aim' 'met' 'how'
jq -r '[.what, "\(.measured) \(.unit)", .aim // "-", (if .met == null then "-" elif .met then "yes" else "NO" end), .note] | @tsv' "$work/aims" |
    while IFS=$'\t' read -r what measured limit met note; do
        printf '%-52s %14s  %-12s %-4s  %s\n' "$what" "$measured" "$limit" "$met" "$note"
    done
