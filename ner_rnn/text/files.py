"""Text files as users have them: with a byte order mark or not, in any encoding.

Whatever keeps a file from being text becomes one line of a ``FileError``. ``conll.py`` reads
columns, ``tagging/stream.py`` documents.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Literal

from ner_rnn.errors import ConfigError, FileError, shortened
from ner_rnn.text.opening import DAMAGES, damaged, open_binary

__all__ = [
    "LONGEST_LINE",
    "check_encoding",
    "read_blocks",
    "read_lines",
    "split_lines",
    "unmarked",
]

LONGEST_LINE = 1 << 24
"""Characters of a line or a row; a longer one is damage, or an attack on the memory."""

MOST_FIELDS = 1 << 19
"""Fields of a line; each takes many times the memory of its characters."""

_BLOCK = 1 << 20  # bytes
_OF_HOSTS = ("idna", "punycode")  # encodings of single host names, which no file is written in
_MARKED = {
    "utf-8-sig": {codecs.BOM_UTF8: "utf-8"},
    "utf-16": {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"},
    "utf-32": {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"},
}  # encodings with a mark of their own; by mark, those that write the same without it
_WIDE_MARKS = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def check_encoding(encoding: str) -> None:
    """Make sure that text can be read in an encoding.

    Raises:
        ConfigError: Python does not know it, or it is no encoding of text (``hex``, ``rot13``).
    """
    try:
        codecs.getincrementaldecoder(encoding)
        b"aa".decode(encoding)
        is_text = codecs.lookup(encoding).name not in _OF_HOSTS
    except UnicodeDecodeError:
        is_text = True
    except (LookupError, ValueError, AttributeError):
        is_text = False
    if not is_text:
        raise ConfigError(
            f"encoding {shortened(encoding, 40)!r} is not known: try utf-8, utf-16, latin-1 or "
            "cp1252"
        )


def read_blocks(
    path: str | Path,
    encoding: str = "utf-8",
    stream: BinaryIO | None = None,
    errors: Literal["strict", "replace"] = "strict",
    on_mark: Callable[[bytes], object] = lambda mark: None,
) -> Iterator[str]:
    r"""Decode a file block by block, without its byte order mark; memory does not grow.

    Newlines are left as they are. A block may end between ``\r`` and ``\n``.

    Args:
        path: the file; with a stream, only its name in messages.
        encoding: a name that Python knows.
        stream: bytes to decode in place of the file's, for example of standard input.
        errors: stop at bytes that are not text, or read each as U+FFFD.
        on_mark: takes the byte order mark, empty where there is none, before the first block.

    Raises:
        FileError: the file cannot be read or unpacked, is not text, or is in another encoding,
            with the offset of the first byte at fault (after unpacking).
        ConfigError: an encoding that Python does not know.
    """
    check_encoding(encoding)
    decoder = codecs.getincrementaldecoder(encoding)(errors)
    with stream or open_binary(path) as source:
        offset = lines = 0
        while True:
            try:
                data = source.read(_BLOCK)
            except DAMAGES as error:
                raise damaged(path, error) from None
            if offset == 0:
                _refuse_binary(path, data, encoding)
            held = len(decoder.getstate()[0])  # bytes of a character cut by the block's end
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeError as error:
                # UTF-16 or UTF-32 without its byte order mark; a decoding error from Python 3.13 on
                if not isinstance(error, UnicodeDecodeError) or error.reason.endswith("BOM"):
                    raise FileError(
                        f"{path} is not {encoding} text ({error})",
                        do="name the file's encoding, as in {encoding} utf-16-le",
                    ) from None
                at = offset - held + error.start
                line = lines + 1 + error.object[: error.start].count(b"\n")
                raise FileError(
                    f"{path}:{line}: byte {at} (0x{error.object[error.start]:02x}) is not "
                    f"{encoding} text",
                    do="name the file's encoding, as in {encoding} latin-1",
                ) from None
            if offset == 0:
                on_mark(_byte_order_mark(data, text, encoding))
                text = text.removeprefix("\ufeff")
            if text:
                yield text
            if not data:
                return
            offset += len(data)
            lines += data.count(b"\n")


def read_lines(
    path: str | Path,
    encoding: str = "utf-8",
    stream: BinaryIO | None = None,
    errors: Literal["strict", "replace"] = "strict",
    separators: str = "",
) -> Iterator[str]:
    r"""Read a text file line by line, without the line ends.

    Only ``\n`` and ``\r\n`` end a line: U+0085 or U+2028 may stand inside a word, where
    ``str.splitlines`` would cut.

    Raises:
        FileError: as ``read_blocks`` and ``split_lines``.
        ConfigError: as ``read_blocks``.
    """
    blocks = _without_returns(read_blocks(path, encoding, stream, errors))
    return split_lines(path, blocks, separators)


def split_lines(
    path: str | Path, blocks: Iterable[str], separators: str = "", *, keep_ends: bool = False
) -> Iterator[str]:
    r"""Split the blocks of a text at each ``\n``, which is left out.

    Args:
        path: the file's name in messages.
        blocks: the text, in pieces of any length.
        separators: signs at which lines will be split into fields.
        keep_ends: lines keep their ``\n``.

    Raises:
        FileError: a line has more than ``LONGEST_LINE`` characters, or ``MOST_FIELDS`` fields.
    """
    begun: list[str] = []  # pieces of a line whose end is still to come
    size = number = 0
    for block in blocks:
        lines = block.split("\n")
        size += len(lines[0])
        if size > LONGEST_LINE:
            raise FileError(
                f"{path}:{number + 1}: a line of more than {LONGEST_LINE:,} characters: is it text?"
            )
        begun.append(lines[0])
        if len(lines) > 1:
            lines[0] = "".join(begun)
            _refuse_many(path, number + 1, lines[0], separators)
            rest = lines.pop()
            yield from [line + "\n" for line in lines] if keep_ends else lines
            number += len(lines)
            begun, size = [rest], len(rest)
    if last := "".join(begun):
        _refuse_many(path, number + 1, last, separators)
        yield last


def _refuse_many(path: str | Path, number: int, line: str, separators: str) -> None:
    """Refuse a line whose fields take far more memory than the line itself."""
    if len(line) > MOST_FIELDS and any(line.count(sign) > MOST_FIELDS for sign in separators):
        raise FileError(f"{path}:{number}: a line of more than {MOST_FIELDS:,} fields")


def _without_returns(blocks: Iterable[str]) -> Iterator[str]:
    r"""Replace ``\r\n`` by ``\n``, also where it is torn between blocks or cut by the end."""
    held = ""
    for block in blocks:
        whole = held + block
        held = "\r" if whole.endswith("\r") else ""
        yield whole[: len(whole) - len(held)].replace("\r\n", "\n")


def unmarked(encoding: str, mark: bytes | None = None) -> tuple[str, bytes]:
    r"""Return the encoding that writes no byte order mark, and the mark that it would write.

    Args:
        encoding: a name that Python knows.
        mark: of a text in that encoding; it tells the byte order. None: that of the machine.

    >>> unmarked("utf-16", b"\xfe\xff"), unmarked("latin-1")
    (('utf-16-be', b'\xff\xfe'), ('latin-1', b''))
    """
    own = "".encode(encoding)
    marks = _MARKED.get(codecs.lookup(encoding).name)
    return (marks.get(mark or own, encoding) if marks else encoding), own


def _byte_order_mark(data: bytes, text: str, encoding: str) -> bytes:
    """The mark at the beginning of a file, which the decoder may have taken away already."""
    if marks := _MARKED.get(codecs.lookup(encoding).name):
        return next((mark for mark in marks if data.startswith(mark)), b"")
    return "\ufeff".encode(encoding) if text.startswith("\ufeff") else b""


def _refuse_binary(path: str | Path, head: bytes, encoding: str) -> None:
    name = codecs.lookup(encoding).name
    if name.startswith(("utf-16", "utf-32")):
        return
    for mark, wide in _WIDE_MARKS.items():
        if head.startswith(mark):
            raise FileError(
                f"{path}: byte 0 (0x{head[0]:02x}) is not {encoding} text but begins {wide}",
                do=f"give {{encoding}} {wide}",
            )
    if (at := head.find(b"\0")) >= 0:
        raise FileError(
            f"{path} is a binary file (byte {at} is 0), not text: give a text file, "
            "plain or packed by gzip, xz, bzip2 or zstd"
        )
