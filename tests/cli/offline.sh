#!/usr/bin/env bash
# offline.sh GOODGO - every sub-command as far as it goes without a platform: right, wrong, and with nothing there at all.
set -uo pipefail
goodgo=$(readlink -f "$1")
here=$(readlink -f "$(dirname "$0")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$here/cli/cases.sh"
unset NO_COLOR GOODGO_STATE_DIR
export HOME=$work XDG_CONFIG_HOME=$work/config XDG_STATE_HOME=$work/state LC_ALL=C.UTF-8
cd "$work" || exit 1
umask 077

# --- words about itself ---
run 'version' 0 'goodgo [0-9].*' "$goodgo" version
run 'version by option' 0 'libpq' "$goodgo" --version
run 'version as JSON' 0 '"schema": "goodgo.version/1"' "$goodgo" version --json
run 'errors' 0 '^\| `refused` \|' "$goodgo" errors
run 'help' 0 'Without a command, goodgo opens the screen' "$goodgo" --help
for command in status check alerts query snapshot render env errors themes keys version backup verify restore reindex \
    backups jobs audit payments cancel-session; do
    run "$command --help" 0 "^usage: goodgo $command" "$goodgo" "$command" --help
done
run 'unknown command' 2 'frobnicate: is not a command' "$goodgo" frobnicate
run 'unknown option' 2 'options --nonsense: is not an option' "$goodgo" status --nonsense
run 'unknown letter' 2 'options -x: is not an option' "$goodgo" -jx status
run 'option without a value' 2 'options --only: needs a value' "$goodgo" status --only
run 'timeout out of range' 2 'milliseconds from 10 to 600000' "$goodgo" --timeout 5 status
run 'full disk is said' 1 'No space left' bash -c "'$goodgo' errors >/dev/full"
run 'closed standard output is said' 1 'Bad file descriptor' bash -c "'$goodgo' errors >&-"
run 'without any stream it ends' 1 '^$' bash -c "'$goodgo' errors <&- >&- 2>&-"
run 'screen without a terminal' 2 'terminal' "$goodgo" --env-file /dev/null

# --- themes and keys ---
run 'themes' 0 '^colorblind$' "$goodgo" themes
run 'themes with a sample' 0 $'\033\\[' "$goodgo" themes --show
never 'nor in colour for who wants none' $'\033' env NO_COLOR=1 "$goodgo" themes --show
never 'nor in plain words' $'\033' "$goodgo" themes --show --plain
run 'the roles are named all the same' 0 'selection|critical' "$goodgo" themes --show --plain
run 'themes as JSON' 0 '"paper": "light"' "$goodgo" themes --json
run 'keys' 0 'filter' "$goodgo" keys
run 'keys as JSON' 0 '"schema": "goodgo.keys/1"' "$goodgo" keys --json
run 'keys as manual' 0 '^.It Sy' "$goodgo" keys --man
mkdir -p config/goodgo/themes
echo 'keys.sort-right = u F6' >config/goodgo/config
run 'keys are remapped' 0 '^u F6 ' "$goodgo" keys
printf '\nkeys.sort-right = j\n' >config/goodgo/config
run 'a taken key is refused' 2 "config:2: keys.sort-right: j is already the key of 'down'" "$goodgo" keys
echo 'keys.fly = j' >config/goodgo/config
run 'an unknown action is refused' 2 'config:1: keys.fly: there is no such action' "$goodgo" keys
printf 'keys.down = k Down\nkeys.up = j Up\n' >config/goodgo/config
run 'two actions may change places' 0 '^j Up +up ' "$goodgo" keys
run 'both of them' 0 '^k Down +down ' "$goodgo" keys
printf 'keys.down = x\nkeys.up = x\n' >config/goodgo/config
run 'one key of two actions is refused' 2 "config:2: keys.up: x is already the key of 'down'" "$goodgo" keys
printf '\nno such = 1\n' >config/goodgo/config
run 'a bad setting is named by file and line' 2 'config:2: there is no setting' "$goodgo" keys
rm config/goodgo/config && ln -s config config/goodgo/config
run 'one that cannot be read is not passed over' 2 'goodgo/config: Too many levels' "$goodgo" keys
rm config/goodgo/config && ln -s "$work/none" config/goodgo/config
run 'nor one that leads nowhere' 2 'goodgo/config: No such file' "$goodgo" keys
run 'a named config must be there' 2 'none.conf' "$goodgo" --config "$work/none.conf" keys
rm config/goodgo/config

run 'every setting with its value' 0 '^backup.warn_age_s +93600 ' "$goodgo" settings
run 'and without one' 0 '^poll.SERVICE.timeout_ms +- ' "$goodgo" settings
run 'settings as JSON' 0 '"goodgo.settings/1"' "$goodgo" settings --json
echo 'backup.warn_age_s = 500' >config/goodgo/config
run 'a setting of the file is shown' 0 '^backup.warn_age_s +500 ' "$goodgo" settings
rm config/goodgo/config

# One document is one document: nothing in front of it, and one line end behind it.
for words in 'settings' 'keys' 'themes' 'env names' 'version' 'payments kinds'; do
    # shellcheck disable=SC2086
    run "$words --json ends in one line end" 0 '^ 7d 0a$' bash -c "'$goodgo' --env-file /dev/null $words --json | tail -c 2 | od -An -tx1"
done

# --- the env file ---
sed 's/^DB_PASSWORD=.*/DB_PASSWORD=topsecret-value/' "$here/fuzz/corpus/env/example" >ok.env
run 'env check' 1 'CRITICAL|CR .*JWT_SECRET' "$goodgo" --env-file ok.env env check
run 'env check as JSON' 1 '"schema": "goodgo.env/1"' "$goodgo" --env-file ok.env env check --json
never 'env check never prints a secret' 'topsecret-value' "$goodgo" --env-file ok.env env check
never 'env check as JSON neither' 'topsecret-value' "$goodgo" --env-file ok.env env check --json
run 'env check of ./.env' 2 'there is no env file here' "$goodgo" env check
cp ok.env .env
run 'env check finds ./.env' 1 'DB_HOST' "$goodgo" env check
rm .env
ln -s "$work/none" .env
run 'an env file that leads nowhere is not passed over' 2 'file.read .env: No such file' "$goodgo" status
rm .env
run 'env check of a context' 2 'contexts/none.env' "$goodgo" --context none env check
home=$(getent passwd "$(id -u)" | cut -d : -f 6)
run 'without HOME the user has one all the same' 2 "${home%/}/.config/goodgo/contexts/none.env" env -u HOME -u XDG_CONFIG_HOME "$goodgo" --context none env check
mkdir -p config/goodgo/contexts && cp ok.env config/goodgo/contexts/dev.env
run 'a context is found' 1 'DB_HOST' "$goodgo" --context dev env check
run 'every name of the runbook' 0 '^  DB_PASSWORD +.*required' "$goodgo" env names
run 'and what a provider adds' 0 '^  GOODGO_CASSO_KEY +Casso' "$goodgo" env names
run 'the names as JSON' 0 '"goodgo.env-names/1"' "$goodgo" env names --json
run 'env wants check' 2 'say: goodgo env check' "$goodgo" env
run 'env wants only check' 2 'say: goodgo env check' "$goodgo" env show
printf 'A=1\nB="unclosed\n' >bad.env
run 'a bad env names file and line' 2 'bad.env:2: a quote is opened' "$goodgo" --env-file bad.env env check
for command in keys settings; do
    run "$command does not look at it" 0 'WHAT IT DOES' "$goodgo" --env-file bad.env $command
done
run 'a bad env stops the others too' 2 'bad.env:2' "$goodgo" --env-file bad.env status
cp ok.env config/goodgo/contexts/prod-eu.env
chmod 644 config/goodgo/contexts/prod-eu.env
run 'a context of production by its name alone is refused' 2 'chmod 600' "$goodgo" --context prod-eu status
run 'env check says so too' 2 '^CR  \(file\)' "$goodgo" --context prod-eu env check
echo 'GOODGO_CONTEXT=dev' >>config/goodgo/contexts/prod-eu.env
run 'a context that calls itself otherwise' 1 '^WA  GOODGO_CONTEXT +contradictory +dev  is not the name of its file, prod-eu' "$goodgo" --context prod-eu env check
# What is passed over in silence is believed to have been heard.
run 'a word too many' 2 "redis: is one word too many for goodgo status.*status --only SERVICE" "$goodgo" --env-file ok.env status redis
run 'a word too many of another' 2 "extra: is one word too many.*Try: .goodgo themes --help" "$goodgo" themes extra
run 'two platforms' 2 'env-file: and --context name two platforms' "$goodgo" --env-file ok.env --context dev env check
run "a context's own file is one" 1 'DB_HOST' "$goodgo" --env-file "$XDG_CONFIG_HOME/goodgo/contexts/dev.env" --context dev env check
ln -s config linked
run 'by whatever path' 1 'DB_HOST' env XDG_CONFIG_HOME="$work/linked" "$goodgo" --env-file config/goodgo/contexts/dev.env --context dev env check
run 'a slip of the finger' 2 'statsu: is not a command: did you mean status. Try: .goodgo --help' "$goodgo" statsu
run 'half of a command is another word' 2 'labs: is not a command. Try: .goodgo --help' "$goodgo" labs
run 'a command that is none, with an option' 2 'labs: is not a command. Try' "$goodgo" labs --level error
run 'nothing like a command' 2 'nonsense: is not a command. Try: .goodgo --help' "$goodgo" nonsense
run 'wrong use is not answered with the env file' 2 'Try: .goodgo status --help' "$goodgo" status --foo
run 'nor that of a sub-command with all commands' 2 'Try: .goodgo jobs show --help' "$goodgo" jobs show a b
run 'an option that is of no command' 2 'Try: .goodgo COMMAND --help' "$goodgo" --foo
run 'no env file' 2 'none.env: No such file' "$goodgo" --env-file none.env status
run 'a directory is no env file' 2 'Is a directory' "$goodgo" --env-file . status
printf 'A=1\nGOODGO_API_URL=127.0.0.1:3001\n' >address.env
run 'a refused setting is named with its line' 2 'address.env: line 2, GOODGO_API_URL: should begin' "$goodgo" --env-file address.env status
run 'env check says what the others refuse' 1 '^CR  GOODGO_API_URL .*should begin.*\(line 2\)' "$goodgo" --env-file address.env env check
run 'a bad line is not answered with env check itself' 2 'Try: correct that line' "$goodgo" --env-file bad.env env check
run 'without an env file it is said what is asked' '[0-3]' 'warning: no .env here, so localhost' "$goodgo" check redis
run 'so it is of a screen that is drawn' 0 'warning: no .env here, so localhost' "$goodgo" render redis --timeout 500
never 'and not where nothing is asked' 'no .env here' "$goodgo" themes
printf 'GOODGO_LOKI_URL=http://me:topsecret@h\n' >leak.env
run 'a secret in an address is refused' 2 'no user, no password' "$goodgo" --env-file leak.env status
never 'and not repeated' topsecret "$goodgo" --env-file leak.env status
printf 'NODE_ENV=production\nGOODGO_SANDBOX=x\n' >prod.env
chmod 644 prod.env
run 'readable secrets are refused in production' 2 'chmod 600 prod.env' "$goodgo" --env-file prod.env status
run 'env check tells the same' 2 '\(file\)' "$goodgo" --env-file prod.env env check
cp prod.env open.env && sed -i 's/production/development/' open.env && chmod 644 open.env
run 'elsewhere they are a warning' 3 'warning: others may read' "$goodgo" --env-file open.env status
run 'an env file may come through a pipe' 3 'api' bash -c "'$goodgo' --env-file <(sleep 0.1; echo GOODGO_SANDBOX=x) status"

# --- a platform of which nothing answers ---
cat >dead.env <<'EOF'
GOODGO_SANDBOX=x
GOODGO_API_URL=http://127.0.0.1:1
GOODGO_PROMETHEUS_URL=http://127.0.0.1:1
REDIS_HOST=127.0.0.1
REDIS_PORT=1
DB_HOST=127.0.0.1
DB_PORT=1
BACKUP_DIR=/nonexistent
EOF
g=("$goodgo" --env-file dead.env --timeout 2000)
run 'status of the dead' 2 '^CR +redis' "${g[@]}" status
run 'libpq finds nothing in the environment' 1 '127.0.0.1:1/goodgo: Connection refused' env PGSERVICE=none PGHOSTADDR=192.0.2.1 "${g[@]}" payments list
run 'status as JSON' 2 '"overall": *"critical"' "${g[@]}" status --json
run 'status in plain words' 2 'redis' "${g[@]}" status --plain
run 'status of some' 2 'api' "${g[@]}" status --only api,redis
run 'status of nobody' 2 'nosuch: is not a service' "${g[@]}" status --only nosuch
run 'status takes the word that check takes' 2 '^dev: critical  1 critical' "${g[@]}" status --only backup
run 'advice names the command' 2 'at most 24h. Try: .goodgo snapshot --help' "${g[@]}" snapshot --for 5x
run 'of a sub-command too' 2 'is no class: paid_not_credited,.*Try: .goodgo payments list --help' "${g[@]}" payments list --class x
run 'an expression without quotes' 2 'Try: put the whole expression into quotes' "${g[@]}" query up + 1
run 'a key that is none has its own advice' 2 'Try: .goodgo keys. lists' "${g[@]}" render overview --keys foo
for empty in 'verify' 'backups' 'payments show' 'payments ask' 'query'; do
    # shellcheck disable=SC2086
    run "$empty of an empty word" 2 "options $empty: was given an empty word for" "${g[@]}" $empty ''
done
run 'what is no archive is no wrong port' 2 'not an archive of pg_dump.*Try: .goodgo backups. lists' "${g[@]}" verify --quick "$work/dead.env"
run 'status of nothing' 2 'options --only: needs a value, and was given an empty one' "${g[@]}" status --only ''
run 'check of one' 2 '^redis CRITICAL: ' "${g[@]}" check redis
run 'check of one that is off' 3 '^loki UNKNOWN: ' "${g[@]}" check loki
run 'check of all' 2 '^goodgo CRITICAL: .*\| ok=0' "${g[@]}" check all
run 'check of nobody' 3 'name one service' "${g[@]}" check
# Monitoring reads standard output and the exit code: what is wrong with the check itself is no platform that is down.
unknown() { # NAME REASON ARGUMENTS...
    local name=$1 reason=$2
    shift 2
    run "$name is UNKNOWN to monitoring" 3 "^goodgo UNKNOWN: .*$reason" bash -c '"$@" 2>/dev/null' - "$goodgo" "$@"
}
unknown 'no service' 'name one service' --env-file dead.env check
unknown 'no such service' 'nosuch: name one service' --env-file dead.env check nosuch
unknown 'no such file' 'none.env: No such file' --env-file none.env check redis
unknown 'a broken file' 'bad.env:2: a quote' --env-file bad.env check redis
unknown 'a refused file' 'chmod 600 prod.env' --env-file prod.env check redis
unknown 'a missing config' 'none.conf' --config none.conf check redis
unknown 'a wrong option' 'is not an option' check redis --nonsense
unknown 'an option without a value' 'needs a value' check redis --timeout
unknown 'an option of another command' 'does not take it' check redis --json
unknown 'a word too many' 'one word too many' check redis api
unknown 'a bar in the reason' 'a/b.env' --env-file 'a|b.env' check redis
run 'alerts' '1|2' 'prometheus|http' "${g[@]}" alerts
run 'alerts as JSON' '1|2' '.' "${g[@]}" alerts --json
run 'query' 2 'http.connect' "${g[@]}" query up
run 'query without an expression' 2 'a preset: p99' "${g[@]}" query
run 'query with a bad range' 2 'at most 90d' "${g[@]}" query up --range 1y
chmod 600 prod.env
run 'query without Prometheus' 2 'set GOODGO_PROMETHEUS_URL' "$goodgo" --env-file prod.env query up
run 'snapshot to standard output' 0 '"schema": "goodgo.snapshot/1"' "${g[@]}" snapshot
run 'snapshot to a file' 0 '^$' "${g[@]}" snapshot -o now.json
run 'snapshot to nowhere' 1 'No such file' "${g[@]}" snapshot -o none/now.json
run 'snapshot to a device' 0 '^$' "${g[@]}" snapshot -o /dev/null
run 'snapshot to a full one' 1 'No space left' "${g[@]}" snapshot -o /dev/full

# --- acts, jobs and the trail, before anything was done ---
mkdir backups
: >backups/goodgo_20260410_020000.sql.gz
echo "-- PostgreSQL database dump" >backups/goodgo_20260412_020000.sql.gz
printf 'PGDMP\1\16\0\4\10\1xxxx' >backups/goodgo_20260413_020000.sql.gz
printf 'BACKUP_DIR=%s/backups\nGOODGO_SANDBOX=x\n' "$work" >acts.env
a=("$goodgo" --env-file acts.env)
run 'no jobs' 0 'no jobs yet' "${a[@]}" jobs
run 'no jobs as JSON' 0 '"jobs": \[\]' "${a[@]}" jobs --json
for verb in show attach cancel; do
    run "jobs $verb of none" '1|2' 'x: is no job here' "${a[@]}" jobs "$verb" x
done
run 'jobs of another directory' 2 'is no job here' "${a[@]}" jobs show ../../etc
run 'without any job it says what makes one' 2 'no job was made here yet. Try: `goodgo backup` makes one' "${a[@]}" jobs show
run 'jobs cancel of none' 2 'is no job here' "${a[@]}" jobs cancel nowhere
run 'a state directory that is none' 2 'Not a directory' "$goodgo" --state-dir /dev/null jobs
run 'nor one for the trail' 2 'Not a directory' "$goodgo" --state-dir /dev/null audit
run 'which is not whole because nothing can be read' 2 'Not a directory' "$goodgo" --state-dir /dev/null audit verify
run 'jobs cancel wants an id' 2 'jobs cancel: needs JOB' "${a[@]}" jobs cancel
run 'jobs of no such verb' 2 'frob: is none of its sub-commands: list, show' "${a[@]}" jobs frob
run 'job-run of nothing' 2 'one planned job' "${a[@]}" job-run
run 'job-run of no job' 2 'is no job here' "${a[@]}" job-run x
mkdir -p state/goodgo/jobs/20260101-000000-backup-aaaa
echo '{"broken' >state/goodgo/jobs/20260101-000000-backup-aaaa/plan.json
run 'a broken job is listed' 0 '^unknown +20260101-000000-backup-aaaa' "${a[@]}" jobs
run 'and as JSON' 0 '"state": "unknown"' "${a[@]}" jobs --json
rm -r state/goodgo/jobs
# A runner that died between the two writes of its end: the trail has the outcome, the job's own events do not.
job=20260101-000000-backup-bbbb
mkdir -p state/goodgo/jobs/$job
cat >state/goodgo/jobs/$job/plan.json <<'EOF'
{"schema":"goodgo.plan/1","id":"cbdad2a493e8bc82","action":"pgbouncer-control","context":"dev","target":"pgbouncer goodgo","tier":2,
"count":1,"confirm":"dev 1","arguments":{"command":"RELOAD"},"facts":{"pooler":"127.0.0.1:20855","command":"RELOAD"},"changes":[],
"commands":[],"warnings":[]}
EOF
printf '{"t":1767225600000,"state":"planned","who":"minh @bastion"}\n{"t":1767225601000,"state":"running","pid":2}\n' >state/goodgo/jobs/$job/events.jsonl
run 'a job whose runner died is unknown' 0 "^unknown +$job" "${a[@]}" jobs
printf '{"seq":1,"time":"2026-01-01T00:01:00Z","event":"result","action":"pgbouncer-control","job":"%s","outcome":"done","details":{}}\n' $job >state/goodgo/audit.jsonl
run 'where the trail has its outcome, that is it' 0 "^done +$job" "${a[@]}" jobs
run 'and its runner died all the same' 0 '^why +the audit trail has this outcome; its runner died' "${a[@]}" jobs show $job
run 'programs are told both' 0 '"state": "done".*"exitCode": 0.*"runnerDied": true' bash -c "'$goodgo' --env-file acts.env jobs show $job --json | tr '\n' ' '"
run 'who attaches to it gets its exit code' 0 '^ended +2026-01-01T00:01:00Z' "${a[@]}" jobs attach $job
run 'the Jobs screen says so' 0 'done +pgboun.*the audit trail has' "${a[@]}" render jobs --size 200x30
rm -r state/goodgo/jobs state/goodgo/audit.jsonl
run 'nothing in the trail' 0 'nothing was done yet' "${a[@]}" audit
run 'nothing in the trail as JSON' 0 '"records": \[\]' "${a[@]}" audit --json
run 'an absent trail is whole' 0 'whole: 0 records' "${a[@]}" audit verify
run 'an absent trail as JSON' 0 '"ok": true' "${a[@]}" audit verify --json
run 'audit of no such verb' 2 'frob: is none of its sub-commands: list, verify' "${a[@]}" audit frob
mkdir -p state/goodgo
echo '{"seq":1,"event":"intent"}' >state/goodgo/audit.jsonl
run 'a forged trail is broken' 2 'BROKEN after 0 good records' "${a[@]}" audit verify
run 'a forged trail as JSON' 2 '"ok": false' "${a[@]}" audit verify --json
rm state/goodgo/audit.jsonl
run 'backups' 0 '^F +goodgo_20260412_020000.sql.gz' "${a[@]}" backups
run 'an empty backup' 0 '^F +goodgo_20260410.* empty' "${a[@]}" backups
run 'backups as JSON' 0 '"grade": "C"' "${a[@]}" backups --json
run 'backups of no directory' 2 'none: No such file' "${a[@]}" backups none
run 'backups of an empty one' 0 'no backups in state' "${a[@]}" backups state
run 'backups without a directory' 2 'BACKUP_DIR: is not set' "$goodgo" --env-file prod.env backups
run 'verify --quick without a manifest' 2 'has no manifest' "${a[@]}" verify --quick
run 'verify --quick of SQL' 2 'archive.head' "${a[@]}" verify --quick goodgo_20260412_020000.sql.gz
run 'verify --quick of nothing' 2 'No such file' "${a[@]}" verify --quick none
mkdir large && printf 'PGDMP\1\16\0\4\10\1xxxx' >large/goodgo_20260413_020000.sql.gz && truncate -s 20G large/goodgo_20260413_020000.sql.gz
printf 'BACKUP_DIR=%s/large\nGOODGO_SANDBOX=x\n' "$work" >large.env
run 'perfdata of large figures is digits' 2 ' newest_bytes=21474836480B ' "$goodgo" --env-file large.env check backup
never 'and never an exponent' 'e+' "$goodgo" --env-file large.env check backup
for act in backup restore verify reindex; do
    run "$act without its server" 2 "^goodgo: ($act|search)" "${a[@]}" "$act" --dry-run
    run "$act of an unknown option" 2 '\-\-nope: is not an option' "${a[@]}" "$act" --nope
done
run 'an option of another act' 2 '\-\-batch: is not an option' "${a[@]}" backup --batch 5
run 'an option of an act without its value' 2 '\-\-batch: needs a value' "${a[@]}" reindex --batch
run 'a word too many' 2 'is one word too many' "${a[@]}" restore a b c
run 'an argument that is no text' 2 'no UTF-8' "${a[@]}" backup --dir $'/tmp/\xff'

# --- a payment's message ---
printf 'VNPAY_TMN_CODE=GOODGO01\nVNPAY_HASH_SECRET=topsecret-value-of-thirty-two-ch\n' >pay.env
echo 'vnp_Amount=1000000&vnp_SecureHash=00' >ipn.txt
pay=("$goodgo" --env-file pay.env payments)
run 'payments kinds' 0 '^vnpay +ipn' "${pay[@]}" kinds
run 'payments kinds as JSON' 0 '"schema": "goodgo.payments.kinds/1"' "${pay[@]}" kinds --json
run 'payments of nothing' 2 'payments: wants one of list, show' "${pay[@]}"
run 'payments of no such verb' 2 'frob: is none of its sub-commands: list, show' "${pay[@]}" frob
run 'payments show of nothing' 2 'payments show: needs KEY' "${pay[@]}" show
run 'an option of another sub-command' 2 '--class: goodgo payments kinds does not take it' "${pay[@]}" kinds --class stuck
run 'a sub-command has a page of its own' 0 '^reads:  nothing' "${pay[@]}" kinds --help
run 'payments verify wants a file' 2 'needs the ID of a payment, or --provider' "${pay[@]}" verify --provider vnpay
run 'payments of no provider' 2 'nobody: is no payment provider; there are vnpay' \
    "${pay[@]}" verify --provider nobody --raw ipn.txt
run 'payments of no day' 2 'is no day like 2026-10-09. Try: `goodgo payments list --help`' "${pay[@]}" list --day 2026-02-30
run 'payments of no kind' 2 'is no kind of VNPay; it has .*auto. Try: goodgo payments kinds' \
    "${pay[@]}" verify --provider vnpay --kind nosuch --raw ipn.txt
run 'MoMo has kinds of one name each' 0 '^[0-9]+$' bash -c '"$@" kinds --json | jq -e ".kinds | length == (map([.provider, .kind]) | unique | length)" && echo 1' - "${pay[@]}"
run 'payments of no time' 2 'is a day' "${pay[@]}" verify --provider vnpay --raw ipn.txt --received now
run 'payments of no file' 2 'No such file' "${pay[@]}" verify --provider vnpay --raw none
run 'a forged message' 1 '.' "${pay[@]}" verify --provider vnpay --raw ipn.txt
run 'a forged message as JSON' 1 '"valid": false' "${pay[@]}" verify --provider vnpay --raw ipn.txt --json
run 'a message through a pipe' 1 '"valid": false' \
    bash -c "cat ipn.txt | '$goodgo' --env-file pay.env payments verify --provider vnpay --raw - --json"
never 'and its secret' topsecret "${pay[@]}" verify --provider vnpay --raw ipn.txt --json

# --- drawing ---
views=$("$goodgo" render --help | sed -n '/^VIEW:/,/^$/p' | sed 1d)
for file in now.json "$here/fuzz/corpus/snapshot/rich" "$here/fuzz/corpus/snapshot/empty"; do
    for view in $views; do
        run "render $view of ${file##*/}" 0 '.' "$goodgo" render "$view" --snapshot "$file" --size 120x40
    done
done
draw=("$goodgo" render overview --snapshot now.json)
run 'render has the size asked for' 0 '^24$' bash -c "'$goodgo' render overview --snapshot now.json --size 80x24 | wc -l"
run 'render svg' 0 '</svg>' "${draw[@]}" --format svg
run 'render ansi' 0 $'\033\\[0' "${draw[@]}" --format ansi
run 'render in ASCII' 0 '^[ -~]+$' "${draw[@]}" --ascii
run 'a locale without UTF-8 has ASCII shapes' 1 '^0$' bash -c "LC_ALL=C '$goodgo' render overview --snapshot now.json | LC_ALL=C grep -c '[^ -~]'"
run 'a picture is the same in any' 0 '^$' bash -c "cmp <(LC_ALL=C '$goodgo' render redis --snapshot '$here/fuzz/corpus/snapshot/rich' --format svg) <('$goodgo' render redis --snapshot '$here/fuzz/corpus/snapshot/rich' --format svg)"
run 'render presses keys' 0 'filter|redis' "${draw[@]}" --keys '/ r e d Enter'
run 'render from a pipe' 0 'redis' bash -c "cat now.json | '$goodgo' render overview --snapshot - 2>&1"
run 'render with a theme' 0 $'\033\\[' "${draw[@]}" --format ansi --theme light
run 'render without colour' 0 '.' env NO_COLOR=1 "${draw[@]}" --format ansi
run 'render with an unknown theme' 2 'no such theme' "${draw[@]}" --theme none
run 'render with a path as theme' 2 'no such theme' "${draw[@]}" --theme ../x
printf '\ntheme = none\n' >config/goodgo/config
run 'an unknown theme of the settings is named by file and line' 2 'config:2: theme: none: there is no such theme' "${draw[@]}"
run 'and one that is given counts' 0 '.' "${draw[@]}" --theme light
rm config/goodgo/config
sed 's/^paper.*/paper = light/' "$here/../themes/light.theme" >config/goodgo/themes/mine.theme
run 'render with a theme of my own' 0 '<svg' "${draw[@]}" --theme mine --format svg
sed 's/^title *=.*/title = #123456 default bold/' "$here/../themes/dark.theme" >config/goodgo/themes/dark.theme
run 'a theme of my own wins over a built-in one' 0 '#123456' "${draw[@]}" --format svg
rm config/goodgo/themes/dark.theme
never 'without it that one is back' '#123456' "${draw[@]}" --format svg
mkfifo config/goodgo/themes/fifo.theme
run 'a FIFO is no theme, and not waited for' 0 '^fifo  nothing came to read' timeout 9 "$goodgo" themes
rm config/goodgo/themes/fifo.theme
echo nonsense >config/goodgo/themes/bad.theme
run 'render with a broken theme' 2 'bad.theme:1' "${draw[@]}" --theme bad
run 'render of no screen' 2 'nosuch: is no screen' "$goodgo" render nosuch
run 'render of none' 2 'name one screen' "$goodgo" render
for size in 80by24 0x5 80x 1001x5 x5 99999999999999999x5; do
    run "render of size $size" 2 'a size is columns x rows' "${draw[@]}" --size "$size"
done
run 'render of an unknown format' 2 'text, ansi or svg' "${draw[@]}" --format png
run 'render of an unknown key' 2 'is not the name of a key' "${draw[@]}" --keys 'Hyper-x'
run 'render of no file' 2 'none.json: No such file' "$goodgo" render overview --snapshot none.json
head -c 500 now.json >cut.json
run 'render of half a snapshot' 2 'render cut.json: is no whole snapshot: not JSON at byte.*Try: .goodgo snapshot' "$goodgo" render overview --snapshot cut.json
echo '{"schema":"goodgo.snapshot/1","sections":[{"service":7}]}' >odd.json
run 'render of an odd snapshot' 2 'sections\[0\].service' "$goodgo" render overview --snapshot odd.json
run 'without descriptors it says so' 134 'goodgo: out of descriptors: raise .ulimit -n' \
    bash -c "ulimit -n 7; exec '$goodgo' --env-file ok.env --timeout 100 status"
run 'render to a full disk' 1 'No space left' bash -c "'$goodgo' render overview --snapshot now.json >/dev/full"
run 'render into a file that may not grow' 1 'File too large' \
    bash -c "ulimit -f 1; exec '$goodgo' render overview --snapshot now.json --format svg >large.svg"
report
