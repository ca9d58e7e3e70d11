"""What tagging costs a core, a worker and a document; what much text would cost by it.

    python benchmarks/scale.py --data ../shared/data/text/reuters21578.txt.xz
    python benchmarks/scale.py --documents 1e9 --cores 1 16 1600 --price 0.04

Raw text, cut into documents of 2,000 characters, is tagged in one process with one thread, as a
worker of ``ner-rnn tag``, Ray or Spark does. Seconds are of the processor, medians of the turns,
so that other work on the machine counts little; only the start is also given as it is waited for.
The first table is measured; the second is computed from it and does not know what a cluster adds.
"""

from __future__ import annotations

import argparse
import io
import lzma
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read on import

import pyarrow as pa
import pyarrow.parquet as pq

import ner_rnn
from ner_rnn import Tagger
from ner_rnn.errors import counted
from ner_rnn.model.builtin import DEFAULT, find_model
from ner_rnn.runtime.network import FastNetwork
from ner_rnn.tagging.job import WORKER_ROOM
from ner_rnn.text.tokenize import iter_sentences

CHARACTERS = 2000
ARRAY = pa.list_(
    pa.struct(
        [("start", pa.int64()), ("end", pa.int64()), ("text", pa.string()), ("score", pa.float64())]
    )
)
FIRST = "from ner_rnn import Tagger; Tagger.load({!r}, device='cpu').tag('Maria Silva spoke.')"


