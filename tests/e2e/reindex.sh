#!/usr/bin/env bash
# reindex.sh SANDBOX GOODGO - the search index from the database: drift healed, surplus removed, collections made anew, and
# what is refused, interrupted or killed. Every result is held against psql and curl asked independently.
set -uo pipefail
. "$(dirname "$0")/acts.bash"

up postgres,pgbouncer,redis,api,typesense,prometheus
enter
g=("$goodgo" --env-file "$dir/.env" --state-dir "$state")
fault() { "$sandbox" fault --dir "$dir" "$@" >/dev/null; }
search=http://$TYPESENSE_HOST:$TYPESENSE_PORT
ts() { curl -sS -m 60 -H "X-TYPESENSE-API-KEY: $TYPESENSE_API_KEY" "$@"; }
documents() { ts "$search/collections/${1:-listings}" | jq .num_documents; }
last_log() { cat "$state/jobs/$(ls "$state/jobs" | tail -n 1)/$1"; }

# What the database says a document is, in SQL's own JSON; without what the platform's traffic counts up all the time.
listings_json() {
    sql "SELECT json_strip_nulls(json_build_object('id', l.id, 'listingId', l.id, 'propertyId', p.id, 'title', p.title,
        'description', p.description, 'propertyType', p.\"propertyType\", 'transactionType', l.\"transactionType\",
        'priceVND', l.\"priceVND\", 'pricePerM2', l.\"pricePerM2\", 'areaM2', p.\"areaM2\", 'bedrooms',
        coalesce(p.bedrooms, 0), 'bathrooms', coalesce(p.bathrooms, 0), 'floors', coalesce(p.floors, 0), 'direction',
        coalesce(p.direction::text, ''), 'address', p.address, 'ward', p.ward, 'district', p.district, 'city', p.city,
        'location', json_build_array(ST_Y(p.location), ST_X(p.location)), 'agentId', coalesce(l.\"agentId\", ''),
        'sellerId', l.\"sellerId\", 'status', l.status, 'publishedAt',
        coalesce(floor(extract(epoch from l.\"publishedAt\"))::bigint, 0), 'saveCount', l.\"saveCount\", 'projectName',
        coalesce(p.\"projectName\", ''), 'amenities', coalesce(p.amenities, '{}')))
        FROM \"Listing\" l JOIN \"Property\" p ON p.id = l.\"propertyId\" ${1:-}"
}
canonical() { jq -cS 'del(.viewCount) | .amenities |= map(select(. != null))' | sort; }
same() { # NAME [WHERE] - every document equals its listing, and there is no other
    listings_json "${2:-}" | canonical >"$work/database"
    ts "$search/collections/listings/documents/export" | canonical >"$work/index"
    if [ -s "$work/database" ] && cmp -s "$work/database" "$work/index"; then pass; else
        fail "$1: $(wc -l <"$work/database") listings, $(wc -l <"$work/index") documents"
        diff "$work/database" "$work/index" | head -n 4 | cut -c1-300
    fi
}
counts() { # NAME - per status, as the screen compares them
    is "$1: counts per status" "$(sql 'SELECT status, count(*) FROM "Listing" GROUP BY 1 ORDER BY status::text COLLATE "C"')" \
        "$(ts "$search/collections/listings/documents/search?q=*&query_by=title&per_page=0&facet_by=status&max_facet_values=50" |
            jq -r '.facet_counts[0].counts[] | "\(.value)|\(.count)"' | sort)"
}

# The API has filled the index; from here on it falls behind.
filled() { [ "$(documents)" = "$(sql 'SELECT count(*) FROM "Listing"')" ]; }
until_true 120 filled || fail 'the sandbox did not fill its index'
fault search-behind on
word='dev:1' word2='dev:2'

# ---- the plan ----
ts "$search/collections/listings/documents/export" | sort | sha256sum >"$work/before"
run 'a dry run shows both sides' 0 'the database has [0-9,]+ listings' "${g[@]}" reindex --dry-run
run 'a dry run as JSON' 0 '"schema": ?"goodgo.plan/1"' "${g[@]}" reindex --dry-run --json
run 'the key is not in it' 1 '^$' grep -F "$TYPESENSE_API_KEY" <<<"$out"
run 'a recreation is of another tier' 0 'tier 3' "${g[@]}" reindex --mode recreate --dry-run
run 'no word, no run' 3 'no --confirm' "${g[@]}" reindex
run 'a wrong mode' 2 'is upsert or recreate' "${g[@]}" reindex --mode drop --dry-run
run 'a wrong share' 2 'is from 0 to 100' "${g[@]}" reindex --max-removed-share 101 --dry-run
ts "$search/collections/listings/documents/export" | sort | sha256sum >"$work/after"
is 'all that wrote nothing' "$(cat "$work/before")" "$(cat "$work/after")"

# ---- drift is healed ----
sql "INSERT INTO \"Listing\" (id, \"propertyId\", \"sellerId\", \"transactionType\", status, \"priceVND\", \"updatedAt\")
    SELECT 'new-' || id, \"propertyId\", \"sellerId\", 'RENT', 'DRAFT', 7, now() FROM \"Listing\" ORDER BY id LIMIT 60"
fault api stop # no traffic either: both sides hold still for the comparisons below
sql "UPDATE \"Listing\" SET status = 'SOLD' WHERE id IN (SELECT id FROM \"Listing\" WHERE status = 'ACTIVE' ORDER BY id LIMIT 40)"
sql "UPDATE \"Listing\" SET \"priceVND\" = 8007199254740993 WHERE id = (SELECT min(id) FROM \"Listing\")"
sql "UPDATE \"Property\" SET title = E'Nhà \"đẹp\"\\t\\\\ 1\\nhai', amenities = ARRAY['a \"b\"', 'c,d', 'e\\f', NULL, '{g}']
    WHERE id = (SELECT \"propertyId\" FROM \"Listing\" ORDER BY id LIMIT 1)"
sql "CREATE TEMP TABLE gone AS SELECT id FROM \"Listing\" l WHERE NOT EXISTS (SELECT FROM \"Inquiry\" WHERE \"listingId\" = l.id)
    AND NOT EXISTS (SELECT FROM \"Transaction\" WHERE \"listingId\" = l.id) AND id LIKE 'c%' AND \"createdAt\" < now() - interval '1 hour'
    AND EXISTS (SELECT FROM \"Property\" p WHERE p.id = l.\"propertyId\" AND bedrooms <> 4) ORDER BY id DESC LIMIT 25;
    DELETE FROM \"Listing\" WHERE id IN (SELECT id FROM gone)"
ts -X DELETE "$search/collections/listings/documents?filter_by=bedrooms:=4" >/dev/null
run 'the plan tells what differs' 0 ' missing, [1-9][0-9,]* stale .* 25 surplus; every document' "${g[@]}" reindex --dry-run
run 'upsert' 0 'state +done' "${g[@]}" reindex --confirm "$word"
same 'after upsert'
counts 'after upsert'
is 'what was removed is kept' 25 "$(last_log removed.jsonl | wc -l)"
is 'no temporary file is left' 0 "$(find "$state" -name '.ids*' | wc -l)"
"${g[@]}" status --json --only typesense,postgres >"$work/status.json"
is 'drift 0' 0 "$(jq '.services[] | select(.name == "typesense") | .metrics.drift // 0' "$work/status.json")"

# ---- surplus ----
odd=$'x y,`z`\u0111'
ts "$search/collections/listings/documents/export?filter_by=id:$(sql 'SELECT min(id) FROM "Listing"')" |
    jq -c --arg odd "$odd" '(.id = $odd), (range(30) as $i | .id = "bogus-\($i)")' |
    ts --data-binary @- "$search/collections/listings/documents/import?action=upsert" >/dev/null
is 'surplus is there' 31 $(($(documents) - $(sql 'SELECT count(*) FROM "Listing"')))
run 'nothing is removed without the list of it' 1 'removed.jsonl: cannot be written .No space left' env LD_PRELOAD="$(dirname "$goodgo")/tests/libfailing.so" \
    FAILING_IN=job-run FAILING_CALL=write FAILING_AT=1 FAILING_ERRNO=28 FAILING_SKIP=events.jsonl:audit.:history.:reindex.:.lock:/log "${g[@]}" reindex --confirm "$word"
is 'all of it is still there' 31 $(($(documents) - $(sql 'SELECT count(*) FROM "Listing"')))
run 'surplus is removed' 0 'removed +31' "${g[@]}" reindex --confirm "$word"
same 'after the removal'
ts --data-binary @"$(ls -t "$state"/jobs/*/removed.jsonl | head -n 1)" "$search/collections/listings/documents/import" >/dev/null
is 'importing removed.jsonl undoes it' 31 $(($(documents) - $(sql 'SELECT count(*) FROM "Listing"')))

# A share above the limit: a wrong database looks like this.
ts "$search/collections/listings/documents/export" | jq -cn '[limit(1000; inputs)][] | .id = "b-" + .id' |
    ts --data-binary @- "$search/collections/listings/documents/import?action=upsert" >/dev/null
sql "UPDATE \"Listing\" SET \"saveCount\" = \"saveCount\" + 1 WHERE id = (SELECT max(id) FROM \"Listing\")"
ts "$search/collections/listings/documents/export" | sort | sha256sum >"$work/before"
run 'the plan warns' 0 'have no listing here: the run will refuse' "${g[@]}" reindex --dry-run
run 'a share above the limit is refused' 3 'at most 10 % may be removed' "${g[@]}" reindex --confirm "$word"
ts "$search/collections/listings/documents/export" | sort | sha256sum >"$work/after"
is 'and nothing was written' "$(cat "$work/before")" "$(cat "$work/after")"
run 'unless it is wanted' 0 'removed +1,031' "${g[@]}" reindex --max-removed-share 25 --confirm "$word"
same 'after the wanted removal'

# ---- what the server refuses ----
sed 's/^TYPESENSE_API_KEY=.*/TYPESENSE_API_KEY=wrong-one-5c1f/' "$dir/.env" >"$work/wrong.env"
run 'a wrong key' 2 'check TYPESENSE_API_KEY' "$goodgo" --env-file "$work/wrong.env" --state-dir "$state" reindex --confirm "$word"
run 'is not printed' 1 '^$' grep -F wrong-one-5c1f <<<"$out"
fault disk-full-search on
run 'a full disk' 1 'OUT_OF_DISK' "${g[@]}" reindex --patience 2 --confirm "$word"
run 'it waited first' 0 'waits .* OUT_OF_DISK' last_log log
id=$("${g[@]}" reindex --patience 60 --confirm "$word" --detach 2>/dev/null)
until_true 60 grep -q 'OUT_OF_DISK' "$state/jobs/$id/log" || fail 'the job did not meet the full disk'
fault disk-full-search off
run 'goes on when there is room' 0 'state +done' "${g[@]}" jobs attach "$id"
same 'after the full disk'

# One listing that no index takes: the rest is indexed, the one is named.
last=$(sql "SELECT max(id) FROM \"Listing\" WHERE id LIKE 'c%'")
sql "UPDATE \"Property\" SET \"areaM2\" = 'NaN' WHERE id = (SELECT \"propertyId\" FROM \"Listing\" WHERE id = '$last')"
run 'a refused document fails the job' 1 '1 document refused by the index' "${g[@]}" reindex --confirm "$word"
is 'with the reason' 1 "$(grep -c '1: Field `areaM2` has been declared' <<<"$out")"
is 'and is listed' "$last" "$(last_log failed.jsonl | jq -r .id)"
sql "UPDATE \"Property\" SET \"areaM2\" = 55 WHERE \"areaM2\" = 'NaN'"

# ---- interrupted ----
checkpointed() { until_true 60 grep -qs '"block": [1-9]' "$state/reindex.dev.json"; }
slow_job() { # ARGUMENTS... - started, and past its first checkpoint
    fault typesense slow 60
    id=$("${g[@]}" reindex --batch 40 --confirm "$word" --detach "$@" 2>/dev/null)
    checkpointed || fail 'no checkpoint was written'
}
kill_runner() {
    local pid
    pid=$(sed -n 's/.*"pid":\([0-9]*\).*/\1/p' "$state/jobs/$id/events.jsonl" | tail -n 1)
    kill -9 "$pid"
    until_true 60 eval '! kill -0 '"$pid"' 2>/dev/null'
}
ts -X DELETE "$search/collections/listings/documents?filter_by=bedrooms:=3" >/dev/null
slow_job
kill_runner
fault typesense clear
run 'a killed job is unknown' 0 'state +unknown' "${g[@]}" jobs show "$id"
# Behind the back of the checkpoint: a listing that was sent already, by the clock untouched.
sql "UPDATE \"Listing\" SET status = 'EXPIRED' WHERE ctid = (SELECT min(ctid) FROM \"Listing\")"
run 'the next run goes on' 0 'resumed_after +[1-9][0-9,]* documents' "${g[@]}" reindex --confirm "$word"
same 'after kill -9'
counts 'after kill -9'
is 'no checkpoint is left' no "$([ -e "$state/reindex.dev.json" ] && echo yes || echo no)"

slow_job
run 'cancelled' 0 '' "${g[@]}" jobs cancel "$id"
until_true 60 eval '"${g[@]}" jobs show "$id" | grep -q "state *cancelled"' || fail 'the job did not end as cancelled'
fault typesense slow 60 # or the job is over before it meets the 503
id=$("${g[@]}" reindex --batch 40 --confirm "$word" --detach 2>/dev/null)
until_true 60 grep -qs '"stage":"import"' "$state/jobs/$id/events.jsonl"
fault typesense error 503
until_true 60 grep -q 'Not Ready or Lagging' "$state/jobs/$id/log" || fail 'the job did not meet the 503'
fault typesense clear
run 'a server that lags is waited for' 0 'state +done' "${g[@]}" jobs attach "$id"
same 'after the 503'

fault typesense slow 60
id=$("${g[@]}" reindex --batch 40 --reply-timeout 1 --confirm "$word" --detach 2>/dev/null)
until_true 60 grep -qs '"stage":"import"' "$state/jobs/$id/events.jsonl"
fault typesense slow 1500
until_true 60 grep -qs 'looking what arrived' "$state/jobs/$id/log" || fail 'no time-out was met'
fault typesense clear
run 'after a time-out it looks first' 0 'state +done' "${g[@]}" jobs attach "$id"
run 'and says what arrived' 0 'whose answer was lost [0-9]+ arrived' last_log log
same 'after the time-out'

# ---- made anew ----
ts -X PUT "$search/collections/listings/synonyms/s1" -d '{"synonyms":["căn hộ","chung cư"]}' >/dev/null
ts -X PUT "$search/collections/listings/overrides/o1" -d '{"rule":{"query":"q7","match":"exact"},"includes":[]}' >/dev/null
made() { ts "$search/collections" | jq -r '.[].name' | sort | tr '\n' ' '; }
created() { ts "$search/collections/listings" | jq .created_at; }
old=$(created)
run 'what has to go is not promised to stay' 2 'is a collection and not an alias' "${g[@]}" reindex --mode recreate --keep-old --dry-run
sleep 1.1
run 'recreate a real collection' 0 'sample +[12][0-9][0-9] documents equal' "${g[@]}" reindex --mode recreate --confirm "$word2"
same 'after recreate'
counts 'after recreate'
is 'it is a collection still' 'listings ' "$(made)"
is 'a new one' yes "$([ "$(created)" -gt "$old" ] && echo yes)"
is 'synonyms came along' 'căn hộ' "$(ts "$search/collections/listings/synonyms" | jq -r '.synonyms[0].synonyms[0]')"
is 'overrides too' o1 "$(ts "$search/collections/listings/overrides" | jq -r '.overrides[0].id')"

run 'recreate as an alias' 0 'was a collection' "${g[@]}" reindex --mode recreate --to-alias --confirm "$word2"
target=$(ts "$search/aliases/listings" | jq -r .collection_name)
is 'the alias leads to it' "$target " "$(made)"
same 'after the change to an alias'
sleep 1.1
run 'recreate an alias' 0 "dropped +$target" "${g[@]}" reindex --mode recreate --confirm "$word2"
is 'only the new one is left' "$(ts "$search/aliases/listings" | jq -r .collection_name) " "$(made)"
is 'it is another' no "$([ "$(made)" = "$target " ] && echo yes || echo no)"
same 'after the swap'
is 'synonyms came along again' 'căn hộ' "$(ts "$search/collections/listings/synonyms" | jq -r '.synonyms[0].synonyms[0]')"
sleep 1.1
run 'the old one may stay' 0 'kept +listings_' "${g[@]}" reindex --mode recreate --keep-old --confirm "$word2"
is 'two are there' 2 "$(made | wc -w)"
run 'upsert through an alias' 0 'state +done' "${g[@]}" reindex --confirm "$word"
same 'through the alias'

# Killed before the swap: the old one serves, the next run goes on with the new one.
ts -X DELETE "$search/collections/$(made | tr ' ' '\n' | grep -v "^$(ts "$search/aliases/listings" | jq -r .collection_name)\$" | head -n 1)" >/dev/null
serving=$(ts "$search/aliases/listings" | jq -r .collection_name)
fault typesense slow 60
id=$("${g[@]}" reindex --mode recreate --batch 40 --confirm "$word2" --detach 2>/dev/null)
checkpointed || fail 'no checkpoint of the recreation'
kill_runner
fault typesense clear
is 'the old one serves' "$serving" "$(ts "$search/aliases/listings" | jq -r .collection_name)"
same 'while a dead run lies beside it'
run 'the plan names the leftover' 0 'nothing uses collection listings_[0-9]{14}' "${g[@]}" reindex --mode recreate --dry-run
run 'the next one goes on with it' 0 'resumed_after' "${g[@]}" reindex --mode recreate --confirm "$word2"
same 'after the second attempt'
is 'no leftover' 1 "$(made | wc -w)"

# Refused documents: nothing is swapped, what was begun is taken back.
sql "UPDATE \"Property\" SET \"areaM2\" = 'NaN' WHERE id = (SELECT \"propertyId\" FROM \"Listing\" WHERE id = '$last')"
serving=$(ts "$search/aliases/listings" | jq -r .collection_name)
sleep 1.1
run 'no swap with a refused document' 1 '1 document refused by the index' "${g[@]}" reindex --mode recreate --confirm "$word2"
is 'the old one serves on' "$serving " "$(made)"
sql "UPDATE \"Property\" SET \"areaM2\" = 55 WHERE \"areaM2\" = 'NaN'"

# The trap of a collection that hides the alias, and the missing collection.
ts -X POST "$search/collections" -d '{"name":"listings","fields":[{"name":"title","type":"string"}]}' >/dev/null
run 'a hidden alias is told' 0 'an alias of the same name to .* is hidden' "${g[@]}" reindex --dry-run
run 'an upsert into it is refused' 3 'status is no facet' "${g[@]}" reindex --confirm "$word"
run 'the schema is told too' 0 'schema: priceVND \(int64\) is missing' "${g[@]}" reindex --dry-run
ts -X DELETE "$search/collections/listings" >/dev/null
ts -X DELETE "$search/aliases/listings" >/dev/null
ts -X DELETE "$search/collections/$serving" >/dev/null
run 'a missing collection is made' 0 'created +listings' "${g[@]}" reindex --confirm "$word"
same 'after it was made'

# ---- only what is active ----
run 'active only removes the rest' 0 'removed +[0-9],[0-9]{3}' "${g[@]}" reindex --active-only --max-removed-share 60 --confirm "$word"
same 'active only' "WHERE l.status = 'ACTIVE'"
run 'audit holds' 0 '' "${g[@]}" audit verify
end
