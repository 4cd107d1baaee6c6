#!/usr/bin/env bash
# kills.sh SANDBOX GOODGO [POINTS] [SEED] [ONLY] - kills what takes part in a job with SIGKILL at random moments: the runner,
# who follows it, pg_dump and its like, a backend of the server (PostgreSQL then ends all sessions and restarts itself), and
# each 100th time the server itself, its postmaster: it is away until the sandbox starts it again.
# After each: nothing unplanned has changed, no half artefact has a final name, the trail is whole, the job tells the truth,
# no child is left; and the next run works and clears away what was left. A point depends on SEED and its number alone:
#   kills.sh SANDBOX GOODGO 200 SEED 17     repeats point 17 of that seed
set -uo pipefail
points=${3:-200} seed=${4:-${SEED:-$RANDOM}} only=${5:-}
. "$(dirname "$0")/torture.bash"
again="$0 SANDBOX GOODGO $points $seed"

# --- one point ---

children_of() { children=''; { read -r children <"/proc/$1/task/$1/children"; } 2>/dev/null; [ -n "$children" ]; }

runner_begins() { # or is refused before it has said who it is
    until runner_pid || [ "$("${g[@]}" jobs show "$job" 2>&1 | grep -c 'state *\(done\|failed\|refused\)')" = 1 ]; do pause 0.01; done
}
strike() { # after the pause: kills $victim; $struck says what was hit
    local until pid
    struck=''
    case $victim in
    runner)
        runner_begins
        pause "$delay"
        [ -z "$runner" ] || kill -9 "$runner" 2>/dev/null && struck="runner $runner"
        ;;
    tool)
        runner_begins
        pause "$delay"
        while alive "${runner:-}"; do
            children_of "$runner" && kill -9 ${children%% *} 2>/dev/null && struck="child ${children%% *}" && break
            pause 0.01
        done
        ;;
    backend)
        pause "$delay"
        pid=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name ~ '^(goodgo|pg_dump|pg_restore)' ORDER BY random() LIMIT 1" postgres)
        [[ $pid =~ ^[0-9]+$ ]] && kill -9 "$pid" 2>/dev/null && struck="backend $pid"
        ;;
    server)
        read -r pid <"$server_pid_file"
        pause "$delay"
        kill -9 "$pid" && struck="server $pid"
        now_ms; struck_ms=$now
        ;;
    follower)
        pause "$delay"
        kill -9 "$follower" 2>/dev/null && struck="follower $follower"
        ;;
    esac
}
truthful() {
    case $victim/$job_state in
    */done) ;;
    follower/*) bad "died with who looked on: $job_state $why" ;;
    runner/unknown) [[ $why == *'by hand'* && $shown != *'"byHand": []'* || $why == *'nothing was changed'* ]] || bad "unknown without a word: $why" ;;
    runner/*) bad "its runner was killed, and it is $job_state: $why" ;;
    */failed | */refused) [ -n "$why" ] || bad "$job_state without a reason" ;;
    *) bad "is $job_state: $why" ;;
    esac
    [ -n "$struck" ] || [ "$job_state" = done ] || bad "nothing was hit, and it is $job_state: $why"
}
# The server is away: what is there must hold already, before anybody heals it. Then it is started again; what a dead drill or
# restore left in it is named by the next plan, and gone after the next run.
without_server() {
    local out left
    now_ms
    [ $((now - struck_ms)) -lt 20000 ] || bad "took $((now - struck_ms)) ms to end without its server"
    databases=''
    nothing_half
    out=$("${g[@]}" audit verify 2>&1) || bad "the trail: $out"
    out=$("$sandbox" fault --dir "$dir" postgres clear 2>&1) || { bad "the server cannot be started again: $out"; exit 1; }
    up_again
    # What was told as done is done, though the server crashed a moment later.
    [ "$act/$job_state" != restore/done ] || [[ " $(sql "$databases_sql" postgres) " == *' goodgo_copy '* ]] || bad 'done, and goodgo_copy is gone'
    case $act in
    verify) left=$(sql "SELECT datname FROM pg_database WHERE datname ~ '^goodgo_verify_'" postgres) ;;
    restore) left=$(sql "SELECT datname FROM pg_database WHERE datname ~ '^goodgo_copy_new_'" postgres) ;;
    *) return ;;
    esac
    [ -z "$left" ] || make_way
    out=$("${g[@]}" "${cmd[@]}" --dry-run 2>&1)
    for left in $left; do
        stale=$((stale + 1))
        [[ $out == *"first drops $left"* ]] || bad "$left is left, and the next plan does not say so: $out"
    done
}
pick() { # WORD... - by the point's own dice
    local list=("$@")
    picked=${list[RANDOM % ${#list[@]}]}
}
one() {
    RANDOM=$(((seed * 1009 + point) % 32768))
    pick backup backup backup backup directory directory directory reindex reindex reindex reindex recreate recreate recreate reload reload \
        reload pause pause redis redis restore restore verify scratch
    act=$picked
    case $act in
    backup | directory | verify | restore) pick runner runner tool tool backend follower ;;
    scratch) pick runner runner tool ;;
    *) pick runner runner runner follower ;;
    esac
    victim=$picked
    if [ $((point % 100)) = 0 ]; then
        local of_server=(backup directory verify restore reindex)
        act=${of_server[(point / 100 + seed) % 5]} victim=server
    fi
    # More often early, where the steps are short; now and then behind the end.
    local most=${usual[$act]:-400}
    delay_ms=$((RANDOM % (most * 6 / 5 + 1) * (RANDOM % 100 + 1) / 100))
    printf -v delay '%d.%03d' $((delay_ms / 1000)) $((delay_ms % 1000))
    doing="$act, $victim after $delay_ms ms"
    command_of
    make_way
    runner='' children='' follower='' struck=''
    newest_job
    if [ $victim = follower ]; then
        "${g[@]}" "${cmd[@]}" --confirm $word >"$work/out" 2>&1 </dev/null &
        follower=$!
        disown $follower
        local before=$newest
        while newest_job && [ "$newest" = "$before" ] && kill -0 $follower 2>/dev/null; do pause 0.01; done
        job=$newest
        [ "$job" != "$before" ] || { bad "no job: $(tail -n 3 "$work/out")"; return; }
    else
        job=$("${g[@]}" "${cmd[@]}" --confirm $word --detach 2>"$work/out" </dev/null) || { bad "no job: $(tail -n 3 "$work/out")"; return; }
    fi
    strike
    ended
    truthful
    [ $victim != server ] || without_server
    invariants
    # Now and then only, so that there is a second dead one on top of the first: what both left must go.
    local last=$((RANDOM % 3))
    [ $victim != server ] || last=0
    [ "$act" != pause ] || act=resume last=0 # paused or not: from here it goes on
    [ $last != 0 ] || to_the_end
}

