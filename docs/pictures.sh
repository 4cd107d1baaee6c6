#!/usr/bin/env bash
# pictures.sh BUILD_DIR [MINUTES] - makes docs/pictures/*.svg with `goodgo render`, of two live sandboxes that were watched
# for some minutes (6), so that the trends are real; nothing is drawn by hand. One platform is well, on the other the
# connections of the pool run out, and somebody at its database holds a row that others wait for.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 minutes=${2:-6}
[[ $minutes =~ ^[1-9][0-9]?$ ]] || { echo "usage: pictures.sh BUILD_DIR [MINUTES from 1 to 99]" >&2; exit 2; }
work=$(mktemp -d)
end() {
    local job
    for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
    for platform in well ill; do "$build/goodgo-sandbox" down --dir "$work/$platform" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
trap end EXIT
export XDG_CONFIG_HOME=$work/config # whoever makes the pictures has a theme and keys of their own

for platform in well ill; do "$build/goodgo-sandbox" up --dir "$work/$platform" >/dev/null; done
# One session holds a row, one waits for it, one reads for long: what a DBA meets.
session() { # SQL
    (
        set -a
        . "$work/ill/.env"
        PGPASSWORD=$DB_PASSWORD PGAPPNAME=$1 exec psql -X -q -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -c "$2" >/dev/null 2>&1
    ) &
}
hold() {
    local row="(SELECT id FROM \"Listing\" ORDER BY id LIMIT 1)"
    session back-office "/* duyệt tin Quận Bình Thạnh */ BEGIN; UPDATE \"Listing\" SET \"viewCount\" = 0 WHERE id = $row; SELECT pg_sleep(600)"
    sleep 1 # the row must be held before others ask for it
    session goodgo-api "UPDATE \"Listing\" SET \"viewCount\" = 1 WHERE id = $row"
    session goodgo-worker "UPDATE \"Listing\" SET status = 'SOLD' WHERE id = $row"
    session report "SELECT 'Căn hộ Thủ Đức', count(*), pg_sleep(600) FROM \"Property\" WHERE city = 'Hồ Chí Minh'"
}

# A day as it should be: a backup was taken, a drill has proven it, and yesterday's payments were held against the gateways.
for act in 'backup --confirm dev:1' 'verify --confirm dev:1' 'reconcile --gateway live'; do
    # shellcheck disable=SC2086
    "$build/goodgo" --env-file "$work/well/.env" --state-dir "$work/state/well" $act >/dev/null 2>&1
done

watching=()
for platform in well ill; do
    "$build/goodgo" --env-file "$work/$platform/.env" --state-dir "$work/state/$platform" snapshot --for "${minutes}m" -o "$work/$platform.json" &
    watching[${#watching[@]}]=$!
done
echo "watching two platforms for $minutes minutes" >&2
sleep $((minutes * 60 - 45))
hold
"$build/goodgo-sandbox" fault --dir "$work/ill" pool-exhaustion >/dev/null
wait "${watching[@]}"

mkdir -p docs/pictures
picture() { # FILE SNAPSHOT VIEW SIZE [KEYS]
    "$build/goodgo" render "$3" --snapshot "$work/$2.json" --size "$4" ${5:+--keys "$5"} --theme dark --format svg >"$work/$1.svg"
    rsvg-convert "$work/$1.svg" -o "$work/$1.png" # what cannot be shown is no picture
    [ "$(wc -c <"$work/$1.svg")" -lt 60000 ] || { echo "$1.svg is larger than 60 kB" >&2; exit 1; }
    mv "$work/$1.svg" "docs/pictures/$1.svg"
    echo "docs/pictures/$1.svg"
}
picture overview well overview 100x30
picture incident ill overview 100x30
picture postgres ill postgres 120x40
picture pgbouncer ill pgbouncer 100x30
picture payments well payments 120x40
picture reconciliation well reconciliation 120x40
picture backups well pg-backup 120x40
picture typesense well typesense 100x30
picture help well help 100x30
