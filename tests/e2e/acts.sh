#!/usr/bin/env bash
# acts.sh SANDBOX GOODGO - backup, drill and restore on a real PostgreSQL as an operator runs them: plan, word, job,
# progress, trail; what is refused; what is damaged; who is killed.
set -uo pipefail
. "$(dirname "$0")/acts.bash"
up_with_backups postgres,pgbouncer

# The plan and what is refused.
run 'a dry run prints the plan' 0 'PLAN [0-9a-f]{16}  backup in dev' "${g[@]}" backup --dry-run
run 'a dry run as JSON' 0 '"schema": "goodgo.plan/1"' "${g[@]}" backup --dry-run --json
run 'and where who starts it ignores its children' 0 'PLAN' bash -c 'trap "" CHLD; exec "$@"' - "${g[@]}" backup --dry-run
run 'no terminal and no word' 3 'no --confirm' "${g[@]}" backup
run 'a wrong word' 3 'does not fit' "${g[@]}" backup --confirm 'prod:1'
run 'read-only' 3 'read-only' "${g[@]}" --read-only backup --confirm 'dev:1'
run 'no such option' 2 'is not an option' "${g[@]}" backup --frobnicate
run 'a missing directory' 2 'No such file' "${g[@]}" backup --dir "$work/nowhere" --confirm 'dev:1'
is 'nothing was written by all that' 0 "$(find "$backups" -type f | wc -l)"

# A backup.
touch "$backups/goodgo_20200101_000000.sql.gz.part"
# The settings name the platform, not what libpq would find in the environment.
run 'backup' 0 'every table equals' env PGHOSTADDR=127.0.0.9 PGTZ=Asia/Ho_Chi_Minh PGCLIENTENCODING=LATIN1 "${g[@]}" backup --confirm 'dev:1' --reason 'before the release'
archive=$(find "$backups" -name 'goodgo_*.sql.gz')
is 'one archive' 1 "$(wc -l <<<"$archive")"
is 'no partial file is left, not even the dead one' 0 "$(find "$backups" -name '*.part' | wc -l)"
is 'it is PostgreSQL custom format' PGDMP "$(head -c 5 "$archive")"
run "Debian's pg_restore reads it" 0 'TABLE DATA public Listing' pg_restore -l "$archive"
is 'the manifest has all rows' "$(sql 'SELECT count(*) FROM "Listing"')" "$(jq -r '.tables[]? | select(.name == "Listing") | .rows' "$archive.manifest.json")"
is 'the manifest has the file' "$(sha256sum "$archive" | cut -d' ' -f1)" "$(jq -r .sha256 "$archive.manifest.json")"
run 'the catalogue grades it B' 0 '^B +goodgo_' "${g[@]}" backups
run 'quick verify' 0 'pass: ' "${g[@]}" verify --quick
run 'AdminAuditLog has a row' 0 '^1$' sql "SELECT count(*) FROM \"AdminAuditLog\" WHERE \"metadata\"->>'action' = 'backup'"

# A context whose directory is behind a link, as a home on another disk is: the job is the same platform's.
mkdir -p "$work/real/goodgo/contexts" "$work/away" && cp -p "$dir/.env" "$work/real/goodgo/contexts/dev.env" && ln -s real "$work/linked"
run 'an act in a context behind a link' 0 'every table equals' env XDG_CONFIG_HOME="$work/linked" "$goodgo" -c dev backup --dir "$work/away" --confirm 'dev:1'

# The drill, in both places.
run 'drill on the server' 0 'pass' "${g[@]}" verify latest --confirm 'dev:1'
is "the report has the runbook's keys in order" 'timestamp backupFile backupSize testDatabase restoreDurationSeconds passed failed warnings result checks' \
    "$(jq -r 'keys_unsorted[0:10] | join(" ")' "$work/report.json")"
