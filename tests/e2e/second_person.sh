#!/usr/bin/env bash
# second_person.sh SANDBOX GOODGO - an act that wants two people: it waits, the one who asks may not agree for himself,
# another user of the machine may, sees the plan first, and may say no. As another user only when this runs as root.
set -uo pipefail
. "$(dirname "$0")/acts.bash"

config() { printf 'second_person.tier = 2\nsecond_person.wait_s = %s\n%s\n' "$1" "${2:-}" >"$work/goodgo.conf"; }
up prometheus
set -a; . "$dir/.env"; set +a
g=("$goodgo" --env-file "$dir/.env" --state-dir "$state" --config "$work/goodgo.conf")
loaded() { curl -s "$PROMETHEUS_URL/api/v1/status/runtimeinfo" | jq -r .data.lastConfigTime; }
: "${PROMETHEUS_URL:=$(sed -n 's/^\(GOODGO_\)\?PROMETHEUS_URL=//p' "$dir/.env")}"
before=$(loaded)
# begin - a reload that will wait for somebody; its id in $id
begin() { id=$("${g[@]}" prometheus-reload --confirm dev:1 --detach 2>"$work/err") || fail "no job: $(cat "$work/err")"; }
# start - one that listens for somebody already: it says that it waits a moment before it does
start() {
    begin
    until_true 30 grep -q "$id" /proc/net/unix || fail "nobody listens: $("${g[@]}" jobs show "$id")"
    contains 'the job says that it waits' "$("${g[@]}" jobs show "$id")" 'waiting  second person'
}
state_of() {
    for _ in $(seq 600); do
        "${g[@]}" jobs show "$id" --json | jq -r .job.state | grep -vE 'planned|waiting|running' && return
        sleep 0.05
    done
    echo 'no end'
}

config 300
run 'the plan says that it takes two' 0 'waits for a second person: goodgo jobs approve' "${g[@]}" prometheus-reload --dry-run
run 'nothing waits yet' 2 'no job here waits' "$goodgo" jobs approve
start
run 'the plan is shown' 0 'asked by  .*prometheus-reload' bash -c "'$goodgo' jobs approve --dry-run 2>&1 | tr '\n' ' '"
run 'without a word nothing is agreed' 3 'no --confirm' "$goodgo" jobs approve
run 'nor with a wrong one' 3 'does not fit' "$goodgo" jobs approve --confirm dev:2
run 'nobody agrees with himself' 3 'it takes somebody else' "$goodgo" jobs approve "$id" --confirm dev:1
run 'and that is in the log' 0 'said yes, and may not' cat "$state/jobs/$id/log"
run 'another job is not meant' 2 'beginning of exactly one' "$goodgo" jobs approve 1999 --confirm dev:1
run 'it is listed as waiting' 0 '^waiting .*second person' "${g[@]}" jobs
run 'cancelled while it waits' 0 '' "${g[@]}" jobs cancel "$id"
is 'it ends' cancelled "$(state_of)"
config 1
begin
is 'nobody came' refused "$(state_of)"
run 'and it says so' 0 'no second person agreed within 1 s' "${g[@]}" jobs show "$id"
is 'none of that reloaded anything' "$before" "$(loaded)"

if [ "$(id -u)" = 0 ]; then
    # Whom the kernel takes for the person: the login where one was noted, else the user.
    cp "$goodgo" "$work/goodgo"
    other() {
        # shellcheck disable=SC2016
        bash -c '{ echo 65534 >/proc/self/loginuid; } 2>/dev/null
            exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent XDG_CONFIG_HOME= "$@"' other "$work/goodgo" "$@"
    }
    config 300 'second_person.group = daemon'
    start
    run 'not everybody may' 3 'not in the group daemon' other jobs approve --confirm dev:1
    run 'declined by one who may not' 3 'not in the group' other jobs decline
    "${g[@]}" jobs cancel "$id" 2>/dev/null
    is 'it ends too' cancelled "$(state_of)"
    config 300 'second_person.group = nogroup'
    start
    run 'a no ends it' 0 'declined' other jobs decline --reason 'not during the sale'
    is 'as refused' refused "$(state_of)"
    run 'with the reason' 0 'nobody said no, not during the sale' "${g[@]}" jobs show "$id"
    is 'and nothing was reloaded' "$before" "$(loaded)"
    start
    run 'a yes lets it go on' 0 'approved' other jobs approve --confirm dev:1
    is 'to its end' 'done' "$(state_of)"
    is 'it was reloaded' yes "$([ "$(loaded)" != "$before" ] && echo yes)"
    run 'who agreed is in the result' 0 'second_person +nobody' "${g[@]}" jobs show "$id"
    run 'and in the trail, before the intent' 0 'approved.*intent.*result' bash -c \
        "jq -r 'select(.job == \"$id\") | .event' '$state/audit.jsonl' | tr '\n' ' '"
fi
run 'the chain holds' 0 '' "${g[@]}" audit verify
end
