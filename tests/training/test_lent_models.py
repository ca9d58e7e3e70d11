"""Language models lent to a tagger: which ones it takes, and a model that reads with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ner_rnn.corpora.settings import DataConfig
from ner_rnn.encoding.symbols import Symbols
from ner_rnn.errors import BundleError, ConfigError
from ner_rnn.model.bundle import read_bundle
from ner_rnn.model.language_model import Settings
from ner_rnn.model.settings import Config, ModelConfig, TrainerConfig
from ner_rnn.nn.language_model_files import Loaded, build_model, write_language_model
from ner_rnn.runtime.load import fast_path
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.training.contextual import check_coverage, load_context
from ner_rnn.training.fit import train

TEXT = """Anna NNP B-PER
Kowalski NNP I-PER
met O
Lee B-PER
in O
Oslo B-LOC
. O

He O
left O
. O

"""
ALPHABET = "".join(sorted(set(TEXT.replace("\n", ""))))


def write(folder: Path, text: str = ALPHABET, **settings: object) -> Path:
    of = Settings(running=True, hidden_size=6, **settings)  # type: ignore[arg-type]
    symbols = Symbols.learn(of.unit, Counter(text.split() if of.unit == "word" else text))
    torch.manual_seed(3)
    write_language_model(
        folder,
        Loaded(build_model(of, symbols), symbols, of, files=("news.txt",)),
        {"scores": {"dev": {"bits_a_symbol": 2.0, "perplexity": 4.0}}, "notes": []},
    )
    return folder


def pair(folder: Path, text: str = ALPHABET) -> Path:
    for direction in ("forward", "backward"):
        write(folder / direction, text, direction=direction)
    return folder


def test_a_pair_and_a_single_model_are_taken(tmp_path: Path) -> None:
    context, weights = load_context(str(pair(tmp_path / "both")))
    assert list(context.settings) == ["forward", "backward"]
    assert all(name.startswith("context.readers.") for name in weights)
    assert not any("emit" in name for name in weights)
    assert {value.dtype for value in weights.values()} == {torch.float32}
    single = write(tmp_path / "one", direction="backward")
    assert list(load_context(str(single))[0].settings) == ["backward"]


def test_what_a_tagger_cannot_read_with_is_refused(tmp_path: Path) -> None:
    refused = {
        "reads words": write(tmp_path / "word", unit="word"),
        "is of the cell 'clockwork'": write(tmp_path / "clock", cell="clockwork", periods=(1, 2)),
    }
    for part, folder in refused.items():
        with pytest.raises(ConfigError, match=f"^model.language_model: {folder} {part}"):
            load_context(str(folder))
    pair(tmp_path / "odd")
    write(tmp_path / "odd" / "backward", "xyz", direction="backward")
    with pytest.raises(ConfigError, match="know different characters"):
        load_context(str(tmp_path / "odd"))
    with pytest.raises(BundleError, match="does not exist"):
        load_context(str(tmp_path / "none"))


def test_what_is_not_in_the_alphabet_is_reported(tmp_path: Path) -> None:
    context, _ = load_context(str(write(tmp_path / "lm", "Ane L.")))
    notices: list[str] = []
    check_coverage(context, [["Anne", "Lee", "!!"], ["?"]], "models/news", notices.append)
    assert notices == [
        "models/news: knows 70.00 % of the characters of the training text, "
        "not '!' 2 times, '?' 1 times"
    ]
    with pytest.raises(ConfigError, match=r"knows 20\.0 % of the characters of the training text"):
        check_coverage(context, [["A李娜说话"]], "models/news", notices.append)


def test_a_tagger_reads_with_them_in_training_and_without_their_folder_later(
    tmp_path: Path,
) -> None:
    corpus = tmp_path / "train.conll"
    corpus.write_text(TEXT * 8)
    models = pair(tmp_path / "models")
    config = Config(
        data=DataConfig(train=str(corpus), dev=str(corpus), cache=str(tmp_path / "cache")),
        model=ModelConfig(hidden_size=8, language_model=str(models), context_size=5, dropout=0),
        trainer=TrainerConfig(epochs=20, batch_tokens=10, learning_rate=0.03, average=0),
    )
    notices: list[str] = []
    result = train(config, tmp_path / "run", on_notice=notices.append)
    assert result is not None
    assert result.scores["dev"].names.f1 == 1.0
    assert sum("words read with the language models" in line for line in notices) == 2
    before = load_context(str(models))[1]
    for folder in ("models", "cache"):  # all that is needed is in the bundle
        for path in sorted((tmp_path / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    bundle = read_bundle(tmp_path / "run")
    assert {"forward.fp32", "backward.int8"} < bundle.encoders.keys()
    for name, value in before.items():
        assert torch.equal(torch.from_numpy(bundle.weights[name]), value), "frozen"
    assert fast_path(bundle) == "onnxruntime, fp32 or int8"
    for precision in ("fp32", "int8"):
        tagger = Tagger.load(tmp_path / "run", precision=precision)
        assert tagger.tag_sentences([["Anna", "Kowalski", "met", "Lee", "in", "Oslo", "."]])[0][0][
            :2
        ] == (0, 2)


def test_models_may_be_trained_on(tmp_path: Path) -> None:
    corpus = tmp_path / "train.conll"
    corpus.write_text(TEXT * 2)
    models = pair(tmp_path / "models")
    model = ModelConfig(hidden_size=4, language_model=str(models), context_frozen=False)
    config = Config(
        data=DataConfig(train=str(corpus), cache=str(tmp_path / "cache")),
        model=replace(model, context_dropout=0.1),
        trainer=TrainerConfig(epochs=1, batch_tokens=40, average=0),
    )
    train(config, tmp_path / "run", on_notice=print)
    assert not (tmp_path / "cache" / "states").exists()
    after = read_bundle(tmp_path / "run").weights
    moved = [not torch.equal(torch.from_numpy(after[k]), v) for k, v in
             load_context(str(models))[1].items()]  # fmt: skip
    assert all(moved)
