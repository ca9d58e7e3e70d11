"""Fine-tuning: what a model takes from its start, and what it may not differ in."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from ner_rnn_cli.main import main
from numpy.typing import NDArray

from ner_rnn.corpora.read import read_splits
from ner_rnn.corpora.settings import CorpusEntry
from ner_rnn.encoding.vocabulary import Vocabulary
from ner_rnn.model.bundle import read_bundle, write_bundle
from ner_rnn.model.settings import Config, ModelConfig
from ner_rnn.nn.assembly import build_tagger, load_tagger
from ner_rnn.nn.batches import EncodedCorpus, corpus_emissions
from ner_rnn.nn.tagger import NameTagger
from ner_rnn.runtime.export import export_encoders
from ner_rnn.training.fit import train
from ner_rnn.training.start import MOST_COPIES, SHORTEST, START_DEV, Start, read_start

Recipe = Callable[..., Config]
NEW = (("Żółw", "Quux", "met", "Quux", "."), ("Quux", "Żółw"))
KNOWN = ("Maria", "Silva", "spoke", "in", "Paris", ".", "Dr.", "John", "Smith")
STRANGE = ("Quux", "Żółw", "quux", "zebra", "ł", "42")
PERSONS = "Maria X S-PER\nsaw X O\nParis X O\n. X O\n\nQuux X B-PER\nSilva X E-PER\nQuux X S-PER\n"


def emissions(tagger: NameTagger, vocabulary: Vocabulary, text: Sequence[str]) -> NDArray[Any]:
    return corpus_emissions(tagger, EncodedCorpus(vocabulary, [text]), 100)


def grown(start: Start) -> tuple[NameTagger, Vocabulary]:
    """Return the network of a fine-tuning before its first step."""
    vocabulary = start.extended(NEW)
    tagger = build_tagger(start.recipe.model, vocabulary)
    tagger.load_state_dict({k: torch.from_numpy(v) for k, v in start.weights(vocabulary).items()})
    return tagger.eval(), vocabulary


@given(text=st.lists(st.sampled_from(KNOWN + STRANGE), min_size=1, max_size=12))
@settings(max_examples=50)
def test_before_the_first_step_it_answers_as_its_start(small_model: Path, text: list[str]) -> None:
    start = read_start(small_model)
    before, known = load_tagger(start.bundle)
    after, vocabulary = grown(start)
    assert vocabulary.words[: len(known.words)] == known.words
    assert {"quux", "Quux"} & set(vocabulary.words[len(known.words) :])
    assert "Ż" in vocabulary.characters
    assert vocabulary.characters[: len(known.characters)] == known.characters
    same = emissions(before, known, text)
    assert np.array_equal(emissions(after, vocabulary, text), same)


@given(text=st.lists(st.sampled_from(KNOWN), min_size=1, max_size=12), seed=st.integers(0, 99))
@settings(max_examples=30)
def test_what_new_words_learn_changes_nothing_without_them(
    small_model: Path, text: list[str], seed: int
) -> None:
    start = read_start(small_model)
    before, known = load_tagger(start.bundle)
    after, vocabulary = grown(start)
    weights, generator = after.state_dict(), torch.Generator().manual_seed(seed)
    for name, rows in (
        ("words.vectors.weight", known.word_count),
        ("forms.letters.vectors.weight", known.character_count),
    ):
        assert len(weights[name]) > rows
        weights[name][rows:] = torch.randn(weights[name][rows:].shape, generator=generator)
    assert np.array_equal(emissions(after, vocabulary, text), emissions(before, known, text))
    strange = emissions(after, vocabulary, ["Quux", *text])
    assert not np.array_equal(strange, emissions(before, known, ["Quux", *text]))


@pytest.fixture(scope="module")
def start(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two short epochs, with places and persons."""
    return run(recipe(), tmp_path_factory.mktemp("start") / "run")


@pytest.fixture
def persons(tmp_path: Path) -> str:
    """A corpus of which persons alone are annotated."""
    file = tmp_path / "mine.bio"
    file.write_text(PERSONS, encoding="utf-8")
    return str(file)


def run(config: Config, output: Path, **more: Any) -> Path:
    result = train(config, output, on_notice=more.pop("on_notice", lambda line: None), **more)
    assert result is not None
    return result.output


