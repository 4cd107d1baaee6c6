# fish completion of goodgo. It asks goodgo itself, so it knows what the installed one knows.
function __goodgo_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete -- $words[2..] "$current" 2>/dev/null)
        switch $line
            case :file
                __fish_complete_path "$current"
            case :dir
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c goodgo -f -a '(__goodgo_complete)'
