"""Sentences made to be hard, their names in brackets: ``hard_sentences.txt``, tagged by a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ner_rnn.runtime.tagger import Tagger

SENTENCES = Path(__file__).with_name("hard_sentences.txt")


def tag_hard_sentences(tagger: Tagger) -> tuple[str, list[dict[str, Any]]]:
    """Tag the sentences.

    Returns:
        How many are right, as "3 of 5", and the others by group: title, and rows of text, missed
        names and extra names.
    """
    groups: list[dict[str, Any]] = []
    total = failed = 0
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            groups.append({"title": line[2:], "rows": []})
        elif line:
            text, wanted = read_marked(line)
            found = {(name.start, name.end) for name in tagger.tag(text).names}
            total += 1
            if found != wanted:
                failed += 1
                missed, extra = (
                    [text[a:b] for a, b in sorted(spans)]
                    for spans in (wanted - found, found - wanted)
                )
                groups[-1]["rows"].append({"text": text, "missed": missed, "extra": extra})
    return f"{total - failed} of {total}", [group for group in groups if group["rows"]]


def read_marked(line: str) -> tuple[str, set[tuple[int, int]]]:
    """Return a text without the brackets around its names, and the spans of the names.

    >>> read_marked("[Ann] saw [Bo].")
    ('Ann saw Bo.', {(0, 3), (8, 10)})
    """
    text, spans = "", set()
    for part in line.split("["):
        name, bracket, rest = part.rpartition("]")
        if bracket:
            spans.add((len(text), len(text) + len(name)))
        text += name + rest
    return text, spans
