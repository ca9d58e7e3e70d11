"""Systems to score: trained models, and files of another system's predictions.

Describes each for the report; a model that cannot be read is a row with a problem.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ner_rnn.errors import ConfigError, UserError
from ner_rnn.evaluation.learned import Learned, learned_from
from ner_rnn.evaluation.schema import ModelRow, TrainingPoint
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import Config
from ner_rnn.text.opening import checksum
from ner_rnn.text.tokenize import TokenUnit

__all__ = [
    "System",
    "describe_predictions",
    "name_all",
    "name_corpora",
    "read_model",
    "split_name",
    "training_curve",
]

ALWAYS = ("model.cell", "model.hidden_size", "model.layers", "model.output")
"""Settings shown of every model; others are shown where they differ from the default."""

_FILES = ("config.json", "vocabulary.json", "vocabulary.json.zst", "weights.safetensors")
"""Files of a bundle that decide its answers; the others are about it."""

GENERIC = {"train", "dev", "test", "testa", "testb", "valid", "all", "model", "best", "final"}
"""Names that say too little to stand alone."""

UNKNOWN = "what the system was trained on is not known; set train to its training data"


@dataclass(frozen=True)
class System:
    """A model or another system.

    Attributes:
        row: what the report says of it.
        files: of predictions; empty for a model.
        learned: what it learned from, or why that is not known.
        unit: what the text that it learned from is cut into; None: not known.
    """

    row: ModelRow
    files: tuple[str, ...] = ()
    learned: Learned | str = UNKNOWN
    unit: TokenUnit | None = None

    @property
    def name(self) -> str:
        """As in the report."""
        return self.row["name"]


def read_model(folder: str | Path, name: str, learned: Learned | str | None = None) -> System:
    """Read a bundle for what the report says of it.

    Where it cannot be read, its row holds the problem and nothing else. Its training data is looked
    up where it is not given.
    """
    row = _row(name, "model", str(folder))
    try:
        bundle = read_tagger(folder)
    except UserError as problem:
        row["problem"] = str(problem)
        return System(row)
    files = bundle.manifest["files"]
    content = "".join(
        f"{name} {files[name]['sha256']}\n" for name in sorted(_FILES) if name in files
    )
    row["sha256"] = hashlib.sha256(content.encode()).hexdigest()
    row["parameters"] = sum(array.size for array in bundle.weights.values())
    row["config"] = _summary(bundle.config)
    row["notes"] = [str(note) for note in bundle.metrics.get("notes", [])]
    row["curve"] = training_curve(Path(folder))
    return System(
        row,
        learned=learned or learned_from(bundle.config, bundle.metrics),
        unit=bundle.vocabulary.get("cut", "words"),
    )


def describe_predictions(
    files: Sequence[str], name: str, learned: Learned | str | None = None
) -> System:
    """Describe another system by its files of predictions, which are read with a corpus later."""
    row = _row(name, "predictions", ", ".join(files))
    try:
        prints = [checksum(file) for file in files]
    except UserError as problem:
        row["problem"] = str(problem)
        return System(row)
    together = hashlib.sha256("".join(prints).encode()).hexdigest()
    row["sha256"] = prints[0] if len(prints) == 1 else together
    return System(row, tuple(files), learned or UNKNOWN)


def training_curve(run: Path) -> list[TrainingPoint]:
    """Loss and development F1 by epoch, from the CSV logs of a run and of its resumed parts."""
    epochs: dict[float, TrainingPoint] = {}
    parts = [run / "logs", *sorted(run.glob("logs-resumed-*"))]
    for part in parts:
        # a report does without logs that cannot be read
        with (
            suppress(OSError, UnicodeDecodeError, csv.Error),
            (part / "metrics.csv").open(encoding="utf-8", newline="") as file,
        ):
            for line in csv.DictReader(file):
                epoch, loss, f1 = (
                    _number(line.get(key)) for key in ("epoch", "train_loss_epoch", "dev_f1")
                )
                if epoch is None or (loss is None and f1 is None):
                    continue
                point = epochs.setdefault(epoch, {"epoch": epoch + 1, "loss": None, "dev_f1": None})
                point["loss"] = point["loss"] if loss is None else loss
                point["dev_f1"] = point["dev_f1"] if f1 is None else f1
    return [epochs[epoch] for epoch in sorted(epochs)]


def name_all(arguments: Sequence[str]) -> list[tuple[str, str]]:
    """Give each system or file a short, unique name; return names and paths.

    ``NAME=PATH`` names it; else it is called after the last part of its path, and after more of
    it where that says little (``test.bio``, ``seed-1``) or is not the only one.

    >>> name_all(["runs/a", "news=data/x.bio", "wnut17/test.bio", "uner/test.bio"])
    [('a', 'runs/a'), ('news', 'data/x.bio'), ('wnut17/test.bio', 'wnut17/test.bio'), ('uner/test.bio', 'uner/test.bio')]

    Raises:
        ConfigError: two have the same name, or the same path.
    """  # noqa: E501
    named = [split_name(text) for text in arguments]
    given = {index: name for index, (name, _) in enumerate(named) if name}
    parts = [Path(path).resolve().parts for _, path in named]
    for index, (_, path) in enumerate(named):
        if (before := parts.index(parts[index])) != index:
            raise ConfigError(f"{path} is given twice, as number {before + 1} and {index + 1}")
    depth = [1 + _says_little(part[-1]) if part else 1 for part in parts]
    while True:
        names = [
            given.get(i) or "/".join(part[-depth[i] :]).lstrip("/") or named[i][1]
            for i, part in enumerate(parts)
        ]
        clashes = [
            i
            for i, name in enumerate(names)
            if names.count(name) > 1 and i not in given and depth[i] < len(parts[i])
        ]
        if not clashes:
            break
        for i in clashes:
            depth[i] += 1
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two are called {name!r}: name one another way, as in NAME=PATH")
    return [(name, path) for name, (_, path) in zip(names, named, strict=True)]


def name_corpora(arguments: Sequence[str]) -> list[tuple[str, str, str]]:
    """Give each annotated file a short, unique name; return kinds of text, names and paths.

    Files that are given under one NAME are one kind of text; any other is a kind of its own.

    >>> name_corpora(["news=a.bio", "web=b.bio", "web=c.bio"])
    [('news', 'news', 'a.bio'), ('web', 'web/b.bio', 'b.bio'), ('web', 'web/c.bio', 'c.bio')]

    Raises:
        ConfigError: two have the same name, or the same path.
    """
    given = [split_name(text)[0] for text in arguments]
    shared = [name if name and given.count(name) > 1 else "" for name in given]
    named = name_all(
        [
            split_name(text)[1] if kind else text
            for kind, text in zip(shared, arguments, strict=True)
        ]
    )
    return [
        (kind or name, name if not kind or name.startswith(f"{kind}/") else f"{kind}/{name}", path)
        for kind, (name, path) in zip(shared, named, strict=True)
    ]


def split_name(argument: str) -> tuple[str, str]:
    """Split ``NAME=PATH``; the name is empty where there is none, or a file is called so."""
    name, equals, path = argument.partition("=")
    if equals and name and path and not Path(argument).exists():
        return name, path
    return "", argument


def _says_little(name: str) -> bool:
    stem = name.lower().partition(".")[0]
    return stem in GENERIC or (stem.startswith("seed") and stem[4:].strip("-_").isdigit())


def _row(name: str, kind: Any, path: str) -> ModelRow:
    return {
        "name": name,
        "kind": kind,
        "path": path,
        "sha256": None,
        "parameters": None,
        "config": {},
        "notes": [],
        "curve": [],
        "problem": None,
    }


def _summary(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that differ from the default, and those always shown."""
    default = Config()
    summary: dict[str, Any] = {}
    for section in ("model", "trainer", "data"):
        usual = getattr(default, section)
        for name, value in config.get(section, {}).items():
            plain = getattr(usual, name, None)
            plain = list(plain) if isinstance(plain, tuple) else plain
            if f"{section}.{name}" in ALWAYS or value != plain:
                summary[f"{section}.{name}"] = value
    if "seed" in config:
        summary["seed"] = config["seed"]
    return summary


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None
