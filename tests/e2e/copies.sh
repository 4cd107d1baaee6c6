#!/usr/bin/env bash
# copies.sh SANDBOX GOODGO - copies of backups in the object store: put there in parts, verified, listed, fetched back;
# what is damaged, refused, cut off and killed; nothing half is ever under a name, here or there.
set -uo pipefail
. "$(dirname "$0")/acts.bash"
up_with_backups postgres,minio
store=http://$MINIO_ENDPOINT:$MINIO_PORT/goodgo-backups
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
s3() { # CURL-ARGUMENTS... (the store by hand; credentials by a file, not by argv)
    curl -sS --aws-sigv4 aws:amz:us-east-1:s3 -K <(printf 'user = "%s:%s"\n' "$MINIO_ACCESS_KEY" "$MINIO_SECRET_KEY") "$@"
}
uploads() { s3 -H "x-amz-content-sha256: $empty" "$store?uploads=" | grep -o '<UploadId>' | wc -l; }
sum() { sha256sum "$1" | cut -d' ' -f1; }

# More than two parts of 8 MiB, and hard to press.
sql 'CREATE TABLE filler AS SELECT i, md5(i::text) || md5((i * 7)::text) AS t FROM generate_series(1, 500000) i'

run 'no copies yet' 0 'no backups in' "${g[@]}" backups --remote
run 'fetching from an empty store' 2 'holds no backup' "${g[@]}" fetch-backup --confirm 'dev:1'
run 'the plan says where the copy goes' 0 'a copy of it and its manifest into bucket goodgo-backups' "${g[@]}" backup --upload --dry-run
run 'backup with a copy' 0 'copy +goodgo-backups/goodgo_.* in 3 parts, size and sum verified' "${g[@]}" backup --upload --confirm 'dev:1'
archive=$(find "$backups" -name 'goodgo_*.sql.gz') name=$(basename "$(find "$backups" -name 'goodgo_*.sql.gz')")
digest=$(sum "$archive")
is 'the bucket holds the same bytes' "$digest" "$(s3 -H "x-amz-content-sha256: $empty" "$store/$name" | sha256sum | cut -d' ' -f1)"
is 'and the manifest' "$(sum "$archive.manifest.json")" "$(s3 -H "x-amz-content-sha256: $empty" "$store/$name.manifest.json" | sha256sum | cut -d' ' -f1)"
is 'nothing is left of the upload' '0 0' "$(uploads) $(find "$backups" -name '*.upload' | wc -l)"
run 'the catalogue knows the copy' 0 "^B +$name .*; copied" "${g[@]}" backups --remote
is 'also as JSON' 'true true' "$("${g[@]}" backups --remote --json | jq -r '"\(.backups[0].copied) \(.copies[0].alsoHere)"')"
is 'the screen of backups shows it' 'minio' "$("${g[@]}" render pg-backup --size 200x60 | grep " $name" | grep -ow minio)"

# The disk is lost.
rm -f "$backups"/goodgo_*
run 'the catalogue knows what is only there' 0 "^- +$name .*only in bucket goodgo-backups" "${g[@]}" backups --remote
run 'the copy comes back' 0 "sha256 +$digest" "${g[@]}" fetch-backup --confirm 'dev:1'
is 'the same bytes' "$digest" "$(sum "$archive")"
run 'whole by its manifest' 0 'pass: ' "${g[@]}" verify --quick "$name"
run 'what is there is not overwritten' 2 'is there already' "${g[@]}" fetch-backup "$name" --confirm 'dev:1'
run 'what is not there' 2 'holds no goodgo_20200101' "${g[@]}" fetch-backup goodgo_20200101_000000.sql.gz --confirm 'dev:1'
run 'what is no backup' 2 'is no name of a backup' "${g[@]}" fetch-backup ../../etc/passwd --confirm 'dev:1'

