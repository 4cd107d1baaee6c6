#!/usr/bin/env bash
# acts.sh BUILD_DIR [SCALE] - backup against bare pg_dump, drill against a shell script of the runbook's steps, the quick
# check, and the console's own memory, in turns in one run on one platform of SCALE x 5000 listings (90, which is 1.3 GB:
# the size the aims are for; a smaller one measures starts and stops). The console does more each time: manifest, read
# back, every table. One JSON line per aim: what, measured, op, limit, unit, note. Absolute figures drift with the machine:
# read the ratios. Needs some ten minutes.
set -euo pipefail
build=$(readlink -f "$1") scale=${2:-90} rounds=${ROUNDS:-3}
here=$(readlink -f "$(dirname "$0")")
. "$here/../platform.bash"
work=$(mktemp -d)
dir=$work/platform
mkdir -p "$work/theirs"
chmod 755 "$work"
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
"$build/goodgo-sandbox" up --dir "$dir" --scale "$scale" --services postgres >/dev/null 2>"$work/up.log" ||
    { cat "$work/up.log" >&2; exit 1; }
own_backups
goodgo=("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state")
until [ "$(psql -XAtqc "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'")" = 0 ]; do sleep 0.2; done
psql -Xqc 'VACUUM ANALYZE'

now_ms() { date +%s%3N; }
least() { sort -n "$work/$1.ms" | head -n 1; }
timed() { # NAME COMMAND... - wall time of one run
    local name=$1 start
    shift
    start=$(now_ms)
    "$@" >"$work/out" 2>&1 || { cat "$work/out" >&2; exit 1; }
    echo $(($(now_ms) - start)) >>"$work/$name.ms"
}
# The job as who starts it waits for it; beside it, the most memory that its runner ever had.
watch_runner() { # until its parent is gone
    set +e
    local pid='' seen events
    while kill -0 $$ 2>/dev/null; do
        events=$(ls -t "$work"/state/jobs/*/events.jsonl 2>/dev/null | head -n 1)
        pid=$([ -z "$events" ] || sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$events" | tail -n 1)
        seen=$([ -z "$pid" ] || awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null)
        [ -z "$seen" ] || echo "$seen" >>"$work/peak"
        sleep 0.05
    done
}
for _ in $(seq "$rounds"); do
    timed pg_dump pg_dump -Fc -Z6 -f "$work/theirs/dump" "$PGDATABASE"
    # At once: the script takes what is written between dump and check for damage, and an act writes a row of its own.
    timed script env REPORT_FILE="$work/script.json" bash "$here/runbook_verify.sh" "$work/theirs/dump"
    watch_runner & watcher=$!
    timed backup "${goodgo[@]}" backup --confirm "$GOODGO_CONTEXT:1"
    timed drill "${goodgo[@]}" verify latest --confirm "$GOODGO_CONTEXT:1"
    timed scratch "${goodgo[@]}" verify latest --scratch --confirm "$GOODGO_CONTEXT:1"
    timed quick "${goodgo[@]}" verify --quick
    kill $watcher || true; wait $watcher 2>/dev/null || true
done
size=$(psql -XAtqc 'SELECT pg_database_size(current_database()) / 1048576')
ratio() { # WHAT OURS THEIRS LIMIT
    jq -nc --arg what "$1" --argjson ours "$(least "$2")" --argjson theirs "$(least "$3")" --arg limit "$4" --arg size "$size" \
        '{$what, measured: ($ours / $theirs * 1000 | round / 1000), op: "<=", $limit, unit: "", note: "\($ours) ms : \($theirs) ms, least of each; \($size) MB"}'
}
ratio 'backup : bare pg_dump -Fc -Z6, wall' backup pg_dump 1.3
ratio "drill on the server : runbook's script, wall" drill script 0.45
ratio "drill in a scratch cluster : runbook's script, wall" scratch script 0.40
ratio "verify --quick : runbook's script, wall" quick script 0.07
jq -nc --argjson kb "$(sort -n "$work/peak" | tail -n 1)" \
    '{what: "memory of a backup or drill, own process", measured: ($kb / 1024 * 10 | round / 10), op: "<=", limit: "30", unit: "MB", note: "the most that any runner had"}'
