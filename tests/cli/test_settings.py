"""Recipes from YAML and flags: what is read, what outranks what, and what is said of mistakes."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ner_rnn_cli import settings
from ner_rnn_cli.parser import Parser, normalise

from ner_rnn.errors import ConfigError
from ner_rnn.model.settings import Config, ModelConfig


def parse(*words: str) -> Config:
    parser = Parser(prog="ner-rnn train")
    parser.add_argument("--config")
    settings.add_flags(parser)
    args = parser.parse_args(normalise(words))
    return settings.load(args.config, vars(args))


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Write r.yaml into the working folder."""
    monkeypatch.chdir(tmp_path)

    def write(text: str | bytes) -> str:
        content = text.encode() if isinstance(text, str) else text
        Path("r.yaml").write_bytes(content)
        return "r.yaml"

    return write


def test_nothing_given_is_the_default() -> None:
    assert parse() == Config()


def test_every_field_is_a_flag_with_the_help_that_stands_under_it() -> None:
    parser = argparse.ArgumentParser()
    settings.add_flags(parser)
    helps = {a.dest: a.help or "" for a in parser._actions if a.dest != "help"}
    config = Config()
    expected = {"seed"} | {
        f"{section}.{field.name}"
        for section in ("data", "model", "augment", "distill", "trainer")
        for field in dataclasses.fields(getattr(config, section))
    }
    assert set(helps) == expected
    assert all(text and not text.startswith("[") for text in helps.values()), helps
    assert helps["model.hidden_size"] == "Units per layer and direction. [128]"
    assert helps["model.bidirectional"].endswith("[true]")


def test_flags_outrank_the_file_which_outranks_the_default(recipe: Any) -> None:
    path = recipe("model:\n  layers: 2\n  hidden_size: 64\nseed: 5\n")
    config = parse("--config", path, "--model.hidden-size", "32")
    assert config.model == dataclasses.replace(ModelConfig(), layers=2, hidden_size=32)
    assert config.seed == 5


def test_hyphens_and_underscores_are_one(recipe: Any) -> None:
    path = recipe("trainer:\n  batch-tokens: 99\n")
    assert parse("--config", path).trainer.batch_tokens == 99
    assert parse("--trainer.batch_tokens=98").trainer.batch_tokens == 98
    assert parse("--data.train", "a_b-c").data.train == "a_b-c"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("trainer: {learning_rate: 1e-3}", 0.001),  # text in YAML 1.1, a number to people
        ("trainer: {learning_rate: 1}", 1.0),
        ("trainer: {devices: 2}", "2"),
        ("model: {bidirectional: no}", False),
        ("model: {bidirectional: 'true'}", True),
        ("model: {chars: none}", "none"),
        ("model: {vectors: null}", None),
        ("model: {vectors: ~}", None),
        ("data: {person_labels: [PER, nr]}", ("PER", "nr")),
        ("data: {person_labels: 'PER, nr'}", ("PER", "nr")),
        ("data: {person_labels: []}", ()),
        ("data: {tag_column: -2}", -2),
        ("model: {cell: clockwork, periods: [1, 2]}", "clockwork"),
        ("model.layers: 3", 3),
    ],
)
def test_values_of_yaml(line: str, expected: object, recipe: Any) -> None:
    config = dataclasses.asdict(parse("--config", recipe(line + "\n")))
    section, _, rest = line.partition(":")
    section, _, name = section.partition(".")
    name = name or rest.strip(" {").partition(":")[0]
    assert config[section][name] == expected
    assert type(config[section][name]) is type(expected)


@pytest.mark.parametrize("text", ["[1, 3]", "'1, 3'", "'1,3'", "['1', ' 3 ']"])
def test_whole_numbers_in_a_list(text: str, recipe: Any) -> None:
    path = recipe(f"model:\n  cell: clockwork\n  periods: {text}\n")
    assert parse("--config", path).model.periods == (1, 3)
    assert parse("--config", path, "--model.periods", "2,5").model.periods == (2, 5)


def test_values_of_flags() -> None:
    assert parse("--data.tag-column", "-2").data.tag_column == -2
    assert parse("--data.person-labels", "PER,nr").data.person_labels == ("PER", "nr")
    assert parse("--model.bidirectional", "false").model.bidirectional is False
    assert parse("--data.corpus", "null").data.corpus is None


@given(st.floats(0, 1e6, exclude_min=True), st.integers(0, 2**32 - 1))
def test_numbers_survive_as_they_are_typed(rate: float, seed: int) -> None:
    config = parse("--trainer.learning-rate", repr(rate), "--seed", str(seed))
    assert config.trainer.learning_rate == rate
    assert config.seed == seed


