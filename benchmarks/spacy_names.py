"""Names that a pipeline of spaCy finds; runs in an environment of its own, without this package.

    PYTHON benchmarks/spacy_names.py texts.json names.json [--pipeline FOLDER]

``texts.json`` maps a key to documents: each is a text, or sentences of words. The answer maps the
key to the persons of each document as [start, end]: characters of a text, or words counted over the
sentences. spaCy gets the words and the sentence boundaries as given (it does better with them: 73.3
on eng.testb, and 72.0 without), only its recognizer runs, and ``'s`` at the end of a person is cut
off. ``kinds_of_text.py`` calls it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

POSSESSIVE = {"'s", "\u2019s"}  # whatever its case


def main() -> None:
    """Find the names of all documents; write them, and what it cost."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("texts", type=Path)
    parser.add_argument("names", type=Path)
    parser.add_argument("--pipeline", type=Path, help="default: the en_core_web_md installed")
    args = parser.parse_args()
    began = time.perf_counter(), time.process_time()
    folder = args.pipeline or find_pipeline()
    nlp = importlib.import_module("spacy").load(folder)
    nlp.select_pipes(enable=["ner"])
    nlp("Angela Merkel spoke.")
    started = time.perf_counter() - began[0], time.process_time() - began[1]
    texts = json.loads(args.texts.read_text(encoding="utf-8"))
    found: dict[str, list[list[list[int]]]] = {}
    words = 0
    began = time.perf_counter(), time.process_time()
    for number, (key, documents) in enumerate(texts.items(), 1):
        print(f"spaCy: {key}, {number} of {len(texts)}", file=sys.stderr, flush=True)
        make = [document_of(nlp, document) for document in documents]
        words += sum(map(len, make))
        found[key] = [
            persons(doc, isinstance(given, str))
            for doc, given in zip(nlp.pipe(make), documents, strict=True)
        ]
    took = time.perf_counter() - began[0], time.process_time() - began[1]
    answer = {
        "pipeline": f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}",
        "megabytes": sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) / 1e6,
        "start_seconds": started[0],
        "start_processor_seconds": started[1],
        "words_per_second": words / took[0],
        "words_per_processor_second": words / took[1],
        "found": found,
    }
    args.names.write_text(json.dumps(answer), encoding="utf-8")


def find_pipeline() -> Path:
    """Return the folder of en_core_web_md in this environment, as a package or inside one."""
    for place in sys.path:
        for config in sorted(Path(place).glob("*/en_core_web_md*/config.cfg")):
            return config.parent
    raise SystemExit("en_core_web_md is not installed here: give its folder with --pipeline")


def document_of(nlp: Any, given: str | Sequence[Sequence[str]]) -> Any:
    """Return a text, or sentences of words, as a document of spaCy."""
    if isinstance(given, str):
        return nlp.make_doc(given)
    doc = importlib.import_module("spacy.tokens").Doc
    words = [word for sentence in given for word in sentence]
    starts = [not at for sentence in given for at in range(len(sentence))]
    return doc(nlp.vocab, words=words, sent_starts=starts)


def persons(doc: Any, characters: bool) -> list[list[int]]:
    """Return the persons of a document, without a possessive at the end."""
    found = []
    for entity in doc.ents:
        if entity.label_ != "PERSON":
            continue
        last = entity.end - (len(entity) > 1 and doc[entity.end - 1].lower_ in POSSESSIVE)
        span = doc[entity.start : last]
        found.append([span.start_char, span.end_char] if characters else [span.start, span.end])
    return found


if __name__ == "__main__":
    main()
