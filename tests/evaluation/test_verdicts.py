"""What a report says in words: no more than its tests and intervals allow."""

from __future__ import annotations

from typing import Any

from ner_rnn.evaluation.corpora import empty_row
from ner_rnn.evaluation.counting import score_row
from ner_rnn.evaluation.schema import CellRow, ComparisonRow, KindRow, Stress
from ner_rnn.evaluation.verdicts import percent, verdicts

CORPORA = [empty_row(name, name) for name in ("one", "two", "three", "four")]


def compared(*outcomes: tuple[str | None, float], a: str = "a", b: str = "b") -> list[str]:
    """Verdicts on two models: for each corpus who is better, and p."""
    rows: list[ComparisonRow] = [
        {
            "a": a, "b": b, "corpus": corpus["name"], "difference": 0.01, "interval": None,
            "p": p, "better": better, "fixes": 0, "breaks": 0,
        }
        for corpus, (better, p) in zip(CORPORA, outcomes, strict=False)
    ]  # fmt: skip
    return verdicts(CORPORA, [], [], rows)


def kind(f1: float | None, model: str = "a", name: str | None = "one", stress: Stress | None = None,
         corpora: int = 1) -> KindRow:  # fmt: skip
    return {
        "kind": name, "model": model, "stress": stress, "corpora": ["x"] * corpora, "f1": f1,
        "interval": None,
    }  # fmt: skip


def test_better_on_some_and_chance_on_others() -> None:
    assert compared(("b", 0.001), ("b", 0.02), ("b", 0.0001), (None, 0.2134)) == [
        "b is better than a on 3 of 4 corpora; on four the difference could be chance (p = 0.21)."
    ]
    assert compared(("a", 0.001), (None, 0.06), (None, 0.5)) == [
        "a is better than b on 1 of 3 corpora; on two (p = 0.06) and three (p = 0.50) the "
        "differences could be chance."
    ]


def test_better_everywhere_on_one_and_nowhere() -> None:
    assert compared(("b", 0.001), ("b", 0.001)) == ["b is better than a on all of 2 corpora."]
    assert compared(("a", 0.0001)) == ["a is better than b on one (p < 0.001)."]
    assert compared((None, 0.3), (None, 0.08)) == [
        "Between a and b every difference could be chance (one: p = 0.30, two: p = 0.08)."
    ]


def test_each_better_somewhere() -> None:
    assert compared(("a", 0.01), ("b", 0.01), ("b", 0.02)) == [
        "b is better than a on 2 of 3 corpora; a is better on one."
    ]


def cell(model: str = "a", corpus: str = "one", **changes: Any) -> CellRow:
    names = score_row(100, 90, 80)
    known: Any = {
        "model": model, "corpus": corpus, "skipped": None, "notes": [], "undefined": None,
        "names": names, "words": names, "seen": None, "calibration": None,
        "errors": {
            "true_positives": 80,
            "false_positives": {"invented": 6, "boundary": 1, "wrong_type": {"ORG": 3}},
            "false_negatives": {"missed": 18, "boundary": 2, "wrong_type": {}},
        },
    }  # fmt: skip
    found: CellRow = {**known, **changes}
    return found


def test_many_are_counted_and_not_listed() -> None:
    assert compared(*[(None, 0.3 + n / 10) for n in range(4)]) == [
        "Between a and b every difference could be chance (4 corpora, p from 0.30 up)."
    ]
    rows: list[ComparisonRow] = []
    kinds = []
    for model, f1 in (("a", 0.5), ("b", 0.9), ("c", 0.7)):
        kinds += [kind(f1, model, corpus["name"]) for corpus in CORPORA]
    for a, b, winners in (("a", "b", "bbbb"), ("a", "c", "cccc"), ("b", "c", "bb-c")):
        for corpus, winner in zip(CORPORA, winners, strict=True):
            rows.append(
                {
                    "a": a,
                    "b": b,
                    "corpus": corpus["name"],
                    "difference": 0.01,
                    "interval": None,
                    "p": 0.01,
                    "better": winner if winner != "-" else None,
                    "fixes": 0,
                    "breaks": 0,
                }
            )
    assert (
        "b is better than a on 4 of 4 corpora and than c on 2 of 4 (worse on 1); other differences "
        "could be chance."
    ) in verdicts(CORPORA, [], kinds, rows)


