"""Names are found where they are, and nothing about batches or lengths changes the answer."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn import Name, Tagger
from ner_rnn.encoding.passages import WINDOW
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError
from ner_rnn.model.contents import model_config, temperature
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger, load_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.runtime import tagger as engine
from ner_rnn.runtime.decode import Decoder
from ner_rnn.runtime.documents import Document, TokenizedText
from ner_rnn.runtime.network import FastNetwork
from ner_rnn.runtime.torch_network import TorchNetwork

FIRST = ("Maria", "John", "Angela", "Ivan", "Amina", "Pierre", "Olga")
LAST = ("Silva", "Smith", "Merkel", "Petrov", "Diallo", "Dupont", "Ivanova")
FILLERS = ("the", "firm", ",", "spoke", "it", "said", "Paris")


@pytest.fixture(scope="module")
def tagger(small_model: Path) -> Tagger:
    return Tagger.load(small_model, threads=1)


def texts(count: int, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        sentences = []
        for _ in range(rng.randrange(6)):
            a, b = (f"{rng.choice(FIRST)} {rng.choice(LAST)}" for _ in range(2))
            words = " ".join(rng.choices(FILLERS, k=7))
            sentences.append(f"Yesterday {a} met {b} . {words[: rng.randrange(30)]} .")
        made.append(rng.choice([" ", "\n", "\n\n"]).join(sentences))
    return made


def rounded(document: Document) -> list[tuple[int, int, float]]:
    return [(name.start, name.end, round(name.score, 4)) for name in document.names]


def test_names_are_found_with_their_place_and_score(tagger: Tagger) -> None:
    text = "👍🏽 Yesterday Maria Silva met Olga\nSmith . The firm hired Dr. Ivan Petrov's ."
    document = tagger.tag(text)
    assert document.text == text
    assert [name.text for name in document.names] == ["Maria Silva", "Olga\nSmith", "Ivan Petrov"]
    for name in document.names:
        assert isinstance(name, Name)
        assert text[name.start : name.end] == name.text
        assert 0.5 < name.score <= 1
    assert document.words == sum(map(len, document.sentences()))


def test_only_persons_are_reported(tagger: Tagger, small_model: Path) -> None:
    network, vocabulary = load_tagger(read_tagger(small_model))
    corpus = EncodedCorpus(vocabulary, [["Maria", "Silva", "spoke", "in", "Paris", "."]])
    decoder = Decoder(network.tags, network.transition_scores())
    emissions = network.decoder_emissions(corpus.batch([0]))
    best = decoder.best_tags(emissions, corpus.ends, corpus.segmentation.passages)
    assert [network.tags[tag] for tag in best] == ["B-PER", "E-PER", "O", "O", "S-LOC", "O"]
    names = tagger.tag("Maria Silva spoke in Paris .").names
    assert [name.text for name in names] == ["Maria Silva"]


@pytest.mark.parametrize("text", ["", "\n\n", "\u200b", "."])
def test_a_text_without_words_has_no_names(tagger: Tagger, text: str) -> None:
    assert tagger.tag(text).names == []


def test_no_texts_give_no_documents(tagger: Tagger) -> None:
    assert list(tagger.pipe([])) == []
    assert tagger.tag_sentences([]) == []
    assert tagger.tag_sentences([[], ["Maria", "Silva", "spoke", "."], []])[1][0][:2] == (0, 2)


@pytest.mark.parametrize("batch_words", [1, 50, 100_000])
@pytest.mark.parametrize("batch_size", [1, 3, 1000])
def test_the_size_of_batches_changes_no_answer(
    tagger: Tagger, small_model: Path, batch_words: int, batch_size: int
) -> None:
    many = texts(40)
    expected = [rounded(tagger.tag(text)) for text in many]
    assert sum(map(len, expected)) > 100
    bundle = read_tagger(small_model)
    network = FastNetwork(
        model_config(bundle),
        Vocabulary.from_json(bundle.vocabulary),
        bundle.weights,
        bundle.encoders["fp32"],
        temperature=temperature(bundle),
        batch_words=batch_words,
    )
    other = Tagger(network, threads=2)
    documents = list(other.pipe(many, batch_size=batch_size))
    assert [document.text for document in documents] == many
    for found, wanted in zip(map(rounded, documents), expected, strict=True):
        assert [row[:2] for row in found] == [row[:2] for row in wanted]
        assert [row[2] for row in found] == pytest.approx([row[2] for row in wanted], abs=2e-4)


def test_a_batch_size_below_one_is_refused(tagger: Tagger) -> None:
    with pytest.raises(ValueError, match="batch_size is 0: it must be 1 or more"):
        next(tagger.pipe(["x"], batch_size=0))


def test_texts_are_read_only_as_documents_are_taken(tagger: Tagger) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        while True:
            taken += 1
            yield "Maria Silva spoke in Paris ."

    documents = tagger.pipe(endless(), batch_size=10)
    for _ in range(15):
        next(documents)
    assert taken == 20


def test_memory_does_not_grow_with_the_number_of_texts(tagger: Tagger) -> None:
    sample = texts(100)

    def peak(rounds: int) -> int:
        tracemalloc.start()
        for _ in tagger.pipe(
            (f"{text} ." for _ in range(rounds) for text in sample), batch_size=50
        ):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(1)
    assert peak(8) < 1.2 * peak(2)


def test_min_score_leaves_out_the_less_certain(tagger: Tagger) -> None:
    text = "\n\n".join(texts(10, seed=3))
    names = tagger.tag(text).names
    bound = sorted(name.score for name in names)[len(names) // 2]
    kept = tagger.tag(text, min_score=bound).names
    assert 0 < len(kept) < len(names)
    assert all(name.score >= bound - 1e-4 for name in kept)


def test_a_low_min_score_finds_more_than_the_best_path(tagger: Tagger) -> None:
    text = "\n\n".join(texts(30, seed=3))
    best = {name[:2]: name.score for name in tagger.tag(text).names}
    found = tagger.tag(text, min_score=1e-4).names
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))
    more = [name for name in found if not name.on_best_path]
    assert more
    assert {name[:2] for name in more}.isdisjoint(best)
    for name in found:
        assert name.score >= 1e-4
        if name.on_best_path:
            assert name.score == pytest.approx(best[name[:2]], abs=1e-5)


@given(st.integers(1, 6), st.integers(0, 5), st.sampled_from([1e-4, 0.01, 0.3]))
@settings(max_examples=15, deadline=None)
def test_company_and_batch_size_change_no_candidate(
    tagger: Tagger, batch_size: int, seed: int, min_score: float
) -> None:
    given_texts = texts(12, seed=seed)
    alone = [tagger.tag(text, min_score=min_score).names for text in given_texts]
    together = tagger.pipe(given_texts, batch_size=batch_size, min_score=min_score)
    for document, names in zip(together, alone, strict=True):
        assert [name[:3] for name in document.names] == [name[:3] for name in names]


@pytest.mark.parametrize("score", [-0.1, 1.1, float("nan")])
def test_a_min_score_that_is_no_probability_is_refused(tagger: Tagger, score: float) -> None:
    with pytest.raises(ValueError, match="min_score is"):
        tagger.tag("Maria Silva spoke.", min_score=score)
    with pytest.raises(ValueError, match="min_score is"):
        tagger.tag_sentences([["Maria"]], min_score=score)


def test_texts_read_before_change_no_digit_of_a_score() -> None:
    """Words are embedded together with those that are new at that time."""
    folder = Path(__file__).parents[2] / "examples"
    given_texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.txt"))]
    orders = [given_texts, given_texts[::-1], [" ".join(given_texts), *given_texts]]
    found = []
    for order in orders:
        tagger = Tagger.load("en", threads=1)
        found.append({text: tagger.tag(text, min_score=1e-3).names for text in order})
    for text in given_texts:
        assert found[0][text] == found[1][text] == found[2][text]


def test_words_given_are_taken_as_they_are(tagger: Tagger) -> None:
    sentences = [["Yesterday", "Maria", "Silva", "met", "Olga", "Smith", "."], ["no", "one"]]
    found = tagger.tag_sentences(sentences)
    assert [(name.start, name.end) for name in found[0]] == [(1, 3), (4, 6)]
    assert found[1] == []
    document = tagger.tag(TokenizedText.join(sentences))
    assert [name.text for name in document.names] == ["Maria Silva", "Olga Smith"]
    assert document.text.startswith("Yesterday Maria Silva met")


def test_a_long_text_is_looked_at_in_portions_with_the_same_answer(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "\n".join(texts(300, seed=9))
    many = ["Maria Silva spoke .", long, "", "Olga Smith spoke ."]
    expected = [rounded(document) for document in tagger.pipe(many)]
    assert next(tagger.pipe([long])).words > 2 * WINDOW
    monkeypatch.setattr(engine, "PORTION_WORDS", WINDOW + 100)
    found = [rounded(document) for document in tagger.pipe(many)]
    for names, wanted in zip(found, expected, strict=True):
        assert [row[:2] for row in names] == [row[:2] for row in wanted]
        assert [row[2] for row in names] == pytest.approx([row[2] for row in wanted], abs=2e-4)


def test_a_long_sentence_is_read_in_parts_with_the_same_names(
    tagger: Tagger, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(5)
    words: list[str] = []
    for _ in range(60):
        words += ["Yesterday", rng.choice(FIRST), rng.choice(LAST), "met", "it", ","]
        words += ["the"] * rng.randrange(4)
    whole = tagger.tag_sentences([words])[0]
    assert len(whole) > 50
    monkeypatch.setattr(engine, "MARGIN", 20)
    for longest in (60, 61, 77, 100, len(words) - 1):
        monkeypatch.setattr(engine, "LONGEST_SENTENCE", longest)
        parts = tagger.tag_sentences([["x"], words, ["Maria", "Silva", "spoke", "."]])
        assert [name[:2] for name in parts[1]] == [name[:2] for name in whole]
        assert [name[:2] for name in parts[2]] == [(0, 2)]


@pytest.mark.parametrize("length", [0, 1, 1999, 2000, 2001, 3800, 3801, 100_000])
def test_parts_share_out_every_word_once(length: int) -> None:
    parts = list(engine.overlapping_parts(length))
    owned = [place for _, _, first, last in parts for place in range(first, last)]
    assert owned == list(range(length))
    for start, end, first, last in parts:
        assert start <= first < last <= end <= length
        assert end - start <= engine.LONGEST_SENTENCE
        assert first - start == (engine.MARGIN if start else 0)


def test_a_sentence_of_100_000_words_and_a_word_of_10_000_letters(tagger: Tagger) -> None:
    stretch = ["the"] * 24_995 + ["Yesterday", "Maria", "Silva", "met", "it"]
    found = tagger.tag_sentences([stretch * 4])[0]
    assert [name[:2] for name in found] == [(k - 4, k - 2) for k in range(25_000, 100_001, 25_000)]
    document = tagger.tag("x" * 10_000 + " . Yesterday Maria Silva met Olga Smith .")
    assert [name.text for name in document.names][-2:] == ["Maria Silva", "Olga Smith"]


def test_several_threads_give_the_same_answer(tagger: Tagger, small_model: Path) -> None:
    many = texts(60, seed=4)
    wanted = [rounded(document) for document in tagger.pipe(many)]
    shared = Tagger.load(small_model, threads=3)
    with ThreadPoolExecutor(4) as pool:  # one tagger, used from several threads at once
        answers = list(pool.map(lambda _: [rounded(d) for d in shared.pipe(many)], range(8)))
    for answer in answers:
        assert [[row[:2] for row in names] for names in answer] == [
            [row[:2] for row in names] for names in wanted
        ]
    with pytest.raises(ValueError, match="threads is 0: it must be 1 or more"):
        Tagger.load(small_model, threads=0)


def test_words_at_hand_are_not_cut_again(tagger: Tagger) -> None:
    given = TokenizedText.join([["Yesterday", "Maria", "Silva", "met", "it", "."], [], ["Paris"]])
    assert given.words == [["Yesterday", "Maria", "Silva", "met", "it", "."], [], ["Paris"]]
    bare = TokenizedText(given.text, given.sentences)
    assert tagger.tag(given).names == tagger.tag(bare).names != []


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is not a model: it has no"):
        Tagger.load(tmp_path)


def test_nothing_of_what_trains_is_imported(small_model: Path) -> None:
    code = f"""
import sys
import ner_rnn.runtime.tagger, ner_rnn.tagging.stream, ner_rnn.tagging.writers
assert "torch" not in sys.modules
ner_rnn.Tagger.load({str(small_model)!r}).tag("Maria Silva spoke.")
heavy = {{"torch", "onnx", "pytorch_lightning", "datasets", "seqeval", "ner_rnn.training"}}
print(heavy & sys.modules.keys())
"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"},
    )
    assert result.stdout == "set()\n"


def test_text_is_cut_as_the_corpus_was() -> None:
    tags = ("O", "B-PER", "I-PER", "E-PER", "S-PER")
    characters = [["李", "明", "说", "他", "去", "北", "京", "。"]] * 3
    vocabulary = Vocabulary.learn(characters, tags)
    assert vocabulary.unit == "characters"
    model = ModelConfig(hidden_size=4, word_size=4, chars="none", form_size=2)
    network = TorchNetwork(build_tagger(model, vocabulary).eval(), vocabulary)
    document = Tagger(network).tag("李明 said hi。")
    assert document.words == len("李明saidhi。")
    assert [len(sentence) for sentence in document.sentences()] == [document.words]
