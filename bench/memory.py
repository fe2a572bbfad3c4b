#!/usr/bin/env python3
"""Measures the memory that indexing takes beside its limit, for inputs that ask for a lot.

    memory.py [--scale S] [--memory SIZE] [--only NAME,...] BUILD

Each input is made in a temporary directory, indexed by `lede-index add --memory SIZE` (once with
the texts stored, once without), and removed; a folder is synchronized before. The peak is the largest resident size; it has
to stay within SIZE and 64 MB of fixed cost. S is the share of the full size (1: a million articles, texts of
1 GB, ten million terms, four million ids). Exit code 1 if a peak is over that, or a run ends otherwise than it has to.
"""
import argparse
import io
import os
import random
import shutil
import sys
import tarfile
import tempfile
import time

MB = 1000 * 1000
FIXED = 64 * MB


def size_of(text):
    units = {'K': 1 << 10, 'M': 1 << 20, 'G': 1 << 30}
    return int(text[:-1]) * units[text[-1]] if text[-1] in units else int(text)


def words(seed, count):
    """Lines of ten words of a vocabulary of 50,000, few of them often."""
    dice = random.Random(seed)
    vocabulary = [''.join(dice.choices('abcdefghijklmnopqrstuvwxyz', k=dice.randint(2, 11))) for _ in range(50000)]
    for _ in range(count):
        yield ' '.join(vocabulary[int(50000 * dice.random() ** 5)] for _ in range(10))


def block(seed):
    """About 6 MB of such lines, for repeating."""
    return '\n'.join(words(seed, 100000)) + '\n'


def tiny_articles(path, scale):
    with open(path, 'w', encoding='ascii') as out:
        for n, line in enumerate(words(1, int(1e6 * scale))):
            out.write(f'{{"id":"{n}","text":"{line[:20]}"}}\n')


