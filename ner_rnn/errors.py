"""Errors that a user can put right, as one small tree.

    UserError (a ValueError)
    ├── FileError      a file or folder: missing, of the wrong kind, unreadable, not writable
    ├── CorpusError    the content of a corpus: columns, tags, labels, sizes
    ├── ConfigError    a setting: unknown, of the wrong type, or at odds with another
    │   └── ExtraError     an optional package that is not installed (an ImportError too)
    ├── BundleError    a model on disk: not one, truncated, altered, from a newer version
    └── VectorsError   a file of word vectors

Each says what is wrong, where, what was found and what to do. The library names a setting by its
field (``model.hidden_size``); the command line, which alone knows flags, prints the error as one
line with the flags that were typed, and exits with status 2. Every other exception is a fault of
the program.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter
from typing import TypeVar

__all__ = [
    "BundleError",
    "ConfigError",
    "CorpusError",
    "ExtraError",
    "FileError",
    "Setting",
    "UserError",
    "VectorsError",
    "counted",
    "shortened",
]

Error = TypeVar("Error", bound="UserError")


class Setting(str):
    """Dotted name of a setting, as in ``model.hidden_size``."""

    __slots__ = ()


class UserError(ValueError):
    """An error that the user can put right, in parts that make up one line.

    >>> print(UserError("it must be 1 or more", where=Setting("model.layers"), found="0"))
    model.layers is 0: it must be 1 or more
    >>> print(UserError("there is no model in runs/a", do="train one, or set {model}"))
    there is no model in runs/a: train one, or set model

    Args:
        what: the problem; alone, it is the whole message.
        where: file, file and line, or the setting at fault.
        found: the value that stands there.
        do: the remedy. A name in braces is a setting; without a section, one of the section of
            ``where``.
    """

    def __init__(self, what: str, *, where: str = "", found: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.found, self.do = what, where, found, do

    def __str__(self) -> str:
        return self.line()

    def line(self, name: Callable[[str], str] = str) -> str:
        """Return the message in one line.

        Args:
            name: function from the dotted name of a setting to the name that is shown.
        """
        where = name(self.where) if isinstance(self.where, Setting) else self.where
        if self.found:
            where = f"{where} is {self.found}"
        parts = [part for part in (where, self.what, self._remedy(name)) if part]
        return ": ".join([*parts[:1], "; ".join(parts[1:])]) if parts[1:] else "".join(parts)

    def at(self: Error, place: str) -> Error:
        """Return the same error at the place where the setting was read: ``a.yaml:3: seed``."""
        do = self._remedy(str).replace("{", "{{").replace("}", "}}")
        return type(self)(self.what, where=place, found=self.found, do=do)

    def _remedy(self, name: Callable[[str], str]) -> str:
        section = self.where.rpartition(".")[0] if isinstance(self.where, Setting) else ""
        words = []
        for text, setting, _, _ in Formatter().parse(self.do):
            words.append(text)
            if setting:
                inner = "." not in setting and section
                words.append(name(f"{section}.{setting}" if inner else setting))
        return "".join(words)


class FileError(UserError):
    """A file or folder is missing, of the wrong kind, unreadable or not writable."""


class CorpusError(UserError):
    """A corpus holds something that cannot be used."""


class ConfigError(UserError):
    """A setting is unknown, of the wrong type, or at odds with another."""


class ExtraError(ConfigError, ImportError):
    """An optional package that was asked for is not installed; raised by ``ner_rnn/extras.py``."""


class BundleError(UserError):
    """A folder is not a model, or not one that this version can read."""


class VectorsError(UserError):
    """A file of word vectors is malformed."""


def counted(number: int, what: str) -> str:
    """Return a number and what it counts: ``counted(2000, "name")`` -> ``2,000 names``."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def shortened(text: str, longest: int) -> str:
    """Cut a text in its middle, so that it fits into a message: ``"abcdefgh"``, 5 -> ``"ab...gh"``.

    Args:
        text: whatever a file or a user gave.
        longest: characters that are kept, an equal number at both ends.
    """
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}...{text[len(text) - longest // 2 :]}"
