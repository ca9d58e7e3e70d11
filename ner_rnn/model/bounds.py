"""Settings and their bounds, declared at the field and checked in one place.

``rows: Count = 1`` in a subclass of :class:`Bounded` is a whole number of 1 or more; whoever
builds the settings with another number gets an error that names the field. Here are also the
bounds of files that anyone may have made: bundles and recipes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    Literal,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ner_rnn.errors import BundleError, ConfigError, Setting, shortened

__all__ = [
    "DEEPEST_JSON",
    "LARGEST_FILE",
    "LARGEST_GRAPH",
    "LARGEST_HEADER",
    "LARGEST_JSON",
    "LARGEST_NETWORK",
    "LARGEST_RECIPE",
    "LARGEST_RESERVOIR",
    "LONGEST_PERIOD",
    "MOST_VALUES",
    "WIDEST_RESERVOIR",
    "Amount",
    "Bound",
    "Bounded",
    "Count",
    "Fraction",
    "Layers",
    "Positive",
    "PositiveFraction",
    "Rate",
    "Seed",
    "Size",
    "Width",
    "Width0",
    "read_settings",
]

LARGEST_SEED = 2**32 - 1
"""Largest seed that every source of random numbers (Python, NumPy, torch) takes."""
LARGEST_RECIPE = 2**15
"""Bytes of a recipe; those of this project have less than 3,000."""
LARGEST_JSON = 2**26
"""Bytes of a JSON file in a bundle; a million words take about 20 million."""
MOST_VALUES = 6_000_000
"""Values in such a file: a parsed value takes up to 90 bytes, whatever it took in the file."""
DEEPEST_JSON = 32
"""Levels of objects and lists in such a file."""
LARGEST_HEADER = 2**24
"""Bytes of the header of a safetensors file."""
LARGEST_FILE = 2**34
"""Bytes of the weights of a bundle, which have the shapes that its settings ask for."""
LARGEST_GRAPH = 2**26
"""Bytes of an ONNX file, beyond those of the weights in it."""
LARGEST_NETWORK = 2**32
"""Weights of a network; 16 GiB."""
LARGEST_RESERVOIR = 2**25
"""Connections of a reservoir, to its inputs and within: drawn anew when a bundle is read."""
WIDEST_RESERVOIR = 2**15
"""Units of a reservoir: the time to draw it grows with their square, 2 s at this number."""
LONGEST_PERIOD = 1_000_000
"""Steps of a clock's period: more than the longest text that is read at once."""


@dataclass(frozen=True)
class Bound:
    """Range of numbers that a setting may have.

    Attributes:
        range: the range in words, behind "it must be".
        holds: whether a number lies in it.
        most: largest number beyond that rule that this program can work with.
    """

    range: str
    holds: Callable[[float], bool]
    most: float = 2**53


def _one_or_more(number: float) -> bool:
    return number >= 1


def _zero_or_more(number: float) -> bool:
    return number >= 0


Count = Annotated[int, Bound("1 or more", _one_or_more, 2**31 - 1)]
Size = Annotated[int, Bound("0 or more", _zero_or_more, 2**31 - 1)]
Layers = Annotated[int, Bound("1 or more", _one_or_more, 100)]
Width = Annotated[int, Bound("1 or more", _one_or_more, 1_000_000)]
Width0 = Annotated[int, Bound("0 or more", _zero_or_more, 1_000_000)]
Seed = Annotated[int, Bound(f"from 0 to {LARGEST_SEED}", lambda n: 0 <= n <= LARGEST_SEED)]
Amount = Annotated[float, Bound("0 or more", _zero_or_more)]
Positive = Annotated[float, Bound("above 0", lambda x: x > 0)]
Rate = Annotated[float, Bound("at least 0 and below 1", lambda x: 0 <= x < 1)]
PositiveFraction = Annotated[float, Bound("above 0 and at most 1", lambda x: 0 < x <= 1)]
Fraction = Annotated[float, Bound("from 0 to 1", lambda x: 0 <= x <= 1)]


