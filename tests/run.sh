#!/usr/bin/env bash
# Everything `./dev test` proves, in the order of what fails fastest. Ends with the runner's closing lines and one line
# `N passed, N failed` over all parts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit
export LC_ALL=C.UTF-8
# What picks points at random picks the same ones each time: a run that passes passes again. `./dev fuzz` picks others.
export SEED=1
jobs=$(nproc) passed=0 failed=0 failures=()
# Whether the platforms' data may lie in memory: room for eight of them there, and programs may run from it.
in_memory() {
    local program=/dev/shm/goodgo-true.$$ kib status=1
    kib=$(df --output=avail -k /dev/shm | tail -n 1)
    if [ "${kib:-0}" -ge 6000000 ] && [ "$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)" -ge 8000000 ]; then
        cp /bin/true $program && $program && status=0
        rm -f $program
    fi
    return $status
} 2>/dev/null
# A quarter of the processor time of a platform, and more of its waiting, is the disk's.
! in_memory || export TMPDIR=/dev/shm
logs=$(mktemp -d)
declare -A behind_pid behind_start
trap 'kill "${behind_pid[@]}" 2>/dev/null; rm -rf "$logs"' EXIT

# tell NAME STATUS SECONDS LOG - one part's result: its output when it failed, its last line when it passed
tell() {
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
        printf -- '-- %-28s ok      %4ds  %s\n' "$1" "$3" "$(grep -v '^\s*$' "$4" | tail -n 1 | cut -c1-80)"
    else
        failed=$((failed + 1)) failures+=("$1")
        printf -- '-- %-28s FAILED  %4ds\n' "$1" "$3"
        [ "$2" != 124 ] || echo "its time was over" >>"$4"
        tail -n 120 "$4" | sed 's/^/   | /'
    fi
}
# bounded COMMAND... - what hangs is ended, with all it started, and says so
bounded() { timeout -k 15 2700 bash -c '"$@"' bounded "$@"; }
# part NAME COMMAND... - one part of the whole
part() {
    local name=$1 start=$SECONDS log=$logs/part.$((passed + failed)) status=0
    shift
    bounded "$@" >"$log" 2>&1 </dev/null || status=$?
    tell "$name" $status $((SECONDS - start)) "$log"
}
# platform_parts SCRIPT... - scripts that each start platforms of their own and mostly wait: two at a time
platform_parts() {
    local script name
    printf '%s\0' "$@" | xargs -0 -P 2 -I{} bash -c 'start=$SECONDS log=$1/$(basename "$2" .sh)
        bounded bash "$2" build/goodgo-sandbox build/goodgo >"$log.log" 2>&1 </dev/null
        echo $? $((SECONDS - start)) >"$log.result"' part "$logs" {}
    for script in "$@"; do
        name=$(basename "$script" .sh)
        # shellcheck disable=SC2046
        tell "$name" $(cat "$logs/$name.result" 2>/dev/null || echo 1 0) "$logs/$name.log"
    done
}
# behind NAME COMMAND... - starts a part that only computes: it takes what the others leave of the cores, and gives way at once.
# It begins as early as it can: whatever waits for a clock or a server leaves something.
behind() {
    local name=$1
    shift
    behind_start[$name]=$SECONDS
    setsid chrt -i 0 timeout -k 15 7200 bash -c 'weak "$@"' weak "$@" >"$logs/behind.$name" 2>&1 </dev/null &
    behind_pid[$name]=$!
}
# The kernel may share the cores out among sessions before it looks at classes (autogroups), and every platform is a session.
weak() {
    { echo 19 >/proc/self/autogroup; } 2>/dev/null
    "$@"
}
# Once it is waited for it computes like others: a machine that is never idle would leave it nothing.
lift() { # NAME
    local pid
    for _ in 1 2; do # what was started meanwhile
        for pid in $(pgrep -s "${behind_pid[$1]}"); do chrt -a -o -p 0 "$pid"; done
    done
    echo 0 >"/proc/${behind_pid[$1]}/autogroup"
} 2>/dev/null
behind_part() { # NAME - waits for it; its time is up to the last thing that it said
    local log=$logs/behind.$1 status=0
    lift "$1"
    wait "${behind_pid[$1]}" || status=$?
    unset "behind_pid[$1]"
    tell "$1" $status $(($(stat -c %Y "$log") - $(date +%s) + SECONDS - behind_start[$1])) "$log"
}
build() { cmake -S . -B "$1" -G Ninja "${@:2}" && cmake --build "$1" -j "$jobs"; }
tests_of() { ctest --test-dir "$1" --output-on-failure -j "$jobs" "${@:2}"; }
export -f bounded weak build tests_of
export jobs

coverage='build gcc for coverage' fuzz='fuzz, 20 s each'
behind "$coverage" build build-cov -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=gcc -DGOODGO_COVERAGE=ON
part 'format and bans' tests/check_style.sh
part 'layers' tests/check_layers.sh
part 'build gcc' build build -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_C_COMPILER=gcc
part 'build clang asan ubsan fuzz' build build-clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_COMPILER=clang \
    -DGOODGO_SANITIZE=address,undefined -DGOODGO_FUZZ=ON
behind "$fuzz" tests/fuzz.sh build-clang 20
part 'tests clang asan ubsan' tests_of build-clang
part 'one file and one line' tests/one_file_one_line.sh
platform_parts tests/torture/*.sh tests/sandbox/*.sh tests/e2e/*.sh
behind_part "$coverage"
part 'tests gcc, line coverage' tests/coverage.sh
behind_part "$fuzz"

echo
ctest --test-dir build -N | tail -n 1
[ $failed -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ $failed -eq 0 ]
