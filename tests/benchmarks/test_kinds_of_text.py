"""Counts, the mean over kinds, swapped names and text without names, as benchmarks/ has them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from ner_rnn.text.tags import Span

from .scripts import imported

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    with imported("kinds", "cultures", "nameless") as found:
        yield found


def test_names_count_if_exact_and_what_is_left_open_counts_neither_way(
    modules: dict[str, ModuleType],
) -> None:
    found = modules["kinds"].FoundName
    gold = [Span(0, 2, "PER"), Span(5, 7, "musicartist"), Span(8, 9, "PER"), Span(10, 11, "ORG")]
    names = [found(0, 2, 0.9), found(6, 8, 0.1), found(5, 7, 0.9), found(10, 11, 0.5)]
    counts = modules["kinds"].count(gold, names)
    assert (counts["tp"], counts["fp"], counts["fn"], counts["left_out"]) == (1, 1, 1, 2)
    assert (counts["f1"], counts["recall"]) == (50.0, 50.0)
    assert counts["ece"] == pytest.approx((10 + 50) / 2)  # |1 - 0.9| and |0 - 0.5|
    assert modules["kinds"].count(gold, [found(0, 2)])["ece"] is None


def test_a_family_counts_once_and_a_set_without_a_value_not_at_all(
    modules: dict[str, ModuleType],
) -> None:
    test = modules["kinds"].TestSet
    sets = [test("a.bio"), test("b.bio", "family"), test("c.bio", "family"), test("d.bio")]
    mean = modules["kinds"].mean_of_kinds
    assert mean({"a": 10.0, "b": 0.0, "c": 40.0, "d": None}, sets) == 15.0
    assert mean({}, sets) is None


def test_documents_are_cut_as_a_set_says(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    document = "-DOCSTART-\tO\n\nAnn\tB-PER\nsaw\tO\n\nBob\tB-PER\n\n"
    (tmp_path / "x.bio").write_text(3 * document)
    kinds = modules["kinds"]
    whole = kinds.read_texts(tmp_path, kinds.TestSet("x.bio", last=2))
    assert whole.documents == 2 * [[["Ann", "saw"], ["Bob"]]]
    assert [span[:2] for span in whole.spans()] == [(0, 1), (2, 3), (3, 4), (5, 6)]
    assert whole.in_case("upper")[0] == [["ANN", "SAW"], ["BOB"]]
    assert len(kinds.read_texts(tmp_path, kinds.TestSet("x.bio", split=True)).documents) == 6


def test_swapped_names_keep_their_form_and_stay_the_same_in_a_document(
    modules: dict[str, ModuleType],
) -> None:
    cultures = modules["cultures"]
    names = cultures.Names(["Kofi"], ["de la  Cruz "])  # lists have such spaces
    document = [
        ["Dr.", "J.", "R.", "Smith", "met", "JANE", "SMITH", "and", "Smith", "."],
        ["Jane", "van", "der", "Berg", ",", "Jr.", "left", "Acme"],
    ]
    spans = [
        [Span(1, 4, "PER"), Span(5, 7, "PER"), Span(8, 9, "PER")],
        [Span(0, 6, "PER"), Span(7, 8, "ORG")],
    ]
    texts = modules["kinds"].Texts([document], [spans])
    swapped = cultures.swap(texts, names, frozenset(["jane"]), "1")
    assert [" ".join(words) for words in swapped.documents[0]] == [
        "Dr. K. K. de la Cruz met KOFI DE LA CRUZ and de la Cruz .",
        "Kofi de la Cruz , Jr. left Acme",
    ]
    first, second = swapped.names[0]
    assert [span[:2] for span in first] == [(1, 6), (7, 11), (12, 15)]
    assert second == [Span(0, 6, "PER"), Span(7, 8, "ORG")]
    assert texts.documents == [document]  # as it was


def test_the_choice_of_names_follows_the_seed(modules: dict[str, ModuleType]) -> None:
    cultures = modules["cultures"]
    names = cultures.Names([*"ABCDEFGH"], ["Abara", "Bello", "Cisse", "Diallo", "Eze", "Fofana"])
    texts = modules["kinds"].Texts([[["Ann", "Lee"]]] * 20, [[[Span(0, 2, "PER")]]] * 20)
    first, again, other = (
        cultures.swap(texts, names, frozenset(), seed).documents for seed in ("1", "1", "2")
    )
    assert first == again != other
    assert len({words[0][1] for words in first}) > 3


def test_text_without_names_has_every_kind_and_its_share(modules: dict[str, ModuleType]) -> None:
    nameless = modules["nameless"]
    texts = nameless.write_texts(5000)
    assert texts == nameless.write_texts(5000)
    assert list(texts) == list(nameless.SHARES)
    assert sum(nameless.count_words(text) for parts in texts.values() for text in parts) >= 5000
    assert not any("{" + place + "}" in text for place in nameless._LISTS for text in texts["logs"])
    code = 'def f():  # by Ann\n    """By Bob."""\n    return "#x"\n'
    assert nameless.without_comments(code) == 'def f():\n    return "#x"'


def test_spacy_is_asked_for_in_a_file_that_needs_no_package_of_ours() -> None:
    answer = subprocess.run(
        [sys.executable, "-I", "-S", str(BENCHMARKS / "spacy_names.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--pipeline" in answer.stdout
