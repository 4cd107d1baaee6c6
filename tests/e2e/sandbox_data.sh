#!/usr/bin/env bash
# sandbox_data.sh SANDBOX GOODGO - the seed holds nothing that has not happened yet, and a healthy platform stays healthy:
# a listing that is changed now is in the search index soon.
set -uo pipefail
# shellcheck source=tests/platform.bash
. "$(dirname "$0")/../platform.bash"
sandbox=$(readlink -f "$1")
work=$(mktemp -d)
dir=$work/platform
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0
check() { # NAME GOT EXPECTED
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: got "%s", expected "%s"\n' "$1" "$2" "$3"
    fi
}
"$sandbox" up --dir "$dir" --services api,postgres,typesense >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
set -a; . "$dir/.env"; set +a
document() { curl -s -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections/listings$1"; }

# Quick to fill, then as safe as it should be: a healthy platform has nothing that the console would blame.
for setting in fsync full_page_writes autovacuum; do
    check "$setting is on" "$(sql "SHOW $setting")" on
done

# Ends and expiries lie ahead; what is recorded as done does not.
future=$(sql "SELECT format('SELECT %L WHERE EXISTS (SELECT FROM %I WHERE %I > now() AT TIME ZONE ''UTC'')',
        table_name || '.' || column_name, table_name, column_name)
    FROM information_schema.columns WHERE table_schema = 'public' AND data_type LIKE 'timestamp%'
        AND column_name !~ '(expires|until|periodEnd|PeriodEnd|Until|Expires)'" |
    while read -r query; do sql "$query"; done)
check 'nothing is recorded before it happened' "$future" ''

for _ in $(seq 600); do # the first walk over all listings
    [ "$(document '' | jq .num_documents)" -ge "$(sql 'SELECT count(*) FROM "Listing"')" ] 2>/dev/null && break
    sleep 0.1
done
# What a seller does now. The index must follow, although all older listings are in it already.
id=$(sql "UPDATE \"Listing\" SET \"priceVND\" = 4200000001, \"updatedAt\" = now() AT TIME ZONE 'UTC'
    WHERE id = (SELECT id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY id LIMIT 1) RETURNING id" | head -n 1)
for _ in $(seq 600); do
    price=$(document "/documents/$id" | jq -r '.priceVND // .price')
    [ "$price" = 4200000001 ] && break
    sleep 0.1
done
check 'a change of now is in the index' "$price" 4200000001
# One that is committed late has an older time than a change that the index holds already: it must not be passed over.
late=$(sql "SELECT id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY id OFFSET 1 LIMIT 1")
next=$(sql "SELECT id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY id OFFSET 2 LIMIT 1")
change="UPDATE \"Listing\" SET \"priceVND\" = 4200000002, \"updatedAt\" = now() AT TIME ZONE 'UTC' WHERE id ="
sql "BEGIN; $change '$late'; SELECT pg_sleep(2.5); COMMIT" >/dev/null &
late_pid=$!
for _ in $(seq 600); do
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" -gt 0 ] && break
    sleep 0.05
done
sql "$change '$next'" >/dev/null
wait "$late_pid"
for which in next late; do
    for _ in $(seq 600); do
        price=$(document "/documents/${!which}" | jq -r .priceVND)
        [ "$price" = 4200000002 ] && break
        sleep 0.1
    done
    check "the change of '$which' is in the index" "$price" 4200000002
done
# The rules fire at a p99 of a second and at one fault in a hundred: neither may come by chance.
sum() { grep -E "^goodgo_api_request_duration_seconds_bucket\{le=\"$1\"" <<<"$metrics" | awk '{n += $NF} END {print n + 0}'; }
for _ in $(seq 300); do
    metrics=$(curl -s "$GOODGO_API_URL/metrics")
    [ "$(sum '\+Inf')" -gt 30 ] && break
    sleep 0.1
done
check 'requests are measured' "$([ "$(sum '\+Inf')" -gt 30 ] && echo yes)" yes
check 'no request of a healthy platform takes a second' "$(sum 1)" "$(sum '\+Inf')"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
