"""``ner-rnn info``: settings, provenance and scores of a model on disk."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import counted

from . import console

if TYPE_CHECKING:
    from ner_rnn.model.bundle import Bundle

EXAMPLE = """\
examples:
  ner-rnn info runs/conll
  ner-rnn info runs/conll --json | jq .metrics
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("model", metavar="FOLDER", help="a trained model")
    parser.add_argument(
        "--json", action="store_true", help="print everything but the weights as one JSON object"
    )


def run(args: argparse.Namespace) -> int:
    """Read the bundle, check it as tagging does, and describe it."""
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import read_bundle
    from ner_rnn.model.contents import check_shapes, model_config, weight_shapes

    bundle = read_bundle(Path(args.model))
    vocabulary = Vocabulary.from_json(bundle.vocabulary)
    check_shapes(bundle, weight_shapes(model_config(bundle), vocabulary))
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
    for row in _rows(bundle):
        table.add_row(*row)
    console.show(table)
    if bundle.metrics["scores"]:
        console.show(score_table(bundle.metrics["scores"], "Person names, in percent"))
    return 0


def _rows(bundle: Bundle) -> Iterator[tuple[str, str]]:
    from ner_rnn.runtime.load import fast_path

    model, data = bundle.config["model"], bundle.config["data"]
    yield "model", str(bundle.path)
    yield "network", _network(model)
    yield "parameters", f"{_parameters(bundle):,}"
    yield "corpus", _settings(data)
    for split, about in bundle.metrics["data"].items():
        yield split, f"{about['sentences']:,} sentences, sha256 {about['sha256']}"
    for file, digest in bundle.metrics.get("sources", {}).items():
        yield "source", f"{file}, sha256 {digest}"
    yield "tagging", fast_path(bundle)
    yield "training", _settings(bundle.config["trainer"])
    yield "seed", str(bundle.config["seed"])
    yield "made", bundle.manifest["created"]
    yield "with", _settings(bundle.manifest["packages"])
    for name, about in bundle.manifest["files"].items():
        yield "file", f"{name}, {about['size']:,} bytes, sha256 {about['sha256']}"


def _network(model: Mapping[str, Any]) -> str:
    """Describe the network: ``2 layers of bidirectional lstm, 200 units; crf output``."""
    layers = counted(model["layers"], "layer")
    if model["cell"] == "none":
        network = f"{layers} over each word alone, {model['hidden_size']} units"
    else:
        direction = "bidirectional" if model["bidirectional"] else "one-directional"
        network = f"{layers} of {direction} {model['cell']}, {model['hidden_size']} units"
        if model["bidirectional"]:
            network += " a direction"
    letters = "" if model["chars"] == "none" else f"; {model['chars']} over letters"
    context = ""
    if model.get("language_model"):
        context = f"; language models of characters, {model['context_size']} wide"
    memory = "; document memory" if model.get("memory") else ""
    return f"{network}{letters}{context}{memory}; {model['output']} output"


def _parameters(bundle: Bundle) -> int:
    return sum(array.size for array in bundle.weights.values())


def _settings(values: Mapping[str, Any]) -> str:
    """List the settings that have a value: ``{"a": 1, "b": None}`` -> ``a 1``."""
    shown = {name: value for name, value in values.items() if value not in (None, [], ())}
    return ", ".join(
        f"{name} {', '.join(map(str, value)) if isinstance(value, (list, tuple)) else value}"
        for name, value in shown.items()
    )
