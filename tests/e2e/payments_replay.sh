#!/usr/bin/env bash
# payments_replay.sh SANDBOX GOODGO - a morning of stuck payments: what the gateways say of them, which may be replayed and
# which never, the replay itself, and who comes second: consoles, the provider and fifty callbacks at once. Every payment
# moves once and sends one event, and no key is printed anywhere. Then bank transfers, which a statement settles.
set -uo pipefail
. "$(dirname "$0")/acts.bash"
up api,postgres,vnpay,momo,zalopay
set -a; . "$dir/.env"; set +a
printf 'payments.replay_pause_ms = 50\n' >"$work/goodgo.conf"
g=("$goodgo" --env-file "$dir/.env" --state-dir "$state" --config "$work/goodgo.conf")
ask=("${g[@]}" payments ask)
replay=("${g[@]}" payments replay)
state_of() { sql "SELECT status FROM \"Payment\" WHERE id = '$1'"; }
events() { grep -c "\"$1\"" "$dir/events.jsonl" 2>/dev/null; }
script() { "$sandbox" payment --dir "$dir" "$@"; }
# The morning's payments in the order in which seed.sql tells of them.
mapfile -t morning < <(script | head -21 | awk '{print $2}' | sed -E 's/^[0-9]{6}_//')
vnpay_young=${morning[0]} vnpay_paid=${morning[1]} vnpay_paid2=${morning[2]} vnpay_less=${morning[3]} vnpay_lost=${morning[4]}
vnpay_forged=${morning[5]} vnpay_review=${morning[7]} vnpay_failed=${morning[8]}
momo_open=${morning[9]} momo_paid=${morning[10]} momo_twice=${morning[11]} momo_7000=${morning[12]} momo_bad=${morning[13]} momo_refunded=${morning[14]}
zalo_lost=${morning[15]} zalo_paid=${morning[16]} zalo_paid2=${morning[17]} zalo_less=${morning[18]}

