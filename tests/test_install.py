"""The package as users install it: its wheel and its source distribution, without any extra.

Each is installed into a fresh environment that holds the dependencies of a plain installation and
nothing else. These are linked from the environment of the tests, so that no network is needed;
``benchmarks/install.py`` lets pip fetch them, and measures.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from ner_rnn_cli.main import COMMANDS, NEEDS
from packaging.requirements import Requirement

from ner_rnn.extras import EXTRAS
from ner_rnn.version import __version__

ROOT = Path(__file__).parent.parent
LETTER = ROOT / "examples" / "letter.txt"

if sys.platform == "win32":
    pytest.skip("links the folders of packages", allow_module_level=True)


def brought(lines: Iterable[str]) -> set[str]:
    """Return the packages that requirements bring, those that these bring included; no extras."""
    found: set[str] = set()
    for required in map(Requirement, lines):
        if required.marker is None or required.marker.evaluate({"extra": ""}):
            found |= {required.name} | brought(metadata.requires(required.name) or ())
    return found


@pytest.fixture(scope="module", params=["wheel", "source"])
def installed(
    request: pytest.FixtureRequest,
    distributions: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The folder of programs of an environment with the package and what it brings alone."""
    folder = tmp_path_factory.mktemp("installed")
    wheel = distributions["wheel"]
    if request.param == "source":
        with tarfile.open(distributions["source"]) as archive:
            archive.extractall(folder, filter="data")
        code = "from setuptools import build_meta; build_meta.build_wheel('..')"
        [tree] = folder.glob("ner_rnn-*")
        subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, capture_output=True)
        [wheel] = folder.glob("*.whl")
    venv.create(folder / "env", symlinks=True)
    programs = folder / "env" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", programs / "python"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-index", "--no-deps", wheel],
        check=True, capture_output=True,
    )  # fmt: skip
    [packages] = (folder / "env" / "lib").glob("python*/site-packages")
    [about] = packages.glob("ner_rnn-*.dist-info")
    for name in brought(metadata.PathDistribution(about).requires or ()):
        files = metadata.files(name)
        assert files, name
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            (packages / top).unlink(missing_ok=True)  # a namespace of two packages
            (packages / top).symlink_to(str(metadata.distribution(name).locate_file(top)))
    return programs


def run(programs: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [programs / words[0], *words[1:]],
        capture_output=True, text=True, check=False, input=given, env=environment,
    )  # fmt: skip


def test_no_module_of_an_extra_is_there(installed: Path) -> None:
    modules = [module for brought in EXTRAS.values() for module in brought]
    code = f"from ner_rnn.extras import missing; print(*missing(*{modules}))"
    assert run(installed, "python", "-c", code).stdout.split() == modules


def test_finds_names(installed: Path) -> None:
    for name, begins in (
        ("jsonl", '{"source"'),
        ("csv", "source,id,start"),
        ("names", "2\t"),
        ("html", "<!DOCTYPE html>"),
        ("conll", ""),
        ("text", ""),
    ):
        done = run(installed, "ner-rnn", "tag", str(LETTER), "--format", name)
        assert done.returncode == 0, done.stderr
        assert "Whitfield" in done.stdout
        assert done.stdout.startswith(begins)
    done = run(installed, "ner-rnn", "tag", str(LETTER), "--redact", "[NAME]", "--workers", "2")
    assert "[NAME]" in done.stdout
    assert "Whitfield" not in done.stdout


def test_a_trained_model_finds_names(installed: Path, small_model: Path) -> None:
    given = "Maria Silva spoke in Paris .\n"
    done = run(installed, "ner-rnn", "tag", "-", "--model", str(small_model), given=given)
    assert '"text": "Maria Silva"' in done.stdout, done.stderr


def test_describes_models(installed: Path) -> None:
    assert "Built-in models" in run(installed, "ner-rnn", "models").stdout
    assert "onnxruntime" in run(installed, "ner-rnn", "info", "en").stdout
    assert run(installed, "ner-rnn", "--version").stdout == f"ner-rnn {__version__}\n"


def test_every_command_helps_or_names_its_extra(installed: Path) -> None:
    for name in COMMANDS:
        assert run(installed, "ner-rnn", name, "--help").stdout.startswith("usage: ner-rnn")
    for typed in NEEDS:
        done = run(installed, "ner-rnn", *typed.split())
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: 'ner-rnn {typed}' needs ")
        assert done.stderr.count("\n") == 1
        assert "which is not installed: pip install 'ner-rnn[" in done.stderr.replace("are", "is")


def test_finds_names_from_python(installed: Path) -> None:
    code = (
        "from ner_rnn import Tagger\n"
        "for name in Tagger.load().tag('Maria Silva met Dr. J. Kowalski in Lisbon.').names:\n"
        "    print(name.start, name.end, name.text)"
    )
    done = run(installed, "python", "-W", "error", "-c", code)
    assert done.stdout.splitlines()[0] == "0 11 Maria Silva", done.stderr


def test_the_licences_are_there(distributions: dict[str, Path]) -> None:
    files = zipfile.ZipFile(distributions["wheel"]).namelist()
    kept = {name.partition(".dist-info/licenses/")[2] for name in files} - {""}
    texts = {f"ner_rnn/embedded/licences/{path.name}" for path in LICENCES.glob("*.txt")}
    assert len(texts) > 3
    assert kept == {"LICENSE", "ner_rnn/embedded/NOTICE"} | texts


LICENCES = ROOT / "ner_rnn" / "embedded" / "licences"
