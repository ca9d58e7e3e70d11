"""report.md: the whole report as Markdown tables, with the plots as files beside it.

What stands in a table cell or in a line of text is escaped, so that the name of a file or a label
of a corpus shows as it is. Knows nothing of the error browser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ner_rnn.evaluation.schema import CellRow, Figure, Groups, Interval, Report, ScoreRow

__all__ = ["escape", "markdown"]

DASH = "–"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")

SEEN = {"seen": "seen", "unseen": "unseen", "unseen_words": "of unseen words only"}


def markdown(report: Report, figures: Sequence[Figure], folder: str = "plots") -> Iterator[str]:
    """The text, line by line.

    Args:
        report: every figure.
        figures: plots; each is taken to stand in ``folder`` as ``<name>.svg``.
        folder: beside the file.
    """
    for block in _blocks(report, figures, folder):
        yield from (line + "\n" for line in block)
        yield "\n"


def escape(text: object) -> str:
    r"""Text as Markdown shows it: ``a_b | <c>`` -> ``a\_b \| \<c\>``."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))


Block = Iterable[str]


def _blocks(report: Report, figures: Sequence[Figure], folder: str) -> Iterator[Block]:
    def plots(*kinds: str) -> Iterator[Block]:
        for figure in figures:
            if figure["kind"] in kinds:
                yield [f"![{escape(figure['alt'])}]({folder}/{figure['name']}.svg)"]
                yield [f"*{escape(figure['caption'])}*"]

    scored = [cell for cell in report["cells"] if cell["skipped"] is None]
    yield ["# Person names: a report"]
    yield [f"- {escape(sentence)}" for sentence in report["verdicts"]] or ["Nothing was scored."]
    yield ["## Scores"]
    yield [
        "Names count where both ends are right (strict IOB2, counted by seqeval), words by whether "
        "they are part of a name. In percent; in brackets 95 % intervals. A dash is undefined."
    ]
    yield _scores(report["cells"])
    yield from plots("f1")
    if report["totals"]:
        yield ["### Over all corpora"]
        yield _totals(report)
    if report["comparisons"]:
        yield ["### Differences between models"]
        yield [
            f"F1 of the second minus F1 of the first, in points; p by approximate randomisation "
            f"with {report['provenance']['resamples']:,} rounds, not corrected for the "
            f"{len(report['comparisons'])} comparisons."
        ]
        yield _comparisons(report)
    if scored:
        yield ["## Where it fails"]
        yield _errors(scored)
        yield from _all_groups(scored)
        yield ["## How sure it is"]
        yield _certainty(scored)
        yield from plots("reliability", "curve")
    if any(figure["kind"] == "training" for figure in figures):
        yield ["## Training"]
        yield from plots("training")
    yield ["## What it rests on"]
    yield from _provenance(report)


def _scores(cells: Sequence[CellRow]) -> Block:
    rows = []
    for cell in cells:
        head = [escape(cell["model"]), escape(cell["corpus"])]
        if cell["skipped"] is not None:
            rows.append([*head, DASH, DASH, DASH, DASH, DASH, escape(cell["skipped"])])
            continue
        names, words = cell["names"], cell["words"]
        interval = names["interval"]
        rows.append(
            [
                *head,
                f"{names['support']:,}",
                _with(names["precision"], interval["precision"]),
                _with(names["recall"], interval["recall"]),
                f"**{_percent(names['f1'])}** {_range(interval['f1'])}".strip(),
                _with(words["f1"], words["interval"]["f1"]),
                escape("; ".join([*filter(None, [cell["undefined"]]), *cell["notes"]])),
            ]
        )
    head = ["model", "corpus", "names", "precision", "recall", "F1", "F1 on words", ""]
    return _table(head, rows, left=(0, 1, 7))


def _totals(report: Report) -> Block:
    rows = [
        [
            escape(row["model"]),
            row["stress"] or "as they are",
            str(len(row["corpora"])),
            *(_percent(row["micro"]["names"][ratio]) for ratio in ("precision", "recall", "f1")),
            _percent(row["macro"]["names"]["f1"]),
            _percent(row["micro"]["words"]["f1"]),
        ]
        for row in report["totals"]
    ]
    head = ["model", "copies", "corpora", "precision", "recall", "F1 (micro)", "F1 (macro)"]
    return _table([*head, "F1 on words (micro)"], rows, left=(0, 1))


def _comparisons(report: Report) -> Block:
    rows = [
        [
            escape(row["a"]),
            escape(row["b"]),
            escape(row["corpus"]),
            DASH if row["difference"] is None else f"{100 * row['difference']:+.2f}",
            _range(row["interval"]),
            DASH if row["p"] is None else f"{row['p']:.4f}",
            escape(row["better"] or "could be chance") if row["p"] is not None else DASH,
            f"{row['fixes']:,}",
            f"{row['breaks']:,}",
        ]
        for row in report["comparisons"]
    ]
    head = ["first", "second", "corpus", "difference", "95 %", "p", "better", "fixes", "breaks"]
    return _table(head, rows, left=(0, 1, 2, 6))


def _errors(cells: Sequence[CellRow]) -> Block:
    rows = []
    for cell in cells:
        wrong, lost = cell["errors"]["false_positives"], cell["errors"]["false_negatives"]
        names = cell["names"]
        rows.append(
            [
                escape(cell["model"]),
                escape(cell["corpus"]),
                f"{names['support'] - names['correct']:,}",
                f"{lost['missed']:,}",
                f"{lost['boundary']:,}",
                _types(lost["wrong_type"]),
                f"{names['predicted'] - names['correct']:,}",
                f"{wrong['invented']:,}",
                f"{wrong['boundary']:,}",
                _types(wrong["wrong_type"]),
            ]
        )
    head = ["model", "corpus", "not found", "= missed", "+ boundary", "+ other type"]
    head += ["wrongly found", "= invented", "+ boundary", "+ other type"]
    return _table(head, rows, left=(0, 1))


