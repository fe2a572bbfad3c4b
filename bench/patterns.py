#!/usr/bin/env python3
"""Measures words with wildcards and misspelt ones over a dictionary of a million terms.

    patterns.py [options] BUILD

The articles: --articles that BUILD/bench/synth makes, and such whose words, --words different ones, are
drawn from syllables or are numbers (one in ten), most of them once, few often, as in a text's long tail. What is asked is made of these words:
their ends, parts of them, beginnings, words with a letter replaced. Each query is asked --iterations
times through BUILD/bench/game (TOP_10), in a process that keeps the index open; its figure is
the least time. Prints for each form, and for all of them, the median and the most over its queries, in
milliseconds.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

ONSETS = 'b br c cl d dr f fl g gr h j k l m n p pr qu r s sl st t th tr v w pl z'.split()
VOWELS = 'a e i o u ai ea oo'.split()
CODAS = 'n r l nd x v mb lk rv nt ng ck st m'.split()
WORDS_OF_AN_ARTICLE = 200


def draw_words(chosen, count):
    """Different words of two to four syllables."""
    words = set()
    while len(words) < count:
        if chosen.random() < 0.1:
            words.add(str(chosen.randrange(10**6)))
            continue
        syllables = [chosen.choice(ONSETS) + chosen.choice(VOWELS) for _ in range(chosen.choice((2, 3, 3, 4)))]
        words.add(''.join(syllables) + chosen.choice(CODAS))
    return sorted(words)


def write_articles(chosen, words, out):
    tokens = [word for word in words for _ in range(min(50, int(chosen.paretovariate(1.3))))]
    chosen.shuffle(tokens)
    for number, place in enumerate(range(0, len(tokens), WORDS_OF_AN_ARTICLE)):
        text = ' '.join(tokens[place:place + WORDS_OF_AN_ARTICLE])
        out.write(json.dumps({'id': f'tail-{number}', 'text': text, 'language': 'en'}) + '\n')


def build_index(options, chosen, words, directory):
    command = [f'{options.build}/lede-index', 'add', '-q', '--no-store', '-l', 'en', '-f', 'jsonl', '-d', directory,
               '-']
    add = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
    synth = subprocess.Popen([f'{options.build}/bench/synth', str(options.articles)], stdout=subprocess.PIPE, text=True)
    for line in synth.stdout:
        add.stdin.write(line)
    write_articles(chosen, words, add.stdin)
    add.stdin.close()
    if synth.wait() or add.wait():
        sys.exit('patterns.py: no index')


def draw_queries(chosen, words, each):
    """Returns {form: queries}."""
    letters = [word for word in words if word.isalpha() and len(word) >= 7]
    forms = {}
    for size in (2, 3, 4):
        forms[f'*{"x" * size}'] = lambda word, size=size: '*' + word[-size:]
    for size in (2, 3, 4):
        forms[f'*{"x" * size}*'] = lambda word, size=size: f'*{word[2:2 + size]}*'
    forms['?xxx...'] = lambda word: '?' + word[1:]
    forms['*x*xx'] = lambda word: f'*{word[2]}*{word[-2:]}'
    forms['*x?x*'] = lambda word: f'*{word[2]}?{word[4]}*'
    forms['xx*'] = lambda word: word[:2] + '*'
    forms['xxxx*'] = lambda word: word[:4] + '*'
    forms['xx*xx'] = lambda word: f'{word[:2]}*{word[-2:]}'
    for edits in (1, 2):
        forms[f'word~{edits}'] = lambda word, edits=edits: f'{word[:3]}z{word[4:]}~{edits}'
    return {form: [make(word) for word in chosen.sample(letters, each)] for form, make in forms.items()} | {'*': ['*']}


def ask(build, directory, queries, iterations):
    """The least milliseconds of each query."""
    lines = ''.join(f'TOP_10\t{query}\n' for query in queries) * iterations
    out = subprocess.run([f'{build}/bench/game', directory], input=lines, text=True, stdout=subprocess.PIPE, check=True)
    times = [float(line.split('\t')[1]) / 1000 for line in out.stdout.splitlines()]
    return [min(times[place::len(queries)]) for place in range(len(queries))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', metavar='BUILD')
    parser.add_argument('--articles', type=int, default=100000)
    parser.add_argument('--words', type=int, default=1000000)
    parser.add_argument('--queries', type=int, default=20, help='of each form')
    parser.add_argument('--iterations', type=int, default=5)
    parser.add_argument('--keep', metavar='DIR', help='make the index there, or use the one that is')
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    words = draw_words(random.Random(1), options.words)
    with tempfile.TemporaryDirectory(prefix='lede-patterns-', dir=options.build) as work:
        directory = options.keep or f'{work}/index'
        if not os.path.exists(directory):
            build_index(options, random.Random(2), words, directory)
        stats = subprocess.run([f'{options.build}/lede-index', 'stats', '-d', directory], text=True,
                               stdout=subprocess.PIPE, check=True).stdout
        print(next(line for line in stats.splitlines() if line.startswith('terms')))
        print(f'{"form":10} {"median ms":>10} {"most":>8}')
        together = []
        for form, queries in draw_queries(random.Random(3), words, options.queries).items():
            times = ask(options.build, directory, queries, options.iterations)
            together += times
            print(f'{form:10} {statistics.median(times):10.2f} {max(times):8.2f}')
        print(f'{"all":10} {statistics.median(together):10.2f} {max(together):8.2f}')


if __name__ == '__main__':
    main()
