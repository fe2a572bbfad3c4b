#!/usr/bin/env python3
"""How much of an index lede's queries read.

    work.py BUILD INDEX QUERIES

Asks BUILD/bench/game each query of QUERIES (JSON lines {"query", "tags"}, as peers_query.py takes
them) and prints, for each command and form, means over the queries: the blocks of 128 postings that
were decoded, those that the lists of the query's terms have, the share (all decoded by all there),
the packs of positions decoded, and the bytes of what was decoded.
"""
import json
import os
import subprocess
import sys

from peers_query import FORMS, form_of

COMMANDS = ('TOP_10', 'TOP_100', 'TOP_1000', 'COUNT')


def work(game, index, command, queries):
    """The four figures of each query."""
    lines = ''.join(f'{command}\t{query}\n' for query in queries)
    asked = subprocess.run([game, index], input=lines, stdout=subprocess.PIPE, text=True, check=True,
                           env=dict(os.environ, PRINT_WORK='1'))
    return [[int(field) for field in line.split('\t')[2:]] for line in asked.stdout.splitlines()]


def main():
    if len(sys.argv) != 4:
        print('usage: work.py BUILD INDEX QUERIES', file=sys.stderr)
        sys.exit(2)
    build, index, path = sys.argv[1:]
    with open(path, encoding='utf-8') as file:
        queries = [query for query in map(json.loads, file) if form_of(query)]
    print(f'{"command":9} {"form":13} {"n":>4} {"decoded":>9} {"blocks":>9} {"share":>6} {"packs":>8} {"bytes":>9}')
    for command in COMMANDS:
        for form in FORMS:
            asked = [query['query'] for query in queries if form_of(query) == form]
            rows = work(os.path.join(build, 'bench', 'game'), index, command, asked)
            if not rows:
                continue
            decoded, there, packs, size = (sum(column) / len(rows) for column in zip(*rows))
            share = f'{decoded / there:.3f}' if there else '-'
            print(f'{command:9} {form:13} {len(rows):4d} {decoded:9.1f} {there:9.1f} {share:>6} {packs:8.1f} {size:9.0f}')


if __name__ == '__main__':
    main()
