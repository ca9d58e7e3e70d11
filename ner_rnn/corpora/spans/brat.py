"""brat: a text in ``a.txt`` and its spans in ``a.ann`` beside it, alone or in a folder of them.

    T1<TAB>Person 0 13<TAB>Angela Merkel
    T2<TAB>Person 0 6;14 20<TAB>Angela Müller      (in two pieces: read from first to last)

Relations, events, attributes and notes (R, E, A, M, N, *, #) are passed over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from ner_rnn.corpora.spans.marked_text import Mark, MarkedFile, MarkedText, check_mark
from ner_rnn.errors import CorpusError, FileError, counted, shortened
from ner_rnn.text.files import read_blocks
from ner_rnn.text.opening import open_hashed

__all__ = ["is_brat", "read_brat"]

_LINE = re.compile(r"(T[^\t]*)\t(\S+) ([0-9; -]+)(?:\t(.*))?")
_PIECE = re.compile(r"(-?\d+) (-?\d+)")
_SHOWN = 60  # characters of a line in a message


def is_brat(path: str | Path) -> bool:
    """Tell whether a path is a file of brat with its partner, or a folder that holds some."""
    file = Path(path)
    if file.is_dir():
        return next(file.rglob("*.ann"), None) is not None
    if file.suffix == ".txt":
        return file.with_suffix(".ann").is_file()
    return file.suffix == ".ann"


def read_brat(
    path: str | Path, encoding: str, fault: Callable[[CorpusError], None]
) -> tuple[MarkedFile, str]:
    """Read a pair of files, or all pairs in a folder, at any depth.

    Args:
        path: the ``.ann`` or the ``.txt``, or a folder.
        encoding: text encoding of both.
        fault: receives each error; the text is then left out.

    Returns:
        The documents, and the SHA-256 of all files (of names, lengths and content).

    Raises:
        FileError: a file is missing, or is no text.
    """
    file = Path(path)
    folder = file if file.is_dir() else None
    stems = [file.with_suffix("")]
    if folder is not None:
        both = {one.with_suffix("") for end in ("ann", "txt") for one in folder.rglob(f"*.{end}")}
        stems = sorted(both)
    found = MarkedFile()
    digest = hashlib.sha256()
    for stem in stems:
        ann, txt = (stem.with_name(f"{stem.name}.{end}") for end in ("ann", "txt"))
        if folder is not None and not ann.is_file():
            found.leave_out("which have no .ann beside the .txt", str(txt))
            continue
        if not txt.is_file():
            raise FileError(f"{txt} does not exist: its text is needed beside {ann.name}")
        contents = []
        for one in (txt, ann):
            with open_hashed(one) as (stream, checksum):
                contents.append("".join(read_blocks(one, encoding, stream)))
                name = one.relative_to(folder) if folder else one.name
                digest.update(f"{name} {checksum()}\n".encode("utf-8", "surrogateescape"))
        try:
            marks = _marks(str(ann), contents[1], found)
        except CorpusError as problem:
            fault(problem)
            continue
        found.kinds["brat"] += 1
        # the line of a word is known in one file alone
        found.texts.append(MarkedText(contents[0], marks, str(txt), 0))
    if pieces := found.left_out.pop(_PIECES, 0):
        found.notes.append(
            f"{counted(pieces, 'span')} in several pieces, read from the first to the last "
            f"(the first: {found.first[_PIECES]})"
        )
    return found, digest.hexdigest()


_PIECES = "spans in pieces"


def _marks(path: str, content: str, found: MarkedFile) -> list[Mark]:
    """Return the spans of an ``.ann`` file.

    Raises:
        CorpusError: a line that cannot be read.
    """
    marks = []
    for number, line in enumerate(content.replace("\r\n", "\n").split("\n"), start=1):
        if not line.startswith("T"):
            continue
        place = f"{path}:{number}"
        match = _LINE.fullmatch(line)
        pieces = [_PIECE.fullmatch(piece) for piece in match[3].split(";")] if match else []
        if match is None or not all(pieces):
            raise CorpusError(
                f"{place}: {shortened(line, _SHOWN)!r} is no span of brat",
                do="write T1, a TAB, the label with start and end, a TAB and the text",
            )
        offsets = [(int(piece[1]), int(piece[2])) for piece in pieces if piece]
        text = match[4]
        if len(offsets) > 1:
            found.leave_out(_PIECES, place)
            text = None  # the pieces alone, not what stands between them
        marks.append(check_mark(offsets[0][0], offsets[-1][1], match[2], text, place))
    return marks
