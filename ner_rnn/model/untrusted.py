"""Reads single files of a folder that anyone may have made: bounded, and regular files alone.

A device has no end and a FIFO may have no writer, a link may lead to a file of this machine, and a
few bytes of JSON can nest or repeat until memory ends. Each of these is refused in one line before
it costs anything. ``bundle.py`` says which files there are; ``loader.py`` what they may hold.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ner_rnn.errors import BundleError, shortened
from ner_rnn.model.bounds import DEEPEST_JSON, LARGEST_HEADER, MOST_VALUES
from ner_rnn.text import zstandard

__all__ = ["COPY", "Tensor", "parse_json", "read_inside", "tensor_header", "unpack"]

COPY = "copy the model again"
_CONTAINERS = frozenset((dict, list))
_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8"), 1),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64"), 8),
}
_LENGTH = 8  # bytes before the header of a safetensors file


class Tensor(NamedTuple):
    """A weight as the header of a safetensors file describes it.

    Attributes:
        dtype: such as ``F32``.
        shape: of its array.
    """

    dtype: str
    shape: tuple[int, ...]


def read_inside(path: Path, largest: int, *, size: int | None = None) -> bytes:
    """Read a regular file that lies in its folder, links resolved.

    Args:
        path: the file.
        largest: bytes that it may have.
        size: bytes to read at most; None: all.

    Raises:
        BundleError: missing, unreadable, no regular file, outside its folder, or too large.
    """
    try:
        real = Path(os.path.realpath(path))
        if real.parent != Path(os.path.realpath(path.parent)):
            raise BundleError(
                "only files inside the folder are read",
                where=f"{path} is a link out of the folder",
                do="put a copy of the file in its place",
            )
        # without waiting for the writer of a FIFO
        opened = os.open(real, os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NONBLOCK", 0))
        status = os.fstat(opened)
        if not stat.S_ISREG(status.st_mode):
            os.close(opened)
            raise BundleError(
                "only regular files are read",
                where=f"{path} is a {_kind(status.st_mode)}",
                do=COPY,
            )
        with open(opened, "rb") as file:
            if status.st_size > largest:
                raise BundleError(
                    f"at most {largest:,} are read",
                    where=str(path),
                    found=f"of {status.st_size:,} bytes",
                    do="is it the file of a model? train the model again",
                )
            # no more than that, should the file grow meanwhile
            return file.read(status.st_size if size is None else size)
    except FileNotFoundError:
        raise BundleError(f"{path} is missing", do=f"{COPY}, all of it") from None
    except OSError as error:
        raise BundleError(str(error.strerror), where=f"{path} cannot be read") from None


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISFIFO(mode):
        return "FIFO"
    return "device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "special file"


def unpack(path: Path, content: bytes, largest: int) -> bytes:
    """Unpack Zstandard that says how large it is, as the writer of bundles does.

    Args:
        path: of its file, for messages.
        content: of that file.
        largest: bytes that it may unpack to.

    Raises:
        BundleError: not Zstandard, damaged, or larger.
    """
    try:
        size = zstandard.unpacked_size(content)
        if size is None or size > largest:
            raise BundleError(
                f"at most {largest:,} are unpacked",
                where=str(path),
                found="of unknown size" if size is None else f"packed from {size:,} bytes",
                do="is it the file of a model? train the model again",
            )
        return zstandard.unpack(content, largest)
    except OSError as error:
        raise BundleError(f"{path} is not Zstandard ({error})", do=COPY) from None


def parse_json(path: Path, content: bytes) -> dict[str, Any]:
    """Parse a JSON object of bounded size and depth.

    Args:
        path: of its file, for messages.
        content: of that file.

    Raises:
        BundleError: not JSON, no object, or beyond the bounds.
    """
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise BundleError(
            f"at most {MOST_VALUES:,} are read",
            where=f"{path} holds too many values",
            do="train the model again",
        )
    try:
        value = json.loads(content.decode(), parse_constant=_refuse_constant)
        if b"\\u" in content:  # half of a surrogate pair is no character: none can be printed
            json.dumps(value, ensure_ascii=False).encode()
        deep = _is_deeper(value, DEEPEST_JSON)
    except RecursionError:
        deep = True
    except ValueError as error:  # of the JSON, or of its UTF-8
        raise BundleError(f"{path} is not JSON ({shortened(str(error), 200)})", do=COPY) from None
    if deep:
        raise BundleError(
            f"at most {DEEPEST_JSON} levels are read",
            where=f"{path} is nested too deep",
            do="train the model again",
        )
    if not isinstance(value, dict):
        raise BundleError(f"{path} holds no JSON object", do=COPY)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_deeper(value: Any, levels: int) -> bool:
    """Return whether containers are nested more than so many levels deep."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(levels):
        below = [held.values() if isinstance(held, dict) else held for held in level]
        level = [
            item
            for values in below
            if not _CONTAINERS.isdisjoint(map(type, values))  # lists of words are long
            for item in values
            if type(item) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def tensor_header(path: Path, size: int) -> dict[str, Tensor]:
    """Read names, types and shapes of the weights in a safetensors file, and no weights.

    Args:
        path: the file.
        size: bytes that the manifest says it has.

    Raises:
        BundleError: the header is none, or describes more or less than the file holds.
    """
    length = int.from_bytes(read_inside(path, size, size=_LENGTH), "little")
    if not 2 <= length <= min(LARGEST_HEADER, size - _LENGTH):
        raise _no_tensors(path, f"a header of {length:,} bytes")
    content = read_inside(path, size, size=_LENGTH + length)[_LENGTH:]
    try:
        header = parse_json(path, content)
    except BundleError as error:
        raise _no_tensors(path, error.what) from None
    tensors = {}
    for name, saved in header.items():
        if name != "__metadata__":
            tensors[name] = _tensor(path, name, saved)
    described = sum(_BYTES[dtype] * math.prod(shape) for dtype, shape in tensors.values())
    if described != size - _LENGTH - length:
        raise _no_tensors(path, f"{described:,} bytes are described and {size:,} are there")
    return tensors


def _tensor(path: Path, name: str, saved: Any) -> Tensor:
    held: Mapping[str, Any] = saved if isinstance(saved, dict) else {}
    dtype, shape = held.get("dtype"), held.get("shape")
    if (
        not isinstance(dtype, str)
        or dtype not in _BYTES
        or not isinstance(shape, list)
        or not all(type(length) is int and 0 <= length < 2**63 for length in shape)
    ):
        raise _no_tensors(path, f"{shortened(name, 60)!r} has no type and shape")
    return Tensor(dtype, tuple(shape))


def _no_tensors(path: Path, reason: str) -> BundleError:
    return BundleError(f"not safetensors ({reason})", where=str(path), do="train again")
