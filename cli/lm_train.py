"""``ner-rnn lm train``: from text to a language model."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from ner_rnn.errors import ConfigError
from ner_rnn.model import language_model as language_settings
from ner_rnn.model.language_model import Settings

from . import console
from .settings import docstrings

__all__ = ["TRAIN", "Action"]


class Action(NamedTuple):
    """One action of ``ner-rnn lm``."""

    example: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


EXAMPLE = """\
examples:
  ner-rnn lm train names.txt --unit char --output models/names
  ner-rnn lm train names.txt --minutes 0.5 --cell gru --embedding-size 0 --output models/gru
  ner-rnn lm train tunes.txt --unit word --output models/tunes
  ner-rnn lm train news.txt.xz --unit char --direction both --running --output models/news
  ner-rnn lm train news.txt.xz --unit char --direction both --running --output models/news --resume

A file holds one sequence a line, or, with --running, text to be read from its beginning to its
end. It may be packed (.gz, .xz, .bz2, .zst).
"""

SAMPLES = 8


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="text to learn from")
    parser.add_argument("--output", required=True, metavar="FOLDER", help="where the model goes")
    parser.add_argument(
        "--resume", action="store_true", help="go on from where a run in the same folder stopped"
    )
    parser.add_argument("--encoding", default="utf-8", help="of the files [utf-8]")
    hints, help = get_type_hints(Settings), docstrings(language_settings)
    for setting in dataclasses.fields(Settings):
        _add_flag(parser, setting, hints[setting.name], help["Settings", setting.name])


def _add_flag(parser: argparse.ArgumentParser, setting: Any, kind: Any, help: str) -> None:
    flag, default = f"--{setting.name.replace('_', '-')}", setting.default
    told: dict[str, Any] = {}
    if kind is bool:
        told = {"action": "store_true"}
    elif get_origin(kind) is Literal:
        told = {"choices": list(get_args(kind))}
        if setting.name == "direction":
            told["choices"].append("both")
    elif get_origin(kind) is tuple:
        told = {"type": _numbers, "metavar": "N,N,..."}
    elif kind in (int, float):
        told = {"type": kind, "metavar": "N" if kind is int else "X"}
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    ending = "" if default is None or kind is bool else f" [{shown}]"
    parser.add_argument(flag, default=default, help=(help + ending).replace("%", "%%"), **told)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no list of whole numbers, as 1,2,4"
        ) from None


def _run(args: argparse.Namespace) -> int:
    names = [field.name for field in dataclasses.fields(Settings)]
    values = {name: getattr(args, name) for name in names}
    both = args.direction == "both"
    if both and args.devices not in {"1", "auto"}:
        raise ConfigError(
            "--direction both trains on one device: train --direction forward and backward apart"
        )
    runs = []
    for direction in ("forward", "backward") if both else (args.direction,):
        settings = Settings(**{**values, "direction": direction})
        output = Path(args.output)
        runs.append((settings, output / direction if both else output))

    from ner_rnn.language_model.fit import train
    from ner_rnn.model.bundle import MANIFEST

    for settings, output in runs:
        if both and args.resume and (output / MANIFEST).is_file():
            console.notice(f"{output} is done")
            continue
        # of two directions, the second may not have begun when the first was stopped
        begun = not both or (output / "checkpoints" / "last.ckpt").is_file()
        result = train(
            args.files,
            settings,
            output,
            encoding=args.encoding,
            resume=args.resume and begun,
            on_notice=console.notice,
        )
        if result is None:  # a further process of the same run: the first one speaks for all
            return 0
        print(
            f"{output}: {result.bits_a_symbol:.3f} bits a symbol on what was held out, "
            f"perplexity {result.perplexity:.2f} ({result.seconds:.0f} s)"
        )
    _show_samples(runs[0][1], runs[0][0])
    return 0


def _show_samples(output: Path, settings: Settings) -> None:
    from ner_rnn.language_model.sampling import Sampling, sample
    from ner_rnn.nn.language_model_files import load_language_model

    from .lm_use import shown

    loaded = load_language_model(output)
    texts = sample(
        loaded.model,
        loaded.symbols,
        1 if settings.running else SAMPLES,
        Sampling(temperature=0.8, seed=settings.seed),
        backward=settings.direction == "backward",
        running=settings.running,
    )
    print("It writes:")
    for text in texts:
        for line in text.split("\n"):
            print(f"  {shown(line)}")
    print(f"Next:\n  {console.program()} lm sample {output} --count 20 --seed 1")


TRAIN = Action(EXAMPLE, _add_arguments, _run)
