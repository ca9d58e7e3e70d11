"""``ner-rnn tag``: find person names in text, by ``ner_rnn/tagging/job.py``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from ner_rnn.errors import ConfigError, UserError, counted

from . import console
from .parser import ratio, whole_number
from .progress import progress_bar
from .tag_choices import (
    chosen_min_score,
    chosen_model,
    chosen_replacement,
    chosen_terminal,
)
from .tag_engine import tag_on_ray
from .tag_summary import Faults, how_far, progress_of, report

if TYPE_CHECKING:
    from ner_rnn.tagging.folders import Input
    from ner_rnn.tagging.job import Job
    from ner_rnn.tagging.outputs import Outputs, Tree

EXAMPLE = """\
examples:
  ner-rnn tag letter.txt                              names highlighted in the terminal
  ner-rnn tag letter.txt --model runs/mine            by a model of your own
  ner-rnn tag letters/ --output tagged/               a folder of texts, one output a file
  ner-rnn tag letters/ --output tagged/ --resume      continue after an interruption
  ner-rnn tag letter.txt notes/ --output names.jsonl  a line of JSON for each document
  echo "Maria Silva met J. Kowalski." | ner-rnn tag -
  zcat news.gz | ner-rnn tag - --format names         distinct names, most frequent first
  ner-rnn tag 'letters/**/*.txt' --format html --output names.html
  ner-rnn tag posts.jsonl --text-field body --id-field id --format csv
  ner-rnn tag mail/ --format doccano --uncertain 200 --output to_correct.jsonl
  ner-rnn tag eng.testb --input conll --model runs/conll --min-score 0.9
  ner-rnn tag letter.txt --redact "[NAME]"
  ner-rnn tag letter.txt --redact "[NAME]" --recall 0.98   miss few names, mark others too
  ner-rnn tag letter.txt --redact pseudonyms          PERSON 1, PERSON 2, ...
  ner-rnn tag posts.csv --text-field body --redact "[NAME]" --output clean.csv
  ner-rnn tag 'data/*.parquet' --output named/ --engine ray --address auto
  ner-rnn tag letters/ --redact surrogates --output out/     made-up names of the same form
  ner-rnn tag letters/ --redact surrogates --key secret.key --map people.csv --output out/

a line of JSON (offsets count characters, from 0):
  {"source": "letter.txt", "text": "Maria Silva wrote.",
   "names": [{"start": 0, "end": 11, "text": "Maria Silva", "score": 0.9871}]}

A file is one document. If it has more than a million characters, it is tagged in parts, split at
blank lines; each part is a line of JSON whose "offset" is where the part begins.

Who is who is told within a document: a name is the same person's if it differs in case, spacing,
'Mr.' or 's only, turned round or not ("Lindqvist, Anders"), if it is a part of one person's longer
name only ("Merkel", "Angela Merkel"), or has initials of it ("A. Merkel"). Two Smiths stay two.

Surrogates: a full name has the same surrogate in all documents of a run. With --key it is the same
in every run with that key, on every machine; without, in no other. Make a key, and keep it:
  head -c 32 /dev/urandom > secret.key && chmod 600 secret.key

