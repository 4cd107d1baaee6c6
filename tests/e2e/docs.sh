#!/usr/bin/env bash
# docs.sh SANDBOX GOODGO - the documents say what the programs do: generated parts are fresh, manual pages are sound, help is
# whole, and every name, link, version and package that a document gives is there.
set -uo pipefail
sandbox=$(readlink -f "$1") goodgo=$(readlink -f "$2")
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work LC_ALL=C.UTF-8
passed=0 failed=0
same() { # NAME GOT EXPECTED
    if [ "$2" = "$3" ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s: got "%s", expected "%s"\n' "$1" "$2" "$3"
    fi
}
# all_in NAME TEXT WORDS... - each word stands in the text as a word
all_in() {
    local name=$1 text=$2 word missing=()
    shift 2
    for word in "$@"; do grep -qE -- "(^|[^A-Za-z0-9_-])${word//./\\.}([^A-Za-z0-9_-]|\$)" <<<"$text" || missing+=("$word"); done
    [ $# -gt 0 ] || missing=('(no words to look for)')
    same "$name" "${missing[*]-}" ''
}
offered() { "$goodgo" complete -- "$@" | cut -f 1; }
page() { MANWIDTH=200 MAN_KEEP_FORMATTING= man -l "$1" 2>>"$work/warnings"; }

same 'docs/ERRORS.md is fresh (goodgo errors >docs/ERRORS.md)' "$("$goodgo" errors | diff docs/ERRORS.md -)" ''

# Manual pages: no warning of groff, none of mandoc where it is, and nothing left unfilled.
built=$(dirname "$goodgo")/docs
for file in "$built/goodgo.1" "$built/goodgo.env.5" docs/goodgo-sandbox.1; do
    same "man --warnings $(basename "$file")" "$(MANROFFOPT=-ww man --warnings=w -l "$file" 2>&1 >/dev/null)" ''
    same "$(basename "$file") is filled in" "$(grep -c '@[A-Z]*@' "$file")" 0
    ! command -v mandoc >/dev/null || same "mandoc -Tlint $(basename "$file")" "$(mandoc -Tlint "$file" 2>&1 |
        grep -vE 'referenced manual not found|outdated mandoc.db|operating system explicitly')" ''
done
manual=$(page "$built/goodgo.1") environment=$(page "$built/goodgo.env.5") sandbox_manual=$(page docs/goodgo-sandbox.1)
all_in 'goodgo(1) has every command' "$manual" $(offered '')
all_in 'goodgo(1) has every setting' "$manual" $("$goodgo" settings --json | jq -r '.settings[].key')
all_in 'goodgo(1) has every action' "$manual" $("$goodgo" keys --json | jq -r '.keys[].action')
all_in 'goodgo(1) has every word of the command line' "$manual" $("$goodgo" keys --json | jq -r '.commands[].name')
all_in 'goodgo(1) has every theme' "$manual" $("$goodgo" themes)
all_in 'goodgo(1) has what the environment may hold' "$manual" NO_COLOR $(grep -rhoE 'getenv\("[A-Z_]+"\)' src/app src/act src/term |
    grep -oE '[A-Z_]{4,}' | grep -v '^HOME$' | sort -u)
all_in 'goodgo.env(5) has every name' "$environment" $("$goodgo" env names --json | jq -r '.names[].name')
subs=() # "payments list", ...
for command in $(offered ''); do
    for sub in $("$goodgo" $command --help | sed -n '/^commands (/,/^$/s/^  \([a-z-]*\) .*/\1/p'); do subs+=("$command $sub"); done
done
same 'the sub-commands of payments, jobs and audit are found' "$([ ${#subs[@]} -ge 18 ] && echo yes)" yes
for sub in "${subs[@]}"; do
    same "Tab offers $sub" "$(offered ${sub% *} '' | grep -cx "${sub#* }")" 1
    same "goodgo $sub --help has all that a page of its own has" \
        "$("$goodgo" $sub --help | grep -oE "^(usage: goodgo $sub|options:|example:|reads: |writes: |exit: )" | tr '\n' '|')" \
        "usage: goodgo $sub|options:|example:|reads: |writes: |exit: |"
    same "goodgo(1) has goodgo $sub" "$([ "$(grep -cE "^ +$sub( |\$)" <<<"$manual")" -ge 1 ] && echo yes)" yes
    ! "$goodgo" $sub --help | grep -q -- '--json' || all_in "PAYMENTS.md, ACTIONS.md or goodgo(1) name the document of $sub" \
        "$(cat docs/*.md; echo "$manual")" $("$goodgo" $sub --help | sed -n 's/^json:  *\(goodgo[a-z.]*\).*/\1/p')
done
for command in '' $(offered '') "${subs[@]}"; do
    help=$("$goodgo" $command --help)
    all_in "goodgo $command --help has all its parts" "$help" 'usage: goodgo' options: example: exit:
    all_in "goodgo $command --help has the options that Tab offers" "$help" $(offered $command --)
    all_in "goodgo(1) has the options of goodgo $command" "$manual" $(offered $command --)
    same "goodgo $command --help keeps to 80 columns" "$(grep -cE '.{81}' <<<"$help")" 0
done

# goodgo-sandbox(1) against what goodgo-sandbox says of itself.
help=$(for command in '' up status env fault payment down; do "$sandbox" $command --help; done)
words=$(sed -n 's/^  goodgo-sandbox \([a-z]*\) .*/\1/p' <<<"$help")$'\n'$(grep -oE -- '--[a-z-]+' <<<"$help")
faults=$("$sandbox" fault --help | sed -n 's/^.\{51\}//p' | tr -d '|' | sed 's/all is well again//; s/list the faults that are on//')
services=$("$sandbox" up --help | sed -n '/--services L/,/--scale/p' | sed '/--scale/d; s/.*only these://')
all_in 'goodgo-sandbox(1) has every command and option' "$sandbox_manual" $(sort -u <<<"$words")
all_in 'goodgo-sandbox(1) has every fault' "$sandbox_manual" $faults
all_in 'goodgo-sandbox(1) has what the environment may hold' "$sandbox_manual" $(grep -rhoE 'getenv\("[A-Z_]+"\)' src/sandbox | grep -oE '[A-Z_]{4,}' | sort -u)
all_in 'goodgo-sandbox(1) has every service' "$sandbox_manual" $services
same 'the help names fourteen faults at least' "$([ "$(wc -w <<<"$faults")" -ge 14 ] && echo yes)" yes

# Links and paths.
broken=()
for file in README.md docs/*.md; do
    for target in $(grep -oE '\]\([^)#]+' "$file" | sed 's/](//' | grep -v '^http'); do
        [ -e "$(dirname "$file")/$target" ] || broken+=("$file -> $target")
    done
    for path in $(grep -oE '`(src|include|views|themes|tests|docs)/[A-Za-z0-9_./-]+`' "$file" | tr -d '`'); do
        [ -e "$path" ] || [[ $path =~ mailhog|sepia|noop|paylah|ocb ]] || broken+=("$file: $path")
    done
done
same 'every link and path of the documents leads somewhere' "${broken[*]-}" ''
all_in 'TESTING.md has every part of tests/' "$(<docs/TESTING.md)" $(find tests -mindepth 1 -maxdepth 1 -type d ! -name bench -printf 'tests/%f\n')

all_in 'TESTING.md has every end-to-end test' "$(<docs/TESTING.md)" $(find tests/e2e -name '*.sh')

# ARCHITECTURE.md: the layers are the folders, the libraries are those that the build asks for, in the versions there are.
layers=$(sed -n '/^## Layers/,/^## /s/^| `\([a-z]*\)`.*/\1/p' docs/ARCHITECTURE.md | sort | tr '\n' ' ')
folders=$({ find src include -mindepth 1 -maxdepth 1 -type d -printf '%f\n'; echo views; } | sort -u | tr '\n' ' ')
same 'the layers of ARCHITECTURE.md are the folders' "$layers" "$folders"
for layer in $layers; do
    for source in "src/$layer" "include/$layer" "$layer"; do [ ! -d "$source" ] || break; done
    [ "$layer" != app ] && [ "$layer" != sandbox ] || continue # they have rules of their own
    said=$(sed -n "/^## Layers/,/^## /s/^| \`$layer\` |[^|]*| \([^|]*\) |/\1/p" docs/ARCHITECTURE.md | sed 's/([^)]*)//; s/;.*//; s/libc//' | grep -oE '[a-z]+' | sort | tr '\n' ' ')
    kept=$(sed -n "s#^only $source '\(.*\)'#\1#p" tests/check_layers.sh | tr -d '()' | tr '|' '\n' |
        sed '/wire\/json.h/d; s#/##' | grep -vxE "$layer|themes$([ "$layer" != ui ] || echo '|views')" | sort | tr '\n' ' ')
    same "what $layer may include is what check_layers.sh keeps" "$said" "$kept"
done
dependencies=$(sed -n '/^## Dependencies/,/^## /p' docs/ARCHITECTURE.md)
for module in $(grep -hoE 'pkg_check_modules\([A-Z0-9]+ REQUIRED( IMPORTED_TARGET)? [a-z0-9]+' CMakeLists.txt tests/CMakeLists.txt | awk '{print $NF}'); do
    said=$(grep -oE "\`$module\` [0-9.]+" <<<"$dependencies" | awk '{print $2}')
    same "ARCHITECTURE.md has the version of $module" "$said" "$(pkg-config --modversion "$module" | grep -oE "^${said:-none}\b")"
done

# Each picture of pictures.sh can be drawn: by its own lines, of a platform where nobody listens.
mkdir -p "$work/pictures/docs/pictures" && cd "$work/pictures" || exit 1
printf 'GOODGO_API_URL=http://127.0.0.1:9/\nDB_HOST=127.0.0.1\nDB_PORT=9\n' >nobody.env && chmod 600 nobody.env
"$goodgo" --env-file nobody.env --state-dir "$work/pictures/state" --timeout 200 snapshot -o well.json 2>/dev/null && cp well.json ill.json
command -v rsvg-convert >/dev/null || { printf '#!/bin/sh\n' >rsvg-convert && chmod +x rsvg-convert; }
lines=$(grep -E '^picture ' "$OLDPWD/docs/pictures.sh")
while read -r line; do
    said=$(PATH=$PATH:$PWD build=$(dirname "$goodgo") work=$PWD bash -eu -c "$(sed -n '/^picture()/,/^}/p' "$OLDPWD/docs/pictures.sh")"$'\n'"$line" 2>&1)
    same "pictures.sh: $line" "$said" "docs/pictures/$(cut -d' ' -f2 <<<"$line").svg"
done <<<"$lines"
cd "$OLDPWD" || exit 1
same 'and each of them is kept' "$(cd docs/pictures && printf '%s\n' *.svg)" "$(awk '{print $2 ".svg"}' <<<"$lines" | sort)"

# The keys that README names do what it says they do.
keys=$("$goodgo" keys --json | jq -r '.keys[].keys')
for key in $(sed -n '/^| key/,/^$/s/^| \([^|]*\)|.*/\1/p' README.md | grep -oE '`[^`]+`' | tr -d '`'); do
    same "README: $key is a key" "$(grep -cE "(^| )$(sed 's/[?/]/\\&/g' <<<"$key")( |\$)" <<<"$keys")" 1
done

# ./dev: each command has its line of help and is run by it.
all_in './dev help has every command' "$(./dev help)" $(sed -n 's/^cmd_\([a-z]*\)().*/\1/p' dev)
same './dev refuses what it does not know' "$(./dev frobnicate >/dev/null 2>&1; echo $?)" 2
for line in 'demo --nonsense' 'demo --dir /tmp' 'demo --scale' 'test --json' 'build extra' 'bench --soak' 'bench 7' 'lint all' 'fuzz x' 'fuzz 0' \
    'pictures 100' 'clean all'; do
    # shellcheck disable=SC2086
    same "./dev $line is refused before anything is done" "$(./dev $line 2>&1 >/dev/null | tail -n 1)" "dev: ${line%% *} does not take: ${line#* }"
done
for line in 'demo --help' 'test -h' 'clean --help'; do
    # shellcheck disable=SC2086
    same "./dev $line says what there is and does nothing" "$(./dev $line)" "$(./dev help)"
done
same './dev help keeps to a hundred columns' "$(./dev help | grep -cE '.{101}')" 0
# An ordinary user without sudo is told one line that installs all of it, and nothing is done.
mkdir "$work/bin" && printf '#!/bin/sh\nexit 1\n' >"$work/bin/dpkg-query" && ln -s "$(command -v bash)" "$work/bin/bash"
for tool in id dirname readlink nproc env; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
chmod -R a+rX "$work" && chmod 755 "$work/bin/dpkg-query" && cp dev "$work/dev"
as_user=()
[ "$(id -u)" != 0 ] || as_user=(setpriv --reuid=65534 --clear-groups)
told=$("${as_user[@]}" env PATH="$work/bin" bash "$work/dev" demo 2>&1 </dev/null)
same './dev demo without rights ends with 2' $? 2
same 'and one apt line' "$(grep -c 'apt-get install' <<<"$told")" 1
all_in 'with all that it needs' "$told" $(sed -n '/^RUNTIME_PACKAGES/,/^TEST_PACKAGES/p' dev | sed '/^TEST/d; s/^[A-Z_]*=//' | tr -d '"')
packages=$(sed -n '/^RUNTIME_PACKAGES/,/^PICTURE_PACKAGES/p' dev | sed '/^PICTURE/d' | grep -oE '[a-z0-9][a-z0-9.+-]{2,}' | sort -u)
unknown=()
for package in $packages; do dpkg-query -W "$package" >/dev/null 2>&1 || unknown+=("$package"); done
same 'every package that ./dev test installs is there' "${unknown[*]-}" ''
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
