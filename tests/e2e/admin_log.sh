#!/usr/bin/env bash
# admin_log.sh SANDBOX GOODGO - whom the platform's AdminAuditLog names for an act: the administrator who is meant, or nobody
# and a word about it in the job's log. The act itself is done all the same.
set -uo pipefail
. "$(dirname "$0")/acts.bash"
export XDG_STATE_HOME=$work/state

up postgres,pgbouncer
enter
login=$(id -un)
administrator() { # ID EMAIL - one more, like the first there is
    sql "CREATE TEMP TABLE one AS SELECT * FROM \"User\" WHERE role = 'ADMIN' ORDER BY id LIMIT 1;
        UPDATE one SET id = '$1', email = '$2', phone = '+849$1'; INSERT INTO \"User\" SELECT * FROM one"
}
# act ADMIN - one small act where GOODGO_ADMIN_USER is ADMIN: the address its row names, or the log's sentence.
act() {
    local before job
    { grep -v '^GOODGO_ADMIN_USER=' "$dir/.env"; [ -z "$1" ] || echo "GOODGO_ADMIN_USER=$1"; } >"$work/one.env"
    before=$(sql 'SELECT count(*) FROM "AdminAuditLog"')
    (unset GOODGO_ADMIN_USER; exec "$goodgo" --env-file "$work/one.env" pgbouncer-control RELOAD --confirm dev:1) >"$work/out" 2>&1 </dev/null || { cat "$work/out"; return; }
    job=$(find "$XDG_STATE_HOME/goodgo/jobs" -mindepth 1 -maxdepth 1 -name '2*' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2)
    if [ "$(sql 'SELECT count(*) FROM "AdminAuditLog"')" = "$before" ]; then
        grep -o 'no row in AdminAuditLog: .*' "$job/log"
    else
        sql "SELECT u.email FROM \"AdminAuditLog\" l JOIN \"User\" u ON u.id = l.\"actorId\" WHERE l.metadata->>'job' = '$(basename "$job")'"
    fi
}

is 'whom the setting names by address' nguoidung1@example.vn "$(act nguoidung1@example.vn)"
is 'whom the setting names by id' nguoidung1@example.vn "$(act "$(sql "SELECT id FROM \"User\" WHERE email = 'nguoidung1@example.vn'")")"
is 'nobody has this login' "no row in AdminAuditLog: no administrator is called $login; set GOODGO_ADMIN_USER to the email of yours" "$(act '')"
administrator one "$login@example.vn"
is 'the one with this login' "$login@example.vn" "$(act '')"
is 'a setting that names nobody is not replaced by a guess' \
    'no row in AdminAuditLog: no administrator is called nobody@example.vn; set GOODGO_ADMIN_USER to the email of yours' "$(act nobody@example.vn)"
administrator two "$login@example.com"
is 'of two with this login neither is guessed' \
    "no row in AdminAuditLog: several administrators are called $login; set GOODGO_ADMIN_USER to the email of yours" "$(act '')"
is 'the setting tells the two apart' "$login@example.com" "$(act "$login@example.com")"
sql "UPDATE \"User\" SET role = 'BUYER' WHERE id = 'one'"
is 'who is no administrator is not named' "no row in AdminAuditLog: no administrator is called $login@example.vn; set GOODGO_ADMIN_USER to the email of yours" "$(act "$login@example.vn")"

# Removed in the moment in which the row is written: the row waits for the other transaction, and finds nobody after it.
administrator three "gone@example.vn"
mkfifo "$work/statements"
psql -XAtq <"$work/statements" >"$work/removed" 2>&1 &
exec 9>"$work/statements"
printf "BEGIN; DELETE FROM \"User\" WHERE id = 'three' RETURNING id;\n" >&9
until grep -q three "$work/removed"; do sleep 0.02; done
act gone@example.vn >"$work/gone" &
acting=$!
for _ in $(seq 250); do # 5 s: as long as the row is waited for
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'goodgo job' AND wait_event_type = 'Lock'")" = 0 ] || break
    sleep 0.02
done
is 'the row waits for who removes its administrator' 1 "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'goodgo job' AND wait_event_type = 'Lock'")"
echo 'COMMIT;' >&9
exec 9>&-
wait $acting
is 'and it is told as what it is' 'no row in AdminAuditLog: no administrator is called gone@example.vn; set GOODGO_ADMIN_USER to the email of yours' "$(cat "$work/gone")"

end
