"""Reads bundles for use: whatever tags, scores, shows or compares models reads them here.

A bundle may have right checksums and wrong content, made by mistake or on purpose. So settings and
vocabulary are checked first, then the shapes that the weights' file says it holds against those
that they ask for, and only then are weights read and networks built. Neither torch nor onnxruntime
is imported; graphs are checked where they are opened, in ``runtime/sessions.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ner_rnn.encoding.symbols import Symbols
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError, shortened
from ner_rnn.model.bounds import LARGEST_RESERVOIR, read_settings
from ner_rnn.model.builtin import built_in_name, find_model
from ner_rnn.model.bundle import Bundle, Description, read_bundle
from ner_rnn.model.contents import (
    check_tensors,
    input_width,
    language_model_shapes,
    model_config,
    temperature,
    weight_shapes,
)
from ner_rnn.model.language_model import Settings
from ner_rnn.model.recall import recall_curve

__all__ = ["SECTION", "language_model_settings", "read_language_model", "read_tagger"]

SECTION = "language_model"
"""Key of config.json by which the bundle of a language model differs from a tagger's."""

_AGAIN = "train the model again"
_SEED = "encoder.seed"
_RATIOS = ("precision", "recall", "f1")
_COUNTS = ("support", "predicted", "correct")


def read_tagger(model: str | os.PathLike[str]) -> Bundle:
    """Read the bundle of a tagger.

    Args:
        model: its folder, or the name of a built-in model; see ``builtin.find_model``.

    Raises:
        BundleError: as ``bundle.read_bundle``; or settings, vocabulary, weights and metrics are
            not those of a tagger, or do not fit each other; or there is no model of that name.
    """
    folder = find_model(model)
    try:
        return _with_seed(read_bundle(folder, _check_tagger))
    except BundleError as error:
        name = built_in_name(folder)
        if name is None:
            raise
        fault = f"{error.where}: {error.what}" if error.where else error.what
        raise BundleError(
            fault, where=f"the built-in model {name!r} is damaged", do="reinstall ner-rnn"
        ) from None


def read_language_model(folder: str | os.PathLike[str]) -> Bundle:
    """Read the bundle of a language model.

    Raises:
        BundleError: as ``bundle.read_bundle``; or settings, alphabet and weights are not those of
            a language model, or do not fit each other.
    """
    return _with_seed(read_bundle(folder, _check_language_model))


def language_model_settings(bundle: Description) -> Settings:
    """Return the settings of a language model.

    Raises:
        BundleError: the bundle is a tagger, or they are not settings.
    """
    saved = bundle.config.get(SECTION)
    if saved is None:
        raise BundleError(
            f"{bundle.path} is a tagger, not a language model: "
            "give a folder that 'ner-rnn lm train' wrote"
        )
    return read_settings(Settings, saved, f"{bundle.path}: config.json: {SECTION}")


def _check_tagger(bundle: Description) -> None:
    try:
        vocabulary = Vocabulary.from_json(bundle.vocabulary)
        model = model_config(bundle)
        if model.cell == "reservoir":
            drawn = input_width(model, vocabulary) * model.hidden_size
            if drawn > LARGEST_RESERVOIR:
                raise BundleError(
                    f"a reservoir would have {drawn:,} connections to its inputs, and at most "
                    f"{LARGEST_RESERVOIR:,} are drawn",
                    where=str(bundle.path),
                    do=_AGAIN,
                )
        check_tensors(bundle, weight_shapes(model, vocabulary))
    except BundleError as error:
        raise _placed(error, bundle) from None
    temperature(bundle)
    recall_curve(bundle)
    _check_sections(bundle, bundle.config, "config.json", ("data", "trainer"))
    _check_metrics(bundle)


def _check_language_model(bundle: Description) -> None:
    settings = language_model_settings(bundle)
    try:
        check_tensors(bundle, language_model_shapes(settings, Symbols.from_json(bundle.vocabulary)))
    except BundleError as error:
        raise _placed(error, bundle) from None
    files = bundle.config.get("files", [])
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        raise _refusal(bundle, "config.json: files", "expected a list of texts", files)
    encoding = bundle.config.get("encoding", "utf-8")
    if not isinstance(encoding, str):
        raise _refusal(bundle, "config.json: encoding", "expected text", encoding)


