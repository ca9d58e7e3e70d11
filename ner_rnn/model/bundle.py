"""A model on disk: a folder of JSON, one safetensors file and a model card.

    config.json          settings of its training
    vocabulary.json.zst  words, characters, form features and tags, packed by Zstandard
    weights.safetensors  weights of the network
    metrics.json         scores, and the data that they were measured on
    encoder.onnx         the recurrent layers for onnxruntime, where they can be exported
    encoder.int8.onnx    the same with recurrent weights in 8 bits
    forward.onnx         a language model that the tagger reads with; also backward and int8
    README.md            the model card, for people, who may edit it
    manifest.json        format version, date, package versions, size and SHA-256 of each other file

Reads and checks such a folder, and writes one whole or not at all, by
``text/writing_folders.py``, the manifest last: after a crash between two files the checksums do not
match. Nothing else in the folder (checkpoints, logs) is touched. Nothing is pickled; neither torch
nor Lightning is imported.
What settings, vocabulary and weights mean is for ``loader.py``, through which every part of the
program reads models, and for ``contents.py``, ``encoding/`` and ``nn/``.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from ner_rnn.errors import BundleError
from ner_rnn.machine import timestamp, versions
from ner_rnn.model.bounds import LARGEST_FILE, LARGEST_GRAPH, LARGEST_JSON
from ner_rnn.model.untrusted import COPY, Tensor, parse_json, read_inside, tensor_header, unpack
from ner_rnn.text.writing_folders import write_folder
from ner_rnn.text.zstandard import pack

__all__ = ["FORMAT", "HALVED", "WEIGHTS", "Bundle", "Description", "read_bundle", "write_bundle"]

FORMAT = 3
"""Layout that is written, the newest that is read.

Before 2 the vocabulary was vocabulary.json, not packed; before 3 all weights were of 32 bits."""
HALVED = ("words.vectors.weight", "forms.features.weight")
"""Weights that are kept in 16 bits: tables, of which a text reads few rows."""

CONFIG = "config.json"
VOCABULARY = "vocabulary.json.zst"
PLAIN_VOCABULARY = "vocabulary.json"
WEIGHTS = "weights.safetensors"
METRICS = "metrics.json"
CARD = "README.md"
ENCODERS = {
    "fp32": "encoder.onnx",
    "int8": "encoder.int8.onnx",
    "forward.fp32": "forward.onnx",
    "forward.int8": "forward.int8.onnx",
    "backward.fp32": "backward.onnx",
    "backward.int8": "backward.int8.onnx",
}
MANIFEST = "manifest.json"

KIND = "ner-rnn model"
PACKAGES = (
    "ner-rnn",
    "numpy",
    "safetensors",
    "torch",
    "pytorch-lightning",
    "datasets",
    "seqeval",
    "onnx",
)


@dataclass(frozen=True)
class Description:
    """All of a model but its weights, as read from disk."""

    path: Path
    """The folder."""
    config: dict[str, Any]
    """Settings: sections ``data``, ``model``, ``trainer`` and the seed."""
    vocabulary: dict[str, Any]
    """Argument of ``Vocabulary.from_json``."""
    metrics: dict[str, Any]
    """Scores of the model, and the data that it was trained and scored on."""
    manifest: dict[str, Any]
    """``version``, ``created`` (ISO 8601, UTC), ``packages``, ``files``."""
    tensors: dict[str, Tensor]
    """Type and shape of each weight, as the file says that holds them."""


@dataclass(frozen=True)
class Bundle(Description):
    """A model as read from disk, every file checked against the manifest."""

    weights: dict[str, NDArray[Any]]
    """Arrays by parameter name, those of 16 bits widened to 32; each may be written to."""
    encoders: dict[str, bytes]
    """Recurrent layers as ONNX, by the names of ``export.export_encoders``; may be empty."""


def write_bundle(
    folder: str | os.PathLike[str],
    *,
    config: Mapping[str, Any],
    vocabulary: Mapping[str, Any],
    weights: Mapping[str, NDArray[Any]],
    metrics: Mapping[str, Any],
    card: str,
    encoders: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model, whole or not at all; an existing one is replaced.

    Args:
        folder: Folder of the model, made if it does not exist; other files in it stay.
        config: Settings of the training; like the other mappings, of types that JSON has.
        vocabulary: From ``Vocabulary.to_json``.
        weights: Arrays by parameter name, of any shape and any type that safetensors knows; those
            of ``HALVED`` are rounded to 16 bits.
        metrics: Scores of the model, without NaN and infinity, which JSON lacks.
        card: Text of the model card, in Markdown.
        encoders: Recurrent layers as ONNX, by the names of ``export.export_encoders``; existing
            files of others are removed.

    Raises:
        FileError: The folder cannot be made or written to, or the disk is full.
        ValueError: A mapping holds a type or number that JSON lacks.
    """
    contents = {
        CONFIG: _to_json(config),
        VOCABULARY: pack(_to_json(vocabulary, indent=None)),
        WEIGHTS: save({name: _saved(name, array) for name, array in weights.items()}),
        METRICS: _to_json(metrics),
        CARD: card.encode(),
        **{ENCODERS[precision]: content for precision, content in (encoders or {}).items()},
    }
    manifest = {
        "kind": KIND,
        "version": FORMAT,
        "created": timestamp(),
        "packages": versions(*PACKAGES),
        "files": {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in contents.items()
            if name != CARD  # people may edit it
        },
    }
    contents[MANIFEST] = _to_json(manifest)
    write_folder(folder, contents, remove=[*ENCODERS.values(), PLAIN_VOCABULARY])


