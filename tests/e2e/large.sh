#!/usr/bin/env bash
# large.sh SANDBOX GOODGO - a platform that has grown: hundreds of tables, millions of listings, many keys. What is cut,
# sampled, estimated or not counted is said to be, and nothing else is called wrong because of it.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
bring_up
set -a; . "$dir/.env"; set +a
# cell SERVICE TABLE ROW N - the N-th cell of the row that begins with this text; `look` takes the tables.
look() { console snapshot --timeout 5000 >"$work/snapshot.json" 2>"$work/err"; }
cell() {
    jq -r --arg s "$1" --arg t "$2" --arg r "$3" --argjson n "$4" '.sections[] | select(.service == $s) | .tables[] |
        select(.name == $t) | .rows[] | select(.cells[0] == $r) | .cells[$n]' "$work/snapshot.json"
}
finding() { of "$1" ".findings[] | select(.code == \"$2\") | \"\\(.status) \\(.what)\""; }

# 700 tables of somebody else have more indexes than the answer has rows.
for n in $(seq 700); do
    echo "CREATE TABLE extra_$n (a int PRIMARY KEY, b int UNIQUE, c int UNIQUE);"
done >"$work/tables.sql"
PGPASSWORD=$DB_PASSWORD psql -XAtq -1 -v ON_ERROR_STOP=1 -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -f "$work/tables.sql" ||
    fail 'the tables are not made'
ask
check 'the 22 tables are found among them' "$(of postgres .metrics.tables_found)" 22
check 'and the 18 enums' "$(of postgres .metrics.enums_found)" 18
check 'the others are a warning' "$(finding postgres tables_extra)" 'warning 700 further tables .*'
for code in schema_empty tables_missing enums_missing index_missing gist_missing idempotency_missing postgis_missing; do
    check "no $code" "$(finding postgres "$code")" ''
done

# Ten million listings, as the statistics have them: a count would read them all.
sql 'DROP TABLE '"$(seq -s, -f 'extra_%.0f' 700)" >/dev/null
sql 'ALTER TABLE "Listing" SET (autovacuum_enabled = off); ANALYZE "Listing"'
active=$(sql "SELECT round(1e7 * count(*) FILTER (WHERE status = 'ACTIVE') / count(*)) FROM \"Listing\"")
sql "UPDATE pg_class SET reltuples = 1e7 WHERE oid = 'public.\"Listing\"'::regclass"
ask
check 'millions are estimated' "$(of postgres .metrics.listings_estimated)" 'true|1'
close_to 'the estimate in all' "$(of postgres .metrics.listings_total)" 10000000 100000
look
close_to 'the estimate of a status' "$(cell postgres listing_status ACTIVE 1)" "$active" 300000
check 'an index of thousands is far behind it' "$(finding typesense drift)" 'critical about [0-9,]+ documents missing from the index'
check 'no figure pretends to be exact' "$(of typesense .metrics.drift)" null
sql 'ANALYZE "Listing"; ALTER TABLE "Listing" RESET (autovacuum_enabled)'
ask_until 60 '.services[] | select(.name == "typesense") | .metrics.drift == 0' || fail 'what can be counted is counted again'

# A crash loses the counts of rows; the server says 0 then. "User" is a table that nothing writes to meanwhile.
users=$(sql 'SELECT count(*) FROM "User"')
sql 'SELECT pg_stat_reset()' >/dev/null
for _ in $(seq 50); do # before 15 a process of its own counts, some 500 ms later
    look
    [ "$(cell postgres tables User 3)" != null ] || break
    sleep 0.2
done
check 'rows that are not counted are not none' "$(cell postgres tables User 2)" "$users"
check 'nor are dead ones' "$(cell postgres tables User 3)" null

# Keys by the ten thousand: the sample ends, the number in all is Redis's own.
REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" \
    eval 'for i = 1, 60000 do redis.call("SET", "many:" .. i, "x") end' 0 >/dev/null
ask
keys=$(REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" dbsize)
close_to 'keys' "$(of redis .metrics.keys)" "${keys//[!0-9]/}" 100
check 'some of them were looked at' "$(of redis '.metrics.keys_scanned > 1000 and .metrics.keys_scanned < 25000')" true
check 'which is said' "$(of redis .metrics.prefixes_sampled)" 'true|1'
look
check 'their share' "$(jq -n "$(cell redis prefixes many: 2) > 80")" true
end
