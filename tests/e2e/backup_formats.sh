#!/usr/bin/env bash
# backup_formats.sh SANDBOX GOODGO - backups as directories, and compressed otherwise than the runbook has it: taken,
# catalogued, read back, drilled, restored, by us and by Debian's own pg_restore; damaged in each way a directory can be;
# pruned; killed in the middle.
set -uo pipefail
. "$(dirname "$0")/acts.bash"
up_with_backups postgres,minio
sum_of() { (cd "$1" && sha256sum -- * | LC_ALL=C sort -k2 | sha256sum | cut -d' ' -f1); } # as ACTIONS.md says
nothing_written() { [ -z "$(find "$backups" -mindepth 1)" ]; }
# The largest of all tables, and later so large that it is met in the middle; and objects that lie in files of their own.
fill() { sql "INSERT INTO filler SELECT i, md5(i::text) || md5((i * 7)::text) FROM generate_series($1, $2) i"; }
sql 'CREATE TABLE filler (i int, t text)'
fill 1 50000
sql "SELECT lo_from_bytea(0, 'a large object'), lo_from_bytea(0, 'and another')" >/dev/null

# What is refused, before anything is written.
run 'no such format' 2 'format: is custom or directory' "${g[@]}" backup --format tar --confirm 'dev:1'
run 'processes for one file' 2 'say --format directory' "${g[@]}" backup --jobs 4 --confirm 'dev:1'
run 'no processes' 2 'is 1 to 64' "${g[@]}" backup --format directory --jobs 0 --confirm 'dev:1'
run 'no such compression' 2 'is gzip, lz4, zstd or none' "${g[@]}" backup --compress bzip2 --confirm 'dev:1'
run 'no such level' 2 'the level of gzip is 1 to 9' "${g[@]}" backup --compress gzip:11 --confirm 'dev:1'
run 'a directory that is not in the store' 2 'holds no goodgo_20260410_020000.dir' "${g[@]}" fetch-backup goodgo_20260410_020000.dir --confirm 'dev:1'
newest_dump=$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_dump | sort -V | tail -n 1)
if [[ $("$newest_dump" --version) =~ \)\ 15\. ]]; then
    run 'what pg_dump 15 cannot' 2 'pg_dump 15\.[0-9]+ knows gzip and none; zstd is known from version 16 on: install the package postgresql-client-16' \
        "${g[@]}" backup --compress zstd:3 --confirm 'dev:1'
    run 'nor this' 2 'lz4 is known from version 16 on' "${g[@]}" backup --format directory --compress lz4 --confirm 'dev:1'
fi
if [[ $("$newest_dump" --version) =~ \)\ 1[3-6]\. ]]; then
    tiny=$(dirname "$0")/../fixtures/archive-18/tiny
    for act in verify 'restore --into goodgo_tiny'; do
        # shellcheck disable=SC2086 # the act and its option
        run "an archive that no pg_restore here reads: $act" 2 'archive format 1.16 needs pg_restore 17, here is 1[3-6]: install the package postgresql-client-17. Try: install it' \
            "${g[@]}" $act "$(realpath "$tiny.zstd")" --dry-run
    done
fi
printf '\x28\xb5\x2f\xfd and more' >"$work/plain.zst"
run 'plain SQL in zstd is no archive' 2 'it is a zstd file, not an archive of pg_dump: unzstd it' "${g[@]}" verify "$work/plain.zst" --dry-run
is 'nothing was written by all that' true "$(nothing_written && echo true)"
run 'a format of another command is still its own' 2 'does not take it' "${g[@]}" backups --format directory

# A directory.
run 'the plan says so' 0 'as a directory goodgo_YYYYMMDD_HHMMSS.dir of the moment it starts, by 2 processes' \
    "${g[@]}" backup --format directory --jobs 2 --dry-run
