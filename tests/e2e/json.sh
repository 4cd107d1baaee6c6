#!/usr/bin/env bash
# json.sh SANDBOX GOODGO - every document that goodgo prints on a live platform, well and ill, has the members that JSON.md
# names, and no other.
set -uo pipefail
. "$(dirname "$0")/e2e.bash"
cd "$(dirname "$0")/../.." || exit 1
export HOME=$work XDG_CONFIG_HOME=$work/config
docs=$work/docs seen=$work/seen
mkdir "$docs" "$seen"

# members FILE - the path of each member: services[].name
members() { jq -r 'paths | select(.[-1] | type == "string") | map(if type == "number" then "[]" else "." + . end) | add | ltrimstr(".")' "$1"; }
# keep SCHEMA COMMAND... - runs it, and keeps what its document has
keep() {
    local schema=$1 file
    shift
    file=$work/document.$((++n_documents))
    "$@" >"$file" 2>"$work/err" </dev/null
    check "$* prints one document" "$(jq -s length "$file" 2>/dev/null)" 1
    check "$* says which it is" "$(jq -r .schema "$file" 2>/dev/null)" "$schema"
    members "$file" >>"$seen/${schema%/1}"
}
n_documents=0
bring_up
cat >"$work/settings" <<'CONFIG'
poll.redis.interval_ms = 500
poll.redis.retries = 1
poll.web.interval_ms = 500
poll.web.retries = 1
payments.statement = own; date=Ngay; ref=So GD; debit=Ghi no; credit=Ghi co; balance=So du; content=Dien giai
CONFIG

keep goodgo.status/1 console status --json
keep goodgo.alerts/1 console alerts --json
keep goodgo.query/1 console query up --json
keep goodgo.query/1 console query up --range 1m --json
keep goodgo.query/1 console query '1 + 1' --json
keep goodgo.logs/1 console logs --json
keep goodgo.env/1 console env check --json
keep goodgo.env-names/1 "$goodgo" env names --json
keep goodgo.settings/1 "$goodgo" --config "$work/settings" settings --json
keep goodgo.keys/1 "$goodgo" keys --json
keep goodgo.themes/1 "$goodgo" themes --json
keep goodgo.version/1 "$goodgo" version --json

keep goodgo.plan/1 console verify latest --dry-run --json
keep goodgo.job/1 console backup --upload --confirm dev:1 --json
keep goodgo.verify/1 console verify latest --quick --json
keep goodgo.job/1 console verify latest --scratch --confirm dev:1 --detach --json
keep goodgo.job/1 console jobs attach last --json
keep goodgo.job/1 console jobs show last --json
keep goodgo.jobs/1 console jobs --json
keep goodgo.audit/1 console audit --json
keep goodgo.audit.verify/1 console audit verify --json
keep goodgo.backups/1 console backups --json
keep goodgo.backups/1 console backups --remote --json
keep goodgo.verify/1 cat "$(env_of REPORT_FILE)"

keep goodgo.payments.kinds/1 console payments kinds --json
keep goodgo.payments.list/1 console payments list --json
id=$(console payments list --class paid_not_credited --json | jq -r '[.payments[] | select(.provider == "MOMO")][0].id')
keep goodgo.payments.verify/1 console payments verify "$id" --json
keep goodgo.payments.ask/1 console payments ask "$id" --json
# One that has a history and lines in the log.
keep goodgo.job/1 console payments replay "$id" --confirm dev:1 --force --reason INC-7 --json
keep goodgo.payments.show/1 console payments show "$id" --json
# A credit that names nobody, of the amount of one open transfer: suggested, so proposed.
read -r amount day < <(console payments list --class bank_open --json | jq -r '.payments[0] | "\(.amountVnd) \(.businessDay)"')
printf 'Ngay,So GD,Ghi no,Ghi co,So du,Dien giai\n%s,FT1,,%s,%s,chuyen tien\n' "$(date -d "$day" +%d/%m/%Y)" "$amount" "$amount" >"$work/bank.csv"
reconcile=(console --config "$work/settings" payments reconcile --since "$(date -d "$day -1 day" +%F)" --json)
keep goodgo.payments.reconcile/1 "${reconcile[@]}" --statement "$work/bank.csv" --propose --reason INC-7
# The day with the fewest: each payment is a question, and those of a gateway a second apart.
few=$(console payments list --limit 500 --json | jq -r '[.payments[] | select(.provider != "BANK_TRANSFER")] | group_by(.businessDay) | min_by(length)[0].businessDay')
keep goodgo.payments.reconcile/1 console payments reconcile --day "$few" --gateway live --json
keep goodgo.payments.proposals/1 console payments proposals --json

# Ill: errors and findings of Redis, alerts of the API, changes of the web.
"$sandbox" fault --dir "$dir" errors-5xx >/dev/null
"$sandbox" fault --dir "$dir" redis stop >/dev/null
ask_until 180 '[.services[] | select(.name == "prometheus" and .metrics.alerts_firing > 0)] != []' || fail 'no alert fires'
keep goodgo.status/1 console status --json
keep goodgo.alerts/1 console alerts --json
"$sandbox" fault --dir "$dir" web flap >/dev/null
keep goodgo.snapshot/1 console --config "$work/settings" snapshot --for 12s
# What the console knows itself has the members of a section, and is judged as one.
sed -i 's/^own\[\]/sections[]/' "$seen/goodgo.snapshot"

# JSON.md: the table below each heading. What "is a goodgo.NAME/1" has its members; so have a job that of the list, and a
# payment that is shown. A word in CAPITALS is any name.
awk -v docs="$docs" '/^## goodgo/ { name = substr($2, 1, length($2) - 2) }
    /^\| `/ { split($0, part, "`"); print part[2] >(docs "/" name)
        if (match($0, / a goodgo[a-z.]*/)) print name, part[2], substr($0, RSTART + 3, RLENGTH - 3) >(docs "/.nested") }' docs/JSON.md
sed -n 's/^jobs\[\]\./job./p' "$docs/goodgo.jobs" >>"$docs/goodgo.job"
grep '^payments\[\]\.' "$docs/goodgo.payments.list" >>"$docs/goodgo.payments.show"
while read -r name member inner; do
    sed "s/^/$member./" "$docs/$inner" >>"$docs/$name"
    echo "$member.schema" >>"$docs/$name"
done <"$docs/.nested"
printed=$(grep -rhoE '"goodgo\.[a-z.-]+/1"' src | tr -d '"' | sed 's/\/1$//' | grep -vE 'manifest$|reindex$|proposal$' | sort -u)
check 'JSON.md has every document that goodgo prints' "$(ls "$docs" | sort | tr '\n' ' ')" "$(tr '\n' ' ' <<<"$printed")"
for name in $printed; do
    echo schema >>"$docs/$name"
    sort -u "$seen/$name" -o "$seen/$name"
    sed -E 's/[].[]/\\&/g; s/[A-Z]{4,}/.+/; s/^.*$/^&$/' "$docs/$name" >"$work/patterns"
    check "JSON.md has every member of $name" "$(grep -vEf "$work/patterns" "$seen/$name" | tr '\n' ' ')" ''
    missing=()
    while read -r pattern; do grep -qE -- "$pattern" "$seen/$name" || missing+=("$pattern"); done <"$work/patterns"
    check "$name has every member that JSON.md names" "${missing[*]-}" ''
done
end