def test_seen_and_unseen() -> None:
    seen = {
        "seen": score_row(50, 50, 49), "unseen": score_row(30, 20, 20),
        "unseen_words": score_row(20, 20, 11),
    }  # fmt: skip
    assert (
        "a finds 98.0 % of the names that stand in its training data, and 62.0 % of those that do "
        "not (these are 50.0 % of all names)."
    ) in verdicts(CORPORA, [cell(seen=seen)], [kind(0.8)], [])


def test_scores_that_cannot_be_trusted() -> None:
    bins = [{"low": 0.9, "high": 1.0, "count": 90, "mean_score": 0.95, "precision": 80 / 90}]
    sure, surer = ({"ece": ece, "bins": bins} for ece in (0.12, 0.13))
    cells = [cell(calibration=sure)]
    said = "(names scored 0.95 on average, 88.9 % right)."
    assert f"a is overconfident on one {said}" in verdicts(CORPORA, cells, [kind(0.8)], [])
    cells.append(cell(corpus="two", calibration=surer))
    assert f"a is overconfident on 2 of 2 corpora, most on two {said}" in verdicts(
        CORPORA, cells, [kind(0.8)], []
    )
    fine = verdicts(CORPORA, [cell(calibration={"ece": 0.05, "bins": bins})], [kind(0.8)], [])
    assert not any("overconfident" in said for said in fine)


def test_what_case_does() -> None:
    rows = [kind(0.8), kind(0.8, name=None), kind(0.5, stress="lower", name=None)]
    said = verdicts(CORPORA, [], [*rows, kind(0.81, stress="upper", name=None)], [])
    assert "The F1 of a is 50.0 % in lower case (−30.0 points) and 81.0 % in upper case (+1.0 " in (
        " ".join(said)
    )


def test_the_best_over_all_and_what_is_lowest_and_missing() -> None:
    rows = [
        kind(f1, model, name)
        for model, scores in (("a", (0.8, 0.9)), ("b", (0.99, 0.7)))
        for name, f1 in zip(("one", "two"), scores, strict=True)
    ]
    skipped: CellRow = {"model": "a", "corpus": "three", "skipped": "it cannot be read"}
    low, twin = (kind(0.1, "b", name, "upper") for name in ("two", "one"))
    assert verdicts(CORPORA, [skipped], [*rows, low, twin, kind(0.01, "b", None)], []) == [
        "a has the highest mean F1 of 85.0 % on names over 2 corpora, from 80.0 % on one to "
        "90.0 % on two.",
        "The lowest F1 of all is 10.0 %: b on two in upper case, and 1 more.",
        "No F1 of a on three: it cannot be read.",
    ]
    alone = verdicts(CORPORA, [cell()], [kind(0.842, corpora=1), kind(0.842, name=None)], [])
    assert alone == ["a has an F1 of 84.2 % on names on one (precision 88.9 %, recall 80.0 %, "
                     "100 names)."]  # fmt: skip


def test_a_model_that_ran_on_less_is_not_the_best() -> None:
    rows = [kind(0.5, "a", "one"), kind(0.5, "a", "two"), kind(0.99, "b", "one")]
    assert verdicts(CORPORA, [], rows, [])[0].startswith("a has a mean F1 of 50.0 %")


def test_percent() -> None:
    assert [percent(ratio) for ratio in (None, 0.91342, 1.0)] == ["–", "91.3 %", "100.0 %"]
