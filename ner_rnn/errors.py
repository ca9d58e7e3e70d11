"""The problems that a user can meet, as one small tree.

    UserError (a ValueError)
    ├── FileError      a file or folder: missing, of the wrong kind, unreadable, not writable
    ├── CorpusError    what is inside a corpus: columns, tags, labels, sizes
    ├── ConfigError    a setting: unknown, of the wrong type, or at odds with another
    ├── BundleError    a model on disk: not one, truncated, altered, from a newer version
    └── VectorsError   a file of word vectors

Each carries one line that says what is wrong, where (``file:line`` where there is one), what was
found and what to do. The command line prints that line and exits with status 2; everything else
that is raised is a fault of the program.
"""

from __future__ import annotations

__all__ = [
    "BundleError",
    "ConfigError",
    "CorpusError",
    "FileError",
    "UserError",
    "VectorsError",
    "shortened",
]


class UserError(ValueError):
    """Something that the user can put right; its text is complete as it stands."""


class FileError(UserError):
    """A file or folder is missing, of the wrong kind, unreadable or not writable."""


class CorpusError(UserError):
    """A corpus holds something that cannot be used."""


class ConfigError(UserError):
    """A setting is unknown, of the wrong type, or at odds with another."""


class BundleError(UserError):
    """A folder is not a model, or not one that this version can read."""


class VectorsError(UserError):
    """A file of word vectors is malformed."""


def shortened(text: str, longest: int) -> str:
    """Cut a text in its middle, so that it fits into a message: ``"abcdefgh"``, 5 -> ``"ab...gh"``.

    Args:
        text: whatever a file or a user gave.
        longest: characters that are kept, an equal number at both ends.
    """
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}...{text[len(text) - longest // 2 :]}"
