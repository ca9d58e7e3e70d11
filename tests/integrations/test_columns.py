"""Columns of texts as engines give them: the answers of ``Tagger.tag``, whatever the batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ner_rnn.errors import BundleError
from ner_rnn.integrations import columns
from ner_rnn.integrations.columns import Answer, ColumnTagger, text_or_reason
from ner_rnn.runtime.tagger import Tagger
from ner_rnn.tagging.redact import redacted

PIECES = ["Maria Silva", "John Smith", "spoke in Paris.", "Yesterday", "\n\n", "é", "\U0001f600"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
VALUES = st.one_of(
    TEXTS,
    TEXTS.map(str.encode),
    st.none(),
    st.integers(),
    st.floats(),
    st.binary(max_size=6),
    st.text(st.characters(), max_size=6),  # also halves of characters
    st.lists(st.integers(), max_size=2),
)


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(values=st.lists(VALUES, max_size=12), size=st.integers(1, 12))
def test_the_answers_of_tag_whatever_the_batches(
    small_model: Path, values: list[object], size: int
) -> None:
    tag = ColumnTagger(str(small_model), min_score=0.1, redact="pseudonyms")
    answers: list[Answer] = []
    for start in range(0, len(values), size):
        answers += tag(values[start : start + size])
    tagger = Tagger.load(small_model, device="cpu", threads=1)
    for value, (names, reason, new) in zip(values, answers, strict=True):
        text, expected = text_or_reason(value)
        assert reason == expected
        if reason is not None:
            assert names is new is None
            continue
        document = tagger.tag(text, min_score=0.1)
        assert names is not None
        assert [name[:3] for name in names] == [name[:3] for name in document.names]
        scores = [name.score for name in document.names]
        assert [name.score for name in names] == pytest.approx(scores, abs=1e-6)
        assert new == redacted(document, "PERSON {n}").text


def test_what_cannot_be_tagged_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "LONGEST_LINE", 5)
    assert {repr(value): text_or_reason(value)[1] for value in ("abcde", b"\xc3\xa9", "")} == {
        "'abcde'": None,
        r"b'\xc3\xa9'": None,
        "''": None,
    }
    assert text_or_reason(None) == ("", "null")
    assert text_or_reason(3) == ("", "not text but int")
    assert text_or_reason("abcdef") == ("", "6 characters, more than 5")
    assert text_or_reason(b"caf\xe9") == ("", "byte 3 (0xe9) is not UTF-8")
    assert text_or_reason("a\ud800") == (
        "",
        "character 1 is half a character (a lone surrogate)",
    )


def test_nothing_is_replaced_unless_asked_for(small_model: Path) -> None:
    for redact, expected in ((None, None), ("", " spoke in Paris.")):
        (answer,) = ColumnTagger(str(small_model), redact=redact)(["Maria Silva spoke in Paris."])
        assert answer.redacted == expected


def test_answers_come_as_texts_are_read(small_model: Path) -> None:
    read = 0

    def values() -> Iterator[object]:
        nonlocal read
        while True:
            read += 1
            yield "Maria Silva spoke in Paris." if read % 3 else None

    answers = ColumnTagger(str(small_model))(values())
    found = [next(answers) for _ in range(30)]
    assert [answer.reason for answer in found[:3]] == [None, None, "null"]
    assert read < 5000


def test_a_model_that_is_not_there_names_the_worker(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"the worker on .* cannot read the model: .*nowhere"):
        list(ColumnTagger(str(tmp_path / "nowhere"))(["a"]))
