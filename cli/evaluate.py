"""``ner-rnn evaluate``: the scores of models on annotated files, on the terminal or as a report."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ner_rnn.errors import ConfigError

from . import console, settings
from .parser import ratio, whole_number
from .progress import progress_bar
from .scores import show_report, show_scores

if TYPE_CHECKING:
    from ner_rnn.evaluation.request import Request
    from ner_rnn.evaluation.schema import CellRow
    from ner_rnn.model.settings import Config

_SETTINGS = {
    "seed",
    "data.token_column",
    "data.tag_column",
    "data.scheme",
    "data.encoding",
    "data.person_labels",
    "trainer.accelerator",
    "trainer.devices",
    "trainer.num_nodes",
    "trainer.strategy",
    "trainer.precision",
}

NO_STRESS = "none"

EXAMPLE = """\
examples:
  ner-rnn evaluate --model runs/conll --data eng.testb
  ner-rnn evaluate --model en --data eng.testa eng.testb.gz
  ner-rnn evaluate --model runs/conll --data corpus.conllu --data.token-column 1
  ner-rnn evaluate --model runs/conll --data eng.testb --json --trainer.devices 2

a report (report.html, report.md, report.json, predictions/):
  ner-rnn evaluate --model runs/a runs/b --data eng.testb wnut17/test.bio --output reports/may
  ner-rnn evaluate --model old=runs/3 new=runs/7 --data eng.testb --output reports/may --resume
  ner-rnn evaluate --predictions theirs.conll --data eng.testb --output reports/theirs
  ner-rnn evaluate --model runs/a --data eng.testb --stress lower,upper --output reports/case
  ner-rnn evaluate --model runs/a --data eng.testb --stress swap --output reports/swap \\
      --swap-names first_names.txt surnames.txt
  ner-rnn evaluate --model runs/a --data eng.testb --fail-under 0.92

Without --output the table alone is printed. The exit status is 1 where something among many could
not be used, or an F1 is under --fail-under.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "--model",
        dest="models",
        nargs="+",
        action="extend",
        default=[],
        metavar="MODEL",
        help="models, each a folder, the name of a built-in model, or NAME=MODEL",
    )
    parser.add_argument(
        "--predictions",
        nargs="+",
        action="extend",
        default=[],
        metavar="FILE",
        help="what other systems predicted for the very words of --data: column files, each a FILE "
        "or NAME=FILE; those of one NAME are one system",
    )
    parser.add_argument(
        "--data",
        required=True,
        nargs="+",
        action="extend",
        metavar="FILE",
        help="annotated files to score on, each for itself (columns, or as annotation tools write "
        "them), or "
        "NAME=FILE; files of one NAME are one kind of text",
    )
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    parser.add_argument(
        "--fail-under",
        type=ratio,
        metavar="F1",
        help="exit with status 1 where a model's F1 on the names of a file is lower, as in 0.92",
    )
    report = parser.add_argument_group("report")
    report.add_argument("--output", metavar="FOLDER", help="write a report there")
    report.add_argument(
        "--resume",
        action="store_true",
        help="take what an earlier run left in --output, where model and file are the same",
    )
    report.add_argument(
        "--workers", type=whole_number(1),
        help="processes that tag [one a core, at most one for each model and file]",
    )  # fmt: skip
    report.add_argument(
        "--stress",
        metavar="A,B,...",
        help="score on harder copies of each file too: lower, upper (all words in that case), swap "
        "(each person's name replaced, alike within a document), or none [of models in a report: "
        "lower,upper, which triples the time]",
    )
    report.add_argument(
        "--swap-names",
        nargs="+",
        default=[],
        metavar="FILE",
        help="for swap: lists of first names and of surnames, one name a line",
    )
    report.add_argument(
        "--train",
        metavar="FILE",
        help="training data, to separate names seen in training from unseen ones [what each model "
        "was trained on, where that is still there]",
    )
    report.add_argument(
        "--score-column",
        type=int,
        help="column of --predictions with the score of a name on each of its words, from 0",
    )
    settings.add_flags(parser, only=_SETTINGS)


def run(args: argparse.Namespace) -> int:
    """Score, then print a table, or the scores as JSON; with --output write a report too."""
    config = settings.load(None, vars(args))
    if args.resume and not args.output:
        raise ConfigError("--resume is for a report: give --output FOLDER too")
    from ner_rnn.evaluation.report.folder import PAGE, PREDICTIONS, write_report
    from ner_rnn.evaluation.run import evaluate_all

    request = _request(args, config)
    output = Path(args.output) if args.output else None
    with console.owning(output), progress_bar("reading") as bar:
        made = evaluate_all(
            request,
            predictions_folder=output / PREDICTIONS if output else None,
            resume=args.resume,
            on_progress=bar.show,
        )
        if made is None:  # a further process of the same run: the first one speaks for all
            return 0
        if output:
            bar.show("writing", 0, 1)
            write_report(made, output, console.notice)
    stressed = {row["name"] for row in made.report["corpora"] if row["stress"]}
    cells = [
        cell
        for cell in made.report["cells"]
        if cell["skipped"] is None and cell["corpus"] not in stressed
    ]
    for problem in made.problems:
        console.error(problem.line(args.parser.flag))
    for row in made.report["corpora"]:
        if row["problem"] is None and row["name"] not in stressed and not row["names"]:
            console.notice(f"{row['path']} holds no person name: its recall and F1 say nothing")
    for note in chain.from_iterable(cell["notes"] for cell in cells):
        console.notice(note)
    if request.only_scores:
        show_scores(made.report, as_json=args.json)
    else:
        show_report(made.report, as_json=args.json)
    if output:
        console.notice(f"the report is in {output}; open {output / PAGE}")
    failed = args.fail_under is not None and _failed(cells, args.fail_under)
    return int(failed or bool(made.problems))


def _request(args: argparse.Namespace, config: Config) -> Request:
    from ner_rnn.evaluation.request import Request
    from ner_rnn.evaluation.stress import STRESSES

    # files of predictions are for the words as they are: copies are for models
    usual = "lower,upper" if args.output and args.models else NO_STRESS
    given = usual if args.stress is None else args.stress
    kinds = [word.strip() for word in given.split(",") if word.strip() and given != NO_STRESS]
    for word in kinds:
        if word not in STRESSES:
            expected = f"{', '.join(STRESSES)}, or {NO_STRESS}"
            raise ConfigError(f"--stress is {word!r}: expected some of {expected}")
    uses_lightning = any(key.startswith("trainer.") for key in vars(args))
    if uses_lightning and args.workers is not None:
        raise ConfigError("--workers and --trainer flags both set the processes: give one of them")
    return Request(
        models=args.models,
        predictions=args.predictions,
        data=args.data,
        stress=[kind for kind in STRESSES if kind in kinds],
        swap_names=args.swap_names,
        train=args.train,
        settings=config.data,
        score_column=args.score_column,
        seed=config.seed,
        workers=args.workers,
        trainer=config.trainer if uses_lightning else None,
        only_scores=len(args.models) == 1
        and not (args.predictions or args.output or kinds or args.train),
        command=shlex.join(args.words),
    )


def _failed(cells: Iterable[CellRow], least: float) -> bool:
    """Return whether a score is too low or undefined, and print a line for each that is."""
    failed = False
    for cell in cells:
        f1 = cell["names"]["f1"]
        if f1 is None or f1 < least:
            shown = "is undefined" if f1 is None else f"of {f1:.4f} is under {least:g}"
            console.error(f"F1 on names {shown}: {cell['model']} on {cell['corpus']}")
            failed = True
    return failed
