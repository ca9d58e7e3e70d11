"""The benchmark of fine-tuning: sentences are drawn as whole documents, and gains are told."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import ModuleType

import pytest

from ner_rnn.corpora.read import read

from .scripts import imported


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    with imported("fine_tune") as found:
        yield found["fine_tune"]


def test_whole_documents_are_drawn_by_the_seed(script: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "train.bio"
    parts = [f"Ann\tB-PER\nwrote\tO\n{n}{end}\tO\n" for n in range(9) for end in "ab"]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    source.write_text("".join(f"-DOCSTART-\tO\n\n{a}\n{b}\n" for a, b in pairs), encoding="utf-8")
    drawn = {}
    for size, seed in ((3, "1"), (6, "1"), (6, "2")):
        corpus = read(script.draw(source, size, seed, tmp_path / "drawn.bio"))
        rows = zip(corpus.documents, corpus.tokens, strict=True)
        documents = [[w for _, w in group] for _, group in groupby(rows, key=lambda row: row[0])]
        assert all(len(document) == 2 for document in documents)
        assert corpus.names == len(corpus.tokens) == size + size % 2
        drawn[size, seed] = documents
    assert drawn[3, "1"] == drawn[6, "1"][:2]
    assert drawn[6, "1"] != drawn[6, "2"]


def test_gain_and_loss_are_against_the_start(script: ModuleType) -> None:
    rows = [
        {"system": system, "size": 200, "domain": domain, "f1": f1 + n, "old": old - n}
        for system, f1, old in (("start", 70.0, 80.0), ("tuned", 75.0, 79.8))
        for n, domain in enumerate(script.DOMAINS)
    ]
    start, tuned = script.table(rows, "dev").splitlines()[2:]
    assert start == "| start | – | 70.0 | 71.0 | 72.0 | 73.0 | 71.5 | – | 78.5 | – |"
    assert tuned == "| tuned | 200 | 75.0 | 76.0 | 77.0 | 78.0 | 76.5 | +5.0 | 78.3 | 0.2 |"
