"""The file of a secret key for surrogates."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

from ner_rnn.errors import FileError
from ner_rnn.text.opening import open_binary

__all__ = ["SHORTEST_KEY", "read_key"]

SHORTEST_KEY = 16
"""Bytes of a key, so that nobody tries them all."""
_LONGEST = 1 << 20


def read_key(path: str | Path) -> bytes:
    """Read a key: all bytes of a file, whatever they are.

    Raises:
        FileError: it is missing, others than its owner may read it, or it is too short.
    """
    shown = shlex.quote(str(path)).replace("{", "{{").replace("}", "}}")
    new = f"head -c 32 /dev/urandom > {shown} && chmod 600 {shown}"
    if not os.path.lexists(path):
        raise FileError(f"there is no key {path}", do=f"make one: {new}")
    with open_binary(path, unpack=False) as file:
        mode = os.fstat(file.fileno()).st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise FileError(
                f"others may read the key {path} (mode {stat.S_IMODE(mode):o})",
                do=f"if nobody has, chmod 600 {shown}; else make another",
            )
        key = file.read(_LONGEST + 1)
    if not SHORTEST_KEY <= len(key) <= _LONGEST:
        size = f"more than {_LONGEST:,}" if len(key) > _LONGEST else f"{len(key):,}"
        raise FileError(
            f"the key {path} has {size} bytes: it must have {SHORTEST_KEY} to {_LONGEST:,}",
            do=f"make one: {new}",
        )
    return key
