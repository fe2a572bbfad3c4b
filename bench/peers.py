#!/usr/bin/env python3
"""Measures lede beside other search engines over the same articles.

    peers.py [options] BUILD [CORPUS.jsonl[.gz]...]

$LEDE_PEERS names the directory of the peers' harnesses: its Makefile builds NAME-index CORPUS
DIR and NAME-query DIR for each engine into BIN=... All that is made is in a temporary directory in
BUILD/bench, or stays in the one that --keep names: programs in bin, the corpus as corpus.jsonl, and
an index of every engine, named as it is. Without a corpus, $LEDE_DATA/text/reuters21578.jsonl.gz is
taken.

Indexing: every engine makes an index with positions and stems, keeping ids but no text, from the
same uncompressed JSON lines on the same disk; lede with -j 1 -l en --no-store (the peers take all
for English), once more with the text stored, and once with the language of each article guessed.
The figures are those of the whole process, of its quickest run; rounds alternate between the
engines, so that a slow minute of the machine hits all of them. MB are 10^6 bytes of
title and text, not of JSON; the peak is at least this script's own 16 MB or so. What the peers do differently: FTS5 stems by the original Porter, runs
without journal or sync, and Lucene's and Xapian's commits are theirs; lede syncs its file.

One-shot: a fresh process a query, against an empty program that links the C library alone.
The two alternate, many times, in random order of queries; medians in milliseconds.
"""
import argparse
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

MB = 1e6


def fail(text):
    print(f'peers.py: {text}', file=sys.stderr)
    sys.exit(2)


def spawn(command, stdin='/dev/null', stdout='/dev/null', may_be_1=False):
    """Runs command; returns (wall seconds, its resource usage). Little Python in between."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, stdin, os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, stdout, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code != 0 and not (may_be_1 and code == 1):
        fail(f'exit status {code}: {" ".join(command)}')
    return wall, usage


def tree_size(path):
    return sum(os.path.getsize(os.path.join(folder, name))
               for folder, _, names in os.walk(path) for name in names)


def build_peers(source, wanted, bin_dir):
    """Builds the harnesses; returns those that there are, and says what is missing."""
    built = []
    for name in wanted:
        made = subprocess.run(['make', '-s', '-C', source, f'BIN={bin_dir}', name],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if made.returncode == 0:
            built.append(name)
        else:
            reason = next((line for line in made.stderr.splitlines() if 'rror' in line), 'make failed')
            print(f'skipped: {name}, which does not build here ({reason.strip()})')
    return built


def unpack(corpus, path):
    """Writes corpus to path, uncompressed; returns its articles and their bytes of title and text."""
    articles = text = 0
    with (gzip.open if corpus.endswith('.gz') else open)(corpus, 'rb') as source, open(path, 'wb') as out:
        for line in source:
            out.write(line)
            article = json.loads(line)
            articles += 1
            text += len((article.get('title') or '').encode()) + len((article.get('text') or '').encode())
    return articles, text


def index_commands(options, engines, corpus, work):
    """Returns {row of the table: (command, directory of the index)}."""
    lede = [os.path.join(options.build, 'lede-index'), 'add', '-q', '-f', 'jsonl', '-j', '1']
    english = lede + ['-l', 'en']
    commands = {'lede': (english + ['--no-store', '-d', f'{work}/lede', corpus], f'{work}/lede'),
                'lede, text stored': (english + ['-d', f'{work}/lede-text', corpus], f'{work}/lede-text'),
                'lede, language guessed': (lede + ['--no-store', '-d', f'{work}/lede-guess', corpus],
                                           f'{work}/lede-guess')}
    for name in engines:
        commands[name] = ([f'{work}/bin/{name}-index', corpus, f'{work}/{name}'], f'{work}/{name}')
    return commands


def measure_indexing(commands, rounds, work):
    """Returns {row: (wall, cpu, peak KB, index bytes)} of the quickest of the rounds."""
    best = {}
    for _ in range(rounds):
        for row, (command, directory) in commands.items():
            shutil.rmtree(directory, ignore_errors=True)
            wall, usage = spawn(command, stdout=f'{work}/out', may_be_1=row.startswith('lede'))
            if row not in best or wall < best[row][0]:
                best[row] = wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, tree_size(directory)
    return best


def print_indexing(best, text):
    print(f'{"index":22} {"wall s":>8} {"CPU s":>8} {"MB/s":>7} {"MB/CPU s":>8} {"x lede":>7} '
          f'{"peak MB":>8} {"index bytes":>12} {"of text":>8}')
    for row, (wall, cpu, peak, size) in best.items():
        print(f'{row:22} {wall:8.2f} {cpu:8.2f} {text / MB / wall:7.1f} {text / MB / max(cpu, 1e-3):8.1f} '
              f'{wall / best["lede"][0]:7.2f} {peak * 1024 / MB:8.0f} {size:12d} {size / text:8.3f}')


def draw_queries(options, corpus, work):
    """Returns (form, query) pairs, drawn from the corpus by the peers' own script."""
    script = os.path.join(options.peers, 'make_queries.py')
    subprocess.run([sys.executable, script, corpus, f'{work}/queries', '--n', '8'],
                   stdout=subprocess.DEVNULL, check=True)
    with open(f'{work}/queries', encoding='utf-8') as file:
        drawn = [json.loads(line) for line in file]
    by_form = {}
    for query in drawn:
        by_form.setdefault(query['tags'][0], []).append(query['query'])
    chosen = random.Random(1)
    return [(form, query) for form, queries in by_form.items()
            for query in chosen.sample(queries, min(options.queries, len(queries)))]


