"""What is needed to make a report again: command, versions, machine, seed, settings, checksums."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ner_rnn.evaluation.request import Request
from ner_rnn.evaluation.schema import Provenance
from ner_rnn.machine import cores, machine, timestamp, versions

__all__ = ["provenance"]

PACKAGES = ("ner-rnn", "numpy", "torch", "seqeval", "matplotlib")
READING = ("person_labels", "token_column", "tag_column", "scheme", "encoding")


def provenance(request: Request, checksums: Mapping[str, str], seconds: float) -> Provenance:
    """Record where a report comes from.

    Args:
        request: what was evaluated.
        checksums: SHA-256 of the files that were read beside models and corpora, taken as they
            were read.
        seconds: time that the evaluation took.
    """
    return {
        "command": request.command,
        "date": timestamp(),
        "versions": versions(*PACKAGES),
        "machine": machine(),
        "seconds": round(seconds, 1),
        "seed": request.seed,
        "resamples": request.rounds,
        "settings": _settings(request, checksums),
    }


def _settings(request: Request, checksums: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = {
        f"data.{name}": list(value) if isinstance(value, tuple) else value
        for name, value in asdict(request.settings).items()
        if name in READING
    }
    settings["stress"] = list(request.stress)
    settings["swap_names"] = {path: checksums[path] for path in request.swap_names}
    settings["train"] = {request.train: checksums[request.train]} if request.train else None
    settings["workers"] = request.workers or cores()
    return settings