def tuning(model: Path | str, recipe: Recipe, data: str, **changes: Any) -> tuple[Start, Config]:
    """Return a start and settings of a short fine-tuning from it."""
    begun = read_start(model)
    config = replace(
        begun.recipe,
        data=replace(begun.recipe.data, train=data, cache=recipe().data.cache),
        trainer=replace(begun.recipe.trainer, epochs=1, batch_tokens=20_000),
    )
    for name, value in changes.items():
        config = replace(config, trainer=replace(config.trainer, **{name: value}))
    return begun, config


def test_a_fine_tuned_model_says_where_it_comes_from(
    start: Path, recipe: Recipe, persons: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, config = tuning(start, recipe, persons)
    said: list[str] = []
    output = run(config, tmp_path / "tuned", start=begun, on_notice=said.append)
    first, second = read_bundle(start), read_bundle(output)
    known, words = first.vocabulary["words"], second.vocabulary["words"]
    assert words[: len(known)] == known
    assert "Quux" in words[len(known) :]
    assert second.vocabulary["tags"] == first.vocabulary["tags"]
    assert second.config["model"] == first.config["model"]
    record = second.metrics["start"]
    assert record["model"] == str(start)
    assert record["sha256"] == first.manifest["files"]["weights.safetensors"]["sha256"]
    assert record["data"]["train"]["sha256"] == first.metrics["data"]["train"]["sha256"]
    assert any("train.txt as well, which is not read again" in line for line in said)
    assert record["sha256"] in (output / "README.md").read_text(encoding="utf-8")
    assert main(["info", str(output)]) == 0
    assert "started from" in (shown := capsys.readouterr().out)
    assert record["sha256"][:20] in "".join(shown.split())
    again, config = tuning(output, recipe, persons)
    twice = read_bundle(run(config, tmp_path / "twice", start=again))
    assert twice.metrics["start"]["start"]["model"] == str(start)


def test_types_that_new_text_does_not_annotate_stay_open(
    start: Path, recipe: Recipe, persons: str
) -> None:
    from ner_rnn.training.data_module import gold_tags

    begun, config = tuning(start, recipe, persons)
    types = begun.recipe.data.types
    assert "PER" in types
    assert len(types) == 2
    other = next(name for name in types if name != "PER")
    tags = gold_tags(begun.mixed(begun.repeated(read_splits(config.data)["train"]), config), types)
    assert tags[0] == ["S-PER", *[f"O|{other}"] * 3]


def test_a_run_that_is_stopped_and_resumed_gives_the_same_model(
    start: Path, recipe: Recipe, persons: str, tmp_path: Path
) -> None:
    begun, config = tuning(start, recipe, persons, epochs=3)

    def stop(line: str) -> None:
        if line.startswith("epoch 1 of 3"):
            os.kill(os.getpid(), signal.SIGINT)

    whole = run(config, tmp_path / "whole", start=begun)
    with pytest.raises(KeyboardInterrupt):
        run(config, tmp_path / "stopped", start=begun, on_notice=stop)
    resumed = run(config, tmp_path / "stopped", start=read_start(start), resume=True)
    one, other = (read_bundle(model).weights for model in (whole, resumed))
    assert one.keys() == other.keys()
    assert all(np.array_equal(one[name], other[name]) for name in one)
    before = read_bundle(start).weights["encoder.layers.0.0.weight_hh_l0"]
    assert not np.array_equal(one["encoder.layers.0.0.weight_hh_l0"], before)


def test_embedded_corpora_of_the_start_are_read_again(
    recipe: Recipe, persons: str, tmp_path: Path
) -> None:
    entries = (CorpusEntry("open:wikigold"), CorpusEntry("open:wikigold", split="dev"))
    first = recipe(data__train=None, data__dev=None, data__test=None, data__corpora=entries)
    first = replace(first, data=replace(first.data, labels="person"))
    first = replace(first, trainer=replace(first.trainer, epochs=1, batch_tokens=20_000))
    begun, config = tuning(run(first, tmp_path / "first"), recipe, persons)
    assert begun.corpora == entries
    assert begun.gone == ()
    assert config.data.labels == "person"
    config = replace(config, trainer=replace(config.trainer, replay=0.5))
    learned = read_splits(config.data)["train"]
    new, old = begun.mixed(begun.repeated(learned), config).parts
    words = sum(map(len, learned.tokens))
    assert new.weight == MOST_COPIES, "a text of a few words is not read for hours"
    old_words = sum(map(len, old.corpus.tokens))
    assert old.weight * old_words == pytest.approx(0.5 * MOST_COPIES * words)
    more = replace(
        learned, **{n: [*getattr(learned, n)] * 99 for n in ("tokens", "spans", "documents")}
    )
    assert begun.mixed(begun.repeated(more), config).parts[0].weight * 99 * words == pytest.approx(
        SHORTEST
    )
    alone = replace(config, trainer=replace(config.trainer, replay=0.0))
    assert len(begun.mixed(begun.repeated(learned), alone).parts) == 1
    bundle = read_bundle(run(config, tmp_path / "tuned", start=begun))
    assert bundle.metrics["scores"].keys() == {START_DEV}
    assert "candidates" in bundle.metrics
    assert bundle.metrics["start"]["replayed"] == ["open:wikigold"]
    assert read_start(bundle.path).corpora == entries, "what a start read again is kept"


def write_model(
    folder: Path, labels: Sequence[str] = ("PER",), record: Any = None, **changes: Any
) -> str:
    """Write an untrained model."""
    tags = ["O", *(f"{p}-{label}" for label in labels for p in "BIES")]
    vocabulary = Vocabulary.learn([["Ann", "spoke"]] * 2, tags)
    model = replace(ModelConfig(hidden_size=8), **changes)
    weights = {k: v.numpy() for k, v in build_tagger(model, vocabulary).state_dict().items()}
    config = dataclasses.asdict(Config(model=model))
    encoders = export_encoders(model, weights, vocabulary.context)
    write_bundle(
        folder, config=config, vocabulary=vocabulary.to_json(), weights=weights,
        metrics={"start": record}, card="", encoders=encoders,
    )  # fmt: skip
    return str(folder)


def test_what_cannot_be_started_from_is_one_line(
    start: Path, persons: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, places, chinese = (tmp_path / n for n in ("r.yaml", "places.bio", "chinese.bio"))
    recipe.write_text("model:\n  hidden_size: 8\n  layers: 2\n", encoding="utf-8")
    places.write_text("Rome S-LOC\nfell O\n", encoding="utf-8")
    text = "".join(f"{c} {'S-PER' if c == '王' else 'O'}\n" for c in "王在北京工作他喜欢中国的山水")
    chinese.write_text(f"{text}\n{text}", encoding="utf-8")
    echo = write_model(tmp_path / "echo", cell="reservoir", hidden_size=60, output="softmax")
    towns = write_model(tmp_path / "towns", ["LOC"])
    known = {"model": "a", "sha256": "b"}
    odd = write_model(tmp_path / "odd", record=known | {"corpora": [{"path": 5}]})
    odder = write_model(tmp_path / "odder", record=known | {"start": {"model": 5}})
    for flags, expected in (
        (["--from", odd], "metrics.json: start: the path of a corpus is no text"),
        (["--from", odder], "expected model, sha256 and data"),
        (["--from", "absent"], "absent does not exist"),
        (["--from", str(tmp_path)], "is not a model"),
        (["--from", echo], "it is an echo state network, which cannot go on learning"),
        (["--from", towns], "it knows no persons, but LOC"),
        (["--model.layers", "2"], "--model.layers is 2"),
        (["--data.labels", "person"], "--data.labels is person"),
        (["--config", str(recipe)], f"{recipe}:3: model.layers"),
        (["--data.train", str(places)], "no label that is known to mean a person"),
        (["--data.train", str(chinese)], f"{chinese}: its text is in characters, and"),
        (["--output", str(start)], "it is the folder of the model to start from"),
    ):
        given = {"--from": str(start), "--data.train": persons, "--output": str(tmp_path / "x")}
        given |= dict(zip(flags[::2], flags[1::2], strict=True))
        words = [word for pair in given.items() for word in pair]
        assert main(["train", *words]) == 2, flags
        error = capsys.readouterr().err.strip()
        assert "\n" not in error, error
        assert expected in error
    assert not (tmp_path / "x").exists()
