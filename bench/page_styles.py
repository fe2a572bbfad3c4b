"""How news sites dress an article, for bench/chained_pages.py: templates of pages as scrapers save them.

A style is a function of (random, article) that gives what stands before the article's title, its header with the title
in it, its text, and what stands behind; SINGLES give what a page of one article has around it. All names are invented.
TUNED are those that the rules of indexer/page were made with; HELD_OUT were written, and tried, when the rules had been made.
"""
NAMES = ['Ada Quist', 'Bram Oyelaran', 'Celia van Houten', 'Dmitri Sala', 'Edda Marsh', 'Farid Kestrel', 'Gwen Ostrava',
         'Hiro Lindqvist', 'Ines Calloway', 'Jonas Petrov-Hale', 'Kit Umber', 'Lena Okonjo']
SECTIONS = ['Politics', 'Business', 'Sport', 'World', 'Technology', 'Health', 'Culture', 'Harbour', 'Town Hall', 'Markets']
MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November',
          'December']
DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
PLACES = ['LONDON', 'PARIS', 'NEW YORK', 'TOKYO', 'SAO PAULO', 'WASHINGTON', 'BONN']


def day(r, form=None):
    d, m, y = r.randint(1, 28), r.randint(1, 12), r.randint(1998, 2025)
    forms = [f'{d} {MONTHS[m - 1]} {y}', f'{MONTHS[m - 1]} {d}, {y}', f'{y}-{m:02}-{d:02}', f'{MONTHS[m - 1][:3]} {d}, {y}',
             f'{r.choice(DAYS)}, {d} {MONTHS[m - 1]} {y}', f'{d:02}/{m:02}/{y}', f'{d:02}.{m:02}.{y}']
    return forms[form] if form is not None else r.choice(forms)


def clock(r):
    return f'{r.randint(0, 23):02}:{r.randint(0, 59):02}'


def age(r):
    return r.choice([f'{r.randint(2, 23)} hours ago', f'{r.randint(2, 6)} days ago', '1 day ago', f'{r.randint(5, 55)} mins ago'])


def mangle(title):
    """As a shell would take $6 out of $650M."""
    i = title.find('$')
    return title[:i] + title[i + 2:] if i >= 0 else title


def section(r):
    return r.choice(SECTIONS)


# ---- chained: (before, header, text, behind) ----

def theme(r, a):
    name = r.choice(['', r.choice(NAMES) + '\n\n'])
    date = r.choice(['', f'{age(r)}\n\non\n\n{day(r, 0)}\n\n', 'on\n\n'])
    again = (mangle(a.title) + '\n\n') * r.randint(1, 2)
    return f'{section(r)}\n\n', f'{a.title}\n\nPublished\n\n{date}By\n\n{name}{again}', a.text, '\n\nContinue Reading\n\n'


def blog(r, a):
    return ('', f'{a.title}\n\nPosted on {day(r)} by {r.choice(NAMES)}\n\n', a.text,
            f'\n\nContinue reading →\n\nPosted in {section(r)} | Tagged news | Leave a comment\n\n')


def rules(r, a):
    return r.choice(['----------\n\n', '* * *\n\n', '=====\n\n']), f'{a.title}\n\nBy {r.choice(NAMES)}\n\n', a.text, '\n\n'


def wire(r, a):
    line = f'{r.choice(PLACES)}, {MONTHS[r.randint(0, 11)]} {r.randint(1, 28)} (Newswire) - '
    return '', f'{a.title}\n\n', line + a.text, '\n\n'


def magazine(r, a):
    return (f'{section(r)}\n\n', f'{a.title}\n\nBy {r.choice(NAMES)}\n\n{day(r)}\n\n{r.randint(2, 9)} min read\n\n', a.text,
            f'\n\nShare\nTweet\nEmail\n\n{r.randint(1, 90)} comments\n\n')


def dated(r, a):
    return '', f'{a.title}\n\n{day(r)}\n\n', a.text, '\n\n'