run 'and how to do it by hand' 0 'pg_dump --format=directory --jobs=2 --compress=6 --file=DIR' "${g[@]}" backup --format directory --jobs 2 --dry-run
# The TLS of the settings, not of the shell: this server has none, and neither has the URL asked for any.
run 'backup as a directory' 0 'every table equals' env PGSSLMODE=require "${g[@]}" backup --format directory --jobs 2 --confirm 'dev:1'
archive=$(find "$backups" -maxdepth 1 -name 'goodgo_*.dir')
[ -n "$archive" ] || { echo 'FAILED no directory was written: there is nothing to go on with'; end; exit 1; }
name=$(basename "$archive")
is 'one directory, and its manifest' "$name $name.manifest.json" "$(cd "$backups" && echo *)"
is 'for this user alone' 700 "$(stat -c %a "$archive")"
is 'the manifest has its sum, as coreutils make it' "$(sum_of "$archive")" "$(jq -r .sha256 "$archive.manifest.json")"
is 'and its size' "$(cat "$archive"/* | wc -c)" "$(jq -r .sizeBytes "$archive.manifest.json")"
is 'and how it was made' "gzip:6 $("$newest_dump" --version | grep -oE '[0-9]+\.[0-9]+' | head -n 1)" \
    "$(jq -r '"\(.compression) \(.toolVersion)"' "$archive.manifest.json")"
is 'progress by bytes and by table' true "$(jq -s 'any(.stage == "dump") and any((.done? // 0) > 0)' "$work"/state/goodgo/jobs/*-backup-*/events.jsonl)"
run "Debian's pg_restore lists it" 0 'TABLE DATA public Listing' pg_restore -l "$archive"
sql 'CREATE DATABASE plain'
run "and restores it" 0 '^$' pg_restore --jobs 2 --no-owner -d plain "$archive"
is 'all of it' "$(sql 'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "Listing" t')" "$(sql 'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "Listing" t' plain)"
sql 'DROP DATABASE plain'

run 'the catalogue has it' 0 "^B +$name .* directory +manifest" "${g[@]}" backups
is 'also as JSON' "directory true $(cat "$archive"/* | wc -c)" "$("${g[@]}" backups --json | jq -r '.backups[0] | "\(.format) \(.readable) \(.sizeBytes)"')"
run 'check backup has it' 0 'newest_bytes=[1-9]' "${g[@]}" check backup
run 'the screen has it' 0 "directory 1|$name" "${g[@]}" render pg-backup --size 200x50
run 'quick verify' 0 'pass: ' "${g[@]}" verify --quick
run 'by its name, with the slash of a shell' 0 'pass: ' "${g[@]}" verify --quick "$archive/"
run 'drill on the server' 0 'pass' env PGSSLMODE=require "${g[@]}" verify latest --confirm 'dev:1'
run 'drill in a cluster of its own' 0 'pass' "${g[@]}" verify "$name" --scratch --confirm 'dev:1'
is 'the proof is of these bytes' "$(sum_of "$archive")" "$(jq -r .sha256 "$archive.proof.json")"
run 'the catalogue grades it A' 0 "^A +$name" "${g[@]}" backups
run 'restore into a new database' 0 'checked +[0-9]+ of [0-9]+ checks passed' "${g[@]}" restore "$archive/" --into goodgo_restored --confirm 'dev:1'
is 'with the large objects' 2 "$(sql 'SELECT count(*) FROM pg_largeobject_metadata' goodgo_restored)"
sql 'DROP DATABASE goodgo_restored'

