#!/usr/bin/env bash
# reconcile.sh SANDBOX GOODGO - a day closed on a real PostgreSQL: every category from rows made for it, totals to the dong,
# the same report from the same input, entries exported twice, the file for finance, and two persons for a suggestion.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
"$sandbox" up --dir "$dir" --services postgres,vnpay,momo,zalopay --json >"$work/up.json" 2>"$work/up.log" || { cat "$work/up.log"; echo '0 passed, 1 failed'; exit 1; }
chmod 755 "$work"
cd "$work" || exit 1
sql() {
    PGPASSWORD=$(env_of DB_PASSWORD) psql -XAtq -v ON_ERROR_STOP=1 -h "$(env_of DB_HOST)" -p "$(env_of DB_PORT)" -U "$(env_of DB_USER)" \
        -d "$(env_of DB_NAME)" "$@"
}

# --- a day of its own ---
sql -c "DELETE FROM \"Payment\" WHERE \"createdAt\" > '2026-02-20' AND \"createdAt\" < '2026-03-25'"
payments() { # ID PROVIDER VND STATUS TX TIME lines
    while read -r id provider vnd status tx at; do
        [ "$tx" != - ] || tx=''
        printf "INSERT INTO \"Payment\" SELECT '%s', (SELECT min(\"id\") FROM \"User\"), NULL, '%s', 'LISTING_FEE', %s, '%s',
            nullif('%s', ''), NULL, NULL, timestamp '%s' - interval '7 hours', timestamp '%s' - interval '7 hours';\n" \
            "$id" "$provider" "$vnd" "$status" "$tx" "$at" "$at"
    done | sql -f -
}
payments <<'EOF'
GGB1001A BANK_TRANSFER 100000 COMPLETED - 2026-03-10T08:00:00
GGB1002A BANK_TRANSFER 110000 PENDING - 2026-03-10T08:01:00
GGB1003A BANK_TRANSFER 120000 PENDING - 2026-03-10T08:02:00
GGB1004A BANK_TRANSFER 130000 PENDING - 2026-03-10T08:03:00
GGB1005A BANK_TRANSFER 140000 PENDING - 2026-03-10T08:04:00
GGB1006A BANK_TRANSFER 150000 PENDING - 2026-03-10T08:05:00
GGB1007A BANK_TRANSFER 160000 PENDING - 2026-03-10T08:06:00
GGB1008A BANK_TRANSFER 170000 PENDING - 2026-03-10T08:07:00
GGB1009A BANK_TRANSFER 180000 COMPLETED - 2026-03-10T08:08:00
GGB1010A BANK_TRANSFER 190000 PENDING - 2026-03-10T08:09:00
GGB1011A BANK_TRANSFER 200000 COMPLETED - 2026-03-10T08:10:00
GGB1012A BANK_TRANSFER 210000 FAILED - 2026-03-10T08:11:00
GGV2001A VNPAY 300000 COMPLETED 14001 2026-03-10T09:00:00
GGV2002A VNPAY 310000 PENDING - 2026-03-10T09:01:00
GGV2003A VNPAY 320000 FAILED - 2026-03-10T09:02:00
GGV2004A VNPAY 330000 COMPLETED 14004 2026-03-10T09:03:00
GGV2005A VNPAY 340000 COMPLETED 14005 2026-03-10T09:04:00
GGV2006A VNPAY 350000 COMPLETED 14006 2026-03-10T09:05:00
GGV2007A VNPAY 360000 FAILED - 2026-03-10T09:06:00
GGV2008A VNPAY 370000 COMPLETED 14008 2026-03-10T09:07:00
GGV2009A VNPAY 380000 COMPLETED 14009 2026-03-10T09:08:00
GGM3001A MOMO 400000 COMPLETED 31 2026-03-10T10:00:00
GGM3002A MOMO 410000 COMPLETED 31 2026-03-10T10:01:00
GGZ4001A ZALOPAY 500000 COMPLETED 41 2026-03-10T11:00:00
GGZ4002A ZALOPAY 510000 REFUNDED 42 2026-03-10T11:01:00
GGX0001A VNPAY 999000 COMPLETED 15001 2026-03-09T23:59:00
EOF
cat >vnpay.csv <<'EOF'
vnp_TxnRef,vnp_TransactionNo,vnp_Amount,vnp_TransactionStatus,vnp_PayDate,Fee
GGV2001A,14001,30000000,00,20260310090100,3300
GGV2002A,14002,31000000,00,20260310090200,0
GGV2003A,14003,32000000,00,20260310090300,0
GGV2004A,14004,33100000,00,20260310090400,0
GGV2006A,14006,35000000,00,20260310090600,0
GGV2006A,14996,35000000,00,20260310090700,0
GGV2007A,0,36000000,02,20260310090700,0
OTHERSHOP9,14099,5500000,00,20260310090800,0
WEB77-GGV,14008,37000000,00,20260310090800,0
GGV2009A,14009,38000000,02,20260310090900,0
GGX0001A,15001,99900000,00,20260309235930,0
EOF
printf 'orderId;transId;amount;resultCode;responseTime\nGGM3001A;31;400000;0;1773111660000\nGGM3002A;31;410000;0;1773111720000\n' >momo.csv
printf 'app_trans_id,zp_trans_id,amount,return_code,server_time,fee\n260310_GGZ4001A,41,500000,1,1773115260000,5500\n260310_GGZ4002A,42,510000,1,1773115320000,0\n' >zalopay.csv
# What VNPay collected that day: 300+310+320+331+350+350+55+370 thousand, less one fee; the order of the day before apart.
net=$((300000 + 310000 + 320000 + 331000 + 350000 + 350000 + 55000 + 370000 - 3300))
balance=10000000
line() { # DAY REF VND CONTENT
    balance=$((balance + $3))
    if [ "$3" -ge 0 ]; then printf '%s,%s,,%s,%s,%s\n' "$1" "$2" "$3" "$balance" "$4"; else
        printf '%s,%s,%s,,%s,%s\n' "$1" "$2" "$((-$3))" "$balance" "$4"
    fi
}
{
    echo 'Số tài khoản,0801234567'
    echo 'Ngày giao dịch,Số bút toán,Phát sinh nợ,Phát sinh có,Số dư,Nội dung'
    line 10/03/2026 FT01 100000 'MBVCB.1.ggb-1001a.CT tu 0123'
    line 10/03/2026 FT02 110000 'Thanh toán GGB1002A'
    line 10/03/2026 FT03 100000 'GGB1003A thieu'
    line 10/03/2026 FT04 60000 'GGB1004A lan 1'
    line 11/03/2026 FT05 70000 'GGB1004A lan 2'
    line 10/03/2026 FT06 290000 'GGB1005A GGB1006A'
    line 10/03/2026 FT07 160000 'GGB1OO7A nham chu'
    line 10/03/2026 FT08 170000 'tien dang tin'
    line 10/03/2026 FT09 180000 'GGB 1009 A'
    line 10/03/2026 FT10 180000 'GGB1009A lan nua'
    line 11/03/2026 FT11 -180000 'hoan tien GGB1009A'
    line 10/03/2026 FT12 77000 'GGB7777Z'
    line 10/03/2026 FT13 78000 'khong ro'
    line 11/03/2026 FT14 "$net" 'VNPAY thanh toan ngay 10/03'
    line 11/03/2026 FT15 1010000 'ZALOPAY T 10/03'
    line 20/03/2026 FT16 190000 'GGB1010A muon'
    line 20/03/2026 FT17 1000 'ngoai ngay'
} >mb.csv

