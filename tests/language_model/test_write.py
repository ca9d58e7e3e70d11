"""Samples and beams."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from ner_rnn.encoding.symbols import END, UNKNOWN
from ner_rnn.errors import ConfigError
from ner_rnn.language_model.beam import beam_search
from ner_rnn.language_model.likelihood import score_lines
from ner_rnn.language_model.novelty import MOST_DRAWN, draw_new
from ner_rnn.language_model.sampling import Sampling, pick, sample


def test_the_same_seed_gives_the_same_text(make: Callable[..., Any]) -> None:
    model = make()
    first = sample(model, 12, Sampling(seed=3, max_length=20))
    assert first == sample(model, 12, Sampling(seed=3, max_length=20))
    assert first != sample(model, 12, Sampling(seed=4, max_length=20))
    # whatever is written beside them
    assert first[:5] == sample(model, 5, Sampling(seed=3, max_length=20))


def test_writing_goes_on_where_it_ended(make: Callable[..., Any]) -> None:
    model = make()
    whole = sample(model, 12, Sampling(seed=3, max_length=20))
    assert sample(model, 7, Sampling(seed=3, max_length=20), first=5) == whole[5:]


def test_texts_are_drawn_till_enough_are_new() -> None:
    calls: list[tuple[int, int]] = []

    def draw(first: int, count: int) -> list[str]:
        calls.append((first, count))
        return ["" if n % 5 == 0 else str(n) for n in range(first, first + count)]

    assert draw_new(draw, 4, {"2", "3"}) == ["1", "4", "6", "7"]
    assert calls == [(0, 4), (4, 4)]
    calls.clear()
    every = {str(n) for n in range(10_000)} - {"31"}
    assert draw_new(draw, 2, every) == ["31"]
    assert sum(count for _, count in calls) == 2 * MOST_DRAWN


def test_many_samples_follow_the_model(make: Callable[..., Any]) -> None:
    model = make("ab")
    count = 3000
    texts = sample(model, count, Sampling(max_length=1))
    with_end = np.array([texts.count(""), 0, texts.count("a"), texts.count("b")]) / count
    import torch

    with torch.no_grad():
        p = model.model(torch.tensor([[END]]))[0][0, -1].exp().numpy()
    p[UNKNOWN] = 0  # cannot be written: the others share what it has
    assert np.allclose(with_end, p / p.sum(), atol=0.03)


def test_greedy_is_a_beam_of_one(make: Callable[..., Any]) -> None:
    for seed in range(8):
        model = make("abcd", seed=seed, layers=2)
        [greedy] = sample(model, 1, Sampling(greedy=True, max_length=15))
        assert [one.text for one in beam_search(model, 1, max_length=15)] == [greedy]


def test_a_wide_beam_finds_the_likeliest_of_all(make: Callable[..., Any]) -> None:
    model = make("ab")
    found = beam_search(model, 200, max_length=5)
    strings = ["".join(s) for n in range(5) for s in product("ab", repeat=n)]
    scored = score_lines(model, strings)
    every = {text: log_p for text, (log_p, _) in zip(strings, scored, strict=True)}
    finished = [one for one in found if len(one.text) < 5]
    best = sorted(every, key=lambda text: -every[text])
    assert [one.text for one in finished][:10] == best[:10]
    for one in finished[:10]:
        assert one.log_probability == pytest.approx(every[one.text], abs=1e-10)


def test_a_prefix_is_read_first(make: Callable[..., Any]) -> None:
    model, backward = make(), make(direction="backward")
    for text in sample(model, 9, Sampling(max_length=9), prefix="ab"):
        assert text.startswith("ab")
    for text in sample(backward, 9, Sampling(max_length=9), prefix="ab"):
        assert text.endswith("ab")
    assert all(one.text.startswith("ab") for one in beam_search(model, 3, prefix="ab"))


def test_running_text_goes_on_beyond_a_line(make: Callable[..., Any]) -> None:
    texts = sample(make(running=True), 4, Sampling(max_length=60))
    assert [len(text) for text in texts] == [60] * 4
    assert any("\n" in text for text in texts)


@pytest.mark.parametrize(
    ("sampling", "allowed"),
    [
        (Sampling(), {END, 2, 3, 4}),
        (Sampling(top_k=2), {2, 3}),
        (Sampling(top_p=0.5), {2, 3}),  # 0.4 alone does not reach it
        (Sampling(top_p=0.4), {2}),
        (Sampling(temperature=0.01), {2}),
        (Sampling(greedy=True), {2}),
    ],
)
def test_who_may_be_chosen(sampling: Sampling, allowed: set[int]) -> None:
    p = np.array([0.1, 0.2, 0.4, 0.3, 0.2]) / 1.2
    p[[2, 3, 4, 0]] = np.array([0.4, 0.3, 0.2, 0.1]) * 0.8
    p[UNKNOWN] = 0.2
    draws = np.linspace(0, 1 - 1e-12, 101)
    chosen = pick(np.log(np.tile(p, (101, 1))), draws, sampling)
    assert set(chosen.tolist()) == allowed


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": 0.0}, "temperature is 0.0: it must be above 0"),
        ({"temperature": -1.0}, "above 0"),
        ({"temperature": float("nan")}, "above 0"),
        ({"top_k": -1}, "top_k is -1"),
        ({"top_p": 0.0}, "top_p is 0.0"),
        ({"max_length": 0}, "max_length is 0"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_what_cannot_be_drawn_by(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Sampling(**wrong)


def test_a_prefix_the_model_cannot_read(make: Callable[..., Any]) -> None:
    model = make()
    with pytest.raises(ConfigError, match=r"prefix is '.*': the model does not know 'ж'"):
        sample(model, 1, Sampling(), prefix="aж")
    with pytest.raises(ConfigError, match="shorten it, or raise max_length"):
        beam_search(model, 2, prefix="abc", max_length=3)
    with pytest.raises(ConfigError, match="beam is 0: it must be 1 or more"):
        beam_search(model, 0)
