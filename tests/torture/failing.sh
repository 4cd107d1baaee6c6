#!/usr/bin/env bash
# failing.sh SANDBOX GOODGO [LIBRARY] - lets the first write, sync and rename of a job's files fail, then the second, and so
# on until none is left: trail, head, events, manifest, archive, report, proof, checkpoint. After each: what failed is said,
# nothing half has a final name, the trail is whole, the job tells the truth, and the next run works. LIBRARY is
# tests/failing.so of the build; without it, that beside GOODGO.
set -uo pipefail
library=$(readlink -f "${3:-$(dirname "$2")/tests/libfailing.so}")
. "$(dirname "$0")/torture.bash"
ENOSPC=28 EIO=5

# What the operator is shown has to name the file or the error; what only lost progress may say so in the log.
says() { grep -qE 'No space left on device|Input/output error|File too large' <<<"$1"; }
failing() { # CALL N ERRNO - one run of $act; false when it made fewer than N such calls
    local code log
    rm -f "$work/told"
    make_way
    command_of
    doing="$act, $1 $2 fails with $3"
    out=$(LD_PRELOAD=$library FAILING_IN=job-run FAILING_CALL=$1 FAILING_AT=$2 FAILING_ERRNO=$3 FAILING_TOLD=$work/told \
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
}
all_of() { # ACT CALL...
    local call n was error
    act=$1
    shift
    for call in "$@"; do
        for ((n = 1; n < 200; n++)); do
            error=$((n % 2 ? ENOSPC : EIO)) was=$failed
            failing "$call" $n $error || break
            [ $((n % 4)) != 0 ] || to_the_end # what was left is no obstacle
            [ $failed != $was ] || passed=$((passed + 1))
            [ $failed -lt 12 ] || { echo 'too much is wrong to go on'; printf '%d passed, %d failed\n' "$passed" "$failed"; exit 1; }
        done
        [ $n -gt 1 ] || bad "$act: no $call was seen"
        to_the_end
    done
}

act=backup; to_the_end
act=reindex; to_the_end
facts_before=$(sql "$facts_sql")
all_of reload write short fsync rename # the trail, its head, the events: every job has them
all_of backup fsync rename             # and the manifest, the archive
all_of verify rename                   # and the report, the proof
all_of reindex rename                  # and the checkpoint
# The archive itself: pg_dump may write no file over 64 KiB. A trail of its own, or that would be too large too.
act=backup doing='backup, the disk is full for pg_dump'
command_of
out=$(trap '' XFSZ; ulimit -f 64; "${g[@]}" --state-dir "$work/fresh" "${cmd[@]}" --confirm $word 2>&1 </dev/null)
code=$?
[ $code = 1 ] && grep -q 'pg_dump.*File too large' <<<"$out" || bad "a full disk ends with $code: $(tail -n 5 <<<"$out")"
invariants
to_the_end
passed=$((passed + 1))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
