"""All figures of a cell of the report, and the sentences that the browser shows.

A cell is one system on one corpus. The headline counts are seqeval's (``training/scoring.py``); the
sentence counts that everything else rests on must add up to them, or no report is made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ner_rnn.corpora.corpus import PERSON
from ner_rnn.evaluation import calibration, counting, groups
from ner_rnn.evaluation.corpora import EvaluationSet
from ner_rnn.evaluation.counting import Sentences, score_row
from ner_rnn.evaluation.learned import SEEN, Learned
from ner_rnn.evaluation.schema import CellRow, IntervalScoreRow, Ratio, ScoreRow, SentenceRow
from ner_rnn.evaluation.statistics import by_unit, intervals, resample
from ner_rnn.evaluation.store import Outcome
from ner_rnn.evaluation.systems import System
from ner_rnn.model.recall import point_of_recall
from ner_rnn.training.recall_curve import SHOWN_SCORE, curve, thin
from ner_rnn.training.reliability import reliability
from ner_rnn.training.scoring import score

__all__ = ["RATIOS", "Scored", "score_cell", "sentence_rows"]

RATIOS: tuple[Ratio, ...] = ("precision", "recall", "f1")
RECALLS = (0.95, 0.98, 0.99)
"""Shares of the names found whole for which a report says the threshold."""
UNDEFINED = "no person in the gold standard and none predicted: F1 is undefined, neither 0 nor 1"

Counts = NDArray[np.int64]


class Scored:
    """The systems that answered on one corpus, and their counts.

    Args:
        corpus: with gold.
        answers: by system, in the order of the report.

    Attributes:
        found: predictions of the systems that have any.
        counts: by system, shape (sentences, 6): names, then words.
        by_unit: the same by document, or by sentence.
    """

    def __init__(self, corpus: EvaluationSet, answers: Mapping[str, Outcome]) -> None:
        self.corpus = corpus
        self.answers = answers
        self.found: dict[str, Sentences] = {
            name: outcome.found for name, outcome in answers.items() if outcome.found is not None
        }
        self.counts = {
            name: counting.count(corpus.spans, found) for name, found in self.found.items()
        }
        units = corpus.units
        self.by_unit = {name: by_unit(counts, units) for name, counts in self.counts.items()}
        self.sampled: dict[str, Counts] = {}

    def sample(self, rounds: int, seed: int) -> None:
        """Resample all systems together, so that their samples are paired."""
        if not self.by_unit:
            return
        together = resample(np.hstack(list(self.by_unit.values())), rounds, seed)
        for index, name in enumerate(self.by_unit):
            self.sampled[name] = together[:, 6 * index : 6 * index + 6]


def score_cell(scored: Scored, system: System) -> CellRow:
    """Work out all figures of a system on one corpus.

    Raises:
        RuntimeError: seqeval counts otherwise, which would be a fault of the program.
    """
    corpus, outcome = scored.corpus, scored.answers[system.name]
    if outcome.found is None:
        return {
            "model": system.name,
            "corpus": corpus.name,
            "skipped": outcome.problem or "there are no predictions",
        }
    gold, found = corpus.spans, outcome.found
    names, words = _headline(corpus, found, scored.counts[system.name])
    units = len(scored.by_unit[system.name])
    sampled = scored.sampled.get(system.name) if units > 1 else None

    def group(labels: Sequence[str], of: groups.Grouping) -> dict[str, ScoreRow]:
        return groups.grouped(labels, of, corpus.tokens, gold, found)

    learned = system.learned
    seen, reason = None, learned if isinstance(learned, str) else None
    if isinstance(learned, Learned):
        seen = group(SEEN, lambda words, name: learned.group(words[name.start : name.end]))
    certain = calibration.scored_names(gold, found)
    candidates = calibration.scored_names(gold, outcome.candidates) if outcome.candidates else None
    ranked = candidates or certain
    points = curve(*ranked) if ranked else []
    best, precise = calibration.operating_points(points)
    return {
        "model": system.name,
        "corpus": corpus.name,
        "skipped": None,
        "notes": _notes(system, corpus),
        "names": _with_intervals(names, None if sampled is None else sampled[:, :3]),
        "words": _with_intervals(words, None if sampled is None else sampled[:, 3:]),
        "undefined": UNDEFINED if names["f1"] is None else None,
        "unit": corpus.resampled,
        "units": units,
        "errors": counting.count_errors(map(counting.judge, gold, found)),
        "seen": seen,
        "seen_reason": reason,
        "by_name_length": group(groups.NAME_LENGTHS, groups.name_length),
        "by_sentence_length": group(groups.SENTENCE_LENGTHS, groups.sentence_length),
        "by_case": group(groups.CASES, groups.case),
        "calibration": reliability(certain.scores, certain.right) if certain else None,
        "candidates": reliability(*candidates.above(SHOWN_SCORE)) if candidates else None,
        "curve": thin(points),
        "recalls": [point_of_recall(points, recall) for recall in RECALLS],
        "best": best,
        "precise": precise,
        "seconds": outcome.seconds,
        "words_per_second": corpus.row["tokens"] / outcome.seconds if outcome.seconds else None,
        "kept": outcome.kept,
    }


def sentence_rows(scored: Scored, learned: Learned | None) -> list[SentenceRow]:
    """Return the sentences in which the gold standard or a system has a person."""
    corpus = scored.corpus
    rows: list[SentenceRow] = []
    for index, (words, gold) in enumerate(zip(corpus.tokens, corpus.spans, strict=True)):
        found = {
            name: [one for one in sentences[index] if one.label == PERSON]
            for name, sentences in scored.found.items()
        }
        if not any(found.values()) and all(name.label != PERSON for name in gold):
            continue
        row: SentenceRow = {
            "corpus": corpus.name,
            "document": corpus.documents[index],
            "line": corpus.lines[index][0] if corpus.lines else 0,
            "tokens": list(words),
            "gold": [(name.start, name.end, name.label) for name in gold],
            "seen": [
                learned.group(words[name.start : name.end])
                if learned and name.label == PERSON
                else None
                for name in gold
            ],
            "predictions": {
                name: [(one.start, one.end, one.score) for one in names]
                for name, names in found.items()
            },
            "errors": {},
        }
        for name, sentences in scored.found.items():
            of_gold, of_predicted = counting.judge(gold, sentences[index])
            row["errors"][name] = {
                "gold": [judged.kind for judged in of_gold],
                "predicted": [judged.kind for judged in of_predicted if judged.kind],
            }
        rows.append(row)
    return rows


def _headline(corpus: EvaluationSet, found: Sentences, counts: Counts) -> tuple[ScoreRow, ScoreRow]:
    """Score as seqeval counts, and check that against the sum of the sentences."""
    predicted = [
        counting.tags_of(names, len(words))
        for names, words in zip(found, corpus.tokens, strict=True)
    ]
    scores = score(corpus.tags, predicted)
    total = tuple(map(int, counts.sum(axis=0)))
    for one, ours in ((scores.names, total[:3]), (scores.words, total[3:])):
        if (one.support, one.predicted, one.correct) != ours:
            raise RuntimeError(
                f"{corpus.name}: seqeval counts {one}, and sentence by sentence {ours}"
            )
    return score_row(*total[:3]), score_row(*total[3:])


def _with_intervals(row: ScoreRow, sampled: Counts | None) -> IntervalScoreRow:
    found = [None] * 3 if sampled is None else intervals(sampled)
    pairs = zip(RATIOS, found, strict=True)
    return {**row, "interval": {r: None if row[r] is None else ends for r, ends in pairs}}


def _notes(system: System, corpus: EvaluationSet) -> list[str]:
    if system.unit is None or system.unit == corpus.unit:
        return []
    text = {"characters": "single characters", "words": "words"}
    return [
        f"{system.name} learned from text cut into {text[system.unit]}, and {corpus.name} is cut "
        f"into {text[corpus.unit]}: the scores say little"
    ]
