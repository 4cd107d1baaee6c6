#!/usr/bin/env bash
# clang-tidy over every C file, the sandbox's and the tests' too, with the checks of .clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build-clang}
[ -e "$dir/compile_commands.json" ] || dir=build
find src views tests -name '*.c' -print0 | sort -z | xargs -0 -P "$(nproc)" -n 6 clang-tidy -p "$dir" --quiet 2>/dev/null
echo 'tidy: ok'
