"""Tag schemes: spans from tags and tags from spans; the only place that converts them.

    IO     I-PER I-PER O      no boundary between neighbours of one label; bare labels (PER) too
    IOB1   I-PER B-PER O      B- only where a name follows another of the same label at once
    IOB2   B-PER I-PER O      B- opens every name
    BIOES  B-PER E-PER S-PER  E- closes a name, S- is a name of one token
    BMES   B-PER M-PER E-PER  as BIOES, with M- for the middle

Broken sequences are read by the rules of conlleval (Tjong Kim Sang, CoNLL-2000 shared task), so
that every reader finds the same spans; ``faults`` says what is broken. This file knows nothing of
files: ``conll.py`` reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from ner_rnn.errors import CorpusError

__all__ = [
    "PREFIXES",
    "SCHEMES",
    "Scheme",
    "Span",
    "convert",
    "faults",
    "recognise",
    "spans",
    "split_tag",
    "to_tags",
]

Scheme = Literal["IO", "IOB1", "IOB2", "BIOES", "BMES"]

SCHEMES: tuple[Scheme, ...] = ("IO", "IOB1", "IOB2", "BIOES", "BMES")

PREFIXES: dict[str, frozenset[str]] = {
    "IO": frozenset("I"),
    "IOB1": frozenset("BI"),
    "IOB2": frozenset("BI"),
    "BIOES": frozenset("BIES"),
    "BMES": frozenset("BMES"),
}
_ALL_PREFIXES = frozenset("BIESM")


class Span(NamedTuple):
    """Tokens from ``start`` up to but not including ``end``, and their label."""

    start: int
    end: int
    label: str


@lru_cache(maxsize=4096)
def split_tag(tag: str) -> tuple[str, str]:
    """Split a tag into prefix and label; a bare label is read as IO.

    >>> split_tag("B-creative-work"), split_tag("O"), split_tag("PERSON")
    (('B', 'creative-work'), ('O', ''), ('I', 'PERSON'))

    Raises:
        CorpusError: the prefix is none of B, I, E, S, M, or there is no label.
    """
    if tag == "O":
        return "O", ""
    prefix, dash, label = tag.partition("-")
    if not dash and tag and tag not in _ALL_PREFIXES:
        return "I", tag
    if not label:
        raise CorpusError(f"tag {tag!r} has no label: write O, or a prefix and a label as in B-PER")
    if prefix not in _ALL_PREFIXES:
        raise CorpusError(
            f"tag {tag!r} has the unknown prefix {prefix!r}: known are B-, I-, E-, S-, M- and O; "
            "is this the tag column?"
        )
    return prefix, label


def spans(tags: Sequence[str], scheme: str = "IOB2") -> list[Span]:
    """Return the spans that tags mark; broken sequences are read as conlleval reads them.

    The same rules hold for all schemes: a span begins at B and S, after O, E and S, and where the
    label changes; it ends before the next begins, before O, and after E and S. M counts as I.

    >>> spans(["I-PER", "I-PER", "O", "I-LOC", "I-PER"])
    [Span(start=0, end=2, label='PER'), Span(start=3, end=4, label='LOC'), Span(start=4, end=5, label='PER')]

    Raises:
        CorpusError: a tag that ``split_tag`` refuses.
    """  # noqa: E501
    _known(scheme)
    found: list[Span] = []
    start, open_label = 0, ""
    for index, tag in enumerate(tags):
        if tag == "O":
            if open_label:
                found.append(Span(start, index, open_label))
                open_label = ""
            continue
        prefix, label = split_tag(tag)
        if open_label and (label != open_label or prefix in "BS"):
            found.append(Span(start, index, open_label))
            open_label = ""
        if not open_label:
            start, open_label = index, label
        if prefix in "ES":
            found.append(Span(start, index + 1, label))
            open_label = ""
    if open_label:
        found.append(Span(start, len(tags), open_label))
    return found


def to_tags(spans: Iterable[Span], length: int, scheme: str = "IOB2") -> list[str]:
    """Write spans as tags; in IO, neighbours of one label run together.

    >>> to_tags([Span(0, 2, "PER"), Span(2, 3, "PER")], 4, "IOB1")
    ['I-PER', 'I-PER', 'B-PER', 'O']

    Raises:
        ValueError: spans that overlap, are out of order, empty, without a label or beyond length.
    """
    _known(scheme)
    tags = ["O"] * length
    before = Span(0, 0, "")
    for span in spans:
        start, end, label = span
        if not (before.end <= start < end <= length and label):
            raise ValueError(f"{span} after {before} cannot be written on {length} tokens")
        inside = "M-" if scheme == "BMES" else "I-"
        tags[start:end] = [inside + label] * (end - start)
        if scheme == "IOB2" or (scheme == "IOB1" and before.label == label and before.end == start):
            tags[start] = "B-" + label
        elif scheme in ("BIOES", "BMES"):
            tags[start], tags[end - 1] = "B-" + label, "E-" + label
            if end - start == 1:
                tags[start] = "S-" + label
        before = span
    return tags


def convert(tags: Sequence[str], source: str, target: str) -> list[str]:
    """Write the tags of one scheme in another.

    >>> convert(["I-PER", "B-PER", "O"], "IOB1", "BIOES")
    ['S-PER', 'S-PER', 'O']

    Raises:
        CorpusError: a tag that ``split_tag`` refuses.
    """
    return to_tags(spans(tags, source), len(tags), target)


def recognise(sequences: Iterable[Sequence[str]]) -> Scheme:
    """Return the scheme that sentences of tags are written in.

    Prefixes decide; between IOB1 and IOB2, the one that fewer tags break. Only I- is IO (or an IOB1
    without neighbours, which means the same); no span at all is IOB2.

    Raises:
        CorpusError: a tag that ``split_tag`` refuses.
    """
    seen: set[str] = set()
    broken_iob1 = broken_iob2 = 0
    for tags in sequences:
        before = "O", ""
        for tag in tags:
            here = split_tag(tag)
            prefix, label = here
            if prefix != "O":
                seen.add(prefix)
                # A tag that opens a chunk by itself (after O, or as another label) is I- in IOB1
                # and B- in IOB2; within a chunk both schemes allow both.
                if before[1] != label:
                    broken_iob1 += prefix == "B"
                    broken_iob2 += prefix == "I"
            before = here
    if "M" in seen:
        return "BMES"
    if seen & {"E", "S"}:
        return "BIOES"
    if seen == {"I"}:
        return "IO"
    return "IOB1" if broken_iob1 < broken_iob2 else "IOB2"


def faults(tags: Sequence[str], scheme: str) -> list[tuple[int, str]]:
    """Return the tags that break the scheme, in order: token index and a description.

    >>> faults(["O", "I-PER"], "IOB2")
    [(1, 'I-PER after O does not continue a name: IOB2 begins one with B-PER')]
    """
    return list(_faults(tags, scheme))


def _faults(tags: Sequence[str], scheme: str) -> Iterator[tuple[int, str]]:
    allowed = _known(scheme)
    inside = "M" if scheme == "BMES" else "I"
    closed = scheme in ("BIOES", "BMES")  # schemes that mark where a name ends
    before, before_tag = ("O", ""), "O"
    for index, tag in enumerate((*tags, "O")):
        at_end = index == len(tags)
        where = "the end of the sentence" if at_end else tag
        try:
            prefix, label = split_tag(tag)
        except CorpusError as error:
            yield index, str(error)
            before, before_tag = ("O", ""), tag
            continue
        if prefix != "O" and prefix not in allowed:
            known = ", ".join(f"{one}-" for one in sorted(allowed))
            yield index, f"{tag} is not {scheme}, which knows {known} and O"
            before, before_tag = (prefix, label), tag
            continue
        continues = before[1] == label and label != ""
        if scheme == "IOB1" and prefix == "B" and not continues:
            yield index, f"B-{label} after {before_tag} separates nothing: IOB1 has I-{label} here"
        elif scheme == "IOB2" and prefix == "I" and not continues:
            yield (
                index,
                f"I-{label} after {before_tag} does not continue a name: "
                f"IOB2 begins one with B-{label}",
            )
        elif closed:
            is_open = before[0] in ("B", inside)
            if prefix in (inside, "E") and not (is_open and continues):
                yield (
                    index,
                    f"{tag} after {before_tag} does not continue a name: "
                    f"{scheme} begins one with B-{label} or S-{label}",
                )
            elif is_open and prefix not in (inside, "E"):
                yield (
                    index - 1 if at_end else index,
                    f"{before_tag} before {where} leaves a name open: "
                    f"{scheme} ends one with E-{before[1]} or S-{before[1]}",
                )
        before, before_tag = (prefix, label), tag


def _known(scheme: str) -> frozenset[str]:
    if scheme not in PREFIXES:
        raise CorpusError(f"{scheme!r} is not a tag scheme: choose one of {', '.join(SCHEMES)}")
    return PREFIXES[scheme]
