#!/usr/bin/env bash
# payments_list.sh SANDBOX GOODGO - payments of a real PostgreSQL, listed, shown and verified: every class made by hand
# with signatures of the openssl tool, sums held against SQL, every key that stands for a payment, nothing changed.
set -uo pipefail
# shellcheck source=tests/e2e/e2e.bash
. "$(dirname "$0")/e2e.bash"
"$sandbox" up --dir "$dir" --json >"$work/up.json" 2>"$work/up.log" || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }

# Its traffic adds a payment now and then: both sides hold still while they are compared.
"$sandbox" fault --dir "$dir" api stop >/dev/null
url=$(env_of DATABASE_URL | sed 's/?.*//')
sql() { psql -X -q -t -A -v ON_ERROR_STOP=1 "$url" -c "$1"; }
listed() { console payments list --json "$@" >"$work/list.json" 2>"$work/err"; }
lists() { jq -r "$@" "$work/list.json"; }
class_of() { jq -r --arg id "$1" '.payments[] | select(.id == $id) | .class' "$work/list.json"; }

# --- what was seeded: counts and sums as SQL has them ---
open="\"status\" IN ('PENDING', 'PROCESSING')"
listed --limit 20000
check 'open payments' "$(lists '[.payments[] | select(.status == "PENDING" or .status == "PROCESSING")] | length')" \
    "$(sql "SELECT count(*) FROM \"Payment\" WHERE $open")"
check 'their sum' "$(lists '[.payments[] | select(.status == "PENDING" or .status == "PROCESSING") | .amountVnd] | add')" \
    "$(sql "SELECT sum(\"amountVND\") FROM \"Payment\" WHERE $open")"
check 'classes add up to what is found' "$(lists '[.classes[].count] | add')" "$(lists .found)"
check 'totals add up to the dong' "$(lists '[.totals[].amountVnd] | add')" "$(lists .amountVnd)"
check 'worst class first' "$(lists '.payments[0].class')" paid_not_credited
listed --provider zalopay --status PENDING --older-than 1h --limit 20000
check 'a filter of three' "$(lists .found)" "$(sql "SELECT count(*) FROM \"Payment\" WHERE \"provider\" = 'ZALOPAY'
    AND \"status\" = 'PENDING' AND \"createdAt\" < now() AT TIME ZONE 'UTC' - interval '1 hour'")"

