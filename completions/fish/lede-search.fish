# lede-search in fish: options are those of --help, words those of the index.

function __lede_search_words
    set -l tokens (commandline -opc)
    set -l index
    for i in (seq 2 (math (count $tokens) - 1))
        contains -- $tokens[$i] -d --index; and set -a index -d (string replace -r '^~' $HOME -- $tokens[(math $i + 1)])
    end
    $tokens[1] $index --complete=(commandline -ct) 2>/dev/null
end

complete -c lede-search -f
complete -c lede-search -n 'contains -- -- (commandline -opc); or not string match -q -- "-*" (commandline -ct)' -a '(__lede_search_words)'
for line in (lede-search --help 2>/dev/null)
    set -l name (string match -r -g '^  (?:-., |    )--([a-z0-9-]+)' -- $line)
    or continue
    set -l letter (string match -r -g '^  -(.), ' -- $line)
    set -l value (string match -r -g '^.{6}--[a-z0-9-]+(?:\[=| )([A-Z]+)' -- $line)
    set -l more
    set -q letter[1]; and set -a more -s $letter
    switch "$value"
        case ''
        case DIR
            set -a more -x -a '(__fish_complete_directories)'
        case FILE QRELS RUN
            set -a more -r -F
        case FORMAT
            set -a more -x -a 'text json jsonl tsv trec'
        case ORDER
            set -a more -x -a 'relevance date -date'
        case UNIT
            set -a more -x -a 'year month day'
        case WHEN
            set -a more -x -a 'auto always never'
        case '*'
            string match -q '*[=*' -- $line; or set -a more -x
    end
    complete -c lede-search -l $name $more -d (string sub -s 24 -- $line)
end