# --- ask ---
run 'VNPay: paid' 0 '"status": "COMPLETED"' "${ask[@]}" "$vnpay_paid" --provider vnpay --json
run 'and it proves it' 0 'its signature' "${ask[@]}" "$vnpay_lost" --provider vnpay
run 'VNPay: not decided' 0 'PROCESSING' "${ask[@]}" "$vnpay_review" --provider vnpay
run 'VNPay: an answer that is not its own' 1 '"said": "invalid"' "${ask[@]}" "$vnpay_forged" --provider vnpay --json
run 'VNPay: unknown, on that day' 1 '"said": "unknown_order"' "${ask[@]}" "$vnpay_paid" --provider vnpay --day 2020-01-01 --json
run 'one payment tells what its gateway said' 0 'VNPay COMPLETED, [0-9,]+ VND, transaction [0-9]+: 00/01/00, as it said' "${g[@]}" payments show "$vnpay_paid"
run 'as JSON too' 0 '"said": "final"' "${g[@]}" payments show "$vnpay_paid" --json
run 'and where it was not asked' 0 'VNPay has settled nothing in the last half day' "${g[@]}" payments show "$vnpay_failed"
run 'not ours' 2 'is no payment of ours' "${ask[@]}" nosuch --provider vnpay
run 'MoMo: waiting' 0 'PENDING' "${ask[@]}" "$momo_open" --provider momo
run 'MoMo: refunded' 0 '"refundedVnd": 55000' "${ask[@]}" "$momo_refunded" --provider momo --json
run 'MoMo: the refund itself' 0 'REFUNDED' "${ask[@]}" "$momo_refunded-R" --provider momo --kind refund
run 'ZaloPay: paid, and TLS alone vouches' 0 'TLS alone' "${ask[@]}" "$zalo_lost" --provider zalopay
run 'the amount there' 0 '"amountVnd": 22000,' "${ask[@]}" "$zalo_less" --provider zalopay --json
run 'the row knows its gateway' 0 'ZaloPay says COMPLETED' "${ask[@]}" "$zalo_lost"
run 'another gateway is not asked' 2 'is a payment of ZALOPAY' "${ask[@]}" "$zalo_lost" --provider momo
run 'no provider' 2 'needs --provider' "${ask[@]}" "$zalo_lost" --day 2026-10-10
run 'no name' 2 'was given an empty word' "${ask[@]}" ''
run 'nobody proves an answer that is not its own' 1 'proved by +nothing' "${ask[@]}" "$vnpay_forged"
run 'an order that is none' 2 'is no order number' "${ask[@]}" 'a&b' --provider momo --day 2026-10-10
run 'casso cannot be asked' 2 'no gateway' "${ask[@]}" x --provider casso --day 2026-10-10
# An outage and "too soon" are no answers, and the next question waits for its time.
"$sandbox" fault --dir "$dir" zalopay error 503
before=$(date +%s%3N)
run 'an outage says nothing' 1 '"said": "nothing"' "${ask[@]}" "$zalo_paid" --provider zalopay --json
"$sandbox" fault --dir "$dir" zalopay clear
run 'it is left alone for a while' 0 'COMPLETED' "${ask[@]}" "$zalo_paid" --provider zalopay
is 'of ten seconds' yes "$([ $(($(date +%s%3N) - before)) -ge 10000 ] && echo yes)"
sed -E 's/ .*/ 300000/; s/^/99999999999999 /' <<<'x x' >"$state/gateways/dev.vnpay.pace" # a clock that was set back
run 'a pause beyond the longest counts for nothing' 0 'COMPLETED' "${ask[@]}" "$vnpay_paid" --provider vnpay
printf '%s 300000\n' $(($(date +%s%3N) + 200000)) >"$state/gateways/dev.vnpay.pace"
run 'a long pause is said' 2 'is left alone until' "${ask[@]}" "$vnpay_paid" --provider vnpay
rm "$state/gateways/dev.vnpay.pace"
"$sandbox" fault --dir "$dir" momo slow 3000
run 'its own deadline' 1 'no answer' "${ask[@]}" "$momo_paid" --provider momo --timeout 500
"$sandbox" fault --dir "$dir" momo clear
rm -f "$state"/gateways/*.pace
# No test key, no test gateway and nothing without TLS in production.
sed 's/^NODE_ENV=.*/NODE_ENV=production/; s/^GOODGO_CONTEXT=.*/GOODGO_CONTEXT=prod/' "$dir/.env" >"$work/prod.env"
chmod 600 "$work/prod.env"
prod=("$goodgo" --env-file "$work/prod.env" --state-dir "$state" payments ask "$momo_paid" --day 2026-10-10)
run 'production wants TLS' 2 'no https://' "${prod[@]}" --provider momo
run 'and no published application' 2 'published test credential' "${prod[@]}" --provider zalopay
sed -i 's|^MOMO_ENDPOINT=.*|MOMO_ENDPOINT=https://test-payment.momo.vn/v2/gateway/api|' "$work/prod.env"
run 'nor a test gateway' 2 'is the test gateway' "${prod[@]}" --provider momo

# --- what is refused ---
run 'too young: VNPay calls again' 2 'may heal by itself: VNPay calls again' "${replay[@]}" "$vnpay_young" --dry-run
run 'another amount' 2 'AMOUNT-DIFFERS' "${replay[@]}" "$vnpay_less" --dry-run
run 'no callback' 2 'no callback to replay' "${replay[@]}" "$vnpay_lost" --dry-run
run 'forged' 2 'BAD_SIGNATURE' "${replay[@]}" "$vnpay_forged" --dry-run
run 'in review' 2 'NOT-FINAL' "${replay[@]}" "$vnpay_review" --dry-run
run 'in process' 2 'NOT-FINAL' "${replay[@]}" "$momo_7000" --dry-run
run 'paid twice' 2 'it may be paid twice: transaction [0-9]+ in the callback, 9[0-9]+ at MoMo' "${replay[@]}" "$momo_twice" --dry-run
run 'refunded meanwhile' 2 'MoMo says REFUNDED' "${replay[@]}" "$momo_refunded" --dry-run
run 'even when insisted on' 2 'BAD_SIGNATURE' "${replay[@]}" "$momo_bad" --force --reason x --dry-run
run 'insisting wants a reason' 2 'needs a --reason' "${replay[@]}" "$vnpay_young" --force --dry-run
run 'several, and one is wrong' 2 'AMOUNT-DIFFERS.*' "${replay[@]}" "$vnpay_paid" "$zalo_less" --dry-run
run 'no such payment' 2 "is no payment's id" "${replay[@]}" nosuch --dry-run
run 'a transaction number is no id' 2 "is no payment's id" "${replay[@]}" "$(sql "SELECT \"providerTxId\" FROM \"Payment\" WHERE status = 'COMPLETED' AND provider = 'VNPAY' LIMIT 1")" --dry-run
printf 'payments.replay_most = 1\n' >"$work/one.conf"
run 'the cap' 2 'payments.replay_most of the settings, 1' "${replay[@]}" "$vnpay_paid" "$momo_paid" --config "$work/one.conf" --dry-run
printf 'payments.replay_age_s = 60\n' >"$work/age.conf"
run 'the age' 2 'payments.replay_age_s of the settings is 60' "${replay[@]}" "$vnpay_paid" --config "$work/age.conf" --dry-run
run 'a word is needed' 3 'no --confirm' "${replay[@]}" "$vnpay_paid"
run 'and the right one' 3 'does not fit' "${replay[@]}" "$vnpay_paid" --confirm dev:2
run 'read-only' 3 'read-only' "${replay[@]}" "$vnpay_paid" --confirm dev:1 --read-only
is 'nothing has moved' '' "$(cat "$dir/events.jsonl" 2>/dev/null)"

