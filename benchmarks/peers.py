"""Systems that ``tagging.py`` measures, each in its own process.

    python benchmarks/peers.py train crfsuite corpus.json folder
    python benchmarks/peers.py serve spacy folder corpus.json --part 1/2
    python benchmarks/peers.py once spacy folder line.txt
    python benchmarks/peers.py raw spacy folder texts.jsonl names.jsonl --processes 2

A corpus is JSON: documents of sentences of ``[word, tag]``, tags in IOB2. ``serve`` answers each
line of standard input with one measurement, so that systems can alternate. Only the system ``ner-
rnn`` needs this package: the others can be in another environment.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

Words = list[str]
Span = tuple[int, int]
Corpus = list[list[list[tuple[str, str]]]]

SPACY_EPOCHS = 12


class NerRnn:
    """This package, as a library."""

    def __init__(self, folder: str) -> None:
        self._cut = importlib.import_module("ner_rnn.runtime.documents").TokenizedText
        self._tagger = importlib.import_module("ner_rnn").Tagger.load(folder)

    def find(self, documents: Sequence[Sequence[Words]]) -> list[Any]:
        """Return the names of whole documents."""
        return list(self._tagger.pipe(map(self._cut.join, documents)))

    def persons(self, found: Iterable[Any]) -> Iterator[list[Span]]:
        """Yield the word spans of the persons of each sentence."""
        for document in found:
            for _, names in document.named_sentences():
                yield [(name.start, name.end) for name in names]


class CrfSuite:
    """Linear-chain CRF with hand-made features of the word and its two neighbours on each side."""

    FILE = "model.crfsuite"

    def __init__(self, folder: str) -> None:
        self._tagger = importlib.import_module("pycrfsuite").Tagger()
        self._tagger.open(str(Path(folder) / self.FILE))

    def find(self, documents: Sequence[Sequence[Words]]) -> list[list[str]]:
        """Return the tags of every sentence."""
        tag = self._tagger.tag
        return [tag(features(words)) for sentences in documents for words in sentences]

    def persons(self, found: Iterable[list[str]]) -> Iterator[list[Span]]:
        """Yield the word spans of the persons of each sentence."""
        return map(person_spans, found)

    @classmethod
    def train(cls, corpus: Corpus, folder: Path) -> None:
        """Train by L-BFGS on all entity types."""
        trainer = importlib.import_module("pycrfsuite").Trainer(verbose=False)
        for document in corpus:
            for sentence in document:
                words, tags = zip(*sentence, strict=True)
                trainer.append(features(words), tags)
        trainer.set_params({"c1": 0.1, "c2": 0.01, "max_iterations": 100})
        trainer.train(str(folder / cls.FILE))


@lru_cache(maxsize=1 << 18)
def word_features(word: str) -> tuple[list[str], ...]:
    """Return the features of a word for itself and for its neighbours, once per distinct word."""
    shape = "".join(
        "X" if c.isupper() else "x" if c.islower() else "d" if c.isdigit() else c for c in word
    )
    short = "".join(c for i, c in enumerate(shape) if i == 0 or shape[i - 1] != c)
    near = [f"w={word.lower()}", f"h={short}", f"s={word[-3:].lower()}"]
    own = [*near, f"f={word}", f"p={word[:3]}", f"p4={word[:4]}", f"s2={word[-2:]}"]
    own += [f"s4={word[-4:]}", f"shape={shape}", f"title={word.istitle()}"]
    return (own, *([f"{at}{name}" for name in near] for at in ("-1", "+1")), [near[0]], [near[0]])


def features(words: Sequence[str]) -> list[list[str]]:
    """Return the features of each word of a sentence."""
    known = [word_features(word) for word in words]
    last = len(words) - 1
    rows = []
    for at, (own, *_) in enumerate(known):
        row = ["bias", *own]
        row += known[at - 1][1] if at else ["first"]
        row += known[at + 1][2] if at < last else ["last"]
        if at > 1:
            row.append("-2" + known[at - 2][3][0])
        if at < last - 1:
            row.append("+2" + known[at + 2][4][0])
        rows.append(row)
    return rows


class SpaCy:
    """spaCy's recognizer, trained from scratch on the same sentences."""

    def __init__(self, folder: str) -> None:
        self._nlp = importlib.import_module("spacy").load(folder)
        self._doc = importlib.import_module("spacy.tokens").Doc

    def find(self, documents: Sequence[Sequence[Words]]) -> list[Any]:
        """Return every sentence as a spaCy document."""
        vocab = self._nlp.vocab
        docs = (self._doc(vocab, words) for sentences in documents for words in sentences)
        return list(self._nlp.pipe(docs, batch_size=512))

    def persons(self, found: Iterable[Any]) -> Iterator[list[Span]]:
        """Yield the word spans of the persons of each sentence."""
        for doc in found:
            yield [(ent.start, ent.end) for ent in doc.ents if ent.label_ == "PER"]

    @classmethod
    def train(cls, corpus: Corpus, folder: Path) -> None:
        """Train spaCy's default network, and keep its averaged weights."""
        spacy = importlib.import_module("spacy")
        example = importlib.import_module("spacy.training")
        util = importlib.import_module("spacy.util")
        tokens = importlib.import_module("spacy.tokens")
        util.fix_random_seed(1)
        nlp = spacy.blank("en")
        nlp.add_pipe("ner")
        examples = []
        for document in corpus:
            for sentence in document:
                words, tags = map(list, zip(*sentence, strict=True))
                doc = tokens.Doc(nlp.vocab, words)
                biluo = example.iob_to_biluo(tags)
                examples.append(example.Example.from_dict(doc, {"words": words, "entities": biluo}))
        shuffle = random.Random(1).shuffle
        optimizer = nlp.initialize(lambda: examples)
        for _ in range(SPACY_EPOCHS):
            shuffle(examples)
            for batch in util.minibatch(examples, 128):
                nlp.update(batch, sgd=optimizer, drop=0.2)
        with nlp.use_params(optimizer.averages):
            nlp.to_disk(folder)


