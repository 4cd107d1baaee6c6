#!/usr/bin/env bash
# payments.sh SANDBOX GOODGO - `goodgo payments verify` as an operator calls it: every vector, signatures made by the
# openssl tool, wrong use, and no secret anywhere. Needs no platform.
set -uo pipefail
goodgo=$(readlink -f "$2")
vectors=$(readlink -f "$(dirname "$0")/../vectors/payments.json")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state
passed=0 failed=0
cd "$work" || exit 1

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); printf 'FAILED %s\n' "$1"; shift; printf '%s\n' "$@" | head -n 20; }

# check NAME EXIT REGEX COMMAND... - its output goes to $work/all, where the secrets are looked for at the end
check() {
    local name=$1 exit=$2 regex=$3 out code
    shift 3
    out=$("$@" 2>&1)
    code=$?
    printf '%s\n' "$out" >>all
    if [ "$code" = "$exit" ] && grep -qE -- "$regex" <<<"$out"; then ok; else bad "$name: exit $code (expected $exit), /$regex/" "$out"; fi
}
verify() { "$goodgo" --env-file "$work/.env" payments verify "$@"; }
env_file() { printf 'NODE_ENV=development\n' >.env; chmod 600 .env; printf '%s\n' "$@" >>.env; }

# --- every vector, by its kind and by `auto`, from a file, from standard input and from a shell's pipe ---
for i in $(seq 0 $(($(jq length "$vectors") - 1))); do
    jq -c ".[$i]" "$vectors" >vector
    jq -j .raw vector >raw
    env_file "$(jq -r '.env | to_entries[] | "\(.key)=\u0027\(.value)\u0027"' vector)"
    id=$(jq -r .id vector) provider=$(jq -r .provider vector) kind=$(jq -r .kind vector)
    for how in file stdin pipe; do
        case $how in
        file) out=$(verify --provider "$provider" --kind "$kind" --raw raw --json 2>&1) ;;
        stdin) out=$(verify --provider "$provider" --kind auto --raw - --json <raw 2>&1) ;;
        pipe) out=$(verify --provider "$provider" --raw <(cat raw) --json 2>&1) ;;
        esac
        code=$?
        printf '%s\n' "$out" >>all
        if [ $code = 0 ] && jq -e --slurpfile v vector '. as $got | .schema == "goodgo.payments.verify/1" and .valid
            and ($v[0].expected | to_entries | all(.value == $got[.key]))' >/dev/null <<<"$out"; then ok
        else bad "$id ($how): exit $code" "$out"; fi
    done
    jq -r '.env | to_entries[] | select(.key | test("KEY|SECRET")) | .value' vector >>secrets
done

# --- signed here by another program ---
secret='a secret with spaces & "quotes"'
env_file VNPAY_TMN_CODE=GOODGO01 "VNPAY_HASH_SECRET='$secret'" MOMO_PARTNER_CODE=GOODGO MOMO_ACCESS_KEY=acc3ssK3y \
    "MOMO_SECRET_KEY='$secret'" ZALOPAY_APP_ID=77 ZALOPAY_KEY1=k3yOneOfThem "ZALOPAY_KEY2='$secret'" \
    'VNPAY_OLD=k3yOf2019' 'VNPAY_BROKEN="k3yOf2019 "'
printf '%s\n' "$secret" acc3ssK3y k3yOneOfThem k3yOf2019 >>secrets
hmac() { openssl dgst "-$1" -hmac "$2" -hex | sed 's/.*= //'; } # DIGEST KEY <text
text='vnp_Amount=10000000&vnp_BankCode=NCB&vnp_OrderInfo=Ph%C3%AD+%C4%91%C4%83ng+tin&vnp_PayDate=20261010003005&vnp_ResponseCode=00&vnp_TmnCode=GOODGO01&vnp_TransactionNo=14998877&vnp_TransactionStatus=00&vnp_TxnRef=pay_1'
hash=$(printf %s "$text" | hmac sha512 "$secret")
printf '%s&vnp_SecureHash=%s\n' "$text" "$hash" >call
check 'valid call' 0 '^VALID +vnpay ipn' verify --provider vnpay --raw call
check 'amount for people' 0 '^amount +100,000 VND' verify --provider vnpay --raw call
check 'time for people' 0 '2026-10-09T17:30:05Z \(2026-10-10 00:30:05 in Vietnam\)' verify --provider vnpay --raw call
sed 's/10000000/100000/' call >changed
check 'changed amount' 1 '^it fits if +the amount was divided by 100' verify --provider vnpay --raw changed
check 'changed amount proves nothing' 1 '"amountVnd": null' verify --provider vnpay --raw changed --json
check 'duplicate field' 1 'DUPLICATE_FIELD: vnp_Amount stands twice' verify --provider vnpay --raw - < <(printf 'vnp_Amount=1&'; cat call)
check 'broken escape' 1 'MALFORMED: .*broken %XX' verify --provider vnpay --raw - <<<'vnp_TxnRef=%zz&vnp_ResponseCode=00'
check 'nothing' 1 'MALFORMED: nothing' verify --provider vnpay --raw /dev/null
check 'not of this provider' 1 'UNKNOWN_KIND' verify --provider momo --raw call
check 'a signature of another provider is cut' 1 'vnp_SecureHash = [0-9a-f]{8}\.\.\. ' verify --provider momo --raw call
head -c 70000 /dev/zero | tr '\0' a >large
check 'too large' 1 'TOO_BIG: 70000 bytes' verify --provider vnpay --raw large
seq -f 'f%.0f=1' 10000 | paste -sd '&' >many
check 'too many fields' 1 'MALFORMED: more than 256' verify --provider vnpay --raw - < <(head -c 60000 many)
printf 'vnp_TxnRef=a%%1b%%5b31m&vnp_ResponseCode=\xe2\x80\xae00&vnp_SecureHash=00' >hostile
check 'escapes are not passed on' 1 'vnp_TxnRef = a\?\[31m' verify --provider vnpay --raw hostile
check 'nor as JSON' 1 'u001b\[31m' verify --provider vnpay --raw hostile --json
check 'nor what reorders a line' 1 'u202e00' verify --provider vnpay --raw hostile --json

