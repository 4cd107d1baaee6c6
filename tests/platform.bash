# platform.bash - what every script with a private platform of its own does with it: takes over its environment, asks its
# database, gives it a backup directory. Sourced; $work and $dir are the script's.
# shellcheck shell=bash
# enter - the platform's environment, and libpq's names of its database
enter() {
    set -a
    # shellcheck source=/dev/null
    . "$dir/.env"
    set +a
    export PGHOST=$DB_HOST PGPORT=$DB_PORT PGUSER=$DB_USER PGPASSWORD=$DB_PASSWORD PGDATABASE=$DB_NAME
}
# own_backups - enter, with a backup directory and a report of the script's own in that environment
own_backups() {
    backups=$work/backups
    export TMPDIR=$work/tmp
    mkdir -p "$backups" "$TMPDIR"
    chmod 755 "$work" "$TMPDIR" # the scratch cluster's user must pass
    sed -i '/^BACKUP_DIR=/d; /^REPORT_FILE=/d' "$dir/.env"
    printf 'BACKUP_DIR=%s\nREPORT_FILE=%s\n' "$backups" "$work/report.json" >>"$dir/.env"
    enter
}
# Debian's psql is a script that looks for the newest psql each time; that costs more than what it then runs.
psql_program=$(printf '%s\n' /usr/lib/postgresql/*/bin/psql | sort -V | tail -n 1)
[ -x "$psql_program" ] || psql_program=$(command -v psql)
psql() { "$psql_program" "$@"; }
# sql STATEMENT [DATABASE] - by the names of the platform's environment alone: DB_PORT=... sql asks another server
sql() {
    PGPASSWORD=$DB_PASSWORD psql -XAtq -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "${2:-$DB_NAME}" -c "$1"
}
