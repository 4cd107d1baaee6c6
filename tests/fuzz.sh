#!/usr/bin/env bash
# fuzz.sh BUILD_DIR SECONDS - runs every libFuzzer target for SECONDS, one per core, on a copy of its corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 seconds=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run_one() {
    local target=$1 name
    name=$(basename "$target")
    mkdir -p "$work/$name"
    local seeds=tests/fuzz/corpus/${name#fuzz_}
    [ -d "$seeds" ] && cp -r "$seeds/." "$work/$name/"
    if "$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/crash-$name-" "$work/$name" >"$work/$name.log" 2>&1; then
        printf 'fuzz %-22s ok   %s runs\n' "${name#fuzz_}" "$(grep -oP 'number_of_executed_units:\s*\K\d+' "$work/$name.log")"
    else
        printf 'fuzz %-22s FAILED\n' "${name#fuzz_}"
        tail -n 40 "$work/$name.log"
        return 1
    fi
}
export -f run_one
export work build seconds
find "$build/tests" -maxdepth 1 -name 'fuzz_*' -type f -executable | sort |
    xargs -P "$(nproc)" -I{} bash -c 'run_one {}'