def _placed(error: BundleError, bundle: Description) -> BundleError:
    """Return the error with the folder of the model, where it does not name it already."""
    if str(bundle.path) in str(error) or not str(error).startswith("vocabulary.json"):
        return error
    return BundleError(f"{bundle.path}: {error}")


def _with_seed(bundle: Bundle) -> Bundle:
    """Refuse a seed that no generator takes."""
    if _SEED in bundle.weights and (seed := int(bundle.weights[_SEED])) < 0:
        raise _refusal(bundle, f"weights.safetensors: {_SEED}", "it must be 0 or more", seed)
    return bundle


def _refusal(bundle: Description, place: str, what: str, found: Any) -> BundleError:
    return BundleError(
        what, where=f"{bundle.path}: {place}", found=shortened(repr(found), 60), do=_AGAIN
    )


def _check_sections(
    bundle: Description, held: Mapping[str, Any], place: str, names: tuple[str, ...]
) -> None:
    """Refuse a section that is there and no object."""
    for name in names:
        if not isinstance(held.get(name, {}), dict):
            raise _refusal(bundle, f"{place}: {name}", "expected a JSON object", held[name])


def _check_metrics(bundle: Description) -> None:
    """Refuse scores and provenance of another shape than training writes; each may be missing."""
    metrics, place = bundle.metrics, "metrics.json"
    _check_sections(bundle, bundle.manifest, "manifest.json", ("packages",))
    created = bundle.manifest.get("created", "")
    if not isinstance(created, str):
        raise _refusal(bundle, "manifest.json: created", "expected a date", created)
    _check_sections(bundle, metrics, place, ("scores", "data", "sources", "calibration", "seconds"))
    if not isinstance(metrics.get("notes", []), list):
        raise _refusal(bundle, f"{place}: notes", "expected a list", metrics["notes"])
    _check_starts(bundle)
    _check_teachers(bundle)
    for split, about in metrics.get("data", {}).items():
        if not isinstance(about, dict) or not isinstance(about.get("sha256", ""), str | None):
            raise _refusal(bundle, f"{place}: data.{split}", "expected counts and sha256", about)
        if type(about.get("sentences", 0)) is not int:
            raise _refusal(bundle, f"{place}: data.{split}", "expected counts and sha256", about)
    for split, scores in metrics.get("scores", {}).items():
        for kind in ("names", "words"):
            found = scores.get(kind) if isinstance(scores, dict) else None
            if not isinstance(found, dict) or not (
                all(_is_ratio(found.get(name)) for name in _RATIOS)
                and all(type(found.get(name, 0)) is int for name in _COUNTS)
            ):
                where = f"{place}: scores.{shortened(split, 40)}.{kind}"
                raise _refusal(bundle, where, "expected precision, recall, f1 and counts", found)


def _check_starts(bundle: Description) -> None:
    """Refuse another record of the models that a model started from than training writes."""
    held, place = bundle.metrics, "metrics.json: start"
    while (start := held.get("start")) is not None:
        if not isinstance(start, dict) or not all(
            isinstance(start.get(name), str) for name in ("model", "sha256")
        ):
            raise _refusal(bundle, place, "expected model, sha256 and data", start)
        _check_sections(bundle, start, place, ("data",))
        if not all(isinstance(about, dict) for about in start.get("data", {}).values()):
            raise _refusal(bundle, place, "expected data by split", start["data"])
        held = start


def _check_teachers(bundle: Description) -> None:
    """Refuse another record of the models that taught than training writes."""
    taught, place = bundle.metrics.get("distilled"), "metrics.json: distilled"
    if taught is None:
        return
    names = {"teachers": "model", "text": "path"}
    if not isinstance(taught, dict) or not all(
        isinstance(taught.get(name), list)
        and all(
            isinstance(one, dict) and isinstance(one.get(key), str) and "sha256" in one
            for one in taught[name]
        )
        for name, key in names.items()
    ):
        raise _refusal(bundle, place, "expected teachers and text", taught)
    for name in ("words", "documents", "names"):
        if type(taught.get(name)) is not int:
            raise _refusal(bundle, f"{place}.{name}", "expected a number", taught.get(name))


def _is_ratio(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and 0 <= value <= 1)
