"""Ways to run one tagger: onnxruntime in 32 and 8 bits, NumPy, torch; speed and agreement.

    python benchmarks/bench_engine.py --model runs/conll2003 --data eng.testb

Words a second on text that is cut already, names out, in one process: median of the turns after a
first pass, in which every word is met for the first time. All ways take turns. Threads look at
portions of the text side by side; torch's own threads are one. Agreement is with torch, on the same
text and on 1,000 sentences of words drawn at random from it.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read on import

import numpy as np

from ner_rnn import Tagger
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.contents import model_config, temperature
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.runtime.cells import direction_weights
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.runtime.load import load_network
from ner_rnn.runtime.network import FastNetwork
from ner_rnn.runtime.torch_network import TorchNetwork
from ner_rnn.text.conll import read_conll
from ner_rnn.text.tags import convert, recognise, spans


def documents_of(path: Path) -> tuple[list[TokenizedText], set[tuple[int, int, int]]]:
    """The documents of a column file, and its person names: (document, start, end)."""
    sentences = list(read_conll(path))
    scheme = recognise(sentence.tags for sentence in sentences)
    names: set[tuple[int, int, int]] = set()
    texts: list[TokenizedText] = []
    numbers = sorted({int(sentence.document) for sentence in sentences})
    for place, number in enumerate(numbers):
        mine = [sentence for sentence in sentences if int(sentence.document) == number]
        texts.append(TokenizedText.join(sentence.tokens for sentence in mine))
        for sentence, offsets in zip(mine, texts[-1].sentences, strict=True):
            for span in spans(convert(sentence.tags, scheme, "IOB2"), "IOB2"):
                if span.label == "PER":
                    names.add((place, offsets[span.start][0], offsets[span.end - 1][1]))
    return texts, names


def at_random(texts: list[TokenizedText], count: int) -> list[TokenizedText]:
    """Documents of one sentence, of words drawn from all of the text."""
    chance = random.Random(1)
    words = [word for text in texts for sentence in text.words or [] for word in sentence]
    return [
        TokenizedText.join([chance.choices(words, k=chance.randint(1, 60))]) for _ in range(count)
    ]


class NumpySession:
    """The LSTM's steps in NumPy, in the place of an onnxruntime session."""

    def __init__(self, model: Any, weights: Any) -> None:
        ways = range(2 if model.bidirectional else 1)
        self.recurrent = [
            np.ascontiguousarray(direction_weights(model, weights, 0, way)[2].T) for way in ways
        ]

    def run(self, names: list[str], given: dict[str, Any]) -> list[Any]:
        """As a session's."""
        index = given["index"]
        answers = []
        for way, recurrent in enumerate(self.recurrent):
            table, units = given[f"table{way}"], len(recurrent)
            a = np.zeros((index.shape[1], units), dtype=np.float32)
            c = np.zeros_like(a)
            states = np.empty((*index.shape, units), dtype=np.float32)
            for t in range(len(index))[:: -1 if way else 1]:
                z = table[index[t]]
                z += a @ recurrent
                gates = z[:, : 3 * units]
                gates *= 0.5  # a sigmoid is a tanh of half, halved and lifted
                np.tanh(z, out=z)
                gates *= 0.5
                gates += 0.5
                i, f, o, g = np.split(z, 4, axis=1)
                c = f * c + i * g
                a = o * np.tanh(c)
                states[t] = a
            answers.append(states)
        return answers


def main() -> None:
    """Print a table for each number of threads."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, default=Path("runs/conll2003"))
    parser.add_argument("--data", type=Path, default=Path("../shared/data/conll2003/eng.testb"))
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    args = parser.parse_args()
    for path in (args.model, args.data):
        if not path.exists():
            print(f"skipped: {path} is not here; see --help")
            return
    texts, gold = documents_of(args.data)
    drawn = at_random(texts, 1000)
    total = sum(len(sentence) for text in texts for sentence in text.sentences)
    print("| way | threads | words/s | first pass | F1 | words unlike torch's | of random ones |")
    print("|---|---|---|---|---|---|---|")
    for threads in args.threads:
        networks = ways(args.model)
        taggers = {way: Tagger(network, threads=threads) for way, network in networks.items()}
        rates: dict[str, list[float]] = {way: [] for way in taggers}
        answers: dict[str, list[Any]] = {}
        for _ in range(args.turns + 1):
            for way, tagger in taggers.items():
                began = time.perf_counter()
                answers[way] = list(tagger.pipe(texts))
                rates[way].append(total / (time.perf_counter() - began))
        others = {way: list(tagger.pipe(drawn)) for way, tagger in taggers.items()}
        for way, (first, *rest) in rates.items():
            found = spans_of(answers[way])
            right = len(found & gold)
            unlike = words_unlike(answers[way], answers["torch"])
            at = words_unlike(others[way], others["torch"])
            print(
                f"| {way} | {threads} | {statistics.median(rest):,.0f} | {first:,.0f} "
                f"| {200 * right / (len(found) + len(gold)):.2f} | {unlike} of {total:,} | {at} |"
            )


def ways(folder: Path) -> dict[str, Any]:
    """The same tagger, run in each way that there is for it."""
    bundle = read_bundle(folder)
    model = model_config(bundle)
    networks: dict[str, Any] = {"onnxruntime fp32": load_network(bundle, device="cpu")}
    if "int8" in bundle.encoders:
        networks["onnxruntime int8"] = load_network(bundle, device="cpu", precision="int8")
    network, vocabulary = load_tagger(bundle)
    if model.cell == "lstm" and model.layers == 1 and not vocabulary.context:
        plain = FastNetwork(
            model, vocabulary, bundle.weights, bundle.encoders["fp32"], temperature=1.0
        )
        plain._session = NumpySession(model, bundle.weights)
        networks["NumPy"] = plain
    networks["torch"] = TorchNetwork(network, vocabulary, temperature=temperature(bundle))
    return networks


def spans_of(documents: list[Any]) -> set[tuple[int, int, int]]:
    """(document, start, end) of every name."""
    return {
        (place, name.start, name.end)
        for place, document in enumerate(documents)
        for name in document.names
    }


def words_unlike(some: list[Any], others: list[Any]) -> int:
    """Words that are in a name here and not there, or in another one."""
    return sum(
        len(text.split())
        for a, b in zip(some, others, strict=True)
        for _, _, text in {n[:3] for n in a.names} ^ {n[:3] for n in b.names}
    )


if __name__ == "__main__":
    main()
