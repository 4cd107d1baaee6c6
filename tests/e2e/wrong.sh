#!/usr/bin/env bash
# wrong.sh SANDBOX GOODGO - an env file that is wrong: each key and password, one at a time, and every address pointed at
# every other server. Each must be told from a service that is down, and none may disturb another's reading.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
bring_up
secret=not-the-right-one-7c1d

# wrong_file SED-EXPRESSION FILE - the platform's env file, changed in one place.
wrong_file() { (umask 077; sed "$1" "$dir/.env" >"$2"); cmp -s "$dir/.env" "$2" && fail "nothing was changed by $1"; }

# wrong_key NAME SED SERVICE STATUS CODE EXIT-OF-CHECK WHERE-TO-LOOK - CODE none: health is known, a finding tells the rest.
wrong_key() {
    local env=$work/key.env
    wrong_file "$2" "$env"
    env_file=$env
    local line
    line=$(console check "$3" 2>&1)
    check "$1: exit of check" $? "$6"
    ask
    check "$1: exit of status" $? "$6"
    check "$1: state" "$(of "$3" .status)" "$4"
    check "$1: cause" "$(of "$3" '.error.code // "none"')" "$5"
    contains "$1: names what to look at" "$(of "$3" '[.error.todo, (.findings[] | .what, .todo)] | map(values) | join(" ")')" "$7"
    check "$1: nobody else is disturbed" \
        "$(jq -r --arg n "$3" '[.services[] | select(.name != $n and (.error or (.status != "ok" and .status != "warning"))) | .name] | join(" ")' "$work/status.json")" ''
    check "$1: no secret" "$(cat "$work/status.json" "$work/err" <<<"$line" | grep -cF -- "$secret")$(grep -cF -- "$secret" <<<"$line")" 00
    env_file=$dir/.env
}
url='postgresql:\/\/\([^:]*\):[^@]*@'
wrong_key 'database password' "s/^DATABASE_URL_DIRECT=$url/DATABASE_URL_DIRECT=postgresql:\/\/\1:$secret@/" postgres critical auth 2 DATABASE_URL_DIRECT
wrong_key 'database user' "s/^DATABASE_URL_DIRECT=$url/DATABASE_URL_DIRECT=postgresql:\/\/nobody:$secret@/" postgres critical auth 2 DATABASE_URL_DIRECT
wrong_key 'database name' 's/^\(DATABASE_URL_DIRECT=.*\)\/goodgo?/\1\/nosuch?/' postgres critical config 2 'env check'
wrong_key 'pool password' "s/^DATABASE_URL=$url/DATABASE_URL=postgresql:\/\/\1:$secret@/" pgbouncer critical none 2 'does not let us in.*|.*DATABASE_URL'
wrong_key 'pool console password' "s/^PGBOUNCER_STATS_PASSWORD=.*/PGBOUNCER_STATS_PASSWORD=$secret/" pgbouncer critical auth 2 PGBOUNCER_STATS_PASSWORD
wrong_key 'redis password' "s/^REDIS_PASSWORD=.*/REDIS_PASSWORD=$secret/" redis critical auth 2 REDIS_PASSWORD
wrong_key 'no redis password' 's/^REDIS_PASSWORD=.*//' redis critical auth 2 REDIS_PASSWORD
wrong_key 'search key' "s/^TYPESENSE_API_KEY=.*/TYPESENSE_API_KEY=$secret/" typesense critical auth 2 TYPESENSE_API_KEY
wrong_key 'no search key' 's/^TYPESENSE_API_KEY=.*//' typesense warning none 1 TYPESENSE_API_KEY
wrong_key 'storage secret' "s/^MINIO_SECRET_KEY=.*/MINIO_SECRET_KEY=$secret/" minio warning none 1 'SignatureDoesNotMatch.*MINIO_SECRET_KEY'
wrong_key 'storage key' "s/^MINIO_ACCESS_KEY=.*/MINIO_ACCESS_KEY=$secret/" minio warning none 1 'InvalidAccessKeyId.*MINIO_ACCESS_KEY'
wrong_key 'storage bucket' 's/^MINIO_BUCKET=.*/MINIO_BUCKET=nosuch/' minio critical none 2 MINIO_BUCKET
wrong_key 'grafana token' "s/^GOODGO_GRAFANA_TOKEN=.*/GOODGO_GRAFANA_TOKEN=$secret/" grafana warning none 1 'HTTP 401.*GOODGO_GRAFANA_TOKEN'

# Two faults at once: the API says itself that it misses Redis, and it has a database password of its own.
wrong_file "s/^DATABASE_URL_DIRECT=$url/DATABASE_URL_DIRECT=postgresql:\/\/\1:$secret@/" "$work/key.env"
env_file=$work/key.env
"$sandbox" fault --dir "$dir" redis hang
ask_ms=1200
ask_until 40 '.services[] | select(.name == "api") | .status == "warning"' || fail 'the API does not miss Redis'
check 'a wrong password and a hung Redis: whom the API names' "$(of api .causedBy)" redis
check 'the database stays a cause of its own' "$(of postgres '.error.code + " " + (.causedBy // "none")')" 'auth none'
env_file=$dir/.env
"$sandbox" fault --dir "$dir" redis clear
ask_until 60 "$well" || fail 'Redis is not back'
ask_ms=5000

