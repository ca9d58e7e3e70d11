"""A language model on disk: a bundle like a tagger's, with an alphabet in place of a vocabulary.

A model of both directions is a folder with two bundles in it, ``forward`` and ``backward``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ner_rnn.encoding.symbols import Symbols
from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.model.bundle import MANIFEST, write_bundle
from ner_rnn.model.language_model import Settings
from ner_rnn.model.loader import SECTION, language_model_settings, read_language_model
from ner_rnn.nn.assembly import build_encoder
from ner_rnn.nn.language_model import LanguageModel
from ner_rnn.version import __version__

__all__ = ["DIRECTIONS", "Loaded", "build_model", "load_language_model", "write_language_model"]

DIRECTIONS = ("forward", "backward")


@dataclass(frozen=True)
class Loaded:
    """A language model with its alphabet and the settings of its training.

    Attributes:
        model: the network; as read from disk, in evaluation mode and float64.
        symbols: its alphabet.
        settings: settings of its training.
        name: last part of its folder's name.
        files: names of its training files.
        encoding: text encoding of those files.
    """

    model: LanguageModel
    symbols: Symbols
    settings: Settings
    name: str = ""
    files: tuple[str, ...] = ()
    encoding: str = "utf-8"


def build_model(settings: Settings, symbols: Symbols, *, fresh: bool = True) -> LanguageModel:
    """Build a network with random weights, or, not ``fresh``, one for weights to be loaded."""
    width = settings.embedding_size or len(symbols)
    return LanguageModel(
        len(symbols),
        build_encoder(settings, width, fresh=fresh),
        embedding_size=settings.embedding_size,
        tie=settings.tie,
        dropout=settings.dropout,
    )


def write_language_model(folder: Path, model: Loaded, metrics: Mapping[str, Any]) -> None:
    """Write a model, whole or not at all.

    Raises:
        FileError: as ``bundle.write_bundle``.
    """
    from ner_rnn.text.templates import Markup, render

    write_bundle(
        folder,
        config={
            SECTION: model.settings.to_json(),
            "files": list(model.files),
            "encoding": model.encoding,
        },
        vocabulary=model.symbols.to_json(),
        weights={name: value.cpu().numpy() for name, value in model.model.state_dict().items()},
        metrics=metrics,
        card=render(
            "language_model_card.md",
            model=model,
            files=[Markup(Path(file).name) for file in model.files],
            metrics=metrics,
            version=__version__,
        ),
    )


def load_language_model(folder: str | Path, direction: str | None = None) -> Loaded:
    """Read a model and check that it is whole.

    Args:
        folder: of a model, or of a pair of them.
        direction: of a pair, the one to read; default: forward.

    Raises:
        BundleError: the folder holds no language model, or a damaged one.
        ConfigError: the model is of the other direction.
    """
    path = Path(folder)
    pair = [name for name in DIRECTIONS if (path / name / MANIFEST).is_file()]
    if pair and not (path / MANIFEST).is_file():
        path = path / (direction if direction in pair else pair[0])
    if not path.is_dir() or not (path / MANIFEST).is_file():
        found = "is no language model" if path.exists() else "does not exist"
        raise BundleError(f"{folder} {found}: give the folder that 'ner-rnn lm train' wrote")
    bundle = read_language_model(path)
    settings = language_model_settings(bundle)
    if direction not in (None, settings.direction):
        raise ConfigError(
            f"{folder} reads {settings.direction}", do=f"leave out {{direction}} {direction}"
        )
    symbols = Symbols.from_json(bundle.vocabulary)
    model = build_model(settings, symbols, fresh=False)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in bundle.weights.items()})
    return Loaded(
        name=Path(folder).name,
        model=model.eval().double(),
        symbols=symbols,
        settings=settings,
        files=tuple(bundle.config.get("files", ())),
        encoding=bundle.config.get("encoding", "utf-8"),
    )
