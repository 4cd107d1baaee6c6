#!/usr/bin/env bash
# status.sh SANDBOX GOODGO - `goodgo status` on a whole live platform, held against psql, redis-cli and curl asked
# independently; then every service stopped, hung, garbled and wrongly keyed in turn: right state, right cause, and no other
# service disturbed but its true dependants.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
work=$(mktemp -d)
dir=$work/platform
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0

check() { # NAME GOT EXPECTED-REGEX
    if [[ $2 =~ ^($3)$ ]]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: got "%s", expected %s\n' "$1" "$2" "$3"
    fi
}
status() { "$goodgo" --env-file "${1:-$dir/.env}" --state-dir "$work/state" status --json --timeout "${2:-2500}" 2>"$work/err"; }
of() { jq -r --arg n "$1" ".services[] | select(.name == \$n) | $2" "$work/status.json"; }
close_to() { # NAME GOT WANTED TOLERANCE
    if [ -n "$2" ] && [ "$2" != null ] && jq -en "($2 - $3) | fabs <= $4" >/dev/null 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: got "%s", independently %s\n' "$1" "$2" "$3"
    fi
}

"$sandbox" up --dir "$dir" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
set -a; . "$dir/.env"; set +a
services='api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana pg-backup'

# Ready means: the index has caught up and Prometheus has scraped.
for _ in $(seq 30); do
    status >"$work/status.json"; code=$?
    [ "$code" -le 1 ] && [ "$(of typesense .metrics.drift)" = 0 ] && [ "$(of loki .status)" = ok ] &&
        [ "$(of prometheus .metrics.targets_up)" = 2 ] && break
    sleep 1
done
check 'schema' "$(jq -r .schema "$work/status.json")" 'goodgo.status/1'
check 'thirteen services' "$(jq '.services | length' "$work/status.json")" 13
check 'exit code follows overall' "$code" "$(case $(jq -r .overall "$work/status.json") in ok) echo 0 ;; warning) echo 1 ;; *) echo 'ok or warning' ;; esac)"
for name in $services; do check "$name is well" "$(of "$name" .status)" 'ok|warning'; done

# Figures against the tools an SRE would use instead.
sql() { PGPASSWORD=$DB_PASSWORD psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -Atc "$1"; }
close_to 'listings' "$(of postgres .metrics.listings_total)" "$(sql 'SELECT count(*) FROM "Listing"')" 20
close_to 'max_connections' "$(of postgres .metrics.connections_max)" "$(sql 'SHOW max_connections')" 0
close_to 'database size' "$(of postgres .metrics.database_bytes)" "$(sql 'SELECT pg_database_size(current_database())')" 4000000
check 'tables' "$(of postgres .metrics.tables_found)" 22
info() { redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -a "$REDIS_PASSWORD" --no-auth-warning info "$1" | tr -d '\r' | sed -n "s/^$2://p"; }
check 'redis policy' "$(of redis .metrics.policy)" "$(info memory maxmemory_policy)"
close_to 'redis maxmemory' "$(of redis .metrics.maxmemory)" "$(info memory maxmemory)" 0
close_to 'redis memory' "$(of redis .metrics.used_memory)" "$(info memory used_memory)" 2000000
documents=$(curl -s -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections/listings" | jq .num_documents)
close_to 'typesense documents' "$(of typesense .metrics.documents)" "$documents" 20
pool=$(PGPASSWORD=$PGBOUNCER_STATS_PASSWORD psql -X -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -U pgbouncer_stats -d pgbouncer -Atc 'SHOW CONFIG' | sed -n 's/^default_pool_size|\([0-9]*\)|.*/\1/p')
close_to 'pool size' "$(of pgbouncer .metrics.pool_size)" "$pool" 0
up=$(curl -s "$GOODGO_PROMETHEUS_URL/api/v1/targets?state=active" | jq '[.data.activeTargets[] | select(.health == "up")] | length')
close_to 'targets up' "$(of prometheus .metrics.targets_up)" "$up" 0
check 'grafana version' "$(of grafana .metrics.version)" "$(curl -s "$GOODGO_GRAFANA_URL/api/health" | jq -r .version)"
check 'newest backup size' "$(of pg-backup .metrics.newest_bytes)" "$(stat -c %s "$(ls "$BACKUP_DIR"/goodgo_*.sql.gz | sort | tail -n 1)")"

# `status` takes no longer than the slowest answer or its time-out.
"$sandbox" fault loki hang --dir "$dir" >/dev/null
sleep 0.3
start=$(date +%s%N)
status "$dir/.env" 1500 >"$work/status.json"
took=$((($(date +%s%N) - start) / 1000000))
"$sandbox" fault loki clear --dir "$dir" >/dev/null
check 'one hung service costs its time-out, not the sum' "$([ $took -lt 2600 ] && echo yes || echo "$took ms")" yes

# Faults: FAULT SERVICE ERROR-CODE; others undisturbed but the true dependants.
dependants() {
    case $1 in
    postgres) echo 'api|pgbouncer|web|typesense|pg-backup|prometheus' ;;
    pgbouncer | redis | typesense) echo 'api|web|prometheus' ;;
    api) echo 'web|prometheus' ;;
    loki) echo 'promtail|grafana' ;;
    prometheus) echo 'grafana' ;;
    *) echo 'none' ;;
    esac
}
one_fault() { # SERVICE FAULT CODES
    "$sandbox" fault "$1" $2 --dir "$dir" >/dev/null || { failed=$((failed + 1)); echo "FAILED fault $1 $2"; return; }
    sleep 0.4
    status "$dir/.env" 1200 >"$work/status.json"
    local code=$? name
    check "$1 $2: not well" "$(of "$1" .status)" 'critical|unknown|warning'
    check "$1 $2: cause" "$(of "$1" .error.code)" "$3"
    check "$1 $2: a next step" "$(of "$1" '.error.todo | length > 5')" true
    check "$1 $2: exit code" "$code" '[123]'
    for name in $services; do
        [[ $name =~ ^($1|$(dependants "$1"))$ ]] || check "$1 $2 leaves $name alone" "$(of "$name" .status)" 'ok|warning'
    done
    "$sandbox" fault "$1" clear --dir "$dir" >/dev/null
}
for name in api web ai-services postgres pgbouncer redis typesense minio loki promtail prometheus grafana; do
    sandbox_name=$name
    one_fault "$sandbox_name" stop 'refused|closed'
    one_fault "$sandbox_name" hang 'timeout'
    one_fault "$sandbox_name" garbage 'wrong_thing|protocol|closed'
    sleep 0.5
