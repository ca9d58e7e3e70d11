"""Recipes: the fields of ``ner_rnn.model.settings`` as YAML, as dotted flags, and as help text.

A flag outranks the YAML file, which outranks the default. Scalars from both are read from their
text by the same rules, and every fault is one line that names its place. (jsonargparse was tried
for this and measured: it names neither the line of a YAML file nor the key that was probably
meant, knows no spelling with hyphens, and takes 0.15 s to start.)
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import math
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

import ner_rnn.model.settings
from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import Config

from .parser import did_you_mean

if TYPE_CHECKING:
    from yaml.nodes import Node

__all__ = ["add_flags", "docstrings", "known", "load"]

_EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class _Found(NamedTuple):
    where: str
    """``configs/a.yaml:3: model.layers`` or ``--model.layers``."""
    value: Any


def add_flags(parser: argparse.ArgumentParser, only: Container[str] | None = None) -> None:
    """Add one flag for each field, with the field's own docstring as help.

    Args:
        parser: of a command.
        only: dotted keys to take; default: all.
    """
    documents = docstrings(ner_rnn.model.settings)
    groups: dict[str, Any] = {"": parser}
    for key, (kind, default) in _fields().items():
        if only is not None and key not in only:
            continue
        section, _, name = key.rpartition(".")
        if section not in groups:
            groups[section] = parser.add_argument_group(section)
        shown = ", ".join(map(str, default)) if isinstance(default, tuple) else default
        shown = str(shown).lower() if isinstance(default, bool) else shown
        ending = "" if shown in (None, "") else f" [{shown}]"
        groups[section].add_argument(
            f"--{key.replace('_', '-')}",
            dest=key,
            default=argparse.SUPPRESS,
            metavar="|".join(get_args(kind)) if get_origin(kind) is Literal else _metavar(kind),
            help=(documents.get((_class_of(section), name), "") + ending).replace("%", "%%"),
        )


def load(path: str | None, flags: Mapping[str, Any]) -> Config:
    """Build the recipe that a YAML file and flags ask for.

    ``load(None, {"model.layers": "2"}).model.layers`` -> ``2``

    Args:
        path: YAML file, or None for none.
        flags: parsed arguments by destination (``model.layers``); those that are no field are
            passed over.

    Raises:
        ConfigError: a key is unknown, given twice or without value, a value is of the wrong type
            or out of range, or the file is not YAML.
        FileError: the file is missing, a folder or not readable.
    """
    fields = _fields()
    found = _read_yaml(path) if path is not None else {}
    for key in fields:
        if key in flags:
            where = f"--{key.replace('_', '-')}"
            found[key] = _Found(where, _scalar(where, flags[key], fields[key][0]))
    try:
        config: Config = _build(Config, "", {key: value for key, (_, value) in found.items()})
    except ConfigError as problem:  # raised by the dataclass, which knows the key alone
        message = str(problem)
        key = message.split(" ", 1)[0]
        if key in found:
            message = found[key].where + message.removeprefix(key)
        raise ConfigError(message) from None
    return config


def known() -> frozenset[str]:
    """Every setting by its dotted key: ``model.layers``, ``seed`` and so on."""
    return frozenset(_fields())


def _fields() -> dict[str, tuple[Any, Any]]:
    """Every dotted key with its type and default, those at the top first."""

    def walk(kind: type, prefix: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
        hints = get_type_hints(kind)
        for field in sorted(dataclasses.fields(kind), key=lambda f: _is_section(hints[f.name])):
            hint = hints[field.name]
            if _is_section(hint):
                yield from walk(hint, f"{prefix}{field.name}.")
            else:
                yield prefix + field.name, (hint, field.default)

    return dict(walk(Config, ""))


def _is_section(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


def _build(kind: Any, prefix: str, values: Mapping[str, Any]) -> Any:
    given: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        key = prefix + name
        if _is_section(hint):
            given[name] = _build(hint, f"{key}.", values)
        elif key in values:
            given[name] = values[key]
    return kind(**given)


def _read_yaml(path: str) -> dict[str, _Found]:
    import yaml

    from ner_rnn.text.files import open_binary

    with open_binary(path, unpack=False) as file:
        content = file.read()
    try:
        # composed, not loaded: nodes know their lines
        root = yaml.compose(content.decode("utf-8-sig"), yaml.SafeLoader)
    except UnicodeDecodeError as problem:
        raise ConfigError(
            f"{path}: not UTF-8 text at byte {problem.start}: save it as UTF-8"
        ) from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: not YAML: {problem.problem}") from None
    except (yaml.YAMLError, RecursionError) as problem:
        reason = str(problem).splitlines()[0]
        raise ConfigError(f"{path}: not YAML: {reason}") from None
    fields = _fields()
    sections = {key.rpartition(".")[0] for key in fields}
    found: dict[str, _Found] = {}
    for where, key, node in _leaves(root, path, ""):
        if key not in fields:
            if key in sections:
                raise ConfigError(f"{where} must hold settings of its own, one a line, indented")
            hint = did_you_mean(key, fields)
            raise ConfigError(f"{where} is no setting{hint or '; see ner-rnn train --help'}")
        if key in found:
            raise ConfigError(f"{where} is given twice; first in {found[key].where}")
        found[key] = _Found(where, _value(where, node, fields[key][0]))
    return found


def _leaves(node: Node | None, path: str, prefix: str) -> Iterator[tuple[str, str, Node]]:
    """Yield (where, dotted key, value node) of all that is not a mapping."""
    import yaml

    if node is None:  # nothing but comments
        return
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise ConfigError(f"{path}:{line}: expected 'name: value' lines, like 'seed: 1'")
    for name, value in node.value:
        key = prefix + str(name.value).replace("-", "_")
        if isinstance(value, yaml.MappingNode):
            yield from _leaves(value, path, f"{key}.")
        else:
            yield f"{path}:{name.start_mark.line + 1}: {key}", key, value


def _value(where: str, node: Node, kind: Any) -> Any:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        if node.tag == "tag:yaml.org,2002:null":
            if type(None) in get_args(kind):
                return None
            raise ConfigError(f"{where} has no value: expected {_expected(kind)}")
        return _scalar(where, node.value, kind)
    if get_origin(kind) is not tuple:
        raise ConfigError(f"{where} is a list: expected {_expected(kind)}")
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        raise ConfigError(f"{where} holds a list inside the list: expected {_expected(kind)}")
    return _items(where, (item.value for item in node.value), kind)


def _scalar(where: str, text: str, kind: Any) -> Any:
    """Read a value from its text; flags and YAML alike.

    Raises:
        ConfigError: it is not of this kind.
    """
    text = text.strip()
    if get_origin(kind) is tuple:
        parts = (word.strip() for word in text.split(","))
        return _items(where, (part for part in parts if part), kind)
    if type(None) in get_args(kind):
        return None if text in {"", "null"} else text
    if get_origin(kind) is Literal:
        value: Any = text if text in get_args(kind) else None
    elif kind is bool:
        value = _TRUTH.get(text.lower())
    elif kind is str:
        value = text
    else:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is not None and not math.isfinite(value):
            value = None
    if value is None:
        raise ConfigError(f"{where} is {text!r}: expected {_expected(kind)}")
    return value


def _items(where: str, texts: Iterable[str], kind: Any) -> tuple[Any, ...]:
    """Read the values of a list, all of one kind: ``tuple[int, ...]``."""
    try:
        return tuple(get_args(kind)[0](text) for text in texts)
    except ValueError as problem:  # invalid literal for int() with base 10: 'x'
        found = str(problem).rpartition(": ")[2]
        raise ConfigError(f"{where} holds {found}: expected {_expected(kind)}") from None


def _expected(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f"one of {', '.join(get_args(kind))}"
    if get_origin(kind) is tuple:
        if get_args(kind)[0] is int:
            return "a list of whole numbers, as in [1, 2, 4]"
        return "a list, as in [PER, PERSON]"
    return _EXPECTED.get(kind, "text")


def _metavar(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return "N,N,..." if get_args(kind)[0] is int else "A,B,..."
    return {int: "N", float: "X", bool: "true|false"}.get(kind, "TEXT")


def _class_of(section: str) -> str:
    return type(getattr(Config(), section)).__name__ if section else "Config"


def docstrings(module: ModuleType) -> dict[tuple[str, str], str]:
    """The string literal under each field, by (class, field); Python itself forgets them."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            for field, below in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    match below:
                        case ast.Expr(value=ast.Constant(value=str(text))):
                            found[node.name, field.target.id] = text.replace("``", "")
    return found
