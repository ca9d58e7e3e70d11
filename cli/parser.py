"""The argument parser of every command: argparse, with errors of one line that suggest a remedy.

It does not know any command; ``main.py`` builds one parser for the command that was typed.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from ner_rnn.errors import ConfigError

__all__ = [
    "Action",
    "Parser",
    "add_actions",
    "did_you_mean",
    "normalise",
    "ratio",
    "whole_number",
]


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help of a flag that names its default, ``[10]``, and its type: N, X or the flag's name."""

    def _get_help_string(self, action: argparse.Action) -> str:
        shown, text = action.default, action.help or ""
        if isinstance(shown, bool) or shown in (None, "", [], argparse.SUPPRESS):
            return text
        return text if text.endswith("]") else f"{text} [{str(shown).replace('%', '%%')}]"

    def _get_default_metavar_for_optional(self, action: argparse.Action) -> str:
        known = {"int": "N", "whole number": "N", "float": "X", "ratio": "X"}
        kind = getattr(action.type, "__name__", "")
        return known.get(kind) or super()._get_default_metavar_for_optional(action)


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` that raises ``ConfigError`` where argparse prints usage and exits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=_Help, **options)

    def error(self, message: str) -> NoReturn:
        """Raise the message of argparse as one line.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(f"{message}; see {self.prog} --help")

    def parse_known_args(  # type: ignore[override]  # argparse overloads on the namespace
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse, and refuse what is left over here, where the flags to suggest are known.

        Raises:
            ConfigError: naming the word left over and the nearest flag.
        """
        parsed, rest = super().parse_known_args(args, namespace)
        if rest:
            flag = rest[0].split("=")[0]
            if not flag.startswith("-"):
                self.error(f"unexpected argument {flag!r}")
            hint = did_you_mean(flag, self._option_string_actions)
            raise ConfigError(f"there is no flag {flag}{hint or f'; see {self.prog} --help'}")
        if not hasattr(parsed, "parser"):  # of a command with actions, the action's parser
            parsed.parser = self
        return parsed, rest

    def flag(self, setting: str) -> str:
        """Return the flag by which this command sets a setting; without one, its own name.

        Code that reads files serves many commands and names ``data.encoding``; a command that
        takes no recipe calls it ``--encoding``.
        """
        flags = {a.dest: a.option_strings[-1] for a in self._actions if a.option_strings}
        leaves = {dest.rpartition(".")[2]: flag for dest, flag in flags.items()}
        return flags.get(setting) or leaves.get(setting.rpartition(".")[2], setting)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Suggest the known dotted name that was probably meant; empty where nothing is near.

    ``did_you_mean("model.hiden_size", ["model.hidden_size"])`` -> ``"; did you mean
    model.hidden_size?"``. A right name in the wrong section (``hidden_size``) is found too.
    """
    names = list(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.75)
    if not near:
        leaves = {name.rpartition(".")[2].lstrip("-"): name for name in names}
        leaf = word.rpartition(".")[2].lstrip("-")
        near = [leaves[found] for found in difflib.get_close_matches(leaf, leaves, 1, 0.75)]
    return f"; did you mean {near[0]}?" if near else ""


def normalise(words: Sequence[str]) -> list[str]:
    """Let flags be typed with underscores: ``--hidden_size=a_b`` -> ``--hidden-size=a_b``."""
    end = words.index("--") if "--" in words else len(words)
    flags = []
    for word in words[:end]:
        name, equals, value = word.partition("=")
        flags.append(name.replace("_", "-") + equals + value if word.startswith("--") else word)
    return flags + list(words[end:])


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """Return a converter for argparse that takes whole numbers from ``least`` to ``most``."""

    def convert(text: str) -> int:
        number = int(text)
        if number < least or (most is not None and number > most):
            wanted = f"{least} or more" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{number} is not {wanted}")
        return number

    convert.__name__ = "whole number"  # argparse: "invalid whole number value: 'x'"
    return convert


def ratio(text: str) -> float:
    """Read a number from 0 to 1, for argparse."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 1")
    return value


class Action(NamedTuple):
    """One action of a command, with arguments of its own: ``ner-rnn lm train``.

    Attributes:
        what: one line of help.
        example: worked examples, shown at the end of the help.
        add_arguments: declares the arguments.
        run: does the work and returns the exit status.
    """

    what: str
    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_actions(parser: argparse.ArgumentParser, actions: Mapping[str, Action]) -> None:
    """Give a command actions, of which ``args.run`` is the one typed."""
    choices = parser.add_subparsers(metavar="ACTION", required=True, parser_class=type(parser))
    for name, action in actions.items():
        what = action.what
        own = choices.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=action.example
        )
        action.add_arguments(own)
        own.set_defaults(run=action.run)