def _saved(name: str, array: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(array, np.float16 if name in HALVED else None, order="C")


def read_bundle(
    folder: str | os.PathLike[str], check: Callable[[Description], object] = lambda found: None
) -> Bundle:
    """Read a model and check that it is whole.

    The model card is for people, who may edit it: it is not checked.

    Args:
        folder: of the model.
        check: called before the weights are read; raises where they cannot be those of the
            model that the other files describe. ``loader.py`` gives it.

    Raises:
        BundleError: The folder is not there, is not a model, comes from a newer version, or holds
            a file that is missing, truncated, altered or malformed, or that is no regular file
            inside the folder.
    """
    path = Path(folder)
    if not path.is_dir():
        found = "is a file" if path.exists() else "does not exist"
        raise BundleError(
            f"{folder} {found}", do="a model is a folder, as written by 'ner-rnn train'"
        )
    manifest = _read_manifest(path)
    files = manifest["files"]
    description = Description(
        path=path,
        config=_object(path / CONFIG, files),
        vocabulary=_object(
            path / (VOCABULARY if manifest["version"] > 1 else PLAIN_VOCABULARY), files
        ),
        metrics=_object(path / METRICS, files),
        manifest=manifest,
        tensors=tensor_header(path / WEIGHTS, _size(path / WEIGHTS, files)),
    )
    check(description)
    weights = _checked(path / WEIGHTS, files, LARGEST_FILE)
    try:
        arrays = {
            name: array.astype(np.float32) if array.dtype == np.float16 else array
            for name, array in load(weights).items()
        }
    except (SafetensorError, KeyError) as error:
        raise BundleError(
            f"not safetensors ({error})", where=str(path / WEIGHTS), do="train again"
        ) from None
    # a graph holds the recurrent weights once more, those of a clockwork with all its zeros
    largest = LARGEST_GRAPH + 2 * len(weights)
    return Bundle(
        **vars(description),
        weights=arrays,
        encoders={
            precision: _checked(path / name, files, largest)
            for precision, name in ENCODERS.items()
            if name in files
        },
    )


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not os.path.lexists(path):
        raise BundleError(
            f"it has no {MANIFEST}",
            where=f"{folder} is not a model",
            do="give the folder that 'ner-rnn train --output' wrote",
        )
    manifest = parse_json(path, read_inside(path, LARGEST_JSON))
    version = manifest.get("version")
    if manifest.get("kind") != KIND or not isinstance(version, int):
        raise BundleError(f"its {MANIFEST} is of another program", where=f"{folder} is not a model")
    if version > FORMAT:
        raise BundleError(
            f"{folder} is in model format {version}, and this version reads up to {FORMAT}",
            do="upgrade ner-rnn",
        )
    files = manifest.get("files")
    if not isinstance(files, dict) or not all(
        isinstance(entry, dict)
        and type(entry.get("size")) is int
        and entry["size"] >= 0
        and isinstance(entry.get("sha256"), str)
        for entry in files.values()
    ):
        raise BundleError("no list of files with size and sha256", where=str(path), do=COPY)
    return manifest


def _object(path: Path, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    content = _checked(path, files, LARGEST_JSON)
    if path.name == VOCABULARY:
        content = unpack(path, content, LARGEST_JSON)
    return parse_json(path, content)


def _size(path: Path, files: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of a file, which has to be the one in the manifest."""
    if path.name not in files:
        raise BundleError(f"{path.parent / MANIFEST} does not list {path.name}", do=COPY)
    expected: int = files[path.name]["size"]
    try:
        size = path.stat().st_size
    except OSError:
        return expected  # whoever reads it says why it cannot be read
    if size < expected and path.is_file():
        raise BundleError(
            f"{size:,} bytes where {expected:,} were written",
            where=f"{path} is truncated",
            do=COPY,
        )
    if size > expected and path.is_file():
        raise _altered(path)
    return expected


def _checked(path: Path, files: Mapping[str, Mapping[str, Any]], largest: int) -> bytes:
    """Return the content of a file, checked against size and checksum in the manifest."""
    _size(path, files)
    content = read_inside(path, largest)
    if hashlib.sha256(content).hexdigest() != files[path.name]["sha256"]:
        raise _altered(path)
    return content


def _altered(path: Path) -> BundleError:
    return BundleError(
        "it was altered, or belongs to another model",
        where=f"{path} has the wrong checksum",
        do=COPY,
    )


def _to_json(value: Mapping[str, Any], indent: int | None = 2) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return (text + "\n").encode()
