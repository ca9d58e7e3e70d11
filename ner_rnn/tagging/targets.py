"""The files to read -> the files to write, and what must not be written over.

All that can be said before the first text is read is said here; no file is opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ner_rnn.errors import ConfigError, Setting
from ner_rnn.tagging.folders import (
    STDIN,
    TABLES,
    Input,
    Kind,
    endings_of,
    identity_of,
    kind_of,
    stem_of,
    unpacked_name,
)
from ner_rnn.tagging.writers import Ending

__all__ = [
    "means_folder",
    "plan_outputs",
    "refuse_another_kind",
    "refuse_overwriting",
    "refuse_reading_back",
]


def plan_outputs(
    inputs: Sequence[Input], folder: str | os.PathLike[str], ending: Ending
) -> list[Path]:
    """Return the output file of each input: its relative path below the folder, with a new ending.

    ``letters/a/b.txt.gz``, found below ``letters`` -> ``tagged/a/b.jsonl``

    Args:
        inputs: files to read.
        folder: folder of the outputs.
        ending: ending of the outputs, or one for each kind of input; where it is empty, a file
            keeps its own, without that of a packer.

    Raises:
        ConfigError: two inputs have one output, an output is an input, or standard input has none.
    """
    read = {identity_of(given.path): given.path for given in inputs}
    planned: dict[Path, str] = {}
    for given in inputs:
        if given.path == STDIN:
            raise ConfigError(
                f"standard input has no name that a file in {folder} could have",
                do="give a file for {output}",
            )
        new = ending if isinstance(ending, str) else ending[given.kind]
        stem = stem_of(given.relative) if new else unpacked_name(given.relative)
        target = Path(folder, stem + new)
        if target in planned:
            raise ConfigError(
                f"{planned[target]} and {given.path} would both be written to {target}: tag them "
                "one by one, or name the folder above both"
            )
        if (identity := identity_of(target)) is not None and identity in read:
            raise ConfigError(
                "it would replace the text that is read", where=Setting("output"), found=str(target)
            )
        planned[target] = given.path
    return list(planned)


def means_folder(output: str, paths: Sequence[str]) -> bool:
    """Return whether the output is a folder with a file for each input, not one file for all.

    It is a folder if it exists as one or ends with a slash; also if it does not exist, its name has
    no ending, and there is more than one file to read: ``letters/``, ``tagged``.
    """
    if os.path.lexists(output):
        return os.path.isdir(output)
    if output.endswith(("/", os.sep)):
        return True
    is_one = len(paths) == 1 and (paths[0] == STDIN or os.path.isfile(paths[0]))
    return not is_one and not os.path.splitext(output)[1]


def refuse_another_kind(given: Input, output: str) -> None:
    """Make sure that a table which comes back as it was is not written under another's ending.

    Raises:
        ConfigError: CSV, for example, is to be written to ``clean.jsonl``.
    """
    named = kind_of(os.path.basename(output))
    if given.kind in TABLES and named in TABLES and named != given.kind:
        raise ConfigError(
            f"it would hold {given.kind}, as {given.path} does",
            where=Setting("output"),
            found=output,
            do="give it that ending, or choose {format} jsonl for lines with names",
        )


def refuse_overwriting(inputs: Iterable[Input], output: str | int) -> None:
    """Make sure that no input is the file that is written.

    Args:
        inputs: that will be read.
        output: a path, or the number of an open file.

    Raises:
        ConfigError: one is.
    """
    target = identity_of(output)
    for given in inputs if target is not None else ():
        if identity_of(0 if given.path == STDIN else given.path) == target:
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
    setting: str = "output",
) -> None:
    """Make sure that no output becomes an input when the same command is given again.

    Args:
        paths: as for ``find_inputs``.
        kind: likewise.
        targets: files that will be written.
        left_out: a folder that is not looked into, unless it is one of the paths.
        setting: that names the targets.

    Raises:
        ConfigError: a target lies below a folder that is read, and has a name that is read there.
    """
    read = {os.path.realpath(path): path for path in paths if os.path.isdir(path)}
    closed = None if left_out is None else os.path.realpath(left_out)
    endings = endings_of(kind)
    safe: set[str] = set()
    for target in targets if read else ():
        folder, name = os.path.split(os.fspath(target))
        if (
            folder in safe
            or name.startswith(".")
            or not unpacked_name(name).lower().endswith(endings)
        ):
            continue
        place = os.path.realpath(folder or os.curdir)
        above = place
        while above not in read and above != closed and above != os.path.dirname(above):
            above = os.path.dirname(above)
        if above in read:
            raise ConfigError(
                f"it lies in {read[above]}, which is read, and the next run would tag it too",
                where=Setting(setting),
                found=str(target),
                do="write to a folder of its own, such as tagged/ below that one",
            )
        safe.add(folder)