mkdir -p config/goodgo
echo 'payments.reference_prefix = GGB' >config/goodgo/config
export XDG_CONFIG_HOME=$work/config
files=(--gateway vnpay.csv --gateway momo.csv --gateway zalopay.csv --statement mb.csv)
reconcile() { console payments reconcile --day 2026-03-10 "$@"; }
reconcile "${files[@]}" --csv out.csv --json >report.json 2>err || { cat err; fail 'it reconciles'; }

# --- each row its category ---
category_of() { # ORDER TX - its categories, in the order of the report
    awk -F, -v o="$1" -v t="$2" '$4 == o && (t == "" || $5 == t) { print $12 }' out.csv | paste -sd ' '
}
while read -r order tx expected; do
    [ "$tx" != - ] || tx=''
    check "$order ${tx:--}" "$(category_of "$order" "$tx")" "$expected"
done <<'EOF'
GGB1001A - MATCHED
GGB1002A - STATUS_MISMATCH
GGB1003A - AMOUNT_MISMATCH
GGB1004A - SUGGESTED
GGB1005A - SUGGESTED
GGB1006A - SUGGESTED
GGB1007A - SUGGESTED
GGB1008A - SUGGESTED
GGB1010A - SUGGESTED
GGB1011A - MISSING_IN_STATEMENT
GGB1012A - NOT_PAID
GGV2001A - MATCHED
GGV2002A - STATUS_MISMATCH
GGV2003A - STATUS_MISMATCH
GGV2004A - AMOUNT_MISMATCH
GGV2005A - MISSING_AT_GATEWAY
GGV2006A 14006 MATCHED
GGV2006A 14996 DUPLICATE
GGV2007A - NOT_PAID
OTHERSHOP9 - MISSING_IN_DB
GGV2008A 14008 MATCHED
GGV2009A - STATUS_MISMATCH
GGM3001A - DUPLICATE
GGM3002A - DUPLICATE
GGZ4001A - MATCHED
GGZ4002A - STATUS_MISMATCH
EOF

# --- what to do fits the payment: a transfer has no callback ---
todo_of() { jq -r --arg o "$1" '.rows[] | select(.order == $o) | .todo' report.json; }
check 'a transfer is settled by its statement' "$(todo_of GGB1002A)" 'goodgo payments settle-transfer, by its statement'
check 'a lost callback is replayed' "$(todo_of GGV2002A)" 'verify and replay; no callback stored: have it sent again'
check 'no transfer is told to be replayed' \
    "$(jq '[.rows[] | select(.provider == "BANK_TRANSFER" and (.todo | test("callback")))] | length' report.json)" 0
check 'paid, paid again, refunded' "$(category_of GGB1009A '')" 'DUPLICATE MATCHED'
check 'a debit of the next day is outside this one' "$(grep -c REFUND_CANDIDATE out.csv)" 0
check 'our prefix, no order' "$(grep -c 'MISSING_IN_DB.*mb.csv:[0-9]* FT12' out.csv)" 1
check 'nothing known' "$(grep -c 'UNMATCHED.*FT13' out.csv)" 1
check 'a payout that is not the sum of its fees' "$(awk -F, '$12 == "FEE_DIFFERENCE" { print $3, $8, $13 }' out.csv)" 'ZALOPAY 5500 5500'
check 'the order of the day before is outside' "$(grep -c GGX0001A out.csv)" 0
check 'nothing of it is lost' "$(jq -c '[.read.gatewayVnd == .reported.gatewayVnd + .outside.gatewayVnd, .read.bankVnd == .reported.bankVnd + .outside.bankVnd,
    .read.dbVnd == .reported.dbVnd]' report.json)" '\[true,true,true\]'
