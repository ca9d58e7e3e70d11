"""``ner-rnn lm compare``: which of several language models finds a line likeliest?"""

from __future__ import annotations

import argparse

from ner_rnn.errors import ConfigError, CorpusError

from .lm_train import Action
from .lm_use import read, shown, tell_unseen

__all__ = ["COMPARE"]

EXAMPLE = """\
examples:
  ner-rnn lm compare models/names models/places file.txt
  ner-rnn lm compare models/names models/places labelled.txt --labels

Prints for each line the folder's name of the model that finds it likeliest, by how many nats it
leads, and the line, with TABs between. With --labels each line of the file ends in a TAB and the
name of the right model's folder, and the share of right answers is told at last, after a #.
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="FOLDER", help="a language model")
    parser.add_argument("others", nargs="+", metavar="FOLDER", help="others")
    parser.add_argument("file", metavar="FILE", help="lines; - is standard input")
    parser.add_argument(
        "--labels", action="store_true", help="a line ends in a TAB and the right model's name"
    )
    parser.add_argument("--total", action="store_true", help="only what is told of all")
    parser.add_argument("--encoding", default="utf-8", help="of the file [utf-8]")


def _run(args: argparse.Namespace) -> int:
    import numpy as np

    from ner_rnn.language_model.classify import accuracy, classify
    from ner_rnn.nn.language_model_files import load_language_model

    if args.total and not args.labels:
        raise ConfigError("--total tells only the share of right answers: add --labels")
    models = [load_language_model(folder) for folder in (args.model, *args.others)]
    names = [model.name for model in models]
    if len(set(names)) < len(names):
        raise ConfigError(
            f"two models are called {max(names, key=names.count)}: rename the folder of one"
        )
    placed = read([args.file], args.encoding)
    labels: list[str] = []
    if args.labels:
        cut = [(place, *line.rpartition("\t")[::2]) for place, line in placed]
        for place, _, label in cut:
            if label not in names:
                raise CorpusError(
                    f"{place}: the label is {label!r}: expected a TAB and one of "
                    f"{', '.join(names)} at the line's end"
                )
        lines, labels = [line for _, line, _ in cut], [label for *_, label in cut]
    else:
        lines = [line for _, line in placed]
    for model in models:
        tell_unseen(model, lines)
    log_p = classify(models, lines)
    if not args.total:
        two = np.sort(log_p, axis=1)[:, -2:]
        for best, (second, first), line in zip(log_p.argmax(axis=1), two, lines, strict=True):
            print(f"{names[best]}\t{first - second:.4f}\t{shown(line)}")
    if labels:
        found = accuracy(log_p, names, labels)
        each = ", ".join(
            f"{label} {100 * found.right[label] / count:.2f} % of {count:,}"
            for label, count in sorted(found.lines.items())
        )
        print(
            f"# right: {100 * found.share:.2f} % of {len(lines):,} lines ({each}); "
            f"mean of these {100 * found.balanced:.2f} %"
        )
    return 0


COMPARE = Action(EXAMPLE, _add_arguments, _run)
