#!/usr/bin/env bash
# The life of a sandbox from outside: up, its real servers with right and wrong passwords, each fault
# on each real server, a crash, and that nothing stays behind. Needs psql, redis-cli, curl and jq.
# usage: test_lifecycle.sh PATH-OF-goodgo-sandbox
set -euo pipefail

sandbox=$(realpath "$1")
root=$(mktemp -d)
dir=$root/platform
passed=0 failed=0

finish() {
    for d in "$dir" "$root/second" "$root/part" "$root/hit" "$root/one" "$root/race" "$root/user/p"; do
        [ -e "$d/.goodgo-sandbox" ] && "$sandbox" down --dir "$d" >"$root/down.log" 2>&1
    done
    [ -n "${squatter:-}" ] && kill "$squatter" 2>/dev/null
    rm -rf "$root"
}
trap finish EXIT

# check CLAIM COMMAND...: the command must succeed. refuse: it must fail. gives: it must print TEXT.
check() {
    local claim=$1; shift
    if "$@" >"$root/out" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1)); echo "FAILED: $claim"; sed 's/^/    /' "$root/out" | head -n 8; fi
}
not() { ! "$@"; }
refuse() { local claim=$1; shift; check "$claim" not "$@"; }
gives() {
    local claim=$1 text=$2; shift 2
    "$@" >"$root/seen" 2>&1 || true
    check "$claim" grep -qE -- "$text" "$root/seen"
    grep -qE -- "$text" "$root/seen" || sed 's/^/    got: /' "$root/seen" | head -n 5
}
exits() {
    local claim=$1 want=$2 code=0; shift 2
    "$@" >"$root/got" 2>&1 || code=$?
    check "$claim (exit $code)" [ "$code" = "$want" ]
}
# within SECONDS COMMAND...: tries until it succeeds.
within() {
    local until=$((SECONDS + $1)); shift
    while ! "$@"; do [ $SECONDS -lt $until ] || return 1; sleep 0.1; done
}
port_of() { jq -r --arg n "$1" '.services[]|select(.name==$n).port' "$root/up.json"; }
pid_of() { "$sandbox" status --dir "$dir" --json | jq -r --arg n "$1" '.services[]|select(.name==$n).pid'; }
fault() { "$sandbox" fault --dir "$dir" "$@"; }
# One look: between two a zombie may be reaped, and its missing file would count as a life.
is_running() { local state; state=$(sed -n 's/^State:[[:space:]]*//p' "/proc/$1/status" 2>/dev/null); [[ $state == [^ZX]* ]]; }
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
none_running() { local p; for p in "$@"; do ! is_running "$p" || { ps -fp "$p"; return 1; }; done; }
none_open() { local p; for p in "$@"; do ! is_open "$p" || { echo "port $p"; return 1; }; done; }
millis() { local s; s=$(date +%s%3N); "$@" >/dev/null 2>&1 || true; echo $(($(date +%s%3N) - s)); }
at_least() { [ "$1" -ge "$2" ] || { echo "$1 < $2"; return 1; }; }

# ---- wrong use
exits 'no command is wrong use' 2 "$sandbox"
exits 'an unknown command is wrong use' 2 "$sandbox" dance
gives 'an option without its value is named' '--scale needs a value; see .goodgo-sandbox up --help' "$sandbox" up --scale
gives 'one that is none too' '--frob is not an option' "$sandbox" up --json --frob
gives 'and a letter' 'sandbox: -x is not an option' "$sandbox" up --json -x
gives 'one with a value that it does not take' '--json=1 takes no value' "$sandbox" status --json=1
gives 'and that of another command' "'down' does not take --scale" "$sandbox" down --scale 3
exits 'what cannot be printed is no success' 1 bash -c '"$1" --help >/dev/full' - "$sandbox"
exits 'an unknown service is wrong use' 2 "$sandbox" up --dir "$dir" --services api,nonsense
gives 'and those that there are, are named' 'of: api web ' "$sandbox" up --dir "$dir" --services api,nonsense
exits 'help is not wrong use' 0 "$sandbox" up --help
for wrong in '--port-base 80' '--port-base 70000' '--scale 0' '--scale 401' '--services ' extra; do
    # shellcheck disable=SC2086
    exits "up $wrong is wrong use" 2 "$sandbox" up --dir "$root/one" $wrong
