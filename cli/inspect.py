"""``ner-rnn inspect memory``: gradients against lag, recall, and clipping of networks."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError, UserError

from . import console, settings
from .parser import whole_number
from .progress import progress_bar

if TYPE_CHECKING:
    from ner_rnn.corpora.corpus import Corpus
    from ner_rnn.model.settings import ModelConfig
    from ner_rnn.studies.memory import Memory, Tried

PARTS = ("gradients", "recall", "clipping")
READ = "open:wikigold"
"""Read by trained taggers where no --data is given: its test split, whole documents."""
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
        "--model",
        nargs="+",
        default=[],
        metavar="MODEL",
        help="models, one or more: folders, or names of built-in models",
    )
    parser.add_argument(
        "--config", nargs="+", default=[], metavar="FILE", help="recipes (YAML), one or more"
    )
    parser.add_argument("--output", required=True, metavar="FOLDER", help="folder of the report")
    parser.add_argument(
        "--data",
        metavar="FILE",
        help="CoNLL column file for the models to read [the test split of open:wikigold]",
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
            help=what,
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

    with console.owning(args.output):
        return _inspect(args)


def _inspect(args: argparse.Namespace) -> int:
    from ner_rnn.text.writing_folders import check_folder

    check_folder(args.output)

    from ner_rnn.studies import clipping, memory, memory_probe, memory_report

    left_out: list[str] = []
    models = _models(args.model, left_out)
    recipes = _recipes(args.config, left_out)
    tried = memory.gather([*((n, model) for n, _, model in models), *recipes])
    if not tried and set(args.only) - {"clipping"}:
        raise ConfigError("none of the networks given can be inspected; see the notes above")
    gradients, recall = "gradients" in args.only, "recall" in args.only
    text = _text(args) if models and gradients else None
    probed = tried if gradients and not text else []
    read = f"trained taggers reading {args.data or READ}" if text else ""
    if probed:
        read = f"networks trained to recall a symbol {PROBED} steps back, at that task"
    seeds = range(args.seed, args.seed + args.seeds)
    found = memory.Memory(
        read=read,
        curves=[],
        tried=tried if recall else [],
        runs=[],
        left_out=left_out,
        made_by=memory.provenance([*map(shlex.quote, args.words)], seeds),
    )
    work = len(models if text else probed) + len(found.tried) * len(memory_probe.LAGS) * len(seeds)
    work += len(clipping.RUNS) if "clipping" in args.only else 0
    with progress_bar() as bar:
        for done, what in enumerate(_measurements(args, models, probed, text, found)):
            bar.show("measuring", done, work, figures=what)
    memory_report.write(found, args.output)
    _show(found)
    console.notice(f"{args.output}/report.md has the pictures and what they mean")
    return 0


def _models(folders: Sequence[str], left_out: list[str]) -> list[tuple[str, str, ModelConfig]]:
    """Return name, folder and settings of each model with a recurrence."""
    from ner_rnn.model.contents import model_config
    from ner_rnn.model.loader import read_tagger
    from ner_rnn.studies.gradients import names_of

    found = _recurrent(folders, lambda folder: model_config(read_tagger(folder)), left_out)
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


def _text(args: argparse.Namespace) -> Corpus:
    from ner_rnn.corpora.read import read

    if args.data is None:
        console.notice(f"no --data: the models read the test split of {READ}")
        return read(READ, split="test")
    typed = {key: value for key, value in vars(args).items() if key in _SETTINGS}
    return read(args.data, settings.load(None, typed).data)


def _measurements(
    args: argparse.Namespace,
    models: Sequence[tuple[str, str, ModelConfig]],
    probed: Sequence[Tried],
    text: Corpus | None,
    found: Memory,
) -> Iterator[str]:
    """Yield the name of each measurement before it is made and added to ``found``."""
    import numpy as np

    from ner_rnn.studies import clipping, memory_probe
    from ner_rnn.studies.gradients import measure_bundle, measure_encoder

    lags, passages, first = args.lags, args.passages, args.seed
    if text:
        for name, folder, _ in models:
            yield f"gradients of {name}"
            found.curves.extend(
                measure_bundle(folder, text, name=name, lags=lags, passages=passages, seed=first)
            )
    for cell in probed:
        yield f"gradients of {cell.name}"
        _, network = memory_probe.recall(cell.model, PROBED, first)
        x, _ = memory_probe.draw(lags, passages, np.random.default_rng(first))
        cell_type = cell.model.cell
        found.curves.extend(
            measure_encoder(network.encoder, x, name=cell.name, cell=cell_type, seed=first)
        )
    for cell, lag, seed in product(
        found.tried, memory_probe.LAGS, range(first, first + args.seeds)
    ):
        yield f"{cell.name}, {lag} steps back"
        result, _ = memory_probe.recall(cell.model, lag, seed)
        cell.results.setdefault(lag, []).append(result)
    if "clipping" in args.only:
        yield "clipping"
        for run in clipping.train_all(first, clipping.STEPS):
            found.runs.append(run)
            yield "clipping"


def _show(found: Memory) -> None:
    from rich.text import Text

    from ner_rnn.studies.memory_report import clipping_results, gradient_table, recall_table
    from ner_rnn.text.report_table import to_rich

    if found.curves:
        note = "1/10, 1/100: lag from which on no more than that is left\n"
        console.show(to_rich(gradient_table(found), tight=True), note)
    if found.tried:
        console.show(to_rich(recall_table(found), tight=True))
    if found.runs:
        console.show(Text("Clipping, on a ReLU network over 100 steps", "bold"))
        console.show(*(f"  {line}" for line in clipping_results(found.runs)))
