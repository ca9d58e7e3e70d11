"""What a report holds: the shape of report.json, and what the page is given beside it.

    report.json          a ``Report``: every figure, no sentence; stays small
    the browser          a list of ``SentenceRow``, handed to the page alone
    the plots            a list of ``Figure``: SVG, drawn once for page and Markdown alike

The page is written by ``evaluation.page.write_page``.

All ratios are from 0 to 1 or None: undefined, to be shown as a dash, never as 0. All counts are
whole numbers. Only persons are scored. ``model`` and ``corpus`` are everywhere the ``name`` of an
entry of ``models`` and ``corpora``, which are unique. Types alone: nothing here runs.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ner_rnn.machine import Machine
from ner_rnn.training.reliability import Reliability

__all__ = [
    "FORMAT",
    "CellHead",
    "CellRow",
    "ComparisonRow",
    "CorpusRow",
    "CurvePoint",
    "Errors",
    "FalseNegatives",
    "FalsePositives",
    "Figure",
    "Groups",
    "Interval",
    "IntervalScoreRow",
    "Intervals",
    "ModelRow",
    "Provenance",
    "Report",
    "ScoreRow",
    "SentenceErrors",
    "SentenceRow",
    "TotalRow",
    "TrainingPoint",
]

FORMAT = 1
"""Version of the layout; a reader refuses a higher one."""

Interval = tuple[float, float]
"""95 %, low and high; a list of two in JSON."""


class Intervals(TypedDict):
    """Percentile bootstrap; None where the ratio is undefined or there is one unit alone."""

    precision: Interval | None
    recall: Interval | None
    f1: Interval | None


class ScoreRow(TypedDict):
    """Counts and ratios of one kind of thing."""

    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    predicted: int
    correct: int


class IntervalScoreRow(ScoreRow):
    """Where the sampling was done as well."""

    interval: Intervals


class FalsePositives(TypedDict):
    """Each false positive is one of these: all of them add up to ``predicted - correct``."""

    invented: int
    """Touches no name of the gold standard."""
    boundary: int
    """Touches a person's name of the gold standard, but begins or ends elsewhere."""
    wrong_type: dict[str, int]
    """Touches no person, but a name of this other type, most frequent first: {"ORG": 12}."""


class FalseNegatives(TypedDict):
    """Each false negative is one of these: all of them add up to ``support - correct``."""

    missed: int
    """No predicted name touches it."""
    boundary: int
    """A predicted person touches it, but begins or ends elsewhere."""
    wrong_type: dict[str, int]
    """Touched by predicted names of this other type alone; empty for systems that name persons
    only, as this package's models do."""


class Errors(TypedDict):
    """Every name, found or not, counted once."""

    true_positives: int
    false_positives: FalsePositives
    false_negatives: FalseNegatives


Groups = dict[str, ScoreRow]
"""Label of a group -> its score, in the order to be shown; the groups add up to all names."""


class CurvePoint(TypedDict):
    """All names scored at least ``threshold`` are taken."""

    threshold: float
    precision: float | None
    recall: float | None
    f1: float | None


class CellHead(TypedDict):
    """Which model and which corpus."""

    model: str
    corpus: str
    skipped: str | None
    """Why there are no figures, in one line; None: there are."""


class CellRow(CellHead, total=False):
    """One model on one corpus; where ``skipped`` is a text, there are no keys but the head's."""

    notes: list[str]
    """What should be known before its figures are believed."""
    names: IntervalScoreRow
    words: IntervalScoreRow
    undefined: str | None
    """Why F1 of names is None, in words."""
    unit: Literal["document", "sentence"]
    """What was resampled."""
    units: int
    errors: Errors
    seen: Groups | None
    """``seen``: it is a person's name in the training data, letter case aside; ``unseen``: it is
    not, though some word of it stands there; ``unseen_words``: none of its words does. None: see
    ``seen_reason``."""
    seen_reason: str | None
    """Why ``seen`` is None, in words."""
    by_name_length: Groups
    """``1``, ``2``, ``3``, ``4+`` words."""
    by_sentence_length: Groups
    """``1-10``, ``11-20``, ``21-40``, ``41+`` words."""
    by_case: Groups
    """``Title``, ``UPPER``, ``lower``, ``mixed``, ``none`` (a script without case)."""
    calibration: Reliability | None
    """None where predictions carry no score, or there are none."""
    curve: list[CurvePoint]
    """By falling threshold; at most 200 points; empty where predictions carry no score."""
    best: CurvePoint | None
    """Highest F1 over all thresholds (chosen on this very corpus: an upper bound)."""
    precise: CurvePoint | None
    """Highest recall with precision of 0.99 or more; None: there is none."""
    seconds: float | None
    """Spent on tagging; None for predictions read from a file."""
    words_per_second: float | None
    kept: bool
    """From an earlier run (``--resume``)."""


