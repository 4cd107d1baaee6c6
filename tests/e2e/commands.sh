#!/usr/bin/env bash
# commands.sh SANDBOX GOODGO - every sub-command as a stranger would call it, on a whole platform; what needs none is in
# tests/cli/offline.sh.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
work=$(mktemp -d)
dir=$work/platform
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
. "$(dirname "$(readlink -f "$0")")/../cli/cases.sh"
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state

cd "$work" || exit 1
"$sandbox" up --dir "$dir" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
g=("$goodgo" --env-file "$dir/.env")
# Two scrapes of Prometheus make a rate.
for _ in $(seq 600); do
    "${g[@]}" query p99 2>/dev/null | grep -q '[0-9]' && "${g[@]}" query up --range 1m >/dev/null 2>&1 && break
    sleep 0.1
done
run 'status' '0|1' 'postgres' "${g[@]}" status
run 'status plain has no escape' '0|1' 'postgres' "${g[@]}" status --plain
run 'status --only' '0|1' 'redis' "${g[@]}" status --only redis,minio
run 'status --only unknown name' 2 'nosuch' "${g[@]}" status --only nosuch
run 'check redis' '0|1' '^REDIS|^redis|OK|WARNING' "${g[@]}" check redis
run 'check has perfdata' '0|1' '\|.*=' "${g[@]}" check redis
run 'check all' '0|1' '\|' "${g[@]}" check all
run 'check unknown service' 3 'nosuch' "${g[@]}" check nosuch
run 'alerts' '0|1|2' '.' "${g[@]}" alerts
run 'alerts json' '0|1|2' 'goodgo.alerts/1' "${g[@]}" alerts --json
run 'query' 0 'goodgo-api|prometheus' "${g[@]}" query up
run 'query json' 0 'goodgo.query/1' "${g[@]}" query up --json
run 'query preset' 0 '.' "${g[@]}" query p99
run 'query range' 0 '.' "${g[@]}" query up --range 1m
run 'query no data is said' '0|1' '[Nn]o (data|series)' "${g[@]}" query nosuchmetric
run 'query parse error' '1|2' 'parse' "${g[@]}" query 'up{'
run 'env check' '0|1' 'DATABASE_URL' "${g[@]}" env check
run 'snapshot to a file' 0 '' "${g[@]}" snapshot -o "$work/now.json"
run 'snapshot is one document' 0 'goodgo.snapshot/1' jq -r .schema "$work/now.json"
for view in overview alerts api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana pg-backup about help; do
    run "render $view" 0 '.' "$goodgo" render "$view" --size 80x24 --snapshot "$work/now.json"
done
run 'render is the size asked for' 0 '^24$' bash -c "'$goodgo' render overview --size 80x24 --snapshot '$work/now.json' | wc -l"
run 'render svg' 0 '<svg' "$goodgo" render overview --size 80x24 --snapshot "$work/now.json" --format svg
run 'render ansi' 0 $'\033\\[' "$goodgo" render overview --size 80x24 --snapshot "$work/now.json" --format ansi
run 'render unknown view' 2 'nosuch' "$goodgo" render nosuch --size 80x24 --snapshot "$work/now.json"
run 'render bad size' 2 'size' "$goodgo" render overview --size 80by24 --snapshot "$work/now.json"
echo '{"schema":"goodgo.snapshot/1","sections":[{"service":7' >"$work/cut.json"
run 'render cut snapshot' '1|2' 'cut.json|JSON|json' "$goodgo" render overview --size 80x24 --snapshot "$work/cut.json"
run 'full disk is said' 1 '.' bash -c "'$goodgo' keys >/dev/full"
report
