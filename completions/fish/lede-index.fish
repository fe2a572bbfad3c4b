# lede-index in fish: subcommands and options are those of --help.

function __lede_index_subcommand
    set -l names (lede-index --help 2>/dev/null | string match -r -g '^  ([a-z]+) ')
    for token in (commandline -opc)[2..]
        contains -- $token $names; and echo $token; and return 0
    end
    return 1
end

function __lede_index_options
    set -l subcommand (__lede_index_subcommand)
    lede-index $subcommand --help 2>/dev/null | sed '1,/^  -/{/^  -/!d}' |
        grep -oE '(^|[ ,;(])--?[a-zA-Z0-9][a-z0-9-]*' | tr -d ' ,;(' | sort -u
end

complete -c lede-index -n 'not __lede_index_subcommand >/dev/null' -f
for line in (lede-index --help 2>/dev/null)
    set -l found (string match -r '^  ([a-z]+) .*  +(.*)$' -- $line); or continue
    complete -c lede-index -n 'not __lede_index_subcommand >/dev/null' -a $found[2] -d $found[3]
end
complete -c lede-index -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__lede_index_options)'
complete -c lede-index -n 'contains -- (commandline -opc)[-1] -f --format' -x -a 'auto text jsonl html warc archive'
complete -c lede-index -n 'contains -- (commandline -opc)[-1] --progress' -x -a 'auto always never json'
complete -c lede-index -n 'contains -- (commandline -opc)[-1] -d --index --base' -x -a '(__fish_complete_directories)'
