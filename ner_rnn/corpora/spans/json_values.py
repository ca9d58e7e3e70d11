"""JSON lines, or one list of JSON, as values with the line each begins in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from ner_rnn.errors import CorpusError, shortened

__all__ = ["json_values", "plain_text"]

_SHOWN = 60  # characters of a library's message
_SPACE = re.compile(r"[ \t\r\n]*")


def json_values(
    path: str, text: str, fault: Callable[[CorpusError], None]
) -> Iterator[tuple[int, Any]]:
    """Iterate over the values of a file: one a line, or the elements of one list.

    Args:
        path: the file's name in messages.
        text: what it holds.
        fault: receives the error of each line that is not JSON.

    Yields:
        The line in which a value begins, from 1, and the value.
    """
    first = text.lstrip().partition("\n")[0]
    try:
        value = json.loads(first)
        is_list = isinstance(value, list)
        by_line = not (is_list and (not value or isinstance(value[0], (dict, list))))
    except (ValueError, RecursionError):
        # a broken first line of many, or the beginning of one value over many lines
        by_line = first.rstrip().endswith("}") and not first.startswith("[")
    if not by_line:
        try:
            yield from _elements(text)
        except (ValueError, RecursionError) as error:
            fault(_not_json(path, getattr(error, "lineno", 1), error))
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if not line or line.isspace():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            fault(_not_json(path, number, error))
            continue
        yield number, value


def _elements(text: str) -> Iterator[tuple[int, Any]]:
    """Iterate over the elements of a list; anything else is one value.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    decode = json.JSONDecoder().raw_decode
    at, line = _after_space(text, 0), 1
    if text[at : at + 1] != "[":
        yield 1 + text.count("\n", 0, at), json.loads(text)
        return
    counted, at = 0, _after_space(text, at + 1)
    while text[at : at + 1] != "]":
        line += text.count("\n", counted, at)
        counted = at
        value, at = decode(text, at)
        yield line, value
        at = _after_space(text, at)
        if text[at : at + 1] == ",":
            at = _after_space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("a comma or the end of the list is missing", text, at)
    if _after_space(text, at + 1) < len(text):
        raise json.JSONDecodeError("more follows the end of the list", text, at + 1)


def plain_text(text: str) -> str:
    """Return a text with U+FFFD for each lone surrogate, which no file could hold."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _not_json(path: str, line: int, error: Exception) -> CorpusError:
    what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
    return CorpusError(
        f"{path}:{line}: not JSON ({shortened(what, _SHOWN)})",
        do="write one object a line, or one list of objects",
    )
