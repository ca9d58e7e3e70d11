"""Paths, folders and patterns -> the files to read.

What does not exist is reported before the first text is read; no file is opened. What is written
is for ``targets.py``.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, get_args

from ner_rnn.errors import FileError
from ner_rnn.text.opening import ENDINGS_PACKED

__all__ = [
    "KINDS",
    "STDIN",
    "TABLES",
    "Input",
    "Kind",
    "endings_of",
    "find_inputs",
    "identity_of",
    "is_pipe",
    "kind_of",
    "stem_of",
    "unpacked_name",
]

STDIN = "-"
Kind: TypeAlias = Literal["text", "jsonl", "csv", "parquet", "conll"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TABLES: tuple[Kind, ...] = ("jsonl", "csv", "parquet")

_ENDINGS: dict[Kind, tuple[str, ...]] = {
    "text": (".txt", ".text", ".md"),
    "jsonl": (".jsonl", ".ndjson"),
    "csv": (".csv", ".tsv"),
    "parquet": (".parquet",),
    "conll": (".conll", ".conllu", ".bio", ".iob"),
}
# Files that end so are of many kinds: they count only where the kind is given, or the file itself.
_ALSO: dict[Kind, tuple[str, ...]] = {"jsonl": (".json",), "conll": (".tsv", ".txt")}


class Input(NamedTuple):
    """A file to read.

    Attributes:
        path: as the user typed it, or as found below a folder; "-" for standard input.
        relative: its path below the folder or pattern it was found by, or its bare name.
        kind: what it holds.
        size: in bytes, packed as it is; None: not known before it is read.
    """

    path: str
    relative: str
    kind: Kind
    size: int | None

    @property
    def is_packed(self) -> bool:
        """Return whether the name ends like that of a compressed file."""
        return self.path.lower().endswith(ENDINGS_PACKED)


def find_inputs(
    paths: Iterable[str | os.PathLike[str]],
    kind: Kind | None = None,
    *,
    leave_out: str | os.PathLike[str] | None = None,
    on_fault: Callable[[FileError], None] | None = None,
) -> list[Input]:
    """Find the files to read: those given, those below a folder, those that fit a pattern.

    Below a folder those count whose name ends like a text or a table, packed or not, in the order
    of their names; hidden ones do not, and links to folders are not followed. A pattern (``*``,
    ``?``, ``[a-z]``, ``**`` for folders in folders) is one where no file has that very name.

    Args:
        paths: files, folders, patterns, or "-" for standard input.
        kind: of all files; None: that which the ending of each tells, text where it tells none.
        leave_out: a folder that is not looked into (the one that is written to).
        on_fault: takes each folder below the one given that cannot be read; None: it is raised.

    Raises:
        FileError: a path that does not exist, a pattern that fits nothing, a folder without texts.
    """
    found: list[Input] = []
    for given in paths:
        path = os.fspath(given)
        if path == STDIN:
            size = _regular_size(0)
            found.append(Input(path, path, kind or "text", size))
        elif os.path.isdir(path):
            found += _below(path, kind, leave_out, on_fault)
        elif os.path.lexists(path) or not any(sign in path for sign in "*?["):
            if not os.path.exists(path):
                raise FileError(f"{path} does not exist: check the path")
            name = os.path.basename(path)
            found.append(Input(path, name, kind or kind_of(name), _regular_size(path)))
        else:
            found += _fitting(path, kind, leave_out, on_fault)
    return found


def _below(
    folder: str,
    kind: Kind | None,
    leave_out: str | os.PathLike[str] | None,
    on_fault: Callable[[FileError], None] | None,
) -> Iterator[Input]:
    def fault(error: OSError) -> None:
        problem = FileError(f"{error.filename} cannot be read: {error.strerror or error}")
        if on_fault is None or error.filename == folder:
            raise problem from None
        on_fault(problem)

    wanted = endings_of(kind)
    excluded = identity_of(leave_out) if leave_out is not None else None
    empty = True
    for place, folders, names in os.walk(folder, onerror=fault):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and (excluded is None or identity_of(os.path.join(place, name)) != excluded)
        )
        for name in sorted(names):
            if name.startswith(".") or not unpacked_name(name).lower().endswith(wanted):
                continue
            path = os.path.join(place, name)
            if is_pipe(path):
                continue  # reading it would wait for ever
            empty = False
            relative = os.path.relpath(path, folder)
            yield Input(path, relative, kind or kind_of(name), _regular_size(path))
    if empty:
        raise FileError(
            f"{folder} is a folder without text files ({', '.join(wanted)}, also packed): "
            "name the files themselves"
        )


def _fitting(
    pattern: str,
    kind: Kind | None,
    leave_out: str | os.PathLike[str] | None,
    on_fault: Callable[[FileError], None] | None,
) -> Iterator[Input]:
    """Iterate over the files that match a pattern, also those below a folder that matches."""
    parts = Path(pattern).parts
    fixed = next(at for at, part in enumerate(parts) if any(sign in part for sign in "*?["))
    base, rest = Path(*parts[:fixed]), os.path.join(*parts[fixed:])
    shows_hidden = any(part.startswith(".") for part in parts[fixed:])
    # versions of Python differ: before 3.13 "**" alone finds no files, and "**.txt" is refused
    if parts[-1] == "**":
        rest = os.path.join(rest, "*")
    if any("**" in part and part != "**" for part in parts):
        raise FileError(f"{pattern} does not exist, and is no pattern: '**' must stand by itself")
    empty = True
    try:
        paths = sorted(base.glob(rest))  # follows no links to folders, unlike glob.glob
    except ValueError as error:
        raise FileError(f"{pattern} does not exist, and is no pattern: {error}") from None
    for path in paths:
        relative = path.relative_to(base)
        if not shows_hidden and any(part.startswith(".") for part in relative.parts):
            continue
        if path.is_dir():
            if "**" not in rest:  # all that is below has been found already
                empty = False
                for found in _below(str(path), kind, leave_out, on_fault):
                    yield found._replace(relative=os.path.relpath(found.path, base))
        elif not is_pipe(path):
            empty = False
            yield Input(str(path), str(relative), kind or kind_of(path.name), _regular_size(path))
    if empty:
        raise FileError(f"{pattern} does not exist, and no file fits it as a pattern")


def kind_of(name: str) -> Kind:
    """Return the kind that the ending of a file's name tells; text where it tells none."""
    plain = unpacked_name(name).lower()
    for kind, endings in _ENDINGS.items():
        if plain.endswith(endings):
            return kind
    return "jsonl" if plain.endswith(".json") else "text"


def endings_of(kind: Kind | None) -> tuple[str, ...]:
    """Endings of the names that are read below a folder; None: of all kinds."""
    if kind is None:
        return tuple(itertools.chain.from_iterable(_ENDINGS.values()))
    return _ENDINGS[kind] + _ALSO.get(kind, ())


def stem_of(name: str) -> str:
    """Return a file's name without the ending that tells its kind, and that of a packer."""
    plain = unpacked_name(name)
    endings = (*endings_of(None), ".json")
    ending = next((end for end in endings if plain.lower().endswith(end)), "")
    return plain[: len(plain) - len(ending)]


def unpacked_name(name: str) -> str:
    """Return a file's name without the ending of a packer."""
    for ending in ENDINGS_PACKED:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _regular_size(path: str | int | os.PathLike[str]) -> int | None:
    try:
        status = os.stat(path)
    except OSError:  # reported when it is read
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def is_pipe(path: str | os.PathLike[str]) -> bool:
    """Return whether a path is neither a file nor a folder: a pipe, a socket or a device."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def identity_of(path: str | int | os.PathLike[str]) -> tuple[int, int] | None:
    """Return device and inode of a file or folder, the same for all its names; else None."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    is_kept = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return (status.st_dev, status.st_ino) if is_kept else None
