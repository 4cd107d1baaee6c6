#!/usr/bin/env bash
# test_standins.sh - holds the stand-ins of one private platform against the replies of the real
# servers: right and wrong keys, counts after imports, signatures, query limits, and the faults.
# Usage: test_standins.sh PATH-TO-goodgo-sandbox. Prints 'N passed, N failed'; takes about 30 s.
set -u

sandbox=${1:?usage: test_standins.sh PATH-TO-goodgo-sandbox}
dir=$(mktemp -d -t goodgo-standins.XXXXXX)
passed=0
failed=0

finish() {
    "$sandbox" down --dir "$dir" >/dev/null 2>&1
    rm -rf "$dir" "$dir.log"
}
trap finish EXIT

if ! "$sandbox" up --dir "$dir" >"$dir.log" 2>&1; then
    cat "$dir.log"
    echo "the platform did not come up"
    exit 1
fi

# env_of NAME FALLBACK: a value of the platform's .env, without its quotes.
env_of() {
    local v
    v=$(sed -n "s/^$1=//p" "$dir/.env" | tail -1 | sed "s/^[\"']//; s/[\"']\$//")
    echo "${v:-$2}"
}

# url_of NAME INDEX: where a service listens; the order of the ports is fixed.
url_of() {
    local v
    v=$(sed -n "s/^port\.$1=//p" "$dir/state" 2>/dev/null | tail -1)
    echo "http://127.0.0.1:${v:-$((base + $2))}"
}

api=$(url_of api 0)
web=$(url_of web 1)
ai=$(url_of ai-services 2)
search=$(url_of typesense 6)
minio=$(url_of minio 7)
loki=$(url_of loki 8)
promtail=$(url_of promtail 9)
grafana=$(url_of grafana 11)
key=$(env_of TYPESENSE_API_KEY "")
access=$(env_of MINIO_ACCESS_KEY "")
secret=$(env_of MINIO_SECRET_KEY "")
bucket=$(env_of MINIO_BUCKET goodgo-media)
token=$(env_of GOODGO_GRAFANA_TOKEN "")
grafana_login=$(env_of GRAFANA_ADMIN_USER admin):$(env_of GRAFANA_ADMIN_PASSWORD "")
empty=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

get() { curl -s -m 30 "$@"; }
code() { curl -s -m 30 -o /dev/null -w '%{http_code}' "$@"; }

# is CLAIM WANTED ACTUAL
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAIL %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "${3:0:400}"
    fi
}

# has CLAIM PART WHOLE
has() {
    case "$3" in
    *"$2"*) passed=$((passed + 1)) ;;
    *)
        failed=$((failed + 1))
        printf 'FAIL %s\n  wanted: ...%s...\n  got:    %s\n' "$1" "$2" "${3:0:400}"
        ;;
    esac
}

# faults FAULT...: puts exactly these faults on; they are in force when it returns.
faults() {
    local fault
    no_faults
    for fault in "$@"; do
        # shellcheck disable=SC2086
        "$sandbox" fault --dir "$dir" $fault || is "fault $fault is put on" yes no
    done
}

no_faults() {
    "$sandbox" fault --dir "$dir" clear || is "the faults are cleared" yes no
}

# code_is WANTED URL: the status, once it is the wanted one; as it is after 20 s.
code_is() {
    local until=$((SECONDS + 20))
    until [ "$(code "$2")" = "$1" ] || [ $SECONDS -ge $until ]; do sleep 0.1; done
    code "$2"
}

test_api() {
    has "the API is alive" '"status":"ok","timestamp":"' "$(get "$api/health")"
    is "readiness is 200 with both servers up" 200 "$(code "$api/health/ready")"
    has "readiness has Terminus' shape" '"details":{"database":{"status":"up"},"redis":{"status":"up"}}' \
        "$(get "$api/health/ready")"
    has "readiness has the runbook's shape on request" '"checks":{"database":{"status":"up"}' \
        "$(get "$api/health/ready?shape=checks")"
    has "the database check stands alone" '"info":{"database"' "$(get "$api/health/db")"
    has "the redis check stands alone" '"info":{"redis"' "$(get "$api/health/redis")"
    is "an unknown path answers as NestJS does" \
        '{"message":"Cannot GET /nope","error":"Not Found","statusCode":404}' "$(get "$api/nope")"
    has "listings come from the database" '{"data":[{"id":"' "$(get "$api/api/listings?limit=2")"
    local m
    m=$(get "$api/metrics")
    has "the histogram is exposed" 'goodgo_api_request_duration_seconds_bucket{le="1",route=' "$m"
    has "requests are counted by status" 'http_requests_total{method="GET",route="/api/' "$m"
    has "prom-client's defaults are there" 'nodejs_eventloop_lag_p99_seconds' "$m"
    has "the page is served" '<title>GoodGo</title>' "$(get "$web/")"
    has "the page names its framework" 'X-Powered-By: Next.js' "$(get -i "$web/")"
    has "the AI services are healthy" '"service":"ai-services"' "$(get "$ai/health")"
    is "FastAPI's 404" '{"detail":"Not Found"}' "$(get "$ai/x")"
}