def main() -> None:
    """Print what was measured, and what follows for many documents."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data/text/reuters21578.txt.xz")
    )
    parser.add_argument("--megabytes", type=float, default=4, help="of text")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--documents", type=float, default=1e9)
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 16, 1600])
    parser.add_argument("--price", type=float, default=0.04, help="of a core for an hour")
    args = parser.parse_args()
    if not args.data.exists():
        print(f"skipped: {args.data} does not exist; see --help")
        return
    with lzma.open(args.data, "rt", encoding="utf-8") as file:
        text = file.read(int(args.megabytes * 1e6))
    texts = [text[at : at + CHARACTERS] for at in range(0, len(text), CHARACTERS)]

    bare, idle = started("pass", args.turns)[:2], peak("pass")
    seconds = started(FIRST.format(args.model), args.turns)
    tagger = Tagger.load(args.model, device="cpu", room=WORKER_ROOM)
    parts, words, documents = timed(tagger, texts, args.turns)
    folder = find_model(args.model)
    inputs = parquet({"text": texts})
    names = [[n[:4] for n in document.names] for document in documents]
    keys = ("start", "end", "text", "score")
    rows = [[dict(zip(keys, name, strict=True)) for name in found] for found in names]
    outputs = parquet({"names": pa.array(rows, type=ARRAY)})

    total = parts["all"]
    count = len(texts)
    print(f"{count:,} documents, {words:,} words, {words / count:.0f} a document\n")
    print("| measured | |\n|---|---|")
    print(f"| words a second of one core | {words / total:,.0f} |")
    print(f"| documents of {CHARACTERS:,} characters a second of one core | {count / total:,.0f} |")
    for part in ("tokenize", "look up words", "onnxruntime", "decode"):
        print(f"| of that, {part} | {100 * parts[part] / total:.0f} % |")
    print(
        f"| start: processor seconds beyond Python's {bare[0]:.2f} | {seconds[0] - bare[0]:.2f} |"
    )
    print(f"| start: waited for, with Python's own | {seconds[1]:.2f} |")
    sizes = CHARACTERS / 1e6, args.megabytes
    one, many = (peak(worker_code(args.model, args.data, size)) - idle for size in sizes)
    print(f"| memory of a worker beyond a bare Python ({idle} MB), first text | {one} MB |")
    print(f"| the same, at its peak | {many} MB |")
    print(f"| model on disk | {size(folder):,} bytes |")
    print(f"| package on disk, with it | {size(Path(ner_rnn.__file__).parent):,} bytes |")
    print(f"| a document in Parquet (zstd) | {inputs / count:,.0f} bytes |")
    print(f"| its names in Parquet (zstd) | {outputs / count:,.1f} bytes |")

    hours = args.documents / (count / total) / 3600
    print(f"\n| computed, for {args.documents:,.0f} documents | |\n|---|---|")
    print(f"| core hours | {hours:,.0f} |")
    print(f"| cost at {args.price} a core hour | {hours * args.price:,.0f} |")
    for cores in args.cores:
        rates = f"{hours / cores:,.1f}; {inputs / total * cores / 1e6:,.1f}"
        print(f"| {counted(cores, 'core')}: hours; MB/s to read | {rates} |")
    print(f"| to read; to write | {scaled(inputs, args, count)}; {scaled(outputs, args, count)} |")
    again = (seconds[0] - bare[0]) * (count / total)
    print(f"| documents tagged in the time of one start | {again:,.0f} |")


def timed(tagger: Tagger, texts: list[str], turns: int) -> tuple[dict[str, float], int, list[Any]]:
    """Return processor seconds of a turn by part, the words, and the documents."""
    network = tagger._network
    assert isinstance(network, FastNetwork)
    spent: dict[str, float] = defaultdict(float)

    def clocked(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                spent[name] += time.thread_time() - began

        return run

    network._forms.rows = clocked("look up words", network._forms.rows)  # type: ignore[method-assign]
    network._decoder.scored_spans = clocked("decode", network._decoder.scored_spans)  # type: ignore[method-assign]
    session = network._session

    class Session:
        run = staticmethod(clocked("onnxruntime", session.run))

    network._session = Session()
    measured: list[dict[str, float]] = []
    documents: list[Any] = []
    for _ in range(turns):
        spent.clear()
        began = time.thread_time()
        documents = list(tagger.pipe(texts))
        spent["all"] = time.thread_time() - began
        began = time.thread_time()
        for text in texts:
            for _sentence in iter_sentences(text, network.unit):
                pass
        spent["tokenize"] = time.thread_time() - began
        measured.append(dict(spent))
    parts = {name: statistics.median(turn[name] for turn in measured) for name in measured[0]}
    return parts, sum(document.words for document in documents), documents


def started(code: str, turns: int) -> tuple[float, float]:
    """Return the median processor seconds and seconds of a Python that runs a line."""
    spent, waited = [], []
    for _ in range(turns):
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        waited.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(spent), statistics.median(waited)


def peak(code: str) -> int:
    """Return the largest memory of a Python that runs some lines, in MB."""
    # not ru_maxrss, in which a process begins with what its parent had
    tell = "\nprint(*(l for l in open('/proc/self/status') if l.startswith('VmHWM')))"
    ran = subprocess.run(
        [sys.executable, "-c", code + tell], check=True, capture_output=True, text=True
    )
    return int(ran.stdout.split()[1]) // 1024


def worker_code(model: str, data: Path, megabytes: float) -> str:
    """Return a program that tags the text as it reads it, as a worker does."""
    return f"""
import lzma
from ner_rnn import Tagger
def texts():
    with lzma.open({str(data)!r}, "rt", encoding="utf-8") as file:
        for _ in range({int(megabytes * 1e6 / CHARACTERS)}):
            yield file.read({CHARACTERS})
for document in Tagger.load({model!r}, device="cpu", room={WORKER_ROOM}).pipe(texts()):
    pass
"""


def parquet(columns: dict[str, Any]) -> int:
    """Return the bytes of a table."""
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, compression="zstd")
    return len(file.getvalue())


def size(folder: Path) -> int:
    """Return the bytes of all files of a folder, without what Python compiled."""
    files = (path for path in folder.rglob("*") if "__pycache__" not in path.parts)
    return sum(path.stat().st_size for path in files if path.is_file())


def scaled(size: int, args: argparse.Namespace, count: int) -> str:
    """Return the terabytes of all documents, given the bytes of some."""
    return f"{size / count * args.documents / 1e12:,.3f} TB"


if __name__ == "__main__":
    main()