# --- the plan ---
run 'the plan: tier 2 for one' 0 'tier 2' "${replay[@]}" "$vnpay_paid" --dry-run
run 'it predicts' 0 'PENDING -> COMPLETED' "${replay[@]}" "$vnpay_paid" --dry-run
run 'it counts the money' 0 'in all 1 become COMPLETED, 25,000,000 VND' "${replay[@]}" "$vnpay_paid" --dry-run
run 'tier 3 for several' 0 '"tier": *3' "${replay[@]}" "$vnpay_paid" "$momo_paid" --dry-run --json
run 'oldest first' 0 "^ *- $vnpay_failed VNPay" bash -c '"$@" | grep -m1 "^ *- c"' - "${replay[@]}" "$vnpay_paid" "$vnpay_failed" "$momo_paid" --dry-run
id_of() { "${replay[@]}" "$@" --dry-run --json | jq -r .id; }
is 'the same plan has the same id' "$(id_of "$vnpay_paid")" "$(id_of "$vnpay_paid")"
sql "UPDATE \"Payment\" SET \"updatedAt\" = \"updatedAt\" + interval '1 millisecond' WHERE id = '$vnpay_paid2'"
is 'what a gateway said is kept, whole lines of nine words' '' "$(awk 'NF != 9' "$state/gateways/dev.vnpay.kept")"
script vnpay "$vnpay_paid" paid 1
run 'and relied on for ten minutes' 0 'as it said [0-9ms]+ ago' "${replay[@]}" "$vnpay_paid" --dry-run
sed -i -E "s/^([0-9a-f]+) [0-9]+ /\1 $(($(date +%s%3N) - 601000)) /" "$state/gateways/dev.vnpay.kept"
run 'no longer' 2 'VNPay has 1 VND of it' "${replay[@]}" "$vnpay_paid" --dry-run
is 'the answer of now stands behind the old ones' 1 "$(tail -n 1 "$state/gateways/dev.vnpay.kept" | cut -d' ' -f4)"
script vnpay "$vnpay_paid" paid 25000000
run 'what it says now counts' 0 '"status": "COMPLETED"' "${ask[@]}" "$vnpay_paid" --provider vnpay --json
run 'what the plan says by hand is right' 0 '"status":"COMPLETED"' env DATABASE_URL_DIRECT="$DATABASE_URL_DIRECT" bash -c \
    "$("${replay[@]}" "$vnpay_paid2" --dry-run --json | jq -r '.commands[0]')"
is 'by hand it moved' COMPLETED "$(state_of "$vnpay_paid2")"

