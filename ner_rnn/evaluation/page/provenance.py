"""The section of provenance: what was measured, on what, by whom, and how to do it again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from ner_rnn.evaluation.page.markup import number, row, rows_of_terms, table, text
from ner_rnn.evaluation.schema import CellRow, CorpusRow, ModelRow, Report

__all__ = ["provenance"]


def provenance(report: Report) -> str:
    """Models, corpora and the run itself."""
    speeds: dict[str, list[CellRow]] = {}
    for cell in report["cells"]:
        if not cell["skipped"] and cell["words_per_second"] is not None:
            speeds.setdefault(cell["model"], []).append(cell)
    models = "".join(_model(model, speeds.get(model["name"], ())) for model in report["models"])
    corpora = "".join(_corpus(corpus) for corpus in report["corpora"])
    return (
        f"<h3>Models</h3>{_differing(report['models'])}{models}<h3>Corpora</h3>{corpora}"
        f"<h3>This run</h3>{_run(report)}"
    )


def _differing(models: list[ModelRow]) -> str:
    """The settings in which the models differ, side by side."""
    keys = dict.fromkeys(key for model in models for key in model["config"])
    configured = [model for model in models if model["config"]]
    differing = [key for key in keys if len({_setting(model, key) for model in configured}) > 1]
    if len(configured) < 2 or not differing:
        return ""
    names = "".join(f'<th scope="col">{text(model["name"])}</th>' for model in configured)
    rows = [
        row(f"<code>{text(key)}</code>", [_setting(m, key) for m in configured])
        for key in differing
    ]
    head = f'<tr><th scope="col">Differs in</th>{names}</tr>'
    return table("Settings in which the models differ", head, [("", rows)], 1 + len(configured))


def _model(model: ModelRow, cells: Iterable[CellRow]) -> str:
    """One model, folded; what went wrong with it is seen without opening."""
    pairs = [("from", f"<code>{text(model['path'])}</code>")]
    pairs += [("SHA-256", f"<code>{text(model['sha256'])}</code>")] if model["sha256"] else []
    if model["parameters"] is not None:
        pairs.append(("parameters", number(model["parameters"])))
    speed = ", ".join(
        f"{number(round(cell['words_per_second'] or 0))} on {text(cell['corpus'])}"
        for cell in cells
    )
    pairs += [("words a second", speed)] if speed else []
    pairs += [("note", text(note)) for note in model["notes"]]
    settings = _settings(model["config"])
    pairs += [("settings", settings)] if settings else []
    what = "model" if model["kind"] == "model" else "predictions of another system"
    return _entry(model["name"], what, model["problem"], pairs)


def _corpus(corpus: CorpusRow) -> str:
    """One corpus, folded."""
    persons = set(corpus["persons"])
    labels = ", ".join(
        f"{'<b>' if label in persons else ''}{text(label)}{'</b>' if label in persons else ''} "
        f"{number(count)}"
        for label, count in corpus["labels"].items()
    )
    mapping = ", ".join(text(label) for label in corpus["persons"])
    scheme = f"{text(corpus['scheme'])}, read as IOB2" if corpus["scheme"] else "none found"
    pairs = [
        ("from", f"<code>{text(corpus['path'])}</code>"),
        ("SHA-256", f"<code>{text(corpus['sha256'] or 'not read')}</code>"),
        ("labels", labels or "none"),
        ("read as a person", mapping or "none"),
        ("marked by", scheme),
        ("tags repaired", number(corpus["repaired"])),
        ("sentences dropped", number(corpus["dropped"])),
    ]
    pairs += [("note", text(note)) for note in corpus["notes"]]
    size = (
        f"{_many(corpus['names'], 'name')}, {_many(corpus['sentences'], 'sentence')}, "
        f"{_many(corpus['tokens'], 'word')}, {_many(corpus['documents'], 'document')}"
    )
    return _entry(corpus["name"], size, corpus["problem"], pairs)


def _run(report: Report) -> str:
    """Command, date, versions, machine."""
    made = report["provenance"]
    machine = made["machine"]
    versions = ", ".join(f"{text(name)} {text(v)}" for name, v in made["versions"].items())
    kept = sum(not cell["skipped"] and cell["kept"] for cell in report["cells"])
    pairs = [
        ("command", f"<code>{text(made['command'])}</code>"),
        ("date", text(made["date"])),
        ("took", f"{made['seconds']:.1f} s" + (f"; {kept} of the cells kept" if kept else "")),
        (
            "machine",
            f"{text(machine['processor'])}, {_many(machine['cores'], 'core')}, "
            f"{text(machine['system'])}",
        ),
        ("versions", versions),
        ("seed", text(made["seed"])),
        ("resamples", number(made["resamples"])),
    ]
    settings = _settings(made["settings"])
    return rows_of_terms(pairs + ([("settings", settings)] if settings else []))


def _many(count: int, what: str) -> str:
    """``1 document``, ``2 documents``."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def _entry(name: str, what: str, problem: str | None, pairs: list[tuple[str, str]]) -> str:
    """A line to open; ``what`` and the values of the pairs are HTML."""
    trouble = f' <b class="problem">{text(problem)}</b>' if problem else ""
    return (
        f"<details><summary>{text(name)} <small>{what}</small>"
        f"{trouble}</summary>{rows_of_terms(pairs)}</details>"
    )


def _settings(settings: Mapping[str, object]) -> str:
    """``key value``, one after the other."""
    return ", ".join(f"<code>{text(k)}</code> {_value(v)}" for k, v in settings.items())


def _setting(model: ModelRow, key: str) -> str:
    """What a model has for a setting that others have."""
    if key not in model["config"]:
        return '<span class="none">not set</span>'
    return _value(model["config"][key])


def _value(value: object) -> str:
    """A setting as a person would type it."""
    return text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
