# acts.bash - what the scripts that run acts share beyond e2e.bash: services of their own choice, a home of their own, and
# claims about one command. Sourced, with SANDBOX and GOODGO as the script's first two arguments.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/e2e.bash"
state=$work/state
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/xdg
chmod 755 "$work" # the servers' user must pass, or the platform keeps its data elsewhere

# up SERVICES - the platform with these alone
up() {
    "$sandbox" up --dir "$dir" --services "$1" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
}
# up_with_backups SERVICES - and with a backup directory and a report of the script's own, as its environment names them
up_with_backups() {
    export XDG_STATE_HOME=$work/state
    up "$1"
    own_backups
    g=("$goodgo" --env-file "$dir/.env")
}
# What it printed stays in $out; what all of them printed, in $work/all.
run() { # NAME EXPECTED-EXIT EXPECTED-OUTPUT-REGEX COMMAND...
    local name=$1 exit=$2 regex=$3 code
    shift 3
    out=$("$@" 2>&1 </dev/null)
    code=$?
    printf '%s\n' "$out" >>"$work/all"
    if [[ $code =~ ^($exit)$ ]] && grep -qE -- "$regex" <<<"$out"; then pass; else
        fail "$name: exit $code (expected $exit), output should match /$regex/:"
        head -n 30 <<<"$out"
        tail -n 5 "$state/jobs/$(ls "$state/jobs" 2>/dev/null | tail -n 1)/log" 2>/dev/null
    fi
}
is() { # NAME EXPECTED GOT
    if [ "$2" = "$3" ]; then pass; else fail "$1: expected '$2', got '$3'"; fi
}
until_true() { # SECONDS COMMAND... - polls; false when the time is over
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}
