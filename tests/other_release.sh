#!/usr/bin/env bash
# other_release.sh ROOT SANDBOX GOODGO [SCRIPT...] - end-to-end scripts against the servers of another Debian release, which
# are installed in ROOT; the console, and the clients that the scripts ask beside it, are this machine's. As root, with
# patchelf. Where ROOT comes from:
#   debootstrap --variant=minbase trixie ROOT http://deb.debian.org/debian
#   chroot ROOT apt-get install -y --no-install-recommends postgresql postgis pgbouncer redis-server prometheus \
#       prometheus-alertmanager    # and postgresql-NN-postgis-3; with a policy-rc.d that exits 101
set -euo pipefail
[ "${4:-}" ] || set -- "$@" status faults wrong scenarios rights large commands
[ "${OTHER_RELEASE:-}" ] || OTHER_RELEASE=mounts exec unshare --mount bash "$0" "$@"
root=$(readlink -f "$1") sandbox=$(readlink -f "$2") goodgo=$(readlink -f "$3")
scripts=("${@:4}")
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work" "$root/goodgo-sandbox"' EXIT

# These mounts are gone with this process: what the sandbox writes lies in /tmp on both sides.
mkdir -p "$root/proc" "$root/dev" "$root/tmp"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount --bind /tmp "$root/tmp"

# The sandbox goes in with its own libraries; the servers that it starts have those of ROOT.
rm -rf "$root/goodgo-sandbox"
mkdir "$root/goodgo-sandbox"
loader=$(patchelf --print-interpreter "$sandbox")
ldd "$sandbox" | awk '/=> \// { print $3 }' | xargs cp -Lt "$root/goodgo-sandbox" "$loader"
cp "$sandbox" "$root/goodgo-sandbox/goodgo-sandbox"
patchelf --set-interpreter "/goodgo-sandbox/${loader##*/}" --force-rpath --set-rpath /goodgo-sandbox "$root/goodgo-sandbox/goodgo-sandbox"
printf '#!/bin/sh\nexec chroot "%s" /goodgo-sandbox/goodgo-sandbox "$@"\n' "$root" >"$work/goodgo-sandbox"
chmod 755 "$work" "$work/goodgo-sandbox"

failed=0
for script in "${scripts[@]}"; do
    printf '== %s\n' "$script"
    bash "$here/e2e/$script.sh" "$work/goodgo-sandbox" "$goodgo" || failed=1
done
exit $failed
