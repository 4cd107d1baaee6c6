#!/usr/bin/env bash
# unknown.sh SANDBOX GOODGO [ACT] - kills the runner of every act (or the one) in every stage that it goes through. Then the
# job has the outcome that the trail has already; where that has none it is unknown, and `jobs show`, its JSON and the trail
# say the same sentences: each thing that is really left stands in them by its name. The next run clears away what all of
# them left.
set -uo pipefail
. "$(dirname "$0")/torture.bash"

# What is there under no final name, a line each.
left_now() {
    find "$backups" -name '*.part'
    find "$TMPDIR" -mindepth 1 -maxdepth 1
    sql "SELECT datname FROM pg_database WHERE datname ~ '^goodgo_(verify|copy)_'"
    search '' | grep -o '"listings_[0-9]*"' | tr -d '"'
}
told() { # the job is unknown, and says the same everywhere
    local line trail
    shown=$("${g[@]}" jobs show "$job" --json)
    mapfile -t by_hand < <(jq -r '.job.byHand[]' <<<"$shown")
    ok "${#by_hand[@]} things are said, and the screen has five lines for them" [ ${#by_hand[@]} -ge 1 -a ${#by_hand[@]} -le 5 ]
    ok "a name is missing: ${by_hand[*]}" [ "${by_hand[*]//[\{\}]/}" = "${by_hand[*]}" ]
    ok 'jobs show says other things' [ "$(printf 'by hand   %s\n' "${by_hand[@]}")" = "$("${g[@]}" jobs show "$job" | grep '^by hand')" ]
    trail=$("${g[@]}" audit list --json | jq -r --arg j "$job" '.records[] | select(.job == $j and .event == "intent") | "\(.outcome) \(.why)"')
    for line in "unknown its runner died" "${by_hand[@]}"; do
        ok "the trail does not say \"$line\": $trail" [ "${trail/"$line"/}" != "$trail" ]
    done
    ok 'the trail' "${g[@]}" audit verify >/dev/null
}
die_in() { # STAGE
    local tries before after thing outcome
    before=$(left_now)
    for tries in 1 2 3; do
        stopped_in "$1" && break
        [ $tries != 3 ] || { missed+=" $act/${1// /-}"; return; }
    done
    point=$((point + 1)) doing="$act, its runner killed in stage $1"
    kill -9 "$runner"
    ended
    outcome=$(jq -r --arg j "$job" 'select(.job == $j and .event == "result") | .outcome' "$state/audit.jsonl")
    if [ -n "$outcome" ]; then # it died between the two writes of its end
        ok "the trail says $outcome, and the job is $job_state: $why" [ "$job_state" = "$outcome" ]
        ok "does not say that its runner died: $why" [ "${why/its runner died/}" != "$why" ]
        no_session
        no_child
        return
    fi
    ok "is $job_state: $why" [ "$job_state" = unknown ]
    ok "does not say where: $why" [ "${why/in stage $1,/}" != "$why" ]
    no_session
    no_child
    told
    after=$(left_now)
    for thing in $(comm -13 <(sort <<<"$before") <(sort <<<"$after")); do
        ok "$thing is left and not named: ${by_hand[*]}" grep -qF -- "$thing" <<<"${by_hand[*]}"
        named=$((named + 1))
    done
}
all_stages() {
    local stages stage
    learn_stages || return
    for stage in "${stages[@]}"; do die_in "$stage"; done
    to_the_end
}

named=0 missed=''
act=backup; command_of; "${g[@]}" "${cmd[@]}" --confirm dev:1 >/dev/null 2>&1
for act in ${3:-backup directory verify scratch restore reindex recreate}; do all_stages; done
if [ -z "${3:-}" ]; then
    # A pause that waits for a transaction: its command is in force, or on its way, though nobody is there any more.
    point=$((point + 1)) doing='a pause, its runner killed'
    PGPORT=$pooler psql -XAtqc 'BEGIN' -c "SELECT pg_sleep(30)" >/dev/null 2>&1 &
    until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()" postgres)" = 1 ]; do pause 0.02; done
    job=$("${g[@]}" pgbouncer-control PAUSE --db "$DB_NAME" --confirm dev:1 --detach 2>/dev/null)
    events_of
    until grep -q '"hand":"resume"' "$events"; do pause 0.01; done
    kill -9 "$(pid_of)"
    ended
    ok "is $job_state: $why" [ "$job_state" = unknown ]
    told
    resume=$(grep -oE "goodgo pgbouncer-control RESUME --db $DB_NAME" <<<"${by_hand[*]}")
    ok "does not say how clients go on: ${by_hand[*]}" [ -n "$resume" ]
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ 'pg_sleep' AND pid <> pg_backend_pid()" postgres >/dev/null
    wait
    # shellcheck disable=SC2086
    "${g[@]}" ${resume#goodgo } --confirm dev:1 >/dev/null 2>&1 # refused where the pause was not in force yet
    doing='after what it said'
    ok 'the pooler is not open' [ "$(DB_PORT=$pooler PGCONNECT_TIMEOUT=5 sql 'SELECT 1')" = 1 ]
    ok "only $named things were left and named" [ $named -ge 8 ]
fi
echo "things left, each named: $named; too short to be hit:${missed:- none}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
