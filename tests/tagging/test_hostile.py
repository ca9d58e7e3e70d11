"""Files made to break the tagger: each is tagged or refused by a line, and its neighbour tagged.

One process tags a folder of them; nothing may end it, hold it up, or fill the memory.
"""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from pyarrow import parquet

from .hostile import write_folder

HEALTHY = "Yesterday Maria Silva met Olga Smith .\n"
RUN = """\
import os, sys
from ner_rnn_cli.main import main
began = os.times()
status = main(sys.argv[1:])
ended = os.times()
busy = sum(ended[:4]) - sum(began[:4])
print("busy:", busy / (ended.elapsed - began.elapsed), file=sys.stderr)
with open("/proc/self/status") as file:  # ru_maxrss would count what the parent held at the fork
    print(*(line for line in file if line.startswith("VmHWM")), file=sys.stderr)
sys.exit(status)
"""
LONGEST_SECONDS = 10.0
LONGEST_MEGABYTES = 400.0


@dataclasses.dataclass
class Outcome:
    """What became of a run.

    Attributes:
        faults: what should not have happened, one a line.
        seconds: between the outputs of two neighbours, at most; less the share of time in which a
            machine that others use let the run wait.
        megabytes: of memory of the process that reads and writes, at its peak.
    """

    faults: list[str]
    seconds: float
    megabytes: float


def attack(folder: Path, model: Path, cases: Iterable[int], *options: str) -> Outcome:
    """Tag hostile files with a healthy one beside each, in one run."""
    write_folder(folder / "in", cases, HEALTHY)
    words = ["tag", str(folder / "in"), "--model", str(model), "--id-field", "id", *options]
    out = folder / "out"
    with (folder / "told").open("wb") as told_file:
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, *words, "--output", f"{out}/"],
            stdout=subprocess.DEVNULL,
            stderr=told_file,
        )
        status = process.wait()
    told = (folder / "told").read_text(errors="replace")
    faults = [
        line for line in told.splitlines() if "fault of the program" in line or "Traceback" in line
    ]
    if status not in (0, 1):
        faults.append(f"status {status}: {told[-500:]}")
    seconds, before = 0.0, None
    for healthy in sorted((folder / "in").glob("*-ok.txt")):
        found = list(out.glob(f"{healthy.stem}.*"))
        if len(found) != 1 or not _is_tagged(found[0]):
            faults.append(f"{healthy.name} is lost")
            continue
        now = found[0].stat().st_mtime
        seconds, before = max(seconds, now - (before or now)), now
    if "--redact" not in options:  # else the lines are those of the input
        bad = out.glob("*-bad*.jsonl")
        faults += [f"{path.name} is broken" for path in bad if not _is_json(path)]
    seconds *= min(1.0, float(re.findall(r"busy: (\S+)", told)[-1]))
    return Outcome(faults, seconds, int(re.findall(r"VmHWM:\s+(\d+) kB", told)[-1]) / 1024)


def _is_tagged(path: Path) -> bool:
    """Whether an output of the healthy text holds its two names."""
    if path.suffix == ".parquet":
        return parquet.read_table(path)["text"].to_pylist() == ["Maria Silva", "Olga Smith"]
    content = path.read_text()
    wanted = ("Maria\tB-PER", "Smith\tI-PER") if path.suffix == ".conll" else ("Silva", "Olga S")
    if "<NAME>" in content:
        return "Yesterday <NAME> met <NAME> ." in content
    return all(name in content for name in wanted)


def _is_json(path: Path) -> bool:
    """Whether each line is one of strict JSON whose names stand where they are said to stand."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    with path.open(encoding="utf-8") as file:
        try:
            for line in file:
                row = json.loads(line, parse_constant=refuse)
                for name in row["names"]:
                    assert row["text"][name["start"] : name["end"]] == name["text"]
        except (ValueError, KeyError, AssertionError):
            return False
    return True


@pytest.mark.parametrize(
    ("first", "options"),
    [
        (0, []),
        (40, ["--errors", "replace"]),
        (80, ["--format", "csv"]),
        (120, ["--format", "parquet"]),
        (160, ["--format", "html", "--workers", "2"]),
        (200, ["--redact", "<NAME>"]),
        (360, ["--redact", "<NAME>", "--errors", "replace", "--workers", "2"]),
        (240, ["--format", "conll", "--encoding", "latin-1"]),
        (280, ["--format", "names"]),
        (320, ["--format", "text", "--workers", "2"]),
    ],
)
def test_hostile_files(small_model: Path, tmp_path: Path, first: int, options: list[str]) -> None:
    outcome = attack(tmp_path, small_model, range(first, first + 40), *options)
    assert outcome.faults == []
    assert outcome.megabytes <= LONGEST_MEGABYTES


@pytest.mark.slow
def test_ten_thousand_hostile_files(small_model: Path, tmp_path: Path) -> None:
    formats = ("jsonl", "csv", "parquet", "html", "names", "conll", "text")
    seconds = megabytes = 0.0
    for number in range(20):
        options = ["--format", formats[number % len(formats)]]
        options += ["--errors", "replace"] if number % 3 == 0 else []
        options += ["--workers", "2"] if number % 4 == 0 else []
        cases = range(1000 + 500 * number, 1500 + 500 * number)
        outcome = attack(tmp_path / str(number), small_model, cases, *options)
        assert outcome.faults == [], options
        seconds = max(seconds, outcome.seconds)
        megabytes = max(megabytes, outcome.megabytes)
        print(f"{number}: {outcome.seconds:.1f} s, {outcome.megabytes:.0f} MB")
    assert seconds <= LONGEST_SECONDS
    assert megabytes <= LONGEST_MEGABYTES
