"""The engine without torch finds what torch finds, for every cell, form and document memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ner_rnn.encoding.characters import Context
from ner_rnn.encoding.passages import Segmentation
from ner_rnn.encoding.symbols import Symbols
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.model.bundle import Bundle, write_bundle
from ner_rnn.model.contents import weight_shapes
from ner_rnn.model.language_model import Settings as LanguageSettings
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.settings import ModelConfig
from ner_rnn.nn.assembly import build_tagger, load_tagger
from ner_rnn.runtime.contextual import ContextNetwork
from ner_rnn.runtime.export import export_encoders
from ner_rnn.runtime.load import fast_path, load_network
from ner_rnn.runtime.network import FastNetwork
from ner_rnn.runtime.torch_network import TorchNetwork
from ner_rnn.runtime.word_tables import FormTables

TAGS = ("O", *(f"{p}-{label}" for label in ("PER", "LOC") for p in "BIES"))
FORMS = ("Ann", "ann", "ANN", "Lee", "sings", ".", "O'Neill", "1996", "Ångström", "李", "the", "of")
VOCABULARY = Vocabulary.learn([FORMS[:-2]], TAGS, min_count=1)
SMALL = ModelConfig(hidden_size=8, word_size=6, char_size=5, char_hidden=4, form_size=3)
MODELS = {
    "lstm": SMALL,
    "gru": replace(SMALL, cell="gru"),
    "rnn": replace(SMALL, cell="rnn"),
    "rnn relu": replace(SMALL, cell="rnn", nonlinearity="relu"),
    "one direction": replace(SMALL, bidirectional=False),
    "stacked": replace(SMALL, layers=2),
    "stacked gru, one direction": replace(SMALL, cell="gru", layers=3, bidirectional=False),
    "clockwork": replace(SMALL, cell="clockwork", periods=(1, 2, 3, 4)),
    "stacked clockwork": replace(SMALL, cell="clockwork", periods=(2, 5), layers=2),
    "no recurrence": replace(SMALL, cell="none", layers=2),
    "no memory": replace(SMALL, memory=False),
    "some memory": replace(SMALL, memory_units=5),
    "softmax": replace(SMALL, output="softmax"),
    "letters by lstm": replace(SMALL, chars="lstm"),
    "vectors alone": replace(SMALL, chars="none", form_size=0),
    "letters alone": replace(SMALL, word_size=0, form_size=0),
    "in context": replace(SMALL, context_size=5),
    "in context, one direction, by gru": replace(
        SMALL, context_size=5, cell="gru", bidirectional=False
    ),
    "in context, stacked clockwork": replace(
        SMALL, context_size=5, cell="clockwork", periods=(1, 2), layers=2
    ),
}
SYMBOLS = Symbols.learn("char", Counter("".join(FORMS[:-3])))
READERS = {
    "in context": {"cell": "lstm", "hidden_size": 6},
    "in context, one direction, by gru": {"cell": "gru", "hidden_size": 5, "layers": 2},
    "in context, stacked clockwork": {"cell": "rnn", "hidden_size": 5, "embedding_size": 0},
}


def vocabulary_of(name: str) -> Vocabulary:
    """With language models where the network reads in context."""
    if name not in READERS:
        return VOCABULARY
    by_direction = {
        direction: LanguageSettings(running=True, direction=direction, **READERS[name]).to_json()
        for direction in ("forward", "backward")
    }
    return replace(VOCABULARY, context=Context(SYMBOLS, by_direction))


def both(
    model: ModelConfig,
    seed: int = 0,
    vocabulary: Vocabulary = VOCABULARY,
    *,
    temperature: float = 1.0,
    **sizes: int,
) -> tuple[FastNetwork, TorchNetwork]:
    """The same network twice, with weights large enough that it finds something."""
    torch.manual_seed(seed)
    network = build_tagger(model, vocabulary).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.3)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    assert {name: value.shape for name, value in weights.items()} == weight_shapes(
        model, vocabulary
    )
    encoders = export_encoders(model, weights, vocabulary.context)
    context = None
    if vocabulary.context:
        graphs = {
            direction: encoders[f"{direction}.fp32"] for direction in vocabulary.context.settings
        }
        context = ContextNetwork(vocabulary.context, weights, graphs)
    return (
        FastNetwork(
            model,
            vocabulary,
            weights,
            encoders.get("fp32"),
            context,
            temperature=temperature,
            **sizes,
        ),
        TorchNetwork(network, vocabulary, temperature=temperature),
    )


def sentences(
    seed: int, count: int = 40, longest: int = 90
) -> tuple[list[list[str]], Segmentation]:
    rng = np.random.default_rng(seed)
    made = [rng.choice(FORMS, size=rng.integers(1, longest)).tolist() for _ in range(count)]
    documents = np.cumsum(rng.random(count) < 0.2).tolist()
    return made, Segmentation.of([len(words) for words in made], documents)


def same(found: list[tuple[int, int, float]], wanted: list[tuple[int, int, float]]) -> None:
    assert [span[:2] for span in found] == [span[:2] for span in wanted]
    assert [span[2] for span in found] == pytest.approx([span[2] for span in wanted], abs=2e-5)


@pytest.mark.parametrize("name", MODELS)
def test_the_same_names_and_scores_as_torch(name: str) -> None:
    total = 0
    for seed in range(3):
        fast, slow = both(MODELS[name], seed, vocabulary_of(name))
        text, cut = sentences(seed)
        wanted = slow.find(text, cut)
        same(fast.find(text, cut), wanted)
        total += len(wanted)
    assert total > 5


@pytest.mark.parametrize("name", ["lstm", "softmax"])
def test_the_same_scores_at_another_temperature(name: str) -> None:
    text, cut = sentences(2)
    fast, slow = both(MODELS[name], 2, temperature=2.5)
    plain = both(MODELS[name], 2)[0].find(text, cut)
    assert plain
    found = fast.find(text, cut)
    same(found, slow.find(text, cut))
    assert [span[:2] for span in found] == [span[:2] for span in plain]
    assert [span[2] for span in found] != pytest.approx([span[2] for span in plain], abs=0.01)


@given(
    st.integers(0, 99),
    st.sampled_from([1, 30, 200, 4096]),
    st.integers(1, 60),
    st.sampled_from(["lstm", "in context"]),
)
@settings(max_examples=20)
def test_the_size_of_batches_changes_no_answer(
    seed: int, words: int, count: int, name: str
) -> None:
    text, cut = sentences(seed, count)
    usual, other = (
        both(MODELS[name], vocabulary=vocabulary_of(name), **sizes)[0]
        for sizes in ({}, {"batch_words": words})
    )
    same(other.find(text, cut), usual.find(text, cut))


def test_a_long_passage_beside_short_ones() -> None:
    text = [["Ann", "Lee"], ["the", "Ann", "."] * 500, ["."], ["O'Neill", "sings"]]
    cut = Segmentation.of([len(words) for words in text], [0, 0, 1, 1])
    for name in ("lstm", "clockwork", "stacked"):
        fast, slow = both(MODELS[name])
        same(fast.find(text, cut), slow.find(text, cut))


def test_full_tables_keep_the_words_asked_for_most() -> None:
    network = build_tagger(SMALL, VOCABULARY)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    tables = FormTables(SMALL, VOCABULARY, weights, room=10)
    often = [f"often{i}" for i in range(5)]
    rows, first = tables.rows(often * 3)
    expected = first.read[1][rows[:5]].copy()
    tables.rows([f"once{i}" for i in range(5)])
    held = first.read[0].copy()
    rows, second = tables.rows(["new", *often, "Often1"])
    assert second.read[0] is not first.read[0]
    assert np.array_equal(second.read[1][rows[1:6]], expected)
    assert np.array_equal(first.read[0], held), "who holds the old tables may go on reading them"
    assert second.keys[rows[2]] == second.keys[rows[6]]
    assert len(set(second.keys[rows].tolist())) == 6
    many = [f"x{i}" for i in range(50)]
    rows, third = tables.rows(many)
    assert len(set(rows.tolist())) == 50 and len(third.keys) > 50


def test_full_tables_are_used_again_where_nobody_reads_them() -> None:
    network = build_tagger(SMALL, VOCABULARY)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    small, large = (FormTables(SMALL, VOCABULARY, weights, room) for room in (14, 1000))
    places = set()
    for start in range(0, 60, 2):
        words = [f"w{i}" for i in range(start, start + 4)] + ["often", "Often"]
        (rows, own), (other_rows, wanted) = small.rows(words), large.rows(words)
        for mine, theirs in zip(own.read, wanted.read, strict=True):
            assert np.array_equal(mine[rows], theirs[other_rows])
            assert np.array_equal(mine[0], theirs[0])
        same_key = own.keys[rows][:, None] == own.keys[rows]
        assert np.array_equal(np.argwhere(same_key), np.argwhere(_same_lower(words)))
        places.add(tuple(table.ctypes.data for table in own.read))
        del own, mine
    assert len(places) == 1


def _same_lower(words: list[str]) -> list[list[bool]]:
    return [[one.lower() == other.lower() for other in words] for one in words]


def test_answers_do_not_depend_on_what_was_read_before() -> None:
    text, cut = sentences(3, count=20)
    wanted = both(SMALL)[0].find(text, cut)
    fast, _ = both(SMALL, room=4)
    for seed in range(4, 8):
        fast.find(*sentences(seed, count=3))
    same(fast.find(text, cut), wanted)


def write(folder: Path, model: ModelConfig, *, encoders: bool = True) -> Bundle:
    torch.manual_seed(0)
    network = build_tagger(model, VOCABULARY)
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    write_bundle(
        folder,
        config={"model": asdict(model)},
        vocabulary=VOCABULARY.to_json(),
        weights=weights,
        metrics={"calibration": {"temperature": 1.5}},
        card="Made by a test.\n",
        encoders=export_encoders(model, weights) if encoders else None,
    )
    return read_tagger(folder)


def test_a_bundle_says_how_it_is_run(tmp_path: Path) -> None:
    plain = write(tmp_path / "a", SMALL)
    assert fast_path(plain) == "onnxruntime, fp32 or int8"
    assert isinstance(load_network(plain), FastNetwork)
    assert set(plain.encoders) == {"fp32", "int8"}
    old = write(tmp_path / "a", SMALL, encoders=False)  # over the other: its encoders go
    assert not old.encoders and not list((tmp_path / "a").glob("*.onnx"))
    assert fast_path(old) == "onnxruntime, fp32, exported on loading"
    assert isinstance(load_network(old), FastNetwork)
    with pytest.raises(ConfigError, match="holds no int8 weights: use fp32"):
        load_network(old, precision="int8")
    relu = write(tmp_path / "b", MODELS["rnn relu"])
    assert set(relu.encoders) == {"fp32"}
    words = write(tmp_path / "c", MODELS["no recurrence"])
    assert fast_path(words).startswith("NumPy") and not words.encoders
    echo = write(tmp_path / "d", replace(SMALL, cell="reservoir", hidden_size=40, sparsity=0.1))
    assert fast_path(echo).startswith("torch: a reservoir's sparse product")
    assert isinstance(load_network(echo), TorchNetwork)
    with pytest.raises(ConfigError, match="cannot be run in int8: a reservoir"):
        load_network(echo, precision="int8")


def test_no_gpu_where_there_is_none(tmp_path: Path) -> None:
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(ConfigError, match="there is no GPU that torch can use"):
        load_network(write(tmp_path, SMALL), device="cuda")


def test_weights_that_do_not_fit_are_named(tmp_path: Path) -> None:
    bundle = write(tmp_path, SMALL)
    for name, value, shown in (
        ("emit.bias", None, "emit.bias should be .9,. and is absent"),
        ("emit.weight", np.zeros((9, 3), "f"), r"emit.weight should be .9, 32. and is .9, 3."),
    ):
        weights = {**bundle.weights, name: value}
        if value is None:
            del weights[name]
        own = {"config": bundle.config, "vocabulary": bundle.vocabulary, "metrics": {}}
        write_bundle(tmp_path / "altered", **own, weights=weights, card="")
        with pytest.raises(BundleError, match=f"the weights do not fit config.json: {shown}"):
            read_tagger(tmp_path / "altered")


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "clockwork"])
def test_8_bits_come_near(name: str) -> None:
    torch.manual_seed(0)
    network = build_tagger(MODELS[name], VOCABULARY)
    weights = {key: value.numpy() for key, value in network.state_dict().items()}
    fast, coarse = (
        FastNetwork(MODELS[name], VOCABULARY, weights, encoder)
        for encoder in export_encoders(MODELS[name], weights).values()
    )
    text, cut = sentences(5)
    exact, near = (network.emissions(text, cut) for network in (fast, coarse))
    # an orthogonal recurrence, as before training, hands rounding on without fading
    assert 0 < np.abs(exact - near).mean() < 0.005


DATA = Path("../shared/data/conll2003/eng.testb")


@pytest.mark.skipif(not DATA.exists(), reason=f"{DATA} is not here")
def test_forms_of_a_real_corpus_are_read_as_torch_reads_them() -> None:
    from ner_rnn.runtime.word_tables import form_embedding
    from ner_rnn.text.conll import read_conll

    forms = sorted({token for sentence in read_conll(DATA) for token in sentence.tokens})
    torch.manual_seed(0)
    network = build_tagger(SMALL, VOCABULARY).eval()
    weights = {name: value.numpy() for name, value in network.state_dict().items()}
    arrays = VOCABULARY.encode_forms(forms)
    with torch.no_grad():
        known = network.forms(torch.from_numpy(arrays.letters), torch.from_numpy(arrays.features))
        assert network.words is not None
        own = network.words(torch.from_numpy(arrays.words)[None])[0]
    wanted = torch.cat([own, known], dim=1).numpy()
    assert np.abs(form_embedding(weights)(arrays) - wanted).max() < 1e-5


def test_a_model_from_disk_is_the_one_that_was_built(small_model: Path) -> None:
    bundle = read_tagger(small_model)
    network, vocabulary = load_tagger(bundle)
    text = [["Yesterday", "Maria", "Silva", "met", "Olga", "Smith", "."]]
    cut = Segmentation.of([7], [0])
    found = load_network(bundle).find(text, cut)
    same(found, TorchNetwork(network, vocabulary).find(text, cut))
    assert [span[:2] for span in found] == [(1, 3), (4, 6)]
