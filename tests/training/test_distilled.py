"""Students: what they learn from, what is said of it, and what is kept for the next one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ner_rnn_cli.main import main

from ner_rnn.errors import UserError
from ner_rnn.model.bundle import read_bundle, write_bundle
from ner_rnn.model.settings import Config
from ner_rnn.training.fit import train
from ner_rnn.training.start import read_start

Recipe = Callable[..., Config]
TEXTS = (
    "Yesterday Maria Silva met Olga Quux .",
    "The firm hired Dr. Amina Diallo , it said . Quux said so .",
    "Rain fell on Lima in the night .",
    "Pierre Dupont spoke in Paris . Angela Merkel spoke in Berlin .",
)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """A folder with four texts."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for number, text in enumerate(TEXTS):
        (folder / f"{number}.txt").write_text(text)
    return folder


def taught(recipe: Config, cache: Path, **changes: Any) -> Config:
    return replace(
        recipe,
        data=replace(recipe.data, cache=str(cache)),
        distill=replace(recipe.distill, **changes),
    )


def run(config: Config, output: Path, **more: Any) -> list[str]:
    said: list[str] = []
    assert train(config, output, on_notice=said.append, **more) is not None
    return said


def weights(folder: Path) -> dict[str, np.ndarray[Any, Any]]:
    return dict(read_bundle(folder).weights)


