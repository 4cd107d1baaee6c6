#!/usr/bin/env bash
# Line coverage of all that ctest runs: unit, golden, loop and pty tests and the sub-commands without a platform. Each line
# of tests/coverage.floors is a module's floor; modules that parse outside bytes are covered fully.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -S . -B build-cov -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc -DGOODGO_COVERAGE=ON >/dev/null
said=$(cmake --build build-cov -j "$(nproc)" 2>&1) || { printf '%s\n' "$said"; exit 1; }
find build-cov -name '*.gcda' -delete
ctest --test-dir build-cov -j "$(nproc)" --output-on-failure
# Not with -j: when one file cannot be read, gcovr's other threads wait for it for ever. A console that a pty test kills
# while it adds its counts to the others' leaves a branch "taken -2226": of branches nothing is asked here.
gcovr --gcov-ignore-parse-errors --root . --filter 'src/' --filter 'views/' --exclude 'src/sandbox/' --object-directory build-cov \
    --json-summary build-cov/coverage.json --txt build-cov/coverage.txt build-cov/CMakeFiles
jq -r '.files[] | select(.line_percent < 97) | "\(.line_percent)\t\(.filename)"' build-cov/coverage.json | sort -n
bad=0
while read -r floor file _; do
    case $floor in '' | \#*) continue ;; esac
    got=$(jq -r --arg f "$file" '.files[] | select(.filename == $f) | .line_percent' build-cov/coverage.json)
    if [ -z "$got" ] || [ "$(jq -n "$got < $floor")" = true ]; then
        echo "$file: ${got:-none} % covered, the floor is $floor % (see build-cov/coverage.txt for the lines)"
        bad=1
    fi
done <tests/coverage.floors
jq -r '"coverage: \(.line_percent) % of \(.line_total) lines, \([.files[] | select(.line_percent == 100)] | length) of \(.files | length) files in full"' \
    build-cov/coverage.json
exit $bad