def doubled(r, a):
    return '', f'{a.title}\n\n{a.title}\n\n', a.text, '\n\nRead more\n\n'


def french(r, a):
    return '', f'{a.title}\n\nPublié le {day(r, 5)} par {r.choice(NAMES)}\n\n', a.text, '\n\nLire la suite\n\n'


def scroll(r, a):
    return (f'Advertisement\n\nUp next\n\n', f'{a.title}\n\n{r.choice(NAMES)}\nUpdated {MONTHS[r.randint(0, 11)][:3]} '
            f'{r.randint(1, 28)}, {r.randint(2010, 2025)} at {clock(r)} GMT\n\n', a.text, '\n\nShare this article\n\n')


def site_title(r, a):
    return ('', f'{a.title} | The Evening Gannet\n\n{section(r)}\n\n{a.title}\n\n{r.choice(NAMES)}, {day(r, 1)}\n\n', a.text,
            '\n\nCopy link\n\n')


def date_first(r, a):
    return f'{day(r)}\n\n', f'{a.title}\n\n', a.text, '\n\nFull story\n\n'


def german(r, a):
    return (f'{r.choice(["Politik", "Wirtschaft", "Kultur"])}\n\n',
            f'{a.title}\n\nVon {r.choice(NAMES)}\n\nVeröffentlicht am {day(r, 6)}, {clock(r)} Uhr\n\n', a.text,
            '\n\nWeiterlesen\n\n')


def dense(r, a):
    return '', f'{a.title}\nBy {r.choice(NAMES)}\n{day(r, 1)}\n', a.paragraphs, '\n'


def standfirst(r, a):
    return ('', f'{a.title}\n\nWhat it means, why it matters and who will have to pay for all of it in the end.\n\n'
            f'{r.choice(NAMES)}\n\nPublished: {clock(r)}, {day(r, 0)}\n\n', a.text, '\n\nRead the full story\n\n')


def markdown(r, a):
    return '', f'# {a.title}\n\n*{r.choice(NAMES)}, {day(r, 0)}*\n\n', a.text, '\n\n---\n\n'


def agency(r, a):
    place = r.choice(PLACES)
    return f'{"_" * 40}\n\n', f'{a.title}\n\n', f'{place} (AGP) — ' + a.text, f'\n\n(Editing by {r.choice(NAMES)})\n\n'


def portal(r, a):
    return (f'{section(r).upper()}\n\n', f'{a.title}\n\nby {r.choice(NAMES)} — {age(r)}\n\n', a.text,
            '\n\nRead More »\n\n0 Comments\n\n')


def press(r, a):
    return ('FOR IMMEDIATE RELEASE\n\n', f'{a.title}\n\n', f'{r.choice(PLACES)}, {day(r, 1)} – {a.text}',
            '\n\n###\n\n')


def journal(r, a):
    return ('', f'{a.title}\n\nWritten by {r.choice(NAMES)} on {day(r, 1)}\n\n', a.text,
            '\n\nTags: harbour, news, weather\n\nComments Off\n\n')


def spanish(r, a):
    return 'Deportes\n\n', f'{a.title}\n\nPor {r.choice(NAMES)} | {day(r, 5)}\n\n', a.text, '\n\nSeguir leyendo\n\n'


def broadcaster(r, a):
    return ('', f'{a.title}\n\n{r.choice(NAMES)}\n\n{r.choice(["Business", "Health", "Sport"])} reporter\n\n'
            f'{day(r, 0)}\n\n', a.text, '\n\nRelated Topics\n\nMore on this story\n\n')


def tabloid(r, a):
    when = day(r, 0)
    return ('', f'{a.title}\n\nBy {r.choice(NAMES).upper()}, REPORTER\nPublished: {clock(r)} GMT, {when} | Updated: '
            f'{clock(r)} GMT, {when}\n\n{r.randint(2, 90)}\nView comments\n\n', a.text,
            f'\n\nShare or comment on this article: {a.title}\n\n')


def newsletter(r, a):
    return '~ ~ ~\n\n', f'{section(r)}\n\n{a.title}\n\n{r.choice(NAMES)} reports\n\n', a.text, '\n\nBack to top\n\n'