def test_empty_files_and_marks_of_byte_order(recipe: Any) -> None:
    assert parse("--config", recipe("# nothing yet\n")) == Config()
    assert parse("--config", recipe("")) == Config()
    assert parse("--config", recipe(b"\xef\xbb\xbfseed: 4\r\n")).seed == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "model:\n  layers: 1\n  hiden_size: 3\n",
            "r.yaml:3: model.hiden_size is no setting; did you mean model.hidden_size?",
        ),
        (
            "hidden_size: 3\n",
            "r.yaml:1: hidden_size is no setting; did you mean model.hidden_size?",
        ),
        (
            "modle:\n  layers: 1\n",
            "r.yaml:2: modle.layers is no setting; did you mean model.layers?",
        ),
        ("xyzzy: 3\n", "r.yaml:1: xyzzy is no setting; see ner-rnn train --help"),
        ("seed: 1\nseed: 2\n", "r.yaml:2: seed is given twice; first in r.yaml:1: seed"),
        ("\nseed: abc\n", "r.yaml:2: seed is 'abc': expected a whole number"),
        ("seed: 1.5\n", "r.yaml:1: seed is '1.5': expected a whole number"),
        ("seed:\n", "r.yaml:1: seed has no value: expected a whole number"),
        ("seed: [1, 2]\n", "r.yaml:1: seed is a list: expected a whole number"),
        ("seed: {a: 1}\n", "r.yaml:1: seed.a is no setting"),
        ("trainer: {clip: .nan}\n", "r.yaml:1: trainer.clip is '.nan': expected a number"),
        ("trainer: {clip: nan}\n", "r.yaml:1: trainer.clip is 'nan': expected a number"),
        ("model: {cell: lstn}\n", "r.yaml:1: model.cell is 'lstn': expected one of rnn, gru, lstm"),
        (
            "model: {bidirectional: 2}\n",
            "r.yaml:1: model.bidirectional is '2': expected true or false",
        ),
        (
            "data: {person_labels: [[A]]}\n",
            "r.yaml:1: data.person_labels holds a list inside the "
            "list: expected a list, as in [PER, PERSON]",
        ),
        (
            "model: {periods: [1, x]}\n",
            "r.yaml:1: model.periods is '1', 'x': expected a list of whole numbers, as in [1, 2, "
            "4]",
        ),
        (
            "model: {periods: 1.5}\n",
            "r.yaml:1: model.periods is '1.5': expected a list of whole numbers",
        ),
        (
            "model:\n  cell: clockwork\n  periods: [2, 1]\n",
            "r.yaml:3: model.periods is 2, 1: the first must be 1 or more, and each longer",
        ),
        ("model:\n", "r.yaml:1: model must hold settings of its own, one a line, indented"),
        ("- 1\n", "r.yaml:1: expected 'name: value' lines, like 'seed: 1'"),
        ("model: {layers: 0}\n", "r.yaml:1: model.layers is 0: it must be 1 or more"),
        ("a: b: c\n", "r.yaml:1: not YAML: mapping values are not allowed here"),
        ("seed: 1\n\tb: 2\n", "r.yaml:2: not YAML: "),
        ("seed: \x00\n", "r.yaml: not YAML: "),
        (b"\nseed: \xff\n", "r.yaml: not UTF-8 text at byte 7"),
        ("[" * 5000, "r.yaml: not YAML: "),
    ],
)
def test_mistakes_in_yaml(text: str | bytes, message: str, recipe: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        parse("--config", recipe(text))
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--seed", "x"), "--seed is 'x': expected a whole number"),
        (("--model.layers", "0"), "--model.layers is 0: it must be 1 or more"),
        (("--seed", "4294967296"), "--seed is 4294967296: it must be from 0 to 4294967295"),
        (("--trainer.clip", "inf"), "--trainer.clip is 'inf': expected a number"),
        (("--model.output", "CRF"), "--model.output is 'CRF': expected one of crf, softmax, ridge"),
    ],
)
def test_mistakes_in_flags(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(*words)
    parser = Parser(prog="ner-rnn train")
    settings.add_flags(parser)
    assert caught.value.line(parser.flag) == message


def test_a_setting_is_called_by_the_flag_of_the_command() -> None:
    parser = Parser(prog="ner-rnn compare")
    parser.add_argument("--data", dest="data.corpus")
    parser.add_argument("--token-column")
    assert parser.flag("data.corpus") == "--data"
    assert parser.flag("data.token_column") == "--token-column"
    assert parser.flag("model.layers") == "model.layers"
    settings.add_flags(parser, only={"model.layers"})
    assert parser.flag("model.layers") == "--model.layers"


@given(st.text(max_size=60))
def test_no_text_makes_it_fall_over(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.yaml"
        path.write_text(text, encoding="utf-8", errors="replace")
        try:
            config = parse("--config", str(path))
        except ConfigError as problem:
            assert "\n" not in str(problem)
        else:
            assert isinstance(config, Config)
