#!/usr/bin/env bash
# test_gateways.sh SANDBOX - holds the sandbox's payment gateways and the API's callback routes against the providers'
# contracts, with signatures made by the openssl tool. Prints 'N passed, N failed'.
set -u
# shellcheck source=tests/platform.bash
. "$(dirname "$0")/../platform.bash"
sandbox=${1:?usage: test_gateways.sh PATH-TO-goodgo-sandbox}
root=$(mktemp -d -t goodgo-gateways.XXXXXX)
dir=$root/p
trap '"$sandbox" down --dir "$dir" >/dev/null 2>&1; rm -rf "$root"' EXIT
passed=0 failed=0
"$sandbox" up --dir "$dir" --services api,postgres,loki,vnpay,momo,zalopay >"$root/up" 2>&1 ||
    { cat "$root/up"; echo '0 passed, 1 failed'; exit 1; }
set -a; . "$dir/.env"; set +a

is() { # CLAIM WANTED-REGEX GOT
    if [[ $3 =~ ^($2)$ ]]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "${3:0:400}"
    fi
}
hmac() { openssl dgst "-$1" -hmac "$2" -hex | sed 's/.*= //'; } # DIGEST KEY <text
post() { curl -s -m 30 -H 'Content-Type: application/json' -d "$2" "$1"; } # URL BODY
events() { cat "$dir/events.jsonl" 2>/dev/null | grep -c "\"$1\""; }
script() { "$sandbox" payment --dir "$dir" "$@"; }
known() { script | awk -v g="$1" -v s="$2" '$1 == g && $4 == s {print $2; exit}'; }

# ---- VNPay
now=$(TZ=Asia/Ho_Chi_Minh date +%Y%m%d%H%M%S) n=0
vnpay() { # ORDER [DAY [KEY [TERMINAL [ID]]]]
    local id=${5:-$((n = RANDOM * 32768 + RANDOM))} day=${2:-$(created "$1")} terminal=${4:-$VNPAY_TMN_CODE} hash
    hash=$(printf '%s|2.1.0|querydr|%s|%s|%s|%s|127.0.0.1|hoi' "$id" "$terminal" "$1" "$day" "$now" | hmac sha512 "${3:-$VNPAY_HASH_SECRET}")
    post "$VNPAY_API_URL" "{\"vnp_RequestId\":\"$id\",\"vnp_Version\":\"2.1.0\",\"vnp_Command\":\"querydr\",\"vnp_TmnCode\":\"$terminal\",
        \"vnp_TxnRef\":\"$1\",\"vnp_TransactionDate\":\"$day\",\"vnp_CreateDate\":\"$now\",\"vnp_IpAddr\":\"127.0.0.1\",
        \"vnp_OrderInfo\":\"hoi\",\"vnp_SecureHash\":\"$hash\"}"
}
created() { script | awk -v o="$1" '$2 == o {print $6}' | { read -r ms; TZ=Asia/Ho_Chi_Minh date -d "@$((${ms:-0} / 1000))" +%Y%m%d%H%M%S; }; }
rsp() { jq -r '[.vnp_ResponseCode, .vnp_TransactionType, .vnp_TransactionStatus] | map(. // "-") | join(" ")'; }
checksum() { # does the answer's own checksum hold?
    local got; got=$(cat)
    [ "$(jq -r '[.vnp_ResponseId, .vnp_Command, .vnp_ResponseCode, .vnp_Message, .vnp_TmnCode, .vnp_TxnRef, .vnp_Amount, .vnp_BankCode,
        .vnp_PayDate, .vnp_TransactionNo, .vnp_TransactionType, .vnp_TransactionStatus, .vnp_OrderInfo, .vnp_PromotionCode,
        .vnp_PromotionAmount] | map(. // "") | join("|")' <<<"$got" | tr -d '\n' | hmac sha512 "$VNPAY_HASH_SECRET")" = \
        "$(jq -r .vnp_SecureHash <<<"$got")" ] && echo holds || echo fails
}
paid=$(known vnpay paid)
is 'a paid payment' '00 01 00' "$(vnpay "$paid" | rsp)"
is 'its checksum' 'holds' "$(vnpay "$paid" | checksum)"
is 'its amount is x 100' '[0-9]+00' "$(vnpay "$paid" | jq -r .vnp_Amount)"
is 'a cancelled one' '00 01 02' "$(vnpay "$(known vnpay cancelled)" | rsp)"
is 'one in review' '00 01 07' "$(vnpay "$(known vnpay processing)" | rsp)"
is 'one whose answer is not VNPay'"'"'s' 'fails' "$(vnpay "$(known vnpay forged)" | checksum)"
script vnpay "$paid" refunded
is 'a refunded one' '00 02 00' "$(vnpay "$paid" | rsp)"
script vnpay "$paid" pending
is 'one that is not paid yet' '00 01 01' "$(vnpay "$paid" | rsp)"
script vnpay "$paid" busy
is 'asked too often' '94 - -' "$(vnpay "$paid" | rsp)"
script vnpay "$paid" paid 777 4711
is 'another amount and number' '77700 4711' "$(vnpay "$paid" | jq -r '.vnp_Amount + " " + .vnp_TransactionNo')"
is 'an unknown order' '91 - -' "$(vnpay nosuch 20260101000000 | rsp)"
is 'the wrong day' '91 - -' "$(vnpay "$paid" 20200101000000 | rsp)"
is 'a wrong checksum' '97 - -' "$(vnpay "$paid" '' wrong | rsp)"
is 'a wrong terminal' '02 - -' "$(vnpay "$paid" '' "$VNPAY_HASH_SECRET" OTHER001 | rsp)"
is 'a request number' '00 01 00' "$(vnpay "$paid" '' "$VNPAY_HASH_SECRET" GOODGO01 once | rsp)"
is 'the same again' '94 - -' "$(vnpay "$paid" '' "$VNPAY_HASH_SECRET" GOODGO01 once | rsp)"
is 'no JSON' '03 - -' "$(post "$VNPAY_API_URL" 'hello' | rsp)"
is 'a field missing' '03 - -' "$(post "$VNPAY_API_URL" '{"vnp_RequestId":"1"}' | rsp)"

