"""Errors of the user: four parts, one line, settings under the name that the reader knows."""

from __future__ import annotations

import doctest
import pickle

import pytest

from ner_rnn import errors
from ner_rnn.errors import ConfigError, FileError, Setting, UserError


def test_examples() -> None:
    assert doctest.testmod(errors).failed == 0


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (UserError("whole {line}: as it is"), "whole {line}: as it is"),
        (UserError("it is empty", where="a.txt:3"), "a.txt:3: it is empty"),
        (FileError("a.txt is empty", do="give text"), "a.txt is empty: give text"),
        (
            ConfigError("it must be 1 or more", where=Setting("model.layers"), found="0"),
            "model.layers is 0: it must be 1 or more",
        ),
        (
            ConfigError("no", where=Setting("model.chars"), found="{x}", do="set {chars}, {size}"),
            "model.chars is {x}: no; set model.chars, model.size",
        ),
        (ConfigError("no", do="set {data.train} to {{x}}"), "no: set data.train to {x}"),
    ],
)  # fmt: skip
def test_one_line(error: UserError, line: str) -> None:
    assert str(error) == line
    assert isinstance(error, ValueError)
    assert str(pickle.loads(pickle.dumps(error))) == line


def test_settings_are_named_as_the_reader_knows_them() -> None:
    error = ConfigError("no", where=Setting("model.chars"), found="x", do="set {size}")
    assert error.line(lambda key: f"<{key}>") == "<model.chars> is x: no; set <model.size>"
    placed = error.at("a.yaml:3: model.chars")
    assert type(placed) is ConfigError
    # where the value stands in a file, the remedy names the keys of that file
    assert placed.line(lambda key: f"<{key}>") == "a.yaml:3: model.chars is x: no; set model.size"
