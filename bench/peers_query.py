#!/usr/bin/env python3
"""Measures lede's queries beside other search engines' over one corpus.

    peers_query.py [options] BUILD QUERIES

$LEDE_PEERS names the directory of the peers' harnesses: its drive.py asks every engine, through
NAME-query programs that --peers-bin holds and the indexes in --indexes/NAME. lede's is BUILD's
bench/game, on the index --indexes/lede, made from the same articles by
`lede-index add --no-store`. QUERIES holds JSON lines {"query", "tags"}, as that directory's
make_queries.py writes them and the search benchmark game's are.

Only queries that match something in every engine are asked, and of each form (term, union,
intersection, phrase) at most --queries, drawn at random. Each round asks the engines one after the
other, in an order that rotates; a query's figure is the least time that the engine's own clock saw
in all rounds, as other programs on the machine only ever add to it (--median: the median round's
median). The first table: mean and median over the queries in microseconds, lede's mean and median as
shares of those of the best peer, and lede's mean as a share of the best peer's in each round by
itself. The second: medians over the queries of the median time from asking to the answer read, pipe
and all. The third: what lede reads of its index for a query, in the mean: blocks of postings decoded
of those that its lists have, packs of positions, and the bytes of both.
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
OTHER = {'intersection_union', 'negated', 'two-phase-critic'}  # forms that not every engine has


def fail(text):
    print(f'peers_query.py: {text}', file=sys.stderr)
    sys.exit(2)


def make_programs(options, directory):
    """The peers' programs beside lede's; returns the directory."""
    for entry in os.listdir(options.peers_bin):
        os.symlink(os.path.abspath(os.path.join(options.peers_bin, entry)), os.path.join(directory, entry))
    wrapper = os.path.join(directory, 'lede-query')
    with open(wrapper, 'w', encoding='utf-8') as file:
        file.write(f'#!/bin/sh\nexec {os.path.abspath(options.build)}/bench/game "$@"\n')
    os.chmod(wrapper, 0o755)
    return directory


def form_of(query):
    if OTHER & set(query['tags']):
        return None
    form = next((tag for tag in FORMS if tag in query['tags']), None)
    return 'term' if form and form != 'phrase' and len(query['query'].split()) == 1 else form


def count_matches(options, programs, engine, queries):
    lines = ''.join(f'COUNT\t{query["query"]}\n' for query in queries)
    asked = subprocess.run([os.path.join(programs, f'{engine}-query'), os.path.join(options.indexes, engine)],
                           input=lines, stdout=subprocess.PIPE, text=True, check=True)
    counts = [line.split('\t')[0] for line in asked.stdout.splitlines()]
    return [count != 'UNSUPPORTED' and int(count) > 0 for count in counts]


def choose_queries(options, programs, path):
    """Writes the queries to ask to path; returns {form: how many}."""
    with open(options.queries_file, encoding='utf-8') as file:
        queries = [query for query in map(json.loads, file) if form_of(query)]
    found = [count_matches(options, programs, engine, queries) for engine in options.engines]
    by_form = {form: [] for form in FORMS}
    for query, *matched in zip(queries, *found):
        if all(matched):
            by_form[form_of(query)].append(query)
    drawn = random.Random(1)
    with open(path, 'w', encoding='utf-8') as file:
        for form, known in by_form.items():
            by_form[form] = drawn.sample(known, min(options.queries, len(known)))
            for query in by_form[form]:
                file.write(json.dumps({'query': query['query'], 'tags': query['tags']}) + '\n')
    return {form: len(known) for form, known in by_form.items()}


def ask(options, programs, queries, engine, out):
    warm = options.warm_java if engine.startswith('lucene') else options.warm
    command = [sys.executable, os.path.join(options.peers, 'drive.py'), 'query', '-e', engine, '-q', queries,
               '-x', options.indexes, '-o', out, '--bin', programs, '--iters', str(options.iterations),
               '--warmup', str(warm), '--commands', ','.join(options.commands)]
    if options.cpu is not None:
        command += ['--cpu', str(options.cpu)]
    subprocess.run(command, stdout=sys.stderr if options.verbose else subprocess.DEVNULL, check=True)
    with open(out, encoding='utf-8') as file:
        return json.load(file)['query']


def measure(options, programs, queries, work):
    """Returns {(engine, command, form, query): [a round's figures, ...]}: a row of drive.py's each."""
    seen = {}
    for turn in range(options.rounds):
        shift = turn % len(options.engines)
        for engine in options.engines[shift:] + options.engines[:shift]:
            answers = ask(options, programs, queries, engine, f'{work}/{turn}.{engine}.json')
            for key, rows in answers.items():
                for row in rows:
                    place = engine, key.split('|')[1], row['tag'], row['query']
                    seen.setdefault(place, []).append(row)
    return seen


def times_of(seen, engine, command, form, combine):
    """A time for each query: what combine makes of its rounds."""
    return [combine(rounds) for place, rounds in seen.items() if place[:3] == (engine, command, form)]


def share(figures, peers, which):
    """lede's figure as a share of the best peer's."""
    known = [figures[peer][which] for peer in peers if peer in figures]
    return figures['lede'][which] / min(known) if known else float('nan')


def figures_of(options, seen, command, form, combine):
    """{engine: (mean, median)} over the queries."""
    figures = {}
    for engine in options.engines:
        times = times_of(seen, engine, command, form, combine)
        if times:
            figures[engine] = statistics.mean(times), statistics.median(times)
    return figures


def rows_of(options, seen):
    for command in options.commands:
        for form in FORMS:
            if any(place[:3] == ('lede', command, form) for place in seen):
                yield command, form


def print_table(options, seen, sizes):
    """Returns the rows in which lede is behind in a round."""
    which = 'median_us' if options.median else 'min_us'
    over_rounds = statistics.median if options.median else min
    peers = [engine for engine in options.engines if engine != 'lede']
    behind = []
    print(f'{"us, mean / median":17} {"n":>4} ' + ' '.join(f'{engine:>17}' for engine in options.engines) +
          f' {"lede / best peer":>16}  of each round')
    for command, form in rows_of(options, seen):
        figures = figures_of(options, seen, command, form, lambda rounds: over_rounds(row[which] for row in rounds))
        single = [share(figures_of(options, seen, command, form, lambda rounds, i=turn: rounds[i][which]), peers, 0)
                  for turn in range(options.rounds)]
        cells = ''.join(f' {"%.1f / %.1f" % figures[engine] if engine in figures else "-":>17}' for engine in options.engines)
        shares = f'{share(figures, peers, 0):.2f} / {share(figures, peers, 1):.2f}'
        print(f'{command:8} {form:12}{sizes[form]:>3d}{cells} {shares:>16}  ' + ' '.join(f'{ratio:.2f}' for ratio in single))
        if max(single) >= 1:
            behind.append(f'{command} {form}')
    return behind


def print_wall(options, seen):
    peers = [engine for engine in options.engines if engine != 'lede']
    print(f'{"wall us, median":22}' + ''.join(f' {engine:>9}' for engine in options.engines) + f' {"lede / best peer":>17}')
    for command, form in rows_of(options, seen):
        figures = figures_of(options, seen, command, form,
                             lambda rounds: statistics.median(row['wall_median_us'] for row in rounds))
        print(f'{command:8} {form:13}' + ''.join(f' {figures[engine][1]:9.1f}' if engine in figures else f' {"-":>9}'
                                                 for engine in options.engines) + f' {share(figures, peers, 1):17.2f}')


def ask_work(options, lines):
    """[(blocks decoded, blocks there are, packs, bytes)] of each line, as bench/game counts them."""
    asked = subprocess.run([os.path.join(options.build, 'bench', 'game'), os.path.join(options.indexes, 'lede')],
                           input=lines, stdout=subprocess.PIPE, text=True, check=True, env=dict(os.environ, PRINT_WORK='1'))
    return [tuple(map(int, line.split('\t')[2:6])) for line in asked.stdout.splitlines()]


def print_work(options, seen):
    print(f'{"lede, a query":22} {"blocks":>8} {"of all":>8} {"share":>6} {"packs":>8} {"KB":>8}')
    for command, form in rows_of(options, seen):
        queries = [place[3] for place in seen if place[:3] == ('lede', command, form)]
        work = ask_work(options, ''.join(f'{command}\t{query}\n' for query in queries))
        blocks, there, packs, size = (statistics.mean(column) for column in zip(*work))
        print(f'{command:8} {form:13} {blocks:8.1f} {there:8.1f} {blocks / max(there, 1e-9):6.2f} {packs:8.1f} {size / 1e3:8.1f}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', metavar='BUILD')
    parser.add_argument('queries_file', metavar='QUERIES')
    parser.add_argument('--peers-bin', required=True, help="the peers' programs (their make BIN=DIR)")
    parser.add_argument('--indexes', required=True, help="where each engine's index lies")
    parser.add_argument('-e', dest='engines', default='lede,fts5,xapian,lucene8', type=lambda text: text.split(','))
    parser.add_argument('--commands', default='TOP_10,TOP_100,TOP_1000,COUNT', type=lambda text: text.split(','))
    parser.add_argument('--queries', type=int, default=100, help='of each form (100)')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--iterations', type=int, default=5, help='times that a round asks a query (5)')
    parser.add_argument('--warm', type=float, default=1, help='seconds of warm-up a command (1)')
    parser.add_argument('--warm-java', type=float, default=25, help='the same for Lucene (25)')
    parser.add_argument('--median', action='store_true', help='medians instead of the least times')
    parser.add_argument('--cpu', type=int, help='pin the engines to this core')
    parser.add_argument('-v', dest='verbose', action='store_true', help='say on stderr what is done')
    options = parser.parse_args()
    options.peers = os.environ.get('LEDE_PEERS') or fail('set LEDE_PEERS to the directory of the harnesses')
    if shutil.which('taskset') is None and options.cpu is not None:
        fail('--cpu needs taskset (util-linux)')
    with tempfile.TemporaryDirectory(prefix='peers-query-', dir=os.path.join(options.build, 'bench')) as work:
        programs = os.path.join(work, 'bin')
        os.mkdir(programs)
        make_programs(options, programs)
        sizes = choose_queries(options, programs, f'{work}/queries')
        seen = measure(options, programs, f'{work}/queries', work)
        behind = print_table(options, seen, sizes)
        print()
        print_wall(options, seen)
        print()
        print_work(options, seen)
        print('\nlede is ahead of every peer in each round' + (f', but in: {", ".join(behind)}' if behind else ''))


if __name__ == '__main__':
    main()
