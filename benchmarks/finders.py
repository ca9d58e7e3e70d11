"""Systems whose names ``kinds_of_text.py`` counts: models of this package, and a spaCy pipeline."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from kinds import Document, FoundName
from processes import environment

from ner_rnn.runtime.tagger import Tagger

SCRIPT = Path(__file__).with_name("spacy_names.py")


class Finder(Protocol):
    """A system that finds names."""

    name: str

    def find(self, texts: Mapping[str, Sequence[Document]]) -> dict[str, list[FoundName]]:
        """Return the names of each set of documents, by words counted over the set."""

    def find_raw(self, texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return the names of each set of raw texts as they are written there."""


class Model:
    """A model of this package, through its public door."""

    def __init__(self, name: str, folder: str) -> None:
        self.name = name
        self.folder = folder
        self._tagger = Tagger.load(folder)

    def find(
        self, texts: Mapping[str, Sequence[Document]], min_score: float = 0.0
    ) -> dict[str, list[FoundName]]:
        """Tag document by document; ``min_score`` as in ``Tagger.pipe``."""
        found: dict[str, list[FoundName]] = {}
        for number, (key, documents) in enumerate(texts.items(), 1):
            _progress(f"{self.name}: {key}, {number} of {len(texts)}")
            names = found.setdefault(key, [])
            first = 0
            for document in documents:
                answer = self._tagger.tag_sentences(document, min_score=min_score)
                for words, row in zip(document, answer, strict=True):
                    names += [FoundName(first + n.start, first + n.end, n.score) for n in row]
                    first += len(words)
        return found

    def find_raw(self, texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Tag text by text."""
        return {
            key: [name.text for text in self._tagger.pipe(parts) for name in text.names]
            for key, parts in texts.items()
        }


class SpaCy:
    """A pipeline of spaCy in an environment of its own; answers are kept on disk.

    Attributes:
        name: language, name and version of the pipeline, once it has answered.
        costs: speed, start and size, as ``spacy_names.py`` measured them with its last answer.
    """

    def __init__(self, python: str, cache: Path) -> None:
        self.name = "spaCy"
        self.costs: dict[str, Any] = {}
        self._python = python
        self._cache = cache

    def find(self, texts: Mapping[str, Sequence[Document]]) -> dict[str, list[FoundName]]:
        """Tag document by document, with the words and sentences given."""
        found: dict[str, list[FoundName]] = {}
        for key, rows in self._ask(texts).items():
            names = found.setdefault(key, [])
            first = 0
            for document, row in zip(texts[key], rows, strict=True):
                names += [FoundName(first + start, first + end) for start, end in row]
                first += sum(map(len, document))
        return found

    def find_raw(self, texts: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Tag text by text."""
        return {
            key: [
                text[start:end]
                for text, row in zip(texts[key], rows, strict=True)
                for start, end in row
            ]
            for key, rows in self._ask(texts).items()
        }

    def _ask(self, texts: Mapping[str, Sequence[Any]]) -> dict[str, list[list[list[int]]]]:
        given = json.dumps(texts).encode()
        key = hashlib.sha256(given + SCRIPT.read_bytes() + self._python.encode()).hexdigest()
        kept = self._cache / f"spacy-{key[:16]}.json"
        if not kept.is_file():
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._cache) as folder:
                source, target = Path(folder, "texts.json"), Path(folder, "names.json")
                source.write_bytes(given)
                command = [self._python, str(SCRIPT), str(source), str(target)]
                # our own packages must not be found by the other interpreter
                env = environment() | {"PYTHONPATH": ""}
                subprocess.run(command, check=True, env=env)
                os.replace(target, kept)
        answer = json.loads(kept.read_text(encoding="utf-8"))
        found: dict[str, list[list[list[int]]]] = answer.pop("found")
        self.costs = answer
        self.name = answer["pipeline"]
        return found


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