# --- every class, made by hand: VNPay's signature by openssl ---
secret=$(env_of VNPAY_HASH_SECRET)
user=$(sql 'SELECT id FROM "User" ORDER BY id LIMIT 1')
# call ID AMOUNT CODE STATE NUMBER - a call of VNPay as a query string
call() {
    local at query
    at=$(TZ=UTC-7 date +%Y%m%d%H%M%S)
    query="vnp_Amount=${2}00&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_PayDate=$at&vnp_ResponseCode=$3&vnp_TmnCode=$(env_of VNPAY_TMN_CODE)&vnp_TransactionNo=$5&vnp_TransactionStatus=$4&vnp_TxnRef=$1"
    printf '%s&vnp_SecureHash=%s' "$query" "$(printf %s "$query" | openssl dgst -sha512 -hmac "$secret" -r | cut -d' ' -f1)"
}
# pay ID STATUS AMOUNT AGE JSON [TX] - a payment of VNPay
pay() {
    sql "INSERT INTO \"Payment\" (\"id\", \"userId\", \"provider\", \"type\", \"amountVND\", \"status\", \"providerTxId\",
        \"callbackData\", \"idempotencyKey\", \"createdAt\", \"updatedAt\") SELECT '$1', '$user', 'VNPAY', 'DEPOSIT', $3, '$2',
        ${6:-NULL}, \$json\$$5\$json\$::jsonb, 'key-$1', t, t FROM (SELECT now() AT TIME ZONE 'UTC' - interval '$4' AS t) x"
}
text() { jq -Rn --arg s "$1" '$s'; }
pay e2e-huge PENDING 9999999999 '2 minutes' "$(text "$(call e2e-huge 9999999999 00 00 71000001)")" # VNPay's most, x 100
pay e2e-small PENDING 5000 '2 minutes' "$(text "$(call e2e-small 5000 00 00 71000002)")"
pay e2e-amount PENDING 5000 '2 minutes' "$(text "$(call e2e-amount 4999 00 00 71000003)")"
pay e2e-twice PENDING 5000 '2 minutes' "[$(text "$(call e2e-twice 5000 00 00 71000004)"), $(text "$(call e2e-twice 5000 00 00 71000005)")]"
pay e2e-late FAILED 5000 '2 minutes' "$(text "$(call e2e-late 5000 00 00 71000006)")"
pay e2e-other PENDING 5000 '2 minutes' "$(text "$(call e2e-small 5000 00 00 71000002)")"
pay e2e-forged PENDING 5000 '2 minutes' "$(text "$(call e2e-forged 5000 00 00 71000007 | tr 1 2)")"
pay e2e-failed PENDING 5000 '2 minutes' "$(text "$(call e2e-failed 5000 24 02 0)")"
pay e2e-wait PROCESSING 5000 '2 minutes' "$(text "$(call e2e-wait 5000 00 01 71000008)")"
pay e2e-stuck PENDING 5000 '3 hours' null
pay e2e-young PENDING 5000 '2 minutes' null
pay e2e-done COMPLETED 5000 '2 minutes' "$(text "$(call e2e-done 5000 00 00 71000009)")" "'71000009'"
pay e2e-twin1 COMPLETED 5000 '2 minutes' null "'71000010'"
pay e2e-twin2 COMPLETED 5000 '2 minutes' null "'71000010'"
pay e2e-credited COMPLETED 5000 '2 minutes' "$(text "$(call e2e-credited 4000 00 00 71000012)")" "'71000012'"
pay e2e-longago COMPLETED 5000 '30 hours' "$(text "$(call e2e-longago 4000 00 00 71000013)")" "'71000013'"
pay e2e-twicein COMPLETED 5000 '2 minutes' "[$(text "$(call e2e-twicein 5000 00 00 71000014)"), $(text "$(call e2e-twicein 5000 00 00 71000015)")]" "'71000014'"
pay '=1+e2e' PENDING 5000 '2 minutes' null
pay e2e-envelope PENDING 5000 '2 minutes' "{\"receivedAt\": 1, \"query\": $(text "?$(call e2e-envelope 5000 00 00 71000011)")}"

listed --limit 20000
for pair in huge:paid_not_credited small:paid_not_credited amount:amount_differs twice:duplicate late:status_differs other:other_order \
    forged:bad_signature failed:not_closed wait:not_final stuck:stuck young:waiting envelope:paid_not_credited \
    twin1:duplicate twin2:duplicate done: credited:amount_differs twicein:duplicate longago:; do
    check "class of e2e-${pair%%:*}" "$(class_of "e2e-${pair%%:*}")" "${pair#*:}"
done
check 'VNPay calls ten times' "$(lists '.payments[] | select(.id == "e2e-small") | "\(.healsByItself) \(.triesLeft)"')" 'expected 10'
check 'a replay would credit it' "$(lists '.payments[] | select(.id == "e2e-small") | .replayWouldMakeIt')" COMPLETED
check 'a replay changes nothing' "$(lists '.payments[] | select(.id == "e2e-amount") | .replayWouldMakeIt')" null
day=$(TZ=UTC-7 date +%F)
listed --day "$day" --status COMPLETED --limit 20000
check 'a day of Vietnam' "$(lists .found)" "$(sql "SELECT count(*) FROM \"Payment\" WHERE \"status\" = 'COMPLETED' AND
    (\"createdAt\" + interval '7 hours')::date = '$day'")"
contains 'what is settled is nothing to do' "$(console payments list --status COMPLETED --limit 3)" '^SETTLED .*nothing$'
check 'what is settled needs no healing, in its class as in its rows' "$(lists '[(.classes[] | select(.class == "settled") | .healNever), ([.payments[] | select(.class == "settled" and .healsByItself != null)] | length)] | tostring')" '\[0,0\]'
contains 'a day without any says nothing of the others' "$(console payments list --day 2001-01-01)" '^nothing: no payment is such a one; without conditions goodgo payments list shows all that is open$'

