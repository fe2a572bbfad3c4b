#!/usr/bin/env python3
"""Prints what a search engine notices of a corpus: how many words, how frequent, how clustered.

    corpus_statistics.py CORPUS.jsonl[.gz]...

A column for each corpus of JSON lines with "title" and "text"; words are runs of the letters a to z.
bench/synth.c was fitted to the column that Reuters-21578 gives.
"""
import collections
import gzip
import json
import math
import re
import sys

WORD = re.compile('[a-z]+')


def articles(path):
    with (gzip.open if path.endswith('.gz') else open)(path, 'rt', encoding='utf-8') as lines:
        for line in lines:
            article = json.loads(line)
            yield (article.get('title') or '') + ' \n ' + (article.get('text') or '')


class Statistics:
    def __init__(self, path):
        self.occurrences, self.documents = collections.Counter(), collections.Counter()
        self.last = {}
        self.count = self.bytes = self.tokens = self.postings = self.gaps = self.gaps_of_one = 0
        self.logarithms, self.vocabulary = [], {}
        self.next_size = 1000
        for text in articles(path):
            self.add(text)

    def add(self, text):
        words = WORD.findall(text.lower())
        self.bytes += len(text.encode())
        self.count += 1
        self.tokens += len(words)
        if words:
            self.logarithms.append(math.log(len(words)))
        for word, tf in collections.Counter(words).items():
            self.postings += 1
            self.occurrences[word] += tf
            self.documents[word] += 1
            if word in self.last:
                self.gaps += 1
                self.gaps_of_one += self.count - self.last[word] == 1
            self.last[word] = self.count
        while self.tokens >= self.next_size:
            self.vocabulary[self.next_size] = len(self.occurrences)
            self.next_size *= 10

    def repeats(self, least, most):
        """Occurrences a posting, of words in so many documents."""
        words = [w for w, df in self.documents.items() if least <= df <= most]
        return (sum(self.occurrences[w] for w in words) /
                max(1, sum(self.documents[w] for w in words)))

    def rows(self):
        mean = sum(self.logarithms) / len(self.logarithms)
        spread = math.sqrt(sum((x - mean) ** 2 for x in self.logarithms) / len(self.logarithms))
        ranked = [n for _, n in self.occurrences.most_common()]
        spread_over = sorted(self.documents.values(), reverse=True)
        yield 'articles', f'{self.count}'
        yield 'words', f'{self.tokens}'
        yield 'bytes a word', f'{self.bytes / self.tokens:.2f}'
        yield 'words an article: mean of logarithm', f'{mean:.3f}'
        yield '    its standard deviation', f'{spread:.3f}'
        yield 'different words', f'{len(self.occurrences)}'
        for size, different in self.vocabulary.items():
            yield f'    after {size} words', f'{different}'
        yield '    that occur once', f'{sum(n == 1 for n in ranked) / len(ranked):.1%}'
        for rank in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 40000):
            if rank <= len(ranked):
                yield f'the {rank}th most frequent, of a million words', f'{1e6 * ranked[rank - 1] / self.tokens:.1f}'
        for rank in (1, 10, 100, 1000, 10000):
            if rank <= len(spread_over):
                yield f'the {rank}th most spread, of all articles', f'{spread_over[rank - 1] / self.count:.3%}'
        yield 'occurrences a posting', f'{self.tokens / self.postings:.3f}'
        yield '    of words in 2 to 99 articles', f'{self.repeats(2, 99):.3f}'
        yield '    in 100 to 1000', f'{self.repeats(100, 1000):.3f}'
        yield '    in more', f'{self.repeats(1001, self.count):.3f}'
        yield 'postings next to the one before', f'{self.gaps_of_one / self.gaps:.1%}'


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    columns = [dict(Statistics(path).rows()) for path in sys.argv[1:]]
    names = list(dict.fromkeys(name for column in columns for name in column))
    for name in names:
        print(f'{name:<48}' + ''.join(f'{column.get(name, "-"):>14}' for column in columns))


main()
