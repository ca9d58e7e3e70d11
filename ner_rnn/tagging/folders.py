"""Paths, folders and patterns -> the files to read; and for each, the file to write.

Everything that can be said before the first text is read is said here: what does not exist, what
would be written over what. No file is opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, get_args

from ner_rnn.errors import ConfigError, FileError, Setting
from ner_rnn.text.files import ENDINGS_PACKED

__all__ = [
    "KINDS",
    "STDIN",
    "Input",
    "Kind",
    "find_inputs",
    "is_pipe",
    "means_folder",
    "plan_outputs",
    "refuse_overwriting",
    "refuse_reading_back",
]

STDIN = "-"
Kind: TypeAlias = Literal["text", "jsonl", "csv", "parquet", "conll"]
KINDS: tuple[Kind, ...] = get_args(Kind)

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
        """By its name."""
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
            found += _below(path, path, kind, leave_out, on_fault)
        elif os.path.lexists(path) or not any(sign in path for sign in "*?["):
            if not os.path.exists(path):
                raise FileError(f"{path} does not exist: check the path")
            name = os.path.basename(path)
            found.append(Input(path, name, kind or _kind(name), _regular_size(path)))
        else:
            found += _fitting(path, kind, leave_out, on_fault)
    return found


def plan_outputs(
    inputs: Sequence[Input], folder: str | os.PathLike[str], ending: str
) -> list[Path]:
    """Where each file's output goes: its relative path below the folder, with a new ending.

    ``letters/a/b.txt.gz``, found below ``letters`` -> ``tagged/a/b.jsonl``

    Raises:
        ConfigError: two inputs have one output, an output is an input, or standard input has none.
    """
    read = {_identity(given.path): given.path for given in inputs}
    planned: dict[Path, str] = {}
    for given in inputs:
        if given.path == STDIN:
            raise ConfigError(
                f"standard input has no name that a file in {folder} could have",
                do="give a file for {output}",
            )
        target = Path(folder, _stem(given.relative) + ending)
        if target in planned:
            raise ConfigError(
                f"{planned[target]} and {given.path} would both be written to {target}: tag them "
                "one by one, or name the folder above both"
            )
        if (identity := _identity(target)) is not None and identity in read:
            raise ConfigError(
                "it would replace the text that is read", where=Setting("output"), found=str(target)
            )
        planned[target] = given.path
    return list(planned)


def means_folder(output: str, paths: Sequence[str]) -> bool:
    """Whether a tree of files is to be written, one for each input, and not one file for all.

    It is where the output is a folder, or ends with a slash; and where it is nothing yet and its
    name has no ending, if there is more than one file to read: ``letters/``, ``tagged``.
    """
    if os.path.lexists(output):
        return os.path.isdir(output)
    if output.endswith(("/", os.sep)):
        return True
    is_one = len(paths) == 1 and (paths[0] == STDIN or os.path.isfile(paths[0]))
    return not is_one and not os.path.splitext(output)[1]


def refuse_overwriting(inputs: Iterable[Input], output: str | int) -> None:
    """Make sure that no input is the file that is written.

    Args:
        inputs: that will be read.
        output: a path, or the number of an open file.

    Raises:
        ConfigError: one is.
    """
    target = _identity(output)
    for given in inputs if target is not None else ():
        if _identity(0 if given.path == STDIN else given.path) == target:
            if isinstance(output, int):
                raise ConfigError("standard output would replace the text that is read")
            raise ConfigError(
                "it would replace the text that is read", where=Setting("output"), found=output
            )


def refuse_reading_back(
    paths: Iterable[str],
    kind: Kind | None,
    targets: Iterable[str | os.PathLike[str]],
    left_out: str | os.PathLike[str] | None = None,
) -> None:
    """Make sure that no output becomes an input when the same command is given again.

    Args:
        paths: as for ``find_inputs``.
        kind: likewise.
        targets: files that will be written.
        left_out: a folder that is not looked into, unless it is one of the paths.

    Raises:
        ConfigError: a target lies below a folder that is read, and has a name that is read there.
    """
    read = {os.path.realpath(path): path for path in paths if os.path.isdir(path)}
    closed = None if left_out is None else os.path.realpath(left_out)
    endings = _endings(kind)
    safe: set[str] = set()
    for target in targets if read else ():
        folder, name = os.path.split(os.fspath(target))
        if folder in safe or name.startswith(".") or not _plain(name).lower().endswith(endings):
            continue
        place = os.path.realpath(folder or os.curdir)
        above = place
        while above not in read and above != closed and above != os.path.dirname(above):
            above = os.path.dirname(above)
        if above in read:
            raise ConfigError(
                f"it lies in {read[above]}, which is read, and the next run would tag it too",
                where=Setting("output"),
                found=str(target),
                do="write to a folder of its own, such as tagged/ below that one",
            )
        safe.add(folder)


def _below(
    folder: str,
    shown: str,
    kind: Kind | None,
    leave_out: str | os.PathLike[str] | None,
    on_fault: Callable[[FileError], None] | None,
) -> Iterator[Input]:
    def fault(error: OSError) -> None:
        problem = FileError(f"{error.filename} cannot be read: {error.strerror or error}")
        if on_fault is None or error.filename == folder:
            raise problem from None
        on_fault(problem)

    wanted = _endings(kind)
    excluded = _identity(leave_out) if leave_out is not None else None
    empty = True
    for place, folders, names in os.walk(folder, onerror=fault):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and (excluded is None or _identity(os.path.join(place, name)) != excluded)
        )
        for name in sorted(names):
            if name.startswith(".") or not _plain(name).lower().endswith(wanted):
                continue
            path = os.path.join(place, name)
            if is_pipe(path):
                continue  # reading it would wait for ever
            empty = False
            relative = os.path.relpath(path, folder)
            yield Input(path, relative, kind or _kind(name), _regular_size(path))
    if empty:
        raise FileError(
            f"{shown} is a folder without text files ({', '.join(wanted)}, also packed): "
            "name the files themselves"
        )


def _fitting(
    pattern: str,
    kind: Kind | None,
    leave_out: str | os.PathLike[str] | None,
    on_fault: Callable[[FileError], None] | None,
) -> Iterator[Input]:
    """The files that fit a pattern; a folder that fits is looked into."""
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
                for found in _below(str(path), str(path), kind, leave_out, on_fault):
                    yield found._replace(relative=os.path.relpath(found.path, base))
        elif not is_pipe(path):
            empty = False
            yield Input(str(path), str(relative), kind or _kind(path.name), _regular_size(path))
    if empty:
        raise FileError(f"{pattern} does not exist, and no file fits it as a pattern")


def _kind(name: str) -> Kind:
    plain = _plain(name).lower()
    for kind, endings in _ENDINGS.items():
        if plain.endswith(endings):
            return kind
    return "jsonl" if plain.endswith(".json") else "text"


def _endings(kind: Kind | None) -> tuple[str, ...]:
    if kind is None:
        return tuple(ending for some in _ENDINGS.values() for ending in some)
    return _ENDINGS[kind] + _ALSO.get(kind, ())


def _stem(name: str) -> str:
    """A name without the ending that tells its kind."""
    plain = _plain(name)
    endings = [ending for some in _ENDINGS.values() for ending in some] + [".json"]
    ending = next((end for end in endings if plain.lower().endswith(end)), "")
    return plain[: len(plain) - len(ending)]


def _plain(name: str) -> str:
    """A name without the ending of a packer."""
    for ending in ENDINGS_PACKED:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _regular_size(path: str | int | os.PathLike[str]) -> int | None:
    try:
        status = os.stat(path)
    except OSError:  # told when its turn comes
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def is_pipe(path: str | os.PathLike[str]) -> bool:
    """Whether a path is neither a file nor a folder: a pipe, a socket or a device."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _identity(path: str | int | os.PathLike[str]) -> tuple[int, int] | None:
    """Of a file or folder; None for what is neither."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    is_kept = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
    return (status.st_dev, status.st_ino) if is_kept else None
