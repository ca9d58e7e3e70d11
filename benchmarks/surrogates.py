"""Text with surrogates, tagged again: as many names as before, and none of the real ones.

    python benchmarks/surrogates.py path/to/conll2003/eng.testb path/to/letters/*.txt
    python benchmarks/surrogates.py eng.testb --seed 2 --show 20

Files are read as ``ner-rnn tag`` reads them; the words of a column file are joined by spaces and
read as running text. For each file: names found before and after, in percent of those before;
names found after that are a name of the same document as it was found before, and those that have
one of its words (initials, particles and titles left out); persons that several documents name in
full, and those of them with more than one surrogate.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence

from ner_rnn.augmentation.names import PARTICLES
from ner_rnn.model.builtin import DEFAULT
from ner_rnn.runtime.documents import Document, TokenizedText
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.tagging.folders import find_inputs
from ner_rnn.tagging.persons import Person, same_persons
from ner_rnn.tagging.redact import redacted
from ner_rnn.tagging.stream import Reader, Reading, Source
from ner_rnn.tagging.surrogates.name_lists import default_lists, plain
from ner_rnn.tagging.surrogates.name_parts import name_parts
from ner_rnn.tagging.surrogates.name_words import name_words
from ner_rnn.tagging.surrogates.people import Surrogates


def main() -> None:
    """Print a row for each file, and what was found of real names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--model", default=DEFAULT)
    parser.add_argument("--seed", type=int, default=1, help="number of the key")
    parser.add_argument("--show", type=int, default=0, help="real names to show for each file")
    args = parser.parse_args()
    tagger = Tagger.load(args.model)
    surrogates = Surrogates(f"key number {args.seed:>9}".encode())
    print("documents   before    after   change  real names  real words  persons  changed  file")
    for file in args.files:
        kind = None if file.endswith(".txt") else "conll"
        events = Reader(find_inputs([file], kind), Reading())
        texts = [
            event.text.text if isinstance(event.text, TokenizedText) else event.text
            for event in events
            if isinstance(event, Source)
        ]
        before = list(tagger.pipe(texts))
        made = [redacted(document, surrogates) for document in before]
        after = list(tagger.pipe(document.text for document in made))
        old, new = (sum(len(found.names) for found in tagged) for tagged in (before, after))
        names: Counter[str] = Counter()
        words: Counter[str] = Counter()
        for one, other in zip(before, after, strict=True):
            found_names, found_words = real(one, other)
            names.update(found_names)
            words.update(found_words)
        kept = steadiness(before, surrogates)
        print(
            f"{len(texts):9,}{old:9,}{new:9,}{100 * (new - old) / max(old, 1):+8.1f} %"
            f"{names.total():12,}{words.total():12,}"
            f"{len(kept):9,}{sum(found > 1 for found in kept):9,}  {file}"
        )
        for name, count in (names + words).most_common(args.show):
            print(f"    {count:4} {name!r}")


def real(before: Document, after: Document) -> tuple[list[str], list[str]]:
    """Return the names found after that are real, and the others that have a word of one."""
    same, parts = set(), set()
    lists = default_lists()
    for mention in same_persons(name.text for name in before.names).values():
        same.add(tuple(word.key for word in mention.words))
        kinds = name_parts(mention.person, lists)
        for word, kind in zip(mention.person, kinds, strict=True):
            if kind in ("given", "family") and word not in PARTICLES:
                parts.add(plain(word))
    names, words = [], []
    for name in after.names:
        keys = tuple(word.key for word in name_words(name.text))
        if keys in same:
            names.append(name.text)
        elif parts.intersection(map(plain, keys)):
            words.append(name.text)
    return names, words


def steadiness(documents: Sequence[Document], surrogates: Surrogates) -> list[int]:
    """Return the number of surrogates of each person that several documents name in full."""
    made: dict[Person, list[Person]] = {}
    for document in documents:
        mentions = same_persons(name.text for name in document.names)
        new = surrogates.names(mentions)
        full = {
            mention.person: tuple(word.key for word in name_words(new[name]))
            for name, mention in mentions.items()
            if tuple(word.key for word in mention.words) == mention.person
        }
        for person, surrogate in full.items():
            made.setdefault(person, []).append(surrogate)
    return [len(set(found)) for found in made.values() if len(found) > 1]


if __name__ == "__main__":
    main()
