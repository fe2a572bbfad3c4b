#!/usr/bin/env python3
"""Measures how time, memory, size and queries grow with the number of articles.

    growth.py [options] BUILD

For each size the archive that BUILD/bench/synth makes is piped into lede-index add (-l en: its
words are of no language, which the indexer would look for long); a larger one begins with the
smaller. The queries are the same at every size: single words, unions, intersections and phrases,
drawn from the first 10,000 articles, asked through BUILD/bench/game. Prints a table, the exponent
between sizes (1.0: what grows as the articles do), and, where gnuplot is installed, a plot of both
axes' logarithms; --svg writes that as a picture, too.
"""
import argparse
import json
import math
import os
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

FORMS = ('term', 'union', 'intersection', 'phrase')
WORD = re.compile('[a-z]+')


def draw_queries(synth, each):
    """Returns {form: queries}: words of any frequency, as likely as an article mentions them."""
    chosen = random.Random(1)
    wanted = set(chosen.sample(range(10000), each))
    made = subprocess.Popen([synth, '10000'], stdout=subprocess.PIPE, text=True)
    articles = [WORD.findall(json.loads(line)['text'].lower())
                for number, line in enumerate(made.stdout) if number in wanted]
    made.wait()
    queries = {form: [] for form in FORMS}
    for words in articles:
        place = chosen.randrange(len(words) - 1)
        first, second = words[place], words[place + 1]
        queries['term'].append(first)
        queries['union'].append(' '.join(chosen.sample(words, 3)))
        queries['intersection'].append(f'+{chosen.choice(words)} +{chosen.choice(words)}')
        queries['phrase'].append(f'"{first} {second}"')
    return queries


def index(build, count, jobs, memory, directory):
    """Returns (bytes of JSON lines, wall, CPU seconds, peak bytes, which are at least this script's)."""
    synth = subprocess.Popen([f'{build}/bench/synth', str(count)], stdout=subprocess.PIPE)
    counter = subprocess.Popen(['tee', f'{directory}.jsonl'], stdin=synth.stdout, stdout=subprocess.DEVNULL)
    synth.stdout.close()
    if counter.wait() or synth.wait():
        sys.exit('growth.py: synth failed')
    command = [f'{build}/lede-index', 'add', '-q', '--no-store', '-l', 'en', '-j', str(jobs), '--memory', memory,
               '-f', 'jsonl', '-d', directory, f'{directory}.jsonl']
    size = os.path.getsize(f'{directory}.jsonl')
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.remove(f'{directory}.jsonl')
    if status:
        sys.exit(f'growth.py: exit status {os.waitstatus_to_exitcode(status)}: {" ".join(command)}')
    return size, wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def ask(build, directory, command, queries, iterations):
    """Returns the mean of the queries' least microseconds."""
    lines = ''.join(f'{command}\t{query}\n' for query in queries) * iterations
    out = subprocess.run([f'{build}/bench/game', directory], input=lines, text=True,
                         stdout=subprocess.PIPE, check=True).stdout.split()
    times = [float(value) for value in out[1::2]]
    return statistics.mean(min(times[i::len(queries)]) for i in range(len(queries)))


def measure(options, count, queries, work):
    directory = f'{work}/{count}.lede'
    size, wall, cpu, peak = index(options.build, count, options.jobs, options.memory, directory)
    row = {'articles': count, 'JSON MB': size / 1e6, 'wall s': wall, 'CPU s': cpu, 'peak MB': peak / 1e6,
           'index MB': os.path.getsize(f'{directory}/data.mdb') / 1e6}
    for form in FORMS:
        row[f'{form} us'] = ask(options.build, directory, 'TOP_10', queries[form], options.iterations)
    row['count us'] = ask(options.build, directory, 'COUNT', queries['union'], options.iterations)
    shutil.rmtree(directory)
    return row


def print_row(row):
    print('  '.join(f'{value:>{max(9, len(name))}.{0 if name == "articles" else 1}f}' for name, value in row.items()))


def print_exponents(rows):
    for before, after in zip(rows, rows[1:]):
        step = math.log(after['articles'] / before['articles'])
        cells = [f'{math.log(after[name] / before[name]) / step:>{max(9, len(name))}.2f}' for name in after if name != 'articles']
        print(f'{"exponent":>9}  ' + '  '.join(cells))


def plot(rows, svg):
    if not shutil.which('gnuplot'):
        print('(no plot: gnuplot-nox is not installed)')
        return
    shown = ('CPU s', 'peak MB', 'index MB', 'union us', 'intersection us', 'phrase us')
    data = ''.join(f'{row["articles"]} ' + ' '.join(f'{row[name]:.3f}' for name in shown) + '\n' for row in rows)
    curves = ', '.join(f'$data using 1:{i + 2} with linespoints title "{name}"' for i, name in enumerate(shown))
    for terminal in ['dumb 100 36'] + ([f'svg size 800,520\nset output "{svg}"'] if svg else []):
        subprocess.run(['gnuplot'], text=True, check=True, input=(
            f'$data << EOD\n{data}EOD\nset terminal {terminal}\nset logscale xy\nset key outside\n'
            f'set xlabel "articles"\nplot {curves}\n'))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', metavar='BUILD')
    parser.add_argument('--sizes', default='10000,30000,100000,300000,1000000')
    parser.add_argument('--jobs', type=int, default=1)
    parser.add_argument('--memory', default='256M')
    parser.add_argument('--queries', type=int, default=100, help='of each form')
    parser.add_argument('--iterations', type=int, default=5)
    parser.add_argument('--svg', help='write the plot to this file')
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    queries = draw_queries(f'{options.build}/bench/synth', options.queries)
    rows = []
    with tempfile.TemporaryDirectory(prefix='lede-growth-', dir=options.build) as work:
        for count in map(int, options.sizes.split(',')):
            rows.append(measure(options, count, queries, work))
            if len(rows) == 1:
                print('  '.join(f'{name:>9}' for name in rows[0]))
            print_row(rows[-1])
    print_exponents(rows)
    plot(rows, options.svg)


if __name__ == '__main__':
    main()
