#!/usr/bin/env bash
# failing.sh SANDBOX GOODGO [LIBRARY] [SEED|all] [ACT] - lets one write, sync, rename or removal of a job's files fail, in every
# act: the trail, its head and the events, and what each act writes of its own. After each: what failed is said, nothing half
# has a final name, nothing unplanned has changed, the trail is whole, the job tells the truth; and the next run works.
# A run that is listened to says which calls an act makes; SEED picks some of them, `all` takes every one. LIBRARY is
# tests/failing.so of the build; without it, that beside GOODGO.
set -uo pipefail
more_services=,minio,prometheus,api,vnpay
kept_payments="status IN ('PENDING', 'PROCESSING')"
library=$(readlink -f "${3:-$(dirname "$2")/tests/libfailing.so}") seed=${4:-${SEED:-$RANDOM}} only=${5:-}
. "$(dirname "$0")/torture.bash"
ENOSPC=28 EIO=5 common=events.jsonl:audit.
printf 'payments.reference_prefix = GGB\npayments.replay_pause_ms = 50\n' >"$work/goodgo.conf"
echo BACKUP_RETENTION_DAYS=7 >>"$dir/.env"
g+=(--config "$work/goodgo.conf")
"$sandbox" fault --dir "$dir" api stop >/dev/null # it has traffic, which changes what must not change

# --- the acts that torture.bash does not know ---

stuck=$("$sandbox" payment --dir "$dir" | sed -nE '2s/^[^ ]+ +([0-9]{6}_)?([^ ]+).*/\2/p') # paid, and its callback was lost on the way
transfer=$(sql "SELECT min(id) FROM \"Payment\" WHERE provider = 'BANK_TRANSFER'")
vnd=$(sql "SELECT \"amountVND\" FROM \"Payment\" WHERE id = '$transfer'")
echo "26/11/2026;FT26330001;$vnd;CHUYEN TIEN" >"$work/statement.csv"
sql "INSERT INTO \"Payment\" SELECT 'GGB1007A', (SELECT min(id) FROM \"User\"), NULL, 'BANK_TRANSFER', 'LISTING_FEE', 160000, 'PENDING', NULL, NULL, NULL,
    timestamp '2026-03-10 01:06', timestamp '2026-03-10 01:06'"
