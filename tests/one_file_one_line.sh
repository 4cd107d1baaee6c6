#!/usr/bin/env bash
# docs/ADDING.md promises: a probe, a view, a theme, a payment provider, a layout of statements or an act is one file and one line. Adds one of each to a copy of the tree,
# builds it and asks the binary for them.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r CMakeLists.txt src include views themes docs LICENSE "$copy/"

echo 'PROBE(mailhog, "mailhog")' >>"$copy/include/model/probes.def"
sed -e 's/probe_web/probe_mailhog/; s/SERVICE_web/SERVICE_mailhog/; s/"Web"/"MailHog"/
    s/settings->web_url/settings->urls[SERVICE_mailhog]/; s/s->web_url/s->urls[SERVICE_mailhog]/g; s/GOODGO_WEB_URL/GOODGO_MAILHOG_URL/
    s/    .endpoint_name/    .own_url = true,\n&/' src/probe/web.c >"$copy/src/probe/mailhog.c"
echo 'VIEW(mailhog)' >>"$copy/views/views.def"
sed -e 's/SERVICE_VIEW(web, "web", "Web"/SERVICE_VIEW(mailhog, "mailhog", "MailHog"/' views/web.c >"$copy/views/mailhog.c"
echo 'THEME(sepia)' >>"$copy/themes/themes.def"
cp themes/light.theme "$copy/themes/sepia.theme"

echo 'PROVIDER(paylah)' >>"$copy/src/pay/providers.def"
sed -e 's/pay_casso/pay_paylah/; s/"casso"/"paylah"/; s/"Casso"/"PayLah"/; s/GOODGO_CASSO_KEY/PAYLAH_KEY/g' \
    src/pay/casso.c >"$copy/src/pay/paylah.c"

echo 'LAYOUT(ocb)' >>"$copy/src/recon/layouts.def"
sed -e 's/layout_acb/layout_ocb/; s/"acb"/"ocb"/; s/"ACB"/"OCB"/; s/so tien gui vao|gui vao|deposit/tien den/; s/so tien rut ra|rut ra|withdraw/tien di/' \
    src/recon/acb.c >"$copy/src/recon/ocb.c"

echo 'ACT(noop)' >>"$copy/src/act/acts.def"
sed -e 's/act_prometheus_reload/act_noop/; s/"prometheus-reload"/"noop"/' src/act/prometheus_reload.c >"$copy/src/act/noop.c"

cmake -S "$copy" -B "$copy/build" -G Ninja -DGOODGO_TESTS=OFF -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build "$copy/build" -j "$(nproc)" --target goodgo >"$copy/log" 2>&1 || { tail -n 40 "$copy/log"; exit 1; }
goodgo=$copy/build/goodgo
printf 'NODE_ENV=development\nGOODGO_MAILHOG_URL=http://127.0.0.1:9\n' >"$copy/.env"
chmod 600 "$copy/.env"
"$goodgo" themes | grep -q sepia || { echo 'the new theme is not listed'; exit 1; }
"$goodgo" --env-file "$copy/.env" status --json --timeout 500 >"$copy/status.json" || true
jq -e '.services[] | select(.name == "mailhog")' "$copy/status.json" >/dev/null || { echo 'the new probe is not asked'; exit 1; }
"$goodgo" --env-file "$copy/.env" render mailhog --size 80x24 --timeout 500 | grep -q 'mailhog' ||
    { echo 'the new view is not drawn'; exit 1; }
"$goodgo" noop --help | grep -q '^usage: goodgo noop .*OPTIONS' || { echo 'the new act is no command'; exit 1; }
jq -e '.services[] | select(.name == "mailhog") | .error.target | startswith("http://127.0.0.1:9") or startswith("127.0.0.1:9")' \
    "$copy/status.json" >/dev/null || { echo 'the new probe is not asked at its own address'; exit 1; }
"$goodgo" --env-file "$copy/.env" env check >"$copy/names" || true
grep -q 'GOODGO_MAILHOG_URL.*127.0.0.1:9' "$copy/names" || { echo 'env check does not know the new address'; exit 1; }
echo 'PAYLAH_KEY=k3yOfThePaylah' >>"$copy/.env"
body='{"data":{"amount":5000,"reference":"FT1"},"error":0}'
mac=$(printf '17.%s' "$body" | openssl dgst -sha512 -hmac k3yOfThePaylah -hex | sed 's/.*= //')
printf 'X-Casso-Signature: t=17,v1=%s\n%s' "$mac" "$body" >"$copy/webhook"
"$goodgo" payments kinds | grep -q '^paylah' || { echo 'the new provider is not listed'; exit 1; }
"$goodgo" --env-file "$copy/.env" payments verify --provider paylah --raw "$copy/webhook" --json |
    jq -e '.valid and .amountVnd == 5000' >/dev/null || { echo 'the new provider does not verify'; exit 1; }
"$goodgo" --env-file "$copy/.env" env check >"$copy/names" || true
grep -q 'PAYLAH_KEY.*\*\*\*\*' "$copy/names" ||
    { echo "the new provider's key is not known to env check, or not masked"; exit 1; }
printf 'Ngày giao dịch,Nội dung giao dịch,Tiền đi,Tiền đến\n10/10/2026,x,,5000\nkhong,x,,5\n11/10/2026,x,7,7\n' >"$copy/ocb.csv"
"$goodgo" --env-file "$copy/.env" --state-dir "$copy/state" payments reconcile --day 2026-10-10 --statement "$copy/ocb.csv" >"$copy/log" 2>&1 || true
grep -q 'ocb.csv:4:16: "7" is a credit in a row that has a debit' "$copy/log" || { echo 'the new layout is not recognised'; cat "$copy/log"; exit 1; }
echo 'a probe, a view, a theme, a payment provider, a layout of statements and an act: one file and one line each'
