#!/usr/bin/env bash
# clang-tidy over the console's own sources, with the checks of .clang-tidy.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${1:-build-clang}
[ -e "$dir/compile_commands.json" ] || dir=build
mapfile -t files < <(find src views -name '*.c' -not -path 'src/sandbox/*' | sort)
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 6 clang-tidy -p "$dir" --quiet 2>/dev/null
echo 'tidy: ok'