def build_empty(work):
    with open(f'{work}/empty.c', 'w', encoding='utf-8') as file:
        file.write('int main(void)\n{\n    return 0;\n}\n')
    subprocess.run([os.environ.get('CC', 'cc'), '-O2', '-o', f'{work}/empty', f'{work}/empty.c'], check=True)
    return [f'{work}/empty']


def search_command(options, work, form, query):
    command = [os.path.join(options.build, 'lede-search'), '-d', f'{work}/lede']
    return command + (['--any'] if form == 'union' else []) + ['--', query.replace('+', '')]


def measure_oneshot(options, engines, queries, work):
    """Returns {(engine, form): seconds of each run}; the empty program's form is ''."""
    empty, times = build_empty(work), {}

    def clock(engine, form, *command, **files):
        times.setdefault((engine, form), []).append(spawn(list(command), may_be_1=True, **files)[0])

    inputs = []
    for number, (_, query) in enumerate(queries):
        inputs.append(f'{work}/query.{number}')
        with open(inputs[-1], 'w', encoding='utf-8') as file:
            file.write(f'TOP_10\t{query}\n')
    for turn in range(options.runs + 1):
        order = list(enumerate(queries))
        random.Random(turn).shuffle(order)
        for number, (form, query) in order:
            clock('empty process', '', *empty)
            clock('lede', form, *search_command(options, work, form, query))
            clock('empty process', '', *empty)
            clock('lede', '--version', search_command(options, work, '', '')[0], '--version')
            if turn <= max(1, options.runs // 4):
                for name in engines:
                    clock(name, form, f'{work}/bin/{name}-query', f'{work}/{name}', stdin=inputs[number])
        if turn == 0:
            times.clear()  # the first turn warmed the page cache
    return times


def print_oneshot(times):
    base = statistics.median(times['empty process', ''])
    print(f'{"one-shot":18} {"":13} {"runs":>5} {"p50 ms":>8} {"p95 ms":>8} {"over empty":>10}')
    engines = list(dict.fromkeys(engine for engine, _ in times))
    for (engine, form), walls in sorted(times.items(), key=lambda row: (engines.index(row[0][0]), row[0][1])):
        median = statistics.median(walls)
        tail = sorted(walls)[int(0.95 * len(walls))]
        print(f'{engine:18} {form:13} {len(walls):5d} {median * 1e3:8.3f} {tail * 1e3:8.3f} {(median - base) * 1e3:+10.3f}')


def measure(options, engines, corpus, work):
    unpacked = f'{work}/corpus.jsonl'
    articles, text = unpack(corpus, unpacked)
    print(f'\n{os.path.basename(corpus)}: {articles} articles, {text / MB:.1f} MB of text, best of {options.rounds}')
    print_indexing(measure_indexing(index_commands(options, engines, unpacked, work), options.rounds, work), text)
    print()
    # A Java VM takes longer to start than all others need for the whole measurement.
    quick = [name for name in engines if not name.startswith('lucene')]
    print_oneshot(measure_oneshot(options, quick, draw_queries(options, unpacked, work), work))


def measure_all(options, work):
    engines = build_peers(options.peers, [name for name in options.engines.split(',') if name], f'{work}/bin')
    for corpus in options.corpora:
        measure(options, engines, corpus, work)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', metavar='BUILD')
    parser.add_argument('corpora', metavar='CORPUS', nargs='*')
    parser.add_argument('-e', dest='engines', default='fts5,xapian,lucene8', help='the peers (fts5,xapian,lucene8)')
    parser.add_argument('--rounds', type=int, default=3, help='times that every index is made (3)')
    parser.add_argument('--queries', type=int, default=8, help='one-shot queries of each form (8)')
    parser.add_argument('--runs', type=int, default=25, help='one-shot runs of each query (25)')
    parser.add_argument('--keep', metavar='DIR', help='leave programs, corpus and indexes there')
    parser.add_argument('--cpu', type=int, help='pin everything to this core')
    options = parser.parse_args()
    options.peers = os.environ.get('LEDE_PEERS') or fail('set LEDE_PEERS to the directory of the harnesses')
    if not options.corpora:
        data = os.environ.get('LEDE_DATA') or fail('name a corpus, or set LEDE_DATA')
        options.corpora = [os.path.join(data, 'text', 'reuters21578.jsonl.gz')]
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    sys.stdout.reconfigure(line_buffering=True)
    os.makedirs(os.path.join(options.build, 'bench'), exist_ok=True)
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)
        measure_all(options, os.path.abspath(options.keep))
        return
    with tempfile.TemporaryDirectory(prefix='peers-', dir=os.path.join(options.build, 'bench')) as work:
        measure_all(options, os.path.abspath(work))


if __name__ == '__main__':
    main()
