"""Speed and agreement of one tagger in onnxruntime (32 and 8 bits), NumPy and torch.

    python benchmarks/bench_engine.py --model runs/conll2003 --data eng.testb

Words per second from tokenized text to names in one process: median of the turns after a first
pass, in which every word is new. All engines alternate. Threads tag portions of the text in
parallel; torch itself has one thread. Agreement is with torch, on the same text and on 1,000
sentences of words drawn from it at random.
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
from ner_rnn.model.contents import model_config, temperature
from ner_rnn.model.loader import read_tagger
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.runtime.cells import direction_weights
from ner_rnn.runtime.documents import TokenizedText
from ner_rnn.runtime.load import load_network
from ner_rnn.runtime.network import FastNetwork
from ner_rnn.runtime.torch_network import TorchNetwork
from ner_rnn.text.conll import read_conll
from ner_rnn.text.tags import convert, recognise, spans


def documents_of(path: Path) -> tuple[list[TokenizedText], set[tuple[int, int, int]]]:
    """Return the documents of a column file and its person names: (document, start, end)."""
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
    """Return documents of one sentence, with words drawn from the whole text."""
    rng = random.Random(1)
    words = [word for text in texts for sentence in text.words or [] for word in sentence]
    return [TokenizedText.join([rng.choices(words, k=rng.randint(1, 60))]) for _ in range(count)]


class NumpySession:
    """LSTM in NumPy, with the interface of an onnxruntime session."""

    def __init__(self, model: Any, weights: Any) -> None:
        directions = range(2 if model.bidirectional else 1)
        self.recurrent = [
            np.ascontiguousarray(direction_weights(model, weights, 0, direction)[2].T)
            for direction in directions
        ]

    def run(self, names: list[str], given: dict[str, Any]) -> list[Any]:
        """Return the states of each direction, as a session does."""
        index = given["index"]
        outputs = []
        for direction, recurrent in enumerate(self.recurrent):
            table, units = given[f"table{direction}"], len(recurrent)
            a = np.zeros((index.shape[1], units), dtype=np.float32)
            c = np.zeros_like(a)
            states = np.empty((*index.shape, units), dtype=np.float32)
            for t in range(len(index))[:: -1 if direction else 1]:
                z = table[index[t]]
                z += a @ recurrent
                gates = z[:, : 3 * units]
                gates *= 0.5  # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2
                np.tanh(z, out=z)
                gates *= 0.5
                gates += 0.5
                i, f, o, g = np.split(z, 4, axis=1)
                c = f * c + i * g
                a = o * np.tanh(c)
                states[t] = a
            outputs.append(states)
        return outputs


def main() -> None:
    """Print a row for each number of threads and each engine."""
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
            print(f"skipped: {path} does not exist; see --help")
            return
    texts, gold = documents_of(args.data)
    drawn = at_random(texts, 1000)
    total = sum(len(sentence) for text in texts for sentence in text.sentences)
    print("| engine | threads | words/s | first pass | F1 | other than torch | random words |")
    print("|---|---|---|---|---|---|---|")
    for threads in args.threads:
        networks = engines(args.model)
        taggers = {engine: Tagger(network, threads=threads) for engine, network in networks.items()}
        rates: dict[str, list[float]] = {engine: [] for engine in taggers}
        answers: dict[str, list[Any]] = {}
        for _ in range(args.turns + 1):
            for engine, tagger in taggers.items():
                began = time.perf_counter()
                answers[engine] = list(tagger.pipe(texts))
                rates[engine].append(total / (time.perf_counter() - began))
        others = {engine: list(tagger.pipe(drawn)) for engine, tagger in taggers.items()}
        for engine, (first, *rest) in rates.items():
            found = spans_of(answers[engine])
            right = len(found & gold)
            differ = different_words(answers[engine], answers["torch"])
            at = different_words(others[engine], others["torch"])
            print(
                f"| {engine} | {threads} | {statistics.median(rest):,.0f} | {first:,.0f} "
                f"| {200 * right / (len(found) + len(gold)):.2f} | {differ} of {total:,} | {at} |"
            )


def engines(folder: Path) -> dict[str, Any]:
    """Return the tagger for each engine that can run it."""
    bundle = read_tagger(folder)
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
    """Return (document, start, end) of every name."""
    return {
        (place, name.start, name.end)
        for place, document in enumerate(documents)
        for name in document.names
    }


def different_words(ours: list[Any], others: list[Any]) -> int:
    """Return the number of words in names that only one of the two has."""
    return sum(
        len(text.split())
        for a, b in zip(ours, others, strict=True)
        for _, _, text in {n[:3] for n in a.names} ^ {n[:3] for n in b.names}
    )


if __name__ == "__main__":
    main()
