#!/usr/bin/env bash
# reindex.sh BUILD_DIR [SCALE] [--json] - `goodgo reindex` against `psql COPY | curl` into the same search server, in turns in one run,
# SCALE x 5000 listings (20). The peer only sends; ours compares first, accounts for every document, and verifies after.
# Absolute figures drift with the machine: read the ratio. Needs some three minutes.
set -euo pipefail
build=$(readlink -f "$1") scale=${2:-20}
. "$(dirname "$0")/../platform.bash"
exec 3>&1
[ "${3:-}" != --json ] || exec >&2
work=$(mktemp -d)
dir=$work/platform
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
chmod 755 "$work"
"$build/goodgo-sandbox" up --dir "$dir" --scale "$scale" --services postgres,pgbouncer,redis,api,typesense >/dev/null 2>"$work/up.log" ||
    { cat "$work/up.log" >&2; exit 1; }
enter
search=http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections/listings
ts() { curl -sS -m 600 -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "$@"; }
until [ "$(ts "$search" | jq '.num_documents // 0')" -ge $((scale * 5000)) ]; do sleep 1; done
"$build/goodgo-sandbox" fault --dir "$dir" api stop >/dev/null # no traffic while it is measured

peer_sql="COPY (SELECT json_strip_nulls(json_build_object('id', l.id, 'listingId', l.id, 'propertyId', p.id, 'title', p.title,
    'description', p.description, 'propertyType', p.\"propertyType\", 'transactionType', l.\"transactionType\", 'priceVND',
    l.\"priceVND\", 'pricePerM2', l.\"pricePerM2\", 'areaM2', p.\"areaM2\", 'bedrooms', coalesce(p.bedrooms, 0), 'bathrooms',
    coalesce(p.bathrooms, 0), 'floors', coalesce(p.floors, 0), 'direction', coalesce(p.direction::text, ''), 'address',
    p.address, 'ward', p.ward, 'district', p.district, 'city', p.city, 'location', json_build_array(ST_Y(p.location),
    ST_X(p.location)), 'agentId', coalesce(l.\"agentId\", ''), 'sellerId', l.\"sellerId\", 'status', l.status, 'publishedAt',
    coalesce(floor(extract(epoch from l.\"publishedAt\"))::bigint, 0), 'viewCount', l.\"viewCount\", 'saveCount',
    l.\"saveCount\", 'projectName', coalesce(p.\"projectName\", ''), 'amenities', coalesce(p.amenities, '{}')))::text
    FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\") TO STDOUT (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
now_ms() { date +%s%3N; }
peer() {
    local start taken
    start=$(now_ms)
    taken=$(psql -XAtqc "$peer_sql" | ts --data-binary @- "$search/documents/import?action=upsert" | grep -c '"success":true')
    echo "$taken $(($(now_ms) - start))"
}
ours() { # documents, ms of the whole job, ms of its import, peak KB
    local id events pid='' peak=0 seen
    id=$("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state" reindex --confirm "$GOODGO_CONTEXT:1" --detach 2>/dev/null)
    events=$work/state/jobs/$id/events.jsonl
    until grep -q '"exit"' "$events"; do
        pid=$(jq -rn '[inputs | .pid // empty][-1] // empty' <"$events")
        seen=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
        peak=${seen:-$peak}
        sleep 0.05
    done
    jq -rn --arg peak "$peak" '[inputs] | (map(select(.state == "running"))[0].t) as $start |
        (map(select(.state == "done"))[0].t) as $ended | (map(select(.stage == "import"))[0].t) as $sends |
        (map(select(.stage == "verify"))[0].t) as $verify |
        "\([.[] | .result.sent? // empty][0] | split(" ")[0]) \($ended - $start) \($verify - $sends) \($peak)"' <"$events"
}
printf '%-10s %12s %10s %14s %14s\n' run documents ms 'documents/s' 'peak KB'
best_peer=999999999 best_ours=999999999 best_import=999999999 most=0
for _ in 1 2 3; do
    read -r n ms < <(peer)
    printf '%-10s %12s %10s %14s\n' peer "$n" "$ms" $((n * 1000 / ms))
    best_peer=$((ms < best_peer ? ms : best_peer))
    read -r n ms import peak < <(ours)
    printf '%-10s %12s %10s %14s %14s\n' ours "$n" "$ms" $((n * 1000 / ms)) "$peak"
    printf '%-10s %12s %10s %14s\n' ' import' "$n" "$import" $((n * 1000 / import))
    most=$((peak > most ? peak : most))
    best_ours=$((ms < best_ours ? ms : best_ours)) best_import=$((import < best_import ? import : best_import))
done
if [ "${3:-}" = --json ]; then # for bench.sh: one line per aim
    jq -nc --argjson p $best_peer --argjson o $best_ours --argjson i $best_import --argjson kb "$most" --arg n "$n" '
        {what: "reindex, documents/s : psql COPY | curl", measured: ($p / $i * 100 | round / 100), op: ">=", limit: "1.5", unit: "",
         note: "import \($i) ms : \($p) ms of \($n) documents, least of each; whole job with compare and verify \($p / $o * 100 | round / 100)"},
        {what: "memory of a reindex", measured: ($kb / 1024 * 10 | round / 10), op: "<=", limit: "40", unit: "MB", note: "the most that a runner had"}' >&3
    exit 0
fi
jq -rn --argjson p $best_peer --argjson o $best_ours --argjson i $best_import \
    '"ratio peer / ours, best of three: import \($p / $i * 100 | round / 100) (aim >= 1.5), whole job with compare and verify \($p / $o * 100 | round / 100)"'
