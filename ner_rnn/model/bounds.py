"""Numeric settings and their bounds, declared at the field and checked in one place.

``layers: Count = 1`` in a subclass of :class:`Bounded` is a whole number of 1 or more; whoever
builds the settings with another number gets an error that names the field.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Annotated, Any, ClassVar, TypeVar, get_type_hints

from ner_rnn.errors import BundleError, ConfigError, Setting

__all__ = [
    "Amount",
    "Bound",
    "Bounded",
    "Count",
    "Fraction",
    "Positive",
    "PositiveFraction",
    "Rate",
    "Seed",
    "Size",
    "read_settings",
]

LARGEST_SEED = 2**32 - 1
"""Largest seed that every source of random numbers (Python, NumPy, torch) takes."""


@dataclass(frozen=True)
class Bound:
    """Range of numbers that a setting may have.

    Attributes:
        range: the range in words, behind "it must be".
        holds: whether a number lies in it.
    """

    range: str
    holds: Callable[[float], bool]


Count = Annotated[int, Bound("1 or more", lambda n: n >= 1)]
Size = Annotated[int, Bound("0 or more", lambda n: n >= 0)]
Seed = Annotated[int, Bound(f"from 0 to {LARGEST_SEED}", lambda n: 0 <= n <= LARGEST_SEED)]
Amount = Annotated[float, Bound("0 or more", lambda x: x >= 0)]
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
        return ConfigError(what, where=Setting(self.section + name), found=found + also, do=do)

    def to_json(self) -> dict[str, Any]:
        """Return the settings by name, without the fixed ones."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.init}


Settings = TypeVar("Settings", bound=Bounded)


@cache
def _bounds(kind: type) -> dict[str, Bound | None]:
    """Bound of each field, None for a field without one."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: next(
            (m for m in getattr(hints[field.name], "__metadata__", ()) if isinstance(m, Bound)),
            None,
        )
        for field in fields(kind)
    }


def read_settings(kind: type[Settings], saved: Mapping[str, Any], place: str) -> Settings:
    """Build settings from the JSON of a bundle.

    Args:
        kind: class of the settings.
        saved: values by name; what is missing has its default.
        place: file that holds them, for messages.

    Raises:
        BundleError: a name is unknown to this version, or a value cannot be used.
    """
    unknown = saved.keys() - {field.name for field in fields(kind) if field.init}
    if unknown:
        raise BundleError(
            f"{place} says {kind.section}{min(unknown)}, which this version does not know",
            do="use the version of ner-rnn that wrote the model",
        )
    # JSON has lists where settings have tuples
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()}
    try:
        return kind(**values)
    except (ConfigError, TypeError) as error:
        raise BundleError(str(error), where=place, do="train the model again") from None