def regional(r, a):
    return ('', f'{a.title}\n\n{section(r)} | {r.choice(NAMES)} | {day(r, 1)}\n\n', a.text,
            '\n\nPrint\n\nReport a mistake in this story\n\n')


def review(r, a):
    return (f'{"•" * 3}\n\n', f'{a.title.upper()}\n\n{r.choice(NAMES)}\n\n', a.text, '\n\n')


def italian(r, a):
    return ('Cultura\n\n', f'{a.title}\n\ndi {r.choice(NAMES)}\n\nPubblicato il {day(r, 5)} alle {clock(r)}\n\n', a.text,
            '\n\nContinua a leggere\n\n')


def feed(r, a):
    return ('', f'Title: {a.title}\nDate: {day(r, 2)} {clock(r)}\nAuthor: {r.choice(NAMES)}\n\n', a.text, '\n\n')


def paper(r, a):
    return (f'{r.choice(NAMES)}\n{r.choice(["Staff writer", "Chief reporter"])}\n\n',
            f'{a.title}\n\nFirst published on {day(r, 4)}\n\n', a.text, '\n\nSign up for our newsletter\n\n')


def short(r, a):
    """A digest: the beginnings alone."""
    return f'{section(r)}\n\n', f'{a.title}\n\n{age(r)} by {r.choice(NAMES)}\n\n', a.summary + ' …', '\n\nRead more…\n\n'


# ---- chained, held out ----

def weekly(r, a):
    return ('', f'{a.title}\n\n{section(r)} — {day(r, 0)}\n\nBy {r.choice(NAMES)} and {r.choice(NAMES)}\n\n', a.text,
            '\n\nSupport our journalism\n\n')


def gazette(r, a):
    return ('Latest headlines\n\n', f'{a.title}\n\n{r.choice(NAMES)} in {r.choice(PLACES).title()}\n\n{day(r, 1)}, {clock(r)}\n\n',
            a.text, '\n\nListen to this article\n\n')


def portuguese(r, a):
    return ('Economia\n\n', f'{a.title}\n\nPor {r.choice(NAMES)}\n\n{day(r, 5)} {clock(r)}\n\n', a.text, '\n\nLeia mais\n\n')


def wire_desk(r, a):
    return (f'{"-" * 60}\n', f'{a.title}\n{"-" * 60}\n', f'{r.choice(PLACES)} (Newswire) -- {a.text}', '\n\n')


def amp(r, a):
    return ('', f'{a.title}\n\n{a.title}\n\nPublished: {day(r, 4)}, {clock(r)} [IST]\n\nBy: {r.choice(NAMES)}\n\nFollow us\n\n',
            a.text, '\n\nAlso read\n\n')


def bulletin(r, a):
    return ('', f'{a.title}\n\nDate: {day(r, 0)}\n\n', a.text, '\n\nEnds\n\n')


TUNED = [theme, blog, rules, wire, magazine, dated, doubled, french, scroll, site_title, date_first, german, dense,
         standfirst, markdown, agency, portal, press, journal, spanish, broadcaster, tabloid, newsletter, regional, review,
         italian, feed, paper, short]
HELD_OUT = [weekly, gazette, portuguese, wire_desk, amp, bulletin]

# ---- what a page has before and behind its articles ----


def front(r):
    return r.choice(['', 'The Evening Gannet\n\nHome\nPolitics\nBusiness\nSport\nConnect with us\n\n',
                     'Skip to main content\n\nMenu\n\nSubscribe\n\nSign in\n\n'])


def back(r, titles):
    some = r.sample(titles, 3)
    return r.choice(['', 'Trending\n\n' + ''.join(f'{section(r)}\n\n{age(r)}\n\n{t}\n\n' for t in some),
                     'Most read\n\n' + ''.join(f'{i + 1}\n{t}\n' for i, t in enumerate(some)),
                     '\nAbout us\n\nContact\n\nCopyright © The Evening Gannet. All rights reserved.\n'])


