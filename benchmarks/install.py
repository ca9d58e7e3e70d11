"""What a plain installation takes: disk, and seconds from nothing to the first name.

    python benchmarks/install.py                    this package, as a wheel built from here
    python benchmarks/install.py --extra train      with an extra
    python benchmarks/install.py 'spacy<4'          another package, the disk alone

pip installs into an empty environment, without pip and setuptools, twice: the first time fills its
cache, the second is timed. Disk is counted as ``du`` counts it, in blocks, compiled files included.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINE = "Maria Silva met Dr. J. Kowalski in Lisbon.\n"
MEGABYTE = 1_000_000
LARGEST = 8
"""Packages that are listed by themselves."""


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", nargs="?", help="what pip is to install [this package]")
    parser.add_argument("--extra", default="", help="extras of this package, as in train,plots")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ner-rnn-install-") as folder:
        scratch = Path(folder)
        package = args.package or wheel(scratch / "tree") + (
            f"[{args.extra}]" if args.extra else ""
        )
        install(package, scratch / "first")
        shutil.rmtree(scratch / "first")
        seconds = install(package, scratch / "env")
        installed = list((scratch / "env" / "lib").glob("python*/site-packages"))
        report_disk(scratch / "env", installed[0])
        print(f"\npip install, packages cached  {seconds:5.1f} s")
        if not args.package:
            report_start(scratch / "env" / "bin" / "ner-rnn", seconds)


def wheel(tree: Path) -> str:
    """Build the wheel of this package in a copy of its tree; return its path."""
    for folder in ("ner_rnn", "cli"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tree)
    code = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tree, check=True, capture_output=True)
    return str(next(tree.glob("*.whl")))


def install(package: str, place: Path) -> float:
    """Install a package into a new environment; return the seconds that pip took."""
    venv.create(place, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python")]
    began = time.perf_counter()
    subprocess.run([*pip, "install", "--quiet", package], check=True, cwd=place)
    return time.perf_counter() - began


def report_disk(environment: Path, packages: Path) -> None:
    """Print the disk space of an environment, and of its largest packages."""
    sizes = {}
    for distribution in metadata.distributions(path=[str(packages)]):
        files = {packages / file for file in distribution.files or ()}
        sizes[f"{distribution.name} {distribution.version}"] = sum(map(blocks, files))
    largest = sorted(sizes.items(), key=lambda row: -row[1])
    for name, size in largest[:LARGEST]:
        print(f"{name:28} {size / MEGABYTE:7.1f} MB")
    print(f"{len(largest[LARGEST:])} more".ljust(28), end="")
    print(f" {sum(size for _, size in largest[LARGEST:]) / MEGABYTE:7.1f} MB")
    everything = [environment, *environment.rglob("*")]
    plain = sum(path.lstat().st_size for path in everything if path.is_file())
    print(f"{'the environment, on disk':28} {sum(map(blocks, everything)) / MEGABYTE:7.1f} MB")
    print(f"{'bytes of its files':28} {plain / MEGABYTE:7.1f} MB")


def blocks(path: Path) -> int:
    """Return the bytes that a file or folder takes on disk."""
    return path.lstat().st_blocks * 512 if path.exists() else 0


def report_start(program: Path, before: float) -> None:
    """Print the seconds to the first name, and those of a command that lacks its extra."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def timed(*words: str) -> tuple[float, subprocess.CompletedProcess[str]]:
        began = time.perf_counter()
        done = subprocess.run(
            [program, *words], input=LINE, capture_output=True, text=True, check=False, env=clean
        )
        return time.perf_counter() - began, done

    first, done = timed("tag", "-", "--format", "names")
    again = min(timed("tag", "-", "--format", "names")[0] for _ in range(5))
    refused = [timed("train") for _ in range(5)]
    print(f"the first line tagged         {first:5.1f} s ({again:.2f} s from then on)")
    print(f"from nothing to a name        {before + first:5.1f} s")
    print(done.stdout.rstrip())
    print(f"\nner-rnn train                 {min(seconds for seconds, _ in refused):5.2f} s")
    print(refused[0][1].stderr.rstrip())


if __name__ == "__main__":
    main()