@dataclass(frozen=True)
class Bounded:
    """Settings whose numbers are held to the bounds at their fields.

    Subclasses are frozen dataclasses. Fields with ``init=False`` are fixed: they are neither
    flags nor written to disk.
    """

    section: ClassVar[str] = ""
    """Section of a recipe that holds the settings, with the dot: ``model.``."""

    def __post_init__(self) -> None:
        """Check every number.

        Raises:
            ConfigError: a number is out of its bounds or not finite; names the field.
        """
        kind: Any = type(self)
        for name, bound in _bounds(kind).items():
            value = getattr(self, name)
            if isinstance(value, float) and not math.isfinite(value):
                raise self.refusal(name, "it must be a number, as 0.5")
            if bound and not bound.holds(value):
                raise self.refusal(name, f"it must be {bound.range}")
        for name, bound in _bounds(kind).items():
            if bound and getattr(self, name) > bound.most:
                most = f"it must be at most {bound.most:,}"
                raise self.refusal(name, most, do=self.estimate())

    def estimate(self) -> str:
        """Return what these settings would take, for the refusal of a number that is too large."""
        return ""

    def refusal(self, name: str, what: str, *, also: str = "", do: str = "") -> ConfigError:
        """Return the error that refuses the value of a field.

        Args:
            name: the field.
            what: the rule that the value breaks.
            also: further values that the rule depends on, behind the value.
            do: the remedy, as in :class:`~ner_rnn.errors.UserError`.
        """
        value = getattr(self, name)
        found = ", ".join(map(str, value)) or "empty" if isinstance(value, tuple) else str(value)
        found = repr(value) if isinstance(value, str) else found
        found = shortened(found, _LONGEST_SHOWN)
        return ConfigError(what, where=Setting(self.section + name), found=found + also, do=do)

    def to_json(self) -> dict[str, Any]:
        """Return the settings by name, without the fixed ones."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.init}


_LONGEST_SHOWN = 200

Settings = TypeVar("Settings", bound=Bounded)


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Type of each field, with its bound."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(kind)}


@cache
def _bounds(kind: type) -> dict[str, Bound | None]:
    """Bound of each field, None for a field without one."""
    return {
        name: next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Bound)), None)
        for name, hint in _hints(kind).items()
    }


def read_settings(kind: type[Settings], saved: Any, place: str) -> Settings:
    """Build settings from the JSON of a bundle.

    Args:
        kind: class of the settings.
        saved: values by name; what is missing has its default.
        place: file that holds them, for messages.

    Raises:
        BundleError: they are no object, a name is unknown to this version, or a value cannot be
            used.
    """
    if not isinstance(saved, Mapping):
        raise BundleError(
            "expected settings by name",
            where=f"{place}: {kind.section.rstrip('.') or 'settings'}",
            found=shortened(repr(saved), 60),
            do="train the model again",
        )
    unknown = saved.keys() - {field.name for field in fields(kind) if field.init}
    if unknown:
        name = shortened(str(min(unknown)), 60)
        raise BundleError(
            f"{place} says {kind.section}{name}, which this version does not know",
            do="use the version of ner-rnn that wrote the model",
        )
    owner: Any = kind
    for name, value in saved.items():
        expected = _unlike(_hints(owner)[name], value)
        if expected:
            raise BundleError(
                f"expected {expected}",
                where=f"{place}: {kind.section}{name}",
                found=shortened(repr(value), 60),
                do="train the model again",
            )
    # JSON has lists where settings have tuples
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()}
    try:
        return kind(**values)
    except (ConfigError, TypeError) as error:
        raise BundleError(str(error), where=place, do="train the model again") from None


def _unlike(hint: Any, value: Any) -> str:
    """Return what is expected of a value, in words; empty where it is of the type."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) is Literal:
        choices = get_args(hint)
        return "" if value in choices else f"one of {', '.join(map(str, choices))}"
    if get_origin(hint) in (Union, UnionType):
        return "" if value is None or isinstance(value, str) else "text or null"
    if get_origin(hint) is tuple:
        item = get_args(hint)[0]
        fits = isinstance(value, (list, tuple)) and not any(_unlike(item, one) for one in value)
        return "" if fits else f"a list of {'whole numbers' if item is int else 'texts'}"
    if hint is float:  # whole numbers, too, that a float can hold
        fits = type(value) in (int, float) and abs(value) < 2**53
        return "" if fits else "a number"
    return "" if type(value) is hint else _IN_WORDS.get(hint, "another type")


_IN_WORDS = {int: "a whole number", bool: "true or false", str: "text"}