# Damaged in each way: never a pass, and a word about it.
damage() { # NAME SENTENCE COMMAND (let loose in a copy with its manifest)
    rm -rf "$work/bad.dir"; cp -r "$archive" "$work/bad.dir"; cp "$archive.manifest.json" "$work/bad.dir.manifest.json"
    (cd "$work/bad.dir" && biggest=$(ls -S [0-9]*.dat.gz | head -n 1) second=$(ls -S [0-9]*.dat.gz | sed -n 2p) && eval "$3")
    run "quick: $1" '1|2' "$2" "${g[@]}" verify --quick "$work/bad.dir"
    run "drill: $1" '1|2' 'FAIL|Try:|failed' "${g[@]}" verify "$work/bad.dir" --scratch --confirm 'dev:1'
}
damage 'a file cut short' 'FAIL Read back|FAIL Content' 'truncate -s -100 "$biggest"'
damage 'a file of nothing' 'FAIL Content|FAIL Read back' ': >"$biggest"'
damage 'a bit of the data' 'FAIL Read back|FAIL Content' 'printf "\\125" | dd of="$biggest" bs=1 seek=5000 conv=notrunc status=none'
damage 'a missing file' 'the data of .* are missing: there is no [0-9]+\.dat in it' 'rm "$second"'
damage 'a missing large object' 'a large object is missing' 'rm $(ls blob_*.dat.gz | head -n 1)'
damage 'a file too many' 'extra.dat is no part of the archive' 'echo x >extra.dat'
damage 'two files that changed places' 'FAIL Content: filler' 'mv "$biggest" x && mv "$second" "$biggest" && mv x "$second"'
damage 'a link out of the directory' 'in it is a link' 'mv "$biggest" ../moved && ln -s ../moved "$biggest"'
damage 'a directory inside' 'sub in it is a directory' 'mkdir sub'
damage 'no table of contents' 'the table of contents is lost' 'rm toc.dat'
damage 'a table of contents cut short' 'it is cut short' 'truncate -s -1000 toc.dat'
damage 'a table of contents with something behind it' 'something was appended' 'echo x >>toc.dat'
damage 'a bit of the table of contents' '.' 'printf "\\377" | dd of=toc.dat bs=1 seek=3000 conv=notrunc status=none'
damage 'a table of contents that leads elsewhere' 'the table of contents is damaged' "LC_ALL=C sed -i 's/[0-9]\\{4\\}\\.dat/..\\/1.dat/' toc.dat"
damage 'another format' 'no archive of pg_dump' 'printf "\\001" | dd of=toc.dat bs=1 seek=10 conv=notrunc status=none'
rm -rf "$work"/bad.dir* "$work/moved"
ln -s "$archive" "$work/link.dir"
run 'a link to a directory is refused' 2 'it is a link' "${g[@]}" verify "$work/link.dir" --confirm 'dev:1'

# Otherwise compressed.
run 'not compressed' 0 'every table equals' "${g[@]}" backup --format directory --compress none --confirm 'dev:1'
plain=$(find "$backups" -maxdepth 1 -name 'goodgo_*.dir' -newer "$archive.proof.json" ! -path "$archive" | head -n 1)
is 'holds plain files' 0 "$(find "$plain" -name '*.gz' | wc -l)"
is 'and says so' none "$(jq -r .compression "$plain.manifest.json")"
run 'is read back' 0 'pass: ' "${g[@]}" verify --quick "$plain"
run 'and restored' 0 'pass' "${g[@]}" verify "$plain" --scratch --confirm 'dev:1'
cp -r "$plain" "$work/bad.dir"; cp "$plain.manifest.json" "$work/bad.dir.manifest.json"
truncate -s -40 "$(ls -S "$work/bad.dir"/[0-9]*.dat | head -n 1)"
run 'cut short it is no pass' 1 'FAIL Read back|FAIL Content' "${g[@]}" verify --quick "$work/bad.dir"
rm -rf "$work"/bad.dir*
# pg_restore reads a tar file with one process only, and refuses to be told another number.
pg_dump --format=tar --file="$work/by_hand.tar"
run 'a tar file that somebody made is drilled too' 0 'pass' "${g[@]}" verify "$work/by_hand.tar" --confirm 'dev:1'
size=$(stat -c %s "$work/by_hand.tar")
head -c $((size / 2)) "$work/by_hand.tar" >"$work/cut.tar" # which pg_restore would read for ever
run 'but not one that is cut short' 2 'the file ends at byte [0-9]+, inside [0-9]+\.dat: it is cut short' \
    timeout 60 "${g[@]}" verify "$work/cut.tar" --confirm 'dev:1'
run 'nor is that restored' 1 'it is cut short' timeout 60 "${g[@]}" restore "$work/cut.tar" --into goodgo_cut --confirm 'dev:1'
pg_dump --format=custom --file="$work/more.dump" && echo x >>"$work/more.dump"
run 'nor one with something behind its end, even without a manifest' 2 '2 bytes follow the last data block' \
    "${g[@]}" verify "$work/more.dump" --confirm 'dev:1'
run 'one file at another level' 0 'every table equals' "${g[@]}" backup --compress gzip:1 --confirm 'dev:1'
file=$(find "$backups" -maxdepth 1 -name 'goodgo_*.sql.gz')
is "is the runbook's file still" PGDMP "$(head -c 5 "$file")"
is 'and says so' gzip:1 "$(jq -r .compression "$file.manifest.json")"
run 'the newest of both kinds is the latest' 0 "as in the manifest" "${g[@]}" verify --quick latest
run 'quick verify of it' 0 'pass: ' "${g[@]}" verify --quick "$file"