printf 'Ngày giao dịch,Số bút toán,Phát sinh nợ,Phát sinh có,Số dư,Nội dung\n10/03/2026,FT07,,160000,1160000,GGB1OO7A nham chu\n' >"$work/mb.csv"
declare -A row_of
for payment in "$stuck" "$transfer"; do row_of[$payment]=$(sql "SELECT row_to_json(p) FROM \"Payment\" p WHERE id = '$payment'"); done
as_before() { # PAYMENT
    sql "DELETE FROM \"Payment\" WHERE id = '$1'; INSERT INTO \"Payment\" SELECT * FROM json_populate_record(NULL::\"Payment\", \$json\$${row_of[$1]}\$json\$)"
}
status_of() { sql "SELECT status FROM \"Payment\" WHERE id = '$1'"; }
events_of() { events=$(grep -c "\"$stuck\"" "$dir/events.jsonl" 2>/dev/null); events=${events:-0}; }
proposals=$state/payments/proposals
own_command() {
    case $act in
    upload) cmd=(backup --upload) ;;
    prune) cmd=(backup) ;;
    fetch) cmd=(fetch-backup "$copy") ;;
    replace) cmd=(restore latest --into goodgo_copy --replace --end-sessions) ;;
    replay) cmd=(payments replay "$stuck") ;;
    settle) cmd=(payments settle-transfer "$transfer" --ref FT26330001 --amount "$vnd" --evidence "$work/statement.csv") ;;
    reconcile) cmd=(reconcile 2026-03-10 --statement "$work/mb.csv" --csv "$work/out.csv" --propose --reason 'day closed') ;;
    approve | decline) cmd=(payments "$act" "$proposal" --reason 'seen on the statement') ;;
    cancel) cmd=(cancel-session "$sleeper") ;;
    prometheus) cmd=(prometheus-reload) ;;
    *) bad "there is no act $act" ;;
    esac
}
no_sleeper() { [ -z "${sleeper:-}" ] || sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $sleeper AND application_name = 'sleeper'" >/dev/null; }
own_way() {
    local file
    case $act in
    backup | directory | upload | prune) # few of them, so that looking at all stays cheap; the newest stays
        while read -r file; do rm -rf "$file" "$file".*; done < <(find "$backups" -maxdepth 1 -regex '.*/goodgo_[^/]*\.\(sql\.gz\|dir\)' | sort | head -n -3)
        [ "$act" != prune ] || for file in '' .manifest.json; do cp "$old$file" "$backups/goodgo_20200101_020000.sql.gz$file"; done
        ;;
    fetch) rm -f "$backups/$copy" "$backups/$copy".* ;;
    replace) rm -f "$backups"/safety_*; "$psql_program" -XAtq postgres <<<"SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname ~ '^goodgo_copy_before_' \gexec" ;;
    replay) as_before "$stuck"; events_of; events_before=$events ;;
    settle) as_before "$transfer" ;;
    reconcile) rm -rf "$work/out.csv" "$proposals" ;;
    approve | decline) rm -rf "$proposals"; cp -r "$work/proposals" "$proposals" ;;
    cancel)
        no_sleeper
        PGAPPNAME=sleeper psql -XAtqc 'SELECT pg_sleep(60)' >/dev/null 2>&1 &
        until sleeper=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'sleeper' AND state = 'active'") && [ -n "$sleeper" ]; do pause 0.01; done
        ;;
    esac
}
# What the act was to do is done where the job says so, and whole or not at all where it does not.
effect() {
    local file sum decided
    case $act in
    upload)
        "${g[@]}" backups --remote >"$work/remote" 2>&1
        ! grep -q 'NOT WHOLE' "$work/remote" || bad "the copy is not whole: $(grep 'NOT WHOLE' "$work/remote")"
        file=$(find "$backups" -name 'goodgo_*.sql.gz' -printf '%f\n' | sort | tail -n 1)
        [ "$job_state" != done ] || grep -q "$file.*copied" "$work/remote" || bad "there is no copy of $file: $(cat "$work/remote")"
        ;;
    prune)
        file=$(compgen -G "$backups/goodgo_20200101_020000.*")
        [ "$job_state" != done ] || [ -z "$file" ] || [[ $shown == *'"not deleted'*goodgo_20200101_020000* ]] || bad "nobody says that it is there: $file"
        ;;
    fetch) [ "$job_state" != done ] || [ -e "$backups/$copy" ] || bad 'nothing was fetched' ;;
    replace) [[ " $databases " == *' goodgo_copy '* ]] || bad "goodgo_copy is gone: $databases" ;;
    replay)
        events_of
        case $job_state/$(status_of "$stuck")/$((events - events_before)) in
        done/COMPLETED/1 | failed/COMPLETED/1 | failed/P*/0 | refused/P*/0) ;;
        *) bad "$job_state, $(status_of "$stuck"), $((events - events_before)) events" ;;
        esac
        [ "$job_state/$(status_of "$stuck")" != failed/COMPLETED ] || [[ $shown == *COMPLETED* ]] || bad "it moved, and the job does not say so: $shown"
        ;;
    settle) case $job_state/$(status_of "$transfer") in done/COMPLETED | failed/P* | refused/P*) ;; *) bad "$job_state, $(status_of "$transfer")" ;; esac ;;
    reconcile)
        if [ "$job_state" = done ]; then
            sum=$(sha256sum "$work/out.csv" | cut -d' ' -f1)
            [[ $shown == *"$sum"* ]] || bad 'the file for finance is another'
            jq -e '.reported.rows > 0' "$state/jobs/$job/report.json" >/dev/null || bad 'there is no report'
        fi
        [ ! -e "$work/out.csv" ] || [ "$(wc -l <"$work/out.csv")" = "$csv_lines" ] || bad 'the file for finance is cut'
        for file in "$state/jobs/$job/report.json" "$proposals"/*.json; do [ ! -e "$file" ] || jq -e . "$file" >/dev/null || bad "$file is cut"; done
        ;;
    approve | decline)
        decided=$(jq -r 'if .approved > 0 then "approve" elif .declined > 0 then "decline" else "waits" end' "$proposals/$proposal.json")
        case $job_state/$decided in done/"$act" | failed/"$act" | failed/waits | refused/waits) ;; *) bad "$job_state, and it is $decided" ;; esac
        ;;
    cancel)
        case $job_state/$(sql "SELECT count(*) FROM pg_stat_activity WHERE pid = $sleeper AND state = 'active'") in
        done/0 | failed/* | refused/1) ;;
        *) bad "$job_state, and its statement is otherwise" ;;
        esac
        ;;
    esac
    left=$(find "$work" -maxdepth 1 -name 'out.csv.*'; find "$proposals" "$state/jobs/$job" -name '*.goodgo-*' 2>/dev/null)
    [ -z "$left" ] || bad "is left: $left"
}

# --- one point ---

# What the operator is shown has to name the file or the error; what only lost progress may say so in the log.
says() { grep -qE 'No space left on device|Input/output error|File too large' <<<"$1"; }
failing() { # CALL N ERRNO - one run of $act; false when it made fewer than N such calls
    local code log
    rm -f "$work/told"
    make_way
    command_of
    doing="$act, $1 $2 fails with $3"
    out=$(LD_PRELOAD=$library FAILING_IN=job-run FAILING_CALL=$1 FAILING_AT=$2 FAILING_ERRNO=$3 FAILING_SKIP=$skip FAILING_TOLD=$work/told \
        "${g[@]}" "${cmd[@]}" --confirm $word 2>&1 </dev/null)
    code=$?
    [ -s "$work/told" ] || return 1
    point=$((point + 1))
    read -r hit <"$work/told"
    newest_job
    job=$newest
    doing="$doing: $hit"
    ended
    log=$(cat "$state/jobs/$job/log")
    says "$out" || says "$log" || bad "ends with $code, and nobody says why: $(tail -n 5 <<<"$out")"
    case $code/$job_state in
    0/done) ;;
    0/*) bad "exit 0, and the job is $job_state: $why" ;;
    */done) bad "exit $code of a job that is done" ;;
    */failed | */refused) [ -n "$why" ] || bad "$job_state without a reason" ;;
    *) bad "the job is $job_state: $why" ;;
    esac
    invariants
    effect
}
# The calls that an undisturbed run makes, a line "CALL N PATH" each, into $work/calls.
listen() {
    doing="$act, nothing fails"
    rm -f "$work/told"
    make_way
    command_of
    out=$(LD_PRELOAD=$library FAILING_IN=job-run FAILING_CALL=all FAILING_AT=1 FAILING_ERRNO=$EIO FAILING_SKIP=$skip FAILING_TOLD=$work/told \
        "${g[@]}" "${cmd[@]}" --confirm $word 2>&1 </dev/null) || bad "does not work at all: $(tail -n 5 <<<"$out")"
    newest_job
    job=$newest
    ended
    case $act in # what the act itself leaves is what the rest is held against
    reconcile) csv_lines=$(wc -l <"$work/out.csv") ;;
    esac
    databases=$(sql "$databases_sql" postgres)
    effect
    awk '{n[$1]++; print $1, n[$1], $2; if ($1 == "write") print "short", n[$1], $2}' "$work/told" 2>/dev/null >"$work/calls"
}
all_of() { # ACT MOST [FILES-TO-SKIP] - at most so many points of it
    local call n path was error
    [ -z "$only" ] || [ "$only" = "$1" ] || return
    act=$1 skip=${3:-}
    now_ms; begun=$now
    listen
    [ "$seed" = all ] || shuf -n "$2" --random-source=<(yes "$seed $act") -o "$work/calls" "$work/calls"
    local hits=$point
    while read -r call n path <&3; do
        error=$((n % 2 ? ENOSPC : EIO)) was=$failed
        failing "$call" "$n" $error || continue
        [ $failed != $was ] || passed=$((passed + 1))
        [ $failed -lt 12 ] || { echo 'too much is wrong to go on'; printf '%d passed, %d failed\n' "$passed" "$failed"; exit 1; }
    done 3<"$work/calls"
    doing="$act, after all of them"
    to_the_end
    now_ms
    said+=" $act $((point - hits)) in $((now - begun)) ms;"
    # What only runs in one way makes the same calls each time.
    [ "$((point - hits))" -ge $((($(wc -l <"$work/calls") + 1) / 2)) ] || bad "only $((point - hits)) of $(wc -l <"$work/calls") points were met"
}

