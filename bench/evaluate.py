#!/usr/bin/env python3
"""Scores a ranking against relevance judgements, as trec_eval does.

    evaluate.py [-q] QRELS RUN [RUN2]

QRELS has lines `query ignored document grade`, RUN lines `query Q0 document rank score
name`; a file may be gzipped, and RUN may be - for stdin. The measures, under trec_eval's
names (its m_ndcg_cut.c, m_map.c and so on are the reference):

    ndcg_cut_10   sum of grade / log2(rank + 1) over the first 10, divided by the largest such sum
    map           mean over the relevant documents of the precision at each; 0 for one not found
    recip_rank    1 / rank of the first relevant document
    P_10          relevant documents among the first 10, divided by 10 even if fewer came
    recall_100, recall_1000   share of the relevant documents among the first so many

A document is relevant from grade 1 on; a grade below 0, and no grade at all, count as 0.
Each figure is the mean over all queries that have a relevant document. One that the run
leaves out scores 0 (trec_eval -c); one without a relevant document is passed over.

The run's rank column is ignored: documents are sorted by falling score, ties by falling
document id compared as bytes, which is what trec_eval does. --float32 rounds scores to
floats first, as trec_eval 9.0 does, so that scores equal to 7 digits are ties there.

With RUN2 the columns are RUN, RUN2, their difference, and on how many queries RUN2 is
better and worse. Exit status 2 if a file makes no sense.
"""
import argparse
import gzip
import math
import struct
import sys

MEASURES = ('ndcg_cut_10', 'map', 'recip_rank', 'P_10', 'recall_100', 'recall_1000')


class BadFile(Exception):
    """What is wrong with an input, with its name and line."""


def lines(path, field_count):
    """Yields (line number, fields as bytes) of the lines of path that are not blank."""
    try:
        if path == '-':
            data = sys.stdin.buffer.read()
        else:
            with open(path, 'rb') as file:
                data = file.read()
        if data[:2] == b'\x1f\x8b':
            data = gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise BadFile(f'{path}: {error}') from error
    for number, line in enumerate(data.split(b'\n'), 1):
        fields = line.split()
        if not fields:
            continue
        if len(fields) != field_count:
            raise BadFile(f'{path}:{number}: {len(fields)} fields, not {field_count}')
        yield number, fields


def read_qrels(path):
    """Returns {query: {document: grade}}."""
    qrels = {}
    for number, (query, _, document, grade) in lines(path, 4):
        grades = qrels.setdefault(query, {})
        if document in grades:
            raise BadFile(f'{path}:{number}: document {document.decode()} judged twice')
        try:
            grades[document] = int(grade)
        except ValueError as error:
            raise BadFile(f'{path}:{number}: grade {grade.decode()} is no integer') from error
    return qrels


def read_run(path, float32=False):
    """Returns {query: [document, ...]}, best first in trec_eval's order."""
    scores = {}
    for number, (query, _, document, _, score, _) in lines(path, 6):
        of_query = scores.setdefault(query, {})
        if document in of_query:
            raise BadFile(f'{path}:{number}: document {document.decode()} ranked twice')
        try:
            value = float(score)
            of_query[document] = struct.unpack('f', struct.pack('f', value))[0] if float32 else value
        except (ValueError, OverflowError):
            value = math.nan
        if math.isnan(value):
            raise BadFile(f'{path}:{number}: score {score.decode()} is no number')
    return {query: sorted(of_query, key=lambda document: (of_query[document], document), reverse=True)
            for query, of_query in scores.items()}


def dcg(grades):
    """Discounted cumulative gain; the gain of a grade is the grade, and of one below 0 nothing."""
    return sum(grade / math.log2(place + 2) for place, grade in enumerate(grades) if grade > 0)


def query_measures(grades, ranking):
    """The measures of one query, in the order of MEASURES; grades must hold a relevant document."""
    relevant = sum(grade > 0 for grade in grades.values())
    found = [grades.get(document, 0) for document in ranking]
    hits = [place for place, grade in enumerate(found) if grade > 0]
    ideal = dcg(sorted(grades.values(), reverse=True)[:10])
    precisions = sum((count + 1) / (place + 1) for count, place in enumerate(hits))
    return (dcg(found[:10]) / ideal,
            precisions / relevant,
            1 / (hits[0] + 1) if hits else 0.0,
            sum(place < 10 for place in hits) / 10,
            sum(place < 100 for place in hits) / relevant,
            sum(place < 1000 for place in hits) / relevant)


def evaluate(qrels, run):
    """Returns {query: measures} for each query of qrels that has a relevant document."""
    return {query: query_measures(grades, run.get(query, ()))
            for query, grades in qrels.items() if any(grade > 0 for grade in grades.values())}


def mean(by_query):
    return tuple(sum(column) / len(by_query) for column in zip(*by_query.values()))


def natural(query):
    """Sorts query ids that are numbers by value, before all others."""
    return (0, int(query), query) if query.isdigit() else (1, 0, query)


def print_measures(label, values, tally=None):
    """One line a measure; values holds a tuple of measures for each run."""
    for place, measure in enumerate(MEASURES):
        row = [measure.ljust(12), label] + [f'{of_run[place]:.4f}' for of_run in values]
        if len(values) == 2:
            row.append(f'{values[1][place] - values[0][place]:+.4f}')
        if tally:
            row.append('+%d -%d' % tally[place])
        print('\t'.join(row))


def count_changes(before, after):
    """For each measure, on how many queries after is better and worse."""
    pairs = [(before[query], after[query]) for query in before]
    return [(sum(b[place] > a[place] for a, b in pairs), sum(b[place] < a[place] for a, b in pairs))
            for place in range(len(MEASURES))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('qrels', metavar='QRELS')
    parser.add_argument('runs', metavar='RUN', nargs='+')
    parser.add_argument('-q', action='store_true', help='each query too, before the means')
    parser.add_argument('--float32', action='store_true', help='round scores to floats, as trec_eval 9.0 does')
    options = parser.parse_args()
    if len(options.runs) > 2:
        parser.error('one run or two')
    try:
        qrels = read_qrels(options.qrels)
        results = [evaluate(qrels, read_run(path, options.float32)) for path in options.runs]
        if not results[0]:
            raise BadFile(f'{options.qrels}: no query has a relevant document')
    except BadFile as error:
        print(f'evaluate.py: {error}', file=sys.stderr)
        return 2
    if options.q:
        for query in sorted(results[0], key=natural):
            print_measures(query.decode(), [result[query] for result in results])
    print(f'{"queries":12}\tall\t{len(results[0])}')
    tally = count_changes(*results) if len(results) == 2 else None
    print_measures('all', [mean(result) for result in results], tally)
    return 0


if __name__ == '__main__':
    sys.exit(main())