exit status: 0 all done; 1 all but what was reported; 2 nothing done; 130 interrupted
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from ner_rnn.model.builtin import DEFAULT
    from ner_rnn.tagging.folders import KINDS
    from ner_rnn.tagging.formats import FORMATS

    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files (also .gz, .xz, .bz2 or .zst), folders, patterns, or - for standard input",
    )
    parser.add_argument(
        "--model",
        default=DEFAULT,
        metavar="MODEL",
        help="folder of a trained model, or name of a built-in one ('ner-rnn models')",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        help="output format: text with marked names, JSON lines, a word and its tag on each line "
        "(conll), a name in each row (csv, parquet), a web page (html), or distinct names with "
        "counts (names), or suggestions to correct in an annotation tool (doccano, label-studio, "
        "prodigy) [text on a terminal, else jsonl; with --redact that of each input: text as "
        "text, tables as tables]",
    )
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="output file; or folder with one file for each input, if PATH is a folder, ends with "
        "a slash, or has no ending while there are several inputs. Outputs are never inputs: "
        "inside a folder that is read, PATH must be a folder of its own",
    )
    parser.add_argument("--resume", action="store_true", help="skip inputs whose output exists")
    parser.add_argument(
        "--input",
        choices=KINDS,
        help="format of the inputs [from the ending of each file (.txt, .jsonl, .csv, .tsv, "
        ".parquet, .conll, .bio), else text]",
    )
    parser.add_argument(
        "--text-field", default="text", metavar="NAME", help="column of the text in a table"
    )
    parser.add_argument(
        "--id-field", metavar="NAME", help="column of a table to copy into the output"
    )
    parser.add_argument(
        "--token-column", type=int, default=0, help="column of the words of --input conll, from 0"
    )
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument(
        "--min-score",
        type=ratio,
        default=0.0,
        help="find every name of at least this probability, also one that the most probable "
        "reading of the text lacks: low values find more names, and more that are none; 0: the "
        "names of the most probable reading",
    )
    wanted.add_argument(
        "--recall",
        type=ratio,
        metavar="SHARE",
        help="take the --min-score that found this share of the names whole, every word of them, "
        "in the model's development data, and say what precision to expect",
    )
    parser.add_argument(
        "--redact",
        metavar="TEXT",
        help="write the text, or the table, with TEXT in place of every name; {n} in TEXT is the "
        "number of the person; 'pseudonyms' means 'PERSON {n}', 'surrogates' a made-up name of the "
        "same form",
    )
    parser.add_argument(
        "--key",
        metavar="FILE",
        help="secret key of the surrogates: any 16 bytes or more, which nobody else may read",
    )
    parser.add_argument(
        "--map",
        metavar="FILE",
        help="write who became whom to a new CSV file, which only its owner can read",
    )
    parser.add_argument(
        "--uncertain",
        type=whole_number(1),
        metavar="N",
        help="write only the N sentences (or parts of long ones) that the model is least sure of, "
        "by the entropy of their tags, the least sure first; one of those nearly alike",
    )
    parser.add_argument(
        "--raw-cells",
        action="store_true",
        help="write cells of csv and names unchanged; default: put a ' before those that begin "
        "like a formula (= + - @, TAB), so that no spreadsheet executes text",
    )
    parser.add_argument(
        "--workers",
        type=whole_number(1),
        help="number of processes [1 for less than 2 MB of text, else one for each core]",
    )
    parser.add_argument(
        "--device",
        choices=["auto", "cpu", "cuda"],
        default="auto",
        help="auto uses a GPU if there is one, in one process",
    )
    parser.add_argument(
        "--precision",
        choices=["fp32", "int8"],
        default="fp32",
        help="precision of the recurrent weights on a CPU: int8 is faster, and differs for one "
        "word in many thousands",
    )
    parser.add_argument(
        "--engine",
        choices=["ray"],
        help="tag on a cluster of Ray, or on this machine by a new one. Rows keep their columns, "
        "and get names (with --redact: another text) and reason (why a row was not tagged); "
        "--output is a new folder of parquet [default], jsonl or csv. Paths may be URLs (s3://, "
        "gs://, hdfs://)",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="the cluster of --engine; auto: the one that runs on this machine",
    )
    parser.add_argument("--encoding", default="utf-8", metavar="NAME", help="text encoding")
    parser.add_argument(
        "--errors",
        choices=["strict", "replace"],
        default="strict",
        help="refuse bytes that are not text, or replace them by U+FFFD",
    )


