"""Built-in models: bundles that the package carries, found by name.

    find_model("en")        ->  .../ner_rnn/models/en
    find_model("runs/mine") ->  runs/mine

Each folder of ``FOLDER`` is a bundle as ``bundle.py`` reads it. Beside its files lies
``about.json``, which says for people what the bundle does not know of itself:

    {"language": "English", "licence": "CC BY-SA 4.0", "corpora": ["wnut17", "btc"],
     "scores": [{"kind": "novels", "corpus": "litbank", "f1": 0.84, "low": 0.81, "high": 0.87,
                 "lower_f1": 0.79, "upper_f1": 0.80, "spacy_md_f1": 0.77}]}

Every part may be missing; F1 is a ratio, ``low`` to ``high`` its 95 % interval, and ``lower_f1``
and ``upper_f1`` are of the same text in that case. Without scores, those of the bundle's own
``metrics.json`` stand in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ner_rnn.errors import BundleError, shortened

__all__ = [
    "DEFAULT",
    "FOLDER",
    "BuiltIn",
    "Score",
    "built_in_name",
    "built_in_names",
    "describe",
    "find_model",
]

DEFAULT = "en"
"""Model that is used where none is named."""
FOLDER = Path(__file__).parent.parent / "models"
"""Folder of the built-in models, one folder each."""

_ABOUT = "about.json"


@dataclass(frozen=True)
class Score:
    """Score of a model on one test set, as ratios; None where it was not measured.

    Attributes:
        kind: kind of text, such as "novels".
        corpus: name of the test set.
        f1: F1 on whole names.
        low, high: its 95 % confidence interval.
        lower_f1, upper_f1: F1 on the same text in lower case and in capitals.
        spacy_md_f1: F1 of spaCy's ``en_core_web_md`` on the same words.
    """

    kind: str
    corpus: str
    f1: float | None
    low: float | None = None
    high: float | None = None
    lower_f1: float | None = None
    upper_f1: float | None = None
    spacy_md_f1: float | None = None


_RATIOS = [field.name for field in fields(Score)][2:]


@dataclass(frozen=True)
class BuiltIn:
    """Description of a built-in model.

    Attributes:
        name: by which it is loaded.
        folder: of its bundle.
        size: bytes on disk.
        language: of the text that it reads; empty if not stated, like the next two.
        licence: of the model.
        corpora: what it learned from.
        scores: in the order of the file.
    """

    name: str
    folder: Path
    size: int
    language: str
    licence: str
    corpora: tuple[str, ...]
    scores: tuple[Score, ...]


def built_in_names() -> list[str]:
    """Return the names of the built-in models, sorted."""
    if not FOLDER.is_dir():
        return []
    found = (path.name for path in FOLDER.iterdir() if path.is_dir())
    return sorted(name for name in found if name[0] not in "._")


def built_in_name(folder: Path) -> str | None:
    """Return the name of the built-in model in a folder, or None for any other folder."""
    real = Path(os.path.realpath(folder))
    return real.name if real.parent == Path(os.path.realpath(FOLDER)) else None


def find_model(model: str | os.PathLike[str]) -> Path:
    """Return the folder of a model that is given by name or by path.

    What contains a slash is a path. A name alone is a bundle of that name in the working directory
    if there is one, and else a built-in model; so ``./en`` is never the built-in model.

    Raises:
        BundleError: there is neither a folder nor a built-in model of that name.
    """
    from ner_rnn.model.bundle import MANIFEST  # imports NumPy, which help does without

    typed = os.fspath(model)
    path = Path(typed)
    is_path = any(mark in typed for mark in (os.sep, os.altsep) if mark)
    if is_path or (path / MANIFEST).is_file():
        return path
    names = built_in_names()
    if typed in names:
        return FOLDER / typed
    if path.exists():  # whoever reads it says why it is no model
        return path
    if typed == DEFAULT:
        raise BundleError(
            f"this installation has no built-in model {DEFAULT!r}",
            do="make a model by 'make train' and give its folder as {model}",
        )
    built_in = f", or a built-in model: {', '.join(names)}" if names else ""
    raise BundleError(
        f"{typed} does not exist",
        do=f"a model is a folder, as written by 'ner-rnn train'{built_in}",
    )


def describe(name: str) -> BuiltIn:
    """Describe a built-in model by the files that lie in its folder.

    Raises:
        BundleError: there is none of that name, or a file that describes it is malformed.
    """
    folder = FOLDER / name
    if name not in built_in_names():
        raise BundleError(f"there is no built-in model {name!r}")
    path = folder / _ABOUT
    about = _read(path) if path.exists() else {}
    corpora, scores = about.get("corpora", []), about.get("scores", [])
    texts = [about.get("language", ""), about.get("licence", "")]
    if not isinstance(corpora, list) or not all(isinstance(x, str) for x in [*texts, *corpora]):
        raise _malformed(path, "expected texts for language and licence, and a list of corpora")
    if not isinstance(scores, list):
        raise _malformed(path, "expected a list of scores")
    return BuiltIn(
        name=name,
        folder=folder,
        size=sum(file.stat().st_size for file in folder.iterdir() if file.is_file()),
        language=texts[0],
        licence=texts[1],
        corpora=tuple(corpora),
        scores=tuple(_score(path, row) for row in scores) or _own_scores(folder),
    )


def _score(path: Path, row: Any) -> Score:
    held: Mapping[str, Any] = row if isinstance(row, dict) else {}
    kind, corpus = held.get("kind"), held.get("corpus")
    ratios = {name: held.get(name) for name in _RATIOS}
    if (
        isinstance(kind, str)
        and isinstance(corpus, str)
        and all(
            ratio is None or (type(ratio) in (int, float) and 0 <= ratio <= 1)
            for ratio in ratios.values()
        )
    ):
        return Score(kind, corpus, **ratios)
    what = "a score has texts for kind and corpus, and ratios from 0 to 1 or null"
    raise _malformed(path, what, shortened(repr(row), 100))


def _own_scores(folder: Path) -> tuple[Score, ...]:
    """Return the scores that were measured when the model was trained."""
    path = folder / "metrics.json"
    measured = _read(path).get("scores", {})
    try:
        return tuple(
            _score(path, {"kind": split, "corpus": "", "f1": scores["names"]["f1"]})
            for split, scores in measured.items()
        )
    except (AttributeError, KeyError, TypeError):
        raise _malformed(path, "expected scores of names by split") from None


def _read(path: Path) -> dict[str, Any]:
    from ner_rnn.model.bounds import LARGEST_JSON
    from ner_rnn.model.untrusted import parse_json, read_inside

    return parse_json(path, read_inside(path, LARGEST_JSON))


def _malformed(path: Path, what: str, found: str = "") -> BundleError:
    return BundleError(what, where=str(path), found=found, do="reinstall ner-rnn")