is 'counts equal the list' true "$(jq '.passed + .failed + .warnings == (.checks | length)' "$work/report.json")"
is 'the words of the runbook' 4 "$(jq -r '.checks[].detail' "$work/report.json" | grep -cE '^(Test database created|All 22 expected tables present|All tables match the manifest|pg_restore completed cleanly in [0-9]+s)$')"
is 'no database is left' 0 "$(sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'goodgo_verify_%'")"
run 'the catalogue grades it A' 0 '^A +goodgo_' "${g[@]}" backups
run 'drill in a cluster of its own' 0 'pass' "${g[@]}" verify "$archive" --scratch --confirm 'dev:1'
is 'no cluster is left' 0 "$(find "$work/tmp" -maxdepth 1 -name 'goodgo-scratch-*' | wc -l)"
proof=$archive.proof.json
is 'the proof says of which bytes' "$(sha256sum "$archive" | cut -d' ' -f1)" "$(jq -r .sha256 "$proof")"
is 'where, and against what' 'scratch cluster manifest' "$(jq -r '"\(.place) \(.against)"' "$proof")"
is 'and how long a recovery takes' true "$(jq '.recoveryTimeMs > 0' "$proof")"
is 'the catalogue has it' 'pass scratch cluster A' "$("${g[@]}" backups --json | jq -r '.backups[0] | "\(.proof) \(.drill.place) \(.grade)"')"
run 'check backup' 0 '^pg-backup OK: .*\| .*last_proof_age_s=[0-9]+s' "${g[@]}" check backup
run 'a drill that cannot be set up' 2 . env TMPDIR=/proc/none "${g[@]}" verify "$archive" --scratch --confirm 'dev:1'
is 'leaves a record of why' error "$(jq -r .result "$archive.attempt.json")"
is 'and takes nothing from the proof' pass "$(jq -r .result "$proof")"
run 'the catalogue tells both' 0 '^A .*pass .*came to no verdict' "${g[@]}" backups
run 'check backup warns of it' 1 'no verdict' "${g[@]}" check backup
run 'a kept database' 0 'pass' env SKIP_CLEANUP=1 "${g[@]}" verify --skip-cleanup --confirm 'dev:1'
is 'is there' 1 "$(sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'goodgo_verify_%'")"
run 'and the next drill drops it' 0 'first drops goodgo_verify_' "${g[@]}" verify --confirm 'dev:1'
is 'a drill that passes clears the record' false "$([ -e "$archive.attempt.json" ] && echo true || echo false)"
is 'is gone' 0 "$(sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'goodgo_verify_%'")"

# The source moves on: a manifest does not care, a comparison with the live source tells later writes from damage.
pg_dump -Fc -f "$work/lonely.sql.gz"
sql "UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1 WHERE id = (SELECT min(id) FROM \"Listing\")" # which leaves no time in it
sql "INSERT INTO \"Review\" SELECT 'later', \"userId\", 'X', 'later', 5, NULL, now(), now() FROM \"Review\" LIMIT 1"
run 'writes since the dump are no alarm' 0 'pass' "${g[@]}" verify --confirm 'dev:1'
run 'without a manifest they are a warning' 0 'Review.*since the dump' "${g[@]}" verify "$work/lonely.sql.gz" --confirm 'dev:1'
run 'and so is what cannot be told' 0 'Listing: 1 row unlike the source, and damage or a write since the dump cannot be told apart' echo "$out"
run 'a copy of the database' 0 'goodgo_copy' "${g[@]}" restore "$archive" --into goodgo_copy --confirm 'dev:1'
sql "UPDATE \"Review\" SET rating = 6 - rating WHERE id = (SELECT min(id) FROM \"Review\" WHERE rating <> 3)" goodgo_copy
pg_dump -Fc -f "$work/changed.sql.gz" goodgo_copy
# What a whole archive can lack all the same: held against the manifest of what it should hold, each is named.
sql 'DROP INDEX "Listing_propertyId_idx"; ALTER INDEX "Lead_agentId_status_createdAt_idx" RENAME TO "Lead_other_idx";
    ALTER TABLE "Review" DROP CONSTRAINT "Review_userId_fkey"; DROP TABLE "MarketIndex"; ALTER TABLE "Agent" DROP COLUMN bio;
    DELETE FROM _prisma_migrations WHERE id = (SELECT max(id) FROM _prisma_migrations);
    UPDATE "Inquiry" i SET message = o.message FROM (SELECT min(id) AS a, max(id) AS b FROM "Inquiry") m, "Inquiry" o
        WHERE i.id IN (m.a, m.b) AND o.id IN (m.a, m.b) AND o.id <> i.id' goodgo_copy
