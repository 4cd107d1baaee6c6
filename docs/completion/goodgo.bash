# bash completion of goodgo. It asks goodgo itself, so it knows what the installed one knows.
_goodgo() {
    local word help lines
    COMPREPLY=()
    lines=$("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
    case $lines in
    :file) compopt -o default ;;
    :dir) compopt -o dirnames ;;
    *)
        while IFS=$'\t' read -r word help; do
            [ -z "$word" ] || COMPREPLY+=("$word")
        done <<<"$lines"
        ;;
    esac
}
complete -F _goodgo goodgo
