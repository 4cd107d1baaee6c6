#!/usr/bin/env bash
# fuzz.sh BUILD_DIR SECONDS [NAME] - runs every libFuzzer target (or the named one) for SECONDS, one per core, on a copy
# of its corpus, with the dictionary of its format where there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 seconds=$2 only=${3:-*}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run_one() {
    local target=$1 name max_len=4096 options=()
    name=$(basename "$target")
    name=${name#fuzz_}
    mkdir -p "$work/$name"
    [ ! -d "tests/fuzz/corpus/$name" ] || cp -r "tests/fuzz/corpus/$name/." "$work/$name/"
    [ ! -f "tests/fuzz/dict/$name.dict" ] || options+=("-dict=tests/fuzz/dict/$name.dict")
    case $name in snapshot | json | probes_http) max_len=32768 ;; esac
    # Whole paths and environment of the developer must not decide what is found.
    if env -i PATH="$PATH" LC_ALL=C.UTF-8 "$target" -max_total_time="$seconds" -max_len=$max_len -timeout=60 \
        -rss_limit_mb=2048 -print_final_stats=1 "${options[@]}" -artifact_prefix="$build/crash-$name-" \
        "$work/$name" >"$work/$name.log" 2>&1; then
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
export -f run_one
export work build seconds
# shellcheck disable=SC2086
find "$build/tests" -maxdepth 1 -name "fuzz_"$only -type f -executable | sort |
    xargs -P "$(nproc)" -I{} bash -c 'run_one {}'