ts() { get -H "X-TYPESENSE-API-KEY: $key" "$@"; }
ts_code() { code -H "X-TYPESENSE-API-KEY: $key" "$@"; }

test_search() {
    local forbidden='{"message": "Forbidden - a valid `x-typesense-api-key` header must be sent."}'
    is "health needs no key" '{"ok":true}' "$(get "$search/health")"
    is "a missing key is told" "$forbidden" "$(get "$search/collections")"
    is "a wrong key is 401" 401 "$(code -H 'X-TYPESENSE-API-KEY: no' "$search/debug")"
    is "an unknown route is 404 before it is 401" 404 "$(code "$search/nope")"
    is "the version is announced" '{"state":1,"version":"27.1"}' "$(ts "$search/debug")"
    has "metrics are strings" '"typesense_memory_resident_bytes":"' "$(ts "$search/metrics.json")"
    has "stats are numbers" '"pending_write_batches":0' "$(ts "$search/stats.json")"
    is "a bad type is refused" 400 "$(ts_code -X POST "$search/collections" \
        -d '{"name":"t","fields":[{"name":"a","type":"strin"}]}')"
    is "a collection is made" 201 "$(ts_code -X POST "$search/collections" -d '{"name":"t","fields":[
        {"name":"title","type":"string"},{"name":"kind","type":"string","facet":true},
        {"name":"price","type":"int64"}],"default_sorting_field":"price"}')"
    is "the same name again is 409" 409 "$(ts_code -X POST "$search/collections" \
        -d '{"name":"t","fields":[{"name":"a","type":"string"}]}')"
    local lines out
    lines='{"id":"1","title":"Red house","kind":"A","price":5}
{"id":"2","title":"Blue house","kind":"B","price":7}

