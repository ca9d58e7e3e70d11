"""``ner-rnn info``: settings, provenance and scores of a model on disk."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import counted

from . import console

if TYPE_CHECKING:
    from ner_rnn.model.bundle import Bundle
    from ner_rnn.model.recall import CurvePoint
    from ner_rnn.model.settings import ModelConfig

EXAMPLE = """\
examples:
  ner-rnn info en
  ner-rnn info runs/conll
  ner-rnn info runs/conll --json | jq .metrics
"""


_TEXTS = 10
"""Files of unlabelled text that are listed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "model", metavar="MODEL", help="folder of a trained model, or name of a built-in one"
    )
    parser.add_argument(
        "--json", action="store_true", help="print everything but the weights as one JSON object"
    )


def run(args: argparse.Namespace) -> int:
    """Read the bundle, check it as tagging does, and describe it."""
    from ner_rnn.model.loader import read_tagger

    bundle = read_tagger(args.model)
    if args.json:
        import json

        known = {
            "parameters": _parameters(bundle),
            "config": bundle.config,
            "metrics": bundle.metrics,
            "manifest": bundle.manifest,
        }
        print(json.dumps(known, indent=2, ensure_ascii=False))
        return 0

    from rich.table import Column, Table

    from .scores import score_table

    table = Table(
        Column(style="bold"), Column(overflow="fold"),
        box=None, show_header=False, padding=(0, 2, 0, 0),
    )  # fmt: skip
    for name, value in _rows(bundle):
        table.add_row(name, console.one_line(value, None))
    console.show(table)
    if bundle.metrics.get("scores"):
        console.show(score_table(bundle.metrics["scores"], "Person names, in percent"))
    return 0


def _rows(bundle: Bundle) -> Iterator[tuple[str, str]]:
    from ner_rnn.model.contents import model_config
    from ner_rnn.model.recall import recall_curve
    from ner_rnn.runtime.load import fast_path

    yield "model", str(bundle.path)
    yield "network", _network(model_config(bundle))
    yield "parameters", f"{_parameters(bundle):,}"
    yield "corpus", _settings(bundle.config.get("data", {}))
    for split, about in bundle.metrics.get("data", {}).items():
        yield split, f"{about.get('sentences', 0):,} sentences, sha256 {about.get('sha256')}"
    for start in _starts(bundle.metrics):
        learned = start.get("data", {}).get("train", {}).get("path", "an unknown corpus")
        yield "started from", f"{start['model']}, which learned from {learned}"
        yield "its weights", f"sha256 {start['sha256']}"
    yield from _taught(bundle.metrics.get("distilled"))
    for file, digest in bundle.metrics.get("sources", {}).items():
        yield "source", f"{file}, sha256 {digest}"
    yield "tagging", fast_path(bundle)
    yield "recall", _recall(recall_curve(bundle))
    yield "training", _settings(bundle.config.get("trainer", {}))
    yield "seed", str(bundle.config.get("seed", ""))
    yield "made", bundle.manifest.get("created", "")
    yield "with", _settings(bundle.manifest.get("packages", {}))
    for name, about in bundle.manifest["files"].items():
        yield "file", f"{name}, {about['size']:,} bytes, sha256 {about['sha256']}"


def _recall(points: Sequence[CurvePoint]) -> str:
    """Describe the recall curve: the thresholds of some shares of names."""
    from ner_rnn.model.recall import point_of_recall

    if not points:
        return "not measured"
    parts = []
    for share in (0.9, 0.95, 0.98, 0.99):
        point = point_of_recall(points, share)
        if point is not None:
            threshold, precision = point["threshold"], point["precision"] or 0.0
            parts.append(
                f"{share:.0%} from a score of {threshold:.2g} on (precision {precision:.0%})"
            )
    return f"names of the development data found whole: {', '.join(parts) or 'under 90%'}"


def _starts(metrics: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the model that this one started from, the one that that started from, and so on."""
    while start := metrics.get("start"):
        yield start
        metrics = start


def _taught(taught: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """Yield the models that taught this one, and the text that they read."""
    if taught is None:
        return
    for one in taught["teachers"]:
        yield "taught by", f"{one['model']}, sha256 {one['sha256']}"
    for one in taught["text"][:_TEXTS]:
        yield "on the text", f"{one['path']}, sha256 {one['sha256']}"
    left = len(taught["text"]) - _TEXTS
    yield (
        "of which",
        (
            f"{counted(taught['words'], 'word')} of {counted(taught['documents'], 'document')}"
            f"{f' (and {left:,} more files)' if left > 0 else ''}, "
            f"{counted(taught['names'], 'name')} expected"
        ),
    )


def _network(model: ModelConfig) -> str:
    """Describe the network: ``2 layers of bidirectional lstm, 200 units; crf output``."""
    layers = counted(model.layers, "layer")
    if model.cell == "none":
        network = f"{layers} over each word alone, {model.hidden_size} units"
    else:
        direction = "bidirectional" if model.bidirectional else "one-directional"
        network = f"{layers} of {direction} {model.cell}, {model.hidden_size} units"
        if model.bidirectional:
            network += " a direction"
    letters = "" if model.chars == "none" else f"; {model.chars} over letters"
    context = ""
    if model.language_model:
        context = f"; language models of characters, {model.context_size} wide"
    memory = "; document memory" if model.memory else ""
    return f"{network}{letters}{context}{memory}; {model.output} output"


def _parameters(bundle: Bundle) -> int:
    return sum(array.size for array in bundle.weights.values())


def _settings(values: Mapping[str, Any]) -> str:
    """List the settings that have a value: ``{"a": 1, "b": None}`` -> ``a 1``."""
    shown = {name: value for name, value in values.items() if value not in (None, [], ())}
    return ", ".join(
        f"{name} {', '.join(map(_entry, value)) if isinstance(value, (list, tuple)) else value}"
        for name, value in shown.items()
    )


def _entry(value: object) -> str:
    """Describe an entry of a list; of the corpora of a recipe, path and split."""
    if isinstance(value, dict):
        split = value.get("split", "train")
        return f"{value.get('path')}{'' if split == 'train' else f' ({split})'}"
    return str(value)
