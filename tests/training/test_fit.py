"""Training from a recipe to a model on disk, on a corpus small enough to take seconds."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ner_rnn.corpora.read import read
from ner_rnn.corpora.settings import DataConfig
from ner_rnn.errors import ConfigError, UserError
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.recall import operating_point
from ner_rnn.model.settings import Config
from ner_rnn.nn.assembly import load_tagger
from ner_rnn.runtime.tagger import Tagger, TokenizedText
from ner_rnn.text.opening import checksum
from ner_rnn.training.fit import Trained, train
from ner_rnn.training.recall_curve import whole_from

Recipe = Callable[..., Config]


def trained(config: Config, output: Path, **more: Any) -> Trained:
    result = train(config, output, on_notice=more.pop("on_notice", lambda line: None), **more)
    assert result is not None
    return result


def weights(folder: Path) -> dict[str, np.ndarray]:
    return read_bundle(folder).weights


def identical(one: Path, other: Path) -> bool:
    a, b = weights(one), weights(other)
    assert a.keys() == b.keys()
    return all(np.array_equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def learned(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> tuple[Trained, list[str]]:
    """A run that is long enough to learn, and what was said in it."""
    said: list[str] = []
    config = recipe(trainer__epochs=12, model__hidden_size=16)
    output = tmp_path_factory.mktemp("learned") / "run"
    return trained(config, output, on_notice=said.append), said


def test_it_learns_and_what_it_wrote_scores_the_same(
    learned: tuple[Trained, list[str]],
    corpus: Path,
    scores_of: Callable[..., dict[str, Any]],
) -> None:
    result, _ = learned
    dev, test = (result.scores[split].names.f1 for split in ("dev", "test"))
    assert dev is not None
    assert test is not None
    assert dev > 0.9
    assert test > 0.9
    files = [str(corpus / "dev.txt"), str(corpus / "test.txt")]
    again = scores_of(result.output, files)
    assert [again[file] for file in files] == [
        result.scores["dev"].to_dict(), result.scores["test"].to_dict(),
    ]  # fmt: skip


def test_the_bundle_is_whole_and_says_where_it_comes_from(
    learned: tuple[Trained, list[str]], corpus: Path
) -> None:
    result, _ = learned
    bundle = read_bundle(result.output)
    load_tagger(bundle)
    metrics = bundle.metrics
    assert set(metrics["scores"]) == {"dev", "test"}
    assert metrics["scores"]["test"] == result.scores["test"].to_dict()
    for split, count in (("train", 60), ("dev", 17), ("test", 23)):
        content = (corpus / f"{split}.txt").read_bytes()
        assert metrics["data"][split]["sentences"] == count
        assert metrics["data"][split]["sha256"] == hashlib.sha256(content).hexdigest()
    assert metrics["epochs"] == 12
    assert metrics["processes"] == 1
    assert 0 < metrics["seconds"]["fit"] <= metrics["seconds"]["total"]
    assert metrics["peak_memory_mb"] > 10
    assert bundle.config["model"]["hidden_size"] == 16
    assert bundle.config["seed"] == 1
    card = (result.output / "README.md").read_text(encoding="utf-8")
    f1 = result.scores["test"].names.f1
    assert f1 is not None
    assert f"{100 * f1:.2f}" in card


def test_the_recall_curve_is_what_tagging_reaches(
    learned: tuple[Trained, list[str]], corpus: Path
) -> None:
    bundle = read_bundle(learned[0].output)
    assert bundle.metrics["candidates"]["names"] == bundle.metrics["data"]["dev"]["labels"]["PER"]
    tagger = Tagger.load(learned[0].output)
    dev = read(str(corpus / "dev.txt"), DataConfig())
    for recall in (0.3, 0.9, 0.99):
        point = operating_point(bundle, recall)
        # rounding differs between torch, which measured it, and onnxruntime
        least = point["threshold"] - 1e-5
        gold, found = [], []
        first = 0
        for document in dict.fromkeys(dev.documents):
            rows = [n for n, name in enumerate(dev.documents) if name == document]
            named = tagger.tag(TokenizedText.join(dev.tokens[n] for n in rows), min_score=least)
            for n, (words, names) in zip(rows, named.named_sentences(), strict=True):
                gold += [(first + s.start, first + s.end) for s in dev.spans[n] if s.label == "PER"]
                found += [(first + name.start, first + name.end, name.score) for name in names]
                first += len(words)
        whole = [threshold > 0 for threshold in whole_from(gold, found)]
        assert sum(whole) / len(whole) == pytest.approx(point["whole"], abs=2 / len(gold))
        assert sum(whole) / len(whole) >= recall - 1e-9


def test_files_that_change_while_it_learns_are_recorded_as_they_were_read(
    recipe: Recipe, corpus: Path, tmp_path: Path
) -> None:
    paths = {split: tmp_path / f"{split}.txt" for split in ("train", "dev", "test")}
    read = {split: (corpus / path.name).read_bytes() for split, path in paths.items()}

    def write(change: bytes = b"") -> None:
        for split, path in paths.items():
            path.write_bytes(change + read[split])

    write()
    config = recipe(trainer__epochs=1)
    files = {split: str(path) for split, path in paths.items()}
    names = tmp_path / "names.txt"
    names.write_text("Maria\n")
    config = dataclasses.replace(
        config,
        data=dataclasses.replace(config.data, **files),
        model=dataclasses.replace(config.model, gazetteers=(str(names),)),
    )

    def change(line: str) -> None:
        write(b"Eva O\n\n")
        names.write_text("Eva\n")

    result = trained(config, tmp_path / "run", on_notice=change)
    assert all(path.read_bytes() != read[split] for split, path in paths.items())
    for split, about in read_bundle(result.output).metrics["data"].items():
        assert about["sha256"] == hashlib.sha256(read[split]).hexdigest()
        assert about["path"] == files[split]
    assert read_bundle(result.output).metrics["sources"] == {
        str(names): hashlib.sha256(b"Maria\n").hexdigest()
    }


def test_files_of_the_package_are_recorded_as_they_are_named(
    recipe: Recipe, tmp_path: Path
) -> None:
    corpus, names = "open:corpora/wikigold.dev.bio.xz", "open:names/us_first_names.txt.xz"
    config = recipe(data__train=corpus, model__gazetteers=(names,), trainer__epochs=1)
    bundle = read_bundle(trained(config, tmp_path / "run").output)
    assert bundle.metrics["sources"] == {names: checksum(names)}
    assert bundle.metrics["data"]["train"]["path"] == corpus
    assert bundle.metrics["data"]["train"]["sha256"] == checksum(corpus)
    assert bundle.config["model"]["gazetteers"] == [names]


def test_overlap_is_told_and_kept_and_every_epoch_told(
    learned: tuple[Trained, list[str]],
) -> None:
    result, said = learned
    notices = [line for line in said if "stand word for word" in line]
    assert notices
    assert read_bundle(result.output).metrics["notes"] == notices
    assert len([line for line in said if line.startswith("epoch ")]) == 12


def test_logs_hold_a_row_an_epoch(learned: tuple[Trained, list[str]]) -> None:
    with (learned[0].output / "logs" / "metrics.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dev_f1"]]
    assert [int(row["epoch"]) for row in rows] == list(range(12))
    best = max(float(row["dev_f1"]) for row in rows)
    kept = learned[0].scores["dev"].names.f1
    assert kept == pytest.approx(best), "the best epoch is what is kept"


def test_one_seed_gives_one_model_and_another_seed_another(recipe: Recipe, tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))
    for output, seed in ((one, 1), (two, 1), (other, 2)):
        trained(recipe(seed=seed, trainer__epochs=1), output)
    assert identical(one, two)
    assert not identical(one, other)


def test_a_finished_run_is_resumed_to_the_same_model(recipe: Recipe, tmp_path: Path) -> None:
    first = trained(recipe(), tmp_path / "run")
    before = weights(first.output)
    again = trained(recipe(), tmp_path / "run", resume=True)
    assert all(np.array_equal(before[name], value) for name, value in weights(again.output).items())
    assert again.scores == first.scores


def test_nothing_to_resume(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"last\.ckpt: there is no run to resume"):
        train(recipe(), tmp_path / "run", resume=True)


def test_nothing_to_learn_from(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nothing to learn from"):
        train(recipe(data__train=None), tmp_path / "run")


VARIANTS: dict[str, dict[str, Any]] = {
    "softmax": {"model__output": "softmax"},
    "gru": {"model__cell": "gru"},
    "rnn": {"model__cell": "rnn", "model__nonlinearity": "relu", "model__bidirectional": False},
    "letters by lstm": {"model__chars": "lstm"},
    "no letters, two layers": {"model__chars": "none", "model__layers": 2},
    "no forms": {"model__form_size": 0},
    "no words": {"model__word_size": 0},
    "words alone": {"model__form_size": 0, "model__chars": "none"},
    "no memory": {"model__memory": False},
    "sgd": {"trainer__optimizer": "sgd", "trainer__momentum": 0.5, "trainer__weight_decay": 1e-4},
    "cosine": {"trainer__decay": "cosine", "trainer__warmup": 0.0},
    "no decay, no average, no clipping": {
        "trainer__decay": "none", "trainer__average": 0.0, "trainer__clip": 0.0
    },
    "bf16": {"trainer__precision": "bf16-mixed"},
    "persons alone": {"data__labels": "person"},
    "no dev": {"data__dev": None},
    "train alone": {"data__dev": None, "data__test": None},
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_every_kind_of_recipe_trains_and_is_read_back(
    name: str, recipe: Recipe, tmp_path: Path
) -> None:
    config = recipe(trainer__epochs=1, **VARIANTS[name])
    said: list[str] = []
    result = trained(config, tmp_path / "run", on_notice=said.append)
    bundle = read_bundle(result.output)
    tagger, vocabulary = load_tagger(bundle)
    assert all(np.isfinite(value).all() for value in bundle.weights.values())
    assert len(tagger.tags) == (5 if name == "persons alone" else 9)
    assert vocabulary.tags == tagger.tags
    scored = [s for s in ("dev", "test") if getattr(config.data, s)]
    assert list(result.scores) == scored
    for split in scored:
        assert result.scores[split].names.support > 0
    if "dev" not in scored:
        assert any("no development set" in line for line in said)


def test_patience_ends_a_run_that_does_not_improve(recipe: Recipe, tmp_path: Path) -> None:
    config = recipe(trainer__epochs=9, trainer__patience=2, trainer__learning_rate=1e-9)
    result = trained(config, tmp_path / "run")
    assert read_bundle(result.output).metrics["epochs"] == 3


def test_the_moving_average_is_what_is_kept(recipe: Recipe, tmp_path: Path) -> None:
    for name, average in (("with", 0.998), ("without", 0.0)):
        trained(recipe(trainer__average=average, data__dev=None), tmp_path / name)
    assert not identical(tmp_path / "with", tmp_path / "without")


def test_one_sentence_is_a_corpus(recipe: Recipe, tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("Maria X B-PER\nsang X O\n", encoding="utf-8")
    config = recipe(data__train=str(file), data__dev=str(file), data__test=None)
    result = trained(config, tmp_path / "run")
    assert result.scores["dev"].sentences == 1


def test_pretrained_vectors_are_where_training_begins(recipe: Recipe, tmp_path: Path) -> None:
    words = ("Maria", "silva", "Paris", "unheard-of", ".")
    file = tmp_path / "vectors.txt"
    rows = [f"{word} {i}.5 -{i} 0.25 1e-1 9" for i, word in enumerate(words)]
    file.write_text("\n".join(rows), encoding="utf-8")
    said: list[str] = []
    config = recipe(
        model__vectors=str(file), model__vector_words=4, model__min_count=1000,
        trainer__epochs=1, trainer__learning_rate=1e-12, trainer__average=0.0,
    )  # fmt: skip
    result = trained(config, tmp_path / "run", on_notice=said.append)
    notices = [line for line in said if str(file) in line]
    assert len(notices) == 1
    assert re.search(r": 4 of \d+ words have a vector", notices[0])
    assert "1 in lower case" in notices[0]
    bundle = read_bundle(result.output)
    assert bundle.config["model"]["word_size"] == 5
    table = bundle.weights["words.vectors.weight"]
    learned_words = bundle.vocabulary["words"]
    assert {".", "Maria", "Paris", "Silva", "unheard-of"} <= set(learned_words)
    assert "Dupont" not in learned_words, "too rare, and without a vector"
    pairs = (("Maria", 0), ("Silva", 1), ("Paris", 2), ("unheard-of", 3), (".", 4))
    for word, expected in pairs:
        row = table[learned_words.index(word) + 2]
        assert np.allclose(row, [expected + 0.5, -expected, 0.25, 0.1, 9], rtol=2**-11)


def test_a_file_where_the_folder_should_be(recipe: Recipe, tmp_path: Path) -> None:
    output = tmp_path / "run"
    output.write_text("already here", encoding="utf-8")
    with pytest.raises((UserError, OSError)) as caught:
        train(recipe(trainer__epochs=1), output, on_notice=lambda line: None)
    assert str(output) in str(caught.value)
    assert output.read_text(encoding="utf-8") == "already here"


def test_settings_that_lightning_refuses_are_told_in_one_line(
    recipe: Recipe, tmp_path: Path
) -> None:
    for changes in (
        {"trainer__accelerator": "abacus"},
        {"trainer__precision": "7-bit"},
        {"trainer__devices": "none"},
        {"trainer__strategy": "telepathy"},
    ):
        with pytest.raises(ConfigError, match=r"^trainer: ") as caught:
            train(recipe(**changes), tmp_path / "run", on_notice=lambda line: None)
        assert "\n" not in str(caught.value)
        assert str(next(iter(changes.values()))) in str(caught.value)


def test_metrics_are_json_that_anyone_can_read(learned: tuple[Trained, list[str]]) -> None:
    text = (learned[0].output / "metrics.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == read_bundle(learned[0].output).metrics
