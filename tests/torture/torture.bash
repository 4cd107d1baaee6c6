# torture.bash - what the torture scripts share: a private platform with little in it, what must hold after whatever was
# done to a job, and a run to its end. Sourced, with SANDBOX and GOODGO as the script's first two arguments; $more_services are
# started too, and payments of which $kept_payments (SQL) holds stay.
# shellcheck shell=bash disable=SC2034
# shellcheck source=tests/platform.bash
. "$(dirname "${BASH_SOURCE[0]}")/../platform.bash"
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
work=$(mktemp -d)
dir=$work/platform state=$work/state
chmod 755 "$work" # the servers' user must pass
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$work"' EXIT
passed=0 failed=0 point=0 doing='before the first point' again=''
bad() {
    failed=$((failed + 1))
    printf 'FAILED point %s (%s): %s\n%s' "$point" "$doing" "$*" "${again:+       again: $again $point
}"
}
ok() { if "${@:2}"; then passed=$((passed + 1)); else bad "$1"; fi; }
now_ms() { local t=$EPOCHREALTIME; t=${t/[.,]/}; now=$((t / 1000)); }
pause() { read -rt "$1" <>"$work/never" || true; } # no process for it; nobody writes there
mkfifo "$work/never"

"$sandbox" up --dir "$dir" --services "postgres,pgbouncer,redis,typesense${more_services:-}" >"$work/up.log" 2>&1 || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
own_backups
pooler=$GOODGO_PGBOUNCER_PORT
g=("$goodgo" --env-file "$dir/.env" --state-dir "$state")
# Small, so that one job takes a fraction of a second.
sql 'SET session_replication_role = replica; CREATE TEMP TABLE keep AS SELECT id, "propertyId" FROM "Listing" ORDER BY id LIMIT 60;
    DELETE FROM "Listing" WHERE id NOT IN (SELECT id FROM keep); DELETE FROM "Property" WHERE id NOT IN (SELECT "propertyId" FROM keep);
    DELETE FROM "PropertyMedia" WHERE "propertyId" NOT IN (SELECT "propertyId" FROM keep);
    DELETE FROM "Inquiry" WHERE "listingId" NOT IN (SELECT id FROM keep); DELETE FROM "Transaction" WHERE "listingId" NOT IN (SELECT id FROM keep);
    TRUNCATE "NotificationLog", "UsageRecord", "Valuation", "NotificationPreference", "MarketIndex", "RefreshToken";
    DELETE FROM "Payment" WHERE NOT ('"${kept_payments:-false}); UPDATE \"Payment\" SET \"transactionId\" = NULL"
sql 'VACUUM ANALYZE'
search() { curl -s -m 5 -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections$1"; }

# --- what must hold after every point ---

# All that no act here may change, in one line: every row of the tables that hold money and people, the names of tables and
# indexes, and whether the database may be used. AdminAuditLog gets rows, as planned.
facts_sql='SELECT (SELECT sum(hashtextextended(t::text, 0)) FROM "User" t), (SELECT sum(hashtextextended(t::text, 0)) FROM "Listing" t),
    (SELECT sum(hashtextextended(t::text, 0)) FROM "Subscription" t), (SELECT sum(hashtextextended(t::text, 0)) FROM "Property" t),
    (SELECT string_agg(relname, $$ $$ ORDER BY relname) FROM pg_class WHERE relnamespace = $$public$$::regnamespace),
    datallowconn, datconnlimit FROM pg_database WHERE datname = current_database()'
databases_sql="SELECT coalesce(string_agg(datname, ' ' ORDER BY datname), '') FROM pg_database WHERE datname !~ '^(goodgo|postgres|template[01])\$'"
active_sql="SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name ~ '^(goodgo|pg_dump|pg_restore)'"
up_again() { # the server answers; at most 30 s
    local until
    now_ms; until=$((now + 30000))
    until psql -XAtqc 'SELECT 1' postgres >/dev/null 2>&1; do
        now_ms
        [ "$now" -lt $until ] || { bad 'the server did not come back'; exit 1; }
        pause 0.05
    done
}
look() { # all of it by one session, which costs more than its questions: $databases, $facts, once nothing is at work any more
    local seen until
    now_ms; until=$((now + 20000))
    while :; do
        mapfile -t seen < <(psql -XAtq -c "$active_sql" -c "$databases_sql" -c "$facts_sql" 2>&1)
        now_ms
        [ "${seen[0]:-}" != 0 ] && [ "$now" -lt $until ] || break
        [[ ${seen[0]:-} =~ ^[0-9]+$ ]] || up_again
        pause 0.02
    done
    databases=${seen[1]:-} facts=${seen[*]:2}
}
declare -A proved
nothing_half() { # under a final name is only what is whole
    local file hash
    for file in "$backups"/* "$backups"/.[!.]*; do
        case $file in
        *.sql.gz)
            [ -n "${proved[$file]:-}" ] && continue
            hash=$(sha256sum "$file" | cut -d' ' -f1)
            grep -qs "\"$hash\"" "$file.manifest.json" && pg_restore -f /dev/null "$file" 2>/dev/null || bad "$(basename "$file") is not whole"
            proved[$file]=1
            ;;
        *.dir)
            [ -n "${proved[$file]:-}" ] && continue
            "${g[@]}" verify --quick "$file" >"$work/quick" 2>&1 && [ -e "$file.manifest.json" ] || bad "$(basename "$file") is not whole: $(tail -n 3 "$work/quick")"
            proved[$file]=1
            ;;
        *.proof.json | *.attempt.json) grep -qs '"recoveryTimeMs"' "$file" || bad "$(basename "$file") is not whole" ;;
        *.manifest.json) grep -qs '"sha256"' "$file" || bad "$(basename "$file") is not whole" ;;
        esac
    done
    [ ! -e "$work/report.json" ] || grep -q '"recoveryTimeMs"' "$work/report.json" || bad 'report.json is not whole'
    if [[ " $databases " == *' goodgo_copy '* ]]; then
        [ "$(sql 'SELECT count(*) FROM "User"' goodgo_copy)" = 1200 ] && [ "$(sql "SELECT count(*) FROM pg_constraint WHERE contype = 'f'" goodgo_copy)" = 23 ] ||
            bad 'goodgo_copy is not whole'
    fi
}
newest_job() { # into $newest; no pipe: it would break when there are many
    newest=$(ls -t "${1:-$state/jobs}" 2>/dev/null)
    newest=${newest%%$'\n'*}
}
no_session() { # what was asked of the server has ended; at most 20 s
    local until
    now_ms; until=$((now + 20000))
    until [ "$(sql "$active_sql" postgres)" = 0 ]; do
        now_ms
        [ "$now" -lt $until ] || break
        pause 0.02
    done
}
no_child() { # what the runner had started is gone within 20 s
    local until left
    now_ms; until=$((now + 20000))
    while left=$(pgrep -fa "^[^ ]*/(pg_dump|pg_restore|initdb|pg_ctl) .*([^0-9]$PGPORT([^0-9]|\$)|$work)") && [ -n "$left" ]; do
        now_ms
        [ "$now" -lt $until ] || { bad "a child is left: $left"; return; }
        pause 0.02
    done
}
alive() { local line=; [ -n "${1:-}" ] && { read -rd "" line <"/proc/$1/cmdline"; } 2>/dev/null; [ -n "$line" ]; } # and no zombie
runner_pid() { # of $job, once it has said it, into $runner
    local line
    runner=''
    { while read -r line; do [[ $line =~ \"pid\":([0-9]+) ]] && runner=${BASH_REMATCH[1]}; done <"$state/jobs/$job/events.jsonl"; } 2>/dev/null
    [ -n "$runner" ]
}
# The end of a job, from outside: state, why. Asked when its runner is gone; before that there is nothing to hear.
ended() {
    local until runner
    now_ms; until=$((now + 40000))
    while runner_pid && alive "$runner" && [ "$now" -lt $until ]; do pause 0.02; now_ms; done
    while :; do
        shown=$("${g[@]}" jobs show "$job" --json 2>&1)
        [[ $shown =~ \"state\":\ \"([a-z]+)\" ]] && job_state=${BASH_REMATCH[1]} || { bad "jobs show: $shown"; job_state=?; return; }
        case $job_state in planned | waiting | running) ;; *) break ;; esac
        now_ms
        [ "$now" -lt $until ] || { bad "is $job_state for ever"; return; }
        pause 0.03
    done
    why=''
    [[ $shown =~ \"why\":\ \"([^\"]*)\" ]] && why=${BASH_REMATCH[1]}
    return 0
}
invariants() {
    local out facts
    no_child
    look
    [ "$facts" = "$facts_before" ] || bad "the database is another: $facts_before, now $facts"
    out=$("${g[@]}" audit verify 2>&1) || bad "the trail: $out"
    nothing_half
}
all_clear() { # after a run to its end nothing is left of those that died
    local left
    left=$(sql "$databases_sql")
    case $act in # each clears away what its own kind left
    verify | scratch) [[ $left != *goodgo_verify_* ]] ;;
    restore) [[ $left != *goodgo_copy_* ]] ;;
    esac || bad "databases are left: $left"
    left=$(find "$backups" -mindepth 1 -name '*.dir' -prune -o -regextype posix-extended ! -regex '.*\.(sql\.gz|dir)(\.(manifest|proof|attempt)\.json)?' -print)
    [ -z "$left" ] || [[ $act != backup && $act != directory ]] || bad "files are left: $left"
    left=$(find "$TMPDIR" -mindepth 1 -maxdepth 1)
    [ -z "$left" ] || [[ $act != verify* ]] || bad "a cluster is left: $left"
    if [ "$act" = reindex ]; then
        left=$(search /listings)
        [[ $left =~ \"num_documents\":\ *60[,}] ]] || bad "the index has not 60 documents: ${left:0:200}"
    fi
}

own_command() { bad "there is no act $act"; } # a script has acts of its own, and makes way for them
own_way() { :; }
command_of() {
    word=dev:1
    case $act in
    backup) cmd=(backup) ;;
    directory) cmd=(backup --format directory) ;;
    verify) cmd=(verify latest) ;;
    scratch) cmd=(verify latest --scratch) ;;
    restore) cmd=(restore latest --into goodgo_copy) ;;
    reindex) cmd=(reindex) ;;
    recreate) cmd=(reindex --mode recreate) word=dev:2 ;;
    reload) cmd=(pgbouncer-control RELOAD) ;;
    pause) cmd=(pgbouncer-control PAUSE) ;;
    resume) cmd=(pgbouncer-control RESUME) ;;
    redis) cmd=(redis-memory) ;;
    *) own_command ;;
    esac
}
make_way() {
    own_way
    [ "$act" != restore ] || sql 'DROP DATABASE IF EXISTS goodgo_copy WITH (FORCE)' postgres >/dev/null 2>&1
}
to_the_end() { # the next run works
    local out code
    make_way
    command_of
    out=$("${g[@]}" "${cmd[@]}" --confirm $word 2>&1 </dev/null)
    code=$?
    if [ "$act" = resume ]; then # refused where nothing is paused
        [ "$(DB_PORT=$pooler sql 'SELECT 1')" = 1 ] || bad "the pooler is not open: $out"
        return
    fi
    [ $code = 0 ] || bad "the next run ends with $code: $(tail -n 4 <<<"$out")"
    all_clear
}