def _all_groups(cells: Sequence[CellRow]) -> Iterator[Block]:
    known = [(cell, cell["seen"]) for cell in cells if cell["seen"] is not None]
    if known:
        yield ["### Names seen in training"]
        yield _groups([(cell, {SEEN[k]: v for k, v in groups.items()}) for cell, groups in known])
    reasons = {cell["model"]: cell["seen_reason"] for cell in cells if cell["seen_reason"]}
    for model, reason in reasons.items():
        yield [f"Left out for {escape(model)}: {escape(reason)}."]
    yield ["### By length of the name, in words"]
    yield _groups([(cell, cell["by_name_length"]) for cell in cells])
    yield ["### By length of the sentence, in words"]
    yield _groups([(cell, cell["by_sentence_length"]) for cell in cells])
    yield ["### By letter case of the name"]
    yield _groups([(cell, cell["by_case"]) for cell in cells])


def _groups(tables: Sequence[tuple[CellRow, Groups]]) -> Block:
    labels = list(tables[0][1])
    rows = [
        [escape(cell["model"]), escape(cell["corpus"]), *(_group(groups[key]) for key in labels)]
        for cell, groups in tables
    ]
    return _table(["model", "corpus", *labels], rows, left=(0, 1))


def _group(score: ScoreRow) -> str:
    """F1, and how many names there are: ``91.2 (1,204)``."""
    return f"{_percent(score['f1'])} ({score['support']:,})"


def _certainty(cells: Sequence[CellRow]) -> Block:
    rows = []
    for cell in cells:
        known, best, precise = cell["calibration"], cell["best"], cell["precise"]
        rows.append(
            [
                escape(cell["model"]),
                escape(cell["corpus"]),
                DASH if known is None else f"{100 * known['ece']:.1f}",
                DASH if best is None else f"{best['threshold']:.3f}",
                DASH if best is None else _percent(best["f1"]),
                DASH if precise is None else f"{precise['threshold']:.3f}",
                DASH if precise is None else _percent(precise["recall"]),
            ]
        )
    head = ["model", "corpus", "calibration error, %", "best F1 at a score of", "F1 there"]
    head += ["precision of 99 % at a score of", "recall there"]
    return _table(head, rows, left=(0, 1))


def _provenance(report: Report) -> Iterator[Block]:
    made = report["provenance"]
    machine = made["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    yield [
        f"- Command: `` {' '.join(made['command'].replace('`', chr(39)).split())} ``",
        f"- Made: {escape(made['date'])}, in {made['seconds']:,} seconds",
        f"- With: {escape(versions)}",
        f"- On: {escape(machine['system'])}, {escape(machine['processor'])}, "
        f"{machine['cores']} cores",
        f"- Chance: seed {made['seed']}, {made['resamples']:,} resamples",
        f"- Settings: `` {json.dumps(made['settings'], ensure_ascii=False)} ``",
    ]
    rows = [
        [
            escape(model["name"]),
            escape(model["path"]),
            DASH if model["parameters"] is None else f"{model['parameters']:,}",
            escape(", ".join(f"{key} {value}" for key, value in model["config"].items())),
            f"`{model['sha256'] or DASH}`",
            escape("; ".join([*filter(None, [model["problem"]]), *model["notes"]])),
        ]
        for model in report["models"]
    ]
    yield ["### Models"]
    yield _table(
        ["model", "from", "parameters", "settings", "sha256", "notes"], rows, left=(0, 1, 3, 4, 5)
    )
    rows = [
        [
            escape(corpus["name"]),
            escape(corpus["path"]),
            f"{corpus['sentences']:,}",
            f"{corpus['tokens']:,}",
            f"{corpus['names']:,}",
            f"{corpus['documents']:,}",
            escape(", ".join(corpus["persons"]) or DASH),
            escape(corpus["scheme"] or DASH),
            f"{corpus['dropped']:,}",
            f"`{corpus['sha256'] or DASH}`",
            escape("; ".join([*filter(None, [corpus["problem"]]), *corpus["notes"]])),
        ]
        for corpus in report["corpora"]
    ]
    yield ["### Corpora"]
    head = ["corpus", "from", "sentences", "words", "names", "documents", "a person is", "scheme"]
    yield _table([*head, "dropped", "sha256", "notes"], rows, left=(0, 1, 6, 7, 9, 10))
    speeds = [
        [escape(cell["model"]), escape(cell["corpus"]), f"{cell['words_per_second']:,.0f}"]
        for cell in report["cells"]
        if cell["skipped"] is None and cell["words_per_second"]
    ]
    if speeds:
        yield ["### Speed"]
        yield _table(["model", "corpus", "words per second"], speeds, left=(0, 1))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> Block:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---" if i in left else "---:" for i in range(len(head))) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _percent(ratio: float | None) -> str:
    return DASH if ratio is None else f"{100 * ratio:.2f}"


def _range(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return f"({100 * interval[0]:.1f} to {100 * interval[1]:.1f})"


def _with(ratio: float | None, interval: Interval | None) -> str:
    return f"{_percent(ratio)} {_range(interval)}".strip()


def _types(counts: Mapping[str, int]) -> str:
    if not (total := sum(counts.values())):
        return "0"
    return f"{total:,} ({', '.join(f'{escape(label)} {n:,}' for label, n in counts.items())})"
