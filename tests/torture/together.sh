#!/usr/bin/env bash
# together.sh SANDBOX GOODGO - operators who act at the same moment: from two state directories exactly one job of a target
# runs at a time; a job that several cancel ends once; a drill of a database that is written to all the while gives neither
# a false alarm nor a false pass.
set -uo pipefail
. "$(dirname "$0")/torture.bash"
word=dev:1

# Two at once, ten times: each ends as done, or as refused for the other's sake, and no two ran at the same moment.
for point in 1 2 3 4 5 6 7 8 9 10; do
    doing='two at once'
    for who in a b; do
        "$goodgo" --env-file "$dir/.env" --state-dir "$work/state-$who" pgbouncer-control RELOAD --confirm $word >"$work/out-$who" 2>&1 </dev/null &
        eval "$who=$!"
    done
    wait "$a"; a=$?
    wait "$b"; b=$?
    for who in a b; do
        newest_job "$work/state-$who/jobs"
        events=$work/state-$who/jobs/$newest/events.jsonl
        read -r begun end < <(jq -rn '[inputs] | "\(map(select(.state == "running"))[0].t // 0) \(map(select(.exit))[0].t // 0)"' <"$events")
        eval "begun_$who=$begun end_$who=$end"
    done
    ok "they end with $a and $b: $(tail -n 2 "$work/out-a" "$work/out-b")" [ "$a$b" = 00 -o "$a$b" = 03 -o "$a$b" = 30 ]
    ok "both ran at once: $begun_a-$end_a, $begun_b-$end_b" [ "$begun_a" -ge "$end_b" -o "$begun_b" -ge "$end_a" -o "$begun_a" = 0 -o "$begun_b" = 0 ]
done
# And one that holds the target for long: the other waits, is refused, and is told by whom.
"${g[@]}" backup --confirm $word >/dev/null 2>&1
doing='a held lock' point=11
for _ in 1 2 3; do # it may be over before it could be stopped
    holder=$("${g[@]}" --state-dir "$work/state-a" verify latest --confirm $word --detach 2>/dev/null)
    until grep -q '"running"' "$work/state-a/jobs/$holder/events.jsonl"; do pause 0.01; done
    kill -STOP "$(sed -n 's/.*"state":"running","pid":\([0-9]*\).*/\1/p' "$work/state-a/jobs/$holder/events.jsonl")"
    grep -q '"exit":' "$work/state-a/jobs/$holder/events.jsonl" || break
done
out=$("${g[@]}" --state-dir "$work/state-b" verify latest --confirm $word 2>&1 </dev/null)
code=$?
ok "the second ends with $code: $out" [ $code = 3 ]
ok "it does not name the holder: $out" grep -q "goodgo job $holder" <<<"$out"
kill -CONT "$(sed -n 's/.*"state":"running","pid":\([0-9]*\).*/\1/p' "$work/state-a/jobs/$holder/events.jsonl")"
"${g[@]}" --state-dir "$work/state-a" jobs attach "$holder" >/dev/null 2>&1
code=$?
# It was stopped for ten seconds: where that hit a question, the question's own time was over, and it says so.
ok "the first ends with $code" [ $code = 0 -o $code = 2 ]

# Several cancel one job.
for point in 12 13 14 15; do
    doing='several cancel'
    job=$("${g[@]}" backup --confirm $word --detach 2>/dev/null)
    until grep -q '"stage":"dump"' "$state/jobs/$job/events.jsonl"; do pause 0.01; done
    for _ in 1 2 3; do "${g[@]}" jobs cancel "$job" >/dev/null 2>&1 & done
    wait
    ended
    ok "is $job_state: $why" [ "$job_state" = cancelled -o "$job_state" = done ]
    ok 'has not one result' [ "$(jq -rn --arg j "$job" '[inputs | select(.job == $j and .event == "result")] | length' <"$state/audit.jsonl")" = 1 ]
    ok 'has not one end' [ "$(grep -c '"exit":' "$state/jobs/$job/events.jsonl")" = 1 ]
    no_session
    no_child
    ok 'a partial file is left' [ -z "$(find "$backups" -name '*.part')" ]
done

# Drills while rows are written, changed and deleted, of an archive with and without its manifest.
doing='a drill while it is written to' point=16
archive=$(find "$backups" -name 'goodgo_*.sql.gz' | sort | tail -n 1)
cp "$archive" "$work/lonely.sql.gz"
touch "$work/write"
while [ -e "$work/write" ]; do
    sql "INSERT INTO \"Review\" SELECT 'w' || gen_random_uuid(), \"userId\", 'X', 'later', 5, NULL, now(), now() FROM \"Review\" LIMIT 1;
        UPDATE \"Listing\" SET \"viewCount\" = \"viewCount\" + 1, \"updatedAt\" = now() WHERE id IN (SELECT id FROM \"Listing\" ORDER BY random() LIMIT 3);
        DELETE FROM \"Review\" WHERE id IN (SELECT id FROM \"Review\" WHERE id LIKE 'w%' ORDER BY id LIMIT 1)" >/dev/null
done &
writer=$!
for file in "$archive" "$work/lonely.sql.gz" "$archive" "$work/lonely.sql.gz"; do
    out=$("${g[@]}" verify "$file" --confirm $word 2>&1 </dev/null)
    code=$?
    ok "$(basename "$file") ends with $code: $(tail -n 5 <<<"$out")" [ $code = 0 ]
done
# Damage in it is told all the same: one old row is another.
sql 'CREATE DATABASE goodgo_odd' postgres >/dev/null
pg_restore --no-owner -d goodgo_odd "$archive" 2>/dev/null
sql "UPDATE \"User\" SET email = 'x' || email WHERE id = (SELECT min(id) FROM \"User\")" goodgo_odd
pg_dump -Fc -f "$work/odd.sql.gz" goodgo_odd
sql 'DROP DATABASE goodgo_odd WITH (FORCE)' postgres >/dev/null
out=$("${g[@]}" verify "$work/odd.sql.gz" --confirm $word 2>&1 </dev/null)
code=$?
ok "a changed row ends with $code: $(tail -n 5 <<<"$out")" [ $code = 1 ]
ok "the changed row is not named: $(tail -n 5 <<<"$out")" grep -q 'Checksum: User: 1 row damaged' <<<"$out"
rm "$work/write"
wait $writer
for who in a b; do ok "the trail of $who" "$goodgo" --state-dir "$work/state-$who" audit verify >/dev/null; done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