# Every address pointed at every other server. All that is asked by HTTP goes into one file and one run.
http='api web ai-services typesense minio loki promtail prometheus grafana'
ports=$(jq -r '.services[] | "\(.name)=\(.port)"' "$work/up.json")
point() { # SERVICE PORT - the sed expression that points it there
    case $1 in
    api) echo "s/^GOODGO_API_URL=.*/GOODGO_API_URL=http:\/\/127.0.0.1:$2/" ;;
    web) echo "s/^GOODGO_WEB_URL=.*/GOODGO_WEB_URL=http:\/\/127.0.0.1:$2/" ;;
    ai-services) echo "s/^AI_SERVICE_URL=.*/AI_SERVICE_URL=http:\/\/127.0.0.1:$2/" ;;
    typesense) echo "s/^TYPESENSE_PORT=.*/TYPESENSE_PORT=$2/" ;;
    minio) echo "s/^MINIO_PORT=.*/MINIO_PORT=$2/" ;;
    postgres) echo "s/^\(DATABASE_URL_DIRECT=.*@127.0.0.1\):[0-9]*/\1:$2/" ;;
    pgbouncer) echo "s/^GOODGO_PGBOUNCER_PORT=.*/GOODGO_PGBOUNCER_PORT=$2/" ;;
    redis) echo "s/^REDIS_PORT=.*/REDIS_PORT=$2/" ;;
    *) echo "s/^GOODGO_${1^^}_URL=.*/GOODGO_${1^^}_URL=http:\/\/127.0.0.1:$2/" ;;
    esac
}
# What listens there waits in silence for the rest of a packet (PgBouncer 1.24; 1.18 complains): nothing tells it from one that hangs.
is_silent() { # PORT
    local byte=''
    exec 3<>"/dev/tcp/127.0.0.1/$1"
    printf 'GET / HTTP/1.1\r\n\r\n' >&3
    read -r -t 2 -n 1 -u 3 byte || true
    exec 3>&-
    [ -z "$byte" ]
}
swapped() { # OTHER SERVICES...
    local other=$1 expression='' name said=wrong_thing
    shift
    [ "$other" != pgbouncer ] || ! is_silent "$(port_of pgbouncer)" || said='wrong_thing|timeout'
    for name in "$@"; do [ "$name" = "$other" ] || expression+="$(point "$name" "$(port_of "$other")");"; done
    wrong_file "$expression" "$work/swap.env"
    env_file=$work/swap.env
    # Some of them wait in silence, which costs all of the time-out: more of it only where it was not enough for the others.
    ask_ms=900
    ask_until 40 --arg other "$other" --arg names "$*" --arg said "^($said)$" '[.services[] | select(.name != $other and
        (.name as $n | $names | split(" ") | index($n)) and (.error.code // "" | test($said) | not))] == []'
    ask_ms=5000
    env_file=$dir/.env
    for name in "$@"; do
        [ "$name" = "$other" ] || check "$other on the port of $name" \
            "$(of "$name" '"\(.status) \(.error.code): \(.error.why)"')" "critical ($said): .{10,}"
    done
}
named() { contains "$1 is named" "$(of "$1" .error.why)" "$2"; }
everything="$http redis postgres pgbouncer"
for other in $(jq -r '.services[].name' "$work/up.json"); do
    # shellcheck disable=SC2086
    swapped "$other" $everything
    case $other in
    redis)
        named postgres 'Redis answers here, not PostgreSQL'
        named pgbouncer 'Redis answers here, not PgBouncer'
        named api 'no HTTP server|this is not HTTP' # Redis 6.0 answers with errors of its own
        ;;
    pgbouncer) named postgres 'PgBouncer answers here, not PostgreSQL' ;;
    postgres) named pgbouncer 'PostgreSQL answers here, not PgBouncer' ;;
    web)
        named api 'a web page answers here, not the API: PORT and WEB_PORT swapped' # C2
        named postgres 'an HTTP server answers here'
        ;;
    api)
        named web 'JSON answers here.*PORT and WEB_PORT swapped'
        named ai-services 'NestJS'
        named redis 'no Redis'
        ;;
    minio) named web 'MinIO answers here' ;;
    grafana) named web 'Grafana' ;;
    prometheus)
        named web 'Prometheus'
        named pgbouncer 'an HTTP server answers here'
        ;;
    esac
done

# TLS where none is spoken, and a host that is none.
wrong_file 's/^GOODGO_LOKI_URL=http:/GOODGO_LOKI_URL=https:/;s/^REDIS_HOST=.*/REDIS_HOST=no-such-host.invalid/' "$work/tls.env"
env_file=$work/tls.env
ask
check 'TLS on a plain port' "$(of loki .error.code)" tls
check 'a name that is none' "$(of redis .error.code)" resolve
end
