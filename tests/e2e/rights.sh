#!/usr/bin/env bash
# rights.sh SANDBOX GOODGO - docs/OPERATIONS.md promises: with exactly the rights of its blocks the console reads all that
# it reads with every right. Runs the blocks themselves against a live platform, then compares what is read.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
cd "$(dirname "$0")/../.." || exit 1
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
# block HEADING - the first fenced block below it, with a password of this run in place of THE-PASSWORD
password=$(head -c 12 /dev/urandom | od -An -tx1 | tr -d ' \n')
block() {
    awk -v heading="### $1" '$0 == heading { in_part = 1; next } in_part && /^```/ { if (fenced) exit; fenced = 1; next }
        fenced' docs/OPERATIONS.md | sed "s/THE-PASSWORD/$password/g"
}
# said NAME HOST:PORT - the line of the env file that the page gives, with the address of this platform
said() { grep -oE "\`$1=[^\`]+\`" docs/OPERATIONS.md | head -n 1 | tr -d '\`' | sed "s|THE-PASSWORD|$password|; s|@HOST:[0-9]*|@$2|"; }
# what ENV-FILE - the names of everything that was read, per service: metrics, tables, and findings that are not well
what() {
    "$goodgo" --env-file "$1" --config /dev/null snapshot --timeout 10000 >"$work/snapshot.json" 2>"$work/err" || return
    jq -r '.sections[], (.own[] | select(.service == "payments")) | .service as $s | "\($s) failed=\(.error.code // "no")",
        (.metrics[]? | "\($s) metric \(.name)"), (.tables[]? | "\($s) table \(.name)"),
        (.findings[]? | select(.health != "ok") | "\($s) finding \(.code) \(.what | gsub("[0-9]+"; "N"))")' "$work/snapshot.json" |
        grep -vx 'postgres table progress' | sort # there while a vacuum or a dump is at work
}

