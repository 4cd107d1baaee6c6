#!/usr/bin/env bash
# Line coverage of the unit, golden and loop tests; the modules that parse outside bytes have a floor of their own.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake -S . -B build-cov -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc -DGOODGO_COVERAGE=ON >/dev/null
cmake --build build-cov -j "$(nproc)" >/dev/null
find build-cov -name '*.gcda' -delete
ctest --test-dir build-cov -j "$(nproc)" >/dev/null
gcovr --root . --filter 'src/' --filter 'views/' --exclude 'src/sandbox/' --object-directory build-cov \
    --json-summary build-cov/coverage.json --txt build-cov/coverage.txt -j "$(nproc)" 2>/dev/null
jq -r '.files[] | "\(.line_percent)\t\(.filename)"' build-cov/coverage.json | sort -n | head -n 40
bad=0
while read -r floor file; do
    got=$(jq -r --arg f "$file" '.files[] | select(.filename == $f) | .line_percent' build-cov/coverage.json)
    if [ -z "$got" ] || [ "$(jq -n "$got < $floor")" = true ]; then
        echo "$file: ${got:-none} % covered, the floor is $floor %"
        bad=1
    fi
done <tests/coverage.floors
jq -r '"coverage: \(.line_percent) % of \(.line_total) lines"' build-cov/coverage.json
exit $bad
