"""``ner-rnn tag --engine ray``: tag on a cluster, by ``ner_rnn/integrations/ray_job.py``."""

from __future__ import annotations

import argparse
import sys
import time

from ner_rnn.errors import ConfigError

from . import console
from .tag_choices import chosen_min_score
from .tag_summary import report_engine

__all__ = ["tag_on_ray"]

_NOT_ON_RAY = (
    "resume",
    "key",
    "map",
    "id_field",
    "token_column",
    "device",
    "encoding",
    "errors",
    "uncertain",
)


def tag_on_ray(args: argparse.Namespace) -> int:
    """Tag by Ray, and return the exit status.

    Raises:
        ConfigError: an option is not for Ray, or ``--engine`` or ``--output`` is missing.
    """
    if args.redact == "surrogates":
        raise ConfigError("surrogates are not for --engine ray", do="choose {redact} pseudonyms")
    for name in _NOT_ON_RAY:
        if getattr(args, name) != args.parser.get_default(name):
            raise ConfigError(f"{args.parser.flag(name)} is not for --engine ray: leave it out")
    if not args.engine or not args.output:
        raise ConfigError("name an engine, and a folder to write to", do="set {engine}, {output}")
    from ner_rnn.integrations.ray_job import tag_files
    from ner_rnn.integrations.ray_outputs import TABLE_FORMATS

    if args.format not in (None, *TABLE_FORMATS):
        raise ConfigError(f"--engine ray writes {', '.join(TABLE_FORMATS)}, not {args.format}")
    began = time.perf_counter()
    with console.quiet_libraries(unless=args.debug):
        done = tag_files(
            args.paths,
            args.output,
            address=args.address,
            kind=args.input,
            text_column=args.text_field,
            format=args.format or TABLE_FORMATS[0],
            model=args.model,
            min_score=chosen_min_score(args),
            redact=args.redact,
            precision=args.precision,
            workers=args.workers,
            raw_cells=args.raw_cells,
            progress=sys.stderr.isatty(),
            quiet=not args.debug,
        )
    return report_engine(args, done, time.perf_counter() - began)
