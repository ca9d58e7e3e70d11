"""Values of settings as text: a YAML recipe with the line of each setting, and single values.

YAML scalars and flags are read from their text by the same rules. (jsonargparse was tried and
measured: it names neither the line of a YAML file nor the key that was probably meant, knows no
spelling with hyphens, and takes 0.15 s to start.)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    get_args,
    get_origin,
    get_type_hints,
)

from ner_rnn.errors import ConfigError, shortened

from .parser import did_you_mean

if TYPE_CHECKING:
    from yaml.nodes import Node

__all__ = ["Found", "read_recipe", "read_value"]

_EXPECTED = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
DEEPEST = 4
"""Levels of sections; recipes have two."""
_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Found(NamedTuple):
    """Value of a setting and the place that it comes from.

    Attributes:
        where: ``configs/a.yaml:3: model.layers``, or the ``Setting`` of a flag.
        value: of the setting's type.
        items: ``configs/a.yaml:4`` for each item of a list in a file.
    """

    where: str
    value: Any
    items: tuple[str, ...] = ()


def read_recipe(path: str, kinds: Mapping[str, Any]) -> dict[str, Found]:
    """Read a YAML file.

    Args:
        path: the file.
        kinds: type of each known setting by its dotted key.

    Raises:
        ConfigError: a key is unknown, given twice or without value, a value is of the wrong type,
            or the file is not YAML.
        FileError: the file is missing, a folder or not readable.
    """
    import yaml

    from ner_rnn.model.bounds import LARGEST_RECIPE
    from ner_rnn.text.opening import open_binary

    with open_binary(path, unpack=False) as file:
        content = file.read(LARGEST_RECIPE + 1)  # a device has no end
    if len(content) > LARGEST_RECIPE:
        raise ConfigError(
            f"at most {LARGEST_RECIPE:,} bytes are read",
            where=f"{path} is too large for a recipe",
            do="give a file of 'name: value' lines",
        )
    try:
        # composed, not loaded: nodes know their lines
        root = yaml.compose(content.decode("utf-8-sig"), yaml.SafeLoader)
    except UnicodeDecodeError as problem:
        raise ConfigError(
            f"not UTF-8 text at byte {problem.start}", where=path, do="save it as UTF-8"
        ) from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"not YAML: {problem.problem}", where=f"{path}{line}") from None
    except (yaml.YAMLError, RecursionError) as problem:
        raise ConfigError(f"not YAML: {str(problem).splitlines()[0]}", where=path) from None
    sections = {key.rpartition(".")[0] for key in kinds}
    found: dict[str, Found] = {}
    for where, key, node in _leaves(root, path):
        if key not in kinds:
            if key in sections:
                raise ConfigError(f"{where} must hold settings of its own, one a line, indented")
            hint = did_you_mean(key, kinds)
            raise ConfigError(f"{where} is no setting{hint or '; see ner-rnn train --help'}")
        if key in found:
            raise ConfigError(f"{where} is given twice; first in {found[key].where}")
        value = _node_value(where, node, kinds[key])
        items = node.value if isinstance(node, yaml.SequenceNode) else ()
        lines = (item.start_mark.line + 1 for item in items)
        found[key] = Found(where, value, tuple(f"{path}:{line}" for line in lines))
    return found


def _leaves(
    node: Node | None, path: str, prefix: str = "", levels: int = DEEPEST
) -> Iterator[tuple[str, str, Node]]:
    """Yield place, dotted key and value node of everything that is not a mapping.

    An alias may stand for a mapping that holds it, so that levels need a bound.
    """
    import yaml

    if node is None:  # nothing but comments
        return
    if not isinstance(node, yaml.MappingNode):
        line = node.start_mark.line + 1
        raise ConfigError("expected 'name: value' lines, like 'seed: 1'", where=f"{path}:{line}")
    for name, value in node.value:
        where = f"{path}:{name.start_mark.line + 1}"
        if not isinstance(name, yaml.ScalarNode):
            raise ConfigError("the name of a setting must be text", where=where)
        key = prefix + str(name.value).replace("-", "_")
        if not isinstance(value, yaml.MappingNode):
            yield f"{where}: {shortened(key, 200)}", key, value
        elif levels == 1:
            raise ConfigError(f"{where}: {shortened(key, 200)} is nested too deep")
        else:
            yield from _leaves(value, path, f"{key}.", levels - 1)


def _node_value(where: str, node: Node, kind: Any) -> Any:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        if node.tag == "tag:yaml.org,2002:null":
            if type(None) in get_args(kind):
                return None
            raise _refusal(kind, f"{where} has no value")
        return read_value(where, node.value, kind)
    if get_origin(kind) is not tuple:
        raise _refusal(kind, f"{where} is a list")
    if is_dataclass(get_args(kind)[0]):
        path = where.partition(":")[0]
        return tuple(_entry(path, item, get_args(kind)[0]) for item in node.value)
    if not all(isinstance(item, yaml.ScalarNode) for item in node.value):
        raise _refusal(kind, f"{where} holds a list inside the list")
    return _items(where, [item.value for item in node.value], kind)


def _entry(path: str, node: Node, kind: Any) -> Any:
    """Read an item of a list of settings: a mapping, or the value of the first of them alone."""
    import yaml

    where = f"{path}:{node.start_mark.line + 1}"
    hints = get_type_hints(kind)
    first = next(iter(hints))
    found: dict[str, Any] = {}
    if isinstance(node, yaml.ScalarNode):
        found[first] = _node_value(where, node, hints[first])
    else:
        for place, key, value in _leaves(node, path, levels=1):
            if key not in hints:
                hint = did_you_mean(key, hints) or f"; known are {', '.join(hints)}"
                raise ConfigError(f"{place} is no setting of an entry{hint}")
            if key in found:
                raise ConfigError(f"{place} is given twice")
            found[key] = _node_value(place, value, hints[key])
        if first not in found:
            raise ConfigError(f"an entry needs {first}", where=where)
    try:
        return kind(**found)
    except ConfigError as problem:
        raise problem.at(f"{where}: {problem.where}" if problem.where else where) from None


def read_value(where: str, text: str, kind: Any) -> Any:
    """Read a value from its text.

    Args:
        where: place of the text, for messages.
        text: as typed or as a YAML scalar.
        kind: type of the setting.

    Raises:
        ConfigError: the text is not of this type.
    """
    text = text.strip()
    if get_origin(kind) is tuple:
        parts = (word.strip() for word in text.split(","))
        return _items(where, [part for part in parts if part], kind)
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
        if isinstance(value, float) and not math.isfinite(value):
            value = None
    if value is None:
        raise _refusal(kind, where, repr(text))
    return value


def _items(where: str, texts: Iterable[str], kind: Any) -> tuple[Any, ...]:
    """Read the values of a list, all of one type: ``tuple[int, ...]``."""
    try:
        return tuple(get_args(kind)[0](text) for text in texts)
    except ValueError:
        raise _refusal(kind, where, ", ".join(map(repr, texts))) from None


def _refusal(kind: Any, where: str, found: str = "") -> ConfigError:
    expected = _EXPECTED.get(kind, "text")
    if get_origin(kind) is Literal:
        expected = f"one of {', '.join(get_args(kind))}"
    elif get_origin(kind) is tuple:
        expected = "a list, as in [PER, PERSON]"
        if is_dataclass(get_args(kind)[0]):
            expected = "a list of entries, as in - path: train.bio"
        elif get_args(kind)[0] is int:
            expected = "a list of whole numbers, as in [1, 2, 4]"
    return ConfigError(f"expected {expected}", where=where, found=found)
