#!/usr/bin/env bash
# completion.sh SANDBOX GOODGO - Tab in bash, zsh and fish, typed into real shells: commands, options, names, lists and files.
set -uo pipefail
goodgo=$(readlink -f "$2")
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
shell=none
tmux() { command tmux -S "$work/$shell.socket" -f /dev/null "$@" 2>/dev/null; }
trap 'tmux kill-server; rm -rf "$work"' EXIT
tree=$PWD passed=0 failed=0
mkdir -p "$work/bin" "$work/home/goodgo/contexts" "$work/in/reports"
ln -s "$goodgo" "$work/bin/goodgo"
touch "$work/home/goodgo/contexts/staging.env" "$work/in/report 1.json"
export PATH=$work/bin:$PATH XDG_CONFIG_HOME=$work/home HOME=$work TMPDIR=$work LC_ALL=C.UTF-8
verdict() { # NAME OK SHOWN
    if [ "$2" = yes ]; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        printf 'FAILED %s:\n%s\n' "$1" "$3"
    fi
}
screen() { tmux capture-pane -p -t shell; }
# shows REGEX - waits until the screen does
shows() {
    for _ in $(seq 600); do
        screen | grep -qE -- "$1" && return
        sleep 0.05
    done
    return 1
}
# tab NAME TYPED REGEX - the line typed and Tab pressed twice shows REGEX; then the line is cleared
tab() {
    tmux send-keys -t shell C-u C-l
    tmux send-keys -t shell -l "$2"
    tmux send-keys -t shell Tab Tab
    shows "$3" && verdict "$shell: $1" yes || verdict "$shell: $1 /$3/" no "$(screen | grep -v '^$')"
}
# begin SHELL COMMAND SETUP
begin() {
    tmux kill-server
    shell=$1
    (cd "$work/in" && tmux new-session -d -s shell -x 100 -y 40 "$2")
    tmux send-keys -t shell -l "$3 && echo rea''dy"
    tmux send-keys -t shell Enter
    shows '^ready' || { echo "FAILED $shell does not start: $(screen)"; echo '0 passed, 1 failed'; exit 1; }
}
same_in_both() {
    tab 'a command' 'goodgo ren' 'goodgo render'
    tab 'all commands' 'goodgo ' 'snapshot'
    tab 'an option' 'goodgo status --on' 'goodgo status --only'
    tab 'only options of the command' 'goodgo version --j' 'goodgo version --json'
    tab 'a value' 'goodgo render overview --format s' 'format svg'
    tab 'a value behind =' 'goodgo render overview --format=s' 'format=svg'
    tab 'a theme' 'goodgo --theme colorb' 'theme colorblind'
    tab 'a view' 'goodgo render typ' 'render typesense'
    tab 'a service' 'goodgo check ai' 'check ai-services'
    tab 'a list of services' 'goodgo status --only redis,mini' 'redis,minio'
    tab 'env check' 'goodgo env c' 'env check'
    tab 'a sub-command' 'goodgo payments ver' 'payments verify'
    tab 'an option of the sub-command alone' 'goodgo payments list --cs' 'list --csv'
    tab 'a context' 'goodgo --context st' 'context staging'
    tab 'a file beside a word' 'goodgo payments reconcile --gateway ' 'live.*report|report.*live'
    tab 'and that word' 'goodgo payments reconcile --gateway li' 'gateway live'
    tab 'a file, with its blank' 'goodgo --env-file report\ ' 'report\\ 1.json'
    tab 'a directory' 'goodgo --state-dir repo' 'state-dir reports/'
}

begin bash 'bash --norc --noprofile' "PS1='$ '; source '$tree/docs/completion/goodgo.bash'"
same_in_both
begin zsh 'zsh -f' "PS1='$ '; fpath=('$tree/docs/completion' \$fpath); autoload -U compinit; compinit -u -D"
same_in_both
tab 'the help beside a word' 'goodgo s' 'snapshot +-- all readings in one file'

# fish says what Tab would offer without a terminal.
offers() { # NAME LINE REGEX
    local got
    got=$(cd "$work/in" && fish --no-config -c "source '$tree/docs/completion/goodgo.fish'; complete -C '$2'" 2>&1)
    grep -qE -- "$3" <<<"$got" && verdict "fish: $1" yes || verdict "fish: $1 /$3/" no "$got"
}
offers 'a command with its help' 'goodgo ren' $'^render\tdraw one screen$'
offers 'an option with its help' 'goodgo status --on' $'^--only\tthese services'
offers 'a sub-command with its help' 'goodgo payments pro' $'^proposals\twhat somebody proposed'
offers 'a value' 'goodgo render overview --format s' '^svg'
offers 'a list of services' 'goodgo status --only redis,mini' '^redis,minio'
offers 'a context' 'goodgo --context st' '^staging'
offers 'a file beside a word' 'goodgo payments reconcile --gateway ' '^report 1.json'
offers 'and that word' 'goodgo payments reconcile --gateway ' '^live'
offers 'a file' 'goodgo --env-file repo' '^report 1.json'
offers 'a directory and no file' 'goodgo --state-dir repo' '^reports/'
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
