"""Checked content of a bundle, without torch: its settings and the shapes of its weights.

The networks in ``nn/`` know their shapes too, but need torch, which a tagger does not load; a test
holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ner_rnn.errors import BundleError, shortened
from ner_rnn.model.bounds import read_settings
from ner_rnn.model.bundle import HALVED, Description
from ner_rnn.model.language_model import Settings, reader_settings
from ner_rnn.model.settings import GATES, LETTER_WIDTH, EncoderConfig, ModelConfig

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ner_rnn.encoding.characters import Context
    from ner_rnn.encoding.symbols import Symbols
    from ner_rnn.encoding.vocabulary import Vocabulary

__all__ = [
    "check_tensors",
    "input_width",
    "language_model_shapes",
    "model_config",
    "pooled_units",
    "reader_name",
    "temperature",
    "weight_shapes",
]

Shape = tuple[int, ...]

_COLDEST, _HOTTEST = 0.001, 1000
"""Temperatures beyond which a score is no probability; training chooses from 0.25 to 8."""

_SET_BY = {
    "words.": "model.word_size",
    "forms.features.": "model.form_size",
    "context.": "model.language_model or model.context_size",
    "forms.letters.": "model.chars, model.char_size or model.char_hidden",
    "encoder.": "model.cell, model.layers, model.hidden_size or model.bidirectional",
    "emit.": "model.hidden_size, model.bidirectional, model.memory or model.output",
    "crf.": "model.output",
}


def model_config(bundle: Description) -> ModelConfig:
    """Return the settings of a bundle's network.

    Raises:
        BundleError: they are not settings, or of a later version.
    """
    return read_settings(ModelConfig, bundle.config.get("model", {}), f"{bundle.path}: config.json")


def temperature(bundle: Description) -> float:
    """Return the temperature that calibrates the scores; 1 where none was measured.

    Raises:
        BundleError: it is no number, or one that no training chooses.
    """
    measured = bundle.metrics.get("calibration", {})
    found = measured.get("temperature", 1.0) if isinstance(measured, dict) else measured
    if type(found) not in (int, float) or not _COLDEST <= found <= _HOTTEST:
        raise BundleError(
            f"expected a number from {_COLDEST} to {_HOTTEST:,}",
            where=f"{bundle.path}: metrics.json: calibration.temperature",
            found=shortened(repr(found), 60),
            do="train the model again",
        )
    return float(found)


def check_tensors(bundle: Description, expected: Mapping[str, Shape]) -> None:
    """Compare the weights of a bundle with the shapes that its settings ask for.

    Raises:
        BundleError: one is missing, of another shape or type, or one too many.
    """
    found = {name: tensor.shape for name, tensor in bundle.tensors.items()}
    order = list(_SET_BY.values())  # earlier parts first: the shapes of later ones follow
    for name in sorted(
        expected.keys() | found.keys(),
        key=lambda name: (order.index(_set_by(name)) if _set_by(name) in order else -1, name),
    ):
        if expected.get(name) != found.get(name):
            raise BundleError(
                f"the weights do not fit config.json: {shortened(name, 100)} should be "
                f"{expected.get(name, 'absent')} and is "
                f"{shortened(str(found.get(name, 'absent')), 100)}",
                where=str(bundle.path),
                do=f"was {_set_by(name)} changed? train the model again",
            )
        dtype, found_dtype = _DTYPES.get(name, "F32"), bundle.tensors[name].dtype
        if found_dtype != dtype and not (found_dtype == "F16" and name in HALVED):
            raise BundleError(
                f"the weights are of another type: {name} should be {dtype} and is "
                f"{shortened(found_dtype, 20)}",
                where=str(bundle.path),
                do="train the model again",
            )


_DTYPES = {"encoder.seed": "I64", "encoder.scale": "F64"}
"""Types of the weights that are not numbers of 32 bits, as safetensors names them."""


def _set_by(name: str) -> str:
    """Settings that determine the shape of a weight."""
    return next((fields for start, fields in _SET_BY.items() if name.startswith(start)), "it")


def reader_name(direction: str) -> str:
    """Return the prefix of the weights of a language model, forward or backward."""
    return f"context.readers.{direction}s."


def pooled_units(size: int, count: int) -> NDArray[np.int64]:
    """Return the units of a state that the document memory pools, evenly spaced; count 0: all."""
    return np.arange(size) if not 0 < count < size else np.arange(count) * size // count


def weight_shapes(model: ModelConfig, vocabulary: Vocabulary) -> dict[str, Shape]:
    """Return the shape of every weight by its name."""
    shapes = dict(_forms(model, vocabulary))
    directions = 2 if model.bidirectional and model.cell != "none" else 1
    if vocabulary.context:
        shapes.update(_context(model, vocabulary.context))
    inputs = width = input_width(model, vocabulary)
    if model.cell == "reservoir":  # drawn again from its seed
        shapes.update({"encoder.seed": (), "encoder.scale": (directions,)})
        width = directions * model.hidden_size
    for layer in range(model.layers if model.cell != "reservoir" else 0):
        shapes.update(_layer(model, f"encoder.layers.{layer}.", width, directions))
        width = directions * model.hidden_size
    tags = len(vocabulary.tags)
    if model.memory:
        width += len(pooled_units(width, model.memory_units))
    if model.output == "ridge":  # reads the inputs as well
        width += inputs
    shapes.update({"emit.weight": (tags, width), "emit.bias": (tags,)})
    if model.output != "softmax":
        shapes.update({"crf.start": (tags,), "crf.transitions": (tags, tags), "crf.end": (tags,)})
    return shapes


def input_width(model: ModelConfig, vocabulary: Vocabulary) -> int:
    """Return the width of the encoder's input."""
    width = model.char_hidden * {"cnn": 1, "lstm": 2, "none": 0}[model.chars]
    width += model.word_size + len(vocabulary.feature_names) * model.form_size
    return width + (model.context_size if vocabulary.context else 0)


