"""Bundles with right checksums and wrong content are refused in one line that names the fault."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from ner_rnn import Tagger
from ner_rnn.errors import BundleError
from ner_rnn.model.loader import read_language_model, read_tagger
from ner_rnn.nn.language_model_files import load_language_model

from .altered import KINDS, edit, endless, sign, write_models


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_models(folder)
    return folder


@pytest.fixture
def models(healthy: Path, tmp_path: Path) -> Path:
    import shutil

    return Path(shutil.copytree(healthy, tmp_path / "models"))


def refused(folder: Path, read: Callable[[Path], object] = Tagger.load) -> str:
    with pytest.raises(BundleError) as caught:
        read(folder)
    message = str(caught.value)
    assert "\n" not in message and str(folder) in message
    return message


def test_every_kind_is_read(healthy: Path) -> None:
    for kind in KINDS[:-2]:
        assert read_tagger(healthy / kind).weights
    assert read_language_model(healthy / "lm").weights
    assert load_language_model(healthy / "pair", "backward").settings.cell == "gru"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"layers": 10_000_000},
            "model.layers is 10000000: it must be at most 100; the weights would take 57.2 GiB",
        ),
        ({"cell": "wings"}, "model.cell is 'wings': expected one of rnn, gru, lstm, clockwork"),
        ({"chars": 3}, "model.chars is 3: expected one of cnn, lstm, none"),
        ({"hidden_size": "8"}, "model.hidden_size is '8': expected a whole number"),
        ({"hidden_size": True}, "model.hidden_size is True: expected a whole number"),
        ({"dropout": None}, "model.dropout is None: expected a number"),
        ({"memory": 1}, "model.memory is 1: expected true or false"),
        ({"periods": [1, "2"]}, "model.periods is [1, '2']: expected a list of whole numbers"),
        (
            {"hidden_size": 2**40},
            "model.hidden_size is 1099511627776: it must be at most 1,000,000",
        ),
        ({"word_size": 5}, "words.vectors.weight should be (2, 5) and is (2, 4)"),
    ],
)
def test_settings(models: Path, change: dict[str, Any], message: str) -> None:
    edit(models / "lstm", "config.json", lambda value: value["model"].update(change))
    sign(models / "lstm")
    if "word_size" in change:
        message = message.replace("(2,", f"({2 + 4},")
    assert message in refused(models / "lstm")


def test_settings_that_are_no_object(models: Path) -> None:
    edit(models / "lstm", "config.json", lambda value: value.update(model=[1]))
    sign(models / "lstm")
    assert "config.json: model is [1]: expected settings by name" in refused(models / "lstm")
    edit(models / "lm", "config.json", lambda value: value.update(language_model=3))
    sign(models / "lm")
    assert "is 3: expected settings by name" in refused(models / "lm", load_language_model)


def test_a_reservoir_of_100_000_units_is_never_drawn(models: Path) -> None:
    folder = models / "echo"
    change = {"hidden_size": 100_000, "sparsity": 0.02}
    edit(folder, "config.json", lambda value: value["model"].update(change))
    path = folder / "weights.safetensors"
    weights = load(path.read_bytes())
    width = 4 * 100_000 + weights["emit.weight"].shape[1] - 4 * 8
    weights["emit.weight"] = np.zeros((5, width), dtype=np.float32)  # as its settings ask for
    path.write_bytes(save(weights))
    sign(folder)
    assert "the reservoir would have about 402,000,045 connections" in refused(folder)


def test_a_seed_that_no_generator_takes(models: Path) -> None:
    path = models / "echo" / "weights.safetensors"
    path.write_bytes(save({**load(path.read_bytes()), "encoder.seed": np.array(-1)}))
    sign(models / "echo")
    assert "encoder.seed is -1: it must be 0 or more" in refused(models / "echo")


def test_integer_weights(models: Path) -> None:
    path = models / "lstm" / "weights.safetensors"
    weights = load(path.read_bytes())
    path.write_bytes(save({**weights, "emit.bias": weights["emit.bias"].astype(np.int64)}))
    sign(models / "lstm")
    assert "emit.bias should be F32 and is I64" in refused(models / "lstm")


@pytest.mark.parametrize("content", [b"", b"no graph", b"\x08\x09" * 99, b"location"])
def test_graphs_that_are_none(models: Path, content: bytes) -> None:
    (models / "lstm" / "encoder.onnx").write_bytes(content)
    sign(models / "lstm")
    assert "an ONNX file: not the graph of its recurrent layers" in refused(models / "lstm")


def test_a_graph_of_another_model(models: Path) -> None:
    other = (models / "clockwork" / "encoder.onnx").read_bytes()
    (models / "lstm" / "encoder.onnx").write_bytes(other)
    sign(models / "lstm")
    assert "an ONNX file: not the graph of its recurrent layers" in refused(models / "lstm")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ' * 40 + "1" + "}" * 40, "is nested too deep: at most 32 levels are read"),
        ('{"a": ' * 100_000, "is nested too deep"),
        ('{"a": [' + "[]," * 3_100_000 + "1]}", "holds too many values: at most 6,000,000"),
        ('{"a": NaN}', "is not JSON (NaN is no JSON)"),
        ('{"a": "\\ud800"}', "is not JSON"),
        ("[]", "holds no JSON object"),
    ],
)
def test_json_that_is_none(models: Path, text: str, message: str) -> None:
    (models / "lstm" / "metrics.json").write_text(text)
    sign(models / "lstm")
    assert f"metrics.json {message}" in refused(models / "lstm")


@pytest.mark.parametrize("name", ["manifest.json", "config.json", "weights.safetensors"])
def test_only_regular_files_inside_the_folder_are_read(models: Path, name: str) -> None:
    path = models / "lstm" / name
    outside = models / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    assert f"{name} is a link out of the folder: only files inside" in refused(models / "lstm")
    path.unlink()
    os.mkfifo(path)
    assert f"{name} is a FIFO: only regular files are read" in refused(models / "lstm")
    path.unlink()
    endless(path)
    assert "only regular files are read" in refused(models / "lstm")
    path.unlink()
    path.mkdir()
    assert f"{name} is a folder: only regular files are read" in refused(models / "lstm")
    path.rmdir()
    inside = models / "lstm" / "own"
    outside.rename(inside)
    path.symlink_to("own")
    assert Tagger.load(models / "lstm")


def test_a_header_that_describes_other_than_the_file_holds(models: Path) -> None:
    path = models / "lstm" / "weights.safetensors"
    os.truncate(path, 3 << 30)  # takes no disk
    files = {"weights.safetensors": {"size": 3 << 30, "sha256": "0" * 64}}
    edit(models / "lstm", "manifest.json", lambda value: value["files"].update(files))
    assert "bytes are described and 3,221,225,472 are there" in refused(models / "lstm")


def test_parts_of_the_vocabulary(models: Path) -> None:
    for part, value in (
        ("counts", [1.5]),
        ("tags", ["O", "X-PER"]),
        ("words", "abc"),
        ("characters", ["ab"]),
        ("features", []),
        ("cut", ["words"]),
    ):
        path = models / "lstm" / "vocabulary.json.zst"
        before = path.read_bytes()
        edit(models / "lstm", path.name, lambda held, p=part, v=value: held.update({p: v}))
        sign(models / "lstm")
        assert "vocabulary.json: " in refused(models / "lstm")
        path.write_bytes(before)
