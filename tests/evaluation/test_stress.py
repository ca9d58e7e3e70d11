"""Harder copies: case, and other people's names in the place of those of a corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, CorpusError
from ner_rnn.evaluation.corpora import EvaluationSet, read_set
from ner_rnn.evaluation.stress import NameLists, read_names, stressed

TEXT = """\
-DOCSTART- O

Angela B-PER
Merkel I-PER
met O
J. B-PER
SMITH I-PER
. O

Merkel B-PER
left O
Berlin B-LOC

-DOCSTART- O

Angela B-PER
von I-PER
Trotta I-PER
sang O
"""
NAMES = NameLists(["Amaka", "Ngozi", "Chidi"], ["Oyelaran", "Ibekwe", "Adeyemi", "Eze"])


@pytest.fixture
def corpus(tmp_path: Path) -> EvaluationSet:
    (tmp_path / "x.bio").write_text(TEXT, encoding="utf-8")
    return read_set(tmp_path / "x.bio", "x", DataConfig())


def test_case_of_every_word(corpus: EvaluationSet) -> None:
    lower, upper = stressed(corpus, "lower"), stressed(corpus, "upper")
    assert lower.tokens[0] == ("angela", "merkel", "met", "j.", "smith", ".")
    assert upper.tokens[1] == ("MERKEL", "LEFT", "BERLIN")
    for copy, kind in ((lower, "lower"), (upper, "upper")):
        assert (copy.row["stress"], copy.row["base"], copy.name) == (kind, "x", f"x ({kind})")
        assert (copy.spans, copy.lines, copy.documents) == (
            corpus.spans, corpus.lines, corpus.documents,
        )  # fmt: skip
    assert corpus.row["stress"] is None


def test_names_are_swapped_alike_within_a_document(corpus: EvaluationSet) -> None:
    for seed in range(20):
        copy = stressed(corpus, "swap", NAMES, seed)
        first, last = copy.tokens[0][:2]
        assert first in NAMES.firsts
        assert last in NAMES.lasts
        assert copy.tokens[1] == (last, "left", "Berlin"), "a place stays, a person stays the same"
        assert copy.tokens[0][3] == "J.", "an initial stays"
        assert copy.tokens[0][4].isupper(), "written as it was"
        assert copy.tokens[2][1] == "von", "a particle stays"
        assert copy.spans == corpus.spans
    drawn = {stressed(corpus, "swap", NAMES, seed).tokens[2][0] for seed in range(20)}
    assert len(drawn) > 1


def test_the_same_seed_swaps_alike(corpus: EvaluationSet) -> None:
    one, again, other = (stressed(corpus, "swap", NAMES, seed).tokens for seed in (3, 3, 4))
    assert one == again != other


def test_a_script_without_case_is_said_to_be_unchanged(tmp_path: Path) -> None:
    (tmp_path / "zh.bio").write_text("王 B-PER\n芳 I-PER\n说 O\n", encoding="utf-8")
    corpus = read_set(tmp_path / "zh.bio", "zh", DataConfig())
    assert "this changed no word" in " ".join(stressed(corpus, "upper").row["notes"])
    with pytest.raises(
        CorpusError, match=r"zh.bio: it is cut into characters, so its names cannot"
    ):
        stressed(corpus, "swap", NAMES)


def test_lists_of_names(tmp_path: Path) -> None:
    whole, firsts, lasts = (tmp_path / name for name in ("whole", "firsts", "lasts"))
    whole.write_text("Amaka Eze\nNgozi Ada Oyelaran\n\n")
    firsts.write_text("\ufeffAmaka\nChidi\nChidi\n", encoding="utf-8")
    lasts.write_text("Eze\n")
    assert read_names([str(whole)]) == NameLists(["Amaka", "Ngozi"], ["Eze", "Oyelaran"])
    assert read_names([str(firsts), str(lasts)]) == NameLists(["Amaka", "Chidi"], ["Eze"])
    with pytest.raises(ConfigError, match="swap_names is 3 files"):
        read_names(["a", "b", "c"])
    lasts.write_text("12\n-\n")
    with pytest.raises(CorpusError, match="lasts holds no name"):
        read_names([str(firsts), str(lasts)])
