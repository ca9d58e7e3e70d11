"""Recipes without a domain: nothing of it is left, and both systems read about as much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from ner_rnn_cli import settings

from ner_rnn.corpora.embedded import embedded_corpora
from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import Config

from .scripts import imported

RECIPE = """\
data:
  labels: person
  corpora:
    - {path: open:btc, weight: 0.5, titles: inside}
    - {path: open:litbank, weight: 2}
    - {path: open, split: test}
    - open:presidio_synth
    - {path: open, split: dev}
model:
  gazetteers: [open:names/us_surnames.txt.xz]
augment:
  lower: 0.25
trainer:
  epochs: 4
"""


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    with imported("leave_domain_out") as found:
        yield found["leave_domain_out"]


@pytest.fixture
def recipe(tmp_path: Path) -> Config:
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return settings.load(str(tmp_path / "recipe.yaml"), {})


def test_every_embedded_corpus_with_a_test_set_is_in_one_domain(script: ModuleType) -> None:
    members = sorted(name for names in script.DOMAINS.values() for name in names)
    assert members == sorted(c.name for c in embedded_corpora() if "test" in c.splits)


def test_nothing_of_the_domain_is_left_and_nothing_else_changes(
    script: ModuleType, recipe: Config
) -> None:
    reduced = script.without(recipe, "novels")
    assert [(e.path, e.split, e.weight) for e in reduced.data.corpora] == [
        ("open:btc", "train", 0.5), ("open:presidio_synth", "train", 1.0),
        ("open:wnut17", "dev", 1.0), ("open:wikigold", "dev", 1.0),
        ("open:gum_open", "dev", 1.0), ("open:tweebank_ner", "dev", 1.0),
    ]  # fmt: skip
    assert reduced.data.corpora[0] == recipe.data.corpora[0]
    assert (reduced.model, reduced.augment) == (recipe.model, recipe.augment)


def test_the_plain_merge_has_every_other_corpus_and_reads_about_as_many_words(
    script: ModuleType, recipe: Config
) -> None:
    plain, reduced = script.plan(recipe, "social")
    paths = {entry.path for entry in plain.config.data.corpora}
    left_out = {f"open:{name}" for name in script.DOMAINS["social"]}
    assert paths == {f"open:{corpus.name}" for corpus in embedded_corpora()} - left_out
    assert plain.config.model == Config().model
    assert plain.config.data.labels == "person"
    assert reduced.words == 4 * (2 * 146209 + 26548)
    epoch = plain.words / plain.config.trainer.epochs
    assert abs(plain.words - reduced.words) <= epoch / 2


def test_a_written_recipe_is_read_as_it_was(
    script: ModuleType, recipe: Config, tmp_path: Path
) -> None:
    for training in script.plan(recipe, "novels"):
        path = tmp_path / f"{training.name}.yaml"
        path.write_text(script.as_yaml(training.config), encoding="utf-8")
        assert settings.load(str(path), {}) == training.config


def test_recipes_that_cannot_be_reduced_are_refused(
    script: ModuleType, recipe: Config, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="from no corpus of the domain contracts"):
        script.plan(recipe, "contracts")
    (tmp_path / "other.yaml").write_text(RECIPE.replace("open:presidio_synth", "news.bio"))
    with pytest.raises(ConfigError, match=r"news\.bio: the recipe has to list embedded corpora"):
        script.plan(settings.load(str(tmp_path / "other.yaml"), {}), "novels")


def test_what_was_measured_with_this_recipe_is_not_measured_again(
    script: ModuleType, recipe: Config, tmp_path: Path
) -> None:
    plain, _ = script.plan(recipe, "novels")
    kept = {"f1": 12.5, "recipe": script.as_yaml(plain.config)}
    (tmp_path / "novels-plain.json").write_text(json.dumps(kept), encoding="utf-8")
    assert script.measure(plain, tmp_path) == kept


def test_a_family_counts_as_one_set(script: ModuleType) -> None:
    sets = {name: {"tp": 10, "fp": 0, "fn": 0} for name in script.CROSSNER}
    sets["wikigold"] = {"tp": 0, "fp": 10, "fn": 10}
    assert script.pooled(sets) == pytest.approx(50.0)


def test_the_table_ends_with_means(script: ModuleType) -> None:
    scores = [("web", "plain", 50), ("web", "recipe", 60), ("novels", "plain", 70)]
    scores.append(("novels", "recipe", 72))
    table = script.table([{"domain": d, "system": s, "f1": f} for d, s, f in scores])
    assert table.splitlines()[2:] == [
        "| web | 50.0 | 60.0 | +10.0 |",
        "| novels | 70.0 | 72.0 | +2.0 |",
        "| **mean** | 60.0 | 66.0 | +6.0 |",
    ]
