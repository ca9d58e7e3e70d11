"""Names by length, case and what was seen: groups that add up to the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ner_rnn.corpora.read import read
from ner_rnn.evaluation.counting import Found, count
from ner_rnn.evaluation.groups import (
    CASES,
    NAME_LENGTHS,
    SENTENCE_LENGTHS,
    case,
    grouped,
    name_length,
    sentence_length,
)
from ner_rnn.evaluation.learned import SEEN, Learned, learned_from
from ner_rnn.text.opening import checksum

TOKENS = [
    ["Maria", "Silva", "met", "VAN", "DYK", "in", "ORG"],
    ["w"] * 45 + ["de", "la", "Cruz", "Paz"],
    ["nothing"],
]
GOLD = [[Found(0, 2), Found(3, 5), Found(6, 7, "ORG")], [Found(45, 49)], []]
PREDICTED = [[Found(0, 2), Found(3, 4), Found(6, 7)], [Found(45, 49)], []]


@pytest.mark.parametrize(
    ("labels", "of"),
    [
        (NAME_LENGTHS, name_length),
        (SENTENCE_LENGTHS, sentence_length),
        (CASES, case),
        (SEEN, lambda words, name: SEEN[(name.end - name.start) % 3]),
    ],
)
def test_groups_add_up_to_all_names(labels: tuple[str, ...], of) -> None:  # type: ignore[no-untyped-def]
    groups = grouped(labels, of, TOKENS, GOLD, PREDICTED)
    assert list(groups) == list(labels)
    total = [sum(row[k] for row in groups.values()) for k in ("support", "predicted", "correct")]  # type: ignore[literal-required]
    assert total == count(GOLD, PREDICTED).sum(axis=0).tolist()[:3]


def test_each_name_stands_where_it_belongs() -> None:
    lengths = grouped(NAME_LENGTHS, name_length, TOKENS, GOLD, PREDICTED)
    assert [lengths[key]["support"] for key in NAME_LENGTHS] == [0, 2, 0, 1]
    assert [lengths[key]["predicted"] for key in NAME_LENGTHS] == [2, 1, 0, 1]
    assert lengths["1"]["recall"] is None
    assert lengths["1"]["f1"] == 0
    sentences = grouped(SENTENCE_LENGTHS, sentence_length, TOKENS, GOLD, PREDICTED)
    assert [sentences[key]["support"] for key in SENTENCE_LENGTHS] == [2, 0, 0, 1]
    cases = grouped(CASES, case, TOKENS, GOLD, PREDICTED)
    assert [cases[key]["support"] for key in CASES] == [1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Maria Silva", "Title"), ("MARIA SILVA", "UPPER"), ("maria silva", "lower"),
        ("J. Silva", "Title"), ("J. SILVA", "UPPER"), ("J.", "Title"), ("McAdam", "Title"),
        ("van Dyk", "mixed"), ("王 芳", "none"), ("王 Li", "Title"), ("@ 99", "none"),
    ],
)  # fmt: skip
def test_case(name: str, expected: str) -> None:
    words = name.split()
    assert case(["x", *words], Found(1, 1 + len(words))) == expected


def test_seen_unseen_and_of_unseen_words_only(tmp_path: Path) -> None:
    path = tmp_path / "train.bio"
    path.write_text("Maria B-PER\nSilva I-PER\nmet O\nhim O\n\nParis B-LOC\n", encoding="utf-8")
    learned = Learned.of(read(path))
    for name, expected in {
        "Maria Silva": "seen", "MARIA SILVA": "seen", "Maria": "unseen", "Paris": "unseen",
        "Silva Lima": "unseen", "Anna Lima": "unseen_words",
    }.items():  # fmt: skip
        assert learned.group(name.split()) == expected, name


def test_training_data_of_a_bundle_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "train.bio"
    path.write_text("Maria I-PERSON\nSilva I-PERSON\nspoke O\n", encoding="utf-8")
    config = {"data": {"train": str(path), "corpus": None, "person_labels": []}}
    metrics = {"data": {"train": {"sha256": checksum(path)}}}
    learned = learned_from(config, metrics)
    assert isinstance(learned, Learned)
    assert learned == Learned.of(read(path))
    assert learned.names == {("maria", "silva")}
    folder = {"data": {"corpus": str(tmp_path), "train": None}}
    assert learned_from(folder, metrics) == learned


def test_training_data_that_is_not_to_be_had_is_said(tmp_path: Path) -> None:
    path = tmp_path / "train.bio"
    config = {"data": {"train": str(path), "corpus": None}}
    metrics = {"data": {"train": {"sha256": "0"}}}
    for change, expected in (
        (lambda: None, "is not here; set train to its training data"),
        (lambda: path.write_text("Maria B-PER\n"), "is no longer the file it was trained on"),
    ):
        change()
        reason = learned_from(config, metrics)
        assert isinstance(reason, str)
        assert expected in reason
    assert "does not say" in str(learned_from({}, {}))
    for wrong in ({"train": 5}, {"person_labels": [5]}, {"encoding": 5}, {"scheme": "X"}):
        saved = {"data": config["data"] | wrong}
        assert "its training data cannot be read" in str(learned_from(saved, metrics)), wrong
    hub = learned_from({"data": {"corpus": "someone/news", "train": None}}, metrics)
    assert hub == "its training corpus someone/news is not here; set train to its training data"


def test_an_embedded_corpus_is_read_again() -> None:
    name = "open:crossner_ai"
    metrics = {"data": {"train": {"sha256": read(name, split="train").sha256}}}
    learned = learned_from({"data": {"corpus": name}}, metrics)
    assert isinstance(learned, Learned)
    assert len(learned.names) > 100
    metrics["data"]["train"]["sha256"] = "0"
    assert "another version" in str(learned_from({"data": {"corpus": name}}, metrics))