# --- one stage of a job ---

events_of() { events=$state/jobs/$job/events.jsonl; }
stages_of() { sed -n 's/.*"stage":"\([^"]*\)".*/\1/p' "$1"; } # in their order
pid_of() { sed -n 's/.*"state":"running","pid":\([0-9]*\).*/\1/p' "$events"; }
# Those that an undisturbed run of $act goes through, into $stages.
learn_stages() {
    make_way
    command_of
    # Something to import.
    [ "$act" != reindex ] || curl -s -m 5 -X DELETE -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" \
        "http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections/listings/documents?filter_by=status:=[ACTIVE]" >/dev/null
    job=$("${g[@]}" "${cmd[@]}" --confirm $word --detach 2>"$work/out" </dev/null) || { bad "no job: $(tail -n 3 "$work/out")"; return 1; }
    events_of
    ended
    [ "$job_state" = done ] || { bad "$act does not work at all: $why"; return 1; }
    mapfile -t stages < <(stages_of "$events" | awk '!seen[$0]++')
    [ ${#stages[@]} -gt 0 ] || bad "$act has no stages"
}
# Starts $act and stops its runner (SIGSTOP) in STAGE; false when it was behind it before it could be stopped: so no process
# is made for looking.
stopped_in() { # STAGE
    local until line part=''
    make_way
    command_of
    touch "$work/started"
    job=$("${g[@]}" "${cmd[@]}" --confirm $word --detach 2>"$work/out" </dev/null) || { bad "no job: $(tail -n 3 "$work/out")"; return 1; }
    events_of
    now_ms; until=$((now + 60000)) runner=''
    while [ $now -lt $until ]; do
        IFS= read -r line || { part+=$line; pause 0.002; now_ms; continue; }
        line=$part$line part=''
        [[ ! $line =~ '"state":"running","pid":'([0-9]+) ]] || runner=${BASH_REMATCH[1]}
        [[ $line != *"\"stage\":\"$1\""* && $line != *'"exit":'* ]] || break
    done <"$events"
    [ -n "$runner" ] && kill -STOP "$runner" 2>/dev/null || return 1
    if [ "$(stages_of "$events" | tail -n 1)" != "$1" ] || grep -q '"exit":' "$events"; then
        kill -CONT "$runner"
        ended
        return 1
    fi
}
