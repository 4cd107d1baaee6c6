# tests/cli/cases.sh - sourced by scripts that call goodgo as a person would: one line a case, counted.
# shellcheck shell=bash
passed=0 failed=0

# run NAME EXIT-REGEX OUTPUT-REGEX COMMAND... - both streams together must match; standard input is empty
run() {
    local name=$1 exit=$2 regex=$3 out code
    shift 3
    out=$("$@" 2>&1 </dev/null)
    code=$?
    if [[ $code =~ ^($exit)$ ]] && grep -qE -- "$regex" <<<"$out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s: exit %s (expected %s), output should match /%s/:\n%s\n' \
            "$name" "$code" "$exit" "$regex" "$(head -n 8 <<<"$out")"
    fi
}

# never NAME TEXT COMMAND... - the output must not hold TEXT
never() {
    local name=$1 text=$2 out
    shift 2
    out=$("$@" 2>&1 </dev/null)
    if grep -qF -- "$text" <<<"$out"; then
        failed=$((failed + 1))
        printf 'FAILED %s: the output holds "%s"\n' "$name" "$text"
    else
        passed=$((passed + 1))
    fi
}

# report - the closing line; fails when a case did
report() {
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ]
}