# pg_dump 16, by a stand-in that says so, keeps its words, and has the real one do the work: what it is asked.
if [ ! -e /usr/lib/postgresql/16 ] && [[ $("$newest_dump" --version) =~ \)\ 15\. ]]; then
    mkdir "$work/bin"
    for tool in pg_dump pg_restore; do
        cat >"$work/bin/$tool" <<TOOL
#!/bin/bash
[ "\$1" = --version ] && { echo '$tool (PostgreSQL) 16.9'; exit; }
printf '%s\n' "\$@" >>'$work/asked'
exec '$(dirname "$newest_dump")/$tool' "\${@/#--compress=zstd*/--compress=3}"
TOOL
        chmod 755 "$work/bin/$tool"
    done
    run 'with pg_dump 16 beside the old one' 0 'every table equals' env PATH="$work/bin:$PATH" "${g[@]}" backup --format directory --compress zstd:3 --confirm 'dev:1'
    is 'it is asked by its name' 1 "$(grep -cx -- '--compress=zstd:3' "$work/asked")"
    is 'and its own pg_restore reads it back' 1 "$(grep -cx -- '--data-only' "$work/asked")"
    zstd=$(find "$backups" -maxdepth 1 -name 'goodgo_*.dir' -newer "$file" | head -n 1)
    is 'the manifest says so' 'zstd:3 16.9' "$(jq -r '"\(.compression) \(.toolVersion)"' "$zstd.manifest.json")"
    rm -rf "${zstd:?}" "${zstd:?}.manifest.json"
fi

# pg_restore 17 before an older server: each of its sessions sets what that does not know, and its exit code is 1. It counts
# one of its own two sessions each; a count behind them is an error that no line told.
if [[ $("$newest_dump" --version) =~ \)\ 1[3-6]\. ]]; then
    mkdir "$work/bin17"
    cat >"$work/bin17/pg_restore" <<TOOL
#!/bin/bash
[ "\$1" = --version ] && { echo 'pg_restore (PostgreSQL) 17.5'; exit; }
'$(dirname "$newest_dump")/pg_restore' "\$@" || exit
[[ "\$*" = *--dbname=* ]] || exit 0
for _ in 1 2 3 4; do
    printf '%s\n' 'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"' \
        'Command was: SET transaction_timeout = 0;' >&2
done
[ -z "\$REFUSED" ] || printf '%s\n' 'pg_restore: error: could not execute query: ERROR:  permission denied for table spatial_ref_sys' \
    'Command was: COPY public.spatial_ref_sys (srid) FROM stdin;' >&2
printf 'pg_restore: warning: errors ignored on restore: %s\n' "\${COUNTED:-2}" >&2
exit 1
TOOL
    chmod 755 "$work/bin17/pg_restore"
    newer=(env PATH="$work/bin17:$PATH" "${g[@]}")
    run 'a drill with pg_restore 17' 0 'checks +[0-9]+ passed, 0 failed' "${newer[@]}" verify "$file" --confirm 'dev:1'
    run 'and a restore' 0 'restore +[0-9]+ ms, 0 errors' "${newer[@]}" restore "$file" --into goodgo_newer --confirm 'dev:1'
    run 'an error more than those is one' 1 'Restore: pg_restore made .* errors ignored on restore: 3' \
        env COUNTED=3 "${newer[@]}" verify "$file" --confirm 'dev:1'
    sql 'DROP DATABASE goodgo_newer'
    run 'a right that the role lacks is of the place' 2 'says nothing of the archive: .*spatial_ref_sys. Try: the role has to be a superuser' \
        env REFUSED=1 COUNTED=3 "${newer[@]}" verify "$file" --confirm 'dev:1'
fi

rm -rf "${plain:?}" "${plain:?}".*.json

# Retention: whole directories that are ours and old, without following what is in them.
for day in 1 2 3; do
    cp -r "$archive" "$backups/goodgo_2020010${day}_020000.dir"
    cp "$archive.manifest.json" "$backups/goodgo_2020010${day}_020000.dir.manifest.json"
