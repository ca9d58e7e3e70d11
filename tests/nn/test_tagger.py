"""The tagger as a whole: an answer depends on the document and on nothing else."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.nn.batches import EncodedCorpus
from ner_rnn.nn.tagger import Batch, NameTagger
from ner_rnn.runtime.decode import Decoder
from ner_rnn.text.bioes import bioes_rules

FORMS = ("Ann", "ann", "ANN", "Lee", "sings", ".", "O'Neill", "1996", "Ångström", "to")
TAGS = ("O", *(f"{p}-{label}" for label in ("LOC", "PER") for p in "BIES"))
VOCABULARY = Vocabulary.learn([FORMS * 2], TAGS)

MODELS: dict[str, dict[str, Any]] = {
    "lstm crf": {},
    "lstm softmax": {"output": "softmax"},
    "gru crf, one direction, letters by lstm": {
        "cell": "gru",
        "bidirectional": False,
        "chars": "lstm",
    },
    "rnn softmax, one direction": {"cell": "rnn", "bidirectional": False, "output": "softmax"},
    "rnn relu crf, two layers": {"cell": "rnn", "nonlinearity": "relu", "layers": 2},
    "gru softmax, no memory": {"cell": "gru", "memory": False, "output": "softmax"},
    "lstm crf, no memory, no letters": {"memory": False, "chars": "none"},
    "lstm crf, one direction, no words": {"bidirectional": False, "word_size": 0},
    "lstm crf, words alone": {"chars": "none", "form_size": 0},
}

Found = list[tuple[int, int, str, float]]


def tagger_of(seed: int = 1, **settings: Any) -> NameTagger:
    """A network whose weights are far from zero, so that it has a mind of its own."""
    small = {"hidden_size": 5, "word_size": 4, "char_size": 3, "char_hidden": 3, "form_size": 2}
    torch.manual_seed(seed)
    tagger = build_tagger(ModelConfig(**{**small, **settings}), VOCABULARY).double().eval()
    with torch.no_grad():
        for parameter in tagger.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    return tagger


def documents_of(lengths: list[list[int]], seed: int) -> list[list[list[str]]]:
    generator = np.random.default_rng(seed)
    return [[generator.choice(FORMS, n).tolist() for n in document] for document in lengths]


def corpus_of(documents: list[list[list[str]]], **more: Any) -> EncodedCorpus:
    sentences = list(itertools.chain(*documents))
    of = [number for number, document in enumerate(documents) for _ in document]
    return EncodedCorpus(VOCABULARY, sentences, documents=of, **more)


def found_in(tagger: NameTagger, corpus: EncodedCorpus, windows: list[int]) -> dict[int, Found]:
    """Return the spans in each sentence of some windows that are read in one batch."""
    batch = corpus.batch(windows)
    places = corpus.places(batch.passages.numpy())
    segmentation = corpus.segmentation
    answers: dict[int, Found] = {s: [] for s in segmentation.sentence_of(places).tolist()}
    for start, stop, label, score in spans_of(tagger, corpus, batch):
        [sentence] = segmentation.sentence_of([places[start]]).tolist()
        first = places[start] - segmentation.sentences[sentence]
        answers[sentence].append((int(first), int(first + stop - start), label, score))
    return answers


def spans_of(tagger: NameTagger, corpus: EncodedCorpus, batch: Batch) -> Found:
    """Return the spans of all labels in a batch, its words counted passage by passage."""
    ends = corpus.ends[corpus.places(batch.passages.numpy())]
    bounds = np.cumsum([0, *batch.lengths.tolist()])
    emissions = tagger.decoder_emissions(batch)
    found = []
    for label in ("LOC", "PER"):
        decoder = Decoder(TAGS, tagger.transition_scores(), label=label)
        for start, stop, score, _ in decoder.scored_spans(emissions, ends, bounds):
            found.append((start, stop, label, score))
    return sorted(found)


def same(one: Found, other: Found) -> bool:
    return [x[:3] for x in one] == [x[:3] for x in other] and np.allclose(
        [x[3] for x in one], [x[3] for x in other], rtol=1e-4
    )


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(
    st.lists(
        st.lists(st.one_of(st.integers(1, 6), st.integers(25, 65)), min_size=1, max_size=4),
        min_size=1,
        max_size=4,
    ),
    st.integers(0, 999),
    st.data(),
)
def test_what_is_found_in_a_document_never_depends_on_its_batch(
    name: str, lengths: list[list[int]], seed: int, data: st.DataObject
) -> None:
    tagger = tagger_of(seed, **MODELS[name])
    documents = documents_of(lengths, seed)
    corpus = corpus_of(documents)
    assert len(corpus) == len(documents), "so small a document is one window"
    order = data.draw(st.permutations(range(len(documents))))
    together = found_in(tagger, corpus, order)
    first = 0
    for document in documents:
        alone = found_in(tagger, corpus_of([document]), [0])
        for place, spans in alone.items():
            assert same(together[first + place], spans)
        first += len(document)
    cut = data.draw(st.integers(1, len(documents)))
    parts = [part for part in (order[:cut], order[cut:]) if part]
    apart = {s: spans for part in parts for s, spans in found_in(tagger, corpus, part).items()}
    assert apart.keys() == together.keys()
    assert all(same(apart[sentence], together[sentence]) for sentence in apart)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=15)
@given(st.lists(st.integers(1, 6), min_size=2, max_size=12), st.integers(0, 999))
def test_no_name_reaches_over_the_end_of_a_sentence(
    name: str, lengths: list[int], seed: int
) -> None:
    tagger = tagger_of(seed, **MODELS[name])
    corpus = corpus_of(documents_of([lengths], seed))
    batch = corpus.batch([0])
    assert len(batch.passages) < len(lengths), "passages hold several sentences"
    for start, stop, _, score in spans_of(tagger, corpus, batch):
        assert not corpus.ends[start : stop - 1].any()
        assert 0 < score <= 1


def paths(length: int, ends: list[bool]) -> Iterator[tuple[int, ...]]:
    """Every tag sequence that BIOES and the sentences' ends allow."""
    begin, follow, end = bioes_rules(TAGS)
    for path in itertools.product(range(len(TAGS)), repeat=length):
        closed = all(end[tag] for tag, last in zip(path, ends, strict=True) if last)
        if begin[path[0]] and closed and all(follow[a][b] for a, b in itertools.pairwise(path)):
            yield path


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_the_probabilities_of_spans_over_all_paths(seed: int) -> None:
    tagger = tagger_of(seed)
    assert tagger.crf is not None
    corpus = corpus_of(documents_of([[2, 3]], seed))
    batch = corpus.batch([0])
    emissions = tagger.emissions(batch)[0].detach().double()
    start, transitions, end = (table.detach() for table in tagger.crf.scores())
    weights = {
        path: math.exp(
            start[path[0]]
            + sum(emissions[t, tag] for t, tag in enumerate(path))
            + sum(transitions[a, b] for a, b in itertools.pairwise(path))
            + end[path[-1]]
        )
        for path in paths(5, batch.ends[0].tolist())
    }
    total = sum(weights.values())
    best = max(weights, key=lambda path: weights[path])
    expected = []
    for a, b in itertools.combinations(range(6), 2):
        for label in ("LOC", "PER"):
            inner = [f"B-{label}", *[f"I-{label}"] * (b - a - 2), f"E-{label}"]
            tags = tuple(map(TAGS.index, inner if b - a > 1 else [f"S-{label}"]))
            if best[a:b] == tags:
                mass = sum(w for path, w in weights.items() if path[a:b] == tags)
                expected.append((a, b, label, mass / total))
    assert same(spans_of(tagger, corpus, batch), expected)
    assert expected or seed, "the first seed at least must find something"


