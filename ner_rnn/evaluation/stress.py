"""Harder copies of a corpus: all in lower case, all in upper case, or with other people's names.

    Angela Merkel met Macron .   ->   Amaka Oyelaran met Ibekwe .

Each word is replaced by one word, so gold names and lines stay where they are.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.errors import ConfigError, CorpusError, Setting
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.schema import CorpusRow, Stress
from ner_rnn.text.files import read_lines
from ner_rnn.text.opening import open_hashed

__all__ = ["STRESSES", "NameLists", "no_names", "read_names", "stressed"]

STRESSES: tuple[Stress, ...] = ("lower", "upper", "swap")


@dataclass(frozen=True)
class NameLists:
    """Words to put in the place of names.

    Attributes:
        firsts: first names.
        lasts: surnames.
        checksums: SHA-256 of each file that they were read from.
    """

    firsts: Sequence[str]
    lasts: Sequence[str]
    checksums: Mapping[str, str] = field(default_factory=dict, compare=False)


def no_names() -> ConfigError:
    """Return the error of names that are to be replaced by none."""
    return ConfigError(
        "it needs lists of names",
        where=Setting("stress"),
        found="swap",
        do="give {swap_names} FILE",
    )


def read_names(files: Sequence[str]) -> NameLists:
    """Read lists of names, one a line.

    Args:
        files: first names and surnames; or one list, of whole names or of words for both places.

    Raises:
        ConfigError: another number of files.
        UserError: a file cannot be read, or holds no name.
    """
    if not 1 <= len(files) <= 2:
        raise ConfigError(
            "give first names and surnames, or one list",
            where=Setting("swap_names"),
            found=f"{len(files)} files",
        )
    lists = []
    checksums = {}
    for path in files:
        with open_hashed(path) as (stream, digest):
            lines = [line.split() for line in read_lines(path, stream=stream)]
            checksums[path] = digest()
        names = [words for words in lines if words and all(map(_is_name_word, words))]
        if not names:
            raise CorpusError(f"{path} holds no name: give a list with one name a line")
        lists.append(names)
    # a place in a text is one word wide: of longer names the outermost word is taken
    firsts = dict.fromkeys(words[0] for words in lists[0])
    lasts = dict.fromkeys(words[-1] for words in lists[-1])
    return NameLists(list(firsts), list(lasts), checksums)


def stressed(
    corpus: EvaluationSet, kind: Stress, names: NameLists | None = None, seed: int = 0
) -> EvaluationSet:
    """Make a harder copy.

    Args:
        corpus: stays as it is.
        kind: what to do to its words.
        names: for ``swap``.
        seed: for ``swap``; each document draws from it and its own number alone.

    Raises:
        CorpusError: the names of a corpus that is cut into characters cannot be swapped.
        ConfigError: names are to be swapped, but there are none to take.
    """
    if kind == "swap":
        if names is None:
            raise no_names()
        if corpus.unit == "characters":
            raise CorpusError(
                "it is cut into characters, so its names cannot be swapped word for word",
                where=corpus.source,
                do="leave {stress} swap out",
            )
        tokens = _swapped(corpus, names, seed)
        notes = ["each person's name replaced by one from the lists, alike within a document"]
    else:
        turn = str.lower if kind == "lower" else str.upper
        tokens = [tuple(map(turn, words)) for words in corpus.tokens]
        notes = [f"all words in {kind} case"]
    if tokens == corpus.tokens:
        notes.append("this changed no word: its scores are those of the original")
    row: CorpusRow = {
        **corpus.row,
        "name": f"{corpus.name} ({kind})",
        "stress": kind,
        "base": corpus.name,
        "notes": [*notes, *corpus.row["notes"]],
    }
    return replace(corpus, row=row, tokens=tokens)


def _swapped(corpus: EvaluationSet, names: NameLists, seed: int) -> list[tuple[str, ...]]:
    tokens = [list(words) for words in corpus.tokens]
    places: dict[str, list[int]] = {}
    for index, document in enumerate(corpus.documents):
        places.setdefault(document, []).append(index)
    for document, sentences in places.items():
        rng = random.Random(f"{seed} {document}")
        # the longest names first: a word that stands alone elsewhere is then known
        renamed: dict[str, str] = {}
        found = [
            (index, name)
            for index in sentences
            for name in corpus.spans[index]
            if name.label == PERSON
        ]
        for index, name in sorted(found, key=lambda item: item[1].start - item[1].end):
            for place in range(name.start, name.end):
                word = corpus.tokens[index][place]
                if not _is_name_word(word):
                    continue  # initials, particles, "Jr." and hyphens stay
                key = word.casefold()
                if key not in renamed:
                    pool = names.lasts if place == name.end - 1 else names.firsts
                    renamed[key] = rng.choice(pool)
                tokens[index][place] = _written_as(word, renamed[key])
    return list(map(tuple, tokens))


def _is_name_word(word: str) -> bool:
    """A word that carries a name: ``Maria``, not ``J.``, ``von`` or ``-``."""
    return len(word) > 1 and not word.endswith(".") and not word.islower() and word[0].isalpha()


def _written_as(old: str, new: str) -> str:
    if old.isupper():
        return new.upper()
    return new if not new.islower() else new.capitalize()
