#!/usr/bin/env bash
# cancels.sh SANDBOX GOODGO [ACT] - cancels every act (or the one) in every stage that an undisturbed run of it goes
# through, and while it waits for its lock. A cancelled job ends soon, once, as cancelled; it leaves nothing that the next
# run would have to clear away.
set -uo pipefail
. "$(dirname "$0")/torture.bash"
one_result() { [ "$(jq -rn --arg j "$job" '[inputs | select(.job == $j and .event == "result")] | length' <"$state/audit.jsonl")" = 1 ]; }

# What a clean stop leaves: nothing. Not even for the next run.
clean() {
    local left
    no_session
    no_child
    left=$(find "$backups" -name '*.part*'; find "$TMPDIR" -mindepth 1 -maxdepth 1; find "$backups" -name '*.goodgo-*')
    [ -z "$left" ] || bad "files are left: $left"
    left=$(sql "$databases_sql")
    [[ $left =~ ^(goodgo_copy)?$ ]] || bad "databases are left: $left"
    [ "$act/$job_state/$left" != restore/cancelled/goodgo_copy ] || bad 'a cancelled restore leaves its database'
    left=$(search '' | grep -o '"listings_[0-9]*_[0-9]*"')
    [ -z "$left" ] || bad "collections are left: $left"
}
cancel_in() { # STAGE
    local tries begun out
    for tries in 1 2 3; do
        stopped_in "$1" && break
        [ $tries != 3 ] || { missed+=" $act/${1// /-}"; return; }
    done
    point=$((point + 1)) doing="$act cancelled in stage $1"
    now_ms; begun=$now
    out=$("${g[@]}" jobs cancel "$job" 2>&1) || bad "jobs cancel: $out"
    kill -CONT "$runner"
    ended
    now_ms
    ok "took $((now - begun)) ms to end" [ $((now - begun)) -lt 15000 ]
    case $job_state in # what was done before the runner looked is done, and said to be
    cancelled) cancelled=$((cancelled + 1)) ;;
    done) late+=" $act/${1// /-}" ;;
    *) bad "is $job_state: $why" ;;
    esac
    ok "has not one result in the trail" one_result
    ok "has not one end" [ "$(grep -c '"exit":' "$events")" = 1 ]
    clean
    invariants
}
# Every stage of $act, then a run to its end.
all_stages() {
    local stages stage
    learn_stages || return
    for stage in "${stages[@]}"; do cancel_in "$stage"; done
    to_the_end
}

cancelled=0 late='' missed='' least=10
[ -z "${3:-}" ] || least=1
act=backup; command_of; "${g[@]}" "${cmd[@]}" --confirm dev:1 >/dev/null 2>&1
facts_before=$(sql "$facts_sql")
for act in ${3:-backup directory verify scratch restore reindex recreate}; do all_stages; done

# While it waits for the lock that another holds: nothing was begun.
act=verify
if stopped_in prepare || stopped_in checksum || stopped_in place || stopped_in restore; then
    holder=$runner held=$job
    doing='cancelled while it waits for the lock'
    job=$("${g[@]}" --state-dir "$work/state-b" verify latest --confirm dev:1 --detach 2>/dev/null)
    until grep -q '"waiting"' "$work/state-b/jobs/$job/events.jsonl"; do pause 0.01; done
    "${g[@]}" --state-dir "$work/state-b" jobs cancel "$job" >/dev/null 2>&1
    out=$("${g[@]}" --state-dir "$work/state-b" jobs attach "$job" 2>&1)
    code=$?
    ok "ends with $code: $(tail -n 2 <<<"$out")" [ $code = 130 ]
    ok 'has an intent in its trail' [ "$(grep -c '"event":"intent"' "$work/state-b/audit.jsonl")" = 0 ]
    ok 'the trail of it' "${g[@]}" --state-dir "$work/state-b" audit verify >/dev/null
    kill -CONT "$holder"
    job=$held
    ended
    ok "the holder is $job_state: $why" [ "$job_state" = done ]
else
    bad 'no drill could be held'
fi
echo "cancelled $cancelled; done before it was seen:${late:- none}; too short to be hit:${missed:- none}"
ok "only $cancelled were cancelled" [ $cancelled -ge $least ]
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