def test_word_by_word_the_score_is_the_product_of_the_words() -> None:
    found = False
    for seed in range(5):
        tagger = tagger_of(seed, output="softmax")
        corpus = corpus_of(documents_of([[6]], seed))
        batch = corpus.batch([0])
        chances = torch.softmax(tagger.emissions(batch).detach(), -1)[0]
        best = chances.argmax(-1).tolist()
        for start, stop, _, score in spans_of(tagger, corpus, batch):
            found = True
            expected = math.prod(float(chances[t, best[t]]) for t in range(start, stop))
            assert score == pytest.approx(expected, rel=1e-5)
    assert found


@pytest.mark.parametrize("output", ["crf", "softmax"])
def test_the_loss_is_a_mean_over_words_and_no_batch_without_gold_has_one(output: str) -> None:
    tagger = tagger_of(output=output)
    documents = documents_of([[3, 4], [5], [1]], 1)
    tags = [["O"] * len(s) for document in documents for s in document]
    tags[0][:2] = ["B-PER", "E-PER"]
    corpus = corpus_of(documents, tags=tags)
    apart = [(corpus.batch([w]), tagger.loss(corpus.batch([w])).item()) for w in range(3)]
    words = [int(batch.lengths.sum()) for batch, _ in apart]
    mean = np.average([loss for _, loss in apart], weights=words)
    assert tagger.loss(corpus.batch([2, 0, 1])).item() == pytest.approx(mean, rel=1e-5)
    with pytest.raises(ValueError, match="gold"):
        tagger.loss(corpus_of(documents).batch([0]))