done
for _ in $(seq 20); do
    status >"$work/status.json"
    [ "$(jq -r '[.services[] | select(.status == "critical" or .status == "unknown")] | length' "$work/status.json")" = 0 ] && break
    sleep 1
done
check 'all recover' "$(jq -r '[.services[] | select(.status == "critical" or .status == "unknown") | .name] | join(" ")' "$work/status.json")" ''

# Wrong keys, one at a time.
wrong_key() { # VARIABLES SERVICE
    cp "$dir/.env" "$work/wrong.env"
    chmod 600 "$work/wrong.env"
    local variable
    for variable in $1; do sed -i "s|^$variable=.*|$variable=not-the-right-one-7c1d|" "$work/wrong.env"; done
    sed -i "s|^DATABASE_URL_DIRECT=postgresql://\([^:]*\):[^@]*@|DATABASE_URL_DIRECT=postgresql://\1:$3@|" "$work/wrong.env"
    status "$work/wrong.env" >"$work/status.json"
    check "$2 wrong key: state" "$(of "$2" .status)" 'critical|warning'
    check "$2 wrong key: cause" "$(of "$2" '.error.code // "finding"')" "${4:-auth}"
    check "$2 wrong key: not printed" "$(grep -c 'not-the-right-one-7c1d' "$work/status.json" "$work/err" | grep -vc ':0')" 0
}
wrong_key 'DB_PASSWORD' postgres not-the-right-one-7c1d
wrong_key 'REDIS_PASSWORD' redis "$DB_PASSWORD"
wrong_key 'TYPESENSE_API_KEY' typesense "$DB_PASSWORD"
wrong_key 'MINIO_SECRET_KEY' minio "$DB_PASSWORD" 'auth|finding'
wrong_key 'PGBOUNCER_STATS_PASSWORD PGBOUNCER_ADMIN_PASSWORD' pgbouncer "$DB_PASSWORD"
wrong_key 'GOODGO_GRAFANA_TOKEN' grafana "$DB_PASSWORD" 'auth|finding'

# No secret leaves through any output.
for secret in "$DB_PASSWORD" "$REDIS_PASSWORD" "$TYPESENSE_API_KEY" "$MINIO_SECRET_KEY" "$PGBOUNCER_STATS_PASSWORD" "$JWT_SECRET"; do
    { "$goodgo" --env-file "$dir/.env" status --json; "$goodgo" --env-file "$dir/.env" env check --json
      "$goodgo" --env-file "$dir/.env" snapshot; } >"$work/all" 2>&1
    check 'no secret in any output' "$(grep -cF -- "$secret" "$work/all")" 0
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
