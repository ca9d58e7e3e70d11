"""Speed of tokenizers and their agreement with CoNLL-2003.

    python benchmarks/bench_tokenize.py --data ../shared/data/conll2003/eng.testa

Speed: news text; words, as each library counts them, per second of processor time on one thread;
the libraries alternate, and the median is printed. Agreement: the corpus is converted to ordinary
English text (no space before commas, full stops, 's and n't; quotes alternate between opening and
closing; a blank line after a sentence without a full stop, which is a headline or a line of a
table), tokenized and compared: F1 of words by both offsets, and F1 of sentence ends. Sentence
splitters get one paragraph at a time, as they expect; ours gets the whole text.

Libraries that are not installed are left out: pip install 'ner-rnn[bench]'.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import lzma
import re
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ner_rnn.text.conll import read_conll
from ner_rnn.text.tokenize import iter_sentences

Cut = Callable[[str], Iterator[list[tuple[int, int]]]]
"""Function from a text to the offsets of the words of each sentence."""

DATA = Path("../shared/data")
_CLOSING = re.compile(
    r"""(?:['’](?:s|m|d|re|ve|ll)|n['’]t|[.,;:?!%)\]}]|\.\.\.)\Z""", re.IGNORECASE
)
_OPENING = frozenset("([{$£#")
_STOP = frozenset(".!?")


def main() -> None:
    """Print one row per tokenizer."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA / "conll2003/eng.testa")
    parser.add_argument("--text", type=Path, default=DATA / "text/news.txt.xz", help="for speed")
    parser.add_argument("--characters", type=int, default=1_000_000, help="characters of that text")
    parser.add_argument("--turns", type=int, default=5)
    args = parser.parse_args()
    missing = [path for path in (args.data, args.text) if not path.exists()]
    if missing:
        print(f"skipped: {missing[0]} does not exist; name another with --data or --text")
        return
    with lzma.open(args.text, "rt", encoding="utf-8") as file:
        news = file.read(args.characters)
    text, gold = rebuilt(args.data)
    cutters = dict(available())
    seconds: dict[str, list[float]] = {name: [] for name in cutters}
    counts: dict[str, int] = {}
    for _ in range(args.turns):
        for name, cut in cutters.items():
            began = time.process_time()
            counts[name] = sum(map(len, cut(news)))
            seconds[name].append(time.process_time() - began)
    print(f"{len(news):,} characters of {args.text.name}, {args.turns} turns; {args.data.name}\n")
    print("| tokenizer | words/s | F1 of words | F1 of sentence ends |")
    print("|---|---|---|---|")
    for name, cut in cutters.items():
        found = list(cut(text))
        print(
            f"| {name} | {counts[name] / statistics.median(seconds[name]):,.0f} "
            f"| {f1(words(gold), words(found)):.2f} | {f1(ends(gold), ends(found)):.2f} |"
        )


def rebuilt(path: Path) -> tuple[str, list[list[tuple[int, int]]]]:
    """Return a corpus as ordinary English text, and the offsets of its words."""
    pieces: list[str] = []
    gold: list[list[tuple[int, int]]] = []
    at = 0
    for sentence in read_conll(path):
        places: list[tuple[int, int]] = []
        is_open, glue = False, True
        for number, word in enumerate(sentence.tokens):
            quote = word == '"'
            is_open |= quote and number == len(sentence.tokens) - 1 > 0  # the last one closes
            before = not glue and not (_CLOSING.match(word) or (quote and is_open))
            if word == "'" and number and sentence.tokens[number - 1][-1:] in "sS":
                before = False  # players'
            if before:
                pieces.append(" ")
                at += 1
            pieces.append(word)
            places.append((at, at + len(word)))
            at += len(word)
            glue = word in _OPENING or (quote and not is_open)
            is_open ^= quote
        gold.append(places)
        between = " " if _STOP & {*sentence.tokens[-2:]} else "\n\n"
        pieces.append(between)
        at += len(between)
    return "".join(pieces), gold


def words(cut: list[list[tuple[int, int]]]) -> set[tuple[int, int]]:
    """Return the offsets of all words."""
    return set(itertools.chain.from_iterable(cut))


def ends(cut: list[list[tuple[int, int]]]) -> set[int]:
    """Return the offsets of sentence ends."""
    return {sentence[-1][1] for sentence in cut if sentence}


def f1(gold: set[Any], found: set[Any]) -> float:
    """Return F1 in percent."""
    return 200 * len(gold & found) / (len(gold) + len(found))


def available() -> Iterator[tuple[str, Cut]]:
    """Yield every installed tokenizer with its name."""
    yield "ner-rnn", iter_sentences
    yield "white space alone", _by_spaces
    makers = {"spacy": _spacy, "blingfire": _blingfire, "syntok": _syntok, "pysbd": _pysbd}
    for name, maker in makers.items():
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed and left out")
            continue
        yield maker()


def _by_spaces(text: str) -> Iterator[list[tuple[int, int]]]:
    for start, end in _paragraphs(text):
        yield [match.span() for match in re.compile(r"\S+").finditer(text, start, end)]


def _spacy() -> tuple[str, Cut]:
    spacy = importlib.import_module("spacy")
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")

    def cut(text: str) -> Iterator[list[tuple[int, int]]]:
        paragraphs = ((text[start:end], start) for start, end in _paragraphs(text))
        for doc, offset in nlp.pipe(paragraphs, as_tuples=True):
            for sentence in doc.sents:
                yield [
                    (offset + token.idx, offset + token.idx + len(token))
                    for token in sentence
                    if not token.is_space
                ]

    return f"spaCy {spacy.__version__}, blank English and sentencizer", cut


def _blingfire() -> tuple[str, Cut]:
    blingfire = importlib.import_module("blingfire")

    def cut(text: str) -> Iterator[list[tuple[int, int]]]:
        for start, end in _paragraphs(text):
            for first, last in blingfire.text_to_sentences_and_offsets(text[start:end])[1]:
                offset = start + first
                _, places = blingfire.text_to_words_with_offsets(text[offset : start + last])
                yield [(offset + a, offset + b) for a, b in places]

    return "BlingFire 0.1.8", cut


def _syntok() -> tuple[str, Cut]:
    segmenter = importlib.import_module("syntok.segmenter")

    def cut(text: str) -> Iterator[list[tuple[int, int]]]:
        for start, end in _paragraphs(text):
            for paragraph in segmenter.process(text[start:end]):
                for sentence in paragraph:
                    yield [
                        (start + token.offset, start + token.offset + len(token.value))
                        for token in sentence
                    ]

    return "syntok", cut


def _pysbd() -> tuple[str, Cut]:
    pysbd = importlib.import_module("pysbd")
    nlp = importlib.import_module("spacy").blank("en")
    segmenter = pysbd.Segmenter(language="en", clean=False, char_span=True)

    def cut(text: str) -> Iterator[list[tuple[int, int]]]:
        for start, end in _paragraphs(text):
            for span in segmenter.segment(text[start:end]):
                offset = start + span.start
                yield [
                    (offset + token.idx, offset + token.idx + len(token))
                    for token in nlp.make_doc(text[offset : start + span.end])
                    if not token.is_space
                ]

    return "pysbd sentences, spaCy words", cut


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"\n[ \t]*\n", text):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < len(text):
        yield start, len(text)


if __name__ == "__main__":
    main()
