"""What a bundle holds, checked and without torch: its recipe, and the shapes its weights must have.

``assembly.py`` builds the network itself; the tagging engine does without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.model.settings import ModelConfig

if TYPE_CHECKING:
    from ner_rnn.encoding.characters import Context
    from ner_rnn.encoding.vocabulary import Vocabulary
    from ner_rnn.model.bundle import Bundle

__all__ = ["check_shapes", "model_config", "reader_name", "temperature", "weight_shapes"]

Shape = tuple[int, ...]

GATES = {"rnn": 1, "gru": 3, "lstm": 4}
LETTER_WIDTH = 3
"""Letters that a filter of the letter network sees."""

_SET_BY = {
    "words.": "model.word_size",
    "forms.features.": "model.form_size",
    "context.": "model.language_model or model.context_size",
    "forms.letters.": "model.chars, model.char_size or model.char_hidden",
    "encoder.": "model.cell, model.layers, model.hidden_size or model.bidirectional",
    "emit.": "model.hidden_size, model.bidirectional, model.memory or model.output",
    "crf.": "model.output",
}


def model_config(bundle: Bundle) -> ModelConfig:
    """The recipe of a bundle's network.

    Raises:
        BundleError: the recipe is not one, or of a later version.
    """
    saved: Mapping[str, Any] = {
        # JSON knows lists alone
        name: tuple(value) if isinstance(value, list) else value
        for name, value in bundle.config.get("model", {}).items()
    }
    unknown = saved.keys() - {field.name for field in fields(ModelConfig)}
    if unknown:
        raise BundleError(
            f"{bundle.path}: config.json says model.{min(unknown)}, which this version does not "
            "know; use the version of ner-rnn that wrote the model"
        )
    try:
        return ModelConfig(**saved)
    except (ConfigError, TypeError) as error:
        raise BundleError(f"{bundle.path}: config.json: {error}; train the model again") from None


def temperature(bundle: Bundle) -> float:
    """What scores are divided by before probabilities are taken; 1 where nothing was measured."""
    return float(bundle.metrics.get("calibration", {}).get("temperature", 1.0))


def check_shapes(bundle: Bundle, expected: Mapping[str, Shape]) -> None:
    """Compare the weights of a bundle with what its recipe asks for.

    Raises:
        BundleError: one is missing, of another shape, or one too many.
    """
    found = {name: value.shape for name, value in bundle.weights.items()}
    order = list(_SET_BY.values())  # what is read first is at fault for what follows
    for name in sorted(
        expected.keys() | found.keys(),
        key=lambda name: (order.index(_set_by(name)) if _set_by(name) in order else -1, name),
    ):
        if expected.get(name) != found.get(name):
            raise BundleError(
                f"{bundle.path}: the weights do not fit config.json: {name} should be "
                f"{expected.get(name, 'absent')} and is {found.get(name, 'absent')}; was "
                f"{_set_by(name)} changed? train the model again"
            )


def _set_by(name: str) -> str:
    """The settings that the shape of a weight follows from."""
    return next((fields for start, fields in _SET_BY.items() if name.startswith(start)), "it")


def reader_name(way: str) -> str:
    """What the names of a language model's weights begin with, forward or backward."""
    return f"context.readers.{way}s."


def weight_shapes(model: ModelConfig, vocabulary: Vocabulary) -> dict[str, Shape]:
    """The shape of every weight; a reservoir keeps none but what it is drawn from."""
    shapes = dict(_forms(model, vocabulary))
    ways = 2 if model.bidirectional and model.cell != "none" else 1
    read = model.char_hidden * {"cnn": 1, "lstm": 2, "none": 0}[model.chars]
    read += model.word_size + len(vocabulary.feature_names) * model.form_size
    if vocabulary.context:
        shapes.update(_context(model, vocabulary.context))
        read += model.context_size
    inputs = read
    if model.cell == "reservoir":
        shapes.update({"encoder.seed": (), "encoder.scale": (ways,)})
        read = ways * model.hidden_size
    for layer in range(model.layers if model.cell != "reservoir" else 0):
        shapes.update(_layer(model, f"encoder.layers.{layer}.", read, ways))
        read = ways * model.hidden_size
    tags = len(vocabulary.tags)
    if model.memory:
        read += min(model.memory_units or read, read)
    if model.output == "ridge":  # it reads the words too
        read += inputs
    shapes.update({"emit.weight": (tags, read), "emit.bias": (tags,)})
    if model.output != "softmax":
        shapes.update({"crf.start": (tags,), "crf.transitions": (tags, tags), "crf.end": (tags,)})
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
    for way in ("forwards", "backwards"):
        yield from _cell(f"forms.letters.{way}.", 4 * units, model.char_size, units)


def _context(model: ModelConfig, context: Context) -> Iterator[tuple[str, Shape]]:
    states = 0
    for way, settings in context.settings.items():
        name, network = reader_name(way), settings.network()
        read = settings.embedding_size or len(context.symbols)
        if settings.embedding_size:
            yield f"{name}vectors.weight", (len(context.symbols), read)
        for layer in range(network.layers):
            yield from _layer(network, f"{name}encoder.layers.{layer}.", read, 1)
            read = network.hidden_size
        states += network.hidden_size
    yield "context.project.weight", (model.context_size, states)
    yield "context.project.bias", (model.context_size,)


def _layer(model: ModelConfig, name: str, read: int, ways: int) -> Iterator[tuple[str, Shape]]:
    units = model.hidden_size
    if model.cell == "none":
        yield f"{name}weight", (units, read)
        yield f"{name}bias", (units,)
        return
    for way in range(ways):
        if model.cell != "clockwork":
            yield from _cell(f"{name}{way}.", GATES[model.cell] * units, read, units)
            continue
        yield f"{name}{way}.weight_ih", (units, read)
        yield f"{name}{way}.bias", (units,)
        size = units // len(model.periods)
        for group in range(len(model.periods)):
            yield f"{name}{way}.weight_hh.{group}", (size, units - group * size)


def _cell(name: str, gates: int, read: int, units: int) -> Iterator[tuple[str, Shape]]:
    yield f"{name}weight_ih_l0", (gates, read)
    yield f"{name}weight_hh_l0", (gates, units)
    yield f"{name}bias_ih_l0", (gates,)
    yield f"{name}bias_hh_l0", (gates,)