def assert_same_weights(one: Path, other: Path) -> None:
    """Two models have the same weights, bit by bit."""
    first, second = weights(one), weights(other)
    assert set(first) == set(second)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_a_student_says_who_taught_it_on_what(
    small_model: Path,
    other_model: Path,
    recipe: Recipe,
    texts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    teachers = (str(small_model), str(other_model))
    config = taught(recipe(), tmp_path / "cache", teachers=teachers, text=(str(texts),))
    said = run(config, tmp_path / "student")
    assert said[0].startswith("2 teachers read 41 words of 4 documents: ")
    assert "in the cache" in said[0]
    record = read_bundle(tmp_path / "student").metrics["distilled"]
    assert [one["model"] for one in record["teachers"]] == list(teachers)
    sums = [read_bundle(model).manifest["files"]["weights.safetensors"] for model in teachers]
    assert [one["sha256"] for one in record["teachers"]] == [one["sha256"] for one in sums]
    assert [Path(one["path"]).name for one in record["text"]] == [f"{n}.txt" for n in range(4)]
    assert (record["words"], record["documents"], record["ratio"]) == (41, 4, 2.0)
    assert sums[0]["sha256"] in (tmp_path / "student" / "README.md").read_text(encoding="utf-8")
    assert main(["info", str(tmp_path / "student")]) == 0
    shown = "".join(capsys.readouterr().out.split())
    assert f"taughtby{small_model}" in shown
    assert "41wordsof4documents" in shown
    # another student of the same teachers waits for none of them, and learns the same by its seed
    said = run(config, tmp_path / "again")
    assert said[0].startswith("41 words of 4 documents: ")
    assert said[0].endswith("as 2 teachers read them before")
    assert_same_weights(tmp_path / "student", tmp_path / "again")


def test_without_a_cache_a_student_learns_the_same(
    small_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    asked = {"teachers": (str(small_model),), "text": (str(texts),)}
    run(taught(recipe(), tmp_path / "cache", **asked), tmp_path / "a")
    damaged = tmp_path / "cache" / "teachers"
    [entry] = damaged.glob("*.npz")
    entry.write_bytes(entry.read_bytes()[:-40])
    assert (
        "1 teacher read 41" in run(taught(recipe(), tmp_path / "cache", **asked), tmp_path / "b")[0]
    )
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "teachers").write_text("a file is in the way")
    data = recipe().data
    files = {"train": data.train, "dev": data.dev, "test": data.test}
    config = taught(replace(recipe(), data=replace(data, **files)), blocked, **asked)
    said = run(config, tmp_path / "c")
    assert any("not kept: " in line for line in said)
    assert_same_weights(tmp_path / "a", tmp_path / "b")
    assert_same_weights(tmp_path / "a", tmp_path / "c")


def test_another_text_or_teacher_is_read_anew(
    small_model: Path, other_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    asked = {"teachers": (str(small_model),), "text": (str(texts),)}
    run(taught(recipe(), tmp_path / "cache", **asked), tmp_path / "a")
    (texts / "0.txt").write_text("Other words .")
    assert "1 teacher read" in run(taught(recipe(), tmp_path / "cache", **asked), tmp_path / "b")[0]
    asked["teachers"] = (str(other_model),)
    assert "1 teacher read" in run(taught(recipe(), tmp_path / "cache", **asked), tmp_path / "c")[0]
    assert len(list((tmp_path / "cache" / "teachers").glob("*.npz"))) == 3


def test_a_run_that_is_stopped_and_resumed_gives_the_same_model(
    small_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    asked = {"teachers": (str(small_model),), "text": (str(texts),), "ratio": 0.05}
    config = taught(recipe(trainer__epochs=3, augment__lower=0.5), tmp_path / "cache", **asked)

    def stop(line: str) -> None:
        if line.startswith("epoch 1 of 3"):
            os.kill(os.getpid(), signal.SIGINT)

    run(config, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        train(config, tmp_path / "stopped", on_notice=stop)
    said = run(config, tmp_path / "stopped", resume=True)
    assert said[0].endswith("as 1 teacher read them before")
    assert_same_weights(tmp_path / "whole", tmp_path / "stopped")


def test_a_model_is_adapted_to_text_without_annotation(
    other_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    start = read_start(other_model)
    config = taught(
        replace(start.recipe, trainer=replace(start.recipe.trainer, epochs=1)),
        tmp_path / "cache",
        teachers=(str(other_model),),
        text=(str(texts),),
    )
    run(config, tmp_path / "adapted", start=start)
    before, after = read_bundle(other_model), read_bundle(tmp_path / "adapted")
    known, words = before.vocabulary["words"], after.vocabulary["words"]
    assert words[: len(known)] == known
    assert "Quux" in words[len(known) :]
    assert after.vocabulary["tags"] == before.vocabulary["tags"]
    assert after.metrics["start"]["model"] == str(other_model)
    assert "train" not in after.metrics["data"]


def test_annotated_text_is_learned_beside_it(
    other_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    start = read_start(other_model)
    data = replace(start.recipe.data, train=recipe().data.train, dev=recipe().data.dev)
    trainer = replace(start.recipe.trainer, epochs=1, batch_tokens=20_000)
    config = taught(
        replace(start.recipe, data=data, trainer=trainer),
        tmp_path / "cache",
        teachers=(str(other_model),),
        text=(str(texts),),
    )
    run(config, tmp_path / "adapted", start=start)
    metrics = read_bundle(tmp_path / "adapted").metrics
    assert metrics["data"]["train"]["path"] == recipe().data.train
    assert set(metrics["scores"]) == {"dev"}


def test_what_seems_wrong_with_the_text_is_told(
    small_model: Path, recipe: Recipe, tmp_path: Path
) -> None:
    file = tmp_path / "a.txt"
    other = tmp_path / "b.txt"
    other.write_text("it said it . " * 3)
    file.write_text("ayer no hubo nada que decir en la casa de la playa . " * 20)
    config = taught(
        recipe(trainer__epochs=1), tmp_path / "cache", teachers=(str(small_model),),
        text=(str(file),),
    )  # fmt: skip
    said = run(config, tmp_path / "student")
    assert any("seems to be of another language" in line for line in said)
    config = replace(config, distill=replace(config.distill, text=(str(other),)))
    said = run(config, tmp_path / "other")
    assert "the teachers find no name in the text" in said
    assert not any("another language" in line for line in said)


def altered(model: Path, folder: Path, **vocabulary: Any) -> str:
    """Write a model again, with another vocabulary."""
    bundle = read_bundle(model)
    write_bundle(
        folder, config=bundle.config, vocabulary=bundle.vocabulary | vocabulary,
        weights=bundle.weights, metrics=bundle.metrics, card="", encoders=bundle.encoders,
    )  # fmt: skip
    return str(folder)


def test_what_cannot_be_distilled_is_refused_before_any_work(
    small_model: Path, recipe: Recipe, texts: Path, tmp_path: Path
) -> None:
    def refused(match: str, output: Path = tmp_path / "student", **changes: Any) -> None:
        asked = {"teachers": (str(small_model),), "text": (str(texts),)} | changes
        with pytest.raises(UserError, match=match):
            run(taught(recipe(), tmp_path / "cache", **asked), output)

    (tmp_path / "empty").mkdir()
    (tmp_path / "blank.txt").write_text(" \n\n ")
    refused("there is no model that teaches", teachers=())
    refused("there is no text for the models to read", text=())
    refused("a folder without text files", text=(str(tmp_path / "empty"),))
    refused("blank.txt: no words", text=(str(tmp_path / "blank.txt"),))
    refused("does not exist", text=(str(tmp_path / "missing"),))
    refused("missing", teachers=(str(tmp_path / "missing"),))
    refused("it is the folder of a model that teaches", output=small_model)
    tags = [tag.replace("PER", "ORG") for tag in read_bundle(small_model).vocabulary["tags"]]
    firms = altered(small_model, tmp_path / "firms", tags=tags)
    refused("firms: it knows no persons, but LOC, ORG", teachers=(firms,))
    chinese = altered(small_model, tmp_path / "chinese", cut="characters")
    refused("it reads characters, and the model to be trained reads words", teachers=(chinese,))
    both = (str(small_model), chinese)
    refused(f"it reads words, and {chinese} reads characters", teachers=both)
    assert not os.path.exists(tmp_path / "cache" / "teachers")
    (tmp_path / "blank.txt").write_text(" \n\n \u200b")  # words by white space, none by the rules
    refused("blank.txt: no words", text=(str(tmp_path / "blank.txt"),))
