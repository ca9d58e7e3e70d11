"""A tagger that was used goes on after a fork, as servers and data loaders fork it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILDREN = """\
import os, sys, threading, time
from ner_rnn.runtime.tagger import Tagger

folder, others = sys.argv[1], int(sys.argv[2])
tagger = Tagger.load(folder, threads=2, room=64)
text = " ".join(f"Yesterday Maria{n % 997} Silva met Olga Smith{n % 89} ." for n in range(2000))
found = tagger.tag(text).names
assert len(found) > 2000

def work() -> None:
    while True:
        tagger.tag(text[:30000])

for _ in range(others):
    threading.Thread(target=work, daemon=True).start()
for _ in range(3):
    time.sleep(0.05 * others)
    child = os.fork()
    if child == 0:
        os._exit(0 if tagger.tag(text).names == found else 3)
    assert os.waitpid(child, 0)[1] == 0
assert tagger.tag(text).names == found
os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("others", [0, 2])
def test_a_child_tags_as_its_parent(small_model: Path, others: int) -> None:
    # from Python 3.12 on, os.fork warns of threads, which is what is tested
    words = [
        sys.executable,
        "-W",
        "ignore::DeprecationWarning",
        "-c",
        CHILDREN,
        str(small_model),
        str(others),
    ]
    done = subprocess.run(words, check=False, capture_output=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, b"")
