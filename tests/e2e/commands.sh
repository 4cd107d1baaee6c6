#!/usr/bin/env bash
# commands.sh SANDBOX GOODGO - every sub-command as a stranger would call it: right, wrong, and with no platform at all.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
work=$(mktemp -d)
dir=$work/platform
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state

run() { # NAME EXPECTED-EXIT EXPECTED-OUTPUT-REGEX COMMAND...
    local name=$1 exit=$2 regex=$3 out code
    shift 3
    out=$("$@" 2>&1 </dev/null)
    code=$?
    if [[ $code =~ ^($exit)$ ]] && grep -qE -- "$regex" <<<"$out"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: exit %s (expected %s), output should match /%s/:\n%s\n' "$name" "$code" "$exit" "$regex" "$(head -n 8 <<<"$out")"
    fi
}

# Without a platform.
cd "$work" || exit 1
run 'version' 0 'goodgo [0-9]' "$goodgo" version
run 'version json' 0 '"schema": *"goodgo.version/1"' "$goodgo" version --json
run 'help' 0 'status' "$goodgo" --help
for command in status check alerts query snapshot render env themes keys version; do
    run "$command --help" 0 "$command" "$goodgo" "$command" --help
done
run 'unknown command' 2 'frobnicate' "$goodgo" frobnicate
run 'unknown option' 2 'nonsense' "$goodgo" status --nonsense
run 'no env file' 2 'env' "$goodgo" --env-file "$work/none.env" status
run 'keys' 0 'filter' "$goodgo" keys
run 'keys json' 0 'goodgo.keys/1' "$goodgo" keys --json
run 'themes' 0 'colorblind' "$goodgo" themes
printf 'DB_HOST="unclosed\n' >"$work/bad.env"; chmod 600 "$work/bad.env"
run 'bad env names file and line' 2 'bad.env:1' "$goodgo" --env-file "$work/bad.env" status
mkdir -p "$work/config/goodgo"; echo 'no such setting = 1' >"$work/config/goodgo/config"
run 'bad config names file and line' 2 'config:1' "$goodgo" --env-file /dev/null status
rm "$work/config/goodgo/config"
printf 'NODE_ENV=production\nDB_PASSWORD=CHANGE_ME\nJWT_SECRET=short\n' >"$work/prod.env"; chmod 644 "$work/prod.env"
run 'readable secrets are refused in production' 2 'chmod 600' "$goodgo" --env-file "$work/prod.env" status
chmod 600 "$work/prod.env"
run 'env check finds placeholders' 1 'CHANGE_ME|placeholder' "$goodgo" --env-file "$work/prod.env" env check
run 'screen without a terminal' 2 'terminal' "$goodgo" --env-file "$work/prod.env"

"$sandbox" up --dir "$dir" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
g=("$goodgo" --env-file "$dir/.env")
sleep 5
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
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
