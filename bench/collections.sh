#!/bin/sh
# bench/collections.sh BUILD [NAME...] -- how well lede ranks: nDCG@10 and MAP on test collections.
#
# Each $LEDE_DATA/ir/NAME (all of them if none is named) holds corpus.jsonl.gz, queries.tsv and
# qrels.txt. It is indexed twice, as lede does by default and without the 33 words of
# bench/stopwords.txt (Lucene's list), and printed beside what BM25 gives elsewhere (k1 1.2, b 0.75,
# Snowball English, those 33 words dropped). The second row is the one to compare. Exit status 1 if
# it falls short of the published nDCG@10 by more than 0.015, which analysis alone does not explain.
#
# LEDE_RUNS=DIR keeps the runs, in TREC's format, as DIR/NAME.run and DIR/NAME.stopped.run.
set -eu
build=${1:?usage: bench/collections.sh BUILD [NAME...]}
shift
data=${LEDE_DATA:?set LEDE_DATA to the directory that holds ir/}/ir
here=$(dirname "$0")
work=$(mktemp -d -p "$build")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
runs=${LEDE_RUNS:-$work}
mkdir -p "$runs"

# nDCG@10 and MAP, computed independently.
published() {
    case $1 in
    adi) echo 0.486 0.417 ;;
    cisi) echo 0.383 0.216 ;;
    cranfield) echo 0.424 0.410 ;;
    med) echo 0.692 0.529 ;;
    npl) echo 0.434 0.287 ;;
    scifact) echo 0.687 0.646 ;;
    *) echo - - ;;
    esac
}

# Runs a lede command; 1 is no failure: an article without words was skipped, a query found nothing.
lede() {
    "$build/$@" || [ $? = 1 ]
}

# rank NAME RUN [OPTION...]: indexes the collection with these options and writes its run.
rank() {
    name=$1 run=$2
    shift 2
    rm -rf "$work/index"
    lede lede-index add -q -d "$work/index" -f jsonl "$@" "$data/$name/corpus.jsonl.gz"
    lede lede-search -d "$work/index" --topics "$data/$name/queries.tsv" \
        --format trec -n 1000 --run-id lede >"$run"
}

# row LABEL NAME RUN: one line of the table.
row() {
    python3 "$here/evaluate.py" "$data/$2/qrels.txt" "$3" >"$work/figures"
    awk -v label="$1" -v name="$2" '
        { value[$1] = $NF }
        END {
            printf "%-11s %-22s %8s %8s %8s %8s %8s %8s\n", name, label, value["ndcg_cut_10"], value["map"],
                value["recip_rank"], value["P_10"], value["recall_100"], value["recall_1000"]
        }' "$work/figures"
}

[ $# -gt 0 ] || set -- $(cd "$data" && ls)
short=
printf '%-11s %-22s %8s %8s %8s %8s %8s %8s\n' collection analysis nDCG@10 MAP MRR P@10 R@100 R@1000
for name; do
    rank "$name" "$runs/$name.run"
    rank "$name" "$runs/$name.stopped.run" --stopwords "$here/stopwords.txt"
    row 'every word' "$name" "$runs/$name.run"
    row '33 words dropped' "$name" "$runs/$name.stopped.run"
    figures=$(published "$name")
    printf '%-11s %-22s %8s %8s\n' "$name" 'published, 33 dropped' "${figures% *}" "${figures#* }"
    awk -v want="${figures% *}" '$1 == "ndcg_cut_10" && want != "-" && $NF < want - 0.015 { exit 1 }' \
        "$work/figures" || short="$short $name"
done
[ -z "$short" ] || {
    echo "Below the published nDCG@10 by more than 0.015:$short"
    exit 1
}
