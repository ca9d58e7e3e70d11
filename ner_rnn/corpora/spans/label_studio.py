"""Tasks of Label Studio, as its exports JSON and JSON-MIN have them.

    JSON      {"data": {"text": "..."}, "annotations": [{"result": [{"type": "labels",
              "value": {"start": 0, "end": 5, "text": "Maria", "labels": ["PER"]}}]}]}
    JSON-MIN  {"text": "...", "label": [{"start": 0, "end": 5, "text": "Maria", "labels": ["PER"]}]}

JSON-MIN is read by ``spans_json.py``, as a list of spans under a key. Of several annotations of a
task the one marked as ground truth is read; without one they must agree.
"""

from __future__ import annotations

from typing import Any

from ner_rnn.corpora.spans.json_values import plain_text
from ner_rnn.corpora.spans.marked_text import Mark, MarkedFile, MarkedText, check_mark
from ner_rnn.errors import CorpusError, shortened

__all__ = ["is_task", "read_task"]

_ANNOTATIONS = ("annotations", "completions")
"""Key of the annotations of a task; the second until version 1.0."""
_SHOWN = 60  # characters of keys


def is_task(value: dict[str, Any]) -> bool:
    """Tell whether a record is a task of Label Studio."""
    return isinstance(value.get("data"), dict)


def read_task(place: str, line: int, task: dict[str, Any], found: MarkedFile) -> None:
    """Read a task into ``found``.

    Raises:
        CorpusError: no text, annotations that disagree, or a span that cannot be read.
    """
    key = next((key for key in _ANNOTATIONS if isinstance(task.get(key), list)), None)
    answers = [one for one in task[key] if isinstance(one, dict)] if key else []
    done = [one for one in answers if not one.get("was_cancelled")]
    if not done:
        why = "skipped by its annotator" if answers else "without an annotation"
        if not answers and task.get("predictions"):
            why = "with predictions alone, which nobody has confirmed"
        found.leave_out(why, place)
        return
    truths = [one for one in done if one.get("ground_truth")] or done
    readings = [_marks(place, one) for one in truths]
    spans = [{(mark.start, mark.end, mark.label) for mark in marks} for marks in readings]
    if any(other != spans[0] for other in spans):
        raise CorpusError(
            f"{place}: {len(truths)} annotations of the task disagree",
            do="mark one of them as ground truth in Label Studio",
        )
    found.texts.append(MarkedText(_text(place, task["data"]), readings[0], place, line))


def _text(place: str, data: dict[str, Any]) -> str:
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data.get("text", texts[0] if len(texts) == 1 else None)
    if not isinstance(text, str):
        keys = shortened(", ".join(map(str, data)) or "none", _SHOWN)
        raise CorpusError(
            f"{place}: it is unclear which of the data of the task is the text (keys: {keys})",
            do="call it text",
        )
    return plain_text(text)


def _marks(place: str, annotation: dict[str, Any]) -> list[Mark]:
    result = annotation.get("result")
    if not isinstance(result, list):
        raise CorpusError(f"{place}: an annotation of the task has no list under the key result")
    marks = []
    for one in result:
        if not isinstance(one, dict) or not isinstance(value := one.get("value"), dict):
            continue  # a relation between spans
        kind = one.get("type")
        if kind in ("hypertextlabels", "paragraphlabels"):
            raise CorpusError(
                f"{place}: spans of {kind} count places of a page, not characters of a text",
                do="annotate plain text (<Text> with <Labels> in the template)",
            )
        if isinstance(labels := value.get("labels"), list):
            start, end, text = value.get("start"), value.get("end"), value.get("text")
            marks += [check_mark(start, end, label, text, place) for label in labels]
    return marks
