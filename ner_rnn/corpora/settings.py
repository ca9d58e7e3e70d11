"""Settings that say which corpus to read, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["DataConfig"]


@dataclass(frozen=True)
class DataConfig:
    """Which corpus, and how to read it."""

    corpus: str | None = None
    """``open``, ``open:NAME``, a folder of split files, a Hub id; or give train, dev and test."""
    train: str | None = None
    """CoNLL column file to learn from (may be .gz, .xz or .bz2)."""
    dev: str | None = None
    """CoNLL column file that every choice is made on."""
    test: str | None = None
    """CoNLL column file that is scored once, at the end."""
    labels: Literal["all", "person"] = "all"
    """Learn every entity type, or persons alone; scores are of persons either way."""
    person_labels: tuple[str, ...] = ()
    """Labels that mean a person; empty: PER, PERSON, person, nr, PER.NAM and the like."""
    token_column: int = 0
    """Column of the token, from 0; negative counts from the right."""
    tag_column: int = -1
    """Column of the tag, from 0; negative counts from the right."""
    scheme: Literal["auto", "IO", "IOB1", "IOB2", "BIOES", "BMES"] = "auto"
    """Tag scheme of the files; auto: recognised from the tags."""
    encoding: str = "utf-8"
    """Text encoding of the files."""
    cache: str | None = None
    """Folder for prepared corpora; default: ~/.cache/ner-rnn."""
