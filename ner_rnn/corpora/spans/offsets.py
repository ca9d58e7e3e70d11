"""Offsets of spans held against the text: which unit they count, and whether the text is the same.

Offsets are meant to count characters (Unicode code points). Some tools count bytes of UTF-8, or
the units of UTF-16 in which a letter is one and an emoji two. Where the source says what stands in
a span, the unit follows from that, and offsets are converted; where it does not, spans that fall
between words tell of another unit, which is an error: nothing is read in a unit that was guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate

from ner_rnn.corpora.spans.marked_text import Mark, MarkedText
from ner_rnn.errors import CorpusError, counted, shortened

__all__ = ["settle_offsets"]

_UNITS: dict[str, Callable[[str], int]] = {
    "UTF-16 units": lambda letter: 1 + (letter > "\uffff"),
    "bytes of UTF-8": lambda letter: len(letter.encode("utf-8", "surrogatepass")),
}
"""Units other than characters -> units of a character."""

_SHOWN = 40  # characters of a text in a message
_Settled = tuple[list[MarkedText], list[str]]


def settle_offsets(texts: Sequence[MarkedText], fault: Callable[[CorpusError], None]) -> _Settled:
    """Bring all offsets to characters, and check them.

    Args:
        texts: documents with their marks.
        fault: receives each error; the document is then left out.

    Returns:
        The documents that can be used, and notes.
    """
    notes: list[str] = []
    told = [mark for one in texts for mark in one.marks if mark.text is not None]
    wrong = _misfits(texts, None) if told else 0
    if wrong:
        misfits = {unit: _misfits(texts, unit) for unit in _UNITS}
        unit = min(misfits, key=misfits.__getitem__)
        if misfits[unit] < wrong:
            notes.append(
                f"offsets count {unit}, as the texts of {counted(wrong, 'span')} show; "
                "converted to characters"
            )
            texts = [_converted(one, unit) for one in texts]
    elif problem := _another_unit(texts):
        fault(problem)
        return [], notes
    kept = []
    for one in texts:
        problem = next(filter(None, (_problem(one.text, mark) for mark in one.marks)), None)
        if problem is None:
            kept.append(one)
        else:
            fault(problem)
    return kept, notes


def _misfits(texts: Sequence[MarkedText], unit: str | None) -> int:
    """Return the number of spans whose text is another in that unit; None: characters."""
    return sum(
        mark.text is not None
        and (place is None or not _alike(one.text[place[0] : place[1]], mark.text))
        for one in texts
        for mark, place in zip(one.marks, _places(one, unit), strict=True)
    )


def _places(one: MarkedText, unit: str | None) -> list[tuple[int, int] | None]:
    """Return each span in characters; None for one that is inside a character, or beyond."""
    if unit is None or one.text.isascii() or not one.marks:
        size = len(one.text)
        return [(mark.start, mark.end) if mark.end <= size else None for mark in one.marks]
    sizes = accumulate(map(_UNITS[unit], one.text), initial=0)
    at = {offset: number for number, offset in enumerate(sizes)}
    return [
        (at[mark.start], at[mark.end]) if mark.start in at and mark.end in at else None
        for mark in one.marks
    ]


def _converted(one: MarkedText, unit: str) -> MarkedText:
    marks = [
        mark if place is None else replace(mark, start=place[0], end=place[1])
        for mark, place in zip(one.marks, _places(one, unit), strict=True)
    ]
    return replace(one, marks=marks)


def _another_unit(texts: Sequence[MarkedText]) -> CorpusError | None:
    """Return the error of offsets that fit words in another unit alone."""
    doubtful = [one for one in texts if one.marks and not one.text.isascii()]
    words = {
        id(one): {
            side: {word[side] for words in one.sentences for word in words} for side in (0, 1)
        }
        for one in doubtful
    }

    def is_whole(one: MarkedText, place: tuple[int, int] | None) -> bool:
        sides = words[id(one)]
        return place is not None and place[0] in sides[0] and place[1] in sides[1]

    for unit in _UNITS:
        pairs = [
            (one, mark, place, other)
            for one in doubtful
            for mark, place, other in zip(
                one.marks, _places(one, None), _places(one, unit), strict=True
            )
            if place != other
        ]
        cut = [mark for one, mark, place, _ in pairs if not is_whole(one, place)]
        fits = all(is_whole(one, other) for one, _, _, other in pairs)
        if cut and fits and 2 * len(cut) >= len(pairs):
            return CorpusError(
                f"{cut[0].place}: offsets seem to count {unit}, not characters: "
                f"{len(cut)} of {counted(len(pairs), 'span')} behind letters that are not ASCII "
                f"do not begin and end with words, in {unit} all do",
                do="give offsets in characters (Unicode code points), or the text of each span "
                "beside them",
            )
    return None


def _problem(text: str, mark: Mark) -> CorpusError | None:
    where = f"{mark.start}-{mark.end}"
    if mark.end > len(text):
        return CorpusError(
            f"{mark.place}: the span {where} ({mark.label}) goes beyond the text, which has "
            f"{counted(len(text), 'character')}",
            do="give offsets in characters of this very text",
        )
    stands = text[mark.start : mark.end]
    if mark.text is None or _alike(stands, mark.text):
        return None
    shown = [repr(shortened(one, _SHOWN)) for one in (mark.text, stands)]
    elsewhere = ""
    if text.count(mark.text) == 1:
        at = text.index(mark.text)
        elsewhere = f" (it stands at {at}-{at + len(mark.text)} now)"
    return CorpusError(
        f"{mark.place}: the span {where} was annotated as {shown[0]}, but {shown[1]} stands there"
        f"{elsewhere}: the text was changed after it was annotated",
        do="bring back the text, or annotate it again",
    )


def _alike(one: str, other: str) -> bool:
    """Return whether texts differ in white space at most: tools write a line break as a space."""
    return one == other or one.split() == other.split()