done
cp "$archive.proof.json" "$backups/goodgo_20200102_020000.dir.proof.json"
mv "$archive.proof.json" "$work/proof.json"
mkdir "$work/elsewhere" "$backups/notours_20200101_020000.dir"
echo mine >"$work/elsewhere/mine"
ln -s "$work/elsewhere" "$backups/goodgo_20200101_020000.dir/link"
ln -s "$work/elsewhere/mine" "$backups/goodgo_20200101_020000.dir/other"
ln -s "$work/elsewhere" "$backups/goodgo_20200104_020000.dir"
run 'the plan names what goes' 0 'then deletes goodgo_20200101_020000.dir: older' "${g[@]}" backup --dry-run
run 'retention' 0 'deleted.* goodgo_20200103_020000.dir' "${g[@]}" backup --format directory --confirm 'dev:1'
is 'the last proved one stays, and what is none' \
    'goodgo_20200102_020000.dir goodgo_20200102_020000.dir.manifest.json goodgo_20200102_020000.dir.proof.json goodgo_20200104_020000.dir notours_20200101_020000.dir' \
    "$(cd "$backups" && echo goodgo_2020* notours*)"
is 'what a link points at stays' mine "$(cat "$work/elsewhere/mine")"
rm -rf "$backups"/goodgo_2020* "$backups"/notours*
mv "$work/proof.json" "$archive.proof.json"

# In the middle: cancelled, killed.
fill 50001 500000
in_dump() { # (sets $job to a backup that has a file of data already, $part to what it writes)
    job=$("${g[@]}" backup --format directory --jobs 2 --detach --confirm 'dev:1' 2>/dev/null)
    until_true 60 eval '[ -n "$(find "$backups" -path "*.dir.part/*.dat.gz" -size +0)" ]' || fail "$job never wrote anything"
    part=$(find "$backups" -maxdepth 1 -name '*.dir.part')
}
before=$(find "$backups" -maxdepth 1 -name '*.dir' | sort)
in_dump
"${g[@]}" jobs cancel "$job" >/dev/null 2>&1
run 'a cancelled one ends' 130 'cancelled' "${g[@]}" jobs attach "$job"
is 'and leaves nothing' "$before" "$(find "$backups" -maxdepth 1 -name '*.dir*' ! -name '*.json' | sort)"
in_dump
kill -9 "$(jq -s 'map(.pid // empty) | last' "$work/state/goodgo/jobs/$job/events.jsonl")"
until_true 60 eval '"${g[@]}" jobs show "$job" | grep -q "^state *unknown"' || fail "$job is not unknown"
is 'a killed one leaves nothing under a final name' "$before" "$(find "$backups" -maxdepth 1 -name '*.dir' | sort)"
is 'but its part' true "$([ -d "$part" ] && echo true)"
run 'which is no backup' 0 "^[AB] +goodgo_[0-9_]+\.(dir|sql\.gz) " "${g[@]}" backups
is 'not in the catalogue' 0 "$("${g[@]}" backups | grep -c part)"
run 'the next plan names it' 0 "first removes $part: its writer died" "${g[@]}" backup --dry-run
run 'the next run removes it' 0 "removed +$part, left by a writer that died" "${g[@]}" backup --confirm 'dev:1'
is 'it is gone' false "$([ -e "$part" ] && echo true || echo false)"

# A copy in the object store: file by file, and its list last.
store=http://$MINIO_ENDPOINT:$MINIO_PORT/goodgo-backups
no_body=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
s3() { # CURL-ARGUMENTS... (the store by hand; credentials by a file, not by argv)
    curl -sS --aws-sigv4 aws:amz:us-east-1:s3 -K <(printf 'user = "%s:%s"\n' "$MINIO_ACCESS_KEY" "$MINIO_SECRET_KEY") "$@"
}
get() { s3 -H "x-amz-content-sha256: $no_body" "$store/$1"; }
put() { s3 -H "x-amz-content-sha256: $(sha256sum "$1" | cut -d' ' -f1)" "${@:3}" -T "$1" "$store/$2" >/dev/null; }
drop() { s3 -H "x-amz-content-sha256: $no_body" -X DELETE "$store/$1" >/dev/null; }
keys() { get "?list-type=2&prefix=$1" | grep -o '<Key>[^<]*' | cut -c6-; }
uploads() { get '?uploads=' | grep -c '<UploadId>'; }
rm -rf "${backups:?}"/goodgo_*
run 'the plan of a copy' 0 'holds size and sum against each file; the list of them goes last' "${g[@]}" backup --format directory --upload --dry-run
run 'a copy of a directory' 0 'copy +goodgo-backups/goodgo_[0-9_]+\.dir/ of [0-9]+ files, size and sum of each verified' \
    "${g[@]}" backup --format directory --jobs 2 --upload --confirm 'dev:1'
