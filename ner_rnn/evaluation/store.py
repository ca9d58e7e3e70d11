"""Predictions of a report on disk: kept as each cell is done, so that an interrupted run can go on.

A cell is one system on one corpus. Its predictions lie in ``predictions/`` of the report, with the
checksum of all that decided them (``--resume``).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import UserError
from ner_rnn.evaluation.alignment import align, read_predictions, write_predictions
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Found, Sentences
from ner_rnn.evaluation.systems import System
from ner_rnn.text.opening import checksum
from ner_rnn.text.writing import write_whole
from ner_rnn.text.writing_folders import make_folder
from ner_rnn.version import __version__

__all__ = ["Outcome", "Store"]

_FORMAT = 2
CANDIDATES = ".candidates.jsonl"
"""Ending of the file of candidates: of each sentence, first word, word after the last, score."""
_KEPT_COLUMNS = DataConfig(tag_column=3, scheme="IOB2", person_labels=("PER",))


@dataclass(frozen=True)
class Outcome:
    """Predictions of a system for a corpus.

    Attributes:
        found: the predicted names of each sentence; None: see ``problem``.
        seconds: spent on tagging; None: read from a file.
        kept: from an earlier run.
        problem: why there is nothing, in one line.
        candidates: all names of some probability in each sentence, also off the best path; None:
            they were not looked for.
    """

    found: Sentences | None
    seconds: float | None = None
    kept: bool = False
    problem: str | None = None
    candidates: Sentences | None = None


class Store:
    """The predictions of a report on disk.

    Args:
        folder: ``predictions/`` of a report; made if it is not there.
        resume: take cells of an earlier run; False: its files are removed.

    Raises:
        FileError: the folder cannot be made.
    """

    def __init__(self, folder: Path, *, resume: bool) -> None:
        make_folder(folder)
        self._folder = folder
        self._index = folder / "cells.json"
        self._cells: dict[str, dict[str, Any]] = {}
        self._names: dict[str, tuple[str, str]] = {}
        held: dict[str, dict[str, Any]] = {}
        with suppress(OSError, ValueError, KeyError, TypeError):
            index = json.loads(self._index.read_text(encoding="utf-8"))
            if index["format"] == _FORMAT:
                held = dict(index["cells"])
        if resume:
            self._cells = held
        else:  # files of an earlier report would pass for some of this one
            for name in held:
                if name.endswith(".conll") and Path(name).name == name:
                    with suppress(OSError):
                        (folder / name).unlink()
                        (folder / name).with_suffix(CANDIDATES).unlink(missing_ok=True)

    def file_name(self, system: System, corpus: EvaluationSet) -> str:
        """``<model>__<corpus>.conll``, whatever stands in the names; distinct for distinct ones."""
        pair = system.name, corpus.name
        plain = [re.sub(r"[^\w.-]+", "-", name).strip("-.") or "_" for name in pair]
        name = "__".join(plain)
        if self._names.setdefault(name, pair) != pair:
            name += "-" + hashlib.sha256(repr(pair).encode()).hexdigest()[:8]
        return f"{name}.conll"

    def find(self, system: System, corpus: EvaluationSet) -> Outcome | None:
        """Return a cell of an earlier run, if nothing that decides it has changed since."""
        name = self.file_name(system, corpus)
        entry, path = self._cells.get(name), self._folder / name
        if entry is None or entry.get("key") != _key(system, corpus) or not path.is_file():
            return None
        try:
            if checksum(path) != entry["sha256"]:
                return None
            text, found = read_predictions(str(path), _KEPT_COLUMNS, score_column=1)
            if align(text, corpus)[1] is not None:
                return None
            candidates = self._candidates(name, entry, len(found))
            return Outcome(found, float(entry["seconds"]), kept=True, candidates=candidates)
        except (UserError, KeyError, TypeError, ValueError):
            return None  # as good as none: tagged anew

    def keep(self, system: System, corpus: EvaluationSet, outcome: Outcome) -> None:
        """Write a cell down.

        Raises:
            FileError: it cannot be written.
        """
        if outcome.found is None:
            return
        name = self.file_name(system, corpus)
        write_predictions(self._folder / name, corpus, outcome.found)
        self._cells[name] = {
            "key": _key(system, corpus),
            "sha256": checksum(self._folder / name),
            "seconds": outcome.seconds,
            "candidates": None,
        }
        if outcome.candidates is not None:
            path = (self._folder / name).with_suffix(CANDIDATES)
            write_whole(path, map(_line, outcome.candidates))
            self._cells[name]["candidates"] = checksum(path)
        held = {"format": _FORMAT, "cells": self._cells}
        write_whole(self._index, [json.dumps(held, ensure_ascii=False, indent=1)])

    def _candidates(
        self, name: str, entry: dict[str, Any], sentences: int
    ) -> list[list[Found]] | None:
        """Read what ``keep`` wrote; None where that has changed or was never there."""
        path = (self._folder / name).with_suffix(CANDIDATES)
        if entry["candidates"] is None or checksum(path) != entry["candidates"]:
            return None
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        found = [[Found(start, end, score=score) for start, end, score in row] for row in rows]
        return found if len(found) == sentences else None


def _line(names: Sequence[Found]) -> str:
    return json.dumps([(name.start, name.end, name.score) for name in names]) + "\n"


def _key(system: System, corpus: EvaluationSet) -> str:
    """Return a checksum of this version, the model, and every word and gold name."""
    hasher = hashlib.sha256()
    hasher.update(json.dumps([_FORMAT, __version__, system.row["sha256"]]).encode())
    for row in zip(corpus.tokens, corpus.spans, corpus.documents, strict=True):
        hasher.update(json.dumps(row).encode())
    return hasher.hexdigest()
