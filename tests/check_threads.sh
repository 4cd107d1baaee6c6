#!/usr/bin/env bash
# The tests in which threads of ours meet, under ThreadSanitizer.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build-threads}
cmake -S . -B "$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=clang -DGOODGO_SANITIZE=thread >/dev/null
cmake --build "$dir" --target threaded >&2
TSAN_OPTIONS="suppressions=$PWD/tests/threads.supp" ctest --test-dir "$dir" -L threads -j "$(nproc)" --output-on-failure \
    --no-tests=error >&2
echo 'threads: ok'