is 'the two that are swapped were not the same' 2 "$(sql 'SELECT count(DISTINCT message) FROM "Inquiry" WHERE id IN (SELECT min(id) FROM "Inquiry" UNION SELECT max(id) FROM "Inquiry")' goodgo_copy)"
pg_dump -Fc -f "$work/altered.sql.gz" goodgo_copy
sed -i 's/"viewCount" integer DEFAULT 0 NOT NULL/"viewCount" integer DEFAULT 7 NOT NULL/' "$work/altered.sql.gz" # in its table of contents alone
jq --arg s "$(sha256sum "$work/altered.sql.gz" | cut -d' ' -f1)" --argjson n "$(stat -c %s "$work/altered.sql.gz")" '.sha256 = $s | .sizeBytes = $n' \
    "$archive.manifest.json" >"$work/altered.sql.gz.manifest.json"
run 'an altered archive' 1 'fail' "${g[@]}" verify "$work/altered.sql.gz" --confirm 'dev:1'
altered() { is "altered: $1" true "$(jq --arg c "$2" --arg d "$3" '[.checks[] | select(.check == $c and .status == "fail" and (.detail | test($d)))] | length == 1' "$work/report.json")"; }
altered 'a missing index' Indexes 'Listing_propertyId_idx missing'
altered 'a renamed one' Indexes 'Lead_agentId_status_createdAt_idx missing; .*Lead_other_idx not expected'
altered 'a missing foreign key' Constraints 'Review_userId_fkey missing'
altered 'a missing table' 'Table existence' '1 missing: MarketIndex'
altered 'an older schema' Columns 'Agent.bio missing'
altered 'an older migration' Migrations 'missing'
altered 'a definition changed in the table of contents' Columns 'viewCount other .*default 7'
altered 'a changed row' 'Checksum: Review' 'Hashes differ'
altered 'two rows swapped' 'Checksum: Inquiry' 'Hashes differ'
is 'and its bytes were those of the manifest' pass "$(jq -r '.checks[] | select(.check == "File checksum") | .status' "$work/report.json")"
sql 'DROP DATABASE goodgo_copy'
run 'and a row that the dump has otherwise is damage' 1 'Review.*damaged' "${g[@]}" verify "$work/changed.sql.gz" --confirm 'dev:1'

# What pg_restore makes last, after the rows are being read already: keys from and to partitions, what a materialized
# view holds, an event trigger. And what a drill makes quicker stays its own.
run 'a copy with more kinds of things' 0 'goodgo_copy' "${g[@]}" restore "$archive" --into goodgo_copy --confirm 'dev:1'
sql "CREATE TABLE visit (id int, day date, property text REFERENCES \"Property\" (id), PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
    CREATE TABLE visit_2025 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    CREATE TABLE visit_rest PARTITION OF visit DEFAULT;
    INSERT INTO visit SELECT i, date '2025-12-01' + i % 90, (SELECT min(id) FROM \"Property\") FROM generate_series(1, 3000) i;
    CREATE INDEX ON visit (property);
    CREATE TABLE note (id int PRIMARY KEY, visit int, day date, FOREIGN KEY (visit, day) REFERENCES visit);
    INSERT INTO note SELECT id, id, day FROM visit WHERE id % 7 = 0;
    CREATE MATERIALIZED VIEW visits_by_month AS SELECT to_char(day, 'YYYY-MM') AS month, count(*) AS n FROM visit GROUP BY 1;
    CREATE UNIQUE INDEX ON visits_by_month (month);
    CREATE FUNCTION seen() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION seen();
    COMMENT ON EVENT TRIGGER watch IS 'what is made';
    CREATE TABLE unsure (i int); ALTER TABLE unsure ADD CONSTRAINT positive CHECK (i > 0) NOT VALID" goodgo_copy
# kinds DATABASE - what became of them
kinds() {
    sql "SELECT (SELECT string_agg(month || ' ' || n, ', ' ORDER BY month) FROM visits_by_month),
        (SELECT string_agg(tableoid::regclass || ' ' || n, ', ' ORDER BY tableoid::regclass::text) FROM (SELECT tableoid, count(*) AS n FROM visit GROUP BY 1) v),
        (SELECT string_agg(evtname || evtenabled::text || obj_description(oid, 'pg_event_trigger'), ',') FROM pg_event_trigger WHERE evtname = 'watch'),
        (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND conrelid::regclass::text ~ '^(visit|note)')" "$1"
}
sed -E 's/^(DB_NAME=).*/\1goodgo_copy/; s/^(DATABASE_URL.*\/)[^/?]*(\?.*)?$/\1goodgo_copy\2/' "$dir/.env" >"$work/copy.env"
copy=("$goodgo" --env-file "$work/copy.env")
mkdir "$work/copies"
run 'their backup' 0 'every table equals' "${copy[@]}" backup --dir "$work/copies" --confirm 'dev:1'
run 'their drill' 0 'pass' "${copy[@]}" verify "$(find "$work/copies" -name '*.sql.gz')" --skip-cleanup --confirm 'dev:1'
kept=$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'goodgo_verify_%'")
is 'has every kind as it was' "$(kinds goodgo_copy)" "$(kinds "$kept")"
is 'that is, with its rows, and valid' '2025-12 1053, 2026-01 1023, 2026-02 924|visit_2025 1053, visit_rest 1947|watchOwhat is made|6' "$(kinds "$kept")"
collation() { sql "SELECT datcollate FROM pg_database WHERE datname = '$1'"; }
is 'a drill orders by bytes, a restored database as the source does' "C $(collation "$DB_NAME")" "$(collation "$kept") $(collation goodgo_copy)"
is 'nothing calls autovacuum there' 0 "$(sql 'SELECT sum(n_tup_ins) FROM pg_stat_user_tables' "$kept")"
is 'and what is kept has no setting of the drill' 0 "$(sql "SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '$kept')")"
is 'a constraint that was not valid is not expected to be' 'pass Every index ready, every constraint validated but 1, as in the manifest' \
    "$(jq -r '.. | objects | select(.check? == "Foreign keys and indexes valid") | "\(.status) \(.detail)"' "$(compgen -G "$work/copies/*.proof.json")")"