# --- credited, and its message says another amount ---
contains 'what was credited is said' "$(lists -r '.payments[] | select(.id == "e2e-credited") | .why')" 'ours is 5,000 VND, and credited'
check 'each is listed once' "$(lists '[.payments[].id] | length == (unique | length)')" true
listed --class amount_differs --since "$(date -d '3 days ago' +%F)" --limit 20000
check 'further back with --since' "$(class_of e2e-longago) $(class_of e2e-credited)" 'amount_differs amount_differs'
contains 'what to do with it' "$(console payments show e2e-credited)" '^what to do +hold it and ask finance'
console payments list --since 2026-10-01 --day 2026-10-01 >/dev/null 2>&1; check '--since and --day' $? 2

# --- for finance ---
listed --csv "$work/list.csv" --limit 3
check 'the file has all that was found' "$(($(wc -l <"$work/list.csv") - 1))" "$(lists .found)"
check 'and is the one that is told of' "$(sha256sum <"$work/list.csv" | cut -d' ' -f1)" "$(lists -r .csvSha256)"
check 'amounts are integers that add up' "$(awk -F, 'NR > 1 { n += $8 } END { printf "%.0f", n }' "$work/list.csv")" "$(lists .amountVnd)"
check 'the mark of UTF-8' "$(head -c 3 "$work/list.csv" | od -An -tx1 | tr -d ' ')" efbbbf
check 'nothing in it is computed' "$(grep -c "^\"'=1+e2e\"," "$work/list.csv")" 1
check 'it is for its owner alone' "$(stat -c %a "$work/list.csv")" 600
check 'the trail knows it' "$(console audit list --json | jq -r '.records[0] | "\(.action) \(.details.sha256)"')" "payments.list $(lists -r .csvSha256)"
console payments list --csv "$work/no/such.csv" >/dev/null 2>"$work/err"; check 'a file that cannot be made' $? 1
contains 'it is named' "$(cat "$work/err")" 'no/such.csv: No such file'
contains 'told to people too' "$(console payments list --class stuck --csv "$work/list.csv")" "list.csv: [0-9]+ rows, SHA-256 [0-9a-f]{64}"

# --- one payment, by everything that stands for it ---
show() { console payments show "$@" 2>&1; }
for key in e2e-done 71000009 key-e2e-done 261010_e2e-done; do
    check "show $key" "$(show "$key" --json | jq -r '[.payments[].id] | join(" ")')" e2e-done
done
check 'a number that only the message has' "$(show 71000002 --json | jq -r '[.payments[].id] | sort | join(" ")')" 'e2e-other e2e-small'
check 'one number on two payments' "$(show 71000010 --json | jq -r '[.payments[].id] | sort | join(" ")')" 'e2e-twin1 e2e-twin2'
contains 'by its user' "$(show "$user")" '^payment +e2e-'
contains 'a key with quotes' "$(show "x' OR '1'='1")" 'stands for no payment'
show no-such-payment >/dev/null; check 'no payment' $? 2
sql 'ALTER TABLE "Payment" RENAME TO "PaymentAway"'
contains 'a table that cannot be read is no payment that is not there' "$(show e2e-done)" 'does not exist'
show e2e-done >/dev/null; check 'the database does not tell' $? 1
sql 'ALTER TABLE "PaymentAway" RENAME TO "Payment"'
show '' >/dev/null; check 'an empty name is no payment' $? 2
console payments verify '' >/dev/null 2>&1; check 'nor is it to verify' $? 2
pay e2e-bank PENDING 70000 '3 hours' null
sql "UPDATE \"Payment\" SET \"provider\" = 'BANK_TRANSFER' WHERE \"id\" = 'e2e-bank'"
contains 'a transfer has an act of its own' "$(show e2e-bank)" 'you may +goodgo payments settle-transfer e2e-bank --ref REF --amount 70000 '
check 'and nobody else has it' "$(show e2e-forged | grep -c settle-transfer)" 0
console payments list --csv "$work/reconcile" --limit 3 >/dev/null; check 'a file may be named as an act is' $? 0
(cd "$work" && console payments list --csv reconcile >/dev/null); check 'and stand alone' $? 0
contains 'why it may not be replayed' "$(show e2e-forged)" 'no replay: BAD_SIGNATURE: '
contains 'what it claims' "$(show e2e-forged)" 'proven by nothing'
contains 'what may be done' "$(show e2e-forged)" 'you may +goodgo payments ask e2e-forged --provider vnpay'
contains 'who waits' "$(show e2e-small)" 'no replay: it may heal by itself: VNPay calls again'

