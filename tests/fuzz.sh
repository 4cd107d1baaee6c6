#!/usr/bin/env bash
# fuzz.sh BUILD_DIR SECONDS [NAME] - runs every libFuzzer target (or the named one) for SECONDS of processor time, one per
# core, on a copy of its corpus, with the dictionary of its format where there is one. By the clock it takes longer where
# others want the processor; a target is never shorter for it. With SEED a run can be repeated, as `./dev test` wants it;
# without, each one goes its own way.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 seconds=$2 only=${3:-*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One input has a minute. In the idle class that is of processor time, and not libFuzzer's, who counts by the clock: a
# machine that is busy otherwise may give nothing for a minute.
unit_s=60
[[ $(chrt -p $$ 2>/dev/null) != *SCHED_IDLE* ]] || unit_s=1800
# Ends the target as its own time-out would once it has had its time; no process for looking.
watch() { # PID
    local hertz stat
    hertz=$(getconf CLK_TCK)
    local ticks=$((seconds * hertz)) most=$(((seconds + 40) * hertz))
    while read -r stat <"/proc/$1/stat"; do
        # shellcheck disable=SC2206
        stat=(${stat##*) })
        [ $((stat[11] + stat[12])) -lt $ticks ] || kill -USR1 "$1"
        [ $((stat[11] + stat[12])) -lt $most ] || kill -ABRT "$1" # it does not end: an input takes too long
        read -rt 0.25 <>"$work/never" || true
    done 2>/dev/null
}
run_one() {
    local target=$1 name max_len=4096 options=() pid status=0
    name=$(basename "$target")
    name=${name#fuzz_}
    mkdir -p "$work/$name"
    [ ! -d "tests/fuzz/corpus/$name" ] || cp -r "tests/fuzz/corpus/$name/." "$work/$name/"
    [ ! -f "tests/fuzz/dict/$name.dict" ] || options+=("-dict=tests/fuzz/dict/$name.dict")
    [ -z "${SEED-}" ] || options+=("-seed=$SEED")
    case $name in snapshot | json | probes_http) max_len=32768 ;; esac
    # Whole paths and environment of the developer must not decide what is found.
    env -i PATH="$PATH" LC_ALL=C.UTF-8 "$target" -max_len=$max_len -timeout=$unit_s -rss_limit_mb=2048 -print_final_stats=1 \
        "${options[@]}" -artifact_prefix="$build/crash-$name-" "$work/$name" >"$work/$name.log" 2>&1 &
    pid=$!
    watch $pid
    wait $pid || status=$?
    if [ $status = 0 ]; then
        printf 'fuzz %-15s ok   %8s runs, %5s edges, %5s inputs\n' "$name" \
            "$(grep -oP 'number_of_executed_units:\s*\K\d+' "$work/$name.log")" \
            "$(grep -oP 'cov: \K\d+' "$work/$name.log" | tail -n 1)" \
            "$(find "$work/$name" -type f | wc -l)"
    else
        printf 'fuzz %-15s FAILED\n' "$name"
        tail -n 40 "$work/$name.log"
        return 1
    fi
}
export -f run_one watch
export work build seconds unit_s
mkfifo "$work/never"
# shellcheck disable=SC2086
find "$build/tests" -maxdepth 1 -name "fuzz_"$only -type f -executable | sort |
    xargs -P "$(nproc)" -I{} bash -c 'run_one {}'
