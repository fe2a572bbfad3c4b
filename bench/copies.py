#!/usr/bin/env python3
"""bench/copies.py [--check] BUILD [FILE.jsonl.gz] -- groups of copies against comparing all articles with all.

Of each pair of articles (FILE, or $LEDE_DATA/text/reuters21578.jsonl.gz) the Jaccard coefficient of their sets of runs of
three words is computed, title and text together. The groups are those that lede-index made (stats --copies).
Prints, for thresholds of the coefficient, how many of the pairs that reach it are in one group (recall), and how many of the
pairs in one group reach it (precision); and of the articles that --collapse exact folds, how many have the words of an earlier
one. --check: exit 1 if the figures are below what is promised.
"""
import collections
import gzip
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

RUN = 3
LEAST = 0.3  # of coefficients that are noted
WORD = re.compile(r'\w+')


def read_articles(path):
    """Words by id, in the order of the file."""
    with gzip.open(path, 'rt', encoding='utf-8') as lines:
        articles = map(json.loads, lines)
        return {a['id']: WORD.findall((a.get('title', '') + '\n' + a['text']).lower()) for a in articles}


def runs_of(words):
    return {tuple(words[i:i + RUN]) for i in range(max(1, len(words) - RUN + 1))} if words else set()


def alike(articles):
    """Coefficients by pair of ids, the earlier first, of those that reach LEAST."""
    holders, sizes, found = collections.defaultdict(list), {}, {}
    for name, words in articles.items():
        runs = runs_of(words)
        common = collections.Counter(itertools.chain.from_iterable(holders[run] for run in runs))
        sizes[name] = len(runs)
        for other, count in common.items():
            coefficient = count / (len(runs) + sizes[other] - count)
            if coefficient >= LEAST:
                found[other, name] = coefficient
        for run in runs:
            holders[run].append(name)
    return found


def pairs_within(groups):
    return {pair for members in groups.values() for pair in itertools.combinations(members, 2)}


def near_groups(build, index):
    listed = subprocess.run([f'{build}/lede-index', 'stats', '--copies', '--json', '-d', index], check=True,
                            capture_output=True, text=True).stdout
    groups = collections.defaultdict(list)
    for line in listed.splitlines():
        member = json.loads(line)
        groups[member['group']].append(member['id'])
    return groups


def listed(build, index, how):
    """Ids of all articles that have a date, in the order of the index, copies folded or not."""
    return subprocess.run([f'{build}/lede-search', '-d', index, '-l', '-n', '1000000', '--since', '0001', '--collapse', how],
                          check=True, capture_output=True, text=True).stdout.splitlines()


def folded_exactly(build, index, articles):
    """Articles that --collapse exact folds under another; and those whose words are an earlier one's."""
    everything = listed(build, index, 'none')
    seen, again = set(), set()
    for name in everything:
        words = tuple(articles[name])
        if words in seen:
            again.add(name)
        seen.add(words)
    return set(everything) - set(listed(build, index, 'exact')), again


def measure(pairs, truth, threshold):
    wanted = {pair for pair, coefficient in truth.items() if coefficient >= threshold}
    return len(wanted), len(wanted & pairs) / max(1, len(wanted)), len(pairs & wanted) / max(1, len(pairs))


def main(build, path):
    articles = read_articles(path)
    order = {name: place for place, name in enumerate(articles)}
    truth = alike(articles)
    equal = {pair for pair, coefficient in truth.items() if articles[pair[0]] == articles[pair[1]]}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([f'{build}/lede-index', 'add', '-q', '-f', 'jsonl', '-d', f'{folder}/index', path], check=True)
        groups = near_groups(build, f'{folder}/index')
        folded, again = folded_exactly(build, f'{folder}/index', articles)
    pairs = {tuple(sorted(pair, key=order.get)) for pair in pairs_within(groups)}
    print(f'{len(articles)} articles, {len(pairs)} pairs in {len(groups)} groups')
    print(f'{"coefficient":12}{"pairs":>7}{"recall":>8}{"precision":>11}')
    figures = {}
    for threshold in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        figures[threshold] = measure(pairs, truth, threshold)
        print('>= {:<9}{:7}{:8.3f}{:11.3f}'.format(threshold, *figures[threshold]))
    found = len(equal & pairs) / max(1, len(equal))
    print(f'{"equal words":12}{len(equal):7}{found:8.3f}')
    exact = len(again), len(folded & again) / max(1, len(again)), len(folded & again) / max(1, len(folded))
    print(f'--collapse exact folds {len(folded)} articles; {exact[0]} have the words of an earlier one: recall {exact[1]:.3f}, '
          f'precision {exact[2]:.3f}')
    return found == 1 and exact[1] >= 0.98 and exact[2] >= 0.98 and figures[0.9][1] >= 0.98 and figures[0.8][1] >= 0.93 and figures[0.5][2] >= 0.97 and \
        figures[0.7][2] >= 0.92


if __name__ == '__main__':
    check, arguments = '--check' in sys.argv, [a for a in sys.argv[1:] if a != '--check']
    if not arguments or arguments[0].startswith('-'):
        sys.exit(__doc__)
    as_promised = main(arguments[0], arguments[1] if len(arguments) > 1 else
                       os.environ['LEDE_DATA'] + '/text/reuters21578.jsonl.gz')
    sys.exit(check and not as_promised)