@pytest.mark.parametrize("output", ["crf", "softmax"])
def test_the_loss_falls_the_way_its_gradient_says(output: str) -> None:
    tagger = tagger_of(output=output).train()
    tags = [["B-PER", "E-PER", "O"], ["S-LOC", "O", "O", "O"]]
    corpus = corpus_of(documents_of([[3, 4]], 3), tags=tags)
    batch = corpus.batch([0])
    torch.manual_seed(5)
    tagger.loss(batch).backward()
    square = 0.0
    for name, parameter in tagger.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
        square += float(parameter.grad.square().sum())
    step = 1e-4 / math.sqrt(square)
    losses = []
    for sign in (1, -2):
        with torch.no_grad():
            for parameter in tagger.parameters():
                assert parameter.grad is not None
                parameter.add_(sign * step * parameter.grad)
        torch.manual_seed(5)  # the same features are dropped
        losses.append(float(tagger.loss(batch).detach()))
    assert losses[0] - losses[1] == pytest.approx(2e-4 * math.sqrt(square), rel=0.05)


def test_memory_carries_what_was_read_from_one_sentence_to_another() -> None:
    name, rest = "O'Neill", ["sings", "."]
    first, second = [["Ann", name, *rest]], [["to", name, "1996"]]
    long = [["."] * 60]  # keeps the two in passages of their own
    for memory in (True, False):
        tagger = tagger_of(memory=memory)
        with_it = corpus_of([first + long + second]).batch([0])
        without = corpus_of([[["Ann", "Lee", *rest], *long, *second]]).batch([0])
        row = with_it.lengths.tolist().index(3)
        difference = (tagger.emissions(with_it)[row] - tagger.emissions(without)[row]).abs()
        assert bool(difference[1].max() > 1e-6) == memory


@pytest.mark.parametrize("output", ["crf", "softmax"])
def test_the_loss_of_a_partial_annotation_is_of_all_that_agrees_with_it(output: str) -> None:
    """The likelihoods of all annotations that agree sum to that of the partial one."""
    words = [["Ann", "sings", "to", "Lee"], ["Lee", "sings"]]
    tagger = tagger_of(output=output)
    partial = [["?", "O", "O|LOC", "S-PER"], ["S-PER", "O"]]
    choices = [TAGS, ["O"], ["O", *(tag for tag in TAGS if tag.endswith("LOC"))], ["S-PER"]]

    def likelihood(tags: list[list[str]]) -> float:
        corpus = corpus_of([[words[0]], [words[1]]], tags=tags)
        return math.exp(-6 * float(tagger.loss(corpus.batch([0, 1]))))  # six words

    with torch.no_grad():
        every = (likelihood([list(tags), partial[1]]) for tags in itertools.product(*choices))
        assert likelihood(partial) == pytest.approx(math.fsum(every), rel=1e-5)


def test_a_partial_annotation_of_nothing_unknown_has_the_same_loss() -> None:
    words = [["Ann", "sings", "to", "Lee"], ["Lee", "sings"]]
    tagger = tagger_of()
    gold = [["S-PER", "O", "O", "S-LOC"], ["S-LOC", "O"]]
    batch = corpus_of([[words[0]], [words[1]]], tags=gold).batch([0, 1])
    assert batch.allowed is None
    with torch.no_grad():
        loss = float(tagger.loss(batch))
        batch.allowed = torch.ones(1, len(TAGS), dtype=torch.bool)  # a pattern without a word
        assert float(tagger.loss(batch)) == pytest.approx(loss)
