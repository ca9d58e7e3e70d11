"""Documents with names -> suggestions to correct in doccano, Prodigy or Label Studio.

What these tools import; what they export again is read by ``corpora/annotated_file.py``. Offsets
count characters (Unicode code points), as the tools do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

from ner_rnn.runtime.documents import Document
from ner_rnn.tagging.stream import Source
from ner_rnn.tagging.writers import Tagged, Utf8, Writer

__all__ = ["TOOLS", "Doccano", "LabelStudio", "Prodigy", "Tool"]

_json = json.JSONEncoder(ensure_ascii=False).encode
_LABEL = "PER"


def _about(source: Source, document: Document) -> dict[str, Any]:
    """Return where a text comes from, which the tools keep beside it."""
    about: dict[str, Any] = {"source": source.path}
    if source.document:
        about["document"] = source.document
    if source.id is not None:
        about["id"] = source.id
    if source.offset is not None:
        about["offset"] = source.offset
    if document.entropies:
        about["entropy"] = round(document.entropy, 4)
    return about


@dataclass(frozen=True, slots=True)
class Doccano(Utf8):
    """JSON lines for doccano: ``{"text": "...", "label": [[0, 5, "PER"]], "meta": {...}}``.

    Where the text comes from is under one key, which doccano keeps as metadata.
    """

    ending: str = ".jsonl"

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the line of a document."""
        spans = [[name.start, name.end, _LABEL] for name in document.names]
        yield _json({"text": document.text, "label": spans, "meta": _about(source, document)})
        yield "\n"


@dataclass(frozen=True, slots=True)
class Prodigy(Utf8):
    """JSON lines for ``prodigy ner.manual``: text, tokens, spans and meta.

    Tokens are ours, so that suggestions begin and end with tokens; ``token_end`` is the last one.
    """

    ending: str = ".jsonl"

    def lines(self, source: Source, document: Document) -> Iterator[str]:
        """Yield the line of a document."""
        text = document.text
        tokens: list[dict[str, Any]] = []
        spans: list[dict[str, Any]] = []
        for sentence, names in document.named_sentences():
            before = len(tokens)
            for number, (start, end) in enumerate(sentence, start=before):
                is_spaced = text[end : end + 1].isspace()
                tokens.append(
                    {"text": text[start:end], "start": start, "end": end, "id": number,
                     "ws": is_spaced}
                )  # fmt: skip
            spans += [
                {
                    "start": sentence[name.start][0],
                    "end": sentence[name.end - 1][1],
                    "token_start": before + name.start,
                    "token_end": before + name.end - 1,
                    "label": _LABEL,
                }
                for name in names
            ]
        meta = _about(source, document)
        yield _json({"text": text, "tokens": tokens, "spans": spans, "meta": meta})
        yield "\n"


@dataclass(frozen=True, slots=True)
class LabelStudio:
    """One list of tasks with predictions for Label Studio.

    They go with its template of named entities: ``<Labels name="label" toName="text">`` with the
    value PER, and ``<Text name="text" value="$text"/>``.
    """

    ending: str = ".json"

    def render(self, tagged: Tagged) -> bytes:
        """Return the tasks of some documents, with commas between them."""
        tasks = ",\n".join(_json(_task(source, document)) for source, document in tagged)
        return tasks.encode("utf-8", "backslashreplace")

    def writer(self, file: BinaryIO) -> Writer:
        """Begin the list."""
        return _List(file)


def _task(source: Source, document: Document) -> dict[str, Any]:
    result = [
        {
            "id": f"name{number}",
            "from_name": "label",
            "to_name": "text",
            "type": "labels",
            "score": round(name.score, 4),
            "value": {"start": name.start, "end": name.end, "text": name.text, "labels": [_LABEL]},
        }
        for number, name in enumerate(document.names)
    ]
    prediction: dict[str, Any] = {"model_version": "ner-rnn", "result": result}
    if document.names:  # of the least sure one: Label Studio can sort tasks by it
        prediction["score"] = round(min(name.score for name in document.names), 4)
    data = {**_about(source, document), "text": document.text}
    return {"data": data, "predictions": [prediction]}


class _List:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._is_begun = False
        file.write(b"[\n")

    def add(self, part: bytes) -> None:
        if part:
            self._file.write(b",\n" + part if self._is_begun else part)
            self._is_begun = True

    def close(self) -> None:
        self._file.write(b"\n]\n" if self._is_begun else b"]\n")


Tool: TypeAlias = Doccano | Prodigy | LabelStudio
TOOLS: dict[str, Tool] = {
    "doccano": Doccano(), "prodigy": Prodigy(), "label-studio": LabelStudio(),
}  # fmt: skip
"""Name of the format -> the format."""