# Damaged there: never under its name here.
rm -f "$backups"/goodgo_*
s3 -H "x-amz-content-sha256: $empty" "$store/$name" >"$work/copy"
printf X | dd of="$work/copy" bs=1 seek=5000 conv=notrunc status=none
s3 -H "x-amz-content-sha256: $(sum "$work/copy")" -H "x-amz-meta-sha256: $digest" -T "$work/copy" "$store/$name" >/dev/null
run 'a copy with one byte changed is refused' 1 'is not the .* that was put there' "${g[@]}" fetch-backup "$name" --confirm 'dev:1'
is 'and leaves nothing' 0 "$(find "$backups" -name 'goodgo_*' | wc -l)"
s3 -H "x-amz-content-sha256: $(sum "$work/copy")" -T "$work/copy" "$store/$name" >/dev/null
run 'one without a digest is refused' 1 'has no digest in the store' "${g[@]}" fetch-backup "$name" --confirm 'dev:1'

# The store refuses.
sed 's/^MINIO_SECRET_KEY=.*/MINIO_SECRET_KEY=wrong-secret-key/' "$dir/.env" >"$work/wrong.env"; chmod 600 "$work/wrong.env"
run 'a wrong key is told before the dump' 2 'SignatureDoesNotMatch' "$goodgo" --env-file "$work/wrong.env" backup --upload --confirm 'dev:1'
is 'nothing was dumped' 0 "$(find "$backups" -name 'goodgo_*' | wc -l)"
"$sandbox" fault --dir "$dir" minio stop >/dev/null
run 'a store that is down is told before the dump' 2 'refused' "${g[@]}" backup --upload --confirm 'dev:1'
"$sandbox" fault --dir "$dir" minio clear >/dev/null
run 'a bucket that is no name' 2 'is no name of a bucket' env GOODGO_X= bash -c \
    "sed '\$aGOODGO_BACKUP_BUCKET=Not/A/Bucket' '$dir/.env' >'$work/odd.env'; chmod 600 '$work/odd.env'; '$goodgo' --env-file '$work/odd.env' backups --remote"

# Cut off in the middle of the upload: cancelled, killed.
at_upload() { # JOB (waits until it uploads)
    for _ in $(seq 1000); do
        "${g[@]}" jobs show "$1" --json | jq -e '.job.progress.stage == "upload"' >/dev/null 2>&1 && return
        sleep 0.05
    done
    fail "$1 never came to its upload"
}
slow_upload() { # (sets $job to one that is in its upload: the store is asked before, then slow)
    job=$("${g[@]}" backup --upload --detach --confirm 'dev:1' 2>/dev/null)
    "$sandbox" fault --dir "$dir" minio slow 1500 >/dev/null
    at_upload "$job"
    for _ in $(seq 200); do [ -n "$(find "$backups" -name '*.upload' -size +0)" ] && break; sleep 0.05; done
}
slow_upload
"${g[@]}" jobs cancel "$job" >/dev/null 2>&1
run 'a cancelled upload ends' 130 'cancelled' "${g[@]}" jobs attach "$job"
"$sandbox" fault --dir "$dir" minio clear >/dev/null
is 'and leaves no parts' '0 0' "$(uploads) $(find "$backups" -name '*.upload' | wc -l)"
is 'the backup itself is whole' 1 "$(find "$backups" -name 'goodgo_*.sql.gz' | wc -l)"
slow_upload
kill -9 "$(jq -s 'map(.pid // empty) | last' "$work/state/goodgo/jobs/$job/events.jsonl")"
"$sandbox" fault --dir "$dir" minio clear >/dev/null
for _ in $(seq 100); do "${g[@]}" jobs show "$job" | grep -q '^state *unknown' && break; sleep 0.05; done
is 'a killed upload leaves its record' 1 "$(find "$backups" -name '*.upload' | wc -l)"
is 'and its parts' 1 "$(uploads)"
run 'the next plan names it' 0 'first aborts the upload of goodgo_' "${g[@]}" backup --upload --dry-run
run 'the next run clears it' 0 'aborted +the upload of goodgo_' "${g[@]}" backup --upload --confirm 'dev:1'
is 'nothing is left of it' '0 0' "$(uploads) $(find "$backups" -name '*.upload' | wc -l)"

