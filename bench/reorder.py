#!/usr/bin/env python3
"""Measures what `lede-index compact --reorder` gives and costs, beside plain `compact`.

    reorder.py [options] BUILD CORPUS.jsonl QUERIES

The corpus is added twice (with its texts), one index is compacted, the other compacted and reordered.
Tables: bytes by stream; processor seconds of compacting and of `export`, the least of --rounds that
take turns; and, by form of query, what BUILD's bench/game took, microseconds, mean and median over
the queries of each one's least time, the two indexes asked in turns. QUERIES holds JSON lines
{"query", "tags"} as the search benchmark game's; of each form at most --queries, drawn at random, that match
something. Counts, and scores to the last digit that game prints, must be the same in both.
"""
import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

FORMS = ('term', 'union', 'intersection', 'phrase')
KINDS = ('plain', 'reordered')


def fail(text):
    print(f'reorder.py: {text}', file=sys.stderr)
    sys.exit(1)


def seconds(command, runs=1):
    """Processor seconds, the least of some runs."""
    least = float('inf')
    for _ in range(runs):
        before = os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        least = min(least, used)
    return least


def make_indexes(options, work):
    """Returns the indexes' paths, and the seconds that compacting each took, the least of some."""
    program, source = f'{options.build}/lede-index', f'{work}/source'
    subprocess.run([program, 'add', '-q', '--progress', 'never', '-d', source, options.corpus], check=True)
    paths, took = {}, dict.fromkeys(KINDS, float('inf'))
    for _ in range(options.rounds):
        for kind in KINDS:
            paths[kind] = path = f'{work}/{kind}'
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(source, path)
            flags = ['--reorder', '-j', str(options.jobs)] if kind == 'reordered' else []
            took[kind] = min(took[kind], seconds([program, 'compact', '-q', '-d', path, *flags]))
    shutil.rmtree(source)
    return paths, took


def print_sizes(options, paths):
    sizes = {kind: json.loads(subprocess.check_output([f'{options.build}/lede-index', 'stats', '--json', '-d', path]))
             ['bytes'] for kind, path in paths.items()}
    print(f'{"bytes":14}{"plain":>14}{"reordered":>14}{"ratio":>8}')
    for name in sizes['plain']:
        plain, reordered = sizes['plain'][name], sizes['reordered'][name]
        print(f'{name:14}{plain:14}{reordered:14}{reordered / plain if plain else 1:8.3f}')


def print_seconds(options, paths, took):
    exports = dict.fromkeys(KINDS, float('inf'))
    for _ in range(options.rounds):
        for kind, path in paths.items():
            exports[kind] = min(exports[kind], seconds([f'{options.build}/lede-index', 'export', '-d', path]))
    print(f'\n{"CPU seconds":14}{"plain":>14}{"reordered":>14}{"ratio":>8}')
    for name, figures in (('compact', took), ('export', exports)):
        print(f'{name:14}{figures["plain"]:14.2f}{figures["reordered"]:14.2f}'
              f'{figures["reordered"] / figures["plain"]:8.2f}')


class Game:
    """bench/game on an index, asked a line at a time."""

    def __init__(self, options, path):
        command = [f'{options.build}/bench/game', path]
        if options.cpu is not None:
            command = ['taskset', '-c', str(options.cpu), *command]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, command, query):
        """Returns the count and the microseconds."""
        self.process.stdin.write(f'{command}\t{query}\n')
        self.process.stdin.flush()
        count, took = self.process.stdout.readline().split('\t')
        return count, float(took)


def choose_queries(options, game):
    by_form = {form: [] for form in FORMS}
    with open(options.queries_file, encoding='utf-8') as file:
        for line in file:
            query = json.loads(line)
            forms = [form for form in FORMS if form in query['tags']]
            if forms and game.ask('COUNT', query['query'])[0] not in ('0', 'UNSUPPORTED'):
                by_form[forms[0]].append(query['query'])
    drawn = random.Random(1)
    return {form: drawn.sample(known, min(options.queries, len(known))) for form, known in by_form.items()}


def hits(options, path, query):
    """Scores as the game prints them, without the ids."""
    run = subprocess.run([f'{options.build}/bench/game', path], input=f'TOP_100\t{query}\n', text=True,
                         capture_output=True, check=True, env={**os.environ, 'PRINT_HITS': '1'})
    return [line.split()[-1] for line in run.stderr.splitlines()]


def check_scores(options, paths, queries):
    for query in queries:
        if hits(options, paths['plain'], query) != hits(options, paths['reordered'], query):
            fail(f'other scores: {query}')


def print_queries(options, paths):
    games = {kind: Game(options, path) for kind, path in paths.items()}
    chosen = choose_queries(options, games['plain'])
    check_scores(options, paths, [query for queries in chosen.values() for query in queries[:20]])
    print(f'\n{"microseconds":14}{"form":14}{"n":>4}{"plain":>18}{"reordered":>18}{"ratio":>14}')
    for command in options.commands:
        for form, queries in chosen.items():
            least = {kind: [float('inf')] * len(queries) for kind in KINDS}
            for _ in range(options.iterations):
                for i, query in enumerate(queries):
                    answers = {kind: game.ask(command, query) for kind, game in games.items()}
                    if answers['plain'][0] != answers['reordered'][0]:
                        fail(f'other counts: {query}')
                    for kind in KINDS:
                        least[kind][i] = min(least[kind][i], answers[kind][1])
            if not queries:
                continue
            means = {kind: statistics.mean(least[kind]) for kind in KINDS}
            medians = {kind: statistics.median(least[kind]) for kind in KINDS}
            cells = ''.join('%18s' % ('%.1f / %.1f' % (means[kind], medians[kind])) for kind in KINDS)
            print(f'{command:14}{form:14}{len(queries):4}{cells}'
                  f'{means["reordered"] / means["plain"]:7.2f}{medians["reordered"] / medians["plain"]:7.2f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', metavar='BUILD')
    parser.add_argument('corpus', metavar='CORPUS.jsonl')
    parser.add_argument('queries_file', metavar='QUERIES')
    parser.add_argument('--commands', default='TOP_10,TOP_100,TOP_1000,COUNT', type=lambda text: text.split(','))
    parser.add_argument('--queries', type=int, default=100, help='of each form (100)')
    parser.add_argument('--iterations', type=int, default=20, help='times that each query is asked (20)')
    parser.add_argument('--rounds', type=int, default=2, help='of compacting and exporting (2)')
    parser.add_argument('--jobs', type=int, default=1, help='threads that reorder (1)')
    parser.add_argument('--cpu', type=int, help='pin the queries to this core')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='lede-reorder-') as work:
        paths, took = make_indexes(options, work)
        print_sizes(options, paths)
        print_seconds(options, paths, took)
        print_queries(options, paths)


if __name__ == '__main__':
    main()