check 'what the database says itself' "$(jq .read.dbVnd report.json)" \
    "$(sql -c "SELECT sum(\"amountVND\") FROM \"Payment\" WHERE \"createdAt\" >= '2026-03-09 17:00' AND \"createdAt\" < '2026-03-10 17:00'")"
check 'the columns of the file add up' "$(tail -n +2 out.csv | awk -F, '{ d += $6; g += $7; b += $8; x += $13 } END { print d, g, b, x }')" \
    "$(jq -r '.reported | "\(.dbVnd) \(.gatewayVnd) \(.bankVnd) \(.differenceVnd)"' report.json)"
check 'categories and totals are one' "$(jq -c '[([.categories[].rows] | add) == .reported.rows, ([.totals[].differenceVnd] | add) == .reported.differenceVnd]' report.json)" '\[true,true\]'
check 'every balance was proved' "$(jq -c '.files[] | select(.name == "mb.csv") | [.rows, .balancesProved]' report.json)" '\[17,16\]'

# --- the same input, the same bytes ---
reconcile --statement mb.csv --gateway zalopay.csv --gateway momo.csv --gateway vnpay.csv --csv again.csv --json >again.json
if cmp -s out.csv again.csv && cmp -s <(jq 'del(.csvSha256)' report.json) <(jq 'del(.csvSha256)' again.json); then pass; else fail 'the order of the files changes nothing'; fi
cp mb.csv mb2.csv
reconcile "${files[@]}" --statement mb2.csv --json >twice.json
check 'an export handed in twice' "$(jq -c '[.repeatedLines, .reported.bankVnd]' twice.json)" "\\[17,$(jq .reported.bankVnd report.json)\\]"
check 'the trail has the sum of the file' "$(console audit list --json | jq -r '[.records[] | select(.action == "payments.reconcile")][-1].details.sha256')" "$(sha256sum out.csv | cut -d' ' -f1)"
check 'the file is for its owner' "$(stat -c %a out.csv)" 600
check 'with a mark' "$(head -c 3 out.csv | od -An -tx1 | tr -d ' ')" efbbbf