"$sandbox" up --dir "$dir" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
set -a; . "$dir/.env"; set +a
export PGPASSWORD=$DB_PASSWORD
sql() { psql -X -q -v ON_ERROR_STOP=1 -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -At "$@"; }
redis() { REDISCLI_AUTH=$REDIS_PASSWORD redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" "$@"; }
typesense() { curl -sS -H "X-TYPESENSE-API-KEY: $1" "${@:3}" "http://$TYPESENSE_HOST:$TYPESENSE_PORT/$2"; }

for name in PostgreSQL PgBouncer Redis Typesense 'The acts'; do
    [ -n "$(block "$name")" ] || { echo "OPERATIONS.md has no block under $name"; exit 1; }
done
check 'the MinIO policy reads' "$(block MinIO | jq -r '[.Statement[].Action[]] | join(" ")')" 's3:ListAllMyBuckets s3:ListBucket'
block PostgreSQL | sql || { echo 'the SQL of OPERATIONS.md fails'; exit 1; }
check 'the ACL line is taken' "$(block Redis | redis)" OK
typesense_key=$(typesense "$TYPESENSE_API_KEY" keys -d "$(block Typesense)" | jq -r .value)
check 'the key is made' "$([ ${#typesense_key} -gt 10 ] && echo yes)" yes
userlist=$(sed -n 's/^work=//p' "$dir/state")/userlist.txt
reload() {
    PGPASSWORD=$PGBOUNCER_ADMIN_PASSWORD psql -X -q -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" \
        -U pgbouncer_admin -d pgbouncer -c RELOAD >/dev/null
}
check 'the stats user is the one of the page' "$(grep -cxF "$(block PgBouncer | grep '^stats_users')" "$(dirname "$userlist")/pgbouncer.ini")" 1
block PgBouncer | grep '^"' >>"$userlist"
reload || { echo 'RELOAD fails'; exit 1; }

# Ready means: the index has caught up, Loki has taken its first lines, and Redis has answered some reads.
for _ in $(seq 120); do
    "$goodgo" --env-file "$dir/.env" status --json >"$work/status.json" 2>"$work/err" &&
        jq -e '.services[] | select(.name == "redis") | .metrics.hit_pct' "$work/status.json" >/dev/null && break
    sleep 0.5
done

# The context a bastion would have: the page's own lines, no password of the platform's.
unwanted=$(grep -oE 'none of `REDIS.*, which win' docs/OPERATIONS.md | grep -oE 'REDIS_[A-Z]+' | tr '\n' '|')
check 'the page names what would win over REDIS_URL' "$unwanted" 'REDIS_HOST|REDIS_PORT|REDIS_PASSWORD|'
{
    grep -vE "^(${unwanted}DATABASE_URL|DATABASE_URL_DIRECT|REDIS_URL|TYPESENSE_API_KEY|DB_USER|DB_PASSWORD|PGBOUNCER_ADMIN_PASSWORD|GRAFANA_ADMIN_PASSWORD|JWT_[A-Z_]*)=" \
        "$dir/.env"
    said DATABASE_URL_DIRECT "$DB_HOST:$DB_PORT"
    said DATABASE_URL "$GOODGO_PGBOUNCER_HOST:$GOODGO_PGBOUNCER_PORT"
    said REDIS_URL "$REDIS_HOST:$REDIS_PORT"
    echo "TYPESENSE_API_KEY=$typesense_key"
} >"$work/least.env"
chmod 600 "$work/least.env"
# The platform lives: an alert or a figure may come between the two looks. What a right is missing for differs each time.
for _ in 1 2 3 4 5; do
    { what "$dir/.env" && mv "$work/snapshot.json" "$work/all.json"; } >"$work/all" || { cat "$work/err"; exit 1; }
    what "$work/least.env" >"$work/least" || { cat "$work/err"; exit 1; }
    cmp -s "$work/all" "$work/least" && ! grep ' failed=' "$work/all" | grep -qv 'failed=no$' && break
done
check 'something is read' "$([ "$(wc -l <"$work/all")" -gt 150 ] && echo yes)" yes
check 'all is read with every right' "$(grep -v 'failed=no$' "$work/all" | grep ' failed=')" ''
check 'the least rights read the same' "$(diff "$work/all" "$work/least")" ''
check 'other sessions are seen' "$(jq -r '.sections[] | select(.service == "postgres") | .tables[] |
    select(.name == "sessions") | [.rows[].cells[] | strings | select(test("insufficient privilege"))] | length' "$work/snapshot.json")" 0

# Each right counts: with one of them taken away, it is missed and said.
missed() { # SERVICE REGEX
    what "$work/least.env" >"$work/less"
    diff "$work/least" "$work/less" | grep '^>' | grep -cE "^> $1 (failed=auth|finding .*($2))"
}
sql -c 'REVOKE pg_monitor FROM goodgo_console'
check 'without pg_monitor it is said' "$([ "$(missed postgres 'pg_monitor|right|privilege')" -gt 0 ] && echo yes)" yes
# From 16 on whether a right is inherited belongs to its grant; NOINHERIT counts for those that come after it.
sql -c 'ALTER ROLE goodgo_console NOINHERIT' -c 'GRANT pg_monitor TO goodgo_console'
check 'with pg_monitor, but not inherited, it is said' "$([ "$(missed postgres 'pg_monitor')" -gt 0 ] && echo yes)" yes
sql -c 'REVOKE pg_monitor FROM goodgo_console' -c 'ALTER ROLE goodgo_console INHERIT' -c 'GRANT pg_monitor TO goodgo_console' \
    -c 'CREATE DATABASE closed' -c 'REVOKE CONNECT ON DATABASE closed FROM PUBLIC'
what "$work/least.env" >/dev/null
check 'pg_monitor sees the size of a database that it may not enter' "$(jq -r '.sections[] | select(.service == "postgres") |
    .tables[] | select(.name == "databases") | .rows[] | select(.cells[0] == "closed") | .cells[1] > 1000000' "$work/snapshot.json")" true
sql -c 'DROP DATABASE closed'
sql -c 'REVOKE SELECT (status) ON public."Listing" FROM goodgo_console'
check 'without Listing it is said' "$([ "$(missed postgres 'Listing|listing|permission')" -gt 0 ] && echo yes)" yes
sql -c 'GRANT SELECT (status) ON public."Listing" TO goodgo_console'
sql -c 'REVOKE SELECT ON public."_prisma_migrations" FROM goodgo_console'
check 'without _prisma_migrations it is said' "$([ "$(missed postgres 'migration|permission')" -gt 0 ] && echo yes)" yes
sql -c 'GRANT SELECT ON public."_prisma_migrations" TO goodgo_console'
sql -c 'REVOKE SELECT ON public."Payment" FROM goodgo_console'
check 'without Payment it is said' "$([ "$(missed payments 'permission')" -gt 0 ] && echo yes)" yes
sql -c 'GRANT SELECT ON public."Payment" TO goodgo_console'
payment=$(sql -c 'SELECT "id" FROM "Payment" ORDER BY "id" LIMIT 1')
history() { "$goodgo" --env-file "$work/least.env" --config /dev/null --state-dir "$work/state" payments show "$payment" --json 2>&1 | jq -r '.payments[0].historyMissing'; }
check 'the history of a payment is whole' "$(history)" null
for right in 'SELECT ON public."AdminAuditLog"' 'SELECT (email) ON public."User"'; do
    sql -c "REVOKE $right FROM goodgo_console"
    check "without $right it is said" "$(history | grep -c 'AdminAuditLog: .*permission')" 1
    sql -c "GRANT $right TO goodgo_console"
done
sed -i '/goodgo_console/d' "$userlist"
reload
check 'without a name in the userlist it is said' "$([ "$(missed pgbouncer 'password|auth|user')" -gt 0 ] && echo yes)" yes
block PgBouncer | grep '^"' >>"$userlist"
reload
for command in 'slowlog|get' scan info; do
    redis ACL SETUSER goodgo_console "-$command" >/dev/null
    check "without +$command it is said" "$([ "$(missed redis 'ACL|NOPERM|permission')" -gt 0 ] && echo yes)" yes
    redis ACL SETUSER goodgo_console "+$command" >/dev/null
done
for action in $(block Typesense | jq -r '.actions[]'); do
    key=$(typesense "$TYPESENSE_API_KEY" keys -d "$(block Typesense | jq --arg a "$action" '.actions -= [$a]')" | jq -r .value)
    sed -i "s|^TYPESENSE_API_KEY=.*|TYPESENSE_API_KEY=$key|" "$work/least.env"
    check "without $action it is said" "$([ "$(missed typesense 'key|right|Forbidden|action')" -gt 0 ] && echo yes)" yes
done

# It may not write.
check 'the role reads no listing' "$(PGPASSWORD=$password psql -X -h "$DB_HOST" -p "$DB_PORT" -U goodgo_console -d "$DB_NAME" \
    -Atc 'SELECT * FROM "Listing" LIMIT 1' 2>&1 | grep -c 'permission denied')" 1
check 'the ACL user reads no value' "$(REDISCLI_AUTH=$password redis-cli --user goodgo_console -h "$REDIS_HOST" -p "$REDIS_PORT" \
    get x 2>&1 | grep -c NOPERM)" 1
check 'the key writes nothing' "$(typesense "$typesense_key" collections/listings/documents -d '{}' | grep -c Forbidden)" 1

# Where the server is that of another release (tests/other_release.sh), these clients may be too old for it, and PostgreSQL 13
# does not have the role of the page.
server=$(sql -c 'SHOW server_version_num') client=$(pg_dump --version | grep -oE '[0-9]+' | head -n 1)
if [ "$server" -lt 140000 ] || [ $((server / 10000)) -gt "$client" ]; then
    printf '%d passed, %d failed\n' "$passed" "$failed"
    exit $((failed > 0))
fi

# The role of the acts does those that the page says, and is told what it lacks for the others.
block 'The acts' | sql || { echo 'the SQL of the acts fails'; exit 1; }
mkdir "$work/backups"
sed -e "s|^DATABASE_URL_DIRECT=.*|DATABASE_URL_DIRECT=postgresql://goodgo_acts:$password@$DB_HOST:$DB_PORT/$DB_NAME|" -e '/^DB_USER=/d; /^DB_PASSWORD=/d' \
    -e "s|^BACKUP_DIR=.*|BACKUP_DIR=$work/backups|" -e "s|^REPORT_FILE=.*|REPORT_FILE=$work/report.json|" "$dir/.env" >"$work/acts.env"
chmod 600 "$work/acts.env"
act() { # COMMAND... - its state, and the error if it has one
    TMPDIR=$work "$goodgo" --env-file "$work/acts.env" --config /dev/null --state-dir "$work/state" "$@" --confirm dev:1 --json </dev/null 2>/dev/null |
        jq -r '.job | .state + (.why // "")'
}
chmod 755 "$work" # the scratch cluster has a user of its own
check 'it backs up' "$(act backup)" 'done'
check 'which AdminAuditLog knows' "$(sql -c "SELECT count(*) FROM \"AdminAuditLog\" WHERE \"metadata\"->>'action' = 'backup'")" 1
check 'it proves that' "$(act verify --scratch)" 'done'
check 'it reindexes' "$(act reindex)" 'done'
check 'it drills nothing on the server' "$(act verify | grep -c '^failed.*permission denied to create database.*CREATEDB.*--scratch needs neither')" 1
sql -c "SELECT lo_from_bytea(4711, 'mine')" >/dev/null
check 'a large object wants a right of its own' "$(act backup | grep -c '^failed.*permission denied for large object 4711.*GRANT SELECT ON LARGE OBJECT')" 1
sql -c 'GRANT SELECT ON LARGE OBJECT 4711 TO goodgo_acts'
check 'with that it is backed up' "$(act backup)" 'done'
check 'and restores nothing' "$(act restore latest --into goodgo_copy | grep -c '^failed.*permission denied to create database.*CREATEDB')" 1
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