{"id":"3","title":"No price","kind":"B"}
{"id":"4",'
    out=$(ts -X POST "$search/collections/t/documents/import?action=create" --data-binary "$lines")
    is "blank lines are dropped" 4 "$(printf '%s\n' "$out" | wc -l)"
    is "good lines succeed" 2 "$(printf '%s\n' "$out" | grep -c '"success":true')"
    has "a missing field is named" 'Field `price` has been declared as a default sorting field' "$out"
    has "broken JSON is named" '"error":"Bad JSON' "$out"
    is "an import is 200 even where all lines fail" 200 "$(ts_code -X POST \
        "$search/collections/t/documents/import" --data-binary '{')"
    has "a document is not created twice" '"code":409' "$(ts -X POST \
        "$search/collections/t/documents/import?action=create" --data-binary '{"id":"1","title":"x","kind":"A","price":1}')"
    has "an update of nothing is 404" '"code":404' "$(ts -X POST \
        "$search/collections/t/documents/import?action=update" --data-binary '{"id":"9","price":1}')"
    has "documents are counted" '"num_documents":2' "$(ts "$search/collections/t")"
    is "an export has as many lines" 2 "$(ts "$search/collections/t/documents/export" | grep -c '"id"')"
    has "a filter is applied" '"found":1,' \
        "$(ts "$search/collections/t/documents/search?q=*&filter_by=price:%3E5%20%26%26%20kind:=B")"
    has "a range and facets" '"facet_counts":[{"counts":[{"count":1,"highlighted":"A","value":"A"}' \
        "$(ts "$search/collections/t/documents/search?q=*&filter_by=price:%5B5..6%5D&facet_by=kind")"
    has "words are found and marked" '<mark>Blue</mark>' \
        "$(ts "$search/collections/t/documents/search?q=blue&query_by=title")"
    has "an unknown filter field is told" 'Could not find a filter field named `zip` in the schema.' \
        "$(ts "$search/collections/t/documents/search?q=*&filter_by=zip:1")"
    is "per_page has a limit" 422 "$(ts_code "$search/collections/t/documents/search?q=*&per_page=251")"
    is "an alias is put" '{"collection_name":"t","name":"shop"}' \
        "$(ts -X PUT "$search/aliases/shop" -d '{"collection_name":"t"}')"
    has "an alias is followed" '"name":"t"' "$(ts "$search/collections/shop")"
    is "an alias cannot take a collection's name" 500 \
        "$(ts_code -X PUT "$search/aliases/t" -d '{"collection_name":"x"}')"
    local scoped
    scoped=$(ts -X POST "$search/keys" -d '{"description":"s","actions":["documents:search"],"collections":["t"]}' |
        sed -n 's/.*"value":"\([^"]*\)".*/\1/p')
    is "a search key searches" 200 "$(code -H "X-TYPESENSE-API-KEY: $scoped" \
        "$search/collections/t/documents/search?q=*")"
    is "a search key lists nothing" 401 "$(code -H "X-TYPESENSE-API-KEY: $scoped" "$search/collections")"
    is "a delete needs a filter" 400 "$(ts_code -X DELETE "$search/collections/t/documents")"
    is "a delete by filter counts" '{"num_deleted":1}' \
        "$(ts -X DELETE "$search/collections/t/documents?filter_by=kind:=A")"
    is "a document named twice is deleted once" '{"num_deleted":1}' \
        "$(ts -X DELETE "$search/collections/t/documents?filter_by=id:%5B2,2%5D")"
    ts -X POST "$search/collections/t/documents/import" --data-binary '{"id":"5","":1,"title":"x","kind":"C","price":1}' >"$dir/import"
    has "a member without a name is left out like others" '"document":{"title":"x"}' \
        "$(ts "$search/collections/t/documents/search?q=*&include_fields=title")"
    ts -X POST "$search/collections/t/documents/import" --data-binary '{"id":"4","title":"y","kind":"C","price":1}' >"$dir/import"
    is "an id that is made up is none that was given" 201 \
        "$(ts_code -X POST "$search/collections/t/documents" -d '{"title":"z","kind":"C","price":1}')"
    is "a collection is dropped" 200 "$(ts_code -X DELETE "$search/collections/t")"
    faults disk-full-search
    is "a full disk shows in health" '{"ok":true,"resource_error":"OUT_OF_DISK"}' "$(get "$search/health")"
    is "a full disk refuses writes" 422 "$(ts_code -X POST "$search/collections" -d '{}')"
    no_faults
}

# The API indexes in the background: waits until the counts agree, at most ten seconds.
test_index() {
    local listed=0 found=0 i fields
    for ((i = 0; i < 20; i++)); do
        found=$(ts "$search/collections/listings" | sed -n 's/.*"num_documents":\([0-9]*\).*/\1/p')
        [ "${found:-0}" -gt "$listed" ] || [ "${found:-0}" -eq 0 ] || break
        listed=${found:-0}
        sleep 0.5
    done
    is "listings are indexed" yes "$([ "${found:-0}" -gt 0 ] && echo yes || echo no)"
    fields=$(ts "$search/collections/listings" | grep -o '"name":' | wc -l)
    is "the schema has 26 fields" 27 "$fields"
}

s3() {
    get --aws-sigv4 "aws:amz:us-east-1:s3" -u "$access:$secret" "$@"
}