# --- as an act: the same report, by a job ---
act() { console reconcile 2026-03-10 "$@" </dev/null; }
job_dir() { ls -d state/jobs/*-reconcile-* | tail -n 1; }
same_report() { cmp -s <(jq 'del(.csvSha256)' report.json) <(jq 'del(.csvSha256)' "$1"); }
contains 'what only reads asks for no word' "$(act "${files[@]}" 2>&1; echo "rc $?")" '^rc 0$'
if same_report "$(job_dir)/report.json"; then pass; else fail 'the report of the job is that of the sub-command'; fi
check 'the report is for its owner' "$(stat -c %a "$(job_dir)/report.json")" 600
check 'every row is kept beside it' "$(jq -s length "$(job_dir)/rows.jsonl")" "$(jq .reported.rows report.json)"
check 'for its owner' "$(stat -c %a "$(job_dir)/rows.jsonl")" 600
check 'and its figures are those of the report' "$(jq -s -r '"\(map(.dbVnd // 0) | add) \(map(.gatewayVnd // 0) | add) \(map(.bankVnd // 0) | add) \(map(.differenceVnd) | add)"' \
    "$(job_dir)/rows.jsonl")" "$(jq -r '.reported | "\(.dbVnd) \(.gatewayVnd) \(.bankVnd) \(.differenceVnd)"' report.json)"
check 'it may run read-only' "$(act --read-only "${files[@]}" >/dev/null 2>&1; echo $?)" 0
check 'nothing is written into the platform' "$(sql -c "SELECT count(*) FROM \"AdminAuditLog\" WHERE \"metadata\"->>'action' = 'reconcile'")" 0
check 'a file for finance is asked for' "$(act "${files[@]}" --csv act.csv >/dev/null 2>&1; echo $?)" 3
check 'and has its word' "$(act "${files[@]}" --csv act.csv --confirm dev:1 >/dev/null 2>&1; echo $?)" 0
if cmp -s out.csv act.csv; then pass; else fail 'the file of the act is that of the sub-command'; fi
check 'its sum is in the trail' "$(console audit list --json | jq -r '[.records[] | select(.action == "reconcile" and .event == "result")][0].details.sha256')" "$(sha256sum act.csv | cut -d' ' -f1)"
yesterday=$(TZ=UTC-7 date -d yesterday +%F) # and that of a moment later: midnight may pass in between
check 'without a day it is yesterday in Vietnam' "$(console reconcile --dry-run --json | jq -r .arguments.day)" "$yesterday|$(TZ=UTC-7 date -d yesterday +%F)"
check 'a plan holds for the bytes of its files' "$(act "${files[@]}" --dry-run --json | jq -r '.facts[]' | head -n 1)" "$(sha256sum vnpay.csv | cut -d' ' -f1)"
plan=$(act --statement mb.csv --dry-run --json | jq -r .id)
check 'and for these only' "$(act --statement momo.csv --plan "$plan" >/dev/null 2>&1; echo $?)" 3
mkdir -p home && cp mb.csv home/elsewhere.csv
contains 'a file is looked for at home too' "$(HOME=$work/home act --statement '~/elsewhere.csv' --dry-run; HOME=$work/home act --statement elsewhere.csv --dry-run)" "reads the statement $work/home/elsewhere.csv .*"
check 'one that is nowhere is refused' "$(act --statement nowhere.csv >/dev/null 2>&1; echo $?)" 2
contains 'a file that is none fails the job' "$(act --statement vnpay.csv 2>&1; echo "rc $?")" '^rc 1$'
contains 'a proposal needs a reason here too' "$(act "${files[@]}" --propose --confirm dev:1 2>&1)" 'needs --reason WHY'

# --- on the screen: started there, and its figures are those of the sub-command ---
# Each screen has a server of its own: one that is asked to go may still answer the next.
screens=0
tmux() { command tmux -u -S "$work/tmux.$screens" -f /dev/null "$@" 2>/dev/null; }
trap 'tmux kill-server; finish' EXIT
screen() { tmux capture-pane -p -t s; }
sees() { # REGEX - within half a minute
    for _ in $(seq 300); do
        screen | grep -qE -- "$1" && return 0
        sleep 0.1
    done
    return 1
}
on_screen() { # NAME REGEX... - each of them comes
    local name=$1 regex
    shift
    for regex in "$@"; do
        sees "$regex" || { fail "$name: no /$regex/ on $(screen)"; return; }
    done
    pass
}
# The figures of a table's row, without its sign, its commas and what is to be done.
shown() { screen | sed -E 's/^(CR|WA|[?][?]|ok)//' | awk -v c="$1" '$1 == c { gsub(",", ""); print $2, $3, $4, $5, $6; exit }'; }
open_screen() { screens=$((screens + 1)); tmux new-session -d -s s -x 120 -y 40 "cd / && HOME=$work '$goodgo' --env-file '$dir/.env' --state-dir '$work/seen'"; }
open_day() { open_screen; sees postgres; tmux send-keys -t s M; } # the day that was closed last
open_screen
on_screen "the screen is there" 'postgres'
tmux send-keys -t s M
on_screen "an empty screen says how it is filled" 'no day was reconciled here lately: a starts it'
tmux send-keys -t s a Enter
tmux send-keys -t s -l "2026-03-10 --gateway vnpay.csv --gateway ~/momo.csv --gateway \$HOME/zalopay.csv --statement 'mb.csv'"
tmux send-keys -t s Enter
on_screen "the plan names the files" 'tier 0' "reads the statement $work/mb.csv"
tmux send-keys -t s y Enter
on_screen "the report comes by itself" '^(CR|WA)? *DUPLICATE' '^ *all +[0-9]' # a picture may come in two pieces
while read -r category figures; do
    check "the screen has $category" "$(shown "$category")" "$figures"
done < <(jq -r '(.categories[] | select(.rows > 0)), (.reported + {category: "all"}) | "\(.category) \(.rows) \(.dbVnd) \(.gatewayVnd) \(.bankVnd) \(.differenceVnd)"' report.json)
if same_report "$(ls "$work"/seen/jobs/*/report.json)"; then pass; else fail 'the report that is shown is that of the sub-command'; fi
tmux send-keys -t s Enter # on the worst category
on_screen "its payments" '/DUPLICATE' 'a second credit for this order'
tmux send-keys -t s Y
on_screen "Y shows the command" 'goodgo payments show GGB1009A'
tmux send-keys -t s Escape
sees 'Enter open' # Escape and s in one go are Alt-s
tmux send-keys -t s s
on_screen "the moment is saved" 'snapshot-'
drawn=$(console render reconciliation --size 120x40 --snapshot "$(find "$work/seen" -name 'snapshot-*.json' )" 2>&1)
contains 'a saved moment is drawn again' "$drawn" "all +$(jq .reported.rows report.json) "
now() { "$goodgo" --env-file "$dir/.env" --state-dir "$work/seen" render "$@" --size 120x40 2>&1; }
contains 'and this moment without a screen' "$(now reconciliation)" "all +$(jq .reported.rows report.json) "
contains 'its job too' "$(now jobs)" 'done +reconci'
contains 'and its trail' "$(now audit)" 'result +reconci[^ ]* +done'
tmux kill-server

# --- every row of the day is there to be seen, a page at a time ---
rows_of() { jq -r --arg c "$1" '.categories[] | select(.category == $c) | .rows' report.json; }
open_day
sees '^(CR|WA)? *DUPLICATE'
tmux send-keys -t s G Enter
on_screen "every row" "all: rows 1 to $(jq .reported.rows report.json) of $(jq .reported.rows report.json)"
tmux send-keys -t s Tab G k Enter # the last category before the sum
on_screen "those that match" "MATCHED: rows 1 to $(rows_of MATCHED) of $(rows_of MATCHED)" 'GGV2001A'
tmux send-keys -t s BTab BTab Enter # on the first day
on_screen "a day" '/2026-03-10'
tmux kill-server
sql -c "INSERT INTO \"Payment\" SELECT 'GGP' || 10000 + i, (SELECT min(\"id\") FROM \"User\"), NULL, 'VNPAY', 'LISTING_FEE', 1000 + i, 'COMPLETED',
    (70000 + i)::text, NULL, NULL, t, t FROM generate_series(1, 2300) i, LATERAL (SELECT timestamp '2026-01-15 02:00' + i * interval '1 s' AS t) x"
