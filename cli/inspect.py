"""``ner-rnn inspect memory``: how far back does each network remember?"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import BundleError, ConfigError, UserError

from . import console, settings
from .memory_tables import memory_tables
from .progress import progress_bar

if TYPE_CHECKING:
    from ner_rnn.model.settings import ModelConfig
    from ner_rnn.studies.gradients import Curve, Text
    from ner_rnn.studies.memory import Memory, Tried

PARTS = ("gradients", "recall", "clipping")
PROBED = 20
"""Lag of the task whose networks are looked at where no trained tagger is given."""

_SETTINGS = {"data.token_column", "data.tag_column", "data.scheme", "data.encoding"}

EXAMPLE = """\
Three answers, each a picture and a part of OUTPUT/report.md and report.json:

  gradients   the size of d h(T) / d h(T-k) against the lag k, on a logarithmic scale: what is left
              of a small change k words later. In the taggers of --model, reading passages of
              --data; where no --model is given, in the small networks of --config once they have
              learned to recall a symbol 20 steps back, reading that task.
  recall      a task that needs nothing but memory: name a symbol seen k steps ago. The cell and
              its options of every --config and every --model take it, as a small network in one
              direction, trained anew for each k. Recipes that differ in nothing but direction or
              output share one cell.
  clipping    a ReLU network that explodes, trained with its gradient clipped and without; the
              same one whatever else is given.

A network that cannot be shown (no recurrence, not a model) is named on stderr and in the report,
and the others are shown.

