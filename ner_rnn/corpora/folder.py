"""Which file is which split: as the configuration says, or by the names in a folder."""

from __future__ import annotations

import re
from pathlib import Path

from ner_rnn.corpora.embedded import embedded_name
from ner_rnn.corpora.hub import SPLITS
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.corpora.spans.brat import is_brat
from ner_rnn.errors import ConfigError, FileError

__all__ = ["holds_parquet", "split_files"]

_NOT_COLUMNS = {".md", ".json", ".py", ".yaml", ".yml", ".html", ".pdf"}


def split_files(data: DataConfig) -> dict[str, str]:
    """Find the column file of each split: as given, or by its name in the corpus folder.

    ``eng.train``, ``train.bio`` and ``en-train.txt.gz`` are for training; ``dev``, ``valid``,
    ``validation``, ``testa`` and ``test``, ``testb`` likewise.

    Raises:
        ConfigError: nothing is given, or a folder has several files for a split.
        FileError: the folder does not exist or has no such file.
    """
    given = {"train": data.train, "dev": data.dev, "test": data.test}
    files = {split: path for split, path in given.items() if path is not None}
    if data.corpus is None:
        if not files:
            raise ConfigError(
                "no corpus is given", do="give {data.train} and {data.dev}, or {data.corpus}"
            )
        return files
    if embedded_name(data.corpus) is not None:
        return files
    folder = Path(data.corpus)
    if folder.is_file():
        raise FileError(
            f"{data.corpus} is a file", do="give it as {data.train}, or give its folder"
        )
    if not folder.is_dir() or holds_parquet(folder):
        return files
    found: dict[str, list[str]] = {}
    others: list[str] = []
    for file in sorted(folder.iterdir()):
        if file.name[0] == "." or file.suffix.lower() in _NOT_COLUMNS:
            continue
        if not (file.is_file() or is_brat(file)) or (file.suffix == ".txt" and is_brat(file)):
            continue  # of brat, folders and the .ann alone
        parts = re.split(r"[._-]+", file.name.lower())
        splits = {SPLITS[part] for part in parts if part in SPLITS}
        if len(splits) == 1:
            found.setdefault(splits.pop(), []).append(str(file))
        else:
            others.append(file.name)
    for split, candidates in found.items():
        if split in files:
            continue
        if len(candidates) > 1:
            raise ConfigError(
                ", ".join(candidates),
                where=f"{data.corpus} holds several files for {split}",
                do=f"choose one with {{data.{split}}}",
            )
        files[split] = candidates[0]
    if not files:
        raise FileError(
            f"{data.corpus} holds no file whose name says train, dev or test "
            f"(found: {', '.join(others) or 'nothing'})",
            do="give {data.train}, {data.dev} and {data.test}",
        )
    return files


def holds_parquet(folder: Path) -> bool:
    """Tell whether a folder is one of parquet files, at any depth."""
    return next(folder.rglob("*.parquet"), None) is not None
