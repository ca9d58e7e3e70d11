"""Cost of a report, and coverage of its intervals.

    python benchmarks/bench_report.py                       synthetic counts; no file is read
    python benchmarks/bench_report.py --report reports/may  also that report again, without tagging

Processor time, the minimum of three turns. With ``--report`` all cells are kept from the report's
folder (``--resume``).
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ner_rnn.evaluation.counting import Found, count
from ner_rnn.evaluation.statistics import intervals, randomisation, resample
from ner_rnn.text.tags import spans
from ner_rnn.training.scoring import ratios, score

DOCUMENTS = 231  # of eng.testb
SENTENCES = 3_453
ROUNDS = 10_000


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--samples", type=int, default=2000, help="sampled corpora for the coverage"
    )
    parser.add_argument("--report", help="folder of a report to write again")
    args = parser.parse_args()
    print(f"{'task':<62} {'seconds':>8}  limit")
    gold, found = _million()
    timed("seqeval strict, 1,000,000 words", lambda: score(gold, found), "10")
    timed(
        "count sentence by sentence, 1,000,000 words",
        lambda: count(*([[Found(*s) for s in spans(tags)] for tags in x] for x in (gold, found))),
        "10",
    )
    rng = np.random.default_rng(1)
    for units, unit in ((DOCUMENTS, "documents"), (SENTENCES, "sentences")):
        a, b = documents(rng, units), documents(rng, units)
        timed(
            f"bootstrap, {ROUNDS:,} resamples of {units:,} {unit}",
            lambda a=a: intervals(resample(a, ROUNDS, 1)),
            "2",
        )
        timed(
            f"approximate randomisation, {ROUNDS:,} rounds, {units:,} {unit}",
            lambda a=a, b=b: randomisation(a, b, ROUNDS, 1),
            "2",
        )
    began = time.process_time()
    share, error = coverage(args.samples)
    seconds = time.process_time() - began
    print(
        f"{f'95 % intervals that contain the true F1, {args.samples:,} corpora':<62} {seconds:8.2f}"
        f"  95 %: found {100 * share:.1f} ± {100 * error:.1f} %"
    )
    if args.report:
        _again(Path(args.report))
    return 0


def timed(task: str, work: Callable[[], object], limit: str) -> None:
    """Print the minimum of three turns."""
    seconds = []
    for _ in range(3):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    print(f"{task:<62} {min(seconds):8.2f}  <= {limit}")


def documents(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return support, predicted and correct names of documents that differ in difficulty."""
    support = rng.poisson(7, size=count)
    correct = rng.binomial(support, rng.beta(18, 2, size=count))
    predicted = correct + rng.poisson(0.5, size=count)
    return np.stack([support, predicted, correct], axis=1).astype(np.int64)


def coverage(samples: int) -> tuple[float, float]:
    """Return the share of intervals that contain the population F1, and its standard error."""
    rng = np.random.default_rng(17)
    truth = ratios(*documents(rng, 2_000_000).sum(axis=0))[2]
    held = 0
    for number in range(samples):
        low, high = intervals(resample(documents(rng, DOCUMENTS), 1000, number))[2] or (0, 0)
        held += low <= truth <= high
    share = held / samples
    return share, (share * (1 - share) / samples) ** 0.5


def _million() -> tuple[list[list[str]], list[list[str]]]:
    """Return 50,000 sentences of 20 words, with a name in half of them."""
    words = ["O"] * 18
    name, none = ["B-PER", "I-PER", *words], ["O", "O", *words]
    return [name, none] * 25_000, [name, none, none, name] * 12_500


def _again(folder: Path) -> None:
    """Print the cost of a report without tagging: its command with ``--resume``."""
    from ner_rnn_cli.main import main as program

    command = json.loads((folder / "report.json").read_text("utf-8"))["provenance"]["command"]
    words = shlex.split(command)[1:]
    if "--resume" not in words:
        words.append("--resume")
    began = time.process_time()
    status = program(words)
    seconds = time.process_time() - began
    report = json.loads((folder / "report.json").read_text("utf-8"))
    kept = sum(cell.get("kept", False) for cell in report["cells"])
    what = f"a report of {kept} kept cells, of {len(report['cells'])}; exit status {status}"
    print(f"{what:<62} {seconds:8.2f}  <= 60")


if __name__ == "__main__":
    sys.exit(main())