archive=$(find "$backups" -maxdepth 1 -name 'goodgo_*.dir') name=$(basename "$archive")
sum=$(sum_of "$archive") files=$(find "$archive" -type f | wc -l) bytes=$(cat "$archive"/* | wc -c)
big=$(find "$archive" -type f -size +8M -printf '%f\n' | head -n 1)
is 'one of its files went in parts' 1 "$(s3 -I -H "x-amz-content-sha256: $no_body" "$store/$name/$big" | grep -ciE '^etag: .*-[23]"')"
is 'each file is there as it is here' "$(cd "$archive" && sha256sum -- *)" "$(cd "$archive" && for f in *; do printf '%s  %s\n' "$(get "$name/$f" | sha256sum | cut -d' ' -f1)" "$f"; done)"
is 'the list is that of coreutils' 0 "$(cd "$archive" && get "$name.sha256" | sha256sum -c --quiet >&2; echo $?)"
is 'and its digest is the backup'"'"'s' "$sum" "$(get "$name.sha256" | sha256sum | cut -d' ' -f1)"
is 'nothing is left of the upload' '0 0' "$(uploads) $(find "$backups" -name '*.upload' | wc -l)"
is 'progress of the upload by bytes' true "$(jq -s --argjson n "$bytes" 'any(.stage == "upload" and .total == $n)' "$(ls -t "$work"/state/goodgo/jobs/*-backup-*/events.jsonl | head -n 1)")"
run 'the catalogue knows the copy' 0 "^B +$name .*; copied" "${g[@]}" backups --remote
is 'also as JSON' "true $bytes $files true" "$("${g[@]}" backups --remote --json | jq -r --arg n "$name" '.copies[] | select(.key == $n) | "\(.whole) \(.sizeBytes) \(.files) \(.alsoHere)"')"
is 'the screen of backups shows it' minio "$("${g[@]}" render pg-backup --size 200x60 | grep " $name" | grep -ow minio)"

cp -r "$archive" "$work/kept"
rm -rf "${backups:?}"/goodgo_*
run 'the catalogue knows what is only there' 0 "^- +$name .* $files files, only in bucket" "${g[@]}" backups --remote
mkdir "$backups/$name.part"; echo dead >"$backups/$name.part/toc.dat" # of a fetch that was killed
run 'the copy comes back' 0 "sha256 +$sum" "${g[@]}" fetch-backup --confirm 'dev:1'
is 'every file of it, and no other' "$(sum_of "$work/kept")" "$(sum_of "$archive")"
is 'for this user alone, and nothing beside it' "700 $name $name.manifest.json" "$(stat -c %a "$archive") $(cd "$backups" && echo *)"
run 'whole by its manifest' 0 'pass: ' "${g[@]}" verify --quick "$name"
run 'what is there is not fetched again' 2 'is there already' "${g[@]}" fetch-backup "$name" --confirm 'dev:1'
rm -rf "${backups:?}"/goodgo_*

