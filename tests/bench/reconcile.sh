#!/usr/bin/env bash
# reconcile.sh BUILD_DIR [PAYMENTS] [--json] - `goodgo payments reconcile` against `sort | join` of the same rows, in turns in
# one run: PAYMENTS (1000000) rows on a real PostgreSQL, four of five in a gateway's file, the fifth in a bank's statement. The
# peer finds equal amounts by order number; ours reads contents, proves balances, settles payouts and writes the file for
# finance. Absolute figures drift with the machine: read the ratio. Prints one JSON document with --json.
set -euo pipefail
build=$(readlink -f "$1") n=${2:-1000000} json=${3:-}
work=$(mktemp -d)
dir=$work/platform
trap '"$build/goodgo-sandbox" down --dir "$dir" >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
chmod 755 "$work"
"$build/goodgo-sandbox" up --dir "$dir" --services postgres >/dev/null 2>"$work/up.log" || { cat "$work/up.log" >&2; exit 1; }
env_of() { sed -n "s/^$1=//p" "$dir/.env"; }
sql() {
    PGPASSWORD=$(env_of DB_PASSWORD) psql -XAtq -v ON_ERROR_STOP=1 -h "$(env_of DB_HOST)" -p "$(env_of DB_PORT)" -U "$(env_of DB_USER)" \
        -d "$(env_of DB_NAME)" "$@"
}
cd "$work"
export LC_ALL=C TMPDIR=$work
sql -c "DELETE FROM \"Payment\"" -c "INSERT INTO \"Payment\" SELECT 'c' || left(md5(i::text), 24), (SELECT min(\"id\") FROM \"User\"), NULL,
    CASE WHEN i % 5 = 0 THEN 'BANK_TRANSFER' ELSE 'VNPAY' END::\"PaymentProvider\", 'LISTING_FEE', 50000 + i % 997 * 1000, 'COMPLETED',
    CASE WHEN i % 5 <> 0 THEN i::text END, NULL, NULL, timestamp '2026-03-10' + i % 50000 * interval '1 second',
    timestamp '2026-03-10' FROM generate_series(1, $n) i" -c 'VACUUM ANALYZE "Payment"'
{
    echo vnp_TxnRef,vnp_TransactionNo,vnp_Amount,vnp_TransactionStatus,vnp_PayDate
    sql -c "COPY (SELECT \"id\", \"providerTxId\", \"amountVND\" * 100, '00', '20260310120000' FROM \"Payment\" WHERE \"provider\" = 'VNPAY'
        ORDER BY md5(\"id\")) TO STDOUT (FORMAT csv)"
} >gateway.csv
{
    echo Transaction date,Reference number,Debit,Credit,Balance,Description
    sql -c "COPY (SELECT '10/03/2026', 'FT' || row_number() OVER w, '', \"amountVND\", sum(\"amountVND\") OVER w,
        'MBVCB.' || row_number() OVER w || '.' || upper(\"id\") || '.CT tu 0123456 toi 0801234567' FROM \"Payment\"
        WHERE \"provider\" = 'BANK_TRANSFER' WINDOW w AS (ORDER BY md5(\"id\"))) TO STDOUT (FORMAT csv)"
} >statement.csv
peer() {
    sql -c 'COPY (SELECT "id", "amountVND", "status" FROM "Payment") TO STDOUT (FORMAT csv)' | sort -t, -k1,1 >db.sorted
    tail -n +2 gateway.csv | awk -F, '{ print $1 "," $3 / 100 }' | sort -t, -k1,1 >gateway.sorted
    tail -n +2 statement.csv | awk -F, '{ split($6, part, "."); print tolower(part[3]) "," $4 }' | sort -t, -k1,1 >bank.sorted
    { join -t, db.sorted gateway.sorted; join -t, db.sorted bank.sorted; } | awk -F, '$2 == $4' | wc -l >peer.out
}
ours=("$build/goodgo" --env-file "$dir/.env" --state-dir "$work/state" payments reconcile --day 2026-03-10 --gateway gateway.csv
    --statement statement.csv --csv out.csv --json)
run_ours() { "${ours[@]}" >ours.json; }
# NAME - wall and processor ms of it and of all it starts, as "WALL CPU".
cycle() {
    local TIMEFORMAT='%R %U %S'
    { time "$1" >/dev/null 2>cycle.err; } 2>&1 | tail -n 1 | awk '{ printf "%d %d\n", $1 * 1000, ($2 + $3) * 1000 }'
}
peak_kb() {
    local pid peak=0 seen
    "${ours[@]}" >ours.json &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        seen=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null || true)
        peak=${seen:-$peak}
        sleep 0.02
    done
    wait $pid
    echo "$peak"
}
[ -n "$json" ] || printf '%-6s %10s %10s %10s\n' run matched 'wall ms' 'CPU ms'
best_peer=999999999 best_ours=999999999 cpu_peer=999999999 cpu_ours=999999999
for _ in 1 2 3; do
    read -r wall cpu < <(cycle peer)
    [ -n "$json" ] || printf '%-6s %10s %10s %10s\n' peer "$(cat peer.out)" "$wall" "$cpu"
    best_peer=$((wall < best_peer ? wall : best_peer)) cpu_peer=$((cpu < cpu_peer ? cpu : cpu_peer))
    read -r wall cpu < <(cycle run_ours)
    rows=$(jq '[.categories[] | select(.category == "MATCHED" or .category == "UNSETTLED").rows] | add' ours.json)
    [ -n "$json" ] || printf '%-6s %10s %10s %10s\n' ours "$rows" "$wall" "$cpu"
    best_ours=$((wall < best_ours ? wall : best_ours)) cpu_ours=$((cpu < cpu_ours ? cpu : cpu_ours))
    [ "$rows" = "$n" ] || { echo "only $rows of $n payments were matched" >&2; exit 1; }
done
jq -n --argjson n "$n" --argjson p $best_peer --argjson o $best_ours --argjson pc $cpu_peer --argjson oc $cpu_ours \
    --argjson k "$(peak_kb)" '{payments: $n, peer_ms: $p, ours_ms: $o, peer_cpu_ms: $pc, ours_cpu_ms: $oc,
    ratio: ($o / $p * 100 | round / 100), cpu_ratio: ($oc / $pc * 100 | round / 100), peak_mb: ($k / 1024 | round)}' >result.json
if [ -n "$json" ]; then cat result.json; else
    jq -r '"best of three, ours : sort and join: wall \(.ratio), CPU \(.cpu_ratio); peak RSS of ours \(.peak_mb) MB"' result.json
fi