# --- one, and several ---
run 'one' 0 "$vnpay_paid PENDING -> COMPLETED, 25,000,000 VND" "${replay[@]}" "$vnpay_paid" --confirm dev:1 --reason INC-7
is 'the row' COMPLETED "$(state_of "$vnpay_paid")"
is 'its event' 1 "$(events "$vnpay_paid")"
run 'again: already done' 2 'already done: it is COMPLETED' "${replay[@]}" "$vnpay_paid" --confirm dev:1
run 'several' 0 'moved +4 of 4, 16,053,000 VND' "${replay[@]}" "$zalo_paid" "$zalo_paid2" "$momo_paid" "$vnpay_failed" "$zalo_paid" --confirm dev:4
is 'each in its state' 'FAILED COMPLETED COMPLETED COMPLETED' "$(state_of "$vnpay_failed") $(state_of "$momo_paid") $(state_of "$zalo_paid") $(state_of "$zalo_paid2")"
is 'the oldest first' "$vnpay_failed $zalo_paid2 $momo_paid $zalo_paid" "$(tail -n 4 "$dir/events.jsonl" | jq -r .paymentId | paste -sd ' ')"
is 'a failure has its own event' PaymentFailedEvent "$(tail -n 4 "$dir/events.jsonl" | jq -r .event | head -n 1)"
run 'insisted on, with a reason' 0 'PENDING -> COMPLETED' "${replay[@]}" "$vnpay_young" --confirm dev:1 --force --reason 'customer waits'

# --- trouble on the way ---
mapfile -t old < <("${g[@]}" payments list --class paid_not_credited --limit 100 --json | jq -r '.payments[] | select(.heals != "expected") | .id')
one=${old[0]} two=${old[1]}
"$sandbox" fault --dir "$dir" api error 500
run 'the first error stops it' 1 'the API answered HTTP 500' "${replay[@]}" "$one" "$two" --confirm dev:2
is 'nothing moved' "$(state_of "$one") $(state_of "$two")" "$(sql "SELECT string_agg(status::text, ' ' ORDER BY id = '$two') FROM \"Payment\" WHERE id IN ('$one', '$two') AND status IN ('PENDING', 'PROCESSING')")"
is 'and it says so' '0 of 2, 0 VND' "$("${g[@]}" jobs show "$(sed -n 's/^job  *//p' <<<"$out")" --json | jq -r .job.result.moved)"
"$sandbox" fault --dir "$dir" api stop
run 'no API' 1 'refused|nobody listens' "${replay[@]}" "$one" --confirm dev:1
"$sandbox" fault --dir "$dir" api clear
provider=$(sql "SELECT lower(provider::text) FROM \"Payment\" WHERE id = '$two'")
"$sandbox" fault --dir "$dir" "$provider" error 503
run 'a silent gateway' 2 'tells nothing of it' "${replay[@]}" "$two" --dry-run --state-dir "$work/fresh"
rm -rf "$work/fresh"
run 'may be insisted on' 0 'insisted on, although' "${replay[@]}" "$two" --dry-run --force --reason x --state-dir "$work/fresh"
# Of several payments of a gateway that is silent one is asked about: the pause that grows with each outage is that of the first.
rm -rf "$work/fresh"
mapfile -t same < <("${g[@]}" payments list --class paid_not_credited --provider "$provider" --limit 3 --json | jq -r '.payments[].id')
run 'a silent gateway, several payments' 2 "and $((${#same[@]} - 1)) more are refused" "${replay[@]}" "${same[@]}" --dry-run --state-dir "$work/fresh"
is 'it was asked once' "$([ "$provider" = momo ] && echo 5000 || echo 10000)" "$(cut -d' ' -f2 "$work/fresh/gateways/dev.$provider.pace")"
"$sandbox" fault --dir "$dir" "$provider" clear

# --- who comes second ---
for who in 1 2 3; do # three operators with trails of their own, as on three bastions
    "$goodgo" --env-file "$dir/.env" --state-dir "$work/bastion$who" payments replay "$one" --confirm dev:1 >"$work/who$who" 2>&1 &
