"""Predictions in files: written, read back, and refused where they are for other words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError
from ner_rnn.evaluation.alignment import align, read_predictions, write_predictions
from ner_rnn.evaluation.corpora import EvaluationSet, read_set
from ner_rnn.evaluation.counting import Found
from ner_rnn.text.tags import Span

GOLD = """\
-DOCSTART- O

Maria I-PERSON
Silva I-PERSON
spoke O

-DOCSTART- O

In O
Paris I-LOC
Ann I-PERSON
Bob B-PERSON
"""


@pytest.fixture
def corpus(tmp_path: Path) -> EvaluationSet:
    path = tmp_path / "gold.bio"
    path.write_text(GOLD, encoding="utf-8")
    return read_set(path, "gold", DataConfig())


def read(tmp_path: Path, text: str) -> str | None:
    """What differs between predictions and the corpus."""
    path = tmp_path / "theirs.bio"
    path.write_text(text, encoding="utf-8")
    gold = read_set(tmp_path / "gold.bio", "gold", DataConfig())
    problem = align(read_predictions(str(path), DataConfig())[0], gold)[1]
    return problem and problem.replace(f"{tmp_path}/", "")


def test_a_corpus_says_all_that_was_done_to_it(corpus: EvaluationSet) -> None:
    assert corpus.spans == [
        [Span(0, 2, "PER")], [Span(1, 2, "LOC"), Span(2, 3, "PER"), Span(3, 4, "PER")],
    ]  # fmt: skip
    row = corpus.row
    assert (row["sentences"], row["tokens"], row["names"], row["documents"]) == (2, 7, 3, 2)
    assert row["labels"] == {"PERSON": 3, "LOC": 1}
    assert (row["persons"], row["scheme"], row["dropped"]) == (["PERSON"], "IOB1", 0)
    assert "a person is called PERSON there; read as PER" in row["notes"]
    assert "tags converted from IOB1 to IOB2" in row["notes"]
    assert corpus.units.tolist() == [0, 1]
    assert corpus.lines[1] == (9, 10, 11, 12)


def test_what_is_written_is_read_back(corpus: EvaluationSet, tmp_path: Path) -> None:
    found = [[Found(0, 1, "PER", 0.25)], [Found(2, 4, "PER", 1.0)]]
    path = tmp_path / "out.conll"
    write_predictions(path, corpus, found)
    assert path.read_text(encoding="utf-8").splitlines()[2:6] == [
        "Maria\t0.250000\tB-PER\tB-PER", "Silva\t_\tI-PER\tO", "spoke\t_\tO\tO", "",
    ]  # fmt: skip
    text, again = read_predictions(str(path), DataConfig(), score_column=1)
    assert again == found
    assert align(text, corpus) == (2, None)
    gold = read_set(path, "again", DataConfig(tag_column=2))
    assert gold.spans == corpus.spans
    assert gold.documents == corpus.documents


def test_predictions_for_other_words_are_told_with_their_place(
    corpus: EvaluationSet, tmp_path: Path
) -> None:
    right = "Maria O\nSilva O\nspoke O\n\nIn O\nParis O\nAnn O\nBob O\n"
    assert read(tmp_path, right) is None
    assert read(tmp_path, right.replace("Paris", "Rome")) == (
        "theirs.bio:6: the word is 'Rome', but 'Paris' at gold.bio:10: predictions must be for "
        "the same words"
    )
    assert read(tmp_path, right.replace("spoke O\n\n", "spoke O\n")) == (
        "theirs.bio:3: the sentence has 7 words, and 3 at gold.bio:3: predictions must be for the "
        "same words"
    )
    assert read(tmp_path, "Maria O\nSilva O\nspoke O\n") == (
        "theirs.bio ends after 1 of the 2 sentences of gold.bio: nothing is predicted from "
        "gold.bio:9 on"
    )
    assert read(tmp_path, right + "\nMore O\n") == (
        "theirs.bio:10: predicts for more than the 2 sentences of gold.bio"
    )


def test_a_column_of_scores_that_is_none(corpus: EvaluationSet, tmp_path: Path) -> None:
    path = tmp_path / "theirs.bio"
    path.write_text("Maria NNP B-PER\nSilva NNP I-PER\n", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"theirs.bio:1: the score is 'NNP': expected a number"):
        read_predictions(str(path), DataConfig(), score_column=1)
    with pytest.raises(ConfigError, match="the score is read from column -1"):
        read_predictions(str(path), DataConfig(), score_column=-1)
