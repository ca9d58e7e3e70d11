"""What is needed to make a report again: command, versions, machine, seed, settings, checksums."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ner_rnn.evaluation.request import Request
from ner_rnn.evaluation.schema import Provenance
from ner_rnn.machine import machine, timestamp, versions
from ner_rnn.text.files import checksum

__all__ = ["provenance"]

PACKAGES = ("ner-rnn", "numpy", "torch", "seqeval", "matplotlib")
READING = ("person_labels", "token_column", "tag_column", "scheme", "encoding")


def provenance(request: Request, seconds: float) -> Provenance:
    """Say where a report comes from.

    Args:
        request: what was asked for.
        seconds: that it took.
    """
    return {
        "command": request.command,
        "date": timestamp(),
        "versions": versions(*PACKAGES),
        "machine": machine(),
        "seconds": round(seconds, 1),
        "seed": request.seed,
        "resamples": request.rounds,
        "settings": _settings(request),
    }


def _settings(request: Request) -> dict[str, Any]:
    told: dict[str, Any] = {
        f"data.{name}": list(value) if isinstance(value, tuple) else value
        for name, value in asdict(request.settings).items()
        if name in READING
    }
    told["stress"] = list(request.stress)
    told["swap_names"] = {path: checksum(path) for path in request.swap_names}
    told["train"] = {request.train: checksum(request.train)} if request.train else None
    told["workers"] = request.workers
    return told
