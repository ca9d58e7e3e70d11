"""Lines with names as mail, lists, tables and forms have them, written around a document's people.

Raw text is written and cut as the tagger cuts it. Words that look like names and are none stand in
it as well: addresses of mail, user names, firms and streets called after people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from ner_rnn.augmentation.document import Document, from_text
from ner_rnn.augmentation.names import NamePool
from ner_rnn.corpora.corpus import PERSON

__all__ = ["laid_out"]

_FIELD = re.compile(r"\{(\w+)\}")
_TEMPLATES = (
    "From: {N} <{mail}>\nSent: {date}\nTo: {N}; {N}\nCc: {R}\nSubject: {words}\n\n{G},\n\n",
    "From: {R}\nTo: {R}\nDate: {date}\nSubject: RE: {words}\n\n",
    "From:\t{N}/{ORG}@{ORG}\nTo:\t{mail}, {mail}\ncc:\t{N}/{ORG}@{ORG}\nSubject:\t{words}\n\n",
    "-----Original Message-----\nFrom: {R} [mailto:{mail}]\nSent: {date}\nTo: {R}; {R}\n"
    "Subject: {words}\n\n",
    "On {date}, {N} <{mail}> wrote:\n> {words}\n> {words}\n",
    "Date: {date}\nFrom: {mail}\nReply-To: {mail}\nMessage-ID: <{id}@{host}>\nTo: {mail}\n\n",
    "\n{close},\n\n{N}\n{job}\n{firm}\n{street}\n{phone}\n{mail}\n",
    "\n{close},\n{F}\n",
    "\n{close}\n\n{N}\n{job}, {firm}\n",
    "Dear {T} {L},\n\n",
    "Dear {F},\n\n",
    "Hi {F},\n\n",
    "{F},\n\n",
    "Present: {N}, {N}, {N} ({job}), {N}\nApologies: {N}\n",
    "ATTENDEES\n{N}\n{N}\n{R}\n{N}\n",
    "Name,Date of birth,City,Amount\n{N},{date},{city},{number}\n{N},{date},{city},{number}\n"
    "{N},{date},{city},{number}\n",
    "{R}\t{number}\t{city}\n{R}\t{number}\t{city}\n{R}\t{number}\t{city}\n",
    "| id | name | city |\n|----|------|------|\n| {number} | {N} | {city} |\n| {number} | {R} |"
    " {city} |\n",
    "1. {N} ({city}) {number}\n2. {N} ({city}) {number}\n3. {N} ({city}) {number}\n",
    "Name: {N}\nAddress: {street}\nPhone: {phone}\nE-mail: {mail}\n",
    "Patient: {R}   DOB: {date}   MRN: {number}\nAttending: {T} {L}\nReferred by: {N}, MD\n\n",
    "Patient {N} was seen by {T} {L} at {firm} on {date}.\n",
    "{LU}, {FU}   {number}   {date}\n",
    "{N}, Plaintiff,\nv.\n{N} and {firm}, Defendants.\nNo. {number}\n",
    "IN THE COURT OF {city}\n\n{NU},\n     Petitioner,\nv.                Case No. {number}\n\n"
    "{NU}, et al.,\n     Respondents.\n\nBefore {LU}, {LU} and {LU}, Circuit Judges.\n",
    "{N}, {N} & {N}, for appellant. {N}, Assistant Attorney General, for the State.\n",
    "{L} v. {firm}, {number} F.2d {number} ({date})\n",
    "By {N}\n{date}\n\n",
    "By {NU}, {firm}\n\n",
    "{L}, {I} and {L}, {I} ({year}). {words}. {firm}, {city}.\n",
    "{I} {L}, {I} {L}, and {I} {L}. {year}. {words}.\n",
    "{FL}: {words}?\n{FL}: {words}.\n{FL}: {words}!\n",
    "{NU}: {words}.\n{NU}: {words}.\n",
    "Q. {words}, {T} {L}?\nA. {words}.\n",
    "[{time}] <{user}> {words}\n[{time}] <{user}> hi {fl}, {words}\n[{time}] <{user}> {words}\n",
    "{time} - {N}: {words}\n{time} - {N}: {words} @{user}\n",
    "@{user} {words} @{user} {url}\n",
    "call {nl} at {phone}\n",
    "remind me to email {fl} about {words}\n",
    "play {words} by {nl}\n",
    "what time is {nl} coming on {date}\n",
    "set up a meeting with {fl} and {nl} tomorrow\n",
    "text {fl} {words}\n",
    "who is {nl}\n",
    "{firm} and {firm} said that {firm} of {street} would buy {firm}.\n",
    "{street}\n{city} {number}\n\n{street}, {city}\n",
    "Author: {N} <{mail}>\nDate:   {date}\n\n    {words}\n\n    Signed-off-by: {N} <{mail}>\n",
    "Witness my hand this day.\n\n/s/ {N}\n{N}\n{job}\n",
    "BORROWER:\n{firm}\nBy: {N}\nName: {N}\nTitle: {job}\n",
    "{N}'s {thing}, {F}'s {thing} and {L}'s {thing}\n",
    "{I} {L} c {L} b {L} {number}\n{I} {L} lbw b {L} {number}\n{I} {L} not out {number}\n",
    "Bowling: {L} {figures}, {L} {figures}, {L} {figures} (1w), {L} {figures}.\n",
    "{city} {number} ({I} {L} {number}, {I} {L} {number} not out; {I} {L} {small}-{number}).\n",
    "1. {N} ({city}) {score}\n2. {N} ({city}) {score}\n3. {N} ({city}) {score}\n",
    "{number} {N} ({city}) {score}, {N} {score}, {N}, {N} {score}\n",
    "{city} - 1 - {N}; 2 - {N}, 4 - {N} ({small} - {N} 76), 5 - {N}\n",
    "{N} ({city}) beat {N} ({city}) {small}-{small} {small}-{small}\n",
    "{city} {small} ({N} {number}, {N} {number}) {city} {small} ({L} {number})\n",
    "{N}, {job} at {firm}, said {firm} would {words}. {firm} and {firm} declined.\n",
    'Shares in {firm} rose, said {N} of {firm}. "{words}," {L} said.\n',
    "REUTERS/{N}\nPhoto: {N}\n(Reporting by {N} and {N}; editing by {N})\n",
)
_CLOSES = ("Best regards", "Kind regards", "Sincerely", "Yours sincerely", "Thanks", "Cheers",
           "Love", "Best", "Regards", "Yours truly", "Many thanks", "Respectfully")  # fmt: skip
_JOBS = ("Director", "Vice President", "Secretary", "Editor", "Manager", "Chief Executive Officer",
         "Engineer", "Professor of History", "Attorney at Law", "Nurse", "Treasurer",
         "Managing Director", "Project Lead", "Archivist", "Authorized Signatory")  # fmt: skip
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Mrs", "Ms", "Dr", "Prof.", "Judge", "Sir", "Miss",
           "Senator", "Captain", "Rev.")  # fmt: skip
_CITIES = ("Lagos", "Boston", "Paris", "Lima", "Hanoi", "Houston", "Perth", "Florence", "Georgia",
           "Lincoln", "Madison", "Jackson", "Austin", "Charlotte", "Victoria", "Washington",
           "Kolkata", "Seoul", "Nairobi", "Berlin", "San Jose", "St. Louis", "Dallas")  # fmt: skip
_STREETS = ("Street", "St.", "Avenue", "Ave", "Road", "Rd", "Lane", "Boulevard", "Drive")
_THINGS = ("house", "car", "report", "letter", "mother", "team", "company", "idea", "book", "dog")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_FIRMS = ("{0} & {1}", "{0} Inc.", "{0} {1} LLP", "{0} Brothers", "{0} and Sons", "{0} Ltd",
          "{0} University", "{0} Foundation", "{0} Bank", "{0} Hospital", "{0}, {1} & Co.",
          "{0} Airlines", "{0} Stadium", "{0} v. {1}", "The {0} Group", "{0} Corp")  # fmt: skip


def laid_out(document: Document, pool: NamePool, random: Random) -> Document:
    """Return a document with lines of names before or behind it, or such lines alone."""
    culture = random.choice(pool.cultures)
    people = [pool.draw_full(random, culture) for _ in range(4)]
    plain = [word for s in document for word in s.words if word.isalpha() and word.islower()] or [
        "the",
        "plan",
        "for",
        "next",
        "week",
    ]
    written = "".join(
        _fill(random.choice(_TEMPLATES), people, plain, pool, random)
        for _ in range(random.choice((1, 1, 2)))
    )
    text, names = _without_braces(written)
    lines = from_text(text, names, PERSON)
    kind = random.random()
    if kind < 0.4:
        return lines
    return [*lines, *document] if kind < 0.75 else [*document, *lines]


def _fill(
    template: str,
    people: Sequence[Sequence[str]],
    plain: Sequence[str],
    pool: NamePool,
    random: Random,
) -> str:
    """Fill a template in; names stand between U+0002 and U+0003."""

    def named(words: Sequence[str]) -> str:
        return f"\2{' '.join(words)}\3"

    def some_words() -> str:
        first = random.randrange(len(plain))
        return " ".join(plain[first : first + random.randrange(2, 7)])

    def surname() -> str:
        culture = random.choice(pool.cultures)
        return pool.draw(random, is_given=False, culture=culture)

    def user() -> str:
        person = random.choice(people)
        given, family = person[0].lower().strip("."), person[-1].lower()
        forms = (f"{given}.{family}", f"{given[0]}{family}", f"{family}{random.randrange(99)}",
                 f"{given}_{family}", given + str(random.randrange(1900, 2020)))  # fmt: skip
        return random.choice(forms).replace(" ", "").replace("'", "")

    def host() -> str:
        name = re.sub(r"\W", "", random.choice((surname(), random.choice(plain)))).lower()
        return f"{name or 'mail'}.{random.choice(('com', 'org', 'net', 'edu', 'co.uk'))}"

    def date() -> str:
        day, month, year = (
            random.randrange(1, 29),
            random.randrange(12),
            random.randrange(1950, 2026),
        )
        name = _MONTHS[month]
        return random.choice((f"{year}-{month + 1:02}-{day:02}", f"{name} {day}, {year}",
                              f"{day} {name[:3]} {year}", f"{day}/{month + 1}/{year}"))  # fmt: skip

    makers: dict[str, Callable[[Sequence[str]], str]] = {
        "N": named,
        "F": lambda p: named(p[:1]),
        "L": lambda p: named(p[-1:]),
        "R": lambda p: named([f"{p[-1]},", *p[:-1]]),
        "NU": lambda p: named([w.upper() for w in p]),
        "LU": lambda p: named([p[-1].upper()]),
        "FU": lambda p: named([p[0].upper()]),
        "FL": lambda p: named([random.choice((p[0], p[0].upper()))]),
        "nl": lambda p: named([w.lower() for w in p]),
        "fl": lambda p: named([p[0].lower()]),
        "I": lambda p: p[0][0] + ".",
        "G": lambda p: random.choice(("Dear ", "Hi ", "Hello ", "")) + named(p[:1]),
        "T": lambda _: random.choice(_TITLES),
        "mail": lambda _: f"{user()}@{host()}",
        "user": lambda _: user(),
        "host": lambda _: host(),
        "url": lambda _: f"https://www.{host()}/{user()}",
        "id": lambda _: f"{random.getrandbits(48):x}",
        "ORG": lambda _: random.choice(("HOU", "ECT", "NA", "CORP", "LON")),
        "date": lambda _: date(),
        "year": lambda _: str(random.randrange(1850, 2025)),
        "time": lambda _: f"{random.randrange(24):02}:{random.randrange(60):02}",
        "words": lambda _: some_words(),
        "close": lambda _: random.choice(_CLOSES),
        "job": lambda _: random.choice(_JOBS),
        "firm": lambda _: random.choice(_FIRMS).format(surname(), surname()),
        "street": lambda _: f"{random.randrange(1, 999)} {surname()} {random.choice(_STREETS)}",
        "city": lambda _: random.choice(_CITIES),
        "phone": lambda _: f"({random.randrange(200, 999)}) 555-{random.randrange(10000):04}",
        "number": lambda _: str(random.randrange(1, 10 ** random.randrange(1, 7))),
        "thing": lambda _: random.choice(_THINGS),
        "small": lambda _: str(random.randrange(1, 12)),
        "score": lambda _: (
            f"{random.randrange(1, 99)}{random.choice('.:')}{random.randrange(10, 60)}"
        ),
        "figures": lambda _: "-".join(str(random.randrange(n)) for n in (12, 4, 60, 6)),
    }
    person: list[Sequence[str]] = [random.choice(people)]

    def fill(match: re.Match[str]) -> str:
        field = match[1]
        if field not in {"L", "LU", "FU", "F"} or random.random() < 0.5:
            person[0] = random.choice(people)
        return makers[field](person[0])

    return _FIELD.sub(fill, template)


def _without_braces(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Take out the marks of names; return the text and the offsets of the names."""
    parts: list[str] = []
    names: list[tuple[int, int]] = []
    size = 0
    for number, piece in enumerate(re.split("[\2\3]", text)):
        if number % 2:
            names.append((size, size + len(piece)))
        parts.append(piece)
        size += len(piece)
    return "".join(parts), names
