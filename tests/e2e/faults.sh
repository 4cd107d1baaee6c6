#!/usr/bin/env bash
# faults.sh SANDBOX GOODGO [SERVICES] - each of the thirteen services stopped, hung, slow, failing, garbled and flapping in
# turn: the right state, cause, sentence and exit code; nobody else disturbed but the true dependants, and those folded
# under their cause; recovery within the interval. Four platforms side by side share the waiting.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"

if [ $# -lt 3 ]; then
    for group in api,postgres,promtail web,redis,minio pgbouncer,typesense,grafana ai-services,loki,prometheus,pg-backup; do
        bash "$0" "$1" "$2" "$group" >"$work/$group.out" 2>&1 &
    done
    wait
    for out in "$work"/*.out; do
        grep -v ' passed, ' "$out"
        read -r ok _ bad _ < <(tail -n 1 "$out")
        passed=$((passed + ${ok:-0})) failed=$((failed + ${bad:-1}))
    done
    end
    exit
fi

group=$3
bring_up
ask_ms=1200
fault() { "$sandbox" fault "$@" --dir "$dir" >/dev/null || fail "fault $*"; }

# Who must be folded under SERVICE when it is away, and who may be besides.
symptoms() {
    case $1 in
    postgres) echo api pgbouncer ;;
    pgbouncer | redis) echo api ;;
    *) echo ;;
    esac
}
# Everybody else has its reading, or is folded under the root; the root explains itself.
undisturbed='($must | split(" ")) as $names
    | ([.services[] | select(.name != $root and .causedBy != $root and (.error or (.status != "ok" and .status != "warning")))] == [])
      and ([.services[] | select(.name as $n | $names | index($n)) | select(.causedBy != $root)] == [])
      and ([.services[] | select(.name == $root and .causedBy)] == [])'
found() { # SERVICE STATUS-REGEX CODE-REGEX MUST
    ask_until 40 --arg root "$1" --arg status "$2" --arg code "$3" --arg must "$4" \
        '(.services[] | select(.name == $root) | (.status | test("^(\($status))$")) and ((.error.code // "none") | test("^(\($code))$")))
         and '"($undisturbed)"
}

# one_fault SERVICE "FAULT" STATUS-REGEX CODE-REGEX EXIT-OF-CHECK MUST-BE-FOLDED - sets it, asks twice, clears it.
one_fault() {
    local what="$1 $2" worst complete start well_ms timeout_ms=5000
    [[ ! $2 =~ hang|garbage ]] || timeout_ms=1200 # where nothing answers, it costs all of it
    start=$(now_ms)
    console check "$1" --timeout 5000 >"$work/line" 2>&1
    well_ms=$(($(now_ms) - start))
    fault "$1" $2
    console check "$1" --timeout $timeout_ms >"$work/line" 2>&1 &
    if found "$1" "$3" "$4" "$6"; then pass; else
        fail "$what: $(jq -c --arg n "$1" '[.services[] | select(.name == $n or .status != "ok") | {name, status, code: .error.code, summary, causedBy}]' "$work/status.json")"
    fi
    wait $!
    check "$what: exit of check" $? "$5"
    read -r worst complete < <(jq -r --arg n "$1" '[([.services[].status]
            | if any(. == "critical") then 2 elif any(. == "unknown") then 3 elif any(. == "warning") then 1 else 0 end),
        (.services[] | select(.name == $n) | .error | . == null or
            (.op | length > 2) and (.target | length > 2) and (.why | length > 5) and (.todo | length > 5))] | join(" ")' "$work/status.json")
    check "$what: exit of status" "$code" "$worst"
    check "$what: the JSON says what, where, why and what to do" "$complete" true
    [ "$4" = none ] || contains "$what: so does the line of check" "$(cat "$work/line")" \
        "^$1 (CRITICAL|WARNING): [a-z0-9._]+ .*:$(port_of "$1").*: .+[.?] Try: .{5}"
    fault "$1" clear
    recovers "$1" "$what" $((5000 + 10 * well_ms))
}
# Within one interval: 5 s for what is asked most often; and what this machine takes for some questions.
recovers() { # SERVICE WHAT MOST_MS
    local start
    start=$(now_ms)
    while ! { console check "$1" --timeout 3000 >"$work/line" 2>&1 || [ $? -eq 1 ]; }; do
        if [ $(($(now_ms) - start)) -gt "$3" ]; then fail "$2: recovery: $(cat "$work/line")"; return; fi
        sleep 0.1
    done
    pass
}
all_recover() {
    ask_until 60 "$well" && pass ||
        fail "$1: all recover: $(jq -c '[.services[] | select(.error or .status == "critical") | {name, status, summary}]' "$work/status.json")"
}

# Slow is not down: the answer comes, its time is shown, nobody is called failed.
one_slow() {
    fault "$1" slow 400
    # A busy machine adds waiting of its own: what the console calls critical then must be gone in a later reading.
    for _ in 1 2 3 4 5; do
        console check "$1" --timeout 5000 >"$work/line" 2>&1; code=$?
        [ $code -gt 1 ] || break
        sleep 1
    done
    check "$1 slow: exit of check" $code '[01]'
    for _ in 1 2 3 4 5; do
        ask --timeout 5000 --only "$1"
        [ "$(of "$1" .status)" = critical ] || break
        sleep 1
    done
    check "$1 slow: state" "$(of "$1" .status)" 'ok|warning'
    check "$1 slow: its time is shown" "$(of "$1" '.latencyMs >= 390 and .error == null')" true
    fault "$1" clear
}

# Both ends of a flapping service are seen, each at its time.
one_flap() {
    local seen='' until=$(($(now_ms) + 30000))
    fault "$1" flap
    while [[ ! $seen =~ up.*down|down.*up ]] && [ "$(now_ms)" -lt $until ]; do
        ask --only "$1"
        case $(of "$1" '.status + " " + (.error.code // "none")') in
        'critical '*) seen+=' down' ;;
        *' none') seen+=' up' ;;
        esac
        sleep 0.1
    done
    check "$1 flap: both ends are seen" "$([[ $seen =~ up.*down|down.*up ]] && echo both || echo "$seen")" both
    fault "$1" clear
}

# What a server of this service says when it fails: HTTP 500 and 503, or the protocol's own words.
failing() {
    case $1 in
    postgres | pgbouncer | redis) one_fault "$1" 'error 500' warning not_ready 1 "$(symptoms "$1")" ;;
    promtail) one_fault "$1" 'error 500' warning not_ready 1 '' ;; # how it says that it has nothing to tail
    *) one_fault "$1" 'error 500' critical failing 2 '' ;;
    esac
    case $1 in
    postgres | pgbouncer | redis) ;;
    grafana) one_fault "$1" 'error 503' critical none 2 '' ;; # how it says that its database fails
    *) one_fault "$1" 'error 503' warning not_ready 1 '' ;;
    esac
}

backups() { # NAME DIRECTORY STATUS EXIT REGEX
    (umask 077; sed "s|^BACKUP_DIR=.*|BACKUP_DIR=$2|" "$dir/.env" >"$work/backup.env")
    env_file=$work/backup.env
    local line
    line=$(console check pg-backup 2>&1)
    check "pg-backup $1: exit" $? "$4"
    contains "pg-backup $1: says so" "$line" "$5"
    ask
    check "pg-backup $1: state" "$(of pg-backup .status)" "$3"
    holds --arg root pg-backup --arg must '' "$undisturbed" && pass || fail "pg-backup $1 disturbs others"
    env_file=$dir/.env
}
backup_faults() {
    local d=$work/dumps good
    good=$(find "$(env_of BACKUP_DIR)" -name 'goodgo_*.sql.gz' | sort | tail -n 1)
    mkdir -p "$d"/{empty,garbled,cut,old}
    head -c 5000 /dev/urandom >"$d/garbled/$(basename "$good")"
    : >"$d/cut/$(basename "$good")"
    cp "$good" "$d/old/goodgo_20200101_020000.sql.gz"
    touch -d '2020-01-01 02:00' "$d/old/goodgo_20200101_020000.sql.gz"
    contains 'nobody can stop a directory' "$("$sandbox" fault --dir "$dir" pg-backup stop 2>&1)" 'files, not a server'
    backups 'no directory' "$d/none" critical 2 'does not exist'
    backups 'no file' "$d/empty" warning 1 'no backup'
    backups 'garbled' "$d/garbled" critical 2 'archive|broken'
    backups 'empty file' "$d/cut" critical 2 'empty|broken|0 B'
    backups 'old' "$d/old" critical 2 'old'
}

for name in ${group//,/ }; do
    if [ "$name" = pg-backup ]; then backup_faults; continue; fi
    must=$(symptoms "$name")
    one_fault "$name" stop critical refused 2 "$([ "$name" = api ] && echo 'web prometheus' || echo "$must")"
    one_fault "$name" hang critical timeout 2 "$must"
    one_fault "$name" garbage critical 'wrong_thing|protocol' 2 "$must"
    failing "$name"
    one_slow "$name"
    one_flap "$name"
    all_recover "$name"
done
end
