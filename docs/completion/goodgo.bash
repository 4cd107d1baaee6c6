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
            case $word in
            '') ;;
            :file) # beside words
                compopt -o filenames
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
                ;;
            *) COMPREPLY+=("$word") ;;
            esac
        done <<<"$lines"
        ;;
    esac
}
complete -F _goodgo goodgo
