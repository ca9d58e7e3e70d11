"""Packs a trained model into the package, as a built-in one.

    python -m ner_rnn.model.pack runs/english en

The bundle in ``models/en`` is written anew; ``about.json`` and whatever else lies there stays. The
model card is that of the training: ``benchmarks/model_card.py`` writes that of a model that ships,
after it is packed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ner_rnn.model import builtin
from ner_rnn.model.bundle import CARD, write_bundle
from ner_rnn.model.loader import read_tagger

__all__ = ["pack_model"]


def pack_model(model: str | os.PathLike[str], name: str) -> Path:
    """Write a tagger into the folder of the built-in models.

    Args:
        model: folder of the trained model.
        name: by which it will be loaded.

    Returns:
        Its folder.

    Raises:
        BundleError: that is no tagger.
        FileError: the folder cannot be written to.
    """
    bundle = read_tagger(model)
    folder = builtin.FOLDER / name
    write_bundle(
        folder,
        config=bundle.config,
        vocabulary=bundle.vocabulary,
        weights=bundle.weights,
        metrics=bundle.metrics,
        card=(bundle.path / CARD).read_text(encoding="utf-8"),
        encoders=bundle.encoders,
    )
    return folder


if __name__ == "__main__":
    pack_model(*sys.argv[1:3])
