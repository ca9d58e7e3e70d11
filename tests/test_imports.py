"""What an import costs, and that what is on disk is what gets installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
ENGINES = ("ray", "ray_inputs", "ray_job", "ray_outputs", "spark")


@pytest.mark.parametrize(
    "module", ["ner_rnn", "ner_rnn.model.settings", "ner_rnn.text", "ner_rnn_cli"]
)
def test_an_import_brings_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "lightning", "pytorch_lightning", "datasets", "seqeval", "sklearn"}
    assert not set(done.stdout.split()) & heavy


def test_text_settings_and_tagging_are_imported_without_torch() -> None:
    """Torch is missing, as on a machine that only tags."""
    rooms = ("text", "corpora", "encoding", "model", "runtime", "tagging", "integrations")
    only_with = {"ner_rnn.runtime.torch_network"}  # torch, and engines that few have
    only_with |= {f"ner_rnn.integrations.{name}" for name in ENGINES}
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in rooms
        for path in (ROOT / "ner_rnn" / room).rglob("*.py")
        if path.name != "__init__.py"
    }
    code = (
        "import sys, importlib\n"
        "for name in ('torch', 'pytorch_lightning'): sys.modules[name] = None\n"
        f"for name in {sorted(modules - only_with)}: importlib.import_module(name)"
    )
    assert len(modules) > 40
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_every_file_beside_the_code_is_installed() -> None:
    """The globs of pyproject.toml reach every file that is no code: templates, models, corpora."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    data = project["tool"]["setuptools"]["package-data"]
    installed = {
        path
        for package, globs in data.items()
        for glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
    }
    on_disk = {
        path
        for path in (ROOT / "ner_rnn").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert len(on_disk) > 20
    assert on_disk - installed == set()


def test_every_package_on_disk_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    on_disk = {
        ".".join((package, *path.parent.relative_to(ROOT / folder).parts))
        for folder, package in (("ner_rnn", "ner_rnn"), ("cli", "ner_rnn_cli"))
        for path in (ROOT / folder).rglob("__init__.py")
    }
    assert set(project["tool"]["setuptools"]["packages"]) == on_disk


def test_onnxruntime_reports_nothing(small_model: Path, tmp_path: Path) -> None:
    """It keeps what it would report to its makers in the user's folder, and a thread to send it."""
    code = (
        f"from ner_rnn import Tagger; Tagger.load({str(small_model)!r}, device='cpu').tag('Ann')\n"
        "import os; tasks = '/proc/self/task'\n"
        "print(len(os.listdir(tasks)) if os.path.isdir(tasks) else 1)"
    )
    unset = {"ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"}
    variables = {name: value for name, value in os.environ.items() if name not in unset}
    variables |= {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=variables
    )
    assert done.stdout == "1\n"
    assert not list(tmp_path.rglob("*onnxruntime*"))
