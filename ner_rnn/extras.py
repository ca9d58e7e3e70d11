"""Optional packages: which extra of the installation brings which module.

``pip install ner-rnn`` brings what tagging needs. Whatever needs more calls :func:`require` first,
so that the user reads in one line what to install. Nothing is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from ner_rnn.errors import ExtraError

__all__ = ["EXTRAS", "missing", "require"]

EXTRAS: Mapping[str, tuple[str, ...]] = {
    "train": (
        "torch",
        "pytorch_lightning",
        "datasets",
        "seqeval",
        "scipy",
        "onnx",
        "jinja2",
        "filelock",
        "threadpoolctl",
        "tensorboard",
    ),
    "parquet": ("pyarrow",),
    "vectors": ("gensim",),
    "plots": ("matplotlib",),
    "spacy": ("spacy",),
    "presidio": ("presidio_analyzer", "presidio_anonymizer"),
    "ray": ("ray", "fsspec"),
    "spark": ("pyspark", "pandas"),
}
"""Modules by the extra of ``pyproject.toml`` that brings them."""


def missing(*modules: str) -> list[str]:
    """Return those of some top-level modules that are not installed; none of them is imported."""
    return [module for module in modules if find_spec(module) is None]


def require(what: str, *modules: str, instead: str = "") -> None:
    """Check that optional packages are installed.

    Args:
        what: what needs them, as the subject of the message.
        modules: top-level modules, each of an extra.
        instead: another remedy, put after the installation.

    Raises:
        ExtraError: one of them is missing; the message names the extras that bring them.
    """
    if not (absent := missing(*modules)):
        return
    extras = [extra for extra, brought in EXTRAS.items() if set(brought) & set(absent)]
    *first, last = (module.replace("_", "-") for module in absent)
    names = f"{', '.join(first)} and {last}" if first else last
    raise ExtraError(
        f"{what} needs {names}, which {'are' if first else 'is'} not installed",
        do=f"pip install 'ner-rnn[{','.join(extras)}]'" + (f", or {instead}" if instead else ""),
    )
