#!/usr/bin/env bash
# logs.sh SANDBOX GOODGO - lines of the logs, against Loki asked by curl: which, how many, in order, page by page, of one
# request through all services; following; what is said where there are none, and where Loki is ill.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
bring_up
set -a; . "$dir/.env"; set +a
NS=1000000000
# theirs FROM UNTIL LOGQL - "NS LINE", oldest first, as Loki has them between two nanoseconds
theirs() {
    curl -sfG "$GOODGO_LOKI_URL/loki/api/v1/query_range" -d direction=forward -d limit=5000 -d "start=$1" -d "end=$2" \
        --data-urlencode "query=$3" | jq -r '[.data.result[].values[]] | sort_by(.[0] | tonumber) | .[] | "\(.[0]) \(.[1] | fromjson.msg)"'
}
# ours FROM UNTIL OPTIONS... - the same by the console
ours() {
    local from=$1 until=$2
    shift 2
    console logs --json --tail 50000 "$@" 2>/dev/null | jq -r --argjson from "$from" --argjson until "$until" '.lines[] |
        select((.timeNs | tonumber) >= $from and (.timeNs | tonumber) < $until) | "\(.timeNs) \(.message)"'
}
same() { # NAME LOGQL OPTIONS...
    local name=$1 query=$2 n
    shift 2
    theirs "$from" "$until" "$query" | sort >"$work/theirs"
    ours "$from" "$until" "$@" >"$work/ours"
    n=$(wc -l <"$work/theirs")
    check "$name: there are some" "$([ "$n" -gt 0 ] && echo yes)" yes
    check "$name: in order" "$(sort -c -k1,1n "$work/ours" 2>&1)" ''
    check "$name: none more or less of $n" "$(sort "$work/ours" | diff "$work/theirs" - | head -n 3)" ''
}
now=$(date +%s) from=$(((now - 3000) * NS)) until=$(((now - 5) * NS))
same 'all, in pages' '{service=~".+"}'
same 'one service' '{service="web"}' --service web
same 'a level and worse' '{level=~"warn|error|fatal"}' --level warn
same 'a pattern' '{service="api"} |~ "(?i)SLOW|rejected"' 'SLOW|rejected' -s api
same 'what is quoted in the pattern stays in it' '{service=~".+"} |~ "\"statusCode\":(4|5)"' '"statusCode":(4|5)'
id=$(console logs --service ai-services --json -n 1 2>/dev/null | jq -r '.lines[0].correlationId')
check 'one request, through all services' "$(console logs --correlation "$id" --json | jq -r '[.lines[].service] | unique | join(" ")')" 'ai-services api.*'
check 'and no line of another' "$(console logs --correlation "$id" --json | jq -r '[.lines[].correlationId] | unique | join(" ")')" "$id"

line=$(console logs -n 1 --service web 2>/dev/null)
check 'a line for people' "$line" '[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{3} info  web         page rendered  GET /mua-ban 200 [0-9]+ ms  id [0-9a-f-]{36}'
check 'the last 7 of more' "$(console logs -n 7 2>"$work/err" | wc -l)" 7
contains 'which is said' "$(cat "$work/err")" 'there are older lines of the last 1h: --tail N shows more than 7'
console logs 'no line has this' >"$work/out" 2>"$work/err"
check 'none: exit code' $? 1
check 'none: nothing is printed' "$(cat "$work/out")" ''
contains 'none: who has lines' "$(cat "$work/err")" 'services that have lines: ai-services api web'
check 'none, as a document' "$(console logs 'no line has this' --json 2>/dev/null | jq -c '[.cut, .lines]')" '\[false,\[\]\]'
console logs 'a(b' >/dev/null 2>"$work/err"
check 'a pattern that is none: exit code' $? 2
contains 'in words of Loki' "$(cat "$work/err")" 'HTTP 400: parse error.*Try: correct the pattern'
for wrong in '--level loud' '--tail 0' '--tail 50001' '--range 1y'; do
    # shellcheck disable=SC2086
    console logs $wrong >/dev/null 2>"$work/err"
    check "$wrong" $? 2
done

# --- following: what is logged from now on comes, once each, also while Loki was away in between ---
callback() { # what the API logs as an error
    curl -s -o /dev/null "$GOODGO_API_URL/api/payments/callback/vnpay?vnp_TxnRef=$1&vnp_SecureHash=00"
}
errors() { jq -r 'select(.level == "error") | .message' "$work/followed" 2>/dev/null | grep -c 'provider=VNPAY'; }
"$goodgo" --env-file "$dir/.env" logs --follow --level error --json --tail 1 'provider=VNPAY' >"$work/followed" 2>"$work/said" &
follower=$!
begun=$(errors)
comes() { # COUNT - within a minute
    for _ in $(seq 600); do
        [ "$(errors)" -ge $((begun + $1)) ] && return
        sleep 0.1
    done
    fail "followed: $(errors) of $1 lines came"
}
until_said() { # REGEX - within a minute
    for _ in $(seq 600); do
        grep -qE "$1" "$work/said" && return
        sleep 0.1
    done
    fail "not said while following: $1, but: $(cat "$work/said")"
}
until_said 'no line of the last 1h matches' # it has looked once, so what comes now is new
for n in 1 2 3; do callback "e2e-$n"; done
comes 3
"$sandbox" fault loki stop --dir "$dir" >/dev/null
until_said 'connection refused'
until_said 'still following'
callback e2e-4
"$sandbox" fault loki clear --dir "$dir" >/dev/null
until_said 'Loki answers again'
callback e2e-5
comes 5
check 'each once' "$(errors)" $((begun + 5))
check 'each a document of its own' "$(jq -s length "$work/followed")" $((begun + 5))
check 'the silence was said once' "$(grep -c 'still following' "$work/said")" 1
kill $follower # a script's background job has no Ctrl-C
wait $follower
check 'a signal ends it' $? 143

# --- Loki ill ---
ill() { # FAULT REGEX
    "$sandbox" fault loki $1 --dir "$dir" >/dev/null
    console logs --timeout 700 >"$work/out" 2>"$work/err"
    check "$1: exit code" $? 2
    contains "$1" "$(cat "$work/err")" "$2"
    check "$1: nothing is printed" "$(cat "$work/out")" ''
    "$sandbox" fault loki clear --dir "$dir" >/dev/null
}
ill stop 'connection refused'
ill hang 'no answer in 700 ms'
ill 'error 500' 'HTTP 500'
ill 'error 401' 'HTTP 401'
ill garbage 'goodgo: .*Try'
grep -v '^GOODGO_LOKI_URL=' "$dir/.env" >"$work/none.env"
chmod 600 "$work/none.env"
env_file=$work/none.env console logs >/dev/null 2>"$work/err"
check 'without a Loki: exit code' $? 2
contains 'without a Loki' "$(cat "$work/err")" 'this platform has no Loki: set GOODGO_LOKI_URL'
end
