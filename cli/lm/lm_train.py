"""``ner-rnn lm train``: train a language model on text."""

from __future__ import annotations

import argparse
from pathlib import Path

from ner_rnn.errors import ConfigError
from ner_rnn.model.language_model import Settings

from .. import console, settings
from ..parser import Action

__all__ = ["TRAIN"]

EXAMPLE = """\
examples:
  ner-rnn lm train names.txt --unit char --output models/names
  ner-rnn lm train names.txt --minutes 0.5 --cell gru --embedding-size 0 --output models/gru
  ner-rnn lm train tunes.txt --unit word --output models/tunes
  ner-rnn lm train news.txt.xz --unit char --direction both --running --output models/news
  ner-rnn lm train news.txt.xz --unit char --direction both --running --output models/news --resume

A file holds one sequence a line or, with --running, text that is read from beginning to end. It
may be packed (.gz, .xz, .bz2, .zst).
"""

SAMPLES = 8


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="training text")
    parser.add_argument("--output", required=True, metavar="FOLDER", help="folder of the model")
    parser.add_argument(
        "--resume", action="store_true", help="go on with a run that was stopped in this folder"
    )
    parser.add_argument("--encoding", default="utf-8", help="text encoding of the files")
    parser.add_argument(
        "--direction",
        choices=["forward", "backward", "both"],
        default="forward",
        help="predict the next symbol, or the previous one; both: train two models [forward]",
    )
    settings.add_flags(
        parser, Settings, only=settings.known(Settings) - {"direction"}, switches=True
    )


def _run(args: argparse.Namespace) -> int:
    output, both = Path(args.output), args.direction == "both"
    runs = [
        (
            settings.from_flags(Settings, {**vars(args), "direction": direction}),
            output / direction if both else output,
        )
        for direction in (("forward", "backward") if both else (args.direction,))
    ]
    if both and runs[0][0].devices not in {"1", "auto"}:
        raise ConfigError(
            "both directions are trained on one device",
            do="train {direction} forward and backward separately",
        )

    from ner_rnn.language_model.fit import train
    from ner_rnn.model.bundle import MANIFEST

    with console.owning(output):
        for model, folder in runs:
            if both and args.resume and (folder / MANIFEST).is_file():
                console.notice(f"{folder} is done")
                continue
            # of two directions, the second may not have begun when the first was stopped
            begun = not both or (folder / "checkpoints" / "last.ckpt").is_file()
            trained = train(
                args.files, model, folder,
                encoding=args.encoding, resume=args.resume and begun, on_notice=console.notice,
            )  # fmt: skip
            if trained is None:  # another process of the same run: the first one prints
                return 0
            print(
                f"{folder}: {trained.bits_a_symbol:.3f} bits a symbol on held-out text, "
                f"perplexity {trained.perplexity:.2f} ({trained.seconds:.0f} s)"
            )
    _show_samples(runs[0][1], runs[0][0].seed)
    return 0


def _show_samples(folder: Path, seed: int) -> None:
    from ner_rnn.language_model.sampling import Sampling, sample
    from ner_rnn.nn.language_model_files import load_language_model

    loaded = load_language_model(folder)
    count = 1 if loaded.settings.running else SAMPLES
    texts = sample(loaded, count, Sampling(temperature=0.8, seed=seed))
    print("It writes:")
    for text in texts:
        for line in text.split("\n"):
            print(f"  {console.printable(line)}")
    print(f"Next:\n  {console.program()} lm sample {folder} --count 20 --seed 1")


TRAIN = Action("learn to predict the next symbol", EXAMPLE, _add_arguments, _run)
