"""What a student is given of its teachers: text, probabilities of names, taggings by chance."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.corpora.corpus import LEFT_OPEN, PERSON
from ner_rnn.errors import FileError, UserError
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.tagging.stream import Reading
from ner_rnn.text.tags import Span
from ner_rnn.training.distillation.distil import epochs_of
from ner_rnn.training.distillation.soft_labels import SoftLabels, bounds_of, draw
from ner_rnn.training.distillation.teachers import MIN_SCORE, read_teacher, teach
from ner_rnn.training.distillation.unlabelled import (
    LONGEST,
    Document,
    choose,
    look_through,
    read_documents,
)

TEXT = "Yesterday Maria Silva met Olga .\nThe firm hired Dr. Li Wei , it said ."
OTHER = "Rain fell on Lima .\n\nAngela Petrov spoke in Paris ."
DRAWS = 3000


@st.composite
def readings(draw: st.DrawFn) -> list[tuple[float, list[tuple[int, int]]]]:
    """Taggings of ten words, each with its probability; of one tagging no two spans overlap."""
    found = []
    for _ in range(draw(st.integers(1, 5))):
        bounds = sorted(draw(st.sets(st.integers(0, 10), max_size=6)))
        spans = list(pairwise(bounds))
        kept = draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))
        spans = [span for span, is_kept in zip(spans, kept, strict=True) if is_kept]
        found.append((draw(st.integers(1, 20)), spans))
    total = sum(weight for weight, _ in found)
    return [(weight / total, spans) for weight, spans in found]


def test_sure_names_are_names_and_doubtful_ones_are_left_open() -> None:
    bounds, documents = bounds_of([4, 3]), bounds_of([2])
    starts, lengths = np.array([0, 1, 2, 4, 5, 6]), np.array([2, 2, 1, 1, 1, 1])
    scores = np.array([0.75, 0.2, 0.1, 0.74, 0.2, 0.19])
    labels = SoftLabels(["a"], np.zeros(7, np.int32), bounds, documents, starts, lengths, scores)
    assert labels.sure(0) == [
        [Span(0, 2, PERSON)],  # a name that overlaps it is less probable
        [Span(0, 1, LEFT_OPEN), Span(1, 2, LEFT_OPEN)],
    ]


@given(taggings=readings(), seed=st.integers(0, 1000))
@settings(max_examples=40)
def test_spans_are_drawn_as_often_as_they_are_probable(
    taggings: list[tuple[float, list[tuple[int, int]]]], seed: int
) -> None:
    probable: Counter[tuple[int, int]] = Counter()
    for weight, spans in taggings:
        for span in spans:
            probable[span] += weight  # type: ignore[assignment]
    spans = sorted(probable)
    scores = [float(probable[span]) for span in spans]
    starts, ends = [span[0] for span in spans], [span[1] for span in spans]
    random, often = Random(seed), Counter[int]()
    for _ in range(DRAWS):
        drawn = draw(starts, ends, scores, random)
        assert all(ends[one] <= starts[two] for one, two in pairwise(drawn))
        often.update(drawn)
    for place, score in enumerate(scores):
        error = (score * (1 - score) / DRAWS) ** 0.5
        assert abs(often[place] / DRAWS - score) <= 5 * error + 1e-9


def test_a_certain_name_is_always_drawn_and_an_impossible_one_never() -> None:
    for seed in range(20):
        assert draw([0, 0, 1], [2, 1, 3], [1.0, 0.0, 0.0], Random(seed)) == [0]


LISTS = st.lists(st.integers(1, 50), min_size=1, max_size=30)


@given(sizes=LISTS, words=st.floats(0.5, 500), epochs=st.integers(1, 6), seed=st.integers(0, 9))
def test_each_document_is_read_once_before_any_is_read_again(
    sizes: list[int], words: float, epochs: int, seed: int
) -> None:
    divided = epochs_of(sizes, words, epochs, seed)
    assert len(divided) == epochs
    assert all(divided)
    everything = [read for epoch in divided for read in epoch]
    assert len(set(everything)) == len(everything)
    for first in range(0, len(everything), len(sizes)):
        part = everything[first : first + len(sizes)]
        assert {number for _, number in part} == {first // len(sizes)}
    total = sum(sizes[document] for document, _ in everything)
    assert total >= words * epochs - 1e-6
    assert total < words * epochs + epochs * max(sizes)


@given(sizes=LISTS, less=st.floats(1, 200), more=st.floats(0, 200))
def test_of_more_words_the_documents_of_fewer_are_chosen_as_well(
    sizes: list[int], less: float, more: float
) -> None:
    every = np.array(sizes)
    few, many = choose(every, less), choose(every, less + more)
    assert set(few.tolist()) <= set(many.tolist())
    assert every[few].sum() >= min(less, every.sum())
    assert list(few) == sorted(few)


def documents(*paths: Path, unit: str = "words", **reading: str) -> list[Document]:
    text = look_through([str(path) for path in paths], Reading(**reading), unit)  # type: ignore[arg-type]
    chosen = choose(text.sizes, float(text.sizes.sum()))
    assert list(chosen) == list(range(len(text.sizes)))
    return list(read_documents(text, chosen, unit))  # type: ignore[arg-type]


def test_files_of_a_folder_are_documents_and_blank_lines_part_those_of_a_file(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.txt").write_text(OTHER)
    (tmp_path / "b.txt").write_text(" \n")
    (tmp_path / "c.jsonl").write_text(
        '{"text": "One.\\n\\nTwo."}\n{"text": ""}\n{"text": "Six."}\n'
    )
    found = documents(tmp_path)
    assert [len(document) for document in found] == [2, 2, 1]
    assert found[0][1] == ["Angela", "Petrov", "spoke", "in", "Paris", "."]
    assert [len(document) for document in documents(tmp_path / "a.txt")] == [1, 1]


def test_a_long_file_of_a_folder_is_running_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Some words .\n\n" * (LONGEST // 10))
    assert len(documents(tmp_path)) == LONGEST // 10


def test_a_long_document_comes_in_parts_and_so_does_a_long_sentence(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("word " * 4500 + ".\nShort one.")
    found = documents(file)
    assert [sum(map(len, document)) for document in found] == [2000, 2000, 504]


def test_columns_are_read_by_their_words(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("-DOCSTART- O\n\nMaria B-PER\ncame O\n\n-DOCSTART- O\n\nRain O\n")
    assert documents(file) == [[["Maria", "came"]], [["Rain"]]]


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("Some text.")
    (tmp_path / "bad.txt").write_bytes(b"caf\xe9")
    text = look_through([str(tmp_path)], Reading(), "words")
    assert len(text.sizes) == 1
    assert text.remarks == [f"left out: {tmp_path}/bad.txt:1: byte 3 (0xe9) is not utf-8 text"]
    with pytest.raises(FileError, match="byte 3"):
        look_through([str(tmp_path / "bad.txt")], Reading(), "words")
    with pytest.raises(FileError, match="standard input cannot be read twice"):
        look_through(["-"], Reading(), "words")
    (tmp_path / "good.txt").write_text(" \n\n")
    with pytest.raises(UserError, match="byte 3"):
        look_through([str(tmp_path)], Reading(), "words")


def labels_of(models: Sequence[Path], texts: Sequence[Document]) -> SoftLabels:
    return teach([read_teacher(model) for model in models], texts, 100)


def names(labels: SoftLabels) -> dict[tuple[int, int], float]:
    ends = labels.starts + labels.lengths
    places = zip(labels.starts.tolist(), ends.tolist(), strict=True)
    return dict(zip(places, labels.scores.tolist(), strict=True))


def test_of_several_teachers_the_mean_counts(small_model: Path, other_model: Path) -> None:
    texts = [[line.split() for line in text.split("\n") if line] for text in (TEXT, OTHER)]
    one, two = (names(labels_of([model], texts)) for model in (small_model, other_model))
    both = names(labels_of([small_model, other_model], texts))
    assert one.keys() != two.keys()
    assert both.keys() == one.keys() | two.keys()
    for place, score in both.items():
        assert score == pytest.approx((one.get(place, 0.0) + two.get(place, 0.0)) / 2)


def test_teachers_list_every_probable_name_with_its_probability(small_model: Path) -> None:
    texts = [[["Yesterday", "Maria", "Silva", "John", "met", "."]], [[], ["Olga", "Wei"]]]
    found = Tagger.load(small_model, device="cpu").probable_names(texts, 1e-6)
    assert [sentence for sentence, _ in found[1]] == [1] * len(found[1])
    spans = [(name.start, name.end) for _, name in found[0]]
    assert any(a < d and c < b for (a, b), (c, d) in pairwise(spans))
    held = [sum(n.score for _, n in found[0] if n.start <= word < n.end) for word in range(6)]
    assert max(held) <= 1 + 1e-6
    best = Tagger.load(small_model, device="cpu").tag_sentences(texts[0])[0]
    exact = {(name.start, name.end): name.score for _, name in found[0]}
    for name in best:
        assert exact[name.start, name.end] == pytest.approx(name.score, abs=1e-6)


@given(
    text=st.lists(
        st.lists(
            st.lists(st.sampled_from(["Maria", "Silva", "łódź", "\ud800", "x"]), min_size=1),
            min_size=1,
        ),
        min_size=1,
        max_size=4,
    ),
    seed=st.integers(0, 9),
)
@settings(max_examples=30)
def test_what_is_kept_is_what_was_read(
    tmp_path_factory: pytest.TempPathFactory, text: list[Document], seed: int
) -> None:
    file = tmp_path_factory.mktemp("kept") / "a.npz"
    forms = sorted({word for document in text for row in document for word in row})
    rows = [row for document in text for row in document]
    words = [forms.index(word) for row in rows for word in row]
    bounds = bounds_of([len(row) for row in rows])
    starts = bounds[:-1]
    scores = np.random.default_rng(seed).random(len(rows)).astype(np.float16).astype(np.float64)
    documents = bounds_of([len(document) for document in text])
    one = np.ones(len(rows), dtype=np.int64)
    labels = SoftLabels(forms, np.array(words), bounds, documents, starts, one, scores)
    labels.write(file)
    again = SoftLabels.read(file)
    assert names(again) == names(labels)
    for number, document in enumerate(text):
        assert again.tokens(number) == [tuple(row) for row in document]
        assert again.drawn(number, Random(seed)) == labels.drawn(number, Random(seed))
        for spans in again.drawn(number, Random(seed)):
            assert all((span.start, span.end, span.label) == (0, 1, "PER") for span in spans)
    assert list(again.sizes) == [sum(map(len, document)) for document in text]


def test_a_name_of_less_than_the_least_probability_is_not_listed(small_model: Path) -> None:
    labels = labels_of([small_model], [[row.split() for row in TEXT.split("\n")]])
    assert labels.scores.min() >= MIN_SCORE
    assert labels.expected == pytest.approx(labels.scores.sum())
    assert json.dumps(labels.expected)
