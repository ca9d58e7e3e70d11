"""A model is found by name where the package carries it, and by path everywhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ner_rnn import Tagger
from ner_rnn.errors import BundleError
from ner_rnn.model import builtin
from ner_rnn.model.builtin import Score, built_in_names, describe, find_model
from ner_rnn.model.loader import read_tagger
from ner_rnn.model.pack import pack_model

TEXT = "Yesterday Maria Silva met Olga Smith ."


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def found(tagger: Tagger) -> list[str]:
    return [name.text for name in tagger.tag(TEXT).names]


def test_a_built_in_model_is_loaded_by_name_and_by_default(built_in: Path) -> None:
    assert found(Tagger.load("en")) == found(Tagger.load()) == ["Maria Silva", "Olga Smith"]
    assert read_tagger("en").path == built_in / "en"


def test_a_model_in_a_folder_of_that_name_comes_first(built_in: Path, small_model: Path) -> None:
    Path("en").mkdir()  # no model: any folder may be called so
    assert find_model("en") == built_in / "en"
    shutil.copytree(small_model, "en", dirs_exist_ok=True)
    assert find_model("en") == Path("en")


def test_a_slash_means_a_path(built_in: Path) -> None:
    assert find_model("runs/en") == Path("runs/en")
    with pytest.raises(BundleError, match="en does not exist: a model is a folder"):
        Tagger.load("./en")
    assert found(Tagger.load(built_in / "en"))


def test_a_name_that_does_not_exist(built_in: Path) -> None:
    (built_in / "nl").mkdir()
    (built_in / "__pycache__").mkdir()
    with pytest.raises(BundleError, match=r"de does not exist: .*or a built-in model: en, nl$"):
        Tagger.load("de")
    with pytest.raises(BundleError, match="there is no built-in model 'de'"):
        describe("de")


def test_an_installation_without_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "absent")
    assert built_in_names() == []
    with pytest.raises(BundleError, match="this installation has no built-in model 'en': make a"):
        Tagger.load()


@pytest.mark.parametrize("name", ["weights.safetensors", "manifest.json", "encoder.onnx"])
@pytest.mark.parametrize("how", ["missing", "truncated", "altered"])
def test_a_damaged_one_asks_for_the_package_again(built_in: Path, name: str, how: str) -> None:
    path = built_in / "en" / name
    content = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes(content[:-9] if how == "truncated" else content[:-9] + b"x" + content[-8:])
    for model in ("en", built_in / "en"):
        with pytest.raises(BundleError) as caught:
            Tagger.load(model)
        message = str(caught.value)
        assert message.startswith(f"the built-in model 'en' is damaged: {built_in / 'en'}")
        assert message.endswith("; reinstall ner-rnn")
        assert "again" not in message
        assert "\n" not in message


ROW: dict[str, Any] = {"kind": "novels", "corpus": "litbank", "f1": 0.84, "low": 0.8, "high": 1}


def about(built_in: Path, **parts: Any) -> None:
    (built_in / "en" / "about.json").write_text(json.dumps(parts), encoding="utf-8")


def test_what_is_known_of_it(built_in: Path) -> None:
    bare = describe("en")
    assert (bare.language, bare.licence, bare.corpora, bare.scores) == ("", "", (), ())
    about(built_in, language="English", licence="MIT", corpora=["btc"], scores=[ROW, ROW])
    model = describe("en")
    assert (model.language, model.licence, model.corpora) == ("English", "MIT", ("btc",))
    assert model.scores == (Score("novels", "litbank", 0.84, 0.8, 1),) * 2
    assert model.size == sum(path.stat().st_size for path in model.folder.iterdir())


def test_its_own_scores_stand_in(built_in: Path) -> None:
    scores = {"scores": {"dev": {"names": {"f1": 0.5}}}}
    (built_in / "en" / "metrics.json").write_text(json.dumps(scores))
    assert describe("en").scores == (Score("dev", "", 0.5),)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"language": 3}, "expected texts for language and licence, and a list of corpora"),
        ({"corpora": "btc"}, "expected texts for language and licence, and a list of corpora"),
        ({"scores": {}}, "expected a list of scores"),
        ({"scores": [3]}, "is 3: a score has texts for kind and corpus, and ratios"),
        ({"scores": [{**ROW, "f1": 84}]}, "'f1': 84, .*ratios from 0 to 1 or null"),
        ({"scores": [{"kind": "novels", "f1": 0.84}]}, "a score has texts for kind and corpus"),
    ],
)
def test_a_malformed_description(built_in: Path, parts: dict[str, Any], message: str) -> None:
    about(built_in, **parts)
    with pytest.raises(BundleError, match=f"about.json.*{message}.*; reinstall ner-rnn"):
        describe("en")


def test_a_packed_model_gives_the_same_answers(built_in: Path, small_model: Path) -> None:
    about(built_in, language="Dutch")
    (built_in / "en").rename(built_in / "nl")
    assert pack_model(small_model, "nl") == built_in / "nl"
    assert describe("nl").language == "Dutch"
    assert (built_in / "nl" / "vocabulary.json.zst").exists()
    packed, plain = (Tagger.load(model).tag(TEXT).names for model in ("nl", small_model))
    assert [name[:3] for name in packed] == [name[:3] for name in plain]
    scores = [[name.score for name in names] for names in (packed, plain)]
    assert scores[0] == pytest.approx(scores[1], abs=0.01)  # its tables are of 16 bits


def test_the_model_of_the_package_fits_its_promises() -> None:
    if "en" not in built_in_names():
        pytest.skip("the built-in model en is not in the package yet")
    model = describe("en")
    assert model.size <= 10_000_000
    assert model.language and model.licence and model.corpora and model.scores
    assert found(Tagger.load())