# ---- pages of one article: the whole ----

def single_plain(r, a, others):
    return f'{a.title}\n\n{a.text}\n'


def single_related(r, a, others):
    return (front(r) + f'{section(r)}\n\n{a.title}\n\nBy {r.choice(NAMES)}\n\n{day(r)}\n\n{a.text}\n\nRelated articles\n\n' +
            ''.join(f'{o.title}\n\n{day(r)}\n\n{o.summary}\n\nRead more\n\n' for o in r.sample(others, 3)))


def single_comments(r, a, others):
    return (f'{a.title}\n\nPosted on {day(r)} by {r.choice(NAMES)}\n\n{a.text}\n\n3 comments\n\n' +
            ''.join(f'{r.choice(NAMES)}\n\n{age(r)}\n\n{o.summary}\n\nReply\n\n' for o in r.sample(others, 3)))


def single_theme(r, a, others):
    return front(r) + f'{a.title}\n\nPublished\n\n{age(r)}\n\non\n\n{day(r, 0)}\n\nBy\n\n{r.choice(NAMES)}\n\n{a.title}\n\n' \
        f'{a.text}\n\nContinue Reading\n\nYou may also like\n\n' + ''.join(f'{o.title}\n\n' for o in r.sample(others, 4))


def single_fold(r, a, others):
    half = len(a.paragraph_list) // 2
    return (f'{a.title}\n\nBy {r.choice(NAMES)}\nUpdated {day(r, 1)}\n\n' + '\n\n'.join(a.paragraph_list[:half]) +
            f'\n\nContinue reading the main story\n\nAdvertisement\n\n' + '\n\n'.join(a.paragraph_list[half:]) +
            f'\n\nMore on this story\n\n{r.choice(others).title}\n\n{day(r)}\n')


def single_teasers(r, a, others):
    """Behind the article the beginnings of others, dressed as it is."""
    return (f'{a.title}\n\n{r.choice(NAMES)}\n\n{day(r, 0)}\n\n{a.text}\n\nMore stories\n\n' +
            ''.join(f'{section(r)}\n\n{o.title}\n\nBy {r.choice(NAMES)}\n\n{age(r)}\n\n{o.summary}\n\n'
                    for o in r.sample(others, 4)))


def single_sections(r, a, others):
    """Headings inside, as long reports have them."""
    heads = ['What happened next', 'The view from the harbour', 'A question of money', 'What the figures say']
    out = [f'{a.title}\n\nBy {r.choice(NAMES)}\n\n{day(r)}\n']
    for i, p in enumerate(a.paragraph_list):
        if i % 3 == 2:
            out.append(f'\n{r.choice(heads)}\n')
        out.append(f'\n{p}\n')
    return ''.join(out)


def single_review(r, a, others):
    """What readers wrote, with headings of their own."""
    return (front(r) + f'{a.title}\n\n{day(r)}\n\n{a.text}\n\nLeave a reply\n\n' +
            ''.join(f'{r.choice(NAMES)} says:\n{day(r, 1)} at {clock(r)}\n\n{o.summary}\n\nReply\n\n'
                    for o in r.sample(others, 4)))


def single_live(r, a, others):
    """Entries with a time and a heading each."""
    return (front(r) + f'{a.title}\n\nBy {r.choice(NAMES)}\n\nLast updated: {day(r, 0)} {clock(r)}\n\nKey points\n\n' +
            ''.join(f'{clock(r)}\n\nWhat the {section(r).lower()} desk has heard so far\n\n{p}\n\n' for p in a.paragraph_list))


def single_timeline(r, a, others):
    return (f'{a.title}\n\n{a.summary}\n\nHow it came to this\n\n' +
            ''.join(f'{day(r, 0)}\n\n{p}\n\n' for p in a.paragraph_list))