# --- history: the platform's and our own; log lines ---
sql "INSERT INTO \"AdminAuditLog\" VALUES ('e2e-log', '$user', 'PAYMENT_RECONCILED', 'PAYMENT', 'e2e-small',
    '{\"note\": \"called the customer \\u001b[31m\"}', NULL, now() AT TIME ZONE 'UTC')"
contains 'the platform'\''s history' "$(show e2e-small)" 'AdminAuditLog PAYMENT_RECONCILED'
check 'no escape reaches the terminal' "$(show e2e-small | grep -c $'\033')" 0
# A payment is called as the last request in Loki was: so there is a line that names it.
for _ in $(seq 300); do
    request=$(curl -sfG "$(env_of GOODGO_LOKI_URL)/loki/api/v1/query_range" --data-urlencode 'query={service=~".+"} |= "correlationId"' -d limit=1 |
        jq -r '.data.result[0].values[0][1] // empty | fromjson | .correlationId')
    [ -z "$request" ] || break
    sleep 0.1
done
pay "$request" PENDING 5000 '2 minutes' null
check 'the lines of its order' "$(show "$request" --json | jq '.payments[0] | .logsMissing == null and (.logs | length) > 0')" true
contains 'they are said' "$(show "$request")" '^  20[0-9T:+-]+  [a-z-]+ +(info|warn|error|-|[0-9]+) '
check 'no line of others' "$(show e2e-stuck --json | jq '.payments[0].logs | length')" 0

# --- verify what is stored ---
console payments verify e2e-small --json >"$work/verify.json" 2>"$work/err"; check 'verify an authentic one' $? 0
check 'its document' "$(jq -r '"\(.schema) \(.valid) \(.amountVnd)"' "$work/verify.json")" 'goodgo.payments.verify/1 true 5000'
console payments verify e2e-forged >/dev/null 2>&1; check 'verify a forged one' $? 1
console payments verify e2e-stuck >/dev/null 2>"$work/err"; check 'verify without a message' $? 2
contains 'what to do without one' "$(cat "$work/err")" 'ask the gateway'
console payments verify 71000010 >/dev/null 2>"$work/err"; check 'verify two' $? 2
contains 'name one' "$(cat "$work/err")" 'more than one'

# --- wrong use, and without a database ---
for wrong in '--status PAID' '--class PAID' '--day 2026-13-01' '--older-than soon' '--limit 0' '--provider cash'; do
    # shellcheck disable=SC2086
    console payments list $wrong >/dev/null 2>&1; check "list $wrong" $? 2
done
console payments show >/dev/null 2>&1; check 'show without a key' $? 2
grep -vE '^(DATABASE_URL|DB_)' "$dir/.env" >"$work/no-database.env"; chmod 600 "$work/no-database.env"
contains 'without a database' "$("$goodgo" --env-file "$work/no-database.env" payments list 2>&1)" 'DATABASE_URL is not set|DATABASE_URL: is not set'

# --- the screen: drawn live, and from a snapshot ---
console snapshot -o "$work/snapshot" 2>"$work/err"
check 'in the snapshot' "$(jq -r '.own[] | select(.service == "payments") | .tables[] | select(.name == "payments") | .rows | length > 10' "$work/snapshot")" true
screen_has() { jq -r '.own[] | select(.service == "payments") | .tables[] | select(.name == "payments") | .rows[] | "\(.key) \(.cells[0])"' "$work/snapshot"; }
check 'the screen has what the list has, credited ones too' "$(screen_has | grep -c '^e2e-credited AMOUNT-DIFFERS$')" 1
for size in 60x16 80x24 120x40; do
    contains "screen $size" "$(console render payments --snapshot "$work/snapshot" --size $size)" 'PAID-NOT-CREDITED'
done
check 'nothing was changed' "$(sql "SELECT count(*) FROM \"Payment\" WHERE \"id\" LIKE 'e2e-%' AND \"updatedAt\" <> \"createdAt\"")" 0
contains 'Overview says it' "$(console render overview --snapshot "$work/snapshot" --size 120x40)" 'MONEY +[0-9]+ payments to act on'
"$sandbox" fault --dir "$dir" postgres stop >/dev/null
contains 'without its database' "$(console render payments --size 80x24)" 'Try:|nobody listens|has not answered'

check 'no secret in the documents' "$(cat "$work"/*.json "$work/snapshot" "$work/err" | grep -cF "$secret")" 0
end
