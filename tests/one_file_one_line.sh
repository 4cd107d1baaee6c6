#!/usr/bin/env bash
# docs/ADDING.md promises: a probe, a view or a theme is one file and one line. Adds one of each to a copy of the tree,
# builds it and asks the binary for them.
set -euo pipefail
cd "$(dirname "$0")/.."
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r CMakeLists.txt src include views themes docs LICENSE "$copy/"

echo 'PROBE(mailhog, "mailhog")' >>"$copy/include/model/probes.def"
sed -e 's/probe_web/probe_mailhog/; s/SERVICE_web/SERVICE_mailhog/; s/"Web"/"MailHog"/' src/probe/web.c >"$copy/src/probe/mailhog.c"
echo 'VIEW(mailhog)' >>"$copy/views/views.def"
sed -e 's/SERVICE_VIEW(web, "web", "Web"/SERVICE_VIEW(mailhog, "mailhog", "MailHog"/' views/web.c >"$copy/views/mailhog.c"
echo 'THEME(sepia)' >>"$copy/themes/themes.def"
cp themes/light.theme "$copy/themes/sepia.theme"

cmake -S "$copy" -B "$copy/build" -G Ninja -DGOODGO_TESTS=OFF -DCMAKE_BUILD_TYPE=Debug >/dev/null
cmake --build "$copy/build" -j "$(nproc)" --target goodgo >"$copy/log" 2>&1 || { tail -n 40 "$copy/log"; exit 1; }
goodgo=$copy/build/goodgo
printf 'NODE_ENV=development\nGOODGO_WEB_URL=http://127.0.0.1:9\n' >"$copy/.env"
chmod 600 "$copy/.env"
"$goodgo" themes | grep -q sepia || { echo 'the new theme is not listed'; exit 1; }
"$goodgo" --env-file "$copy/.env" status --json --timeout 500 >"$copy/status.json" || true
jq -e '.services[] | select(.name == "mailhog")' "$copy/status.json" >/dev/null || { echo 'the new probe is not asked'; exit 1; }
"$goodgo" --env-file "$copy/.env" render mailhog --size 80x24 --timeout 500 | grep -q 'mailhog' ||
    { echo 'the new view is not drawn'; exit 1; }
echo 'a probe, a view and a theme: one file and one line each'
