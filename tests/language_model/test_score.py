"""Log probabilities: exact, and the same whatever stands beside a line."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.symbols import END, UNKNOWN
from ner_rnn.language_model import likelihood as scoring
from ner_rnn.language_model.likelihood import log_probabilities, score_lines, total_of


@pytest.mark.parametrize("cell", ["lstm", "clockwork"])
def test_all_strings_up_to_a_length_hold_what_is_not_still_going(
    make: Callable[..., Any], cell: str
) -> None:
    """P(all strings of up to L symbols) + P(no end within L + 1) = 1, by enumeration."""
    model = make("ab", cell=cell)
    letters = [UNKNOWN, *(model.symbols.id(s) for s in "ab")]
    longest = 4
    strings = [
        np.array(ids, dtype=np.int32)
        for length in range(longest + 1)
        for ids in product(letters, repeat=length)
    ]
    found = log_probabilities(model.model, strings)
    within = sum(math.exp(log_p.sum()) for log_p in found)
    going = sum(  # those of the bound's length whose next symbol is no end
        math.exp(log_p[:-1].sum()) * (1 - math.exp(log_p[-1]))
        for ids, log_p in zip(strings, found, strict=True)
        if len(ids) == longest
    )
    assert within < 1
    assert within + going == pytest.approx(1, abs=1e-12)


def test_a_line_by_hand(make: Callable[..., Any]) -> None:
    model = make()
    [(log_p, count)] = score_lines(model, ["cab"])
    with torch.no_grad():
        expected, read = 0.0, [END]
        for symbol in [*(model.symbols.id(s) for s in "cab"), END]:
            expected += float(model.model(torch.tensor([read]))[0][0, -1, symbol])
            read.append(symbol)
    assert count == 4
    assert log_p == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.text("abcx", max_size=9), min_size=1, max_size=8), st.integers(1, 40))
def test_company_changes_nothing(lines: list[str], budget: int) -> None:
    model, symbols = _model()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scoring, "BATCH_SYMBOLS", budget)
        together = log_probabilities(model, [symbols.encode(line) for line in lines])
    for line, found in zip(lines, together, strict=True):
        [alone] = log_probabilities(model, [symbols.encode(line)])
        assert np.allclose(found, alone, rtol=0, atol=1e-12)
        assert len(found) == len(line) + 1


def test_a_window_at_a_time(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    model = make()
    lines = ["abcabcabca", "b", "cc"]
    whole = score_lines(model, lines)
    monkeypatch.setattr(scoring, "WINDOW", 3)
    for (a, n), (b, m) in zip(whole, score_lines(model, lines), strict=True):
        assert n == m
        assert a == pytest.approx(b, abs=1e-12)


def test_backward_is_forward_on_reversed_text(make: Callable[..., Any]) -> None:
    backward = score_lines(make(direction="backward"), ["abc", "ca"])
    assert backward == score_lines(make(), ["cba", "ac"])


@pytest.mark.parametrize("backward", [False, True])
def test_running_text_shares_out_a_document(make: Callable[..., Any], backward: bool) -> None:
    model = make(running=True, direction="backward" if backward else "forward")
    lines = ["ab", "c", "", "ca"]  # two documents
    scored = score_lines(model, lines)
    assert [count for _, count in scored] == [3, 2, 1, 3]
    for part, document in ((scored[:3], ["ab", "c", ""]), (scored[3:], ["ca"])):
        ids = [i for line in document for i in (*model.symbols.encode(line).tolist(), END)][:-1]
        whole = np.array(ids[::-1] if backward else ids, dtype=np.int32)
        [expected] = log_probabilities(model.model, [whole])
        assert sum(log_p for log_p, _ in part) == pytest.approx(expected.sum(), abs=1e-12)
    if not backward:  # the first line stands before all else
        [(alone, _)] = score_lines(model, ["ab"])
        assert scored[0][0] == pytest.approx(alone, abs=1e-12)


def test_totals() -> None:
    total = total_of([(-2.0, 3), (-4.0, 3)])
    assert (total.lines, total.symbols) == (2, 6)
    assert total.perplexity == pytest.approx(math.e)
    assert total.bits_a_symbol == pytest.approx(1 / math.log(2))


def _model() -> Any:
    from ner_rnn.encoding.symbols import Symbols
    from ner_rnn.model.language_model import Settings
    from ner_rnn.nn.language_model_files import build_model

    symbols = Symbols("char", tuple("abc"))
    with torch.random.fork_rng():
        torch.manual_seed(2)
        model = build_model(Settings(hidden_size=8, embedding_size=0), symbols)
    return model.double().eval(), symbols