examples:
  ner-rnn inspect memory --model runs/rnn runs/lstm --output reports/memory
  ner-rnn inspect memory --model reports/cells/runs/*/seed-1 --data eng.testa \\
      --output reports/memory
  ner-rnn inspect memory --config configs/rnn_uni.yaml configs/lstm_uni.yaml \\
      --output reports/memory
  ner-rnn inspect memory --model runs/lstm --only gradients --lags 20 --output reports/lstm
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("action", choices=["memory"], help="memory: how far back networks remember")
    parser.add_argument(
        "--model", nargs="+", default=[], metavar="FOLDER", help="trained models, one or more"
    )
    parser.add_argument(
        "--config", nargs="+", default=[], metavar="FILE", help="recipes (YAML), one or more"
    )
    parser.add_argument("--output", required=True, metavar="FOLDER", help="where the report goes")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="CoNLL column file for the models to read [the test split of the sample corpus]",
    )
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="leave out the others"
    )
    parser.add_argument(
        "--lags", type=_positive, default=40, metavar="N", help="largest lag of a gradient [40]"
    )
    parser.add_argument(
        "--passages", type=_positive, default=32, metavar="N", help="to average gradients over [32]"
    )
    parser.add_argument(
        "--seeds", type=_positive, default=3, metavar="N", help="networks a cell and k [3]"
    )
    parser.add_argument("--seed", type=_seed, default=1, metavar="N", help="the first of them [1]")
    settings.add_flags(parser, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, and print what it comes to."""
    if not args.model and not args.config and set(args.only) - {"clipping"}:
        raise ConfigError("there is no network to inspect: give --model or --config")
    if args.data and not args.model:
        raise ConfigError(
            "--data is what the models of --model read: give --model, or leave it out"
        )

    from ner_rnn.studies.comparison_charts import check_plots
    from ner_rnn.text.writing import check_folder

    check_plots()  # before anything is measured
    check_folder(args.output)

    from ner_rnn.studies import memory

    left_out: list[str] = []
    models = _models(args.model, left_out)
    recipes = _recipes(args.config, left_out)
    tried = memory.gather([*((n, model) for n, _, model in models), *recipes])
    if not tried and set(args.only) - {"clipping"}:
        raise ConfigError("none of the networks given can be inspected; see the notes above")
    text = _text(args) if models and "gradients" in args.only else None
    read, curves, runs = _measure(args, models, tried, text)
    found = memory.Memory(
        read=read,
        curves=curves,
        tried=tried if "recall" in args.only else [],
        runs=runs,
        left_out=left_out,
        made_by=memory.provenance(
            ["ner-rnn", *map(shlex.quote, sys.argv[1:])],
            range(args.seed, args.seed + args.seeds),
        ),
    )
    memory.write(found, args.output)
    _show(found)
    console.notice(f"{args.output}/report.md has the pictures and what they mean")
    return 0


def _models(folders: Sequence[str], left_out: list[str]) -> list[tuple[str, str, ModelConfig]]:
    """Name, folder and recipe of each model that has a memory."""
    from ner_rnn.model.bundle import read_bundle
    from ner_rnn.model.contents import model_config
    from ner_rnn.studies.gradients import names_of

    models = []
    for name, folder in zip(names_of(folders), folders, strict=True):
        try:
            model = model_config(read_bundle(folder))
            if model.cell == "none":
                raise BundleError(
                    f"{folder}: its model.cell is none: it reads each word alone and has no memory"
                )
        except UserError as problem:
            _leave_out(str(problem), left_out)
        else:
            models.append((name, folder, model))
    return models


def _recipes(paths: Sequence[str], left_out: list[str]) -> list[tuple[str, ModelConfig]]:
    from pathlib import Path

    recipes = []
    for path in paths:
        try:
            model = settings.load(path, {}).model
            if model.cell == "none":
                raise ConfigError(
                    f"{path}: its model.cell is none: it reads each word alone and has no memory"
                )
        except UserError as problem:
            _leave_out(str(problem), left_out)
        else:
            recipes.append((Path(path).stem, model))
    return recipes


def _leave_out(why: str, left_out: list[str]) -> None:
    left_out.append(why)
    console.notice(f"left out: {why}")


def _text(args: argparse.Namespace) -> Text:
    from ner_rnn.studies.gradients import Text, sample_text

    if args.data is None:
        console.notice("no --data: the models read the test split of the sample corpus")
        return sample_text()

    from ner_rnn.corpora.corpus import load_split

    typed = {key: value for key, value in vars(args).items() if key in _SETTINGS}
    rows = load_split(args.data, settings.load(None, typed).data)
    return Text(args.data, rows["tokens"][:], rows["document"][:])


def _measure(
    args: argparse.Namespace,
    models: Sequence[tuple[str, str, ModelConfig]],
    tried: Sequence[Tried],
    text: Text | None,
) -> tuple[str, list[Curve], list[Any]]:
    """Everything that takes time, under one bar; fills in the results of ``tried``."""
    from ner_rnn.studies import clipping, memory_probe

    gradients, recall = "gradients" in args.only, "recall" in args.only
    seeds = range(args.seed, args.seed + args.seeds)
    pairs = [(lag, seed) for lag in memory_probe.LAGS for seed in seeds]
    work = len(models) if text else 0
    work += len(tried) * len(pairs) if recall else 0
    work += len(tried) if gradients and not text else 0
    work += len(clipping.RUNS) if "clipping" in args.only else 0
    curves: list[Curve] = []
    runs: list[Any] = []
    read = ""
    done = 0
    with progress_bar() as bar:

        def step(what: str, steps: int) -> None:
            nonlocal done
            done += steps
            bar.show("measuring", done, work, figures=what)

        if text:
            from ner_rnn.studies.gradients import measure_bundle

            read = f"trained taggers reading {text.name}"
            for name, folder, _ in models:
                step(f"gradients of {name}", 0)
                curves += measure_bundle(
                    folder, text, name=name, lags=args.lags, passages=args.passages, seed=args.seed
                )
                step(f"gradients of {name}", 1)
        elif gradients:
            read = f"networks trained to recall a symbol {PROBED} steps back, at that task"
            for cell in tried:
                step(f"gradients of {cell.name}", 0)
                curves += _of_probe(cell, args)
                step(f"gradients of {cell.name}", 1)
        for cell in tried if recall else ():
            for lag, seed in pairs:
                step(f"{cell.name}, {lag} steps back", 0)
                cell.results.setdefault(lag, []).append(
                    memory_probe.recall(cell.model, lag, seed)[0]
                )
                step(f"{cell.name}, {lag} steps back", 1)
        if "clipping" in args.only:
            step("clipping", 0)
            for run in clipping.train_all(args.seed, clipping.STEPS):
                runs.append(run)
                step("clipping", 1)
    return read, curves, runs


def _of_probe(cell: Tried, args: argparse.Namespace) -> list[Curve]:
    import numpy as np

    from ner_rnn.studies import memory_probe
    from ner_rnn.studies.gradients import measure_encoder

    _, reader = memory_probe.recall(cell.model, PROBED, args.seed)
    x, _ = memory_probe.draw(args.lags, args.passages, np.random.default_rng(args.seed))
    return measure_encoder(reader.encoder, x, name=cell.name, cell=cell.model.cell, seed=args.seed)


def _show(found: Memory) -> None:
    from rich.console import Console

    out = Console(highlight=False)
    for table in memory_tables(found):
        out.print(table)
    if found.runs:
        from ner_rnn.studies.memory import clipping_says

        out.print("Clipping, on a ReLU network over 100 steps", style="bold", markup=False)
        for line in clipping_says(found.runs):
            out.print(f"  {line}", markup=False)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is below 1")
    return number


def _seed(text: str) -> int:
    seed = int(text)
    if not 0 <= seed < 2**31:
        raise argparse.ArgumentTypeError(f"{seed} is no seed: give a whole number from 0 up")
    return seed
