"""Chooses the names that surrogates are drawn from: those that read as names in most sentences.

    python benchmarks/surrogate_names.py ner_rnn/embedded/surrogates.tsv.xz

Names in Latin script of the lists of the package, of one word, of three letters or more, and no
words as well (``names_that_are_words``), stand in sentences where little else tells that they are
names, and are scored by the probability that the built-in model gives them on average. Of each
culture, and each gender of its given names, ``SHARE`` of the names are kept, but ``FEWEST`` at
least. English ones come from the US census. Not kept are names of more than ``WIDESPREAD`` locales.
Writes ``name TAB kind``, where kinds are ``KINDS``.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence, Set
from itertools import islice
from pathlib import Path
from statistics import fmean

from ner_rnn.augmentation.names import listed_names
from ner_rnn.corpora.pack_open import pack_lines
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.shipped import locate
from ner_rnn.tagging.surrogates.cultures import ENGLISH, cultures
from ner_rnn.tagging.surrogates.name_lists import (
    FAMILY,
    GIVEN,
    KINDS,
    Drawn,
    Gender,
    NameLists,
    plain,
    read_lists,
)
from ner_rnn.text.files import read_lines

SHARE, FEWEST = 0.4, 60
SHORTEST = 3
WIDESPREAD = 9
"""Locales that a name may have and not be too common."""
CENSUS = ("open:names/us_first_names.txt.xz", "open:names/us_surnames.txt.xz")
COMMON_GIVEN, COMMON_FAMILY, RARE = 100, 300, 8000
"""Ranks in the US census: names before and behind are not drawn for English names."""
GIVEN_IN = (
    "On Friday {} Hansen said that it was late.",
    "It was {} who called the office yesterday.",
    "She met {} Okafor and his wife in June.",
    "1. {} Kovac (Austria) 48.2",
    "i asked {lower} about it",
)
FAMILY_IN = (
    "On Friday Peter {} said that it was late.",
    "{} said the vote would be held in June.",
    "The report by Dr. {} was sent to the office.",
    "Final: {} v Larsson, on Saturday.",
    "i asked maria {lower} about it",
    "12. Anna {} (Norway) 1:50.10",
)


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    args = parser.parse_args()
    tagger, known = Tagger.load(), read_lists(None)
    given, family = (
        frozenset(name for file in files for name, _ in listed_names(file))
        for files in (GIVEN, FAMILY)
    )
    lists = read_lists(Drawn(given, family, *english(known, family)))
    words = frozenset(names_that_are_words())
    rows: list[str] = []
    for is_given, sentences in ((True, GIVEN_IN), (False, FAMILY_IN)):
        genders: tuple[Gender, ...] = ("F", "M", "") if is_given else ("F", "")
        pools = [
            (culture == ENGLISH, [
                name
                for name in lists.draw_from(
                    culture, "LATIN", given=is_given, gender=gender, sign=sign
                )
                if len(name) >= SHORTEST and plain(name) not in words
                and (locales := known.cultures_of(name, given=is_given)).total() <= WIDESPREAD
                and (culture == ENGLISH or culture in locales)  # not what stands in for few
            ])
            for culture in cultures()
            for gender in genders
            for sign in ("", "-", "'")
        ]  # fmt: skip
        every = sorted({name for _, pool in pools for name in pool})
        scores = dict(zip(every, scored(tagger, every, sentences), strict=True))
        for is_english in (False, True):
            kept: set[str] = set()
            for _, pool in (one for one in pools if one[0] == is_english):
                best = sorted(pool, key=lambda name: (-scores[name], name))
                kept.update(best[: max(FEWEST, round(SHARE * len(best)))])
            kind = KINDS[2 * is_english + (not is_given)]
            rows += (f"{name}\t{kind}\n" for name in sorted(kept))
            print(f"{kind}: {len(kept):,} of {len(every):,} names")
    pack_lines(args.output, iter(rows))


def english(known: NameLists, family: Set[str]) -> tuple[Set[str], Set[str]]:
    """Return given and family names of the US census that are English before all, if listed."""
    census = [[name for name, _ in islice(listed_names(file), RARE)] for file in CENSUS]
    # the census has neither apostrophes nor capitals inside a name
    written = {plain(name).replace("'", ""): name for name in sorted(family) if "'" in name}
    found = (
        [name for name in census[0] if known.gender(plain(name))][COMMON_GIVEN:],
        [
            written.get(
                plain(name), "Mc" + name[2:].capitalize() if name.startswith("Mc") else name
            )
            for name in census[1]
        ][COMMON_FAMILY:],
    )

    def is_english(name: str, given: bool) -> bool:
        groups = known.groups(plain(name), given=given)
        listed = known.knows(plain(name), given=given)
        return not listed or groups.get(ENGLISH, 0) == max(groups.values())

    given, last = (
        frozenset(name for name in names if is_english(name, is_given))
        for names, is_given in zip(found, (True, False), strict=True)
    )
    return given, last


def scored(tagger: Tagger, names: Sequence[str], sentences: Sequence[str]) -> Iterator[float]:
    """Yield the mean probability that each name is one, or part of one."""
    columns = []
    for sentence in sentences:
        texts = [sentence.format(name, lower=name.lower()) for name in names]
        column = []
        for name, document in zip(names, tagger.pipe(texts, min_score=0.01), strict=True):
            start = len(sentence.partition("{")[0])
            end = start + len(name)
            found = (one.score for one in document.names if one.start <= start and one.end >= end)
            column.append(max(found, default=0.0))
        columns.append(column)
    yield from map(fmean, zip(*columns, strict=True))


def names_that_are_words() -> Iterator[str]:
    """Yield the names that novels have in lower case more often than now and then."""
    for line in read_lines(locate("open:names/names_that_are_words.tsv.xz")):
        name, small, capital = line.split("\t")
        if int(small) * 20 > int(capital):
            yield plain(name)


if __name__ == "__main__":
    main()
