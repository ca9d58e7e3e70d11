"""From bundles and cells to curves, and from those to a report that can be read."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import torch

from ner_rnn.corpora.corpus import Corpus
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.errors import BundleError, CorpusError
from ner_rnn.model.bundle import write_bundle
from ner_rnn.model.settings import Config, ModelConfig
from ner_rnn.nn.assembly import build_tagger
from ner_rnn.nn.recurrent import Recurrent
from ner_rnn.studies import memory, memory_report
from ner_rnn.studies.clipping import Run
from ner_rnn.studies.gradients import Curve, measure_bundle, measure_encoder, names_of
from ner_rnn.studies.memory_probe import Recall
from ner_rnn.text.tags import Span

WORDS = [f"w{i}" for i in range(30)]
RNG = np.random.default_rng(5)


def text_of(source: str, *sentences: list[str]) -> Corpus:
    """A text without names, each sentence a document."""
    spans: list[list[Span]] = [[] for _ in sentences]
    documents = [str(number) for number in range(len(sentences))]
    return Corpus(source, sentences, spans, documents, [], "", "IOB2", {}, [])


# one document of one long sentence each, and one that is short
TEXT = text_of("a text", *(list(RNG.choice(WORDS, 25)) for _ in range(6)), ["w1"] * 4)
SCORES = {
    "precision": 0.875, "recall": 0.875, "f1": 0.875, "support": 8, "predicted": 8, "correct": 7,
}  # fmt: skip
SMALL = {
    "hidden_size": 6, "word_size": 5, "chars": "none", "form_size": 2, "memory": False,
    "min_count": 1,
}  # fmt: skip


def bundle_of(folder: Path, **model: object) -> str:
    """A tagger with random weights, as a model on disk."""
    torch.manual_seed(1)
    config = ModelConfig(**{**SMALL, **model})  # type: ignore[arg-type]
    vocabulary = Vocabulary.learn(TEXT.tokens, ["O", "S-PER"], min_count=1)
    tagger = build_tagger(config, vocabulary)
    settings = {"data": {}, "model": vars(config), "trainer": {}, "seed": Config().seed}
    write_bundle(
        folder,
        config=json.loads(json.dumps(settings)),
        vocabulary=vocabulary.to_json(),
        weights={name: value.numpy() for name, value in tagger.state_dict().items()},
        metrics={"scores": {"test": {"names": SCORES, "words": SCORES}}},
        card="",
    )
    return str(folder)


def curve(name: str, mean: list[float], state: str = "h") -> Curve:
    low, high = [v / 2 for v in mean], [v * 2 for v in mean]
    return Curve(name, "rnn", state, mean, low, high, 8, 16, 1, True, 87.5)


def test_a_recurrence_that_halves_is_seen_to_halve() -> None:
    encoder = Recurrent("rnn", 3, 4, bidirectional=False, nonlinearity="relu")
    layer = encoder.layers[0][0]  # type: ignore[index]
    with torch.no_grad():
        layer.weight_hh_l0.copy_(torch.eye(4) / 2)
        layer.weight_ih_l0.fill_(1.0)
    (found,) = measure_encoder(encoder, torch.rand(3, 9, 3), name="half", cell="rnn")
    np.testing.assert_allclose(found.mean, [0.5**k for k in range(9)], rtol=1e-12)
    np.testing.assert_allclose(found.low, found.high, rtol=1e-12)
    assert (found.fallen(0.1), found.fallen(0.01), found.passages) == (4, 7, 3)
    assert math.isclose(found.kept(), 0.5)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm", "clockwork", "reservoir"])
def test_every_cell_of_a_bundle(tmp_path: Path, cell: str) -> None:
    extra: dict[str, object] = {"layers": 2}
    if cell == "clockwork":
        extra = {"periods": (1, 2)}
    if cell == "reservoir":
        extra = {"sparsity": 0.5}
    folder = bundle_of(tmp_path / cell, cell=cell, **extra)
    curves = measure_bundle(folder, TEXT, name=cell, lags=12, passages=4)
    again = measure_bundle(folder, TEXT, name=cell, lags=12, passages=4)
    assert curves == again
    assert [c.state for c in curves] == (["h", "c"] if cell == "lstm" else ["h"])
    h = curves[0]
    assert (h.passages, h.units, h.f1, len(h.mean)) == (4, 6, 87.5, 13)
    assert h.mean[0] == pytest.approx(1.0)
    assert all(low <= high for low, high in zip(h.low, h.high, strict=True))


def test_what_a_bundle_reads_is_what_its_tagger_reads(tmp_path: Path) -> None:
    """Random states are compared by the whole way: another text gives other gradients."""
    folder = bundle_of(tmp_path / "m", cell="gru")
    other = text_of("other", ["w2"] * 25)
    one = measure_bundle(folder, other, name="m", lags=5)[0].mean
    two = measure_bundle(folder, text_of("third", ["w3"] * 25), name="m", lags=5)[0].mean
    assert one != two


def test_lags_beyond_the_longest_passage(tmp_path: Path) -> None:
    folder = bundle_of(tmp_path / "m", cell="rnn")
    assert measure_bundle(folder, TEXT, name="m", lags=24)[0].passages == 6
    with pytest.raises(CorpusError) as caught:
        measure_bundle(folder, TEXT, name="m", lags=25)
    assert str(caught.value) == (
        "a text: its longest passage has 25 words, and lag 25 needs 26; "
        "set lags to 24 or less, or give other data"
    )


def test_a_network_without_recurrence(tmp_path: Path) -> None:
    folder = bundle_of(tmp_path / "m", cell="none")
    with pytest.raises(BundleError, match=r"its model\.cell is none"):
        measure_bundle(folder, TEXT, name="m")


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["runs/lstm_bi/seed-1", "runs/rnn_uni/seed-2"], ["lstm_bi", "rnn_uni"]),
        (["runs/a/seed-1", "runs/a/seed-2"], ["a/seed-1", "a/seed-2"]),
        (["x/a", "y/a", "b"], ["x/a", "y/a", "b"]),
        (["x/a/seed-1", "y/a/seed-1"], ["x/a/seed-1", "y/a/seed-1"]),
    ],
)
def test_names_tell_models_apart(folders: list[str], names: list[str]) -> None:
    assert names_of(folders) == names


def test_falling_counts_from_where_it_stays_down() -> None:
    assert curve("a", [1.0, 0.05, 0.2, 0.09, 0.008]).fallen(0.1) == 3
    assert curve("a", [1.0, 0.5, 0.2]).fallen(0.1) is None
    # c is first heard of at lag 1
    assert curve("a", [0.0, 0.2, 0.03, 0.01], "c").fallen(0.1) == 3


def test_recipes_that_differ_in_direction_share_a_cell() -> None:
    tried = memory.gather(
        [
            ("rnn_uni", ModelConfig(cell="rnn", bidirectional=False)),
            ("lstm", ModelConfig(cell="lstm")),
            ("rnn_bi", ModelConfig(cell="rnn", memory=False)),
            ("relu", ModelConfig(cell="rnn", nonlinearity="relu")),
        ]
    )
    assert [cell.name for cell in tried] == ["rnn_uni, rnn_bi", "lstm", "relu"]


def test_longest_recalled_needs_all_shorter_ones() -> None:
    def tried(*accuracies: float) -> memory.Tried:
        results = {k: [Recall(k, a, 1, 1.0)] for k, a in enumerate(accuracies, 1)}
        return memory.Tried(["a"], ModelConfig(), results)

    assert tried(1.0, 0.9, 0.5, 1.0).longest() == 2
    assert tried(0.8, 1.0).longest() is None


def full_report() -> memory.Memory:
    cell = memory.Tried(["a|b", "<c>"], ModelConfig())
    for lag in (1, 2, 5):
        cell.results[lag] = [Recall(lag, 0.95 / lag, 7, 0.5), Recall(lag, 0.85 / lag, 7, 0.5)]
    runs = [
        Run("clipped", 0.1, 0.01, [1.0] * 5 + [0.01] * 60, [2.0] * 65),
        Run("not clipped", 0.0, 0.01, [7.0, None], [300.0, None]),
    ]
    return memory.Memory(
        read="taggers",
        curves=[curve("$x_y$ & <z>", [1.0, 0.1, 1e-3]), curve("b", [0.0, 0.2, 0.0], "c")],
        tried=[cell],
        runs=runs,
        left_out=["one *was* | left out"],
        made_by=memory.provenance(["ner-rnn", "inspect"], [1, 2]),
    )


def test_the_files_of_a_report(tmp_path: Path) -> None:
    memory_report.write(full_report(), tmp_path / "new" / "folder")
    files = sorted((tmp_path / "new" / "folder").iterdir())
    assert [f.name for f in files] == [
        "clipping.svg", "gradients.svg", "recall.svg", "report.json", "report.md",
    ]  # fmt: skip
    found = json.loads(files[-2].read_text())
    assert found["gradients"]["curves"][0]["tenth"] == 1
    assert found["recall"]["cells"][0]["accuracy"]["5"] == pytest.approx(0.18)
    assert found["clipping"]["runs"][1]["broke_at_step"] == 2
    assert found["made_by"]["seeds"] == [1, 2]
    shown = files[-1].read_text()
    assert "a\\|b, \\<c\\>" in shown
    assert "one \\*was\\* \\| left out" in shown
    assert "not clipped: loss or gradient is NaN or infinite from step 2 on" in shown
    assert "clipped: learned; error 0.01 after 65 steps" in shown
    for file in files[:3]:
        texts = {"".join(e.itertext()).strip() for e in ET.parse(file).iter()}
        expected = {"gradients": "$x_y$ & <z>", "recall": "a|b, <c>", "clipping": "clipped"}
        assert expected[file.stem] in texts


def test_the_same_numbers_give_the_same_pictures() -> None:
    from ner_rnn.studies.memory_charts import draw

    assert list(draw(full_report())) == list(draw(full_report()))
