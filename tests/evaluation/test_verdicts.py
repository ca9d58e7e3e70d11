"""What a report says in words: no more than its tests and intervals allow."""

from __future__ import annotations

from typing import Any

from ner_rnn.evaluation.corpora import empty_row
from ner_rnn.evaluation.counting import score_row
from ner_rnn.evaluation.schema import CellRow, ComparisonRow, TotalRow
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


def test_errors_stand_by_frequency() -> None:
    assert verdicts(CORPORA, [cell()], [], []) == [
        "Errors of a, the most frequent first: missed names (18), invented names (6), names of "
        "another type (3), wrong boundaries (2)."
    ]


def test_seen_and_unseen() -> None:
    seen = {
        "seen": score_row(50, 50, 49), "unseen": score_row(30, 20, 20),
        "unseen_words": score_row(20, 20, 11),
    }  # fmt: skip
    assert (
        "a finds 98.0 % of the names that stand in its training data, and 62.0 % of those that do "
        "not (these are 50.0 % of all names)."
    ) in verdicts(CORPORA, [cell(seen=seen)], [], [])


def test_scores_that_cannot_be_trusted() -> None:
    bins = [{"low": 0.9, "high": 1.0, "count": 90, "mean_score": 0.95, "precision": 80 / 90}]
    assert ("a is overconfident on one (names scored 0.95 on average, 88.9 % right).") in verdicts(
        CORPORA, [cell(calibration={"ece": 0.12, "bins": bins})], [], []
    )
    fine = verdicts(CORPORA, [cell(calibration={"ece": 0.05, "bins": bins})], [], [])
    assert not any("overconfident" in said for said in fine)


def test_what_stress_does() -> None:
    harder = empty_row("one (lower)", "one")
    harder.update({"stress": "lower", "base": "one"})
    worse = cell(corpus="one (lower)", names=score_row(100, 50, 40))
    said = verdicts([*CORPORA, harder], [cell(), worse], [], [])
    change = 100 * (80 / 150 - 160 / 190)
    assert f"Lower case changes the F1 of a, in points, by −{-change:.1f} on one." in said


def test_the_best_over_all_and_what_is_missing() -> None:
    def total(model: str, correct: int) -> TotalRow:
        row = score_row(100, 100, correct)
        return {
            "model": model, "stress": None, "corpora": ["one", "two"],
            "micro": {"names": row, "words": row}, "macro": {},
        }  # fmt: skip

    skipped: CellRow = {"model": "a", "corpus": "two", "skipped": "it cannot be read"}
    said = verdicts(CORPORA, [skipped], [total("a", 80), total("b", 90)], [])
    assert said == [
        "b has the highest F1 of 90.0 % on names over 2 corpora together (precision 90.0 %, "
        "recall 90.0 %, 100 names).",
        "No figures of a on two: it cannot be read.",
    ]


def test_percent() -> None:
    assert [percent(ratio) for ratio in (None, 0.91342, 1.0)] == ["–", "91.3 %", "100.0 %"]
