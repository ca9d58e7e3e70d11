"""``ner-rnn inspect memory``: gradients against lag, recall, and clipping of networks."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ner_rnn.errors import ConfigError, UserError

from . import console, settings
from .parser import whole_number
from .progress import progress_bar

if TYPE_CHECKING:
    from ner_rnn.model.settings import ModelConfig
    from ner_rnn.studies.gradients import Curve, Text
    from ner_rnn.studies.memory import Memory, Tried

PARTS = ("gradients", "recall", "clipping")
PROBED = 20
"""Lag of the recall task whose networks are measured where no trained tagger is given."""

_SETTINGS = {"data.token_column", "data.tag_column", "data.scheme", "data.encoding"}

EXAMPLE = """\
Three measurements, each a figure and a part of OUTPUT/report.md and report.json:

  gradients   norm of d h(T) / d h(T-k) against the lag k, on a logarithmic scale: what is left of
              a small change k words later. Measured in the taggers of --model, reading passages
              of --data; where no --model is given, in the small networks of --config, trained to
              recall a symbol 20 steps back.
  recall      a task that needs memory alone: name the symbol seen k steps ago. The cell of
              every --config and every --model is trained on it as a small network in one
              direction, anew for each k. Recipes that differ in direction or output only share
              one cell.
  clipping    a ReLU network whose gradient explodes, trained with clipping and without.

A network that cannot be measured (no recurrence, not a model) is named on stderr and in the
report, and the others are shown.

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
    parser.add_argument("--output", required=True, metavar="FOLDER", help="folder of the report")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="CoNLL column file for the models to read [the test split of the sample corpus]",
    )
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="measurements to make [all]"
    )
    for flag, least, default, what in (
        ("--lags", 1, 40, "largest lag of a gradient"),
        ("--passages", 1, 32, "passages to average gradients over"),
        ("--seeds", 1, 3, "networks per cell and lag, each with its own random seed"),
        ("--seed", 0, 1, "first random seed"),
    ):
        parser.add_argument(
            flag,
            type=whole_number(least, 2**31 - 1),
            default=default,
            metavar="N",
            help=f"{what} [{default}]",
        )
    settings.add_flags(parser, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Measure, write the report, and print its tables."""
    if not args.model and not args.config and set(args.only) - {"clipping"}:
        raise ConfigError("there is no network to inspect: give --model or --config")
    if args.data and not args.model:
        raise ConfigError(
            "--data is what the models of --model read: give --model, or leave it out"
        )

    from ner_rnn.evaluation.drawing import check_plots

    check_plots()  # before anything is measured
    with console.owning(args.output):
        return _inspect(args)


def _inspect(args: argparse.Namespace) -> int:
    from ner_rnn.text.writing import check_folder

    check_folder(args.output)

    from ner_rnn.studies import memory, memory_report

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
    memory_report.write(found, args.output)
    _show(found)
    console.notice(f"{args.output}/report.md has the pictures and what they mean")
    return 0


def _models(folders: Sequence[str], left_out: list[str]) -> list[tuple[str, str, ModelConfig]]:
    """Return name, folder and settings of each model with a recurrence."""
    from ner_rnn.model.bundle import read_bundle
    from ner_rnn.model.contents import model_config
    from ner_rnn.studies.gradients import names_of

    found = _recurrent(folders, lambda folder: model_config(read_bundle(folder)), left_out)
    names = dict(zip(folders, names_of(folders), strict=True))
    return [(names[folder], folder, model) for folder, model in found]


def _recipes(paths: Sequence[str], left_out: list[str]) -> list[tuple[str, ModelConfig]]:
    """Return name and settings of each recipe with a recurrence."""
    found = _recurrent(paths, lambda path: settings.load(path, {}).model, left_out)
    return [(Path(path).stem, model) for path, model in found]


def _recurrent(
    paths: Sequence[str], read: Callable[[str], ModelConfig], left_out: list[str]
) -> Iterator[tuple[str, ModelConfig]]:
    """Yield each path with its settings, except those without a recurrence or with an error."""
    for path in paths:
        try:
            model = read(path)
            if model.cell == "none":
                raise ConfigError(
                    f"{path}: its model.cell is none: it reads each word alone and has no memory"
                )
        except UserError as problem:
            left_out.append(str(problem))
            console.notice(f"left out: {problem}")
        else:
            yield path, model


def _text(args: argparse.Namespace) -> Text:
    from ner_rnn.studies.gradients import Text, sample_text

    if args.data is None:
        console.notice("no --data: the models read the test split of the sample corpus")
        return sample_text()

    from ner_rnn.corpora.read import read

    typed = {key: value for key, value in vars(args).items() if key in _SETTINGS}
    corpus = read(args.data, settings.load(None, typed).data)
    return Text(args.data, corpus.tokens, corpus.documents)


def _measure(
    args: argparse.Namespace,
    models: Sequence[tuple[str, str, ModelConfig]],
    tried: Sequence[Tried],
    text: Text | None,
) -> tuple[str, list[Curve], list[Any]]:
    """Measure everything under one progress bar; fills in the results of ``tried``."""
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

    from ner_rnn.studies.memory_report import clipping_results, gradient_table, recall_table
    from ner_rnn.text.report_table import to_rich

    out = Console(highlight=False)
    if found.curves:
        out.print(to_rich(gradient_table(found), tight=True))
        out.print("1/10, 1/100: lag from which on no more than that is left\n", markup=False)
    if found.tried:
        out.print(to_rich(recall_table(found), tight=True))
    if found.runs:
        out.print("Clipping, on a ReLU network over 100 steps", style="bold", markup=False)
        for line in clipping_results(found.runs):
            out.print(f"  {line}", markup=False)
