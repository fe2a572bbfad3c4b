#!/usr/bin/env python3
"""python3 -m unittest bench/test_evaluate.py: evaluate.py against cases worked by hand."""
import math
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import evaluate  # noqa: E402


class Evaluate(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)

    def write(self, name, text):
        path = os.path.join(self.directory.name, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def measures(self, grades, ranking):
        grades = {document.encode(): grade for document, grade in grades.items()}
        ranking = [document.encode() for document in ranking]
        return dict(zip(evaluate.MEASURES, evaluate.query_measures(grades, ranking)))

    def test_a_perfect_ranking_scores_one(self):
        got = self.measures({'a': 3, 'b': 2, 'c': 0}, ['a', 'b', 'c'])
        self.assertEqual((got['ndcg_cut_10'], got['map'], got['recip_rank']), (1, 1, 1))
        self.assertEqual(got['P_10'], 0.2)

    def test_gain_is_the_grade_and_the_discount_log2_of_rank_plus_one(self):
        got = self.measures({'a': 4, 'b': 1}, ['b', 'x', 'a'])
        self.assertAlmostEqual(got['ndcg_cut_10'], (1 + 4 / 2) / (4 + 1 / math.log2(3)))

    def test_average_precision_counts_what_was_not_found(self):
        # Relevant at ranks 1 and 4, a third never: (1/1 + 2/4 + 0) / 3.
        got = self.measures({'a': 1, 'b': 1, 'c': 1}, ['a', 'x', 'y', 'b'])
        self.assertAlmostEqual(got['map'], 0.5)
        self.assertAlmostEqual(got['recall_100'], 2 / 3)

    def test_the_cut_is_after_ten_and_the_ideal_is_cut_too(self):
        grades = {f'd{n:02}': 1 for n in range(12)}
        got = self.measures(grades, ['x'] + sorted(grades))
        ideal = sum(1 / math.log2(n + 1) for n in range(1, 11))
        self.assertAlmostEqual(got['ndcg_cut_10'], (ideal - 1) / ideal)
        self.assertEqual(got['P_10'], 0.9)
        self.assertEqual(got['recip_rank'], 0.5)

    def test_recall_looks_no_further_than_its_cut(self):
        got = self.measures({'a': 1, 'b': 1}, [f'x{n}' for n in range(99)] + ['a', 'b'])
        self.assertEqual((got['recall_100'], got['recall_1000']), (0.5, 1))

    def test_a_grade_below_zero_is_worth_nothing(self):
        self.assertEqual(self.measures({'a': 2, 'b': -1}, ['b', 'a']),
                         self.measures({'a': 2}, ['b', 'a']))

    def test_ties_fall_to_the_larger_document_id_whatever_the_rank_column_says(self):
        run = self.write('run', '1 Q0 d10 1 2.5 r\n1 Q0 d9 2 2.5 r\n1 Q0 d8 3 7 r\n')
        self.assertEqual(evaluate.read_run(run), {b'1': [b'd8', b'd9', b'd10']})

    def test_scores_that_only_doubles_tell_apart_tie_as_floats(self):
        run = self.write('run', '1 Q0 a 1 1.00000002 r\n1 Q0 b 2 1.00000001 r\n')
        self.assertEqual(evaluate.read_run(run)[b'1'], [b'a', b'b'])
        self.assertEqual(evaluate.read_run(run, float32=True)[b'1'], [b'b', b'a'])

    def test_a_query_not_answered_is_zero_and_one_without_relevant_documents_is_no_query(self):
        qrels = evaluate.read_qrels(self.write('qrels', '1 0 a 1\n2 0 a 1\n3 0 a 0\n'))
        run = evaluate.read_run(self.write('run', '1 Q0 a 1 1 r\n3 Q0 a 1 1 r\n4 Q0 a 1 1 r\n'))
        results = evaluate.evaluate(qrels, run)
        self.assertEqual(sorted(results), [b'1', b'2'])
        self.assertEqual(evaluate.mean(results)[1], 0.5)

    def test_nonsense_is_refused_with_its_line(self):
        for name, text, read in (('qrels', '1 0 a 1\n1 0 a 2\n', evaluate.read_qrels),
                                 ('qrels', '\n1 0 a high\n', evaluate.read_qrels),
                                 ('run', '1 Q0 a 1 2 r\n1 Q0 a 2 1 r\n', evaluate.read_run),
                                 ('run', '1 Q0 a 1 2 r\n1 Q0 b 2 nan r\n', evaluate.read_run),
                                 ('run', '1 Q0 a 1 2 r\n1 Q0 b 2 1\n', evaluate.read_run)):
            with self.assertRaisesRegex(evaluate.BadFile, f'{name}:2:'):
                read(self.write(name, text))

    def test_two_runs_are_compared_query_by_query(self):
        qrels = self.write('qrels', '1 0 a 1\n2 0 a 1\n')
        run = self.write('run', '1 Q0 a 1 1 r\n2 Q0 a 1 1 r\n')
        run2 = self.write('run2', '1 Q0 a 1 1 r\n2 Q0 a 2 1 r\n2 Q0 b 1 2 r\n')
        got = subprocess.run([sys.executable, os.path.join(HERE, 'evaluate.py'), '-q', qrels, run, run2],
                             capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(got[2].split('\t')[1:], ['1', '1.0000', '1.0000', '+0.0000'])
        self.assertEqual(got[-4].split('\t'), ['recip_rank  ', 'all', '1.0000', '0.7500', '-0.2500', '+0 -1'])


if __name__ == '__main__':
    unittest.main()
