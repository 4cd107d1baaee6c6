#!/usr/bin/env bash
# operations.sh SANDBOX GOODGO - the small acts on real servers: a session cancelled and one ended, PgBouncer paused, taken
# back and resumed, Prometheus reloaded with a right and a wrong configuration, Redis' memory told.
set -uo pipefail
. "$(dirname "$0")/acts.bash"

up postgres,pgbouncer,redis,prometheus
enter
g=("$goodgo" --env-file "$dir/.env" --state-dir "$state")
word='dev:1'

# ---- sessions ----
pid_of() { sql "SELECT pid FROM pg_stat_activity WHERE application_name = '$1'"; }
has_pid() { [ -n "$(pid_of "$1")" ]; }
active() { [ "$(sql "SELECT state FROM pg_stat_activity WHERE application_name = '$1'")" = active ]; }

PGAPPNAME=sleeper psql -XAtq -c 'SELECT pg_sleep(120)' -c "SELECT 'went on'" >"$work/sleeper" 2>&1 &
sleeper=$!
until_true 30 active sleeper || fail 'no sleeper'
run 'the plan shows who and what' 0 'SELECT pg_sleep\(120\)' "${g[@]}" cancel-session "$(pid_of sleeper)" --dry-run
is 'and it changed nothing' active "$(sql "SELECT state FROM pg_stat_activity WHERE application_name = 'sleeper'")"
run 'no word' 3 'no --confirm' "${g[@]}" cancel-session "$(pid_of sleeper)"
run 'cancelled' 0 'cancelled +after' "${g[@]}" cancel-session "$(pid_of sleeper)" --confirm "$word"
wait $sleeper
is 'the statement failed, the session went on' 'ERROR:  canceling statement due to user request
went on' "$(cat "$work/sleeper")"

mkfifo "$work/keys"
PGAPPNAME=idler psql -XAtq <"$work/keys" >"$work/idler" 2>&1 &
idler=$!
exec 3>"$work/keys"
echo 'BEGIN;' >&3
until_true 30 has_pid idler || fail 'no idler'
until_true 30 eval '[ "$(sql "SELECT state FROM pg_stat_activity WHERE application_name = '"'idler'"'")" = "idle in transaction" ]'
run 'an idle session has nothing to cancel' 2 'runs nothing now' "${g[@]}" cancel-session "$(pid_of idler)" --dry-run
run 'what is lost is said' 0 'not committed is lost' "${g[@]}" cancel-session "$(pid_of idler)" --terminate --dry-run
run 'ended' 0 'ended +after' "${g[@]}" cancel-session "$(pid_of idler)" --terminate --confirm "$word"
is 'it is gone' '' "$(pid_of idler)"
exec 3>&-
wait $idler

run 'no such session' 2 'no such session' "${g[@]}" cancel-session 999999 --confirm "$word"
run 'no number' 2 'give the number' "${g[@]}" cancel-session 1x --dry-run
run "PostgreSQL's own processes" 2 "PostgreSQL's own process" "${g[@]}" cancel-session \
    "$(sql "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")" --terminate --dry-run

