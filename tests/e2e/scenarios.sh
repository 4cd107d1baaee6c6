#!/usr/bin/env bash
# scenarios.sh SANDBOX GOODGO - each scenario of the sandbox really changes what the console shows: the finding that tells of
# it, the cause its symptoms are folded under, and that it goes again.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
bring_up
ask_ms=1200

# scenario NAME SECONDS JQ-FILTER - holds within SECONDS of switching it on, and did not before.
scenario() {
    holds "$3" && fail "$1: shows before it is on"
    "$sandbox" fault "$1" on --dir "$dir" >/dev/null || fail "$1: on"
    ask_until "$2" "$3" && pass || fail "$1: does not show within $2 s: $(jq -c '[.services[] | select(.status != "ok") | {name, status, summary, causedBy}]' "$work/status.json")"
}
# over NAME SECONDS JQ-FILTER - the filter holds no longer within SECONDS of switching it off.
over() {
    "$sandbox" fault "$1" off --dir "$dir" >/dev/null || fail "$1: off"
    ask_until "$2" "($3) | not" && pass || fail "$1: still shows $2 s after its end"
}
finding() { # SERVICE CODE [STATUS-REGEX] as a filter
    printf '[.services[] | select(.name == "%s") | .findings[] | select(.code == "%s" and (.status | test("%s")))] != []' "$1" "$2" "${3:-.}"
}
both() { scenario "$1" "$2" "$4"; over "$1" "$3" "$4"; }

# These two live in Prometheus' windows, which outlast them by minutes: that they show is the claim. First, since what
# follows fails requests too.
scenario errors-5xx 90 "$(finding prometheus errors_high)"' or '"$(finding prometheus alert_firing)"
"$sandbox" fault errors-5xx off --dir "$dir" >/dev/null
scenario latency 90 "$(finding prometheus p99_high)"
"$sandbox" fault latency off --dir "$dir" >/dev/null
both search-behind 60 60 "$(finding typesense drift warning)"' and ([.services[] | select(.name == "typesense" and .metrics.drift < -50)] != [])'
both disk-full-search 40 40 "$(finding typesense disk critical)"
both redis-down 40 40 '[.services[] | select(.name == "redis" and .error.code == "refused" or .name == "api" and .causedBy == "redis")] | length == 2'
full='[.services[] | select(.name == "pgbouncer" and .status == "critical" or .name == "api" and .causedBy == "pgbouncer")] | length == 2'
scenario pool-exhaustion 60 "$full"
# For people the worst of it stands first, as on the screen: "the answer to SELECT 1 not read" is only the reason.
said=$("$goodgo" --env-file "$dir/.env" --timeout "$ask_ms" status --only pgbouncer | sed -n 2p)
[[ $said =~ ^\ *SELECT\ 1\ does\ not\ get\ through ]] && pass || fail "pool-exhaustion: the worst finding does not stand first: $said"
over pool-exhaustion 60 "$full"
end
