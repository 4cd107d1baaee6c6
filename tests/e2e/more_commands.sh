#!/usr/bin/env bash
# more_commands.sh SANDBOX GOODGO - settings, env names, themes of one's own, options of other commands, and a snapshot that
# is watched for: with rates and trends, and whole when it is ended early.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
tree=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
dir=$work/platform
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0
export HOME=$work XDG_CONFIG_HOME=$work/config LC_ALL=C.UTF-8
mkdir -p "$work/config/goodgo/themes"
cd "$work" || exit 1
run() { # NAME EXPECTED-EXIT EXPECTED-OUTPUT-REGEX COMMAND...
    local name=$1 exit=$2 regex=$3 out code
    shift 3
    out=$("$@" 2>&1 </dev/null)
    code=$?
    if [ $code = "$exit" ] && grep -qE -- "$regex" <<<"$out"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: exit %s (expected %s), output should match /%s/:\n%s\n' "$name" "$code" "$exit" "$regex" "$(head -n 8 <<<"$out")"
    fi
}

printf 'theme = light\npoll.redis.interval_ms = 500\nkeys.freeze = F9\n' >"$work/config/goodgo/config"
run 'settings show the value' 0 '^theme +light ' "$goodgo" settings
run 'settings json has value and default' 0 '^light dark$' bash -c "'$goodgo' settings --json | jq -r '.settings[0] | .value + \" \" + .default'"
run 'keys show the changed key' 0 '^F9 +freeze' "$goodgo" keys
run 'env names' 0 '^  GOODGO_GRAFANA_TOKEN +token' "$goodgo" env names
run 'env names json' 0 '^required in production true$' bash -c \
    "'$goodgo' env names --json | jq -r '.names[] | select(.name == \"KYC_ENCRYPTION_KEY\") | \"\(.need) \(.secret)\"'"
run 'env takes two words only' 2 'env names' "$goodgo" env wash
run 'an option of another command' 2 '--format.*goodgo status does not take it' "$goodgo" status --format svg
run 'no value for an option' 2 'needs a value' "$goodgo" status --only

sed 's/^ok .*/ok = #0a0b0c default/' "$tree/themes/dark.theme" >"$work/config/goodgo/themes/mine.theme"
echo 'ok = pinkish' >"$work/config/goodgo/themes/broken.theme"
run 'a theme of one'\''s own is listed' 0 '^mine$' "$goodgo" themes
run 'a broken one is named with its fault' 0 '^broken  .' "$goodgo" themes
run 'json lists only what can be used' 0 '^mine$' bash -c "'$goodgo' themes --json | jq -r '.themes[].name' | grep -v broken"

"$sandbox" up --dir "$dir" --services redis >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
g=("$goodgo" --env-file "$dir/.env")
points() { jq '[.sections[] | select(.service == "redis") | .series[0].points[] | numbers] | length' "$1"; }
run 'a time that is none' 2 'at most 24h' "${g[@]}" snapshot --for 5x
run 'watched for 12 s' 0 '' "${g[@]}" snapshot --for 12s -o watched.json
run 'there is a trend' 0 '^[2-9]' points watched.json
run 'there are rates' 0 '^true$' jq '.sections[] | select(.service == "redis") | [.metrics[].name] | index("evicted_per_s") != null' watched.json
run 'one answer has no rates' 0 '^false$' bash -c "'$goodgo' --env-file '$dir/.env' snapshot |
    jq '.sections[] | select(.service == \"redis\") | [.metrics[].name] | index(\"evicted_per_s\") != null'"
run 'it is drawn in a theme of one'\''s own' 0 '#0a0b0c' "$goodgo" render redis --snapshot watched.json --theme mine --format svg

# Ended early it writes what there is. Redis counts the questions: its second INFO says that the first reading is whole.
set -a; . "$dir/.env"; set +a
redis() { REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" "$@" | tr -d '\r'; }
redis config resetstat >/dev/null
"${g[@]}" snapshot --for 1h -o early.json &
pid=$!
for ours in $(seq 0 600); do
    calls=$(redis info commandstats | sed -n 's/^cmdstat_info:calls=\([0-9]*\),.*/\1/p')
    [ $((${calls:-0} - ours)) -ge 2 ] && break
    sleep 0.05
done
start=$SECONDS
kill -INT $pid
wait $pid
run 'ended early it is whole' 0 '^goodgo.snapshot/1 redis$' jq -r \
    '.schema + " " + (.sections[] | select(.service == "redis" and (.metrics | length > 20)) | .service)' early.json
run 'and at once' 0 yes bash -c "[ $((SECONDS - start)) -lt 10 ] && echo yes"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