# --- all of them ---

declare -A usual
newest='' stale=0 server_pid_file=$(sed -n 's/^work=//p' "$dir/state")/postgres/postmaster.pid
for act in backup directory verify scratch restore reindex recreate reload redis; do
    command_of
    now_ms; begun=$now
    make_way
    out=$("${g[@]}" "${cmd[@]}" --confirm $word 2>&1 </dev/null) || { echo "$act does not work at all: $out"; echo '0 passed, 1 failed'; exit 1; }
    now_ms; usual[$act]=$((now - begun))
done
usual[pause]=${usual[reload]}
newest_job
facts_before=$(sql "$facts_sql")
echo "torture: $points points, seed $seed; usual ms:$(for act in "${!usual[@]}"; do printf ' %s %s' "$act" "${usual[$act]}"; done)"
now_ms; begun=$now
first=1 last=$points
[ -z "$only" ] || first=$only last=$only
for ((point = first; point <= last; point++)); do
    was=$failed
    one
    [ $failed != $was ] || passed=$((passed + 1))
    [ $failed -lt 12 ] || { echo 'too much is wrong to go on'; break; }
    [ -z "${TORTURE_SAY:-}" ] || { now_ms; echo "$((now - begun)) $point $doing: ${struck:-nothing}, $job_state $why"; }
done
doing='after all of them'
for act in resume backup directory verify scratch restore reindex; do to_the_end; done
[ "$(sql "$databases_sql")" = goodgo_copy ] || bad "databases are left: $(sql "$databases_sql")"
now_ms
echo "took $(((now - begun) / 1000)) s"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
