"""A model on disk comes back as it was written, or is refused in one clear line."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from ner_rnn.errors import BundleError, FileError
from ner_rnn.model.bundle import FORMAT, HALVED, read_bundle, write_bundle
from ner_rnn.text.zstandard import zstd

FILES = [
    "README.md",
    "config.json",
    "manifest.json",
    "metrics.json",
    "vocabulary.json.zst",
    "weights.safetensors",
]


def parts(seed: int = 0) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "config": {"model": {"cell": "lstm", "hidden_size": 4}, "seed": seed},
        "vocabulary": {"words": ["Ōe", "Søren", "\u202eمحمد", "🙂"], "tags": ["O", "B-PER"]},
        "weights": {
            "embed.weight": random.normal(size=(5, 3)).astype(np.float32),
            "transposed": random.normal(size=(2, 7)).T,
            "scalar": np.array(2.5, dtype=np.float32),
            "empty": np.zeros((0, 3), dtype=np.float32),
            "ids": np.arange(4),
        },
        "metrics": {"test": {"f1": 0.5 + seed}},
        "card": "# A model\n",
    }


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    write_bundle(folder, **parts())
    return folder


def test_everything_comes_back(model: Path) -> None:
    expected = parts()
    bundle = read_bundle(model)
    assert bundle.path == model
    assert bundle.config == expected["config"]
    assert bundle.vocabulary == expected["vocabulary"]
    assert bundle.metrics == expected["metrics"]
    assert bundle.weights.keys() == expected["weights"].keys()
    for name, array in expected["weights"].items():
        assert bundle.weights[name].dtype == array.dtype
        assert bundle.weights[name].flags.writeable
        np.testing.assert_array_equal(bundle.weights[name], array)
    assert (model / "README.md").read_text() == "# A model\n"
    assert bundle.manifest["version"] == FORMAT
    assert bundle.manifest["packages"]["numpy"] == np.__version__
    assert sorted([*bundle.manifest["files"], "README.md", "manifest.json"]) == FILES


def test_the_first_layout_is_read_and_replaced(model: Path) -> None:
    words = (model / "vocabulary.json.zst").read_bytes()
    (model / "vocabulary.json.zst").unlink()
    table = np.linspace(-2, 2, 12, dtype=np.float32).reshape(4, 3)
    contents = {
        "vocabulary.json": zstd.decompress(words),
        "weights.safetensors": save({HALVED[0]: table}),
    }
    manifest = json.loads((model / "manifest.json").read_text())
    del manifest["files"]["vocabulary.json.zst"]
    for name, content in contents.items():
        (model / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        manifest["files"][name] = {"size": len(content), "sha256": digest}
    (model / "manifest.json").write_text(json.dumps(manifest | {"version": 1}))
    bundle = read_bundle(model)
    assert bundle.vocabulary == parts()["vocabulary"]
    np.testing.assert_array_equal(bundle.weights[HALVED[0]], table)
    write_bundle(model, **parts())
    assert sorted(path.name for path in model.iterdir()) == FILES


def test_tables_take_half_the_room(model: Path) -> None:
    table = np.linspace(-2, 2, 12, dtype=np.float32).reshape(4, 3)
    weights = {name: table for name in (*HALVED, "output.weight")}
    write_bundle(model, **(parts() | {"weights": weights}))
    assert {k: t.dtype for k, t in read_bundle(model).tensors.items()} == {
        **dict.fromkeys(HALVED, "F16"), "output.weight": "F32",
    }  # fmt: skip
    for name, array in read_bundle(model).weights.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, table, rtol=0 if name not in HALVED else 2**-11)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", r"zst is not Zstandard \("),
        (zstd.compress(b'{"words": ["a"]}')[:-2], r"zst is not Zstandard \("),
        (zstd.compress(b"[]"), "holds no JSON object"),
        (zstd.compress(bytes(2**26 + 1)), r"packed from 67,108,865 bytes: at most 67,108,864"),
        (
            zstd.compress(b"{}", options={zstd.CompressionParameter.content_size_flag: 0}),
            "of unknown size",
        ),
    ],
)
def test_a_packed_vocabulary_is_bounded(model: Path, content: bytes, message: str) -> None:
    write_bundle(model, **parts())
    (model / "vocabulary.json.zst").write_bytes(content)
    manifest = json.loads((model / "manifest.json").read_text())
    known = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest["files"]["vocabulary.json.zst"] = known
    (model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=rf"vocabulary.json.*{message}"):
        read_bundle(model)


def test_files_are_plain_json_and_safetensors(model: Path) -> None:
    assert sorted(path.name for path in model.iterdir()) == FILES
    assert json.loads((model / "config.json").read_text(encoding="utf-8")) == parts()["config"]
    np.testing.assert_array_equal(load_file(model / "weights.safetensors")["ids"], np.arange(4))


def test_rewriting_replaces_the_model_and_leaves_other_files(model: Path) -> None:
    (model / "checkpoints").mkdir()
    (model / "checkpoints" / "last.ckpt").write_text("x")
    write_bundle(model, **parts(seed=7))
    assert read_bundle(model).config["seed"] == 7
    assert (model / "checkpoints" / "last.ckpt").read_text() == "x"
    assert sorted(path.name for path in model.iterdir()) == sorted([*FILES, "checkpoints"])


def test_what_json_cannot_say_is_refused_before_anything_is_written(model: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_bundle(model, **{**parts(seed=7), "metrics": {"f1": float("nan")}})
    assert read_bundle(model).config["seed"] == 0


def test_the_card_may_be_edited(model: Path) -> None:
    (model / "README.md").write_text("rewritten by hand")
    read_bundle(model)


@pytest.mark.parametrize("name", ["config.json", "vocabulary.json.zst", "weights.safetensors"])
def test_a_missing_file_is_named(model: Path, name: str) -> None:
    (model / name).unlink()
    with pytest.raises(BundleError, match=f"{name} is missing"):
        read_bundle(model)


@pytest.mark.parametrize("name", ["metrics.json", "vocabulary.json.zst", "weights.safetensors"])
def test_a_truncated_file_is_named(model: Path, name: str) -> None:
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[:-3])
    expected = f"{name} is truncated: {len(content) - 3:,} bytes where {len(content):,}"
    with pytest.raises(BundleError, match=expected):
        read_bundle(model)


@pytest.mark.parametrize("name", ["config.json", "weights.safetensors"])
def test_an_altered_file_is_named(model: Path, name: str) -> None:
    content = bytearray((model / name).read_bytes())
    content[-2] ^= 1
    (model / name).write_bytes(content)
    with pytest.raises(BundleError, match=f"{name} has the wrong checksum"):
        read_bundle(model)


def test_a_newer_format_is_refused(model: Path) -> None:
    manifest = json.loads((model / "manifest.json").read_text())
    manifest["version"] = FORMAT + 1
    (model / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=f"format {FORMAT + 1}.*up to {FORMAT}: upgrade ner-rnn"):
        read_bundle(model)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "manifest.json is not JSON"),
        ("[]", "manifest.json holds no JSON object"),
        ("{}", "its manifest.json is of another program"),
        ('{"manifest_version": 3, "version": "1.0"}', "of another program"),
        ('{"kind": "ner-rnn model", "version": 1}', "no list of files"),
        (
            '{"kind": "ner-rnn model", "version": 1, "files": {"config.json": 3}}',
            "no list of files",
        ),
        ('{"kind": "ner-rnn model", "version": 1, "files": {}}', "does not list config.json"),
    ],
)
def test_a_malformed_manifest_is_refused(model: Path, content: str, message: str) -> None:
    (model / "manifest.json").write_text(content)
    with pytest.raises(BundleError, match=message):
        read_bundle(model)


def test_what_is_not_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="absent does not exist: a model is a folder"):
        read_bundle(tmp_path / "absent")
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="file is a file: a model is a folder"):
        read_bundle(tmp_path / "file")
    with pytest.raises(BundleError, match=r"is not a model: it has no manifest.json; give the"):
        read_bundle(tmp_path)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(FileError, match="file is a file where a folder is needed"):
            write_bundle(target, **parts())
    assert (tmp_path / "file").read_text() == "precious"


def test_a_failed_move_puts_the_old_model_back(model: Path) -> None:
    (model / "manifest.json").unlink()  # the last to be moved: all others are in place by then
    (model / "manifest.json").mkdir()
    (model / "manifest.json" / "full").write_text("")
    before = {name: (model / name).read_bytes() for name in FILES if name != "manifest.json"}
    with pytest.raises(FileError, match=r"manifest.json.*is a folder"):
        write_bundle(model, **parts(seed=7))
    assert {name: (model / name).read_bytes() for name in before} == before
    assert not list(model.glob(".writing-*"))


SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
from test_bundle import parts
from ner_rnn.model.bundle import read_bundle, write_bundle
from ner_rnn.errors import FileError
import numpy as np, subprocess, os
write_bundle({folder!r}, **parts())
big = parts(seed=7)
big["weights"]["big"] = np.zeros(1_000_000)
if {read_only}:
    subprocess.run(["mount", "-o", "remount,ro", {mount!r}], check=True)
try:
    write_bundle({folder!r}, **big)
except FileError as error:
    print(error)
assert read_bundle({folder!r}).config["seed"] == 0
print(*sorted(os.listdir({folder!r})))
"""


@pytest.mark.parametrize(
    ("read_only", "message"),
    [(False, "No space left on device; free some space"), (True, "Read-only file system; choose")],
)
def test_a_real_full_or_read_only_disk(tmp_path: Path, read_only: bool, message: str) -> None:
    """On a small file system of its own, in a namespace of its own."""
    mount = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    small = f"mount -t tmpfs -o size=256k none '{tmp_path}'"
    try:
        subprocess.run([*mount, small], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system does not let a user mount a small file system")
    script = SCRIPT.format(
        tests=os.path.dirname(__file__),
        folder=str(tmp_path / "model"),
        mount=str(tmp_path),
        read_only=read_only,
    )
    result = subprocess.run(
        [*mount, f'{small} && exec "$0" -c "$1"', sys.executable, script],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert result.returncode == 0, result.stderr
    error, files = result.stdout.splitlines()
    assert message in error
    assert files.split() == FILES


def test_neither_torch_nor_pickle_is_needed() -> None:
    code = "import ner_rnn.model.bundle, sys; print({'torch', 'lightning'} & sys.modules.keys())"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout == "set()\n"
