"""``ner-rnn compare``: several recipes trained under one budget, and a report of their scores."""

from __future__ import annotations

import argparse
import json
import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError, Setting, UserError

from . import console, settings
from .parser import whole_number
from .progress import progress_bar

if TYPE_CHECKING:
    from ner_rnn.corpora.corpus import Corpus
    from ner_rnn.model.settings import Config
    from ner_rnn.studies.compare import Cell, Job
    from ner_rnn.studies.comparison import Row

EXAMPLE = """\
examples:
  ner-rnn compare configs/*.yaml --data corpora/conll2003 --seeds 1 2 3 --output reports/cells
  ner-rnn compare configs/lstm_uni.yaml configs/lstm_bi.yaml --data open \\
      --trainer.epochs 4 --output reports/lstm
  ner-rnn compare configs/*.yaml --data corpora/conll2003 --seeds 1 2 3 4 --output reports/cells \\
      --model.memory false --workers 4 --resume

Each config is trained with each seed, as by 'ner-rnn train --config CONFIG --seed SEED', for the
same epochs and words a batch: those given here or the defaults, whatever the configs say. Any
other setting that is given here holds for all as well. Configs that come out as the very same
settings are trained once and share a row.

  OUTPUT/report.md, report.html, report.json    the table, how to read it, where it comes from
  OUTPUT/comparison.svg, cost.svg               F1 as bars; F1 against seconds of training
  OUTPUT/runs/CONFIG/seed-N                     the models, and the log of each training

With --resume, models that are trained already are kept; they must have the settings given now.
The exit status is 1 when a training failed; the report has the others.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.usage = (
        "ner-rnn compare CONFIG ... --data DATA --output FOLDER [--seeds N ...] [--workers N] "
        "[--resume] [--SETTING VALUE ...]"
    )
    parser.add_argument("configs", nargs="+", metavar="CONFIG", help="YAML files of settings")
    parser.add_argument(
        "--data",
        dest="data.corpus",
        default=argparse.SUPPRESS,
        metavar="DATA",
        help="corpus: a folder of split files, a Hub id, open or open:NAME",
    )
    parser.add_argument(
        "--seeds",
        nargs="+",
        type=whole_number(0, 2**32 - 1),
        default=[1],
        help="random seeds; each config is trained once with each [1]",
    )
    parser.add_argument(
        "--output", required=True, metavar="FOLDER", help="folder of models and report"
    )
    parser.add_argument(
        "--workers", type=whole_number(1, 1000), default=1,
        help="trainings at the same time, which share the cores",
    )  # fmt: skip
    parser.add_argument(
        "--resume", action="store_true", help="keep the models that this folder holds already"
    )
    settings.add_flags(parser, only=settings.known() - {"data.corpus", "seed"})


def run(args: argparse.Namespace) -> int:
    """Train, measure, write the report and print its table."""
    output = Path(args.output)
    if not args.resume and output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise ConfigError(
            f"{output} is there already: add --resume to keep what is trained in it, "
            "or give another --output"
        )
    with console.owning(output):
        return _compare(args, output)


def _compare(args: argparse.Namespace, output: Path) -> int:
    typed = {key: value for key, value in vars(args).items() if key in settings.known()}
    for place, seed in enumerate(args.seeds):
        if seed in args.seeds[:place]:
            raise ConfigError(f"--seeds holds {seed} twice: give each seed once")
    recipes, flags = _recipes(args.configs, typed, args.parser.flag)
    from ner_rnn.corpora.read import read_splits
    from ner_rnn.studies.compare import is_done, jobs_of, plan
    from ner_rnn.text.writing_folders import check_folder

    cells = plan(recipes)
    jobs = jobs_of(cells, args.seeds, output)
    data = recipes[0][1].data
    golds = read_splits(data)
    if "train" not in golds:
        raise ConfigError("there is nothing to learn from: give --data or --data.train")
    split = next((known for known in ("test", "dev") if known in golds), None)
    if split is None:
        raise ConfigError("there is nothing to score on: give --data.test or --data.dev")
    if split == "dev":
        console.notice("there is no test split: the scores are of dev")
    checksums = {name: corpus.sha256 for name, corpus in golds.items()}
    to_do = [job for job in jobs if not is_done(job, checksums)]
    check_folder(output)
    if len(to_do) < len(jobs):
        console.notice(f"{len(jobs) - len(to_do)} of {len(jobs)} trainings are done already")
    failures = _train(to_do, flags, args.workers, split)
    rows = _rows(cells, [job for job in jobs if job not in failures], golds[split])

    from ner_rnn.machine import cores, machine, timestamp
    from ner_rnn.studies.compare import BUDGET
    from ner_rnn.studies.comparison import Comparison, write_report
    from ner_rnn.studies.comparison_charts import draw
    from ner_rnn.text.report_table import to_rich

    trainer = recipes[0][1].trainer
    comparison = Comparison(
        rows=rows,
        split=split,
        data={
            name: {
                "sentences": len(gold.tokens),
                "words": sum(map(len, gold.tokens)),
                "sha256": checksums[name],
            }
            for name, gold in golds.items()
        },
        budget={
            **{(name := key.partition(".")[2]): getattr(trainer, name) for key in BUDGET},
            "seeds": args.seeds,
        },
        settings={
            key: value
            for key, value in typed.items()
            if key not in BUDGET and not key.startswith("data.")
        },
        failures={str(job): why for job, why in failures.items()},
        command=shlex.join(args.words),
        date=timestamp(),
        machine={**machine(), "cores": os.cpu_count() or cores(), "usable": cores()},
    )
    write_report(comparison, draw(comparison), output)
    widest = min(20, max((len(n) for row in comparison.rows for n in row.names), default=0) + 1)
    console.show(
        to_rich(comparison.table(), title="", first=widest, tight=True),
        "\n".join(comparison.remarks()),
        f"\nThe report is in {output}: report.md, report.html, report.json",
    )
    for job, why in failures.items():
        console.notice(f"{job} failed: {why}")
    return 1 if failures else 0


def _recipes(
    paths: Sequence[str], typed: Mapping[str, str], flag: Callable[[str], str]
) -> tuple[list[tuple[str, Config]], list[str]]:
    """Return file and settings of each config, and the flags to train all of them with."""
    from ner_rnn.studies.compare import BUDGET

    defaults = settings.load(None, {}).trainer
    budget = {key: str(getattr(defaults, key.partition(".")[2])) for key in BUDGET}
    common = {**budget, **typed}
    recipes = []
    for path in paths:
        try:
            config = settings.load(path, common)
        except UserError as problem:
            if not isinstance(problem.where, Setting):  # names the file
                raise
            raise type(problem)(problem.line(flag), where=path) from None
        recipes.append((path, config))
    return recipes, [f"--{key.replace('_', '-')}={value}" for key, value in common.items()]


def _train(jobs: Sequence[Job], flags: Sequence[str], workers: int, split: str) -> dict[Job, str]:
    """Train all, with a progress bar and a line for each training that ends."""
    from ner_rnn.studies.subprocesses import train_all

    if not jobs:
        return {}
    with progress_bar("training", len(jobs)) as bar:
        shares = dict.fromkeys(jobs, 0.0)

        def on_share(job: Job, share: float) -> None:
            shares[job] = share
            bar.show("training", sum(shares.values()), len(jobs))

        def on_end(job: Job, failure: str | None) -> None:
            done = f"failed: {failure}" if failure else _in_short(job, split)
            bar.print(f"{job}: {done}")
            on_share(job, 1.0)

        return train_all(jobs, flags, workers=workers, on_share=on_share, on_end=on_end)


def _in_short(job: Job, split: str) -> str:
    """Return the result of a training: ``test F1 88.13, 134 s``."""
    metrics = json.loads((job.folder / "metrics.json").read_text("utf-8"))
    f1, seconds = metrics["scores"][split]["names"]["f1"], metrics["seconds"]["processor"]
    shown = "undefined" if f1 is None else f"{100 * f1:.2f}"
    return f"{split} F1 {shown}, {seconds:.0f} s of processor time"


def _rows(cells: Sequence[Cell], jobs: Sequence[Job], gold: Corpus) -> list[Row]:
    """Return one row for each cell of which a training succeeded."""
    from ner_rnn.studies.compare import runs_of
    from ner_rnn.studies.comparison import Row
    from ner_rnn.studies.cost import documents_of, measure

    documents = documents_of(gold)
    rows = []
    with progress_bar("measuring speed", len(cells)) as bar:
        for cell in cells:
            own = [job for job in jobs if job.cell == cell]
            if own:
                cost = asdict(measure(own[0].folder, documents))
                rows.append(Row(cell.names, runs_of(own), **cost, one_pass=cell.by_ridge))
            bar.advance()
    return rows