def one_text(path, scale):
    text = block(2)
    with open(path, 'w', encoding='ascii') as out:
        for n in range(max(1, int(1000 * MB * scale) // len(text))):
            out.write(f'part {n}\n')
            out.write(text)


def one_line_text(path, scale):
    text = block(3).replace('\n', ' ')
    with open(path, 'w', encoding='ascii') as out:
        for _ in range(max(1, int(1000 * MB * scale) // len(text))):
            out.write(text)


def long_record(path, scale):
    text = block(4).replace('\n', ' ')
    with open(path, 'w', encoding='ascii') as out:
        out.write('{"id":"before","text":"short"}\n{"id":"long","text":"')
        for _ in range(max(1, int(1000 * MB * scale) // len(text))):
            out.write(text)
        out.write('"}\n{"id":"behind","text":"short"}\n')


def distinct_terms(path, scale):
    """A word of its own each: base 26, so that none is stemmed into another."""
    with open(path, 'w', encoding='ascii') as out:
        for n in range(int(1e5 * scale)):
            out.write(f'{{"id":"{n}","text":"' + ' '.join(f'q{100 * n + i:x}z' for i in range(100)) + '"}\n')


def one_text_of_distinct_terms(path, scale):
    with open(path, 'w', encoding='ascii') as out:
        for n in range(int(1e5 * scale)):
            out.write(' '.join(f'q{100 * n + i:x}z' for i in range(100)) + '\n')


def lines(path, count, line):
    with open(path, 'w', encoding='ascii') as out:
        for n in range(int(count)):
            out.write(line(n))


def records_of_one_id(path, scale):
    lines(path, 4e6 * scale, lambda n: f'{{"id":"one","text":"word {n % 100}"}}\n')


def records_of_many_ids(path, scale):
    lines(path, 4e6 * scale, lambda n: f'{{"id":"i{n}","text":"word {n % 100}"}}\n')


def keyword_values(path, scale):
    lines(path, 3e6 * scale, lambda n: f'{{"id":"i{n}","author":"a{n}","text":"word"}}\n')


def broken_records(path, scale):
    lines(path, 3e6 * scale, lambda n: f'{{"id":"i{n}",\n')


def languages(path, scale):
    codes = 'en de fr es it pt nl sv da no fi ru hu ro tr ar el hi'.split()
    lines(path, 1e6 * scale, lambda n: f'{{"id":"i{n}","language":"{codes[n % len(codes)]}","text":"word w{n % 1000}"}}\n')


def record_of_numbers(path, scale):
    """Just below a quarter of 16 MiB: jansson takes twenty times that."""
    with open(path, 'w', encoding='ascii') as out:
        out.write('{"id":"a","text":"short","numbers":[0' + ',0' * int(2e6 * min(scale, 1)) + ']}\n')


def record_of_members(path, scale):
    with open(path, 'w', encoding='ascii') as out:
        out.write('{"id":"a","text":"short"' + ''.join(f',"m{n}":"v"' for n in range(int(2.5e5 * min(scale, 1)))) + '}\n')


def small_files(path, scale):
    for n in range(int(1e6 * scale)):
        if n % 1000 == 0:
            os.makedirs(os.path.join(path, str(n // 1000)))
        with open(os.path.join(path, str(n // 1000), f'{n}.txt'), 'w', encoding='ascii') as out:
            out.write(f'word {n % 100}\n')


def small_members(path, scale):
    with tarfile.open(path, 'w') as out:
        for n in range(int(1e6 * scale)):
            text = f'word {n % 100}\n'.encode('ascii')
            about = tarfile.TarInfo(f'{n // 1000}/{n}.txt')
            about.size = len(text)
            out.addfile(about, io.BytesIO(text))


INPUTS = {  # name: (writer, file name, exit code; None: of a record that may be too large)
    'tiny articles': (tiny_articles, 'a.jsonl', 0),
    'one text': (one_text, 'a.txt', 0),
    'one line': (one_line_text, 'a.txt', 0),
    'long record': (long_record, 'a.jsonl', 1),
    'distinct terms': (distinct_terms, 'a.jsonl', 0),
    'one text of distinct terms': (one_text_of_distinct_terms, 'a.txt', 0),
    'records of one id': (records_of_one_id, 'a.jsonl', 0),
    'records of many ids': (records_of_many_ids, 'a.jsonl', 0),
    'keyword values': (keyword_values, 'a.jsonl', 0),
    'broken records': (broken_records, 'a.jsonl', 1),
    'languages': (languages, 'a.jsonl', 0),
    'record of numbers': (record_of_numbers, 'a.jsonl', None),
    'record of members': (record_of_members, 'a.jsonl', None),
    'small files': (small_files, 'folder', 0),
    'small members of a tar': (small_members, 'a.tar', 0),
}


def size_on_disk(path):
    if not os.path.isdir(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def make(writer, path, scale):
    """In a process of its own: what is spawned from here begins with the peak that we have."""
    pid = os.fork()
    if pid == 0:
        writer(path, scale)
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        sys.exit(f'{path}: it could not be made')


def run(command, stderr):
    start = time.perf_counter()
    actions = [(os.POSIX_SPAWN_OPEN, 2, stderr, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), time.perf_counter() - start, usage


def weigh(options, work, name, label, command, expected):
    """Runs lede-index with --memory and prints its row; path, of which the size is told, comes last."""
    code, wall, usage = run([os.path.join(options.build, 'lede-index'), command[0], '-q', '--memory', options.memory,
                             *command[1:]], os.path.join(work, 'stderr'))
    peak, cap = usage.ru_maxrss * 1024, size_of(options.memory) + FIXED
    good = (code == expected or (expected is None and code in (0, 1))) and peak <= cap
    print(f'{name:28} {label:16} {size_on_disk(command[-1]) / MB:8.1f} {peak / MB:8.1f} {cap / MB:8.1f} '
          f'{wall:7.2f} {usage.ru_utime + usage.ru_stime:7.2f} {code:4}  {"" if good else "FAILED"}', flush=True)
    if not good:
        with open(os.path.join(work, 'stderr'), encoding='utf-8', errors='replace') as told:
            print('    ' + told.read().strip())
    return good


def sync(options, work, name, index, path):
    """Nothing changed; everything touched; every second folder gone."""
    good = weigh(options, work, name, 'sync', ['sync', '-d', index, path], 0)
    folders = sorted(os.listdir(path))
    for folder in folders:
        for file in os.listdir(os.path.join(path, folder)):
            os.utime(os.path.join(path, folder, file), (1e9, 1e9))
    good &= weigh(options, work, name, 'sync, touched', ['sync', '-d', index, path], 0)
    for folder in folders[::2]:
        shutil.rmtree(os.path.join(path, folder))
    return good & weigh(options, work, name, 'sync, half gone', ['sync', '-d', index, path], 0)


def measure(options, work, name, flags):
    writer, file, expected = INPUTS[name]
    path, index = os.path.join(work, file), os.path.join(work, 'index')
    if not os.path.exists(path):
        make(writer, path, options.scale)
    good = weigh(options, work, name, ' '.join(flags), ['add', '-d', index, '-r', *flags, path], expected)
    if os.path.isdir(path) and not flags:
        good &= sync(options, work, name, index, path)
    shutil.rmtree(index, ignore_errors=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--scale', type=float, default=1)
    parser.add_argument('--memory', default='256M')
    parser.add_argument('--only', help='names of inputs, commas between them')
    parser.add_argument('--directory', help='where to put inputs and indexes')
    parser.add_argument('build')
    options = parser.parse_args()
    wanted = options.only.split(',') if options.only else list(INPUTS)
    good = True
    print(f'{"input":28} {"flags":16} {"MB":>8} {"peak MB":>8} {"cap MB":>8} {"wall s":>7} {"CPU s":>7} exit')
    for name in wanted:
        with tempfile.TemporaryDirectory(dir=options.directory) as work:
            for flags in (['--no-store'], []):
                good &= measure(options, work, name, flags)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