# Old copies go when the settings say so, and only what is surely ours.
signed() { s3 -H "x-amz-content-sha256: $empty" "$@"; }
keys() { signed "$store?list-type=2&prefix=" | grep -o '<Key>[^<]*' | cut -c6- | LC_ALL=C sort; }
echo old >"$work/old"
for key in goodgo_20200101_020000.sql.gz{,.manifest.json} goodgo_20200102_020000.sql.gz goodgo_20200103_020000.sql.gz{,.manifest.json} \
    goodgo_20200104_020000.dir/toc.dat goodgo_20200105_020000.dir{/toc.dat,/1.dat,.manifest.json} notours_20200101.sql.gz{,.manifest.json}; do
    s3 -H "x-amz-content-sha256: $(sum "$work/old")" -T "$work/old" "$store/$key" >/dev/null
done
s3 -H "x-amz-content-sha256: $(sum "$work/old")" -H 'x-amz-meta-files: 2' -H 'x-amz-meta-bytes: 8' -T "$work/old" "$store/goodgo_20200105_020000.dir.sha256" >/dev/null
for key in goodgo_20200101_030000.sql.gz goodgo_20200101_030000.dir/3.dat.gz notours.bin goodgo_20990101_020000.sql.gz; do
    signed -X POST "$store/$key?uploads=" >/dev/null
done
young=$(find "$backups" -name 'goodgo_2*.sql.gz' | sort | head -n 1) # the file here is proved, and so its copy is
cp "$young" "$backups/goodgo_20200103_020000.sql.gz"; cp "$young.manifest.json" "$backups/goodgo_20200103_020000.sql.gz.manifest.json"
echo '{"result":"pass","timestamp":"2020-01-04T02:00:00Z"}' >"$backups/goodgo_20200103_020000.sql.gz.proof.json"
before=$(keys)
is 'by default copies stay' 0 "$("${g[@]}" backup --upload --dry-run | grep -c 'deletes the copy\|nobody completed')"
mkdir -p "$XDG_CONFIG_HOME/goodgo"
echo 'backup.copies_keep_days = 30' >"$XDG_CONFIG_HOME/goodgo/config"
run 'the plan names what goes' 0 'then deletes the copy of goodgo_20200101_020000.sql.gz in bucket goodgo-backups: older than 30 days' "${g[@]}" backup --upload --dry-run
is 'that, and no more' 'goodgo_20200101_020000.sql.gz goodgo_20200105_020000.dir' "$(grep -o 'deletes the copy of [^ ]*' <<<"$out" | cut -d' ' -f5 | xargs)"
run 'and the uploads that nobody completed' 0 'then aborts an upload of goodgo_20200101_030000.dir/3.dat.gz that nobody completed' "${g[@]}" backup --upload --dry-run
is 'without --upload nothing there is looked at' 0 "$("${g[@]}" backup --dry-run | grep -c 'deletes the copy\|nobody completed')"
is 'so far nothing went' "$before" "$(keys)"
run 'with a new copy they go' 0 'deleted copy +goodgo-backups/goodgo_20200101_020000.sql.gz' "${g[@]}" backup --upload --confirm 'dev:1'
is 'all of each, and nothing else' "$(LC_ALL=C sort <<<"goodgo_20200101_020000.sql.gz
goodgo_20200101_020000.sql.gz.manifest.json
goodgo_20200105_020000.dir.manifest.json
goodgo_20200105_020000.dir.sha256
goodgo_20200105_020000.dir/1.dat
goodgo_20200105_020000.dir/toc.dat")" "$(LC_ALL=C comm -23 <(echo "$before") <(keys))"
is 'of the uploads those of old backups' 'goodgo_20990101_020000.sql.gz notours.bin' \
    "$(signed "$store?uploads=" | grep -o '<Upload><Key>[^<]*' | cut -c14- | LC_ALL=C sort | xargs)"
is 'the trail has them' 2 "$("${g[@]}" audit --json 2>/dev/null | grep -o 'goodgo-backups/goodgo_2020010[15]_020000[a-z.]*' | sort -u | wc -l)"
rm "$XDG_CONFIG_HOME/goodgo/config"

is 'no secret in what was kept' 0 "$(grep -rlF -- "$MINIO_SECRET_KEY" "$work/state" "$backups"/*.json 2>/dev/null | wc -l)"
end
