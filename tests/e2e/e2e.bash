# e2e.bash - what the end-to-end scripts share: a private platform in a temporary directory, asking the console, counting
# claims. Sourced, with SANDBOX and GOODGO as the script's first two arguments.
# shellcheck source=tests/platform.bash
. "$(dirname "${BASH_SOURCE[0]}")/../platform.bash"
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
work=$(mktemp -d)
dir=$work/platform
passed=0 failed=0
services='api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana pg-backup'
finish() {
    [ -e "$dir/.goodgo-sandbox" ] && "$sandbox" down --dir "$dir" >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); printf 'FAILED %s\n' "$*"; }
check() { # NAME GOT EXPECTED-REGEX
    if [[ $2 =~ ^($3)$ ]]; then pass; else fail "$1: got \"$2\", expected $3"; fi
}
contains() { # NAME TEXT REGEX
    if grep -qE -- "$3" <<<"$2"; then pass; else fail "$1: no /$3/ in: ${2:0:300}"; fi
}
close_to() { # NAME GOT INDEPENDENT TOLERANCE
    if [ -n "$2" ] && [ "$2" != null ] && jq -en "($2 - $3) | fabs <= $4" >/dev/null 2>&1; then pass; else
        fail "$1: got \"$2\", independently \"$3\""
    fi
}
now_ms() { date +%s%3N; }
end() { printf '%d passed, %d failed\n' "$passed" "$failed"; [ "$failed" -eq 0 ]; }

# console [ENV-FILE] - the console on the platform, or on another env file.
console() { "$goodgo" --env-file "$env_file" --state-dir "$work/state" "$@"; }
env_file=$dir/.env
# ask [OPTIONS...] - `status --json` into status.json; its exit code is the result. What answers has $ask_ms for it: short
# only where something hangs, which costs all of it.
ask_ms=5000
ask() { console status --json --timeout $ask_ms "$@" >"$work/status.json" 2>"$work/err"; }
of() { jq -r --arg n "$1" ".services[] | select(.name == \$n) | $2" "$work/status.json"; }
holds() { jq -e "$@" "$work/status.json" >/dev/null 2>&1; }
# ask_until SECONDS JQ... - asks until the filter holds; what was asked last stays in status.json and in code. Where $ask_ms
# was not enough for this machine, it is more the next time.
ask_until() {
    local until=$(($(now_ms) + $1 * 1000)) ask_ms=$ask_ms
    shift
    while :; do
        ask; code=$?
        holds "$@" && return 0
        [ "$(now_ms)" -lt $until ] || return 1
        sleep 0.2
        ask_ms=$((ask_ms < 4000 ? ask_ms * 5 / 4 : 5000))
    done
}
# at_best MS COMMAND... - whether it ends within MS, in one run of three: a busy machine only adds. $took is the last one's.
at_best() {
    local most=$1 start
    shift
    for _ in 1 2 3; do
        start=$(now_ms)
        "$@"
        took=$(($(now_ms) - start))
        [ $took -ge "$most" ] || return 0
    done
    return 1
}
# A value of the platform's env file; the port of a service in it.
env_of() { sed -n "s/^$1=//p" "$dir/.env"; }
port_of() { jq -r --arg n "$1" '.services[] | select(.name == $n) | .port' "$work/up.json"; }

well='[.services[] | select(.status != "ok" and .status != "warning" or .error)] == []'
# bring_up - the platform, ready: the index has caught up, Prometheus has scraped, Loki has warmed up.
bring_up() {
    "$sandbox" up --dir "$dir" --json >"$work/up.json" 2>"$work/up.log" || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
    ask_until 120 "$well"' and ([.services[] | select(.name == "typesense" and .metrics.drift == 0 or
        .name == "prometheus" and .metrics.targets_up == 2 or .name == "pg-backup" and .metrics.count == 2)] | length == 3)' ||
        fail "the platform is not ready: $(jq -c '[.services[] | select(.status != "ok") | {name, status, summary}]' "$work/status.json")"
}