test_minio() {
    is "alive" 200 "$(code "$minio/minio/health/live")"
    has "quorum is told" 'X-Minio-Write-Quorum: 1' "$(get -I "$minio/minio/health/cluster")"
    has "nobody is denied" '<Code>AccessDenied</Code>' "$(get "$minio/")"
    has "a signature opens" "<Name>$bucket</Name>" "$(s3 -H "x-amz-content-sha256: $empty" "$minio/")"
    has "a wrong secret is a wrong signature" '<Code>SignatureDoesNotMatch</Code>' \
        "$(get --aws-sigv4 "aws:amz:us-east-1:s3" -u "$access:wrong" -H "x-amz-content-sha256: $empty" "$minio/")"
    has "a wrong key is unknown" '<Code>InvalidAccessKeyId</Code>' \
        "$(get --aws-sigv4 "aws:amz:us-east-1:s3" -u "nobody:$secret" -H "x-amz-content-sha256: $empty" "$minio/")"
    has "another region is refused" '<Code>AuthorizationHeaderMalformed</Code>' \
        "$(get --aws-sigv4 "aws:amz:eu-west-1:s3" -u "$access:$secret" -H "x-amz-content-sha256: $empty" "$minio/")"
    has "a body is held against its hash" '<Code>XAmzContentSHA256Mismatch</Code>' \
        "$(s3 -X PUT -H "x-amz-content-sha256: $empty" --data-binary hello "$minio/$bucket/x")"
    has "an unsorted query is no valid signature" '<Code>SignatureDoesNotMatch</Code>' \
        "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket?prefix=x&list-type=2")"
    has "media are there, and counted to the limit" '<IsTruncated>true</IsTruncated>' \
        "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket?list-type=2&max-keys=5&prefix=listings%2F")"
    has "prefixes are folded" '<CommonPrefixes><Prefix>listings/</Prefix></CommonPrefixes>' \
        "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket?delimiter=%2F&list-type=2")"
    s3 -X PUT -H "x-amz-content-sha256: UNSIGNED-PAYLOAD" --data-binary hello "$minio/$bucket/a%20b.txt" >"$dir/put"
    is "what was put is read" hello "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket/a%20b.txt")"
    is "a range is read" el \
        "$(s3 -H "x-amz-content-sha256: $empty" -H 'Range: bytes=1-2' "$minio/$bucket/a%20b.txt")"
    local unsigned="x-amz-content-sha256: UNSIGNED-PAYLOAD" upload part etag
    s3 -X PUT -H "$unsigned" --data-binary x "$minio/$bucket/a%26b" >"$dir/put"
    has "a key in a list of deletes is XML" '<Key>a&amp;b</Key>' "$(s3 -X POST -H "$unsigned" \
        --data-binary '<Delete><Object><Key>a&amp;b</Key></Object></Delete>' "$minio/$bucket?delete=")"
    has "and is gone" '<Code>NoSuchKey</Code>' "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket/a%26b")"
    upload=$(s3 -X POST -H "$unsigned" "$minio/$bucket/parts?uploads=" | sed -n 's/.*<UploadId>\([^<]*\).*/\1/p')
    for part in 1 2; do
        s3 -X PUT -H "$unsigned" --data-binary "part $part" "$minio/$bucket/parts?partNumber=$part&uploadId=$upload" >"$dir/put"
    done
    etag=$(printf 'part 2' | md5sum | cut -c1-32)
    has "an upload is made of the parts that are named, its ETag too" \
        "<ETag>&#34;$(printf "$(sed 's/../\\x&/g' <<<"$etag")" | md5sum | cut -c1-32)-1&#34;</ETag>" \
        "$(s3 -X POST -H "$unsigned" "$minio/$bucket/parts?uploadId=$upload" --data-binary \
            "<CompleteMultipartUpload><Part><PartNumber>2</PartNumber><ETag>$etag</ETag></Part></CompleteMultipartUpload>")"
    is "and nothing else" 'part 2' "$(s3 -H "x-amz-content-sha256: $empty" "$minio/$bucket/parts")"
    has "HEAD tells the code in a header" 'x-minio-error-code: NoSuchKey' \
        "$(s3 -I -H "x-amz-content-sha256: $empty" "$minio/$bucket/none")"
    has "an unknown bucket is named" '<Code>NoSuchBucket</Code>' \
        "$(s3 -H "x-amz-content-sha256: $empty" "$minio/nope?list-type=2")"
}

range() { get -G "$loki/loki/api/v1/query_range" --data-urlencode "query=$1" "${@:2}"; }

