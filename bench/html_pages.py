#!/usr/bin/env python3
"""Prints how much of the main text of web pages lede finds, and how much else, page by page.

    html_pages.py BUILD [PAGES]

PAGES ($LEDE_DATA/pages/html) holds a folder a page: source.html, expected.html (its main text, as markup), and
expected-metadata.json, of which "title" is compared. The pages go through `lede-index add`, their texts come from
`lede-index export`. Words are runs of letters, digits and underscores in lower case, taken as a bag: precision is the
share of lede's words that are expected, recall the share of the expected ones that lede has, F1 their harmonic mean.
"""
import collections
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile

WORD = re.compile(r'\w+')
INLINE = set('a abbr b bdi bdo big cite code del dfn em font i ins kbd mark q s samp small span strike strong sub sup '
             'tt u var wbr'.split())
UNREAD = {'script', 'style'}


class Text(html.parser.HTMLParser):
    """The text of markup; elements that are not inline part words."""

    def __init__(self, markup):
        super().__init__()
        self.pieces, self.unread = [], 0
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.unread += tag in UNREAD
        if tag not in INLINE:
            self.pieces.append(' ')

    def handle_endtag(self, tag):
        self.unread -= tag in UNREAD
        if tag not in INLINE:
            self.pieces.append(' ')

    def handle_data(self, data):
        if not self.unread:
            self.pieces.append(data)


def words(text):
    return collections.Counter(WORD.findall(text.lower()))


def shares(found, expected):
    both, some = sum((found & expected).values()), sum(found.values()) + sum(expected.values())
    return (both / max(1, sum(found.values())), both / max(1, sum(expected.values())), 2 * both / max(1, some))


def read_pages(build, pages):
    """What lede makes of the pages: articles by the name of their folder."""
    with tempfile.TemporaryDirectory() as folder:
        index = os.path.join(folder, 'index')
        subprocess.run([f'{build}/lede-index', 'add', '-q', '-r', '-d', index, '--base', pages, '--include',
                        '*/source.html', pages], check=True)
        lines = subprocess.run([f'{build}/lede-index', 'export', '-d', index], check=True, stdout=subprocess.PIPE).stdout
    return {os.path.dirname(article['id']): article for article in map(json.loads, lines.splitlines())}


def read_file(*path):
    with open(os.path.join(*path), encoding='utf-8', errors='replace') as file:
        return file.read()


def main(build, pages):
    articles = read_pages(build, pages)
    names = sorted(name for name in os.listdir(pages) if os.path.exists(os.path.join(pages, name, 'expected.html')))
    rows, titles = [], 0
    print(f'{"page":26}{"precision":>10}{"recall":>8}{"F1":>8}{"words":>7}  title')
    for name in names:
        article, expected = articles[name], words(''.join(Text(read_file(pages, name, 'expected.html')).pieces))
        title = json.loads(read_file(pages, name, 'expected-metadata.json')).get('title') or ''
        same = article['title'] == ' '.join(title.split())
        titles += same
        rows.append(shares(words(article['text']), expected))
        print(f'{name:26}{rows[-1][0]:10.3f}{rows[-1][1]:8.3f}{rows[-1][2]:8.3f}{sum(expected.values()):7}  '
              + ('same' if same else 'other'))
    means = [sum(row[i] for row in rows) / len(rows) for i in range(3)]
    print(f'{"mean of " + str(len(rows)):26}{means[0]:10.3f}{means[1]:8.3f}{means[2]:8.3f}{"":7}  {titles} the same')


if __name__ == '__main__':
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else os.path.join(os.environ['LEDE_DATA'], 'pages', 'html'))
