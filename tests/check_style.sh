#!/usr/bin/env bash
# Formatting and the calls we never make. Prints each breach; exit 1 when there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0
mapfile -t files < <(find src include views tests -name '*.[ch]' | sort)
clang-format --dry-run -Werror "${files[@]}" || bad=1

banned='\b(strcpy|strcat|sprintf|vsprintf|strtok|gets|atoi|atol|atof|localtime|gmtime|ctime|asctime|system|popen|tmpnam|mktemp|alloca)\('
if grep -nE "$banned" "${files[@]}" | grep -vE '^\S+:\s*(/?\*|//)'; then
    echo 'a banned call (see docs/ARCHITECTURE.md, "House rules")'; bad=1
fi
# Memory is looked for in one place; the sandbox and the tests stand by themselves.
if grep -rnE '\b(malloc|calloc|realloc|strdup|strndup|v?asprintf)\(' --include='*.[ch]' src views |
    grep -vE '^src/(sandbox/|base/mem\.c)'; then
    echo 'memory without base/mem.h'; bad=1
fi
if grep -nE '\b(TODO|FIXME|XXX|HACK)\b' "${files[@]}"; then
    echo 'a debt is written down in an issue, not in the code'; bad=1
fi
for file in "${files[@]}"; do
    head -n 1 "$file" | grep -q '^/\*' || { echo "$file has no header comment"; bad=1; }
done
[ $bad -eq 0 ] && echo 'style: ok'
exit $bad
