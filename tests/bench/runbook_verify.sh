#!/usr/bin/env bash
# runbook_verify.sh FILE - the runbook's nine steps as a shell script does them, for the bench to compare with: database,
# PostGIS, pg_restore, tables, counts by one psql each, MD5 of eight tables, PostGIS and indexes and enums, report, drop.
# PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE name the source. Exit 0 pass, 1 a check failed, 2 set-up.
set -uo pipefail
file=$1 test_db=goodgo_verify_$(date -u +%Y%m%d_%H%M%S) report=${REPORT_FILE:-report.json}
tables='User RefreshToken OAuthAccount Agent Property PropertyMedia Listing SavedSearch Transaction Inquiry Lead Payment Plan
    Subscription UsageRecord Valuation MarketIndex NotificationLog NotificationPreference AdminAuditLog Review _prisma_migrations'
sums='User Property Listing Payment Subscription Transaction Plan _prisma_migrations'
passed=0 failed=0 checks=()
ask() { psql -XAtq -d "$1" -c "$2" 2>&1; }
check() { # NAME DETAIL EXPECTED GOT
    local status=pass
    if [ "$3" = "$4" ]; then passed=$((passed + 1)); else failed=$((failed + 1)) status=fail; fi
    checks+=("{\"check\":\"$1\",\"status\":\"$status\",\"detail\":\"$2\"}")
}
ask postgres "CREATE DATABASE \"$test_db\"" >/dev/null || exit 2
trap 'ask postgres "DROP DATABASE IF EXISTS \"$test_db\"" >/dev/null' EXIT
ask "$test_db" 'CREATE EXTENSION IF NOT EXISTS postgis' >/dev/null || exit 2
started=$SECONDS
pg_restore --no-owner --no-privileges -d "$test_db" "$file" 2>/dev/null
took=$((SECONDS - started))
for table in $tables; do
    check "Table $table" present 1 "$(ask "$test_db" "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = '$table'")"
done
for table in $tables; do
    check "Rows $table" equal "$(ask "$PGDATABASE" "SELECT count(*) FROM \"$table\"")" "$(ask "$test_db" "SELECT count(*) FROM \"$table\"")"
done
for table in $sums; do
    query="SELECT md5(string_agg(md5(t::text), '' ORDER BY t.id)) FROM \"$table\" t"
    check "Checksum $table" equal "$(ask "$PGDATABASE" "$query")" "$(ask "$test_db" "$query")"
done
check 'PostGIS' version "$(ask "$PGDATABASE" 'SELECT postgis_lib_version()')" "$(ask "$test_db" 'SELECT postgis_lib_version()')"
for query in "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'" "SELECT count(*) FROM pg_type WHERE typtype = 'e'"; do
    check 'Definitions' equal "$(ask "$PGDATABASE" "$query")" "$(ask "$test_db" "$query")"
done
printf '{"timestamp":"%s","backupFile":"%s","testDatabase":"%s","restoreDurationSeconds":%d,"passed":%d,"failed":%d,"checks":[%s]}\n' \
    "$(date -u +%FT%TZ)" "$file" "$test_db" $took $passed $failed "$(IFS=,; echo "${checks[*]}")" >"$report"
[ $failed -eq 0 ]
