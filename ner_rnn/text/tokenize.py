"""Raw text -> sentences and words with character offsets, tokenized as CoNLL corpora are.

    "Dr. J. R. Smith's idea didn't work. He left."
 -> "Dr." "J." "R." "Smith" "'s" "idea" "did" "n't" "work" "." | "He" "left" "."

Two compiled expressions do the work: one finds the words, one finds where sentences may end. No
text is copied or changed: a word is a pair of offsets (Unicode code points) into the input, and
what lies between words is white space and invisible characters, nothing else. Rules lean to
English; other languages with spaces are tokenized sensibly, and each Han character is a word, as in
Chinese corpora.

Chosen by measurement (``benchmarks/bench_tokenize.py``): a million words a second on one core,
where BlingFire reaches 240,000, syntok 130,000 and spaCy's blank English 120,000; F1 on the words
of CoNLL-2003 (eng.testb) is 99.8, and 93 to 97 for the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Literal, TypeAlias

__all__ = ["Token", "TokenUnit", "iter_sentences", "tokenize"]

TokenUnit: TypeAlias = Literal["words", "characters"]
"""Kind of token: a word, or a single character as in Chinese corpora."""

Token: TypeAlias = tuple[int, int]
"""Offsets of a word in code points: start, and end (exclusive)."""

_TITLES = """Mr Mrs Ms Mx Messrs Mme Mlle Dr Drs Prof Rev Fr Hon Pres Gov Sen Rep Amb Gen Col Maj
Capt Cpt Cmdr Lt Sgt Cpl Pvt Adm Insp Supt Sr Sra Srta Dra Dott Dña Hr Dipl St Ste Mt Ft Msgr
Atty"""
_ABBREVIATIONS = """Jr Esq Inc Corp Co Cos Ltd Bros Assn Assoc Dept Univ Feb Apr Aug Sept Oct Nov
Ala Ariz Calif Colo Fla Kan Ky Mich Minn Okla Tenn Va Vt Wis Wyo Blvd Rd vs etc al approx est cf
dept Ph.D"""
# Words and names of their own, but for the number that follows.
_NUMBERED = "Jan Mar Jun Jul Dec No no Nos nos Vol vol Fig fig Sec sec Art art p pp"
# None of these is a name, so that one of them after "Inc." or "J." opens a sentence ...
_OPENERS = """The It In But This That These Those There They She And When While If As At On For
After Before However Its His Her Their Our Also Although Then What Why How Where Who Since Because
With From By Some Many Most Both Each Even Such Under Another Other Meanwhile"""
# ... and these are names too ("J. He", "C. An"), so they count after "Inc." alone.
_AMBIGUOUS = "A An He I My No Not So To We You Now One Two All"

_GAP = (  # white space, control characters, invisible marks
    r"\x00-\x20\x7f-\xa0\u061c\u1680\u180e\u2000-\u200b\u200e\u200f\u2028-\u202f\u205f-\u206f"
    r"\u3000\ufeff"
)
_HAN = r"\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
_EMOJI = r"\u2190-\u23ff\u2500-\u27ff\u2900-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001faff"
_PUNCTUATION = (
    r"!-/:-@\[-^`{-~\xa1-\xa9\xab\xac\xae-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7"
    r"\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u060c\u061b\u061f\u066a-\u066d\u06d4"
    r"\u0964\u0965\u104a\u104b\u1361-\u1368\u17d4-\u17da"
    r"\u2000-\u200b\u200e-\u206f\u20a0-\u20cf\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\u30fb"
    r"\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffee\ufffc\ufffd"
)
# Whatever is left belongs inside words: letters, digits, "_", and the combining marks, joiners and
# variation selectors that must never be parted from what they stand on.
_IN = rf"[^{_GAP}{_HAN}{_EMOJI}{_PUNCTUATION}\U0001f1e6-\U0001f1ff]"
_MARKS = r"\u0300-\u036f\u20d0-\u20ff\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
_SUFFIX = rf"['’](?i:s|m|d|re|ve|ll)(?!{_IN})"


_UPPER = "".join(filter(str.isupper, map(chr, range(0x590))))  # Latin, Greek, Cyrillic, Armenian


def _any_case(words: str) -> str:
    """Return a pattern of words, as given and in capitals; longest first: the first match wins."""
    forms = {*words.split(), *words.upper().split()}
    return "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))


# Alternatives are tried in this order; the first takes most words. Every repetition has an upper
# bound, so that text without spaces is cut into long words, in linear time.
_WORD = re.compile(
    rf"""
    (?=[^{_GAP}])(?:
      [A-Za-z]{{1,40}}(?=[ ,\n])                                 # a plain word
    | [,;:()"]
    | (?<=[A-Za-z])(?i:n['’]t)(?!{_IN})                          # did|n't
    | (?:(?<={_IN})|(?<=\w\.)|(?<=[ ])(?=['’]\w{{1,2}}[ ])){_SUFFIX} # Smith|'s, Jr.|'s, Smith 's
    | (?:[A-Za-z]{{1,9}}://|www\.)[^{_GAP}<>"]{{0,2000}}[^{_GAP}<>"'’”.,;:!?)\]}}]
    | [\w.+%-]{{1,64}}@{_IN}{{1,64}}(?:[.-]{_IN}{{1,64}}){{1,9}}  # e-mail
    | (?<!{_IN})(?:
          [@\#]\w{{1,100}}                                       # @handle, #topic
        | (?:{_any_case(_TITLES)})\.(?=\s?[^\W_])               # Dr.
        | (?:{_any_case(_ABBREVIATIONS)})\.(?!{_IN})             # Inc.
        | (?:{_NUMBERED.replace(" ", "|")})\.(?=\s?\d)                  # No. 5
        | (?:[^\W\d_]\.){{1,20}}(?=[A-Z][a-z])                  # J.R.R.|Tolkien
        | [A-Za-z](?:\.[A-Za-z]){{1,20}}\.?(?:(?<=\.)-{_IN}{{1,99}}|(?!{_IN})) # U.S., U.S.-based
        | [{_UPPER}]\.(?:-?[{_UPPER}]\.){{0,9}}(?=\s?[^\W_]|[,;:)'"’”-]) # J., J.-P., А.С.
        | [A-Z]{{1,3}}\$                                        # US$
      )
    | ^\d{{1,3}}\.(?=[ \t])                                     # 1. in a list
    | [A-Za-z]{{1,40}}(?=(?i:n['’]t)(?!{_IN}))                   # did|n't
    | (?:(?<!{_IN})(?:[+-](?=\.?\d)|\.(?=\d)))? {_IN}{{1,200}}  # a word, a number, and inside it:
      (?:(?: [-\u2010\u2011]                                   #   all-rounder, 1996-08-30
           | (?!{_SUFFIX})['’]                                  #   O'Brien
           | (?<=[a-z\d])\.(?=[a-z\d]) | (?<=\d)[,:/](?=\d)     #   3.5, 1,000, 10:30, 1/2
           | (?<=[A-Z])&(?=[A-Z])                               #   S&P
           | (?<=[א-ת])"(?=[א-ת])                               #   ד"ר
         ){_IN}{{1,200}}){{0,20}}
      (?:(?<=[^\W\d_])[-\u2010](?=\r?\n[ \t]{{0,20}}[^\W\d_]))?   #   hyphen-
    | [{_HAN}][{_MARKS}]{{0,4}}
    | ([.*=~\#!?+-])\1{{1,99}} | '' | ``                       # ..., --, **
    | [\U0001f1e6-\U0001f1ff]{{2}}                              # a flag
    | [^{_GAP}][{_MARKS}]{{0,8}}(?:\u200d[{_EMOJI}][{_MARKS}]{{0,8}}){{0,8}}
    )
    """,
    re.VERBOSE | re.MULTILINE,
)

_CHARACTER = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}"
    rf"|[^{_GAP}][{_MARKS}]{{0,8}}(?:\u200d[{_EMOJI}][{_MARKS}]{{0,8}}){{0,8}}"
)

# A blank line ends a sentence (one that is only quoted, "> ", is blank too); so does . ! ? with
# closing quotes before white space, unless the words around it say otherwise; a line break, if the
# lines around it say so; and a Chinese full stop wherever it stands.
_STOPS = ".!?…‽؟۔।॥։"
_FULL = "。！？｡"
_END = re.compile(
    rf"""
    [\n\f\u2029{_STOPS}{_FULL}](?:        # one class first: it is searched for at full speed
        (?<=[\f\u2029])
      | (?<=\n)[^\S\n]{{0,999}}(?:>[> ]{{0,99}})?\n
      | (?<=\n)(?P<line>)
      | (?<=[{_FULL}])[{_FULL}]{{0,99}}[」』”’）]{{0,9}}
      | (?<=[{_STOPS}])(?<![{_STOPS}].)[{_STOPS}]*['"”’»)\]]{{0,9}}(?P<stop>(?=\s))
    )
    """,
    re.VERBOSE,
)
_LINE_END = re.compile(rf"[\n\f\u2029]|[{_FULL}]{{1,99}}[」』”’）]{{0,9}}")
_NEXT = re.compile(rf"""[{_GAP}'"“”‘’«(\[*_>|-]{{0,99}}(\w*)""")
_LAST = re.compile(r"[\w.'’-]*\Z")
_TITLE = re.compile(rf"(?:{_any_case(_TITLES)})\.\Z")
_ABBREVIATION = re.compile(rf"(?:{_any_case(_ABBREVIATIONS)}|(?:[^\W\d_]\.)+[^\W\d_])\.\Z")
_INITIAL = re.compile(r"(?:[^\W\d_]\.-)*[^\W\d_]\.\Z")
_ITEM = re.compile(r"\d{1,3}\.\Z")
_NUMBER_FOLLOWS = frozenset(f"{word}." for word in _NUMBERED.split())
_AFTER_INITIAL = frozenset(_OPENERS.split())
_AFTER_ABBREVIATION = _AFTER_INITIAL | frozenset(_AMBIGUOUS.split())

_ROW = re.compile(r"\S(?:\t|\ {3})\s*\S|\s*\|.*\|\s*\Z")  # of a table
_WRAPPED = 120  # characters of a line; a longer one is a paragraph, not a line of one

_AHEAD = 4096  # words that are looked for at a time


def tokenize(text: str, unit: TokenUnit = "words") -> list[list[Token]]:
    r"""Split text into sentences and words.

    >>> text = "J. Smith's dog\nbarked. It ran."
    >>> [[text[start:end] for start, end in sentence] for sentence in tokenize(text)]
    [['J.', 'Smith', "'s", 'dog', 'barked', '.'], ['It', 'ran', '.']]
    >>> [len(sentence) for sentence in tokenize("王小明到。\nABC 1", "characters")]
    [5, 4]

    A line break inside a paragraph ends no sentence, apart from the exceptions in ``_breaks``; a
    blank line does. Words hold no white space, are in order and do not overlap; a sentence has at
    least one word.

    Args:
        text: any text.
        unit: "characters": every visible character is a word, with its combining marks; a sentence
            ends at a line break or a Chinese full stop.

    Returns:
        for each sentence, the offsets of its words.
    """
    return list(iter_sentences(text, unit))


def iter_sentences(text: str, unit: TokenUnit = "words") -> Iterator[list[Token]]:
    """Iterate over the sentences of ``tokenize``, in memory for a few of them."""
    by_words = unit == "words"
    source = (_WORD if by_words else _CHARACTER).finditer(text)
    words: list[Token] = []
    starts: list[int] = []
    first = 0
    for match in (_END if by_words else _LINE_END).finditer(text):
        kind, end = match.lastgroup, match.end()
        if kind == "stop" and not _ends(text, match.start(), end):
            continue
        if kind == "line" and not _breaks(text, end):
            continue
        while not starts or starts[-1] < end:
            more = [word.span() for word in islice(source, _AHEAD)]
            if not more:
                break
            del words[:first], starts[:first]
            first = 0
            words += more
            starts += [word[0] for word in more]
        last = bisect_left(starts, end, first)
        if last > first:
            yield words[first:last]
            first = last
    if rest := [*words[first:], *(word.span() for word in source)]:
        yield rest


def _ends(text: str, start: int, end: int) -> bool:
    """Return whether the stop at ``text[start:end]`` ends a sentence, from the words around it."""
    following = _NEXT.match(text, end)
    word = following[1] if following else ""
    if word[:1].islower():
        return False
    if text[start] != "." or text[start : start + 2] == "..":
        return True
    last = _LAST.search(text[max(0, start - 20) : start + 1])
    before = last[0] if last else ""
    if before in _NUMBER_FOLLOWS and word[:1].isdigit():
        return False
    if _TITLE.match(before) or _INITIAL.match(before):
        return word in _AFTER_INITIAL
    if _ABBREVIATION.match(before):
        return word in _AFTER_ABBREVIATION
    if _ITEM.match(before):  # "1. Smith" at the head of a line
        line = text.rfind("\n", 0, start) + 1
        return bool(text[line : start - len(before) + 1].strip())
    return True


def _breaks(text: str, at: int) -> bool:
    """Return whether the line break before ``text[at]`` ends a sentence, from the lines around it.

    It does between paragraphs of one long line each, after the row of a table, and after a line in
    capitals unless the next one is in capitals too or begins with a small letter.
    """
    line = text[max(0, at - 2 - _WRAPPED) : at - 1].rpartition("\n")[2]
    below = text[at : at + _WRAPPED + 1].partition("\n")[0]
    if len(line) > _WRAPPED or len(below) > _WRAPPED or _is_row(line):
        return True
    if not line.isupper() or below.isupper():
        return False
    following = _NEXT.match(below)
    return following is not None and not following[1][:1].islower()


def _is_row(line: str) -> bool:
    return ("\t" in line or "   " in line or "|" in line) and _ROW.search(line) is not None