SYSTEMS: dict[str, Any] = {"ner-rnn": NerRnn, "crfsuite": CrfSuite, "spacy": SpaCy}


def person_spans(tags: Sequence[str]) -> list[Span]:
    """Return the spans of PER in IOB2."""
    spans: list[Span] = []
    start = None
    for at, tag in enumerate([*tags, "O"]):
        if start is not None and tag != "I-PER":
            spans.append((start, at))
            start = None
        if tag == "B-PER":
            start = at
    return spans


def serve(system: Any, documents: list[list[Words]]) -> None:
    """Measure once per line of input; the first answer also has the persons."""
    count = sum(len(words) for document in documents for words in document)
    print(json.dumps({"words": count}), flush=True)
    first = True
    for _ in sys.stdin:
        gc.collect()
        began = time.perf_counter()
        found = system.find(documents)
        answer: dict[str, Any] = {"seconds": time.perf_counter() - began}
        if first:
            answer["persons"] = list(system.persons(found))
            first = False
        print(json.dumps(answer), flush=True)


def once(folder: str, path: str) -> None:
    """Load spaCy's model, tag one file, print its names."""
    nlp = importlib.import_module("spacy").load(folder)
    doc = nlp(Path(path).read_text(encoding="utf-8"))
    print(json.dumps(_line("", doc)))


def raw(folder: str, source: str, target: str, processes: int) -> None:
    """Tag JSON lines by spaCy, its own tokenizer included."""
    nlp = importlib.import_module("spacy").load(folder)
    with open(source, encoding="utf-8") as lines, open(target, "w", encoding="utf-8") as out:
        rows = map(json.loads, lines)
        pairs = ((row["text"], row["id"]) for row in rows)
        for doc, number in nlp.pipe(pairs, as_tuples=True, n_process=processes, batch_size=64):
            out.write(json.dumps(_line(number, doc), ensure_ascii=False) + "\n")


def _line(number: str, doc: Any) -> dict[str, Any]:
    names = [
        {"start": ent.start_char, "end": ent.end_char, "text": ent.text}
        for ent in doc.ents
        if ent.label_ == "PER"
    ]
    return {"id": number, "text": doc.text, "names": names}


def main() -> None:
    """Run one task of ``tagging.py``."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["train", "serve", "once", "raw"])
    parser.add_argument("system", choices=list(SYSTEMS))
    parser.add_argument("arguments", nargs="+")
    parser.add_argument(
        "--part", default="0/1", help="FIRST/STEP: every STEPth document from FIRST on"
    )
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    if args.task == "train":
        corpus, folder = args.arguments
        Path(folder).mkdir(parents=True, exist_ok=True)
        SYSTEMS[args.system].train(json.loads(Path(corpus).read_text()), Path(folder))
    elif args.task == "serve":
        folder, corpus = args.arguments
        which, step = map(int, args.part.split("/"))
        documents = [
            [[word for word, _ in sentence] for sentence in document]
            for document in json.loads(Path(corpus).read_text())[which::step]
        ]
        serve(SYSTEMS[args.system](folder), documents)
    elif args.task == "once":
        once(*args.arguments)
    else:
        raw(*args.arguments, args.processes)


if __name__ == "__main__":
    main()
