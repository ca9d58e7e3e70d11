"""Several recipes under one budget: which trainings are needed, and which are done.

Recipes with the same settings are one cell of the comparison, trained once. ``subprocesses.py``
trains; ``comparison.py`` holds the results.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ner_rnn.errors import ConfigError
from ner_rnn.model.bundle import MANIFEST
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import Config
from ner_rnn.studies.comparison import Run
from ner_rnn.text.report_table import typed

__all__ = ["BUDGET", "Cell", "Job", "is_done", "jobs_of", "plan", "runs_of"]

BUDGET = ("trainer.epochs", "trainer.batch_tokens", "trainer.patience")
"""Settings of the length of training: one comparison has one value of each."""

_PLACES = {"data.corpus", "data.train", "data.dev", "data.test", "data.cache"}
"""Settings of where the data lies: its content is compared by checksums."""

_BY_GRADIENT = {
    f"trainer.{name}"
    for name in (
        "epochs", "patience", "optimizer", "learning_rate", "weight_decay", "momentum", "warmup",
        "decay", "clip", "average",
    )
}  # fmt: skip
"""Settings without effect on ridge regression, which takes one pass."""


@dataclass(frozen=True)
class Cell:
    """Row of the comparison: recipes with the same settings."""

    paths: tuple[str, ...]
    """Files of the recipes."""
    config: Config
    """The settings, with any seed."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the recipes: their files without ending."""
        return tuple(Path(path).stem for path in self.paths)

    @property
    def by_ridge(self) -> bool:
        """True if it is trained by ridge regression, in one pass without epochs."""
        return self.config.model.output == "ridge"


@dataclass(frozen=True)
class Job:
    """One training."""

    cell: Cell
    seed: int
    folder: Path
    """Folder of its model."""

    def __str__(self) -> str:
        return f"{', '.join(self.cell.names)}, seed {self.seed}"


def plan(recipes: Sequence[tuple[str, Config]]) -> list[Cell]:
    """Group recipes with the same settings.

    ``[("a.yaml", x), ("b.yaml", y), ("c.yaml", x)]`` -> cells ``a, c`` and ``b``

    Args:
        recipes: file and settings of each, the budget equal in all.

    Raises:
        ConfigError: a file is given twice, two recipes of one name differ, or their data does.
    """
    cells: list[Cell] = []
    seen: set[Path] = set()
    for path, config in recipes:
        if (place := Path(path).resolve()) in seen:
            raise ConfigError(f"{path} is given twice: give each config once")
        seen.add(place)
        first, known = recipes[0]
        for field in fields(config.data):
            ours, theirs = (getattr(c.data, field.name) for c in (config, known))
            if ours != theirs:
                raise ConfigError(
                    "networks are compared on the same data",
                    where=f"{path}: data.{field.name}",
                    found=f"{_shown(ours)}, and in {first} it is {_shown(theirs)}",
                    do=f"give {{data.{field.name}}}, which holds for all",
                )
        for place_in_list, cell in enumerate(cells):
            if _settings(cell.config) == _settings(config):
                cells[place_in_list] = replace(cell, paths=(*cell.paths, path))
                break
            if (name := Path(path).stem) in cell.names:
                namesake = cell.paths[cell.names.index(name)]
                raise ConfigError(
                    f"{path}: there is another config of this name, {namesake}, and "
                    "models are kept by name: rename one of them"
                )
        else:
            cells.append(Cell((path,), config))
    return cells


def jobs_of(cells: Iterable[Cell], seeds: Sequence[int], output: Path) -> list[Job]:
    """Return the trainings, seed by seed, so that early results cover all networks.

    Models go to ``output/runs/NAME/seed-N``; of the names of a cell, the first with a folder there
    is taken.
    """
    runs = output / "runs"

    def folder(cell: Cell, seed: int) -> Path:
        places = [runs / name / f"seed-{seed}" for name in cell.names]
        done = [place for place in places if (place / MANIFEST).is_file()]
        begun = [place for place in places if place.parent.is_dir()]
        return (done or begun or places)[0]

    return [Job(cell, seed, folder(cell, seed)) for seed in seeds for cell in cells]


def is_done(job: Job, checksums: Mapping[str, str]) -> bool:
    """Return whether the model of a training exists; it must be what would be trained now.

    Args:
        job: the training.
        checksums: SHA-256 of each split.

    Raises:
        ConfigError: a model of other settings, data or version is there.
        BundleError: a model is there, and damaged.
    """
    if not (job.folder / MANIFEST).is_file():
        return False
    bundle = read_tagger(job.folder)
    remedy = "give another {output}, or remove that folder"
    requested = _settings(job.cell.config) | {"seed": job.seed}
    found = _flat(bundle.config)
    defaults = _flat(asdict(Config()))
    for key, value in requested.items():
        trained = found.get(key, defaults[key])
        if trained != value:
            raise ConfigError(
                f"the same setting is {_shown(value)} now",
                where=f"{job.folder}: {key} of the model there",
                found=_shown(trained),
                do=remedy,
            )
    if "processor" not in bundle.metrics["seconds"]:
        raise ConfigError(
            "the model there was trained by an earlier version, which did not measure processor "
            "time",
            where=str(job.folder),
            do=remedy,
        )
    known = {split: about["sha256"] for split, about in bundle.metrics["data"].items()}
    for split in sorted(known.keys() | checksums.keys()):
        if known.get(split) != checksums.get(split):
            raise ConfigError(
                f"the model there is of other data, its {split} split differs",
                where=str(job.folder),
                do=remedy,
            )
    return True


def runs_of(jobs: Iterable[Job]) -> tuple[Run, ...]:
    """Return scores, times and versions that the models of trainings record.

    Raises:
        BundleError: a model is missing or damaged.
    """
    bundles = [(job.seed, read_tagger(job.folder)) for job in jobs]
    return tuple(
        Run(seed, found["scores"], found["seconds"], found["epochs"], bundle.manifest["packages"])
        for seed, bundle in bundles
        for found in [bundle.metrics]
    )


def _settings(config: Config) -> dict[str, Any]:
    """Return the settings that a trained model depends on, without seed and data."""
    ignored = _PLACES | {"seed"}
    if config.model.output == "ridge":
        ignored |= _BY_GRADIENT
    if config.model.vectors is not None:
        ignored |= {"model.word_size"}  # the file's own width is taken
    return {key: value for key, value in _flat(asdict(config)).items() if key not in ignored}


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"model.layers": 1, "seed": 1}`` for ``{"model": {"layers": 1}, "seed": 1}``."""
    known: dict[str, Any] = {}
    for name, value in json.loads(json.dumps(config)).items():
        if isinstance(value, dict):
            known |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            known[name] = value
    return known


def _shown(value: Any) -> str:
    """Return a value as in a recipe: ``true``, ``1, 2, 4``, ``null``."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "empty"
    return typed(value)
