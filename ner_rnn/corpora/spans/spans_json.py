"""Spans in JSON as doccano, Prodigy and spaCy write them; ``label_studio.py`` reads its own.

    doccano  {"text": "...", "label": [[0, 5, "PER"]]}       (also "labels")
             {"text": "...", "entities": [{"start_offset": 0, "end_offset": 5, "label": "PER"}]}
    Prodigy  {"text": "...", "spans": [{"start": 0, "end": 5, "label": "PER"}], "answer": "accept"}
    spaCy    {"text": "...", "entities": [[0, 5, "PER"]]}
             ["...", {"entities": [[0, 5, "PER"]]}]

A record is known by its keys. Offsets are checked against the text in ``offsets.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ner_rnn.corpora.spans import label_studio
from ner_rnn.corpora.spans.json_values import plain_text
from ner_rnn.corpora.spans.marked_text import Mark, MarkedFile, MarkedText, check_mark
from ner_rnn.errors import CorpusError, shortened

__all__ = ["marked_records"]

_KEYS = ("spans", "entities", "label", "labels")
_STARTS, _ENDS, _LABELS = ("start", "start_offset"), ("end", "end_offset"), ("label", "labels")
_SHOWN = 60  # characters of the keys of a record


def marked_records(
    values: Iterable[tuple[str, int, Any]], fault: Callable[[CorpusError], None]
) -> MarkedFile:
    """Read the records of a file.

    Args:
        values: place, line (0: none) and value of each.
        fault: receives the error of each record that cannot be used, which is left out.
    """
    found = MarkedFile()
    given = list(values)
    is_answered = any(isinstance(value, dict) and "answer" in value for _, _, value in given)
    for place, line, value in given:
        for one in _unfolded(value):
            try:
                _read(place, line, one, found, is_answered=is_answered)
            except CorpusError as problem:
                fault(problem)
    return found


def _unfolded(value: Any) -> list[Any]:
    """Return the records of a value: some tools put all of them into one object."""
    if isinstance(value, dict) and "text" not in value and "data" not in value:
        inner = value.get("annotations")
        if isinstance(inner, list) and all(one is None or isinstance(one, list) for one in inner):
            return [one for one in inner if one is not None]
    return [value]


def _read(place: str, line: int, value: Any, found: MarkedFile, *, is_answered: bool) -> None:
    """Read one record into ``found``; ``is_answered``: records have an answer, as of Prodigy.

    Raises:
        CorpusError: it cannot be used.
    """
    if isinstance(value, list):
        value, kind = _of_pair(place, value), "spaCy"
    elif not isinstance(value, dict):
        raise CorpusError(f"{place}: {shortened(repr(value), _SHOWN)} is no record with a text")
    elif label_studio.is_task(value):
        found.kinds["Label Studio"] += 1
        label_studio.read_task(place, line, value, found)
        return
    else:
        kind = _kind(value)
    text = value.get("text")
    if not isinstance(text, str):
        keys = shortened(", ".join(map(str, value)) or "none", _SHOWN)
        raise CorpusError(
            f"{place}: the record has no text under the key text (its keys: {keys})",
            do="give each record its text and its spans, as in "
            '{{"text": "Maria spoke.", "label": [[0, 5, "PER"]]}}',
        )
    found.kinds[kind] += 1
    answer = value.get("answer")
    if is_answered and answer != "accept":
        why = "without an answer" if answer is None else f"answered {answer!r} in Prodigy"
        found.leave_out(shortened(why, _SHOWN), place)
    elif value.get("_is_binary") is True:
        found.leave_out("which answer for one span and say nothing of the rest of the text", place)
    else:
        marks = _marks(place, value, is_answered=is_answered)
        found.texts.append(MarkedText(plain_text(text), marks, place, line))


def _of_pair(place: str, value: list[Any]) -> dict[str, Any]:
    if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], dict):
        return {"text": value[0], **value[1]}
    raise CorpusError(
        f"{place}: a list that is no pair of a text and its spans",
        do='write ["Maria spoke.", {{"entities": [[0, 5, "PER"]]}}]',
    )


def _kind(value: dict[str, Any]) -> str:
    if "answer" in value or "spans" in value:
        return "Prodigy"
    spans = value.get("entities")
    if isinstance(spans, list) and not any(isinstance(one, dict) for one in spans):
        return "spaCy"
    spans = value.get("label")
    if isinstance(spans, list) and any(isinstance(one, dict) for one in spans):
        return "Label Studio JSON-MIN"
    return "doccano"


def _marks(place: str, value: dict[str, Any], *, is_answered: bool) -> list[Mark]:
    given = {key: _listed(value.get(key)) for key in _KEYS}
    key = next((key for key in _KEYS if isinstance(given[key], list)), None)
    if key is None:
        if is_answered:
            return []  # Prodigy leaves the key out where nothing was marked
        keys = shortened(", ".join(map(str, value)), _SHOWN)
        raise CorpusError(
            f"{place}: the record is not annotated: none of {', '.join(_KEYS)} holds a list of "
            f"spans (its keys: {keys})",
            do="annotate it, with an empty list where there is no name, or remove it",
        )
    return [mark for span in given[key] for mark in _mark(place, key, span)]


def _listed(spans: Any) -> Any:
    """Return spans that Parquet has by column as a list: {"start": [0], "end": [5], ...}."""
    if not (isinstance(spans, dict) and any(key in spans for key in _STARTS)):
        return spans
    sizes = {len(one) if isinstance(one, list) else -1 for one in spans.values()}
    if len(sizes) != 1 or -1 in sizes:
        return None
    return [dict(zip(spans, row, strict=True)) for row in zip(*spans.values(), strict=True)]


def _mark(place: str, key: str, span: Any) -> list[Mark]:
    """Return the marks of a span, one for each of its labels."""
    if isinstance(span, (list, tuple)) and len(span) >= 3:
        return [check_mark(span[0], span[1], span[2], None, place)]
    if isinstance(span, dict):
        start, end, label = (
            next((span[name] for name in names if span.get(name) is not None), None)
            for names in (_STARTS, _ENDS, _LABELS)
        )
        labels = label if isinstance(label, list) else [label]
        return [check_mark(start, end, one, span.get("text"), place) for one in labels]
    raise CorpusError(
        f"{place}: {shortened(repr(span), _SHOWN)} under the key {key} is no span",
        do="write each span as [start, end, label]: labels of whole texts are no names",
    )