class TrainingPoint(TypedDict):
    """One epoch, or one logged step, of a training."""

    epoch: float
    loss: float | None
    dev_f1: float | None


class ModelRow(TypedDict):
    """A model, or another system's predictions."""

    name: str
    kind: Literal["model", "predictions"]
    path: str
    sha256: str | None
    """Of weights, vocabulary and config together; of the file of predictions."""
    parameters: int | None
    config: dict[str, Any]
    """What tells it from others, flat: {"model.cell": "lstm", "seed": 1, ...}."""
    notes: list[str]
    curve: list[TrainingPoint]
    """Empty where the run has no logs."""
    problem: str | None
    """Why it could not be used, in one line; its cells are skipped."""


class CorpusRow(TypedDict):
    """An annotated file, or its stressed copy."""

    name: str
    path: str
    sha256: str | None
    sentences: int
    tokens: int
    names: int
    """Of persons."""
    documents: int
    labels: dict[str, int]
    """Spans by label as the file has them, most frequent first."""
    persons: list[str]
    """Which of these labels are a person."""
    scheme: str | None
    """How the file marks names: ``IOB1``, ...; all are converted to IOB2."""
    repaired: int
    """Tags that broke the scheme and were read as conlleval reads them."""
    dropped: int
    """Sentences left out; see ``notes``."""
    notes: list[str]
    stress: Literal["lower", "upper", "swap"] | None
    base: str | None
    """Name of the corpus that this is the stressed copy of."""
    problem: str | None
    """Why it could not be used, in one line; its cells are skipped."""


class TotalRow(TypedDict):
    """A model over all corpora of one kind: as they are, or stressed in one way."""

    model: str
    stress: Literal["lower", "upper", "swap"] | None
    corpora: list[str]
    """Those that count: not skipped."""
    micro: dict[Literal["names", "words"], ScoreRow]
    """From the sums of the counts."""
    macro: dict[Literal["names", "words"], dict[str, float | None]]
    """Means of precision, recall and f1 over the corpora where they are defined."""


class ComparisonRow(TypedDict):
    """Two models on one corpus. a is the one named first on the command line."""

    a: str
    b: str
    corpus: str
    difference: float | None
    """F1 on names of b minus that of a."""
    interval: Interval | None
    """Of the difference, by paired bootstrap."""
    p: float | None
    """Approximate randomisation, two-sided: (1 + count) / (1 + rounds)."""
    better: str | None
    """Name of the better one where p < 0.05; None: could be chance."""
    fixes: int
    """Errors of a that b does not make: missed names found, false ones not found."""
    breaks: int
    """Errors of b that a does not make."""


class Provenance(TypedDict):
    """All that is needed to make the report again."""

    command: str
    date: str
    """ISO 8601, UTC."""
    versions: dict[str, str]
    machine: Machine
    seconds: float
    seed: int
    resamples: int
    """Of the bootstrap; and rounds of the randomisation."""
    settings: dict[str, Any]
    """Of reading corpora and of stress."""


class Report(TypedDict):
    """report.json."""

    format: int
    provenance: Provenance
    models: list[ModelRow]
    corpora: list[CorpusRow]
    cells: list[CellRow]
    """One for each model and corpus, model by model."""
    totals: list[TotalRow]
    comparisons: list[ComparisonRow]
    verdicts: list[str]
    """What follows, in sentences of plain text."""


class SentenceErrors(TypedDict):
    """What one model did in one sentence."""

    gold: list[str]
    """For each entry of ``gold``: ``correct``, ``missed``, ``boundary``, ``wrong_type``, or ``""``
    where it is no person."""
    predicted: list[str]
    """For each entry of ``predictions[model]``: ``correct``, ``invented``, ``boundary``,
    ``wrong_type``."""


class SentenceRow(TypedDict):
    """A sentence for the browser: those where gold or a model has a person, in corpus order."""

    corpus: str
    document: str
    line: int
    """Of its first word in the file, from 1."""
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
    """A plot, to stand inline in the page and as a file beside report.md."""

    name: str
    """Unique; a file name without its ending: ``f1``, ``reliability__eng.testb``."""
    kind: str
    """Where it belongs: ``f1`` (one), ``reliability`` and ``curve`` (one a corpus, all models),
    ``training`` (one, all models with logs)."""
    caption: str
    alt: str
    """What it shows, for those who cannot see it."""
    svg: str
    """A whole ``<svg>`` element, no XML declaration; ids are unique across figures; text is text,
    lines and text in ``currentColor`` so that it follows the theme."""
