#!/usr/bin/env python3
"""Prints how well lede finds the articles of pages that chain several, and leaves alone pages of one.

    chained_pages.py BUILD [TEXT]

TEXT ($LEDE_DATA/text) holds reuters21578.jsonl.gz and bbc.jsonl.gz. 25 pages of two to six articles in each style of
bench/page_styles.py, and 100 pages of one article in each of its single ones, go through `lede-index split --json`.
A begin that lede finds is right if it lies between the end of what stands before the article and the article's first
paragraph; precision is the share of begins that are right, recall the share of articles whose begin was found. Titles are
those of right begins that are the article's, but for case. The draw is fixed by a seed.
--list prints what went wrong; --check exits with 1 if precision is below 0.99, recall below 0.97, or more than one page in a
hundred of one article was cut, in either half of the styles.
"""
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import page_styles as styles  # noqa: E402

PAGES, SINGLES, SEED = 25, 100, 20


class Article:
    """Of the collection; Reuters wraps its lines, and half of those articles come with a line a paragraph."""

    def __init__(self, record, reflow):
        self.title = ' '.join(record['title'].split())
        text = record['text'].rstrip()
        wrapped = '\n    ' in text
        self.paragraph_list = [' '.join(p.split()) for p in text.split('\n    ' if wrapped else '\n\n')]
        self.paragraph_list = [p for p in self.paragraph_list if p]
        self.paragraphs = '\n'.join(self.paragraph_list)
        self.text = text if wrapped and not reflow else '\n\n'.join(self.paragraph_list)
        self.summary = self.paragraph_list[0][:180].rsplit(' ', 1)[0] + '.'


def read_articles(folder):
    draw, articles = random.Random(SEED), []
    for name in ('reuters21578', 'bbc'):
        with gzip.open(os.path.join(folder, name + '.jsonl.gz'), 'rt', encoding='utf-8') as lines:
            some = [json.loads(line) for line in lines]
        some = [a for a in some if len(a['text']) >= 400 and 20 <= len(a['title']) <= 150]
        articles += [Article(a, draw.random() < 0.5) for a in draw.sample(some, 700)]
    draw.shuffle(articles)
    return articles


def chain(style, draw, articles):
    """The page, and of each article where its header and its text begin, and its title."""
    page, truth = styles.front(draw), []
    for article in draw.sample(articles, draw.randint(2, 6)):
        before, header, text, behind = style(draw, article)
        begin = len(page.encode())
        page += before + header
        truth.append((begin, len(page.encode()), article.title))
        page += text + behind
    return page + styles.back(draw, [a.title for a in articles]), truth


def split(build, folder):
    """What lede finds in each page: begins and titles."""
    names = sorted(os.listdir(folder))
    found = {name: [] for name in names}
    out = subprocess.run([f'{build}/lede-index', 'split', '--json', '--base', folder] +
                         [os.path.join(folder, name) for name in names], check=True, stdout=subprocess.PIPE).stdout
    for item in map(json.loads, out.splitlines()):
        if item['article'] is not None and item['article'] != 'rest':
            found[item['id'].split('#')[0]].append((item['offset'], item.get('title', '')))
    return found


def measure(build, chosen, articles, listing):
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        truths = {}
        for style in chosen:
            draw = random.Random(f'{SEED} {style.__name__}')
            for i in range(PAGES):
                name = f'{style.__name__}-{i:03}.txt'
                page, truths[name] = chain(style, draw, articles)
                with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
                    file.write(page)
        for name, found in split(build, folder).items():
            row = counts.setdefault(name.split('-')[0], [0, 0, 0, 0])
            right = titles = 0
            for begin, body, title in truths[name]:
                hits = [t for offset, t in found if begin <= offset < body]
                right += bool(hits)
                titles += title.lower() in [hit.lower() for hit in hits]
                if listing and not hits:
                    print(f'  missed {name}: {title}')
            if listing:
                for offset, title in found:
                    if not any(begin <= offset < body for begin, body, _ in truths[name]):
                        print(f'  invented {name} at {offset}: {title}')
            for i, n in enumerate((len(truths[name]), len(found), right, titles)):
                row[i] += n
    return counts


def measure_singles(build, chosen, articles, listing):
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        for style in chosen:
            draw = random.Random(f'{SEED} {style.__name__}')
            for i in range(SINGLES):
                with open(os.path.join(folder, f'{style.__name__}-{i:03}.txt'), 'w', encoding='utf-8') as file:
                    file.write(style(draw, draw.choice(articles), articles))
        for name, found in split(build, folder).items():
            row = counts.setdefault(name.split('-')[0], [0, 0])
            row[0] += 1
            row[1] += bool(found)
            if listing and found:
                print(f'  split {name}: {[title for _, title in found]}')
    return counts


def print_chains(what, counts):
    for name, row in list(counts.items()) + [(what, [sum(c) for c in zip(*counts.values())])]:
        articles, found, right, titles = row
        print(f'{name:16}{articles:9}{found:7}{right / max(1, found):11.3f}{right / articles:8.3f}'
              f'{titles / max(1, right):8.3f}')
    return right / max(1, found), right / articles


def print_singles(counts):
    for name, (pages, wrong) in list(counts.items()) + [('all', [sum(c) for c in zip(*counts.values())])]:
        print(f'{name:18}{pages:7}{wrong:7}')
    return wrong / pages


def main(build, folder, listing):
    """True if all of it is as good as --check wants it."""
    articles, good = read_articles(folder), True
    for what, chains, singles in (('tuned', styles.TUNED, styles.SINGLES_TUNED),
                                  ('held out', styles.HELD_OUT, styles.SINGLES_HELD_OUT)):
        print(f'{what + ", chained":16}{"articles":>9}{"found":>7}{"precision":>11}{"recall":>8}{"titles":>8}')
        precision, recall = print_chains('all ' + what, measure(build, chains, articles, listing))
        print(f'{what + ", single":18}{"pages":>7}{"split":>7}')
        wrong = print_singles(measure_singles(build, singles, articles, listing))
        good = good and precision >= 0.99 and recall >= 0.97 and wrong <= 0.01
        print()
    return good


if __name__ == '__main__':
    flags, arguments = ([a for a in sys.argv[1:] if a.startswith('--') == is_flag] for is_flag in (True, False))
    if not arguments or set(flags) - {'--list', '--check'}:
        sys.exit(__doc__)
    as_wanted = main(arguments[0], arguments[1] if len(arguments) > 1 else os.environ['LEDE_DATA'] + '/text',
                     '--list' in flags)
    sys.exit('--check' in flags and not as_wanted)
