"""Words as language models of characters read them."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner_rnn.encoding.characters import CHARACTERS_READ, LONGEST_PIECE, Context, Pieces
from ner_rnn.encoding.symbols import END, Symbols
from ner_rnn.errors import BundleError
from ner_rnn.text.spacing import written

SYMBOLS = Symbols.learn("char", Counter("Anne Lee sings. In (Oslo), twice"))
CONTEXT = Context(
    SYMBOLS,
    {
        "forward": {"running": True, "hidden_size": 6},
        "backward": {"running": True, "hidden_size": 5, "direction": "backward"},
    },
)


def read_before(pieces: Pieces, direction: str, word: int) -> str:
    """What a model of that direction has read when its states are taken for a word."""
    piece, step = pieces.places(direction)
    ids = pieces.padded(direction)[piece[word]]
    assert ids[0] == END
    return SYMBOLS.decode(ids[1 : step[word] + 1].tolist())


def test_a_word_is_read_up_to_its_end_from_either_side() -> None:
    words = ["Anne", "Lee", "sings", ".", "In", "Oslo", "(", "twice", ")"]
    pieces = CONTEXT.pieces(words, [0, 4, 9])
    assert [SYMBOLS.decode(ids[1:].tolist()) for ids in pieces.symbols] == [
        "Anne Lee sings.",
        "In Oslo (twice)",
    ]
    assert pieces.lengths.tolist() == [16, 16]
    assert read_before(pieces, "forward", 1) == "Anne Lee"
    assert read_before(pieces, "backward", 1) == "Anne Lee sings."[5:][::-1]
    assert read_before(pieces, "forward", 3) == "Anne Lee sings."
    assert read_before(pieces, "backward", 3) == "."
    assert read_before(pieces, "forward", 7) == "In Oslo (twice"
    assert read_before(pieces, "backward", 4) == "In Oslo (twice)"[::-1]


@given(st.lists(st.text("Ane (.)z", min_size=1, max_size=9), min_size=1, max_size=30), st.data())
def test_states_belong_to_their_words(words: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(words)))
    bounds = sorted({0, cut, len(words)})
    pieces = CONTEXT.pieces(words, bounds)
    for first, last in pairwise(bounds):
        part = SYMBOLS.decode(SYMBOLS.encode(written(words[first:last])[0]).tolist())
        for word in range(first, last):
            ahead = read_before(pieces, "forward", word)
            back = read_before(pieces, "backward", word)[::-1]
            own = SYMBOLS.decode(SYMBOLS.encode(words[word]).tolist())
            assert part.startswith(ahead)
            assert ahead.endswith(own)
            assert part.endswith(back)
            assert back.startswith(own)
            assert len(ahead) + len(back) - len(own) == len(part)


def test_very_long_words_and_passages_are_cut() -> None:
    words = ["A" * 1000, *["Lee"] * (2 * LONGEST_PIECE)]
    pieces = CONTEXT.pieces(words, [0, len(words)])
    assert np.diff(pieces.bounds).tolist() == [LONGEST_PIECE, LONGEST_PIECE, 1]
    assert pieces.ends[0] == CHARACTERS_READ
    assert (pieces.ends >= pieces.starts).all()
    part, words_of = pieces.subset([2, 0])
    assert part.lengths.tolist() == [4, len(pieces.symbols[0])]
    assert words_of.tolist() == [2 * LONGEST_PIECE, *range(LONGEST_PIECE)]
    assert part.starts.tolist() == [1, *pieces.starts[:LONGEST_PIECE].tolist()]


def test_it_travels_as_json() -> None:
    saved = json.loads(json.dumps(CONTEXT.to_json()))
    assert Context.from_json(saved) == CONTEXT
    for damage in ({"models": 3}, {"models": {"forward": 1}}, {"models": None}):
        with pytest.raises(BundleError, match=r"vocabulary\.json: the language models are not"):
            Context.from_json(saved | damage)
    with pytest.raises(BundleError, match="no alphabet"):
        Context.from_json(saved | {"symbols": 7})