def run(args: argparse.Namespace) -> int:
    """Tag: print results or write them to files; notices, errors and a summary go to stderr."""
    if args.engine or args.address:
        return tag_on_ray(args)
    from ner_rnn.tagging.folders import find_inputs
    from ner_rnn.tagging.formats import choose_format
    from ner_rnn.tagging.job import Job, Work
    from ner_rnn.tagging.outputs import Tree
    from ner_rnn.tagging.stream import Reading
    from ner_rnn.tagging.targets import (
        means_folder,
        plan_outputs,
        refuse_another_kind,
        refuse_reading_back,
    )

    faults = Faults(args.parser.flag)
    in_folder = args.output is not None and means_folder(args.output, args.paths)
    inputs = find_inputs(
        args.paths,
        args.input,
        leave_out=args.output if in_folder else None,
        on_fault=faults.add,
    )
    terminal = None if args.output else chosen_terminal()
    reading = Reading(
        args.encoding,
        args.errors,
        args.token_column,
        args.text_field,
        args.id_field,
        whole=args.redact is not None and args.format is None and terminal is None,
    )
    replacement = chosen_replacement(args)
    model = chosen_model(args.model)
    min_score = chosen_min_score(args)
    format = choose_format(
        args.format,
        inputs,
        reading,
        redact=replacement is not None,
        raw_cells=args.raw_cells,
        candidates=min_score > 0,
        terminal=terminal,
        apart=in_folder,
        uncertain=args.uncertain,
    )
    if reading.whole and args.output is not None and not in_folder:
        refuse_another_kind(inputs[0], args.output)
    targets = plan_outputs(inputs, args.output, format.ending) if in_folder else []
    written = targets or ([] if args.output is None else [args.output])
    left_out = args.output if in_folder else None
    refuse_reading_back(args.paths, args.input, written, left_out)
    if args.map is not None:
        from ner_rnn.tagging.surrogates.person_map import check_map

        refuse_reading_back(args.paths, args.input, [args.map], left_out, "map")
        check_map(args.map, written)
    if args.resume:
        inputs, targets = _unfinished(args, inputs, targets)
        if not inputs:
            return 0
    keep_people = args.map is not None
    work = Work(model, format, min_score, replacement, args.device, args.precision, keep_people)
    job = Job(work, inputs, reading, args.workers)
    tree = Tree(format, targets) if in_folder else None
    began = time.perf_counter()
    try:
        with (
            _people_kept(args, job, tree),
            _outputs(args, job, tree) as outputs,
            progress_bar(hidden=not args.output and sys.stdout.isatty(), wait=2.0) as bar,
        ):
            job.run(
                outputs,
                on_fault=lambda fault: faults.take(fault, alone=len(inputs) == 1),
                on_progress=progress_of(job, bar),
                on_wait=console.notice,
            )
    except KeyboardInterrupt:
        sys.stdout.flush()
        print(f"interrupted: {how_far(args, job, tree)}", file=sys.stderr)
        return console.INTERRUPTED
    except UserError:
        if tree is not None and tree.finished:
            console.notice(how_far(args, job, tree))
        raise
    return report(args, job, faults, time.perf_counter() - began)


@contextmanager
def _people_kept(args: argparse.Namespace, job: Job, tree: Tree | None) -> Iterator[None]:
    """Write who became whom at the end; after an interruption, if any redacted text is there."""
    is_done = False
    try:
        yield
        is_done = True
    finally:
        is_out = job.summary.texts if args.output is None else tree is not None and tree.finished
        if args.map is not None and (is_done or is_out):
            from ner_rnn.tagging.surrogates.person_map import write_people
            from ner_rnn.text.writing import new_private_file

            with new_private_file(args.map) as file:
                write_people(file, job.people, raw=args.raw_cells)


def _unfinished(
    args: argparse.Namespace, inputs: list[Input], targets: list[Path]
) -> tuple[list[Input], list[Path]]:
    if args.output is None:
        raise ConfigError("--resume looks for finished files: say with --output where they are")
    if not targets:
        is_done = os.path.exists(args.output)
        if is_done:
            console.notice(f"{args.output} exists already: nothing is left to do")
        return ([], []) if is_done else (inputs, targets)
    left = [pair for pair in zip(inputs, targets, strict=True) if not pair[1].exists()]
    done = len(inputs) - len(left)
    if done:
        exist = "exists" if done == 1 else "exist"
        console.notice(f"{done:,} of {counted(len(inputs), 'file')} {exist} already")
    return [given for given, _ in left], [target for _, target in left]


@contextmanager
def _outputs(args: argparse.Namespace, job: Job, tree: Tree | None) -> Iterator[Outputs]:
    from ner_rnn.tagging.outputs import Together
    from ner_rnn.tagging.targets import refuse_overwriting
    from ner_rnn.text.writing import replacing

    if tree is not None:
        with console.owning(args.output):
            yield tree
    elif args.output is not None:
        refuse_overwriting(job.inputs, args.output)
        with replacing(args.output) as file:
            yield Together(job.work.format, file)
    else:
        with suppress(OSError):  # not every stdout is a file
            refuse_overwriting(job.inputs, sys.stdout.fileno())
        sys.stdout.flush()
        binary: BinaryIO = sys.stdout.buffer
        yield Together(job.work.format, binary)
