#!/usr/bin/env bash
# Which folder may include what (docs/ARCHITECTURE.md, "Layers"). Prints each breach; exit 1 when there is one.
set -euo pipefail
cd "$(dirname "$0")/.."
bad=0

# only FOLDER PATTERN - every #include "layer/..." of FOLDER must match PATTERN (private headers have no slash)
only() {
    local hits
    hits=$(grep -rnE '^#include "[a-z]+/' --include='*.[ch]' "$1" | grep -vE "#include \"($2)" || true)
    [ -z "$hits" ] || { printf 'layer breach in %s (may include %s):\n%s\n' "$1" "$2" "$hits"; bad=1; }
}
# never FOLDER PATTERN [EXCEPT FILES] - no #include <PATTERN> outside the excepted files
never() {
    local hits
    hits=$(grep -rnE "^#include <($2)" --include='*.[ch]' "$1" | grep -vE "${3:-^\$}" || true)
    [ -z "$hits" ] || { printf 'foreign header in %s:\n%s\n' "$1" "$hits"; bad=1; }
}

clients='uv\.h|libpq-fe|postgres|hiredis|curl/|cjson/|openssl/|curses|ncurses|microhttpd|term\.h'
only src/base 'base/'
only src/wire 'base/|wire/'
only src/model 'base/|wire/json.h|model/'
only src/io 'base/|wire/|io/'
only src/probe 'base/|wire/|model/|codec/'
only src/act '(base|wire|model|codec|io|act)/'
only src/pay 'base/|wire/|model/|codec/'
only src/recon 'base/|wire/|model/|codec/'
only src/engine 'base/|wire/|model/|codec/|io/|engine/'
only src/ui 'base/|model/|ui/|views/|themes/'
only views 'base/|model/|ui/'
only src/term 'base/|ui/|term/'
only src/app '(act|base|wire|model|codec|io|engine|ui|term|app)/'
only include/base 'base/'
only include/wire 'base/|wire/'
only include/model 'base/|model/'
only include/codec 'base/|wire/|model/|codec/'
only include/act '(base|wire|model|codec|act)/'
only include/io 'base/|wire/|io/'
only include/ui 'base/|model/|ui/'

never src/base "$clients"
never src/wire "$clients" '^src/wire/(json|digest)\.c'
never src/model "$clients"
never src/probe "$clients|unistd|time\.h|sys/|fcntl|pthread"
never src/pay "$clients|unistd|time\.h|sys/|fcntl|pthread"
never src/recon "$clients|unistd|time\.h|sys/|fcntl|pthread"
never src/io "$clients" '^src/io/'
for client in 'libpq:pg' 'hiredis:redis' 'curl/:http'; do
    never src/io "${client%%:*}" "^src/io/${client##*:}"
done
never src/act "$clients"
never src/engine "$clients"
never src/ui "$clients"
never views "$clients|stdio|time\.h|unistd|sys/|pthread"
never src/term 'uv\.h|libpq|hiredis|curl/|cjson|openssl'
never src/app "$clients" '^src/app/cmd_version\.c'

# The sandbox and the console share no code: two sides of one contract.
if grep -rnE '^#include "(base|wire|model|codec|io|engine|ui|term|app)/' src/sandbox; then
    echo 'the sandbox includes a header of the console'; bad=1
fi
# A file that no registry names is dead.
for pair in 'src/probe include/model/probes.def PROBE registry|common|_lib$' \
    'src/pay src/pay/providers.def PROVIDER registry|verify|report|_lib$' 'views views/views.def VIEW _panel$' \
    'src/recon src/recon/layouts.def LAYOUT layouts|statement|encoding|record|header|figures|balance|match|category|report'; do
    set -- $pair
    for file in "$1"/*.c; do
        id=$(basename "$file" .c)
        [[ $id =~ $4 ]] || grep -q "^$3(${id}[,)]" "$2" || { echo "$file is not listed in $2"; bad=1; }
    done
done
[ $bad -eq 0 ] && echo 'layers: ok'
exit $bad