run 'their drill in a cluster of its own' 0 'pass' "${copy[@]}" verify "$(find "$work/copies" -name '*.sql.gz')" --scratch --confirm 'dev:1'
# A drill whose server cannot go on says nothing of the archive.
sql "CREATE FUNCTION full_disk(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN IF current_database() ~ ''^goodgo_verify'' THEN
        RAISE ''could not extend file: No space left on device''; END IF; RETURN \$1; END';
    CREATE INDEX ON \"Plan\" (full_disk(id::text))" goodgo_copy
rm "$work"/copies/*
run 'an archive that is whole' 0 'every table equals' "${copy[@]}" backup --dir "$work/copies" --confirm 'dev:1'
whole=$(find "$work/copies" -name '*.sql.gz')
run 'and a server with a full disk' 2 'says nothing of the archive: .*No space left on device' "${copy[@]}" verify "$whole" --confirm 'dev:1'
is 'are no proof of anything' 'error false' "$(jq -r .result "$whole.attempt.json") $([ -e "$whole.proof.json" ] && echo true || echo false)"
run 'a small disk is told before' 0 '! only .* free in /proc, and the cluster needs about' env TMPDIR=/proc "${copy[@]}" verify "$whole" --scratch --dry-run
sql 'DROP DATABASE goodgo_copy'

# Damaged archives never pass.
damage() { # NAME COMMAND... (makes $work/bad.sql.gz with its manifest)
    local name=$1
    shift
    cp "$archive" "$work/bad.sql.gz"; cp "$archive.manifest.json" "$work/bad.sql.gz.manifest.json"
    "$@"
    run "quick: $name" '1|2' . "${g[@]}" verify --quick "$work/bad.sql.gz"
    run "drill: $name" '1|2' . "${g[@]}" verify "$work/bad.sql.gz" --scratch --confirm 'dev:1'
}
size=$(stat -c %s "$archive")
flip() { # OFFSET
    local byte
    byte=$(od -An -tu1 -j "$1" -N1 "$work/bad.sql.gz")
    printf "\\x$(printf %02x $((byte ^ 4)))" | dd of="$work/bad.sql.gz" bs=1 seek="$1" conv=notrunc status=none
}
damage 'cut in the middle' truncate -s $((size / 2)) "$work/bad.sql.gz"
damage 'cut by one byte' truncate -s $((size - 1)) "$work/bad.sql.gz"
damage 'a bit of the data' flip $((size * 2 / 3))
damage 'a bit of the table of contents' flip 3000
damage 'empty' truncate -s 0 "$work/bad.sql.gz"
damage 'something appended' sh -c "echo x >>'$work/bad.sql.gz'"
damage 'two archives in one' sh -c "cat '$archive' >>'$work/bad.sql.gz'"
damage 'gzip under the name' sh -c "echo 'SELECT 1' | gzip >'$work/bad.sql.gz'"
damage 'plain SQL under the name' sh -c "echo 'SELECT 1;' >'$work/bad.sql.gz'"
damage 'a newer format' sh -c "printf '\\x01\\x63' | dd of='$work/bad.sql.gz' bs=1 seek=5 conv=notrunc status=none"
rm -f "$work/bad.sql.gz"; mkfifo "$work/bad.sql.gz"
run 'a FIFO does not hang' 2 . timeout 20 "${g[@]}" verify "$work/bad.sql.gz" --confirm 'dev:1'
rm -f "$work/bad.sql.gz"; ln -s "$archive" "$work/bad.sql.gz"
run 'a link is refused' 2 . "${g[@]}" verify "$work/bad.sql.gz" --confirm 'dev:1'
rm -f "$work"/bad.sql.gz*
if [ "$(id -u)" = 0 ]; then # root may read everything
    cp "$archive" "$work/bad.sql.gz"; chmod 600 "$work/bad.sql.gz"; cp "$goodgo" "$work/goodgo"; install -m 644 "$dir/.env" "$work/all.env"
    run 'one that may not be read' 2 'bad.sql.gz: Permission denied' setpriv --reuid 65534 --regid 65534 --clear-groups env HOME=/nonexistent \
        "$work/goodgo" --env-file "$work/all.env" --state-dir "$work/tmp/nobody" verify "$work/bad.sql.gz" --dry-run
    rm -f "$work/bad.sql.gz"
    # A state directory that is the group's: a colleague reads along, and changes nothing.
    install -d -m 2750 -g 65534 "$work/ours"
    run 'a job of the group' 0 'done' "${g[@]}" --state-dir "$work/ours" backup --dir "$work/copies" --confirm 'dev:1'
    colleague=(setpriv --reuid 65533 --regid 65534 --clear-groups env HOME=/nonexistent "$work/goodgo" --env-file "$work/all.env" --state-dir "$work/ours")
    run 'a colleague follows it' 0 'every table equals' "${colleague[@]}" jobs attach last
    run 'and reads the trail' 0 'result +done +backup' "${colleague[@]}" audit
    run 'but begins nothing there' 2 'Permission denied' "${colleague[@]}" pgbouncer-control RELOAD --confirm 'dev:1'
    rm -f "$work/all.env"
fi

# Restore.
run 'restore into a new database' 0 'database +goodgo_restored' "${g[@]}" restore "$(basename "$archive")" --into goodgo_restored --confirm 'dev:1'
is 'it holds the users' "$(jq -r '.tables[]? | select(.name == "User") | .rows' "$archive.manifest.json")" "$(sql 'SELECT count(*) FROM "User"' goodgo_restored)"
run 'an existing one is refused' 2 'exists' "${g[@]}" restore "$archive" --into goodgo_restored --confirm 'dev:1'
run 'replacing says what it does' 0 'tier 3' "${g[@]}" restore "$archive" --into goodgo_restored --replace --dry-run
sql 'DELETE FROM "AdminAuditLog"' goodgo_restored
PGOPTIONS='-c allow_in_place_tablespaces=on' sql "CREATE TABLESPACE elsewhere LOCATION ''"
sql 'ALTER DATABASE goodgo_restored SET TABLESPACE elsewhere'
run 'replace an existing one' 0 'old database' "${g[@]}" restore "$archive" --into goodgo_restored --replace --confirm 'dev:1'
is 'the old one is kept' 1 "$(sql "SELECT count(*) FROM pg_database WHERE datname LIKE 'goodgo_restored_before_%'")"
is 'the new one is where that was' elsewhere "$(sql "SELECT spcname FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace WHERE datname = 'goodgo_restored'")"
sql "CREATE DATABASE goodgo_vi TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi'"
run 'over one whose order is of ICU' 0 'old database' "${g[@]}" restore "$archive" --into goodgo_vi --replace --confirm 'dev:1'
is 'the new one has its order too' 'i vi' "$(sql "SELECT concat(j ->> 'datlocprovider', ' ', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
    FROM pg_database d, to_jsonb(d) j WHERE datname = 'goodgo_vi'")"
for name in $(sql "SELECT datname FROM pg_database WHERE datname LIKE 'goodgo_vi%'"); do sql "DROP DATABASE $name"; done
run 'no name that is none' 2 'no database name' "${g[@]}" restore "$archive" --into 'x"; DROP' --confirm 'dev:1'
run "nor the server's own" 2 "server's own" "${g[@]}" restore "$archive" --into template1 --replace --dry-run
run 'nor one that a drill would drop' 2 "a drill's" "${g[@]}" restore "$archive" --into goodgo_verify_20260101_000000 --dry-run
run 'the safety dump is whole' 0 'pass: ' "${g[@]}" verify --quick "$(compgen -G "$backups/safety_goodgo_restored_*.sql.gz")"
run 'and nobody takes it for a backup' 0 "restores .*$(basename "$archive")" "${g[@]}" verify latest --dry-run
run 'the plan says which data that is' 0 'taken 20.* of database goodgo$' "${g[@]}" restore "$archive" --into goodgo_restored --replace --dry-run
run 'a dry run prints the word' 0 "^its word: --confirm 'dev 1'" echo "$out"
cp "$archive" "$backups/goodgo_20991231_235959.sql.gz"
run 'a backup from the future is told' 0 'goodgo_20991231_235959.sql.gz is dated [^ ]+ ahead' "${g[@]}" verify latest --dry-run
run 'before a restore too' 0 'goodgo_20991231_235959.sql.gz is dated' "${g[@]}" restore latest --into goodgo_copy --dry-run
run 'and that the next one is not the latest' 0 'goodgo_20991231_235959.sql.gz is dated' "${g[@]}" backup --dry-run
rm "$backups/goodgo_20991231_235959.sql.gz"
sql 'DROP DATABASE goodgo_restored'

# Owners and rights are the archive's; what no archive has, the database that is replaced gives.
sql 'CREATE ROLE keeper; CREATE ROLE reader; CREATE TABLE kept_by (a int); ALTER TABLE kept_by OWNER TO keeper; GRANT SELECT ON "Listing" TO reader'
pg_dump -Fc -f "$work/rights.sql.gz"
sql 'DROP TABLE kept_by; REVOKE SELECT ON "Listing" FROM reader'
rights() {
    sql "SELECT (SELECT relowner::regrole FROM pg_class WHERE relname = 'kept_by'), has_table_privilege('reader', '\"Listing\"', 'SELECT'),
        (SELECT reltuples > 0 FROM pg_class WHERE relname = 'Listing')" goodgo_rights
}
traits() { # of the database: all but when it was made
    sql "SELECT pg_get_userbyid(datdba), datconnlimit, shobj_description(d.oid, 'pg_database'), (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(datacl) a),
        (SELECT array_agg(setrole::regrole || ' ' || c ORDER BY setrole, c) FROM pg_db_role_setting s, unnest(setconfig) c WHERE setdatabase = d.oid)
        FROM pg_database d WHERE datname = '$1'"
}
run 'rights come with the rows' 0 'owners and grants as in the archive' "${g[@]}" restore "$work/rights.sql.gz" --into goodgo_rights --confirm 'dev:1'
is 'as they were, and the planner knows the tables' 'keeper|t|t' "$(rights)"
sql "ALTER DATABASE goodgo_rights OWNER TO keeper; REVOKE CONNECT ON DATABASE goodgo_rights FROM PUBLIC; GRANT CONNECT ON DATABASE goodgo_rights TO reader WITH GRANT OPTION;
    ALTER DATABASE goodgo_rights CONNECTION LIMIT 77; COMMENT ON DATABASE goodgo_rights IS 'it''s ours'; ALTER DATABASE goodgo_rights SET search_path = \"\$user\", public;
    ALTER DATABASE goodgo_rights SET my.note = 'it''s'; ALTER ROLE reader IN DATABASE goodgo_rights SET search_path = ''"
before=$(traits goodgo_rights)
run 'a database is replaced' 0 'old database' "${g[@]}" restore "$work/rights.sql.gz" --into goodgo_rights --replace --confirm 'dev:1'
is 'and is the same for everybody' "$before" "$(traits goodgo_rights)"
is 'which is more than nothing' 'keeper|77' "$(cut -d'|' -f1,2 <<<"$before")"
old=$(sql "SELECT datname FROM pg_database WHERE datname LIKE 'goodgo_rights_before_%'")
sql "DROP DATABASE $old"
sql 'ALTER DATABASE goodgo_rights OWNER TO CURRENT_USER'
sql 'REASSIGN OWNED BY keeper TO CURRENT_USER; DROP OWNED BY keeper, reader' goodgo_rights
sql 'REVOKE ALL ON DATABASE goodgo_rights FROM reader; ALTER ROLE reader IN DATABASE goodgo_rights RESET ALL; DROP ROLE keeper; DROP ROLE reader'
run 'without its roles nothing is replaced' 1 'owners or grants could not be given, first: .*role "[a-z]+" does not exist' "${g[@]}" restore "$work/rights.sql.gz" --into goodgo_rights --replace --confirm 'dev:1'
is 'and nothing else is left' goodgo_rights "$(sql "SELECT string_agg(datname, ' ') FROM pg_database WHERE datname LIKE 'goodgo_rights%'")"
run 'but when that is meant' 0 'left out, as asked' "${g[@]}" restore "$work/rights.sql.gz" --into goodgo_rights --replace --no-owner --confirm 'dev:1'
run 'a copy to look at says so' 0 'rights +[0-9]+ owners or grants could not be given' "${g[@]}" restore "$work/rights.sql.gz" --into goodgo_look --confirm 'dev:1'
sql 'DROP DATABASE goodgo_rights'
sql 'DROP DATABASE goodgo_look'
sql "DROP DATABASE $(sql "SELECT datname FROM pg_database WHERE datname LIKE 'goodgo_rights_before_%'")"

# Retention: only what is old, ours, and not the last that was proved.
for day in 1 2 3; do cp "$archive" "$backups/goodgo_2020010${day}_020000.sql.gz"; done
cp "$proof" "$backups/goodgo_20200102_020000.sql.gz.proof.json"
cp "$archive" "$work/other.sql.gz"; cp "$archive" "$backups/notours_20200101_020000.sql.gz"
mv "$proof" "$work/proof.json"
run 'the plan names what goes' 0 'then deletes goodgo_20200101_020000.sql.gz' "${g[@]}" backup --dry-run
# A server whose clock says something else: this one may be wrong, and then everything is old.
sql "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT pg_catalog.clock_timestamp() - interval ''2 h'''"
sql 'ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog'
run 'two clocks that differ' 0 "the clock here is (1h59m|2h00m) ahead of the database server's: nothing old is deleted" "${g[@]}" backup --dry-run
is 'delete nothing' 0 "$(grep -c 'then deletes' <<<"$out")"
sql 'ALTER ROLE CURRENT_USER RESET search_path; DROP FUNCTION clock_timestamp()'
# What holds far more than the newest: was data lost?
cp "$archive" "$backups/goodgo_20200104_020000.sql.gz"
truncate -s "$((size * 3))" "$backups/goodgo_20200104_020000.sql.gz"
run 'what holds far more stays' 0 '! goodgo_20200104_020000.sql.gz stays, .* Was data lost' "${g[@]}" backup --dry-run
rm "$backups/goodgo_20200104_020000.sql.gz"
run 'retention' 0 'deleted.* goodgo_20200103_020000.sql.gz' "${g[@]}" backup --confirm 'dev:1'
is 'the last proved one stays, whatever its age' 'goodgo_20200102_020000.sql.gz goodgo_20200102_020000.sql.gz.proof.json' \
    "$(cd "$backups" && echo goodgo_2020*)"
is 'and what is not ours' 1 "$(find "$backups" -name 'notours_*' | wc -l)"
rm -f "$backups"/goodgo_2020* "$backups"/notours_*
for s in 0 1 2 3 4 5; do : >"$backups/$(date -u -d "+$s sec" +goodgo_%Y%m%d_%H%M%S.sql.gz)"; done
run 'a name that is taken is not taken again' 0 'every table equals' "${g[@]}" backup --confirm 'dev:1'
find "$backups" -name 'goodgo_*.sql.gz' -empty -delete
mv "$work/proof.json" "$proof"

# Jobs and the trail.
run 'jobs are listed' 0 'done +[0-9]{8}-[0-9]{6}-restore' "${g[@]}" jobs
run 'jobs as JSON' 0 '"schema": "goodgo.jobs/1"' "${g[@]}" jobs --json
run 'the last one is shown' 0 'PLAN' "${g[@]}" jobs show last
is 'with plan and log in the JSON too' 'goodgo.plan/1 true true' \
    "$("${g[@]}" jobs show last --json | jq -r '"\(.plan.schema) \(.plan.id == .job.plan) \(.log | endswith("/log"))"')"
run 'cancelling what ended' 1 'nothing to cancel' "${g[@]}" jobs cancel last
run 'the trail holds' 0 'whole: ' "${g[@]}" audit verify
run 'the reason is in it' 0 'before the release' "${g[@]}" audit list --json
run 'and where people read it' 0 'reason: before the release' "${g[@]}" audit list
state=$work/state/goodgo
sed -i '2s/backup/Backup/' "$state/audit.jsonl"
run 'an edited trail is told' 2 'BROKEN' "${g[@]}" audit verify
sed -i '2s/Backup/backup/' "$state/audit.jsonl"

# Detached, attached from elsewhere, cancelled, killed.
job=$("${g[@]}" verify --detach --confirm 'dev:1' 2>/dev/null)
run 'a detached one whose id cannot be told' 1 'No space left' bash -c '"$@" >/dev/full' - "${g[@]}" backup --detach --confirm 'dev:1'
"${g[@]}" jobs attach last >/dev/null 2>&1
run 'a detached drill is attached to' 0 'pass' "${g[@]}" jobs attach "$job"
job=$("${g[@]}" backup --detach --confirm 'dev:1' 2>/dev/null)
for _ in $(seq 100); do "${g[@]}" jobs show "$job" | grep -q '^state *running' && break; sleep 0.02; done
run 'a dry run of a cancel stops nothing' '0|1' 'asks it to stop|nothing to cancel' "${g[@]}" jobs cancel "$job" --dry-run
run 'nor does a word that does not fit' '3|1' 'does not fit|nothing to cancel' "${g[@]}" jobs cancel "$job" --confirm 'dev:2'
is 'so nobody asked it to' 0 "$(grep -c '"event":"cancel"' "$state/audit.jsonl")"
"${g[@]}" jobs cancel "$job" 2>/dev/null
run 'a cancelled backup ends as cancelled or was done before' '130|0' 'cancelled|done' "${g[@]}" jobs attach "$job"
is 'and leaves no partial file' 0 "$(find "$backups" -name '*.part' | wc -l)"
"${g[@]}" --state-dir "$work/state-a" verify --confirm 'dev:1' >/dev/null 2>&1 & a=$!
"${g[@]}" --state-dir "$work/state-b" verify --confirm 'dev:1' >/dev/null 2>&1 & b=$!
wait $a; a=$?; wait $b; b=$?
is 'of two bastions at once both end truthfully' true "$([[ $a$b =~ ^(00|03|30)$ ]] && echo true)"

# An operator who is no administrator of the platform: no row under another's name, and what to set; the act goes on.
sed '/^GOODGO_ADMIN_USER=/d' "$dir/.env" >"$work/nobody.env"
echo 'GOODGO_ADMIN_USER=nobody@example.com' >>"$work/nobody.env"
rows=$(sql 'SELECT count(*) FROM "AdminAuditLog"')
run 'who is no administrator may act' 0 'RELOAD' "$goodgo" --env-file "$work/nobody.env" pgbouncer-control RELOAD --confirm 'dev:1'
is "and has no row under another's name" "$rows" "$(sql 'SELECT count(*) FROM "AdminAuditLog"')"
run 'but a word about it' 0 'no row in AdminAuditLog: no administrator is called nobody@example.com; set GOODGO_ADMIN_USER' \
    sh -c "cat '$state'/jobs/*pgbouncer-control*/log"

# No secret anywhere in what was kept.
is 'no secret in the state directory' 0 "$(grep -rlF -- "$DB_PASSWORD" "$work/state" "$work/report.json" "$backups"/*.json 2>/dev/null | wc -l)"

end