done
wait
cat "$work"/who? >>"$work/all"
is 'three operators: one moved it' 1 "$(cat "$work"/who? | grep -c "^$one PENDING -> COMPLETED\|^$one PROCESSING -> COMPLETED")"
is 'the others are told' 2 "$(grep -l 'already done: \|is held by' "$work"/who? | wc -l)"
is 'three operators: one event' 1 "$(events "$one")"
three=${old[2]}
sql "SELECT \"callbackData\" || jsonb_build_object('provider', provider) FROM \"Payment\" WHERE id = '$three'" >"$work/callback"
seq 50 | xargs -P 50 -I{} curl -s -m 60 -o "$work/race.{}" -H 'Content-Type: application/json' -d @"$work/callback" "$GOODGO_API_URL/api/payments/callback" &
"${replay[@]}" "$three" --confirm dev:1 >"$work/who4" 2>&1
wait
cat "$work/who4" >>"$work/all"
is 'the provider at the same time: all are told the same' 50 "$(cat "$work"/race.* | grep -o '"status":"COMPLETED"' | wc -l)"
is 'one event' 1 "$(events "$three")"
is 'the console ends well' yes "$(grep -qE -- '-> COMPLETED|already done' "$work/who4" && echo yes || cat "$work/who4")"
four=${old[3]} five=${old[4]}
"${replay[@]}" "$four" "$five" --confirm dev:2 --detach >"$work/id" 2>&1
for _ in $(seq 100); do [ "$(state_of "$four")$(state_of "$five")" = COMPLETEDCOMPLETED ] && break; sleep 0.1; done
run 'a detached one' 0 '-> COMPLETED' "${g[@]}" jobs attach "$(tail -n 1 "$work/id")"
is 'no payment has two events' '' "$(jq -r .paymentId "$dir/events.jsonl" | sort | uniq -d)"
is 'every event is of a settled payment' "$(wc -l <"$dir/events.jsonl")" \
    "$(sql "SELECT count(*) FROM \"Payment\" WHERE status IN ('COMPLETED', 'FAILED') AND id IN ($(jq -r '"'"'"'" + .paymentId + "'"'"'"' "$dir/events.jsonl" | paste -sd ,))")"

# --- bank transfers ---
mapfile -t transfers < <(sql "SELECT id FROM \"Payment\" WHERE provider = 'BANK_TRANSFER' AND status IN ('PENDING', 'PROCESSING') ORDER BY id LIMIT 3")
transfer=${transfers[0]} other=${transfers[1]}
vnd=$(sql "SELECT \"amountVND\" FROM \"Payment\" WHERE id = '$transfer'")
echo "26/11/2026;FT26330001;$vnd;CHUYEN TIEN" >"$work/statement.csv"
: >"$work/empty.csv"
settle=("${g[@]}" payments settle-transfer)
by=(--evidence "$work/statement.csv")
run 'a transfer: no evidence' 2 'no money is settled on a word alone' "${settle[@]}" "$transfer" --ref FT26330001 --amount "$vnd"
run 'empty evidence' 2 'is empty' "${settle[@]}" "$transfer" --ref FT26330001 --amount "$vnd" --evidence "$work/empty.csv"
run 'a path that means another file to the job' 2 'is not a whole path' "${g[@]}" settle-transfer "$transfer" --ref FT26330001 --amount "$vnd" --evidence statement.csv
run 'no reference' 2 'is no reference' "${settle[@]}" "$transfer" --ref "x'y" --amount "$vnd" "${by[@]}"
run 'another amount' 2 'and the statement says 1' "${settle[@]}" "$transfer" --ref FT26330001 --amount 1 "${by[@]}"
run 'no transfer' 2 'no bank transfer' "${settle[@]}" "$momo_bad" --ref FT26330001 --amount 30000000 "${by[@]}"
run 'no such payment' 2 "is no payment's id" "${settle[@]}" nosuch --ref FT26330001 --amount 1 "${by[@]}"
run 'its plan: tier 3' 0 'tier 3' "${settle[@]}" "$transfer" --ref FT26330001 --amount "$vnd" "${by[@]}" --dry-run
run 'it says that no event is sent' 0 'no event is sent' "${settle[@]}" "$transfer" --ref FT26330001 --amount "$vnd" "${by[@]}" --dry-run
sed 's/^GOODGO_ADMIN_USER=.*/GOODGO_ADMIN_USER=nobody@example.vn/' "$dir/.env" >"$work/nobody.env"
chmod 600 "$work/nobody.env"
before=$(sql "SELECT \"Payment\"::text FROM \"Payment\" WHERE id = '$transfer'")
run 'without a row in AdminAuditLog' 1 'no administrator is called' "$goodgo" --env-file "$work/nobody.env" --state-dir "$state" payments settle-transfer "$transfer" \
    --ref FT26330001 --amount "$vnd" "${by[@]}" --confirm dev:1