test_logs() {
    is "Loki becomes ready" 200 "$(code_is 200 "$loki/ready")"
    is "Loki is ready" ready "$(get "$loki/ready")"
    has "labels are named" '"component"' "$(get "$loki/loki/api/v1/labels")"
    has "lines are Pino's" '\"correlationId\":\"' "$(range '{component="api"} | json' -d limit=1)"
    is "the limit is 5000" \
        'max entries limit per query exceeded, limit > max_entries_limit (6000 > 5000)' \
        "$(range '{component="api"}' -d limit=6000)"
    is "an over-long limit is 400" 400 "$(code -G "$loki/loki/api/v1/query_range" \
        --data-urlencode 'query={component="api"}' -d limit=6000)"
    is "a step of less than a nanosecond is refused" 400 "$(code -G "$loki/loki/api/v1/query_range" \
        --data-urlencode 'query=count_over_time({component="api"}[1m])' -d step=0.0000000001)"
    has "counts by step" '"resultType":"matrix","result":[{"metric":{' \
        "$(range 'sum by (level) (count_over_time({component="api"}[1m]))' -d step=1m)"
    has "series are counted apart" '"component":"web"' "$(get "$loki/loki/api/v1/series")"
    has "a half query is a parse error" 'parse error at line 1, col 9: syntax error: unexpected $end' \
        "$(range '{app="x"')"
    has "an empty selector is refused" 'at least one regexp or equality matcher' "$(range '{}')"
    has "counts by label" '"metric":{"level":"info"}' \
        "$(get -G "$loki/loki/api/v1/query" --data-urlencode \
            'query=sum by (level) (count_over_time({component="api"} |= "duration" [1h]))')"
    has "an instant log query is refused" 'log queries are not supported' \
        "$(get -G "$loki/loki/api/v1/query" --data-urlencode 'query={component="api"}')"
    is "Promtail is ready" Ready "$(get "$promtail/ready")"
    has "Promtail counts" 'promtail_read_lines_total{path="docker"} ' "$(get "$promtail/metrics")"
}

test_grafana() {
    has "Grafana's health needs no login" '"database": "ok"' "$(get "$grafana/api/health")"
    is "the root leads to the login" 302 "$(code "$grafana/")"
    has "no login" '"messageId":"auth.unauthorized"' "$(get "$grafana/api/search")"
    has "a wrong token" '"messageId":"api-key.invalid"' \
        "$(get -H 'Authorization: Bearer glsa_wrong' "$grafana/api/search")"
    is "a token or the login shows seven dashboards" 7 "$({
        if [ -n "$token" ]; then
            get -H "Authorization: Bearer $token" "$grafana/api/search"
        else
            get -u "$grafana_login" "$grafana/api/search"
        fi
    } | grep -o '"uid":"goodgo-' | wc -l)"
    has "a wrong password" '"messageId":"password-auth.failed"' \
        "$(get -u admin:wrong "$grafana/api/datasources")"
    has "an annotation is added" '"message":"Annotation added"' \
        "$(get -u "$grafana_login" -X POST -d '{"text":"deploy","tags":["deploy"]}' "$grafana/api/annotations")"
    has "and read again" '"text":"deploy"' "$(get -u "$grafana_login" "$grafana/api/annotations?tags=deploy")"
}

curl_error() { curl -s -m 2 -o /dev/null "$1" && echo 0 || echo $?; }

test_faults() {
    local t0 t1
    faults "typesense stop" "loki hang"
    is "a stopped service refuses" 7 "$(curl_error "$search/health")"
    is "a hanging service never answers" 28 "$(curl_error "$loki/ready")"
    is "the others go on" 200 "$(code "$api/health")"
    faults "typesense slow 700" "loki error 503"
    t0=$(date +%s%N)
    is "a slow service answers in the end" '{"ok":true}' "$(get "$search/health")"
    t1=$(date +%s%N)
    is "a slow service is slow" yes "$([ $(((t1 - t0) / 1000000)) -ge 690 ] && echo yes || echo no)"
    is "an error has its status" 503 "$(code "$loki/ready")"
    faults "typesense error 503" "loki garbage"
    is "an error has a plausible body" '{"ok":false}' "$(get "$search/health")"
    is "garbage is no HTTP" yes "$([ "$(curl_error "$loki/ready")" != 0 ] && echo yes || echo no)"
    faults "api stop"
    is "the web fails without the API" 500 "$(code_is 500 "$web/")"
    no_faults
    is "the service is back on its port" '{"ok":true}' "$(get "$search/health")"
    is "Loki is back" 200 "$(code "$loki/ready")"
    is "the web is back" 200 "$(code_is 200 "$web/")"
}

test_api
test_search
test_index
test_minio
test_logs
test_grafana
test_faults
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
