#!/usr/bin/env bash
# pictures.sh BUILD_DIR - makes docs/pictures/*.svg from a live sandbox with `goodgo render`; nothing is drawn by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
work=$(mktemp -d)
dir=$work/platform
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
"$build/goodgo-sandbox" up --dir "$dir" >/dev/null
mkdir -p docs/pictures
picture() { # FILE VIEW SIZE
    "$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state" render "$2" --size "$3" --format svg >"$work/$1.svg"
    mv "$work/$1.svg" "docs/pictures/$1.svg"
    echo "docs/pictures/$1.svg"
}
sleep 10
picture overview overview 100x24
picture postgres postgres 100x30
picture typesense typesense 100x24
"$build/goodgo-sandbox" fault pool-exhaustion --dir "$dir" >/dev/null
sleep 6
picture incident overview 100x24