# ---- MoMo
momo() { # ORDER [KEY [PATH [ID]]]
    local id=${4:-$RANDOM$RANDOM} signature
    signature=$(printf 'accessKey=%s&orderId=%s&partnerCode=%s&requestId=%s' "$MOMO_ACCESS_KEY" "$1" "$MOMO_PARTNER_CODE" "$id" | hmac sha256 "${2:-$MOMO_SECRET_KEY}")
    post "$MOMO_ENDPOINT/${3:-query}" "{\"partnerCode\":\"$MOMO_PARTNER_CODE\",\"requestId\":\"$id\",\"orderId\":\"$1\",\"lang\":\"en\",\"signature\":\"$signature\"}"
}
is 'MoMo: paid' '0' "$(momo "$(known momo paid)" | jq .resultCode)"
is 'MoMo: waiting' '1000' "$(momo "$(known momo pending)" | jq .resultCode)"
is 'MoMo: denied' '1006' "$(momo "$(known momo cancelled)" | jq .resultCode)"
refunded=$(known momo refunded)
is 'MoMo: refunded in full' 'true' "$(momo "$refunded" | jq '.amount == ([.refundTrans[].amount] | add)')"
is 'MoMo: the refund' '0' "$(momo "$refunded-R" '' refund/query | jq .resultCode)"
is 'MoMo: unknown' '42' "$(momo nosuch | jq .resultCode)"
is 'MoMo: a wrong signature' '13' "$(momo "$refunded" wrong | jq .resultCode)"
is 'MoMo: a request' '0' "$(momo "$refunded" '' query once | jq .resultCode)"
is 'MoMo: it may be repeated' '0' "$(momo "$refunded" '' query once | jq .resultCode)"
is 'MoMo: for another order not' '40' "$(momo nosuch '' query once | jq .resultCode)"
is 'MoMo: no JSON' '20' "$(post "$MOMO_ENDPOINT/query" '[]' | jq .resultCode)"

