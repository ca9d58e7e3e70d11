"""Settings as flags: every field of a settings dataclass becomes a flag here, and is read back.

Sections (``Config.model``) become dotted flags. A flag outranks the YAML file, which outranks the
default, and every fault is one line that names its place.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import sys
from collections.abc import Callable, Container, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.model.settings import Config

from .recipe import Found, read_recipe, read_value

if TYPE_CHECKING:
    from ner_rnn.training.start import Start

__all__ = ["add_flags", "from_flags", "known", "load", "recipe_of"]

Settings = TypeVar("Settings")


class _Field(NamedTuple):
    kind: Any
    default: Any
    group: str
    """Heading in the help; empty: among the command's own options."""
    help: str


def add_flags(
    parser: argparse.ArgumentParser,
    kind: type = Config,
    *,
    only: Container[str] | None = None,
    switches: bool = False,
) -> None:
    """Add one flag for each field, with the field's docstring as help.

    Args:
        parser: parser of a command.
        kind: the settings dataclass.
        only: dotted keys to take; default: all.
        switches: flags of booleans take no value and set them to true.
    """
    groups: dict[str, Any] = {"": parser}
    for key, field in _fields(kind).items():
        if only is not None and key not in only:
            continue
        if field.group not in groups:
            groups[field.group] = parser.add_argument_group(field.group)
        options: dict[str, Any] = {"metavar": _metavar(field.kind)}
        shown = str(field.default)
        if isinstance(field.default, tuple):
            shown = ", ".join(map(str, field.default))
        elif field.kind is bool:
            shown = "" if switches else shown.lower()
            options = {"action": "store_const", "const": "true"} if switches else options
        ending = "" if shown in ("None", "") else f" [{shown}]"
        groups[field.group].add_argument(
            f"--{key.replace('_', '-')}",
            dest=key,
            default=argparse.SUPPRESS,
            help=(field.help + ending).replace("%", "%%"),
            **options,
        )


def load(path: str | None, flags: Mapping[str, Any], start: Start | None = None) -> Config:
    """Build the recipe of a YAML file and flags.

    ``load(None, {"model.layers": "2"}).model.layers`` -> ``2``

    Args:
        path: YAML file, or None for none.
        flags: parsed arguments by destination (``model.layers``); those that are no setting are
            ignored.
        start: model to fine-tune, whose recipe has the defaults.

    Raises:
        ConfigError: a key is unknown, given twice or without value, a value is of the wrong type
            or out of range, or the file is not YAML; or a setting is at odds with the start.
        FileError: the file is missing, a folder or not readable.
    """
    recipe = recipe_of(path) if path is not None else {}
    if start is None:
        return from_flags(Config, flags, recipe)
    return from_flags(Config, flags, recipe, base=start.recipe, check=start.check)


def recipe_of(path: str) -> dict[str, Found]:
    """Read the values that a YAML file gives, by dotted key, each with its place.

    Raises:
        UserError: as :func:`load`.
    """
    return read_recipe(path, {key: field.kind for key, field in _fields(Config).items()})


def from_flags(
    kind: type[Settings],
    flags: Mapping[str, Any],
    recipe: Mapping[str, Found] | None = None,
    *,
    base: Settings | None = None,
    check: Callable[[Settings], None] = lambda settings: None,
) -> Settings:
    """Build settings of one kind from flags, which outrank a recipe.

    Args:
        kind: the settings dataclass.
        flags: as in :func:`load`.
        recipe: values that were read from a file, by dotted key.
        base: settings whose values are the defaults; None: those of the fields.
        check: raises for settings that are refused.

    Raises:
        ConfigError: a value is of the wrong type or out of range.
    """
    found = dict(recipe or {})
    fields: dict[str, _Field] = _fields(cast(Any, kind))
    for key, field in fields.items():
        if key in flags:
            found[key] = Found(Setting(key), read_value(Setting(key), flags[key], field.kind))
    try:
        settings: Settings = _build(kind, "", {key: one.value for key, one in found.items()}, base)
        check(settings)
    except ConfigError as problem:  # raised by the dataclass, which knows the key alone
        place = found[problem.where].where if problem.where in found else problem.where
        raise problem if isinstance(place, Setting) else problem.at(place) from None
    return settings


def known(kind: type = Config) -> frozenset[str]:
    """Return the dotted keys of all settings: ``model.layers``, ``seed`` and so on."""
    return frozenset(_fields(kind))


def _build(kind: Any, prefix: str, values: Mapping[str, Any], base: Any = None) -> Any:
    given: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        key = prefix + name
        if dataclasses.is_dataclass(hint):
            given[name] = _build(hint, f"{key}.", values, base and getattr(base, name))
        elif key in values:
            given[name] = values[key]
    return kind(**given) if base is None else dataclasses.replace(base, **given)


@cache
def _fields(kind: Any) -> dict[str, _Field]:
    """Every dotted key with its field, those outside sections first."""

    def walk(kind: Any, section: str) -> Iterator[tuple[str, _Field]]:
        hints, helps = get_type_hints(kind), _docstrings(kind)
        sections = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
        for field in dataclasses.fields(kind):
            name = field.name
            if field.init and name not in sections:
                # of settings without sections, those that they share with others
                inherited = "" if name in vars(kind)["__annotations__"] else "network"
                yield (
                    f"{section}.{name}".lstrip("."),
                    _Field(hints[name], field.default, section or inherited, helps.get(name, "")),
                )
        for name, inner in sections.items():
            yield from walk(inner, name)

    return dict(walk(kind, ""))


def _metavar(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    if get_origin(kind) is tuple:
        return "N,N,..." if get_args(kind)[0] is int else "A,B,..."
    return {int: "N", float: "X", bool: "true|false"}.get(kind, "TEXT")


def _docstrings(kind: type) -> dict[str, str]:
    """Return the string literal under each field of a class, which Python itself forgets."""
    found: dict[str, str] = {}
    for owner in reversed(kind.__mro__[:-1]):
        source = Path(str(sys.modules[owner.__module__].__file__)).read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if not isinstance(node, ast.ClassDef) or node.name != owner.__name__:
                continue
            for field, below in zip(node.body, node.body[1:], strict=False):
                match field, below:
                    case (
                        ast.AnnAssign(target=ast.Name(id=name)),
                        ast.Expr(value=ast.Constant(value=str(text))),
                    ):
                        found[name] = " ".join(text.replace("``", "").split())
    return found