# ---- PgBouncer ----
pool() { PGPASSWORD=$PGBOUNCER_ADMIN_PASSWORD psql -XAtq -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -U pgbouncer_admin -d pgbouncer -c "$1"; }
paused() { pool 'SHOW DATABASES' | awk -F'|' -v db="$DB_NAME" '$1 == db {print $12}'; }
pooled() { timeout "${2:-30}" psql -XAtq -h "$GOODGO_PGBOUNCER_HOST" -p "$GOODGO_PGBOUNCER_PORT" -c "$1"; }
is 'the pool works' 1 "$(pooled 'SELECT 1')"
run 'reload' 0 'done +RELOAD' "${g[@]}" pgbouncer-control RELOAD --confirm "$word"
run 'the plan of a pause' 0 'until RESUME' "${g[@]}" pgbouncer-control PAUSE --db "$DB_NAME" --dry-run
run 'has no password in it' 1 '^$' grep -F "$PGBOUNCER_ADMIN_PASSWORD" <<<"$out"
run 'pause' 0 'done +PAUSE' "${g[@]}" pgbouncer-control PAUSE --db "$DB_NAME" --confirm "$word"
is 'it is paused' 1 "$(paused)"
run 'twice is refused' 2 'is paused already' "${g[@]}" pgbouncer-control PAUSE --db "$DB_NAME" --confirm "$word"
pooled 'SELECT 7' 60 >"$work/waiter" &
waiter=$!
until_true 30 eval '[ "$(pool "SHOW POOLS" | awk -F"|" -v db="$DB_NAME" '"'"'$1 == db {n += $4} END {print n + 0}'"'"')" -ge 1 ]' || fail 'nobody waits'
run 'the plan counts who waits' 0 'lets [1-9][0-9]* waiting clients?' "${g[@]}" pgbouncer-control RESUME --db "$DB_NAME" --dry-run
run 'resume' 0 'done +RESUME' "${g[@]}" pgbouncer-control RESUME --db "$DB_NAME" --confirm "$word"
wait $waiter
is 'the waiter got its answer' 7 "$(cat "$work/waiter")"
run 'resume of what runs' 2 'is not paused' "${g[@]}" pgbouncer-control RESUME --db "$DB_NAME" --confirm "$word"
run 'resume of all that runs' 1 'not paused.*SHOW DATABASES there, tells' "${g[@]}" pgbouncer-control RESUME --confirm "$word"
run 'pause of all' 0 'done +PAUSE' "${g[@]}" pgbouncer-control PAUSE --confirm "$word"
run 'all of it twice' 1 'already.*SHOW DATABASES there, tells' "${g[@]}" pgbouncer-control PAUSE --confirm "$word"
run 'resume of all' 0 'done +RESUME' "${g[@]}" pgbouncer-control RESUME --confirm "$word"
pooled 'BEGIN; SELECT pg_sleep(120); COMMIT' 150 >/dev/null 2>&1 &
busy=$!
until_true 30 eval '[ -n "$(sql "SELECT 1 FROM pg_stat_activity WHERE query LIKE '"'%pg_sleep(120)%'"' AND pid <> pg_backend_pid()")" ]' || fail 'no transaction'
run 'a pause that does not come is taken back' 1 'taken_back +RESUME' "${g[@]}" pgbouncer-control PAUSE --db "$DB_NAME" --wait 2 --confirm "$word"
is 'it is not paused' 0 "$(paused)"
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND pid <> pg_backend_pid()" >/dev/null
wait $busy
is 'the pool works still' 1 "$(pooled 'SELECT 1')"
run 'no such database' 2 'is no database of this pooler' "${g[@]}" pgbouncer-control PAUSE --db nowhere --dry-run
run 'no injection' 2 "is no database's name" "${g[@]}" pgbouncer-control PAUSE --db 'a;SHUTDOWN' --dry-run
run 'no such command' 2 'RELOAD, PAUSE or RESUME' "${g[@]}" pgbouncer-control SHUTDOWN --dry-run
sed '/^PGBOUNCER_ADMIN_PASSWORD=/d' "$dir/.env" >"$work/stats.env"
run 'the stats user may only look' 2 'PGBOUNCER_ADMIN_PASSWORD' "$goodgo" --env-file "$work/stats.env" --state-dir "$state" pgbouncer-control RELOAD --dry-run

# ---- Prometheus, Redis ----
run 'reload Prometheus' 0 'loaded +20' "${g[@]}" prometheus-reload --confirm "$word"
config=$(find "$dir" -name prometheus.yml | head -n 1)
cp "$config" "$work/good.yml"
echo 'nonsense: [' >>"$config"
run 'a wrong configuration' 1 'the old configuration stays' "${g[@]}" prometheus-reload --confirm "$word"
run 'is told in the next plan' 0 'its last reload failed' "${g[@]}" prometheus-reload --dry-run
cp "$work/good.yml" "$config"
run 'and mended' 0 'state +done' "${g[@]}" prometheus-reload --confirm "$word"
run 'memory of Redis' 0 'dataset +[0-9.]+ [KMG]?B' "${g[@]}" redis-memory --confirm "$word"
is 'as redis-cli counts it' yes "$(redis-cli -h "$REDIS_HOST" -p "$REDIS_PORT" -a "$REDIS_PASSWORD" --no-auth-warning info memory |
    tr -d '\r' | sed -n 's/^used_memory://p' | awk '{print ($1 > 500000) ? "yes" : "no"}')"
sed 's/^REDIS_PASSWORD=.*/REDIS_PASSWORD=wrong-one-5c1f/' "$dir/.env" >"$work/wrong.env"
run 'a wrong password of Redis' 1 'check REDIS_PASSWORD' "$goodgo" --env-file "$work/wrong.env" --state-dir "$state" redis-memory --confirm "$word"
run 'audit holds' 0 '' "${g[@]}" audit verify
end