old='vnp_Amount=5000000&vnp_BankCode=NCB&vnp_OrderInfo=x&vnp_ResponseCode=00&vnp_TmnCode=GOODGO01&vnp_TransactionNo=1&vnp_TxnRef=o1'
printf '%s&vnp_SecureHash=%s' "$old" "$(printf 'k3yOf2019%s' "$old" | openssl dgst -md5 -hex | sed 's/.*= //')" >archived
check 'an archived call' 1 '32 digits, HMAC-SHA512 has 128' verify --provider vnpay --raw archived
mkdir -p config/goodgo
echo 'payments.history = vnpay until=2021-06-30 GOODGO_VNPAY_HASH_TYPE=MD5 VNPAY_HASH_SECRET=VNPAY_OLD' >config/goodgo/config
check 'an archived call without its date' 1 'history 1.*--received' verify --provider vnpay --raw archived
check 'an archived call with its date' 0 'MD5 of secret . text, key: history 1' verify --provider vnpay --raw archived --received 2019-05-01
check 'an archived call, too late' 1 'BAD_SIGNATURE' verify --provider vnpay --raw archived --received 2021-07-01
echo "payments.history = vnpay until=2021-06-30 VNPAY_HASH_SECRET=k3yOf2019" >config/goodgo/config
check 'a secret in the config is not repeated' 2 'name of an entry of the env file' verify --provider vnpay --raw call
rm config/goodgo/config

# --- wrong use ---
check 'no provider' 2 'needs the ID of a payment, or --provider' verify --raw call
check 'no bytes' 2 'needs the ID of a payment, or --provider ID and --raw' verify --provider vnpay
check 'unknown provider' 2 'is no payment provider; there are vnpay, momo' verify --provider paypal --raw call
check 'unknown kind' 2 'querydr_response' verify --provider vnpay --kind nosuch --raw call
check 'no such file' 2 'nosuch' verify --provider vnpay --raw nosuch
check 'a credential that is not set' 2 'GOODGO_CASSO_KEY: is not set' verify --provider casso --raw - <<<'{"data":{"amount":1,"reference":"a"}}'
check 'received is a time' 2 'is a day' verify --provider vnpay --raw call --received yesterday
check 'no verb' 2 'wants one of list, show, verify, ask, replay' "$goodgo" payments
check 'kinds' 0 '^zalopay +callback' "$goodgo" payments kinds
check 'kinds json' 0 'goodgo.payments.kinds/1' "$goodgo" payments kinds --json
check 'help' 0 'verify --provider vnpay' "$goodgo" payments verify --help

# --- production takes no test credentials ---
jq -j '.[] | select(.id == "MOMO-P08").raw' "$vectors" >raw
printf 'NODE_ENV=production\nMOMO_PARTNER_CODE=MOMO\nMOMO_ACCESS_KEY=F8BBA842ECF85\nMOMO_SECRET_KEY=K951B6PE1waDMi640xX08PD3vg6EkVlz\n' >.env
check 'published test key in production' 1 'TEST_KEY' verify --provider momo --raw raw

# --- no secret, and no whole signature, in anything that was printed ---
sort -u secrets | grep . >needles
if grep -nF -f needles all; then bad 'a secret was printed'; else ok; fi
if grep -nE '[0-9a-f]{128}' all; then bad 'a signature was printed'; else ok; fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