said='' skip='' copy='' proposal=''
act=backup; to_the_end
old=$(find "$backups" -name 'goodgo_*.sql.gz')
cp "$old" "$work/old.sql.gz"; cp "$old.manifest.json" "$work/old.sql.gz.manifest.json"
old=$work/old.sql.gz
curl -s -m 5 -X DELETE -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "http://$TYPESENSE_HOST:$TYPESENSE_PORT/collections/listings" >/dev/null
act=reindex; to_the_end
facts_before=$(sql "$facts_sql")
all_of reload 10 # the trail, its head, the events: every job has them
all_of redis 2
all_of prometheus 2
all_of cancel 2
no_sleeper
all_of backup 4 $common
all_of directory 5 $common
all_of prune 4 $common
all_of verify 4 $common
all_of scratch 1 $common
all_of reindex 4 $common
all_of recreate 4 $common
all_of restore 3 $common
[ "$only" != replace ] || { act=restore; to_the_end; }
all_of replace 4 $common
all_of upload 4 $common
[ "$only" != fetch ] || { act=upload; to_the_end; }
copy=$(find "$backups" -name 'goodgo_*.sql.gz' -printf '%f\n' | sort | tail -n 1)
all_of fetch 4 $common
all_of settle 3 $common
all_of reconcile 5 $common
# What was proposed before the file for finance failed stands, and the trail has it.
if [ -z "$only" ] || [ "$only" = reconcile ]; then
    doing='payments reconcile, whose file gets no name'
    rm -rf "$proposals" "$work/out.csv"
    out=$(LD_PRELOAD=$library FAILING_IN=reconcile FAILING_CALL=rename FAILING_AT=1 FAILING_ERRNO=$ENOSPC FAILING_SKIP=.json:audit \
        "${g[@]}" payments reconcile --day 2026-03-10 --statement "$work/mb.csv" --csv "$work/out.csv" --propose --reason 'day closed' 2>&1)
    code=$?
    [ $code = 1 ] && grep -q 'No space left' <<<"$out" && grep -q '1 proposal of it stands' <<<"$out" || bad "ends with $code: $out"
    tail -n 1 "$state/audit.jsonl" | jq -e '.outcome == "failed" and .target == "proposals" and .details.proposed == "1"' >/dev/null ||
        bad "the trail: $(tail -n 1 "$state/audit.jsonl")"
    [ ! -e "$work/out.csv" ] || bad 'there is a file for finance'
    passed=$((passed + 1))
