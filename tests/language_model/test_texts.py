"""Alphabets, corpora and batches."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.symbols import END, UNKNOWN, Symbols
from ner_rnn.errors import BundleError, ConfigError, CorpusError
from ner_rnn.language_model.batches import Parts, Windows
from ner_rnn.language_model.novelty import novelty
from ner_rnn.language_model.texts import Lines, load
from ner_rnn.model.language_model import Settings


def file(folder: Path, text: str, name: str = "text.txt") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@given(st.text(min_size=1))
def test_known_text_comes_back(text: str) -> None:
    symbols = Symbols.learn("char", Counter(text))
    assert symbols.decode(symbols.encode(text).tolist()) == text


def test_words_and_the_unknown() -> None:
    symbols = Symbols.learn("word", Counter(["C", "G", "C", "Am"]), min_count=2)
    assert symbols.known == ("C",)
    assert symbols.encode(" C  G C").tolist() == [2, UNKNOWN, 2]
    assert symbols.decode([2, END, 2, 2]) == "C\nC C"
    assert symbols.unseen(["C G G", "Am"]) == {"G": 2, "Am": 1}
    assert Symbols.from_json(symbols.to_json()) == symbols
    with pytest.raises(BundleError, match="no alphabet"):
        Symbols.from_json({"words": []})


def test_lines_are_split_once_and_for_all(tmp_path: Path) -> None:
    names = [f"name{i}" for i in range(40)]
    path = file(tmp_path, "\n".join([*names, *names]) + "\n\n")
    corpus = load([path], Settings(dev_share=0.25))
    assert isinstance(corpus.train, Lines) and isinstance(corpus.dev, Lines)
    assert len(corpus.train.lengths) == 60
    assert len(corpus.dev.lengths) == 20  # 10 distinct lines, each twice
    assert corpus.remarks == [f"{path}: 1 blank lines passed over"]
    assert corpus.checksums == {path: hashlib.sha256(Path(path).read_bytes()).hexdigest()}


def test_backward_lines_are_reversed(tmp_path: Path) -> None:
    path = file(tmp_path, "abc\nabd\nabe\nabf\n")
    forward = load([path], Settings(min_count=1))
    backward = load([path], Settings(min_count=1, direction="backward"))
    assert isinstance(forward.train, Lines) and isinstance(backward.train, Lines)
    assert forward.symbols == backward.symbols
    first = int(forward.train.lengths[0])
    assert forward.train.flat[1:first].tolist() == backward.train.flat[first - 1 : 0 : -1].tolist()


@pytest.mark.parametrize("unit", ["char", "word"])
def test_running_text(tmp_path: Path, unit: Any) -> None:
    path = file(tmp_path, "a b a\n\nb a b\n" * 50)
    settings = Settings(unit=unit, running=True, dev_share=0.1)
    corpus = load([path], settings)
    assert isinstance(corpus.train, np.ndarray) and isinstance(corpus.dev, np.ndarray)
    every = np.concatenate([corpus.train, corpus.dev])
    assert corpus.symbols.decode(every.tolist()) == "a b a\n\nb a b\n" * 50
    back = load([path], Settings(unit=unit, running=True, dev_share=0.1, direction="backward"))
    assert np.array_equal(np.asarray(back.train)[::-1], corpus.train)


def test_batches_of_lines() -> None:
    lines = Lines.of([np.array([5, 6]), np.array([7]), np.array([], dtype=np.int32)])
    ids, targets, fresh = lines.batch([0, 2, 1])
    assert fresh
    assert targets.tolist() == [[5, 6, END], [END, -1, -1], [7, END, -1]]
    assert ids[0].tolist() == [END, 5, 6]
    assert ids[2, :2].tolist() == [END, 7]


@given(st.integers(1, 60), st.integers(1, 7), st.integers(1, 9), st.integers(1, 2))
def test_windows_read_all_there_is_in_order(
    length: int, rows: int, window: int, world: int
) -> None:
    text = np.arange(1, length + 1, dtype=np.int32)
    if length < world:
        return
    seen = []
    for rank in range(world):
        windows = Windows(text, rows, window, rank=rank, world=world)
        pieces = [windows[i] for i in range(len(windows))]
        assert [fresh for *_, fresh in pieces] == [True] + [False] * (len(pieces) - 1)
        targets = np.concatenate([piece[1].numpy() for piece in pieces], axis=1)
        ids = np.concatenate([piece[0].numpy() for piece in pieces], axis=1)
        assert np.array_equal(ids, targets - 1)  # what is read is the symbol before
        seen += targets.flatten().tolist()
    assert seen == sorted(set(seen))
    assert len(seen) > length - len(windows.targets) * world


def test_parts_of_a_pass_follow_each_other() -> None:
    parts = Parts(1000)
    seen = []
    for epoch in range(parts.parts):
        parts.set_epoch(epoch)
        seen += list(parts)
    assert seen == list(range(parts.parts * len(parts)))
    parts.set_epoch(parts.parts)  # the second pass
    parts.skip = 7
    assert next(iter(parts)) == 7


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("", {}, "holds no text: give one sequence a line, two at least"),
        ("\n \n", {}, "holds no text"),
        ("Maria\n", {}, "holds one line"),
        ("Maria\nMaria\n", {}, "every line is the same"),
        ("ab\nabcdef\n", {"max_length": 5}, r"text.txt:2: a sequence of 6 symbols, and 5 are all"),
        ("ab\ncd\n", {}, "no symbol occurs 2 times"),
        ("", {"running": True}, "holds no text"),
        ("\n\n\n\n", {"running": True}, "holds no text"),
    ],
)
def test_nothing_to_learn(
    tmp_path: Path, text: str, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(CorpusError, match=message):
        load([file(tmp_path, text)], Settings(**settings))


def test_what_is_held_out_may_hold_unknown_symbols(tmp_path: Path) -> None:
    dev = file(tmp_path, "abж\n", "dev.txt")
    corpus = load([file(tmp_path, "ab\nba\nab\n")], Settings(dev=dev))
    assert "1 symbols (1 distinct) are not among the 2 known" in corpus.remarks[0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            {"tie": True},
            "tie is True, embedding_size 64 and hidden_size 160: one matrix serves both only where "
            "they are equal; make embedding_size and hidden_size equal",
        ),
        ({"hidden_size": -1}, "hidden_size is -1: it must be 1 or more"),
        ({"epochs": -1}, "epochs is -1: it must be 1 or more"),
        ({"dev_share": 1.0}, "dev_share is 1.0: it must be between 0 and 1"),
        ({"clip_value": -1.0}, "clip_value is -1.0: it must be 0 or more"),
        (
            {"cell": "clockwork", "periods": (2, 1)},
            "periods is 2, 1: the first must be 1 or more, and each longer than the one before",
        ),
        (
            {"cell": "reservoir", "spectral_radius": 0.0},
            "spectral_radius is 0.0: it must be above 0 and below 1, or the echo state property "
            "may be lost",
        ),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Settings(**wrong)
    assert str(caught.value) == message


def test_novelty() -> None:
    found = novelty(["Ana", "Ana", "Bo"], {"Ana", "Maria"}, "char")
    assert found.novel == pytest.approx(1 / 3)
    assert found.distinct == pytest.approx(2 / 3)
    assert (found.length, found.known_length) == (pytest.approx(8 / 3), 4)


def test_settings_left_open_follow_the_kind_of_text() -> None:
    lines, running = Settings(), Settings(running=True)
    assert (lines.hidden_size, lines.epochs, lines.dropout) == (160, 12, 0.3)
    assert (running.hidden_size, running.epochs, running.dropout) == (512, 1, 0.0)
    assert Settings(running=True, hidden_size=64, dropout=0.1, epochs=3).hidden_size == 64
