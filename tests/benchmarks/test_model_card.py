"""The model card: intervals, and a card of the built-in model's recipe with made-up counts."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ner_rnn_cli import settings

from ner_rnn import Tagger
from ner_rnn.model.builtin import describe
from ner_rnn.text.report_table import to_markdown

from .scripts import imported

ROOT = Path(__file__).parents[2]
CASES = ("cased", "lower", "upper")
CULTURES = {"as written": 80.0, "Korea": 60.0, "France": 75.0}


@pytest.fixture(scope="module")
def modules() -> Iterator[dict[str, ModuleType]]:
    names = ("kinds", "measured", "card_tables", "hard_sentences", "model_card")
    with imported(*names) as found:
        yield found


def counts(tp: int, fp: int, fn: int, ece: float | None = 2.5) -> dict[str, Any]:
    return {"tp": tp, "fp": fp, "fn": fn, "ece": ece, "recall": 100 * tp / (tp + fn)}


def written(path: Path, modules: dict[str, ModuleType]) -> Path:
    """What ``kinds_of_text.py`` would write for two systems."""
    names = list(modules["model_card"].KINDS)
    good, bad = counts(80, 20, 20), counts(50, 50, 50, None)
    recalls = {culture: {"recall": recall} for culture, recall in CULTURES.items()}
    measured = {
        "kinds": {
            system: {case: dict.fromkeys(names, row) for case in CASES}
            for system, row in (("en", good), ("md", bad))
        },
        "cultures": {system: {"gum_open/test": recalls} for system in ("en", "md")},
        "false": {"words": {"code": 50_000}, "found": {"en": {"code": ["x"]}, "md": {"code": []}}},
        "costs": {"md": {}},
    }
    path.write_text(json.dumps(measured))
    return path


def test_an_interval_holds_the_score_and_narrows_with_names(
    modules: dict[str, ModuleType],
) -> None:
    interval = modules["measured"].interval
    few, many = interval(counts(8, 2, 2)), interval(counts(800, 200, 200))
    assert few.value == many.value == 0.8
    assert few.low < many.low < 0.8 < many.high < few.high
    assert interval(counts(0, 1, 1)).low < 1e-3
    # precision = recall = F1 of 0.8 in 1,000 names: about two standard errors to either side
    assert many.high - many.low == pytest.approx(0.039, abs=0.003)


def test_in_the_mean_a_family_counts_once(modules: dict[str, ModuleType]) -> None:
    fields = ("politics", "science", "music", "literature", "ai")
    family = {f"crossner/{field}_test": counts(10, 0, 0) for field in fields}
    mean = modules["measured"].mean_interval({**family, "wnut17/test": counts(0, 10, 10)})
    assert mean.value == pytest.approx(0.5)
    assert mean.low < 0.5 < mean.high


def test_a_model_and_spacy_are_told_apart(tmp_path: Path, modules: dict[str, ModuleType]) -> None:
    read = modules["measured"].read_measured
    path = written(tmp_path / "en.json", modules)
    ours, spacy = read([path])
    assert (ours.name, spacy.name) == ("en", "md")
    assert modules["measured"].per_100_000(ours, "code") == "2.0"
    with pytest.raises(SystemExit, match="expected one model and spaCy, found en, md"):
        read([path], "other")


def test_a_card_of_the_recipe(
    built_in: Path, tmp_path: Path, modules: dict[str, ModuleType]
) -> None:
    config = dataclasses.asdict(settings.load(str(ROOT / "configs" / "english.yaml"), {}))
    ours, spacy = modules["measured"].read_measured([written(tmp_path / "en.json", modules)])
    folder = built_in / "en"
    table = modules["model_card"].write_card(folder, config, Tagger.load(folder), ours, spacy)
    model = describe("en")
    assert len(model.corpora) == len(set(model.corpora)) >= 14
    assert model.corpora[0] == "wnut17 (CC-BY-4.0)"
    assert all(score.f1 == 0.8 and score.spacy_md_f1 == 0.5 for score in model.scores)
    assert model.scores[-1].kind == "mean"
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "| wnut17 | social media and forums, emerging entities | 660 | CC-BY-4.0 |" in card
    assert "best 75.0 % (France), worst 60.0 % (Korea), worst / best 0.800" in card
    assert "| code | 50,000 | 2.0 | 0.0 |\n| all | 50,000 | 2.0 | 0.0 |\n\n" in card
    # all that teaches the model is in the package, and its licence is known
    assert "not part of the package" not in card
    assert "``: \n" not in card
    unseen = next(line for line in card.splitlines() if "It never saw" in line)
    assert "newswire, 1996; world news, 2020s; financial news, 2015; talk" in unseen
    assert "tweets" not in unseen
    # the small model knows few names
    found = re.search(r"txt`\) (\d+) of (\d+) are right", card)
    assert found is not None
    failed = re.findall(r"^- .+? — (?:missed|wrong): ", card, re.MULTILINE)
    assert len(failed) == int(found[2]) - int(found[1]) > 0
    assert "| mean | **80.0** |" in to_markdown(table)


def test_names_are_marked_in_brackets(modules: dict[str, ModuleType]) -> None:
    hard = modules["hard_sentences"]
    read = hard.read_marked
    assert read("[Ann] saw [Bo].") == ("Ann saw Bo.", {(0, 3), (8, 10)})
    lines = hard.SENTENCES.read_text(encoding="utf-8").splitlines()
    for line in lines:
        text, spans = read(line)
        assert not {"[", "]"} & {*text}
        assert len(spans) == line.count("[")