"$goodgo" --env-file "$dir/.env" --state-dir "$work/seen" reconcile 2026-01-15 </dev/null >/dev/null 2>&1 || fail 'a day of 2,300 payments'
open_day
sees '2026-01-15 '
tmux send-keys -t s G Enter
on_screen "the first page" 'all: rows 1 to 1,000 of 2,300'
tmux send-keys -t s G Down
on_screen "the second one" 'all: rows 1,001 to 2,000 of 2,300' 'GGP11001'
tmux send-keys -t s G PPage # in the middle of it PgUp only moves
tmux send-keys -t s G NPage
on_screen "the last one" 'all: rows 2,001 to 2,300 of 2,300' 'GGP12001'
tmux send-keys -t s G Down Down
tmux send-keys -t s g Up
on_screen "and back, at its last row" 'all: rows 1,001 to 2,000 of 2,300' 'GGP12000'
tmux kill-server
rm "$(ls -d "$work"/seen/jobs/*-reconcile-* | tail -n 1)/rows.jsonl"
open_day
sees '2026-01-15 '
tmux send-keys -t s G Enter
on_screen "a run that kept no rows" 'the rows of this run cannot be read: No such file'
tmux kill-server
rm -r "$(ls -d "$work"/seen/jobs/*-reconcile-* | tail -n 1)"
damaged=$(ls "$work"/seen/jobs/*/report.json)
jq '.reported.rows += 1' "$damaged" >damaged.json && mv damaged.json "$damaged"
open_day
if sees 'they do not add up to what is reported' && ! screen | grep -q DUPLICATE; then pass; else fail "a report that was changed is believed: $(screen)"; fi
tmux kill-server

# --- files that are wrong are refused, and point ---
sed 's/,10100000,/,10100001,/' mb.csv >bad.csv
contains 'a balance that does not follow' "$(reconcile --statement bad.csv 2>&1)" 'bad.csv:4:[0-9]+: "10210000" is not the balance that follows'
check 'and it is an error' "$(reconcile --statement bad.csv >/dev/null 2>&1; echo $?)" 1
reconcile --statement bad.csv --csv never.csv >/dev/null 2>&1
check 'a failed run leaves no file' "$(ls never.csv* 2>/dev/null | wc -l)" 0
contains 'no such file' "$(reconcile --statement nowhere.csv 2>&1)" 'nowhere.csv: No such file'
check 'a file that is not there is wrong use, as with verify and render' "$(reconcile --statement nowhere.csv >/dev/null 2>&1; echo $?)" 2
check 'and that of a gateway' "$(reconcile --gateway nowhere.csv >/dev/null 2>&1; echo $?)" 2
contains 'no day' "$(console payments reconcile 2>&1)" 'needs --day DAY or --since DAY'
contains 'a day that is none' "$(console payments reconcile --day 2026-02-30 2>&1)" 'no day like'
cp mb.csv config/mb.csv
{ cat mb.csv; for i in $(seq 100 199); do line 10/03/2026 "FX$i" 1 'khong ro'; done; } >many.csv
contains 'the worst is told first' "$(reconcile --gateway vnpay.csv --gateway momo.csv --gateway zalopay.csv --statement many.csv |
    grep -A1 'exceptions:$' | tail -n 1)" ' DUPLICATE .*'
cp mb.csv own.csv
contains 'the evidence is not written over' "$(reconcile --statement own.csv --csv ./own.csv 2>&1)" 'own.csv: is one of the files'
contains 'nor by the act' "$(act --statement own.csv --csv ./own.csv --confirm dev:1 2>&1)" 'own.csv: is one of the files'
if cmp -s mb.csv own.csv; then pass; else fail 'the statement is as it was'; fi
contains 'two files of one name' "$(reconcile --statement mb.csv --statement config/mb.csv 2>&1)" 'two files have this name'
check 'which is wrong use' "$(reconcile --statement mb.csv --statement config/mb.csv >/dev/null 2>&1; echo $?)" 2

# --- two persons ---
propose() { reconcile "${files[@]}" --propose --reason 'month end' --json; }
check 'a proposal needs a reason' "$(reconcile "${files[@]}" --propose >/dev/null 2>&1; echo $?)" 2
check 'suggestions are proposed' "$(propose | jq .proposed)" 6
check 'once' "$(propose | jq .proposed)" 0
check 'for their owner' "$(stat -c %a state/payments/proposals/*.json | sort -u)" 600
id_of() { console payments proposals --json | jq -r --arg o "$1" '.proposals[] | select(.order == $o).id'; }
approve() { console payments approve "$@" --reason 'seen on the statement' --confirm dev:1; }
contains 'the one who proposed may not approve' "$(approve "$(id_of GGB1004A)" 2>&1)" 'another person has to decide'
check 'and that is a refusal' "$(approve "$(id_of GGB1004A)" >/dev/null 2>&1; echo $?)" 3
contains 'whatever the environment says' "$(USER=somebody LOGNAME=somebody SUDO_USER=somebody approve "$(id_of GGB1004A)" 2>&1)" 'another person has to decide'
contains 'nor decline it' "$(console payments decline "$(id_of GGB1004A)" --reason no --confirm dev:1 2>&1)" 'another person has to decide'
contains 'he is told so in the list' "$(console payments proposals)" "GGB1004A.*; $(id -un) proposed it: another person has to decide"
contains 'the trail knows that he tried' "$(console audit list)" 'refused +refused +approve-proposal'
check 'a word needs a reason' "$(console payments approve "$(id_of GGB1004A)" >/dev/null 2>&1; echo $?)" 2
if [ "$(id -u)" = 0 ] && [ "$(cat /proc/self/loginuid 2>/dev/null || echo 4294967295)" = 4294967295 ]; then
    # Somebody else proposes, root decides; the state is his. First he looks at his own screen, then root at hers.
    install -d -o nobody -m 700 other; install -o nobody -m 600 "$dir/.env" other.env; chmod 644 -- *.csv
    as_nobody="setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=$work"
    cp "$goodgo" "$work/goodgo" # the tree may be in somebody's home, closed to others
    someone() { $as_nobody "$work/goodgo" --env-file other.env --state-dir other "$@"; }
    root() { "$goodgo" --env-file other.env --state-dir other "$@"; }
    checker() { root payments approve "$@" --reason 'seen on the statement' --confirm dev:1; }
    proposal_of() { root payments proposals --json | jq -r --arg o "$1" ".proposals[] | select(.order == \$o)${2:-.id}"; }
    screen() { # COMMAND... - the real screen in a terminal of its own
        screens=$((screens + 1))
        tmux new-session -d -x 100 -y 30 -c "$work" "exec $* --env-file other.env --state-dir other"
    }
    keys() { tmux send-keys "$@"; }
    shows() { # NAME REGEX
        for _ in $(seq 300); do
            tmux capture-pane -p | grep -qE -- "$2" && { pass; return; }
            sleep 0.1
        done
        fail "$1: no /$2/ on $(tmux capture-pane -p | grep -v '^ *$')"
    }
    leave() { tmux kill-server; }
    chmod 755 . "$dir"
    someone payments reconcile --day 2026-03-10 "${files[@]}" --propose --reason 'month end' >other.out 2>&1 || { cat other.out; fail 'somebody else proposes'; }
    sql -c "UPDATE \"Payment\" SET \"updatedAt\" = now() WHERE \"id\" = 'GGB1005A'"

    screen "$as_nobody $work/goodgo"
    keys 7; shows 'screen: Payments counts his own, and asks him for none' '6 proposed for a second person, 0 of them for you: p shows them'
    keys p; shows 'screen: he is told why not' 'you +nobody proposed it: another person has to decide'
    keys ':arm 5m INC-7' Enter; shows 'screen: armed' 'armed: INC-7'
    keys a; shows 'screen: the menu' 'approve-proposal'
    keys Enter; shows 'screen: the row is meant' ':? *approve-proposal [0-9a-f]{16}'
    keys Enter; shows 'screen: his plan is refused in a sentence' 'nobody proposed it: another person'
    leave

    screen "$goodgo"
    keys 7; shows 'screen: five fit' '6 proposed for a second person, 6 of them for you|6 proposed for a second person, 5 of them for you'
    keys p; shows 'screen: five may be decided, the sixth has changed' '6 wait for a second person, 5 of them for you'
    shows 'screen: a payment that changed does not fit' 'GGB1005A +140,000 +[0-9,]+ NO '
    keys '/GGB1007A' Enter; shows 'screen: one that fits' 'it is now PENDING since 2026-03-10 01:06:00'
    keys a; shows 'screen: both words' 'decline-proposal'
    keys Enter; shows 'screen: its line' ':? *approve-proposal [0-9a-f]{16}'
    keys Enter; shows 'screen: its plan' 'GGB1007A, 160,000 VND, is the credit of'
    shows 'screen: it takes the word' 'type dev 1 and Enter'
    keys 'dev 1' Enter; shows 'screen: read-only so far' ':arm 5m REASON opens a window'
    keys Escape; shows 'screen: nothing was done' 'a acts'
    keys ':arm 5m INC-7' Enter; shows 'screen: armed' 'armed: INC-7'
    keys a; shows 'screen: the menu again' 'acts of this screen'
    keys Enter; shows 'screen: its line again' ':? *approve-proposal [0-9a-f]{16}'
    keys Enter; shows 'screen: its plan again' 'type dev 1 and Enter'
    keys 'dev 1' Enter; shows 'screen: approved' 'approved +.*GGB1007A'
    shows 'screen: and by whom' 'decided +approved by root at .*INC-7'
    keys Escape; shows 'screen: all of them' 'GGB1006A'
    keys '/GGB1008A' Enter; shows 'screen: another one' 'it is now PENDING since 2026-03-10 01:07:00'
    keys a; shows 'screen: the menu for it' 'acts of this screen'
    keys Down Enter; shows 'screen: its line to decline' ':? *decline-proposal [0-9a-f]{16}'
    keys Enter; shows 'screen: to say no takes one key' 'type y and Enter'
    keys y Enter; shows 'screen: declined' 'declined +.*GGB1008A'
    keys Escape; shows 'screen: all of them again' 'GGB1006A'
    keys Escape; shows 'screen: back on Payments' '4 proposed for a second person, 3 of them for you'
    leave
    check 'what the screen did is in the file' "$(proposal_of GGB1007A '|[.state,.checker,.decisionReason]|join(" ")')" 'approved root INC-7'
    check 'the other one too' "$(proposal_of GGB1008A .state)" declined

    id=$(proposal_of GGB1004A)
    contains 'the plan says what changes' "$(root payments approve "$id" --dry-run)" 'no payment is changed: GGB1004A stays PENDING'
    check 'without its word nothing is approved' "$(root payments approve "$id" --reason x >/dev/null 2>&1; echo $?)" 3
    contains 'another person approves' "$(checker "$id" 2>&1)" 'approved by root: proposed by nobody'
    contains 'once' "$(checker "$id" 2>&1)" 'approved it already'
    contains 'a payment that changed since' "$(checker "$(proposal_of GGB1005A)" 2>&1)" 'reconcile again'
    check 'to programs too' "$(proposal_of GGB1005A .fits)" false
    contains 'it can be declined all the same' "$(root payments decline "$(proposal_of GGB1005A)" --reason old --confirm dev:1 2>&1)" 'declined by root: proposed by nobody'
    "$goodgo" --env-file other.env --state-dir other payments reconcile --day 2026-03-10 "${files[@]}" --csv approved.csv >/dev/null
    contains 'the file names both' "$(grep GGB1004A approved.csv)" 'SUGGESTED,130000,approved,nobody,root,2[0-9-]+T[0-9:]+\+07:00'
    contains 'and both of what was declined' "$(grep GGB1008A approved.csv)" 'declined,nobody,root,2[0-9-]+T[0-9:]+\+07:00'
    contains 'the trail has it' "$(root audit list)" 'result +done +approve-proposal'
    check 'and is whole' "$(root audit verify | cut -d: -f1)" whole
    # A database that does not answer keeps back what is known of the payments, and nothing else.
    sed 's/^\(DB_PORT\)=.*/\1=1/; s/^\(DATABASE_URL[A-Z_]*=.*:\)[0-9]*\//\11\//' other.env >dead.env; chmod 600 dead.env
    contains 'the list without a database' "$("$goodgo" --env-file dead.env --state-dir other payments proposals 2>/dev/null)" 'GGB1006A.*it waits for you'
    # A file that is damaged is believed in nothing, and the screen says which.
    echo '{' >other/payments/proposals/0123456789abcdef.json
    contains 'a damaged file is named' "$("$goodgo" --env-file other.env --state-dir other render proposals --size 120x30)" '0123456789abcdef.json: is damaged'
fi
# --- live: the gateways asked about a morning's payments, which seed.sql tells of ---
mapfile -t morning < <("$sandbox" payment --dir "$dir" | head -n 21 | awk '{print $2}' | sed -E 's/^[0-9]{6}_//')
since=$(sql -c "SELECT (min(\"createdAt\") + interval '7 hours')::date FROM \"Payment\" WHERE \"id\" IN ('${morning[4]}', '${morning[3]}', '${morning[5]}', '${morning[14]}', '${morning[18]}')")
live() { console payments reconcile --since "$since" --gateway live "$@"; }
live --csv live.csv --json >live.json 2>err || { cat err; fail 'the gateways are asked'; }
category_of_live() { awk -F, -v o="$1" '$4 == o { print $12 }' live.csv | paste -sd ' '; }
check 'live: a lost callback' "$(category_of_live "${morning[4]}")" STATUS_MISMATCH
check 'live: another amount' "$(category_of_live "${morning[3]}")" AMOUNT_MISMATCH
check 'live: an answer that is not its own says nothing' "$(category_of_live "${morning[5]}")" NOT_CHECKED
check 'live: ZaloPay has less' "$(category_of_live "${morning[18]}")" AMOUNT_MISMATCH
check 'live: it adds up too' "$(jq -c '.read.gatewayVnd == .reported.gatewayVnd + .outside.gatewayVnd' live.json)" true
# What was said is kept: asked again within the half day, only what nobody answered is asked.
kept() { cat state/gateways/*.kept 2>/dev/null | wc -l; }
before=$(kept)
live --json >again.json 2>/dev/null
check 'live: the same answers, the same rows' "$(jq -c .categories again.json)" "$(jq -c .categories live.json | sed 's/[][{}]/\\&/g')"
check 'live: and nothing that was answered is asked anew' "$(kept)" "$before"

# More than the five hundred that were once the most, of which a run was interrupted near its end: all but three answers are
# there, as that run left them.
check 'live: there is an answer to begin from' "$([ "$before" -gt 0 ] && echo yes)" yes
sql -c "INSERT INTO \"Payment\" SELECT 'GGL' || n, (SELECT min(\"id\") FROM \"User\"), NULL, 'VNPAY', 'LISTING_FEE', 50000, 'FAILED',
    NULL, NULL, NULL, timestamp '2026-03-20 03:00', timestamp '2026-03-20 03:00' FROM generate_series(1001, 1700) n"
url=$(env_of VNPAY_API_URL) tmn=$(env_of VNPAY_TMN_CODE) now=$(date +%s%3N) made=$(date -u -d '2026-03-20 03:00' +%s)
for n in $(seq 1001 1697); do
    echo "$(printf '0 %s %s GGL%s %s' "${url%/}" "$tmn" "$n" "$made" | sha256sum | cut -c1-24) $now 0 -1 0 -1 0 - 91//"
done >>"$(ls state/gateways/*.vnpay.kept)"
day() { console payments reconcile --day 2026-03-20 --gateway live "$@"; }
day --json >many.json 2>many.err || { cat many.err; fail 'live: seven hundred payments of a day'; }
check 'live: each of them has its row' "$(jq '.categories[] | select(.category == "NOT_PAID").rows' many.json)" 700
check 'live: three were asked' "$(($(kept) - before))" 700
contains 'live: and the time that is left is that of the three' "$(cat many.err)" 'ask +[0-9]+% +[0-9] of 3 '
check 'live: none of them is taken for one that the gateway misses' "$(jq '.categories[] | select(.category == "MISSING_AT_GATEWAY").rows' many.json)" 0

# Stopped by Ctrl-C while it asks: what was answered is there for the next run.
sql -c "INSERT INTO \"Payment\" SELECT 'GGS' || n, (SELECT min(\"id\") FROM \"User\"), NULL, 'MOMO', 'LISTING_FEE', 50000, 'FAILED',
    NULL, NULL, NULL, timestamp '2026-03-22 03:00', timestamp '2026-03-22 03:00' FROM generate_series(1, 200) n"
before=$(kept)
"$goodgo" --env-file "$dir/.env" --state-dir state payments reconcile --day 2026-03-22 --gateway live >/dev/null 2>asked.err &
pid=$!
until grep -qE 'ask .* of 200 .* ETA ' asked.err || ! kill -0 $pid 2>/dev/null; do sleep 0.1; done
contains 'live: it says how far it is' "$(cat asked.err)" 'ask +[0-9]+% .* ETA '
kill -INT $pid
wait $pid
check 'live: it can be stopped' "$?" 130
contains 'live: and says how it goes on' "$(cat asked.err)" 'run it again within half a day'
check 'live: and what was answered stays' "$([ "$(kept)" -gt "$before" ] && echo yes)" yes

# As a job the same: seen from anywhere, and stopped from there.
job=$(console reconcile 2026-03-22 --gateway live --detach </dev/null 2>/dev/null)
until console jobs show "$job" | grep -qE 'ask .* of |^state +(done|failed|refused)'; do sleep 0.1; done
contains 'a job says how far it is' "$(console jobs show "$job")" 'running +ask +[0-9]+% .* of [12][0-9]{2}'
console jobs cancel "$job" >/dev/null 2>&1
check 'and can be cancelled' "$(console jobs attach "$job" 2>/dev/null | awk '$1 == "state" { print $2 }')" cancelled
check 'a run that did not end leaves no report' "$(ls "state/jobs/$job/report.json" 2>/dev/null | wc -l)" 0
sql -c "DELETE FROM \"Payment\" WHERE \"id\" LIKE 'GGL1%' OR \"id\" LIKE 'GGS%'"

# --- live: a gateway that takes each question and answers none ---
sql -c "INSERT INTO \"Payment\" SELECT 'GGH' || n, (SELECT min(\"id\") FROM \"User\"), NULL,
    (CASE WHEN n > 6 THEN 'VNPAY' ELSE 'MOMO' END)::\"PaymentProvider\", 'LISTING_FEE', 50000, 'FAILED',
    NULL, NULL, NULL, timestamp '2026-03-24 03:00', timestamp '2026-03-24 03:00' FROM generate_series(1, 8) n"
"$sandbox" fault --dir "$dir" momo hang >/dev/null
hung() { console payments reconcile --day 2026-03-24 --gateway live --timeout 2000 "$@" 2>/dev/null; }
of_momo() { jq -r '.gateways[] | select(.provider == "MOMO") | "\(.asked) asked, \(.notAsked) not: \(.why)"' "$1"; }
not_checked() { awk -F, '$12 == "NOT_CHECKED" { print $4 }' "$1" | paste -sd ' '; }
hung --csv hung.csv --json >hung.json
check 'a gateway that hangs is left alone after three questions' "$(of_momo hung.json)" '3 asked, 3 not: .*no answer in 2000 ms'
check 'and nothing is judged by its silence' "$(not_checked hung.csv)" 'GGH1 GGH2 GGH3 GGH4 GGH5 GGH6'
check 'whom it was not asked about is told apart' "$(grep -c 'its gateway was not asked about it' hung.csv)" 3
check 'and the other gateway was asked about all' "$(jq -c '.gateways[] | select(.provider == "VNPAY") | [.asked, .notAsked, .why]' hung.json)" '\[2,0,null\]'
# What is left of its pause is made shorter, which no claim is about.
pause() { echo "$(($(date +%s%3N) + 2500)) 20000" >"$(ls state/gateways/*.momo.pace)"; }
pause
contains 'run again at once it gets one question' "$(hung)" 'MOMO was asked about 1 of 6 payments, then left alone, not about 5 \(.*no answer in 2000 ms\): run it again'
pause
contains 'and as a job the result says so' "$(console reconcile 2026-03-24 --gateway live --timeout 2000 2>&1)" 'not asked +MOMO was asked about 1 of 6 payments'
"$sandbox" fault --dir "$dir" momo clear >/dev/null
pause
hung --csv well.csv --json >well.json
check 'once it is well, all is asked' "$(of_momo well.json)" '6 asked, 0 not: null'
check 'and nothing is left unchecked' "$(not_checked well.csv)" ''
sql -c "DELETE FROM \"Payment\" WHERE \"id\" LIKE 'GGH%'"

# --- stopped in the middle ---
mkfifo slow.csv
exec 9<>slow.csv
head -c 300 mb.csv >&9
"$goodgo" --env-file "$dir/.env" --state-dir state payments reconcile --day 2026-03-10 --statement slow.csv --csv stopped.csv >/dev/null 2>stopped.err &
pid=$!
until compgen -G 'stopped.csv.*' >/dev/null || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
kill -INT $pid
head -c 100 mb.csv >&9
exec 9>&-
wait $pid
check 'a stopped run says so' "$?" 130
check 'and leaves nothing behind' "$(ls stopped.csv* 2>/dev/null | wc -l)" 0

contains 'no such proposal' "$(approve 0123456789abcdef 2>&1)" 'No such file'
contains 'no proposal at all' "$(approve ../../etc/passwd 2>&1)" "is no proposal's id"
end
