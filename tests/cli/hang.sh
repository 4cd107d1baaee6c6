#!/usr/bin/env bash
# hang.sh GOODGO HANG_DIR_SO - a backup directory that does not answer (a network file system whose server is gone):
# every command that looks into it ends in time, with a sentence that says so.
set -uo pipefail
goodgo=$(readlink -f "$1") shim=$(readlink -f "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state HANG_DIR=$work/gone
mkdir gone
printf 'PGDMP\1\16\0\4\10\1xxxx' >gone/goodgo_20260413_020000.sql.gz
printf 'BACKUP_DIR=%s\nREPORT_FILE=%s/report.json\nDATABASE_URL_DIRECT=postgresql://u:p@127.0.0.1:9/goodgo\n' "$HANG_DIR" "$HANG_DIR" >./env
chmod 600 env
passed=0 failed=0

run() { # NAME EXPECTED-EXIT EXPECTED-OUTPUT-REGEX ARGUMENTS... (ended, and failed, after a minute)
    local name=$1 exit=$2 regex=$3 out code
    shift 3
    out=$(LD_PRELOAD=$shim timeout -s KILL 60 "$goodgo" --env-file env "$@" 2>&1 </dev/null)
    code=$?
    if [ $code = "$exit" ] && grep -qE -- "$regex" <<<"$out"; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: exit %s (expected %s), output should match /%s/:\n%s\n' "$name" "$code" "$exit" "$regex" "$out"
    fi
}

# The shim hangs what it should: a plain look into the directory does not come back.
if LD_PRELOAD=$shim timeout -s KILL 1 ls "$HANG_DIR" >/dev/null 2>&1; then
    failed=$((failed + 1)); echo 'FAILED the directory answers: nothing below means anything'
else passed=$((passed + 1)); fi

gone='does not answer within 5000 ms: is it a network file system'
run 'backups' 2 "$gone" backups
run 'backups of a directory named' 2 "$gone" backups "$HANG_DIR"
run 'backups as JSON' 2 "$gone" backups --json
run 'quick verify of the latest' 2 "$gone" verify --quick
run 'quick verify of a file' 2 "$gone" verify --quick "$HANG_DIR/goodgo_20260413_020000.sql.gz"
run 'the plan of a drill' 2 "$gone" verify --scratch --dry-run
run 'the plan of a restore' 2 "$gone" restore goodgo_20260413_020000.sql.gz --into copy --dry-run
run 'check backup' 2 'pg-backup CRITICAL: .*not read within' check backup
run 'check backup with a patience of its own' 2 'not read within [0-9]{1,3} ms' check backup --timeout 900
run 'status' 2 'not read within' status --only pg-backup
run 'the screen as text' 0 'not read within' render pg-backup --size 80x24

printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