fi
[ -d "$proposals" ] || { act=reconcile; to_the_end; }
cp -r "$proposals" "$work/proposals"
proposal=$(basename "$(find "$work/proposals" -name '*.json')" .json)
sed -i 's/"maker": "[^"]*"/"maker": "somebody"/; s/"makerUid": [0-9]*/"makerUid": 65533/' "$work/proposals/$proposal.json" # nobody decides his own
all_of approve 3 $common
all_of decline 2 $common

# The archive itself: pg_dump may write no file over 64 KiB. A trail of its own, or that would be too large too.
for act in backup directory; do
    [ -z "$only" ] || [ "$only" = $act ] || continue
    doing="$act, the disk is full for pg_dump"
    make_way
    command_of
    out=$(trap '' XFSZ; ulimit -f 64; "${g[@]}" --state-dir "$work/fresh" "${cmd[@]}" --confirm $word 2>&1 </dev/null)
    code=$?
    [ $code = 1 ] && grep -q 'pg_dump.*File too large' <<<"$out" || bad "a full disk ends with $code: $(tail -n 5 <<<"$out")"
    invariants
    to_the_end
    passed=$((passed + 1))
done
# The API moves a payment; beside it its traffic changes listings.
"$sandbox" fault --dir "$dir" api clear >/dev/null
facts_sql='SELECT sum(hashtextextended(t::text, 0)) FROM "User" t' facts_before=$(sql "$facts_sql")
all_of replay 4 $common
echo "points, seed $seed:$said"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