# ---- ZaloPay
zalopay() { # ORDER [KEY [APP]]
    local mac; mac=$(printf '%s|%s|%s' "${3:-$ZALOPAY_APP_ID}" "$1" "$ZALOPAY_KEY1" | hmac sha256 "${2:-$ZALOPAY_KEY1}")
    curl -s -m 30 -d "app_id=${3:-$ZALOPAY_APP_ID}" --data-urlencode "app_trans_id=$1" -d "mac=$mac" "$ZALOPAY_ENDPOINT/query"
}
codes() { jq -r '"\(.return_code) \(.sub_return_code) \(.is_processing)"'; }
zalo=$(known zalopay paid)
is 'ZaloPay: paid' '1 1 false' "$(zalopay "$zalo" | codes)"
is 'ZaloPay: not paid yet' '3 -1 false' "$(zalopay "$(known zalopay pending)" | codes)"
is 'ZaloPay: key2 does not ask' '2 -402 false' "$(zalopay "$zalo" "$ZALOPAY_KEY2" | codes)"
is 'ZaloPay: another application' '2 -402 false' "$(zalopay "$zalo" "$ZALOPAY_KEY1" 1 | codes)"
is 'ZaloPay: unknown' '2 -101 false' "$(zalopay 260101_nosuch | codes)"
script zalopay "$zalo" processing
is 'ZaloPay: in process' '3 -1 true' "$(zalopay "$zalo" | codes)"
script zalopay "$zalo" busy
is 'ZaloPay: asked too often' '2 -429 false' "$(zalopay "$zalo" | codes)"
script zalopay "$zalo" refunded
refund() { post "$ZALOPAY_ENDPOINT/query_refund" "{\"app_id\":$ZALOPAY_APP_ID,\"m_refund_id\":\"$1\",\"timestamp\":1,\"mac\":\"$(printf '%s|%s|1' "$ZALOPAY_APP_ID" "$1" | hmac sha256 "$ZALOPAY_KEY1")\"}"; }
is 'ZaloPay: the refund' '1 1 false' "$(refund "260101_2553_${zalo#*_}" | codes)"
is 'ZaloPay: another refund' '2 -101 false' "$(refund 260101_2553_nosuch | codes)"

# ---- the API's callback
is 'wrong use' '2' "$(script vnpay x nosuch >/dev/null 2>&1; echo $?)"
is 'a new payment needs its amount' '2' "$(script vnpay x paid >/dev/null 2>&1; echo $?)"
body_of() { sql "SELECT \"callbackData\" || jsonb_build_object('provider', provider) FROM \"Payment\" WHERE id = '$1'"; }
call() { post "$GOODGO_API_URL/api/payments/callback" "$1"; }
state() { sql "SELECT status || ' ' || coalesce(\"providerTxId\", '-') FROM \"Payment\" WHERE id = '$1'"; }
stuck() { # PROVIDER - one of the morning's whose callback is good
    sql "SELECT id FROM \"Payment\" WHERE provider = '$1' AND status = 'PENDING' AND \"createdAt\" > (now() AT TIME ZONE 'UTC') - interval '190 minutes'
        AND \"callbackData\" IS NOT NULL AND \"createdAt\" < (now() AT TIME ZONE 'UTC') - interval '80 minutes' ORDER BY \"createdAt\" DESC LIMIT 1"
}
for provider in VNPAY MOMO ZALOPAY; do
    id=$(stuck $provider) body=$(body_of "$id")
    is "$provider: a changed callback is refused" "Invalid callback signature for provider=$provider" \
        "$(call "$(sed -E 's/(vnp_TransactionNo": "|transId": "|zp_trans_id..:)/\19/' <<<"$body")" | jq -r .message)"
    is "$provider: and changes nothing" 'PENDING -' "$(state "$id")"
    is "$provider: a true one" "\\{\"paymentId\":\"$id\",\"status\":\"COMPLETED\",\"isSuccess\":true\\}" "$(call "$body")"
    is "$provider: moves the payment" 'COMPLETED [0-9]+' "$(state "$id")"
    is "$provider: again, it is as it was" '"COMPLETED"' "$(call "$body" | jq .status)"
    is "$provider: one event" '1' "$(events "$id")"
done
is 'an unknown order is no error' '\{"paymentId":"nosuch","status":null,"isSuccess":false\}' \
    "$(call "$(jq -c -n --arg s "$(printf 'vnp_ResponseCode=00&vnp_TransactionNo=1&vnp_TxnRef=nosuch' | hmac sha512 "$VNPAY_HASH_SECRET")" \
        '{provider: "VNPAY", vnp_ResponseCode: "00", vnp_TransactionNo: "1", vnp_TxnRef: "nosuch", vnp_SecureHash: $s}')")"
is 'no such provider' '400' "$(call '{"provider":"PAYPAL"}' | jq .statusCode)"
failed_one=$(sql "SELECT id FROM \"Payment\" WHERE \"callbackData\"->>'vnp_ResponseCode' = '24' AND status = 'PENDING'")
is 'a failure' '"FAILED"' "$(call "$(body_of "$failed_one")" | jq .status)"
is 'has its own event' '1' "$(events PaymentFailedEvent)"
# The providers' own addresses and answers
v=$(sql "SELECT id FROM \"Payment\" WHERE provider = 'VNPAY' AND status = 'PENDING' AND \"callbackData\"->>'vnp_ResponseCode' = '00' AND \"createdAt\" > (now() AT TIME ZONE 'UTC') - interval '20 minutes'")
query=$(body_of "$v" | jq -r 'del(.provider) | to_entries | map("\(.key)=\(.value)") | join("&")')
is 'VNPay: recorded' '00' "$(curl -s "$GOODGO_API_URL/api/payments/callback/vnpay?$query" | jq -r .RspCode)"
is 'VNPay: recorded before' '02' "$(curl -s "$GOODGO_API_URL/api/payments/callback/vnpay?$query" | jq -r .RspCode)"
is 'VNPay: bad checksum' '97' "$(curl -s "$GOODGO_API_URL/api/payments/callback/vnpay?${query/NCB/ACB}" | jq -r .RspCode)"
less=$(sql "SELECT id FROM \"Payment\" WHERE provider = 'VNPAY' AND status = 'PENDING' AND \"callbackData\"->>'vnp_Amount' <> (\"amountVND\" * 100)::text")
query=$(body_of "$less" | jq -r 'del(.provider) | to_entries | map("\(.key)=\(.value)") | join("&")')
is 'VNPay: another amount' '04' "$(curl -s "$GOODGO_API_URL/api/payments/callback/vnpay?$query" | jq -r .RspCode)"
is 'which stays open' 'PENDING -' "$(state "$less")"
m=$(sql "SELECT id FROM \"Payment\" WHERE provider = 'MOMO' AND status = 'COMPLETED' AND \"callbackData\" ? 'signature' LIMIT 1")
is 'MoMo: 204' '204' "$(curl -s -o /dev/null -w '%{http_code}' -d "$(body_of "$m")" "$GOODGO_API_URL/api/payments/callback/momo")"
z=$(sql "SELECT id FROM \"Payment\" WHERE provider = 'ZALOPAY' AND status = 'COMPLETED' AND \"callbackData\" ? 'mac' LIMIT 1")
is 'ZaloPay: served before' '2' "$(post "$GOODGO_API_URL/api/payments/callback/zalopay" "$(body_of "$z")" | jq .return_code)"
is 'ZaloPay: bad mac' '-1' "$(post "$GOODGO_API_URL/api/payments/callback/zalopay" '{"data":"{}","mac":"00","type":1}' | jq .return_code)"
# Fifty at once
race=$(sql "SELECT id FROM \"Payment\" WHERE provider = 'MOMO' AND status = 'PENDING' AND \"callbackData\"->>'resultCode' = '0'
    AND \"createdAt\" > (now() AT TIME ZONE 'UTC') - interval '200 minutes' LIMIT 1")
body_of "$race" >"$root/race"
seq 50 | xargs -P 50 -I{} curl -s -m 60 -o "$root/race.{}" -H 'Content-Type: application/json' -d @"$root/race" "$GOODGO_API_URL/api/payments/callback"
is 'fifty at once: all are told the same' "50" "$(cat "$root"/race.* | grep -o '"status":"COMPLETED"' | wc -l)"
is 'fifty at once: one event' '1' "$(events "$race")"
is 'the log tells of bad signatures' '[1-9][0-9]*' "$(curl -s -G "$GOODGO_LOKI_URL/loki/api/v1/query_range" \
    --data-urlencode 'query={component="api"} |= "Invalid callback signature for provider="' | jq '[.data.result[].values[]] | length')"
is 'no secret in the log of the sandbox' '' "$(grep -rlF -e "$VNPAY_HASH_SECRET" -e "$MOMO_SECRET_KEY" -e "$ZALOPAY_KEY1" "$dir/log" 2>/dev/null)"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
