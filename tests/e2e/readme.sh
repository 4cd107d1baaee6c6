#!/usr/bin/env bash
# readme.sh SANDBOX GOODGO - every command line of README.md is typed as it stands there: those of "Every day" on a live
# platform, the screen in a real terminal, and the faults of "Two commands" as from another terminal.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
export XDG_RUNTIME_DIR=$work HOME=$work/home LC_ALL=C.UTF-8
unset XDG_CONFIG_HOME XDG_STATE_HOME
terminals=0 # each has a server of its own: one that is ending would take the next session with it
tmux() { command tmux -S "$work/tmux.$terminals" -f /dev/null "$@" 2>/dev/null; }
trap 'tmux kill-server; "$sandbox" down >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0
verdict() { # NAME OK SHOWN
    if [ "$2" = yes ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s:\n%s\n' "$1" "$3"
    fi
}
# lines HEADING - the command lines of the fenced blocks below it, without their comments
lines() {
    awk -v heading="## $1" '/^## / { in_part = $0 == heading } in_part && /^```/ { fenced = !fenced; next } in_part && fenced' README.md |
        sed 's/ \+#.*//'
}

mkdir -p "$work/in/build" "$work/home/.config/goodgo/contexts" "$work/bin"
ln -s "$goodgo" "$work/bin/goodgo"
ln -s "$sandbox" "$work/in/build/goodgo-sandbox"
ln -s "$goodgo" "$work/in/build/goodgo"
export PATH=$work/bin:$PATH
"$sandbox" up >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
dir=$work/goodgo-sandbox-$(id -u)
install -m 600 "$dir/.env" "$work/in/.env"
install -m 600 "$dir/.env" "$work/home/.config/goodgo/contexts/prod.env"
for _ in $(seq 240); do # until Prometheus has scraped and Loki is ready
    goodgo --env-file "$dir/.env" status >/dev/null 2>&1 && break
    sleep 0.5
done

# screen LINE - opens the screen with it in a terminal; it shows the overview and goes with q
screen() {
    tmux kill-server
    terminals=$((terminals + 1))
    (cd "$work/in" && tmux new-session -d -x 100 -y 30 "$1; echo \$? >'$work/exit'; sleep 60")
    for _ in $(seq 600); do
        tmux capture-pane -p | grep -qE '^ *ok +postgres' && break
        sleep 0.05
    done
    tmux capture-pane -p >"$work/shown"
    tmux send-keys q
    for _ in $(seq 600); do [ -s "$work/exit" ] && break; sleep 0.05; done
    grep -qE '^ *ok +postgres' "$work/shown" && [ "$(cat "$work/exit")" = 0 ]
    local good=$?
    rm -f "$work/exit"
    return $good
}

n=0
while read -r line; do
    case $line in
    '' | ./dev*) continue ;; # what installs packages is run by whoever runs this
    goodgo | 'goodgo --context prod') screen "$line" && verdict "$line" yes || verdict "$line" no "$(cat "$work/shown")" ;;
    *)
        out=$(cd "$work/in" && bash -o pipefail -c "$line" 2>"$work/err")
        code=$?
        # 1 is a warning or an alert, which a platform may have
        [ $code -le 1 ] && { [ -n "$out" ] || [[ $line =~ '>'|' -o ' ]]; } && [ ! -s "$work/err" ] && verdict "$line" yes ||
            verdict "$line (exit $code)" no "$out$(cat "$work/err")"
        ;;
    esac
    n=$((n + 1))
done < <(lines 'Every day')
verdict 'there are twelve lines at least' "$([ $n -ge 12 ] && echo yes)" "$n"
verdict 'now.svg is a picture' "$(grep -q '<svg' "$work/in/now.svg" && echo yes)" ''

# The faults, in the order of the text; after the last all is well.
n=0
while read -r line; do
    [[ $line == build/* ]] || continue
    out=$(cd "$work/in" && bash -c "$line" 2>&1) && verdict "$line" yes || verdict "$line" no "$out"
    faults=$("$sandbox" fault)
    expected=$([[ $line == *clear ]] && echo 'no fault is on' || sed 's/.* fault //; s/-exhaustion/-exhaustion on/' <<<"$line")
    verdict "$line does it" "$(grep -qxF "$expected" <<<"$faults" && echo yes)" "$faults"
    n=$((n + 1))
done < <(lines 'Two commands')
verdict 'there are three faults' "$([ $n -eq 3 ] && echo yes)" "$n"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
