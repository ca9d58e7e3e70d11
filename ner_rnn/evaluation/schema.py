"""Types of a report: report.json, and what report.html holds beside it.

    report.json          a ``Report``: all figures, no sentences
    error browser        a list of ``SentenceRow``, in the page alone
    plots                a list of ``Figure``: SVG, drawn once for page and Markdown

Ratios are from 0 to 1, or None where undefined: shown as a dash, never as 0. Counts are whole
numbers. Only persons are scored. ``model`` and ``corpus`` are names of entries of ``models`` and
``corpora``, which are unique.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ner_rnn.corpora.corpus import Record
from ner_rnn.machine import Machine
from ner_rnn.model.recall import CurvePoint
from ner_rnn.training.reliability import Reliability

__all__ = [
    "FORMAT",
    "STRESSED",
    "CellHead",
    "CellRow",
    "ComparisonRow",
    "CorpusRow",
    "Errors",
    "FalseNegatives",
    "FalsePositives",
    "Figure",
    "Groups",
    "Interval",
    "IntervalScoreRow",
    "KindRow",
    "ModelRow",
    "Provenance",
    "Ratio",
    "Report",
    "ScoreRow",
    "SentenceErrors",
    "SentenceRow",
    "Stress",
    "TotalRow",
    "TrainingPoint",
]

FORMAT = 1
"""Version of the layout; higher ones are refused."""

Interval = tuple[float, float]
"""95 % confidence interval, low and high; a list of two in JSON."""


Stress = Literal["lower", "upper", "swap"]
"""Kinds of harder copies of a corpus."""
STRESSED: dict[Stress, str] = {
    "lower": "in lower case",
    "upper": "in upper case",
    "swap": "with names of another culture",
}
"""The same, in words."""
Ratio = Literal["precision", "recall", "f1"]
"""Ratios of counts; each is None where it is undefined."""


class ScoreRow(TypedDict):
    """Counts and ratios of names or of words."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    correct: int


class IntervalScoreRow(ScoreRow):
    """Counts and ratios with confidence intervals."""

    interval: dict[Ratio, Interval | None]
    """Percentile bootstrap; None where the ratio is undefined or there is a single unit."""


class FalsePositives(TypedDict):
    """False positives by kind; they add up to ``predicted - correct``."""

    invented: int
    """Overlaps no name of the gold standard."""
    boundary: int
    """Overlaps a person of the gold standard, but begins or ends elsewhere."""
    wrong_type: dict[str, int]
    """Overlaps no person, but a name of this other type, most frequent first: {"ORG": 12}."""


class FalseNegatives(TypedDict):
    """False negatives by kind; they add up to ``support - correct``."""

    missed: int
    """No predicted name overlaps it."""
    boundary: int
    """A predicted person overlaps it, but begins or ends elsewhere."""
    wrong_type: dict[str, int]
    """Only predicted names of this other type overlap it; empty for systems that predict persons
    alone, as the models of this package."""


class Errors(TypedDict):
    """Every name, found or missed, counted once."""

    true_positives: int
    false_positives: FalsePositives
    false_negatives: FalseNegatives


Groups = dict[str, ScoreRow]
"""Scores by label of a group, in order of display; the groups add up to all names."""


class CellHead(TypedDict):
    """Model and corpus of a cell."""

    model: str
    corpus: str
    skipped: str | None
    """Reason why there are no figures, in one line; None: there are."""


class CellRow(CellHead, total=False):
    """One model on one corpus; where ``skipped`` is a text, other keys are absent."""

    notes: list[str]
    """Remarks that limit the meaning of the figures."""
    names: IntervalScoreRow
    words: IntervalScoreRow
    undefined: str | None
    """Reason why F1 of names is None."""
    unit: Literal["document", "sentence"]
    """Unit of resampling."""
    units: int
    errors: Errors
    seen: Groups | None
    """``seen``: the name is a person's in the training data, ignoring letter case; ``unseen``: it
    is not, but at least one of its words occurs there; ``unseen_words``: none of its words does.
    None: see ``seen_reason``."""
    seen_reason: str | None
    """Reason why ``seen`` is None."""
    by_name_length: Groups
    """``1``, ``2``, ``3``, ``4+`` words."""
    by_sentence_length: Groups
    """``1-10``, ``11-20``, ``21-40``, ``41+`` words."""
    by_case: Groups
    """``Title``, ``UPPER``, ``lower``, ``mixed``, ``none`` (a script without case)."""
    calibration: Reliability | None
    """Of the predicted names; None where predictions have no score, or there are none."""
    candidates: Reliability | None
    """Of all names with a probability of at least 0.05, also off the best path; None where there
    are none, or predictions were read from a file."""
    curve: list[CurvePoint]
    """By falling threshold; of candidates where there are any, else of predictions; at most 200
    points; empty where predictions have no score."""
    recalls: list[CurvePoint | None]
    """Highest threshold at which 95, 98 and 99 % of the names are found whole; None: never."""
    best: CurvePoint | None
    """Highest F1 over all thresholds (chosen on this corpus: an upper bound)."""
    precise: CurvePoint | None
    """Highest recall with precision of at least 0.99; None: there is none."""
    seconds: float | None
    """Time of tagging; None for predictions read from a file."""
    words_per_second: float | None
    kept: bool
    """True where it comes from an earlier run (``--resume``)."""


