"""The clock may go back, or files lie in the future: nothing is decided by the time of day."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import ner_rnn_cli
import pytest

import ner_rnn

ROOTS = [Path(ner_rnn.__file__).parent, Path(ner_rnn_cli.__file__).parent]
TIME_OF_DAY = re.compile(
    r"\btime\.(time|time_ns|localtime|gmtime|strftime)\(|\bdatetime\.(now|today|utcnow)\(|"
    r"\bst_[acm]time|getmtime|\.utime\("
)
ALLOWED = {
    "machine.py": 1,  # the date that models and reports record
    "cache.py": 2,  # a cache: which of its entries is deleted first
}
BACK = """\
import itertools, sys, time
began = time.time()
days = itertools.count()
time.time = lambda: began - 86400 * next(days)  # a day earlier each time it is asked
from ner_rnn_cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_the_time_of_day_is_recorded_but_decides_nothing() -> None:
    found: dict[str, int] = {}
    for root in ROOTS:
        for path in root.rglob("*.py"):
            if uses := len(TIME_OF_DAY.findall(path.read_text("utf-8"))):
                found[path.name] = uses
    assert found == ALLOWED, "durations are of time.monotonic or time.perf_counter"


@pytest.mark.slow
def test_training_while_the_clock_goes_back(corpus: Path, tmp_path: Path) -> None:
    words = (
        f"train --data.train {corpus}/train.txt --data.dev {corpus}/dev.txt --output OUT "
        f"--data.cache {tmp_path}/cache --model.hidden-size 8 --trainer.batch-tokens 64 "
        "--trainer.epochs 2"
    )
    for name, program in (("as usual", ["-m", "ner_rnn_cli"]), ("back", ["-c", BACK])):
        given = [str(tmp_path / name) if word == "OUT" else word for word in words.split()]
        done = subprocess.run([sys.executable, *program, *given], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr
    weights = [
        (tmp_path / name / "weights.safetensors").read_bytes() for name in ("as usual", "back")
    ]
    assert weights[0] == weights[1]