def language_model_shapes(settings: Settings, symbols: Symbols) -> dict[str, Shape]:
    """Return the shape of every weight of a language model by its name."""
    shapes: dict[str, Shape] = {}
    width, units = settings.embedding_size or len(symbols), settings.hidden_size
    if settings.embedding_size:
        shapes["vectors.weight"] = (len(symbols), width)
    if settings.cell == "reservoir":
        shapes.update({"encoder.seed": (), "encoder.scale": (1,)})
    for layer in range(settings.layers if settings.cell != "reservoir" else 0):
        shapes.update(_layer(settings, f"encoder.layers.{layer}.", width, 1))
        width = units
    shapes.update({"emit.weight": (len(symbols), units), "emit.bias": (len(symbols),)})
    return shapes


def _forms(model: ModelConfig, vocabulary: Vocabulary) -> Iterator[tuple[str, Shape]]:
    if model.word_size:
        yield "words.vectors.weight", (vocabulary.word_count, model.word_size)
    if model.form_size:
        yield "forms.features.weight", (vocabulary.feature_count, model.form_size)
    if model.chars == "none":
        return
    yield "forms.letters.vectors.weight", (vocabulary.character_count, model.char_size)
    units = model.char_hidden
    if model.chars == "cnn":
        yield "forms.letters.filters.weight", (units, LETTER_WIDTH * model.char_size)
        yield "forms.letters.filters.bias", (units,)
        return
    for direction in ("forwards", "backwards"):
        yield from _cell(f"forms.letters.{direction}.", 4 * units, model.char_size, units)


def _context(model: ModelConfig, context: Context) -> Iterator[tuple[str, Shape]]:
    states = 0
    for direction, reader in reader_settings(context).items():
        name = reader_name(direction)
        width = reader.embedding_size or len(context.symbols)
        if reader.embedding_size:
            yield f"{name}vectors.weight", (len(context.symbols), width)
        for layer in range(reader.layers):
            yield from _layer(reader, f"{name}encoder.layers.{layer}.", width, 1)
            width = reader.hidden_size
        states += reader.hidden_size
    yield "context.project.weight", (model.context_size, states)
    yield "context.project.bias", (model.context_size,)


def _layer(
    encoder: EncoderConfig, name: str, width: int, directions: int
) -> Iterator[tuple[str, Shape]]:
    units = encoder.hidden_size
    if encoder.cell == "none":
        yield f"{name}weight", (units, width)
        yield f"{name}bias", (units,)
        return
    for direction in range(directions):
        if encoder.cell != "clockwork":
            yield from _cell(f"{name}{direction}.", GATES[encoder.cell] * units, width, units)
            continue
        yield f"{name}{direction}.weight_ih", (units, width)
        yield f"{name}{direction}.bias", (units,)
        size = units // len(encoder.periods)
        for group in range(len(encoder.periods)):
            yield f"{name}{direction}.weight_hh.{group}", (size, units - group * size)


def _cell(name: str, gates: int, width: int, units: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}weight_ih_l0", (gates, width)
    yield f"{name}weight_hh_l0", (gates, units)
    yield f"{name}bias_ih_l0", (gates,)
    yield f"{name}bias_hh_l0", (gates,)