def single_author(r, a, others):
    """A box about the author, with what else there is of theirs."""
    name = r.choice(NAMES)
    return (f'{a.title}\n\n{a.title}\n\n{name}\n{day(r, 1)}\n\n{a.text}\n\nAbout {name}\n\n{name} writes about harbours, and '
            f'about whoever comes into them.\n\nMore by {name}\n\n' + ''.join(f'{o.title}\n{day(r, 1)}\n\n' for o in
                                                                               r.sample(others, 4)))


def single_promos(r, a, others):
    """Boxes of other articles between the paragraphs."""
    out = [f'{section(r)}\n\n{a.title}\n\nPublished {day(r, 0)}\n']
    for i, p in enumerate(a.paragraph_list):
        out.append(f'\n{p}\n')
        if i % 4 == 1:
            out.append(f'\nRead more\n\n{r.choice(others).title}\n')
    return ''.join(out) + f'\nShare\n\nMost read\n\n' + ''.join(f'{o.title}\n' for o in r.sample(others, 5))


def single_minutes(r, a, others):
    """Numbered parts, each with who spoke and when."""
    return (f'{a.title}\n\n{day(r, 0)}\n\n' +
            ''.join(f'{i + 1}. {r.choice(NAMES)} ({clock(r)})\n\n{p}\n\n' for i, p in enumerate(a.paragraph_list)))


def single_quotes(r, a, others):
    """Pulled quotes and captions between the paragraphs, and a rule here and there."""
    out = [front(r) + f'{a.title}\n\n{r.choice(NAMES)}\n\n{day(r, 1)}\n']
    for i, p in enumerate(a.paragraph_list):
        out.append(f'\n{p}\n' + ('\n* * *\n' if i % 3 == 0 else f'\n“Nobody asked us about any of it”\n\nPhoto: {r.choice(NAMES)}\n'))
    return ''.join(out)


def single_archive(r, a, others):
    """Behind the article what the site wrote before, by month."""
    return (f'{a.title}\n\nBy {r.choice(NAMES)} on {day(r, 0)}\n\n{a.text}\n\nPrevious post\n\n{r.choice(others).title}\n\n' +
            'Archives\n\n' + ''.join(f'{m} {r.randint(2001, 2024)}\n' for m in MONTHS) + '\nRecent comments\n\n' +
            ''.join(f'{r.choice(NAMES)} on {o.title}\n' for o in r.sample(others, 4)))


def single_recipe(r, a, others):
    """Lists, steps, and what readers thought of it."""
    steps = ''.join(f'Step {i + 1}\n\n{p}\n\n' for i, p in enumerate(a.paragraph_list))
    return (f'{a.title}\n\nBy {r.choice(NAMES)}\n\nUpdated {day(r, 1)}\n\n{steps}Reviews (2)\n\n' +
            ''.join(f'{r.choice(NAMES)}\n{day(r, 5)}\nRating: {r.randint(1, 5)}\n\n{o.summary}\n\n' for o in r.sample(others, 2)))


def single_mail(r, a, others):
    """Forwarded, with what it answers quoted below."""
    return (f'Subject: {a.title}\nFrom: {r.choice(NAMES)}\nDate: {day(r, 2)} {clock(r)}\n\n{a.text}\n\n'
            f'On {day(r, 1)}, {r.choice(NAMES)} wrote:\n\n> {r.choice(others).summary}\n')


def single_gallery(r, a, others):
    return (front(r) + f'{section(r)}\n\n{a.title}\n\n{age(r)}\n\n' +
            '\n\n'.join(f'{i + 1}/{len(a.paragraph_list)}\n\nPhotograph: {r.choice(NAMES)}\n\n{p}' for i, p in
                        enumerate(a.paragraph_list)) + '\n\nMore galleries\n\n' +
            ''.join(f'{o.title}\n\n{day(r, 0)}\n\n' for o in r.sample(others, 4)))


SINGLES_TUNED = [single_plain, single_related, single_comments, single_theme, single_fold, single_teasers, single_sections,
                 single_review, single_live, single_timeline, single_author, single_promos, single_minutes, single_quotes,
                 single_archive]
SINGLES_HELD_OUT = [single_recipe, single_mail, single_gallery]