class TrainingPoint(TypedDict):
    """One epoch, or one logged step, of training."""

    epoch: float
    loss: float | None
    dev_f1: float | None


class ModelRow(TypedDict):
    """A model, or another system's predictions."""

    name: str
    kind: Literal["model", "predictions"]
    path: str
    sha256: str | None
    """Checksum of weights, vocabulary and config together, or of the file of predictions."""
    parameters: int | None
    config: dict[str, Any]
    """Settings, flat: {"model.cell": "lstm", "seed": 1, ...}."""
    notes: list[str]
    curve: list[TrainingPoint]
    """Empty where the run has no logs."""
    problem: str | None
    """Reason why it could not be used, in one line; its cells are skipped."""


class CorpusRow(Record):
    """An annotated file, or its stressed copy: its provenance, and its place in the report."""

    name: str
    dropped: int
    """Number of sentences left out; see ``notes``."""
    kind: str
    """Kind of text that it belongs to: files given under one name are one kind; else its name."""
    stress: Stress | None
    base: str | None
    """Name of the corpus that this is the stressed copy of."""
    problem: str | None
    """Reason why it could not be used, in one line; its cells are skipped."""


class TotalRow(TypedDict):
    """A model over all corpora as they are, or over all stressed copies of one kind."""

    model: str
    stress: Stress | None
    corpora: list[str]
    """Corpora that were not skipped."""
    micro: dict[Literal["names", "words"], ScoreRow]
    """From summed counts."""
    macro: dict[Literal["names", "words"], dict[Ratio, float | None]]
    """Means of precision, recall and f1 over the corpora where they are defined."""


class KindRow(TypedDict):
    """A model on one kind of text, or in the mean of all kinds, as it is or as stressed copies.

    These are the values of the picture that a report opens with.
    """

    kind: str | None
    """None: the mean over all kinds, each counted once."""
    model: str
    stress: Stress | None
    corpora: list[str]
    """Names of those that have persons; the F1 is the mean over them."""
    f1: float | None
    """F1 on names. None where it is undefined or the model was not run on all of the corpora."""
    interval: Interval | None
    """Of the F1, by resampling each corpus by itself."""


class ComparisonRow(TypedDict):
    """Two models on one corpus; a is given first on the command line."""

    a: str
    b: str
    corpus: str
    difference: float | None
    """F1 on names of b minus that of a."""
    interval: Interval | None
    """Confidence interval of the difference, by paired bootstrap."""
    p: float | None
    """Approximate randomisation, two-sided: (1 + count) / (1 + rounds)."""
    better: str | None
    """Name of the better model where p < 0.05; None: the difference could be chance."""
    fixes: int
    """Errors of a that b does not make: missed names and false names."""
    breaks: int
    """Errors of b that a does not make."""


class Provenance(TypedDict):
    """Everything needed to make the report again."""

    command: str
    date: str
    """ISO 8601, UTC."""
    versions: dict[str, str]
    machine: Machine
    seconds: float
    seed: int
    resamples: int
    """Number of bootstrap samples, and of rounds of the randomisation test."""
    settings: dict[str, Any]
    """Settings of reading corpora and of stress copies."""


class Report(TypedDict):
    """report.json."""

    format: int
    provenance: Provenance
    models: list[ModelRow]
    corpora: list[CorpusRow]
    cells: list[CellRow]
    """One for each model and corpus, model by model."""
    totals: list[TotalRow]
    kinds: list[KindRow]
    """Kind by kind, the mean of all last; each with all models, as it is and then stressed."""
    comparisons: list[ComparisonRow]
    verdicts: list[str]
    """Conclusions in at most five sentences of plain text, the most important first."""


class SentenceErrors(TypedDict):
    """Results of one model in one sentence."""

    gold: list[str]
    """For each entry of ``gold``: ``correct``, ``missed``, ``boundary``, ``wrong_type``, or ``""``
    where it is no person."""
    predicted: list[str]
    """For each entry of ``predictions[model]``: ``correct``, ``invented``, ``boundary``,
    ``wrong_type``."""


class SentenceRow(TypedDict):
    """A sentence in which the gold standard or a model has a person, in corpus order."""

    corpus: str
    document: str
    line: int
    """Line of its first word in the file, from 1; 0: the source has no lines."""
    tokens: list[str]
    gold: list[tuple[int, int, str]]
    """First word, word after the last, type; persons are always ``PER``."""
    seen: list[str | None]
    """For each entry of ``gold``: ``seen``, ``unseen``, ``unseen_words``; None: no person, or not
    known. By the training data of the first model whose training data is known."""
    predictions: dict[str, list[tuple[int, int, float | None]]]
    """By model: first word, word after the last, score. Models skipped on this corpus are absent.
    Persons alone."""
    errors: dict[str, SentenceErrors]
    """By model."""


class Figure(TypedDict):
    """A plot: inline in the page, and a file beside report.md."""

    name: str
    """Unique; a file name without its ending: ``f1``, ``reliability__eng.testb``."""
    kind: str
    """Section: the name up to ``__``."""
    caption: str
    alt: str
    """Description for readers who cannot see it."""
    svg: str
    """A whole ``<svg>`` element, no XML declaration; ids are unique across figures; text is text,
    lines and text in ``currentColor`` so that it follows the theme."""
