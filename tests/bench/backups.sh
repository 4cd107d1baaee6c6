#!/usr/bin/env bash
# backups.sh BUILD_DIR [SCALE] - `goodgo backup` against bare pg_dump, and the drills against a shell script of the runbook's
# steps, in turns in one run, on SCALE x 5000 listings (40). The peers check less: pg_dump is not synced, not read back and
# has no manifest; the script compares eight tables. Absolute figures drift with the machine: read the ratios.
set -euo pipefail
build=$(readlink -f "$1") scale=${2:-40} json=${3:-}
work=$(mktemp -d)
dir=$work/platform
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
chmod 755 "$work"
"$build/goodgo-sandbox" up --dir "$dir" --scale "$scale" --services postgres >/dev/null 2>"$work/up.log" ||
    { cat "$work/up.log" >&2; exit 1; }
set -a; . "$dir/.env"; set +a
export PGHOST=$DB_HOST PGPORT=$DB_PORT PGUSER=$DB_USER PGPASSWORD=$DB_PASSWORD PGDATABASE=$DB_NAME
goodgo=("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state")
now_ms() { date +%s%3N; }
timed() { # COMMAND... - its wall time in ms; what it prints goes to a log
    local start
    start=$(now_ms)
    "$@" >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
    echo $(($(now_ms) - start))
}

# --- peers ---
bare_dump() { pg_dump -Fc -Z6 -f "$work/bare.dump" && rm "$work/bare.dump"; }
# The runbook's verification as one would write it down: serial restore, then one psql for each question, on both sides.
script_drill() { # ARCHIVE
    local db table side hash other
    db=goodgo_verify_script_$RANDOM
    psql -XAtqc "CREATE DATABASE $db"
    psql -XAtqd "$db" -c 'CREATE EXTENSION IF NOT EXISTS postgis'
    pg_restore --no-owner --no-privileges -d "$db" "$1" 2>"$work/restore.err" || true
    [ "$(psql -XAtqd "$db" -c "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'
        AND table_type = 'BASE TABLE' AND table_name <> 'spatial_ref_sys'")" = 22 ]
    psql -XAtqc "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'" |
        while read -r table; do
            [ "$(psql -XAtqc "SELECT count(*) FROM $table")" = "$(psql -XAtqd "$db" -c "SELECT count(*) FROM $table")" ]
        done
    for table in User Property Listing Payment Subscription Transaction Plan _prisma_migrations; do
        hash=''
        for side in "$PGDATABASE" "$db"; do
            other=$hash
            hash=$(psql -XAtqd "$side" -c "SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM \"$table\" t")
        done
        [ "$hash" = "$other" ]
    done
    psql -XAtqd "$db" -c 'SELECT postgis_version()' -c "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'" \
        -c "SELECT count(*) FROM pg_type WHERE typtype = 'e'" >/dev/null
    psql -XAtqc "DROP DATABASE $db"
}

# --- ours ---
# act ARGUMENTS... - runs one act as a job: its wall time in ms and the peak memory of its runner in KB
act() {
    local start id events pid='' peak=0 seen
    start=$(now_ms)
    id=$("${goodgo[@]}" "$@" --confirm "$GOODGO_CONTEXT:1" --detach 2>"$work/log") || { cat "$work/log" >&2; exit 1; }
    events=$work/state/jobs/$id/events.jsonl
    until grep -q '"exit"' "$events"; do
        [ -n "$pid" ] || pid=$(jq -rn '[inputs | .pid // empty][-1] // empty' <"$events")
        seen=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
        peak=${seen:-$peak}
        sleep 0.02
    done
    jq -en '[inputs | .exit // empty] == [0]' <"$events" >/dev/null || { tail -n 5 "$work/state/jobs/$id/log" >&2; exit 1; }
    echo "$(($(now_ms) - start)) $peak"
}

declare -A best peak
keep() { # NAME MS [KB] - the best of the turns, and the most memory
    [ "${best[$1]:-999999999}" -le "$2" ] || best[$1]=$2
    [ "${peak[$1]:-0}" -ge "${3:-0}" ] || peak[$1]=$3
}
for _ in 1 2 3; do
    keep pg_dump "$(timed bare_dump)"
    # shellcheck disable=SC2046
    keep backup $(act backup)
    archive=$(find "$BACKUP_DIR" -name 'goodgo_*.sql.gz' | sort | tail -n 1)
    keep script "$(timed script_drill "$archive")"
    # shellcheck disable=SC2046
    keep drill $(act verify "$archive")
    # shellcheck disable=SC2046
    keep scratch $(act verify "$archive" --scratch)
    keep quick "$(timed "${goodgo[@]}" verify --quick "$archive")"
done
size=$(psql -XAtqc "SELECT pg_size_pretty(pg_database_size('$PGDATABASE'))")
say() { # NAME PEER AIM
    jq -n --arg name "$1" --arg peer "$2" --argjson ms "${best[$1]}" --argjson peer_ms "${best[$2]}" --argjson aim "$3" \
        --argjson kb "${peak[$1]:-0}" '{name: $name, peer: $peer, ms: $ms, peer_ms: $peer_ms,
            ratio: ($ms / $peer_ms * 100 | round / 100), aim: $aim, met: ($ms / $peer_ms <= $aim), runner_peak_kb: $kb}'
}
{
    say backup pg_dump 1.3
    say drill script 0.45
    say scratch script 0.40
    say quick script 0.07
} | jq -s --arg size "$size" '{schema: "goodgo.bench/1", run: "backups", database: $size, rows: .}' >"$work/result"
if [ -n "$json" ]; then
    cat "$work/result"
else
    jq -r '"database of \(.database), best of three", (.rows[] |
        "\(.name) \(.ms) ms, \(.peer) \(.peer_ms) ms: ratio \(.ratio) (aim <= \(.aim), \(if .met then "met" else "missed" end))" +
        (if .runner_peak_kb > 0 then ", memory \(.runner_peak_kb / 1024 | floor) MB" else "" end))' "$work/result"
fi