done
for command in status env down; do
    exits "$command without a platform is wrong use" 2 "$sandbox" "$command" --dir "$root/none"
done
ln -s "$root" "$root/link"
exits 'a link is no directory of ours' 2 "$sandbox" up --dir "$root/link" --services redis
mkdir "$root/foreign"; echo mine >"$root/foreign/file"
exits 'a foreign directory is refused by up' 2 "$sandbox" up --dir "$root/foreign"
exits 'a foreign directory is refused by down' 2 "$sandbox" down --dir "$root/foreign"
gives 'a foreign directory stays as it was' '^mine$' cat "$root/foreign/file"

# ---- up
began=$(date +%s%3N)
check 'up succeeds' bash -c '"$0" up --dir "$1" --json >"$2"' "$sandbox" "$dir" "$root/up.json"
took=$(($(date +%s%3N) - began))
check "up takes less than 60 s on a busy machine (took $took ms)" [ "$took" -lt 60000 ]
cp "$root/up.json" "$root/first.json" && [ -s "$root/up.json" ] || { cat "$root/out"; exit 1; }
set -a; . "$dir/.env"; set +a
documents() { curl -sS -m 20 -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://127.0.0.1:$TYPESENSE_PORT/collections/listings" | jq .num_documents; }
# A slow machine is told so, and not kept waiting.
if ! grep -q 'still being' "$root/out"; then
    check 'when up returns the search index holds what the database does' at_least "$(documents)" 5000
    gives 'a backup was taken' '^2$' bash -c 'ls "$1"/backups/goodgo_*.sql.gz | wc -l' - "$dir"
    gives 'and Loki is ready' '^200$' curl -sS -m 20 -o /dev/null -w '%{http_code}' "$GOODGO_LOKI_URL/ready"
fi
gives '.env is private' '^600$' stat -c %a "$dir/.env"
gives 'env prints it' '^DATABASE_URL_DIRECT=' "$sandbox" env --dir "$dir"
exits 'a second up in the same directory is refused' 2 "$sandbox" up --dir "$dir"
gives 'and says so' 'already running' cat "$root/got"
exits 'status is 0 when all live' 0 "$sandbox" status --dir "$dir"
holds_block() { grep -q "@goodgo-sandbox.ports.$((($1 - 10000) / 64)).serve\$" /proc/net/unix; }
block_port=$(sed -n 's/^backend.postgres=//p' "$dir/state")
check 'its block of ports is held against others' holds_block "$block_port"
gives 'the KYC key has 64 hex digits' '^[0-9a-f]{64}$' echo "$KYC_ENCRYPTION_KEY"
gives 'the JWT secret is 48 bytes of base64' '^[A-Za-z0-9+/]{64}$' echo "$JWT_SECRET"

direct=(psql -XAtq -h 127.0.0.1 -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME")
pooled=(psql -XAtq -h 127.0.0.1 -p "$GOODGO_PGBOUNCER_PORT" -U "$DB_USER" -d "$DB_NAME")
admin=(psql -XAtq -h 127.0.0.1 -p "$GOODGO_PGBOUNCER_PORT" -d pgbouncer)
export PGCONNECT_TIMEOUT=10 PGPASSWORD=$DB_PASSWORD
redis() { REDISCLI_AUTH=$REDIS_PASSWORD timeout "${patience:-20}" redis-cli -h 127.0.0.1 -p "$REDIS_PORT" "$@"; }
prom() { curl -sS -m 20 "$GOODGO_PROMETHEUS_URL$1"; }
wrong() { PGPASSWORD=wrong "$@"; }

# ---- the real servers
gives 'postgres takes the right password' '^1$' "${direct[@]}" -c 'SELECT 1'
gives 'postgres refuses a wrong password' 'password authentication failed' wrong "${direct[@]}" -c 'SELECT 1'
gives 'there are 22 tables' '^22$' "${direct[@]}" -c "SELECT count(*) FROM pg_tables WHERE schemaname='public' AND tablename <> 'spatial_ref_sys'"
# The platform's own traffic adds one now and then: on a busy machine it has when it is asked.
gives 'there are 5000 listings' '^50[0-9][0-9]$' "${direct[@]}" -c 'SELECT count(*) FROM "Listing"'
for table in User RefreshToken OAuthAccount Agent Property PropertyMedia SavedSearch Transaction Inquiry Lead \
    Payment Plan Subscription UsageRecord Valuation MarketIndex NotificationLog NotificationPreference \
    AdminAuditLog Review _prisma_migrations; do
    gives "$table has rows" '^t$' "${direct[@]}" -c "SELECT count(*) > 0 FROM \"$table\""
done
gives 'the three cities have real districts' '^3$' "${direct[@]}" -c "SELECT count(DISTINCT city) FROM \"Property\" WHERE district IN ('Bình Thạnh', 'Cầu Giấy', 'Hải Châu') AND ST_X(location) BETWEEN 105 AND 109"
gives 'payments are stuck with every online provider' '^t$' "${direct[@]}" -c "SELECT count(DISTINCT provider) >= 3 FROM \"Payment\" WHERE status='PENDING' AND \"createdAt\" < (now() AT TIME ZONE 'UTC') - interval '15 minutes'"
gives 'payments are in all five states' '^5$' "${direct[@]}" -c 'SELECT count(DISTINCT status) FROM "Payment"'
gives 'no migration is open' '^0$' "${direct[@]}" -c 'SELECT count(*) FROM _prisma_migrations WHERE finished_at IS NULL'
gives 'the pool answers' '^50[0-9][0-9]$' "${pooled[@]}" -c 'SELECT count(*) FROM "Listing"'
gives 'the pool refuses a wrong password' 'password authentication failed' wrong "${pooled[@]}" -c 'SELECT 1'
pg_admin() { PGPASSWORD=$PGBOUNCER_ADMIN_PASSWORD "${admin[@]}" -U pgbouncer_admin -c "$1"; }
pg_stats() { PGPASSWORD=$PGBOUNCER_STATS_PASSWORD "${admin[@]}" -U pgbouncer_stats -c "$1"; }
gives 'pgbouncer pools by transaction' '^pool_mode\|transaction' pg_admin 'SHOW CONFIG'
gives 'pgbouncer has a pool of 20' '^default_pool_size\|20\|' pg_admin 'SHOW CONFIG'
gives 'pgbouncer has a reserve of 5' '^reserve_pool_size\|5\|' pg_admin 'SHOW CONFIG'
gives 'the stats user may not act' 'admin access needed' pg_stats 'PAUSE'
gives 'redis takes the right password' '^PONG$' redis ping
gives 'redis refuses a wrong password' 'WRONGPASS' redis-cli -h 127.0.0.1 -p "$REDIS_PORT" -a wrong --no-auth-warning ping
gives 'redis evicts by LRU' 'allkeys-lru' redis config get maxmemory-policy
gives 'redis keeps an append-only file' '^aof_enabled:1' redis info persistence
target_up() { prom /api/v1/targets | jq -e --arg j "$1" '[.data.activeTargets[]|select(.labels.job==$j and .health=="up")]|length==1'; }
check 'prometheus scrapes itself' within 30 target_up prometheus
check 'prometheus scrapes the api' within 30 target_up goodgo-api
gives 'prometheus has the four rules' '^4$' bash -c "curl -sS -m 20 '$GOODGO_PROMETHEUS_URL/api/v1/rules' | jq '[.data.groups[].rules[]]|length'"
gives 'prometheus reloads on request' '^200$' curl -s -m 20 -o /dev/null -w '%{http_code}' -X POST "$GOODGO_PROMETHEUS_URL/-/reload"
alerts_go_on() { prom /api/v1/alertmanagers | jq -e '.data.activeAlertmanagers|length==1'; }
check 'prometheus sends alerts to alertmanager' within 30 alerts_go_on
gives 'alertmanager answers' '^200$' curl -s -m 20 -o /dev/null -w '%{http_code}' "$GOODGO_ALERTMANAGER_URL/api/v2/status"
two_backups() { [ "$(find "$BACKUP_DIR" -name 'goodgo_*.sql.gz' | wc -l)" = 2 ]; }
check 'two backups are taken' within 60 two_backups
for file in "$BACKUP_DIR"/goodgo_*.sql.gz; do
    gives "$(basename "$file") is an archive" '^PGDMP$' head -c 5 "$file"
done

# ---- faults
exits 'a fault on nothing is wrong use' 2 fault nobody stop
gives 'and the scenarios that there are, are named' 'pool-exhaustion redis-down\) nor a service' fault nobody stop
exits 'slow without a number is wrong use' 2 fault redis slow
gives 'no fault at first' 'no fault is on' fault
# `timeout` runs no function of this script: it would fail at once, and every claim would hold.
gives_nothing() {
    if [ "$(type -t "$1")" = function ]; then
        local patience=2
        local -x PGCONNECT_TIMEOUT=2
        not "$@"
    else not timeout 2 "$@"; fi
}

fault redis stop
refuse 'redis stop: refused' is_open "$REDIS_PORT"
gives 'the fault is listed' '^redis stop$' fault
gives 'the fault is in status' '"fault":"stop"' "$sandbox" status --dir "$dir" --json
fault redis hang
check 'redis hang: accepted' is_open "$REDIS_PORT"
check 'redis hang: no answer' gives_nothing redis ping
is_stopped() { grep -q '^State:[[:space:]]*T' "/proc/$1/status"; }
check 'redis hang: the server is stopped' within 10 is_stopped "$(pid_of redis)"
# A machine on which the relay does not get its turn: `fault` returns when the fault is in force, not before.
serve=$(pid_of api)
kill -STOP "$serve"
{ sleep 1; kill -CONT "$serve"; } & later=$!
fault redis stop
refuse 'a fault is in force when fault returns, however late' is_open "$REDIS_PORT"
wait $later
fault redis slow 300
check 'redis slow: late' at_least "$(millis redis ping)" 300
fault redis error 500
gives 'redis error: its own words' '^(ERR|AUTH failed|Error).*' redis ping
fault redis garbage
gives_pong() { redis ping 2>/dev/null | grep -q '^PONG$'; }
refuse 'redis garbage: no PONG' gives_pong
fault redis flap
check 'redis flap: refused' within 10 not is_open "$REDIS_PORT"
check 'redis flap: up' within 10 is_open "$REDIS_PORT"
fault redis clear
check 'redis clear: PONG' gives_pong

fault postgres stop
refuse 'postgres stop: refused' is_open "$DB_PORT"
check 'postgres stop: the pool feels it' gives_nothing "${pooled[@]}" -c 'SELECT 1'
fault postgres hang
check 'postgres hang: no answer' gives_nothing "${direct[@]}" -c 'SELECT 1'
fault postgres error 500
gives 'postgres error: FATAL 57P03' 'not accepting connections' "${direct[@]}" -c 'SELECT 1'
gives 'postgres error: pg_isready sees a reject' 'rejecting connections' pg_isready -h 127.0.0.1 -p "$DB_PORT"
fault postgres garbage
check 'postgres garbage: no answer' gives_nothing "${direct[@]}" -c 'SELECT 1'
fault postgres slow 200
check 'postgres slow: late' at_least "$(millis "${direct[@]}" -c 'SELECT 1')" 400
fault postgres flap
check 'postgres flap: refused' within 10 not is_open "$DB_PORT"
check 'postgres flap: up' within 10 is_open "$DB_PORT"
fault clear
gives 'postgres clear: answers' '^1$' "${direct[@]}" -c 'SELECT 1'
pool_ok() { "${pooled[@]}" -c 'SELECT 1' 2>/dev/null | grep -q '^1$'; }
check 'the pool recovers' within 20 pool_ok
kill -9 "$(pid_of postgres)"
check 'postgres killed: refused' within 10 not is_open "$DB_PORT"
check 'postgres killed, then clear: it is started again' fault postgres clear
gives 'with what was in it, and what was listed since' '^50[0-9][0-9]$' "${direct[@]}" -c 'SELECT count(*) FROM "Listing"'
check 'the pool recovers from that too' within 20 pool_ok

fault pgbouncer stop
refuse 'pgbouncer stop: refused' is_open "$GOODGO_PGBOUNCER_PORT"
fault pgbouncer hang
check 'pgbouncer hang: no answer' gives_nothing pg_stats 'SHOW POOLS'
fault pgbouncer error 500
gives 'pgbouncer error: its own words' 'server login has been failing' "${pooled[@]}" -c 'SELECT 1'
fault pgbouncer garbage
check 'pgbouncer garbage: no answer' gives_nothing "${pooled[@]}" -c 'SELECT 1'
fault pgbouncer slow 200
check 'pgbouncer slow: late' at_least "$(millis "${pooled[@]}" -c 'SELECT 1')" 400
fault pgbouncer clear
check 'pgbouncer clear: answers' pool_ok

fault prometheus stop
refuse 'prometheus stop: refused' prom /-/healthy
fault prometheus hang
check 'prometheus hang: no answer' gives_nothing curl -sS -m 1 "$GOODGO_PROMETHEUS_URL/-/healthy"
fault prometheus error 503
gives 'prometheus error: 503' '^503$' curl -s -m 20 -o /dev/null -w '%{http_code}' "$GOODGO_PROMETHEUS_URL/-/healthy"
fault prometheus garbage
check 'prometheus garbage: no HTTP' gives_nothing curl -sS -m 1 --http1.1 "$GOODGO_PROMETHEUS_URL/-/healthy"
fault prometheus slow 300
check 'prometheus slow: late' at_least "$(millis prom /-/healthy)" 300
fault prometheus clear
gives 'prometheus clear: healthy' 'Healthy' prom /-/healthy

fault redis-down
refuse 'redis-down: refused' is_open "$REDIS_PORT"
fault redis-down off
check 'redis-down off: PONG' gives_pong
waiting() { pg_stats 'SHOW POOLS' | awk -F'|' '$1=="goodgo" && $4>0 {found=1} END {exit !found}'; }
locked() { [ "$("${direct[@]}" -c "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type='Lock'")" -ge 5 ]; }
fault pool-exhaustion on
check 'pool-exhaustion: clients wait for a connection' within 20 waiting
check 'pool-exhaustion: others wait for a lock' within 20 locked
fault pool-exhaustion off
check 'pool-exhaustion off: the pool is free' within 20 pool_ok
fault clear

# ---- beside it: a part of the platform, on given ports
# In no block of another sandbox: one beside this test may have ports there.
until base=$((20000 + RANDOM % 8000)) && ! grep -qE "@goodgo-sandbox.ports.($(((base - 10000) / 64))|$(((base - 10000) / 64 + 1)))\\." /proc/net/unix; do :; done
check 'a second sandbox of two services comes up beside' "$sandbox" up --dir "$root/part" --services redis,pgbouncer --port-base $base
gives 'its redis is at its place in the order' "^REDIS_PORT=$((base + 5))\$" "$sandbox" env --dir "$root/part"
refuse 'what it lacks is not in its .env' grep -q TYPESENSE "$root/part/.env"
exits 'a taken port is refused' 2 "$sandbox" up --dir "$root/second" --services redis --port-base $base
gives 'and named' "port $((base + 5)) \(redis\) is taken" cat "$root/got"
refuse 'and nothing is left of the attempt' [ -e "$root/second" ]
exits 'a fault on an absent service is wrong use' 2 "$sandbox" fault --dir "$root/part" loki stop
check 'the second goes down' "$sandbox" down --dir "$root/part"
refuse 'and its directory with it' [ -e "$root/part" ]

# ---- as a supervisor starts it that gives no standard streams
check 'without any stream it comes up' bash -c '"$0" up --dir "$1" --services redis,api <&- >&- 2>&-' "$sandbox" "$root/silent"
exits 'and all of it lives' 0 "$sandbox" status --dir "$root/silent"
check 'and goes down' bash -c '"$0" down --dir "$1" <&- >&- 2>&-' "$sandbox" "$root/silent"
refuse 'and leaves nothing' [ -e "$root/silent" ]

# ---- any single service is a platform
for one in api web ai-services pgbouncer redis typesense minio loki promtail prometheus grafana alertmanager; do
    check "$one alone comes up" bash -c '"$0" up --dir "$1" --services "$2" --json >"$1.json"' "$sandbox" "$root/one" "$one"
    exits "$one alone: status" 0 "$sandbox" status --dir "$root/one"
    check "$one alone: its port is open" is_open "$(jq .services[0].port "$root/one.json")"
    gives "$one alone: the rest is off, not on its usual port" '^GOODGO_SANDBOX=yes' "$sandbox" env --dir "$root/one"
    check "$one alone goes down" "$sandbox" down --dir "$root/one"
    refuse "$one alone: nothing is left" [ -e "$root/one" ]
done

# ---- two at once in one directory, and one directory twice
"$sandbox" up --dir "$root/race" --services redis,prometheus >"$root/race.1" 2>&1 & first=$!
"$sandbox" up --dir "$root/race" --services redis,prometheus >"$root/race.2" 2>&1 & second=$!
one=0 other=0
wait $first || one=$?
wait $second || other=$?
check "of two at once one is refused (exits $one $other)" [ $((one + other)) = 2 ]
check 'and the other lives' "$sandbox" status --dir "$root/race"
kill -9 "$("$sandbox" status --dir "$root/race" --json | jq '.services[] | select(.name == "redis").pid')"
within 5 not "$sandbox" status --dir "$root/race" >/dev/null || true
exits 'a dead server shows in status' 1 "$sandbox" status --dir "$root/race"
check 'it goes down' "$sandbox" down --dir "$root/race"
check 'and up again in the same place' "$sandbox" up --dir "$root/race" --services redis
check 'and down again' "$sandbox" down --dir "$root/race"

# ---- as root and as an ordinary user
if [ "$(id -u)" = 0 ]; then
    gives 'as root: postgres runs as an ordinary user' '^[1-9]' awk '/^Uid:/ {print $2}' "/proc/$(pid_of postgres)/status"
    chmod 711 "$root"; mkdir "$root/user"; cp "$sandbox" "$root/user/sandbox"; chown -R 65534:65534 "$root/user"
    nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$root/user" TMPDIR="$root/user" "$root/user/sandbox")
    check 'an ordinary user has one too' "${nobody[@]}" up --dir "$root/user/p" --services postgres,pgbouncer,redis,prometheus,api
    exits 'its status' 0 "${nobody[@]}" status --dir "$root/user/p"
    gives 'its fault' '^redis stop$' bash -c '"$@" fault --dir "$0" redis stop; "$@" fault --dir "$0"' "$root/user/p" "${nobody[@]}"
    mapfile -t pids < <(awk '{print $2}' "$root/user/p/pids")
    gives 'its processes are its own' '^65534$' stat -c %u "/proc/${pids[0]}"
    check 'it goes down' "${nobody[@]}" down --dir "$root/user/p"
    check 'and leaves no process' none_running "${pids[@]}"
    gives 'and nothing but what was there' '^sandbox$' ls -A "$root/user"
fi

# ---- a crash, a hang, and the end
mapfile -t ports < <(jq -r '.services[].port' "$root/first.json")
mapfile -t backends < <(sed -n 's/^backend\..*=\([1-9][0-9]*\)$/\1/p' "$dir/state")
mapfile -t pids < <(awk '{print $2}' "$dir/pids")
mapfile -t children < <(pgrep -P "$(pid_of postgres)")
data=$(sed -n 's/^work=//p' "$dir/state")
fault postgres hang
serve=$(pid_of api)
kill -9 "$serve" # a large process ends a moment after the call
check 'the killed one ends' within 20 none_running "$serve"
exits 'status is 1 after a crash' 1 "$sandbox" status --dir "$dir"
exits 'up is refused while the crashed one still has processes' 2 "$sandbox" up --dir "$dir"
check 'down works after a crash' "$sandbox" down --dir "$dir"
check 'no process is left' none_running "${pids[@]}" "${children[@]}"
check 'no port is left' none_open "${ports[@]}" "${backends[@]}"
refuse 'nor is its block held' holds_block "$block_port"
refuse 'no directory is left' [ -e "$dir" ]
refuse 'no data are left' [ -e "$data" ]

# ---- up itself is hit
"$sandbox" up --dir "$root/hit" --services postgres,redis >"$root/hit.log" 2>&1 &
hit=$!
within 5 test -s "$root/hit/pids" || true
kill -9 $hit
{ wait $hit; } 2>/dev/null || true
mapfile -t pids < <(awk '{print $2}' "$root/hit/pids")
check 'down works after up was killed' "$sandbox" down --dir "$root/hit"
check 'and no process is left' none_running "${pids[@]}"
refuse 'and no directory is left' [ -e "$root/hit" ]

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