# What is wrong in the store is named, and nothing gets a name here.
first=$(cd "$work/kept" && ls -S [0-9]*.dat.gz | sed -n 3p)
refused() { # NAME SENTENCE
    run "$1" '1|2' "$2" "${g[@]}" fetch-backup "$name" --confirm 'dev:1'
    is "nothing is left after: $1" 0 "$(find "$backups" -name 'goodgo_*' | wc -l)"
}
get "$name/$first" >"$work/object"
drop "$name/$first"
refused 'a missing object' "$name/$first: is missing in the store: the copy is not whole"
run 'the catalogue says so' 0 "^- +$name .*NOT WHOLE in bucket goodgo-backups: files are missing" "${g[@]}" backups --remote
head -c -3 "$work/object" >"$work/other"; put "$work/other" "$name/$first"
refused 'a truncated object' "$name/$first: SHA-256 .* is not the .* that was put there"
is 'the catalogue says so too' false "$("${g[@]}" backups --remote --json | jq '.copies[0].whole')"
cp "$work/object" "$work/other"; printf X | dd of="$work/other" bs=1 seek=30 conv=notrunc status=none; put "$work/other" "$name/$first"
refused 'a changed object' "$name/$first: SHA-256 .* is not the .* that was put there"
put "$work/object" "$name/$first"; put "$work/object" "$name/extra.dat"
refused 'a foreign object' "$name/extra.dat: is no part of the backup"
drop "$name/extra.dat"
get "$name.sha256" >"$work/list"; get "$name.manifest.json" >"$work/manifest"
sed "s/ $first/ x$first/" "$work/list" >"$work/other"; put "$work/other" "$name.sha256"
refused 'a changed list' "$name.sha256: SHA-256 .* is not the .* of the manifest"
drop "$name.manifest.json"; put "$work/list" "$name.sha256" -H "x-amz-meta-sha256: $sum"
refused 'no manifest' "$name.manifest.json: is missing in the store"
drop "$name.sha256"; put "$work/manifest" "$name.manifest.json"
refused 'no list' "$name: is not whole in bucket goodgo-backups: there is no $name.sha256"
run 'the newest is then one that is whole' 2 'holds no backup that is whole' "${g[@]}" fetch-backup --confirm 'dev:1'
run 'the catalogue calls it cut off' 0 "NOT WHOLE in bucket goodgo-backups: its upload was cut off" "${g[@]}" backups --remote
put "$work/list" "$name.sha256" -H "x-amz-meta-sha256: $sum" -H "x-amz-meta-files: $files" -H "x-amz-meta-bytes: $bytes"
run 'as it was, it comes back' 0 "sha256 +$sum" "${g[@]}" fetch-backup "$name" --confirm 'dev:1'
whole=$(keys goodgo_)

# Cut off in the middle: cancelled, killed.
slow_upload() { # (sets $job to one that has put files there: the store is asked before, then slow)
    job=$("${g[@]}" backup --format directory --jobs 2 --upload --detach --confirm 'dev:1' 2>/dev/null)
    "$sandbox" fault --dir "$dir" minio slow 300 >/dev/null
    until_true 60 eval '[ "$(keys goodgo_ | wc -l)" -gt $(($(wc -l <<<"$whole") + 2)) ]' || fail "$job never put anything there"
}
slow_upload
"${g[@]}" jobs cancel "$job" >/dev/null 2>&1
run 'a cancelled upload ends' 130 'cancelled' "${g[@]}" jobs attach "$job"
"$sandbox" fault --dir "$dir" minio clear >/dev/null
is 'and leaves nothing there' "$whole 0 0" "$(keys goodgo_) $(uploads) $(find "$backups" -name '*.upload' | wc -l)"
slow_upload
kill -9 "$(jq -s 'map(.pid // empty) | last' "$work/state/goodgo/jobs/$job/events.jsonl")"
"$sandbox" fault --dir "$dir" minio clear >/dev/null
until_true 60 eval '"${g[@]}" jobs show "$job" | grep -q "^state *unknown"' || fail "$job is not unknown"
run 'what a killed one left is no copy' 0 'NOT WHOLE' "${g[@]}" backups --remote
half=$(basename "$(find "$backups" -name '*.upload')" .upload)
run 'the next plan names it' 0 "first aborts the upload of $half" "${g[@]}" backup --upload --dry-run
run 'the next run clears it away' 0 "aborted +the upload of $half" "${g[@]}" backup --upload --confirm 'dev:1'
is 'nothing is left of it' '0 0 0' "$(keys "$half" | wc -l) $(uploads) $(find "$backups" -name '*.upload' | wc -l)"
is 'the whole one is as it was' "$(grep -c . <<<"$whole")" "$(keys "$name" | wc -l)"

is 'no secret in what was kept' 0 "$(grep -rlF -- "$DB_PASSWORD" "$work/state" "$backups"/*.json 2>/dev/null | wc -l)"
end
