#!/usr/bin/env bash
# install.sh SANDBOX GOODGO - from a fresh copy of the tree by CMake alone: presets configure and build, `cmake --install`
# brings binaries, themes, manual pages and completions, and what is installed works with the tree gone.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
prefix="$work/a prefix" # a blank does no harm
trap '"$prefix/bin/goodgo-sandbox" down --dir "$work/p" >/dev/null 2>&1; rm -rf "$work"' EXIT
export HOME=$work LC_ALL=C.UTF-8
passed=0 failed=0
ok() { # NAME COMMAND...
    local name=$1
    shift
    if "$@" >"$work/log" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s:\n%s\n' "$name" "$(tail -n 15 "$work/log")"
    fi
}
has() { grep -qE -- "$1" "$work/log"; }

mkdir "$work/tree"
cp -r CMakeLists.txt CMakePresets.json README.md LICENSE src include views themes docs tests "$work/tree/"
cd "$work/tree" || exit 1
for preset in default sanitize release; do ok "cmake --preset $preset" cmake --preset "$preset"; done
ok 'cmake --build --preset release' nice cmake --build --preset release
ok 'cmake --install' cmake --install build-release --prefix "$prefix"
ok 'DESTDIR is obeyed' env DESTDIR="$work/stage" cmake --install build-release --prefix /usr
cd "$work" && rm -rf "$work/tree"

# What is there, and for whom.
cat >"$work/expected" <<'LIST'
755 bin/goodgo
755 bin/goodgo-sandbox
644 lib/systemd/system/goodgo-backup@.service
644 lib/systemd/system/goodgo-backup@.timer
644 lib/systemd/system/goodgo-verify@.service
644 lib/systemd/system/goodgo-verify@.timer
644 share/bash-completion/completions/goodgo
644 share/doc/goodgo/ACTIONS.md
644 share/doc/goodgo/ERRORS.md
644 share/doc/goodgo/JSON.md
644 share/doc/goodgo/LICENSE
644 share/doc/goodgo/OPERATIONS.md
644 share/doc/goodgo/PAYMENTS.md
644 share/doc/goodgo/README.md
644 share/fish/vendor_completions.d/goodgo.fish
644 share/goodgo/themes/colorblind.theme
644 share/goodgo/themes/contrast.theme
644 share/goodgo/themes/dark.theme
644 share/goodgo/themes/light.theme
644 share/goodgo/themes/mono.theme
644 share/man/man1/goodgo-sandbox.1
644 share/man/man1/goodgo.1
644 share/man/man5/goodgo.env.5
644 share/zsh/vendor-completions/_goodgo
LIST
files() { find "$1" -type f -printf '%m %P\n' | sort -k 2; }
ok 'the files of the prefix' diff "$work/expected" <(files "$prefix")
ok 'the files under DESTDIR' diff "$work/expected" <(files "$work/stage/usr")
for unit in backup verify; do # by the prefix of the installation, not of the configuration; DESTDIR is only a stage
    ok "goodgo-$unit@.service starts the goodgo beside it" \
        grep -q "^ExecStart=\"$prefix/bin/goodgo\" --context %i $unit " "$prefix/lib/systemd/system/goodgo-$unit@.service"
    ok "goodgo-$unit@.service under DESTDIR starts /usr/bin/goodgo" \
        grep -q "^ExecStart=\"/usr/bin/goodgo\" --context %i $unit " "$work/stage/usr/lib/systemd/system/goodgo-$unit@.service"
done
ok 'no path of the build is left in the binary' bash -c "! readelf -d '$prefix/bin/goodgo' | grep -E 'RPATH|RUNPATH'"

export PATH=$prefix/bin:$PATH MANPATH=$prefix/share/man
ok 'goodgo runs' goodgo version
has '^goodgo [0-9]' || ok 'goodgo says its version' false
for name in goodgo goodgo-sandbox goodgo.env; do
    ok "man $name" man "$name"
    has '^NAME' && has "$name" || ok "man $name shows the page" false
done
ok 'man has nothing to say against them' bash -c "[ -z \"\$(man --warnings=w goodgo 2>&1 >/dev/null)\" ]"
ok 'the built-in themes are listed' goodgo themes
has '^colorblind$' || ok 'colorblind is listed' false

# A theme that an administrator puts beside them is everybody's.
sed 's/^title *=.*/title = #123456 default bold/' "$prefix/share/goodgo/themes/dark.theme" >"$prefix/share/goodgo/themes/site.theme"
ok 'a site theme is listed' goodgo themes
has '^site$' || ok 'the site theme is listed' false
ok 'a platform starts' goodgo-sandbox up --dir "$work/p" --services redis
ok 'and is seen' goodgo --env-file "$work/p/.env" check redis
goodgo --env-file "$work/p/.env" snapshot -o "$work/now.json"
ok 'a screen is drawn in the site theme' goodgo render redis --snapshot "$work/now.json" --theme site --format svg
has '#123456' || ok 'the colour of the site theme is used' false
ok 'what the sandbox does not have is off' bash -c "goodgo --env-file '$work/p/.env' status --json |
    jq -e '[.services[] | select(.name != \"redis\") | .status] | unique == [\"off\"]'"

ok 'bash finds the completion' bash --norc -c "source '$prefix/share/bash-completion/completions/goodgo' && complete -p goodgo"
ok 'zsh reads the completion' zsh -n "$prefix/share/zsh/vendor-completions/_goodgo"
ok 'fish reads the completion' fish --no-execute "$prefix/share/fish/vendor_completions.d/goodgo.fish"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
