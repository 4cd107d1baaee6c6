#!/usr/bin/env bash
# screens.sh SANDBOX GOODGO [POINTS] [SEED] [ONLY] - the real screen in a real terminal (tmux): it is armed, starts an act
# with `a`, and is killed with SIGKILL at a random moment from the last key on. The job runs on without it and ends
# truthfully, another process attaches to it, nothing is lost. A point depends on SEED and its number alone:
#   screens.sh SANDBOX GOODGO 12 SEED 7     repeats point 7 of that seed
set -uo pipefail
points=${3:-6} seed=${4:-${SEED:-$RANDOM}} only=${5:-}
. "$(dirname "$0")/torture.bash"
again="$0 SANDBOX GOODGO $points $seed"
export HOME=$work XDG_CONFIG_HOME=$work/config TERM=xterm-256color
terminals=0 # each has a server of its own: one that is ending would take the next session with it
tmux() { command tmux -S "$work/tmux.$terminals" -f /dev/null "$@" 2>/dev/null; }
trap 'tmux kill-server; "$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT

shows() { # REGEX - within a minute
    local until
    now_ms; until=$((now + 60000))
    until tmux capture-pane -p | grep -qE -- "$1"; do
        now_ms
        [ "$now" -lt $until ] || { bad "the screen does not show /$1/: $(tmux capture-pane -p | grep -v '^ *$' | head -n 40)"; return 1; }
        pause 0.02
    done
}
open_screen() {
    tmux kill-server
    terminals=$((terminals + 1))
    tmux new-session -d -x 120 -y 40 "exec '$goodgo' --env-file '$dir/.env' --state-dir '$state'" &&
        screen=$(tmux display-message -p '#{pane_pid}') && shows '^ *ok +postgres' &&
        tmux send-keys ':arm 10m INC-7' Enter && shows 'armed: INC-7'
}
# From the act's own screen to its plan, and the word up to the last key.
up_to_the_word() {
    case $act in
    backup) tmux send-keys 8 && shows 'a acts' && tmux send-keys a && shows 'acts of this screen' ;;
    verify) tmux send-keys 8 && shows 'a acts' && tmux send-keys a && shows 'acts of this screen' && tmux send-keys Down Down ;;
    reindex) tmux send-keys 6 && shows 'Documents against' && tmux send-keys a && shows 'acts of this screen' ;;
    esac && tmux send-keys Enter && shows ":? *$act" && tmux send-keys Enter && shows 'type (y|dev 1) and Enter' &&
        tmux send-keys "$([ $act = reindex ] && echo 'dev 1' || echo y)"
}
starting() { pgrep -f -- "$state.* --detach" >/dev/null; } # what the screen starts makes the job, and ends
one() {
    local acts=(backup verify reindex) before most code out from until
    RANDOM=$(((seed * 1009 + point) % 32768))
    act=${acts[point % 3]}
    # From before the job is there to behind its end; of the second three, so that some run on on any machine, from the job on.
    most=$((600 + ${usual[$act]} * 6 / 5)) from=key
    [ $((point / 3 % 2)) = 0 ] || most=$((${usual[$act]} * 6 / 5)) from=job
    delay_ms=$((RANDOM % most))
    printf -v delay '%d.%03d' $((delay_ms / 1000)) $((delay_ms % 1000))
    job_state='not begun' doing="$act, the screen killed $delay_ms ms after its $from"
    newest_job
    before=$newest
    open_screen && up_to_the_word || return
    tmux send-keys Enter
    now_ms; until=$((now + 60000))
    [ $from = key ] || until newest_job && [ "$newest" != "$before" ] || [ "$now" -ge $until ]; do pause 0.01; now_ms; done
    pause "$delay"
    kill -9 "$screen"
    while alive "$screen"; do pause 0.01; done
    while starting; do pause 0.02; done # it may still make its job
    newest_job
    job=$newest
    if [ "$job" = "$before" ]; then
        none=$((none + 1)) job_state='no job'
    else
        out=$("$goodgo" --state-dir "$state" jobs attach "$job" 2>&1 </dev/null) # no terminal, no platform's settings
        code=$?
        ended
        case $job_state/$code in
        done/0) done_ones=$((done_ones + 1)) ;;
        unknown/*) [[ $why == *'nothing was changed'* ]] || bad "died with its screen: $why" ;;
        *) bad "is $job_state, and attach ends with $code: $(tail -n 3 <<<"$out")" ;;
        esac
        grep -q INC-7 "$state/jobs/$job/plan.json" || bad 'does not know what it was armed for'
    fi
    invariants
}

declare -A usual
newest='' none=0 done_ones=0
for act in backup verify reindex; do
    now_ms; begun=$now
    to_the_end
    now_ms; usual[$act]=$((now - begun))
done
facts_before=$(sql "$facts_sql")
echo "screens: $points points, seed $seed"
first=1 last=$points
[ -z "$only" ] || first=$only last=$only
for ((point = first; point <= last; point++)); do
    was=$failed
    one
    [ $failed != $was ] || passed=$((passed + 1))
    [ $failed -lt 6 ] || { echo 'too much is wrong to go on'; break; }
    [ -z "${TORTURE_SAY:-}" ] || echo "$point $doing: $job_state"
done
doing='after all of them'
for act in backup verify reindex; do to_the_end; done
[ -n "$only" ] || ok "only $done_ones jobs ran on" [ $done_ones -ge $((points / 3)) ]
echo "ran on to their end: $done_ones; killed before there was a job: $none"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