is 'nothing is settled' "$before" "$(sql "SELECT \"Payment\"::text FROM \"Payment\" WHERE id = '$transfer'")"
for who in 1 2 3 4; do
    "$goodgo" --env-file "$dir/.env" --state-dir "$work/teller$who" payments settle-transfer "$transfer" --ref "FT2633000$who" --amount "$vnd" \
        "${by[@]}" --confirm dev:1 --reason 'day closed' >"$work/teller.$who" 2>&1 &
done
wait
cat "$work"/teller.? >>"$work/all"
is 'four at once: one settles it' 1 "$(grep -l -- '-> COMPLETED since' "$work"/teller.? | wc -l)"
is 'it is settled' COMPLETED "$(state_of "$transfer")"
is 'with the evidence in it' "$(sha256sum "$work/statement.csv" | cut -d' ' -f1)" "$(sql "SELECT \"callbackData\"->>'evidenceSha256' FROM \"Payment\" WHERE id = '$transfer'")"
is 'and one row in AdminAuditLog' 1 "$(sql "SELECT count(*) FROM \"AdminAuditLog\" WHERE action = 'PAYMENT_RECONCILED' AND \"targetId\" = '$transfer' AND metadata->>'settledBy' = 'goodgo-console'")"
is 'no event' 0 "$(events "$transfer")"
run 'the evidence is no message' 2 'no message is stored' "${g[@]}" payments verify "$transfer"
used=$(sql "SELECT \"providerTxId\" FROM \"Payment\" WHERE id = '$transfer'")
run 'again: already done' 2 'already done: it is COMPLETED' "${settle[@]}" "$transfer" --ref FT26330009 --amount "$vnd" "${by[@]}"
run 'one credit pays one payment' 2 "has settled payment $transfer already" "${settle[@]}" "$other" --ref "$used" \
    --amount "$(sql "SELECT \"amountVND\" FROM \"Payment\" WHERE id = '$other'")" "${by[@]}"

# --- the deadline of the command line is the job's too ---
"$sandbox" fault --dir "$dir" api hang
run 'a silent API' 1 'no answer in 2000 ms' "${replay[@]}" "${old[5]}" --confirm dev:1 --timeout 2000
"$sandbox" fault --dir "$dir" api clear

# --- on the screen: what a job healed does not stand there until the next look, half a minute later ---
tmux() { command tmux -u -S "$work/tmux" -f /dev/null "$@" 2>/dev/null; }
screen() { tmux capture-pane -p -t s; }
sees() { # REGEX [TENTHS] - within half a minute
    for _ in $(seq "${2:-300}"); do
        screen | grep -qE -- "$1" && return 0
        sleep 0.1
    done
    fail "no /$1/ on $(screen)"
    return 1
}
press() { tmux send-keys -t s "$@"; }
tmux new-session -d -s s -x 120 -y 40 "${g[@]}"
sees postgres && press 7 && sees 'to act on [0-9]+' && press Tab '/' && press -l "${old[6]}" && press Enter &&
    sees "all of it goodgo payments show ${old[6]}" && press r && press -l ':arm 5m INC-9' && press Enter && sees 'armed: INC-9' && press a &&
    sees 'acts of this screen' && press Enter && sees ":replay ${old[6]}" && press Enter && sees 'type dev 1 and Enter' &&
    press -l 'dev 1' && press Enter && sees 'replay done' && sees 'no row passes the filter' 100 && pass
is 'and it is healed' COMPLETED "$(state_of "${old[6]}")"
tmux kill-server

# --- what is kept, and what is not ---
run 'the trail holds' 0 'whole' "${g[@]}" audit verify
run 'before and after, and why' 0 "$vnpay_paid.*PENDING -> COMPLETED" "${g[@]}" audit --json
run 'the reason too' 0 'INC-7' "${g[@]}" audit --json
is 'the platform is told' yes "$([ "$(sql "SELECT count(*) FROM \"AdminAuditLog\" WHERE metadata->>'action' = 'replay'")" -ge 3 ] && echo yes)"
is 'no key is printed or kept' '' "$(grep -rlF -e "$VNPAY_HASH_SECRET" -e "$MOMO_SECRET_KEY" -e "$MOMO_ACCESS_KEY" -e "$ZALOPAY_KEY1" -e "$ZALOPAY_KEY2" "$work/all" "$state" "$work"/bastion?)"
end
